package conformance

import (
	"time"

	"zksim/model"
)

// A ledConn is one connection of the client.
type ledConn struct {
	server int
	stuck  []stuck // sent and not arrived, in order; the last may be a FIN
	last   int64   // when what was sent last is taken in
	unsure int64   // when something was sent whose acknowledgement is lost; Absent for none
	closed bool
	up     bool // TCP is up
	// foreign says that it carries a session that the servers' part of the recording
	// knows nothing of: one that the library has opened in place of the first.
	foreign bool
}

type stuck struct {
	packet  model.Packet
	fin     bool
	perhaps bool  // whether it was sent at all is a race that nothing recorded decides
	rtt     int64 // of a ping that was answered, ns; Absent otherwise
}

// way is how long a packet takes from client to server, or back, that leaves at an
// instant.
func (g *guide) way(at int64) Span {
	s := g.path.slowed(at)
	return Span{g.oneWay + s.Lo, g.oneWay + s.Hi}
}

// then is the span moved by another.
func (s Span) then(by Span) Span { return Span{s.Lo + by.Lo, s.Hi + by.Hi} }

// connecting predicts when an attempt's connection comes up, or has it refused where
// nobody listens.
func (c *ledClient) connecting(at int64, id model.ConnID) {
	server := c.conns[id].server
	up, ok := c.g.path.connects(server, at, c.k)
	if !ok {
		if up, ok = c.g.path.connects(server, at, c.k+c.k/synLate+1); !ok || up.Lo > at+c.k+int64(Near) || c.row.up == "" {
			return
		}
		// The last repetition of the SYN and the end of the client's patience race.
		c.g.optional = true
		c.g.expect(c.row.up, string(ClassClient), "", up.then(c.g.way(at)).then(c.g.way(at)), "W-2")
		c.g.optional = false
		return
	}
	way := c.g.way(at)
	if c.row.up == "" {
		c.upUnseen(at, id, server, up)
	}
	if c.g.servers.closedPort(server, up.Hi) {
		c.g.plan(up.Hi+2*way.Lo, func() {
			if id == c.current && !c.conns[id].closed {
				c.feed(c.g.now, model.Input{Kind: model.InputClosed, Reason: model.ReasonRefused})
			}
		})
		return
	}
	rule := "W-2"
	if c.g.path.open(server, at) {
		rule = "C-4"
	}
	if next, unsure := c.g.path.unsure(server, at, up); unsure {
		up.Hi = next.Hi
		c.g.optional = next.Hi > at+c.k
	}
	optional := c.g.optional
	c.g.optional = false
	if c.row.up == "" {
		return
	}
	// Whoever gives the attempt up before that sees nothing of it.
	c.g.plan(up.Lo, func() {
		if conn := c.conns[id]; conn.up || id == c.current && !conn.closed {
			c.g.optional = optional
			c.g.expect(c.row.up, string(ClassClient), "", up.then(way).then(way), rule)
			c.g.optional = false
		}
	})
}

// answerable says that a ping sent at an instant would be answered and so be
// recorded.
func (c *ledClient) answerable(at int64) bool {
	conn := c.conns[c.current]
	back := at + 2*c.g.way(at).Hi + int64(5*time.Millisecond)
	if conn == nil || c.g.path.cutBetween(conn.server, at, back) || back >= c.g.end || !c.g.servers.answers(conn.server, at, back) {
		return false
	}
	for _, f := range c.g.t.Faults() {
		if f.At >= at && f.At < back {
			return false
		}
	}
	return conn != nil && len(conn.stuck) == 0 && conn.unsure == Absent
}

// effect carries out what the machine asks of the world.
func (c *ledClient) effect(at int64, span Span, e *model.Effect) {
	switch e.Kind {
	case model.EffectDial:
		c.current, c.refused = e.Conn, false
		c.conns[e.Conn] = &ledConn{server: int(e.Peer), unsure: Absent}
	case model.EffectClose:
		c.send(at, instant(at), e.Conn, stuck{fin: true})
	case model.EffectSend:
		switch e.Packet.Op {
		case model.OpConnect, model.OpCreate:
			return // tcpUp and used see to these
		case model.OpPing:
			c.send(at, span, e.Conn, stuck{packet: e.Packet, perhaps: c.race(at) || c.waking(at), rtt: c.roundTrip(at)})
		default:
			c.send(at, instant(at), e.Conn, stuck{packet: e.Packet, rtt: Absent})
		}
	}
}

// sendRace is how near to the end of the client's patience a ping may be due for
// the rules to leave open whether it is sent: R is twice p, so the second ping into
// a cut is due a round trip before silence is noticed, and the first one, from
// which it counts, is in no recording.
const sendRace = 15 * time.Millisecond

// race says whether the machine, having sent a ping, gives up right behind it.
func (c *ledClient) race(at int64) bool {
	w, ok := c.due()
	return ok && w-at < int64(sendRace)
}

// waking says that the client, whose pings only the servers tell of, has just been
// continued: whether it pings before it makes the requests of its application is left
// open.
func (c *ledClient) waking(at int64) bool {
	return c.row.pings == pingsByServer && c.resumed > 0 && at-c.resumed < int64(Near)
}

