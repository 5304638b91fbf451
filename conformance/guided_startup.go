package conformance

import (
	"slices"
	"time"

	"zksim/model"
)

// started says that the client's first handshake lies behind: what comes before
// is given.
func (g *guide) started() bool { return g.client != nil && g.client.upAt > 0 }

// open is the first attempt. How long a virtual machine takes to make it is
// no rule's business.
func (c *ledClient) open(at int64) {
	c.step(at, instant(at), "", model.Input{Kind: model.InputCommand, Command: model.CommandOpen})
}

// sessionUp is a handshake answered as recorded.
func (c *ledClient) sessionUp(at int64) {
	first := c.upAt == 0
	if first && c.row.up == "" {
		c.tcpUp(at)
	}
	if first {
		c.upAt = at
	}
	c.ups = append(c.ups, at)
	c.retryDelay, c.upConn = kazooFirstDelay, c.current
	s := &c.g.servers.sess[c.g.servers.sessionNumber("")]
	reply := s.reply
	if reply.Op != model.OpConnect || reply.Timeout == 0 {
		reply = model.Packet{Op: model.OpConnect, Reply: true, Session: max(s.id, 1), Password: 1, Timeout: int32(c.g.t.Header.Client.NegotiatedMs)}
	}
	if c.conns[c.current] != nil && c.conns[c.current].foreign {
		c.session++
		reply = model.Packet{Op: model.OpConnect, Reply: true, Session: model.SessionID(1)<<55 | model.SessionID(c.session), Password: 1, Timeout: reply.Timeout}
		if reply.Timeout == 0 {
			reply.Timeout = int32(c.g.t.Header.Client.NegotiatedMs)
		}
	}
	c.feed(at, model.Input{Kind: model.InputPacket, Packet: &reply})
	if first {
		c.create(at)
	}
}

// used is the answer to the application's first request, the creation of its node.
// When that was sent is not recorded: between the handshake and its answer.
func (c *ledClient) used(at int64) {
	c.feed(at, model.Input{Kind: model.InputPacket, Packet: &model.Packet{Op: model.OpCreate, Req: model.OpCreate, Reply: true, Xid: 1, Zxid: 1}})
}

// javaMargin is the idle time from which on the Java client pings a second early (C-9).
const javaMargin = int64(time.Second)

// create plans when the first request arrived. At the leader its touch shows it. A
// learner takes it in before the PING that reports it and behind the one before.
func (c *ledClient) create(up int64) {
	k := c.g.find(EvReady, string(ClassClient), "", up, forEver, up)
	conn, s := c.conns[c.current], c.g.servers
	if k < 0 || conn == nil {
		return
	}
	ready := c.g.t.Events[k].T
	if c.row.pings != pingsByServer {
		c.loose = max(ready-up, 0)
	}
	p := model.NewJavaTimers(int32(c.g.t.Header.Client.NegotiatedMs), 1).Ping * 1e6
	pinged := slices.ContainsFunc(c.pings, func(p sentPing) bool { return p.sent > up && p.sent < ready })
	if late := c.loose - min(p, javaMargin) + int64(TouchNear); late > 0 && !pinged {
		// Without a ping before the answer the request was sent at most p before it, and no
		// more than a second, or the answer would have come with a ping (C-9b).
		late = min(late, c.loose)
		c.m.Backdate(-time.Duration(late))
		c.loose -= late
	}
	span := Span{up, max(ready, up+1)}
	arrived := up
	if s.leads(conn.server) {
		if t, ok := c.g.take(EvTouch, s.node(s.leader), "", up-int64(Near), ready, up); ok {
			arrived = max(t, up)
		}
	} else if first := c.g.find(EvTouch, s.node(s.leader), "", up, ready, up); first >= 0 {
		// Both learners report the new session with one PING; what comes behind is the
		// request's.
		behind := c.g.t.Events[first].T + int64(Near)
		if next := c.g.find(EvTouch, s.node(s.leader), "", behind-int64(Near)+s.half*3/4, ready+s.half+int64(TouchNear), behind); next >= 0 {
			arrived = min(behind, ready)
		}
	}
	id := c.current
	c.g.plan(arrived, func() {
		s.send(conn.server, c.g.now, span, id, model.Packet{Op: model.OpCreate, Path: VictimPath, Xid: 1})
	})
}
