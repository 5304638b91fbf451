package model

import (
	"time"

	"zksim/clock"
)

// This file is the Java client on a read-only server (C-10, C-33).

// A restOfTurn is what the end of a turn needs: how long the selector may wait, and
// whether a ping waits to be written, after how long without sending.
type restOfTurn struct {
	to       int64
	ping     bool
	idleSend int64
}

// untilProbe is how long the send thread may wait before it probes.
func (c *JavaClient) untilProbe(now clock.Reading) int64 {
	return c.probe.last.Millis() + c.probe.every.Milliseconds() - now.Millis()
}

// startProbe asks the next address whether it is read-write. The address list turns
// without its wait (ClientCnxn.java:SendThread.pingRwServer).
func (c *JavaClient) startProbe(now clock.Reading, rest restOfTurn, out *Output) {
	server, _ := c.hosts.next()
	c.probe.begin(now, MakeConnID(c.cfg.Node, c.dialled), server)
	c.dialled++
	cause := out.Cause()
	c.probe.begun = c.note(out, Note{Kind: KindProbe, Rule: "C-33", Peer: server, A: c.probe.every.Milliseconds(), Cause: c.heardBy})
	out.Dial(c.probe.conn, server, PortClient)
	out.Because(cause)
	c.afterProbe = rest
	if rest.ping {
		c.lastSend = c.now // C-3
	}
	c.phase, c.until = phaseProbe, now.Add(probeWait)
}

// probed is the end of a probe. A read-write server is gone to at once, by way of the
// usual cleanup (C-12, C-13); otherwise the turn goes on where it was.
func (c *JavaClient) probed(now clock.Reading, out *Output) {
	found := c.probe.end(out)
	out.Because(c.probe.begun)
	over := c.note(out, Note{Kind: KindProbed, Rule: "C-33", Peer: c.probe.server, Text: c.probe.answer})
	if found {
		c.probe.every, c.probe.found, c.probe.held = javaProbe, c.probe.server, nil
		c.dropped = over
		c.teardown(now, out)
		return
	}
	out.Afresh()
	c.now = now.Millis() // what is written now leaves now
	rest := &c.afterProbe
	c.wait(now, min(rest.to, c.probe.every.Milliseconds()), rest.ping, rest.idleSend, out)
	for c.phase == phaseSelect && c.socket == socketUp {
		h, ok := c.probe.next()
		if !ok {
			return
		}
		out.Because(h.in.Cause)
		switch {
		case h.in.Kind == InputClosed:
			c.closedByPeer(now, h.in.Reason, out)
		case h.half:
			c.now = now.Millis()
			c.read(now, &h.packet, out)
		default:
			h.in.Packet = &h.packet
			c.readable(now, &h.in, out)
		}
	}
}

// probeInput is an input while the thread probes: on the probe's connection, or on the
// server's, where it has to wait.
func (c *JavaClient) probeInput(now clock.Reading, in *Input, out *Output) {
	switch {
	case in.Conn == c.conn:
		c.probe.hold(in, false)
	case in.Conn == c.probe.conn && c.probe.step(now, in, &c.until, out):
		c.probed(now, out)
	}
}

// wait writes what waits to be written, and goes into the selector (C-11).
func (c *JavaClient) wait(now clock.Reading, to int64, ping bool, idleSend int64, out *Output) {
	if c.socket == socketUp {
		if len(c.outgoing) > 0 {
			c.write(now, out)
		}
		if ping {
			// It is queued behind the requests that wait, so that a write holds it up (H-6).
			c.ping(now, idleSend, out)
		}
		if c.lastSend == c.now {
			// Having written, the thread goes round once more and waits afresh.
			to = min(c.timers.Read-(c.now-c.lastHeard), c.timers.Ping)
			if c.readOnly {
				to = min(to, c.untilProbe(now))
			}
		}
	}
	c.phase = phaseSelect
	c.until = now.Add(time.Duration(to) * time.Millisecond)
}
