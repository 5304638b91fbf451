package model

import (
	"time"

	"zksim/clock"
)

// A GoClient is go-zookeeper/zk, with the application on top: a loop that connects,
// and while it is connected one goroutine that sends and one that receives (section
// 10 of the rules, L-G; conn.go). Its clock is monotonic (K-2).
type GoClient struct {
	handle
	phase    goPhase
	deadline clock.Reading // end of the sleep, of the dial, or of the wait for the next packet
	tick     clock.Reading // the next ping; clock.Unset without a connection
	every    time.Duration // between pings of this connection (L-G2)
	lastSend clock.Reading
	closing  bool // Close was called
	hosts    hostProvider
}

// A goPhase says where the loop is (conn.go:Conn.loop).
type goPhase uint8

const (
	goNone   goPhase = iota
	goSleep          // the list of addresses came round (L-G5)
	goDial           // waiting for TCP
	goGreet          // waiting for the answer to the ConnectRequest
	goUp             // the session is usable
	goClosed         // the loop has ended
)

// The library's constants.
const (
	goDialTimeout = time.Second // for TCP (L-G4)
	goSpin        = time.Second // when the list of addresses has come round (L-G5)
	goEvents      = 6           // the channel of events holds so many (L-G8)
	goHandshake   = 10          // times recvTimeout: for the answer to the ConnectRequest (L-G4)
)

// NewGoClient returns a client that has not been opened yet.
func NewGoClient(cfg ClientConfig, env Env) *GoClient {
	c := &GoClient{}
	c.renew(cfg, env)
	return c
}

func (c *GoClient) renew(cfg ClientConfig, env Env) {
	h := c.handle
	*c = GoClient{handle: h, hosts: hostProvider{order: c.hosts.order[:0]}, deadline: clock.Unset, tick: clock.Unset}
	c.reset(cfg, env, GoDisconnected)
	c.events.most = goEvents
}

func (c *GoClient) top() (*application, carrier) { return &c.app, c }

// Restart implements [Client].
func (c *GoClient) Restart() { c.renew(c.cfg, c.env) }

// Renew implements [Client].
func (c *GoClient) Renew() {
	c.dialled = 0
	c.Restart()
}

// Clone implements [Client].
func (c *GoClient) Clone() Client {
	d := *c
	d.clone()
	d.hosts.order = append([]NodeID(nil), c.hosts.order...)
	return &d
}

// Backdate implements [Client].
func (c *GoClient) Backdate(d time.Duration) {
	c.backdate(d, &c.lastSend)
	c.now = c.now.Add(-d)
	for _, r := range []*clock.Reading{&c.deadline, &c.tick} {
		if *r != clock.Unset {
			*r = r.Add(-d)
		}
	}
}

// recvTimeout and pingInterval are setTimeouts' (L-G1).
func (c *GoClient) recvTimeout() time.Duration  { return millis(c.timeout) * 2 / 3 }
func (c *GoClient) pingInterval() time.Duration { return c.recvTimeout() / 2 }

// Wake implements [Machine].
func (c *GoClient) Wake() clock.Reading { return min(c.deadline, c.tick, c.restAt()) }

// Step implements [Machine].
func (c *GoClient) Step(now clock.Reading, in *Input, out *Output) {
	c.now = now
	switch in.Kind {
	case InputCommand:
		c.command(now, in.Command, out)
	case InputWake:
		c.timers(now, out)
	case InputConnected, InputPacket, InputClosed:
		// A process that was stopped looks at its timers before it looks at its sockets
		// (U-3; recorded: a waiting answer never saved it).
		if now > min(c.deadline, c.tick) {
			c.timers(now, out)
		}
		if in.Conn == c.conn {
			c.network(now, in, out)
		}
	}
	c.rest(now, c, out)
}

