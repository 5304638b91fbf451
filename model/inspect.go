package model

// This file lets a check look at a server from outside, between two steps. Nothing
// here changes anything.

// LastZxid returns the zxid of the last transaction applied, or of the beginning of
// the epoch that the server has begun to lead.
func (s *Server) LastZxid() int64 { return s.db.zxid }

// Applied returns the latest transactions that the server has applied, in order, and
// how many of the last of them it may have to take back, because it does not know yet
// that a quorum has them (Z-10). Whole says that it has applied no others before. The
// caller must not change them.
func (s *Server) Applied() (txns []*Txn, unsettled int, whole bool) {
	n := len(s.history)
	if s.before != nil {
		for unsettled < n && s.history[n-1-unsettled].Zxid > s.before.zxid {
			unsettled++
		}
	}
	return s.history, unsettled, !s.forgotten
}

// Connections lists the connections that the server has open or is opening, in a
// fixed order.
func (s *Server) Connections() []ConnID {
	ids := s.conns.collect(nil, func(*clientConn) bool { return true })
	if s.learner != nil && s.learner.conn != NoConn {
		ids = append(ids, s.learner.conn)
	}
	if s.learner != nil && s.learner.master != nil {
		for i := range s.learner.master.handlers {
			ids = append(ids, s.learner.master.handlers[i].conn)
		}
	}
	if s.leader != nil {
		for i := range s.leader.learners {
			ids = append(ids, s.leader.learners[i].conn)
		}
	}
	for i := range s.links {
		for _, c := range [2]ConnID{s.links[i].conn, s.links[i].dialling} {
			if c != NoConn {
				ids = append(ids, c)
			}
		}
	}
	return ids
}

// Unread says that a connection of the server's is over, and that it does not know
// yet, because it does not read there (V-4).
func (s *Server) Unread(id ConnID) bool {
	c := s.conn(id)
	return c != nil && c.ended
}

// EachSession calls f for every session in the server's database, in the order of
// their IDs, with the paths of its ephemeral nodes.
func (s *Server) EachSession(f func(id SessionID, timeout int32, paths []string)) {
	s.db.sessions.each(func(id SessionID, e *sessionEntry) {
		if e.live {
			f(id, e.first, e.paths)
		}
	})
}

// Nodes returns how many ephemeral nodes there are.
func (s *Server) Nodes() int { return len(s.db.nodes) }

// Owner returns whose ephemeral node a path is, and whether it is there.
func (s *Server) Owner(path string) (SessionID, bool) {
	n := s.db.node(path)
	if n == nil {
		return 0, false
	}
	return n.owner, true
}
