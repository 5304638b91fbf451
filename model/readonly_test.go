package model

import "testing"

// readOnlyBus is three servers, of which server 0 is cut off from the other two from
// 1500 on: PING of 1000 was the last, S = 10 s, so that it looks from 11000 on.
func readOnlyBus(t *testing.T, edit func(*ServerConfig)) *bus {
	return newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) {
		c.ReadOnly = true
		edit(c)
	}, RoleFollower, RoleFollower, RoleLeader)
}

func (b *bus) isolate(n NodeID) {
	for i := range b.nodes {
		if o := NodeID(i); o != n {
			if _, ok := b.nodes[o].(*Server); ok {
				b.cut(o, n)
			}
		}
	}
}

func (b *bus) rejoin(n NodeID) {
	for i := range b.nodes {
		if o := NodeID(i); o != n {
			if _, ok := b.nodes[o].(*Server); ok {
				b.heal(o, n)
			}
		}
	}
}

func noEdit(*ServerConfig) {}

func TestAServerIsReadOnlyAWhileAfterItBeganToLook_C33(t *testing.T) {
	for _, tc := range []struct{ tick, want int64 }{{2000, 13000}, {1000, 8000}, {3000, 20000}} {
		// The leader's last PING is that of 1000 (or, with a tick of 3 s, of 1500): S = 5
		// ticks later the follower looks, and max(2000, tick) after that it serves.
		b := readOnlyBus(t, func(c *ServerConfig) { c.Tick = tc.tick })
		b.until(1550)
		b.isolate(0)
		b.until(30000)
		var at []int64
		for _, m := range b.marks {
			if m.node == 0 && m.note.Kind == KindServing && m.note.Text == "read-only" {
				at = append(at, m.at)
			}
		}
		last := int64(1500)
		if tc.tick == 2000 {
			last = 1000
		}
		same(t, "read-only from", at, last+5*tc.tick+max(2000, tc.tick))
	}
	b := newBusOf(t, &fixedEnv{}, 0, noEdit, RoleFollower, RoleFollower, RoleLeader)
	b.isolate(0)
	b.until(30000)
	if b.server(0).Serving() {
		t.Error("it serves without readonlymode.enabled")
	}
}

func TestAReadOnlyServerTurnsAwayWhoDidNotOptIn_V2(t *testing.T) {
	b := readOnlyBus(t, func(c *ServerConfig) { c.LocalSessions = true })
	b.until(1500)
	b.isolate(0)
	b.until(13500)
	c := b.open(0)
	c.send(Packet{Op: OpConnect, Timeout: 4000})
	b.until(13500)
	same(t, "answers", c.answers())
	same(t, "closed", c.closed, 13500)
	if n := b.lastNote(0, KindReadOnlyRefused); n.Rule != "V-2" {
		t.Errorf("refused: %+v", n)
	}
}

func TestAReadOnlyServerTurnsAGlobalSessionAwayAndDoesNotExpireIt_V9(t *testing.T) {
	b := readOnlyBus(t, noEdit)
	old := b.open(0)
	id := old.login(40000)
	b.until(1500)
	b.isolate(0)
	b.until(13500)
	c := b.open(0)
	c.send(Packet{Op: OpConnect, Session: id, Password: passwordOf(id), Timeout: 40000, ReadOnly: true})
	b.until(13500)
	same(t, "answers", c.answers()) // none: no Expired either
	same(t, "closed", c.closed, 13500)
	if n := b.lastNote(0, KindReadOnlyRefused); n.Rule != "V-9" {
		t.Errorf("refused: %+v", n)
	}
	// One that it does not know it has no reason to refuse: a touch always succeeds
	// without local sessions (T-16).
	unknown := makeSessionID(2, 99)
	u := b.open(0)
	u.send(Packet{Op: OpConnect, Session: unknown, Password: passwordOf(unknown), Timeout: 40000, ReadOnly: true})
	b.until(13501)
	if p := u.last(); p.Op != OpConnect || p.Timeout != 40000 || !p.ReadOnly {
		t.Errorf("an unknown session: %+v", p)
	}
}

func TestWithoutLocalSessionsAReadOnlyServerGrantsNone_V11(t *testing.T) {
	b := readOnlyBus(t, noEdit)
	b.until(1500)
	b.isolate(0)
	b.until(13500)
	c := b.open(0)
	c.send(Packet{Op: OpConnect, Timeout: 4000, ReadOnly: true})
	b.until(13600)
	same(t, "answers", c.answers(), "error NotReadOnly")
	same(t, "closed", c.closed) // it waits for the client to do something about that
	// The connection idles out: the next boundary of 10 s beyond 13500 + 4000, H-2.
	b.until(30000)
	same(t, "closed", c.closed, 20000)
}

