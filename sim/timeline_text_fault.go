package sim

import (
	"fmt"
	"strconv"
	"strings"

	"zksim/model"
)

// faultSentences are the header's words for the faults of the run, and for those
// of the scenario that did not come.
func (t *Timeline) faultSentences() []string {
	var sentences []string
	came := make([]bool, len(t.Scenario.Faults))
	for i := range t.Faults {
		came[t.Faults[i].Index] = true
		sentences = append(sentences, t.faultSentence(&t.Faults[i]))
	}
	for i := range t.Scenario.Faults {
		if came[i] {
			continue
		}
		spec := &t.Scenario.Faults[i]
		words := t.faultWords(&FaultSpan{Index: i, never: true}, false)
		if spec.When != TriggerNone {
			if spec.After > 0 {
				words += fmt.Sprintf(" %s s after ", inSeconds(spec.After)) + t.triggerWords(spec)
			} else {
				words += " when " + t.triggerWords(spec)
			}
		}
		sentences = append(sentences, words+": did not happen")
	}
	return sentences
}

// triggerWords say what a fault waits for.
func (t *Timeline) triggerWords(spec *Fault) string {
	who, node := "nobody", model.NodeID(t.servers())
	if spec.Of != "" {
		who = singleWidth(spec.Of)
		if nodes, err := t.Scenario.Resolve([]string{spec.Of}); err == nil && len(nodes) > 0 {
			node = nodes[0]
		}
	} else if t.ends() > t.servers() {
		who = t.who(node)
	}
	switch spec.When {
	case TriggerSessionUp:
		return who + "'s session was established"
	case TriggerDisconnected:
		return who + " was told " + t.word(node, model.MeansLost)
	case TriggerMarked:
		return who + "'s session expired"
	case TriggerCommitted:
		return "the end of " + who + "'s session was committed"
	case TriggerNodeGone:
		return who + "'s node was gone"
	case TriggerExpired:
		return who + " was told " + t.word(node, model.MeansExpired)
	}
	return Triggers[spec.When-1].Name
}

// faultSentence says in the header what a fault does, and when.
func (t *Timeline) faultSentence(f *FaultSpan) string {
	when := fmt.Sprintf("from %s s", t.instant(f.Begin.At))
	row := FaultKinds[t.Scenario.Faults[f.Index].Kind]
	switch {
	case f.End.Happened():
		when = fmt.Sprintf("%s to %s s", t.instant(f.Begin.At), t.instant(f.End.At))
	case !row.Ends:
		when = fmt.Sprintf("at %s s", t.instant(f.Begin.At))
	}
	return t.faultWords(f, false) + ", " + when
}

// voterWords say who is to vote.
func voterWords(ids []int) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(id)
	}
	return "servers " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1] + " vote"
}

// faultWords says what a fault does: in full, or short enough for a lane.
func (t *Timeline) faultWords(f *FaultSpan, short bool) string {
	spec := &t.Scenario.Faults[f.Index]
	a, b := t.parties(f)
	switch spec.Kind {
	case FaultPartition:
		switch {
		case spec.OneWay:
			return "nothing gets from " + anyOf(a) + " to " + anyOf(b)
		case spec.Refuse:
			return a + " refused by " + b
		case short && t.reachesNone(f):
			return a + " reaches no server"
		case short:
			return a + " cut off from " + b
		}
		return a + " cut off silently from " + b
	case FaultKill:
		return a + " killed"
	case FaultLose:
		return a + ": host lost"
	case FaultRestart:
		return a + " restarted"
	case FaultPause:
		if spec.EventsOnly {
			return a + ": event thread paused"
		}
		if spec.ClockStops {
			return a + " paused, clock stopped"
		}
		return a + " paused"
	case FaultDelay:
		if spec.OneWay {
			return moreTime(spec) + " from " + a + " to " + b
		}
		return moreTime(spec) + " between " + a + " and " + b
	case FaultLoss:
		if spec.OneWay {
			return fmt.Sprintf("%g%% loss from %s to %s", spec.Probability*100, a, b)
		}
		return fmt.Sprintf("%g%% loss between %s and %s", spec.Probability*100, a, b)
	case FaultSlowLog:
		return moreTime(spec) + " for each flush at " + a
	case FaultReconfig:
		return "reconfiguration: " + voterWords(spec.Voters)
	case FaultClockStep:
		if spec.Step < 0 {
			return "wall clock of " + a + " set back by " + inSeconds(-spec.Step) + " s"
		}
		return "wall clock of " + a + " set forward by " + inSeconds(spec.Step) + " s"
	}
	return FaultKinds[spec.Kind].Name
}

// moreTime says how much a fault adds.
func moreTime(spec *Fault) string {
	switch {
	case spec.By == nil:
		return "nothing more"
	case spec.By.NeedsDraw():
		return spec.By.String() + " more"
	}
	return inSeconds(spec.By.Sample(0)) + " s more"
}

// anyOf turns a party around for a sentence that denies.
func anyOf(party string) string {
	if rest, ok := strings.CutPrefix(party, "all "); ok {
		return "any " + strings.TrimSuffix(rest, "s")
	}
	return party
}

// reachesNone says whether a cut separates one client from all its servers.
func (t *Timeline) reachesNone(f *FaultSpan) bool {
	return len(f.Struck) == 1 && int(f.Struck[0]) >= t.servers() && len(f.And) == t.servers()
}

