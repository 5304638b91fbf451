package model

import (
	"time"

	"zksim/clock"
)

// A CuratorClient is Curator's framework on ZooKeeper's Java client, with the
// application on top (section 10 of the rules, L-U). It makes one handle after
// another: an expiry, told or injected, means a new one, and a new session.
//
// Operations of the application are in the foreground and are not retried, so that
// none of them changes the connection state (L-U2, L-U3b).
type CuratorClient struct {
	cfg ClientConfig
	env Env

	now       clock.Reading // of the latest step
	under     *JavaClient   // the handle in use
	old       []*JavaClient // handles whose threads have not ended
	connected bool          // as the handle's events have it (ConnectionState.java:isConnected)
	closed    bool          // close() was called
	current   string        // the connection state; "" before the first
	over      SessionID     // the session that the latest LOST is about
	greeted   bool          // CONNECTED has been told; from then on it is RECONNECTED
	timeout   int32         // last negotiated, ms; Treq before the first handshake

	// The thread of ConnectionStateManager: it delivers states to listeners, and looks
	// at the time while the state is SUSPENDED. The wall clock says for how long it has
	// been, the monotonic one ends the wait (K-3).
	states      []stateEvent
	free        clock.Reading // when the listeners return
	wait        clock.Reading // end of the poll under way; clock.Unset if there is none
	wall        time.Duration // by how much the wall clock has been set since the start
	since       time.Duration // wall clock at which SUSPENDED began
	suspendedBy RecordID
	closing     *JavaClient // an injected handle whose real close has to end first (L-U4)
	again       bool        // the timer has fired meanwhile: the next handle is hit (L-U7)

	calls      []waitingCall // of the application, until there is a connection
	passing    bool          // they go through to the handle meanwhile
	injections uint64
}

// A stateEvent waits for the listeners.
type stateEvent struct {
	word  string
	rule  string
	of    SessionID
	cause RecordID
}

// A waitingCall is a call before it reaches ZooKeeper's client.
type waitingCall struct {
	p     Packet
	until clock.Reading
}

// CuratorConnectionTimeout is how long a call waits to be connected unless the
// application says otherwise (curator-default-connection-timeout).
const CuratorConnectionTimeout = 15 * time.Second

// curatorQueue is how many states wait for the listeners (L-U1).
const curatorQueue = 25

// NewCuratorClient returns a client that has not been started yet. The
// configuration must name the Java client under it.
func NewCuratorClient(cfg ClientConfig, env Env) *CuratorClient {
	if cfg.Percent == 0 {
		cfg.Percent = 100
	}
	c := &CuratorClient{cfg: cfg, env: env, under: NewJavaClient(cfg, env)}
	c.Renew()
	return c
}

// Renew implements [Client].
func (c *CuratorClient) Renew() {
	c.under.Renew()
	*c = CuratorClient{cfg: c.cfg, env: c.env, under: c.under, wait: clock.Unset, timeout: c.cfg.Timeout, states: c.states[:0], calls: c.calls[:0]}
	c.under.above = c
}

// Restart implements [Client].
func (c *CuratorClient) Restart() {
	u, injections, wall := c.under, c.injections, c.wall
	*c = *NewCuratorClient(c.cfg, c.env)
	c.injections, c.wall = injections, wall
	c.under.above = c
	c.under.dialled, c.under.backoffs, c.under.nth = u.dialled, u.backoffs, u.nth
	if u.phase != phaseNone {
		c.under.nth++
	}
}

// Session implements [Client].
func (c *CuratorClient) Session() SessionID { return c.under.session }

func (c *CuratorClient) top() (*application, carrier) { return &c.under.app, c.under }

func (c *CuratorClient) nextConn() ConnID { return c.under.nextConn() }

// Clone implements [Client].
func (c *CuratorClient) Clone() Client {
	d := *c
	d.under = c.under.Clone().(*JavaClient)
	d.under.above = &d
	d.old = nil
	for _, o := range c.old {
		copied := o.Clone().(*JavaClient)
		if c.closing == o {
			d.closing = copied
		}
		d.old = append(d.old, copied)
	}
	d.states = append([]stateEvent(nil), c.states...)
	d.calls = append([]waitingCall(nil), c.calls...)
	return &d
}

// Backdate implements [Client].
func (c *CuratorClient) Backdate(d time.Duration) {
	c.under.Backdate(d)
	for _, o := range c.old {
		o.Backdate(d)
	}
	if c.current == CuratorSuspended && c.since == c.wallClock(c.now) {
		c.since -= d
	}
	if c.wait != clock.Unset {
		c.wait = c.wait.Add(-d)
	}
	c.now = c.now.Add(-d)
}

