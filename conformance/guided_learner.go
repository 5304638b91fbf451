package conformance

import (
	"time"

	"zksim/model"
)

// pingLearner has a learner report its table.
func (c *cluster) pingLearner(i int, at int64) {
	c.step(i, at, model.Input{Kind: model.InputPacket, Conn: model.MakeConnID(model.NodeID(i), 0), Packet: &model.Packet{Op: model.OpLeaderPing}})
}

// entered is a session having been put into a learner's table: it is reported at
// the leader's next PING (T-17), whose instant is read off the recording.
func (c *cluster) entered(i int, at int64, n int) {
	if c.asked[i] {
		return
	}
	c.asked[i] = true
	earliest, latest := at, at
	if c.fed {
		earliest = min(at, max(c.base.Lo, at-int64(Near)))
		if at <= c.warm {
			earliest, latest = min(at, c.base.Lo), max(at, c.base.Hi)
		}
	}
	span := c.nextPing(earliest, latest)
	when := span.Lo
	// The entry may be reported by the next PING or, if the reply was under way
	// already, by the one behind it.
	k := c.g.find(EvTouch, c.node(c.leader), c.sess[n].name, at-int64(2*time.Millisecond), span.Hi+c.half*3/4, (span.Lo+span.Hi)/2)
	if k >= 0 {
		when = max(at, c.g.t.Events[k].T)
	}
	c.plan(when, func(when int64) {
		c.asked[i] = false
		c.base, c.fed = c.nextPing(earliest, latest), true
		known := k >= 0
		c.pingLearner(i, when)
		c.fed = false
		if known {
			c.ping = when
		}
	})
}

// pingRace is how near to a PING a learner's entry may lie for the rules to leave
// open which PING reports it: threads of the learner race, and the leader's loop
// takes h and a little more.
const pingRace = 5 * time.Millisecond

// nextPing is when the leader's next PING after an entry, made between two
// instants, is answered: anywhere within h until the touches of the start-up have
// shown the phase, and h after h from there on (T-17).
func (c *cluster) nextPing(earliest, latest int64) Span {
	if c.ping == Absent || latest <= c.warm {
		return Span{earliest, latest + c.half}
	}
	first := c.pingFrom(earliest - int64(pingRace))
	last := c.pingFrom(latest + int64(pingRace))
	return Span{first, last}
}

// pingFrom is the first PING at an instant or later.
func (c *cluster) pingFrom(at int64) int64 {
	turns := (at - c.ping) / c.half
	if c.ping+turns*c.half < at {
		turns++
	}
	return c.ping + turns*c.half
}

// reported is a learner's answer to PING: each touch in it is predicted, and
// reaches the leader when it was recorded.
func (c *cluster) reported(i int, at int64, touches []model.Touch) {
	if c.quiet {
		return
	}
	base := c.span(at)
	if !c.asked[i] && !c.fed {
		base = instant(at)
	}
	for _, touch := range touches {
		n := c.numberOf(touch.Session)
		if n < 0 || c.g.many && (!c.sess[n].pinged || c.sess[n].server != i) {
			continue // start-up, which is given
		}
		name := c.sess[n].name
		rule := "T-18"
		c.g.expect(EvTouch, c.node(c.leader), name, base, rule)
		when, ok := c.g.take(EvTouch, c.node(c.leader), name, at-int64(Near), at+c.half*3/4, at)
		if !ok {
			continue // predicted and not recorded: the tracker was not touched
		}
		c.plan(max(when, at), func(when int64) {
			c.wake(c.leader, when)
			fed := c.fed
			c.fed = false
			c.step(c.leader, when, model.Input{Kind: model.InputPacket, Conn: model.MakeConnID(model.NodeID(i), 0),
				Packet: &model.Packet{Op: model.OpLearnerPing, Touches: model.NewTouchTable(touch)}})
			c.fed = fed
		})
	}
}
