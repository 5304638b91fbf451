package model

import (
	"slices"

	"zksim/clock"
)

// An observerMaster is the part of a follower that plays the leader for observers,
// where observerMasterPort is set (T-22; ObserverMaster.java). Touches, revalidations
// and requests of theirs go to the leader by way of the follower, commits come back as
// INFORM.
type observerMaster struct {
	handlers []learnerHandler // in the order of their nodes
	// nextPing is when the next PING leaves. Unlike a leader's, these keep to their
	// period whatever happens: what was missed in a pause is made up.
	nextPing clock.Reading
	relayed  []relayedQuestion // to the leader, in order
}

// A relayedQuestion is a REVALIDATE that an observer has sent.
type relayedQuestion struct {
	session SessionID
	timeout int32
	conn    ConnID
}

// mastersObservers begins to be an observer master; the first PING leaves after the
// given time.
func (l *learnerState) mastersObservers(s *Server, now clock.Reading, after int64) {
	if s.cfg.ObserverMaster && s.role == RoleFollower {
		l.master = &observerMaster{nextPing: clock.ReadingOfMillis(now.Millis() + after)}
	}
}

// nextMaster is the node that an observer turns to: the next of the voters, in an order
// that is shuffled once for the process. Who leads is among them, and refuses
// (QuorumPeer.java:QuorumPeer.nextObserverMaster, updateObserverMasterList).
func (s *Server) nextMaster() NodeID {
	if s.masters == nil {
		s.masters = slices.Clone(s.cfg.Voters)
		for i := len(s.masters) - 1; i > 0; i-- {
			j := below(s.env.Draw(PurposeMasters, uint64(i)), i+1)
			s.masters[i], s.masters[j] = s.masters[j], s.masters[i]
		}
	}
	n := s.masters[s.masterAt%len(s.masters)]
	s.masterAt++
	return n
}

// steadyMaster is the node that an observer is behind in a steady ensemble: the first
// of its masters that follows.
func (s *Server) steadyMaster() NodeID {
	for {
		if n := s.nextMaster(); n != s.cfg.Leader {
			return n
		}
	}
}

// behindMaster says whether this server observes by way of an observer master.
func (s *Server) behindMaster() bool { return s.cfg.ObserverMaster && !s.votes() }

// accept takes in an observer's connection, new or settled before the run began. One
// that the same observer had before stays until it breaks or falls silent (F-5;
// ObserverMaster.java:ObserverMaster.addLearnerHandler).
func (m *observerMaster) accept(s *Server, now clock.Reading, in *Input) {
	h := learnerHandler{node: in.Peer, conn: in.Conn, observer: true, heard: now.Millis()}
	if in.Kind == InputJoined {
		h.phase = handlerRunning
	}
	i := slices.IndexFunc(m.handlers, func(o learnerHandler) bool { return o.node > h.node })
	if i < 0 {
		i = len(m.handlers)
	}
	m.handlers = slices.Insert(m.handlers, i, h)
}

func (m *observerMaster) handler(c ConnID) *learnerHandler {
	for i := range m.handlers {
		if m.handlers[i].conn == c {
			return &m.handlers[i]
		}
	}
	return nil
}

func (m *observerMaster) wake(cfg *ServerConfig) clock.Reading {
	w := m.nextPing
	for i := range m.handlers {
		if limit, speaks := m.handlers[i].limit(cfg); speaks {
			w = min(w, clock.ReadingOfMillis(m.handlers[i].heard+limit))
		}
	}
	return w
}

// timers drops observers that have been silent for too long (F-5) and sends PING.
func (m *observerMaster) timers(s *Server, now clock.Reading, unread bool, out *Output) {
	ms := now.Millis()
	for i := 0; i < len(m.handlers) && !unread; {
		h := &m.handlers[i]
		if limit, speaks := h.limit(&s.cfg); speaks && ms-h.heard >= limit {
			out.Afresh()
			out.Because(h.heardBy)
			m.drop(s, h.conn, "silent", out)
			continue
		}
		i++
	}
	out.Afresh()
	for now >= m.nextPing {
		m.nextPing = clock.ReadingOfMillis(m.nextPing.Millis() + s.cfg.heartbeat())
		sent := int64(0)
		for i := range m.handlers {
			if m.handlers[i].forwarding() {
				sent++
			}
		}
		if sent == 0 {
			continue
		}
		out.Note(Note{Kind: KindLeaderPing, Rule: "T-22", Peer: NoNode, A: sent})
		for i := range m.handlers {
			if h := &m.handlers[i]; h.forwarding() {
				out.Send(h.conn, &Packet{Op: OpLeaderPing, Touches: h.spare})
				h.spare = nil
			}
		}
	}
}

