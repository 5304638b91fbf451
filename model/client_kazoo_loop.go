package model

import (
	"time"

	"zksim/clock"
)

// This file is what kazoo does with a connection that works
// (connection.py:ConnectionHandler._connect_attempt).

// turn goes round the loop until there is nothing to do but wait. Requests go out
// one a turn, and each turn draws its jitter anew (L-K1).
func (c *KazooClient) turn(now clock.Reading, out *Output) {
	for {
		wait := c.look(now)
		if len(c.outgoing) == 0 {
			c.phase, c.until = kazooLoop, now.Add(wait)
			return
		}
		c.request(c.take(), "L-K2", out)
		c.lastSend = now
	}
}

// look computes at the beginning of a turn how long it may wait. From 2.9.0 on a
// ping is due T/3 less the jitter after the last send (L-K2); before that every
// turn waits afresh (L-K4).
func (c *KazooClient) look(now clock.Reading) time.Duration {
	third := millis(c.timeout) / 3
	steps := 40
	if c.cfg.Library.PingsWhenQuiet {
		steps = 41 // 0 to 40 hundredths
	}
	jitter := time.Duration(below(c.env.Draw(PurposeJitter, c.jitters), steps)) * kazooJitterUnit
	c.jitters++
	if c.cfg.Library.PingsWhenQuiet {
		return max(third-jitter, jitter)
	}
	jitter += kazooJitterUnit // 1 to 40
	c.due = c.lastSend.Add(third - jitter)
	return max(c.due.Sub(now), jitter)
}

// quietTurn is a wait that ran out (L-K3).
func (c *KazooClient) quietTurn(now clock.Reading, out *Output) {
	if c.unheard {
		c.unheard = false
		c.dropped = c.note(out, Note{Kind: KindSilence, Rule: "L-K3", Peer: c.server, A: now.Sub(c.lastHeard).Milliseconds(), B: c.until.Sub(c.lastHeard).Milliseconds(), Cause: c.heardBy})
		c.suspend(now, out)
		return
	}
	if c.cfg.Library.PingsWhenQuiet || now >= c.due {
		c.sendPing(now, out)
	}
	c.turn(now, out)
}

// readable is a packet. Up to 2.8 it puts off the ping (L-K4).
func (c *KazooClient) readable(now clock.Reading, p *Packet, out *Output) {
	c.lastHeard = now
	if p.Op == OpPing {
		c.unheard = false
	}
	if c.read(now, c, p, "L-K3", out) {
		c.app.notified(c, now, p.Event, out) // watches are called on a thread of their own
		if c.phase != kazooLoop {
			return
		}
	} else if p.Req == OpClose && p.Op != OpPing {
		c.dropped = c.heardBy
		c.finish(now, out)
		return
	}
	if !c.cfg.Library.PingsWhenQuiet && len(c.outgoing) == 0 && now >= c.due {
		c.sendPing(now, out)
	}
	c.turn(now, out)
}

func (c *KazooClient) sendPing(now clock.Reading, out *Output) {
	c.unheard = true
	rule := "L-K2"
	if c.cfg.Library.PingsWhenQuiet {
		rule = "L-K4"
	}
	c.ping(now, now.Sub(c.lastSend), rule, out)
	c.lastSend = now
}
