package model

import (
	"math"
	"time"
	"unsafe"

	"zksim/clock"
	"zksim/prefetch"
)

// A JavaClient is ZooKeeper's Java client with the NIO socket, and the small
// application on top of it. One send thread does everything on the network: it
// has no timers, it computes at each turn of its loop how long it may wait
// (section 6 of the rules; ClientCnxn.java:SendThread.run). While the thread
// sleeps it notices nothing.
type JavaClient struct {
	// What every ping needs stands in front, close together.
	wakeAt                           clock.Reading // when it next wants to be stepped
	until                            clock.Reading // end of the sleep, or of the wait in the selector
	restAt                           clock.Reading // when the event thread or the application is due
	phase                            phase
	socket                           socketState
	stirred                          bool // the event thread or the application has moved: restAt is stale
	localExpiry, connectTimerIsHeard bool // of the library
	readOnly                         bool // the session is one of a read-only server (C-33)
	// What the send thread keeps (C-2), in milliseconds of this host's clock.
	now, lastSend, lastHeard int64
	heardBy                  RecordID // the record of what was heard last
	timers                   JavaTimers
	pingSent                 int64 // when the last ping was sent
	session                  SessionID
	conn                     ConnID
	server                   NodeID // the address in use
	xid                      int32
	outgoing                 []Packet // not yet written

	cfg   ClientConfig
	env   Env
	lib   *Library       // the row of the Java client itself
	above *CuratorClient // what its events go to instead of the application; nil: nothing
	nth   uint64         // of the handles that Curator makes in one process, from 0
	mute  bool           // nobody listens any more: Curator has replaced the handle

	state    string
	password uint64
	granted  int32 // T of the latest handshake, ms
	lastZxid int64 // of replies to ordinary requests alone (C-28)
	everUp   bool  // a TCP connection has been made before (C-17)
	closing  bool  // close() was called
	seenRW   bool  // a read-write server has been seen: it knows the session (C-19)

	hosts    hostProvider
	attempt  RecordID
	dialled  uint32 // connections opened so far
	backoffs uint64

	pending    []Packet // written, not yet answered
	dropped    RecordID // why the connection was lost, for what follows
	events     eventThread
	app        application
	probe      probe
	afterProbe restOfTurn // of the turn under way, while it probes
}

// A phase says where the send thread is.
type phase uint8

const (
	phaseNone     phase = iota // no handle yet
	phaseSelect                // waiting in the selector
	phaseTeardown              // sleeping in the socket's cleanup (C-13)
	phaseSpin                  // sleeping because the address list came round (C-16)
	phaseBackoff               // sleeping before an attempt (C-17)
	phaseProbe                 // waiting for the answer of another server (C-33)
	phaseEnding                // sleeping in the last cleanup, after the loop
	phaseDead                  // the thread has ended
)

// A socketState says how far the connection is.
type socketState uint8

const (
	socketNone    socketState = iota
	socketDialled             // waiting for TCP
	socketPrimed              // ConnectRequest written, waiting for its answer
	socketUp                  // handshake done
)

// NewJavaClient returns a client that has not been opened yet.
func NewJavaClient(cfg ClientConfig, env Env) *JavaClient {
	lib := cfg.Library
	if cfg.Under != nil {
		lib = cfg.Under
	}
	c := &JavaClient{cfg: cfg, env: env, lib: lib, state: StateNone, conn: NoConn, until: clock.Unset, wakeAt: clock.Unset, restAt: clock.Unset, server: NoNode}
	c.localExpiry, c.connectTimerIsHeard = lib.LocalExpiry, lib.ConnectTimerIsHeard
	c.events.last = ToldDisconnected
	c.probe = probe{conn: NoConn, found: NoNode}
	c.app.reset()
	return c
}

// Restart implements [Client]. Connections and draws go on counting, so that none is
// used twice.
func (c *JavaClient) Restart() {
	dialled, backoffs := c.dialled, c.backoffs
	*c = *NewJavaClient(c.cfg, c.env)
	c.dialled, c.backoffs = dialled, backoffs
}

