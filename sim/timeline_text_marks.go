package sim

import (
	"fmt"
	"strings"
	"time"
)

// markedBy adds to the word marked whose mark it is, where there are several.
func (t *Timeline) markedBy(s *Story) string {
	if len(s.Marks) > 1 && s.Marked.Happened() {
		return " by " + t.who(s.Marked.Node)
	}
	return ""
}

// marks says what became of each mark, unless the only one took effect, and which of
// them the figures use.
func (t *Timeline) marks(p *page, s *Story) {
	if len(s.Marks) == 0 || len(s.Marks) == 1 && s.Marked.Happened() {
		return
	}
	var said, vain, open []string
	for i := range s.Marks {
		m := &s.Marks[i]
		words := fmt.Sprintf("%s's, at %s s", t.who(m.Node), t.instant(m.At))
		switch m.Fate {
		case FateEffective:
			said = append(said, words+", took effect, and the figures use it")
		case FateVain:
			vain = append(vain, words)
		case FateOpen:
			open = append(open, words)
		}
	}
	was := func(marks []string, one, several, more string) {
		switch len(marks) {
		case 0:
		case 1:
			said = append(said, marks[0]+", "+one+more)
		default:
			said = append(said, list(marks)+", "+several+more)
		}
	}
	was(vain, "was in vain", "were in vain", t.whyVain(s))
	was(open, "is undecided", "are undecided", " when the run ends: neither committed nor discarded (Z-3, Z-10)")
	if !s.Marked.Happened() {
		pronoun := "them"
		if len(s.Marks) == 1 {
			pronoun = "it"
		}
		said = append(said, "no figure uses "+pronoun)
	}
	p.text(" "+padRight(count(len(s.Marks), "mark"), 13), strings.Repeat(" ", 14), strings.Join(said, "; "))
}

// whyVain is the rule that made marks vain: a session that had ended already, or a
// leader without a quorum.
func (t *Timeline) whyVain(s *Story) string {
	if s.closing {
		return ", as the client's own close came first (Z-9)"
	}
	return " (F-9)"
}

// marked is a mark's row.
func (tb *table) marked(r *Record) string {
	if r.Session != tb.s.Session {
		return ""
	}
	m := tb.s.markedBy(r.ID)
	words, end := "MARKED", ": it is closing"
	if tb.t.ensemble() && tb.t.severalLead() {
		words = tb.t.who(r.Node) + " MARKS it"
		end = ""
	}
	switch m.Fate {
	case FateVain:
		words, end = words+" in vain", ""
		tb.second, tb.below = "F-9", "its close never commits"
		if tb.s.closing {
			tb.second, tb.below = "Z-9", "closed already"
		}
	case FateOpen:
		tb.second, tb.below = "Z-3", "its close is undecided"
	}
	// How late, as the printed instants have it; the record counts in the leader's clock.
	late := time.Duration(tb.t.millis(r.At)-tb.t.millis(m.Touch.Deadline)) * time.Millisecond
	switch {
	case r.B >= 1000:
		return fmt.Sprintf("%s, %s s past the edge", words, inSeconds(late))
	case r.B > 0:
		return fmt.Sprintf("%s, %d ms past the edge", words, late.Milliseconds())
	}
	return words + end
}

// severalLead says whether more than one server led in the run, one after another or
// at once.
func (t *Timeline) severalLead() bool {
	for i := range t.Reigns {
		if t.Reigns[i].Leader != t.Reigns[0].Leader {
			return true
		}
	}
	return false
}

// misjudged says whose vain mark made a server tell the client that its session is
// over (F-9, V-5).
func (t *Timeline) misjudged(s *Story) string {
	if !s.Refused.Happened() || !s.Expired.Happened() || s.LocalExpiry.Happened() || s.Marked.Happened() && s.Marked.Record < s.Refused.Record {
		return ""
	}
	for i := len(s.Marks) - 1; i >= 0; i-- {
		if m := &s.Marks[i]; m.Fate == FateVain && m.Record < s.Refused.Record {
			return fmt.Sprintf(", because of %s's mark, which was in vain", t.who(m.Node))
		}
	}
	return ""
}

// capital begins a sentence.
func capital(words string) string { return strings.ToUpper(words[:1]) + words[1:] }
