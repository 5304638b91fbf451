package model

import (
	"testing"
	"time"
)

// Without latency an election takes: the look, votes at once, 200 ms without a
// better one (F-10); the follower is done first, finds the winner's port closed, and
// comes again 100 ms later (F-13).
const quickElection = 300

// "τ=2000, syncLimit=5, checks at 0, 2000, 4000…, last packet from the only other
// quorum member at 4900: its handler dies at 14900; step-down at 16000."
func TestVector14_F8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(0)
	c.login(40000)
	b.until(1500)
	b.cut(1, 2)
	b.until(4900)
	b.hold(1, 0)                                         // no PING any more, so no answer either
	c.send(Packet{Op: OpSetData, Path: "/none", Xid: 1}) // a REQUEST is a packet like any other
	b.until(4950)
	b.hold(0, 1)
	b.until(15999)
	same(t, "dropped (F-5)", b.notes(1, KindLearnerGone), 11000, 14900)
	same(t, "stepped down before", b.notes(1, KindSteppedDown))
	b.until(16000)
	same(t, "stepped down", b.notes(1, KindSteppedDown), 16000)
	same(t, "looks", b.notes(1, KindLooking), 16000)
}

// "τ=2000, T₀=4000, new leader serving at N=50300 (its clock): every session's
// deadline is 56000": of one that is alive and of one whose client died just before.
func TestVector15_F15(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	alive, dead := b.open(0), b.open(1)
	ids := []SessionID{alive.login(4000), dead.login(4000)}
	for at := int64(1000); at < 50000; at += 1000 {
		b.until(at)
		alive.ping()
		if at < 47000 {
			dead.ping()
		}
	}
	b.until(50000)
	b.kill(2)
	b.until(55999)
	same(t, "serves at N", b.notes(1, KindServing)[1:], 50300)
	same(t, "tracked afresh", b.notes(1, KindRearmed), 50300, 50300)
	for _, id := range ids {
		if got, _ := b.server(1).Deadline(id); got != 56000 {
			t.Errorf("session %#x: deadline %d, want 56000", uint64(id), got)
		}
	}
	b.until(56000)
	same(t, "marked", b.notes(1, KindMarked), 56000, 56000)
}

// A failover: everybody's connections go (F-19), the new leader tracks every session
// afresh, mark or no mark (F-15), a learner serves behind it (F-18), and the old leader
// comes back as a follower without an election of its own (F-12).
func TestAFailoverFromEndToEnd_F3_F15_F18_F19(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	first, second := b.open(0), b.open(1)
	x, y := first.login(4000), second.login(10000)
	b.until(5500) // x is silent: it would be marked at 6000
	old := b.kill(2)
	early := b.open(0)
	early.send(Packet{Op: OpConnect, Timeout: 4000}) // before the follower serves
	b.until(5900)
	same(t, "leader lost", append(b.notes(0, KindLeaderLost), b.notes(1, KindLeaderLost)...), 5500, 5500)
	same(t, "both clients are hung up on", append(first.closed, second.closed...), 5500, 5500)
	same(t, "so is one that comes too early (H-4)", early.closed, 5500)
	same(t, "leader and follower serve", append(b.notes(1, KindServing)[1:], b.notes(0, KindServing)[1:]...), 5500+quickElection, 5500+quickElection)
	for id, want := range map[SessionID]int64{x: Bucket(5800, 4000, 2000), y: Bucket(5800, 10000, 2000)} {
		if got, _ := b.server(1).Deadline(id); got != want {
			t.Errorf("session %#x: deadline %d, want %d", uint64(id), got, want)
		}
	}
	if n := len(b.server(0).learner.table.touches); n != 0 {
		t.Errorf("the follower begins with %d touches, want none (F-17)", n)
	}
	again := second.again(0)
	again.resume(y, 10000)
	b.until(5950)
	same(t, "the session is resumed", again.answers(), "connect OK")
	b.until(10000)
	same(t, "x is marked", b.notes(1, KindMarked), 10000)
	same(t, "gone on both", append(b.notes(0, KindCloseApplied), b.notes(1, KindCloseApplied)...), 10000, 10000)
	b.restart(2, old)
	b.until(10050)
	if n := b.lastNote(2, KindElected); n.Rule != "F-12" || n.Peer != 1 {
		t.Errorf("elected %+v, want server 1 by F-12", n)
	}
	same(t, "without a wait", b.notes(2, KindElected), 10000)
	if n := b.lastNote(2, KindSynced); n.Text != "DIFF" || n.B != 1 {
		t.Errorf("synced %+v, want the one transaction that it lacks", n)
	}
	same(t, "it knows of the end", b.notes(2, KindCloseApplied), 10000)
	if s := b.server(2); s.Role() != RoleFollower || s.Leader() != 1 || s.Epoch() != 1 {
		t.Errorf("it is %v of %d in epoch %d, want a follower of 1 in epoch 1", s.Role(), s.Leader(), s.Epoch())
	}
}

