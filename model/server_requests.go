package model

import (
	"slices"

	"zksim/clock"
)

// submit takes one request of an attached client into the pipeline. That is the
// instant of the touch, whatever happens to the request later (T-12, T-14, T-16;
// ZooKeeperServer.java:ZooKeeperServer.submitRequestNow).
func (s *Server) submit(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	switch {
	case s.readOnly:
		s.submitReadOnly(now, c, p, out)
		return
	case s.cfg.Deviation == DeviatePingNoTouch && p.Op == OpPing:
	case s.locals != nil && s.touchLocal(now, c.session, c.timeout, touchBy(p.Op), out):
	case s.locals != nil && s.learner != nil && !s.reports(c.session):
		out.Note(Note{Kind: KindDroppedRequest, Rule: "T-15", Session: c.session, Peer: c.id.Initiator(), A: int64(p.Xid), Text: p.Op.String()})
		return
	case s.learner != nil:
		s.learner.record(s, c.session, c.timeout, out)
	default:
		if !s.leader.touch(s, now, c.session, c.timeout, "T-12", touchBy(p.Op), out) {
			out.Note(Note{Kind: KindDroppedRequest, Rule: "T-15", Session: c.session, Peer: c.id.Initiator(), A: int64(p.Xid), Text: p.Op.String()})
			return
		}
		// A closeSession is not checked (PrepRequestProcessor.java:PrepRequestProcessor.pRequest2Txn).
		if p.Op != OpClose && s.leader.tracker.Check(c.session, s.cfg.Node) == ErrSessionMoved {
			s.moved(c, p.Op, p.Xid, out)
			return
		}
	}
	if s.replicates(c, p.Op) {
		s.write(now, c, p, out)
		return
	}
	switch {
	case s.role == RoleStandalone:
		if s.log.busy() {
			// In a standalone server everything queues behind the log's flush.
			s.log.pass(c.id, p)
			return
		}
	case len(c.waiting) > 0:
		out.Note(Note{Kind: KindStalled, Rule: "H-6", Session: c.session, Peer: c.id.Initiator(), A: int64(p.Xid), Text: p.Op.String()})
		c.waiting = append(c.waiting, *p)
		return
	}
	s.answer(now, c, p, out)
}

// replicates says whether a request goes through the log: writes do, except that a
// local session ends without it (T-23).
func (s *Server) replicates(c *clientConn, op Op) bool {
	return op.isWrite() && !(op == OpClose && s.local(c.session))
}

func touchBy(op Op) string {
	if op == OpPing {
		return "ping"
	}
	return "request"
}

// write sends a client's write on its way through the log.
func (s *Server) write(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	c.waiting = append(c.waiting, *p)
	req := &Packet{Op: OpRequest, Req: p.Op, Session: c.session, Path: p.Path, Xid: p.Xid, Sequential: p.Sequential}
	if s.locals != nil {
		err := s.upgradeFor(now, p, c.session, out)
		c.waiting[len(c.waiting)-1].Err = err
		if s.leader != nil {
			req.Err = err
		}
	}
	if s.learner != nil {
		s.learner.forward(req, out)
		return
	}
	s.leader.prepare(s, now, s.cfg.Node, req, out)
}

// answer replies to a ping or a read; that needs no contact with the leader
// (H-5; FinalRequestProcessor.java:FinalRequestProcessor.processRequest).
func (s *Server) answer(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	r := Packet{Op: p.Op, Req: p.Op, Reply: true, Xid: p.Xid, Zxid: s.db.zxid}
	switch p.Op {
	case OpPing:
		out.Note(Note{Kind: KindPingProcessed, Rule: "H-5", Session: c.session, Peer: c.id.Initiator()})
	case OpExists:
		if n := s.db.node(p.Path); n != nil {
			r.Session, r.Found = n.owner, &Found{Created: n.created}
		} else {
			r.Err = ErrNoNode
		}
		if p.Watch {
			s.watch(p, c)
		}
	case OpGetData:
		if s.db.node(p.Path) == nil {
			r.Err = ErrNoNode
		}
	case OpGetChildren:
		r.Found = &Found{Names: s.db.children(p.Path)}
	case OpSetWatches:
		s.setWatches(now, c, p, out)
	case OpClose:
		s.closeLocal(now, c, p, out)
		return
	}
	s.send(now, c, &r, out)
}

