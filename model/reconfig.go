package model

import (
	"slices"

	"zksim/clock"
)

// A membership is who votes, as a committed reconfiguration has it; all other servers
// observe. Its version is the zxid of the transaction (QuorumVerifier.java).
type membership struct {
	version int64
	voters  []NodeID // in order
}

// newer says whether a membership is one that this server has not taken up yet.
func (s *Server) newer(m *membership) bool {
	return m != nil && (s.members == nil || m.version > s.members.version)
}

// pending is the membership that has been proposed and not committed here, or nil.
func (s *Server) pending() *membership {
	if s.newer(s.seen) {
		return s.seen
	}
	return nil
}

// membersInfo is what a server tells others of who votes; nil if that is as it was when
// they began.
func (s *Server) membersInfo() *QuorumInfo {
	switch {
	case s.pending() != nil:
		return &QuorumInfo{Members: s.seen}
	case s.members != nil:
		return &QuorumInfo{Members: s.members}
	}
	return nil
}

// among counts who of the voters is in the set.
func (v voterSet) among(voters []NodeID) int {
	n := 0
	for _, w := range voters {
		if v.has(w) {
			n++
		}
	}
	return n
}

// quorumOf says whether a set holds a majority of voters.
func (v voterSet) quorumOf(voters []NodeID) bool { return v.among(voters) > len(voters)/2 }

// reconfig is somebody asking a leader for other voters. A quorum of them must be with
// it already, and one change must be over before the next. Observers are no part of that
// quorum: they acknowledge nothing, so a change that needs them could never commit
// (PrepRequestProcessor.java:PrepRequestProcessor.pRequest2Txn,
// Leader.java:Leader.isQuorumSynced, startForwarding).
func (s *Server) reconfig(now clock.Reading, voters []NodeID, out *Output) {
	refuse := func(why string) {
		out.Note(Note{Kind: KindReconfigRefused, Rule: "F-22", Peer: NoNode, Text: why})
	}
	l := s.leader
	if l == nil || l.phase != leadingServing || s.role != RoleLeader {
		refuse("does not lead")
		return
	}
	var with voterSet
	with.add(s.cfg.Node)
	for i := range l.learners {
		if h := &l.learners[i]; h.forwarding() && !h.observer && l.tick <= h.tick {
			with.add(h.node)
		}
	}
	switch {
	case s.pending() != nil:
		refuse("ReconfigInProgress")
	case !with.quorumOf(voters):
		refuse("NewConfigNoQuorum")
	default:
		l.propose(s, now, &Txn{Op: OpReconfig, Req: OpReconfig, Origin: NoNode, Voters: voters}, out)
	}
}

// saw remembers the latest membership that has been proposed
// (QuorumPeer.java:QuorumPeer.setLastSeenQuorumVerifier).
func (s *Server) saw(t *Txn) {
	if t.Op == OpReconfig {
		s.seen = &membership{t.Zxid, t.Voters}
	}
}

// commits says whether a proposal has the quorums that it needs: of the voters, and
// from a reconfiguration on of those to come as well.
func (s *Server) commits(p *proposal) bool {
	if !p.acks.quorumOf(s.cfg.Voters) && s.cfg.Deviation != DeviateCommitAlone {
		return false
	}
	next := s.pending()
	return next == nil || p.txn.Zxid < next.version || p.acks.quorumOf(next.voters)
}

// designate chooses who leads under new voters: the present leader if it is one, else,
// of those that have acknowledged the change, one that has acknowledged the most of
// what came behind it (Leader.java:Leader.getDesignatedLeader).
func (l *leaderState) designate(s *Server, m *membership, acks voterSet) NodeID {
	if slices.Contains(m.voters, s.cfg.Node) {
		return s.cfg.Node
	}
	candidates := slices.DeleteFunc(slices.Clone(m.voters), func(n NodeID) bool { return !acks.has(n) })
	for i := range l.proposals.Len() {
		acks := l.proposals.At(i).acks
		left := slices.DeleteFunc(slices.Clone(candidates), func(n NodeID) bool { return !acks.has(n) })
		if len(left) == 0 {
			break
		}
		candidates = left
	}
	return candidates[0]
}

// reconfigure takes up a membership. Designated is who leads from now on; NoNode: that
// is not settled. It reports whether this server's role, or whom it follows, is another
// (QuorumPeer.java:QuorumPeer.processReconfig).
func (s *Server) reconfigure(m *membership, designated NodeID, out *Output) (major bool) {
	if !s.newer(m) {
		return false
	}
	voted := s.votes()
	servers := slices.Sorted(slices.Values(append(slices.Clone(s.cfg.Voters), s.cfg.Observers...)))
	s.members = m
	s.cfg.Voters = m.voters
	s.cfg.Observers = slices.DeleteFunc(servers, func(n NodeID) bool { return slices.Contains(m.voters, n) })
	s.masters, s.masterAt = nil, 0
	mask := voterSet(0)
	for _, n := range m.voters {
		mask.add(n)
	}
	out.Note(Note{Kind: KindReconfigured, Rule: "F-22", Peer: designated, A: m.version, B: int64(mask)})
	role := voted != s.votes()
	if designated == NoNode {
		s.decided = false
		return role || s.voter(s.vote.Leader) < 0
	}
	leader := s.vote.Leader != designated
	if leader {
		s.vote.Leader, s.vote.Zxid = designated, m.version
	}
	s.decided = role || leader // no election is needed (reconfigFlag)
	return role || leader
}

// activate is a learner hearing that a reconfiguration has committed, and who leads
// (COMMITANDACTIVATE, INFORMANDACTIVATE). If that changes its own role, or its leader,
// it gives its role up and takes up the next without an election (F-22;
// Follower.java:Follower.processPacket).
func (l *learnerState) activate(s *Server, now clock.Reading, t *Txn, designated NodeID, out *Output) {
	cause := out.Cause()
	major := s.reconfigure(&membership{t.Zxid, t.Voters}, designated, out)
	out.Because(cause)
	s.apply(now, t, out)
	out.Because(cause)
	if l.master != nil {
		l.master.inform(t, designated, out)
	}
	if major {
		s.lostLeader(now, "F-22", "changes proposed in reconfig", out)
	}
}

// committedReconfig is the leader's part of that. If it is not to lead any more it
// commits nothing further; its learners leave it, so that it finds no quorum at its next
// check (F-8; Leader.java:Leader.tryToCommit).
func (l *leaderState) committedReconfig(s *Server, t *Txn, acks voterSet, out *Output) NodeID {
	m := &membership{t.Zxid, t.Voters}
	designated := l.designate(s, m, acks)
	s.reconfigure(m, designated, out)
	l.retired = designated != s.cfg.Node
	return designated
}
