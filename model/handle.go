package model

import (
	"time"

	"zksim/clock"
)

// A handle is what the C, Go and Python clients have in common: the session, one
// connection at a time, the requests on their way, and the application on top.
// Everything that takes time is the library's own.
type handle struct {
	cfg ClientConfig
	env Env

	now      clock.Reading // of the latest step
	state    string
	session  SessionID
	password uint64
	lastZxid int64 // of replies to ordinary requests alone (C-28)
	ask      int32 // the timeout that the next ConnectRequest carries, ms (N-5)
	seenRW   bool  // a read-write server has been seen: it knows the session (C-19)
	timeout  int32 // T, or Treq before the first handshake, ms (N-6)

	server   NodeID // the address in use
	conn     ConnID // on it; NoConn if there is none
	dialled  uint32 // connections opened so far
	xid      int32
	outgoing []Packet // not yet written
	pending  []Packet // written, not yet answered
	pingSent clock.Reading

	attempt RecordID
	heardBy RecordID // the record of what was heard last
	dropped RecordID // why the connection was lost, for what follows

	events eventThread
	app    application
}

// reset makes the handle new. Connections go on counting, so that none is used
// twice.
func (h *handle) reset(cfg ClientConfig, env Env, state string) {
	*h = handle{cfg: cfg, env: env, state: state, ask: cfg.Timeout, timeout: cfg.Timeout, server: NoNode, conn: NoConn, dialled: h.dialled,
		outgoing: h.outgoing[:0], pending: h.pending[:0], events: eventThread{queue: h.events.queue.emptied()}}
	h.app.reset()
}

// clone makes what points into the original its own.
func (h *handle) clone() {
	h.outgoing = append([]Packet(nil), h.outgoing...)
	h.pending = append([]Packet(nil), h.pending...)
	h.events.queue = h.events.queue.clone()
}

func (h *handle) config() *ClientConfig { return &h.cfg }

func (h *handle) nextConn() ConnID {
	h.dialled++
	return MakeConnID(h.cfg.Node, h.dialled-1)
}

// Session implements [Client].
func (h *handle) Session() SessionID { return h.session }

// opened is the application asking for its session.
func (h *handle) opened(now clock.Reading, out *Output) {
	h.heardBy = h.note(out, Note{Kind: KindOpen, Rule: "N-6", A: int64(h.cfg.Timeout)})
	h.app.start(now, &h.cfg)
	h.app.opened = h.heardBy
}

// dial starts an attempt to reach a server.
func (h *handle) dial(server NodeID, rule string, out *Output) {
	out.Because(h.dropped)
	h.server = server
	h.attempt = h.note(out, Note{Kind: KindAttempt, Rule: rule, Peer: server})
	h.conn = h.nextConn()
	out.Dial(h.conn, server, PortClient)
}

// greet writes the ConnectRequest on a connection that has come up (C-19).
func (h *handle) greet(rule string, out *Output) {
	h.heardBy = h.note(out, Note{Kind: KindTCPUp, Rule: rule, Peer: h.server})
	p := Packet{Op: OpConnect, Session: h.session, Password: h.password, Timeout: h.ask, Zxid: h.lastZxid, ReadOnly: h.cfg.CanBeReadOnly}
	if !h.seenRW {
		p.Session = 0 // a session of read-only servers alone is given up for a new one (C-33)
	}
	out.Send(h.conn, &p)
}

// welcomed takes what an accepting ConnectResponse says (N-6).
func (h *handle) welcomed(p *Packet, rule string, out *Output) {
	h.session, h.password, h.timeout = p.Session, p.Password, p.Timeout
	h.seenRW = h.seenRW || !p.ReadOnly
	h.heardBy = h.note(out, Note{Kind: KindSessionUp, Rule: rule, Peer: h.server, A: int64(p.Timeout)})
}

// hangUp closes the connection.
func (h *handle) hangUp(out *Output) {
	if h.conn != NoConn {
		out.Close(h.conn)
		h.conn = NoConn
	}
}

// forget ends what the client knows of its session.
func (h *handle) forget() { h.session, h.password, h.lastZxid = 0, 0, 0 }

// ping sends a ping; idle is for how long nothing had been sent.
func (h *handle) ping(now clock.Reading, idle time.Duration, rule string, out *Output) {
	h.pingSent = now
	cause := out.cause
	h.note(out, Note{Kind: KindPing, Rule: rule, Peer: h.server, A: idle.Milliseconds(), Cause: h.heardBy})
	out.Send(h.conn, &Packet{Op: OpPing, Session: h.session})
	out.cause = cause
}

// request writes one request.
func (h *handle) request(p Packet, rule string, out *Output) {
	h.xid++
	p.Xid, p.Session = h.xid, h.session
	cause := out.cause
	h.note(out, Note{Kind: KindRequest, Rule: rule, Peer: h.server, A: int64(p.Xid), Text: p.Op.String()})
	out.Send(h.conn, &p)
	out.cause = cause
	h.pending = append(h.pending, p)
}

// take removes the oldest request that waits to be written.
func (h *handle) take() Packet {
	p := h.outgoing[0]
	h.outgoing = append(h.outgoing[:0], h.outgoing[1:]...)
	return p
}

