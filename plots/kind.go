// Package plots draws figures of what [zksim/experiments] found: results in, a picture
// out. The same idea carries each of them: blue is what the client believes, orange what
// the cluster decided, crimson where they disagree; the rest is grey.
package plots

import (
	"fmt"
	"io"
	"strings"

	"zksim/experiments"
)

// A Kind is one sort of figure. To add one, write a file with its reader and its drawing,
// and a row in [Kinds].
type Kind struct {
	Name     string
	Question string   // that it answers at a glance
	Input    string   // what it is drawn from, in words
	About    string   // what is drawn, and how to read it
	Options  []string // of [Options] that it understands, by their flags
	// Metrics are those without which it cannot be drawn; nil if any will do.
	Metrics []string

	// read is nil for a figure of a run, which the caller plays: see [NewTimeline].
	read func(q *Query) (drawing, error)
}

// Played says whether the figure is one of a run, which the caller plays.
func (k *Kind) Played() bool { return k.read == nil }

// Kinds lists every kind of figure.
var Kinds = []*Kind{
	{
		Name:     "latency",
		Question: "How are the times spread, and does the closed form hold?",
		Input:    "the folder of a sweep",
		About: `
A histogram, and on the same axis the share of runs by then: with the closed form
over both where there is one, the median and the upper quantiles, and the timeout.
It is of one point; --at says which.`,
		Options: []string{"column", "at"},
		read:    readLatency,
	},
	{
		Name:     "sweep",
		Question: "How does a metric depend on a parameter?",
		Input:    "the folder of a sweep",
		About: `
One statistic against one parameter, with its interval; a line for each value of
a second one. Dashed is what the closed form gives, shaded what it leaves to a
single run.`,
		Options: []string{"column", "at", "x", "by", "stat"},
		read:    readSweep,
	},
	{
		Name:     "compare",
		Question: "How far do points or libraries lie apart, run by run?",
		Input:    "the folder of a sweep",
		About: `
A row for each point: how the values are spread, and how much more or less they
are than those of a baseline. The runs of a number have the same luck at all
points, so that the difference is taken run by run and has an interval of its own,
often far smaller than that of either side.`,
		Options: []string{"column", "at", "baseline"},
		read:    readCompare,
	},
	{
		Name:     "heatmap",
		Question: "Where on the plane of two parameters is a metric large?",
		Input:    "the folder of a sweep",
		About: `
A cell for each pair of values, the darker (on a dark ground the lighter) the
more; with its number, where there is room.`,
		Options: []string{"column", "at", "x", "by", "stat"},
		read:    readHeatmap,
	},
	{
		Name:     "tradeoff",
		Question: "What does a faster detection cost in sessions that end for nothing?",
		Input:    "the folder of a sweep",
		About: `
Along the axis how long a crash goes unnoticed, upwards how often the cluster ends
a session whose client is alive: a dot for each setting. Filled are those than
which none is better in both, the Pareto front. Where a sweep kills the client at
some points and not at others, as kip-537 does, the first is read from the ones
and the second from the others. Needs the metrics detection and needless.`,
		Options: []string{"column", "against", "at", "stat"},
		Metrics: []string{"detection", "needless"},
		read:    readTradeoff,
	},
	{
		Name:     "belief",
		Question: "Who holds a session as alive, and for how long are they not of one mind?",
		Input:    "the folder of a sweep",
		About: `
In what share of the runs the cluster, and in what share the client, still holds
the session as alive, over the time since the fault. Between the two curves is the
lie: hatched where the cluster has ended it and the client believes in it, dotted
where the cluster alone keeps it. Needs the metrics detection and learning.`,
		Options: []string{"column", "at"},
		Metrics: []string{"detection", "learning"},
		read:    readBelief,
	},
	{
		Name:     "conformance",
		Question: "How far from real recordings is what the model predicts?",
		Input:    "the table of zksim replay --csv",
		About: `
Each event of real recordings where it was predicted and where it was recorded;
and for each kind of event how far apart the two are, or how far outside of the
interval that the rules allow.`,
		read: readConformance,
	},
	{
		Name:     "timeline",
		Question: "Who knew what, and when?",
		Input:    "a scenario, or a timeline that zksim wrote",
	},
}

// Options are the flags that some kinds understand, and what they are.
var Options = []struct{ Name, Meaning string }{
	{"column", "which column of the results, or which metric (default: the first that the figure can show)"},
	{"at", "the points at which a parameter has this value, as in clients.worker.timeout=10s; may be repeated"},
	{"against", "the column of the upright axis (default: needless)"},
	{"x", "the parameter along the axis (default: the first that varies)"},
	{"by", "the parameter that each line has a value of (default: the next that varies)"},
	{"baseline", "the value that the others are compared with, as in clients.worker.library=java (default: the sweep's own, else the first point); may be repeated"},
	{"stat", "mean, p50, p90, p99, p999 or share (default mean)"},
}

// A Query is what a figure is to be drawn of.
type Query struct {
	Input  string // a path
	Column string
	At     []string
	X, By  string
	Stat   string

	Baseline []string
	Against  string
	Data     io.Reader // what Input names, where it is no file; nil: it is one

	plan *experiments.Plan // is checked alone
}

// A drawing puts itself on a page.
type drawing interface {
	draw(p *page)
	title() string // the finding
}

// FindKind gives the kind called name. The error for an unknown one lists the choices.
func FindKind(name string) (*Kind, error) {
	var names []string
	for _, k := range Kinds {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return nil, fmt.Errorf("unknown kind %q: want one of %s", name, strings.Join(names, ", "))
}

// A Figure is ready to be drawn.
type Figure struct{ drawing drawing }

// Read reads what a figure shows. All that can be wrong with the user's input is found
// here.
func (k *Kind) Read(q *Query) (*Figure, error) {
	if k.Played() {
		return nil, fmt.Errorf("%s: drawn of %s, not of a table", k.Name, k.Input)
	}
	d, err := k.read(q)
	if err != nil {
		return nil, err
	}
	return &Figure{d}, nil
}

// OfSweep says whether the figure is one of a sweep's results.
func (k *Kind) OfSweep() bool { return k.Options != nil }

// Fits says whether a sweep's results will make such a figure, before it is played: the
// error is what [Kind.Read] would say of its points and columns.
func (k *Kind) Fits(p *experiments.Plan, q *Query) error {
	only := *q
	only.plan = p
	_, err := k.read(&only)
	return err
}

// Title is what the figure says, in a line.
func (f *Figure) Title() string { return f.drawing.title() }

// Write draws the figure. The same figure, look and format give the same bytes.
func (f *Figure) Write(w io.Writer, look Look, format string) error {
	p, err := pageFor(f.drawing, look, format)
	if err != nil {
		return err
	}
	f.drawing.draw(p)
	return p.write(w)
}
