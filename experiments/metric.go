package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zksim/sim"
)

// A Metric is one question asked of every run, and answered by what the run's
// timeline recorded: a metric of a run is what its timeline shows. It yields one
// column or several, and how many depends on the scenario alone.
type Metric struct {
	Name    string // "detection"; in an assertion it stands for the first column
	Title   string // what it measures, in one line
	Unit    string
	Explain string // what counts from where to where, with the rules
	Picture string // the same on a time axis

	// One of the two: it is read from one session, for each subject of the scenario
	// (see [subjectsOf]), or from the whole run.
	session *sessionMetric
	run     *runMetric

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
	// Regular says whether the run was one that it can measure. Otherwise the run is played
	// again for a timeline.
	Regular() bool
	// Read gives the values.
	Read(out []Value)
}

// A sessionMetric is read from the story of one session.
type sessionMetric struct {
	columns func(s *sim.Scenario, who *subject) []Column // named without metric and client
	of      func(t *sim.Timeline, who *subject, s *sim.Story, out []Value)
	always  bool // also for a client that never had a session; of is then given nil
}

// A runMetric is read from a whole run.
type runMetric struct {
	columns func(s *sim.Scenario) []Column
	of      func(t *sim.Timeline, out []Value)
}

// Metrics lists every metric. To add one, write a file metric_x.go, a row here, and the
// words that figures have for its columns into plots/phrase.go.
var Metrics = []*Metric{
	&detectionMetric,
	&noticeMetric,
	&learningMetric,
	&gapMetric,
	&zombieMetric,
	&orphanMetric,
	&overlapMetric,
	&vacancyMetric,
	&needlessMetric,
	&survivalMetric,
	&detectorMetric,
	&connectingMetric,
}

// FindMetric gives the metric called name. The error for an unknown one lists the
// choices.
func FindMetric(name string) (*Metric, error) {
	names := make([]string, len(Metrics))
	for i, m := range Metrics {
		if m.Name == name {
			return m, nil
		}
		names[i] = m.Name
	}
	return nil, fmt.Errorf("unknown metric %q: want one of %s", name, strings.Join(names, ", "))
}

// A Value is what a metric yields for one run, in the unit of its column: durations in
// milliseconds, exact to the microsecond; words by their number. NaN: the question does
// not apply to the run. +Inf: it did not happen within the run.
type Value = float64

// absent is the value of a question that does not apply.
var absent = math.NaN()

// never is the value of what did not happen within the run.
var never = math.Inf(1)

// A MetricKind says what kind of number a column holds, and with it which statistics
// make sense.
type MetricKind uint8

const (
	KindDuration    MetricKind = iota // milliseconds
	KindProbability                   // 0 or 1 in a run; a share over many
	KindCount
	KindRate  // per hour of the run
	KindShare // from 0 to 1, in one run already
	KindWord  // one of a few words
)

// Suffix is what a column's name ends in, so that a table says its units.
func (k MetricKind) Suffix() string { return kinds[k].suffix }

// Unit is the same in words; empty for numbers without one.
func (k MetricKind) Unit() string { return kinds[k].unit }

var kinds = [...]struct {
	suffix, unit string
	decimals     int // that are kept of a value
}{
	KindDuration:    {"_ms", "ms", 3},
	KindProbability: {"", "", 0},
	KindCount:       {"", "", 0},
	KindRate:        {"_per_h", "per hour", 6},
	KindShare:       {"", "", 9},
	KindWord:        {"", "", 0},
}

// scale is how many of the smallest units that a kind keeps make one of its own.
func (k MetricKind) scale() float64 {
	return [...]float64{1, 0, 0, 1e3, 0, 0, 1e6, 0, 0, 1e9}[kinds[k].decimals]
}

// A Column is one number, or word, of a row.
type Column struct {
	Name    string // without the unit: detection_marked
	Kind    MetricKind
	Words   []string // by value, of a KindWord
	Meaning string

	metric, what string   // of which metric it is, and what in it
	who          *subject // whose; nil for one of the whole run
}

