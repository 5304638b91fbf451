package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// struggle is a lock that five clients want, with troubles that make overlaps and
// vacancies of all kinds. %s is the recipe.
const struggle = `
run: 90s
network: {latency: {exponential: 2ms, max: 200ms}}
resources: {store: {fencing: %[2]s}}
clients:
  a: {owns: /l, recipe: %[1]s, stops_on: disconnected, timeout: 6s, acts_on: store, act_every: 300ms}
  b: {owns: /l, recipe: %[1]s, stops_on: expired, timeout: 6s, version: 3.8.0, open: 1s, acts_on: store, act_every: 300ms}
  c: {owns: /l, recipe: %[1]s, stops_on: never, timeout: 6s, open: 2s, close: 85s, acts_on: store, act_every: 300ms}
  d: {owns: /l, recipe: %[1]s, library: kazoo, stops_on: expired, timeout: 6s, open: 3s, acts_on: store, act_every: 300ms}
  e: {owns: /l, recipe: %[1]s, library: go, stops_on: disconnected, timeout: 6s, open: 4s, acts_on: store, act_every: 300ms}
faults:
  - {pause: a, at: {uniform: [5s, 20s]}, for: {uniform: [5s, 20s]}}
  - {partition: {between: b, and: servers}, at: {uniform: [10s, 40s]}, for: {uniform: [2s, 20s]}}
  - {pause: [c, d], at: {uniform: [20s, 60s]}, for: {uniform: [5s, 20s]}}
  - {partition: {between: [e, d], and: all}, at: {uniform: [30s, 60s]}, for: {uniform: [2s, 20s]}}
  - {kill: a, at: {uniform: [60s, 70s]}}
  - {restart: a, at: {uniform: [71s, 80s]}}
`

// A lockCheck looks at a run's records for itself, one instant after another.
type lockCheck struct {
	t       *testing.T
	records []Record
}

func (c *lockCheck) Record(r *Record) { c.records = append(c.records, *r) }

// A lockView is what holds from one instant on.
type lockView struct {
	believers []string // name and session of those who act, sorted
	running   int      // of them
	vacant    bool
}

// views gives what holds from each instant of the run on at which anything of interest
// happens.
func (c *lockCheck) views(names []string) ([]clock.Instant, []lockView) {
	acts, still := map[model.NodeID]model.SessionID{}, map[model.NodeID]bool{}
	var line []model.SessionID // of nodes, in the order of their commits
	any := false
	var at []clock.Instant
	var views []lockView
	for _, r := range c.records {
		switch {
		case r.Kind == model.KindHolds:
			acts[r.Node], any = r.Session, true
		case r.Kind == model.KindStops || r.Kind == KindKilled:
			delete(acts, r.Node)
		case r.Kind == KindPaused:
			still[r.Node] = true
		case r.Kind == KindResumed:
			delete(still, r.Node)
		case r.Kind == model.KindCommitted && r.Text == "create":
			line = append(line, r.Session)
		case r.Kind == model.KindCommitted && r.Text == "closeSession":
			line = slices.DeleteFunc(line, func(s model.SessionID) bool { return s == r.Session })
		default:
			continue
		}
		if !any {
			continue
		}
		v := lockView{vacant: true}
		for n, session := range acts {
			v.believers = append(v.believers, names[n])
			if !still[n] {
				v.running++
			}
			if len(line) > 0 && session == line[0] {
				v.vacant = false
			}
		}
		slices.Sort(v.believers)
		at, views = append(at, r.At), append(views, v)
	}
	return at, views
}

