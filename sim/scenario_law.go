package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const wantLaw = "a duration, as in 10ms, or a law, as in {law: uniform, from: 1ms, to: 5ms} or {uniform: [1ms, 5ms]}"

// law reads a law with its cut-offs, in one of three ways: a duration, which is
// always the same; {law: NAME} with the parameters by name; and {NAME: [...]}
// with the parameters in the order of one of the law's forms. The latter two
// take min and max besides.
func (r *reader) law(v value, t **Sampler) {
	before := len(r.errs)
	var spec lawSpec
	switch v.node.Kind {
	case yaml.ScalarNode:
		var d time.Duration
		if v.node.ShortTag() == "!!null" {
			r.refuse(v, "nothing; want %s", wantLaw)
			return
		}
		r.duration(v, &d)
		if !r.spoiled[v.path] && !r.sayable(v, d) {
			return
		}
		spec.row, spec.params = constantRow, map[string]float64{"value": float64(d)}
	case yaml.MappingNode:
		spec = r.lawSpec(v)
	default:
		r.refuse(v, "no law (%s); want %s", v.shown(), wantLaw)
		return
	}
	if len(r.errs) > before {
		r.spoiled[v.path] = true
		return
	}
	s, err := r.sampler(&spec)
	if err != nil {
		r.refuse(v, "%s", wording(err))
		return
	}
	*t = s
}

// sayable checks a plain duration, without a word about the law that it is.
func (r *reader) sayable(v value, d time.Duration) bool {
	wrong := ""
	switch {
	case d < 0:
		wrong = "a negative duration"
	case d > MaxSample:
		wrong = "too long"
	case d%time.Microsecond != 0:
		r.refuse(v, "not whole microseconds (%s); want 1us or a multiple", v.shown())
		return false
	default:
		return true
	}
	r.refuse(v, "%s (%s); want 0s to %s", wrong, v.shown(), brief(MaxSample))
	return false
}

// A lawSpec is a law as written.
type lawSpec struct {
	row      LawRow
	params   map[string]float64
	file     string
	min, max time.Duration
}

// lawWords is what it takes to write a law down again.
type lawWords struct {
	name     string
	params   map[string]float64
	file     string
	min, max time.Duration
}

// lawSpec reads either form of a mapping.
func (r *reader) lawSpec(v value) (spec lawSpec) {
	spec.params = map[string]float64{}
	names, values := r.entries(v)
	head := slices.IndexFunc(names, func(n string) bool { return n == "law" })
	if head < 0 {
		head = slices.IndexFunc(names, func(n string) bool { _, err := FindLaw(n); return err == nil })
	}
	if head < 0 {
		r.refuse(v, "no law (keys %s); want %s; laws are %s", shorten(strings.Join(names, ", ")), wantLaw, lawNames())
		return spec
	}
	short := names[head] != "law"
	name := names[head]
	if !short {
		var ok bool
		if name, ok = r.scalar(values[head], "the name of a law"); !ok {
			return spec
		}
	}
	row, err := FindLaw(name)
	if err != nil {
		near := ""
		if n := nearest(name, strings.Split(lawNames(), ", ")); n != "" {
			near = "did you mean " + n + "? "
		}
		r.refuse(values[head], "unknown law (%s); %swant one of %s", shorten(name), near, lawNames())
		return spec
	}
	spec.row = row
	if short {
		r.shortLaw(values[head], &spec)
	}
	for i, key := range names {
		switch p, ok := row.param(key); {
		case i == head:
		case key == "min":
			r.duration(values[i], &spec.min)
		case key == "max":
			r.duration(values[i], &spec.max)
			if _, problem := parseDuration(values[i].node.Value); problem == "" && spec.max <= 0 {
				r.refuse(values[i], "no room below (%s); want more than 0s", values[i].shown())
			}
		case short || !ok:
			r.refuse(values[i], "unknown key of law %s; want %s, and besides min and max", name, row.wanted())
		default:
			r.param(values[i], p, &spec)
		}
	}
	return spec
}

