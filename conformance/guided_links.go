package conformance

import (
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
	if initiator >= len(c.machines) {
		c.toClient(i, at, e)
		return
	}
	if e.Kind != model.EffectSend {
		return
	}
	to := c.leader
	if i == c.leader {
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
// the same connection behind it.
func (c *cluster) carry(at int64) {
	for len(c.queue) > 0 {
		m := c.queue[0]
		c.queue = c.queue[1:]
		when := at
		if op := m.effect.Packet.Op; op == model.OpAck || op == model.OpCommit {
			when = c.appliedAt(c.ops[m.effect.Packet.Zxid], m.to, at)
		}
		link := [2]int{m.from, m.to}
		when = max(when, c.held[link])
		deliver := func(when int64) {
			c.wake(m.to, when)
			c.step(m.to, when, model.Input{Kind: model.InputPacket, Conn: m.effect.Conn, Packet: &m.effect.Packet})
		}
		if when > at {
			c.held[link] = when
			c.plan(when, deliver)
			continue
		}
		deliver(at)
	}
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
	if t.Op == model.OpCreateSession && !c.g.many {
		// Who has been answered has been created, even if the line came later.
		if k := c.g.find(EvSessionUp, string(ClassClient), "", at, when, at); k >= 0 {
			when = c.g.t.Events[k].T
		}
	}
	return when
}

// toClient is what a server says to a client.
func (c *cluster) toClient(i int, at int64, e *model.Effect) {
	if e.Kind == model.EffectSend && e.Packet.Op == model.OpConnect {
		n := int(e.Conn.Initiator()) - len(c.machines)
		s := &c.sess[n]
		if e.Packet.Timeout > 0 && s.id == 0 {
			s.id = e.Packet.Session
		}
		s.reply = e.Packet
	}
	if c.g.client == nil || c.quiet {
		return
	}
	switch {
	case e.Kind == model.EffectClose:
		c.g.client.hungUp(at, e.Conn)
	case e.Packet.Op == model.OpConnect:
		c.g.client.answered(at, e.Packet.Timeout > 0)
	}
}