func (c *CuratorClient) wallClock(now clock.Reading) time.Duration {
	return time.Duration(now) + c.wall
}

// Wake implements [Machine].
func (c *CuratorClient) Wake() clock.Reading {
	at := clock.Unset
	if c.closing == nil {
		at = c.under.Wake()
	}
	for _, o := range c.old {
		at = min(at, o.Wake())
	}
	for i := range c.calls {
		at = min(at, c.calls[i].until)
	}
	if len(c.states) > 0 {
		return min(at, c.free)
	}
	if c.wait != clock.Unset {
		at = min(at, max(c.wait, c.free))
	}
	return at
}

// Step implements [Machine].
func (c *CuratorClient) Step(now clock.Reading, in *Input, out *Output) {
	c.now = now
	switch in.Kind {
	case InputWallStep:
		c.wall += in.By
	case InputCommand:
		if in.Command == CommandClose {
			c.close(out)
		}
		c.under.Step(now, in, out)
	case InputWake:
		c.wake(now, in, out)
	default:
		c.under.Step(now, in, out)
	}
	c.manage(now, out)
}

// wake passes a wake on to whoever wanted it.
func (c *CuratorClient) wake(now clock.Reading, in *Input, out *Output) {
	cause := out.cause
	for i := 0; i < len(c.old); i++ {
		if o := c.old[i]; o.Wake() <= now {
			o.Step(now, in, out)
			out.cause = cause
		}
		if c.old[i].phase != phaseDead {
			continue
		}
		ended := c.old[i]
		c.old = append(c.old[:i], c.old[i+1:]...)
		i--
		if ended == c.closing {
			c.closing = nil
			c.renew(now, ended, out)
		}
	}
	if c.closing == nil && c.under.Wake() <= now {
		c.under.Step(now, in, out)
	}
	for len(c.calls) > 0 && now >= c.calls[0].until {
		c.pass(now, 1, out)
	}
}

// close is the application closing the framework: the state manager goes first, so
// that its listeners hear nothing (section 13 of the rules).
func (c *CuratorClient) close(out *Output) {
	c.closed, c.wait, c.states = true, clock.Unset, nil
	for i := range c.calls {
		c.under.note(out, Note{Kind: KindCallLost, Rule: "C-35", Peer: NoNode, Text: resultText(c.calls[i].p.Op, ErrConnectionClosed)})
	}
	c.calls = nil
}

// hold keeps a call back while there is no connection.
func (c *CuratorClient) hold(now clock.Reading, p Packet) bool {
	if c.connected || c.passing || c.closed || c.cfg.ConnectionTimeout == 0 {
		return false
	}
	c.calls = append(c.calls, waitingCall{p, now.Add(c.cfg.ConnectionTimeout)})
	return true
}

// pass hands the first n calls that wait to the handle.
func (c *CuratorClient) pass(now clock.Reading, n int, out *Output) {
	c.passing = true
	for range n {
		p := c.calls[0].p
		c.calls = append(c.calls[:0], c.calls[1:]...)
		c.under.submit(now, p, out)
	}
	c.passing = false
}

// heard is an event of the handle in use (ConnectionState.java:process, then
// CuratorFrameworkImpl.java:validateConnection).
func (c *CuratorClient) heard(now clock.Reading, told string, out *Output) {
	cause := out.cause
	switch told {
	case ToldConnected:
		c.connected = true
		c.timeout = c.under.granted
		c.change(now, CuratorReconnected, "L-U1", out)
		c.pass(now, len(c.calls), out)
	case ToldConnectedReadOnly:
		c.connected = true
		c.timeout = c.under.granted
		c.change(now, CuratorReadOnly, "L-U1", out)
		c.pass(now, len(c.calls), out)
	case ToldDisconnected:
		c.connected = false
		if c.current != CuratorLost && c.current != CuratorSuspended {
			c.change(now, CuratorSuspended, "L-U2", out)
		}
	case ToldExpired:
		c.connected = false
		c.renew(now, c.under, out)
	}
	out.cause = cause
}

// renew replaces a handle that is over, and says so (ConnectionState.java:reset).
func (c *CuratorClient) renew(now clock.Reading, over *JavaClient, out *Output) {
	if c.closed {
		return
	}
	cause := out.cause
	c.over = over.session
	over.mute = true // also one whose thread has ended: Closed may wait behind Expired (C-31)
	if over.phase != phaseDead {
		c.old = append(c.old, over)
	}
	n := NewJavaClient(c.cfg, c.env)
	n.above, n.nth, n.dialled, n.backoffs = c, over.nth+1, over.dialled, over.backoffs
	c.under = n
	n.open(now, out)
	n.app = over.app
	n.app.callsFailed()
	over.app.reset()
	over.above = nil
	n.restAt = min(n.events.wake(), n.app.wake())
	n.wakeAt = min(n.until, n.restAt)
	out.cause = cause
	c.change(now, CuratorLost, "L-U3", out)
	if c.again {
		c.again = false
		c.inject(now, 0, out)
	}
}