// Parts are what the name is made of: the metric, the client where there are several, and
// which of several columns it is.
func (c *Column) Parts() (metric, client, what string) {
	if c.who != nil {
		client = c.who.label
	}
	return c.metric, client, c.what
}

// Title is the column's name in a table, with its unit.
func (c Column) Title() string { return c.Name + c.Kind.Suffix() }

// AppendText appends a value as a table has it: exactly, without needless zeros, and
// nothing where there is none.
func (c *Column) AppendText(b []byte, v Value) []byte {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return b
	case c.Kind == KindWord:
		return append(b, c.Words[int(v)]...)
	}
	return appendDecimal(b, c.units(v), kinds[c.Kind].decimals)
}

// units is a value in the smallest unit that its kind keeps: durations in microseconds.
func (c *Column) units(v Value) int64 { return int64(math.Round(v * c.Kind.scale())) }

// appendDecimal writes n / 10^decimals, without needless zeros behind the point.
func appendDecimal(b []byte, n int64, decimals int) []byte {
	u := uint64(n)
	if n < 0 {
		b, u = append(b, '-'), -u
	}
	unit := uint64(1)
	for range decimals {
		unit *= 10
	}
	b = fmt.Appendf(b, "%d", u/unit)
	if u %= unit; u == 0 {
		return b
	}
	b = append(b, '.')
	for unit /= 10; u > 0; unit /= 10 {
		b = append(b, byte('0'+u/unit))
		u %= unit
	}
	return b
}

// A Gauge reads metrics from the runs of one scenario.
type Gauge struct {
	Columns []Column
	metrics []gaugeMetric
}

type gaugeMetric struct {
	metric   *Metric
	subjects []subject
	ends     []int // where the columns of each subject end, or those of the run
	from     int   // where the first ones begin
}

// NewGauge returns the gauge of some metrics for one scenario, in the order given.
func NewGauge(s *sim.Scenario, metrics []*Metric) *Gauge {
	g := &Gauge{}
	subjects := subjectsOf(s)
	for _, m := range metrics {
		part := gaugeMetric{metric: m, from: len(g.Columns)}
		if m.run != nil {
			g.add(m, m.run.columns(s), nil)
			part.ends = []int{len(g.Columns)}
		} else {
			part.subjects = subjects
			for i := range subjects {
				who := &subjects[i]
				g.add(m, who.folded(m.session.columns(s, who)), who)
				part.ends = append(part.ends, len(g.Columns))
			}
		}
		g.metrics = append(g.metrics, part)
	}
	return g
}

// add gives columns their whole names: metric, client, what.
func (g *Gauge) add(m *Metric, columns []Column, who *subject) {
	label := ""
	if who != nil {
		label = who.label
	}
	for _, c := range columns {
		c.metric, c.what, c.who = m.Name, c.Name, who
		parts := []string{m.Name, label, c.Name}
		c.Name = strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "_")
		g.Columns = append(g.Columns, c)
	}
}

// Read reads the metrics out of a finished run into out, one value for each of the
// gauge's columns.
func (g *Gauge) Read(t *sim.Timeline, out []Value) {
	for i := range g.metrics {
		p := &g.metrics[i]
		from := p.from
		for k, to := range p.ends {
			if p.metric.run != nil {
				p.metric.run.of(t, out[from:to])
			} else {
				p.subjects[k].read(p.metric.session, t, out[from:to])
			}
			from = to
		}
	}
}

// Columns names what it yields for a scenario.
func (m *Metric) Columns(s *sim.Scenario) []Column { return NewGauge(s, []*Metric{m}).Columns }

// Of reads them out of one finished run, as many as Columns names. For many runs of a
// scenario a [Gauge] does the same with less work.
func (m *Metric) Of(t *sim.Timeline, out []Value) { NewGauge(t.Scenario, []*Metric{m}).Read(t, out) }