// TestLocksAreWhatTheRecordsSay: overlaps, what of them does not count, and vacancies
// against a second reading of the records, over many runs of both recipes (Q-20 to
// And with fencing no token is accepted after a greater one.
func TestLocksAreWhatTheRecordsSay(t *testing.T) {
	seeds := uint64(30)
	if testing.Short() {
		seeds = 4
	}
	var overlaps, stills, vacancies, stale, refused int
	for seed := range 4 * seeds {
		recipe, fencing := []string{"node", "sequence"}[seed%2], []string{"none", "token"}[seed/2%2]
		s := mustRead(t, fmt.Sprintf(struggle, recipe, fencing))
		c, check := NewCollector(s), &lockCheck{t: t}
		w, err := New(s, seed, 0, c, check)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := w.Run(clock.Instant(s.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		line := c.Timeline(w, sum)
		at, views := check.views(w.Names())
		var overlap, still, vacant time.Duration
		for i, v := range views {
			until := line.End
			if i+1 < len(at) {
				until = at[i+1]
			}
			d := until.Sub(at[i])
			if len(v.believers) > 1 {
				overlap += d
				if v.running < 2 {
					still += d
				}
			}
			if v.vacant {
				vacant += d
			}
		}
		lock := line.Locks[0]
		var gotOverlap, gotStill, gotVacant time.Duration
		for _, o := range lock.Overlaps {
			gotOverlap += o.Length()
			gotStill += o.Still
			if len(o.Clients) < 2 {
				t.Errorf("seed %d: an overlap of %v", seed, o.Clients)
			}
		}
		for _, v := range lock.Vacant {
			gotVacant += v.Length()
		}
		// Still is in milliseconds as printed, each piece off by less than one.
		if gotOverlap != overlap || (gotStill-still).Abs() > time.Duration(len(views))*time.Millisecond || gotVacant != vacant {
			t.Errorf("seed %d, %s: overlap %v, of it still %v, vacancy %v; want %v, %v, %v", seed, recipe, gotOverlap, gotStill, gotVacant, overlap, still, vacant)
		}
		overlaps, vacancies = overlaps+len(lock.Overlaps), vacancies+len(lock.Vacant)
		if still > 0 {
			stills++
		}
		greatest := int64(0)
		for _, r := range check.records {
			switch r.Kind {
			case model.KindActRefused:
				refused++
			case model.KindActAccepted:
				if r.A < greatest {
					stale++
					if fencing == "token" {
						t.Errorf("seed %d: token %d accepted after %d", seed, r.A, greatest)
					}
				}
				greatest = max(greatest, r.A)
			}
		}
	}
	if overlaps == 0 || stills == 0 || vacancies == 0 || stale == 0 || refused == 0 {
		t.Errorf("%d overlaps, %d runs with time that does not count, %d vacancies, %d old tokens accepted, %d refused: want some of each", overlaps, stills, vacancies, stale, refused)
	}
}

// TestOutstandingWritesStallPings: behind writes that cannot commit nothing is answered,
// pings included (H-6), so the client of a follower that is cut off from its leader
// hears Disconnected R + 100 ms after the last answer, before the follower closes
// anything; an idle one at the same server stays until that does, S after its
// leader's last packet (F-1, F-2).
func TestOutstandingWritesStallPings(t *testing.T) {
	busy, idle := javaClient(t, "busy", "3.9.5", 9*time.Second, 1), javaClient(t, "idle", "3.9.5", 9*time.Second, 1)
	busy.Outstanding = 3
	busy.Servers, idle.Servers = []int{1}, []int{1}
	sc := quietScenario(3, 25*time.Second, busy, idle)
	sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{"server1"}, And: []string{"server2", "server3"}, At: at(10 * time.Second)}}
	s := play(t, sc)
	answered := time.Duration(0)
	for _, r := range s.all("busy", model.KindReply, "") {
		if time.Duration(r.At) < 12*time.Second {
			answered = time.Duration(r.At)
		}
	}
	if writes := len(s.times("busy", model.KindRequest, "setData", 0)); writes < 1000 {
		t.Errorf("%d writes, want one for each answer, thousands", writes)
	}
	s.expect("busy is told Disconnected", s.times("busy", model.KindTold, model.ToldDisconnected, 10*time.Second)[:1], answered+6100*time.Millisecond)
	if told := s.first("idle", model.KindTold, model.ToldDisconnected, 0); told < 19*time.Second+100*milli || told > 20*time.Second+110*milli {
		t.Errorf("idle is told Disconnected at %v, want S less up to h, and 100 ms, after the cut", told)
	}
}
