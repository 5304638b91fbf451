package web

import (
	"io"

	"zksim/sim"
)

// A keeper keeps the first records of a run for those who tell of them.
type keeper struct {
	*sim.Exporter
	left int
	file *sim.TimelineFile
}

func newKeeper(s *loaded, most int) *keeper {
	k := &keeper{left: most}
	k.Exporter = sim.NewExporter(io.Discard, s.Scenario, s.seed, s.number, &sim.ExportFormat{Name: "kept",
		Write: func(_ io.Writer, f *sim.TimelineFile, _ sim.ExportOptions) error { k.file = f; return nil }}, sim.ExportOptions{})
	return k
}

// Record implements [sim.Sink].
func (k *keeper) Record(r *sim.Record) {
	if k.left > 0 {
		k.left--
		k.Exporter.Record(r)
	}
}

// narrator tells of what was kept, once the run is over.
func (k *keeper) narrator(w *sim.World, sum sim.Summary, t *sim.Timeline) (*sim.Narrator, error) {
	if err := k.Finish(w, sum); err != nil {
		return nil, err
	}
	return sim.NewNarrator(k.file, t), nil
}