// timers does what is due, in the order in which it became so.
func (c *GoClient) timers(now clock.Reading, out *Output) {
	for now >= min(c.tick, c.deadline) {
		if c.tick < c.deadline {
			c.ping(now, now.Sub(c.lastSend), "L-G2", out)
			c.lastSend = now
			// Ticks that nobody took are dropped; the ticker keeps its phase.
			c.tick = c.tick.Add(c.every * (1 + now.Sub(c.tick)/c.every))
			continue
		}
		switch c.phase {
		case goSleep:
			c.connect(now, out)
		case goDial:
			c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "L-G4", Peer: c.server, A: goDialTimeout.Milliseconds(), Text: "no answer", Cause: c.attempt})
			c.hangUp(out)
			c.next(now, out)
		case goGreet:
			c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "L-G4", Peer: c.server, A: (goHandshake * c.recvTimeout()).Milliseconds(), Text: "no answer", Cause: c.attempt})
			c.lost(now, ErrConnectionClosed, out)
		case goUp:
			limit := c.recvTimeout()
			c.dropped = c.note(out, Note{Kind: KindSilence, Rule: "L-G3", Peer: c.server, A: (now.Sub(c.deadline) + limit).Milliseconds(), B: limit.Milliseconds(), Cause: c.heardBy})
			c.lost(now, ErrConnectionClosed, out)
		}
	}
}

// network is something coming up from the connection in use.
func (c *GoClient) network(now clock.Reading, in *Input, out *Output) {
	switch in.Kind {
	case InputConnected:
		c.greet("L-G4", out)
		c.become(now, GoConnected, "L-G6", out)
		c.phase = goGreet
		c.deadline = now.Add(goHandshake * c.recvTimeout())
	case InputPacket:
		if c.phase == goGreet {
			c.handshake(now, in.Packet, out)
		} else {
			c.received(now, in.Packet, out)
		}
	case InputClosed:
		if c.phase == goDial {
			c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: "L-G5", Peer: c.server, A: (goDialTimeout - c.deadline.Sub(now)).Milliseconds(), Text: in.Reason.String()})
			c.conn = NoConn
			c.next(now, out)
			return
		}
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "L-G3", Peer: c.server, Text: in.Reason.String()})
		c.lost(now, ErrConnectionClosed, out)
	}
}

func (c *GoClient) command(now clock.Reading, cmd Command, out *Output) {
	switch {
	case cmd == CommandOpen && c.phase == goNone:
		c.hosts.shuffle(c.cfg.Servers, c.cfg.First, c.env, 0)
		c.opened(now, out)
		c.next(now, out)
	case cmd == CommandClose && c.phase != goNone && c.phase != goClosed && !c.closing:
		c.close(now, out)
	default:
		if p, ok := c.handle.command(now, cmd); ok {
			c.submit(now, p, out)
		}
	}
}

// become changes the state and tells the application, which comes to the same
// (conn.go:Conn.setState).
func (c *GoClient) become(now clock.Reading, state, rule string, out *Output) {
	c.setState(state, rule, out)
	c.tell(now, c, state, rule, out)
}

// next takes the next address, and sleeps first if the list has come round (L-G5;
// conn.go:Conn.connect).
func (c *GoClient) next(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	var again bool
	c.server, again = c.hosts.next()
	c.become(now, GoConnecting, "L-G6", out)
	if !again {
		c.connect(now, out)
		return
	}
	if !c.closing {
		c.fail(&c.outgoing, ErrNoServer, "L-G5", out)
	} else {
		c.become(now, GoDisconnected, "C-35", out)
		c.stopped(out)
		return
	}
	c.dropped = c.note(out, Note{Kind: KindSpin, Rule: "L-G5", Peer: c.server, A: goSpin.Milliseconds()})
	c.phase, c.deadline = goSleep, now.Add(goSpin)
}

func (c *GoClient) connect(now clock.Reading, out *Output) {
	c.phase, c.deadline = goDial, now.Add(goDialTimeout)
	c.dial(c.server, "L-G5", out)
}

