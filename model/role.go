package model

import (
	"time"

	"zksim/clock"
)

// A Role is what a server does in its ensemble at present.
type Role uint8

const (
	RoleStandalone Role = iota
	RoleLeader
	RoleFollower
	RoleObserver
	RoleLooking // for a leader: it serves nobody
)

var roleNames = [...]string{"standalone", "leader", "follower", "observer", "looking"}

// String returns the role's name in ZooKeeper's words.
func (r Role) String() string { return roleNames[r] }

// Role returns what the server does at present.
func (s *Server) Role() Role { return s.role }

// Serving says whether the server serves clients at present.
func (s *Server) Serving() bool { return s.serving }

// Leads says whether the server leads at present, and not only tries to, or stands
// alone.
func (s *Server) Leads() bool { return s.leader != nil && s.leader.phase == leadingServing }

// Epoch returns the epoch in which the server has last led or followed.
func (s *Server) Epoch() int32 { return s.currentEpoch }

// Leader returns whom the server follows, itself if it leads or stands alone, or
// NoNode.
func (s *Server) Leader() NodeID {
	switch {
	case s.leader != nil:
		return s.cfg.Node
	case s.learner != nil:
		return s.learner.leader
	}
	return NoNode
}

// begin is the process having loaded what is on its disk. In a run that begins
// with a steady ensemble the roles are settled; otherwise there is an election
// (QuorumPeer.java:QuorumPeer.start).
func (s *Server) begin(now clock.Reading, out *Output) {
	s.servesAt = clock.Unset
	s.replay(now, s.unapplied, out)
	s.unapplied = nil
	switch {
	case s.cfg.alone():
		s.role, s.leader = RoleStandalone, s.newLeader()
		s.serve(now, "H-4", out)
	case s.restarted || s.cfg.Leader == NoNode:
		s.role = RoleLooking
		s.vote = Vote{Leader: s.cfg.Node, Zxid: s.db.zxid, Epoch: s.currentEpoch}
		s.look(now, out)
	default:
		s.round = 1
		s.vote = Vote{Leader: s.cfg.Leader, Round: 1}
		if s.cfg.Leader == s.cfg.Node {
			s.role = RoleLeader
			s.leader = s.newLeader()
			s.leader.steady(&s.cfg, now)
		} else {
			s.role = s.learning()
			from := s.cfg.Leader
			if s.behindMaster() {
				from = s.steadyMaster()
			}
			s.learner = s.newLearner(from, now.Millis())
			s.learner.phase, s.learner.limit = learnerRunning, s.cfg.silence()
			if s.cfg.ObserverMaster {
				s.learner.mastersObservers(s, now, int64(below(s.env.Draw(PurposeMasters, 0), int(s.cfg.heartbeat()))))
			}
		}
		s.serve(now, "H-4", out)
	}
}

// learning is the role of this server under somebody else's lead.
func (s *Server) learning() Role {
	if s.votes() {
		return RoleFollower
	}
	return RoleObserver
}

// serve opens the server to clients. A leader tracks every session in its database
// afresh, with the timeout first negotiated, and so does a standalone server that
// was restarted (F-15, F-16; SessionTrackerImpl.java:SessionTrackerImpl.<init>).
func (s *Server) serve(now clock.Reading, rule string, out *Output) {
	// A leader that is not to serve closes clients as if it did not serve yet (H-4;
	// Leader.java:Leader.startZkServer).
	s.serving = s.role != RoleLeader || !s.cfg.LeaderIdle
	serving := out.Note(Note{Kind: KindServing, Rule: rule, Peer: NoNode, Text: s.role.String()})
	s.trackLocals(now)
	if s.leader == nil {
		return
	}
	ms := now.Millis()
	s.leader.tracker = s.newTracker(ms)
	rule = "F-16"
	if s.role == RoleLeader {
		rule = "F-15"
	}
	s.db.sessions.each(func(id SessionID, e *sessionEntry) {
		if e.live {
			out.Because(serving)
			s.leader.tracker.Track(id, e.first, ms)
			deadline, _ := s.leader.tracker.Touch(id, e.first, ms, out.next)
			out.Note(Note{Kind: KindRearmed, Rule: rule, Session: id, Peer: NoNode, A: int64(e.first), B: deadline})
		}
	})
	out.Because(serving)
}

// leaveRole is what giving up a role means, whoever gave it up: clients are hung up
// on, those of this server alone (F-19), nothing is served, and the log is replayed,
// with what never committed (F-3, F-8, Z-10; Learner.java:Learner.shutdown,
// Leader.java:Leader.shutdown).
func (s *Server) leaveRole(now clock.Reading, rule, why string, out *Output) {
	cause := out.Cause()
	s.serving = false
	s.hangUpAll(rule, why, out)
	tail := s.inFlight()
	if s.leader != nil {
		for i := range s.leader.learners {
			out.Close(s.leader.learners[i].conn)
		}
	}
	if s.learner != nil && s.learner.conn != NoConn {
		out.Close(s.learner.conn)
	}
	if s.learner != nil && s.learner.master != nil {
		s.learner.master.stop(out)
	}
	observed := s.role == RoleObserver
	s.leader, s.learner = nil, nil
	s.forgetLocals(out)
	s.role = RoleLooking
	s.log.stop()
	s.db.forgetRole()
	s.replay(now, tail, out)
	out.Because(cause)
	if !observed {
		s.look(now, out)
		return
	}
	wait := below(s.env.Draw(PurposeObserverDelay, s.delays), observerDelay)
	s.delays++
	s.lookAt, s.lookBy = now.Add(time.Duration(wait)*time.Millisecond), out.Cause()
}

// replay applies a log's tail that never committed, as far as this server knows:
// if the next leader does not have it, it will be taken back (Z-10;
// ZKDatabase.java:ZKDatabase.fastForwardDataBase).
func (s *Server) replay(now clock.Reading, tail []*Txn, out *Output) {
	if len(tail) == 0 {
		return
	}
	s.keepBefore()
	s.replayed = append(s.replayed, tail...)
	out.Note(Note{Kind: KindReplayed, Rule: "Z-10", Peer: NoNode, A: int64(len(tail)), B: tail[len(tail)-1].Zxid})
	cause := out.Cause()
	for _, t := range tail {
		out.Because(cause)
		s.apply(now, t, out)
	}
}

// truncate takes back what was applied beyond a zxid, as long as it is not known
// that a quorum has it (Z-10; ZKDatabase.java:ZKDatabase.truncateLog). It reports
// whether the log then ends with that zxid; if not, it ends before.
func (s *Server) truncate(now clock.Reading, zxid int64, out *Output) bool {
	if s.db.zxid <= zxid || s.before == nil {
		return s.db.zxid == zxid
	}
	s.db = *s.before.clone()
	i := len(s.history)
	for i > 0 && s.history[i-1].Zxid > s.db.zxid {
		i--
	}
	s.history = s.history[:i]
	cause := out.Cause()
	tail := s.replayed
	s.replayed = nil
	for _, t := range tail {
		out.Because(cause)
		if t.Zxid <= zxid {
			s.replayed = append(s.replayed, t)
			s.apply(now, t, out)
			continue
		}
		out.Note(Note{Kind: KindDiscarded, Rule: "Z-10", Session: t.Session, Peer: NoNode, A: t.Zxid, Text: t.Op.String()})
	}
	out.Because(cause)
	if isFresh(s.db.zxid) && s.lastLogged() == zxid {
		s.db.zxid = zxid // no transaction has the zxid of an epoch's beginning
	}
	return s.db.zxid == zxid
}
