package model

import (
	"math"

	"zksim/clock"
)

// localExpiryDue is the test that 3.9.3 brought (C-7, C-20, C-21).
func (c *JavaClient) localExpiryDue(idleRecv int64) bool {
	return c.localExpiry && idleRecv >= c.expireLimit()
}

// expireLimit is the silence after which the client gives its session up, or the
// hope for its first one (C-21).
func (c *JavaClient) expireLimit() int64 {
	if c.session != 0 {
		return c.timers.Expire
	}
	switch limit := c.cfg.NewSession; {
	case c.lib.LocalExpiryUnborn:
		return c.timers.Expire
	case c.lib.NewSessionLimit && limit != nil && *limit != 0:
		return int64(*limit)
	case c.lib.NewSessionLimit && limit != nil:
		return NewJavaTimers(c.cfg.Timeout, 1).Expire
	}
	return math.MaxInt64
}

// giveUp is the end of the client's patience with one connection (C-8, C-12,
// C-14).
func (c *JavaClient) giveUp(now clock.Reading, idleSend, idleRecv, limit int64, out *Output) {
	if c.socket == socketUp {
		c.dropped = c.note(out, Note{Kind: KindSilence, Rule: "C-12", Peer: c.server, A: idleRecv, B: limit, Cause: c.heardBy})
	} else {
		c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "C-14", Peer: c.server, A: idleSend, Text: "no answer", Cause: c.attempt})
	}
	c.teardown(now, out)
}

// expireLocally ends the session without asking anybody (C-20).
func (c *JavaClient) expireLocally(now clock.Reading, idleRecv int64, out *Output) {
	c.dropped = c.note(out, Note{Kind: KindLocalExpiry, Rule: "C-20", A: idleRecv, B: c.expireLimit(), Cause: c.heardBy})
	c.setState(StateClosed, "C-20", out)
	c.teardown(now, out)
}

// closedByPeer is end of stream, a reset or a refusal (C-12, C-15).
func (c *JavaClient) closedByPeer(now clock.Reading, reason CloseReason, out *Output) {
	c.now = now.Millis()
	if now >= c.until {
		// The wait in the selector ran out while the process was stopped, so the
		// thread looks at its timers before it reads anything (G-1, G-2).
		c.turn(now, out)
		if c.phase != phaseSelect || c.socket == socketNone {
			return
		}
	}
	if c.socket == socketDialled {
		c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "C-15", Peer: c.server, A: c.now - c.lastSend, Text: reason.String()})
	} else {
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "C-12", Peer: c.server, Text: reason.String()})
	}
	c.teardown(now, out)
}

// teardown closes the socket and sleeps; what else a lost connection means
// follows after the sleep (C-13).
func (c *JavaClient) teardown(now clock.Reading, out *Output) {
	if c.conn != NoConn && c.socket != socketNone {
		out.Close(c.conn)
	}
	c.socket = socketNone
	if c.closing {
		c.endLoop(now, out) // close() was called: no notice, no other attempt (C-35)
		return
	}
	if c.cfg.Deviation == DeviateNoTeardownSleep {
		c.sleep(now, phaseTeardown, 0)
		return
	}
	c.sleep(now, phaseTeardown, javaTeardown)
}

// afterTeardown fails what was under way, tells the application and turns to
// the next attempt (C-13; ClientCnxn.java:SendThread.cleanAndNotifyState).
func (c *JavaClient) afterTeardown(now clock.Reading, out *Output) {
	c.now = now.Millis()
	c.failCalls(out)
	out.Because(c.dropped)
	if c.state == StateClosed {
		c.endLoop(now, out)
		return
	}
	switch c.cfg.Deviation {
	default:
		c.tell(now, ToldDisconnected, "C-13", out)
	case DeviateTellExpired:
		c.tell(now, ToldExpired, "C-30", out)
	case DeviateTellReadOnly:
		c.tell(now, ToldConnectedReadOnly, "C-13", out)
	}
	if c.lib.ConnectTimerIsHeard {
		c.lastSend, c.lastHeard = c.now, c.now // C-4
	}
	c.turn(now, out)
}

// endLoop leaves the loop: one more cleanup, with its sleep (C-20, C-31).
func (c *JavaClient) endLoop(now clock.Reading, out *Output) {
	c.sleep(now, phaseEnding, javaTeardown)
}

// end is what the send thread does last (ClientCnxn.java:SendThread.run).
func (c *JavaClient) end(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	if c.socket != socketNone {
		out.Close(c.conn)
		c.socket = socketNone
	}
	c.failCalls(out)
	out.Because(c.dropped)
	if c.state != StateClosed {
		c.tell(now, ToldDisconnected, "C-35", out)
		c.setState(StateClosed, "C-35", out)
	}
	rule := "C-30"
	switch {
	case c.closing:
		rule = "C-35"
		c.tell(now, ToldClosed, "C-31", out)
	case c.lib.ClosedAlways:
		// Lost if the event thread has drained its queue and ended by now.
		c.tell(now, ToldClosed, "C-31", out)
	case !c.events.dying:
		rule = "C-20"
		c.tell(now, ToldExpired, rule, out)
	}
	c.events.dying = true
	c.phase = phaseDead
	c.until = clock.Unset
	c.note(out, Note{Kind: KindHandleClosed, Rule: rule})
}
