package web

import (
	"io"

	"zksim/sim"
)

// A keeper keeps the first records of a run for those who tell of them.
type keeper struct {
	*sim.Exporter
	file *sim.TimelineFile
}

func newKeeper(s *loaded) *keeper {
	k := new(keeper)
	k.Exporter = sim.NewExporter(io.Discard, s.Scenario, s.seed, s.number, &sim.ExportFormat{Name: "kept",
		Write: func(_ io.Writer, f *sim.TimelineFile, _ sim.ExportOptions) error { k.file = f; return nil }}, sim.ExportOptions{})
	return k
}

// narrator tells of what was kept, once the run is over.
func (k *keeper) narrator(w *sim.World, sum sim.Summary, t *sim.Timeline) (*sim.Narrator, error) {
	if err := k.Finish(w, sum); err != nil {
		return nil, err
	}
	return sim.NewNarrator(k.file, t), nil
}

// A first passes on the first records of a run, and no more.
type first struct {
	sim.Sink
	left int
}

// Record implements [sim.Sink].
func (f *first) Record(r *sim.Record) {
	if f.left > 0 {
		f.left--
		f.Sink.Record(r)
	}
}
