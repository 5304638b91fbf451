package model

import (
	"slices"
	"time"

	"zksim/clock"
)

// This file lets a machine be led along a recording of its real counterpart: it
// is asked what it would do next, and then made to have done it when the real one
// did.

// Clone implements [Client].
func (c *JavaClient) Clone() Client {
	d := *c
	d.hosts.order = slices.Clone(c.hosts.order)
	d.outgoing = slices.Clone(c.outgoing)
	d.pending = slices.Clone(c.pending)
	d.events.queue = c.events.queue.clone()
	d.probe.held = slices.Clone(c.probe.held)
	return &d
}

// Backdate implements [Client].
func (c *JavaClient) Backdate(d time.Duration) {
	ms := d.Milliseconds()
	for _, t := range []*int64{&c.lastSend, &c.lastHeard, &c.pingSent} {
		if *t == c.now {
			*t -= ms
		}
	}
	c.now -= ms
	if c.until != clock.Unset {
		c.until = c.until.Add(-time.Duration(ms) * time.Millisecond)
	}
	c.wakeAt = min(c.until, c.restAt)
}

// Touches lists a table's entries. The caller must not change them.
func (t *TouchTable) Touches() []Touch {
	if t == nil {
		return nil
	}
	return t.touches
}

// NewTouchTable returns a table with the given entries.
func NewTouchTable(touches ...Touch) *TouchTable { return &TouchTable{touches: touches} }

// Succeed returns the server that this one is after it has left its role and taken
// up another one: it keeps its database and what its log holds beyond, uncommitted
// transactions included, which it replays (Z-10). InputStart must follow.
func (s *Server) Succeed(cfg ServerConfig, env Env) *Server {
	n := NewServer(cfg, env)
	n.created = s.created
	n.db = *s.db.clone()
	for _, t := range s.Uncommitted() {
		n.db.replay(t)
	}
	return n
}

// Uncommitted lists what the server's log holds and its database does not.
func (s *Server) Uncommitted() []*Txn { return s.inFlight() }

// Sync gives a server that has not started yet the database of its leader
// (Learner.java:Learner.syncWithLeader). It returns the sessions that lived here and
// have ended there, in the order of their IDs.
func (s *Server) Sync(leader *Server) (ended []SessionID) {
	old := s.db
	s.db = *leader.db.clone()
	old.sessions.each(func(id SessionID, e *sessionEntry) {
		if n := s.db.sessions.find(id); e.live && (n == nil || !n.live) {
			ended = append(ended, id)
		}
	})
	return ended
}

// Lives says whether a session is in the server's database.
func (s *Server) Lives(id SessionID) bool {
	e := s.db.sessions.find(id)
	return e != nil && e.live
}

// replay applies a transaction without telling anybody.
func (d *database) replay(t *Txn) {
	d.zxid = t.Zxid
	switch t.Op {
	case OpCreateSession:
		e := d.sessions.at(t.Session)
		e.live, e.first = true, t.Timeout
	case OpCloseSession:
		d.sessions.at(t.Session).live = false
		for _, path := range t.Deletes {
			d.remove(path)
		}
	case OpCreate:
		d.create(t.Path, t.Session, t.Zxid)
	case OpSetData:
		if n := d.node(t.Path); n != nil {
			n.zxid = t.Zxid
		}
	}
}

// Quit has the server leave its role: every connection of a client is closed
// (F-3, F-8), and it serves nobody any more. What it knows stays, for [Server.Succeed].
func (s *Server) Quit(rule string, out *Output) {
	for _, id := range s.conns.collect(nil, func(*clientConn) bool { return true }) {
		s.hangUp(s.conn(id), rule, "server left its role", out)
	}
	s.serving = false
	s.wakeAt = clock.Unset
}

// Deadline returns the bucket of a session at a leader, ms, and whether it has one:
// it is tracked and not marked.
func (s *Server) Deadline(id SessionID) (int64, bool) {
	if s.leader == nil {
		return 0, false
	}
	return s.leader.tracker.Deadline(id)
}

// Touch has a leader touch a session, whoever asked for it.
func (s *Server) Touch(id SessionID, timeout int32, now clock.Reading) {
	if s.leader != nil {
		s.leader.tracker.Touch(id, timeout, now.Millis(), 0)
	}
}

// Expire has a leader mark a session that lay in the bucket it has polled, though a
// touch has moved the session's deadline since: that touch came too late (G-5).
func (s *Server) Expire(id SessionID, boundary int64, now clock.Reading, out *Output) {
	if s.leader == nil {
		return
	}
	if _, ok := s.leader.tracker.Deadline(id); !ok {
		return
	}
	s.leader.tracker.SetClosing(id)
	ms := now.Millis()
	out.Note(Note{Kind: KindMarked, Rule: "T-9", Session: id, Peer: NoNode, A: boundary, B: ms - boundary})
	s.leader.prepare(s, now, NoNode, &Packet{Op: OpRequest, Req: OpCloseSession, Session: id}, out)
	s.wakeAt = s.nextWake()
}

// Carries says whether a client's connection is open here.
func (s *Server) Carries(id ConnID) bool { return s.conn(id) != nil }
