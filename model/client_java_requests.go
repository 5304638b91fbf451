package model

import "zksim/clock"

// readable is a packet waiting in the socket. The first turn reads its length
// alone; the timers are looked at again before the body is read and counts as
// heard (C-11, G-1).
func (c *JavaClient) readable(now clock.Reading, in *Input, out *Output) {
	c.now = now.Millis()
	c.turn(now, out)
	if c.phase == phaseProbe {
		c.probe.hold(in, true)
		return
	}
	if c.phase != phaseSelect || c.socket == socketNone {
		return // the timers ended the connection with the body unread
	}
	c.read(now, in.Packet, out)
}

// read reads the body of a packet.
func (c *JavaClient) read(now clock.Reading, p *Packet, out *Output) {
	c.lastHeard = c.now
	switch {
	case c.socket == socketPrimed:
		c.handshake(now, p, out)
	case p.Op == OpPing:
		c.heardBy = c.note(out, Note{Kind: KindPingReply, Rule: "C-4", Peer: c.server, A: c.now - c.pingSent})
	case p.Op == OpNotify:
		c.heardBy = out.Cause()
		c.watchFired(now, p, out)
	default:
		c.answer(now, p, out)
	}
	if c.phase == phaseSelect {
		c.turn(now, out)
	}
}

// answer is the reply to an ordinary request (C-28, C-34).
func (c *JavaClient) answer(now clock.Reading, p *Packet, out *Output) {
	if p.Zxid > 0 {
		c.lastZxid = p.Zxid
	}
	c.heardBy = c.note(out, Note{Kind: KindReply, Rule: "C-28", Peer: c.server, A: int64(p.Xid), Text: resultText(p.Req, p.Err)})
	if len(c.pending) > 0 {
		c.pending = append(c.pending[:0], c.pending[1:]...)
	}
	if p.Req == OpClose {
		// close() returns; the loop ends at its next turn (C-35).
		c.setState(StateClosed, "C-35", out)
		c.dropped = c.heardBy
		out.Close(c.conn)
		c.socket = socketNone
		c.endLoop(now, out)
		return
	}
	c.app.answered(c, now, p, out)
}

// submit takes a request from the application: it wakes the selector, and the
// turn that follows looks at the timers before the request is written (C-9b,
// C-9d). Without a connection the request waits in the queue (C-18).
func (c *JavaClient) submit(now clock.Reading, p Packet, out *Output) {
	if c.above != nil && c.above.hold(now, p) {
		return
	}
	switch c.phase {
	case phaseNone:
		return
	case phaseDead, phaseEnding:
		c.note(out, Note{Kind: KindCallLost, Rule: "C-30", Peer: NoNode, Text: resultText(p.Op, ErrSessionExpired)})
		return
	}
	switch {
	case c.state == StateClosed:
		c.note(out, Note{Kind: KindCallLost, Rule: "C-30", Peer: NoNode, Text: resultText(p.Op, ErrSessionExpired)})
		return
	case c.closing:
		// What comes after close() fails at once (ClientCnxn.java:ClientCnxn.queuePacket).
		c.note(out, Note{Kind: KindCallLost, Rule: "C-35", Text: resultText(p.Op, ErrConnectionLoss)})
		return
	}
	c.outgoing = append(c.outgoing, p)
	if c.phase == phaseSelect {
		c.now = now.Millis()
		c.turn(now, out)
	}
}

// ping sends a ping (C-9).
func (c *JavaClient) ping(now clock.Reading, idleSend int64, out *Output) {
	c.pingSent = c.now
	c.lastSend = c.now
	cause := out.cause
	c.note(out, Note{Kind: KindPing, Rule: c.pingRule(idleSend), Peer: c.server, A: idleSend, Cause: c.heardBy})
	out.Send(c.conn, &Packet{Op: OpPing, Session: c.session})
	out.cause = cause
}

// pingRule says why a ping leaves after so long without sending: its period is over,
// or the loop is awake for another reason (C-9b), or that after more than ten seconds
// (C-9c).
func (c *JavaClient) pingRule(idleSend int64) string {
	switch {
	case idleSend == c.timers.Ping:
		return "C-9a"
	case idleSend >= c.timers.Ping-javaPingMargin:
		return "C-9b"
	}
	return "C-9c"
}

// write puts everything that waits on the wire (C-3, C-11). Nothing goes out
// between the ConnectRequest and its answer (C-29).
func (c *JavaClient) write(now clock.Reading, out *Output) {
	for i := range c.outgoing {
		p := &c.outgoing[i]
		c.xid++
		p.Xid = c.xid
		p.Session = c.session
		cause := out.cause
		c.note(out, Note{Kind: KindRequest, Rule: "C-9d", Peer: c.server, A: int64(p.Xid), Text: p.Op.String()})
		out.Send(c.conn, p)
		out.cause = cause
		c.pending = append(c.pending, *p)
		c.lastSend = c.now
	}
	c.outgoing = c.outgoing[:0]
}

// failCalls fails every request that was sent or is queued (C-13, C-30).
func (c *JavaClient) failCalls(out *Output) {
	err := ErrConnectionLoss
	if c.state == StateClosed {
		err = ErrSessionExpired
	}
	for _, queue := range [2][]Packet{c.pending, c.outgoing} {
		for i := range queue {
			out.Because(c.dropped)
			c.note(out, Note{Kind: KindCallLost, Rule: "C-13", Peer: c.server, A: int64(queue[i].Xid), Text: resultText(queue[i].Op, err)})
		}
	}
	c.pending, c.outgoing = c.pending[:0], c.outgoing[:0]
	c.app.callsFailed()
}
