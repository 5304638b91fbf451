package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// createBelow asks for a sequential node below /lock.
func (c *client) createBelow(xid int32) {
	c.send(Packet{Op: OpCreate, Path: "/lock/n-", Sequential: true, Xid: xid})
}

// created lists the paths that a client's creates were answered with.
func (c *client) created() []string {
	var paths []string
	for _, p := range c.got {
		if p.Op == OpCreate {
			paths = append(paths, fmt.Sprintf("%s %v", p.Path, p.Err))
		}
	}
	return paths
}

// TestSequentialNodesAreNumberedByTheCreatesBefore covers A-1: through the leader and
// through a follower, with proposals under way, after deletions and failures.
func TestSequentialNodesAreNumberedByTheCreatesBefore(t *testing.T) {
	b := newBus(t, &fixedEnv{flush: 5e6}, 1e6, RoleFollower, RoleFollower, RoleLeader)
	one, two := b.open(0), b.open(2)
	one.login(10000)
	two.login(10000)
	// All four are prepared before the first of them is committed; the one that fails
	// takes no number.
	two.createBelow(1)
	two.send(Packet{Op: OpCreate, Path: "/lock/n-0000000000", Xid: 2})
	two.createBelow(3)
	one.createBelow(1)
	b.until(200)
	same(t, "at the leader", two.created(), "/lock/n-0000000000 OK", "/lock/n-0000000000 NodeExists", "/lock/n-0000000001 OK")
	same(t, "at a follower", one.created(), "/lock/n-0000000002 OK")
	// Two nodes go with their session; the count does not.
	two.send(Packet{Op: OpClose, Xid: 4})
	b.until(300)
	one.createBelow(2)
	// A node with a name of its own counts like any other.
	one.send(Packet{Op: OpCreate, Path: "/lock/extra", Xid: 3})
	one.createBelow(4)
	one.send(Packet{Op: OpGetChildren, Path: "/lock", Xid: 5})
	b.until(400)
	same(t, "afterwards", one.created()[1:], "/lock/n-0000000003 OK", "/lock/extra OK", "/lock/n-0000000005 OK")
	same(t, "children", one.last().Found.Names, "n-0000000002", "n-0000000003", "extra", "n-0000000005")
	// Elsewhere, and in a copy, nothing else (Z-4).
	for n := range NodeID(3) {
		d := &b.server(n).db
		same(t, fmt.Sprintf("children at server %d", n+1), d.children("/lock"), one.last().Found.Names...)
		c := d.clone()
		c.remove("/lock/extra")
		c.create("/lock/more", makeSessionID(1, 0), 99)
		if len(d.children("/lock")) != 4 || d.creates("/lock") != 6 || c.creates("/lock") != 7 {
			t.Errorf("server %d: a copy's changes show in the original: %v", n+1, d.children("/lock"))
		}
	}
}

// TestANumberThatWentDownWithItsLeaderIsGivenAgain covers the end of A-1: the new
// leader counts what is in its own log.
func TestANumberThatWentDownWithItsLeaderIsGivenAgain(t *testing.T) {
	s := NewServer(ServerConfig{Node: 0, ID: 1, Voters: servers(1), Tick: 2000, IdleCheck: 10000}, &fixedEnv{})
	first, second := new(Server).newLeader(), new(Server).newLeader()
	p := &Packet{Op: OpCreate, Path: "/lock/n-", Sequential: true}
	same(t, "proposed by the first", []string{first.place(s, p), first.place(s, p)}, "/lock/n-0000000000", "/lock/n-0000000001")
	s.db.create("/lock/n-0000000000", 1, 7) // the other was never committed
	same(t, "proposed by the second", []string{second.place(s, p)}, "/lock/n-0000000001")
}

// queued begins a rig whose application stands in the queue of a lock: it has the node
// with the number 2 below /lock.
func queued(t *testing.T, stops Stops) *rig {
	t.Helper()
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode,
		Owns: "/lock", Recipe: RecipeSequence, Stops: stops})
	r.session(10, 10000)
	same(t, "create", r.paths(OpCreate), "10 /lock/"+mine(""))
	r.packet(20, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Zxid: 5, Path: "/lock/" + mine("0000000002")})
	return r
}

// mine is the name of a node of the rig's session.
func mine(number string) string { return fmt.Sprintf("n-%x-%s", uint64(makeSessionID(1, 7)), number) }

