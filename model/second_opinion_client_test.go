package model

import (
	"fmt"
	"strings"
	"testing"

	"zksim/clock"
)

// A clientHistory is what surrounds one client: servers that answer or do not,
// calls of the application, and pauses of the process. It answers whoever asks, by
// what was asked and when; all times are whole milliseconds.
type clientHistory struct {
	d        dice
	cfg      ClientConfig
	backoffs []uint64
	end      int64 // nothing happens beyond it
	pauses   [][2]int64
	arrivals []arrival

	// How good the weather is, in percent.
	opens, refuses, accepts, answers, mutes, notices int64
	slowest                                          int64 // longest round trip

	conn    int64 // ordinal of the connection in use, -1 without one
	dials   int64
	sends   int64
	closes  int64
	session bool
	mute    int64 // when the connection in use falls silent
}

// An arrival is something that reaches the client's process.
type arrival struct {
	at     int64
	conn   int64 // ordinal of the connection; -1 for a call of the application
	kind   InputKind
	reason CloseReason
	packet Packet
}

// javaRows is how many rows of [Libraries] the Java client has; they come first.
var javaRows = func() (n int64) {
	for i := range Libraries {
		if Libraries[i].Name == "java" {
			n++
		}
	}
	return n
}()

// newClientHistory draws the client, its calls and its pauses.
func newClientHistory(d dice) *clientHistory {
	h := &clientHistory{d: d.about(1), conn: -1}
	g := d.about(2)
	n := int(g.between(1, 5))
	timeout := [...]int64{g.between(20, 1000), g.between(1000, 6000), g.between(4000, 40000), g.between(60000, 120000)}[g.upTo(3)]
	h.cfg = ClientConfig{Node: 9, Library: &Libraries[g.upTo(javaRows-1)], Timeout: int32(timeout), Servers: servers(n), First: NoNode}
	for range 8 {
		h.backoffs = append(h.backoffs, uint64(g.upTo(999)))
	}
	h.end = timeout * g.between(2, 6)
	h.opens, h.refuses = g.upTo(100), g.upTo(100)
	h.accepts, h.answers = g.between(40, 100), g.between(50, 100)
	h.mutes, h.notices = g.upTo(80), g.upTo(100)
	h.slowest = [...]int64{5, 1500, timeout}[g.upTo(2)]
	if g.percent(60) {
		for range g.between(1, 12) {
			kind := Packet{Op: OpGetData}
			if g.percent(50) {
				kind.Op = OpSetData
			}
			h.add(arrival{at: g.upTo(h.end), conn: -1, kind: InputCommand, packet: kind})
		}
	}
	if g.percent(40) {
		from := int64(0)
		for range g.between(1, 3) {
			from += g.between(1, h.end/2)
			to := from + g.between(1, 2*timeout)
			h.pauses = append(h.pauses, [2]int64{from, to})
			from = to
		}
	}
	return h
}

// running returns the first instant from at on at which the process is not
// stopped.
func (h *clientHistory) running(at int64) int64 {
	for _, p := range h.pauses {
		if p[0] <= at && at < p[1] {
			return p[1]
		}
	}
	return at
}

// add puts an arrival behind everything that comes no later.
func (h *clientHistory) add(a arrival) {
	h.arrivals = append(h.arrivals, a)
	for i := len(h.arrivals) - 1; i > 0 && h.arrivals[i-1].at > a.at; i-- {
		h.arrivals[i-1], h.arrivals[i] = h.arrivals[i], h.arrivals[i-1]
	}
}

// next takes what happens first: something arrives, or the client's own wait ends
// at until. In the same millisecond, as after a pause, arrivals come first. What
// arrives on a connection that is no longer in use is lost. The last result says
// that the history is not over.
func (h *clientHistory) next(until int64) (a arrival, at int64, arrived, more bool) {
	for len(h.arrivals) > 0 && h.arrivals[0].conn >= 0 && h.arrivals[0].conn != h.conn {
		h.arrivals = h.arrivals[1:]
	}
	at = h.running(until)
	if len(h.arrivals) > 0 && h.running(h.arrivals[0].at) <= at {
		a, arrived = h.arrivals[0], true
		at = h.running(a.at)
	}
	if at > h.end {
		return arrival{}, at, false, false
	}
	if arrived {
		h.arrivals = h.arrivals[1:]
	}
	return a, at, arrived, true
}

