package sim

import (
	"fmt"
	"strings"

	"zksim/model"
)

// maxMisled bounds the misled clients that are named.
const maxMisled = 3

// intervals lists the durations of a story, each under its own name.
func (t *Timeline) intervals(p *page, s *Story) {
	type row struct {
		name, value, remark string
		role                role
	}
	var rows []row
	add := func(name, value, remark string, r role) { rows = append(rows, row{name, value, remark, r}) }
	open := func(sp Span) string {
		if sp.Open {
			return ", still open when the run ends"
		}
		return ""
	}
	marked := "marked" + t.markedBy(s)
	switch {
	case s.Detection.Exists:
		add("detection", t.length(s.Detection), t.beginning(s)+" to "+marked, roleCluster)
	case s.Marked.Happened():
		add("detection", "none", "no fault came before the mark", roleCluster)
	case len(s.Marks) > 0:
		add("detection", "none", "no mark took effect within the run", roleCluster)
	case t.forGood() && t.ensemble():
		add("detection", "none", "never marked within the run: without a leader nothing expires (F-16)", roleCluster)
	case t.forGood():
		add("detection", "none", "never marked within the run: without a server nothing expires (F-16)", roleCluster)
	default:
		add("detection", "none", "never marked within the run", roleCluster)
	}
	switch {
	case s.Warning.Exists && s.Warning.Length() >= 0:
		add("warning", t.length(s.Warning), "told "+t.word(s.Client, model.MeansLost)+" before "+marked, roleClient)
	case s.Warning.Exists:
		add("warning", t.length(s.Warning), "told "+t.word(s.Client, model.MeansLost)+" only after "+marked, roleClient)
	case s.Left.Happened():
	case s.Marked.Happened():
		add("warning", "none", "never told "+t.word(s.Client, model.MeansLost), roleClient)
	}
	switch {
	case s.Gap.Exists && s.Gap.Open:
		add("knowledge gap", t.length(s.Gap), marked+" to the end of the run: never learned within the run", roleGap)
	case s.Gap.Exists:
		add("knowledge gap", t.length(s.Gap), marked+" to told "+t.toldWord(s), roleGap)
	case s.Left.Happened():
		add("knowledge gap", "none", "the client had gone on with another session", roleGap)
	case s.Verdict == VerdictDead:
		add("knowledge gap", "none", "the client never learns: it is dead", roleGap)
	case s.Marked.Happened():
		add("knowledge gap", "none", "the client was told first", roleGap)
	}
	switch {
	case s.Owned && s.Killed.Happened() && s.Killed.Record < s.OthersNotice.Record:
		add("zombie", "none", "the application is dead", roleGap)
	case s.Owned && s.Waits == (Zombie{}) && s.told().Happened():
		why := "the client was told before the node was gone"
		if s.Verdict == VerdictGaveUp {
			why = "the client was told first"
		}
		add("zombie", "none", why, roleGap)
	case s.Owned:
		from := " (others see the node gone from " + t.instant(s.OthersNotice.At) + " s)"
		if len(s.Seen) == 0 {
			from = " (nobody watches; gone at the leader from " + t.instant(s.OthersNotice.At) + " s)"
		}
		add("zombie", seconds(roundMillis(s.Stops.Length)), "if the application stops on "+t.word(s.Client, model.MeansLost)+standing(s.Stops), roleGap)
		add("", seconds(roundMillis(s.Waits.Length)), "if it waits for "+t.word(s.Client, model.MeansExpired)+standing(s.Waits)+from, roleGap)
	case s.Marked.Happened():
		add("zombie", "none", zombieless(s), roleGap)
	}
	switch {
	case s.Orphan.Exists && s.Marked.Happened():
		add("orphan", t.length(s.Orphan), "client told "+t.toldWord(s)+", session held until "+marked, roleCluster)
	case s.Orphan.Exists:
		add("orphan", t.length(s.Orphan), "client told "+t.toldWord(s)+", session held"+open(s.Orphan), roleCluster)
	case s.told().Happened() && !s.Marked.Happened() && !s.closing && t.forGood():
		add("orphan", "none", t.nobody()[0]+" (F-16)", roleCluster)
	case s.Marked.Happened():
		add("orphan", "none", "", roleCluster)
	}
	if len(s.Misled) > 0 {
		var who []string
		for i, m := range s.Misled {
			if i == maxMisled {
				who = append(who, count(len(s.Misled)-i, "more client"))
				break
			}
			who = append(who, t.whoAt(m))
		}
		add("misled", fmt.Sprint(len(s.Misled)), list(who)+" saw the node gone on a server that replayed its log and takes that back (Z-10), first at "+t.instant(s.Misled[0].At)+" s", roleGap)
	}
	t.marks(p, s)
	widest := 8
	for _, r := range rows {
		widest = max(widest, columns(r.value)+1)
	}
	for _, r := range rows {
		unit := " s"
		if !strings.Contains(r.value, ".") {
			unit = "  " // none, or a number of clients
		}
		p.textIn(r.role, " "+padRight(r.name, 13)+padLeft(r.value, widest)+unit+"   ", strings.Repeat(" ", 14+widest+5), r.remark)
	}
}

func standing(z Zombie) string {
	s := ""
	if z.Paused > 0 {
		s = ", its pause of " + inSeconds(z.Paused) + " s not counted"
	}
	if z.Open {
		s += ", still acting when the run ends"
	}
	return s
}

func zombieless(s *Story) string {
	switch {
	case !s.Holds.Happened():
		return "the application owns nothing"
	case !s.Committed.Happened():
		return "the end is not committed within the run"
	}
	return "its node was not there"
}

func (t *Timeline) toldWord(s *Story) string {
	if s.Expired.Happened() {
		return t.word(s.Client, model.MeansExpired)
	}
	return t.word(s.Client, model.MeansClosed)
}

// beginning names the beginning of the fault that detection counts from.
func (t *Timeline) beginning(s *Story) string {
	row := FaultKinds[t.Scenario.Faults[t.Faults[s.Fault].Index].Kind]
	switch row.Kind {
	case FaultPartition:
		return "cut"
	case FaultLose:
		return "loss of the host"
	case FaultSlowLog:
		return "slow log"
	}
	return row.Name
}
