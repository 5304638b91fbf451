package model

import (
	"fmt"
	"testing"
	"time"
)

// localBus is a follower (node 0) and a leader (node 1) with local sessions on.
func localBus(t *testing.T, latency time.Duration, upgrade bool) *bus {
	return newBusOf(t, &fixedEnv{}, latency, func(c *ServerConfig) { c.LocalSessions, c.LocalUpgrade = true, upgrade }, RoleFollower, RoleLeader)
}

func TestALocalSessionIsTrackedWhereItWasMadeAndNowhereElse_T23(t *testing.T) {
	for at := range NodeID(2) { // follower, leader
		b := localBus(t, 10*time.Millisecond, false)
		c := b.open(at)
		id := c.login(4000)
		// The answer takes no round trip to the leader: 10 there, 10 back.
		same(t, "answered", c.when, 20)
		b.until(3000)
		c.ping()
		b.until(9000)
		// Made at 10, touched again at 3010: the edges beyond 4010 and 7010.
		same(t, "touches", b.touches(at, id), "10 creation 6000", "3010 ping 8000")
		same(t, "touches at the other server", b.touches(1-at, id))
		same(t, "marked", b.notes(at, KindMarked), 8000)
		same(t, "applied here", b.notes(at, KindCloseApplied), 8000)
		same(t, "closed without a message", c.closed, 8010)
		same(t, "answers", c.answers(), "connect OK", "ping OK")
		for n := range NodeID(2) {
			same(t, "proposals", b.notes(n, KindProposed))
			same(t, "reports", b.notes(n, KindReport))
			same(t, "entries of the table", b.notes(n, KindTouchRecorded))
		}
		if m := b.lastNote(at, KindMarked); m.Rule != "T-23" || m.Session != id {
			t.Errorf("marked: %+v", m)
		}
	}
}

func TestALocalSessionIsResumedAtItsServerAndExpiredAtAnyOther_T24(t *testing.T) {
	for at := range NodeID(2) {
		b := localBus(t, 0, true)
		c := b.open(at)
		id := c.login(4000)
		c.hangUp()
		b.until(100)
		back := c.again(at)
		back.resume(id, 4000)
		b.until(101)
		same(t, "at its own server", back.answers(), "connect OK")
		if back.last().Session != id {
			t.Errorf("resumed as %x, want %x", back.last().Session, id)
		}
		elsewhere := c.again(1 - at)
		elsewhere.resume(id, 4000)
		b.until(102)
		if p := elsewhere.last(); p.Op != OpConnect || p.Timeout != 0 || len(elsewhere.closed) != 1 {
			t.Errorf("node %d: elsewhere: %+v, closed %v", at, p, elsewhere.closed)
		}
		refused := b.lastNote(1-at, KindRefused)
		if refused.Rule != "T-24" || refused.Text != notGlobal {
			t.Errorf("refused: %+v", refused)
		}
		// Nobody touched it on the way, and it lives on at its own server (Q-23 c).
		same(t, "failed touches", b.notes(1, KindTouchFailed))
		same(t, "touches", b.touches(at, id), "0 creation 6000", "100 revalidation 6000")
	}
}

func TestALocalSessionEndsAtOnceWhenItsClientCloses_T23(t *testing.T) {
	for at := range NodeID(2) {
		b := localBus(t, 0, false)
		c := b.open(at)
		id := c.login(4000)
		c.send(Packet{Op: OpClose, Xid: 1})
		b.until(60)
		same(t, "answers", c.answers(), "connect OK", "closeSession OK")
		same(t, "hung up behind the answer", c.closed, 50)
		same(t, "proposals", b.notes(1, KindProposed))
		same(t, "marked", b.notes(at, KindMarked))
		if b.server(at).local(id) {
			t.Error("still tracked")
		}
	}
}

func TestALocalSessionsCloseWaitsForItsWrite_H6_T23(t *testing.T) {
	b := localBus(t, 10*time.Millisecond, false)
	owner := b.open(0)
	owner.login(4000)
	// There is no node, so the write fails; but that takes the log: at the follower 10
	// ms later, at the leader 20, committed with the leader's and the follower's flush
	// of no time: proposal 30, ack 40, commit 50, answer 60 after the request.
	owner.send(Packet{Op: OpSetData, Path: "/a", Xid: 1})
	owner.send(Packet{Op: OpClose, Xid: 2})
	start := b.now.Millis()
	b.until(start + 100)
	same(t, "answers", owner.answers(), "connect OK", "setData NoNode", "closeSession OK")
	same(t, "when", owner.when[1:], start+60, start+60)
}

