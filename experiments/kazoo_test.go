package experiments

import (
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A gaps is the sink that collects what a kazoo client's pings left between them,
// and when it was told of a loss.
type gaps struct {
	idle []float64 // ms since the send before
	lost clock.Instant
	cut  clock.Instant
}

// Record implements [sim.Sink].
func (g *gaps) Record(r *sim.Record) {
	switch {
	case r.Kind == model.KindPing:
		g.idle = append(g.idle, float64(r.A))
	case r.Kind == model.KindTold && r.Text == model.KazooSuspended && g.lost == 0:
		g.lost = r.At
	case r.Kind == sim.KindFaultBegins:
		g.cut = r.At
	}
}

// TestKazooPingsWithJitter holds kazoo's gaps against Q-7 and its verdict on a silent
// cut against L-K3 and Q-8. T = 10 s: gaps T/3 - j with j = U{1..40}/100 s, so 2.933 to
// 3.323 s with the mean T/3 - 0.205 = 3.1283 s, less half a millisecond for a count of
// whole ones. From the cut: the verdict comes T/3 - j1 + T/3 - j2 after the last send,
// whose age is at most T/3 - j1: T/3 - 0.40 = 2.933 to 2T/3 - 0.02 = 6.647 s.
func TestKazooPingsWithJitter_Q7_Q8(t *testing.T) {
	const n = 400
	var idle []float64
	least, most := time.Hour, time.Duration(0)
	for seed := range n {
		s := &sim.Scenario{Length: 400 * time.Second,
			Ensemble: sim.Ensemble{Servers: 1, Version: "3.9.5", Tick: 2 * time.Second, InitLimit: 10, SyncLimit: 5, IdleCheck: 10 * time.Second, Log: always(flush), Load: always(0)},
			Network:  sim.Network{Clients: always(time.Millisecond), Servers: always(time.Millisecond), RTOMin: 200 * time.Millisecond},
			Clients:  []sim.Client{{Name: "client", Library: libraryOf("kazoo"), Timeout: 10 * time.Second, Open: always(0)}},
			Faults: []sim.Fault{{Kind: sim.FaultPartition, Between: []string{"client"}, And: []string{"server1"},
				At: evenly(300*time.Second, 320*time.Second)}}}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		g := &gaps{}
		w, err := sim.New(s, uint64(seed), 0, g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
			t.Fatal(err)
		}
		if g.lost == 0 {
			t.Fatalf("seed %d: never SUSPENDED", seed)
		}
		least, most = min(least, g.lost.Sub(g.cut)), max(most, g.lost.Sub(g.cut))
		idle = append(idle, g.idle...)
	}
	third := 10_000.0 / 3
	for _, ms := range idle {
		if ms < third-400-1 || ms > third-10 {
			t.Fatalf("a gap of %v ms: want %.0f to %.0f", ms, third-400, third-10)
		}
	}
	mean, p := MeanTest(idle, third-205-0.4)
	if p < familyError {
		t.Errorf("mean gap %.3f ms of %d, claimed %.3f: p = %.2g", mean, len(idle), third-205-0.4, p)
	}
	t.Logf("%d gaps, mean %.3f ms; SUSPENDED %v to %v after the cut", len(idle), mean, least, most)
	if lo, hi := 2933*time.Millisecond, 6647*time.Millisecond; least < lo || most > hi+2*time.Millisecond || least > lo+200*time.Millisecond || most < hi-200*time.Millisecond {
		t.Errorf("SUSPENDED %v to %v after the cut: want %v to %v, and near the bounds", least, most, lo, hi)
	}
}
