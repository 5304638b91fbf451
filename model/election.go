package model

import (
	"slices"
	"time"

	"zksim/clock"
)

// Times of an election, in milliseconds.
const (
	// finalizeWait is how long a quorum's choice must go unchallenged (F-10;
	// FastLeaderElection.java:FastLeaderElection.finalizeWait).
	finalizeWait = 200
	// The wait for a notification begins with the first and doubles up to the second
	// (F-11; zookeeper.fastleader.minNotificationInterval, maxNotificationInterval).
	minNotificationInterval = 200
	maxNotificationInterval = 60000
	// observerDelay bounds what an observer waits before it looks (F-4;
	// zookeeper.observer.election.DelayMs).
	observerDelay = 200
)

// An electionState is what a server has while it looks for a leader
// (FastLeaderElection.java:FastLeaderElection.lookForLeader).
type electionState struct {
	own      Vote // what it stands for itself
	proposed Vote
	votes    []heardVote // of this round, by server
	outside  []heardVote // of those that follow or lead, whatever their round, by server
	interval int64       // q of F-11, ms
	// until is when the wait for a notification runs out; settling says that a quorum
	// agrees, and that it is the wait of 200 ms for a better vote.
	until    clock.Reading
	settling bool
	because  RecordID // of the present wait
}

// look begins a round: the server votes for itself and tells all voters (F-10).
func (s *Server) look(now clock.Reading, out *Output) {
	out.Because(s.lookBy)
	s.lookAt, s.lookBy = clock.Unset, 0
	if s.decided {
		s.decided = false
		s.elected(now, s.vote, "F-22", out)
		return
	}
	s.plansReadOnly(now, out)
	s.round++
	servers := len(s.cfg.Voters) + len(s.cfg.Observers)
	e := &electionState{own: noVote, interval: minNotificationInterval,
		votes: make([]heardVote, servers), outside: make([]heardVote, servers)}
	if s.votes() {
		e.own = Vote{Leader: s.cfg.Node, Zxid: s.db.zxid, Epoch: s.currentEpoch}
	}
	s.election = e
	out.Note(Note{Kind: KindLooking, Rule: "F-10", Peer: NoNode, A: s.db.zxid, B: s.round})
	e.until = now.Add(minNotificationInterval * time.Millisecond)
	s.propose(now, e.own, out)
}

// votes says whether the server is a voter.
func (s *Server) votes() bool { return s.voter(s.cfg.Node) >= 0 }

// voter returns the position of a node among the voters, or -1.
func (s *Server) voter(n NodeID) int {
	for i, v := range s.cfg.Voters {
		if v == n {
			return i
		}
	}
	return -1
}

// elects says whether a node's word counts in an election: a voter's, and that of one
// that a reconfiguration makes a voter which is proposed here and not committed (F-22;
// QuorumPeer.java:QuorumPeer.getCurrentAndNextConfigVoters).
func (s *Server) elects(n NodeID) bool {
	if s.voter(n) >= 0 {
		return true
	}
	next := s.pending()
	return next != nil && slices.Contains(next.voters, n)
}

// propose adopts a vote and tells all voters, the server itself among them.
func (s *Server) propose(now clock.Reading, v Vote, out *Output) {
	e := s.election
	v.Round = s.round
	e.proposed = v
	if v.Leader != NoNode {
		out.Note(Note{Kind: KindVote, Rule: "F-10", Peer: v.Leader, A: v.Zxid, B: v.Round})
	}
	e.because = out.Cause()
	s.notifyVoters(now, out)
}

// notifyVoters sends the present proposal to all voters.
func (s *Server) notifyVoters(now clock.Reading, out *Output) {
	e := s.election
	for i := range s.links {
		if s.elects(s.links[i].node) {
			s.links[i].send(s, now, &QuorumInfo{Vote: e.proposed, Role: RoleLooking, Members: s.members}, out)
		}
	}
	if s.elects(s.cfg.Node) {
		s.weigh(now, s.cfg.Node, &QuorumInfo{Vote: e.proposed, Role: RoleLooking, Members: s.members}, out)
	}
}

// notified is a notification from another server. A server that does not look
// says whom it follows to one that does (FastLeaderElection.java:WorkerReceiver.run).
func (s *Server) notified(now clock.Reading, l *electionLink, q *QuorumInfo, out *Output) {
	if q.Members != nil && s.election != nil && s.newer(q.Members) {
		// It has missed a change of voters, and begins the election anew
		// (FastLeaderElection.java:WorkerReceiver.run).
		s.reconfigure(q.Members, NoNode, out)
		s.look(now, out)
		return
	}
	switch {
	case !s.elects(l.node):
		// An observer is answered at once and not counted. It is told the last vote that
		// was settled, also by a server that looks. Two servers that take each other for
		// observers, since one has missed a change of voters, do not go on answering (U-8).
		if q.Answer {
			return
		}
		v := s.vote
		v.Round = s.round
		l.send(s, now, &QuorumInfo{Vote: v, Role: s.role, Members: s.members, Answer: true}, out)
	case s.election != nil:
		// An observer does not say so to one who is behind: a voter would answer it at
		// once, still behind, and so on without a pause (U-8).
		behind := q.Role == RoleLooking && q.Vote.Round < s.round && s.elects(s.cfg.Node) && !q.Answer
		s.weigh(now, l.node, q, out)
		if behind && s.election != nil {
			l.send(s, now, &QuorumInfo{Vote: s.election.proposed, Role: RoleLooking, Members: s.members}, out)
		}
	case q.Role == RoleLooking && s.role != RoleLooking && s.elects(s.cfg.Node) && !q.Answer:
		// Nor does an observer that has found its leader answer a voter that has not: the
		// voter does not count it, and answers at once for as long as it looks (U-8). What
		// comes as an answer comes from one that takes this server for an observer.
		l.send(s, now, &QuorumInfo{Vote: s.vote, Role: s.role, Members: s.members}, out)
	}
}

