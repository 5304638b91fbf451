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
	{"latency", "How are the times spread, and does the closed form hold?", "the folder of a sweep", []string{"column", "at"}, nil, readLatency},
	{"sweep", "How does a metric depend on a parameter?", "the folder of a sweep", []string{"column", "at", "x", "by", "stat"}, nil, readSweep},
	{"compare", "How far do points or libraries lie apart, run by run?", "the folder of a sweep", []string{"column", "at", "baseline"}, nil, readCompare},
	{"heatmap", "Where on the plane of two parameters is a metric large?", "the folder of a sweep", []string{"column", "at", "x", "by", "stat"}, nil, readHeatmap},
	{"tradeoff", "What does a faster detection cost in sessions that end for nothing?", "the folder of a sweep", []string{"column", "against", "at", "stat"}, []string{"detection", "needless"}, readTradeoff},
	{"belief", "Who holds a session as alive, and for how long are they not of one mind?", "the folder of a sweep", []string{"column", "at"}, []string{"detection", "learning"}, readBelief},
	{"conformance", "How far from real recordings is what the model predicts?", "the table of zksim replay --csv", nil, nil, readConformance},
	{"timeline", "Who knew what, and when?", "a scenario, or a timeline that zksim wrote", nil, nil, nil},
}

// Options are the flags that some kinds understand, and what they are.
var Options = []struct{ Name, Meaning string }{
	{"column", "which column of the results, or which metric (default: the first)"},
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
