package model

import (
	"time"

	"zksim/clock"
)

// This file is the heartbeat of an idle session, straight through: once more what Step
// does for a ping and its answer where nothing else is on, without the ways that only
// others take. In a steady ensemble nearly every event is one of these. A function that
// finds anything out of the ordinary changes nothing and says no, and Step does it all.
// Tests play the same runs both ways.
//
// Notes and packets are filled in field by field, where they lie: put together elsewhere
// and copied, they cost more than the rest.

// Heartbeat is [InputWake] of a client that does nothing but ping: it fills in the note
// and returns the connection to which the ping goes (C-9).
func (c *JavaClient) Heartbeat(now clock.Reading, n *Note) (ConnID, bool) {
	if c.phase != phaseSelect || c.socket != socketUp || c.readOnly || len(c.outgoing) > 0 || now < c.until || now >= c.restAt {
		return NoConn, false
	}
	ms := now.Millis()
	idleSend, idleRecv := ms-c.lastSend, ms-c.lastHeard
	if idleRecv >= c.timers.Read || c.localExpiry && idleRecv >= c.timers.Expire {
		return NoConn, false
	}
	if _, due := c.pingIn(idleSend); !due {
		return NoConn, false
	}
	c.now, c.pingSent, c.lastSend = ms, ms, ms
	n.set(KindPing, c.pingRule(idleSend), c.session, c.server, idleSend, 0, "", c.heardBy)
	c.selects(now, min(c.timers.Read-idleRecv, c.timers.Ping))
	return c.conn, true
}

// HeartbeatAnswered is [InputPacket] with the answer to a ping, for such a client. The
// note will be the record with the identity id (C-4, C-11).
func (c *JavaClient) HeartbeatAnswered(now clock.Reading, conn ConnID, id, cause RecordID, n *Note) bool {
	if !c.live(conn) || c.socket != socketUp || c.readOnly || len(c.outgoing) > 0 {
		return false
	}
	ms := now.Millis()
	idleRecv := ms - c.lastHeard
	if idleRecv >= c.timers.Read || c.localExpiry && idleRecv >= c.timers.Expire {
		return false
	}
	left, due := c.pingIn(ms - c.lastSend)
	if due {
		return false
	}
	c.now, c.lastHeard, c.heardBy = ms, ms, id
	n.set(KindPingReply, "C-4", c.session, c.server, ms-c.pingSent, 0, "", cause)
	c.selects(now, min(c.timers.Read, left))
	return true
}

// selects is the client going into the selector.
func (c *JavaClient) selects(now clock.Reading, ms int64) {
	c.until = now.Add(time.Duration(ms) * time.Millisecond)
	c.wakeAt = min(c.until, c.restAt)
}

// Heartbeat is [InputPacket] with a ping, for a server that keeps its sessions' timers
// itself. It fills in the notes of the touch, which will be the record with the identity
// id, and of the answer, and makes the packet its own answer (T-12, H-5).
func (s *Server) Heartbeat(now clock.Reading, conn ConnID, id, cause RecordID, touch, processed *Note, p *Packet) bool {
	c := s.conns.find(conn)
	if c == nil || c.phase != connUp || !s.serving || s.readOnly || s.leader == nil || s.locals != nil || s.cfg.Deviation != DeviateNot {
		return false
	}
	if s.role == RoleStandalone && s.log.busy() || s.role != RoleStandalone && len(c.waiting) > 0 {
		return false
	}
	ms := now.Millis()
	deadline, ok := s.leader.tracker.TouchBy(c.session, s.cfg.Node, c.timeout, ms, id)
	if !ok {
		return false
	}
	c.ioAt, c.ioBy = ms, id+1
	touch.set(KindTouch, "T-12", c.session, NoNode, int64(c.timeout), deadline, "ping", cause)
	processed.set(KindPingProcessed, "H-5", c.session, conn.Initiator(), 0, 0, "", id)
	p.Req, p.Reply, p.Session, p.Zxid = OpPing, true, 0, s.db.zxid
	// Nothing but a bucket can have become due earlier.
	s.wakeAt = min(s.wakeAt, s.leader.tracker.Wake())
	return true
}

func (n *Note) set(kind Kind, rule string, session SessionID, peer NodeID, a, b int64, text string, cause RecordID) {
	n.Kind, n.Rule, n.Session, n.Peer = kind, rule, session, peer
	n.A, n.B, n.Text, n.Cause = a, b, text, cause
}