func (c *JavaClient) config() *ClientConfig { return &c.cfg }

func (c *JavaClient) top() (*application, carrier) { return &c.app, c }

func (c *JavaClient) nextConn() ConnID {
	c.dialled++
	return MakeConnID(c.cfg.Node, c.dialled-1)
}

// Session implements [Client].
func (c *JavaClient) Session() SessionID { return c.session }

// Wake implements [Machine].
func (c *JavaClient) Wake() clock.Reading { return c.wakeAt }

// Foresee implements [Foreseer].
func (c *JavaClient) Foresee(ConnID) { prefetch.Front(c, unsafe.Offsetof(c.cfg)) }

// Step implements [Machine].
func (c *JavaClient) Step(now clock.Reading, in *Input, out *Output) {
	switch in.Kind {
	case InputCommand:
		c.command(now, in.Command, out)
	case InputWake:
		c.wake(now, out)
	case InputConnected:
		if c.live(in.Conn) {
			c.connected(now, out)
		} else if c.phase == phaseProbe {
			c.probeInput(now, in, out)
		}
	case InputPacket:
		if c.live(in.Conn) {
			c.readable(now, in, out)
		} else if c.phase == phaseProbe {
			c.probeInput(now, in, out)
		}
	case InputClosed:
		if c.live(in.Conn) {
			c.closedByPeer(now, in.Reason, out)
		} else if c.phase == phaseProbe {
			c.probeInput(now, in, out)
		}
	}
	if c.stirred {
		c.restAt, c.stirred = min(c.events.wake(), c.app.wake()), false
	}
	c.wakeAt = min(c.until, c.restAt)
}

// live says whether conn is the connection in use and the thread in a place to
// notice it. What arrives on an abandoned connection means nothing.
func (c *JavaClient) live(conn ConnID) bool { return conn == c.conn && c.phase == phaseSelect }

func (c *JavaClient) command(now clock.Reading, cmd Command, out *Output) {
	c.stirred = true
	switch cmd {
	case CommandOpen:
		if c.phase == phaseNone {
			c.open(now, out)
		}
	case CommandClose:
		if c.phase != phaseNone && c.phase != phaseDead && !c.closing {
			c.app.quit(c, out)
			c.submit(now, Packet{Op: OpClose}, out)
			c.closing = true
		}
	case CommandRead:
		c.submit(now, Packet{Op: OpGetData, Path: c.app.path(&c.cfg)}, out)
	case CommandWrite:
		c.submit(now, Packet{Op: OpSetData, Path: c.app.path(&c.cfg)}, out)
	default:
		c.events.command(now, cmd)
	}
}

// open starts the threads of a new handle (ClientCnxn.java:ClientCnxn.<init>).
func (c *JavaClient) open(now clock.Reading, out *Output) {
	c.stirred = true
	first := c.cfg.First
	if c.nth > 0 {
		first = NoNode
	}
	c.hosts = newHostProvider(c.cfg.Servers, first, c.env, c.nth<<16)
	c.timers = NewJavaTimers(c.cfg.Timeout, len(c.cfg.Servers)).deviate(c.cfg.Deviation, c.cfg.Timeout)
	c.now = now.Millis()
	c.lastSend, c.lastHeard = c.now, c.now
	c.probe.last, c.probe.every = now, javaProbe
	rule := "N-6"
	if c.nth > 0 {
		rule = "L-U4"
	}
	c.heardBy = c.note(out, Note{Kind: KindOpen, Rule: rule, A: int64(c.cfg.Timeout)})
	c.app.start(now, &c.cfg)
	c.app.opened = c.heardBy
	c.turn(now, out)
}

