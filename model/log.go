package model

import (
	"slices"

	"zksim/clock"
)

// A logDevice is a server's transaction log: flushes one after another, each
// taking in everything that waits when it begins (Z-5, G-9;
// SyncRequestProcessor.java). It decides how much later than the timer a session's
// end commits.
type logDevice struct {
	queue   []logItem
	inFlush int           // how many of the queue the flush under way covers
	done    clock.Reading // when that flush ends; unset while there is none
	flushes uint64
}

// A logItem is a transaction, or, on a standalone server, a request that waits
// behind one.
type logItem struct {
	txn  *Txn
	conn ConnID
	pass Packet
}

// renewed returns a device that has nothing to do, with the memory of this one.
func (l *logDevice) renewed() logDevice {
	clear(l.queue)
	return logDevice{queue: l.queue[:0], done: clock.Unset}
}

// stop ends the log's work, when a server gives its role up.
func (l *logDevice) stop() { l.queue, l.inFlush, l.done = nil, 0, clock.Unset }

func (l *logDevice) busy() bool { return len(l.queue) > 0 }

func (l *logDevice) pass(c ConnID, p *Packet) {
	l.queue = append(l.queue, logItem{conn: c, pass: *p})
}

// logTxn hands a transaction to the log device.
func (s *Server) logTxn(now clock.Reading, t *Txn, out *Output) {
	s.log.queue = append(s.log.queue, logItem{txn: t})
	s.startFlush(now)
	s.flushed(now, out)
}

func (s *Server) startFlush(now clock.Reading) {
	l := &s.log
	if l.done != clock.Unset || len(l.queue) == 0 {
		return
	}
	l.inFlush = len(l.queue)
	l.done = now.Add(s.env.FlushTime(l.flushes))
	l.flushes++
}

// flushed goes on with what has reached the disk.
func (s *Server) flushed(now clock.Reading, out *Output) {
	l := &s.log
	for now >= l.done && l.done != clock.Unset {
		done := 0
		// What came in meanwhile and is no transaction needs no flush of its own
		// (SyncRequestProcessor.java:SyncRequestProcessor.run).
		for ; done < len(l.queue) && (done < l.inFlush || l.queue[done].txn == nil); done++ {
			if t := l.queue[done].txn; t != nil {
				out.Because(t.Cause)
				s.logged(now, t, out)
			} else if c := s.conn(l.queue[done].conn); c != nil {
				s.answer(now, c, &l.queue[done].pass, out)
			}
		}
		l.queue = slices.Delete(l.queue, 0, done)
		l.done = clock.Unset
		s.startFlush(now)
	}
}

// logged is a transaction having reached this server's log device.
func (s *Server) logged(now clock.Reading, t *Txn, out *Output) {
	switch s.role {
	case RoleStandalone:
		out.Note(Note{Kind: KindCommitted, Rule: "Z-4", Session: t.Session, Peer: NoNode, A: t.Zxid, Text: t.Op.String()})
		s.apply(now, t, out)
	case RoleLeader:
		s.leader.acked(s, now, t.Zxid, s.cfg.Node, out)
	case RoleFollower:
		out.Note(Note{Kind: KindLogged, Rule: "Z-3", Session: t.Session, Peer: s.learner.leader, A: t.Zxid})
		out.Send(s.learner.conn, &Packet{Op: OpAck, Zxid: t.Zxid})
	}
}

// commitLogCount is how many applied transactions a server remembers one by one, to
// bring others up to date (zookeeper.commitLogCount).
const commitLogCount = 500

// remember keeps an applied transaction for learners that lack it.
func (s *Server) remember(t *Txn) {
	if len(s.history) == 2*commitLogCount {
		n := copy(s.history, s.history[commitLogCount:])
		clear(s.history[n:])
		s.history, s.forgotten = s.history[:n], true
	}
	s.history = append(s.history, t)
}

// lastLogged returns the zxid of the last transaction applied, or of the snapshot that
// is all there is.
func (s *Server) lastLogged() int64 {
	switch n := len(s.history); {
	case n > 0:
		return s.history[n-1].Zxid
	case s.forgotten:
		return s.db.zxid
	}
	return 0
}

// appliedBy is the rule by which a transaction takes effect here: its commit, or,
// while there is no leader, the replay of the log.
func (s *Server) appliedBy() string {
	if s.role == RoleLooking {
		return "Z-10"
	}
	return "Z-4"
}

