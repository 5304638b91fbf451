package model

import "zksim/clock"

// A learnerState is what a server has because it follows a leader: the table of
// touches that it reports, and what waits for the leader's word.
type learnerState struct {
	conn  ConnID
	heard int64 // ms, of the leader's last packet (F-1)
	limit int64 // S, ms

	// The table of touches, session to timeout, no times (T-16). It is handed over
	// whole and replaced by an empty one (T-17, T-19).
	table *TouchTable
	round uint32

	proposals FIFO[*Txn] // received, waiting for COMMIT
	asking    []ConnID   // connections whose session the leader is asked about, in order (V-8)
}

func newLearnerState(cfg *ServerConfig, now int64) *learnerState {
	return &learnerState{conn: NoConn, heard: now, limit: cfg.silence(), round: 1, table: new(TouchTable)}
}

// joined is the connection to the leader coming up.
func (l *learnerState) joined(s *Server, now clock.Reading, in *Input) {
	l.conn, l.heard = in.Conn, now.Millis()
}

func (l *learnerState) wake() clock.Reading {
	return clock.ReadingOfMillis(l.heard + l.limit)
}

// checkLeader notices that the leader has been silent for syncLimit (F-1). Until
// then a learner that is cut off serves on (F-2).
func (l *learnerState) checkLeader(s *Server, now clock.Reading, out *Output) {
	if now.Millis() >= l.heard+l.limit {
		out.Failure = "a learner heard nothing from its leader for syncLimit and would have to look for a new one"
	}
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
	out.Note(Note{Kind: KindRevalidateSent, Rule: "V-4", Session: c.session, Peer: s.cfg.Leader})
	l.asking = append(l.asking, c.id)
	out.Send(l.conn, &Packet{Op: OpRevalidate, Session: c.session, Timeout: c.timeout})
}

// packet is what the leader sent (Follower.java:Follower.processPacket,
// Observer.java:Observer.processPacket).
func (l *learnerState) packet(s *Server, now clock.Reading, p *Packet, out *Output) {
	l.heard = now.Millis()
	switch p.Op {
	case OpLeaderPing:
		l.report(s, p.Touches, out)
	case OpProposal:
		l.proposals.Push(p.Txn)
		s.logTxn(now, p.Txn, out)
	case OpCommit:
		s.apply(now, l.proposals.Pop(), out)
	case OpInform:
		s.apply(now, p.Txn, out)
	case OpRevalidateReply:
		l.revalidated(s, now, p, out)
	}
}

// report answers PING with the table and goes on with an empty one (T-17;
// Learner.java:Learner.ping, LearnerSessionTracker.java:LearnerSessionTracker.snapshot).
func (l *learnerState) report(s *Server, returned *TouchTable, out *Output) {
	if n := len(l.table.touches); n > 0 {
		out.Note(Note{Kind: KindReport, Rule: "T-17", Peer: s.cfg.Leader, A: int64(n)})
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
			s.finish(now, c, p.Valid, "V-5", p.Path, out)
			return
		}
	}
}
