package model

import (
	"time"

	"zksim/clock"
)

// A KazooClient is kazoo, with the application on top. One thread does everything,
// the application's listeners included (section 10 of the rules, L-K;
// connection.py:ConnectionHandler). Its clock is monotonic (K-2).
type KazooClient struct {
	handle
	phase kazooPhase
	until clock.Reading // end of what the phase waits for

	lastSend  clock.Reading
	lastHeard clock.Reading
	due       clock.Reading // from when on the next look at the time sends a ping (L-K2)
	unheard   bool          // a ping awaits its answer

	cycle    []NodeID // the addresses in this cycle's order
	next     int      // index of the one that comes next
	delay    time.Duration
	slept    clock.Reading // when the sleep between two cycles began
	failures int           // cycles since the last success
	stop     bool          // stop() was called
	goOn     kazooGoOn     // what follows the listener
	held     []heldInput   // what has arrived while the listener runs
	known    string        // what the listener was told last

	jitters, retries, cycles uint64
}

// A kazooPhase says what the thread waits in.
type kazooPhase uint8

const (
	kazooNone     kazooPhase = iota
	kazooSleep               // between two cycles (L-K6)
	kazooDial                // for TCP
	kazooGreet               // for the answer to the ConnectRequest
	kazooLoop                // in select
	kazooListener            // in the application's listener (L-K9)
	kazooDead
)

// A kazooGoOn is what the thread does once a listener has returned.
type kazooGoOn uint8

const (
	kazooEnter   kazooGoOn = iota // serve the connection
	kazooForward                  // try the next address
	kazooBury                     // fail the calls of an expired session, then the next address
	kazooFinish                   // end
)

// A heldInput is something that the kernel holds while the thread is busy.
type heldInput struct {
	in     Input
	packet Packet
}

// The library's constants.
const (
	kazooJitterUnit = 10 * time.Millisecond // jitter comes in hundredths of a second (L-K1)
	// KazooLeastTimeout is the session timeout below which its jitter, up to 0.4 s, can
	// leave nothing of T/3 (L-K1).
	KazooLeastTimeout = 3 * 40 * kazooJitterUnit
	kazooDelay        = 100 * time.Millisecond // first wait between two cycles (L-K6)
	kazooBackoff      = 2                      // by which it grows
	kazooSpread       = 0.4                    // and is spread
	kazooSlice        = 100 * time.Millisecond // stop() is noticed so often meanwhile
	// KazooMaxDelay is the longest wait between two cycles unless the application
	// says otherwise.
	KazooMaxDelay = time.Hour
)

// NewKazooClient returns a client that has not been started yet.
func NewKazooClient(cfg ClientConfig, env Env) *KazooClient {
	c := &KazooClient{}
	c.renew(cfg, env)
	return c
}

func (c *KazooClient) renew(cfg ClientConfig, env Env) {
	*c = KazooClient{handle: c.handle, cycle: c.cycle[:0], held: c.held[:0], until: clock.Unset, delay: kazooDelay, known: KazooLost, jitters: c.jitters, retries: c.retries, cycles: c.cycles}
	if cfg.MaxDelay == 0 {
		cfg.MaxDelay = KazooMaxDelay
	}
	c.reset(cfg, env, kazooClosed)
}

func (c *KazooClient) top() (*application, carrier) { return &c.app, c }

// Restart implements [Client].
func (c *KazooClient) Restart() { c.renew(c.cfg, c.env) }

// Renew implements [Client].
func (c *KazooClient) Renew() {
	c.dialled, c.jitters, c.retries, c.cycles = 0, 0, 0, 0
	c.Restart()
}

// Clone implements [Client].
func (c *KazooClient) Clone() Client {
	d := *c
	d.clone()
	d.cycle = append([]NodeID(nil), c.cycle...)
	d.held = append([]heldInput(nil), c.held...)
	return &d
}

// Backdate implements [Client].
func (c *KazooClient) Backdate(d time.Duration) {
	c.backdate(d, &c.lastSend, &c.lastHeard, &c.slept)
	c.now = c.now.Add(-d)
	c.due = c.due.Add(-d)
	if c.until != clock.Unset {
		c.until = c.until.Add(-d)
	}
}

// Wake implements [Machine].
func (c *KazooClient) Wake() clock.Reading { return min(c.until, c.app.wake()) }

