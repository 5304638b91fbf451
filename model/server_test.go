package model

import (
	"fmt"
	"testing"
	"time"
)

func TestVector13_H2(t *testing.T) {
	for _, tc := range []struct{ last, closed int64 }{{5999, 10000}, {6000, 20000}} {
		// One long tick, so that the session's own end does not come in between.
		b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) { c.Tick = 60000 }, RoleStandalone)
		c := b.open(0)
		id := c.login(4000)
		b.until(tc.last)
		c.ping()
		b.until(30000)
		same(t, fmt.Sprintf("closed after traffic at %d", tc.last), c.closed, tc.closed)
		if _, ok := b.server(0).leader.tracker.Deadline(id); !ok {
			t.Error("the session ended with its connection (H-1)")
		}
	}
}

func TestASilentConnectionIsClosedBeforeItsHandshake_H2(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleStandalone)
	b.until(3000)
	c := b.open(0) // before the handshake the timeout is c: 13000 rounds up to 20000
	b.until(30000)
	same(t, "closed", c.closed, 20000)
}

func TestWritingResetsTheIdleTimerToo_H3(t *testing.T) {
	b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) { c.Tick = 60000 }, RoleStandalone)
	c := b.open(0)
	c.login(4000)
	c.send(Packet{Op: OpExists, Path: "/x", Watch: true, Xid: 1})
	b.until(7000)
	other := b.open(0)
	other.login(4000)
	other.send(Packet{Op: OpCreate, Path: "/x", Xid: 1}) // c is told at 7050
	b.until(15000)
	if got := c.last().Op; got != OpNotify {
		t.Fatalf("the watcher got %v", got)
	}
	same(t, "closed", c.closed)
	b.until(20000)
	same(t, "closed", c.closed, 20000) // 7050 + 4000 rounds up to 20000
}

func TestLosingTheConnectionLeavesTheSession_H1(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleStandalone)
	c := b.open(0)
	id := c.login(4000) // touched at 0: deadline 6000
	b.until(1000)
	c.hangUp()
	b.until(5999)
	if d, ok := b.server(0).leader.tracker.Deadline(id); d != 6000 || !ok {
		t.Errorf("deadline %d, %v, want 6000 still", d, ok)
	}
	b.until(6000)
	same(t, "marked", b.notes(0, KindMarked), 6000)
}

func TestAServerThatDoesNotServeClosesAtTheFirstBytes_H4_V1(t *testing.T) {
	b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) { c.Startup = 3000 }, RoleStandalone)
	b.server(0).Restart()
	b.step(0, Input{Kind: InputStart})
	c := b.open(0)
	b.until(1000)
	same(t, "closed without a word", c.closed) // TCP alone is taken
	c.send(Packet{Op: OpConnect, Timeout: 4000})
	b.until(1000)
	same(t, "closed", c.closed, 1000)
	same(t, "answers", c.answers())
	b.until(3000)
	b.open(0).login(4000)
}

func TestPingsAreAnsweredByTheServerAndNeverAsked_H5(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(0)
	c.login(10000)
	b.hold(0, 1)
	b.hold(1, 0) // the follower is cut off
	c.ping()
	b.until(5000)
	same(t, "answers", c.answers(), "connect OK", "ping OK")
}

func TestRequestsOfASessionKeepTheirOrder_H6(t *testing.T) {
	for _, tc := range []struct {
		role    string
		at      NodeID
		from    NodeID // what holds the commit up
		to      NodeID
		readers bool // another session's ping gets through
	}{{"follower", 0, 1, 0, true}, {"leader", 1, 0, 1, true}} {
		b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
		c, other := b.open(tc.at), b.open(tc.at)
		c.login(10000)
		other.login(10000)
		b.hold(tc.from, tc.to)
		c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
		c.ping()
		c.send(Packet{Op: OpExists, Path: "/a", Xid: 2})
		other.ping()
		b.until(2000)
		same(t, tc.role+": the session with the write", c.answers(), "connect OK")
		same(t, tc.role+": another session", other.answers(), "connect OK", "ping OK")
		if got := len(b.notes(tc.at, KindStalled)); got != 2 {
			t.Errorf("%s: %d requests stalled, want 2", tc.role, got)
		}
		b.release(tc.from, tc.to)
		b.until(2100)
		same(t, tc.role+": after the commit", c.answers(), "connect OK", "create OK", "ping OK", "exists OK")
	}
}

