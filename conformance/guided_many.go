package conformance

import (
	"time"

	"zksim/model"
)

// quietly leads the servers along a recording of many sessions, whose clients are
// not recorded: what reaches the servers from clients is input.
func (c *cluster) quietly(k int, e *Event, i int) {
	name := e.Session
	if name == "" {
		return
	}
	n := c.sessionNumber(name)
	s := &c.sess[n]
	if s.server < 0 {
		return // the header does not know it
	}
	if !s.opened && (e.Ev == EvTouch || e.Ev == EvPingProcessed) {
		c.quiet = true
		c.open(n, e.T)
		c.quiet = false
		if e.Ev == EvTouch {
			c.g.claims[k] = claim{taken: true, input: true}
			return
		}
	}
	switch e.Ev {
	case EvTouch:
		// Start-up is given, and so is what comes from clients of the leader itself.
		if c.ahead(n, e.T) {
			break
		}
		if i == c.leader && !c.g.claims[k].taken && (s.server == c.leader || !s.pinged) {
			c.g.claims[k] = claim{taken: true, input: true}
			c.touch(n, e.T)
			if p := c.g.find(EvPingProcessed, e.Node, name, e.T-int64(time.Millisecond), e.T+int64(Near), e.T); p >= 0 {
				c.g.expect(EvPingProcessed, e.Node, name, instant(e.T), "H-5")
				c.g.claims[p].taken = true
			}
		}
	case EvPingProcessed:
		s.pinged = true
		switch {
		case i != s.server || c.g.claims[k].taken:
		case i == c.leader:
			c.g.claims[k] = claim{taken: true, input: true}
		default:
			c.g.claims[k] = claim{taken: true, input: true}
			c.aside(func() { c.send(i, e.T, instant(e.T), s.conn, model.Packet{Op: model.OpPing, Session: s.id}) })
		}
	case EvMarkedClosing:
		c.mark(e, i, name)
	}
}

// ahead says that a touch is the report of a ping whose line comes a little later: a
// learner makes the entry before it, and a PING can fall between the two.
func (c *cluster) ahead(n int, at int64) bool {
	s := &c.sess[n]
	return s.server != c.leader && c.g.find(EvPingProcessed, c.node(s.server), s.name, at, at+int64(Near), at) >= 0
}

// touch has the leader touch a session, as a client or a learner made it.
func (c *cluster) touch(n int, at int64) {
	s := &c.sess[n]
	c.quiet = true
	defer func() { c.quiet = false }()
	if s.server == c.leader {
		c.send(c.leader, at, instant(at), s.conn, model.Packet{Op: model.OpPing, Session: s.id})
		return
	}
	c.wake(c.leader, at)
	c.step(c.leader, at, model.Input{Kind: model.InputPacket, Conn: c.link(s.server),
		Packet: &model.Packet{Op: model.OpLearnerPing, Touches: model.NewTouchTable(model.Touch{Session: s.id, Timeout: int32(c.g.t.Header.Client.NegotiatedMs)})}})
}

// batched predicts the end of one session of many. Closings go through the log, and
// notices of deletions through an observer's connection, one behind another: in
// the order of the marks, each behind the one before as recorded.
func (c *cluster) batched(i int, at int64, name string) {
	server, watcher := c.node(i), nodeName(ClassObserver, i+1)
	marked := c.recordedAt(EvMarkedClosing, c.node(c.leader), name, at)
	before, follows := c.before[name]
	applied := marked
	if follows {
		applied = max(applied, c.recordedAt(EvCloseApplied, server, before, applied))
	}
	c.g.expect(EvCloseApplied, server, name, instant(applied), "Z-5")
	seen := c.recordedAt(EvCloseApplied, server, name, applied)
	if follows {
		seen = max(seen, c.recordedAt(EvSawDeleted, watcher, before, seen))
	}
	c.g.expect(EvSawDeleted, watcher, name, instant(seen), "Z-4")
}

// recordedAt is when a session's event was recorded at a node, or other.
func (c *cluster) recordedAt(ev, node, name string, other int64) int64 {
	for i := range c.g.t.Events {
		if e := &c.g.t.Events[i]; e.Ev == ev && e.Node == node && e.Session == name {
			return e.T
		}
	}
	return other
}

// queueUp notes which session was marked before each, as recorded.
func (c *cluster) queueUp() {
	c.before = map[string]string{}
	last := ""
	for i := range c.g.t.Events {
		if e := &c.g.t.Events[i]; e.Ev == EvMarkedClosing {
			if last != "" {
				c.before[e.Session] = last
			}
			last = e.Session
		}
	}
}