func (c *JavaClient) wake(now clock.Reading, out *Output) {
	if now >= c.until {
		switch c.phase {
		case phaseSelect:
			c.now = now.Millis()
			c.turn(now, out)
		case phaseTeardown:
			c.afterTeardown(now, out)
		case phaseSpin:
			c.startConnect(now, out)
		case phaseBackoff:
			c.dial(now, out)
		case phaseProbe:
			c.probed(now, out)
		case phaseEnding:
			c.end(now, out)
		}
	}
	if now < c.restAt && !c.stirred {
		return
	}
	c.stirred = true
	for {
		ev, ok := c.events.next(now)
		if !ok {
			break
		}
		c.deliver(now, ev, out)
	}
	if op, ok := c.app.due(now, &c.cfg); ok {
		out.Because(c.app.opened)
		c.submit(now, Packet{Op: op, Path: c.app.path(&c.cfg)}, out)
	}
}

// turn is one turn of the loop while the handle is alive, up to the selector
// (C-5 to C-11).
func (c *JavaClient) turn(now clock.Reading, out *Output) {
	if c.socket == socketNone {
		if c.closing {
			c.endLoop(now, out)
			return
		}
		c.nextServer(now, out)
		return
	}
	c.checkTimers(now, out)
}

// nextServer chooses an address and may sleep first (C-16).
func (c *JavaClient) nextServer(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	if c.probe.found != NoNode {
		// The probe has had the list hand it out already (C-33).
		c.server, c.probe.found = c.probe.found, NoNode
		c.startConnect(now, out)
		return
	}
	var spin bool
	c.server, spin = c.hosts.next()
	if !spin || c.cfg.Deviation == DeviateNoSpin {
		c.startConnect(now, out)
		return
	}
	c.dropped = c.note(out, Note{Kind: KindSpin, Rule: "C-16", Peer: c.server, A: javaSpin})
	c.sleep(now, phaseSpin, javaSpin)
}

// startConnect waits at random, except before the first connection ever
// (C-17; ClientCnxn.java:SendThread.startConnect).
func (c *JavaClient) startConnect(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	if !c.everUp {
		c.dial(now, out)
		return
	}
	wait := int64(below(c.env.Draw(PurposeBackoff, c.backoffs), javaBackoff))
	c.backoffs++
	c.dropped = c.note(out, Note{Kind: KindBackoff, Rule: "C-17", Peer: c.server, A: wait})
	c.sleep(now, phaseBackoff, wait)
}

// dial starts the attempt and goes on with the same turn (C-5, C-18).
func (c *JavaClient) dial(now clock.Reading, out *Output) {
	out.Because(c.dropped)
	c.now = now.Millis()
	if c.state == StateClosed {
		// Curator has injected an expiry meanwhile: no way back (L-U4).
		c.endLoop(now, out)
		return
	}
	c.setState(StateConnecting, "C-18", out)
	c.attempt = c.note(out, Note{Kind: KindAttempt, Rule: "C-5", Peer: c.server})
	c.conn = c.nextConn()
	c.socket = socketDialled
	out.Dial(c.conn, c.server, PortClient)
	c.lastSend = c.now // C-3
	if c.lib.ConnectTimerIsHeard {
		c.lastHeard = c.now // C-4
	}
	c.checkTimers(now, out)
}

// checkTimers decides how long the selector may wait, or that the connection or
// the session is over (C-6 to C-9).
func (c *JavaClient) checkTimers(now clock.Reading, out *Output) {
	idleSend, idleRecv := c.now-c.lastSend, c.now-c.lastHeard
	var to, limit int64
	due := false // a ping
	switch {
	case c.socket == socketUp:
		limit = c.timers.Read
		to = limit - idleRecv
	case c.connectTimerIsHeard:
		limit = c.timers.Connect
		to = limit - idleRecv
	default:
		limit = c.timers.Connect
		to = limit - idleSend
	}
	if c.localExpiryDue(idleRecv) {
		c.expireLocally(now, idleRecv, out)
		return
	}
	if to <= 0 {
		c.giveUp(now, idleSend, idleRecv, limit, out)
		return
	}
	if c.socket == socketUp {
		q := c.timers.Ping - idleSend
		if idleSend > javaPingMargin {
			q -= javaPingMargin
		}
		due = q <= 0 || idleSend > javaMaxIdle
		if !due {
			to = min(to, q)
		}
		if c.readOnly { // C-10
			left := c.untilProbe(now)
			if left <= 0 {
				c.startProbe(now, restOfTurn{to, due, idleSend}, out)
				return
			}
			to = min(to, left)
		}
	}
	c.wait(now, to, due, idleSend, out)
}

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

