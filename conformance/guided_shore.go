package conformance

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// shore feeds the servers what came to them from a client that no machine of the
// model leads: its requests, its returns and the ends of its connections are given
// as the servers recorded them, and what the servers make of them is compared.
func (c *cluster) shore(k int, e *Event, i int) {
	if len(c.sess) == 0 {
		return
	}
	claim := &c.g.claims[k]
	if c.g.client != nil {
		if e.Ev == EvTouch && !claim.taken && c.leads(i) {
			c.astray(i, e.T)
		}
		return
	}
	switch e.Ev {
	case EvTouch:
		if !claim.taken {
			c.landed(claim, i, e.T)
		}
	case EvPingProcessed:
		if !claim.taken && c.follows(i) {
			claim.taken, claim.input = true, true
			c.landing(i, e.T, model.Packet{Op: model.OpPing})
		}
	case EvConnectionClosed:
		if s := &c.sess[0]; s.at == i && !s.hungUp {
			claim.taken, claim.input = true, true // the client, or its kernel, closed it (H-1)
			s.hungUp = true
			c.aside(func() { c.feed(i, e.T, instant(e.T), model.Input{Kind: model.InputClosed, Conn: s.conn}) })
		}
	}
}

// astray is a touch that nothing has predicted so far. Whether it counts against the
// model is decided later; the tracker is touched all the same, so that an error is
// not carried on.
func (c *cluster) astray(i int, at int64) {
	m := &c.members[i]
	m.machine.Touch(c.sess[0].id, int32(c.g.t.Header.Client.NegotiatedMs), max(m.read, clock.Reading(at)))
}

// used is the application's first request, the creation of its node.
func (c *cluster) used(at int64) {
	if len(c.sess) == 0 {
		return
	}
	s := &c.sess[0]
	c.quiet = true
	c.send(s.at, at, instant(at), s.conn, model.Packet{Op: model.OpCreate, Path: VictimPath, Xid: 1})
	c.quiet = false
}

// landing is a request that a server took in from the client.
func (c *cluster) landing(i int, at int64, p model.Packet) {
	s := &c.sess[0]
	if s.at != i {
		return
	}
	p.Session = s.id
	c.aside(func() { c.send(i, at, instant(at), s.conn, p) })
}

// aside does something whose own record is input; what it leads to later is not.
func (c *cluster) aside(do func()) {
	book := c.g.book
	c.g.book = newBook()
	do()
	c.g.book = book
}

// landed is a touch at a leader that no report of a learner explains: a request of
// the client to the leader itself, or its return through any server. Of reports
// those of the start-up alone are given.
func (c *cluster) landed(k *claim, i int, at int64) {
	s := &c.sess[0]
	if to, ok := c.returning(at); ok && at > c.warm {
		*k = claim{taken: true, input: true}
		c.comeBack(i, to, at)
		return
	}
	if s.at != i {
		if at <= c.warm+c.half+int64(TouchNear) {
			*k = claim{taken: true, input: true}
			c.touch(0, at)
		}
		return
	}
	*k = claim{taken: true, input: true}
	op := model.OpGetData
	if k := c.g.find(EvPingProcessed, c.node(i), s.name, at, at+int64(TouchNear), at); k >= 0 {
		op = model.OpPing
		c.g.claims[k].taken = true
	}
	c.landing(i, at, model.Packet{Op: op})
	if op == model.OpPing {
		c.g.expect(EvPingProcessed, c.node(i), s.name, instant(at), "H-5")
	}
}

// returning is the server that the client is coming back through: the one that it
// said it is connecting to last, if it has done nothing since.
func (c *cluster) returning(at int64) (server int, ok bool) {
	for k := range c.g.t.Events {
		e := &c.g.t.Events[k]
		if e.T > at+int64(time.Millisecond) {
			break
		}
		if e.Class() != ClassClient {
			continue
		}
		switch {
		case e.Ev == EvTCPUp || e.Ev == EvAttempt || e.Ev == EvTold && e.Server > 0:
			if e.Server > 0 {
				server, ok = e.Server-1, true
			}
		case e.Ev == EvSessionUp || e.Ev == EvReady || e.Ev == EvTold || e.Ev == EvPing || e.Ev == EvPingReply:
			ok = false
		}
	}
	return server, ok && server < len(c.members)
}

// comeBack is the client's ConnectRequest, taken in by a server.
func (c *cluster) comeBack(boss, to int, at int64) {
	s := &c.sess[0]
	if !c.leads(boss) || c.members[to].boss != boss {
		return
	}
	s.ordinal++
	s.conn, s.at, s.hungUp = model.MakeConnID(s.node, s.ordinal), to, false
	c.feed(to, at, instant(at), model.Input{Kind: model.InputAccepted, Peer: s.node, Conn: s.conn})
	c.send(to, at, instant(at), s.conn, model.Packet{Op: model.OpConnect, Session: s.id, Password: s.reply.Password,
		Timeout: int32(c.g.t.Header.Client.RequestedMs)})
}
