package conformance

import "zksim/model"

// noted turns what a server noted into predictions.
func (c *cluster) noted(i int, at int64, n *model.Note) {
	c.g.optional = c.shaken(i, at) || buffered(n) && c.racing(i, at)
	defer func() { c.g.optional = false }()
	number := c.numberOf(n.Session)
	name := ""
	if number >= 0 {
		name = c.sess[number].name
	}
	switch n.Kind {
	case model.KindMarked:
		c.marks[markOf{i, number}] = at
		if !c.quiet {
			// Who was stopped polls what is overdue when it goes on (T-8, G-5).
			bucket := max(n.A, c.members[i].silenced/1e6)
			c.g.expectMark(EvMarkedClosing, c.node(i), name, instant(bucket*1e6), n.Rule, bucket)
		}
		return
	case model.KindTouchRecorded:
		if number >= 0 && !c.quiet {
			c.entered(i, at, number)
		}
		return
	}
	if c.quiet {
		return
	}
	span := c.span(at)
	if c.fed && c.rule != "" {
		carried := *n
		carried.Rule = c.rule
		n = &carried
	}
	switch n.Kind {
	case model.KindRearmed:
		c.g.expect(EvTouch, c.node(i), name, span, "F-15")
	case model.KindTouch, model.KindTouchFailed:
		if n.Text != "learner" && n.Text != "creation" {
			c.g.expect(EvTouch, c.node(i), name, span, touchRule(n))
		}
	case model.KindPingProcessed:
		if c.leads(i) {
			span = instant(at) // its touch has shown when it came
		}
		c.g.expect(EvPingProcessed, c.node(i), name, span, n.Rule)
	case model.KindCloseApplied:
		if marked, ok := c.marks[markOf{c.members[i].boss, number}]; ok {
			span = instant(marked) // c of Z-5 is zero
		}
		if c.g.many {
			c.batched(i, at, name)
			return
		}
		c.g.expect(EvCloseApplied, c.node(i), name, span, "Z-5")
	case model.KindNodeDeleted:
		c.g.expect(EvEphemeralsDeleted, c.node(i), name, instant(at), n.Rule)
		c.plan(c.recordedOr(EvEphemeralsDeleted, i, name, at), func(when int64) { c.deleted(i, name, when) })
	case model.KindMoved:
		if n.Text == model.OpPing.String() {
			// The line is written before the answer is decided.
			c.g.expect(EvPingProcessed, c.node(i), name, span, n.Rule)
		}
	case model.KindConnectionClosed:
		c.connectionClosed(i, at, name, n)
	case model.KindRefused:
		c.g.expect(EvRevalidationRefused, c.node(i), name, span, n.Rule)
	}
}

// buffered says that a note is about something that waited in a socket, or about the
// end of a connection.
func buffered(n *model.Note) bool {
	switch n.Kind {
	case model.KindTouch, model.KindTouchFailed, model.KindPingProcessed, model.KindMoved, model.KindRefused, model.KindConnectionClosed:
		return n.Rule != "Z-6"
	}
	return false
}

// connectionClosed predicts the line of a server that closes a connection. Before it
// has settled whose session a connection carries, it has none to name.
func (c *cluster) connectionClosed(i int, at int64, name string, n *model.Note) {
	if c.g.many || n.Rule == "V-1" || n.Rule == "V-3" || n.Session == 0 && n.Rule == "H-1" {
		return
	}
	span := c.span(at)
	if n.Rule == "H-2" {
		// At an edge, whenever the server is asked, or when it goes on.
		span = instant(floorTo(at, int64(idleCheck))).after(c.members[i].silencedSince(at))
	}
	c.g.expect(EvConnectionClosed, c.node(i), name, span, n.Rule)
}

func touchRule(n *model.Note) string {
	if n.Kind == model.KindTouchFailed {
		return "V-4"
	}
	return n.Rule
}