func (c *JavaClient) sleep(now clock.Reading, p phase, ms int64) {
	c.phase = p
	c.until = now.Add(time.Duration(ms) * time.Millisecond)
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
	c.tell(now, ToldDisconnected, "C-13", out)
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

// connected is TCP coming up: the handshake request follows at once (C-3, C-4,
// C-19; ClientCnxn.java:SendThread.primeConnection).
func (c *JavaClient) connected(now clock.Reading, out *Output) {
	c.now = now.Millis()
	c.lastSend, c.lastHeard = c.now, c.now
	c.heardBy = c.note(out, Note{Kind: KindTCPUp, Rule: "C-4", Peer: c.server})
	c.everUp = true
	c.socket = socketPrimed
	p := Packet{Op: OpConnect, Session: c.session, Password: c.password, Timeout: c.cfg.Timeout, Zxid: c.lastZxid, ReadOnly: c.cfg.CanBeReadOnly}
	if !c.seenRW {
		p.Session = 0 // a session of read-only servers alone is given up for a new one (C-33)
	}
	out.Send(c.conn, &p)
	c.checkTimers(now, out)
}

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

// handshake reads a ConnectResponse (C-25, C-30). An application whose session is
// resumed hears SyncConnected and nothing of how close it was (C-26).
func (c *JavaClient) handshake(now clock.Reading, p *Packet, out *Output) {
	if p.Op != OpConnect {
		// NotReadOnly, of a read-only server that can grant no session: too short for an
		// answer to a handshake (V-11).
		c.dropped = c.note(out, Note{Kind: KindDropped, Rule: "C-12", Peer: c.server, Text: "malformed answer"})
		c.teardown(now, out)
		return
	}
	if p.Timeout <= 0 {
		c.setState(StateClosed, "C-30", out)
		c.dropped = c.tell(now, ToldExpired, "C-30", out)
		c.events.dying = true
		c.teardown(now, out)
		return
	}
	c.timers = NewJavaTimers(p.Timeout, len(c.cfg.Servers)).deviate(c.cfg.Deviation, p.Timeout)
	c.hosts.connected()
	c.session, c.password, c.granted = p.Session, p.Password, p.Timeout
	c.socket = socketUp
	c.heardBy = c.note(out, Note{Kind: KindSessionUp, Rule: "C-25", Peer: c.server, A: int64(p.Timeout)})
	c.readOnly, c.seenRW = p.ReadOnly, c.seenRW || !p.ReadOnly
	state, told := StateConnected, ToldConnected
	if c.readOnly {
		state, told = StateConnectedReadOnly, ToldConnectedReadOnly
	}
	c.setState(state, "C-25", out)
	if c.app.watching() {
		// Watches go out right behind the ConnectRequest: before what waits (C-19).
		c.outgoing = append(c.outgoing, Packet{})
		copy(c.outgoing[1:], c.outgoing)
		c.outgoing[0] = c.app.rewatch(&c.cfg, c.lastZxid)
	}
	c.tell(now, told, "C-25", out)
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

func (c *JavaClient) setState(state, rule string, out *Output) {
	if c.state == state {
		return
	}
	c.state = state
	c.note(out, Note{Kind: KindState, Rule: rule, Peer: NoNode, Text: state})
}

// note completes a note with the session and, where the caller set none, no
// peer.
func (c *JavaClient) note(out *Output, n Note) RecordID {
	n.Session = c.session
	switch n.Kind {
	case KindOpen, KindState, KindTold, KindHandleClosed, KindLocalExpiry, KindHolds, KindStops, KindHandleTold, KindSawCreated, KindSawDeleted:
		n.Peer = NoNode
	}
	return out.Note(n)
}
