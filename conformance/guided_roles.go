package conformance

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// Roles as servers log them. What a server decides about its own role is given;
// what follows from it is compared.
const (
	roleLostLeader   = "lost_leader"
	roleSteppingDown = "stepping_down"
	roleLooking      = "looking"
	roleLeading      = "leading_serving"
	roleFollowing    = "following_serving"
	roleObserving    = "observing_serving"
)

// role is a server changing its role, as recorded.
func (c *cluster) role(i int, e *Event) {
	switch e.Role {
	case roleLostLeader:
		c.quit(i, e.T, "F-3")
	case roleSteppingDown:
		c.quit(i, e.T, "F-8")
	case roleLooking:
		c.quit(i, e.T, "F-3")
		c.members[i].dead = false
	case roleLeading:
		if !c.leads(i) {
			c.reign(i, e.T)
		}
	case roleFollowing, roleObserving:
		c.follow(i, e.T)
	}
}

// quit is a server leaving its role: its clients' connections are closed (F-3, F-8).
// What its log holds beyond the committed is replayed on the way (Z-10).
func (c *cluster) quit(i int, at int64, rule string) {
	m := &c.members[i]
	if m.boss == nobody || m.dead {
		return
	}
	if k := c.g.find(EvMarkedClosing, c.node(i), "", at, at+wakingTouch, at); k >= 0 {
		c.polled(i, at) // its expiry loop runs until the tracker is shut down
	}
	m.boss, m.asked, m.ping = nobody, false, Absent
	m.term++
	replayed := m.machine.Uncommitted()
	c.out.Reset(1, 0)
	m.machine.Quit(rule, &c.out)
	c.observerLost(i, at)
	if c.g.client != nil {
		c.g.client.serverQuit(i, at)
	}
	c.done(i, at)
	for _, t := range replayed {
		c.ended(i, at, t.Session, "Z-10", len(t.Deletes) > 0 && t.Op == model.OpCloseSession)
	}
}

// ended predicts what a server logs when a session's end reaches it outside the
// ordinary way: by a replay of its own log, or by what its new leader sends.
func (c *cluster) ended(i int, at int64, id model.SessionID, rule string, owns bool) {
	n := c.numberOf(id)
	if n < 0 || !owns || c.quiet {
		return
	}
	c.g.optional = c.shaken(i, at)
	c.g.expect(EvEphemeralsDeleted, c.node(i), c.sess[n].name, instant(at), rule)
	c.g.optional = false
}

// reign is a server beginning to lead: it tracks every session afresh, for as long
// as was first negotiated (F-15).
func (c *cluster) reign(i int, at int64) {
	m := &c.members[i]
	c.quit(i, at, "F-3")
	m.boss, m.ping, m.dead, m.led = i, Absent, false, true
	c.leader = i
	m.machine = m.machine.Succeed(c.config(i, i), c)
	c.step(i, at, model.Input{Kind: model.InputStart})
}

// follow is a learner beginning to serve under the server that began to lead last.
func (c *cluster) follow(i int, at int64) {
	m := &c.members[i]
	c.quit(i, at, "F-3")
	if c.leader == i || !c.leads(c.leader) {
		return // the recording does not say whom it follows
	}
	m.boss, m.dead = c.leader, false
	m.machine = m.machine.Succeed(c.config(i, c.leader), c)
	for _, id := range m.machine.Sync(c.members[c.leader].machine) {
		n := c.numberOf(id)
		if n < 0 {
			continue
		}
		name := c.sess[n].name
		when := c.recordedOr(EvCloseApplied, i, name, at-int64(TouchNear))
		c.g.optional = m.led // the leader may send a snapshot, which tells of no transaction
		c.g.expect(EvCloseApplied, c.node(i), name, instant(at), "Z-4")
		c.g.optional = false
		c.ended(i, when, id, "Z-4", true)
		c.deleted(i, name, when)
	}
	c.step(i, at, model.Input{Kind: model.InputStart})
	c.join(i, at)
}

// kill is the end of a server's process. Its kernel closes its connections (W-4).
func (c *cluster) kill(i int, at int64) {
	m := &c.members[i]
	m.boss, m.asked, m.ping, m.dead = nobody, false, Absent, true
	m.term++
	c.observerLost(i, at)
	if c.g.client != nil {
		c.g.client.serverDied(i, at)
	}
}

