package experiments

import (
	"zksim/model"
	"zksim/sim"
)

var detectionMetric = Metric{
	Name:  "detection",
	Unit:  "ms",
	Title: "from the fault until the cluster has expired the session, and others have seen it",
	Explain: `From the beginning of the fault that the session's story counts from (the one that
killed its client; or else the first after the client's last message that counted)
until the leader marks it closing (T-9), until the end is committed (Z-4), and until
each client that watches the node, or waits for it, is told that it is gone. A
session that lives on was never detected, however long the fault. A client that dies
at an arbitrary instant is detected after T - p to T + tick (Q-2), at a follower half
a tick later at most (Q-3).`,
	Picture: `
worker  ---p---p---X
                   |<-------- marked ---------->|
leader  ---t---t---|----------------------------m--c
                   |<-------- committed ----------->|
other   -----------|--------------------------------|--s
                   |<-------- seen by other ---------->|`,
	session: &sessionMetric{columns: detectionColumns, of: detectionOf},
	Light:   lightDetection,
}

func detectionColumns(s *sim.Scenario, who *subject) []Column {
	columns := []Column{
		milliseconds("marked", "fault to the leader marking the session closing (T-9)"),
		milliseconds("committed", "fault to its end being committed (Z-4)"),
	}
	for _, w := range watchersOf(s, who) {
		meaning := "fault to client " + w.client.Name + " being told that the node is gone"
		if w.count > 1 {
			meaning += ", the last of them"
		}
		columns = append(columns, milliseconds("seen_by_"+identifier(w.client.Name), meaning))
	}
	return append(columns, stateColumn())
}

func detectionOf(t *sim.Timeline, who *subject, s *sim.Story, out []Value) {
	f, ok := faultOf(t, s)
	if !ok || s.Verdict == sim.VerdictClosed {
		out[len(out)-1] = stateOf(absent, false)
		return
	}
	begin := f.Begin.At
	out[0] = elapsed(begin, s.Marked)
	out[1] = elapsed(begin, s.Committed)
	for i, w := range watchersOf(t.Scenario, who) {
		latest, told := absent, 0
		for _, m := range s.Seen {
			if m.Node >= w.first && int(m.Node) < int(w.first)+w.count {
				latest, told = fold(KindDuration, latest, elapsed(begin, m)), told+1
			}
		}
		if told < w.count {
			latest = never // not all of them, or not of the last
		}
		out[2+i] = latest
	}
	out[len(out)-1] = stateOf(out[0], false)
}

// watchersOf lists the clients that are told when a subject's node goes: those that
// watch its path, and those that wait to own it. Who owns several clients alike is
// not told of itself.
func watchersOf(s *sim.Scenario, who *subject) []subject {
	if who.client.Owns == "" {
		return nil
	}
	var watchers []subject
	first := model.NodeID(s.Ensemble.Servers + s.Ensemble.Observers)
	for i := range s.Clients {
		c := &s.Clients[i]
		w := subject{client: c, first: first, count: max(c.Count, 1)}
		first += model.NodeID(w.count)
		if c != who.client && (c.Watches == who.client.Owns || c.Owns == who.client.Owns) {
			watchers = append(watchers, w)
		}
	}
	return watchers
}
