package sim

import (
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
)

// finish computes overlaps and vacancies of every lock.
func (c *lockCollector) finish(t *Timeline, clientOf func(model.SessionID) model.NodeID) {
	t.Locks = c.locks
	for i := range c.still {
		if n := len(c.still[i]); n > 0 && c.still[i][n-1].Open {
			c.still[i][n-1].To = t.End
		}
	}
	for _, l := range c.locks {
		sw := &lockSweep{t: t, l: l, servers: t.servers(), still: c.still, clientOf: clientOf}
		sw.run()
	}
}

// A lockSweep goes through one lock's time, from change to change.
type lockSweep struct {
	t        *Timeline
	l        *Lock
	servers  int
	still    [][]Span
	clientOf func(model.SessionID) model.NodeID
	beliefs  []*Belief // that hold now
	first    int       // of the lock's nodes: those before are gone
}

func (sw *lockSweep) run() {
	l := sw.l
	if len(l.Beliefs) == 0 {
		return
	}
	at := sw.changes()
	next := 0
	for i, from := range at {
		to := sw.t.End
		if i+1 < len(at) {
			to = at[i+1]
		}
		sw.beliefs = slices.DeleteFunc(sw.beliefs, func(b *Belief) bool { return b.End.Happened() && b.End.At <= from })
		for ; next < len(l.Beliefs) && l.Beliefs[next].Begin.At <= from; next++ {
			if b := l.Beliefs[next]; !b.End.Happened() || b.End.At > from {
				sw.beliefs = append(sw.beliefs, b)
			}
		}
		if to > from {
			sw.overlap(from, to)
			sw.vacancy(from, to)
		}
	}
	for i := range l.Overlaps {
		l.Overlaps[i].Open = l.Overlaps[i].To == sw.t.End
	}
	for i := range l.Vacant {
		l.Vacant[i].Open = l.Vacant[i].To == sw.t.End
	}
}

// changes are the instants at which anything changes, from the first belief on.
func (sw *lockSweep) changes() []clock.Instant {
	var at []clock.Instant
	seen := map[model.NodeID]bool{} // asked only
	for _, b := range sw.l.Beliefs {
		at = append(at, b.Begin.At)
		if b.End.Happened() {
			at = append(at, b.End.At)
		}
		if !seen[b.Client] {
			seen[b.Client] = true
			for _, s := range sw.stillOf(b.Client) {
				at = append(at, s.From, s.To)
			}
		}
	}
	for i := range sw.l.nodes {
		n := &sw.l.nodes[i]
		for _, m := range []Moment{n.made.moment(), n.gone.moment()} {
			if m.Happened() {
				at = append(at, m.At)
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	begin := sw.l.Beliefs[0].Begin.At
	return slices.DeleteFunc(at, func(i clock.Instant) bool { return i < begin || i > sw.t.End })
}

func (sw *lockSweep) stillOf(n model.NodeID) []Span { return sw.still[int(n)-sw.servers] }

// runs says whether a client's process runs from an instant to the next change.
func (sw *lockSweep) runs(n model.NodeID, from clock.Instant) bool {
	for _, s := range sw.stillOf(n) {
		if s.From <= from && from < s.To {
			return false
		}
	}
	return true
}

// length is the time between two instants as printed.
func (sw *lockSweep) length(from, to clock.Instant) time.Duration {
	return time.Duration(sw.t.millis(to)-sw.t.millis(from)) * time.Millisecond
}

func (sw *lockSweep) overlap(from, to clock.Instant) {
	var who []model.NodeID
	running := 0
	for _, b := range sw.beliefs {
		who = append(who, b.Client)
		if sw.runs(b.Client, from) {
			running++
		}
	}
	if len(who) < 2 {
		return
	}
	slices.Sort(who)
	all := &sw.l.Overlaps
	if n := len(*all); n == 0 || (*all)[n-1].To != from || !slices.Equal((*all)[n-1].Clients, who) {
		*all = append(*all, Overlap{Span: Span{Exists: true, From: from}, Clients: who})
	}
	o := &(*all)[len(*all)-1]
	o.To = to
	if running < 2 {
		o.Still += sw.length(from, to)
	}
}

func (sw *lockSweep) vacancy(from, to clock.Instant) {
	node := sw.holder(from)
	v := Vacancy{Span: Span{Exists: true, From: from, To: to}, Holder: model.NoNode}
	if node != nil {
		v.Node, v.Holder = true, sw.clientOf(node.session)
		for _, b := range sw.beliefs {
			if b.Session == node.session {
				return
			}
		}
	}
	all := &sw.l.Vacant
	if n := len(*all); n > 0 && (*all)[n-1].To == from && (*all)[n-1].Holder == v.Holder && (*all)[n-1].Node == v.Node {
		(*all)[n-1].To = to
		return
	}
	*all = append(*all, v)
}

// holder is the node in first place from an instant on: the oldest that is there, which
// has the lowest number.
func (sw *lockSweep) holder(from clock.Instant) *lockNode {
	nodes := sw.l.nodes
	for sw.first < len(nodes) {
		if gone := nodes[sw.first].gone.moment(); !gone.Happened() || gone.At > from {
			break
		}
		sw.first++
	}
	var holder *lockNode
	for i := sw.first; i < len(nodes); i++ {
		n := &nodes[i]
		made, gone := n.made.moment(), n.gone.moment()
		if !made.Happened() || made.At > from || gone.Happened() && gone.At <= from {
			continue
		}
		if holder == nil || made.Record < holder.made.moment().Record {
			holder = n
		}
	}
	return holder
}
