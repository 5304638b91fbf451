//go:build !js

package experiments

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxValues bounds one axis.
const maxValues = 1_000_000

// parseValues reads the values of a parameter as the command line has them: a list with
// commas, of which each item is a value or a range: 4s..40s/2s is from, to and step,
// 4s..40s:10 is ten values at equal distance, 1ms..10s:5log at equal ratio. Commas within
// brackets and quotes belong to a value.
func parseValues(text string) ([]Given, error) {
	var all []Given
	items, err := splitList(text)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		given, err := parseItem(item)
		if err != nil {
			return nil, err
		}
		all = append(all, given...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no values; want a list as in 0,1%%,5%% or a range as in 4s..40s/2s")
	}
	return all, nil
}

// splitList cuts at commas outside of brackets and quotes.
func splitList(text string) ([]string, error) {
	var items []string
	depth, start := 0, 0
	quote := byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth == 0:
			items, start = append(items, text[start:i]), i+1
		}
	}
	if depth != 0 || quote != 0 {
		return nil, fmt.Errorf("brackets or quotes that are not closed (%s)", text)
	}
	items = append(items, text[start:])
	for i := range items {
		if items[i] = strings.TrimSpace(items[i]); items[i] == "" {
			return nil, fmt.Errorf("an empty value (%s)", text)
		}
	}
	return items, nil
}

// parseItem reads a value or a range.
func parseItem(item string) ([]Given, error) {
	from, rest, ok := strings.Cut(item, "..")
	if !ok || strings.ContainsAny(item, "{[\"'") {
		return []Given{give(item)}, nil
	}
	r := span{from: give(from)}
	if to, step, ok := strings.Cut(rest, "/"); ok {
		r.to, r.step = give(to), give(step)
		return r.values()
	}
	to, n, ok := strings.Cut(rest, ":")
	if !ok {
		return nil, fmt.Errorf("range %s without a step; want as in %s/2s, or %s:10 for ten values", item, item, item)
	}
	r.to = give(to)
	if r.n, r.log = strings.CutSuffix(n, "log"); r.n == "" {
		return nil, fmt.Errorf("range %s: how many values? want as in %s..%s:10", item, from, to)
	}
	return r.values()
}

// A span is a range of values.
type span struct {
	from, to, step Given
	n              string // how many, instead of a step
	log            bool   // at equal ratio
}

// values lists the values from the first to the last. What both ends are, a duration, a
// share or a number, the values are.
func (r *span) values() ([]Given, error) {
	shown := r.from.Text + ".." + r.to.Text
	if r.from.Kind == GivenText || r.to.Kind == GivenText {
		return nil, fmt.Errorf("range %s: want durations or numbers at both ends", shown)
	}
	from, to, kind := r.from, r.to, r.from.Kind
	if from.Number == 0 && from.Kind == GivenNumber { // 0..10s
		kind = to.Kind
	} else if to.Kind != from.Kind {
		return nil, fmt.Errorf("range %s: a duration and a number; want two alike", shown)
	}
	if to.Number < from.Number {
		return nil, fmt.Errorf("range %s: runs backwards; want the smaller end first", shown)
	}
	percent := kind == GivenNumber && strings.HasSuffix(to.Text, "%")
	if r.n != "" {
		return r.counted(kind, percent, shown)
	}
	if r.step.Number <= 0 || r.step.Kind != kind {
		return nil, fmt.Errorf("range %s: step %s; want one above zero, in the unit of the ends", shown, r.step.Text)
	}
	count := (to.Number - from.Number) / r.step.Number
	if count > maxValues {
		return nil, fmt.Errorf("range %s: more than %d values", shown, maxValues)
	}
	var all []Given
	for i := 0; i <= int(count+1e-9); i++ {
		all = append(all, inKind(from.Number+float64(float64(i)*r.step.Number), kind, percent))
	}
	return all, nil
}

// counted gives n values at equal distance or ratio.
func (r *span) counted(kind GivenKind, percent bool, shown string) ([]Given, error) {
	n, err := strconv.Atoi(strings.TrimSpace(r.n))
	if err != nil || n < 2 || n > maxValues {
		return nil, fmt.Errorf("range %s: %s values; want a whole number from 2 to %d", shown, r.n, maxValues)
	}
	if r.log && r.from.Number <= 0 {
		return nil, fmt.Errorf("range %s: a logarithmic scale begins above zero", shown)
	}
	all := make([]Given, n)
	for i := range all {
		f := float64(i) / float64(n-1)
		x := r.from.Number + float64(f*(r.to.Number-r.from.Number))
		if r.log {
			x = significant(r.from.Number * math.Exp(float64(f*math.Log(r.to.Number/r.from.Number))))
		}
		all[i] = inKind(x, kind, percent)
	}
	all[0], all[n-1] = inKind(r.from.Number, kind, percent), inKind(r.to.Number, kind, percent)
	return all, nil
}

// significant rounds to six digits, so that the last bits of a logarithm, which differ
// between processors, are gone.
func significant(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 5, 64), 64)
	return y
}

// inKind writes a number as a value of that kind; durations are whole microseconds.
func inKind(x float64, kind GivenKind, percent bool) Given {
	switch {
	case kind == GivenDuration:
		return giveDuration(time.Duration(math.Round(x/1000)) * time.Microsecond)
	case percent:
		g := giveNumber(significantly(x * 100))
		g.Text += "%"
		g.Number /= 100
		return g
	}
	return giveNumber(significantly(x))
}

// significantly removes what is left of 0.1 + 0.2.
func significantly(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	return y
}

// parsePrecision reads 1% of p99(detection_marked), from 1000 to 64000.
func parsePrecision(text string) (*Precision, error) {
	want := fmt.Errorf("want as in \"1%% of p99(detection) from 1000 to 64000\"")
	p := &Precision{First: DefaultRuns, Most: 1 << 10 * DefaultRuns}
	words := strings.Fields(text)
	if len(words) < 3 || len(words)%2 == 0 || words[1] != "of" {
		return nil, want
	}
	relative := give(words[0])
	stat, column, ok := strings.Cut(strings.TrimSuffix(words[2], ")"), "(")
	if relative.Kind != GivenNumber || relative.Number <= 0 || relative.Number >= 1 || !ok || !statName.MatchString(stat) {
		return nil, want
	}
	p.Relative, p.Stat, p.Column = relative.Number, stat, column
	for i := 3; i < len(words); i += 2 {
		n, err := strconv.Atoi(words[i+1])
		switch {
		case err != nil || n < 2 || n > MaxRuns:
			return nil, want
		case words[i] == "from":
			p.First = n
		case words[i] == "to":
			p.Most = n
		default:
			return nil, want
		}
	}
	if p.Most < p.First {
		return nil, fmt.Errorf("from %d to %d: runs backwards", p.First, p.Most)
	}
	return p, nil
}
