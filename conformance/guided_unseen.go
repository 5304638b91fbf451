package conformance

import (
	"time"

	"zksim/model"
)

// This file stands in for what the recordings of some libraries lack: pings that only
// the servers tell of, TCP coming up, and sessions that a library opens in place of
// one that has ended.

// A served is a ping that a server processed.
type served struct {
	at     int64
	server int
}

// pingsTold reads pings off the servers' part, where nothing else tells of them. What
// was held up by a cut says nothing about when it was sent.
func (c *ledClient) pingsTold() {
	if c.row.pings != pingsByServer {
		return
	}
	since, server := int64(Absent), -1
	for i := range c.g.t.Events {
		e := &c.g.t.Events[i]
		switch {
		case e.Class() == ClassClient && c.row.tells(e) == tellsSession:
			since, server = e.T, e.Server-1
		case e.Ev == EvPingProcessed && e.Class() == ClassServer && since != Absent && e.NodeID()-1 == server:
			c.served = append(c.served, served{e.T, server})
			if !c.g.path.cutBetween(server, since, e.T) {
				c.pings = append(c.pings, sentPing{e.T - c.g.oneWay, Absent})
			}
		}
	}
}

// pingSteps has the machine send what pingsTold has found, and hear the answers that
// are not recorded.
func (c *ledClient) pingSteps(steps []plan) []plan {
	if c.row.pings != pingsByServer {
		return steps
	}
	answered := false
	for i := range c.g.t.Events {
		answered = answered || c.g.t.Events[i].Ev == EvPingReply
	}
	for _, p := range c.pings {
		steps = append(steps, plan{at: p.sent, do: func() { c.match(EvPing, p.sent) }})
	}
	for _, s := range c.served {
		if back := s.at + c.g.oneWay; !answered {
			steps = append(steps, plan{at: back, do: func() {
				if conn := c.conns[c.current]; conn != nil && c.current == c.upConn && conn.server == s.server && !c.g.path.lost(s.server, back, false) {
					c.pong(back)
				}
			}})
		}
	}
	return steps
}

// upUnseen lets a connection come up where the recording does not tell: when the
// path allows it, and where that leaves an interval, as the servers' part shows.
func (c *ledClient) upUnseen(at int64, id model.ConnID, server int, up Span) {
	way := c.g.way(at)
	next, unsure := c.g.path.unsure(server, at, up)
	up = up.then(way).then(way)
	if c.g.servers.closedPort(server, up.Hi) {
		return
	}
	when := up.Lo
	if boss := c.g.servers.members[server].boss; up.drawn() && boss != nobody {
		when = up.Hi
		if k := c.g.find(EvTouch, c.g.servers.node(boss), "", up.Lo, up.Hi+int64(TouchNear), up.Lo); k >= 0 {
			when = max(c.g.t.Events[k].T-c.g.oneWay, up.Lo)
		} else if unsure {
			if when = next.Hi; when > at+c.k {
				return
			}
		}
	}
	c.g.plan(when, func() {
		if id == c.current && !c.conns[id].closed {
			c.tcpUp(c.g.now)
		}
	})
}

// creationMost bounds how long a new session takes to be created: c of Z-5, of which
// nothing is known here.
const creationMost = int64(250 * time.Millisecond)

// anew is the ConnectRequest for a session in place of one that has ended. The servers'
// part of the recording knows nothing of it.
func (c *ledClient) anew(at int64, id model.ConnID, conn *ledConn) {
	conn.foreign = true
	way := c.g.way(at)
	if m := &c.g.servers.members[conn.server]; m.boss == nobody && !m.dead {
		c.hungUp(at+way.Lo, id) // V-1
	}
	if !c.g.servers.commits(conn.server, at) {
		return // perhaps when there is a quorum again
	}
	c.g.expect(c.row.session, string(ClassClient), "", Span{at + 2*way.Lo, at + 2*way.Hi + creationMost}, "Z-5")
}

// kazooFirstDelay is the first wait of kazoo between two cycles, before it is spread
// by 0.6 to 1.4 (L-K6).
const kazooFirstDelay = int64(100 * time.Millisecond)

// kazoo waits T/3 less a jitter of up to 400 ms, in steps of 10 ms, and no less than
// that jitter (L-K2, L-K4).
const (
	jitterStep = int64(10 * time.Millisecond)
	jitterMost = 40
)

// third is T/3, ns.
func (c *ledClient) third() int64 { return c.g.t.Header.Client.NegotiatedMs * 1e6 / 3 }

// shortest is the jitter that makes the wait shortest, in steps.
func (c *ledClient) shortest() int64 { return min(jitterMost, c.third()/2/jitterStep) }

// jitterSlack is by how much longer the wait can be.
func (c *ledClient) jitterSlack() int64 { return c.shortest()*jitterStep + jitterStep }

func (c *ledClient) drawJitter() uint64 {
	steps, index := int64(jitterMost), c.shortest()-1
	if c.quiet {
		steps, index = jitterMost+1, c.shortest()
	}
	return uint64(1<<63) / uint64(steps) * uint64(2*index+1)
}

// drawBackoff draws the wait before an attempt as short as can be, so that it shows
// where the interval begins (C-17), but as long as can be where Curator gives the handle
// up before it makes the attempt.
func (c *ledClient) drawBackoff() uint64 {
	now := int64(c.read)
	for i := range c.g.t.Events {
		e := &c.g.t.Events[i]
		if e.Class() != ClassClient || e.T < now-int64(TouchNear) {
			continue
		}
		switch {
		case c.row.tells(e) == tellsAttempt || e.T > now+int64(time.Second):
			return 0
		case e.Ev == EvInject && e.T >= now:
			return 1<<64 - 1
		}
	}
	return 0
}

// drawRetry draws the wait between two cycles so that it ends when the next attempt
// was recorded, if it can.
func (c *ledClient) drawRetry(n uint64) uint64 {
	const spread = 0.4
	now := int64(c.read)
	// A copy of the machine may have drawn the same before.
	delay, ok := c.retried[n]
	if !ok {
		delay = c.retryDelay
		c.retried[n] = delay
	}
	least, most := float64(delay)*(1-spread), float64(delay)*(1+spread)
	c.retry = Span{now + int64(least), now + int64(most)}
	wait := least
	for i := range c.g.t.Events {
		if e := &c.g.t.Events[i]; e.Class() == ClassClient && c.row.tells(e) == tellsAttempt && e.T > now {
			wait = min(max(float64(e.T-now), least), most)
			break
		}
	}
	c.retryDelay = int64(2 * wait)
	u := (wait - least) / (most - least)
	return uint64(min(u, 0.999999)*(1<<53)) << 11
}