// send puts something on its way to a server.
func (c *ledClient) send(at int64, span Span, id model.ConnID, s stuck) {
	conn := c.conns[id]
	if conn == nil || conn.closed {
		return
	}
	conn.closed = s.fin
	if conn.foreign {
		return
	}
	p := &c.g.path
	switch {
	case len(conn.stuck) > 0:
		conn.stuck = append(conn.stuck, s) // nothing overtakes (W-8)
	case p.lost(conn.server, at, true):
		c.strand(at, id, conn, s)
	case p.lost(conn.server, at, false) && conn.unsure != Absent && at > conn.unsure+int64(resendFrom):
		c.strand(conn.unsure, id, conn, s) // W-3
	default:
		if p.lost(conn.server, at, false) && conn.unsure == Absent {
			conn.unsure = at
		}
		base := span.then(c.g.way(at))
		if s.rtt > 0 {
			base = span.then(instant(s.rtt / 2))
		}
		c.arrive(at, base, id, conn, s, "")
	}
}

// strand keeps what was lost until the kernel's repetition gets through (W-1).
func (c *ledClient) strand(first int64, id model.ConnID, conn *ledConn, s stuck) {
	conn.stuck = append(conn.stuck, s)
	span, ok := c.g.path.resumes(conn.server, first, 2*c.g.oneWay, c.twoWrites)
	if !ok {
		return
	}
	// A ping that arrives is recorded as processed, a FIN alone as the connection
	// closed. Where neither is, the kernel came late; what happens until then decides
	// what becomes of the connection.
	ev := EvPingProcessed
	if s.fin {
		ev = EvConnectionClosed
	}
	when := span.Hi
	if k := c.g.find(ev, c.g.servers.node(conn.server), "", span.Lo-int64(TouchNear), span.Hi+int64(TouchNear), span.Lo); k >= 0 {
		when = c.g.t.Events[k].T - int64(time.Millisecond)
	}
	c.g.plan(when, func() {
		all := conn.stuck
		conn.stuck, conn.unsure = nil, Absent
		for _, s := range all {
			c.arrive(c.g.now, span, id, conn, s, "W-1")
		}
	})
}

// arrive feeds a server what was predicted for a span, when the recording has it.
// The rule is that of the path, where that decided when it came.
func (c *ledClient) arrive(at int64, span Span, id model.ConnID, conn *ledConn, s stuck, rule string) {
	ev := EvPingProcessed
	switch {
	case s.fin:
		ev = EvConnectionClosed
	case c.g.servers.leads(conn.server):
		ev = EvTouch
	case s.packet.Op != model.OpPing:
		ev = "" // nothing tells when a learner took it in
	}
	span = span.after(c.g.servers.silencedAt(conn.server, at))
	when := max(span.Lo, at)
	if s.perhaps && s.packet.Op == model.OpPing && c.waking(at) &&
		c.g.find(EvPingProcessed, c.g.servers.node(conn.server), "", at-int64(Near), span.Hi+int64(TouchNear), when) < 0 {
		return // the line of a ping, where there is a touch of something else
	}
	if ev != "" {
		const late = int64(400 * time.Millisecond)
		from, to := min(at, span.Lo)-int64(5*time.Millisecond), span.Hi+late
		if span.drawn() && !s.fin && at > span.Lo {
			from, to = at-int64(Near), at+max(s.rtt, 0)+int64(Near)
		}
		if t, ok := c.g.take(ev, c.g.servers.node(conn.server), "", from, to, when); ok {
			when = max(t, c.g.now)
		} else if s.perhaps {
			return
		}
	}
	// What was read before the end of the stream is taken in first, also where a thread
	// is late with it (T-14, W-8).
	when = max(when, conn.last)
	conn.last = when
	c.g.plan(when, func() {
		c.g.servers.rule, c.g.servers.unseen = rule, ev == ""
		defer func() { c.g.servers.rule, c.g.servers.unseen = "", false }()
		if s.fin {
			c.g.servers.feed(conn.server, when, span, model.Input{Kind: model.InputClosed, Conn: id})
			return
		}
		if servers := c.g.servers; servers.racing(conn.server, when) && !servers.members[conn.server].machine.Carries(id) {
			// It was read before the connection was closed, whatever the model's order (G-5).
			c.g.optional = true
			c.g.expect(EvTouch, servers.node(conn.server), "", span, "T-12")
			c.g.optional = false
			return
		}
		c.g.servers.send(conn.server, when, span, id, s.packet)
	})
}

// reconnect is the ConnectRequest of a returning session, on its way to a server.
func (c *ledClient) reconnect(at int64, id model.ConnID, conn *ledConn, p model.Packet) {
	s := c.g.servers
	if p.Session == 0 {
		c.anew(at, id, conn)
		return
	}
	base := instant(at).then(c.g.way(at)).after(s.silencedAt(conn.server, at))
	when := base.Lo
	if boss := s.members[conn.server].boss; boss != nobody && base.Lo < forEver {
		from, to := base.Lo-int64(5*time.Millisecond), base.Hi+int64(200*time.Millisecond)
		if t, ok := c.g.take(EvTouch, s.node(boss), "", from, to, base.Lo); ok {
			when = max(t, at)
		}
	}
	conn.last = max(conn.last, when)
	c.g.plan(when, func() {
		s.feed(conn.server, when, base, model.Input{Kind: model.InputAccepted, Peer: id.Initiator(), Conn: id})
		s.send(conn.server, when, base, id, p)
	})
}

// roundTrip is that of the answered ping that was sent at an instant, Absent if the
// recording has none. A stalled round trip says little about its two halves.
func (c *ledClient) roundTrip(at int64) int64 {
	for i := range c.pings {
		if distance(c.pings[i].sent, at) < int64(3*time.Millisecond) {
			return c.pings[i].rtt
		}
	}
	return Absent
}
