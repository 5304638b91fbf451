package model

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// ask has somebody ask a server for other voters, and plays a moment.
func (b *bus) ask(n NodeID, voters ...NodeID) {
	b.step(n, Input{Kind: InputReconfig, Packet: &Packet{Quorum: &QuorumInfo{Voters: voters}}})
}

func (b *bus) roles() []string {
	var s []string
	for _, m := range b.nodes {
		if server, ok := m.(*Server); ok {
			s = append(s, fmt.Sprintf("%v of %d", server.Role(), server.Leader()))
		}
	}
	return s
}

func TestServersChangeRolesAndTheLeaderStays_F22(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	var clients []*client
	for n := range NodeID(4) {
		c := b.open(n)
		c.login(10000)
		clients = append(clients, c)
	}
	b.until(2500)
	touches := len(b.notes(2, KindRearmed))
	b.ask(2, 0, 2, 3)
	b.until(2500)
	same(t, "commits", b.notes(2, KindReconfigured), 2500)
	// Follower 1 leaves, and is an observer again at once; its clients pay for it (F-3).
	same(t, "hung up at the old follower", clients[1].closed, 2500)
	// Observer 3 leaves too, and waits for up to 200 ms (F-4): no time here.
	same(t, "hung up at the old observer", clients[3].closed, 2500)
	same(t, "nobody else notices", append(clients[0].closed, clients[2].closed...))
	b.until(3000)
	same(t, "roles", b.roles(), "follower of 2", "observer of 2", "leader of 2", "follower of 2")
	same(t, "known at the old follower, and at the old observer", []int64{b.notes(1, KindElected)[0], b.notes(3, KindElected)[0]}, 2500, 2500)
	if n := b.lastNote(1, KindElected); n.Rule != "F-22" || n.Peer != 2 {
		t.Errorf("elected: %+v", n)
	}
	for n := range NodeID(4) {
		same(t, "votes", b.notes(n, KindVote)) // there is no election
		if !slices.Equal(b.server(n).cfg.Voters, []NodeID{0, 2, 3}) || !slices.Equal(b.server(n).cfg.Observers, []NodeID{1}) {
			t.Errorf("server %d: voters %v, observers %v", n, b.server(n).cfg.Voters, b.server(n).cfg.Observers)
		}
	}
	same(t, "re-armed", b.notes(2, KindRearmed)[touches:]) // the leader's tracker goes on
	// From here on servers 2 and 3 are a quorum.
	b.kill(0)
	b.until(12000)
	if !b.server(2).Leads() {
		t.Error("the leader has stepped down with two of three voters behind it")
	}
	owner := b.open(3)
	owner.login(10000)
	owner.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(12100)
	same(t, "writes commit", owner.answers(), "connect OK", "create OK")
}

// A learner that has acknowledged NEWLEADER and waits for UPTODATE reads the commit of a
// reconfiguration, proposed with another write since it joined. It is to observe: it
// leaves at once, and neither takes effect.
func TestAChangeOfRoleWhileALearnerJoinsEndsItAtOnce_F22_Z4(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	s := b.server(0)
	s.learner.phase = learnerSynced
	change := &Txn{Zxid: 1, Op: OpReconfig, Req: OpReconfig, Origin: NoNode, Voters: []NodeID{1, 2, 3}}
	write := &Txn{Zxid: 2, Op: OpError, Req: OpSetData, Origin: 1}
	leader := s.learner.conn
	for _, p := range []Packet{
		{Op: OpProposal, Zxid: 1, Txn: change},
		{Op: OpProposal, Zxid: 2, Txn: write},
		{Op: OpCommit, Zxid: 1, Quorum: &QuorumInfo{Leader: 2}},
		{Op: OpCommit, Zxid: 2},
		{Op: OpUpToDate},
	} {
		b.step(0, Input{Kind: InputPacket, Conn: leader, Packet: &p})
	}
	same(t, "leaves", b.notes(0, KindLeaderLost), 0)
	if txns, _, _ := s.Applied(); len(txns) != 0 {
		t.Errorf("%d transactions, want none", len(txns))
	}
	b.until(1000)
	if s.Role() != RoleObserver || s.Leader() != 2 || s.votes() {
		t.Errorf("%v of %d, want an observer of server 2", s.Role(), s.Leader())
	}
}

func TestALeaderThatIsNoVoterAnyMoreGivesWayWithoutAnElection_F22_F8_F15(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	c, d := b.open(0), b.open(2)
	id := c.login(4000)
	d.login(4000)
	b.until(2500)
	b.ask(2, 0, 1, 3)
	b.until(2500)
	// Of 0 and 1, which have acknowledged it, server 0 is designated. It and its follower
	// leave the old leader, hang up (F-3), and lead and follow at once.
	same(t, "hung up", c.closed, 2500)
	if !b.server(0).Leads() || b.server(1).Leader() != 0 {
		t.Errorf("roles %v, want server 0 to lead and 1 to follow", b.roles())
	}
	for n := range NodeID(4) {
		same(t, "votes", b.notes(n, KindVote))
	}
	// Every session is tracked afresh by the new leader: 2500 + 4000 lies before 8000.
	if n := b.lastNote(0, KindRearmed); n.Session == 0 || n.B != 8000 {
		t.Errorf("re-armed %+v, want 8000", n)
	}
	// The old leader goes on until its next check finds nobody with it: the turns of 3000
	// and 4000 are the next, and the second of them checks (F-6, F-8).
	same(t, "its client stays until then", d.closed)
	b.until(5000)
	same(t, "steps down", b.notes(2, KindSteppedDown), 4000)
	same(t, "its client", d.closed, 4000)
	same(t, "roles", b.roles(), "leader of 0", "follower of 0", "observer of 0", "follower of 0")
	back := c.again(3)
	back.resume(id, 4000)
	b.until(5001)
	same(t, "the session lives on", back.answers(), "connect OK")
}

