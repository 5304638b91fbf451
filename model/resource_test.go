package model

import (
	"testing"
	"time"

	"zksim/clock"
)

// TestFencingTakesNothingOlderThanTheGreatestToken covers A-6: what is refused depends on
// the tokens of the same lock alone, and survives a restart.
func TestFencingTakesNothingOlderThanTheGreatestToken(t *testing.T) {
	for _, fencing := range []bool{false, true} {
		r := NewResource(ResourceConfig{Fencing: fencing})
		var out Output
		for i, act := range []struct {
			lock  string
			token int64
			old   bool
		}{{"/a", 5, false}, {"/a", 5, false}, {"/b", 3, false}, {"/a", 9, false}, {"/a", 5, true}, {"/a", 8, true}, {"/b", 3, false}, {"/a", 9, false}, {"/a", 5, true}} {
			if i == 7 {
				r.Restart()
			}
			out.Reset(1, 0)
			r.Step(0, &Input{Kind: InputPacket, Conn: MakeConnID(4, 1), Packet: &Packet{Op: OpAct, Path: act.lock, Zxid: act.token, Xid: 7}}, &out)
			want := KindActAccepted
			if fencing && act.old {
				want = KindActRefused
			}
			if n := out.Notes[0]; n.Kind != want || n.A != act.token || n.Peer != 4 || n.A < n.B != act.old {
				t.Errorf("fencing %v, act %d: %+v, want kind %d", fencing, i, n, want)
			}
			if p := out.Effects[0].Packet; p.Valid != (want == KindActAccepted) || !p.Reply || p.Xid != 7 {
				t.Errorf("fencing %v, act %d: answered by %+v", fencing, i, p)
			}
		}
	}
}

// actors is a rig of an owner that acts every second at node 5.
func actors(t *testing.T, stops Stops) *rig {
	t.Helper()
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.8.0"), Timeout: 10000, Servers: servers(3), First: NoNode, Owns: "/lock", Stops: stops,
		ActEvery: time.Second, Resource: 5})
	r.session(10, 10000)
	r.packet(20, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Zxid: 7, Path: "/lock"})
	return r
}

// store is the rig's connection to the resource.
func (r *rig) store(ms int64, kind InputKind, valid bool) {
	r.before(ms)
	in := Input{Kind: kind, Conn: r.conn}
	if kind == InputPacket {
		in.Packet = &Packet{Op: OpAct, Reply: true, Valid: valid}
	}
	r.step(ms, in)
}

// TestOwnersActWhileTheyBelieve: from when it owns, each period, one act at a time, with
// the token of its node; over a connection of its own.
func TestOwnersActWhileTheyBelieve(t *testing.T) {
	r := actors(t, StopsOnDisconnected)
	zk := MakeConnID(9, 0)
	same(t, "dials", r.dials(), "0:0", "20:5")
	r.store(25, InputConnected, false)
	r.store(30, InputPacket, true)
	r.until(1020)
	// No answer for three periods: one act at a time.
	r.store(4000, InputPacket, true)
	r.store(4010, InputPacket, true)
	same(t, "acts", r.sent(OpAct), 25, 1020, 4000)
	// The end of the connection takes the act with it; the next goes over another one.
	r.until(5000)
	r.store(5500, InputClosed, false)
	same(t, "acts", r.sent(OpAct), 25, 1020, 4000, 5000)
	same(t, "lost", r.when(KindActLost), 5500)
	r.until(6000)
	same(t, "dials", r.dials(), "0:0", "20:5", "6000:5")
	r.store(6005, InputConnected, false)
	r.store(6010, InputPacket, true)
	for _, f := range r.wire {
		if f.what == EffectSend && f.p.Op == OpAct && (f.p.Zxid != 7 || f.p.Path != "/lock" || f.conn == zk) {
			t.Errorf("act at %d: %+v, want the token 7 of /lock on a connection of its own", f.at, f.p)
		}
	}
	// Nothing has come from the server since 20: silence at 6686, told at 6786 (C-12, C-13),
	// and no act at 7000.
	r.until(9000)
	same(t, "stops", r.story(KindStops), "6786 Disconnected")
	same(t, "acts", r.sent(OpAct), 25, 1020, 4000, 5000, 6005)
}

// TestARefusedOwnerStops whatever its policy says: it has been told by the resource.
func TestARefusedOwnerStops(t *testing.T) {
	r := actors(t, StopsNever)
	r.store(25, InputConnected, false)
	r.store(30, InputPacket, false)
	same(t, "stops", r.story(KindStops), "30 refused")
	r.until(3000)
	same(t, "acts", r.sent(OpAct), 25)
}

// TestOnWakingTheApplicationComesFirst: an act that was due in a pause goes out before
// the library has looked at anything, in the old belief (G-3).
func TestOnWakingTheApplicationComesFirst(t *testing.T) {
	for _, library := range []string{"java", "c", "go", "kazoo"} {
		r := newRigOf(t, ClientConfig{Node: 9, Library: libraryOf(t, library, ""), Timeout: 10000, Servers: servers(3), First: NoNode, Owns: "/lock",
			Stops: StopsOnDisconnected, ActEvery: time.Second, Resource: 5})
		r.session(10, 10000)
		zk := r.conn
		r.packet(20, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Zxid: 7, Path: "/lock"})
		r.store(25, InputConnected, false)
		r.store(30, InputPacket, true)
		// It stands still until 30 s; its server has hung up.
		r.step(30000, Input{Kind: InputClosed, Conn: zk, Reason: ReasonEOF})
		same(t, library+": acts", r.sent(OpAct), 25, 30000)
		r.until(31000)
		if stops := r.when(KindStops); len(stops) != 1 || stops[0] < 30000 {
			t.Errorf("%s: stops at %v, want once, after it has acted", library, stops)
		}
		same(t, library+": acts", r.sent(OpAct), 25, 30000)
	}
}

// TestAnOwnerIsItsClientAndMore: a copy goes its own way, and a new process owns nothing.
func TestAnOwnerIsItsClientAndMore(t *testing.T) {
	r := actors(t, StopsOnExpired)
	r.store(25, InputConnected, false)
	r.store(30, InputPacket, true)
	d := r.c.Clone()
	if d.Wake() != r.c.Wake() || d.Session() != r.c.Session() {
		t.Errorf("a copy wakes at %v, in session %x", d.Wake(), d.Session())
	}
	var out Output
	out.Reset(1, 0)
	d.Step(clock.ReadingOfMillis(1020), &Input{Kind: InputWake}, &out)
	if len(out.Effects) != 1 || r.c.Wake() != clock.ReadingOfMillis(1020) {
		t.Errorf("the copy's act: %v; the original wakes at %v", out.Effects, r.c.Wake())
	}
	r.c.Restart()
	if r.c.Wake() != clock.Unset || r.c.Session() != 0 {
		t.Errorf("a new process wakes at %v, in session %x", r.c.Wake(), r.c.Session())
	}
}