// shortLaw reads the parameters in the order of the first form whose number and
// units they have.
func (r *reader) shortLaw(v value, spec *lawSpec) {
	items := []value{v}
	if v.node.Kind == yaml.SequenceNode {
		items = r.items(v, spec.row.wanted())
	}
	for _, form := range spec.row.Forms {
		if len(form) != len(items) || v.isMapping() {
			continue
		}
		fits := true
		for i, p := range form {
			_, problem := parseDuration(items[i].node.Value)
			fits = fits && (problem == "") == (p.Unit == UnitDuration)
		}
		if !fits && len(spec.row.Forms) > 1 {
			continue
		}
		for i, p := range form {
			r.param(items[i], p, spec)
		}
		return
	}
	switch {
	case len(items) == 0:
	case v.isMapping():
		r.refuse(v, "a mapping; want a list, as in %s, or {law: %s, ...} with %s", spec.row.example(), spec.row.Name, spec.row.wanted())
	default:
		r.refuse(v, "not the parameters of law %s (%d given); want %s, as in %s", spec.row.Name, len(items), spec.row.wanted(), spec.row.example())
	}
}

// example is a short form of the law that is right.
func (row LawRow) example() string {
	var values []string
	for i, p := range row.Forms[0] {
		switch p.Unit {
		case UnitFile:
			values = append(values, "delays.txt")
		case UnitDuration:
			values = append(values, brief(time.Duration(i+2)*time.Second))
		default:
			values = append(values, fmt.Sprintf("%g", min(max(2, p.Least), p.Most)))
		}
	}
	return "{" + row.Name + ": [" + strings.Join(values, ", ") + "]}"
}

// param reads one parameter in its unit.
func (r *reader) param(v value, p LawParam, spec *lawSpec) {
	switch p.Unit {
	case UnitFile:
		r.text(v, &spec.file)
	case UnitDuration:
		var d time.Duration
		r.duration(v, &d)
		spec.params[p.Name] = float64(d)
	default:
		var n float64
		r.number(v, &n)
		spec.params[p.Name] = n
	}
}

// number reads a plain number.
func (r *reader) number(v value, t *float64) {
	s, ok := r.scalar(v, "a number")
	if !ok {
		return
	}
	if tag := v.node.ShortTag(); tag != "!!int" && tag != "!!float" || v.node.Decode(t) != nil {
		r.refuse(v, "not a number (%s); want one without a unit", shorten(s))
	}
}

// sampler makes the law, or finds the one that was made for the same words.
func (r *reader) sampler(spec *lawSpec) (*Sampler, error) {
	key := fmt.Sprintf("%s %x %q %d %d", spec.row.Name, spec.params, spec.file, spec.min, spec.max) // %x of a map sorts its keys
	if s, ok := r.samplers[key]; ok {
		return s, nil
	}
	if len(r.samplers) >= maxScenarioLaws && spec.row.Name != constantRow.Name {
		return nil, fmt.Errorf("more than %d different laws: want fewer", maxScenarioLaws)
	}
	law, err := r.makeLaw(spec)
	if err != nil {
		return nil, err
	}
	s, err := NewSampler(law, spec.min, spec.max)
	if err == nil {
		s.written = &lawWords{spec.row.Name, spec.params, spec.file, spec.min, spec.max}
		r.samplers[key] = s
	}
	return s, err
}

func (r *reader) makeLaw(spec *lawSpec) (Law, error) {
	if spec.row.Read == nil {
		return NewLaw(spec.row.Name, spec.params)
	}
	if spec.file == "" {
		return nil, fmt.Errorf("law %s without a file: want %s", spec.row.Name, spec.row.wanted())
	}
	if r.open == nil {
		return nil, fmt.Errorf("law %s from file %s, and files cannot be read here: want another law", spec.row.Name, shorten(spec.file))
	}
	f, err := r.open(spec.file)
	if err != nil {
		return nil, fmt.Errorf("law %s: %v: want a file beside the scenario", spec.row.Name, err)
	}
	defer f.Close()
	return ReadLaw(spec.row.Name, spec.file, f)
}

// param finds a parameter of any of the law's forms.
func (row LawRow) param(name string) (LawParam, bool) {
	for _, form := range row.Forms {
		for _, p := range form {
			if p.Name == name {
				return p, true
			}
		}
	}
	return LawParam{}, false
}

func lawNames() string {
	names := make([]string, len(Laws))
	for i := range Laws {
		names[i] = Laws[i].Name
	}
	return strings.Join(names, ", ")
}
