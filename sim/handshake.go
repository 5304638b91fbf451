package sim

import (
	"time"

	"zksim/model"
)

// synLimit is how often a SYN is repeated before the kernel gives up: six times
// (net.ipv4.tcp_syn_retries), and since Linux 6.5 the first four do not count
// (tcp_syn_linear_timeouts). It gives up after 127 s, or 131.
func synLimit(old bool) int {
	if old {
		return 6
	}
	return 10
}

// synAfter returns when the n-th repetition of a SYN leaves, after the first
// (W-2): after 1, 2, 3, 4, 5 s and then in doubling gaps on Linux 6.5 and later,
// after 1, 3, 7, 15 s before.
func synAfter(n int, old bool) time.Duration {
	switch {
	case old:
		return (1<<n - 1) * time.Second
	case n <= 4:
		return time.Duration(n) * time.Second
	}
	return (4 + 1<<(n-4) - 1) * time.Second
}

// dial opens a connection for a machine.
func (w *World) dial(i int, e *model.Effect) {
	w.cause = e.Cause
	c := w.newConn(e.Conn, i, int(e.Peer))
	c.port = e.Port
	w.sendSYN(c)
}

func (w *World) sendSYN(c *conn) {
	c.synAt = w.now
	next := c.tries + 1
	w.pushDelivery(c, c.dialled.Add(synAfter(next, w.scenario.Network.OldSYN)), whatSYNAgain, 0, uint64(next))
	switch fate := w.fate(c, 0); {
	case fate.refused:
		w.refuse(c, 0, c.cause)
	case fate.lost:
		w.cause = c.cause
		w.note(c.nodes[0], model.Note{Kind: KindLost, Rule: "W-2", Peer: model.NodeID(c.nodes[1]), A: int64(fate.fault), Text: "SYN"})
	default:
		w.pushDelivery(c, w.now.Add(fate.delay), whatSYN, 0, uint64(c.tries))
	}
}

// synAgain repeats the SYN while nothing has come back, and in the end gives up.
func (w *World) synAgain(c *conn) {
	if c.ends[0].state != endNone {
		return
	}
	if c.tries == synLimit(w.scenario.Network.OldSYN) {
		c.ends[0].state = endClosed
		w.in = model.Input{Kind: model.InputClosed, Reason: model.ReasonTimedOut, Conn: c.id, Cause: c.cause}
		w.deliver(c.nodes[0])
		w.reap(c)
		return
	}
	c.tries++
	w.sendSYN(c)
}

// synArrived is the kernel of the other side answering for its process: with RST
// if there is none, not at all if a stopped one's backlog is full (W-5).
func (w *World) synArrived(c *conn) {
	n := &w.nodes[c.nodes[1]]
	switch n.status {
	case statusLost:
		w.cause = c.cause
		w.note(c.nodes[0], model.Note{Kind: KindLost, Rule: "W-4", Peer: model.NodeID(c.nodes[1]), A: -1, Text: "SYN"})
		return
	case statusDead:
		w.cause = c.cause
		w.answerReset(c, 0, "no process listens")
		return
	case statusPaused:
		if !c.counted && w.hosts[c.nodes[1]].backlog >= w.scenario.Ensemble.Backlog {
			w.cause = c.cause
			w.note(c.nodes[1], model.Note{Kind: KindLost, Rule: "W-5", Peer: model.NodeID(c.nodes[0]), A: -1, Text: "SYN: backlog full"})
			return
		}
		if !c.counted {
			c.counted = true
			w.hosts[c.nodes[1]].backlog++
		}
	}
	if !w.listens(c) {
		w.cause = c.cause
		w.answerReset(c, 0, "port closed")
		return
	}
	back := w.fate(c, 1)
	switch {
	case back.refused:
		// The other side's RST means nothing to a connection that is not open there.
	case back.lost:
		w.cause = c.cause
		w.note(c.nodes[1], model.Note{Kind: KindLost, Rule: "W-2", Peer: model.NodeID(c.nodes[0]), A: int64(back.fault), Text: "SYN ACK"})
	default:
		w.pushDelivery(c, w.now.Add(back.delay), whatSYNACK, 1, uint64(c.tries))
	}
}

