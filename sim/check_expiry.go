package sim

import (
	"slices"
	"time"

	"zksim/model"
)

// An expiryCheck keeps the deadlines that touches have set, and holds marks against
// them. It works out the buckets itself.
type expiryCheck struct {
	x        *Checker
	roles    *roles
	tick     int64
	trackers [2][]trackedSessions // of global sessions and of local ones, by server
}

// Sessions are tracked by who leads, and local ones by their own server (T-1, T-23).
const (
	trackedGlobal = iota
	trackedLocal
)

// A trackedSessions is what one tracker knows. Marked sessions stay until their end is
// applied.
type trackedSessions struct {
	ids      []model.SessionID // in the order in which they came; some may have gone
	deadline map[model.SessionID]int64
	marked   map[model.SessionID]bool
}

func (t *trackedSessions) clear() {
	t.ids = t.ids[:0]
	clear(t.deadline)
	clear(t.marked)
}

func newExpiryCheck(x *Checker) watcher {
	c := &expiryCheck{x: x, roles: newRoles(x), tick: int64(x.world.scenario.Ensemble.Tick / time.Millisecond)}
	for kind := range c.trackers {
		for range x.world.servers {
			c.trackers[kind] = append(c.trackers[kind], trackedSessions{deadline: map[model.SessionID]int64{}, marked: map[model.SessionID]bool{}})
		}
	}
	return c
}

func (c *expiryCheck) record(r *Record) {
	if !c.roles.server(r) {
		return
	}
	n, kind := r.Node, trackedGlobal
	if r.Rule == "T-23" || r.Rule == "T-25" {
		kind = trackedLocal
	}
	t := &c.trackers[kind][n]
	mayTrack := c.roles.leads[n] || kind == trackedLocal && c.roles.serves[n]
	switch r.Kind {
	case model.KindServing, KindKilled:
		c.trackers[trackedGlobal][n].clear()
		c.trackers[trackedLocal][n].clear()
	case model.KindCloseApplied, model.KindForgotten, model.KindUpgraded:
		delete(t.deadline, r.Session)
		delete(t.marked, r.Session)
	case model.KindTouch, model.KindTracked, model.KindRearmed:
		now := c.x.now(n)
		switch {
		case !mayTrack:
			c.x.broken("T-1", "a server that does not track session %#x touched it", uint64(r.Session))
		case r.B != ((now+r.A)/c.tick+1)*c.tick:
			c.x.broken("T-3", "session %#x got deadline %d from a touch at %d for %d ms, with ticks of %d", uint64(r.Session), r.B, now, r.A, c.tick)
		case t.marked[r.Session]:
			c.x.broken("T-6", "session %#x was touched after it was marked", uint64(r.Session))
		}
		if _, known := t.deadline[r.Session]; !known {
			t.ids = append(t.ids, r.Session)
		}
		t.deadline[r.Session] = r.B
	case model.KindTouchFailed:
		if !mayTrack {
			c.x.broken("T-1", "a server that does not track session %#x was asked to touch it", uint64(r.Session))
		}
	case model.KindMarked:
		want, known := t.deadline[r.Session]
		switch now := c.x.now(n); {
		case !mayTrack:
			c.x.broken("T-1", "a server that does not track session %#x marked it", uint64(r.Session))
		case !known:
			c.x.broken("T-9", "session %#x was marked and is not tracked", uint64(r.Session))
		case r.A != want:
			c.x.broken("T-9", "session %#x was marked out of bucket %d, its last touch set %d", uint64(r.Session), r.A, want)
		case now < r.A || r.B != now-r.A:
			c.x.broken("T-9", "session %#x was marked at the edge %d when the tracker's clock showed %d", uint64(r.Session), r.A, now)
		}
		t.marked[r.Session] = true
	}
}

// rest wants nothing that is overdue: who runs polls at the edge (T-7).
func (c *expiryCheck) rest() {
	for kind := range c.trackers {
		for i := range c.trackers[kind] {
			n, t := model.NodeID(i), &c.trackers[kind][i]
			if c.x.world.nodes[i].status != statusRunning || kind == trackedGlobal && !c.roles.leads[i] {
				continue
			}
			now := c.x.now(n)
			t.ids = slices.DeleteFunc(t.ids, func(id model.SessionID) bool { _, known := t.deadline[id]; return !known })
			for _, id := range t.ids {
				if d := t.deadline[id]; d <= now && !t.marked[id] {
					c.x.broken("T-7", "%s has not marked session %#x, whose deadline %d has passed, at %d", c.x.name(n), uint64(id), d, now)
				}
			}
		}
	}
}
