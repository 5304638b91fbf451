package main

import (
	"bytes"
	"io"

	"zksim/conformance"
	"zksim/plots"
)

// An eventTable is where the events of a replay go besides the report: into a table, into
// a figure, into both, or nowhere.
type eventTable struct {
	out    *output // nil: no table
	figure *figureRequest
	rows   bytes.Buffer // for the figure
	force  bool
}

// tabulate makes the judge write what it compares to where the user wants it.
func (q *replayRequest) tabulate(judge *conformance.Judge, stdout io.Writer) (*eventTable, error) {
	t := &eventTable{force: q.force}
	if q.events == "" && q.plot == "" {
		return t, nil
	}
	switch {
	case q.only == "free":
		return nil, unusable("--csv, --plot: are of guided replay; want --only guided, or none")
	case q.events == toStdout && q.asJSON:
		return nil, unusable("--csv - and --json: want one of the two on standard output")
	}
	if q.plot != "" {
		kind, err := plots.FindKind("conformance")
		if err != nil {
			return nil, err
		}
		f, err := askFigure("--plot", kind, q.plot, q.force)
		if err != nil {
			return nil, err
		}
		t.figure = &f
	}
	var to []io.Writer
	if q.events != "" {
		var err error
		if t.out, err = createOutput(q.events, q.force, stdout); err != nil {
			return nil, err
		}
		to = append(to, t.out)
	}
	if t.figure != nil {
		to = append(to, &t.rows)
	}
	return t, judge.WriteEvents(io.MultiWriter(to...), engine())
}

// finish makes the table visible and draws the figure.
func (t *eventTable) finish(stdout io.Writer) error {
	if t.out != nil {
		if err := t.out.commit(); err != nil {
			return err
		}
	}
	if t.figure == nil {
		return nil
	}
	// The report may be JSON, and the table be on standard output: the finding is in the
	// figure.
	return t.figure.draw(&plots.Query{Input: "the replay", Data: &t.rows}, defaultLook, t.force, io.Discard)
}

func (t *eventTable) discard() {
	if t.out != nil {
		t.out.discard()
	}
}
