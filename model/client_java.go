package model

import (
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
	c := &JavaClient{cfg: cfg, env: env, lib: lib}
	c.Renew()
	return c
}

// Renew implements [Client].
func (c *JavaClient) Renew() {
	*c = JavaClient{cfg: c.cfg, env: c.env, lib: c.lib, state: StateNone, conn: NoConn, until: clock.Unset, wakeAt: clock.Unset, restAt: clock.Unset, server: NoNode,
		localExpiry: c.lib.LocalExpiry, connectTimerIsHeard: c.lib.ConnectTimerIsHeard, probe: probe{conn: NoConn, found: NoNode},
		outgoing: c.outgoing[:0], pending: c.pending[:0], hosts: hostProvider{order: c.hosts.order[:0]},
		events: eventThread{queue: c.events.queue.emptied(), last: ToldDisconnected}}
	c.app.reset()
}

// Restart implements [Client]. Connections and draws go on counting, so that none is
// used twice.
func (c *JavaClient) Restart() {
	dialled, backoffs := c.dialled, c.backoffs
	c.Renew()
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
	if c.cfg.OneName {
		c.hosts.resolve(c.cfg.Servers, first, c.env, c.nth<<16)
	} else {
		c.hosts.shuffle(c.cfg.Servers, first, c.env, c.nth<<16)
	}
	c.timers = NewJavaTimers(c.cfg.Timeout, len(c.hosts.order)).deviate(c.cfg.Deviation, c.cfg.Timeout)
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
		var q int64
		if q, due = c.pingIn(idleSend); !due {
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

// pingIn returns how long an idle client still waits before it pings, after so long
// without sending, and whether the ping is due (C-9).
func (c *JavaClient) pingIn(idleSend int64) (left int64, due bool) {
	left = c.timers.Ping - idleSend
	if idleSend > javaPingMargin {
		left -= javaPingMargin
	}
	return left, left <= 0 || idleSend > javaMaxIdle
}

func (c *JavaClient) sleep(now clock.Reading, p phase, ms int64) {
	c.phase = p
	c.until = now.Add(time.Duration(ms) * time.Millisecond)
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
