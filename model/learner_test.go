package model

import (
	"testing"
	"time"
)

func TestVector4_T18(t *testing.T) {
	for _, tc := range []struct {
		at       NodeID // 0 the follower, 1 the leader
		ping     int64
		touched  int64
		deadline int64
	}{{0, 4100, 5000, 12000}, {1, 4100, 4100, 12000}, {0, 3999, 4000, 12000}, {1, 3999, 3999, 10000}} {
		b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
		c := b.open(tc.at)
		id := c.login(6000)
		b.until(tc.ping)
		c.ping()
		b.until(5500)
		d, _ := b.server(1).leader.tracker.Deadline(id)
		last := b.notes(1, KindTouch)
		if d != tc.deadline || last[len(last)-1] != tc.touched {
			t.Errorf("ping at %d through node %d: touched at %d, deadline %d, want %d and %d", tc.ping, tc.at, last[len(last)-1], d, tc.touched, tc.deadline)
		}
	}
}

func TestALearnerHasNoTimers_T1(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(0)
	c.login(4000)
	b.hold(1, 0) // the follower learns nothing more
	b.hold(0, 1)
	b.until(9000)
	same(t, "marked by the leader", b.notes(1, KindMarked), 6000)
	same(t, "marked by the follower", b.notes(0, KindMarked))
	same(t, "the client's connection", c.closed)
}

func TestTheTableKeepsTheLastTimeout_T16_T17(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(10000)
	b.until(1500) // the creation has been reported at 1000
	c.ping()
	c.send(Packet{Op: OpExists, Path: "/a", Xid: 1})
	c.ping()
	b.until(1500)
	same(t, "entries", b.notes(0, KindTouchRecorded)[2:], 1500, 1500, 1500)
	if table := b.server(0).learner.table.touches; len(table) != 1 || table[0].Session != id {
		t.Errorf("table %+v, want one entry for the session", table)
	}
	b.until(2000)
	if table := b.server(0).learner.table.touches; len(table) != 0 {
		t.Errorf("table %+v after its report, want none", table)
	}
	b.until(3999)
	same(t, "touches", b.touches(1, id), "0 creation 12000", "1000 learner 12000", "2000 learner 14000")
	same(t, "PINGs every h", b.notes(1, KindLeaderPing), 0, 1000, 2000, 3000)
}

func TestATouchIsRecordedForAnExpiredSessionToo_T16(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(0)
	c.login(4000)
	b.hold(1, 0) // the COMMIT of the close does not arrive
	b.until(7000)
	before := len(b.notes(0, KindTouchRecorded))
	c.ping()
	b.until(7000)
	if got := len(b.notes(0, KindTouchRecorded)); got != before+1 {
		t.Errorf("%d entries, want %d", got, before+1)
	}
	b.release(1, 0) // first a PING, then the COMMIT
	b.until(8500)
	same(t, "failed touches", b.notes(1, KindTouchFailed), 7000)
}

func TestAnAppliedCloseLeavesTheTable_T10(t *testing.T) {
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleFollower, RoleLeader, RoleFollower)
	c, other := b.open(0), b.open(0)
	id := c.login(4000)
	oid := other.login(40000)
	b.until(5500)
	env.flush = 100 * time.Millisecond
	b.until(6050) // marked at 6000; a ping is still recorded
	c.ping()
	other.ping()
	b.until(6099)
	if table := b.server(0).learner.table.touches; len(table) != 2 || table[0].Session != id {
		t.Fatalf("table %+v, want both sessions", table)
	}
	b.until(6500)
	if table := b.server(0).learner.table.touches; len(table) != 1 || table[0].Session != oid {
		t.Errorf("table %+v, want the living session alone", table)
	}
	other.ping() // which is entered once, wherever it has moved to
	b.until(7500)
	same(t, "failed touches", b.notes(1, KindTouchFailed))
	touches := b.touches(1, oid)
	same(t, "reported", touches[len(touches)-1:], "7000 learner 48000")
}

func TestAForwardedWriteDoesNotTouch_T13(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(4000)
	b.until(1500)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(1999)
	same(t, "committed", b.notes(1, KindNodeCreated), 1500)
	same(t, "touches until then", b.touches(1, id), "0 creation 6000", "1000 learner 6000")
	b.until(2000)
	same(t, "the table's touch", b.touches(1, id)[2:], "2000 learner 8000")
}

