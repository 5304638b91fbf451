package sim

import (
	"fmt"
	"strings"

	"zksim/model"
)

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

// faultWords says what a fault does: in full, or short enough for a lane.
func (t *Timeline) faultWords(f *FaultSpan, short bool) string {
	spec := &t.Scenario.Faults[f.Index]
	a, b := t.party(spec.Between), t.party(spec.And)
	switch spec.Kind {
	case FaultPartition:
		switch {
		case spec.OneWay:
			return "nothing gets from " + a + " to " + b
		case spec.Refuse:
			return a + " refused by " + b
		case short && t.reachesNone(spec):
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
		if spec.ClockStops {
			return a + " paused, clock stopped"
		}
		return a + " paused"
	case FaultDelay:
		return "delay between " + a + " and " + b
	case FaultLoss:
		return fmt.Sprintf("%g%% loss between %s and %s", spec.Probability*100, a, b)
	case FaultSlowLog:
		return "slow log at " + a
	}
	return FaultKinds[spec.Kind].Name
}

// reachesNone says whether a cut separates one client from all its servers.
func (t *Timeline) reachesNone(spec *Fault) bool {
	nodes, err := t.Scenario.Resolve(spec.Between)
	others, err2 := t.Scenario.Resolve(spec.And)
	return err == nil && err2 == nil && len(nodes) == 1 && int(nodes[0]) >= t.servers() && len(others) == t.servers()
}

// party names the nodes of one side of a fault.
func (t *Timeline) party(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	nodes, err := t.Scenario.Resolve(names)
	if err != nil {
		return strings.Join(names, ", ")
	}
	var servers, clients int
	for _, n := range nodes {
		if int(n) < t.servers() {
			servers++
		} else {
			clients++
		}
	}
	total := len(t.Nodes) - t.servers()
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

// faultWord is what the table says when a fault begins.
func (t *Timeline) faultWord(spec *Fault) string {
	// The header names the parties; they are repeated where there are several faults.
	between := ": " + t.party(spec.Between) + " and " + t.party(spec.And)
	switch {
	case len(t.Faults) == 1:
		between = ""
	case spec.OneWay:
		between = ": " + t.party(spec.Between) + " to " + t.party(spec.And)
	}
	switch spec.Kind {
	case FaultPartition:
		if spec.OneWay {
			return "NETWORK CUT one way" + between
		}
		if spec.Refuse {
			return "CONNECTIONS REFUSED" + between
		}
		return "NETWORK CUT" + between
	case FaultDelay:
		return "DELAY" + between
	case FaultLoss:
		return fmt.Sprintf("LOSS of %g%%", spec.Probability*100) + between
	case FaultSlowLog:
		return "SLOW LOG: " + t.party(spec.Between)
	}
	return "" // the nodes concerned have records of their own
}

// strikesNode says whether a fault of processes concerns a node.
func (t *Timeline) strikesNode(spec *Fault, n model.NodeID) bool {
	nodes, err := t.Scenario.Resolve(spec.Between)
	if err != nil {
		return false
	}
	for _, m := range nodes {
		if m == n {
			return true
		}
	}
	return false
}

// inForceUntil is when a fault stops mattering: at its end, for a dead process when
// it starts again, otherwise not within the run.
func (t *Timeline) inForceUntil(f *FaultSpan) Moment {
	if f.End.Happened() {
		return f.End
	}
	spec := &t.Scenario.Faults[f.Index]
	if spec.Kind == FaultRestart {
		return f.Begin
	}
	if spec.Kind == FaultKill || spec.Kind == FaultLose {
		for i := range t.Kept {
			r := &t.Kept[i]
			if r.Kind == KindStarted && r.ID > f.Begin.Record && t.strikesNode(spec, r.Node) {
				return Moment{Record: r.ID, At: r.At, Node: r.Node}
			}
		}
	}
	return Moment{}
}
