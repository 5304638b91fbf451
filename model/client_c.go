package model

import (
	"time"

	"zksim/clock"
)

// A CClient is ZooKeeper's C client in its multi-threaded form, with the
// application on top. Its I/O thread computes at each turn how long it may poll;
// another thread delivers events (section 10 of the rules, L-C; zookeeper.c,
// mt_adaptor.c:do_io). Its clock is monotonic (K-2).
type CClient struct {
	handle
	until               clock.Reading // end of the poll
	phase               phase
	socket              socketState
	delay               bool // wait before the next attempt: the list of addresses is at its end
	lastSend, lastHeard clock.Reading
	hosts               cHosts
	readOnly            bool // the session is one of a read-only server (L-C7)
	probe               probe
	afterProbe          time.Duration // what the turn under way has left of its wait, while it probes
	closeLater          bool          // it is to be closed when the probe is over
	losing              bool          // a connection is being given up: it makes no turn
}

// cCloseWait is how long zookeeper_close waits for the server to say something,
// in milliseconds (zookeeper.c:wait_for_session_to_be_closed).
const cCloseWait = 1500

// NewCClient returns a client that has not been opened yet.
func NewCClient(cfg ClientConfig, env Env) *CClient {
	c := &CClient{until: clock.Unset, probe: probe{conn: NoConn, found: NoNode}}
	c.reset(cfg, env, cStateNone)
	return c
}

func (c *CClient) top() (*application, carrier) { return &c.app, c }

// Restart implements [Client].
func (c *CClient) Restart() {
	h := c.handle
	*c = CClient{until: clock.Unset, handle: h, probe: probe{conn: NoConn, found: NoNode}, hosts: cHosts{order: c.hosts.order[:0]}}
	c.reset(h.cfg, h.env, cStateNone)
}

// Renew implements [Client].
func (c *CClient) Renew() {
	c.dialled = 0
	c.Restart()
}

// Clone implements [Client].
func (c *CClient) Clone() Client {
	d := *c
	d.clone()
	d.hosts.order = append([]NodeID(nil), c.hosts.order...)
	d.probe.held = append([]waiting(nil), c.probe.held...)
	return &d
}

// Backdate implements [Client].
func (c *CClient) Backdate(d time.Duration) {
	c.backdate(d, &c.lastSend, &c.lastHeard)
	c.now = c.now.Add(-d)
	if c.until != clock.Unset {
		c.until = c.until.Add(-d)
	}
}

// Wake implements [Machine].
func (c *CClient) Wake() clock.Reading { return min(c.until, c.restAt()) }

// Step implements [Machine].
func (c *CClient) Step(now clock.Reading, in *Input, out *Output) {
	c.now = now
	switch in.Kind {
	case InputCommand:
		c.command(now, in.Command, out)
	case InputWake:
		if now >= c.until {
			switch c.phase {
			case phaseEnding:
				c.end(out)
			case phaseProbe:
				c.probed(now, out)
			default:
				c.turn(now, out)
			}
		}
	case InputConnected:
		if c.phase == phaseProbe {
			c.probeInput(now, in, out)
		} else if c.live(in.Conn) {
			c.greet("L-C1", out)
			c.setState(cStateAssociating, "L-C1", out)
			c.socket = socketPrimed
			c.turn(now, out)
		}
	case InputPacket:
		if c.phase == phaseProbe {
			c.probeInput(now, in, out)
		} else if c.live(in.Conn) {
			c.readable(now, in.Packet, out)
		}
	case InputClosed:
		if c.phase == phaseProbe {
			c.probeInput(now, in, out)
		} else if c.live(in.Conn) {
			c.closedByPeer(now, in.Reason, out)
		}
	}
	c.rest(now, c, out)
}

func (c *CClient) live(conn ConnID) bool { return conn == c.conn && c.socket != socketNone }

func (c *CClient) command(now clock.Reading, cmd Command, out *Output) {
	switch {
	case cmd == CommandOpen && c.phase == phaseNone:
		c.hosts = cHosts{order: shuffled(c.hosts.order[:0], c.cfg.Servers, c.cfg.First, c.env, 0)}
		c.opened(now, out)
		c.phase = phaseSelect
		c.turn(now, out)
	case cmd == CommandClose && c.phase == phaseSelect:
		c.close(now, out)
	case cmd == CommandClose && c.phase == phaseProbe:
		c.closeLater = true
	default:
		if p, ok := c.handle.command(now, cmd); ok {
			c.submit(now, p, out)
		}
	}
}

