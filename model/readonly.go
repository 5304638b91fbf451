package model

import (
	"time"

	"zksim/clock"
)

// readOnlyGrace is how long, at least, a server looks for a leader before it serves
// read-only, in milliseconds (C-33; QuorumPeer.java:QuorumPeer.run).
const readOnlyGrace = 2000

// What a server answers to isro, the question of clients that look for a read-write
// one (IsroCommand.java:IsroCommand.commandRun).
const (
	isReadWrite  = "rw"
	isReadOnly   = "ro"
	isNotServing = "null"
)

// plansReadOnly begins the wait after which a server that still looks for a leader
// serves read-only, with readonlymode.enabled (C-33).
func (s *Server) plansReadOnly(now clock.Reading, out *Output) {
	if !s.cfg.ReadOnly {
		return
	}
	s.readOnlyAt = now.Add(time.Duration(max(readOnlyGrace, s.cfg.Tick)) * time.Millisecond)
	s.readOnlyBy = out.Cause()
}

// serveReadOnly opens the server to clients that take a read-only one (C-33;
// ReadOnlyZooKeeperServer.java:ReadOnlyZooKeeperServer.startup).
func (s *Server) serveReadOnly(now clock.Reading, out *Output) {
	s.readOnlyAt = clock.Unset
	s.readOnly, s.serving = true, true
	out.Because(s.readOnlyBy)
	out.Note(Note{Kind: KindServing, Rule: "C-33", Peer: NoNode, Text: "read-only"})
	s.trackLocals(now)
}

// stopReadOnly is the end of the search for a leader: the read-only server's clients
// are hung up on (C-33; ReadOnlyZooKeeperServer.java:ReadOnlyZooKeeperServer.shutdownComponents).
func (s *Server) stopReadOnly(out *Output) {
	s.readOnlyAt = clock.Unset
	if !s.readOnly {
		return
	}
	s.readOnly, s.serving = false, false
	s.hangUpAll("C-33", "end of read-only mode", out)
	s.forgetLocals(out)
}

// refuseReadOnly turns a client away without a reply: it has not said that it takes a
// read-only server (V-2), or it comes with a session that is known to be global (V-9).
func (s *Server) refuseReadOnly(c *clientConn, p *Packet, rule, why string, out *Output) {
	out.Note(Note{Kind: KindReadOnlyRefused, Rule: rule, Session: p.Session, Peer: c.id.Initiator(), Text: why})
	s.hangUp(c, rule, "read-only", out)
}

// reopenReadOnly decides about a returning session on a read-only server, which asks
// nobody: its own touch does, and without local sessions that always succeeds (T-16;
// ZooKeeperServer.java:ZooKeeperServer.revalidateSession,
// LearnerSessionTracker.java:LearnerSessionTracker.touchSession).
func (s *Server) reopenReadOnly(now clock.Reading, c *clientConn, out *Output) {
	ok := s.locals == nil || s.touchLocal(now, c.session, c.timeout, "revalidation", out)
	s.finish(now, c, ok, refusedBy(notGlobal), notGlobal, out)
}

// createReadOnly is a new session asked of a read-only server. It can grant local ones
// alone: without them its answer is the error NotReadOnly, in a form that no client
// takes for the answer to a handshake (V-11;
// ReadOnlyRequestProcessor.java:ReadOnlyRequestProcessor.run).
func (s *Server) createReadOnly(now clock.Reading, c *clientConn, out *Output) {
	out.Note(Note{Kind: KindReadOnlyRefused, Rule: "V-11", Session: c.session, Peer: c.id.Initiator(), Text: "no local sessions"})
	s.send(now, c, &Packet{Op: OpError, Req: OpCreateSession, Reply: true, Zxid: s.db.zxid, Err: ErrNotReadOnly}, out)
}

// submitReadOnly takes a request on a read-only server: writes fail there, and so does
// the end of a session that is not local (C-33;
// ReadOnlyRequestProcessor.java:ReadOnlyRequestProcessor.run).
func (s *Server) submitReadOnly(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	if s.locals != nil && !s.touchLocal(now, c.session, c.timeout, touchBy(p.Op), out) {
		out.Note(Note{Kind: KindDroppedRequest, Rule: "T-15", Session: c.session, Peer: c.id.Initiator(), A: int64(p.Xid), Text: p.Op.String()})
		return
	}
	if s.replicates(c, p.Op) {
		s.send(now, c, &Packet{Op: p.Op, Req: p.Op, Reply: true, Xid: p.Xid, Zxid: s.db.zxid, Err: ErrNotReadOnly}, out)
		return
	}
	s.answer(now, c, p, out)
}

// isro answers a client's question whether the server is read-only, and hangs up. It
// is no request of a session, and it is answered also where nothing is served
// (NIOServerCnxn.java:NIOServerCnxn.checkFourLetterWord).
func (s *Server) isro(now clock.Reading, c *clientConn, out *Output) {
	is := isReadWrite
	switch {
	case !s.serving:
		is = isNotServing
	case s.readOnly:
		is = isReadOnly
	}
	s.send(now, c, &Packet{Op: OpIsro, Reply: true, Path: is}, out)
	s.hangUp(c, "C-33", "isro: "+is, out)
}