// Step implements [Machine].
func (c *KazooClient) Step(now clock.Reading, in *Input, out *Output) {
	c.now = now
	switch in.Kind {
	case InputCommand:
		c.command(now, in.Command, out)
	case InputWake:
		if now >= c.until {
			c.wake(now, out)
		}
	case InputConnected, InputPacket, InputClosed:
		c.network(now, in, out)
	}
	c.rest(now, c, out)
}

func (c *KazooClient) command(now clock.Reading, cmd Command, out *Output) {
	switch {
	case cmd == CommandOpen && c.phase == kazooNone:
		c.opened(now, out)
		c.newCycle(now, out)
	case cmd == CommandClose && c.phase != kazooNone && c.phase != kazooDead && !c.stop:
		c.app.quit(c, out)
		c.stop = true
		c.submit(now, Packet{Op: OpClose}, out)
		if c.phase == kazooSleep {
			// The sleep looks around at the end of each slice.
			slices := (now.Sub(c.slept) + kazooSlice - 1) / kazooSlice
			c.until = min(c.until, c.slept.Add(slices*kazooSlice))
		}
	default:
		if p, ok := c.handle.command(now, cmd); ok {
			c.submit(now, p, out)
		}
	}
}

// wake is the end of a wait.
func (c *KazooClient) wake(now clock.Reading, out *Output) {
	switch c.phase {
	case kazooSleep:
		if c.stop {
			c.finish(now, out)
			return
		}
		c.newCycle(now, out)
	case kazooDial, kazooGreet:
		c.giveUp(now, "no answer", out)
	case kazooLoop:
		c.quietTurn(now, out)
	case kazooListener:
		c.returned(now, out)
	}
}

// network is something coming up from the connection in use. While a listener runs
// it waits in the socket (L-K9).
func (c *KazooClient) network(now clock.Reading, in *Input, out *Output) {
	switch {
	case in.Conn != c.conn:
	case c.phase == kazooListener:
		h := heldInput{in: *in}
		if in.Packet != nil {
			h.packet = *in.Packet
		}
		c.held = append(c.held, h)
	case in.Kind == InputConnected:
		c.greet("L-K5", out)
		c.phase = kazooGreet
		c.until = now.Add(millis(c.cfg.Timeout) / time.Duration(len(c.cfg.Servers)))
	case in.Kind == InputClosed:
		c.closedByPeer(now, in.Reason, out)
	case c.phase == kazooGreet:
		c.handshake(now, in.Packet, out)
	default:
		c.readable(now, in.Packet, out)
	}
}

// newCycle puts the addresses into a new order and tries the first (L-K6;
// connection.py:ConnectionHandler._connect_loop).
func (c *KazooClient) newCycle(now clock.Reading, out *Output) {
	first := NoNode
	if c.cycles == 0 {
		first = c.cfg.First
	}
	if c.cfg.KeepOrder {
		c.cycle = append(c.cycle[:0], c.cfg.Servers...)
	} else {
		c.cycle = shuffled(c.cycle[:0], c.cfg.Servers, first, c.env, c.cycles<<16)
	}
	c.cycles++
	c.next = 0
	c.forward(now, out)
}

// forward tries the next address without any wait, or sleeps at the end of the
// cycle (L-K6, L-K7).
func (c *KazooClient) forward(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	switch {
	case c.stop:
		c.finish(now, out)
	case c.next == len(c.cycle):
		c.sleep(now, out)
	default:
		c.setState(kazooConnecting, "L-K8", out)
		c.phase, c.until = kazooDial, now.Add(millis(c.cfg.Timeout))
		c.next++
		c.dial(c.cycle[c.next-1], "L-K6", out)
	}
}

// sleep waits between two cycles (retry.py:KazooRetry.__call__).
func (c *KazooClient) sleep(now clock.Reading, out *Output) {
	c.failures++
	if c.failures == c.cfg.MaxTries {
		c.finish(now, out)
		return
	}
	u := float64(c.env.Draw(PurposeRetry, c.retries)>>11) / (1 << 53)
	c.retries++
	wait := time.Duration(float64(c.delay) * (1 - kazooSpread + 2*kazooSpread*u)).Round(time.Microsecond)
	c.dropped = c.note(out, Note{Kind: KindBackoff, Rule: "L-K6", Peer: NoNode, A: wait.Milliseconds()})
	c.delay = min(wait*kazooBackoff, c.cfg.MaxDelay)
	c.phase, c.slept, c.until = kazooSleep, now, now.Add(wait)
}

// relieved is a success, or an expiry: the next wait is short again.
func (c *KazooClient) relieved() { c.delay, c.failures = kazooDelay, 0 }