// weigh takes one notification into account.
func (s *Server) weigh(now clock.Reading, from NodeID, q *QuorumInfo, out *Output) {
	e := s.election
	if e.settling {
		// While it waits for a better vote it takes in nothing else; each message
		// begins the wait anew (F-10).
		if !q.Vote.beats(e.proposed) {
			e.until = now.Add(finalizeWait * time.Millisecond)
			return
		}
		e.settling = false
	}
	e.until = now.Add(time.Duration(e.interval) * time.Millisecond)
	if q.Role == RoleLooking {
		s.weighLooking(now, from, q.Vote, out)
		return
	}
	s.weighSettled(now, from, q, out)
}

// weighLooking is the vote of another server that looks.
func (s *Server) weighLooking(now clock.Reading, from NodeID, v Vote, out *Output) {
	e := s.election
	switch {
	case v.Leader == NoNode || v.Round < s.round:
		return
	case v.Round > s.round:
		s.round = v.Round
		clear(e.votes)
		better := e.own
		if v.beats(e.own) {
			better = v
		}
		s.propose(now, better, out)
	case v.beats(e.proposed):
		s.propose(now, v, out)
	}
	if s.election != e {
		return
	}
	e.votes[from] = heardVote{true, v, RoleLooking}
	if s.isQuorum(agreeing(e.votes, heardVote{true, e.proposed, RoleLooking})) {
		e.settling, e.because = true, out.Cause()
		e.until = now.Add(finalizeWait * time.Millisecond)
	}
}

// weighSettled is the word of a server that follows or leads: with a quorum behind
// one leader, and that leader's own word, the server joins at once (F-12;
// FastLeaderElection.java:FastLeaderElection.receivedFollowingNotification).
func (s *Server) weighSettled(now clock.Reading, from NodeID, q *QuorumInfo, out *Output) {
	e := s.election
	said := heardVote{true, q.Vote, q.Role}
	leader := q.Vote.Leader
	if !s.elects(leader) {
		return
	}
	leads := func(heard []heardVote, round int64) bool {
		if leader == s.cfg.Node {
			return round == s.round
		}
		h := &heard[leader]
		return h.said && h.role == RoleLeader
	}
	if q.Vote.Round == s.round {
		e.votes[from] = said
		if s.isQuorum(agreeing(e.votes, said)) && leads(e.votes, q.Vote.Round) {
			s.elected(now, q.Vote, "F-12", out)
			return
		}
	}
	e.outside[from] = said
	if s.isQuorum(agreeing(e.outside, said)) && leads(e.outside, q.Vote.Round) {
		s.round = q.Vote.Round
		s.elected(now, q.Vote, "F-12", out)
	}
}

// agreeing is who has said the same.
func agreeing(heard []heardVote, as heardVote) (who voterSet) {
	for n := range heard {
		if heard[n].agrees(as) {
			who.add(NodeID(n))
		}
	}
	return who
}

// isQuorum says whether a set holds a majority of the voters, and of those to come where
// a reconfiguration is proposed here and not committed (F-22;
// SyncedLearnerTracker.java:SyncedLearnerTracker.hasAllQuorums).
func (s *Server) isQuorum(with voterSet) bool {
	if !with.quorumOf(s.cfg.Voters) {
		return false
	}
	next := s.pending()
	return next == nil || with.quorumOf(next.voters)
}

// checkElection is a wait having run out: for a better vote, or for any word.
func (s *Server) checkElection(now clock.Reading, out *Output) {
	if now >= s.lookAt {
		s.look(now, out)
	}
	e := s.election
	if e == nil || now < e.until {
		return
	}
	out.Because(e.because)
	if e.settling {
		s.elected(now, e.proposed, "F-10", out)
		return
	}
	e.interval = min(2*e.interval, maxNotificationInterval)
	e.until = now.Add(time.Duration(e.interval) * time.Millisecond)
	if s.delivered() {
		s.notifyVoters(now, out)
	} else {
		s.connectAll(now, out)
	}
}

// elected ends the election: the server leads or follows.
func (s *Server) elected(now clock.Reading, v Vote, rule string, out *Output) {
	s.election = nil
	s.vote = v
	out.Note(Note{Kind: KindElected, Rule: rule, Peer: v.Leader, A: v.Zxid, B: s.round})
	s.stopReadOnly(out)
	if v.Leader == s.cfg.Node {
		s.beginLeading(now, out)
		return
	}
	s.beginFollowing(now, out)
}