func TestAStandaloneServerQueuesEverybodyBehindItsLog_H6(t *testing.T) {
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleStandalone)
	c, other := b.open(0), b.open(0)
	c.login(10000)
	other.login(10000)
	env.flush = 300 * time.Millisecond
	at := b.now.Millis()
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	other.ping()
	b.until(at + 299)
	same(t, "another session's answers", other.answers(), "connect OK")
	b.until(at + 300)
	same(t, "the writer's answers", c.answers(), "connect OK", "create OK")
	same(t, "another session's answers", other.answers(), "connect OK", "ping OK")
}

func TestAReconnectReplacesTheOlderConnectionHere_H7(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	here := b.open(0)
	id := here.login(10000)
	there := here.again(2)
	there.resume(id, 10000)
	b.until(200)
	same(t, "connection left on the other server", here.closed)
	again := here.again(0)
	again.resume(id, 10000)
	b.until(300)
	same(t, "older connection on this server", here.closed, 200)
	same(t, "connection on the other server", there.closed)
	same(t, "newest", again.answers(), "connect OK")
}

func TestAReconnectReplacesAConnectionThatStillWaits_H7(t *testing.T) {
	// NIOServerCnxn.setSessionId enters the connection before it is validated.
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(10000)
	c.hangUp()
	b.until(60)
	b.hold(1, 0)
	first := c.again(0)
	first.resume(id, 10000)
	b.until(100)
	second := c.again(0)
	second.resume(id, 10000)
	b.until(200)
	same(t, "the one that waited", first.closed, 100)
	b.release(1, 0)
	b.until(300)
	same(t, "the newer one", second.answers(), "connect OK")
	same(t, "the one that waited", first.answers())
}

func TestOnlyTheOwnerWrites_H8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	stale := b.open(0)
	id := stale.login(10000)
	owner := stale.again(2)
	owner.resume(id, 10000)
	b.until(200)
	stale.ping()
	stale.send(Packet{Op: OpExists, Path: "/a", Xid: 1})
	b.until(300)
	same(t, "reads and pings at the stale follower", stale.answers(), "connect OK", "ping OK", "exists NoNode")
	owner.send(Packet{Op: OpCreate, Path: "/b", Xid: 5})
	b.until(400)
	same(t, "the owner's write", owner.answers(), "connect OK", "create OK")
	stale.send(Packet{Op: OpCreate, Path: "/a", Xid: 2})
	b.until(500)
	same(t, "after a write: closed", stale.closed, 400)
	if got := stale.answers(); len(got) != 3 {
		t.Errorf("the write was answered: %v", got)
	}
	if b.server(1).db.node("/a") != nil {
		t.Error("the write took effect")
	}
}

func TestAtTheLeaderEvenAPingFindsTheOwner_H8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	stale := b.open(1)
	id := stale.login(10000)
	owner := stale.again(0)
	owner.resume(id, 10000)
	b.until(200)
	stale.ping()
	b.until(300)
	same(t, "closed", stale.closed, 200)
	same(t, "answers", stale.answers(), "connect OK")
}

func TestAnAnswerGoesToTheConnectionThatAsked(t *testing.T) { // H-6, H-7
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleFollower, RoleLeader)
	old := b.open(0)
	id := old.login(10000)
	b.until(100)
	env.flush = time.Second
	old.send(Packet{Op: OpCreate, Path: "/a", Xid: 1}) // commits at 1100
	b.until(200)
	newer := old.again(0)
	newer.resume(id, 10000)
	b.until(300)
	newer.send(Packet{Op: OpCreate, Path: "/b", Xid: 2}) // and this at 2100
	b.until(3000)
	same(t, "the newer connection", newer.answers(), "connect OK", "create OK")
	same(t, "when", newer.when, 200, 2100)
}