// turn is what the I/O thread does before it polls, until it has something to wait
// for (zookeeper.c:zookeeper_interest).
func (c *CClient) turn(now clock.Reading, out *Output) {
	for c.phase == phaseSelect {
		if c.socket == socketNone {
			c.lastSend, c.lastHeard = now, now
			c.probe.last, c.probe.every = now, cProbe
			if c.delay {
				c.delay = false
				wait := millis(c.timeout / 60)
				out.Because(c.dropped)
				c.dropped = c.note(out, Note{Kind: KindSpin, Rule: "L-C4", Peer: c.server, A: wait.Milliseconds()})
				c.until = now.Add(wait)
				return
			}
			server := c.probe.found
			if server == NoNode {
				server = c.hosts.connect()
			}
			c.probe.found = NoNode
			c.dial(server, "L-C4", out)
			c.socket = socketDialled
			c.setState(cStateConnecting, "L-C4", out)
		}
		limit := max(millis(c.timeout*2/3), time.Millisecond) // with none it would spin
		idle := wholeMillis(now.Sub(c.lastHeard))
		if idle >= limit {
			c.silence(now, idle, limit, out)
			continue
		}
		wait := min(limit-idle, c.look(now, out))
		if c.readOnly && c.socket == socketUp {
			left, probing := c.seek(now, wait, out)
			if probing {
				return
			}
			wait = min(wait, left)
		}
		c.write(now, out)
		c.until = now.Add(wait)
		return
	}
}

// look pings if it is time, and says when to look again (L-C2).
func (c *CClient) look(now clock.Reading, out *Output) time.Duration {
	third := millis(c.timeout / 3)
	if c.socket != socketUp {
		return third
	}
	idle := wholeMillis(now.Sub(c.lastSend))
	if idle < third {
		return third - idle
	}
	if !c.outstanding() {
		c.ping(now, idle, "L-C1", out)
		c.lastSend = now
	}
	return third
}

// write puts everything that waits on the wire.
func (c *CClient) write(now clock.Reading, out *Output) {
	if c.socket != socketUp {
		return
	}
	for len(c.outgoing) > 0 {
		c.request(c.take(), "L-C2", out)
		c.lastSend = now
	}
}

// readable is a packet, read whole before the timers are looked at (L-C3).
func (c *CClient) readable(now clock.Reading, p *Packet, out *Output) {
	if c.socket == socketPrimed && p.Op != OpConnect {
		// NotReadOnly, of a read-only server that can grant no session: too short for an
		// answer to a handshake, whose rest it goes on waiting for (V-11;
		// zookeeper.c:recv_buffer).
		c.turn(now, out)
		return
	}
	c.lastHeard = now
	if c.socket == socketPrimed {
		c.handshake(now, p, out)
	} else if c.read(now, c, p, "L-C3", out) {
		c.queue(now, c, event{watch: p.Event, cause: out.Cause()}, out)
	}
	if c.phase == phaseEnding {
		c.end(out)
		return
	}
	c.turn(now, out)
}

// handshake reads a ConnectResponse: the session is over if it is not the one that
// was asked for (L-C6; zookeeper.c:check_events).
func (c *CClient) handshake(now clock.Reading, p *Packet, out *Output) {
	if c.seenRW && c.session != 0 && p.Session != c.session {
		c.setState(cStateExpired, "L-C6", out)
		c.hangUp(out)
		c.socket = socketNone
		c.dropped = c.tell(now, c, CToldExpired, "L-C6", out)
		c.failAll(ErrSessionExpired, "L-C6", out)
		c.die(out)
		return
	}
	c.ask = p.Timeout // N-5
	c.socket = socketUp
	c.hosts.settled()
	c.welcomed(p, "L-C6", out)
	c.readOnly = p.ReadOnly
	if c.readOnly {
		c.setState(cStateReadOnly, "C-33", out)
	} else {
		c.setState(cStateConnected, "L-C6", out)
	}
	if w, ok := c.rewatch(); ok {
		c.outgoing = append([]Packet{w}, c.outgoing...)
	}
	if c.readOnly {
		c.tell(now, c, CToldReadOnly, "C-33", out)
	} else {
		c.tell(now, c, CToldConnected, "L-C6", out)
	}
}

