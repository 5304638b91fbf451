package model

import (
	"time"

	"zksim/clock"
)

// This file is the C client on a read-only server (L-C7, C-33).

// seek probes the address that comes next if it is time, and otherwise says when it
// will be (zookeeper.c:zookeeper_interest).
func (c *CClient) seek(now clock.Reading, wait time.Duration, out *Output) (left time.Duration, probing bool) {
	if idle := wholeMillis(now.Sub(c.probe.last)); idle < c.probe.every {
		return c.probe.every - idle, false
	}
	c.probe.begin(now, MakeConnID(c.cfg.Node, c.dialled), c.hosts.peek())
	c.dialled++
	cause := out.Cause()
	c.probe.begun = c.note(out, Note{Kind: KindProbe, Rule: "L-C7", Peer: c.probe.server, A: c.probe.every.Milliseconds(), Cause: c.heardBy})
	out.Dial(c.probe.conn, c.probe.server, PortClient)
	out.Because(cause)
	c.afterProbe = wait
	c.phase, c.until = phaseProbe, now.Add(probeWait)
	return 0, true
}

// probed is the end of a probe. To a read-write server it goes at once; calls under way
// are given back as done though they are not (zookeeper.c:cleanup, called with ZOK).
// Otherwise the next probe is of the next address.
func (c *CClient) probed(now clock.Reading, out *Output) {
	found := c.probe.end(out)
	out.Because(c.probe.begun)
	over := c.note(out, Note{Kind: KindProbed, Rule: "L-C7", Peer: c.probe.server, Text: c.probe.answer})
	c.phase = phaseSelect
	if found {
		c.probe.every, c.probe.found, c.probe.held = cProbe, c.probe.server, nil
		c.dropped = over
		c.cleanUp(now, ErrOK, "L-C7", out)
	} else {
		c.hosts.advance()
		c.write(now, out)
		c.until = now.Add(min(c.afterProbe, c.probe.every))
	}
	out.Afresh()
	if c.closeLater {
		c.closeLater = false
		c.close(now, out)
	}
	if found {
		c.turn(now, out)
		return
	}
	for c.phase != phaseProbe && c.socket != socketNone {
		h, ok := c.probe.next()
		if !ok {
			return
		}
		out.Because(h.in.Cause)
		if h.in.Kind == InputClosed {
			c.closedByPeer(now, h.in.Reason, out)
			continue
		}
		c.readable(now, &h.packet, out)
	}
}

// probeInput is an input while the thread probes: on the probe's connection, or on the
// server's, where it has to wait. The answer is what the first bytes say.
func (c *CClient) probeInput(now clock.Reading, in *Input, out *Output) {
	switch {
	case in.Conn == c.conn:
		c.probe.hold(in, false)
	case in.Conn == c.probe.conn && (c.probe.step(now, in, &c.until, out) || in.Kind == InputPacket):
		c.probed(now, out)
	}
}
