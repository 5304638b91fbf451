package model

import (
	"time"

	"zksim/clock"
)

// conn finds a connection, or nil if it has been closed here.
func (s *Server) conn(id ConnID) *clientConn { return s.conns.find(id) }

// connOf finds the connection that carries a session here, or nil.
func (s *Server) connOf(id SessionID) *clientConn {
	e := s.db.sessions.find(id)
	if e == nil || !e.attached {
		return nil
	}
	return s.conn(e.conn)
}

// acceptedClient is a client having opened a connection.
func (s *Server) acceptedClient(now clock.Reading, in *Input, out *Output) {
	s.conns.add(clientConn{id: in.Conn, ioAt: now.Millis(), ioBy: in.Cause, timeout: int32(s.cfg.IdleCheck)})
	if s.nextIdleCheck == clock.Unset {
		s.nextIdleCheck = clock.ReadingOfMillis(nextInterval(now.Millis(), s.cfg.IdleCheck))
	}
	out.Note(Note{Kind: KindAccepted, Rule: "H-4", Peer: in.Peer})
}

// forget drops a connection from the books.
func (s *Server) forget(c *clientConn) {
	if e := s.db.sessions.find(c.session); e != nil && e.attached && e.conn == c.id {
		e.attached = false
	}
	s.db.dropWatchesOf(c, func(id ConnID) bool { return s.conn(id) != nil })
	s.conns.remove(c.id)
}

// hangUp closes a connection from this side.
func (s *Server) hangUp(c *clientConn, rule, why string, out *Output) {
	out.Note(Note{Kind: KindConnectionClosed, Rule: rule, Session: c.session, Peer: c.id.Initiator(), Text: why})
	out.Close(c.id)
	s.forget(c)
}

// hangUpAll closes every connection of a client.
func (s *Server) hangUpAll(rule, why string, out *Output) {
	cause := out.Cause()
	s.idle = s.conns.collect(s.idle[:0], func(*clientConn) bool { return true })
	for _, id := range s.idle {
		out.Because(cause)
		s.hangUp(s.conn(id), rule, why, out)
	}
	out.Because(cause)
}

// closeIdle closes connections on which nothing was read or written for too
// long, at multiples of the idle check (H-2;
// NIOServerCnxnFactory.java:ConnectionExpirerThread.run).
func (s *Server) closeIdle(now clock.Reading, out *Output) {
	for now >= s.nextIdleCheck {
		boundary := s.nextIdleCheck.Millis()
		s.idle = s.conns.collect(s.idle[:0], func(c *clientConn) bool {
			return nextInterval(c.ioAt+int64(c.timeout), s.cfg.IdleCheck) <= boundary
		})
		for _, id := range s.idle {
			c := s.conn(id)
			out.Because(c.ioBy)
			s.hangUp(c, "H-2", "idle", out)
		}
		s.nextIdleCheck = s.nextIdleCheck.Add(time.Duration(s.cfg.IdleCheck) * time.Millisecond)
		if s.conns.open == 0 {
			s.nextIdleCheck = clock.Unset
		}
	}
}

func (s *Server) clientPacket(now clock.Reading, in *Input, out *Output) {
	c := s.conn(in.Conn)
	if c == nil {
		return // closed here already; the peer will hear of it
	}
	if in.Packet.Op == OpIsro && c.phase == connNew {
		s.isro(now, c, out)
		return
	}
	if !s.serving {
		out.Note(Note{Kind: KindNotServing, Rule: "H-4", Peer: in.Conn.Initiator()})
		s.hangUp(c, "V-1", "not serving", out)
		return
	}
	c.ioAt, c.ioBy = now.Millis(), in.Cause
	p := in.Packet
	switch {
	case c.phase == connNew && p.Op == OpConnect:
		s.connect(now, c, p, out)
	case c.phase == connUp:
		s.submit(now, c, p, out)
	}
}

// send writes a packet to a client, which counts as traffic (H-3).
func (s *Server) send(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	c.ioAt, c.ioBy = now.Millis(), out.Cause()
	out.Send(c.id, p)
}

