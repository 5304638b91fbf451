package sim

import (
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// crashReplication is one point of the question how long a crash goes unnoticed: a
// standalone server, or an ensemble, and one Java client, killed at some instant of a ping's period.
func crashReplication(tb testing.TB, servers int, timeout, tick time.Duration) *Scenario {
	tb.Helper()
	s := defaultScenario("crash")
	s.Ensemble.Servers = servers
	s.Ensemble.Tick = tick
	s.Ensemble.MinTimeout, s.Ensemble.MaxTimeout = time.Millisecond, time.Hour
	c := defaultClient("client")
	c.Timeout, c.Open = timeout, constantSampler(0)
	s.Clients = []Client{c}
	from := time.Second + timeout/3
	s.Faults = []Fault{{Kind: FaultKill, Between: []string{"client"},
		At: mustSampler("uniform", map[string]float64{"from": float64(from), "to": float64(from + timeout/3)}, 0)}}
	s.Length = from + 2*timeout + 3*tick
	if err := s.Check(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// A detection is the sink that measures a crash: from the kill to the deleted session.
type detection struct {
	killed, marked, closed clock.Instant
	seen                   bool
}

func (d *detection) Record(r *Record) {
	switch r.Kind {
	case KindKilled:
		d.killed = r.At
	case model.KindMarked:
		d.marked = r.At
	case model.KindCloseApplied:
		d.closed, d.seen = r.At, true
	}
}

// replicate plays the given replication.
func (d *detection) replicate(tb testing.TB, w *World, run uint32) Summary {
	*d = detection{}
	w.Reset(1, run)
	sum, err := w.Play(clock.Instant(w.scenario.Length), nil, &d.seen)
	if err != nil {
		tb.Fatal(err)
	}
	if !d.seen {
		tb.Fatalf("run %d: the session was not deleted within %v", run, w.scenario.Length)
	}
	return sum
}

func TestReplicationsDoNotAllocate(t *testing.T) {
	s := crashReplication(t, 1, 10*time.Second, 2*time.Second)
	d := new(detection)
	w := unwatched(t, s, 1, d)
	run := uint32(0)
	play := func() {
		for range 100 {
			d.replicate(t, w, run)
			run++
		}
	}
	play()
	if allocs := testing.AllocsPerRun(5, play); allocs > 1 {
		t.Errorf("%.0f allocations in a hundred replications, want none", allocs)
	}
}

// BenchmarkReplication plays one replication for each iteration, set-up included, until
// the session of the client that was killed has been deleted.
func BenchmarkReplication(b *testing.B) {
	for _, bc := range []struct {
		name          string
		servers       int
		timeout, tick time.Duration
	}{{"standalone,T=4s,tick=2s", 1, 4 * time.Second, 2 * time.Second}, {"standalone,T=40s,tick=50ms", 1, 40 * time.Second, 50 * time.Millisecond},
		{"three,T=10s,tick=2s", 3, 10 * time.Second, 2 * time.Second}} {
		b.Run(bc.name, func(b *testing.B) {
			d := new(detection)
			w := unwatched(b, crashReplication(b, bc.servers, bc.timeout, bc.tick), 1, d)
			run, events := uint32(0), uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				events += d.replicate(b, w, run).Events
				run++
			}
			b.ReportMetric(float64(events)/float64(run), "events/op")
		})
	}
}
