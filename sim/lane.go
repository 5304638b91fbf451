package sim

import (
	"cmp"
	"fmt"
	"slices"

	"zksim/clock"
	"zksim/model"
)

// A stretch is a time in which one thing holds on a lane of a story: what a row of the
// text form and a [Bar] of a [Picture] are drawn from.
type stretch struct {
	from, to clock.Instant
	record   model.RecordID // that it begins with
	state    string         // see Bar
	told     string         // of a gap: what the client takes itself for
	labels   []string       // the words for it, the longest first
}

// States of stretches and bars.
const (
	stateConnected    = "connected"    // the application may use the session
	stateDisconnected = "disconnected" // it cannot know
	stateGap          = "gap"          // the cluster has ended the session, and it has not been told
	stateExpired      = "expired"      // told
	stateClosed       = "closed"       // told, or by itself
	stateDead         = "dead"         // the process
	stateLeft         = "left"         // gone on with another session (C-33)
	stateAlive        = "alive"        // the cluster holds the session
	stateOrphan       = "orphan"       // it does, for nobody
	stateNobody       = "nobody"       // no server leads: nothing expires (F-16)
	stateClosing      = "closing"      // marked, not yet committed
	stateEnded        = "ended"        // expired by the cluster
	stateThere        = "there"        // others see the node
	stateGone         = "gone"         // and do not
	stateTaken        = "taken"        // and see another's
)

// beliefLane is what a story's client believes. Once the cluster has ended the session
// and the client has not been told, that is a gap.
func (t *Timeline) beliefLane(s *Story) []stretch {
	turns := t.turnsOf(s)
	limit := t.End
	if s.Left.Happened() {
		limit = min(limit, s.Left.At)
	}
	var lane []stretch
	for i := range turns {
		turn := &turns[i]
		end := stretch{from: turn.At, to: t.afterwards(s, turn.Record), record: turn.Record}
		switch turn.What {
		case TurnExpired:
			end.state, end.labels = stateExpired, []string{t.word(s.Client, model.MeansExpired)}
		case TurnClosed:
			end.state, end.labels = stateClosed, []string{t.word(s.Client, model.MeansClosed)}
		case TurnKilled:
			end.state, end.labels = stateDead, []string{"dead: never learns", "dead"}
		}
		if end.state != "" {
			return append(lane, end)
		}
		if !turn.What.tells() {
			continue
		}
		until := limit
		for j := i + 1; j < len(turns); j++ {
			if turns[j].What.tells() || turns[j].What == TurnKilled {
				until = turns[j].At
				break
			}
		}
		state, word := stateConnected, t.word(s.Client, model.MeansUsable)
		if s.readOnly {
			word = t.word(s.Client, model.MeansReadOnly)
		}
		if turn.What == TurnDisconnected {
			state, word = stateDisconnected, t.word(s.Client, model.MeansLost)
		}
		switch marked := s.Marked; {
		case !marked.Happened() || until <= marked.At:
			lane = append(lane, stretch{turn.At, until, turn.Record, state, "", []string{word}})
		case turn.At >= marked.At:
			lane = append(lane, stretch{turn.At, until, turn.Record, stateGap, state, []string{"only " + word, word}})
		default:
			still := "still " + word
			if turn.What == TurnDisconnected {
				still = "still only " + word
			}
			lane = append(lane, stretch{turn.At, marked.At, turn.Record, state, "", []string{word}},
				stretch{marked.At, until, marked.Record, stateGap, state, []string{still, "still " + word, "not told"}})
		}
	}
	if s.Left.Happened() {
		lane = append(lane, stretch{s.Left.At, t.End, s.Left.Record, stateLeft, "", []string{"another session", "another"}})
	}
	return lane
}

// afterwards is until when a client has no other session, and no other process, after a
// record.
func (t *Timeline) afterwards(s *Story, id model.RecordID) clock.Instant {
	for _, turn := range t.turns[int(s.Client)-t.servers()] {
		if turn.Record > id && (turn.What == TurnConnected || turn.What == TurnStarted) {
			return turn.At
		}
	}
	return t.End
}

// clusterLane is how long the cluster holds a story's session. A mark that took no
// effect cuts it, and is not its end.
func (t *Timeline) clusterLane(s *Story) []stretch {
	if !s.Made.Happened() {
		return nil
	}
	end, over := t.End, stretch{}
	switch {
	case s.Marked.Happened():
		end, over = s.Marked.At, stretch{s.Marked.At, t.End, s.Marked.Record, stateEnded, "", []string{"ended"}}
	case s.closing:
		end, over = s.Committed.At, stretch{s.Committed.At, t.End, s.Committed.Record, stateClosed, "", []string{"closed"}}
	}
	var lane []stretch
	from := stretch{from: s.Made.At, record: s.Made.Record}
	hold := func(to clock.Instant, state string, labels ...string) {
		from.state, from.labels = state, labels
		for i := range s.Marks {
			if m := &s.Marks[i]; m.Fate != FateEffective && m.At > from.from && m.At < to {
				from.to = m.At
				lane = t.heldFor(lane, from)
				from.from, from.record = m.At, m.Record
			}
		}
		from.to = to
		lane = t.heldFor(lane, from)
		from.from = to
	}
	if s.Orphan.Exists {
		hold(s.Orphan.From, stateAlive, "session alive", "alive")
		from.record = s.told().Record
		hold(end, stateOrphan, "orphan: held for nobody", "orphan")
	} else {
		hold(end, stateAlive, "session alive", "alive")
	}
	if over.state != "" {
		lane = append(lane, over)
	}
	return lane
}