// change enters a connection state and queues it for the listeners, unless it is
// entered already (ConnectionStateManager.java:addStateChange, postState).
func (c *CuratorClient) change(now clock.Reading, state, rule string, out *Output) {
	if c.closed || c.current == state {
		return
	}
	c.current, c.wait = state, clock.Unset
	if state == CuratorSuspended {
		c.since, c.suspendedBy = c.wallClock(now), out.Cause()
	}
	word, of := state, c.under.session
	switch {
	case state == CuratorReconnected && !c.greeted:
		c.greeted, word = true, CuratorConnected
	case state == CuratorLost:
		of = c.over
	}
	if len(c.states) == curatorQueue {
		cause := out.cause
		out.Note(Note{Kind: KindEventDropped, Rule: "L-U1", Peer: NoNode, Session: c.states[0].of, Text: c.states[0].word})
		out.cause = cause
		c.states = append(c.states[:0], c.states[1:]...)
	}
	c.states = append(c.states, stateEvent{word, rule, of, out.Cause()})
}

// manage is the thread that delivers states and looks at the time
// (ConnectionStateManager.java:processEvents).
func (c *CuratorClient) manage(now clock.Reading, out *Output) {
	for !c.closed && now >= c.free {
		if len(c.states) > 0 {
			ev := c.states[0]
			c.states = append(c.states[:0], c.states[1:]...)
			c.deliver(now, ev, out)
			continue
		}
		if c.current != CuratorSuspended {
			return
		}
		limit := c.limit()
		elapsed := wholeMillis(c.wallClock(now) - c.since)
		if c.wait == clock.Unset {
			c.wait = now.Add(limit - elapsed)
		}
		if now < c.wait {
			return
		}
		c.wait = clock.Unset
		if elapsed < limit {
			continue // the wall clock was set back
		}
		c.since = c.wallClock(now)
		if c.closing != nil {
			c.again = true // this thread waits for the handle to be replaced
			c.free = clock.Unset
			return
		}
		c.inject(now, elapsed, out)
	}
}

// limit is for how long SUSPENDED may last (L-U3).
func (c *CuratorClient) limit() time.Duration {
	return time.Duration(int64(c.timeout)*int64(c.cfg.Percent)/100) * time.Millisecond
}

// deliver calls the listeners.
func (c *CuratorClient) deliver(now clock.Reading, ev stateEvent, out *Output) {
	cause := out.cause
	out.Because(ev.cause)
	c.free = now.Add(c.cfg.Callback)
	out.Note(Note{Kind: KindTold, Rule: ev.rule, Peer: NoNode, Session: ev.of, Text: ev.word})
	c.under.app.told(c.under, now, ev.word, out)
	out.cause = cause
}

// inject tells the handle that its session is over and marks it closed. Its event
// thread tells Curator, which replaces the handle. If that thread is the faster one,
// it closes the handle in earnest first, and waits until the handle's send thread has
// noticed (L-U4; ZooKeeperTestable.java:injectSessionExpiration).
func (c *CuratorClient) inject(now clock.Reading, elapsed time.Duration, out *Output) {
	c.free = min(c.free, now)
	u := c.under
	out.Note(Note{Kind: KindInjected, Rule: "L-U3", Peer: NoNode, Session: u.session, A: elapsed.Milliseconds(), B: c.limit().Milliseconds(), Cause: c.suspendedBy})
	lost := float64(c.env.Draw(PurposeInjection, c.injections)>>11)/(1<<53) < c.cfg.InjectionRace
	c.injections++
	u.note(out, Note{Kind: KindHandleTold, Rule: "L-U4", Text: ToldExpired})
	u.mute = true
	u.abandon(now, out)
	if !lost {
		c.renew(now, u, out)
		return
	}
	c.closing = u
	c.old = append(c.old, u)
}

// abandon is the state of a handle being set to CLOSED from outside: a selector is
// woken, a sleep is not (ZooKeeperTestable.java:injectSessionExpiration).
func (c *JavaClient) abandon(now clock.Reading, out *Output) {
	c.setState(StateClosed, "L-U4", out)
	c.dropped = out.Cause()
	c.events.dying = true
	if c.phase == phaseSelect {
		if c.conn != NoConn && c.socket != socketNone {
			out.Close(c.conn)
		}
		c.socket = socketNone
		c.endLoop(now, out)
	}
	c.stirred = true
	c.restAt = min(c.events.wake(), c.app.wake())
	c.wakeAt = min(c.until, c.restAt)
}
