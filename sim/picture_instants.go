package sim

import (
	"cmp"
	"slices"
	"strings"

	"zksim/model"
)

// Ranks of instants: what is placed first where not all have room.
const (
	rankMarked = 1 + iota
	rankLearned
	rankDisconnected
	rankConnected
	rankBegins
	rankEnds
	rankCause
	rankSeen
	rankDetail
)

// instants are the moments on which the story turns, each once.
func (d *drawing) instants() {
	t, s, p := d.t, d.s, d.p
	p.Instants = []Instant{}
	add := func(m Moment, what, lane, words, rule string, rank int, ro role) {
		if !m.Happened() {
			return
		}
		p.Instants = append(p.Instants, Instant{AtNS: int64(m.At), What: what, Lane: lane, Node: t.place(m.Node), Words: words, Rule: rule,
			Record: uint64(m.Record), Rank: rank, Role: roleWords[ro]})
	}
	for i := range t.Faults {
		if i == maxFaultRows {
			break // as in the text form
		}
		f := &t.Faults[i]
		begins, ends, rule := t.faultTurns(f)
		rank := rankEnds
		if i == 0 || i == s.Fault {
			rank = rankBegins
		}
		if !d.own(f) { // that a client was killed is told once
			add(f.Begin, "fault", "fault", begins, rule, rank, roleFault)
		}
		if until := t.inForceUntil(f); until != f.Begin && ends != "" {
			add(until, "heal", "fault", ends, rule, rankEnds, roleFault)
		}
	}
	lost, usable := t.word(s.Client, model.MeansLost), t.word(s.Client, model.MeansUsable)
	first := true
	for _, turn := range t.turnsOf(s) {
		switch turn.What {
		case TurnDisconnected:
			rank := rankDetail
			if turn.Moment == s.Disconnected {
				rank = rankDisconnected
			}
			add(turn.Moment, "disconnected", "belief", "client: "+lost, t.ruleOf(turn.Record, "C-13"), rank, roleClient)
		case TurnConnected:
			if !first {
				add(turn.Moment, "connected", "belief", "client: "+usable+" again", t.ruleOf(turn.Record, "C-25"), rankConnected, roleClient)
			}
			first = false
		case TurnKilled:
			add(turn.Moment, "killed", "process", t.who(s.Client)+" killed", t.ruleOf(turn.Record, "W-4"), rankLearned, roleFault)
		}
	}
	for i := range s.Marks {
		switch m := &s.Marks[i]; m.Fate {
		case FateEffective:
			add(m.Moment, "marked", "tracker", "cluster expires it", "T-9", rankMarked, roleCluster)
		case FateVain:
			add(m.Moment, "vain", "tracker", t.who(m.Node)+" expires it in vain", "F-9", rankConnected, roleCluster)
		default:
			add(m.Moment, "undecided", "tracker", t.who(m.Node)+" marks it, undecided", "Z-3", rankConnected, roleCluster)
		}
	}
	add(s.Committed, "committed", "tracker", "end committed", "Z-4", rankDetail, roleCluster)
	if gone := s.goneAt(); gone != s.Committed {
		add(gone, "gone", "others", "others see the node gone", "Z-4", rankDetail, roleCluster)
	}
	add(s.Next, "taken", "others", t.place(s.Next.Node)+" has the node", "Z-4", rankSeen, roleCluster)
	told := roleGap
	if s.Orphan.Exists || !s.Marked.Happened() {
		told = roleClient
	}
	add(s.LocalExpiry, "gives_up", "belief", "client gives up", t.ruleOf(s.LocalExpiry.Record, "C-20"), rankCause, roleClient)
	for i := range t.Kept {
		r := &t.Kept[i]
		switch {
		case len(p.Instants) > 2*maxPictureInstants || r.Kind != model.KindConnectionClosed || r.Session != s.Session:
		case r.Text == "idle":
			add(momentOf(r), "hangs_up", "attached", t.who(r.Node)+" hangs up: idle", r.Rule, rankDetail, roleCluster)
		case r.Text == "session ended", r.Text == "leader lost", r.Text == "leader steps down":
			add(momentOf(r), "hangs_up", "attached", t.who(r.Node)+" hangs up", r.Rule, rankDetail, roleCluster)
		}
	}
	add(s.Refused, "refused", "attached", t.place(s.Refused.Node)+" refuses to resume", t.ruleOf(s.Refused.Record, "V-5"), rankDetail, roleCluster)
	add(s.Expired, "expired", "belief", "client: "+t.word(s.Client, model.MeansExpired), t.ruleOf(s.Expired.Record, "C-30"), rankLearned, told)
	add(s.Closed, "closed", "belief", "client: "+t.word(s.Client, model.MeansClosed), t.ruleOf(s.Closed.Record, "C-35"), rankLearned, told)
	add(s.Left, "left", "belief", "goes on with another session", "C-33", rankLearned, roleClient)
	for i := range t.Reigns {
		if i > 0 || !t.led() {
			add(t.Reigns[i].From, "leads", "tracker", t.who(t.Reigns[i].Leader)+" leads", t.ruleOf(t.Reigns[i].From.Record, "F-18"), rankCause, roleCluster)
		}
	}
	slices.SortStableFunc(p.Instants, func(a, b Instant) int { return cmp.Compare(a.Record, b.Record) })
	if len(p.Instants) <= maxPictureInstants {
		return
	}
	// The lightest go first, of those the latest.
	p.Cut = append(p.Cut, "instants")
	slices.SortStableFunc(p.Instants, func(a, b Instant) int { return cmp.Compare(a.Rank, b.Rank) })
	p.Instants = p.Instants[:maxPictureInstants]
	slices.SortStableFunc(p.Instants, func(a, b Instant) int { return cmp.Compare(a.Record, b.Record) })
}

