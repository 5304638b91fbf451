package sim

import (
	"zksim/clock"
	"zksim/model"
)

// A transportCheck is told by the transport what becomes of each segment. While
// nobody checks there is none, and the transport asks no more than that.
type transportCheck struct {
	x     *Checker
	wires map[*conn]*[2]wireCount
}

// A wireCount counts the segments of one direction of a connection.
type wireCount struct {
	sent, delivered, dropped uint32
	last                     uint32 // the number of the one delivered last
}

func newTransportCheck(x *Checker) watcher {
	c := &transportCheck{x: x, wires: map[*conn]*[2]wireCount{}}
	x.world.tap = c
	return c
}

func (c *transportCheck) wire(of *conn, dir int) *wireCount {
	w := c.wires[of]
	if w == nil {
		w = new([2]wireCount)
		c.wires[of] = w
	}
	return &w[dir]
}

// sent numbers a segment that a process or its kernel hands over.
func (c *transportCheck) sent(of *conn, dir int) uint32 {
	w := c.wire(of, dir)
	w.sent++
	return w.sent
}

// delivered is a segment reaching the kernel at the other end. One that has forgotten
// the connection, since its host has started afresh, knows no order.
func (c *transportCheck) delivered(of *conn, dir int, number uint32) {
	w := c.wire(of, dir)
	w.delivered++
	if of.ends[1-dir].state != endGone && (number <= w.last || number > w.last+1+w.dropped) { // what is between was given up
		c.x.breaks("transport", "W-8", "on the connection of %s to %s segment %d comes after segment %d", c.x.name(model.NodeID(of.nodes[dir])), c.x.name(model.NodeID(of.nodes[1-dir])), number, w.last)
	}
	w.last = max(w.last, number)
}

// dropped are segments that nobody will send again.
func (c *transportCheck) dropped(of *conn, dir, segments int) {
	c.wire(of, dir).dropped += uint32(segments)
}

// forgotten is a connection that neither end knows any more.
func (c *transportCheck) forgotten(of *conn) {
	c.balance(of)
	delete(c.wires, of)
}

// balance wants every segment accounted for.
func (c *transportCheck) balance(of *conn) {
	for dir := range of.ends {
		w := c.wire(of, dir)
		if onWay := of.ends[dir].flight.len() + of.ends[dir].stuck.len(); int(w.sent) != int(w.delivered)+int(w.dropped)+onWay {
			c.x.breaks("transport", "W-1", "of %d segments from %s to %s %d are delivered, %d dropped and %d on their way", w.sent,
				c.x.name(model.NodeID(of.nodes[dir])), c.x.name(model.NodeID(of.nodes[1-dir])), w.delivered, w.dropped, onWay)
		}
	}
}

func (c *transportCheck) record(*Record) {}

// rest looks at what stands, and for connections that nothing will ever end.
func (c *transportCheck) rest() {
	w := c.x.world
	for i := range w.nodes {
		for of := w.nodes[i].conns; of != nil; of = of.next {
			c.balance(of)
			for dir := range of.ends {
				if !of.ends[dir].stuck.empty() && of.ends[dir].again == clock.Never {
					c.x.breaks("transport", "W-1", "%s holds %d segments for %s, and will never send them again", c.x.name(model.NodeID(of.nodes[dir])),
						of.ends[dir].stuck.len(), c.x.name(model.NodeID(of.nodes[1-dir])))
				}
			}
			if of.over() {
				c.x.breaks("transport", "W-4", "the connection of %s to %s is over at both ends, and not forgotten", c.x.name(model.NodeID(of.nodes[0])), c.x.name(model.NodeID(of.nodes[1])))
			}
		}
	}
}