// synAckArrived opens the connection at the side that dialled; its
// acknowledgement opens the other.
func (w *World) synAckArrived(c *conn) {
	h := &c.ends[0]
	i := c.nodes[0]
	if h.state != endNone || w.nodes[i].status == statusLost {
		return
	}
	h.state = endOpen
	c.rtt = w.now.Sub(c.synAt)
	w.sendSign(c, 0, segOpen, c.cause)
	w.in = model.Input{Kind: model.InputConnected, Conn: c.id, Peer: model.NodeID(c.nodes[1]), Cause: c.cause}
	w.deliver(i)
}

// opened is the last step of the handshake reaching the side that was dialled.
func (w *World) opened(c *conn, s *segment) {
	to := c.nodes[1]
	if c.ends[1].state != endNone || w.nodes[to].status == statusDead {
		if w.nodes[to].status == statusDead {
			c.ends[1].state = endGone
			w.answerReset(c, 0, "no process listens")
		}
		return
	}
	c.ends[1].state = endOpen
	w.in = model.Input{Kind: model.InputAccepted, Conn: c.id, Port: c.port, Peer: model.NodeID(c.nodes[0]), Cause: s.cause}
	w.deliver(to)
}

// listens says whether the process that a connection is for has the port open.
func (w *World) listens(c *conn) bool {
	server, ok := w.nodes[c.nodes[1]].machine.(*model.Server)
	return !ok || server.Listening(c.port)
}

// joinServers opens the connections between servers, as they stand in a steady
// ensemble: from each learner to the leader, and for elections between each two,
// from the one with the larger ID.
func (w *World) joinServers() {
	if w.servers == 1 {
		return
	}
	leader := w.leader()
	opened := make([]uint32, w.servers)
	open := func(from, to int, port model.Port) {
		c := w.newConn(model.MakeConnID(model.NodeID(from), opened[from]), from, to)
		opened[from]++
		c.port = port
		c.ends[0].state, c.ends[1].state = endOpen, endOpen
		c.rtt = w.latency(c, 0) + w.latency(c, 1)
		w.in = model.Input{Kind: model.InputJoined, Port: port, Conn: c.id, Peer: model.NodeID(from)}
		w.deliver(to)
		w.in = model.Input{Kind: model.InputJoined, Port: port, Conn: c.id, Peer: model.NodeID(to)}
		w.deliver(from)
	}
	for i := range w.servers {
		switch s := w.nodes[i].machine.(*model.Server); {
		case i == leader:
		case s.Leader() != model.NodeID(leader):
			open(i, int(s.Leader()), model.PortObserver)
		default:
			open(i, leader, model.PortQuorum)
		}
	}
	for i := range w.servers {
		for k := range min(i, w.scenario.Ensemble.Servers) { // observers speak with voters alone
			open(i, k, model.PortElection)
		}
	}
}

// forgetEnds makes a node's host forget every connection: nobody tells the other
// ends. It is what a vanished host, or a restarted one, knows.
func (w *World) forgetEnds(i int) {
	w.eachEnd(i, func(c *conn, dir int) {
		c.ends[dir].state = endGone
		w.giveUp(c, dir)
		w.reap(c)
	})
}

// eachEnd calls f for every connection end of a node, in order of who opened
// them.
func (w *World) eachEnd(i int, f func(c *conn, dir int)) {
	first, end := 0, len(w.nodes)
	if i >= w.servers && i < w.resources {
		first, end = i, i+1 // nobody opens a connection to a client
	}
	for k := first; k < end; k++ {
		for c := w.nodes[k].conns; c != nil; {
			next := c.next // f may let c go
			if c.nodes[0] == i || c.nodes[1] == i {
				f(c, c.side(i))
			}
			c = next
		}
	}
}
