package sim

import (
	"zksim/clock"
	"zksim/model"
)

// States of a connection as its server has it.
const (
	stateAttached = "attached"
	stateHalfOpen = "half-open" // the client is gone, and the server does not know
)

// attempts are what the client does to reach a server once it has had its session.
func (d *drawing) attempts() {
	t, s, p := d.t, d.s, d.p
	p.Attempts = []Attempt{}
	if !s.Up.Happened() {
		return
	}
	var now *Attempt
	peer, why := model.NoNode, ""
	end := func(m Moment, outcome, words string) {
		if now != nil {
			now.ToNS, now.Open, now.Outcome, now.Words, now.End = int64(m.At), false, outcome, words, uint64(m.Record)
		}
		now, why = nil, ""
	}
	tb := t.tableOf(s)
	turns := t.turnsOf(s)
	take := func(until model.RecordID) {
		for ; len(turns) > 0 && turns[0].Record < until; turns = turns[1:] {
			switch turn := &turns[0]; turn.What {
			case TurnConnected:
				end(turn.Moment, "connected", "connected")
			case TurnExpired:
				if s.Refused.Happened() {
					end(turn.Moment, "expired", "session gone")
				} else {
					end(turn.Moment, "abandoned", "given up")
				}
			case TurnClosed, TurnKilled:
				end(turn.Moment, "abandoned", "given up")
			}
		}
	}
	for i := range t.Kept {
		r := &t.Kept[i]
		take(r.ID)
		m := momentOf(r)
		switch {
		case r.Kind == model.KindNotServing && r.Peer == s.Client && r.Node == peer:
			why = "not serving"
		case r.Kind == model.KindReadOnlyRefused && r.Peer == s.Client && r.Node == peer:
			why = "read-only"
		case r.Kind == model.KindZxidAhead && r.Session == s.Session && r.Node == peer:
			why = "behind the client"
		case r.ID < s.Up.Record || !tb.mine(r):
		case r.Kind == model.KindAttempt:
			end(m, "abandoned", "given up")
			if len(p.Attempts) == maxPictureAttempts {
				p.Cut = append(p.Cut, "attempts")
				return
			}
			p.Attempts = append(p.Attempts, Attempt{FromNS: int64(r.At), ToNS: int64(t.End), Open: true, Server: t.who(r.Peer), Outcome: "open", Words: "tries " + t.who(r.Peer), Record: uint64(r.ID)})
			now, peer = &p.Attempts[len(p.Attempts)-1], r.Peer
		case r.Kind == model.KindAttemptFailed && r.Text == "no answer":
			end(m, "unanswered", "no answer")
		case r.Kind == model.KindAttemptFailed:
			end(m, "refused", r.Text)
		case r.Kind == model.KindDropped && why != "":
			end(m, "closed", why)
		case r.Kind == model.KindDropped:
			end(m, "closed", r.Text)
		}
	}
	take(^model.RecordID(0))
}

// attached is the server that the client is attached to, as that server sees it: it may
// hold a connection for open that its client has given up. The lane follows the latest
// connection.
func (d *drawing) attached() {
	t, s, p := d.t, d.s, d.p
	var lane []stretch
	var servers []model.NodeID
	var now stretch
	server := model.NoNode
	stop := func(at clock.Instant) {
		if server != model.NoNode && at > now.from {
			now.to = at
			lane, servers = append(lane, now), append(servers, server)
		}
	}
	turn := func(m Moment, state string, words ...string) {
		stop(m.At)
		now = stretch{from: m.At, record: m.Record, state: state, labels: words}
	}
	quit := func(at clock.Instant) {
		stop(at)
		server = model.NoNode
	}
	turns := t.turnsOf(s)
	take := func(until model.RecordID) {
		for ; len(turns) > 0 && turns[0].Record < until; turns = turns[1:] {
			switch next := &turns[0]; next.What {
			case TurnConnected:
				turn(next.Moment, stateAttached, "attached to "+t.who(next.Server), t.who(next.Server))
				server = next.Server
			case TurnDisconnected, TurnExpired, TurnClosed, TurnKilled:
				if server != model.NoNode && now.state == stateAttached {
					turn(next.Moment, stateHalfOpen, "still open at "+t.who(server), "still open")
				}
			}
		}
	}
	for i := range t.Kept {
		r := &t.Kept[i]
		take(r.ID)
		switch {
		case server == model.NoNode || r.Node != server:
		case r.Kind == model.KindConnectionClosed && r.Session == s.Session, r.Kind == KindKilled:
			quit(r.At)
		case r.Kind == KindPaused:
			turn(momentOf(r), statePaused, t.who(server)+" stands still", "stands still")
		case r.Kind == KindResumed && now.state == statePaused:
			turn(momentOf(r), stateAttached, "attached to "+t.who(server), t.who(server))
			if !t.connectedAt(s, r.ID) {
				now.state, now.labels = stateHalfOpen, []string{"still open at " + t.who(server), "still open"}
			}
		}
	}
	take(^model.RecordID(0))
	quit(t.End)
	p.Attached = d.bars("attached", lane)
	for i := range p.Attached {
		p.Attached[i].Server = t.who(servers[i])
		p.Attached[i].Role = t.roleAt(servers[i], lane[i].from)
	}
}