// handshake reads a ConnectResponse: the session is over if it carries no ID (L-G7;
// conn.go:Conn.authenticate).
func (c *GoClient) handshake(now clock.Reading, p *Packet, out *Output) {
	if p.Session == 0 {
		watching := c.app.watching()
		c.become(now, GoExpired, "L-G7", out)
		c.dropped = out.Cause()
		if watching {
			// The watch has a channel of its own; its error goes to the channel of events too.
			c.app.unwatched()
			c.queue(now, c, event{idle: true, cause: out.Cause()}, out)
		}
		c.forget()
		c.lost(now, ErrSessionExpired, out)
		return
	}
	c.ask = p.Timeout // N-5
	c.welcomed(p, "L-G6", out)
	c.hosts.connected()
	c.phase = goUp
	c.every = c.pingInterval()
	c.deadline, c.tick, c.lastSend = now.Add(c.recvTimeout()), now.Add(c.every), now
	c.become(now, GoHasSession, "L-G6", out)
	if w, ok := c.rewatch(); ok {
		c.outgoing = append(c.outgoing, w)
	}
	c.write(now, out)
}

// received takes a packet and waits afresh for the next one (L-G3).
func (c *GoClient) received(now clock.Reading, p *Packet, out *Output) {
	c.deadline = now.Add(c.recvTimeout())
	if c.closing && p.Op != OpPing && p.Op != OpNotify && p.Req != OpClose {
		c.pending = append(c.pending[:0], c.pending[1:]...)
		return // nobody waits for it any more
	}
	if c.read(now, c, p, "L-G3", out) {
		// As above: two channels for one event.
		c.queue(now, c, event{watch: p.Event, idle: true, cause: out.Cause()}, out)
		c.app.notified(c, now, p.Event, out)
		return
	}
	if p.Req == OpClose && p.Op != OpPing {
		c.dropped = c.heardBy
		c.lost(now, ErrClosing, out)
	}
}

// lost ends a connection, established or half open: the event first, then the
// requests that were written (L-G6, L-G7). The loop goes on.
func (c *GoClient) lost(now clock.Reading, err ErrCode, out *Output) {
	out.Because(c.dropped)
	c.hangUp(out)
	c.tick = clock.Unset
	c.become(now, GoDisconnected, "L-G6", out)
	if c.closing {
		c.stopped(out)
		return
	}
	c.fail(&c.pending, err, "L-G6", out)
	c.next(now, out)
}

// write puts everything that waits on the wire.
func (c *GoClient) write(now clock.Reading, out *Output) {
	for len(c.outgoing) > 0 {
		c.request(c.take(), "L-G10", out)
		c.lastSend = now
	}
}

// submit takes a request from the application. Without a connection it waits for
// the next one, in whatever session that is (L-G10).
func (c *GoClient) submit(now clock.Reading, p Packet, out *Output) {
	switch {
	case c.phase == goNone:
	case c.closing || c.phase == goClosed:
		c.lose(p.Op, 0, ErrConnectionClosed, "C-35", out)
	default:
		c.outgoing = append(c.outgoing, p)
		if c.phase == goUp && c.conn != NoConn { // it may be just losing it
			c.write(now, out)
		}
	}
}

// close asks the server to end the session, on the next connection if there is none
// (conn.go:Conn.Close). A sleeping loop ends at once.
func (c *GoClient) close(now clock.Reading, out *Output) {
	c.app.quit(c, out)
	// Every call returns at once, whatever becomes of its request (conn.go:Conn.request).
	for _, queue := range [2][]Packet{c.pending, c.outgoing} {
		for i := range queue {
			if p := &queue[i]; p.Op != OpSetWatches {
				c.lose(p.Op, int64(p.Xid), ErrConnectionClosed, "C-35", out)
			}
		}
	}
	c.submit(now, Packet{Op: OpClose}, out)
	c.closing = true
	if c.phase == goSleep {
		c.become(now, GoDisconnected, "C-35", out)
		c.stopped(out)
	}
}

// stopped ends the loop. The channel of events is closed, which is no event.
func (c *GoClient) stopped(out *Output) {
	c.pending, c.outgoing = nil, nil
	c.phase, c.deadline, c.tick = goClosed, clock.Unset, clock.Unset
	c.note(out, Note{Kind: KindHandleClosed, Rule: "C-35"})
}
