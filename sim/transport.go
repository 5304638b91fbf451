package sim

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// A conn is one TCP connection. What one end sends is a sequence of segments
// that nothing overtakes (W-8); each direction is cut, lost and retransmitted for
// itself (W-3). Acknowledgements are no events: whether one gets through is
// looked up when its segment arrives.
type conn struct {
	id    model.ConnID
	next  *conn    // of those that the same node opened
	nodes [2]int   // who opened it, and whom to
	ends  [2]half  // of the same two
	key   uint64   // of its events, as far as they are alike
	law   *Sampler // of latency
	port  model.Port
	rtt   time.Duration
	// While it is being opened:
	dialled clock.Instant
	synAt   clock.Instant // of the last SYN
	tries   int           // SYNs sent again
	cause   model.RecordID
	counted bool // it takes a place in a stopped process's backlog
}

// A half is one end of a connection and what it has sent: small, since every segment
// looks at both.
type half struct {
	flight train         // on the way, in order of arrival
	arrive clock.Instant // of the last segment on the way
	sent   uint64        // transmissions so far: the address of their draws
	state  endState
	ghost  bool  // something has arrived whose acknowledgement has not (W-3)
	tries  int32 // how often what is unacknowledged was sent again
	// Retransmission: when what is unacknowledged is sent again, since when it is, and
	// when the first repetition is due, the tail-loss probe (W-1). Never: nothing is
	// unacknowledged.
	again clock.Instant
	since clock.Instant
	probe clock.Instant
	stuck train // lost, or waiting behind something lost or unacknowledged
}

type endState uint8

const (
	endNone   endState = iota // not open yet
	endOpen                   // a process holds it
	endClosed                 // the process has closed it or is gone, the kernel remembers it
	endGone                   // the host has forgotten it
)

// What a delivery event is about. Their order is that at one instant.
const (
	whatReset = iota
	whatSYN
	whatSYNACK
	whatSegment
	whatAgain    // retransmission
	whatSYNAgain // SYN repeated
)

// The counter of a delivery event: the connection's ordinal, what, which
// direction, and which of them.
const (
	seqBits     = 18
	dirShift    = seqBits
	whatShift   = dirShift + 1
	ordinalBits = 16
	ordShift    = whatShift + 3
)

func (w *World) pushDelivery(c *conn, at clock.Instant, what, dir int, seq uint64) {
	w.push(at, c.key|uint64(what)<<whatShift|uint64(dir)<<dirShift|seq&(1<<seqBits-1))
}

// keyDirection returns the direction of a delivery event: 0 from the node that
// opened the connection.
func keyDirection(key uint64) int { return int(key >> dirShift & 1) }

// delivery is an event of a connection.
func (w *World) delivery(initiator int, counter uint64) {
	ordinal := uint32(counter >> ordShift)
	dir := keyDirection(counter)
	for c := w.nodes[initiator].conns; c != nil; c = c.next {
		if c.id.Ordinal()&(1<<ordinalBits-1) != ordinal {
			continue
		}
		if counter>>whatShift&7 == whatSegment {
			w.arrived(c, dir)
			return
		}
		switch counter >> whatShift & 7 {
		case whatSYN:
			w.synArrived(c)
		case whatSYNACK:
			w.synAckArrived(c)
		case whatReset:
			w.resetArrived(c, dir)
		case whatAgain:
			w.retransmit(c, dir)
		case whatSYNAgain:
			w.synAgain(c)
		}
		return
	}
}

// connByID finds a connection that at least one end still knows.
func (w *World) connByID(id model.ConnID) *conn {
	for c := w.nodes[id.Initiator()].conns; c != nil; c = c.next {
		if c.id == id {
			return c
		}
	}
	return nil
}

// side returns which end of the connection a node is.
func (c *conn) side(node int) int {
	if c.nodes[0] == node {
		return 0
	}
	return 1
}

func (w *World) newConn(id model.ConnID, from, to int) *conn {
	c := w.made.Take()
	*c = conn{id: id, nodes: [2]int{from, to}, dialled: w.now, synAt: w.now, cause: w.cause}
	c.key = makeKey(classDelivery, from, uint64(id.Ordinal()&(1<<ordinalBits-1))<<ordShift)
	c.law = w.scenario.Network.Clients
	if from < w.servers && to < w.servers {
		c.law = w.scenario.Network.Servers
	}
	c.ends[0].again, c.ends[1].again = clock.Never, clock.Never
	last := &w.nodes[from].conns
	for *last != nil {
		last = &(*last).next
	}
	*last = c
	return c
}