// stop is a server's process being stopped until an instant: nothing reaches it
// before, and its threads go on from there (G-5, G-7).
func (c *cluster) stop(i int, at, until int64) {
	m := &c.members[i]
	c.wake(i, at)
	m.stoppedAt, m.silenced = at, until
	if until == forEver {
		return
	}
	c.plan(until, func(at int64) {
		m.ping = Absent
		if n, ok := c.number[""]; ok && c.leads(i) {
			if deadline, ok := m.machine.Deadline(c.sess[n].id); ok && deadline*1e6 <= at {
				m.overdue = deadline
				c.wake(i, at)
			}
		}
	})
}

// polled marks a session whose bucket came while its leader was stopped, and was
// polled at the waking before a touch moved the session on: such a touch succeeds and
// is lost (G-5).
func (c *cluster) polled(i int, at int64) {
	m := &c.members[i]
	if m.overdue == 0 || m.silenced == forEver || at > m.silenced+wakingMark || !c.leads(i) {
		return
	}
	boundary := m.overdue
	m.overdue = 0
	m.read = max(m.read, clock.Reading(at))
	c.out.Reset(1, 0)
	m.machine.Expire(c.sess[c.number[""]].id, boundary, m.read, &c.out)
	c.done(i, at)
}

// wakingMark is how long behind a leader's waking its overdue buckets are marked.
const wakingMark = int64(time.Second)

// wakingTouch is how long behind a leader's waking what was buffered for it is
// taken in (G-5).
const wakingTouch = int64(100 * time.Millisecond)

// spared says that a leader that has just been continued has not polled its overdue
// buckets yet: buffered touches come first. Which side wins that race is left open
// (G-5); the recording shows it.
func (c *cluster) spared(i int, at int64) bool {
	m := &c.members[i]
	if m.silenced == 0 || m.silenced == forEver || at > m.silenced+wakingMark || !c.leads(i) {
		return false
	}
	node := c.node(i)
	for k := range c.g.t.Events {
		e := &c.g.t.Events[k]
		if e.T < m.silenced || e.T > m.silenced+wakingMark || e.Node != node {
			continue
		}
		if e.Ev == EvMarkedClosing {
			return at < e.T
		}
	}
	for k := range c.g.t.Events {
		e := &c.g.t.Events[k]
		if e.T >= max(at, m.silenced) && e.T <= m.silenced+wakingTouch && e.Node == node && e.Ev == EvTouch {
			return true
		}
	}
	return false
}

// silencedSince is when a server that had been stopped went on, if that was not
// after an instant.
func (m *member) silencedSince(at int64) int64 {
	if m.silenced > at {
		return 0
	}
	return m.silenced
}

// shaken says that a server that has just been continued leaves its role at once: its
// learners have left it, or its leader has. Which of the things that wait for it at
// its waking it still does before that is left open (G-6, G-8).
func (c *cluster) shaken(i int, at int64) bool {
	m := &c.members[i]
	if m.silenced == 0 || m.silenced == forEver || at < m.silenced {
		return false
	}
	left, ok := c.leaves(i, m.silenced)
	return ok && left-m.silenced <= 2*c.half+int64(time.Second)/4 && at <= left+wakingTouch
}

// stopWithin is when a server is stopped between two instants, and when it goes on;
// forEver if it is not.
func (c *cluster) stopWithin(i int, from, to int64) (stop, goesOn int64) {
	for _, f := range c.g.t.Faults() {
		if f.Kind == FaultSigstopServer && f.Server == i+1 && f.At != Absent && f.At >= from && f.At <= to {
			return f.At, c.g.continued(i, f.At)
		}
	}
	return forEver, forEver
}

// racing says that a server, or its leader, has just been continued: what waited for
// it is taken in by threads that race with one another and with the expiry loop, so
// that what becomes of each is left open (G-5).
func (c *cluster) racing(i int, at int64) bool {
	for _, k := range [2]int{i, c.members[i].boss} {
		if k == nobody {
			continue
		}
		if m := &c.members[k]; m.silenced > 0 && at >= m.silenced && at <= m.silenced+wakingTouch {
			return true
		}
	}
	return false
}