// dial is the client opening a connection.
func (h *clientHistory) dial(now int64) {
	h.conn = h.dials
	h.dials++
	h.mute = h.end + 1
	g := h.d.about(uint64(100 + 1000*h.conn))
	k := int64(h.cfg.Timeout) / int64(len(h.cfg.Servers))
	switch {
	case g.percent(h.opens) || h.conn == 0 && g.percent(80):
		h.add(arrival{at: now + g.upTo(min(h.slowest, k+k/8)), conn: h.conn, kind: InputConnected})
	case g.percent(h.refuses):
		h.add(arrival{at: now + g.upTo(min(h.slowest, k)), conn: h.conn, kind: InputClosed, reason: ReasonRefused})
	}
}

// sent is the client writing a packet.
func (h *clientHistory) sent(now int64, op Op) {
	h.sends++
	if now >= h.mute {
		return
	}
	g := h.d.about(uint64(101 + 1000*h.conn + h.sends*1_000_000))
	back := now + g.upTo(h.slowest)
	switch op {
	case OpConnect:
		h.handshake(&g, back)
	case OpPing:
		if g.percent(h.answers) && back < h.mute {
			h.add(arrival{at: back, conn: h.conn, kind: InputPacket, packet: Packet{Op: OpPing, Reply: true}})
		}
	default:
		if g.percent(h.answers) && back < h.mute {
			h.add(arrival{at: back, conn: h.conn, kind: InputPacket, packet: Packet{Op: op, Req: op, Reply: true, Zxid: 1}})
		}
	}
}

// handshake answers a ConnectRequest at the given instant, and decides what else
// this connection will bring.
func (h *clientHistory) handshake(g *dice, at int64) {
	timeout := h.cfg.Timeout
	switch {
	case !g.percent(h.accepts):
		if g.percent(50) {
			h.add(arrival{at: at, conn: h.conn, kind: InputClosed, reason: ReasonEOF})
		}
		return
	case h.session && g.percent(5):
		timeout = 0
	case g.percent(30):
		timeout = int32(g.between(int64(timeout)/2+1, 2*int64(timeout)))
	}
	h.session = true
	h.add(arrival{at: at, conn: h.conn, kind: InputPacket,
		packet: Packet{Op: OpConnect, Reply: true, Session: makeSessionID(1, 7), Password: 5, Timeout: timeout}})
	if g.percent(h.mutes) {
		h.mute = at + g.upTo(h.end)
		if g.percent(40) {
			h.add(arrival{at: h.mute, conn: h.conn, kind: InputClosed, reason: CloseReason(g.upTo(1))})
		}
	}
	if g.percent(h.notices) {
		for range g.between(1, 6) {
			if told := at + g.upTo(int64(h.cfg.Timeout)*2); told < h.mute {
				h.add(arrival{at: told, conn: h.conn, kind: InputPacket, packet: Packet{Op: OpNotify, Reply: true, Xid: -1, Event: WatchDataChanged}})
			}
		}
	}
}

func (h *clientHistory) closed() {
	h.conn = -1
	h.closes++
}

// A clientMark is one thing that a client did.
type clientMark struct {
	at   int64
	kind Kind // clientWoke: a wait of its own ended
	a, b int64
	text string
}

const clientWoke Kind = 255

func (m clientMark) String() string {
	name := "woke"
	for _, row := range Kinds {
		if row.Kind == m.kind {
			name = row.Name
		}
	}
	return fmt.Sprintf("%d %s %d %d %s", m.at, name, m.a, m.b, m.text)
}

// A slowClient is the Java client's send thread written down as the rules tell
// it: a program that runs from top to bottom, sleeps where the rules say so, and
// works out every number afresh at every turn.
type slowClient struct {
	h    *clientHistory
	log  []clientMark
	at   int64 // the time on the wall
	over bool  // the history has ended

	now, lastSend, lastHeard int64 // C-2
	timeout                  int64
	state                    string
	lastTold                 string
	sessionID                SessionID
	index, lastGood          int
	attempts, backoffs       int
	everUp                   bool
	socket                   bool
	tcp, connected           bool
	outgoing, pending        []Op
	pingIdle                 int64        // of the ping that is queued
	body                     *Packet      // of which the length has been read
	broken                   *CloseReason // what the next read finds
}

func (c *slowClient) mark(kind Kind, a, b int64, text string) {
	c.log = append(c.log, clientMark{c.at, kind, a, b, text})
}

func (c *slowClient) setState(s string) {
	if c.state != s {
		c.state = s
		c.mark(KindState, 0, 0, s)
	}
}

func (c *slowClient) tell(told string) {
	if c.lastTold != told { // C-13
		c.lastTold = told
		c.mark(KindTold, 0, 0, told)
	}
}