// parties names both sides of a fault: whom it struck, with the roles of its instant;
// if it never came, as the scenario has it.
func (t *Timeline) parties(f *FaultSpan) (a, b string) {
	if !f.never {
		return t.party(f.Struck), t.party(f.And)
	}
	spec := &t.Scenario.Faults[f.Index]
	side := func(names []string) string {
		if spec.namesRole() {
			return "the " + list(names)
		}
		nodes, err := t.Scenario.Resolve(names)
		if err != nil {
			return list(names)
		}
		return t.party(nodes)
	}
	return side(spec.Between), side(spec.And)
}

// party names the nodes of one side of a fault.
func (t *Timeline) party(nodes []model.NodeID) string {
	var servers, clients int
	for _, n := range nodes {
		if int(n) < t.servers() {
			servers++
		} else {
			clients++
		}
	}
	total := t.ends() - t.servers()
	var words []string
	switch {
	case servers > 1 && servers == t.servers():
		words = append(words, "all servers")
	case servers > 0:
		var ids []string
		for _, n := range nodes[:servers] {
			ids = append(ids, fmt.Sprint(n+1))
		}
		s := "server "
		if servers > 1 {
			s = "servers "
		}
		words = append(words, s+list(ids))
	}
	switch {
	case clients > 1 && clients == total:
		words = append(words, "all clients")
	case clients > 3:
		words = append(words, fmt.Sprintf("%d clients", clients))
	default:
		for _, n := range nodes[servers:] {
			words = append(words, t.who(n))
		}
	}
	return list(words)
}

// faultWord is what the table says when a fault begins, and what it says when it
// ends. Both are empty if the nodes concerned have records of their own.
func (t *Timeline) faultWord(f *FaultSpan) (begins, ends string) {
	spec := &t.Scenario.Faults[f.Index]
	a, b := t.parties(f)
	// The header names the parties; they are repeated where there are several faults.
	between := ""
	switch {
	case len(t.Scenario.Faults) == 1:
	case spec.OneWay:
		between = ": " + a + " to " + b
	case FaultKinds[spec.Kind].Links:
		between = ": " + a + " and " + b
	}
	word, rest := "", ""
	switch spec.Kind {
	case FaultPartition:
		word = "network cut"
		switch {
		case spec.OneWay:
			rest = " one way"
		case spec.Refuse:
			word = "connections refused"
		}
		if between == "" {
			return strings.ToUpper(word) + rest, "HEALED"
		}
	case FaultDelay:
		word, rest = "delay", ": "+moreTime(spec)
		between = strings.Replace(between, ":", ",", 1)
	case FaultLoss:
		word, rest = "loss", fmt.Sprintf(" of %g%%", spec.Probability*100)
	case FaultSlowLog:
		word, rest = "slow log", ": "+a+", "+moreTime(spec)
	case FaultClockStep:
		word = "wall clock set forward"
		if spec.Step < 0 {
			word = "wall clock set back"
		}
		return strings.ToUpper(word) + fmt.Sprintf(" by %s s: %s", inSeconds(spec.Step.Abs()), a), ""
	case FaultReconfig:
		return "RECONFIGURATION: " + voterWords(spec.Voters), ""
	default:
		return "", ""
	}
	return strings.ToUpper(word) + rest + between, "ENDS: " + word + rest + between
}

// faultRule is the rule that says what a fault of the network does to what is sent,
// and how it goes on behind its end.
func (t *Timeline) faultRule(spec *Fault, connecting bool) string {
	switch spec.Kind {
	case FaultPartition:
		switch {
		case spec.Refuse:
			return "W-4"
		case connecting:
			return "W-2"
		case spec.OneWay:
			return "W-3"
		}
		return "W-1"
	case FaultLoss:
		return "W-7"
	case FaultSlowLog:
		return "G-9"
	case FaultReconfig:
		return "F-22"
	case FaultClockStep:
		return "K-3"
	}
	return ""
}

// inForceUntil is when a fault stops mattering: at its end, for a dead process when
// it starts again, otherwise not within the run.
func (t *Timeline) inForceUntil(f *FaultSpan) Moment {
	spec := &t.Scenario.Faults[f.Index]
	if spec.Kind == FaultPause && !spec.EventsOnly {
		// A process that is killed stands still no more, and its successor never did.
		dead := map[model.NodeID]bool{}
		for i := range t.Kept {
			r := &t.Kept[i]
			if r.Kind == KindKilled && r.ID > f.Begin.Record && among(f.Struck, r.Node) && (!f.End.Happened() || r.ID < f.End.Record) {
				dead[r.Node] = true
				if len(dead) == len(f.Struck) {
					return Moment{Record: r.ID, At: r.At, Node: r.Node}
				}
			}
		}
	}
	if f.End.Happened() {
		return f.End
	}
	if spec.Kind == FaultRestart {
		return f.Begin
	}
	if spec.Kind == FaultKill || spec.Kind == FaultLose {
		for i := range t.Kept {
			r := &t.Kept[i]
			if r.Kind == KindStarted && r.ID > f.Begin.Record && among(f.Struck, r.Node) {
				return Moment{Record: r.ID, At: r.At, Node: r.Node}
			}
		}
	}
	return Moment{}
}