// heldFor adds a stretch of what the servers hold. While none of them leads, nothing
// expires.
func (t *Timeline) heldFor(lane []stretch, s stretch) []stretch {
	to := s.to
	for i := range t.gaps {
		g := &t.gaps[i]
		until := g.to.At
		if !g.to.Happened() {
			until = clock.Never
		}
		if until <= s.from || g.from.At >= to {
			continue
		}
		if g.from.At > s.from {
			s.to = g.from.At
			lane = append(lane, s)
		}
		none := stretch{max(s.from, g.from.At), min(until, to), g.from.Record, stateNobody, "", t.nobody()}
		if n := len(lane) - 1; n >= 0 && lane[n].state == stateNobody && lane[n].to == none.from {
			lane[n].to = none.to
		} else {
			lane = append(lane, none)
		}
		s.from, s.record = none.to, g.to.Record
	}
	if s.from < to {
		s.to = to
		lane = append(lane, s)
	}
	return lane
}

// othersLane is how long other clients see the node of a story, and who has it next.
func (t *Timeline) othersLane(s *Story) []stretch {
	var lane []stretch
	path := singleWidth(s.Path)
	state, labels := stateThere, []string{path + " is there", "node is there", "there"}
	for owner, n := s, 0; owner != nil && owner.Holds.Happened() && n < maxOwners; n++ {
		if owner != s {
			state, labels = stateTaken, []string{t.whose(owner) + " has it", t.whose(owner)}
		}
		gone, next := owner.goneAt(), t.heldBy(owner.Next)
		end := t.End
		if gone.Happened() {
			end = gone.At
		}
		lane = t.heldFor(lane, stretch{owner.Holds.At, end, owner.Holds.Record, state, "", labels})
		if !gone.Happened() {
			break
		}
		end = t.End
		if next != nil {
			end = max(next.Holds.At, gone.At)
		}
		lane = append(lane, stretch{gone.At, end, gone.Record, stateGone, "", []string{path + " gone", "gone"}})
		owner = next
	}
	return lane
}

// leadersLane is who led with a quorum when.
func (t *Timeline) leadersLane() []stretch {
	var lane []stretch
	until := func(m Moment) clock.Instant {
		if m.Happened() {
			return m.At
		}
		return t.End
	}
	for i := range t.gaps {
		g := &t.gaps[i]
		lane = append(lane, stretch{g.from.At, until(g.to), g.from.Record, stateNobody, "", []string{"none", "no"}})
	}
	for i := range t.Reigns {
		r := &t.Reigns[i]
		lane = append(lane, stretch{r.From.At, until(r.To), r.From.Record, stateAlive, "", []string{t.who(r.Leader), fmt.Sprint(r.Leader + 1)}})
	}
	return lane
}

func sortStretches(lane []stretch) {
	slices.SortStableFunc(lane, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
}

// faultStretch is when a fault was in force, and whether it was done at once.
func (t *Timeline) faultStretch(f *FaultSpan) (s stretch, done bool) {
	spec := &t.Scenario.Faults[f.Index]
	until := t.inForceUntil(f)
	s = stretch{from: f.Begin.At, to: t.End, record: f.Begin.Record}
	switch {
	case until.Happened():
		s.to = until.At
	case spec.Kind == FaultClockStep || spec.Kind == FaultReconfig:
		s.to = f.Begin.At
	}
	kind := FaultKinds[spec.Kind].Name
	words := t.faultWords(f, true)
	s.labels = []string{words, kind}
	switch spec.Kind {
	case FaultPartition:
		s.labels = []string{words, "cut off", "cut"}
		if spec.Refuse {
			s.labels = []string{words, "refused"}
		}
	case FaultDelay, FaultSlowLog:
		s.labels = []string{words, moreTime(spec), kind}
	case FaultLoss:
		s.labels = []string{words, fmt.Sprintf("%g%% loss", spec.Probability*100), "loss"}
	}
	return s, spec.Kind == FaultClockStep || spec.Kind == FaultReconfig || spec.Kind == FaultRestart
}

// States of a process.
const (
	stateRunning = "running"
	stateDeaf    = "deaf" // its event thread stands still (L-J7)
	statePaused  = "paused"
)

// processLane is what a client's process does, from the start of the run.
func (t *Timeline) processLane(client model.NodeID) []stretch {
	turns := t.turns[int(client)-t.servers()]
	var lane []stretch
	now := stretch{state: stateRunning}
	dead, paused, deaf := false, false, false
	words := map[string]string{stateRunning: "runs", stateDeaf: "event thread paused", statePaused: "stands still", stateDead: "dead"}
	turn := func(m Moment) {
		state := stateRunning
		switch {
		case dead:
			state = stateDead
		case paused:
			state = statePaused
		case deaf:
			state = stateDeaf
		}
		if state != now.state {
			now.to, now.labels = m.At, []string{words[now.state]}
			lane = append(lane, now)
			now = stretch{from: m.At, record: m.Record, state: state}
		}
	}
	take := func(until model.RecordID, turns []Turn) []Turn {
		for len(turns) > 0 && turns[0].Record < until {
			switch turns[0].What {
			case TurnKilled:
				dead, paused, deaf = true, false, false
			case TurnStarted:
				dead = false
			case TurnPaused:
				paused = true
			case TurnResumed:
				paused = false
			}
			turn(turns[0].Moment)
			turns = turns[1:]
		}
		return turns
	}
	for i := range t.Kept {
		r := &t.Kept[i]
		if r.Kind == KindCommand && r.Node == client && (r.Text == "stop events" || r.Text == "run events") {
			turns = take(r.ID, turns)
			deaf = r.Text == "stop events"
			turn(momentOf(r))
		}
	}
	take(^model.RecordID(0), turns)
	now.to, now.labels = t.End, []string{words[now.state]}
	return append(lane, now)
}