// paths lists what of an operation went out, as "ms path".
func (r *rig) paths(op Op) []string {
	var s []string
	for _, f := range r.wire {
		if f.what == EffectSend && f.p.Op == op {
			s = append(s, r.at(f.at, f.p.Path))
		}
	}
	return s
}

func (r *rig) children(ms int64, names ...string) {
	r.packet(ms, Packet{Op: OpGetChildren, Req: OpGetChildren, Reply: true, Zxid: 5, Found: &Found{Names: names}})
}

func (r *rig) exists(ms int64, err ErrCode) {
	p := Packet{Op: OpExists, Req: OpExists, Reply: true, Zxid: 5, Err: err}
	if err == ErrOK {
		p.Session, p.Found = makeSessionID(3, 3), &Found{}
	}
	r.packet(ms, p)
}

// TestSequentialRecipeWatchesTheNextLowerNumber covers A-3, with names in any order and
// those of others that have other prefixes.
func TestSequentialRecipeWatchesTheNextLowerNumber(t *testing.T) {
	r := queued(t, StopsOnExpired)
	same(t, "lists", r.paths(OpGetChildren), "20 /lock")
	r.children(30, "n-9-0000000003", "n-5-0000000000", mine("0000000002"), "n-7-0000000001")
	same(t, "watches", r.paths(OpExists), "30 /lock/n-7-0000000001")
	// It has gone in between: the list again.
	r.exists(40, ErrNoNode)
	r.children(50, "n-9-0000000003", "n-5-0000000000", mine("0000000002"))
	r.exists(60, ErrOK)
	if got := r.when(KindHolds); got != nil {
		t.Errorf("owns at %v with a lower number there", got)
	}
	r.packet(70, Packet{Op: OpNotify, Reply: true, Xid: -1, Event: WatchDeleted})
	r.children(80, "n-9-0000000003", mine("0000000002"))
	same(t, "watches", r.paths(OpExists), "30 /lock/n-7-0000000001", "50 /lock/n-5-0000000000")
	same(t, "lists", r.paths(OpGetChildren), "20 /lock", "40 /lock", "70 /lock")
	same(t, "saw", r.story(KindSawDeleted), "70 /lock/n-5-0000000000")
	same(t, "owns", r.story(KindHolds), "80 /lock")
	if token := r.java().app.token; token != 2 {
		t.Errorf("token %d, want the number 2 (A-6)", token)
	}
	// A node that is not there any more was the application's own: it begins anew.
	r = queued(t, StopsOnExpired)
	r.children(30, "n-7-0000000001")
	same(t, "creates again", r.paths(OpCreate), "10 /lock/"+mine(""), "30 /lock/"+mine(""))
}

// TestACreateWithoutAnswerIsLookedFor covers A-4: the same session is back at 6766 and
// something (C-13, C-17), and lists before it creates.
func TestACreateWithoutAnswerIsLookedFor(t *testing.T) {
	for _, tc := range []struct {
		children []string
		creates  int
		holds    bool
	}{
		{[]string{mine("0000000004"), "n-8-0000000005"}, 1, true},
		{[]string{"n-8-0000000003", mine("0000000004")}, 1, false},
		{[]string{"n-8-0000000003"}, 2, false}, // it had not worked
		{nil, 2, false},
	} {
		r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode,
			Owns: "/lock", Recipe: RecipeSequence})
		r.session(10, 10000)
		r.closed(50, ReasonEOF)
		r.until(200)
		r.connected(200)
		r.accept(210, 10000)
		same(t, "lists", r.paths(OpGetChildren), "210 /lock")
		r.children(220, tc.children...)
		if got := len(r.paths(OpCreate)); got != tc.creates {
			t.Errorf("%v: %d creates, want %d", tc.children, got, tc.creates)
		}
		if got := r.when(KindHolds) != nil; got != tc.holds {
			t.Errorf("%v: owns %v, want %v", tc.children, got, tc.holds)
		}
	}
	// With one node NodeExists says that somebody made it; its owner, who.
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode, Owns: "/lock"})
	r.session(10, 10000)
	r.closed(50, ReasonEOF)
	r.until(200)
	r.connected(200)
	r.accept(210, 10000)
	r.packet(220, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Zxid: 6, Err: ErrNodeExists})
	r.packet(230, Packet{Op: OpExists, Req: OpExists, Reply: true, Zxid: 6, Session: makeSessionID(1, 7), Found: &Found{Created: 5}})
	same(t, "owns", r.story(KindHolds), "230 /lock")
	if token := r.java().app.token; token != 5 {
		t.Errorf("token %d, want the node's czxid 5 (A-6)", token)
	}
}