// watch leaves a watch, one that fires once or one that stays.
func (s *Server) watch(p *Packet, c *clientConn) {
	s.db.watch(p.Path, c)
	if p.Lasting && !slices.Contains(c.lasting, p.Path) {
		c.lasting = append(c.lasting, p.Path)
	}
}

// setWatches registers watches after a reconnect and fires at once those whose
// node has changed meanwhile (C-27; DataTree.java:DataTree.setWatches). Watch
// says that the watch is on the data of a node that was there.
func (s *Server) setWatches(now clock.Reading, c *clientConn, p *Packet, out *Output) {
	n := s.db.node(p.Path)
	switch {
	case p.Watch && n == nil:
		s.notify(now, c, p.Path, WatchDeleted, out)
	case p.Watch && n.zxid > p.Zxid:
		s.notify(now, c, p.Path, WatchDataChanged, out)
	case !p.Watch && n != nil:
		s.notify(now, c, p.Path, WatchCreated, out)
	default:
		s.watch(p, c)
		return
	}
	if p.Lasting {
		s.watch(p, c)
	}
}

func (s *Server) notify(now clock.Reading, c *clientConn, path string, ev WatchEvent, out *Output) {
	s.send(now, c, &Packet{Op: OpNotify, Reply: true, Xid: -1, Event: ev, Path: path}, out)
}

// fire tells every watcher of a path here, once: others learn at their own server's
// instant (Z-4, Q-6).
func (s *Server) fire(now clock.Reading, path string, ev WatchEvent, out *Output) {
	cause := out.Cause()
	for _, id := range s.db.takeWatchers(path) {
		if c := s.conn(id); c != nil {
			c.watching = slices.DeleteFunc(c.watching, func(p string) bool { return p == path })
			out.Because(cause)
			s.notify(now, c, path, ev, out)
			if slices.Contains(c.lasting, path) {
				s.db.watch(path, c)
			}
		}
	}
}

// replied sends the answer to a write that has been committed, and then what
// waited behind it (H-6).
func (s *Server) replied(now clock.Reading, t *Txn, out *Output) {
	c := s.asker(t)
	if c == nil {
		return
	}
	id, err := c.id, t.Err
	if own := c.waiting[0].Err; own != ErrOK {
		err = own // found here; the leader, which did not know, says something else (T-25)
	}
	s.send(now, c, &Packet{Op: t.Req, Req: t.Req, Reply: true, Xid: t.Xid, Zxid: t.Zxid, Err: err, Path: t.Path}, out)
	c.waiting = append(c.waiting[:0], c.waiting[1:]...)
	cause := out.Cause()
	for c = s.conn(id); c != nil && len(c.waiting) > 0 && !s.replicates(c, c.waiting[0].Op); c = s.conn(id) {
		p := c.waiting[0]
		c.waiting = append(c.waiting[:0], c.waiting[1:]...)
		out.Because(cause)
		s.answer(now, c, &p, out)
	}
}

// asker finds the connection that a transaction's request came through, or nil if
// it is gone: a newer connection of the session does not get the answer.
func (s *Server) asker(t *Txn) *clientConn {
	c := s.connOf(t.Session)
	if c == nil || len(c.waiting) == 0 || c.waiting[0].Xid != t.Xid {
		return nil
	}
	return c
}

// moved closes a connection through which a session spoke that has since moved
// to another server, without a reply (H-8).
func (s *Server) moved(c *clientConn, op Op, xid int32, out *Output) {
	out.Note(Note{Kind: KindMoved, Rule: "H-8", Session: c.session, Peer: c.id.Initiator(), A: int64(xid), Text: op.String()})
	s.hangUp(c, "H-8", "session moved", out)
}