func TestAReadOnlyServerAnswersReadsAndRefusesWrites_C33(t *testing.T) {
	b := readOnlyBus(t, func(c *ServerConfig) { c.LocalSessions, c.LocalUpgrade = true, true })
	owner := b.open(2)
	owner.login(40000)
	owner.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(1500)
	b.isolate(0)
	b.until(13500)
	c := b.open(0)
	c.send(Packet{Op: OpConnect, Timeout: 4000, ReadOnly: true})
	c.send(Packet{Op: OpPing})
	c.send(Packet{Op: OpGetData, Path: "/a", Xid: 1})
	c.send(Packet{Op: OpSetData, Path: "/a", Xid: 2})
	c.send(Packet{Op: OpCreate, Path: "/b", Xid: 3})
	c.send(Packet{Op: OpClose, Xid: 4})
	b.until(13500)
	same(t, "answers", c.answers(), "connect OK", "ping OK", "getData OK", "setData NotReadOnly", "create NotReadOnly", "closeSession OK")
	if p := c.got[0]; !p.ReadOnly || p.Session == 0 || p.Timeout != 4000 {
		t.Errorf("handshake: %+v", p)
	}
	same(t, "closed behind the answer", c.closed, 13500)
	same(t, "upgrades", b.notes(0, KindUpgraded))
	// Its timer is the server's own, as of any local session: 13500 + 4000 lies before
	// 18000.
	d := b.open(0)
	d.send(Packet{Op: OpConnect, Timeout: 4000, ReadOnly: true})
	b.until(20000)
	same(t, "expired", d.closed, 18000)
}

func TestReadOnlyModeEndsWithTheElection_C33(t *testing.T) {
	b := readOnlyBus(t, func(c *ServerConfig) { c.LocalSessions = true })
	b.until(1500)
	b.isolate(0)
	b.until(13500)
	c := b.open(0)
	c.send(Packet{Op: OpConnect, Timeout: 40000, ReadOnly: true})
	b.until(14000)
	b.rejoin(0)
	b.until(90000)
	if role := b.server(0).Role(); role != RoleFollower || !b.server(0).Serving() || b.server(0).readOnly {
		t.Fatalf("role %v, serving %v, read-only %v; want a follower that serves", role, b.server(0).Serving(), b.server(0).readOnly)
	}
	elected := b.notes(0, KindElected)
	if len(elected) != 1 {
		t.Fatalf("elected %v", elected)
	}
	same(t, "hung up", c.closed, elected...)
	same(t, "forgotten", b.notes(0, KindForgotten), elected...)
}

func TestIsroSaysWhatTheServerIs_C33(t *testing.T) {
	b := readOnlyBus(t, noEdit)
	ask := func(n NodeID) string {
		c := b.open(n)
		c.send(Packet{Op: OpIsro})
		b.until(b.now.Millis())
		if len(c.closed) != 1 {
			t.Errorf("closed %v; want it behind the answer", c.closed)
		}
		return c.last().Path
	}
	b.until(1500)
	b.isolate(0)
	is := []string{ask(0), ask(2)}
	b.until(12000)
	is = append(is, ask(0))
	b.until(13500)
	is = append(is, ask(0))
	same(t, "a follower, a leader, one that looks, a read-only server", is, "rw", "rw", "null", "ro")
}

// TestALeaderThatIsNotToServeClosesItsClients: zookeeper.leaderServes=no (section 12).
func TestALeaderThatIsNotToServeClosesItsClients_H4_T12(t *testing.T) {
	b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) { c.LeaderIdle = true }, RoleFollower, RoleFollower, RoleLeader)
	c := b.open(2)
	c.send(Packet{Op: OpConnect, Timeout: 4000})
	b.until(1)
	same(t, "answers", c.answers())
	same(t, "closed", c.closed, 0)
	if !b.server(2).Leads() || b.server(2).Serving() || b.server(0).Leads() || !b.server(0).Serving() {
		t.Error("want a leader that does not serve, and followers that do")
	}
	// It leads all the same: sessions of the others live by its timer.
	d := b.open(0)
	id := d.login(4000)
	b.until(20000)
	// Made at 1, touched again with both followers' reports of its creation at 1000 (T-20).
	same(t, "marked", b.notes(2, KindMarked), 6000)
	same(t, "touches", b.touches(2, id), "1 creation 6000", "1000 learner 6000", "1000 learner 6000")
}
