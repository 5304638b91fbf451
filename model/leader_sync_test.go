package model

import (
	"slices"
	"testing"
	"time"
)

// walk plays millisecond by millisecond until something holds, at most to ms.
func (b *bus) walk(ms int64, until func() bool) {
	b.t.Helper()
	for at := b.now.Millis(); !until(); at++ {
		if at > ms {
			b.t.Fatalf("it has not come to that at %d", ms)
		}
		b.until(at)
	}
}

// Who has accepted this very epoch from another leader says so, and is no part of the
// quorum that accepts it from this one: it may be settled elsewhere
// (Learner.java:registerWithLeader, Leader.java:waitForEpochAck).
func TestAnEpochAcceptedBeforeDoesNotCount_F14(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 10*time.Millisecond, RoleLooking, RoleLooking, RoleLooking)
	b.server(0).acceptedEpoch = 1
	b.cut(0, 1)
	b.cut(0, 2)
	b.walk(1000, func() bool { return len(b.notes(2, KindNewEpoch)) > 0 })
	b.hold(1, 2) // server 1 is counted among those connected, and never heard again
	b.heal(0, 1)
	b.heal(0, 2)
	b.until(15000)
	if got := b.lastNote(2, KindNewEpoch).A; got != 1 {
		t.Fatalf("epoch %d, want 1", got)
	}
	same(t, "server 0 has joined the leader", []NodeID{b.server(0).Leader()}, 2)
	same(t, "it serves", b.notes(2, KindServing))
	b.until(25000)
	if n := b.lastNote(2, KindSteppedDown); n.Text != "no quorum accepted the epoch" {
		t.Errorf("stepped down for %q, want no quorum accepted the epoch", n.Text)
	}
}

// A learner that takes long to synchronise counts as synced for initLimit and syncLimit
// together, whatever it has sent meanwhile (F-7); and a proposal that is made meanwhile
// has not waited for it (F-5): the leader stays, and the learner too.
func TestALongSynchronisationCostsNobodyAnything_F5_F7(t *testing.T) {
	env := &fixedEnv{}
	b := newBus(t, env, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(4500)
	first := b.kill(0)
	c := b.open(2)
	c.login(40000) // server 0 lacks this
	b.until(4600)
	env.flush = 15 * time.Second
	b.restart(0, first)
	b.until(4700)
	b.kill(1)
	b.until(5000)
	if got := b.server(0).learner; got == nil || got.phase != learnerSyncing {
		t.Fatal("server 0 is not about to write what it lacks")
	}
	env.flush = 0
	c.send(Packet{Op: OpSetData, Path: "/none", Xid: 1})
	for at := int64(6000); at < 19000; at += 3000 {
		b.until(at)
		c.ping()
	}
	b.until(25000)
	same(t, "stepped down", b.notes(2, KindSteppedDown))
	same(t, "learners gone", b.notes(2, KindLearnerGone), 4500, 4700)
	same(t, "server 0 serves 15 s later", b.notes(0, KindServing)[1:], 19600)
	same(t, "the write is answered then", []bool{slices.Contains(c.answers(), "setData NoNode")}, true)
}

// A learner that has acknowledged NEWLEADER waits for the leader, and the leader does
// not wait for it to speak (F-5): with initLimit above syncLimit, one that is early is
// not dropped for its silence.
func TestWhoWaitsForTheLeaderIsNotSilent_F5(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 10*time.Millisecond, RoleLooking, RoleLooking, RoleLooking, RoleLooking, RoleLooking)
	b.walk(1000, func() bool { return len(b.notes(4, KindNewEpoch)) > 0 })
	b.until(b.now.Millis() + 15) // the epoch is proposed, not yet what each lacks
	for n := NodeID(1); n < 4; n++ {
		b.hold(4, n) // server 0 alone is synchronised
	}
	b.until(9000)
	same(t, "server 0 is", []int{len(b.notes(0, KindSynced))}, 1)
	b.hold(0, 4) // server 0's own patience ends with syncLimit (F-1), which the leader does not hear
	b.until(20000)
	same(t, "dropped", b.notes(4, KindLearnerGone))
}

