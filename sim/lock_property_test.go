package sim

import (
	"fmt"
	"slices"
	"testing"

	"zksim/clock"
	"zksim/model"
)

// locksOf plays a scenario to its end and returns its timeline.
func locksOf(t *testing.T, s *Scenario, seed uint64) *Timeline {
	t.Helper()
	c := NewCollector(s)
	w, err := New(s, seed, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Timeline(w, sum)
}

// turmoil is a lock in an ensemble that loses leaders, followers and quorums, with
// clients of all libraries that are cut off, stopped, killed and started again.
const turmoil = `
run: 100s
ensemble: {log: {uniform: [1ms, 300ms]}}
network: {latency: {exponential: 2ms, max: 200ms}, servers: {exponential: 1ms, max: 50ms}}
clients:
  a: {owns: /l, recipe: %[1]s, timeout: 4s}
  b: {owns: /l, recipe: %[1]s, timeout: 5s, library: c, stops_on: disconnected}
  c: {owns: /l, recipe: %[1]s, timeout: 6s, library: go}
  d: {owns: /l, recipe: %[1]s, timeout: 7s, library: kazoo}
  e: {owns: /l, recipe: %[1]s, timeout: 8s, library: curator, zookeeper: 3.8.0}
  f: {owns: /l, recipe: %[1]s, timeout: 4s, count: 3, open: {uniform: [0s, 30s]}, close: {uniform: [40s, 90s]}}
faults:
  - {kill: leader, at: {uniform: [10s, 30s]}}
  - {restart: server3, at: {uniform: [31s, 40s]}}
  - {partition: {between: leader, and: servers}, at: {uniform: [45s, 60s]}, for: {uniform: [1s, 20s]}}
  - {pause: leader, at: {uniform: [60s, 80s]}, for: {uniform: [1s, 15s]}}
  - {partition: {between: [a, b, c], and: servers}, at: {uniform: [5s, 80s]}, for: {uniform: [1s, 15s]}}
  - {partition: {between: clients, and: [server1, server2], mode: refuse}, at: {uniform: [5s, 80s]}, for: {uniform: [1s, 8s]}}
  - {pause: [d, e], at: {uniform: [5s, 80s]}, for: {uniform: [1s, 15s]}}
  - {kill: [f1, c], at: {uniform: [20s, 60s]}}
  - {restart: [f1, c], at: {uniform: [61s, 80s]}}
  - {loss: {between: clients, and: servers, probability: 10%%}, at: {uniform: [5s, 80s]}, for: {uniform: [1s, 20s]}}
`

// TestNobodyOwnsBeforeThoseBeforeAreGone: when an application learns that it owns, every
// node that was made before its own is gone from the replicated log, whatever happened to
// servers and clients. So at any instant at most one session that lives owns.
func TestNobodyOwnsBeforeThoseBeforeAreGone(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 6
	}
	beliefs := 0
	for seed := range 2 * seeds {
		recipe := []string{"node", "sequence"}[seed%2]
		lock := locksOf(t, mustRead(t, fmt.Sprintf(turmoil, recipe)), seed).Locks[0]
		for _, b := range lock.Beliefs {
			beliefs++
			own := slices.IndexFunc(lock.nodes, func(n lockNode) bool { return n.session == b.Session && n.made.moment().Happened() })
			for i := range lock.nodes {
				n := &lock.nodes[i]
				if made := n.made.moment(); !made.Happened() || made.Record >= lock.nodes[own].made.moment().Record {
					continue // taken back, or it stands behind
				}
				if gone := n.gone.moment(); !gone.Happened() || gone.At > b.Begin.At {
					t.Errorf("seed %d, %s: session %#x owns at %v, while %s of session %#x is there until %v",
						seed, recipe, b.Session, b.Begin.At, n.path, n.session, gone.At)
				}
			}
		}
	}
	if beliefs < 5*int(seeds) {
		t.Errorf("%d times somebody came to own, want several a run", beliefs)
	}
}

// TestStoppingOnDisconnectedIsEnoughForCuts: without a pause, with equal clocks and an
// ensemble that is whole, a client that is cut off, in any way and however often, stops
// before the next one owns, with any library and either recipe. With a pause
// it does not, which shows that this test can fail.
func TestStoppingOnDisconnectedIsEnoughForCuts(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 4
	}
	const cuts = `
  - {partition: {between: a, and: servers}, at: {uniform: [5s, 40s]}, for: {uniform: [1s, 25s]}}
  - {partition: {between: a, and: server1}, at: {uniform: [5s, 60s]}, for: {uniform: [1s, 25s]}}
  - {partition: {between: [a, b], and: servers, mode: refuse}, at: {uniform: [40s, 60s]}, for: {uniform: [1s, 10s]}}
  - {partition: {between: servers, and: b, direction: one way}, at: {uniform: [30s, 80s]}, for: {uniform: [1s, 15s]}}
  - {partition: {between: b, and: [server1, server2], direction: one way}, at: {uniform: [50s, 80s]}, for: {uniform: [1s, 15s]}}
  - {loss: {between: clients, and: servers, probability: 20%}, at: {uniform: [10s, 60s]}, for: {uniform: [1s, 10s]}}
`
	const pause = `
  - {pause: a, at: {uniform: [5s, 40s]}, for: {uniform: [10s, 25s]}}
`
	for _, tc := range []struct {
		name, faults string
		safe         bool
	}{{"cuts", cuts, true}, {"a pause", pause, false}} {
		changed, overlaps := 0, 0
		for _, row := range libraryRows() {
			for seed := range seeds {
				recipe := []string{"node", "sequence"}[seed%2]
				s := mustRead(t, fmt.Sprintf("run: 120s\nclients:\n  a: {%[1]s, attach: 1, timeout: 6s, owns: /l, recipe: %[2]s, stops_on: disconnected}\n"+
					"  b: {%[1]s, attach: 2, timeout: 6s, owns: /l, recipe: %[2]s, stops_on: disconnected, open: 1s}\n"+
					"  c: {%[1]s, attach: 3, timeout: 6s, owns: /l, recipe: %[2]s, stops_on: disconnected, open: 2s}\nfaults:", row, recipe)+tc.faults)
				line := locksOf(t, s, seed)
				lock := line.Locks[0]
				for _, b := range lock.Beliefs {
					if b.Client != model.NodeID(3) {
						changed++
					}
				}
				for _, o := range lock.Overlaps {
					overlaps++
					if tc.safe {
						t.Errorf("%s, seed %d, %s: clients %v own at once from %v to %v", row, seed, recipe, o.Clients, o.From, o.To)
					}
				}
			}
		}
		if changed == 0 || !tc.safe && overlaps == 0 {
			t.Errorf("%s: the lock changed hands %d times, with %d overlaps: want both", tc.name, changed, overlaps)
		}
	}
}
