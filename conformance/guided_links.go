package conformance

import (
	"time"

	"zksim/model"
)

type message struct {
	from, to int
	effect   model.Effect
}

// effect carries out what a server asks of the world.
func (c *cluster) effect(i int, at int64, e *model.Effect) {
	if e.Kind == model.EffectSend && e.Packet.Op == model.OpProposal {
		c.ops[e.Packet.Zxid] = e.Packet.Txn
	}
	initiator := int(e.Conn.Initiator())
	if initiator >= len(c.members) {
		c.toClient(i, at, e)
		return
	}
	if e.Kind != model.EffectSend || e.Conn != c.link(initiator) {
		return
	}
	to := c.members[initiator].boss
	if i == to {
		to = initiator
	}
	switch e.Packet.Op {
	case model.OpLeaderPing:
		return
	case model.OpLearnerPing:
		c.reported(i, at, e.Packet.Touches.Touches())
		return
	}
	c.queue = append(c.queue, message{i, to, *e})
}

// carry takes what servers say to each other where it goes, in order. Word of a
// transaction is held back until it was recorded as applied, and what follows on
// the same connection behind it. What meets a cut is sent again by the kernel until
// it gets through or the connection is given up (W-1).
func (c *cluster) carry(at int64) {
	for len(c.queue) > 0 {
		m := c.queue[0]
		c.queue = c.queue[1:]
		when := at
		if op := m.effect.Packet.Op; op == model.OpAck || op == model.OpCommit || op == model.OpInform {
			t := c.ops[m.effect.Packet.Zxid]
			if op == model.OpInform {
				t = m.effect.Packet.Txn
			}
			when = c.appliedAt(t, m.to, at)
		}
		link := [2]int{m.from, m.to}
		when = max(when, c.held[link])
		if c.links.apart(m.from, m.to, at) {
			heal := c.links.healed(m.from, m.to, at)
			if heal == forEver {
				c.broken[m.effect.Conn] = true
				continue
			}
			when = max(when, heal+int64(resendTo))
		}
		if until := c.members[m.to].silenced; until > when {
			if until == forEver {
				c.broken[m.effect.Conn] = true
				continue
			}
			when = until // it reads on when it goes on (W-5)
			if m.effect.Packet.Op == model.OpRevalidate {
				when = c.lateRevalidation(m.from, m.to, until)
			}
		}
		if when > at {
			c.held[link] = when
			c.plan(when, func(when int64) { c.deliver(&m, when) })
			continue
		}
		c.deliver(&m, at)
	}
}

// lateRevalidation is when a leader that was stopped takes in a learner's question
// about a session. Whether the session still lives by then is left open (G-5).
func (c *cluster) lateRevalidation(from, to int, at int64) int64 {
	c.g.optional = true
	c.g.expect(EvRevalidationRefused, c.node(from), "", instant(at), "V-5")
	c.g.expect(EvConnectionClosed, c.node(from), "", instant(at), "V-5")
	c.g.optional = false
	if t, ok := c.g.take(EvTouch, c.node(to), "", at, at+int64(400*time.Millisecond), at); ok {
		return t
	}
	return at
}

// deliver gives a server a message, unless the connection that it came by is over.
func (c *cluster) deliver(m *message, at int64) {
	if c.members[m.to].dead {
		c.broken[m.effect.Conn] = true // nothing overtakes what is lost (W-8)
	}
	if c.broken[m.effect.Conn] {
		return
	}
	// What a learner sent before it left waits in the socket of a leader that was
	// stopped (W-5).
	learner := int(m.effect.Conn.Initiator())
	if m.effect.Conn != c.link(learner) && (m.to == learner || c.members[m.to].silenced == 0 || !c.leads(m.to)) {
		return
	}
	c.wake(m.to, at)
	p := &m.effect.Packet
	switch key := (proposed{m.effect.Conn, p.Zxid}); {
	case p.Op == model.OpProposal:
		c.had[key] = true
	case p.Op == model.OpCommit && !c.had[key]:
		// A learner that joins is sent what has been proposed and not committed
		// (LearnerHandler.java:LearnerHandler.run).
		c.had[key] = true
		c.step(m.to, at, model.Input{Kind: model.InputPacket, Conn: m.effect.Conn, Packet: &model.Packet{Op: model.OpProposal, Zxid: p.Zxid, Txn: c.ops[p.Zxid]}})
	}
	c.step(m.to, at, model.Input{Kind: model.InputPacket, Conn: m.effect.Conn, Packet: p})
}

// A proposed is a proposal that a connection has carried.
type proposed struct {
	conn model.ConnID
	zxid int64
}

// appliedAt is when a transaction was recorded as applied on a server.
func (c *cluster) appliedAt(t *model.Txn, to int, at int64) int64 {
	if t == nil {
		return at
	}
	ev := EvCloseApplied
	switch t.Op {
	case model.OpCreateSession:
		ev = EvCreateApplied
	case model.OpCloseSession:
	default:
		return at
	}
	name := ""
	if n := c.numberOf(t.Session); n >= 0 {
		name = c.sess[n].name
	}
	when := c.recordedOr(ev, to, name, at)
	if t.Op == model.OpCreateSession && c.g.client != nil {
		// Who has been answered has been created, even if the line came later.
		if up := c.g.client.firstUp; up >= at && up < when {
			when = up
		}
	}
	return when
}

// toClient is what a server says to a client.
func (c *cluster) toClient(i int, at int64, e *model.Effect) {
	if e.Kind == model.EffectSend && e.Packet.Op == model.OpConnect {
		n := int(e.Conn.Initiator()) - len(c.members)
		if n >= len(c.sess) {
			return
		}
		s := &c.sess[n]
		if e.Packet.Timeout > 0 && s.id == 0 {
			s.id = e.Packet.Session
		}
		s.reply = e.Packet
	}
	if n := int(e.Conn.Initiator()) - len(c.members); e.Kind == model.EffectClose && n < len(c.sess) && c.sess[n].conn == e.Conn {
		c.sess[n].hungUp = true
	}
	if c.g.client == nil || c.quiet {
		return
	}
	switch {
	case e.Kind == model.EffectClose:
		name := ""
		if n := int(e.Conn.Initiator()) - len(c.members); n >= 0 && n < len(c.sess) {
			name = c.sess[n].name
		}
		c.plan(c.recordedOr(EvConnectionClosed, i, name, at), func(when int64) { c.g.client.hungUp(when, e.Conn) })
	case e.Packet.Op == model.OpConnect:
		c.g.client.answered(at, e.Conn, e.Packet.Timeout > 0)
	}
}