// connectedAt says whether a story's client believed to be connected when a record was
// made.
func (t *Timeline) connectedAt(s *Story, id model.RecordID) bool {
	connected := false
	for _, turn := range t.turnsOf(s) {
		if turn.Record > id {
			break
		}
		if turn.What.tells() {
			connected = turn.What == TurnConnected
		}
	}
	return connected
}

// roleAt is what a server is at an instant, for the clients it has.
func (t *Timeline) roleAt(n model.NodeID, at clock.Instant) string {
	switch {
	case int(n) >= t.Scenario.Ensemble.Servers:
		return model.RoleObserver.String()
	case !t.ensemble():
		return model.RoleStandalone.String()
	}
	for i := range t.Reigns {
		if r := &t.Reigns[i]; r.Leader == n && r.From.At <= at && (!r.To.Happened() || at < r.To.At) {
			return model.RoleLeader.String()
		}
	}
	return model.RoleFollower.String()
}

// touches are those that decided something, as the text form's table has them.
func (d *drawing) touches() {
	s, p := d.s, d.p
	p.Touches = []PictureTouch{}
	add := func(touch *Touch, use string) {
		if !touch.Happened() {
			return
		}
		for i := range p.Touches {
			if p.Touches[i].Record == uint64(touch.Record) {
				return
			}
		}
		if len(p.Touches) == maxPictureInstants {
			return
		}
		words, rule := d.t.touchWords(s, touch)
		pt := PictureTouch{AtNS: int64(touch.At), TimeoutNS: int64(touch.Timeout), SumNS: int64(touch.At.Add(touch.Timeout)), DeadlineNS: int64(touch.Deadline),
			Use: use, By: touch.By, Node: d.t.who(touch.Node), Words: words, Rule: rule, Record: uint64(touch.Record)}
		if touch.Through != model.NoNode {
			pt.Through = d.t.who(touch.Through)
		}
		if m := touch.Message; m.Happened() {
			pt.MessageNS, pt.Message, pt.Ping, pt.SentBy = int64(m.At), uint64(m.Record), touch.Ping, touch.SentBy
		}
		p.Touches = append(p.Touches, pt)
	}
	for i := range s.Marks {
		if m := &s.Marks[i]; m.Fate == FateEffective {
			add(&m.Touch, "counts")
		}
	}
	for i := range s.Marks {
		if m := &s.Marks[i]; m.Fate != FateEffective {
			add(&m.Touch, "vain")
		}
	}
	if !s.Marked.Happened() && s.Eventful && s.Saving.Happened() {
		add(&s.Saved, "saved")
		add(&s.Saving, "saving")
	}
	for i := range s.Afresh {
		add(&s.Afresh[i], "afresh")
	}
}

// edges are those of the tracker's buckets in view: of the server that leads with a
// quorum, or of the one that alone tracks a local session (T-23).
func (d *drawing) edges() {
	t, p := d.t, d.p
	p.Edges = []int64{}
	tick := t.Scenario.Ensemble.Tick.Milliseconds()
	if tick <= 0 || (p.ToNS-p.FromNS)/(tick*1e6) > maxPictureEdges {
		p.Cut = append(p.Cut, "edges_ns")
		return
	}
	add := func(n model.NodeID, from, to clock.Instant) {
		from, to = max(from, clock.Instant(p.FromNS)), min(to, clock.Instant(p.ToNS))
		c := &t.clocks[n]
		start := c.Read(from)
		for k := start.Millis() / tick; len(p.Edges) < 2*maxPictureEdges; k++ {
			if clock.ReadingOfMillis(k*tick) < start {
				continue
			}
			edge := c.When(clock.ReadingOfMillis(k * tick))
			if edge > to {
				return
			}
			if n := len(p.Edges); edge >= from && (n == 0 || int64(edge) > p.Edges[n-1]) {
				p.Edges = append(p.Edges, int64(edge))
			}
		}
	}
	led := !d.s.Touch.Happened()
	for i := range t.Reigns {
		led = led || t.Reigns[i].Leader == d.s.Touch.Node
	}
	if !led {
		add(d.s.Touch.Node, 0, t.End)
		return
	}
	for i := range t.Reigns {
		r := &t.Reigns[i]
		to := t.End
		if r.To.Happened() {
			to = r.To.At
		}
		add(r.Leader, r.From.At, to)
	}
}

var roleWords = map[role]string{roleClient: "client", roleCluster: "cluster", roleGap: "gap", roleFault: "fault"}

// brackets are the lengths of the story.
func (d *drawing) brackets() {
	d.p.Brackets = []Bracket{}
	for i, iv := range d.t.lengths(d.s) {
		if i == maxPictureInstants {
			break
		}
		d.p.Brackets = append(d.p.Brackets, Bracket{Kind: iv.kind, FromNS: int64(iv.span.From), ToNS: int64(iv.span.To), LengthNS: int64(iv.length),
			Open: iv.span.Open, Words: iv.words[0], Short: iv.words[1:], Role: roleWords[iv.role]})
	}
}
