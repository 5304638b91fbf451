package model

import (
	"slices"
	"time"

	"zksim/clock"
)

// Of a learner's attempts to reach its leader (F-13;
// Learner.java:LeaderConnector.connectToLeader).
const (
	leaderConnectTries = 5
	// leaderConnectDelay is the wait between two, in milliseconds
	// (zookeeper.leaderConnectDelayDuringRetryMs).
	leaderConnectDelay = 100
)

// A learnerPhase says how far a learner is with its leader
// (Learner.java:Learner.syncWithLeader).
type learnerPhase uint8

const (
	learnerConnecting  learnerPhase = iota
	learnerRegistering              // FOLLOWERINFO sent
	learnerSyncing                  // ACKEPOCH sent: is being told what it lacks
	learnerSynced                   // NEWLEADER acknowledged
	learnerRunning                  // UPTODATE received: it serves
)

// A joining is what a learner has until it serves.
type joining struct {
	ends    clock.Reading // of the attempts to connect
	retryAt clock.Reading // of the next attempt
	tries   int
	because RecordID  // of the next attempt, or of what is acknowledged next
	epoch   int32     // the leader's
	lacked  []*Txn    // what DIFF or TRUNC was followed by
	mode    Op        // DIFF, TRUNC or SNAP
	base    int64     // its zxid
	snap    *database // SNAP's
	ackAt   clock.Reading
	members *membership // who votes, if that has been changed (F-22)
	early   []Packet    // what came behind NEWLEADER, for when it serves
}

// beginFollowing is what a server does first that has been told whom to follow.
func (s *Server) beginFollowing(now clock.Reading, out *Output) {
	s.role = s.learning()
	from := s.vote.Leader
	if s.behindMaster() {
		from = s.nextMaster()
	}
	l := s.newLearner(from, now.Millis())
	s.learner = l
	limit := s.cfg.initial()
	if s.cfg.ConnectLimit > 0 {
		limit = s.cfg.ConnectLimit * s.cfg.Tick
	}
	l.limit = s.cfg.initial()
	l.join.because = out.Cause()
	l.join.ends = now.Add(time.Duration(limit) * time.Millisecond)
	l.connect(s, now, out)
}

func (l *learnerState) connect(s *Server, now clock.Reading, out *Output) {
	out.Because(l.join.because)
	l.join.tries++
	l.join.retryAt = clock.Unset
	l.conn = s.nextConn()
	port := PortQuorum
	if s.behindMaster() {
		port = PortObserver
	}
	out.Dial(l.conn, l.leader, port)
}

func (l *learnerState) joinWake() clock.Reading {
	j := &l.join
	switch l.phase {
	case learnerConnecting:
		return min(j.ends, j.retryAt)
	case learnerSyncing:
		return min(j.ackAt, clock.ReadingOfMillis(l.heard+l.limit))
	}
	return clock.ReadingOfMillis(l.heard + l.limit)
}

// checkJoin is a wait of the join having run out.
func (l *learnerState) checkJoin(s *Server, now clock.Reading, unread bool, out *Output) {
	j := &l.join
	switch {
	case l.phase == learnerConnecting && now >= j.ends:
		out.Because(j.because)
		s.lostLeader(now, "F-13", "not reached", out)
	case l.phase == learnerConnecting && now >= j.retryAt:
		l.connect(s, now, out)
	case l.phase == learnerConnecting:
	case now >= j.ackAt:
		l.synced(s, now, out)
	case !unread:
		l.checkLeader(s, now, out)
	}
}

// unreached is an attempt to connect that came to nothing (F-13).
func (l *learnerState) unreached(s *Server, now clock.Reading, why string, out *Output) {
	l.conn = NoConn
	next := now.Add(leaderConnectDelay * time.Millisecond)
	if l.join.tries == leaderConnectTries || next >= l.join.ends {
		s.lostLeader(now, "F-13", why, out)
		return
	}
	l.join.retryAt, l.join.because = next, out.Cause()
}

// connected is the leader's port having taken the connection: the learner registers
// (Learner.java:Learner.registerWithLeader).
func (l *learnerState) connected(s *Server, now clock.Reading, out *Output) {
	l.heard, l.heardBy = now.Millis(), out.Cause()
	l.phase = learnerRegistering
	out.Send(l.conn, &Packet{Op: OpFollowerInfo, Zxid: firstZxid(s.acceptedEpoch), Quorum: &QuorumInfo{Observer: !s.votes()}})
}

// joinPacket is what the leader sent before the learner serves. PINGs are not
// answered yet.
func (l *learnerState) joinPacket(s *Server, now clock.Reading, p *Packet, out *Output) {
	j := &l.join
	switch p.Op {
	case OpLeaderInfo:
		l.accept(s, now, epochOf(p.Zxid), out)
	case OpDiff, OpTrunc:
		j.mode, j.base = p.Op, p.Zxid
	case OpSnap:
		j.mode, j.base, j.snap = p.Op, p.Zxid, p.Quorum.Snapshot
	case OpNewLeader:
		if p.Quorum != nil {
			j.members = p.Quorum.Members
		}
		l.newLeader(s, now, out)
	case OpUpToDate:
		l.upToDate(s, now, out)
	case OpInform:
		if l.phase == learnerSyncing && j.ackAt == clock.Unset {
			j.lacked = append(j.lacked, p.Txn)
			return
		}
		if p.Quorum != nil && l.activateEarly(s, now, p.Txn, p.Quorum.Leader, out) {
			return
		}
		j.early = append(j.early, *p)
	case OpProposal:
		j.early = append(j.early, *p)
	case OpCommit:
		if p.Quorum != nil && l.activateEarly(s, now, j.proposed(p.Zxid), p.Quorum.Leader, out) {
			return
		}
		j.early = append(j.early, *p)
	}
}

