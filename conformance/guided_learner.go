package conformance

import (
	"time"

	"zksim/model"
)

// pingLearner has a learner report its table.
func (c *cluster) pingLearner(i int, at int64) {
	c.step(i, at, model.Input{Kind: model.InputPacket, Conn: c.link(i), Packet: &model.Packet{Op: model.OpLeaderPing}})
}

// entered is a session having been put into a learner's table: it is reported at
// the leader's next PING (T-17), whose instant is read off the recording.
func (c *cluster) entered(i int, at int64, n int) {
	m := &c.members[i]
	if !c.follows(i) {
		return
	}
	boss, term := m.boss, m.term
	earliest, latest := at, at
	if c.fed {
		earliest = min(at, max(c.base.Lo, at-int64(Near)))
		if at <= c.warm {
			earliest, latest = min(at, c.base.Lo), max(at, c.base.Hi)
		}
	}
	span := c.nextPing(boss, earliest, latest)
	if m.asked {
		// Two entries go with one PING, or with two where one came in between. When
		// requests other than pings are taken in is not recorded.
		if at <= c.warm || c.unseen {
			c.g.optional = true
			c.g.expect(EvTouch, c.node(boss), c.sess[n].name, Span{span.Lo, span.Hi + 1}, "T-18")
			c.g.optional = c.shaken(i, at)
		}
		return
	}
	m.asked = true
	heldUp := false // the PING is, by a cut or by a stop of its leader
	if c.links.apart(i, boss, span.Lo) || c.links.apart(i, boss, at) {
		// PINGs wait for the heal, if leader and learner last so long.
		heal := c.links.healed(i, boss, max(at, span.Lo))
		heldUp, span = true, Span{heal, heal + (heal - at) + int64(resendTo)}
	}
	if stop, goesOn := c.stopWithin(boss, at, span.Hi+int64(pingRace)); stop != forEver {
		// The PING leaves before the leader stops, or when it goes on.
		if c.g.find(EvTouch, c.node(boss), c.sess[n].name, at-int64(2*time.Millisecond), stop, at) < 0 {
			heldUp, span = true, c.pingOnWaking(boss, stop, goesOn)
		}
	}
	if span.Lo >= forEver {
		return
	}
	if c.links.cutWithin(i, boss, at, span.Hi+int64(pingRace)) &&
		c.g.find(EvTouch, c.node(boss), c.sess[n].name, at-int64(2*time.Millisecond), span.Hi+c.half*3/4, span.Lo) < 0 {
		return // the PING meets the cut
	}
	when, near := span.Lo, (span.Lo+span.Hi)/2
	if heldUp || c.members[boss].silenced > at {
		near = span.Lo // a leader that goes on sends the PING that is due
	}
	// The entry may be reported by the next PING or, if the reply was under way
	// already, by the one behind it.
	earlier := int64(2 * time.Millisecond)
	if c.g.many {
		earlier = int64(Near)
	}
	k := c.g.find(EvTouch, c.node(boss), c.sess[n].name, at-earlier, span.Hi+c.half*3/4, near)
	if k >= 0 {
		when = max(at, c.g.t.Events[k].T)
	} else if end := min(c.reignEnds(boss, at), c.reignEnds(i, at)); end <= span.Hi+int64(pingRace) {
		return // perhaps one of the two has gone before the PING
	}
	c.plan(when, func(when int64) {
		if m.term != term || !c.leads(boss) {
			return // what is not delivered when the learner leaves is lost (T-19, F-3)
		}
		m.asked = false
		base := span
		if !heldUp {
			base = c.nextPing(boss, earliest, latest)
		}
		c.base, c.fed = base, true
		c.pingLearner(i, when)
		c.fed = false
		if k >= 0 {
			c.members[boss].ping = when
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
func (c *cluster) nextPing(boss int, earliest, latest int64) Span {
	m := &c.members[boss]
	if m.silenced > earliest && m.silenced != forEver {
		return c.pingOnWaking(boss, m.stoppedAt, m.silenced)
	}
	if m.ping == Absent || latest <= c.warm {
		return Span{earliest, latest + c.half}
	}
	first := c.pingFrom(m.ping, earliest-int64(pingRace))
	last := c.pingFrom(m.ping, latest+int64(pingRace))
	return Span{first, last}
}

// pingOnWaking is when a leader that was stopped sends its next PING: at once if it has
// waited h meanwhile, else within h.
func (c *cluster) pingOnWaking(boss int, stop, goesOn int64) Span {
	if goesOn-stop >= c.half {
		return instant(goesOn)
	}
	return Span{goesOn, stop + c.half}
}

// pingFrom is the first PING at an instant or later, counted from a known one.
func (c *cluster) pingFrom(known, at int64) int64 {
	turns := (at - known) / c.half
	if known+turns*c.half < at {
		turns++
	}
	return known + turns*c.half
}

// reported is a learner's answer to PING: each touch in it is predicted, and
// reaches the leader when it was recorded.
func (c *cluster) reported(i int, at int64, touches []model.Touch) {
	if c.quiet {
		return
	}
	base := c.span(at)
	boss := c.members[i].boss
	if !c.members[i].asked && !c.fed {
		base = instant(at)
	}
	for _, touch := range touches {
		n := c.numberOf(touch.Session)
		if n < 0 || c.g.many && (!c.sess[n].pinged || c.sess[n].server != i) {
			continue // start-up, which is given
		}
		name := c.sess[n].name
		c.g.optional = c.racing(boss, at)
		c.g.expect(EvTouch, c.node(boss), name, base, "T-18")
		c.g.optional = false
		when, ok := c.g.take(EvTouch, c.node(boss), name, at-int64(Near), at+c.half*3/4, at)
		if !ok {
			continue // predicted and not recorded: the tracker was not touched
		}
		link := c.link(i)
		c.plan(max(when, at), func(when int64) {
			if !c.leads(boss) {
				return
			}
			c.wake(boss, when)
			fed := c.fed
			c.fed = false
			c.step(boss, when, model.Input{Kind: model.InputPacket, Conn: link,
				Packet: &model.Packet{Op: model.OpLearnerPing, Touches: model.NewTouchTable(touch)}})
			c.fed = fed
		})
	}
}
