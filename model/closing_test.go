package model

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestExpiryAndCloseMakeTheSameTransaction_Z1(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleStandalone)
	c, gone := b.open(0), b.open(0)
	c.login(4000)
	gone.login(4000)
	c.send(Packet{Op: OpClose, Xid: 1})
	b.until(6000)
	var proposed []string
	for _, m := range b.marks {
		if m.note.Kind == KindProposed {
			proposed = append(proposed, fmt.Sprintf("%d %s", m.at, m.note.Text))
		}
	}
	same(t, "proposed", proposed, "0 createSession", "50 createSession", "100 closeSession", "6000 closeSession")
}

func TestWhatACloseDeletesIsFixedAtPreparation_Z2(t *testing.T) {
	// One node is in the tree; the create of another is on its way to the disk when
	// the close is prepared.
	for _, role := range []Role{RoleStandalone, RoleLeader} {
		env := &fixedEnv{}
		roles := []Role{role}
		if role == RoleLeader {
			roles = append(roles, RoleFollower)
		}
		b := newBus(t, env, 0, roles...)
		c := b.open(0)
		id := c.login(10000)
		c.send(Packet{Op: OpCreate, Path: "/old", Xid: 1})
		b.until(100)
		env.flush = 500 * time.Millisecond
		c.send(Packet{Op: OpCreate, Path: "/new", Xid: 2})
		c.send(Packet{Op: OpClose, Xid: 3})
		b.until(100)
		if !b.server(0).leader.tracker.Closing(id) {
			t.Error("not marked closing at preparation")
		}
		c.ping() // and so not touched any more
		b.until(2000)
		if failed := b.notes(0, KindTouchFailed); len(failed) == 0 || failed[0] != 100 {
			t.Errorf("%v: failed touches %v, want the ping's at 100", role, failed)
		}
		for n := range roles {
			var gone []string
			for _, m := range b.marks {
				if m.node == NodeID(n) && m.note.Kind == KindNodeDeleted {
					gone = append(gone, m.note.Text)
				}
			}
			same(t, fmt.Sprintf("%v, node %d: deleted", role, n), gone, "/old", "/new")
		}
	}
}

func TestWithoutAQuorumNothingIsDeleted_Z3(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(1)
	id := c.login(4000)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(100)
	b.hold(0, 1)
	b.hold(2, 1)
	b.until(8500)
	marked := b.notes(1, KindMarked)
	if len(marked) != 1 || !b.server(1).leader.tracker.Closing(id) {
		t.Fatalf("marked %v, want once and for good", marked)
	}
	same(t, "deleted", b.notes(1, KindNodeDeleted))
	b.release(0, 1)
	b.until(8500)
	same(t, "deleted with one follower's word", b.notes(1, KindNodeDeleted), 8500)
}

func TestEveryServerAppliesTheCloseForItself_Z4_Z5(t *testing.T) {
	env := &fixedEnv{flush: 7 * time.Millisecond}
	b := newBus(t, env, 10*time.Millisecond, RoleFollower, RoleLeader, RoleFollower, RoleObserver)
	c := b.open(1)
	c.login(4000)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	c.send(Packet{Op: OpCreate, Path: "/b", Xid: 2})
	var watchers []*client
	for at := range NodeID(4) {
		w := b.open(at)
		w.login(40000)
		w.send(Packet{Op: OpExists, Path: "/a", Watch: true, Xid: 1})
		watchers = append(watchers, w)
	}
	b.until(9500)
	marked := b.notes(1, KindMarked)
	if len(marked) != 1 {
		t.Fatalf("marked at %v", marked)
	}
	// The quorum: 10 to the follower, 7 there, 10 back; the others one hop later.
	e := marked[0]
	for n, want := range []int64{e + 37, e + 27, e + 37, e + 37} {
		same(t, fmt.Sprintf("node %d: both ephemerals", n), b.notes(NodeID(n), KindNodeDeleted), want, want)
		w := watchers[n]
		if p := w.last(); p.Op != OpNotify || p.Event != WatchDeleted || w.when[len(w.when)-1] != want+10 {
			t.Errorf("watcher at node %d: %v %v at %d, want NodeDeleted at %d", n, p.Op, p.Event, w.when[len(w.when)-1], want+10)
		}
	}
}

func TestTheEndOfASessionIsEndOfStream_Z6(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	b.until(10)
	at0, at1 := b.open(0), b.open(1)
	at0.login(4000)
	at1.login(4000)
	b.until(20000)
	for n, c := range []*client{at0, at1} {
		same(t, fmt.Sprintf("node %d closed", n), c.closed, 6000)
		same(t, fmt.Sprintf("node %d's last words", n), c.answers(), "connect OK")
	}
}

func TestACloseIsAnsweredFirst_Z7(t *testing.T) {
	for _, tc := range []struct {
		roles []Role
		at    NodeID
	}{{[]Role{RoleStandalone}, 0}, {[]Role{RoleFollower, RoleLeader}, 0}, {[]Role{RoleFollower, RoleLeader}, 1}} {
		b := newBus(t, &fixedEnv{}, 0, tc.roles...)
		c := b.open(tc.at)
		c.login(4000)
		c.send(Packet{Op: OpClose, Xid: 1})
		b.until(200)
		same(t, "answers", c.answers(), "connect OK", "closeSession OK")
		same(t, "closed", c.closed, 50)
	}
}