// What a leader had in its log, and one follower has got from it before a quorum had,
// is taken back when the next leader has not got it (Z-10).
func TestWhatAVainLeaderHandedOnIsTakenBack_Z10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 10*time.Millisecond, RoleFollower, RoleFollower, RoleFollower, RoleFollower, RoleLeader)
	common := b.open(4)
	common.login(40000)
	b.until(100)
	for n := range NodeID(4) {
		b.hold(4, n)
	}
	c := b.open(4)
	c.send(Packet{Op: OpConnect, Timeout: 40000}) // only server 4 has this
	b.until(200)
	vain := makeSessionID(5, 1)
	old := b.kill(4)
	for n := range NodeID(4) {
		b.lose(4, n)
		b.release(4, n)
		b.hang(4, n)
	}
	b.restart(4, old)
	same(t, "server 4 has it", []bool{b.server(4).Lives(vain)}, true)
	b.walk(3000, func() bool { return len(b.notes(4, KindNewEpoch)) > 0 })
	b.until(b.now.Millis() + 15)
	for n := NodeID(1); n < 4; n++ {
		b.hold(4, n)
	}
	b.walk(5000, func() bool { return b.server(0).Lives(vain) })
	b.kill(4)
	for n := NodeID(1); n < 4; n++ {
		b.cut(0, n)
		b.lose(4, n)
		b.release(4, n)
		b.hang(4, n)
	}
	b.walk(60000, func() bool {
		return slices.ContainsFunc([]NodeID{1, 2, 3}, func(n NodeID) bool { return b.server(n).Serving() })
	})
	for n := NodeID(1); n < 4; n++ {
		b.heal(0, n)
	}
	b.until(b.now.Millis() + 200000)
	if s := b.server(0); !s.Serving() || s.Role() != RoleFollower {
		t.Fatalf("server 0 is %v, want a follower that serves", s.Role())
	}
	same(t, "it has it no more", []bool{b.server(0).Lives(vain)}, false)
	if n := b.lastNote(0, KindSynced); n.Text != "TRUNC" {
		t.Errorf("synchronised by %s, want TRUNC", n.Text)
	}
	same(t, "taken back", []int{len(b.notes(0, KindDiscarded))}, 1)
}

// hang up: what a node has closed while a test held what it sent.
func (b *bus) hang(from, to NodeID) {
	for c, ends := range b.ends {
		if ends == [2]NodeID{from, to} || ends == [2]NodeID{to, from} {
			b.post(from, to, b.latency, Input{Kind: InputClosed, Conn: c, Reason: ReasonReset}, Packet{})
		}
	}
}

// A server whose log parts from the leader's before anything that the leader remembers
// gets the whole database: nothing is taken back across an epoch's beginning (Z-10;
// LearnerHandler.java:queueCommittedProposals).
func TestWhatNobodyElseHasGoesWithTheSnapshot_Z10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(500)
	b.cut(2, 0)
	b.cut(2, 1)
	c := b.open(2)
	c.send(Packet{Op: OpConnect, Timeout: 40000})
	b.until(1000)
	vain := makeSessionID(3, 0)
	b.until(30000) // the others have a leader
	other := b.open(1)
	other.login(40000)
	same(t, "server 2 has replayed it", []bool{b.server(2).Lives(vain)}, true)
	b.heal(2, 0)
	b.heal(2, 1)
	b.until(200000)
	if s := b.server(2); !s.Serving() || s.Role() != RoleFollower {
		t.Fatalf("server 2 is %v, want a follower that serves", s.Role())
	}
	if n := b.lastNote(2, KindSynced); n.Text != "SNAP" {
		t.Errorf("synchronised by %s, want SNAP", n.Text)
	}
	same(t, "it has it no more", []bool{b.server(2).Lives(vain)}, false)
}

// No log says which epoch a leader has begun without a transaction: after a restart of
// everybody its former leader is no better than the others, and the largest ID wins
// (F-10).
func TestAnEpochWithoutTransactionsIsForgotten_F10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(500)
	old := b.kill(2)
	b.until(2000)
	b.restart(2, old)
	b.until(5000)
	if b.server(1).Role() != RoleLeader || b.server(1).LastZxid() != firstZxid(1) {
		t.Fatalf("server 1 is %v at %#x, want the leader of epoch 1", b.server(1).Role(), b.server(1).LastZxid())
	}
	var all []Machine
	for n := range NodeID(3) {
		all = append(all, b.kill(n))
	}
	b.until(5500)
	for n := range NodeID(3) {
		b.restart(n, all[n])
	}
	b.until(8000)
	same(t, "leader", []NodeID{b.server(0).Leader(), b.server(1).Leader(), b.server(2).Leader()}, 2, 2, 2)
}