// proposed is a transaction that was proposed since the learner joined.
func (j *joining) proposed(zxid int64) *Txn {
	i := slices.IndexFunc(j.early, func(p Packet) bool { return p.Op == OpProposal && p.Zxid == zxid })
	return j.early[i].Txn
}

// activateEarly is a reconfiguration that commits before the learner serves: it takes
// effect when it is read, ahead of what was proposed before. If it changes the learner's
// role or its leader, the learner leaves at once and keeps nothing of that (F-22;
// Learner.java:Learner.syncWithLeader).
func (l *learnerState) activateEarly(s *Server, now clock.Reading, t *Txn, designated NodeID, out *Output) bool {
	if !s.reconfigure(&membership{t.Zxid, t.Voters}, designated, out) {
		return false
	}
	s.lostLeader(now, "F-22", "changes proposed in reconfig", out)
	return true
}

// accept is LEADERINFO: a later epoch is accepted for good, the present one once
// more, an earlier one never.
func (l *learnerState) accept(s *Server, now clock.Reading, epoch int32, out *Output) {
	last := s.currentEpoch
	switch {
	case epoch < s.acceptedEpoch:
		s.lostLeader(now, "F-14", "an epoch that is over", out)
		return
	case epoch == s.acceptedEpoch:
		last = -1
	}
	s.acceptedEpoch, l.join.epoch = epoch, epoch
	l.phase = learnerSyncing
	out.Send(l.conn, &Packet{Op: OpAckEpoch, Zxid: s.db.zxid, Quorum: &QuorumInfo{Epoch: last}})
}

// newLeader is NEWLEADER: all that the learner lacks has come. It is on disk before
// it is acknowledged.
func (l *learnerState) newLeader(s *Server, now clock.Reading, out *Output) {
	j := &l.join
	out.Note(Note{Kind: KindSynced, Rule: "F-14", Peer: l.leader, A: j.base, B: int64(len(j.lacked)), Text: j.mode.String()})
	cause := out.Cause()
	switch j.mode {
	case OpTrunc:
		if !s.truncate(now, j.base, out) {
			out.Because(cause)
			s.lostLeader(now, "Z-10", "cannot truncate", out)
			return
		}
	case OpSnap:
		s.adopt(j.snap, out)
	}
	out.Because(cause)
	j.ackAt, j.because = now, cause
	if len(j.lacked) > 0 || j.mode != OpDiff {
		j.ackAt = now.Add(s.env.FlushTime(s.log.flushes))
		s.log.flushes++
	}
	l.checkJoin(s, now, true, out)
}

// synced acknowledges NEWLEADER, with everything applied that the leader has.
func (l *learnerState) synced(s *Server, now clock.Reading, out *Output) {
	j := &l.join
	out.Because(j.because)
	cause := out.Cause()
	if len(j.lacked) > 0 {
		// The leader may fall before a quorum has this.
		s.keepBefore()
		s.replayed = append(s.replayed, j.lacked...)
	}
	for _, t := range j.lacked {
		out.Because(cause)
		s.apply(now, t, out)
	}
	out.Because(cause)
	j.lacked, j.snap, j.ackAt = nil, nil, clock.Unset
	s.currentEpoch = j.epoch
	l.phase = learnerSynced
	l.limit = s.cfg.silence()
	out.Send(l.conn, &Packet{Op: OpAck, Zxid: firstZxid(j.epoch)})
}

// upToDate is UPTODATE: the learner serves, and turns to what came meanwhile (F-18).
func (l *learnerState) upToDate(s *Server, now clock.Reading, out *Output) {
	if m := l.join.members; m != nil && s.reconfigure(m, NoNode, out) {
		s.lostLeader(now, "F-22", "changes proposed in reconfig", out)
		return
	}
	l.phase = learnerRunning
	s.vote.Epoch = l.join.epoch
	s.forgetTail()
	s.serve(now, "F-18", out)
	l.mastersObservers(s, now, s.cfg.heartbeat())
	early := l.join.early
	l.join = joining{}
	cause := out.Cause()
	for i := range early {
		out.Because(cause)
		l.packet(s, now, &early[i], out)
	}
}

// adopt takes over the leader's database whole. What is gone from it is gone here.
func (s *Server) adopt(snap *database, out *Output) {
	cause := out.Cause()
	old := s.db
	s.keepBefore()
	s.db = *snap.clone()
	s.history, s.forgotten = nil, true
	old.sessions.each(func(id SessionID, e *sessionEntry) {
		if now := s.db.sessions.find(id); !e.live || now != nil && now.live {
			return
		}
		out.Because(cause)
		out.Note(Note{Kind: KindCloseApplied, Rule: "Z-4", Session: id, Peer: NoNode, A: s.db.zxid})
		for _, path := range e.paths {
			out.Note(Note{Kind: KindNodeDeleted, Rule: "Z-4", Session: id, Peer: NoNode, A: s.db.zxid, Text: path})
		}
	})
	out.Because(cause)
}

// keepBefore keeps what there is, before something is applied of which the server
// does not know whether a quorum has it.
func (s *Server) keepBefore() {
	if s.before == nil {
		s.before = s.db.clone()
	}
}

// forgetTail forgets what it would take to take that back: a quorum has it now.
func (s *Server) forgetTail() { s.before, s.replayed = nil, nil }