// over says that neither end needs the connection, and nothing is on its way.
func (c *conn) over() bool {
	for i := range c.ends {
		h := &c.ends[i]
		if h.state == endOpen || h.again != clock.Never || !h.flight.empty() {
			return false
		}
	}
	return c.ends[0].state != endNone // then it is still being opened
}

// reap forgets a connection that neither end needs any more.
func (w *World) reap(c *conn) {
	if !c.over() {
		return
	}
	if w.tap != nil {
		w.tap.forgotten(c)
	}
	for at := &w.nodes[c.nodes[0]].conns; *at != nil; at = &(*at).next {
		if *at == c {
			*at = c.next
			return
		}
	}
}

// send puts a machine's packet on its connection.
func (w *World) send(i int, e *model.Effect) {
	c := w.connByID(e.Conn)
	if c == nil {
		return // closed meanwhile; what is written to a closed socket is gone
	}
	dir := c.side(i)
	if c.ends[dir].state != endOpen {
		return
	}
	s := w.yard.take()
	s.what, s.cause = segData, e.Cause
	s.packet = e.Packet // by itself: in a tuple it is copied twice
	w.transmit(c, dir, s)
}

// sendSign puts a segment without a packet on a connection.
func (w *World) sendSign(c *conn, dir int, what segmentKind, cause model.RecordID) {
	s := w.yard.take()
	s.what, s.cause, s.packet = what, cause, model.Packet{}
	w.transmit(c, dir, s)
}

// transmit sends a segment, or lets it wait behind one that was lost.
func (w *World) transmit(c *conn, dir int, s *segment) {
	s.sentAt, s.back = w.now, false
	h := &c.ends[dir]
	if w.tap != nil {
		s.number = w.tap.sent(c, dir)
	}
	if !h.stuck.empty() || h.again != clock.Never && w.now >= h.probe.Add(w.rto(c)) {
		h.stuck.push(s)
		w.hastenProbe(c, dir)
		return
	}
	if len(w.weather.links) == 0 && w.loss == 0 {
		h.sent++
		w.launch(c, dir, s, w.latency(c, dir))
		return
	}
	switch fate := w.fate(c, dir); {
	case fate.refused:
		w.dropped(c, dir, 1)
		w.refuse(c, dir, s.cause)
		w.yard.give(s)
	case fate.lost:
		w.lost(c, dir, s, fate.fault)
		h.stuck.push(s)
		w.startRecovery(c, dir, s)
	default:
		w.launch(c, dir, s, fate.delay)
	}
}

// launch puts a segment on its way; it arrives after the given delay, but never
// before what was sent earlier (W-8).
func (w *World) launch(c *conn, dir int, s *segment, delay time.Duration) {
	h := &c.ends[dir]
	h.arrive = max(h.arrive, w.now.Add(delay))
	s.back = false
	h.flight.push(s)
	w.push(h.arrive, c.key|whatSegment<<whatShift|uint64(dir)<<dirShift|h.sent&(1<<seqBits-1))
}

// giveUp ends an end's attempts to send what is lost or unacknowledged.
func (w *World) giveUp(c *conn, dir int) {
	h := &c.ends[dir]
	if w.tap != nil {
		w.tap.dropped(c, dir, h.stuck.len())
	}
	h.again = clock.Never
	w.yard.scrap(&h.stuck)
}

// dropped counts segments that nobody will send again, if somebody counts.
func (w *World) dropped(c *conn, dir, segments int) {
	if w.tap != nil {
		w.tap.dropped(c, dir, segments)
	}
}

// lost says on the timeline that a segment got nowhere, and why.
func (w *World) lost(c *conn, dir int, s *segment, fault int) {
	rule := "W-7"
	if fault >= 0 && w.faults[fault].spec.Kind == FaultPartition {
		rule = "W-1"
	}
	w.nowhere(c, dir, s, rule, fault)
}

// nowhere is lost for a rule that is known already: a host that has vanished is no fault
// of the links (W-4).
func (w *World) nowhere(c *conn, dir int, s *segment, rule string, fault int) {
	w.cause = s.cause
	w.note(c.nodes[dir], model.Note{Kind: KindLost, Rule: rule, Session: s.packet.Session, Peer: model.NodeID(c.nodes[1-dir]), A: int64(fault), Text: s.name()})
}