// giveUp ends an attempt.
func (c *KazooClient) giveUp(now clock.Reading, why string, out *Output) {
	rule := "L-K5"
	if c.phase == kazooDial && why != "no answer" {
		rule = "L-K6"
	}
	c.dropped = c.note(out, Note{Kind: KindAttemptFailed, Rule: rule, Peer: c.server, Text: why, Cause: c.attempt})
	c.hangUp(out)
	c.forward(now, out)
}

func (c *KazooClient) closedByPeer(now clock.Reading, reason CloseReason, out *Output) {
	switch c.phase {
	case kazooDial:
		c.conn = NoConn
		c.giveUp(now, reason.String(), out)
	case kazooGreet:
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "L-K6", Peer: c.server, Text: reason.String()})
		c.hangUp(out)
		c.forward(now, out)
	default:
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "L-K8", Peer: c.server, Text: reason.String()})
		c.suspend(now, out)
	}
}

// handshake reads a ConnectResponse (L-K8; connection.py:ConnectionHandler._connect).
func (c *KazooClient) handshake(now clock.Reading, p *Packet, out *Output) {
	c.relieved()
	if p.Timeout <= 0 {
		c.setState(kazooExpired, "L-K8", out)
		c.dropped = out.Cause()
		c.listen(now, KazooLost, kazooBury, out)
		return
	}
	c.welcomed(p, "L-K8", out)
	c.setState(kazooConnected, "L-K8", out)
	c.listen(now, KazooConnected, kazooEnter, out)
}

// listen calls the application's listener on this thread and goes on when it has
// returned (L-K9). What the listener knows already it is not told again.
func (c *KazooClient) listen(now clock.Reading, word string, goOn kazooGoOn, out *Output) {
	c.phase, c.goOn, c.until = kazooListener, goOn, now
	if c.known != word {
		c.known = word
		c.until = now.Add(c.cfg.Callback)
		cause := out.Cause()
		c.note(out, Note{Kind: KindTold, Rule: "L-K8", Text: word})
		c.app.told(c, now, word, out)
		out.cause = cause
	}
	if c.until == now {
		c.returned(now, out)
	}
}

func (c *KazooClient) returned(now clock.Reading, out *Output) {
	switch c.goOn {
	case kazooEnter:
		c.lastSend, c.lastHeard, c.unheard = now, now, false
		c.turn(now, out)
	case kazooForward:
		c.hangUp(out)
		c.forward(now, out)
	case kazooBury:
		c.failAll(ErrSessionExpired, out)
		c.forget()
		c.hangUp(out)
		c.forward(now, out)
	case kazooFinish:
		c.failAll(ErrConnectionLoss, out)
		c.hangUp(out)
		c.phase, c.until = kazooDead, clock.Unset
		c.note(out, Note{Kind: KindHandleClosed, Rule: "L-K8"})
	}
	held := c.held
	c.held = nil
	for i := range held {
		if held[i].in.Packet != nil {
			held[i].in.Packet = &held[i].packet
		}
		c.network(now, &held[i].in, out)
	}
}

// suspend is the loss of a working connection: calls fail, then the application is
// told, then the rest of the cycle is tried (L-K7, L-K8).
func (c *KazooClient) suspend(now clock.Reading, out *Output) {
	c.setState(kazooConnecting, "L-K8", out)
	c.failAll(ErrConnectionLoss, out)
	c.listen(now, KazooSuspended, kazooForward, out)
}

// finish is the end of the thread (L-K8).
func (c *KazooClient) finish(now clock.Reading, out *Output) {
	c.setState(kazooClosed, "L-K8", out)
	c.listen(now, KazooLost, kazooFinish, out)
}

func (c *KazooClient) failAll(err ErrCode, out *Output) {
	c.fail(&c.pending, err, "L-K8", out)
	c.fail(&c.outgoing, err, "L-K8", out)
}

// submit takes a request from the application.
func (c *KazooClient) submit(now clock.Reading, p Packet, out *Output) {
	switch {
	case c.phase == kazooNone:
	case c.state == kazooExpired:
		c.lose(p.Op, 0, ErrSessionExpired, "L-K8", out)
	case c.phase == kazooDead:
		c.lose(p.Op, 0, ErrConnectionClosed, "L-K8", out)
	default:
		c.outgoing = append(c.outgoing, p)
		if c.phase == kazooLoop {
			c.turn(now, out)
		}
	}
}
