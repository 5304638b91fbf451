package sim

import "zksim/model"

// Heartbeats of idle sessions take a shorter way than other events: the machines'
// functions for them are called by name, and what these leave is recorded and sent
// without being collected first (see model/heartbeat.go). The records are the same.

// noShortWay has every event take the long way; tests set it.
var noShortWay bool

// pings is a client's wake at which it does nothing but ping.
func (w *World) pings(i int, n *node) bool {
	c, ok := n.machine.(*model.JavaClient)
	if !ok || noShortWay {
		return false
	}
	to, ok := c.Heartbeat(n.line.Read(w.now), &w.latest.Note)
	if !ok {
		return false
	}
	session, id := w.latest.Session, w.next
	w.leave(model.NodeID(i), &w.latest)
	if conn := w.connByID(to); conn != nil && conn.ends[0].state == endOpen {
		s := w.yard.take()
		s.what, s.cause = segData, id
		s.packet = model.Packet{Op: model.OpPing, Session: session}
		w.transmit(conn, 0, s)
	}
	w.armAt(i, n, c.Wake())
	return true
}

// pingArrived is a ping reaching its server, which answers at once, with the same segment.
func (w *World) pingArrived(c *conn, s *segment) bool {
	i := c.nodes[1]
	n := &w.nodes[i]
	server, ok := n.machine.(*model.Server)
	if !ok || n.status != statusRunning || noShortWay {
		return false
	}
	wake := server.Wake()
	if !server.Heartbeat(n.line.Read(w.now), c.id, w.next, s.cause, &w.latest.Note, &w.second.Note, &s.packet) {
		return false
	}
	w.leave(model.NodeID(i), &w.latest)
	s.cause = w.next
	w.leave(model.NodeID(i), &w.second)
	w.transmit(c, 1, s)
	if next := server.Wake(); next != wake {
		w.armAt(i, n, next)
	}
	return true
}

// answerArrived is the answer to a ping reaching its client.
func (w *World) answerArrived(c *conn, answer *segment) bool {
	i := c.nodes[0]
	n := &w.nodes[i]
	client, ok := n.machine.(*model.JavaClient)
	if !ok || n.status != statusRunning || noShortWay {
		return false
	}
	if !client.HeartbeatAnswered(n.line.Read(w.now), c.id, w.next, answer.cause, &w.latest.Note) {
		return false
	}
	w.leave(model.NodeID(i), &w.latest)
	w.armAt(i, n, client.Wake())
	w.yard.give(answer)
	return true
}
