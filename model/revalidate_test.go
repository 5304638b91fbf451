package model

import (
	"fmt"
	"testing"
	"time"
)

func TestAClientThatHasSeenMoreIsTurnedAway_V3(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(4000)
	ahead := c.again(0)
	ahead.send(Packet{Op: OpConnect, Session: id, Password: passwordOf(id), Timeout: 4000, Zxid: 1000})
	b.until(200)
	same(t, "answers", ahead.answers())
	same(t, "closed", ahead.closed, 50)
	if _, ok := b.server(1).leader.tracker.Deadline(id); !ok {
		t.Error("the session expired")
	}
	same(t, "the older connection", c.closed) // the test comes before H-7
	level := c.again(0)
	level.send(Packet{Op: OpConnect, Session: id, Password: passwordOf(id), Timeout: 4000, Zxid: b.server(0).db.zxid})
	b.until(300)
	same(t, "one that has seen as much", level.answers(), "connect OK")
}

func TestALiveSessionIsResumedInFull_V4_V5_V10(t *testing.T) {
	for at := range NodeID(2) { // follower, leader
		b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
		b.until(10)
		c := b.open(1)
		id := c.login(4000) // deadline 6000, again from T-20's touch at 1000
		c.hangUp()
		b.until(5999) // one millisecond before the end
		again := c.again(at)
		again.resume(id, 5000)
		b.until(5999)
		got := again.last()
		if got.Timeout != 5000 || got.Session != id || got.Password != passwordOf(id) {
			t.Errorf("node %d: answer %+v", at, got)
		}
		touches := b.touches(1, id)
		if got, want := touches[len(touches)-1], "5999 revalidation 12000"; got != want {
			t.Errorf("node %d: %q, want %q", at, got, want)
		}
	}
}

func TestTheLeaderIsAskedWhileTheClientWaits_V4(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 10*time.Millisecond, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(8000)
	b.until(200)
	again := c.again(0)
	again.resume(id, 8000)
	b.until(1000)
	// client, follower, leader, follower, client
	same(t, "answered", again.when, 240)
	if n := b.lastNote(1, KindTouch); n.Text != "revalidation" {
		t.Errorf("last touch by %q, want revalidation", n.Text)
	}
}

func TestARefusalIsAllZeroesAndACloseAfterIt_V5_V6(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(4000)
	unknown := makeSessionID(1, 99)
	for _, tc := range []struct {
		what     string
		id       SessionID
		password uint64
	}{{"unknown session", unknown, passwordOf(unknown)}, {"wrong password", id, passwordOf(id) + 1}} {
		for at := range NodeID(2) {
			again := b.open(at)
			again.send(Packet{Op: OpConnect, Session: tc.id, Password: tc.password, Timeout: 4000})
			b.until(b.now.Millis() + 1)
			p := again.last()
			if len(again.got) != 1 || p.Op != OpConnect || p.Timeout != 0 || p.Session != 0 || p.Password != 0 || len(again.closed) != 1 {
				t.Errorf("%s at node %d: %+v, closed %v", tc.what, at, again.got, again.closed)
			}
		}
	}
	if _, ok := b.server(1).leader.tracker.Deadline(id); !ok {
		t.Error("a wrong password ended the session (V-6): the client was told Expired while it lives on (Q-23 b)")
	}
	same(t, "touched with a wrong password", b.touches(1, id), "0 creation 6000")
}

func TestExpiredIsHeardBeforeTheCommit_V5(t *testing.T) {
	for at := range NodeID(2) {
		env := &fixedEnv{}
		b := newBus(t, env, 0, RoleFollower, RoleLeader, RoleFollower)
		b.until(10)
		c := b.open(1)
		id := c.login(4000)
		c.hangUp()
		b.until(100)
		env.flush = time.Second
		b.until(6500) // marked at 6000, committed at 7000
		again := c.again(at)
		again.resume(id, 4000)
		b.until(6500)
		if len(again.got) != 1 || again.last().Timeout != 0 {
			t.Errorf("node %d answers %+v, want a refusal", at, again.got)
		}
		same(t, "committed so far", b.notes(1, KindCloseApplied))
		if why := b.lastNote(at, KindRefused).Text; why != "marked closing" {
			t.Errorf("node %d: refused because %q", at, why)
		}
		b.until(7000)
		same(t, "committed", b.notes(1, KindCloseApplied), 7000)
	}
}

func TestTheAnswerTravelsInOrderWithCommits_V8(t *testing.T) {
	// The leader answers a REVALIDATE after it has proposed and committed a close:
	// the follower applies the close first.
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c, other := b.open(1), b.open(0)
	id := c.login(8000)
	oid := other.login(8000)
	b.until(100)
	b.hold(1, 0)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(150)
	again := other.again(0)
	again.resume(oid, 8000)
	c.send(Packet{Op: OpClose, Xid: 2})
	b.until(200)
	again2 := b.open(0)
	again2.resume(id, 8000)
	b.until(300)
	b.release(1, 0)
	b.until(400)
	var order []string
	for _, m := range b.marks {
		if m.node == 0 && m.at >= 300 {
			switch m.note.Kind {
			case KindNodeCreated, KindCloseApplied, KindRevalidated, KindNodeDeleted:
				order = append(order, fmt.Sprint(Kinds[m.note.Kind-1].Name))
			}
		}
	}
	same(t, "at the follower", order, "node_created", "revalidated", "close_applied", "ephemerals_deleted")
	// The close finds the connection that waits for its answer, and closes it.
	same(t, "the session that ended", again2.answers())
	same(t, "closed", again2.closed, 300)
}

func TestTheNewServerOwnsTheSession_V4(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	c := b.open(1)
	id := c.login(8000)
	again := c.again(0)
	again.resume(id, 8000)
	b.until(200)
	tr := b.server(1).leader.tracker
	if tr.Check(id, 0) != ErrOK || tr.Check(id, 1) != ErrSessionMoved {
		t.Error("the follower that revalidated does not own the session")
	}
}

// The server reads nothing until the handshake is answered, so it does not notice
// that the client has given up: only then does it close the connection.
func TestAnEndOfStreamWaitsForTheHandshake_V4(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 10*time.Millisecond, RoleFollower, RoleLeader)
	c := b.open(0)
	id := c.login(8000)
	b.until(200)
	b.hold(0, 1) // the follower's question to its leader
	again := c.again(0)
	again.resume(id, 8000)
	b.until(300)
	closed := len(b.notes(0, KindConnectionClosed)) // the older one (H-7)
	again.hangUp()
	b.until(1000)
	if n := len(b.notes(0, KindConnectionClosed)); n != closed {
		t.Errorf("%d connections closed while the question is under way, want %d", n, closed)
	}
	b.release(0, 1)
	b.until(1100)
	if n := b.lastNote(0, KindConnectionClosed); n.Rule != "H-1" || len(b.notes(0, KindConnectionClosed)) != closed+1 {
		t.Errorf("then: %+v, %d closed, want one by H-1", n, len(b.notes(0, KindConnectionClosed))-closed)
	}
}
