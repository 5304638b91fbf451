package model

import (
	"slices"
	"time"

	"zksim/clock"
)

// A leadingPhase says how far a leader has come; each phase but the last has
// initLimit to be done with (F-14; Leader.java:Leader.lead).
type leadingPhase uint8

const (
	leadingLoad     leadingPhase = iota // loading the database and writing it out
	leadingEpoch                        // waiting for a quorum to say which epochs they have accepted
	leadingEpochAck                     // waiting for a quorum to accept the new one
	leadingSync                         // waiting for a quorum to have what the leader has
	leadingServing
)

var leadingWants = [...]string{leadingEpoch: "no quorum connected", leadingEpochAck: "no quorum accepted the epoch", leadingSync: "no quorum synchronised"}

// beginLeading is what the winner of an election does first: its port for learners
// opens, and it writes its database out (F-14).
func (s *Server) beginLeading(now clock.Reading, out *Output) {
	s.role = RoleLeader
	s.leader = s.newLeader()
	load := s.env.LoadTime(s.loads)
	s.loads++
	s.leader.because = out.Cause()
	s.leader.phase = leadingLoad
	s.leader.phaseEnds = now.Add(load)
	s.checkPhase(now, out)
}

// checkPhase is a phase's time having run out: of loading, that it is done; of the
// others, that there is no quorum (F-14).
func (s *Server) checkPhase(now clock.Reading, out *Output) {
	l := s.leader
	if l == nil || now < l.phaseEnds {
		return
	}
	out.Because(l.because)
	if l.phase != leadingLoad {
		s.stepDown(now, "F-14", leadingWants[l.phase], l.agreed.size(), out)
		return
	}
	l.enter(s, now, leadingEpoch)
	l.connecting(s, now, s.cfg.Node, s.acceptedEpoch, out)
}

// enter goes to the next phase.
func (l *leaderState) enter(s *Server, now clock.Reading, p leadingPhase) {
	l.phase = p
	if p != leadingEpoch { // learners may have come while the leader was loading
		l.agreed = 0
	}
	l.phaseEnds = clock.Unset
	if p != leadingServing {
		l.phaseEnds = now.Add(time.Duration(s.cfg.InitLimit*s.cfg.Tick) * time.Millisecond)
	}
}

// agree counts a voter in the present phase and reports whether the phase is done:
// a quorum, the leader among it.
func (l *leaderState) agree(s *Server, n NodeID) bool {
	if s.voter(n) >= 0 {
		l.agreed.add(n)
	}
	return l.agreed.has(s.cfg.Node) && l.agreed.quorumOf(s.cfg.Voters)
}

// connecting is a server having said which epoch it has accepted; the new one is
// beyond all of a quorum's (Leader.java:Leader.getEpochToPropose).
func (l *leaderState) connecting(s *Server, now clock.Reading, n NodeID, accepted int32, out *Output) {
	if l.phase > leadingEpoch {
		return
	}
	l.epoch = max(l.epoch, accepted+1)
	if s.voter(n) >= 0 {
		l.agreed.add(n)
	}
	if l.phase != leadingEpoch || !l.agree(s, n) {
		return
	}
	s.acceptedEpoch = l.epoch
	l.zxid = firstZxid(l.epoch)
	l.because = out.Note(Note{Kind: KindNewEpoch, Rule: "F-14", Peer: NoNode, A: int64(l.epoch), B: l.zxid, Cause: l.because})
	l.enter(s, now, leadingEpochAck)
	cause := out.Cause()
	for i := range l.learners {
		if h := &l.learners[i]; h.phase == handlerInfo {
			out.Because(cause)
			l.inform(h, out)
		}
	}
	l.epochAcked(s, now, s.cfg.Node, out)
}

// inform proposes the new epoch to a learner (LEADERINFO).
func (l *leaderState) inform(h *learnerHandler, out *Output) {
	h.phase = handlerInformed
	out.Send(h.conn, &Packet{Op: OpLeaderInfo, Zxid: firstZxid(l.epoch)})
}

// epochAcked is a server having accepted the new epoch
// (Leader.java:Leader.waitForEpochAck).
func (l *leaderState) epochAcked(s *Server, now clock.Reading, n NodeID, out *Output) {
	if l.phase != leadingEpochAck || !l.agree(s, n) {
		return
	}
	s.currentEpoch = l.epoch
	l.enter(s, now, leadingSync)
	cause := out.Cause()
	for i := range l.learners {
		if h := &l.learners[i]; h.phase == handlerAccepted {
			out.Because(cause)
			l.synchronise(s, now, h, out)
		}
	}
	out.Because(cause)
	l.newLeaderAcked(s, now, s.cfg.Node, out)
}

// newLeaderAcked is a server having all that the leader has; with a quorum of them
// the leader serves, and where its log ends with other voters, with a quorum of these
// too (F-15, F-18, F-22; Leader.java:Leader.waitForNewLeaderAck, startZkServer).
func (l *leaderState) newLeaderAcked(s *Server, now clock.Reading, n NodeID, out *Output) {
	if l.phase != leadingSync {
		return
	}
	next := s.pending()
	if next != nil && slices.Contains(next.voters, n) {
		l.agreed.add(n)
	}
	if agreed := l.agree(s, n) || s.cfg.Deviation == DeviateServeAlone; !agreed || next != nil && !l.agreed.quorumOf(next.voters) {
		return
	}
	l.synchronised = l.agreed
	l.enter(s, now, leadingServing)
	s.vote.Epoch = l.epoch
	s.db.zxid = l.zxid // there is no transaction with this zxid
	s.forgetTail()
	if m := s.pending(); m != nil {
		// A change of voters that was in its log is completed now
		// (Leader.java:Leader.startZkServer).
		designated := l.designate(s, m, l.synchronised)
		s.reconfigure(m, designated, out)
		l.retired = designated != s.cfg.Node
	}
	s.serve(now, "F-18", out)
	served := out.Cause()
	for i := range l.learners {
		if h := &l.learners[i]; h.phase == handlerSynced {
			out.Because(served)
			l.upToDate(now, h, out)
		}
	}
	// The loop begins with a wait of half a tick, and checks its quorum every second
	// turn, not on the first (F-6).
	l.nextPing = now.Add(time.Duration(s.cfg.heartbeat()) * time.Millisecond)
	l.checks = false
	l.watchSilences(s)
}

// upToDate lets a learner serve (UPTODATE).
func (l *leaderState) upToDate(now clock.Reading, h *learnerHandler, out *Output) {
	h.phase, h.heard = handlerRunning, now.Millis()
	out.Send(h.conn, &Packet{Op: OpUpToDate})
}

// stepDown gives up leading (F-8, F-14; Leader.java:Leader.shutdown).
func (s *Server) stepDown(now clock.Reading, rule, why string, with int, out *Output) {
	out.Note(Note{Kind: KindSteppedDown, Rule: rule, Peer: NoNode, A: int64(with), B: int64(len(s.cfg.Voters)/2 + 1), Text: why})
	s.leaveRole(now, "F-8", "leader steps down", out)
}

// firstZxid is where an epoch's transactions begin: the epoch in the upper half, a
// count in the lower (ZxidUtils.java:ZxidUtils.makeZxid).
func firstZxid(epoch int32) int64 { return int64(epoch) << 32 }

// isFresh says that a zxid is that of an epoch's beginning: no transaction has it.
func isFresh(zxid int64) bool { return zxid&(1<<32-1) == 0 }

func epochOf(zxid int64) int32 { return int32(zxid >> 32) }