// sleep is Thread.sleep. Calls of the application meanwhile are queued (C-18), or
// fail if the handle is dead (C-30).
func (c *slowClient) sleep(ms int64) {
	for until := c.at + ms; !c.over; {
		a, at, arrived, more := c.h.next(until)
		c.at, c.over = at, !more
		if c.over {
			return
		}
		if !arrived {
			c.mark(clientWoke, 0, 0, "")
			return
		}
		c.call(a)
	}
}

func (c *slowClient) call(a arrival) {
	if c.state == StateClosed {
		c.mark(KindCallLost, 0, 0, resultText(a.packet.Op, ErrSessionExpired))
		return
	}
	c.outgoing = append(c.outgoing, a.packet.Op)
}

// cleanup is the first half of C-13.
func (c *slowClient) cleanup() {
	if c.socket {
		c.h.closed()
	}
	c.socket, c.tcp, c.connected = false, false, false
	c.sleep(100)
	if c.over {
		return
	}
	err := ErrConnectionLoss
	if c.state == StateClosed {
		err = ErrSessionExpired
	}
	for _, op := range append(c.pending, c.outgoing...) {
		c.mark(KindCallLost, 0, 0, resultText(op, err))
	}
	c.pending, c.outgoing = nil, nil
}

// fail is a connection failure (C-12): C-13, and the lastHeard of C-4.
func (c *slowClient) fail() {
	c.cleanup()
	if c.over || c.state == StateClosed {
		return
	}
	c.tell(ToldDisconnected)
	c.now = c.at
	if c.h.cfg.Library.ConnectTimerIsHeard {
		c.lastHeard = c.now
	}
}

// run is SendThread.run.
func (c *slowClient) run() {
	c.timeout = int64(c.h.cfg.Timeout)
	c.index, c.lastTold = -1, ToldDisconnected
	c.mark(KindOpen, c.timeout, 0, "")
	for c.state != StateClosed && !c.over {
		if !c.socket {
			c.connect()
		}
		if !c.over {
			c.turn()
		}
	}
	if c.over {
		return
	}
	// After the loop: one more cleanup, and what C-20 and C-31 add.
	c.cleanup()
	if c.over {
		return
	}
	if c.h.cfg.Library.LocalExpiry {
		c.tell(ToldExpired)
	}
	c.mark(KindHandleClosed, 0, 0, "")
	for !c.over {
		a, at, _, more := c.h.next(c.h.end + 1)
		if c.at, c.over = at, !more; !c.over {
			c.call(a)
		}
	}
}

// connect is step (1) of a turn (C-5, C-16, C-17, C-18).
func (c *slowClient) connect() {
	c.index = (c.index + 1) % len(c.h.cfg.Servers)
	if c.attempts > 0 && c.index == c.lastGood {
		c.mark(KindSpin, 1000, 0, "")
		c.sleep(1000)
	}
	if c.everUp && !c.over {
		wait := int64(c.h.backoffs[min(c.backoffs, len(c.h.backoffs)-1)])
		c.backoffs++
		c.mark(KindBackoff, wait, 0, "")
		c.sleep(wait)
	}
	if c.over {
		return
	}
	c.attempts++
	c.setState(StateConnecting)
	c.mark(KindAttempt, int64(c.index), 0, "")
	c.socket, c.body, c.broken = true, nil, nil
	c.h.dial(c.at)
	c.now = c.at
	c.lastSend = c.now // C-3
	if c.h.cfg.Library.ConnectTimerIsHeard {
		c.lastHeard = c.now // C-4
	}
}

