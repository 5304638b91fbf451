package experiments

import (
	"math"
	"strconv"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A subject is a client, or several alike, whose sessions metrics are about.
type subject struct {
	client *sim.Client
	first  model.NodeID
	count  int
	label  string // in the names of columns; empty where there is one subject only
}

// subjectsOf lists the clients whose sessions metrics are about: every one that wants
// to own something, or that a fault names; where there is none, every one. Clients
// that only watch, or load the ensemble, are there for what they see.
func subjectsOf(s *sim.Scenario) []subject {
	var all, chosen []subject
	first := model.NodeID(s.Ensemble.Servers + s.Ensemble.Observers)
	for i := range s.Clients {
		c := &s.Clients[i]
		who := subject{client: c, first: first, count: max(c.Count, 1)}
		first += model.NodeID(who.count)
		all = append(all, who)
		if c.Owns != "" || named(s, &who) {
			chosen = append(chosen, who)
		}
	}
	if len(chosen) == 0 {
		chosen = all
	}
	taken := map[string]bool{}
	for i := range chosen {
		if len(chosen) == 1 {
			break
		}
		label := identifier(chosen[i].client.Name)
		if taken[label] {
			label += "_" + strconv.Itoa(int(chosen[i].first))
		}
		taken[label] = true
		chosen[i].label = label
	}
	return chosen
}

// named says whether a fault names the client, or one of several alike: not as one of
// all, or of all clients.
func named(s *sim.Scenario, who *subject) bool {
	for i := range s.Faults {
		f := &s.Faults[i]
		for _, side := range [2][]string{f.Between, f.And} {
			for _, name := range side {
				if name == "all" || name == "clients" {
					continue
				}
				nodes, err := s.Resolve([]string{name})
				for _, n := range nodes {
					if err == nil && n >= who.first && int(n) < int(who.first)+who.count {
						return true
					}
				}
			}
		}
	}
	return false
}

// identifier makes a name fit for tables and expressions.
func identifier(name string) string {
	b := []byte(name)
	for i, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			b[i] = '_'
		}
	}
	return string(b)
}

// folded is the columns of a subject, of which one of several clients alike has none
// with words, and shares instead of zeros and ones.
func (who *subject) folded(columns []Column) []Column {
	if who.count == 1 {
		return columns
	}
	var kept []Column
	for _, c := range columns {
		switch c.Kind {
		case KindWord:
			continue
		case KindProbability:
			c.Kind = KindShare
			c.Meaning += "; of " + who.client.Name + ", the share"
		case KindCount:
			c.Meaning += "; of " + who.client.Name + ", all together"
		default:
			c.Meaning += "; of " + who.client.Name + ", the greatest"
		}
		kept = append(kept, c)
	}
	return kept
}

// read reads a metric from the sessions of a subject.
func (who *subject) read(m *sessionMetric, t *sim.Timeline, out []Value) {
	fill(out)
	if who.count == 1 {
		if s := storyOf(t, who.first); s != nil || m.always {
			m.of(t, who, s, out)
		}
		return
	}
	columns := m.columns(t.Scenario, who)
	one, of := make([]Value, len(columns)), make([]int, len(columns))
	for n := range who.count {
		fill(one)
		single := subject{client: who.client, first: who.first + model.NodeID(n), count: 1}
		if s := storyOf(t, single.first); s != nil || m.always {
			m.of(t, &single, s, one)
		}
		for i := range columns {
			if !math.IsNaN(one[i]) {
				of[i]++
			}
		}
		each(columns, func(k, i int) { out[k] = fold(columns[i].Kind, out[k], one[i]) })
	}
	each(columns, func(k, i int) {
		if columns[i].Kind == KindProbability {
			out[k] /= float64(of[i])
		}
	})
}

// each goes through the columns that several clients alike have: the k-th of them is
// the i-th of a single one.
func each(columns []Column, do func(k, i int)) {
	k := 0
	for i := range columns {
		if columns[i].Kind != KindWord {
			do(k, i)
			k++
		}
	}
}

func fill(out []Value) {
	for i := range out {
		out[i] = absent
	}
}

// fold brings the values of clients alike together: counts and zeros and ones add up,
// of the rest the greatest stands, and what never happened is greater than any.
func fold(kind MetricKind, all, one Value) Value {
	switch {
	case math.IsNaN(one):
		return all
	case math.IsNaN(all):
		return one
	case kind == KindCount || kind == KindProbability:
		return all + one
	}
	return max(all, one)
}

// storyOf is the session that a timeline tells of a client: the first that did not
// survive, or else the last, as in [sim.Timeline.Select].
func storyOf(t *sim.Timeline, client model.NodeID) *sim.Story {
	var story *sim.Story
	for _, s := range t.Stories {
		if s.Client == client && (story == nil || story.Verdict == sim.VerdictSurvived) {
			story = s
		}
	}
	return story
}

// Columns that several metrics have in common.

// milliseconds is a column of durations.
func milliseconds(what, meaning string) Column {
	return Column{Name: what, Kind: KindDuration, Meaning: meaning}
}

// yesOrNo is a column of zeros and ones.
func yesOrNo(what, meaning string) Column {
	return Column{Name: what, Kind: KindProbability, Meaning: meaning}
}

// wholes is a column of whole numbers.
func wholes(what, meaning string) Column {
	return Column{Name: what, Kind: KindCount, Meaning: meaning}
}

// stateColumn says what the first column is worth.
func stateColumn() Column {
	return Column{Name: "state", Kind: KindWord, Words: states,
		Meaning: "known; never: did not happen within the run; open: still so when the run ended, so at least; absent: does not apply"}
}

// states are the words for what a value is worth.
var states = []string{"absent", "never", "open", "known"}

// stateOf is the word for a value that is still growing when the run ends, or is not.
func stateOf(v Value, open bool) Value {
	switch {
	case math.IsNaN(v):
		return 0
	case math.IsInf(v, 0):
		return 1
	case open:
		return 2
	}
	return 3
}

// Values of columns.

// millisOf is a duration as a value, rounded to whole microseconds, half away from zero.
func millisOf(d time.Duration) Value { return float64(microseconds(d)) / 1000 }

// microseconds rounds as everything that is printed is rounded.
func microseconds(d time.Duration) int64 { return int64(d.Round(time.Microsecond) / time.Microsecond) }

// elapsed is the time from an instant to a moment.
func elapsed(from clock.Instant, to sim.Moment) Value {
	if !to.Happened() {
		return never
	}
	return millisOf(to.At.Sub(from))
}

// truth is a value of a column of zeros and ones.
func truth(yes bool) Value {
	if yes {
		return 1
	}
	return 0
}

// faultOf is the fault that a session's story counts from.
func faultOf(t *sim.Timeline, s *sim.Story) (f *sim.FaultSpan, ok bool) {
	if s.Fault < 0 {
		return nil, false
	}
	return &t.Faults[s.Fault], true
}
