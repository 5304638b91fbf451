package sim

import (
	"fmt"
	"slices"

	"zksim/model"
)

// maxOthers bounds the other sessions that get a line of their own.
const maxOthers = 4

// others sums up the sessions that are not drawn.
func (t *Timeline) others(p *page, drawn *Story) {
	var rest []*Story
	untouched := 0
	for _, s := range t.Stories {
		switch {
		case s == drawn || s.Client == model.NoNode:
		case s.Eventful || s.Holds.Happened():
			rest = append(rest, s)
		default:
			untouched++
		}
	}
	never := t.never()
	if len(rest) == 0 && untouched == 0 && (len(never) == 0 || drawn == nil) {
		return
	}
	p.blank()
	if len(rest) > maxOthers {
		t.summary(p, rest)
	} else {
		for _, s := range rest {
			p.text(" also          ", "               ", t.whose(s)+": "+t.oneLine(s))
		}
	}
	switch {
	case len(never) > maxOthers:
		p.text(" also          ", "               ", count(len(never), "client")+" never got a session")
	case len(never) > 0:
		p.text(" also          ", "               ", list(never)+" never got a session")
	}
	if untouched > 0 {
		p.text(" also          ", "               ", count(untouched, "session")+" to which nothing happened")
	}
}

// never lists the clients that got no session.
func (t *Timeline) never() []string {
	had := make([]bool, len(t.Nodes))
	for _, s := range t.Stories {
		if s.Client != model.NoNode {
			had[s.Client] = true
		}
	}
	var names []string
	for n := t.servers(); n < t.ends(); n++ {
		if !had[n] {
			names = append(names, t.who(model.NodeID(n)))
		}
	}
	return names
}

func (t *Timeline) oneLine(s *Story) string {
	line := t.outcome(s)
	for i := range s.Marks {
		m := &s.Marks[i]
		switch m.Fate {
		case FateVain:
			line += fmt.Sprintf("; marked in vain by %s at %s s", t.who(m.Node), t.instant(m.At))
		case FateOpen:
			line += fmt.Sprintf("; marked by %s at %s s, undecided", t.who(m.Node), t.instant(m.At))
		}
	}
	return line
}

// outcome is how a session's story ends, in a few words.
func (t *Timeline) outcome(s *Story) string {
	switch s.Verdict {
	case VerdictLearned:
		return fmt.Sprintf("expired at %s s, told at %s s", t.instant(s.Marked.At), t.instant(s.told().At))
	case VerdictNeverLearned:
		return fmt.Sprintf("expired at %s s, not told within the run", t.instant(s.Marked.At))
	case VerdictDead:
		return fmt.Sprintf("expired at %s s; the client is dead", t.instant(s.Marked.At))
	case VerdictGaveUp:
		if s.Marked.Happened() {
			return fmt.Sprintf("told %s at %s s, expired at %s s", t.toldWord(s), t.instant(s.told().At), t.instant(s.Marked.At))
		}
		return fmt.Sprintf("told %s at %s s, %s", t.toldWord(s), t.instant(s.told().At), t.held())
	case VerdictDeadHeld:
		return fmt.Sprintf("dead from %s s, %s", t.instant(s.Killed.At), t.held())
	case VerdictLeft:
		line := fmt.Sprintf("left for another session at %s s", t.instant(s.Left.At))
		if s.Marked.Happened() {
			line += fmt.Sprintf(", ended at %s s", t.instant(s.Marked.At))
		}
		return line
	case VerdictClosed:
		return fmt.Sprintf("closed by the client at %s s", t.instant(s.Committed.At))
	}
	if t.forGood() {
		return "not expired, " + t.held()
	}
	return "alive when the run ends"
}

// held says who holds a session when the run ends that was not expired.
func (t *Timeline) held() string {
	if t.forGood() {
		if t.ensemble() {
			return "known only to the logs"
		}
		return "known only to the log of a dead server"
	}
	return "held by the cluster to the end of the run"
}

// summary counts what happened to many sessions.
func (t *Timeline) summary(p *page, rest []*Story) {
	var expired, told, survived, gaveUp, dead, closed, left, untold, vain, open int
	var firstMark, lastMark, firstTold, lastTold Moment
	for _, s := range rest {
		if s.Marked.Happened() {
			expired++
			widen(&firstMark, &lastMark, s.Marked)
		}
		if slices.ContainsFunc(s.Marks, func(m Mark) bool { return m.Fate == FateVain }) {
			vain++
		}
		if s.pending() != nil {
			open++
		}
		switch s.Verdict {
		case VerdictLearned:
			told++
			widen(&firstTold, &lastTold, s.told())
		case VerdictNeverLearned:
			untold++
		case VerdictSurvived:
			survived++
		case VerdictGaveUp:
			gaveUp++
		case VerdictDead, VerdictDeadHeld:
			dead++
		case VerdictClosed:
			closed++
		case VerdictLeft:
			left++
		}
	}
	line := fmt.Sprintf("%d other sessions: %d expired", len(rest), expired)
	if expired > 0 {
		line += fmt.Sprintf(", first at %s s, last at %s s", t.instant(firstMark.At), t.instant(lastMark.At))
	}
	p.text(" also          ", "               ", line)
	if told > 0 {
		p.text("               ", "               ", fmt.Sprintf("%d were told afterwards, first at %s s, last at %s s", told, t.instant(firstTold.At), t.instant(lastTold.At)))
	}
	alive := "alive when the run ends"
	if t.forGood() {
		alive = "not expired, " + t.held()
	}
	for _, row := range []struct {
		n    int
		what string
	}{
		{untold, "expired and not told within the run"},
		{gaveUp, "given up by their clients first"},
		{dead, "whose clients are dead"},
		{closed, "closed by their clients"},
		{left, "left by their clients for others"},
		{survived, alive},
		{vain, "marked in vain"},
		{open, "marked, undecided when the run ends"},
	} {
		if row.n > 0 {
			p.text("               ", "               ", fmt.Sprintf("%d %s", row.n, row.what))
		}
	}
}

func widen(first, last *Moment, m Moment) {
	if !first.Happened() || m.At < first.At {
		*first = m
	}
	if !last.Happened() || m.At > last.At {
		*last = m
	}
}
