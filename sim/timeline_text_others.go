package sim

import (
	"fmt"

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
	if len(rest) == 0 && untouched == 0 {
		return
	}
	p.blank()
	if len(rest) > maxOthers {
		t.summary(p, rest)
	} else {
		for _, s := range rest {
			p.text(" also          ", "               ", t.who(s.Client)+": "+t.oneLine(s))
		}
	}
	if untouched > 0 {
		p.text(" also          ", "               ", count(untouched, "session")+" to which nothing happened")
	}
}

func (t *Timeline) oneLine(s *Story) string {
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
		return fmt.Sprintf("told %s at %s s, held by the cluster to the end of the run", t.toldWord(s), t.instant(s.told().At))
	case VerdictDeadHeld:
		return fmt.Sprintf("dead from %s s, held by the cluster to the end of the run", t.instant(s.Killed.At))
	case VerdictClosed:
		return fmt.Sprintf("closed by the client at %s s", t.instant(s.Committed.At))
	}
	return "alive when the run ends"
}

// summary counts what happened to many sessions.
func (t *Timeline) summary(p *page, rest []*Story) {
	var expired, told, survived, gaveUp, dead, closed int
	var firstMark, lastMark, firstTold, lastTold Moment
	for _, s := range rest {
		if s.Marked.Happened() {
			expired++
			widen(&firstMark, &lastMark, s.Marked)
		}
		switch s.Verdict {
		case VerdictLearned:
			told++
			widen(&firstTold, &lastTold, s.told())
		case VerdictSurvived:
			survived++
		case VerdictGaveUp:
			gaveUp++
		case VerdictDead, VerdictDeadHeld:
			dead++
		case VerdictClosed:
			closed++
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
	for _, row := range []struct {
		n    int
		what string
	}{
		{expired - told - gaveUp - dead, "expired and not told within the run"},
		{gaveUp, "given up by their clients first"},
		{dead, "whose clients are dead"},
		{closed, "closed by their clients"},
		{survived, "alive when the run ends"},
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