// turn is steps (2) to (7) of a turn.
func (c *slowClient) turn() {
	lib, n := c.h.cfg.Library, int64(len(c.h.cfg.Servers))
	R := c.timeout * 2 / 3 // C-1
	p := R / 2
	k := c.timeout / n
	X := c.timeout * 4 / 3
	idleSend, idleRecv := c.now-c.lastSend, c.now-c.lastHeard // C-2

	// (2) C-6
	to := k - idleSend
	if lib.ConnectTimerIsHeard {
		to = k - idleRecv
	}
	if c.connected {
		to = R - idleRecv
	}
	// (3) C-7, C-20, C-21
	if lib.LocalExpiry && (c.sessionID != 0 || lib.LocalExpiryUnborn) {
		if exp := X - idleRecv; exp <= 0 {
			c.mark(KindLocalExpiry, idleRecv, X, "")
			c.setState(StateClosed)
			c.cleanup()
			return
		}
	}
	// (4) C-8
	if to <= 0 {
		if c.connected {
			c.mark(KindSilence, idleRecv, R, "")
		} else {
			c.mark(KindAttemptFailed, idleSend, 0, "no answer")
		}
		c.fail()
		return
	}
	// (5) C-9. A ping is queued behind what waits, and one packet leaves a turn
	// (ClientCnxn.java:SendThread.sendPing,
	// ClientCnxnSocketNIO.java:ClientCnxnSocketNIO.findSendablePacket).
	if c.connected {
		q := p - idleSend
		if idleSend > 1000 {
			q -= 1000
		}
		if q <= 0 || idleSend > 10000 {
			c.outgoing = append(c.outgoing, OpPing)
			c.pingIdle, c.lastSend = idleSend, c.now
		} else {
			to = min(to, q)
		}
	}
	// (7) C-11. The selector returns at once where something can be written, or a
	// body stands behind its length.
	switch {
	case c.connected && len(c.outgoing) > 0:
		op := c.outgoing[0]
		c.outgoing = append([]Op(nil), c.outgoing[1:]...)
		if op == OpPing {
			c.mark(KindPing, c.pingIdle, 0, "")
			c.write(op)
			return
		}
		c.mark(KindRequest, 0, 0, op.String())
		c.write(op)
		c.pending = append(c.pending, op)
		return
	case c.body != nil:
		p := c.body
		c.body = nil
		c.lastHeard = c.now // C-4
		c.read(p)
		return
	case c.broken == nil:
		overslept := c.wait(to)
		if c.over || c.broken == nil || overslept {
			return // with the wait run out, the timers come before the end of stream (G-2)
		}
	}
	if c.tcp { // C-12
		c.mark(KindDropped, 0, 0, c.broken.String())
	} else { // C-15
		c.mark(KindAttemptFailed, c.now-c.lastSend, 0, c.broken.String())
	}
	c.fail()
}

// write puts a packet on the wire (C-3).
func (c *slowClient) write(op Op) {
	c.h.sent(c.at, op)
	c.lastSend = c.now
}

// wait is the selector. It takes in one thing, and reports whether the wait had
// run out by then. A call of the application wakes it, also while the thread is
// still connecting (ClientCnxnSocketNIO.java:ClientCnxnSocketNIO.packetAdded).
func (c *slowClient) wait(to int64) (overslept bool) {
	limit := c.at + to
	a, at, arrived, more := c.h.next(limit)
	c.at, c.over = at, !more
	if c.over {
		return false
	}
	c.now = c.at
	switch {
	case !arrived:
		c.mark(clientWoke, 0, 0, "")
	case a.kind == InputCommand:
		c.call(a)
	case a.kind == InputConnected: // C-3, C-4, C-19
		c.lastHeard = c.now
		c.mark(KindTCPUp, 0, 0, "")
		c.tcp, c.everUp = true, true
		c.write(OpConnect)
	case a.kind == InputPacket:
		c.body = &a.packet
	case a.kind == InputClosed:
		c.broken = &a.reason
	}
	return c.at >= limit
}

// read takes in a whole packet.
func (c *slowClient) read(p *Packet) {
	switch {
	case p.Op == OpConnect && p.Timeout <= 0: // C-30
		c.setState(StateClosed)
		c.tell(ToldExpired)
		c.cleanup()
	case p.Op == OpConnect: // C-25
		c.timeout = int64(p.Timeout)
		c.lastGood = c.index
		c.sessionID = p.Session
		c.connected = true
		c.mark(KindSessionUp, c.timeout, 0, "")
		c.setState(StateConnected)
		c.tell(ToldConnected)
	case p.Op == OpPing:
		c.mark(KindPingReply, 0, 0, "")
	case p.Op != OpNotify:
		c.mark(KindReply, 0, 0, resultText(p.Req, p.Err))
		c.pending = append([]Op(nil), c.pending[1:]...)
	}
}

// A fastClient drives a JavaClient through a history and writes down what it did.
type fastClient struct {
	h    *clientHistory
	c    *JavaClient
	out  Output
	log  []clientMark
	conn ConnID
	rid  RecordID
}

