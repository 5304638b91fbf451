package sim

import (
	"strings"
	"time"

	"zksim/clock"
	"zksim/model"
)

// Kinds of intervals, as [Bracket] names them.
const (
	intervalDetection = "detection"     // fault to marked
	intervalGap       = "knowledge_gap" // marked to told Expired
	intervalOrphan    = "orphan"        // told Expired to marked
	intervalWarning   = "warning"       // told Disconnected to marked
	intervalToldLate  = "told_late"     // marked to told Disconnected
	intervalMark      = "mark"          // without length: a mark that has not taken effect
	intervalStops     = "zombie_stops"  // acting as owner of a node that is gone, if Disconnected stops it
	intervalWaits     = "zombie_waits"  // likewise, if only Expired does
)

// An interval is one of a story's lengths, each under its own name.
type interval struct {
	kind   string
	span   Span
	length time.Duration // whole milliseconds, as printed; of a zombie less than the span where it stood still
	words  []string      // the longest first
	role   role
}

// lengths lists the intervals of a story that exist, from earlier to later where it is
// told.
func (t *Timeline) lengths(s *Story) []interval {
	var list []interval
	add := func(kind string, sp Span, name string, ro role) {
		if !sp.Exists {
			return
		}
		if sp.To < sp.From {
			sp.From, sp.To = sp.To, sp.From
		}
		value := name + " " + t.length(sp) + " s"
		if sp.Open {
			value = name + " open"
		}
		list = append(list, interval{kind, sp, t.milliseconds(sp), []string{value, name}, ro})
	}
	add(intervalDetection, s.Detection, "detection", roleCluster)
	add(intervalGap, s.Gap, "knowledge gap", roleGap)
	add(intervalOrphan, s.Orphan, "orphan", roleCluster)
	if s.Warning.Exists && s.Warning.Length() < 0 {
		add(intervalToldLate, s.Warning, "told late", roleClient)
	} else {
		add(intervalWarning, s.Warning, "warning", roleClient)
	}
	for i := range s.Marks {
		m := &s.Marks[i]
		fate := " in vain"
		switch m.Fate {
		case FateEffective:
			continue
		case FateOpen:
			fate = ", undecided"
		}
		list = append(list, interval{intervalMark, Span{From: m.At, To: m.At}, 0,
			[]string{"marked by " + t.who(m.Node) + fate, "marked" + fate, strings.TrimLeft(fate, " ,")}, roleCluster})
	}
	return append(list, t.zombies(s)...)
}

// zombies are the times of both policies, where they are not nothing.
func (t *Timeline) zombies(s *Story) []interval {
	if !s.Owned {
		return nil
	}
	var stops, waits Span
	extend := func(sp *Span, from, until clock.Instant, open bool) {
		if !sp.Exists {
			sp.Exists, sp.From = true, from
		}
		sp.To, sp.Open = until, open
	}
	s.acting(t, t.turnsOf(s), func(from, until clock.Instant, connected, paused, open bool) {
		if paused {
			return
		}
		extend(&waits, from, until, open)
		if connected {
			extend(&stops, from, until, open)
		}
	})
	var list []interval
	add := func(kind string, sp Span, z Zombie, long string) {
		if z.Length <= 0 {
			return
		}
		value := ": " + seconds(roundMillis(z.Length)) + " s"
		if z.Open {
			value += ", open"
		}
		list = append(list, interval{kind, sp, z.Length, []string{"zombie, " + long + value, "zombie" + value, "zombie"}, roleGap})
	}
	add(intervalStops, stops, s.Stops, "even if it stops on "+t.word(s.Client, model.MeansLost))
	add(intervalWaits, waits, s.Waits, "if it waits for "+t.word(s.Client, model.MeansExpired))
	return list
}

// milliseconds is the length of a span as it is printed.
func (t *Timeline) milliseconds(s Span) time.Duration {
	return time.Duration(t.millis(s.To)-t.millis(s.From)) * time.Millisecond
}