// An observer that has settled does not answer a voter that goes on looking: the two
// would speak at one instant for ever (U-8).
func TestASettledObserverLeavesALookingVoterAlone_U8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	b.until(500)
	b.cut(0, 1)
	b.cut(0, 2)
	b.until(11000)
	if b.server(0).Role() != RoleLooking {
		t.Fatalf("server 0 is %v, want looking", b.server(0).Role())
	}
	b.hold(2, 3) // the observer loses its leader, and asks everybody
	b.until(20000)
	b.hold(0, 3) // voter 0's answer comes late
	b.until(25000)
	b.release(2, 3)
	b.until(40000)
	b.release(0, 3)
	b.until(41000)
	if s := b.server(3); s.Role() != RoleObserver || !s.Serving() {
		t.Errorf("server 3 is %v, want an observer that serves", s.Role())
	}
}

// changeInOneLog kills leader 2 when it has logged that servers 0 and 1 are to vote and
// nobody else has heard of it, and starts it again.
func changeInOneLog(b *bus) {
	b.until(500)
	b.hold(2, 0)
	b.hold(2, 1)
	b.ask(2, 0, 1)
	b.until(600)
	old := b.kill(2)
	for n := range NodeID(2) {
		b.lose(2, n)
		b.release(2, n)
		b.hang(2, n)
	}
	b.restart(2, old)
}

// A leader whose log ends with other voters needs a quorum of these, too, before it
// serves (F-22; Leader.java:Leader.lead, newLeaderProposal).
func TestVotersToComeHaveToBeThere_F22(t *testing.T) {
	b := newBus(t, &fixedEnv{load: 3 * time.Second}, 0, RoleFollower, RoleFollower, RoleLeader)
	changeInOneLog(b)
	b.until(2000) // elected by all three, and still loading
	same(t, "elected", []NodeID{b.lastNote(2, KindElected).Peer}, 2)
	b.cut(1, 0)
	b.cut(1, 2)
	b.until(10000)
	same(t, "server 0 has what the leader has", []int64{b.lastNote(0, KindSynced).B}, 1)
	same(t, "the leader does not serve", b.notes(2, KindServing)[1:])
	b.until(30000)
	if n := b.lastNote(2, KindSteppedDown); n.Text != "no quorum synchronised" {
		t.Errorf("stepped down for %q, want no quorum synchronised", n.Text)
	}
}

// A server whose log ends with other voters asks for a quorum of these, too, before it
// takes an election for over (F-22; FastLeaderElection.java:FastLeaderElection.getVoteTracker).
func TestAnElectionNeedsTheVotersToCome_F22_F10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.cut(1, 0)
	b.cut(1, 2)
	changeInOneLog(b)
	b.until(30000)
	// Servers 0 and 2 are two of three, but server 1 is one of the two to come.
	same(t, "elected at server 2", b.notes(2, KindElected))
	b.heal(1, 0)
	b.heal(1, 2)
	b.until(30250) // all three elect server 2, whose log is ahead (F-10)
	same(t, "elected at server 2", []NodeID{b.lastNote(2, KindElected).Peer}, 2)
	// It completes the change, so the other two leave it and elect the higher of them; it
	// finds no quorum (F-8).
	b.until(90000)
	same(t, "roles", b.roles(), "follower of 1", "leader of 1", "observer of 1")
}

// Of two servers that do not vote any more one may not know it yet: they do not answer
// each other for ever (F-22, U-8).
func TestFormerVotersLeaveEachOtherAlone_U8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleFollower, RoleFollower, RoleLeader)
	b.until(500)
	old := b.kill(3)
	b.until(1000)
	b.ask(4, 0, 1, 4)
	b.until(3000)
	b.restart(3, old)
	b.until(10000)
	same(t, "roles", b.roles(), "follower of 4", "follower of 4", "observer of 4", "observer of 4", "leader of 4")
}