func TestATableLostWithItsReplyIsLost_T19(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(4000)
	b.until(1500)
	c.ping()
	b.until(1999)
	b.hold(0, 1)
	b.until(2000) // PING: the reply with the table goes nowhere
	b.lose(0, 1)
	b.release(0, 1)
	b.until(6000)
	same(t, "touches", b.touches(1, id), "0 creation 6000", "1000 learner 6000")
	same(t, "marked", b.notes(1, KindMarked), 6000)
}

func TestEveryLearnerReportsANewSession_T20(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower, RoleObserver)
	b.until(500)
	c := b.open(1) // attached to the leader itself
	id := c.login(4000)
	b.until(1500)
	// One touch each from three learners at PING 1000: (1000+4000)/2000 -> 6000.
	same(t, "touches", b.touches(1, id), "500 creation 6000", "1000 learner 6000", "1000 learner 6000", "1000 learner 6000")
	b.until(60000)
	same(t, "no more than one each", b.touches(1, id)[4:])
}

func TestAStaleServerExtendsASessionThatHasMoved_T21(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	stale := b.open(0)
	id := stale.login(4000)
	owner := stale.again(2)
	owner.resume(id, 4000)
	b.until(2500)
	stale.ping()
	b.until(3000)
	touches := b.touches(1, id)
	if got := touches[len(touches)-1]; got != "3000 learner 8000" {
		t.Errorf("last touch %q, want the stale follower's at 3000", got)
	}
}

func TestAReportOfALongAbsentClientCountsFromItsArrival_G7(t *testing.T) {
	// What a stopped follower finds in its sockets on waking is recorded and
	// reported as of then, also for a client that has hung up (T-14, T-18, T-21).
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(8000)
	b.hold(c.node, 0)
	b.until(2000)
	c.ping()
	c.hangUp()
	b.until(6500)
	b.release(c.node, 0)
	b.until(7500)
	touches := b.touches(1, id)
	if got := touches[len(touches)-1]; got != "7000 learner 16000" {
		t.Errorf("last touch %q, want one at 7000", got)
	}
}

func TestACutOffFollowerServesOn_F2_V7(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c, guest := b.open(0), b.open(2)
	c.login(10000)
	id := guest.login(10000)
	b.until(2500)
	b.hold(0, 1)
	b.hold(1, 0)
	c.ping()
	c.send(Packet{Op: OpExists, Path: "/a", Xid: 1})
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 2})
	c.ping() // behind the write
	comes := guest.again(0)
	comes.resume(id, 10000) // into the void
	fresh := b.open(0)
	fresh.send(Packet{Op: OpConnect, Timeout: 10000})
	b.until(9000)
	same(t, "reads and pings, until a write", c.answers(), "connect OK", "ping OK", "exists NoNode")
	same(t, "a guest", comes.answers())
	same(t, "a new client", fresh.answers())
	same(t, "closed", append(append(c.closed, comes.closed...), fresh.closed...))
	if len(b.server(0).learner.table.touches) == 0 {
		t.Error("the follower stopped collecting touches")
	}
}

func TestALearnerNoticesSilenceAfterS_F1(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	b.until(4500) // the last PING is at 4000; S is 10000
	b.hold(1, 0)
	b.until(13999)
	same(t, "before", b.notes(0, KindLeaderLost))
	b.until(20000)
	same(t, "noticed", b.notes(0, KindLeaderLost), 14000)
	same(t, "looks", b.notes(0, KindLooking), 14000)
}

func TestTheLeaderNoticesASilentLearner_F5(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	b.until(4500) // the last reply is at 4000
	b.hold(0, 1)
	b.until(60000)
	same(t, "dropped", b.notes(1, KindLearnerGone), 14000)
	same(t, "stepped down", b.notes(1, KindSteppedDown)) // a quorum is left
}

func TestAProposalLeftUnacknowledgedCostsTheFollower_F5(t *testing.T) {
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(1)
	c.login(40000)
	b.until(4500)
	env.flush = time.Hour // every log device hangs, PINGs are answered
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(15500)
	same(t, "dropped", b.notes(1, KindLearnerGone), 15000, 15000) // the first PING 10000 or more after 4500
}

func TestADeadLearnerIsGoneAtOnce_F5_F21(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	b.until(500)
	b.step(1, Input{Kind: InputClosed, Conn: MakeConnID(0, 0), Reason: ReasonEOF})
	same(t, "gone", b.notes(1, KindLearnerGone), 500)
	c := b.open(1)
	c.login(4000) // a quorum is left
}
