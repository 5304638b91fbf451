package model

import "zksim/clock"

// Local sessions are off unless localSessionsEnabled is set. Then every new session
// is known to the server alone on which it was made: a tracker of its own keeps its
// timer, and neither its making nor its end goes through the log (T-23;
// LocalSessionTracker.java, QuorumZooKeeperServer.java:QuorumZooKeeperServer.setLocalSessionFlag).
// The tracker is part of the role: a server that loses its leader, or its quorum, has
// forgotten its local sessions when it serves again.

// local says whether a session is one of this server's own.
func (s *Server) local(id SessionID) bool { return s.locals != nil && s.locals.Tracks(id) }

// trackLocals begins a role with no local sessions.
func (s *Server) trackLocals(now clock.Reading) {
	if s.cfg.LocalSessions && s.role != RoleStandalone {
		s.locals = NewTracker(s.cfg.Tick, now.Millis())
	}
}

// createLocal makes a local session: it is tracked, and usable at once (T-23).
func (s *Server) createLocal(now clock.Reading, c *clientConn, out *Output) {
	deadline, _ := s.locals.Track(c.session, c.timeout, now.Millis())
	out.Note(Note{Kind: KindTracked, Rule: "T-23", Session: c.session, Peer: NoNode, A: int64(c.timeout), B: deadline})
	s.touchLocal(now, c.session, c.timeout, "creation", out)
	s.finish(now, c, true, "T-23", "", out)
}

// touchLocal moves the deadline of a local session, or reports that it is none.
func (s *Server) touchLocal(now clock.Reading, id SessionID, timeout int32, by string, out *Output) bool {
	deadline, ok := s.locals.Touch(id, timeout, now.Millis(), out.next)
	if ok {
		out.Note(Note{Kind: KindTouch, Rule: "T-23", Session: id, Peer: NoNode, A: int64(timeout), B: deadline, Text: by})
	}
	return ok
}

// reports says whether a learner with local sessions on takes a touch of a session
// into its table: one that is global here, or is becoming so
// (LearnerSessionTracker.java:LearnerSessionTracker.touchSession).
func (s *Server) reports(id SessionID) bool {
	e := s.db.sessions.find(id)
	return e != nil && (e.live || e.upgrading)
}

// pollLocals is the expiry loop of the local sessions. Nothing has to be agreed on: a
// session ends as it is marked (T-23).
func (s *Server) pollLocals(now clock.Reading, out *Output) {
	ms := now.Millis()
	s.locals.Skip(ms)
	for s.locals.Poll(ms, func(id SessionID, boundary int64, touched RecordID) {
		out.Note(Note{Kind: KindMarked, Rule: "T-23", Session: id, Peer: NoNode, A: boundary, B: ms - boundary, Cause: touched})
		s.endLocal(id, out)
		if c := s.connOf(id); c != nil {
			s.hangUp(c, "Z-6", "session ended", out)
		}
	}) {
	}
}

// endLocal ends a local session. It has no ephemeral nodes (T-25).
func (s *Server) endLocal(id SessionID, out *Output) {
	s.locals.Remove(id)
	out.Note(Note{Kind: KindCloseApplied, Rule: "T-23", Session: id, Peer: NoNode, A: s.db.zxid})
}

// closeLocal is a client closing its local session: it is answered at once, and the
// connection is closed (Z-7, T-23).
func (s *Server) closeLocal(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	s.endLocal(c.session, out)
	s.send(now, c, &Packet{Op: OpClose, Req: OpClose, Reply: true, Xid: p.Xid, Zxid: s.db.zxid}, out)
	s.hangUp(c, "Z-7", "closed by the client", out)
}

// upgrade makes a local session global before its ephemeral node is created: it
// leaves the local tracker, and its createSession goes through the log under the same
// ID; the leader's timer starts when it prepares that (T-25;
// QuorumZooKeeperServer.java:QuorumZooKeeperServer.makeUpgradeRequest,
// UpgradeableSessionTracker.java:UpgradeableSessionTracker.upgradeSession).
func (s *Server) upgrade(now clock.Reading, id SessionID, out *Output) {
	timeout := s.locals.First(id)
	s.locals.Remove(id)
	s.db.sessions.at(id).upgrading = true
	out.Note(Note{Kind: KindUpgraded, Rule: "T-25", Session: id, Peer: NoNode, A: int64(timeout)})
	p := &Packet{Op: OpRequest, Req: OpCreateSession, Session: id, Timeout: timeout}
	if s.learner != nil {
		s.learner.forward(p, out)
		return
	}
	s.leader.prepare(s, now, s.cfg.Node, p, out)
}

// upgradeFor prepares a write of a local session for the log: to create an ephemeral
// node the session must be global, and where it may not become so the create fails
// (T-25; QuorumZooKeeperServer.java:QuorumZooKeeperServer.checkUpgradeSession).
func (s *Server) upgradeFor(now clock.Reading, p *Packet, id SessionID, out *Output) ErrCode {
	switch {
	case p.Op != OpCreate || !s.local(id):
		return ErrOK
	case !s.cfg.LocalUpgrade:
		return ErrEphemeralOnLocalSession
	}
	s.upgrade(now, id, out)
	return ErrOK
}

// notGlobal is why a session is refused that is local, and not here (T-24).
const notGlobal = "no global session"

// revalidates decides about a returning session at the leader: the touch does, except
// that with local sessions on one that is not global is not even looked for (V-4,
// T-24; LeaderZooKeeperServer.java:LeaderZooKeeperServer.checkIfValidGlobalSession).
func (l *leaderState) revalidates(s *Server, now clock.Reading, id SessionID, timeout int32, out *Output) (ok bool, why string) {
	switch {
	case s.locals != nil && !l.tracker.Tracks(id):
		return false, notGlobal
	case l.touch(s, now, id, timeout, "V-4", "revalidation", out):
		return true, ""
	}
	return false, l.gone(id)
}

// refusedBy is the rule by which a session is refused, or not.
func refusedBy(why string) string {
	if why == notGlobal {
		return "T-24"
	}
	return "V-5"
}

// forgetLocals ends a role: what its local sessions were is known to nobody any more.
func (s *Server) forgetLocals(out *Output) {
	if s.locals == nil {
		return
	}
	cause := out.Cause()
	s.locals.Each(func(id SessionID) {
		out.Because(cause)
		out.Note(Note{Kind: KindForgotten, Rule: "T-23", Session: id, Peer: NoNode})
	})
	out.Because(cause)
	s.locals = nil
}

// checkSession is what the leader asks of a session before it prepares a write. With local
// sessions on, one that it does not know may be another server's, unless the leader
// made it itself; ephemeral nodes are for global sessions alone
// (LeaderSessionTracker.java:LeaderSessionTracker.checkSession, checkGlobalSession).
func (l *leaderState) checkSession(s *Server, p *Packet, origin NodeID) ErrCode {
	if s.locals == nil || p.Req == OpCreate || l.tracker.Tracks(p.Session) {
		return l.tracker.Check(p.Session, origin)
	}
	if s.local(p.Session) || p.Session.Server() != s.cfg.ID {
		return ErrOK
	}
	return ErrSessionExpired
}