func TestCreatingAnEphemeralUpgradesTheSession_T25(t *testing.T) {
	for at := range NodeID(2) {
		b := localBus(t, 0, true)
		c := b.open(at)
		id := c.login(4000) // at 0; the clock is at 50 now
		b.until(500)
		c.send(Packet{Op: OpCreate, Path: "/lock", Xid: 1})
		b.until(500)
		same(t, "answers", c.answers(), "connect OK", "create OK") // no second ConnectResponse
		if b.server(at).local(id) {
			t.Error("still local")
		}
		if n := b.lastNote(at, KindUpgraded); n.Session != id || n.A != 4000 || n.Rule != "T-25" {
			t.Errorf("upgraded: %+v", n)
		}
		var ops []string
		for _, m := range b.marks {
			if m.node == 1 && m.note.Kind == KindProposed {
				ops = append(ops, fmt.Sprint(m.at, " ", m.note.Text))
			}
		}
		same(t, "proposals", ops, "500 createSession", "500 create")
		// The leader's timer starts with the createSession: 500 + 4000 lies before 6000.
		if tracked := b.lastNote(1, KindTracked); tracked.Session != id || tracked.B != 6000 || tracked.Rule != "T-11" {
			t.Errorf("tracked: %+v", tracked)
		}
		// From here on it is a global session like any other: expired by the leader, with
		// its node, and resumed at the other server before that.
		other := c.again(1 - at)
		other.resume(id, 4000)
		b.until(501)
		same(t, "elsewhere", other.answers(), "connect OK")
		other.hangUp()
		b.until(20000)
		same(t, "node gone", b.notes(0, KindNodeDeleted), b.notes(1, KindMarked)...)
		if marked := b.lastNote(1, KindMarked); marked.Rule != "T-9" || marked.Session != id {
			t.Errorf("marked: %+v", marked)
		}
	}
}

// TestAnUpgradedSessionIsReportedLikeAnyOther: from the upgrade on the follower's
// table has its touches, before the createSession has come back, too (T-16, T-25).
func TestAnUpgradedSessionIsReportedLikeAnyOther_T25(t *testing.T) {
	b := localBus(t, 0, true)
	c := b.open(0)
	id := c.login(4000)
	b.until(500)
	b.hold(1, 0) // the leader's commit is late
	c.send(Packet{Op: OpCreate, Path: "/lock", Xid: 1})
	b.until(600)
	c.ping()
	b.until(700)
	same(t, "entries", b.notes(0, KindTouchRecorded), 600)
	b.release(1, 0)
	b.until(1000)
	// One more at the commit (T-20); one report for both at the next PING.
	same(t, "entries", b.notes(0, KindTouchRecorded), 600, 700)
	same(t, "leader's touches", b.touches(1, id), "500 creation 6000", "1000 learner 6000")
}

func TestWithoutUpgradingTheCreateFailsAndTheSessionStaysLocal_T25(t *testing.T) {
	for at := range NodeID(2) {
		b := localBus(t, 0, false)
		c := b.open(at)
		id := c.login(4000)
		b.until(500)
		c.send(Packet{Op: OpCreate, Path: "/lock", Xid: 1})
		b.until(501)
		same(t, "answers", c.answers(), "connect OK", "create EphemeralOnLocalSession")
		if !b.server(at).local(id) {
			t.Error("not local any more")
		}
		same(t, "nodes", b.notes(1, KindNodeCreated))
		same(t, "upgrades", b.notes(at, KindUpgraded))
	}
}

// TestALocalSessionMayWriteThroughTheLog: the leader takes a write of a session that
// it does not know for another server's local one, unless it would be its own
// (LeaderSessionTracker.java:LeaderSessionTracker.checkSession).
func TestALocalSessionMayWriteThroughTheLog_T23(t *testing.T) {
	b := localBus(t, 0, true)
	owner := b.open(1)
	owner.login(4000)
	owner.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	writer := b.open(0)
	writer.login(4000)
	writer.send(Packet{Op: OpSetData, Path: "/a", Xid: 1})
	b.until(200)
	same(t, "answers", writer.answers(), "connect OK", "setData OK")
	l := b.server(1).leader
	if err := l.checkSession(b.server(1), &Packet{Req: OpSetData, Session: makeSessionID(2, 99)}, 0); err != ErrSessionExpired {
		t.Errorf("a session of the leader's own that it does not know: %v, want SessionExpired", err)
	}
	if err := l.checkSession(b.server(1), &Packet{Req: OpCreate, Session: makeSessionID(1, 99)}, 0); err != ErrSessionExpired {
		t.Errorf("an ephemeral node for a session that is not global: %v, want SessionExpired", err)
	}
}

// TestAServerThatLosesItsLeaderForgetsItsLocalSessions: the tracker goes with the role
// (T-23, F-3), and a client that comes back to the very same server is refused.
func TestAServerThatLosesItsLeaderForgetsItsLocalSessions_T23_F3(t *testing.T) {
	b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) { c.LocalSessions = true }, RoleFollower, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(40000)
	b.until(1500)
	// Server 0 is cut off from the leader alone: PING of 1000 was the last.
	b.hold(2, 0)
	b.until(11000)
	same(t, "leader lost", b.notes(0, KindLeaderLost), 11000) // S = 10000 after the PING (F-1)
	same(t, "forgotten", b.notes(0, KindForgotten), 11000)
	same(t, "hung up", c.closed, 11000)
	b.lose(2, 0)
	b.release(2, 0)
	b.until(40000)
	back := c.again(0)
	back.resume(id, 40000)
	b.until(40001)
	if p := back.last(); p.Op != OpConnect || p.Timeout != 0 {
		t.Errorf("resumed: %+v; want a refusal", p)
	}
	if n := b.lastNote(0, KindRefused); n.Rule != "T-24" {
		t.Errorf("refused: %+v", n)
	}
}
