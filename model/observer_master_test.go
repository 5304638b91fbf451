package model

import (
	"testing"
	"time"
)

// masterBus is two followers (0, 1), a leader (2) and an observer (3) behind one of the
// followers. The fixed environment keeps the order of the voters, so that it is
// follower 0, and begins PINGs to observers at the start of h, as the leader does.
func masterBus(t *testing.T, latency time.Duration) *bus {
	t.Helper()
	return newBusOf(t, &fixedEnv{}, latency, func(c *ServerConfig) { c.ObserverMaster = true }, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
}

func TestTouchesTakeOneMoreRelayThroughAnObserverMaster_T22_Q3(t *testing.T) {
	b := masterBus(t, 0)
	m := b.server(0).learner.master
	if m == nil || len(m.handlers) != 1 || m.handlers[0].node != 3 || b.server(3).Leader() != 0 {
		t.Fatalf("the observer is behind %d, want follower 0", b.server(3).Leader())
	}
	// The fixed environment draws the last of h: PINGs at 999, 1999 and so on.
	if m.nextPing.Millis() != 999 {
		t.Fatalf("PING to observers at %v, want 999", m.nextPing)
	}
	c := b.open(3)
	id := c.login(4000)
	b.until(2100)
	c.ping() // at 2100: with the PING of 2999 to the follower, with that of 3000 to the leader
	b.until(2999)
	same(t, "entries at the observer", b.notes(3, KindTouchRecorded)[2:], 2100)
	entries := b.notes(0, KindTouchRecorded)
	same(t, "entry at the follower", entries[len(entries)-1:], 2999)
	if n := b.lastNote(0, KindTouchRecorded); n.Rule != "T-22" || n.Session != id {
		t.Errorf("entry %+v", n)
	}
	b.until(3000)
	touches := b.touches(2, id)
	same(t, "the leader's touch", touches[len(touches)-1:], "3000 learner 8000")
}

func TestAnObserverBehindAMasterServesLikeAnyOther_T22_Z4(t *testing.T) {
	b := masterBus(t, 10*time.Millisecond)
	c := b.open(3)
	id := c.login(4000)
	// Client, observer, follower, leader; proposal and ACK; commit, INFORM, answer: 80 ms.
	same(t, "answered", c.when, 80)
	c.send(Packet{Op: OpCreate, Path: "/lock", Xid: 1})
	start := b.now.Millis()
	b.until(start + 200)
	same(t, "answers", c.answers(), "connect OK", "create OK")
	same(t, "created at the follower and 10 ms later at the observer", b.notes(3, KindNodeCreated), b.notes(0, KindNodeCreated)[0]+10)
	// The leader knows the follower alone for owner: the client may go there without
	// being taken to have moved, and nowhere else (H-8).
	if owner := b.server(2).leader.tracker.Check(id, 0); owner != ErrOK {
		t.Errorf("through follower 0: %v", owner)
	}
	if owner := b.server(2).leader.tracker.Check(id, 1); owner != ErrSessionMoved {
		t.Errorf("through follower 1: %v, want SessionMoved", owner)
	}
	back := c.again(3)
	back.resume(id, 5000)
	b.until(b.now.Millis() + 100)
	same(t, "resumed", back.answers(), "connect OK")
	if last := b.lastNote(0, KindTouchRecorded); last.A != 5000 || last.Rule != "T-22" {
		t.Errorf("entry on the way: %+v", last)
	}
	refused := b.open(3)
	unknown := makeSessionID(1, 99)
	refused.send(Packet{Op: OpConnect, Session: unknown, Password: passwordOf(unknown), Timeout: 4000})
	b.until(b.now.Millis() + 100)
	if p := refused.last(); p.Op != OpConnect || p.Timeout != 0 {
		t.Errorf("an unknown session: %+v", p)
	}
}

func TestARevalidationOfTheFollowersOwnIsNotTheObservers_T22_V8(t *testing.T) {
	b := masterBus(t, 10*time.Millisecond)
	c, d := b.open(0), b.open(3)
	one := c.login(8000)
	two := d.login(8000)
	c2, d2 := c.again(0), d.again(3)
	c2.resume(one, 8000) // reaches the leader first
	d2.resume(two, 8000)
	b.until(b.now.Millis() + 100)
	same(t, "the follower's", c2.answers(), "connect OK")
	same(t, "the observer's", d2.answers(), "connect OK")
	if c2.last().Session != one || d2.last().Session != two {
		t.Errorf("resumed %x and %x", c2.last().Session, d2.last().Session)
	}
}

func TestAnObserverThatLosesItsMasterFindsAnother_T22_F3_F4(t *testing.T) {
	b := masterBus(t, 0)
	c := b.open(3)
	id := c.login(40000)
	b.until(5000)
	b.kill(0)
	b.until(5000)
	// End of stream at once (F-21); then up to 200 ms (F-4), an election that finds a
	// quorum behind its leader (F-12), and the next in the list: follower 1.
	same(t, "lost", b.notes(3, KindLeaderLost), 5000)
	same(t, "hung up", c.closed, 5000)
	b.until(6000)
	if s := b.server(3); s.Leader() != 1 || !s.Serving() || s.Role() != RoleObserver {
		t.Fatalf("it is %v of %d, serving %v; want an observer of follower 1", s.Role(), s.Leader(), s.Serving())
	}
	back := c.again(3)
	back.resume(id, 40000)
	b.until(6000)
	same(t, "the session lives", back.answers(), "connect OK")
}

func TestTheLeaderIsNoMaster_T22_F13(t *testing.T) {
	b := masterBus(t, 0)
	b.until(5000)
	b.server(3).masterAt = 2 // whose turn it is: the leader
	b.kill(0)
	b.until(8000)
	// Refused five times, 100 ms apart (F-13); then once more through an election, and to
	// the dead follower 0 in vain, and to follower 1.
	same(t, "lost", b.notes(3, KindLeaderLost)[:1], 5000)
	if n := b.lastNote(3, KindLeaderLost); n.Rule != "F-13" {
		t.Errorf("%+v, want F-13", n)
	}
	if s := b.server(3); s.Leader() != 1 || !s.Serving() {
		t.Errorf("behind %d, serving %v; want follower 1", s.Leader(), s.Serving())
	}
}

func TestAMasterThatLosesItsLeaderLetsItsObserversGo_F3_T22(t *testing.T) {
	b := masterBus(t, 0)
	b.until(1500)
	b.cut(0, 2)
	b.until(11000)
	same(t, "the follower", b.notes(0, KindLeaderLost), 11000) // S behind the PING of 1000
	same(t, "the observer", b.notes(3, KindLeaderLost), 11000)
	if n := b.lastNote(3, KindLeaderLost); n.Text != ReasonEOF.String() {
		t.Errorf("%+v, want end of stream", n)
	}
}

func TestAMasterDropsASilentObserver_F5_T22(t *testing.T) {
	b := masterBus(t, 0)
	b.until(5000)
	b.cut(0, 3)
	b.until(30000)
	// The last answer was to the PING of 4999.
	same(t, "dropped", b.notes(0, KindLearnerGone), 14999)
	same(t, "and gives up itself", b.notes(3, KindLeaderLost)[:1], 14999)
}

func TestPINGsToObserversThatAPauseHeldUpAreMadeUp_T22(t *testing.T) {
	// scheduleAtFixedRate, unlike the leader's loop (T-17).
	b := masterBus(t, 0)
	b.until(2000)
	s := b.server(0)
	b.out.Reset(b.next, 0)
	b.now = b.now.Add(3500 * time.Millisecond)
	s.learner.master.timers(s, b.now, true, &b.out)
	if n := len(b.out.Notes); n != 3 { // those of 2999, 3999 and 4999
		t.Errorf("%d PINGs at once, want 3", n)
	}
}

func TestAnObserverThatComesBackLeavesItsOldConnectionToItsSilence_T22_F5(t *testing.T) {
	b := masterBus(t, 0)
	m := b.server(0).learner.master
	old := m.handlers[0].conn
	// Its host has vanished and is back; the follower has heard nothing of that. The bus
	// has no such connection: what is sent on it is lost.
	m.accept(b.server(0), b.now, &Input{Kind: InputAccepted, Peer: 3, Conn: old + 1})
	if len(m.handlers) != 2 || m.handlers[0].conn != old || m.handlers[1].conn != old+1 {
		t.Fatalf("handlers %+v, want the old one and the new one", m.handlers)
	}
	m.handlers[0].heard = -10_000 // S is 10 s; it wakes at 999 for its PINGs
	b.until(999)
	if len(m.handlers) != 1 || m.handlers[0].conn != old+1 {
		t.Errorf("handlers %+v, want the new one", m.handlers)
	}
}
