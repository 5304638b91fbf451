package sim

import (
	"math"
	"runtime"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// steadyWorld is an ensemble with idle clients of a library and no sinks, past its
// beginnings.
func steadyWorld(tb testing.TB, library string, servers, clients int) (*World, clock.Instant) {
	tb.Helper()
	l, err := model.FindLibrary(library, "")
	if err != nil {
		tb.Fatal(err)
	}
	sc := defaultScenario("steady")
	sc.Length = time.Hour
	sc.Ensemble.Servers = servers
	open, err := NewLaw("uniform", map[string]float64{"from": 0, "to": float64(3 * time.Second)})
	if err != nil {
		tb.Fatal(err)
	}
	c := Client{Name: "c", Count: clients, Library: l, Timeout: 10 * time.Second}
	if l.WallClock {
		c.Under, c.Percent = defaultClient("").Library, 100
	}
	if c.Open, err = NewSampler(open, 0, 0); err != nil {
		tb.Fatal(err)
	}
	sc.Clients = []Client{c}
	w := unwatched(tb, sc, 1)
	warm := clock.Instant(60 * time.Second)
	if _, err := w.Run(warm, nil); err != nil {
		tb.Fatal(err)
	}
	return w, warm
}

// TestSteadyRunDoesNotAllocate holds the event loop to no allocation once every
// buffer has its size. A buffer that still grows now and then is allowed for, by
// one in ten thousand events.
func TestSteadyRunDoesNotAllocate(t *testing.T) {
	for k, library := range append(model.LibraryNames(), "java") {
		servers := 1
		if k == 0 {
			servers = 3
		}
		w, warm := steadyWorld(t, library, servers, 1000)
		events := w.events
		end := warm
		allocs := testing.AllocsPerRun(1, func() { // twice: once to warm up
			end = end.Add(30 * time.Second)
			if _, err := w.Run(end, nil); err != nil {
				t.Fatal(err)
			}
		})
		n := (w.events - events) / 2
		if n < 20_000 {
			t.Fatalf("%s, %d servers: only %d events in 30 s", library, servers, n)
		}
		if allocs > float64(n)/10_000 {
			t.Errorf("%s, %d servers: %.0f allocations in %d events, want none", library, servers, allocs, n)
		}
	}
}

// measure reports what a benchmark's events cost.
func measure(b *testing.B, run func() uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	events := run()
	b.StopTimer()
	runtime.ReadMemStats(&after)
	n := float64(max(events, 1))
	b.ReportMetric(n/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/event")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/event")
}

// BenchmarkSteadyEnsemble plays a second of the world for each iteration: 1000
// idle clients.
func BenchmarkSteadyEnsemble(b *testing.B) {
	for _, bc := range []struct {
		name    string
		servers int
	}{{"standalone", 1}, {"three", 3}} {
		b.Run(bc.name, func(b *testing.B) {
			w, end := steadyWorld(b, "java", bc.servers, 1000)
			first := w.events
			measure(b, func() uint64 {
				for range b.N {
					end = end.Add(time.Second)
					if _, err := w.Run(end, nil); err != nil {
						b.Fatal(err)
					}
				}
				return w.events - first
			})
		})
	}
}

// A holder wakes itself after exponential waits with a mean of a second, and does
// nothing else.
type holder struct {
	env  model.Env
	n    uint64
	wake clock.Reading
}

func (h *holder) Step(now clock.Reading, _ *model.Input, _ *model.Output) {
	wait := -math.Log(Unit(h.env.Draw(model.PurposeBackoff, h.n))) * float64(time.Second)
	h.n++
	h.wake = now.Add(max(1, time.Duration(wait)))
}

func (h *holder) Wake() clock.Reading { return h.wake }

// holdWorld puts n holders into a world of nothing else.
func holdWorld(n int) *World {
	w := &World{scenario: defaultScenario("hold"), seed: 1, next: 1, nodes: make([]node, n), hosts: make([]host, n)}
	for i := range w.nodes {
		node := &w.nodes[i]
		w.hosts[i].env = nodeEnv{world: w, node: i}
		node.wakeAt = clock.Never
		node.machine = &holder{env: &w.hosts[i].env, wake: clock.Unset}
		w.step(i, model.InputStart, model.NoConn, 0)
	}
	return w
}

// BenchmarkPHOLD is the classic load of a queue of events: as many waiting as
// there are nodes, each of which posts the next when it is served.
func BenchmarkPHOLD(b *testing.B) {
	for _, bc := range []struct {
		name string
		n    int
	}{{"1e3", 1_000}, {"1e5", 100_000}} {
		b.Run(bc.name, func(b *testing.B) {
			w := holdWorld(bc.n)
			end := clock.Instant(5 * time.Second)
			if _, err := w.Run(end, nil); err != nil {
				b.Fatal(err)
			}
			step := time.Second * 1000 / time.Duration(bc.n) // about a thousand events
			first := w.events
			measure(b, func() uint64 {
				for range b.N {
					end = end.Add(step)
					if _, err := w.Run(end, nil); err != nil {
						b.Fatal(err)
					}
				}
				return w.events - first
			})
		})
	}
}

func TestHoldersKeepTheirMean(t *testing.T) {
	w := holdWorld(1000)
	s, err := w.Run(clock.Instant(100*time.Second), nil)
	if err != nil {
		t.Fatal(err)
	}
	// 100 000 expected; the standard deviation of a Poisson count is its root.
	if d := math.Abs(float64(s.Events) - 100_000); d > 5*math.Sqrt(100_000) {
		t.Errorf("%d events, want 100000 give or take 1581", s.Events)
	}
}