// drop lets an observer go.
func (m *observerMaster) drop(s *Server, c ConnID, why string, out *Output) {
	h := m.handler(c)
	out.Note(Note{Kind: KindLearnerGone, Rule: "F-5", Peer: h.node, Text: why})
	out.Close(c)
	m.handlers = slices.DeleteFunc(m.handlers, func(h learnerHandler) bool { return h.conn == c })
}

// stop is the follower giving its role up: its observers find end of stream (F-3).
func (m *observerMaster) stop(out *Output) {
	for i := range m.handlers {
		out.Close(m.handlers[i].conn)
	}
}

// inform tells the observers of a commit (ObserverMaster.java:ObserverMaster.proposalCommitted).
func (m *observerMaster) inform(t *Txn, designated NodeID, out *Output) {
	cause := out.Cause()
	var activation *QuorumInfo
	if t.Op == OpReconfig {
		activation = &QuorumInfo{Leader: designated}
	}
	for i := range m.handlers {
		if h := &m.handlers[i]; h.forwarding() {
			out.Because(cause)
			out.Send(h.conn, &Packet{Op: OpInform, Zxid: t.Zxid, Txn: t, Quorum: activation})
		}
	}
	out.Because(cause)
}

// packet is what an observer sent. Its synchronisation waits for nobody: the follower
// is in the epoch already (LearnerHandler.java:LearnerHandler.run, ObserverMaster.java).
func (m *observerMaster) packet(s *Server, now clock.Reading, h *learnerHandler, p *Packet, out *Output) {
	h.heard, h.heardBy = now.Millis(), out.Cause()
	l := s.learner
	switch p.Op {
	case OpLearnerPing:
		// One more relay of touches: into the follower's own table, and with its next
		// report to the leader (T-22).
		cause := out.Cause()
		for i := range p.Touches.touches {
			t := &p.Touches.touches[i]
			out.Because(cause)
			out.Because(t.Cause)
			if s.locals == nil || s.reports(t.Session) {
				l.enter(s, t.Session, t.Timeout, "T-22", out)
			}
		}
		p.Touches.touches = p.Touches.touches[:0]
		h.spare = p.Touches
	case OpRequest:
		// The leader takes it for the follower's own, and so does its tracker (H-8).
		q := *p
		q.Quorum = &QuorumInfo{Origin: h.node}
		l.forward(&q, out)
	case OpRevalidate:
		m.relayed = append(m.relayed, relayedQuestion{p.Session, p.Timeout, h.conn})
		out.Send(l.conn, p)
	case OpFollowerInfo:
		h.phase = handlerInformed
		out.Send(h.conn, &Packet{Op: OpLeaderInfo, Zxid: firstZxid(s.currentEpoch)})
	case OpAckEpoch:
		s.sendMissing(h, p.Zxid, out)
		h.phase = handlerSyncing
		out.Send(h.conn, &Packet{Op: OpNewLeader, Zxid: firstZxid(s.currentEpoch), Quorum: s.membersInfo()})
	case OpAck:
		if h.phase == handlerSyncing {
			h.phase = handlerRunning
			out.Send(h.conn, &Packet{Op: OpUpToDate})
		}
	}
}

// revalidated hands the leader's answer to the observer that asked, if the oldest
// question of observers is about that session; a valid session is touched on the way
// (ObserverMaster.java:ObserverMaster.revalidateLearnerSession).
func (m *observerMaster) revalidated(s *Server, p *Packet, out *Output) bool {
	if len(m.relayed) == 0 || m.relayed[0].session != p.Session {
		return false
	}
	q := m.relayed[0]
	m.relayed = append(m.relayed[:0], m.relayed[1:]...)
	if m.handler(q.conn) != nil {
		out.Send(q.conn, p)
	}
	if p.Valid && (s.locals == nil || s.reports(q.session)) {
		s.learner.enter(s, q.session, q.timeout, "T-22", out)
	}
	return true
}
