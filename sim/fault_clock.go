package sim

import (
	"time"

	"zksim/model"
)

// stepClock sets the wall clock of hosts. No machine's monotonic clock is touched
// (K-1, K-3).
func (w *World) stepClock(f *liveFault) {
	for _, i := range f.nodes {
		if !w.looksAtWall(i) {
			continue
		}
		step := model.Input{Kind: model.InputWallStep, By: f.spec.Step, Cause: f.cause}
		switch w.nodes[i].status {
		case statusRunning:
			w.in = step
			w.deliver(i)
		case statusPaused:
			// It finds the clock set before it does anything else.
			h := &w.hosts[i]
			h.inbox = append([]letter{{in: step}}, h.inbox...)
		}
	}
}

// looksAtWall says whether what runs on a node looks at its host's wall clock.
func (w *World) looksAtWall(i int) bool {
	library := w.scenario.libraryOf(model.NodeID(i))
	return library != nil && library.WallClock
}

// slept is what a process finds first whose clock stood still in a suspend: the
// wall clock has gone on meanwhile, or is set right on waking (K-5).
func (w *World) slept(i int, asleep time.Duration) []letter {
	if !w.looksAtWall(i) {
		return nil
	}
	return []letter{{in: model.Input{Kind: model.InputWallStep, By: asleep}}}
}