// connect is a ConnectRequest: checks in ZooKeeper's order
// (V-3 to V-6; ZooKeeperServer.java:ZooKeeperServer.processConnectRequest).
func (s *Server) connect(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	if s.readOnly && !p.ReadOnly {
		s.refuseReadOnly(c, p, "V-2", "not a read-only client", out)
		return
	}
	if p.Zxid > s.db.zxid {
		out.Note(Note{Kind: KindZxidAhead, Rule: "V-3", Session: p.Session, Peer: c.id.Initiator(), A: p.Zxid, B: s.db.zxid})
		s.hangUp(c, "V-3", "zxid ahead", out)
		return
	}
	c.timeout = s.cfg.Limits.Clamp(p.Timeout)
	out.Note(Note{Kind: KindNegotiated, Rule: "N-2", Session: p.Session, Peer: c.id.Initiator(), A: int64(p.Timeout), B: int64(c.timeout)})
	c.phase = connPending
	if p.Session == 0 {
		s.createSession(now, c, out)
		return
	}
	if e := s.db.sessions.find(p.Session); s.readOnly && e != nil && e.live {
		s.refuseReadOnly(c, p, "V-9", "global session", out)
		return
	}
	s.reopen(now, c, p, out)
}

// reopen is a client coming back with a session (V-4;
// ZooKeeperServer.java:ZooKeeperServer.reopenSession).
func (s *Server) reopen(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	id := c.id
	if old := s.connOf(p.Session); old != nil && old.id != id {
		out.Note(Note{Kind: KindOlderConnection, Rule: "H-7", Session: p.Session, Peer: old.id.Initiator()})
		s.hangUp(old, "H-7", "replaced", out)
		c = s.conn(id) // the list has moved
	}
	c.session = p.Session
	// From here on, and not only once it is valid, the session's end closes this
	// connection (NIOServerCnxn.java:NIOServerCnxn.setSessionId).
	if e := s.db.sessions.find(p.Session); e != nil {
		e.attached, e.conn = true, c.id
	}
	if p.Password != passwordOf(p.Session) {
		s.finish(now, c, false, "V-6", "wrong password", out)
		return
	}
	if s.readOnly {
		s.reopenReadOnly(now, c, out)
		return
	}
	if s.local(c.session) {
		ok := s.touchLocal(now, c.session, c.timeout, "revalidation", out)
		s.finish(now, c, ok, "V-4", "marked closing", out)
		return
	}
	if s.learner != nil {
		s.learner.revalidate(s, c, out)
		return
	}
	ok, why := s.leader.revalidates(s, now, p.Session, c.timeout, out)
	if ok {
		s.leader.tracker.SetOwner(p.Session, s.cfg.Node)
	}
	s.finish(now, c, ok, refusedBy(why), why, out)
}

// finish answers a ConnectRequest (V-5;
// ZooKeeperServer.java:ZooKeeperServer.finishSessionInit).
func (s *Server) finish(now clock.Reading, c *clientConn, valid bool, rule, why string, out *Output) {
	id, node := c.session, c.id.Initiator()
	if s.cfg.Deviation == DeviateRefuseLiving && valid && rule == "V-5" {
		valid, why = false, "unknown session"
	}
	if !valid {
		out.Note(Note{Kind: KindRefused, Rule: rule, Session: id, Peer: node, Text: why})
		c.session = 0
		s.send(now, c, &Packet{Op: OpConnect, Reply: true}, out)
		s.hangUp(c, rule, "refused", out)
		return
	}
	c.phase = connUp
	e := s.db.sessions.at(id)
	e.attached, e.conn = true, c.id
	out.Note(Note{Kind: KindRevalidated, Rule: rule, Session: id, Peer: node})
	s.send(now, c, &Packet{Op: OpConnect, Reply: true, Session: id, Password: passwordOf(id), Timeout: c.timeout, Zxid: s.db.zxid, ReadOnly: s.readOnly}, out)
	if c.ended {
		s.hangUp(c, "H-1", c.reason.String(), out)
	}
}

// createSession makes a new session. The leader's timer starts before the
// transaction commits (T-11; ZooKeeperServer.java:ZooKeeperServer.createSession).
func (s *Server) createSession(now clock.Reading, c *clientConn, out *Output) {
	id := makeSessionID(s.cfg.ID, s.created)
	s.created++
	c.session = id
	e := s.db.sessions.at(id)
	e.attached, e.conn = true, c.id
	if s.locals != nil {
		s.createLocal(now, c, out)
		return
	}
	if s.readOnly {
		s.createReadOnly(now, c, out)
		return
	}
	p := &Packet{Op: OpRequest, Req: OpCreateSession, Session: id, Timeout: c.timeout}
	if s.learner != nil {
		s.learner.record(s, id, c.timeout, out)
		s.learner.forward(p, out)
		return
	}
	s.leader.prepare(s, now, s.cfg.Node, p, out)
}
