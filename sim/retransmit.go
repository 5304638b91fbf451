package sim

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// Limits of the kernel's patience with a segment that is never acknowledged:
// net.ipv4.tcp_retries2 while a process holds the connection, the smaller limit
// for one that nobody holds any more (net.ipv4.tcp_orphan_retries).
const (
	retryLimit  = 15
	orphanLimit = 8
	// longestRTO bounds the wait between two tries (TCP_RTO_MAX).
	longestRTO = 120 * time.Second
)

// rto is r of W-1: the smallest retransmission time and the round trip.
func (w *World) rto(c *conn) time.Duration { return w.scenario.Network.RTOMin + c.rtt }

// probeMin is what the kernel adds to two round trips before it probes for the tail
// of several segments (TCP_TIMEOUT_MIN_US, W-1).
const probeMin = 2 * time.Millisecond

// probeSoon is the wait for the tail-loss probe where more than one segment is
// unacknowledged.
func (w *World) probeSoon(c *conn) time.Duration { return min(2*c.rtt+probeMin, w.rto(c)) }

// startRecovery notes that a segment is unacknowledged, and plans its first
// repetition, the probe: r after it was sent, or sooner if it is one of two (W-1).
func (w *World) startRecovery(c *conn, dir int, s *segment) {
	h := &c.ends[dir]
	if h.again != clock.Never || h.state == endGone {
		return
	}
	wait := w.rto(c)
	if s.what == segData && w.writesTwice(c.nodes[dir]) {
		wait = w.probeSoon(c)
	}
	h.since, h.probe, h.tries = s.sentAt, max(s.sentAt.Add(wait), w.now), 0
	w.planRetry(c, dir)
}

// writesTwice says whether a node's packets go out in two segments each.
func (w *World) writesTwice(node int) bool {
	library := w.scenario.libraryOf(model.NodeID(node))
	return library != nil && library.TwoWrites
}

// hastenProbe brings the probe forward where another segment has followed what is
// unacknowledged before anything was repeated (W-1).
func (w *World) hastenProbe(c *conn, dir int) {
	h := &c.ends[dir]
	probe := w.now.Add(w.probeSoon(c))
	if h.again == clock.Never || h.tries > 0 || probe >= h.probe {
		return
	}
	h.probe = probe
	w.planRetry(c, dir)
}

// planRetry plans the next repetition: the probe, then r, 2r, 4r, each behind the one
// before.
func (w *World) planRetry(c *conn, dir int) {
	h := &c.ends[dir]
	r := w.rto(c)
	last := r << max(min(h.tries, 40)-1, 0)
	switch {
	case h.tries == 0:
		h.again = h.probe
	case last <= 0 || last > longestRTO:
		h.again = w.now.Add(longestRTO)
	default:
		h.again = max(h.probe.Add(r<<h.tries-r), w.now)
	}
	w.pushDelivery(c, h.again, whatAgain, dir, uint64(h.tries))
}

// retransmit sends again what is unacknowledged. If the segment and its
// acknowledgement get through, everything that waited behind follows at once; if
// the acknowledgement alone is lost, only the first segment gets across (W-3).
func (w *World) retransmit(c *conn, dir int) {
	h := &c.ends[dir]
	if h.again != w.now {
		return
	}
	h.again = clock.Never
	h.tries++
	fate := w.fate(c, dir)
	switch {
	case fate.refused:
		w.refuse(c, dir, w.cause)
		return
	case fate.lost || w.nodes[c.nodes[1-dir]].status == statusLost:
		w.retryLater(c, dir)
		return
	}
	if h.ghost && w.blocked(c.nodes[1-dir], c.nodes[dir]) {
		// The first of what is unacknowledged has arrived before, so this is a
		// duplicate, and what waits behind it goes on waiting (W-3).
		w.retryLater(c, dir)
		return
	}
	h.ghost = false
	if h.stuck.empty() {
		h.tries = 0
		w.reap(c)
		return
	}
	first := h.stuck.first
	w.cause = first.cause
	first.cause = w.note(c.nodes[dir], model.Note{Kind: KindRetransmitted, Rule: "W-1", Session: first.packet.Session, Peer: model.NodeID(c.nodes[1-dir]),
		A: int64(h.tries), B: int64(w.now.Sub(h.since) / time.Microsecond), Text: first.name()})
	if w.blocked(c.nodes[1-dir], c.nodes[dir]) {
		w.launch(c, dir, h.stuck.pop(), fate.delay)
		w.retryLater(c, dir)
		return
	}
	for !h.stuck.empty() {
		w.launch(c, dir, h.stuck.pop(), fate.delay)
		h.sent++
	}
	h.tries = 0
}

// retryLater plans the next repetition, or gives the connection up.
func (w *World) retryLater(c *conn, dir int) {
	h := &c.ends[dir]
	limit := retryLimit
	if h.state != endOpen {
		limit = orphanLimit
	}
	if int(h.tries) < limit {
		w.planRetry(c, dir)
		return
	}
	w.giveUp(c, dir)
	if h.state != endOpen {
		w.reap(c)
		return
	}
	h.state = endClosed
	w.in = model.Input{Kind: model.InputClosed, Reason: model.ReasonTimedOut, Conn: c.id, Cause: w.cause}
	w.deliver(c.nodes[dir])
	w.reap(c)
}
