package conformance

import (
	"cmp"
	"slices"
	"strconv"
)

// A Span is when something is predicted, in ns of the recording's clock. Where
// the rules leave nothing open Lo and Hi are equal.
type Span struct{ Lo, Hi int64 }

func instant(at int64) Span { return Span{at, at} }

func (s Span) drawn() bool { return s.Hi > s.Lo }

// after is the span where nothing can happen before an instant.
func (s Span) after(at int64) Span { return Span{max(s.Lo, at), max(s.Hi, at)} }

// from is how far an instant lies from the span: negative before it, positive
// behind it, zero inside.
func (s Span) from(at int64) int64 {
	switch {
	case at < s.Lo:
		return at - s.Lo
	case at > s.Hi:
		return at - s.Hi
	}
	return 0
}

// A Compared is one event that was predicted, recorded, or both.
type Compared struct {
	Recording string
	Kind      string // of the event, with the word that a listener was told or that the state became
	Node      string
	Session   string // in recordings of many sessions
	Rule      string // ID of the rule that predicts it; empty where nothing does
	Predicted Span
	Recorded  int64 // ns; Absent where it was predicted alone
	Drawn     bool  // a draw lies between it and what it follows from: Predicted is an interval
	// WrongBucket says that the event is a marking that fell into another bucket than
	// the touches before it lead to.
	WrongBucket bool
}

// Missing says that the event was predicted and not recorded, Invented that it was
// recorded and not predicted.
func (c *Compared) Missing() bool  { return c.Recorded == Absent }
func (c *Compared) Invented() bool { return c.Rule == "" }

// Met says that it was predicted and recorded.
func (c *Compared) Met() bool { return !c.Missing() && !c.Invented() }

// Error is how far the recorded instant lies from the predicted one, in ns.
func (c *Compared) Error() int64 { return c.Predicted.from(c.Recorded) }

// shown is the instant by which a list is ordered.
func (c *Compared) shown() int64 {
	if c.Missing() {
		return c.Predicted.Lo
	}
	return c.Recorded
}

// A subject is what predictions and recorded events have to agree on to be the same.
type subject struct{ kind, node, session string }

// A book holds, for one recording, what was predicted and what was recorded.
type book struct {
	subjects []subject // in the order of their first entry
	index    map[subject]int
	entries  []entry // by subject
}

type entry struct {
	predicted []prediction
	recorded  []int64
	given     []int64 // of the recorded ones, those that nothing need predict
}

type prediction struct {
	span   Span
	rule   string
	bucket int64 // ms, of a marking; Absent otherwise
	drawn  bool
	// optional says that the rules leave open whether it happens: where it was not
	// recorded it is not missing.
	optional bool
	// order is where it stands among its like: the end of its interval, or inside a wide
	// one when the model did it, as led by the recording.
	order int64
}

func newBook() *book { return &book{index: map[subject]int{}} }

func (b *book) of(s subject) *entry {
	i, ok := b.index[s]
	if !ok {
		i = len(b.subjects)
		b.index[s] = i
		b.subjects = append(b.subjects, s)
		b.entries = append(b.entries, entry{})
	}
	return &b.entries[i]
}

// predict enters a prediction that is made at an instant.
func (b *book) predict(s subject, p prediction, now int64) {
	p.order = p.span.Hi
	if p.span.Hi-p.span.Lo > apartMost {
		p.order = min(max(now, p.span.Lo), p.span.Hi)
	}
	e := b.of(s)
	e.predicted = append(e.predicted, p)
}

func (b *book) record(s subject, at int64) {
	e := b.of(s)
	e.recorded = append(e.recorded, at)
}

// apartMost bounds how far a recorded event may lie from a prediction to be the
// same event and not another one that happens to be of the same kind.
const apartMost = int64(1500e6)

// serversEnd is by how much the servers' part of a recording may end before the
// client's: the lab reads their logs first.
const serversEnd = int64(100e6)

// compare pairs predictions with recorded events, subject by subject, each in
// their order and so that the pairs lie as near to each other as possible.
func (b *book) compare(recording string, tick, end int64) []Compared {
	var out []Compared
	for i, s := range b.subjects {
		e := &b.entries[i]
		slices.SortStableFunc(e.predicted, func(x, y prediction) int { return cmp.Compare(x.order, y.order) })
		slices.Sort(e.recorded)
		for _, pair := range align(e.predicted, e.recorded) {
			c := Compared{Recording: recording, Kind: s.kind, Node: s.node, Session: s.session, Recorded: Absent}
			if pair.p >= 0 {
				p := &e.predicted[pair.p]
				if pair.r < 0 && (p.optional || p.span.Hi > end || p.span.Hi > end-serversEnd && s.node != string(ClassClient)) {
					continue // perhaps behind the end of the recording
				}
				c.Predicted, c.Rule, c.Drawn = p.span, p.rule, p.drawn
				if pair.r >= 0 && p.bucket != Absent {
					late := e.recorded[pair.r]/1e6 - p.bucket
					c.WrongBucket = late < 0 || late >= tick
				}
			}
			if pair.r >= 0 {
				c.Recorded = e.recorded[pair.r]
			}
			if pair.p < 0 && slices.Contains(e.given, c.Recorded) {
				continue
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(x, y Compared) int {
		return cmp.Or(cmp.Compare(x.shown(), y.shown()), cmp.Compare(x.Node, y.Node))
	})
	return out
}

// A pair is an index on each side; -1 for none.
type pair struct{ p, r int }

// align is the cheapest way to pair two ordered lists: a pair costs its distance,
// leaving one out costs half of the greatest distance that a pair may have. What is
// optional costs next to nothing, so that it takes only what nothing else explains.
func align(predicted []prediction, recorded []int64) []pair {
	n, m := len(predicted), len(recorded)
	cost := make([][]int64, n+1)
	for i := range cost {
		cost[i] = make([]int64, m+1)
	}
	both := func(i, j int) int64 {
		d := predicted[i].span.from(recorded[j])
		if d < 0 {
			d = -d
		}
		return d
	}
	without := func(i int) int64 {
		if predicted[i].optional {
			return 1
		}
		return apartMost / 2
	}
	for i := n; i >= 0; i-- {
		for j := m; j >= 0; j-- {
			switch {
			case i == n:
				cost[i][j] = int64(m-j) * (apartMost / 2)
			case j == m:
				cost[i][j] = cost[i+1][j] + without(i)
			default:
				cost[i][j] = min(cost[i+1][j+1]+both(i, j), cost[i+1][j]+without(i), cost[i][j+1]+apartMost/2)
			}
		}
	}
	var pairs []pair
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && j < m && cost[i][j] == cost[i+1][j+1]+both(i, j):
			pairs = append(pairs, pair{i, j})
			i, j = i+1, j+1
		case j == m || i < n && cost[i][j] == cost[i+1][j]+without(i):
			pairs = append(pairs, pair{i, -1})
			i++
		default:
			pairs = append(pairs, pair{-1, j})
			j++
		}
	}
	return pairs
}

func nodeName(class NodeClass, id int) string { return string(class) + strconv.Itoa(id) }