// apply puts a committed transaction into this server's database (Z-4;
// FinalRequestProcessor.java:FinalRequestProcessor.applyRequest).
func (s *Server) apply(now clock.Reading, t *Txn, out *Output) {
	if s.cfg.Deviation == DeviateSkipCommit && t.Op == OpSetData && s.learner != nil {
		return
	}
	s.db.zxid = t.Zxid
	s.remember(t)
	if s.leader != nil {
		s.leader.happened(s, t)
	}
	mine := t.Origin == s.cfg.Node
	switch t.Op {
	case OpCreateSession:
		s.applyCreate(now, t, mine, out)
	case OpCloseSession:
		s.applyClose(now, t, mine, out)
	case OpCreate:
		s.db.create(t.Path, t.Session, t.Zxid)
		out.Note(Note{Kind: KindNodeCreated, Rule: s.appliedBy(), Session: t.Session, Peer: NoNode, A: t.Zxid, Text: t.Path})
		cause := out.Cause()
		if mine {
			s.replied(now, t, out)
		}
		out.Because(cause)
		s.fire(now, t.Path, WatchCreated, out)
	case OpSetData:
		if n := s.db.node(t.Path); n != nil {
			n.zxid = t.Zxid
		}
		cause := out.Cause()
		if mine {
			s.replied(now, t, out)
		}
		out.Because(cause)
		s.fire(now, t.Path, WatchDataChanged, out)
	case OpError:
		if mine {
			s.refused(now, t, out)
		}
	}
}

// refused answers a request that failed at preparation. SessionMoved closes the
// connection instead (H-8); other errors are ordinary replies (Z-8).
func (s *Server) refused(now clock.Reading, t *Txn, out *Output) {
	if t.Err == ErrSessionMoved {
		if c := s.asker(t); c != nil {
			s.moved(c, t.Req, t.Xid, out)
		}
		return
	}
	s.replied(now, t, out)
}

func (s *Server) applyCreate(now clock.Reading, t *Txn, mine bool, out *Output) {
	e := s.db.sessions.at(t.Session)
	upgraded := e.upgrading
	e.live, e.first, e.upgrading = true, t.Timeout, false
	out.Note(Note{Kind: KindCreateApplied, Rule: "T-11", Session: t.Session, Peer: NoNode, A: t.Zxid})
	if s.learner != nil && s.cfg.Deviation != DeviateCreateUnreported {
		// Every learner reports one touch for a new session, wherever its client is
		// (T-20; LearnerSessionTracker.java:LearnerSessionTracker.commitSession).
		s.learner.enter(s, t.Session, t.Timeout, "T-20", out)
	}
	if !mine || upgraded {
		return // the client has its session already (T-25)
	}
	if c := s.conn(e.conn); c != nil && c.session == t.Session {
		s.finish(now, c, true, "V-5", "", out)
	}
}

// applyClose ends a session here: its ephemerals go, all at once, and its
// connection is closed without a message, or after the reply if the client asked
// for it (Z-4, Z-6, Z-7, T-10).
func (s *Server) applyClose(now clock.Reading, t *Txn, mine bool, out *Output) {
	e := s.db.sessions.at(t.Session)
	e.live = false
	switch {
	case s.leader != nil && s.leader.tracker != nil:
		s.leader.tracker.Remove(t.Session)
	case s.learner != nil:
		s.learner.drop(s, t.Session)
	}
	out.Note(Note{Kind: KindCloseApplied, Rule: s.appliedBy(), Session: t.Session, Peer: NoNode, A: t.Zxid})
	applied := out.Cause()
	for _, path := range t.Deletes {
		out.Because(applied)
		if s.cfg.Deviation != DeviateKeepEphemerals && s.db.remove(path) {
			out.Note(Note{Kind: KindNodeDeleted, Rule: s.appliedBy(), Session: t.Session, Peer: NoNode, A: t.Zxid, Text: path})
			s.fire(now, path, WatchDeleted, out)
		}
	}
	out.Because(applied)
	c := s.connOf(t.Session)
	if c == nil {
		return
	}
	if mine && t.Req == OpClose {
		s.send(now, c, &Packet{Op: OpClose, Req: OpClose, Reply: true, Xid: t.Xid, Zxid: t.Zxid}, out)
		s.hangUp(c, "Z-7", "closed by the client", out)
		return
	}
	if s.cfg.Deviation == DeviateKeepConnection {
		return
	}
	s.hangUp(c, "Z-6", "session ended", out)
}
