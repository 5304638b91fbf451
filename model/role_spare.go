package model

import "zksim/clock"

// A spareRole is the memory of roles of an earlier run (see [Server.Renew]).
type spareRole struct {
	leader  *leaderState
	tracker *Tracker
	learner *learnerState
}

// keep puts the roles of a run that is over aside.
func (s *Server) keep() {
	if s.leader != nil {
		s.spare.leader = s.leader
		if s.leader.tracker != nil {
			s.spare.tracker = s.leader.tracker
		}
	}
	if s.learner != nil {
		s.spare.learner = s.learner
	}
}

// newLeader returns what a server begins to lead with, or to stand alone: once it
// serves, it has a tracker.
func (s *Server) newLeader() *leaderState {
	l := s.spare.leader
	if s.spare.leader = nil; l == nil {
		l = &leaderState{ahead: map[string]pathChange{}}
	}
	clear(l.ahead)
	clear(l.creates)
	*l = leaderState{ahead: l.ahead, creates: l.creates, proposals: l.proposals.emptied(), learners: l.learners[:0],
		nextPing: clock.Unset, silence: clock.Unset, phaseEnds: clock.Unset, phase: leadingServing}
	return l
}

// newTracker returns the tracker that a leader begins to serve with.
func (s *Server) newTracker(now int64) *Tracker {
	t := s.spare.tracker
	if s.spare.tracker = nil; t == nil {
		return NewTracker(s.cfg.Tick, now)
	}
	t.Reset(s.cfg.Tick, now)
	return t
}

// newLearner returns what a server begins to follow with: no touches (F-17).
func (s *Server) newLearner(leader NodeID, now int64) *learnerState {
	l := s.spare.learner
	if s.spare.learner = nil; l == nil {
		l = &learnerState{table: new(TouchTable)}
	}
	l.table.touches = l.table.touches[:0]
	*l = learnerState{leader: leader, conn: NoConn, heard: now, round: 1, table: l.table, proposals: l.proposals.emptied(), asking: l.asking[:0],
		join: joining{ends: clock.Unset, retryAt: clock.Unset, ackAt: clock.Unset}}
	return l
}
