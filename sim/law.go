package sim

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Law is a distribution of a duration. Its numbers are nanoseconds as float64
// and describe the whole law, before a Sampler's cut-offs and rounding.
//
// A law is sampled by one uniform through its inverse distribution function,
// so that the same draw gives two client libraries the same network, and so
// that every decision takes one draw whatever the law. Laws are immutable.
type Law interface {
	// Quantile is the least x with CDF(x) >= u, for u strictly between 0 and 1.
	// It never decreases with u.
	Quantile(u float64) float64
	// CDF is the probability of at most x.
	CDF(x float64) float64
	// Mean is the expectation, and +Inf where the law has none.
	Mean() float64
	// SD is the standard deviation, and +Inf where the law has none.
	SD() float64
	// String is the law with its parameters, such as "gamma(mean=2ms, shape=3)".
	String() string
}

// LawUnit is how a law's parameter is written.
type LawUnit uint8

// The units of parameters.
const (
	UnitNumber   LawUnit = iota // a plain number
	UnitDuration                // a duration; nanoseconds in NewLaw
	UnitFile                    // the name of a file, whose contents go to ReadLaw
)

// String is the word for the unit in messages and help texts.
func (u LawUnit) String() string { return [...]string{"number", "duration", "file"}[u] }

// LawParam describes one parameter of a law.
type LawParam struct {
	Name    string
	Unit    LawUnit
	Meaning string
	// Least and Most bound the values allowed, both included; a file has none.
	Least, Most float64
}

// LawRow is one kind of law: what it is called, what it takes, how to make it.
type LawRow struct {
	Name    string
	Meaning string
	// Forms are the sets of parameters the law can be given by: exactly one of
	// them, and all of it.
	Forms [][]LawParam
	// New makes the law from values that match a form and lie within its bounds.
	// It is nil for a law that is read from a file.
	New func(params map[string]float64) (Law, error)
	// Read makes the law from a file's contents, and is nil for the others.
	Read func(file string, r io.Reader) (Law, error)
}

// Laws lists every law. To add one, write a file law_x.go and a row here, and
// give law_test.go an example of it.
var Laws = []LawRow{
	constantRow,
	empiricalRow,
	exponentialRow,
	gammaRow,
	lognormalRow,
	normalRow,
	paretoRow,
	uniformRow,
	weibullRow,
}

// The bounds of duration parameters. Below a microsecond nothing is left after
// rounding, so a scale or a spread starts there.
const (
	leastSpread  = float64(time.Microsecond)
	mostDuration = float64(MaxSample)
)

// FindLaw gives the row of the law called name. The error for an unknown name
// lists the choices.
func FindLaw(name string) (LawRow, error) {
	names := make([]string, len(Laws))
	for i, row := range Laws {
		if row.Name == name {
			return row, nil
		}
		names[i] = row.Name
	}
	return LawRow{}, fmt.Errorf("law %q: want one of %s", name, strings.Join(names, ", "))
}

// NewLaw makes the law called name. Durations in params are in nanoseconds. It
// returns an error for an unknown law, for a parameter that is missing, unknown
// or out of bounds, and for a law that needs ReadLaw.
func NewLaw(name string, params map[string]float64) (Law, error) {
	row, err := FindLaw(name)
	if err != nil {
		return nil, err
	}
	if row.New == nil {
		return nil, fmt.Errorf("law %q without the contents of its file: want %s", name, row.wanted())
	}
	form, err := row.form(params)
	if err != nil {
		return nil, fmt.Errorf("law %q: %w", name, err)
	}
	for _, p := range form {
		if v := params[p.Name]; !(p.Least <= v && v <= p.Most) { // so put, it refuses NaN
			return nil, fmt.Errorf("law %q: %s = %s: want %s to %s",
				name, p.Name, p.format(v), p.format(p.Least), p.format(p.Most))
		}
	}
	law, err := row.New(params)
	if err != nil {
		return nil, fmt.Errorf("law %q: %w", name, err)
	}
	return law, nil
}

// ReadLaw makes the law called name from the contents of a file, which the
// caller has opened; file is only named in errors, as "file:line: ...".
func ReadLaw(name, file string, r io.Reader) (Law, error) {
	row, err := FindLaw(name)
	if err != nil {
		return nil, err
	}
	if row.Read == nil {
		return nil, fmt.Errorf("law %q from file %s: want %s", name, file, row.wanted())
	}
	return row.Read(file, r)
}

// form is the form that params fill exactly.
func (row LawRow) form(params map[string]float64) ([]LawParam, error) {
	known := map[string]bool{}
	for _, form := range row.Forms {
		given := 0
		for _, p := range form {
			known[p.Name] = true
			if _, ok := params[p.Name]; ok {
				given++
			}
		}
		if given == len(form) && given == len(params) {
			return form, nil
		}
	}
	names := slices.Sorted(maps.Keys(params)) // the message must not depend on the map's order
	for _, name := range names {
		if !known[name] {
			return nil, fmt.Errorf("unknown parameter %q: want %s", name, row.wanted())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no parameters: want %s", row.wanted())
	}
	return nil, fmt.Errorf("parameters %s: want %s", strings.Join(names, ", "), row.wanted())
}

// wanted lists the forms, as "median (duration), sigma (number), or mean ...".
func (row LawRow) wanted() string {
	var forms []string
	for _, form := range row.Forms {
		var names []string
		for _, p := range form {
			names = append(names, fmt.Sprintf("%s (%v)", p.Name, p.Unit))
		}
		forms = append(forms, strings.Join(names, ", "))
	}
	return strings.Join(forms, ", or ")
}

// format writes a value of the parameter in its unit.
func (p LawParam) format(v float64) string {
	if p.Unit == UnitDuration && math.Abs(v) < math.MaxInt64 {
		return formatNs(v)
	}
	return fmt.Sprintf("%g", v)
}

// formatNs writes nanoseconds as a Go duration, to the nearest nanosecond and
// without zeros behind it.
func formatNs(ns float64) string { return brief(time.Duration(math.Round(ns))) }