func TestACloseIsNotAskedForItsOwner(t *testing.T) { // H-8, Z-1
	// PrepRequestProcessor.java checks no owner of a closeSession.
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	stale := b.open(1)
	id := stale.login(10000)
	owner := stale.again(0)
	owner.resume(id, 10000)
	b.until(200)
	stale.send(Packet{Op: OpClose, Xid: 1})
	b.until(300)
	same(t, "answers", stale.answers(), "connect OK", "closeSession OK")
	same(t, "the owner's connection", owner.closed, 200)
}

func TestTouchesTakePlaceAtTheLeadersOwnClients_T12_T14(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 20*time.Millisecond, RoleFollower, RoleLeader)
	c := b.open(1)
	id := c.login(10000) // the request arrives at 20: 20 + 10000 rounds up to 12000
	b.until(2500)
	c.ping() // sent at 2500, processed at 2520
	c.send(Packet{Op: OpExists, Path: "/a", Xid: 1})
	b.until(2600)
	same(t, "touches", b.touches(1, id), "20 creation 12000", "1040 learner 12000", "2520 ping 14000", "2520 request 14000")
}

func TestPausedServersTouchWhenTheyProcess_T14(t *testing.T) {
	// A ping that was sent at 1000 and is read at 3500 counts from 3500.
	b := newBus(t, &fixedEnv{}, 0, RoleStandalone)
	c := b.open(0)
	id := c.login(10000)
	b.hold(c.node, 0)
	c.ping()
	b.until(3500)
	b.release(c.node, 0)
	b.until(3600)
	same(t, "touches", b.touches(0, id), "0 creation 12000", "3500 ping 14000")
}

func TestTheTimerStartsBeforeTheCommit_T11(t *testing.T) {
	env := &fixedEnv{flush: 3 * time.Second}
	b := newBus(t, env, 0, RoleStandalone)
	c := b.open(0)
	b.until(500)
	c.send(Packet{Op: OpConnect, Timeout: 4000})
	b.until(500)
	same(t, "tracked", b.notes(0, KindTracked), 500)
	same(t, "answered", c.answers())
	b.until(3500)
	same(t, "answered after the flush", c.answers(), "connect OK")
	b.until(6000)
	same(t, "marked", b.notes(0, KindMarked), 6000) // 500 + 4000, and not 3500 + 4000
	// Through a learner the timer starts when the request reaches the leader.
	b = newBus(t, &fixedEnv{}, 30*time.Millisecond, RoleFollower, RoleLeader)
	c = b.open(0)
	c.login(4000)
	same(t, "tracked by the leader", b.notes(1, KindTracked), 60)
	same(t, "tracked by the follower", b.notes(0, KindTracked))
}

func TestDyingSessionsAreDroppedAtTheLeader_T15_Z8(t *testing.T) {
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleStandalone)
	c := b.open(0)
	c.login(4000)
	env.flush = time.Second
	b.until(6000) // marked, its close on the way to the disk
	same(t, "marked", b.notes(0, KindMarked), 6000)
	c.ping()
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(6999)
	same(t, "answers", c.answers(), "connect OK")
	same(t, "closed", c.closed)
	if got := len(b.notes(0, KindDroppedRequest)); got != 2 {
		t.Errorf("%d requests dropped, want 2", got)
	}
	b.until(7000)
	same(t, "closed by the commit", c.closed, 7000)
}

