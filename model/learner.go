package model

import "zksim/clock"

// A learnerState is what a server has because it follows a leader: the table of
// touches that it reports, and what waits for the leader's word.
type learnerState struct {
	leader  NodeID
	conn    ConnID
	heard   int64    // ms, of the leader's last packet (F-1)
	heardBy RecordID // what that followed from
	limit   int64    // how long the leader may be silent, ms: S, or I while joining
	phase   learnerPhase
	join    joining // until it serves

	// The table of touches, session to timeout, no times (T-16). It is handed over
	// whole and replaced by an empty one (T-17, T-19).
	table *TouchTable
	round uint32

	proposals FIFO[*Txn]      // received, waiting for COMMIT
	master    *observerMaster // of a follower with observerMasterPort (T-22)
	asking    []ConnID        // connections whose session the leader is asked about, in order (V-8)
}

func (l *learnerState) wake(cfg *ServerConfig) clock.Reading {
	if l.phase != learnerRunning {
		return l.joinWake()
	}
	w := clock.ReadingOfMillis(l.heard + l.limit)
	if l.master != nil {
		w = min(w, l.master.wake(cfg))
	}
	return w
}

// checkLeader notices that the leader has been silent for syncLimit (F-1). Until
// then a learner that is cut off serves on, and its clients look connected while the
// leader sees nothing of them (F-2, F-20).
func (l *learnerState) checkLeader(s *Server, now clock.Reading, out *Output) {
	if l.conn != NoConn && now.Millis() >= l.heard+l.limit {
		out.Because(l.heardBy)
		s.lostLeader(now, "F-1", "silence", out)
	}
}

// lostLeader gives the leader up: the server closes its clients' connections and
// looks for another (F-3; Follower.java:Follower.followLeader).
func (s *Server) lostLeader(now clock.Reading, rule, why string, out *Output) {
	l := s.learner
	out.Note(Note{Kind: KindLeaderLost, Rule: rule, Peer: l.leader, A: now.Millis() - l.heard, B: l.limit, Text: why})
	s.leaveRole(now, "F-3", "leader lost", out)
}

// record enters a client's request into the table. It always succeeds, also for
// a session that the leader has expired (T-16).
func (l *learnerState) record(s *Server, id SessionID, timeout int32, out *Output) {
	l.enter(s, id, timeout, "T-16", out)
}

// enter puts a session into the table; the last timeout counts.
func (l *learnerState) enter(s *Server, id SessionID, timeout int32, rule string, out *Output) {
	note := out.Note(Note{Kind: KindTouchRecorded, Rule: rule, Session: id, Peer: NoNode, A: int64(timeout)})
	e := s.db.sessions.at(id)
	if e.tableRound == l.round {
		l.table.touches[e.tableIndex] = Touch{Session: id, Timeout: timeout, Cause: note}
		return
	}
	e.tableRound, e.tableIndex = l.round, int32(len(l.table.touches))
	l.table.touches = append(l.table.touches, Touch{Session: id, Timeout: timeout, Cause: note})
	if s.cfg.Deviation == DeviateRelayAtOnce {
		l.report(s, nil, out)
	}
}

// drop takes a session that has ended out of the table (T-10;
// LearnerSessionTracker.java:LearnerSessionTracker.removeSession).
func (l *learnerState) drop(s *Server, id SessionID) {
	e := s.db.sessions.at(id)
	if e.tableRound != l.round {
		return
	}
	last := len(l.table.touches) - 1
	l.table.touches[e.tableIndex] = l.table.touches[last]
	s.db.sessions.at(l.table.touches[last].Session).tableIndex = e.tableIndex
	l.table.touches = l.table.touches[:last]
	e.tableRound = 0
}

// forward sends a client's write, or a new session, to the leader
// (FollowerRequestProcessor.java:FollowerRequestProcessor.run).
func (l *learnerState) forward(p *Packet, out *Output) { out.Send(l.conn, p) }

// revalidate asks the leader about a returning session; the client waits
// meanwhile (V-4; Learner.java:Learner.validateSession), in vain if the learner is
// cut off (V-7).
func (l *learnerState) revalidate(s *Server, c *clientConn, out *Output) {
	out.Note(Note{Kind: KindRevalidateSent, Rule: "V-4", Session: c.session, Peer: l.leader})
	l.asking = append(l.asking, c.id)
	out.Send(l.conn, &Packet{Op: OpRevalidate, Session: c.session, Timeout: c.timeout})
}

// packet is what the leader sent (Follower.java:Follower.processPacket,
// Observer.java:Observer.processPacket).
func (l *learnerState) packet(s *Server, now clock.Reading, p *Packet, out *Output) {
	l.heard, l.heardBy = now.Millis(), out.Cause()
	if l.phase != learnerRunning {
		l.joinPacket(s, now, p, out)
		return
	}
	switch p.Op {
	case OpLeaderPing:
		l.report(s, p.Touches, out)
	case OpProposal:
		l.proposals.Push(p.Txn)
		s.saw(p.Txn)
		s.logTxn(now, p.Txn, out)
	case OpCommit:
		t, cause := l.proposals.Pop(), out.Cause()
		if t.Op == OpReconfig {
			l.activate(s, now, t, p.Quorum.Leader, out)
			return
		}
		s.apply(now, t, out)
		if l.master != nil {
			out.Because(cause)
			l.master.inform(t, NoNode, out)
		}
	case OpInform:
		if p.Txn.Op == OpReconfig {
			l.activate(s, now, p.Txn, p.Quorum.Leader, out)
			return
		}
		s.apply(now, p.Txn, out)
	case OpRevalidateReply:
		if l.master == nil || !l.master.revalidated(s, p, out) {
			l.revalidated(s, now, p, out)
		}
	}
}

// report answers PING with the table and goes on with an empty one (T-17;
// Learner.java:Learner.ping, LearnerSessionTracker.java:LearnerSessionTracker.snapshot).
func (l *learnerState) report(s *Server, returned *TouchTable, out *Output) {
	if n := len(l.table.touches); n > 0 {
		out.Note(Note{Kind: KindReport, Rule: "T-17", Peer: l.leader, A: int64(n)})
	}
	out.Send(l.conn, &Packet{Op: OpLearnerPing, Touches: l.table})
	// The table that the leader has emptied comes back with its next PING.
	if returned == nil {
		returned = new(TouchTable)
	}
	l.table = returned
	l.round++
}

func (l *learnerState) revalidated(s *Server, now clock.Reading, p *Packet, out *Output) {
	// Answers come in the order of the questions (V-8), so a connection that has
	// gone meanwhile is in front of the one that is meant.
	for len(l.asking) > 0 {
		c := s.conn(l.asking[0])
		l.asking = append(l.asking[:0], l.asking[1:]...)
		if c != nil && c.session == p.Session {
			s.finish(now, c, p.Valid, refusedBy(p.Path), p.Path, out)
			return
		}
	}
}