// TestASecondCloseIsHarmless_Z9 lets an expiry race with the client's own close, in
// both orders.
func TestASecondCloseIsHarmless_Z9(t *testing.T) {
	// The expiry first: the close comes through a follower and is not refused.
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(0)
	c.login(4000)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(100)
	b.hold(1, 0)
	b.until(8000)
	c.send(Packet{Op: OpClose, Xid: 2})
	b.until(8100)
	b.release(1, 0)
	b.until(8200)
	for n := range NodeID(3) {
		if got := len(b.notes(n, KindCloseApplied)); got != 2 {
			t.Errorf("node %d applied %d closes, want 2", n, got)
		}
		if got := len(b.notes(n, KindNodeDeleted)); got != 1 {
			t.Errorf("node %d deleted %d nodes, want 1", n, got)
		}
	}
	// The close first: its commit takes longer than the rest of the session.
	env := &fixedEnv{}
	b = newBus(t, env, 0, RoleStandalone)
	c = b.open(0)
	id := c.login(4000)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(1000)
	env.flush = 8 * time.Second
	c.send(Packet{Op: OpClose, Xid: 2})
	b.until(30000)
	same(t, "marked too", b.notes(0, KindMarked), 6000)
	same(t, "closes applied", b.notes(0, KindCloseApplied), 9000, 17000)
	same(t, "deleted", b.notes(0, KindNodeDeleted), 9000)
	if b.server(0).leader.tracker.Closing(id) {
		t.Error("the session is still tracked")
	}
}

func TestASecondCloseSparesTheHeir_Z9_Z2(t *testing.T) {
	// The first close and the heir's create are still on their way to the disk when
	// the expiry prepares a second close: the node in the tree is no longer its own.
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleStandalone)
	c, heir := b.open(0), b.open(0)
	c.login(4000)
	heirs := heir.login(40000)
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(1000)
	env.flush = 8 * time.Second
	c.send(Packet{Op: OpClose, Xid: 2})
	b.until(1500)
	heir.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(20000)
	same(t, "closes applied", b.notes(0, KindCloseApplied), 9000, 17000)
	same(t, "created", b.notes(0, KindNodeCreated), 100, 17000)
	same(t, "deleted", b.notes(0, KindNodeDeleted), 9000)
	if n := b.server(0).db.node("/a"); n == nil || n.owner != heirs {
		t.Errorf("node %+v, want the heir's", n)
	}
}

func TestANewSessionCanMeetTheOldNode_Z11(t *testing.T) {
	// The follower has not heard of the close yet.
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	old := b.open(1)
	old.login(4000)
	old.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	heir := b.open(0)
	heir.login(40000)
	b.until(5000)
	b.hold(1, 0)
	b.until(7000)
	same(t, "gone at the leader", b.notes(1, KindNodeDeleted), 6000)
	heir.send(Packet{Op: OpExists, Path: "/a", Xid: 1})
	b.until(7000)
	same(t, "still there at the follower", heir.answers(), "connect OK", "exists OK")
	// A create while the close is not even proposed fails.
	b = newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader)
	old, heir = b.open(1), b.open(0)
	old.login(4000)
	heir.login(4000)
	old.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(200)
	heir.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(300)
	same(t, "create", heir.answers(), "connect OK", "create NodeExists")
}

func TestVector20_Z6_V5(t *testing.T) {
	// Three servers, d = 1, and c = 5: 1 to the follower, 3 for its log, 1 back.
	for _, backoff := range []uint64{0, 417, 999} {
		env := &fixedEnv{backoffs: []uint64{backoff}, flush: 3 * time.Millisecond}
		b := newBus(t, env, time.Millisecond, RoleFollower, RoleLeader, RoleFollower)
		node := NodeID(len(b.nodes))
		b.add(NewJavaClient(ClientConfig{Node: node, Library: library(t, "3.8.0"), Timeout: 10000, Servers: servers(3), First: 1}, env))
		b.step(node, Input{Kind: InputCommand, Command: CommandOpen})
		b.until(3000)
		zero := b.now.Millis()
		id := b.nodes[node].(*JavaClient).Session()
		l := b.server(1)
		b.out.Reset(b.next, 0) // the leader expires it wrongly, at zero
		l.leader.tracker.sessions[0].closing = true
		l.leader.prepare(l, b.now, NoNode, &Packet{Op: OpRequest, Req: OpCloseSession, Session: id}, &b.out)
		l.wakeAt = l.nextWake()
		b.carryOut(1)
		b.until(zero + 5000)
		var story []string
		for _, m := range b.marks {
			if m.node == node && m.at > zero && slices.Contains([]Kind{KindDropped, KindTold, KindAttempt}, m.note.Kind) {
				story = append(story, fmt.Sprintf("%d %s", m.at-zero, m.note.Text))
			}
		}
		u := int64(backoff)
		if len(story) != 4 {
			t.Errorf("story %v", story)
			continue
		}
		same(t, "until the attempt", story[:3], "6 end of stream", "106 Disconnected", fmt.Sprintf("%d ", 106+u))
		// Through a follower: 2 for TCP, then client, follower, leader and back.
		if want := fmt.Sprintf("%d Expired", 106+u+6); story[3] != want {
			t.Errorf("%s, want %s", story[3], want)
		}
	}
}
