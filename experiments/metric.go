package experiments

import (
	"fmt"
	"strings"

	"zksim/sim"
)

// A Value is what a metric yields for one run, in the unit of its column: durations in
// milliseconds, exact to the microsecond. NaN is "did not happen within the run".
type Value = float64

// A MetricKind says what kind of number a column holds, and with it which statistics
// make sense.
type MetricKind uint8

const (
	KindDuration    MetricKind = iota // milliseconds
	KindProbability                   // 0 or 1 in a run; a share over many
	KindCount
	KindRate // per second of the run
)

// Suffix is what a column's name ends in, so that a table says its units.
func (k MetricKind) Suffix() string {
	switch k {
	case KindDuration:
		return "_ms"
	case KindRate:
		return "_per_s"
	}
	return ""
}

// A Column is one number of a row.
type Column struct {
	Name string // without the unit: detection_marked
	Kind MetricKind
}

// Title is the column's name in a table, with its unit.
func (c Column) Title() string { return c.Name + c.Kind.Suffix() }

// A Metric is a question that is asked of one run and answered with numbers.
type Metric struct {
	Name    string // what --metric takes
	Title   string // one line
	Unit    string
	Explain string
	Picture string // a small drawing of the time axis
	Kind    MetricKind
	// Columns names what it yields for a scenario.
	Columns func(s *sim.Scenario) []Column
	// Of reads them out of one finished run, as many as Columns names.
	Of func(t *sim.Timeline, out []Value)
	// Light, if not nil, makes a sink that gives the same values without a Timeline, for
	// sweeps of many short runs; or nil for a scenario for which it cannot. A property test
	// holds it against Of.
	Light func(s *sim.Scenario) Light
}

// A Light sink measures one run as it goes.
type Light interface {
	sim.Sink
	// Reset makes it ready for the next run of the same scenario.
	Reset()
	// Done says whether no later record can change what it yields.
	Done() bool
	// Read gives the values.
	Read(out []Value)
}

// Metrics lists every metric.
var Metrics = []Metric{
	detection,
}

// FindMetric gives the metric of that name. The error lists the choices.
func FindMetric(name string) (*Metric, error) {
	var names []string
	for i := range Metrics {
		if Metrics[i].Name == name {
			return &Metrics[i], nil
		}
		names = append(names, Metrics[i].Name)
	}
	return nil, fmt.Errorf("unknown metric %q: want one of %s", name, strings.Join(names, ", "))
}