// arrived is a segment reaching the other end's kernel.
func (w *World) arrived(c *conn, dir int) {
	s := c.ends[dir].flight.pop()
	to := c.nodes[1-dir]
	if w.nodes[to].status == statusLost {
		// No kernel to acknowledge it: it counts as lost from when it was sent.
		if c.ends[dir].state == endGone {
			w.dropped(c, dir, 1) // nor one to send it again
			w.yard.give(s)
			w.reap(c)
			return
		}
		w.nowhere(c, dir, s, "W-4", -1)
		c.ends[dir].stuck.back(s)
		w.startRecovery(c, dir, s)
		return
	}
	if w.tap != nil {
		w.tap.delivered(c, dir, s.number)
	}
	if h := &c.ends[dir]; h.again == clock.Never && len(w.weather.links) == 0 {
		h.ghost = false // the acknowledgement gets back, and nothing waits for it
	} else {
		w.acknowledge(c, dir, s)
	}
	w.cause = s.cause
	switch end := &c.ends[1-dir]; {
	case s.what == segOpen:
		w.opened(c, s)
	case end.state == endOpen && s.packet.Op == model.OpPing && (dir == 0 && w.pingArrived(c, s) || dir == 1 && w.answerArrived(c, s)):
		return
	case end.state == endOpen && s.what == segData:
		w.in = model.Input{Kind: model.InputPacket, Conn: c.id, Packet: &s.packet, Cause: s.cause}
		w.deliver(to)
	case end.state == endOpen:
		w.in = model.Input{Kind: model.InputClosed, Reason: model.ReasonEOF, Conn: c.id, Cause: s.cause}
		w.deliver(to)
	case s.what == segData || end.state == endGone:
		w.answerReset(c, dir, "no such connection")
	}
	w.yard.give(s)
	if c.ends[0].state != endOpen {
		w.reap(c)
	}
}

// acknowledge looks up whether the receiver's acknowledgement gets back. If
// not, the sender's kernel begins to repeat what has in fact arrived, and sends
// nothing new after its first repetition (W-3). Random loss of an acknowledgement
// alone is left out: the next one covers it.
func (w *World) acknowledge(c *conn, dir int, s *segment) {
	h := &c.ends[dir]
	if w.blocked(c.nodes[1-dir], c.nodes[dir]) {
		h.ghost = true
		w.startRecovery(c, dir, s)
		return
	}
	h.ghost = false
	if h.stuck.empty() {
		h.again, h.tries = clock.Never, 0
	}
}

// close is a process closing its end: FIN follows what was sent before.
func (w *World) close(i int, id model.ConnID, cause model.RecordID) {
	c := w.connByID(id)
	if c == nil {
		return
	}
	dir := c.side(i)
	h := &c.ends[dir]
	if h.state != endOpen {
		h.state = endClosed // not open yet: the kernel stops trying
		w.reap(c)
		return
	}
	h.state = endClosed
	if c.ends[1-dir].state != endGone {
		w.sendSign(c, dir, segFIN, cause)
	}
	w.reap(c)
}

// refuse is a rule on the way answering at once with RST (W-4).
func (w *World) refuse(c *conn, dir int, cause model.RecordID) {
	w.cause = cause
	w.note(c.nodes[dir], model.Note{Kind: KindReset, Rule: "W-4", Peer: model.NodeID(c.nodes[1-dir]), Text: "refused on the way"})
	c.cause = w.cause
	w.pushDelivery(c, w.now, whatReset, dir, 0)
}

// answerReset is a kernel that does not know a connection answering with RST
// (W-4, W-6). If the answer is lost the sender tries again.
func (w *World) answerReset(c *conn, dir int, why string) {
	// What the kernel that answers still had to send on this connection goes with it.
	h := &c.ends[1-dir]
	w.giveUp(c, 1-dir)
	if h.state == endClosed {
		h.state = endGone
	}
	back := w.fate(c, 1-dir)
	if back.lost || back.refused {
		return
	}
	w.note(c.nodes[1-dir], model.Note{Kind: KindReset, Rule: "W-4", Peer: model.NodeID(c.nodes[dir]), Text: why})
	c.cause = w.cause
	w.pushDelivery(c, w.now.Add(back.delay), whatReset, dir, 0)
}

// resetArrived ends the connection at one end at once.
func (w *World) resetArrived(c *conn, dir int) {
	h := &c.ends[dir]
	i := c.nodes[dir]
	reason, was := model.ReasonReset, h.state
	if was == endNone {
		reason = model.ReasonRefused
	}
	h.state = max(was, endClosed) // one that is forgotten stays so
	w.giveUp(c, dir)
	if was == endOpen || was == endNone {
		w.in = model.Input{Kind: model.InputClosed, Reason: reason, Conn: c.id, Cause: c.cause}
		w.deliver(i)
	}
	w.reap(c)
}
