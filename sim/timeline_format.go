package sim

import "io"

// A TimelineWriter is a sink that writes the timeline of one run.
type TimelineWriter interface {
	Sink
	// Finish writes what can only be known at the end of the run, and reports the
	// first error of writing.
	Finish(w *World, sum Summary) error
}

// A TimelineFormat is one way to write a timeline.
type TimelineFormat struct {
	Name    string // what the command line calls it
	Meaning string
	New     func(w io.Writer, s *Scenario, seed uint64, run uint32, opts TextOptions) TimelineWriter
}

// TimelineFormats lists every way to write a timeline.
var TimelineFormats = []TimelineFormat{
	{"text", "for people: the picture, the table of instants, the intervals", func(w io.Writer, s *Scenario, _ uint64, _ uint32, opts TextOptions) TimelineWriter {
		return &textWriter{NewCollector(s), w, opts}
	}},
	{"jsonl", "JSON Lines, every record, for programs", func(w io.Writer, s *Scenario, seed uint64, run uint32, _ TextOptions) TimelineWriter {
		return NewJSONL(w, s, seed, run)
	}},
}

// A textWriter collects a run and writes it at the end.
type textWriter struct {
	*Collector
	w    io.Writer
	opts TextOptions
}

// Finish implements [TimelineWriter].
func (t *textWriter) Finish(w *World, sum Summary) error {
	return WriteText(t.w, t.Timeline(w, sum), t.opts)
}