// own says whether a fault is the death of the story's client and of nobody else.
func (d *drawing) own(f *FaultSpan) bool {
	kind := d.t.Scenario.Faults[f.Index].Kind
	return (kind == FaultKill || kind == FaultLose || kind == FaultRestart) && len(f.Struck) == 1 && f.Struck[0] == d.s.Client &&
		slices.ContainsFunc(d.t.turnsOf(d.s), func(turn Turn) bool { return turn.What == TurnKilled && turn.At == f.Begin.At })
}

// place is a node's name for people, and the world's where there is none.
func (t *Timeline) place(n model.NodeID) string {
	if n < 0 {
		return "world"
	}
	return t.who(n)
}

// ruleOf is the rule of a record that was kept, or else the usual one.
func (t *Timeline) ruleOf(id model.RecordID, usual string) string {
	if i, ok := slices.BinarySearchFunc(t.Kept, id, func(r Record, id model.RecordID) int { return cmp.Compare(r.ID, id) }); ok && t.Kept[i].Rule != "" {
		return t.Kept[i].Rule
	}
	return usual
}

// faultTurns are the words for the beginning of a fault and for its end, and the rule of
// what it does.
func (t *Timeline) faultTurns(f *FaultSpan) (begins, ends, rule string) {
	spec := &t.Scenario.Faults[f.Index]
	a, _ := t.parties(f)
	rule = t.faultRule(spec, false)
	switch spec.Kind {
	case FaultPartition:
		if spec.Refuse {
			return "connections refused", "accepted again", rule
		}
		return "network cut", "healed", rule
	case FaultKill:
		return a + " killed", a + " starts again", "W-4"
	case FaultLose:
		return a + " lost", a + " starts again", "W-4"
	case FaultRestart:
		return a + " restarted", "", "W-4"
	case FaultPause:
		if spec.EventsOnly {
			return a + ": event thread paused", "event thread runs on", "G-4"
		}
		return a + " paused", a + " runs on", "G-1"
	case FaultReconfig:
		return "reconfiguration", "", rule
	case FaultClockStep:
		return "wall clock set", "", rule
	}
	kind := strings.ReplaceAll(FaultKinds[spec.Kind].Name, "_", " ")
	return kind, kind + " ends", rule
}