func (f *fastClient) step(at int64, in Input) {
	f.out.Reset(f.rid, 0)
	f.c.Step(clock.ReadingOfMillis(at), &in, &f.out)
	f.rid += RecordID(len(f.out.Notes))
	for _, n := range f.out.Notes {
		m := clientMark{at: at, kind: n.Kind, text: n.Text}
		switch n.Kind {
		case KindOpen, KindSpin, KindBackoff, KindSessionUp, KindPing, KindAttemptFailed:
			m.a = n.A
		case KindAttempt:
			m.a = int64(n.Peer)
		case KindSilence, KindLocalExpiry:
			m.a, m.b = n.A, n.B
		}
		f.log = append(f.log, m)
	}
	for i := range f.out.Effects {
		switch e := &f.out.Effects[i]; e.Kind {
		case EffectDial:
			f.conn = e.Conn
			f.h.dial(at)
		case EffectSend:
			f.h.sent(at, e.Packet.Op)
		case EffectClose:
			f.h.closed()
		}
	}
}

// follow plays the history, and stops where the log leaves the slow client's or
// where the next wake lies beyond what the slow client does next.
func (f *fastClient) follow(slow []clientMark) error {
	f.step(0, Input{Kind: InputCommand, Command: CommandOpen})
	for checked := 0; ; {
		for ; checked < len(f.log); checked++ {
			if checked >= len(slow) {
				return fmt.Errorf("JavaClient goes on: %v\nthe slow client does nothing more%s", f.log[checked], tail(slow, checked))
			}
			if f.log[checked] != slow[checked] {
				return fmt.Errorf("JavaClient: %v\nslow client: %v%s", f.log[checked], slow[checked], tail(slow, checked))
			}
		}
		wake := f.h.end + 1
		if w := f.c.Wake(); w != clock.Unset {
			wake = w.Millis()
		}
		a, at, arrived, more := f.h.next(wake)
		if checked < len(slow) && (!more || at > slow[checked].at) {
			return fmt.Errorf("JavaClient wakes at %d, too late for what the slow client does: %v%s", wake, slow[checked], tail(slow, checked))
		}
		if !more {
			return nil
		}
		switch {
		case !arrived:
			f.log = append(f.log, clientMark{at: at, kind: clientWoke})
			f.step(at, Input{Kind: InputWake})
		case a.kind == InputCommand && a.packet.Op == OpGetData:
			f.step(at, Input{Kind: InputCommand, Command: CommandRead})
		case a.kind == InputCommand:
			f.step(at, Input{Kind: InputCommand, Command: CommandWrite})
		default:
			f.step(at, Input{Kind: a.kind, Conn: f.conn, Reason: a.reason, Packet: &a.packet})
		}
	}
}

// tail tells what both clients did just before they parted.
func tail(log []clientMark, n int) string {
	var b strings.Builder
	for _, m := range log[max(0, n-8):n] {
		fmt.Fprintf(&b, "\n  both before: %v", m)
	}
	return b.String()
}

// TestSecondOpinionOnTheClientsTimers plays the send thread as the rules tell it
// beside the JavaClient, in good and bad weather, with pauses: every ping, silence,
// attempt, event and local expiry, and every wake, must come at the same
// millisecond.
func TestSecondOpinionOnTheClientsTimers(t *testing.T) { // C-1 to C-9, C-11 to C-18, C-20 to C-22, C-25, C-30, G-1, G-2
	seen := [256]int{}
	env := &fixedEnv{}
	all := playHistories(t, func(d dice) error {
		slow := &slowClient{h: newClientHistory(d)}
		slow.run()
		h := newClientHistory(d)
		env.backoffs = h.backoffs
		fast := &fastClient{h: h, c: NewJavaClient(h.cfg, env), rid: 1}
		if err := fast.follow(slow.log); err != nil {
			return fmt.Errorf("java %s, T = %d, %d servers, pauses %v:\n%w", h.cfg.Library.From, h.cfg.Timeout, len(h.cfg.Servers), h.pauses, err)
		}
		if h.sends != slow.h.sends || h.dials != slow.h.dials || h.closes != slow.h.closes {
			return fmt.Errorf("JavaClient: %d packets, %d dials, %d closes; slow client: %d, %d, %d",
				h.sends, h.dials, h.closes, slow.h.sends, slow.h.dials, slow.h.closes)
		}
		for _, m := range slow.log {
			seen[m.kind]++
		}
		return nil
	})
	if !all {
		return
	}
	for _, kind := range []Kind{KindSpin, KindBackoff, KindPing, KindPingReply, KindSilence, KindDropped, KindAttemptFailed,
		KindLocalExpiry, KindTold, KindRequest, KindCallLost, KindHandleClosed} {
		if seen[kind] < 100 {
			t.Errorf("%s happened %d times in all histories, too few to show anything", Kinds[kind-1].Name, seen[kind])
		}
	}
}