func TestAChangeOfVotersIsRefused_F22(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver, RoleObserver)
	b.until(1500)
	b.ask(2, 2, 3, 4) // observers would not acknowledge it
	b.kill(3)
	b.until(1600)
	b.ask(0, 0, 1, 2)
	b.hold(0, 2) // acknowledgements
	b.hold(1, 2)
	b.ask(2, 0, 2)
	b.until(1700)
	b.ask(2, 1, 2)
	var why []string
	for _, m := range b.marks {
		if m.note.Kind == KindReconfigRefused {
			why = append(why, m.note.Text)
		}
	}
	same(t, "refused", why, "NewConfigNoQuorum", "does not lead", "ReconfigInProgress")
	same(t, "taken up", b.notes(2, KindReconfigured))
	b.release(0, 2) // with the leader a quorum of the old three, and of the two to come
	b.until(1800)
	same(t, "taken up", b.notes(2, KindReconfigured), 1700)
}

// TestAChangeNeedsAQuorumOfBoth: of the old voters and of the new ones, and what comes
// behind it needs both as well, until it has committed.
func TestAChangeNeedsAQuorumOfBoth_F22(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	c := b.open(2)
	c.login(20000)
	b.until(1500)
	b.hold(0, 2)
	b.ask(2, 0, 2) // servers 1 and 2 are a quorum of three, and not of these two
	c.send(Packet{Op: OpCreate, Path: "/a", Xid: 1})
	b.until(1600)
	same(t, "taken up", b.notes(2, KindReconfigured))
	same(t, "answers", c.answers(), "connect OK")
	b.release(0, 2)
	b.until(1700)
	same(t, "taken up", b.notes(2, KindReconfigured), 1600)
	same(t, "answers", c.answers(), "connect OK", "create OK")
}

// While a change is proposed the leader needs the voters to come behind it as well
// (Leader.java:Leader.lead).
func TestALeaderThatLosesTheVotersToComeStepsDown_F22_F8(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader)
	b.until(1400)
	b.hold(0, 2)   // its last word was the answer to the PING of 1000
	b.ask(2, 0, 2) // server 1 goes on, and two of three are there
	b.until(20000)
	n := b.lastNote(2, KindSteppedDown)
	if n.Text != "quorum lost" || n.A != 2 || n.B != 2 {
		t.Errorf("stepped down: %+v, want quorum lost, with two of three voters", n)
	}
	// Silent for 10 s at 11000 (F-5); the checks are those of whole ticks (F-6).
	same(t, "steps down", b.notes(2, KindSteppedDown), 12000)
}

func TestAServerThatMissedAChangeLearnsOfIt_F22(t *testing.T) {
	b := newBus(t, &fixedEnv{}, time.Millisecond, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	b.until(1500)
	for _, n := range []NodeID{0, 2, 3} {
		b.cut(1, n)
	}
	b.ask(2, 0, 2, 3)
	b.until(20000)
	same(t, "it looks", b.roles()[1:2], "looking of -1")
	if got := b.server(1).cfg.Voters; len(got) != 3 || got[1] != 1 {
		t.Fatalf("voters %v, want the old ones", got)
	}
	for _, n := range []NodeID{0, 2, 3} {
		b.heal(1, n)
	}
	b.until(90000)
	same(t, "roles", b.roles(), "follower of 2", "observer of 2", "leader of 2", "follower of 2")
	if got := b.server(1).cfg.Voters; !slices.Equal(got, []NodeID{0, 2, 3}) {
		t.Errorf("voters %v", got)
	}
}

// TestALaterLeaderCompletesAChange: one that has it in its log (Leader.java:startZkServer).
func TestALaterLeaderCompletesAChange_F22_Z10(t *testing.T) {
	b := newBus(t, &fixedEnv{}, 0, RoleFollower, RoleFollower, RoleLeader, RoleObserver)
	b.until(1500)
	b.hold(0, 2)
	b.hold(1, 2)
	b.ask(2, 0, 1, 3) // logged by the followers, and known to be by nobody
	b.until(1600)
	b.kill(2)
	b.until(10000)
	leader := b.server(1)
	if !leader.Leads() || !slices.Equal(leader.cfg.Voters, []NodeID{0, 1, 3}) {
		t.Fatalf("roles %v, voters %v; want server 1 to lead servers 0, 1 and 3", b.roles(), leader.cfg.Voters)
	}
	if n := b.lastNote(1, KindReconfigured); n.Peer != 1 {
		t.Errorf("designated %d, want 1", n.Peer)
	}
	same(t, "roles", b.roles(), "follower of 1", "leader of 1", "follower of 1")
}
