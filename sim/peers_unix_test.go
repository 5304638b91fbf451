//go:build unix

package sim

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/prefetch"
)

// TestPeerLine prints the project's own line for the table of peers: one timed
// workload, in the form in which the peers' programs print theirs. It runs only
// where scripts/bench-peers.sh asks for it.
//
//	W=hold|hb|hb-timeline N=sessions H=seconds-or-events go test -run PeerLine ./sim
func TestPeerLine(t *testing.T) {
	workload := os.Getenv("W")
	if workload == "" {
		t.Skip("W is not set; scripts/bench-peers.sh sets it")
	}
	n, h := peerNumber(t, "N"), peerNumber(t, "H")
	switch workload {
	case "hold":
		peerHold(t, n, h)
	case "hb":
		peerHeartbeats(t, "zksim", n, h, &peerCount{})
	case "hb-timeline":
		peerHeartbeats(t, "zksim-timeline", n, h, &peerCount{}, NewJSONL(discard{}, peerScenario(t, n, h), 1, 0))
	default:
		t.Fatalf("W=%s: want hold, hb or hb-timeline", workload)
	}
}

func peerNumber(t *testing.T, name string) int {
	v, err := strconv.Atoi(os.Getenv(name))
	if err != nil || v <= 0 {
		t.Fatalf("%s=%q: want a positive number", name, os.Getenv(name))
	}
	return v
}

// A peerTimer reads what the peers read: processor seconds of this process.
type peerTimer struct {
	cpu, wall float64
	allocated uint64
}

func peerClocks() (cpu, wall float64) {
	var tv syscall.Timeval
	var ru syscall.Rusage
	_ = syscall.Gettimeofday(&tv)
	_ = syscall.Getrusage(0, &ru)
	s := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)*1e-6 }
	return s(ru.Utime) + s(ru.Stime), s(tv)
}

func startPeerTimer() peerTimer {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	cpu, wall := peerClocks()
	return peerTimer{cpu, wall, m.TotalAlloc}
}

// report prints peer, workload, n, events, processor and wall seconds, ns and
// events a second, bytes allocated an event, peak MiB, and a check.
func (p peerTimer) report(peer, workload string, n int, events int64, check string) {
	cpu, wall := peerClocks()
	var m runtime.MemStats
	var ru syscall.Rusage
	runtime.ReadMemStats(&m)
	_ = syscall.Getrusage(0, &ru)
	e, c := float64(events), cpu-p.cpu
	fmt.Printf("%s,%s,%d,%d,%.4f,%.4f,%.2f,%.0f,%.1f,%.1f,%s\n", peer, workload, n, events, c, wall-p.wall,
		c*1e9/e, e/c, float64(m.TotalAlloc-p.allocated)/e, float64(ru.Maxrss)/1024, check)
}

// A peerHolder posts its next event after an exponential wait, by the peers' own
// generator and table.
type peerHolder struct{ wake clock.Reading }

var peerRNG uint64

var peerExp [1024]int64

func init() {
	for i := range peerExp {
		peerExp[i] = int64(-math.Log(1-(float64(i)+0.5)/1024) * 1e9)
	}
}

func (h *peerHolder) Step(now clock.Reading, _ *model.Input, _ *model.Output) {
	x := peerRNG
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	peerRNG = x
	x *= 2685821657736338717
	h.wake = now.Add(time.Duration(peerExp[x>>54] + int64(x&0xFFFFF)))
}

func (h *peerHolder) Wake() clock.Reading { return h.wake }

func (h *peerHolder) Foresee(model.ConnID) { prefetch.Value(h) }

func peerHold(t *testing.T, n, events int) {
	w := &World{scenario: defaultScenario("hold"), seed: 1, next: 1, nodes: make([]node, n)} // without hosts: nothing happens to them
	if n >= manyNodes {
		w.queue.reserve = bottomReserve
	}
	peerRNG = uint64(2654435769 + 88172645463325252)
	holders := make([]peerHolder, n)
	for i := range w.nodes {
		node := &w.nodes[i]
		node.wakeAt = clock.Never
		holders[i].wake = clock.Unset
		node.machine = &holders[i]
		w.step(i, model.InputStart, model.NoConn, 0)
	}
	run := func(events int) {
		for range events {
			w.queue.ready()
			e := w.queue.first()
			w.queue.pop()
			if n >= manyNodes {
				w.lookAhead()
			}
			w.events++
			w.now = e.at
			w.handle(e)
		}
	}
	run(2 * n)
	timer := startPeerTimer()
	run(events)
	timer.report("zksim", "hold", n, int64(events), strconv.FormatInt(int64(w.now), 10))
}

// A peerCount counts what the peers count: pings sent, arrivals, expiries.
type peerCount struct {
	pings, arrivals, expired int64
	sum                      clock.Instant
}

func (c *peerCount) Record(r *Record) {
	switch r.Kind {
	case model.KindPing:
		c.pings++
	case model.KindTouch:
		if r.Text == "ping" {
			c.arrivals++
		}
	case model.KindMarked:
		c.expired++
		c.sum += r.At
	}
}

// peerScenario is the peers' heartbeat work, by the full model: a standalone
// server with ticks of 2 s, sessions of 30 s that ping every 10 s over latencies
// of 0.5 to 4.6 ms, and one client in a hundred killed at some instant.
func peerScenario(t *testing.T, n, seconds int) *Scenario {
	horizon := time.Duration(seconds) * time.Second
	s := defaultScenario("heartbeats")
	s.Ensemble.Servers = 1
	s.Ensemble.Leader = 0
	s.Ensemble.MaxTimeout = time.Minute
	s.Length = horizon + time.Minute
	uniform := func(from, to time.Duration) *Sampler {
		law, err := NewLaw("uniform", map[string]float64{"from": float64(from), "to": float64(to)})
		if err != nil {
			t.Fatal(err)
		}
		sampler, err := NewSampler(law, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return sampler
	}
	s.Network.Clients = uniform(500*time.Microsecond, 4600*time.Microsecond)
	c := defaultClient("c")
	c.Count, c.Timeout, c.Open = n, 30*time.Second, uniform(0, 10*time.Second)
	s.Clients = []Client{c}
	for i := 7; i < n; i += 100 {
		at := peerWarm + horizon/4 + time.Duration(uint64(i)*2246822519%uint64(horizon/2/time.Microsecond))*time.Microsecond
		s.Faults = append(s.Faults, Fault{Kind: FaultKill, Between: []string{fmt.Sprintf("c%d", i+1)}, At: constantSampler(at)})
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// peerWarm is how long the world runs before the clock starts: every session is
// up and every buffer has its size.
const peerWarm = 25 * time.Second

func peerHeartbeats(t *testing.T, name string, n, seconds int, count *peerCount, more ...Sink) {
	s := peerScenario(t, n, seconds)
	w := unwatched(t, s, 1, append([]Sink{count}, more...)...)
	if _, err := w.Run(clock.Instant(peerWarm), nil); err != nil {
		t.Fatal(err)
	}
	*count = peerCount{}
	timer := startPeerTimer()
	sum, err := w.Run(clock.Instant(peerWarm+time.Duration(seconds)*time.Second), nil)
	if err != nil {
		t.Fatal(err)
	}
	timer.report(name, "hb", n, count.pings+count.arrivals+count.expired, fmt.Sprintf("%d:%016x", count.expired, sum.Digest))
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