// reignEnds is when a server leaves its role or dies, behind an instant.
func (c *cluster) reignEnds(i int, from int64) int64 {
	end := forEver
	if left, ok := c.leaves(i, from); ok {
		end = left
	}
	for _, f := range c.g.t.Faults() {
		if f.Kind == FaultSigkillServer && f.Server == i+1 && f.At >= from {
			end = min(end, f.At)
		}
	}
	return end
}

// leaves is when a server first leaves its role behind an instant.
func (c *cluster) leaves(i int, from int64) (int64, bool) {
	node := c.node(i)
	for k := range c.g.t.Events {
		e := &c.g.t.Events[k]
		if e.T >= from && e.Ev == EvRole && e.Node == node {
			switch e.Role {
			case roleLostLeader, roleSteppingDown, roleLooking:
				return e.T, true
			}
		}
	}
	return 0, false
}

// commits says that what a server is asked to write can be committed: it serves, and its
// leader and one more voter are there (Z-3).
func (c *cluster) commits(i int, at int64) bool {
	boss := c.members[i].boss
	if boss == nobody || c.members[i].silenced > at || c.members[boss].silenced > at || c.members[boss].dead || c.links.apart(i, boss, at) {
		return false
	}
	voters, with := 0, 0
	for k := range c.members {
		if c.observes(k) {
			continue
		}
		voters++
		if m := &c.members[k]; m.boss == boss && !m.dead && m.silenced <= at && !c.links.apart(k, boss, at) {
			with++
		}
	}
	return with > voters/2
}

// Links are what the recorded faults do to packets between servers.
type links struct{ cuts []serverCut }

type serverCut struct {
	from, to int64
	server   int // index of the one that is cut off from all others, or all from one another
}

const everybody = -1

func newLinks(t *Trace) links {
	var l links
	for _, f := range t.Faults() {
		if f.At == Absent {
			continue
		}
		s := serverCut{from: f.At, to: forEver, server: f.Server - 1}
		if f.Healed != Absent {
			s.to = f.Healed
		}
		switch f.Kind {
		case FaultServerPartition:
		case FaultAllServersPartitioned:
			s.server = everybody
		default:
			continue
		}
		l.cuts = append(l.cuts, s)
	}
	return l
}

// healed is when two servers reach each other again, the instant asked for if they
// do then.
func (l *links) healed(a, b int, at int64) int64 {
	when := at
	for _, s := range l.cuts {
		if at >= s.from && at < s.to && (s.server == everybody || s.server == a || s.server == b) {
			when = max(when, s.to)
		}
	}
	return when
}

// cutWithin says that two servers are cut off from each other between two instants.
func (l *links) cutWithin(a, b int, from, to int64) bool {
	for _, s := range l.cuts {
		if s.from >= from && s.from <= to && (s.server == everybody || s.server == a || s.server == b) {
			return true
		}
	}
	return false
}

// apart says that two servers do not reach each other.
func (l *links) apart(a, b int, at int64) bool { return a != b && l.healed(a, b, at) > at }

// silencedAt is until when a server is stopped, zero if it is not then.
func (c *cluster) silencedAt(i int, at int64) int64 {
	if s := c.members[i].silenced; s > at {
		return s
	}
	return 0
}

// closedPort says that nobody listens on a server: its process is dead, or has not
// come far enough since it was started again to log a role.
func (c *cluster) closedPort(i int, at int64) bool {
	for _, f := range c.g.t.Faults() {
		if f.Kind != FaultSigkillServer || f.Server != i+1 || f.At == Absent || at < f.At {
			continue
		}
		if f.Healed == Absent {
			return true
		}
		for k := range c.g.t.Events {
			e := &c.g.t.Events[k]
			up := e.Ev == EvRole && e.Node == c.node(i) || e.Ev == EvTCPUp && e.Class() == ClassClient && e.Server == i+1
			if up && e.T >= f.Healed && e.T <= at+int64(TouchNear) {
				return false
			}
		}
		return true
	}
	return false
}

// answers says that a server answers requests between two instants.
func (c *cluster) answers(i int, from, to int64) bool {
	m := &c.members[i]
	if m.dead || m.boss == nobody || m.silenced > from {
		return false
	}
	for k := range c.g.t.Events {
		e := &c.g.t.Events[k]
		if e.T >= from && e.T < to && e.Ev == EvRole && e.Node == c.node(i) {
			return false
		}
	}
	return true
}