// Who never lost the leader notices nothing when another learner dies (F-19), and
// the leader stays (F-8).
func TestAFollowersDeathIsNobodyElsesBusiness_F19(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	c := b.open(1)
	c.login(10000)
	b.until(500)
	b.kill(0)
	for at := int64(1000); at < 60000; at += 3000 {
		b.until(at)
		c.ping()
	}
	same(t, "closed", c.closed)
	same(t, "looking", append(b.notes(1, KindLooking), b.notes(2, KindLooking)...))
}

// Of two servers that look, the one whose log goes further wins, whatever its ID
// (F-10).
func TestTheLongerLogWins_F10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.hold(2, 1)
	c := b.open(2)
	c.login(4000) // server 1 never hears of it
	b.lose(2, 1)
	b.release(2, 1)
	b.kill(2)
	b.until(2000)
	for n := range NodeID(2) {
		if got := b.server(n).Leader(); got != 0 {
			t.Errorf("server %d follows %d, want 0", n, got)
		}
	}
	if n := b.lastNote(1, KindSynced); n.Text != "DIFF" || n.B != 1 {
		t.Errorf("synced %+v, want the transaction that it lacked", n)
	}
}

// A quorum's choice waits for 200 ms without a better vote, and each message begins
// the wait anew (F-10).
func TestEachMessageBeginsTheWaitAnew_F10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleLooking, RoleLooking, RoleLooking, RoleLooking, RoleLooking)
	same(t, "looking", b.notes(4, KindLooking), 0)
	b.until(150)
	v := b.server(4).election.proposed
	v.Leader = 0 // a worse one
	b.step(4, Input{Kind: InputPacket, Conn: b.server(4).links[0].conn, Packet: &Packet{Op: OpNotification, Quorum: &QuorumInfo{Vote: v, Role: RoleLooking}}})
	b.until(1000)
	same(t, "the others", b.notes(3, KindElected), 200)
	same(t, "whom a message reached", b.notes(4, KindElected), 350)
	if s := b.server(4); s.Role() != RoleLeader {
		t.Errorf("server 4 is %v, want the leader: the largest ID", s.Role())
	}
}

// With nobody to talk to a server says so again after 200, 400, 800 ms and so on, up
// to a minute (F-11); the first message ends the wait, and it joins (F-12).
func TestTheWaitForAWordDoubles_F11(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(500)
	old := b.kill(0)
	b.cut(0, 1)
	b.cut(0, 2)
	b.until(1000)
	b.restart(0, old)
	e := b.server(0).election
	for _, w := range []struct{ at, until int64 }{{1000, 1200}, {1200, 1600}, {1600, 2400}, {2400, 4000}, {52000, 103200}, {103200, 163200}, {163200, 223200}} {
		b.until(w.at)
		if got := e.until.Millis(); got != w.until {
			t.Errorf("at %d it waits until %d, want %d", w.at, got, w.until)
		}
	}
	b.until(170000)
	b.heal(0, 1)
	b.heal(0, 2)
	b.until(223200)
	same(t, "it joins", b.notes(0, KindElected)[:1], 170000)
}

// A learner tries its leader's port five times, 100 ms apart, and then looks again
// (F-13).
func TestALearnerTriesFiveTimes_F13(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(500)
	b.out.Reset(b.next, 0)
	s := b.server(0)
	b.kill(2)
	b.until(500)
	s.elected(b.now, Vote{Leader: 2, Round: s.round}, "F-10", &b.out) // a leader that is not there
	s.wakeAt = s.nextWake()
	b.carryOut(0)
	b.until(901)
	same(t, "given up", b.notes(0, KindLeaderLost)[1:], 900)
	if n := b.lastNote(0, KindLeaderLost); n.Rule != "F-13" {
		t.Errorf("given up by %s, want F-13", n.Rule)
	}
}

// A winner that nobody joins gives up after initLimit (F-14).
func TestALeaderWithoutAQuorumGivesUpAfterInitLimit_F14(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(5500)
	b.kill(2)
	b.until(5700)
	b.kill(0) // it has voted, and is gone
	b.until(25699)
	same(t, "stepped down before", b.notes(1, KindSteppedDown))
	b.until(25700)
	same(t, "stepped down", b.notes(1, KindSteppedDown), 25700) // 20 s behind the end of the election
	if n := b.lastNote(1, KindSteppedDown); n.Rule != "F-14" || n.Text != "no quorum connected" {
		t.Errorf("stepped down %+v", n)
	}
}