// silence is the end of the client's patience with one server (L-C1, L-C4).
func (c *CClient) silence(now clock.Reading, idle, limit time.Duration, out *Output) {
	if c.socket == socketUp {
		c.dropped = c.note(out, Note{Kind: KindSilence, Rule: "L-C1", Peer: c.server, A: idle.Milliseconds(), B: limit.Milliseconds(), Cause: c.heardBy})
	} else {
		c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "L-C1", Peer: c.server, A: idle.Milliseconds(), Text: "no answer", Cause: c.attempt})
	}
	c.lost(now, ErrOperationTimeout, out)
}

// closedByPeer is end of stream, a reset or a refusal.
func (c *CClient) closedByPeer(now clock.Reading, reason CloseReason, out *Output) {
	if c.phase == phaseEnding {
		c.end(out)
		return
	}
	if c.socket == socketDialled {
		c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "L-C4", Peer: c.server, A: wholeMillis(now.Sub(c.lastHeard)).Milliseconds(), Text: reason.String()})
	} else {
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "L-C4", Peer: c.server, Text: reason.String()})
	}
	at := c.socket == socketDialled && now == c.lastHeard
	c.lost(now, ErrConnectionLoss, out)
	if at && !c.delay {
		// Refused in no time: with addresses that never come to an end (L-C5) it would go
		// round for ever at one instant. No turn of a real loop takes no time.
		c.until = now.Add(cTurn)
		return
	}
	c.turn(now, out)
}

// cTurn is what a turn of the loop takes at least that only dials and is refused.
const cTurn = time.Millisecond

// lost ends a connection: the event, then the calls, then the cursor moves on
// (L-C4, L-C5; zookeeper.c:handle_error).
func (c *CClient) lost(now clock.Reading, err ErrCode, out *Output) {
	c.cleanUp(now, err, "L-C4", out)
	c.delay = c.hosts.atEnd()
	c.hosts.advance()
}

// cleanUp closes the connection (zookeeper.c:cleanup).
func (c *CClient) cleanUp(now clock.Reading, err ErrCode, rule string, out *Output) {
	c.hangUp(out)
	if c.socket == socketUp {
		// The other thread may be free for an event just now, and its application make a
		// request: that is one of those that fail.
		c.losing = true
		c.tell(now, c, CToldConnecting, rule, out)
		c.losing = false
	}
	c.socket = socketNone
	c.failAll(err, rule, out)
	c.setState(cStateClosed, rule, out)
}

func (c *CClient) failAll(err ErrCode, rule string, out *Output) {
	c.fail(&c.pending, err, rule, out)
	c.fail(&c.outgoing, err, rule, out)
}

// submit takes a request from the application: it wakes the I/O thread, also from
// the wait before an attempt.
func (c *CClient) submit(now clock.Reading, p Packet, out *Output) {
	switch {
	case c.phase == phaseNone:
	case c.state == cStateExpired:
		c.lose(p.Op, 0, ErrSessionExpired, "L-C6", out)
	case c.phase == phaseProbe:
		c.outgoing = append(c.outgoing, p)
	case c.phase != phaseSelect:
		c.lose(p.Op, 0, ErrClosing, "C-35", out)
	default:
		c.outgoing = append(c.outgoing, p)
		if !c.losing {
			c.turn(now, out)
		}
	}
}

// close ends the handle: calls fail, and if there is a connection the server is
// asked to end the session and given some time to hang up
// (zookeeper.c:zookeeper_close).
func (c *CClient) close(now clock.Reading, out *Output) {
	c.app.quit(c, out)
	c.dropped = out.Cause()
	c.failAll(ErrClosing, "C-35", out)
	if c.socket != socketUp {
		c.end(out)
		return
	}
	c.request(Packet{Op: OpClose}, "C-35", out)
	c.phase = phaseEnding
	c.until = now.Add(millis(cCloseWait))
}

func (c *CClient) end(out *Output) {
	c.hangUp(out)
	c.socket = socketNone
	c.setState(cStateClosed, "C-35", out)
	c.die(out)
}

// die ends the threads.
func (c *CClient) die(out *Output) {
	c.phase = phaseDead
	c.until = clock.Unset
	c.note(out, Note{Kind: KindHandleClosed, Rule: "L-C6"})
}

// millis is a duration of whole milliseconds.
func millis(ms int32) time.Duration { return time.Duration(ms) * time.Millisecond }

// wholeMillis cuts a duration off to milliseconds.
func wholeMillis(d time.Duration) time.Duration { return d - d%time.Millisecond }