// TestPoliciesStopAtTheirEvent covers A-5: an owner under each policy loses its
// connection by silence (told at 6766 + 20, C-13), gets its session back, loses it
// again, and is told that it has expired.
func TestPoliciesStopAtTheirEvent(t *testing.T) {
	for _, tc := range []struct {
		stops Stops
		want  string
	}{
		{StopsOnDisconnected, "20 /lock, 6786 Disconnected, 6820 /lock, 6950 Disconnected"},
		{StopsOnExpired, "20 /lock, 7010 Expired"},
		{StopsNever, "20 /lock"},
	} {
		r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode,
			Owns: "/lock", Stops: tc.stops})
		r.session(10, 10000)
		r.packet(20, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Zxid: 5, Path: "/lock"})
		r.until(6800)
		r.connected(6800)
		r.accept(6810, 10000)
		asks := []int64(nil)
		if tc.stops == StopsOnDisconnected {
			// It looks at its node before it acts again.
			r.packet(6820, Packet{Op: OpExists, Req: OpExists, Reply: true, Zxid: 5, Session: makeSessionID(1, 7), Found: &Found{Created: 5}})
			asks = []int64{6810}
		}
		same(t, "looks", r.sent(OpExists), asks...)
		r.closed(6850, ReasonEOF)
		r.until(7000)
		r.connected(7000)
		r.packet(7010, Packet{Op: OpConnect, Reply: true})
		r.until(8000)
		if got := strings.Join(r.story(KindHolds, KindStops), ", "); got != tc.want {
			t.Errorf("policy %d: %s, want %s", tc.stops, got, tc.want)
		}
		if got, want := r.java().app.acts, tc.stops == StopsNever; got != want {
			t.Errorf("policy %d: acts %v in the end, want %v", tc.stops, got, want)
		}
	}
}

// TestClosingIsTheOwnersOwnDeed: it stops before the session ends, under any policy
// with any library.
func TestClosingIsTheOwnersOwnDeed(t *testing.T) {
	for i := range Libraries {
		l := &Libraries[i]
		r := newRigOf(t, ClientConfig{Node: 9, Library: l, Timeout: 10000, Servers: servers(3), First: NoNode, Owns: "/lock", Stops: StopsNever})
		r.session(10, 10000)
		r.packet(20, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Zxid: 5, Path: "/lock"})
		r.command(500, CommandClose)
		same(t, l.Name+": stops", r.story(KindStops), "500 close")
	}
}

// TestOutstandingWritesAreKeptUp: as many as asked for are on their way from when the
// session is usable, another one for each answer, all of them again after a loss (H-6).
func TestOutstandingWritesAreKeptUp(t *testing.T) {
	for _, row := range []string{"java", "c", "go", "kazoo"} {
		r := newRigOf(t, ClientConfig{Node: 9, Library: libraryOf(t, row, ""), Timeout: 10000, Servers: servers(3), First: NoNode, Outstanding: 3})
		r.session(10, 10000)
		r.packet(20, Packet{Op: OpSetData, Req: OpSetData, Reply: true, Zxid: 5})
		r.packet(30, Packet{Op: OpSetData, Req: OpSetData, Reply: true, Zxid: 6})
		same(t, row+": writes", r.sent(OpSetData), 10, 10, 10, 20, 30)
		r.closed(40, ReasonEOF)
		r.until(141)
		at := int64(150)
		r.connected(at)
		r.accept(at+10, 10000)
		if got := r.sent(OpSetData)[5:]; !slices.Equal(got, []int64{at + 10, at + 10, at + 10}) {
			t.Errorf("%s: after a loss writes at %v, want three at %d", row, got, at+10)
		}
		r.command(300, CommandClose)
		r.packet(310, Packet{Op: OpSetData, Req: OpSetData, Reply: true, Zxid: 7})
		if got := len(r.sent(OpSetData)); got != 8 {
			t.Errorf("%s: %d writes after closing, want none more than 8", row, got)
		}
	}
}