// A leader loads its database first, and learners that come meanwhile wait (F-14).
func TestALeaderLoadsBeforeItSettlesAnEpoch_F14(t *testing.T) {
	b := newBus(t, &fixedEnv{load: 3 * time.Second}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(5500)
	b.kill(2)
	b.until(20000)
	same(t, "epoch", b.notes(1, KindNewEpoch), 8700) // 5500 + 200 + 3000
	same(t, "serves", b.notes(1, KindServing)[1:], 8700)
}

// An observer waits before it looks, up to 200 ms at random, and takes what the
// voters tell it (F-4).
func TestAnObserverWaitsBeforeItLooks_F4(t *testing.T) {
	b := newBus(t, &fixedEnv{observerWait: 123}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	b.until(5500)
	b.kill(2)
	b.until(30000)
	// The voters have not settled by then, and tell it their last settled vote, which
	// is for the dead: it takes 200 ms to believe that, tries that port five times in
	// 400 ms, waits and looks once more.
	same(t, "looks", b.notes(3, KindLooking), 5500+123, 5623+200+400+123)
	if s := b.server(3); s.Role() != RoleObserver || s.Leader() != 1 {
		t.Errorf("it is %v of %d, want an observer of 1", s.Role(), s.Leader())
	}
	if got := b.notes(3, KindVote); len(got) > 0 && b.lastNote(3, KindVote).Peer == 3 {
		t.Error("an observer voted for itself")
	}
}

// An isolated leader goes on marking sessions and proposing their ends in vain, and
// answers its clients; it refuses a session that lives on under its successor (F-9).
func TestAnIsolatedLeaderMarksInVain_F9_V5(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	far, near := b.open(0), b.open(1)
	id := far.login(4000)
	near.login(4000)
	b.until(1500)
	b.cut(1, 0)
	b.cut(1, 2)
	for at := int64(2000); at < 11000; at += 1000 {
		b.until(at)
		near.ping()
	}
	b.until(10500)
	same(t, "marked by the old leader", b.notes(1, KindMarked), 6000)
	same(t, "committed", b.notes(1, KindCommitted)[2:])
	same(t, "pings answered", near.when[len(near.when)-1:], 10000)
	lost := b.open(1)
	lost.resume(id, 4000)
	b.until(11050)
	if last := lost.last(); last.Op != OpConnect || last.Timeout != 0 {
		t.Errorf("got %+v, want a refusal", last)
	}
	same(t, "the others look", b.notes(2, KindLooking), 11000)
	b.until(11000 + quickElection)
	if _, lives := b.server(2).Deadline(id); !lives {
		t.Error("the session does not live under the new leader")
	}
	b.until(12000)
	same(t, "steps down", b.notes(1, KindSteppedDown), 12000)
	same(t, "its client is hung up on (F-8)", near.closed, 12000)
	same(t, "what it never committed is replayed (Z-10)", b.notes(1, KindReplayed), 12000)
	same(t, "and applied there alone", b.notes(1, KindCloseApplied), 12000)
	b.heal(1, 0)
	b.heal(1, 2)
	b.until(14000)
	if n := b.lastNote(1, KindSynced); n.Text != "TRUNC" {
		t.Errorf("synced %+v, want TRUNC", n)
	}
	if n := b.lastNote(1, KindDiscarded); n.Session != id {
		t.Errorf("discarded %+v, want the end of %#x", n, uint64(id))
	}
	if !b.server(1).Lives(id) {
		t.Error("the session did not come back")
	}
}

// A close that the next leader has in its log takes effect there, although it was
// never committed (Z-10).
func TestAProposedCloseTakesEffectWhereItWasLogged_Z10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleLeader, RoleFollower)
	c := b.open(1)
	id := c.login(4000)
	b.until(5500)
	b.hold(0, 1) // no acknowledgement comes back
	b.cut(1, 2)
	b.until(6000)
	same(t, "marked", b.notes(1, KindMarked), 6000)
	same(t, "logged", b.notes(0, KindLogged)[1:], 6000)
	same(t, "not committed", b.notes(1, KindCloseApplied))
	b.kill(1)
	b.lose(0, 1)
	b.release(0, 1)
	b.lose(1, 2)
	b.release(1, 2)
	b.release(2, 1)
	// Server 2 begins to look when it has borne its leader's silence, at 15000. Nobody
	// answers a vote of this round that is no better than his own, and each word of server
	// 2 begins server 0's longer wait anew: it speaks when 2 has been silent for as long (F-11).
	b.until(60000)
	if got := b.server(2).Leader(); got != 0 {
		t.Errorf("server 2 follows %d, want 0, whose log is longer", got)
	}
	same(t, "the end took effect", []bool{b.server(0).Lives(id), b.server(2).Lives(id)}, false, false)
	if n := b.lastNote(0, KindCloseApplied); n.Rule != "Z-10" {
		t.Errorf("applied by %s, want Z-10", n.Rule)
	}
}

