package teach

import (
	"fmt"
	"math"
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A teller is one client's story in one run, from which names take their values.
type teller struct {
	t *sim.Timeline
	s *sim.Story
	c *sim.Client
}

// A nameRow is one name that expressions and texts of lessons may use.
type nameRow struct {
	name    string
	meaning string
	of      func(*teller) value
}

// nameRows lists all names. What a run does not have is never.
var nameRows = []nameRow{
	// Settings.
	{"timeout", "the negotiated session timeout, T", func(w *teller) value { return setting(w.s.Timeout) }},
	{"tick", "tickTime of the servers", func(w *teller) value { return setting(w.t.Scenario.Ensemble.Tick) }},
	{"heartbeat", "how often the leader sends PING to its learners: half a tick (T-17)", func(w *teller) value { return setting(w.t.Scenario.Ensemble.Tick / 2) }},
	{"sync_limit", "how long servers bear each other's silence: syncLimit ticks", func(w *teller) value {
		return setting(time.Duration(w.t.Scenario.Ensemble.SyncLimit) * w.t.Scenario.Ensemble.Tick)
	}},
	{"patience", "how long the Java client bears its server's silence: 2/3 of the timeout (C-1)", func(w *teller) value { return setting(ms(w.s.Timeout) * 2 / 3 * time.Millisecond) }},
	{"ping_every", "how often an idle Java client sends a ping: half its patience (C-1)", func(w *teller) value { return setting(ms(w.s.Timeout) * 2 / 3 / 2 * time.Millisecond) }},
	{"give_up", "silence after which Java from 3.9.3 on expires by itself: 4/3 of the timeout (C-20)", func(w *teller) value { return setting(ms(w.s.Timeout) * 4 / 3 * time.Millisecond) }},
	{"attempt", "how long one attempt to connect may take: the timeout by the number of addresses (C-1)", func(w *teller) value {
		return setting(ms(w.s.Timeout) / time.Duration(w.addresses()) * time.Millisecond)
	}},
	{"percent", "Curator's simulatedSessionExpirationPercent (L-U3)", func(w *teller) value { return counted(w.c.Percent) }},
	{"server", "the server that it is attached to when the fault begins", func(w *teller) value { return w.named(w.s.Server) }},
	{"leader", "the server that leads then", func(w *teller) value {
		for _, r := range slices.Backward(w.t.Reigns) {
			if r.From.At <= w.t.Origin {
				return w.named(r.Leader)
			}
		}
		return w.named(model.NoNode)
	}},
	{"runs", "how many runs the round plays", nil},
	// Faults, the first three.
	{"begins", "when the first fault begins", func(w *teller) value { return w.fault(0, false) }},
	{"ends", "when it ends", func(w *teller) value { return w.fault(0, true) }},
	{"lasts", "how long it lasts", func(w *teller) value { return w.lasts(0) }},
	{"begins2", "when the second fault begins", func(w *teller) value { return w.fault(1, false) }},
	{"ends2", "when it ends", func(w *teller) value { return w.fault(1, true) }},
	{"begins3", "when the third fault begins", func(w *teller) value { return w.fault(2, false) }},
	{"begins4", "when the fourth fault begins", func(w *teller) value { return w.fault(3, false) }},
	{"begins6", "when the sixth fault begins", func(w *teller) value { return w.fault(5, false) }},
	// Moments.
	{"pinged", "when the client sent the ping behind the touch that counts", func(w *teller) value { return w.at(w.s.Touch.Message) }},
	{"touch", "the last touch before the mark, or the last one (T-3)", func(w *teller) value { return w.at(w.s.Touch.Moment) }},
	{"edge", "the bucket edge that it set (T-3)", func(w *teller) value { return w.instant(w.s.Touch.Happened(), w.s.Touch.Deadline) }},
	{"looked", "the last edge before the fault at which the leader looked (T-7)", func(w *teller) value { return w.looked() }},
	{"silence", "when the client gave up waiting for its server (C-12)", func(w *teller) value { return w.at(w.s.Silence) }},
	{"disconnected", "when its application was told Disconnected, or its library's word for it (C-13)", func(w *teller) value { return w.at(w.s.Disconnected) }},
	{"marked", "when the leader marked the session closing: expired (T-9)", func(w *teller) value { return w.at(w.s.Marked) }},
	{"committed", "when its end was committed at the leader (Z-4)", func(w *teller) value { return w.at(w.s.Committed) }},
	{"gone", "when others saw its node gone (Z-4)", func(w *teller) value { return w.at(w.s.OthersNotice) }},
	{"next", "when another client owned the node after it", func(w *teller) value { return w.at(w.s.Next) }},
	{"refused", "when a server refused to resume the session (V-5)", func(w *teller) value { return w.at(w.s.Refused) }},
	{"expired", "when its application was told Expired, or its library's word for it (C-30, C-20)", func(w *teller) value { return w.at(w.s.Expired) }},
	{"gave_up", "when its library ended the session by itself (C-20, L-U3)", func(w *teller) value { return w.at(w.s.LocalExpiry) }},
	{"killed", "when its process died", func(w *teller) value { return w.at(w.s.Killed) }},
	{"resumed", "of a session that survived: the touch that came closest to the deadline", func(w *teller) value { return w.at(w.s.Saving.Moment) }},
	{"deadline", "of a session that survived: the edge that this touch came before", func(w *teller) value { return w.instant(w.s.Saving.Happened(), w.s.Saved.Deadline) }},
	{"afresh", "when the latest new leader began to track the session afresh (F-15)", func(w *teller) value {
		if n := len(w.s.Afresh); n > 0 {
			return w.at(w.s.Afresh[n-1].Moment)
		}
		return w.at(sim.Moment{})
	}},
	{"pinged_before", "of a session that survived: when the ping before that one left", func(w *teller) value { return w.at(w.s.Saved.Message) }},
	{"end", "when the run ends", func(w *teller) value {
		v := w.instant(true, w.t.End)
		v.known, v.exact = true, true
		return v
	}},
	// Lengths.
	{"detection", "from the fault to the mark", func(w *teller) value { return w.span(w.s.Detection) }},
	{"warning", "from told Disconnected to the mark; negative if told after it", func(w *teller) value { return w.span(w.s.Warning) }},
	{"gap", "knowledge gap: from the mark to told Expired", func(w *teller) value { return w.span(w.s.Gap) }},
	{"orphan", "from told Expired to the mark", func(w *teller) value { return w.span(w.s.Orphan) }},
	{"zombie_stops", "for how long it acts after others saw its node gone, if it stops on Disconnected (Q-20)", func(w *teller) value { return w.zombie(w.s.Stops) }},
	{"zombie_waits", "the same if it waits for Expired (Q-21)", func(w *teller) value { return w.zombie(w.s.Waits) }},
	{"overlap", "for how long two clients believed to own the lock and were running", func(w *teller) value { return w.overlap() }},
	{"margin", "how long before the deadline the touch came that saved the session", func(w *teller) value {
		if !w.s.Saving.Happened() {
			return value{kind: length, n: math.NaN()}
		}
		return value{kind: length, n: float64(w.s.Margin.Milliseconds())}
	}},
	// Counts.
	{"acts", "how often it acted as owner at the resource", func(w *teller) value { return w.acts(func(b *sim.Belief) int { return b.Acts }) }},
	{"stale", "how many of its acts were accepted after a later owner's (A-6)", func(w *teller) value { return w.acts(func(b *sim.Belief) int { return b.Stale }) }},
	{"turned_away", "how many of its acts were refused for that reason (A-6)", func(w *teller) value { return w.acts(func(b *sim.Belief) int { return b.Refused }) }},
}

func ms(d time.Duration) time.Duration { return d / time.Millisecond }

// at is a moment as an instant from the first fault.
func (w *teller) at(m sim.Moment) value { return w.instant(m.Happened(), m.At) }

func (w *teller) instant(happened bool, at clock.Instant) value {
	if !happened {
		return value{kind: instant, n: math.Inf(1)}
	}
	return value{kind: instant, n: w.millis(at), known: at <= w.t.Origin}
}

// named is a server as a sentence has it.
func (w *teller) named(n model.NodeID) value {
	name := "no server"
	if n != model.NoNode {
		name = fmt.Sprintf("server %d", n+1)
	}
	return value{kind: word, word: name, known: true}
}

// millis counts from the first fault, rounded as timelines print it.
func (w *teller) millis(at clock.Instant) float64 {
	return float64(at.Sub(w.t.Origin).Round(time.Millisecond) / time.Millisecond)
}

// span is a length; one that is still open when the run ends has no end, and one that
// there is not is no number.
func (w *teller) span(s sim.Span) value {
	switch {
	case !s.Exists:
		return value{kind: length, n: math.NaN()}
	case s.Open:
		return value{kind: length, n: math.Inf(1)}
	}
	return value{kind: length, n: w.millis(s.To) - w.millis(s.From)}
}

func (w *teller) zombie(z sim.Zombie) value {
	if z.Open {
		return value{kind: length, n: math.Inf(1)}
	}
	return value{kind: length, n: float64(z.Length.Milliseconds())}
}

// looked counts back from an edge that is known to the last one before the fault.
func (w *teller) looked() value {
	touch := &w.s.Touch
	if !touch.Happened() {
		touch = &w.s.Saved
	}
	v := w.instant(touch.Happened(), touch.Deadline)
	if tick := setting(w.t.Scenario.Ensemble.Tick).n; !v.never() && v.n > 0 {
		v.n -= tick * math.Ceil(v.n/tick)
	}
	v.known = true
	return v
}

// fault is when a fault of the scenario begins or ends: a setting, known beforehand.
func (w *teller) fault(index int, end bool) value {
	for i := range w.t.Faults {
		f := &w.t.Faults[i]
		if f.Index != index {
			continue
		}
		m := f.Begin
		if end {
			m = f.End
		}
		v := w.at(m)
		v.known, v.exact = true, true
		return v
	}
	return value{kind: instant, n: math.Inf(1), known: true}
}

func (w *teller) lasts(index int) value {
	from, to := w.fault(index, false), w.fault(index, true)
	if from.never() || to.never() {
		return value{kind: length, n: math.Inf(1), known: true}
	}
	return value{kind: length, n: to.n - from.n, known: true, exact: true}
}

func (w *teller) addresses() int {
	if n := len(w.c.Servers); n > 0 {
		return n
	}
	return w.t.Scenario.Ensemble.Servers + w.t.Scenario.Ensemble.Observers
}

// lock is the lock that the client has a part in.
func (w *teller) lock() *sim.Lock {
	for _, l := range w.t.Locks {
		if l.Path == w.c.Owns {
			return l
		}
	}
	return nil
}

func (w *teller) overlap() value {
	v := value{kind: length}
	l := w.lock()
	if l == nil {
		return v
	}
	for i := range l.Overlaps {
		o := &l.Overlaps[i]
		if o.Open {
			v.n = math.Inf(1)
			return v
		}
		v.n += w.millis(o.To) - w.millis(o.From) - float64(o.Still.Milliseconds())
	}
	return v
}

// acts adds up what the client did as owner.
func (w *teller) acts(of func(*sim.Belief) int) value {
	v := value{kind: number, exact: true}
	l := w.lock()
	if l == nil {
		return v
	}
	for _, b := range l.Beliefs {
		if b.Client == w.s.Client {
			v.n += float64(of(b))
		}
	}
	return v
}

// tellers gives each client's story in a run, by the client's name, and the name of
// the client whose story is told.
func tellers(t *sim.Timeline, client string) (of map[string]*teller, whose string, err error) {
	chosen, err := t.Select(client)
	if err != nil {
		return nil, "", err
	}
	of = map[string]*teller{}
	for i := range t.Scenario.Clients {
		c := &t.Scenario.Clients[i]
		if c.Count > 1 {
			continue
		}
		s, err := t.Select(c.Name)
		if err != nil {
			return nil, "", err
		}
		if s == nil {
			continue
		}
		of[c.Name] = &teller{t, s, c}
		if chosen != nil && chosen.Client == s.Client && chosen.Client != model.NoNode {
			whose = c.Name
		}
	}
	return of, whose, nil
}