func TestDyingSessionsThroughAFollower_Z8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(4000) // T-20's touch is reported at 1000: deadline 6000
	b.hold(0, 1)        // no acknowledgement, no touches
	b.until(6000)
	same(t, "marked", b.notes(1, KindMarked), 6000)
	c.ping()
	c.send(Packet{Op: OpExists, Path: "/a", Xid: 1})
	b.until(6500)
	same(t, "reads and pings work", c.answers(), "connect OK", "ping OK", "exists NoNode")
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 2})
	// The write overtakes nothing: it reaches the leader before the close is
	// acknowledged, and fails as an ordinary reply, since it is proposed behind it.
	b.server(1).leader.tracker.SetClosing(id)
	b.until(6600)
	b.release(0, 1)
	b.until(6700)
	if b.server(1).db.node("/a") != nil {
		t.Error("a closing session wrote")
	}
	same(t, "closed by the commit", c.closed, 6600)
}

func TestAWriteOfADyingSessionFailsAsAReply_Z8(t *testing.T) {
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(0)
	id := c.login(10000)
	env.flush = 0
	b.server(1).leader.tracker.SetClosing(id) // as at T-9, its close not yet proposed
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(200)
	same(t, "answers", c.answers(), "connect OK", "create SessionExpired")
	same(t, "closed", c.closed)
}

func TestARestartRearmsEverySession_F16_N4(t *testing.T) {
	env := &fixedEnv{}
	b := newBusOf(t, env, 0, func(c *ServerConfig) { c.Limits.Min = 4000 }, RoleStandalone)
	c, gone := b.open(0), b.open(0)
	id := c.login(4000)
	gone.login(4000)
	gone.send(Packet{Op: OpClose, Xid: 1})
	// The client comes back with another timeout; the log keeps the first (N-3, N-4).
	again := c.again(0)
	again.resume(id, 20000)
	b.until(200)
	same(t, "touched with the new timeout", b.touches(0, id)[1:], fmt.Sprintf("100 revalidation %d", 22000))
	s := b.server(0)
	s.Restart()
	b.until(50300)
	b.step(0, Input{Kind: InputStart})
	same(t, "re-armed", b.notes(0, KindRearmed), 50300)
	// Vector 15's numbers, for the standalone server of F-16.
	if n := b.lastNote(0, KindRearmed); n.A != 4000 || n.B != 56000 || n.Session != id {
		t.Errorf("re-armed %+v, want T 4000 and deadline 56000", n)
	}
	b.until(56000)
	same(t, "expired", b.notes(0, KindMarked), 56000)
}

func TestARestartedServerLeavesNoTraceOfConnections(t *testing.T) { // F-16
	b := newBus(t, &fixedEnv{}, 0, RoleStandalone)
	c := b.open(0)
	id := c.login(4000)
	b.server(0).Restart()
	b.step(0, Input{Kind: InputStart})
	again := c.again(0)
	again.resume(id, 4000)
	b.until(200)
	same(t, "the old session is valid", again.answers(), "connect OK")
	same(t, "older connection closed", b.notes(0, KindOlderConnection))
}

func TestASmallerTimeoutAfterAReconnectShortensTheSession_T5_N3(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleStandalone)
	c := b.open(0)
	id := c.login(20000)
	again := c.again(0)
	again.resume(id, 4000)
	b.until(1000)
	again.ping()
	b.until(1000)
	same(t, "touches", b.touches(0, id), "0 creation 22000", "50 revalidation 6000", "1000 ping 6000")
	b.until(6000)
	same(t, "expired", b.notes(0, KindMarked), 6000)
}

func TestEveryServerClampsByItsOwnLimits_N2_N3(t *testing.T) {
	b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) {
		if c.Node == 0 {
			c.Limits = Limits{Min: 4000, Max: 8000}
		}
	}, RoleFollower, RoleLeader)
	b.until(100)
	c := b.open(1)
	id := c.login(30000)
	if got := c.last().Timeout; got != 30000 {
		t.Errorf("negotiated %d at the leader, want 30000", got)
	}
	again := c.again(0)
	again.resume(id, 30000)
	b.until(200)
	if got := again.last().Timeout; got != 8000 {
		t.Errorf("negotiated %d at the follower, want 8000", got)
	}
	same(t, "touches", b.touches(1, id), "100 creation 32000", "150 revalidation 10000")
}