// What a killed server had not logged is not there after its restart; what it had
// logged is (Z-10).
func TestARestartReplaysWhatWasLogged_Z10(t *testing.T) {
	for _, logged := range []bool{true, false} {
		env := &fixedEnv{}
		b := newBus(t, env, 0, RoleFollower, RoleLeader, RoleFollower)
		c := b.open(1)
		id := c.login(4000)
		b.until(5500)
		b.cut(1, 0)
		b.cut(1, 2)
		if !logged {
			env.flush = time.Second
		}
		b.until(6500)
		same(t, "marked", b.notes(1, KindMarked), 6000)
		old := b.kill(1)
		b.restart(1, old)
		b.until(6600)
		if lives := b.server(1).Lives(id); lives == logged {
			t.Errorf("logged %v: the session lives: %v", logged, lives)
		}
	}
}

// Servers that all begin to look make the one with the largest ID their leader, in
// epoch 1 (F-10, F-14).
func TestAColdStart_F10_F14(t *testing.T) {
	b := newBus(t, &fixedEnv{}, time.Millisecond, RoleLooking, RoleLooking, RoleLooking, RoleObserver)
	c := b.open(0)
	c.send(Packet{Op: OpConnect, Timeout: 4000})
	b.until(3000)
	same(t, "a client that comes too early", []int{len(c.closed)}, 1)
	for n := range NodeID(4) {
		if s := b.server(n); s.Leader() != 2 || s.Epoch() != 1 || !s.Serving() {
			t.Errorf("server %d: follows %d in epoch %d, serving %v", n, s.Leader(), s.Epoch(), s.Serving())
		}
	}
	b.open(0).login(4000)
}

// "τ=2000, S=10000, T=4000, cut at x=100000, last leader packet at 99500, last touch
// 98500 (bucket phase 0): e = 104000; follower closes at 109500; client Disconnected
// 109600; Z = 5500."
func TestVector19_Q13(t *testing.T) {
	b := newBusOf(t, &fixedEnv{}, 0, func(c *ServerConfig) { c.PingPhase = 500 }, RoleFollower, RoleLeader, RoleFollower)
	client := NewJavaClient(ClientConfig{Node: 3, Library: library(t, "3.8.0"), Timeout: 4000, Servers: []NodeID{0}, First: NoNode}, b.env)
	b.add(client)
	// A ping every 1333 ms from 5090 on: the 70th leaves at 98400, the next at 99733.
	b.until(5090)
	b.step(3, Input{Kind: InputCommand, Command: CommandOpen})
	b.until(99999)
	touches := b.touches(1, client.Session())
	same(t, "last touch", touches[len(touches)-1:], "98500 learner 104000")
	b.until(100000)
	b.cut(0, 1)
	b.cut(0, 2)
	b.until(130000)
	same(t, "e", b.notes(1, KindMarked), 104000)
	same(t, "the follower notices (F-1, F-20)", b.notes(0, KindLeaderLost), 109500)
	told := b.notes(3, KindTold)
	same(t, "Disconnected", told[1:2], 109600)
	if z := b.notes(0, KindLeaderLost)[0] - b.notes(1, KindMarked)[0]; z != 5500 {
		t.Errorf("Z = %d, want 5500", z)
	}
}

// "T=10000, paused at idleRecv=100 for 7000 with a ping reply waiting: NIO Java →
// Disconnected. Paused for 14000, 3.9.5 → Expired with no Disconnected." The C client's
// part is with the C client.
func TestVector16_TheTimersComeBeforeTheAnswer_G1(t *testing.T) {
	for _, v := range []struct {
		version string
		pause   int64
		told    string
	}{
		{"3.8.0", 7000, "10633 Disconnected"}, {"3.9.5", 7000, "10633 Disconnected"},
		{"3.9.5", 14000, "17733 Expired"}, {"3.8.0", 14000, "17633 Disconnected"},
	} {
		r := newRig(t, v.version, 10000, 3)
		r.session(0, 10000)
		r.pongs(100, 3433) // the ping of 3333 is answered, and that is the last it hears
		r.until(3533)
		wake := 3533 + v.pause
		// What its sockets hold comes first; but the first turn reads a packet's length
		// alone, and then looks at its timers (C-11).
		r.step(wake, Input{Kind: InputPacket, Conn: r.conn, Packet: &Packet{Op: OpPing, Reply: true}})
		r.until(wake + 250)
		same(t, v.version, r.told()[1:], v.told)
	}
}