// read takes a packet that is no handshake: the answer to a ping, a watch event or
// the answer to a request. It says whether it is a watch event, which is left to the
// caller.
func (h *handle) read(now clock.Reading, c carrier, p *Packet, rule string, out *Output) (watch bool) {
	switch p.Op {
	case OpPing:
		h.heardBy = h.note(out, Note{Kind: KindPingReply, Rule: rule, Peer: h.server, A: now.Sub(h.pingSent).Milliseconds()})
	case OpNotify:
		h.heardBy = out.Cause()
		return true
	default:
		if p.Zxid > 0 {
			h.lastZxid = p.Zxid
		}
		h.heardBy = h.note(out, Note{Kind: KindReply, Rule: "C-28", Peer: h.server, A: int64(p.Xid), Text: resultText(p.Req, p.Err)})
		if len(h.pending) > 0 {
			h.pending = append(h.pending[:0], h.pending[1:]...)
		}
		if p.Req != OpClose {
			h.app.answered(c, now, p, out)
		}
	}
	return false
}

// fail fails requests, for what dropped names.
func (h *handle) fail(queue *[]Packet, err ErrCode, rule string, out *Output) {
	for i := range *queue {
		p := &(*queue)[i]
		out.Because(h.dropped)
		h.lose(p.Op, int64(p.Xid), err, rule, out)
		h.app.failed(p.Op)
	}
	*queue = (*queue)[:0]
	out.Because(h.dropped)
}

// lose tells of one request that came to nothing.
func (h *handle) lose(op Op, xid int64, err ErrCode, rule string, out *Output) {
	h.note(out, Note{Kind: KindCallLost, Rule: rule, Peer: h.server, A: xid, Text: resultText(op, err)})
}

// outstanding says whether a request that the application made awaits its answer.
// Watches that the library registers again do not count.
func (h *handle) outstanding() bool {
	for _, queue := range [2][]Packet{h.pending, h.outgoing} {
		for i := range queue {
			if queue[i].Op != OpSetWatches {
				return true
			}
		}
	}
	return false
}

// rewatch is the request that registers the application's watches on a new
// connection.
func (h *handle) rewatch() (Packet, bool) {
	return h.app.rewatch(&h.cfg, h.lastZxid), h.app.watching()
}

func (h *handle) setState(state, rule string, out *Output) {
	if h.state == state {
		return
	}
	h.state = state
	h.note(out, Note{Kind: KindState, Rule: rule, Text: state})
}

// tell gives the application a session event, behind those that it has not taken
// yet. What the library does next does not follow from it.
func (h *handle) tell(now clock.Reading, c carrier, word, rule string, out *Output) RecordID {
	return h.queue(now, c, event{told: word, rule: rule, cause: out.Cause()}, out)
}

func (h *handle) queue(now clock.Reading, c carrier, ev event, out *Output) RecordID {
	defer func(cause RecordID) { out.cause = cause }(out.cause)
	if !h.events.push(ev) {
		return h.note(out, Note{Kind: KindEventDropped, Rule: "L-G8", Text: ev.word()})
	}
	if ev, ok := h.events.next(now); ok {
		return h.deliver(now, c, ev, out)
	}
	return out.Cause()
}

// deliver runs the application's watcher for one event.
func (h *handle) deliver(now clock.Reading, c carrier, ev event, out *Output) RecordID {
	out.Because(ev.cause)
	h.events.free = now.Add(h.cfg.Callback)
	switch {
	case ev.told != "":
		id := h.note(out, Note{Kind: KindTold, Rule: ev.rule, Text: ev.told})
		h.app.told(c, now, ev.told, out)
		return id
	case ev.watch != WatchNone && !ev.idle:
		h.app.notified(c, now, ev.watch, out)
	}
	return out.Cause()
}

// rest gives the application what waits for it, and lets it make its own requests.
func (h *handle) rest(now clock.Reading, c carrier, out *Output) {
	for {
		ev, ok := h.events.next(now)
		if !ok {
			break
		}
		h.deliver(now, c, ev, out)
	}
	if op, ok := h.app.due(now, &h.cfg); ok {
		out.Because(h.app.opened)
		c.submit(now, Packet{Op: op, Path: h.app.path(&h.cfg)}, out)
	}
}

// restAt is when the application has something to do.
func (h *handle) restAt() clock.Reading { return min(h.events.wake(), h.app.wake()) }

// command turns what a script asks of the application into a request; it says
// whether there is one.
func (h *handle) command(now clock.Reading, cmd Command) (Packet, bool) {
	switch cmd {
	case CommandRead:
		return Packet{Op: OpGetData, Path: h.app.path(&h.cfg)}, true
	case CommandWrite:
		return Packet{Op: OpSetData, Path: h.app.path(&h.cfg)}, true
	}
	h.events.command(now, cmd)
	return Packet{}, false
}

// backdate moves a reading, if the latest step set it.
func (h *handle) backdate(d time.Duration, readings ...*clock.Reading) {
	for _, r := range append(readings, &h.pingSent) {
		if *r == h.now {
			*r = r.Add(-d)
		}
	}
}

// note completes a note with the session.
func (h *handle) note(out *Output, n Note) RecordID {
	n.Session = h.session
	switch n.Kind {
	case KindOpen, KindState, KindTold, KindHandleClosed, KindHolds, KindStops, KindSawCreated, KindSawDeleted, KindEventDropped:
		n.Peer = NoNode
	}
	return out.Note(n)
}
