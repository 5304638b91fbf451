package experiments

import "zksim/sim"

var noticeMetric = Metric{
	Name:  "notice",
	Unit:  "ms",
	Title: "from the fault until the client is told Disconnected, and from there to the expiry",
	Explain: `From the beginning of the fault until the application hears that the connection is
lost, in its library's word: Disconnected, SUSPENDED, StateDisconnected, CONNECTING
(C-12, C-13). It is the word that the client had in hand when the session was marked,
or the first after it. A Java client that is cut off silently hears it T/3 to 2T/3
and 100 ms after the cut (Q-8). Warning is how long the application had from there
until the leader marked the session (Q-9); negative: it was told after.`,
	Picture: `
worker  ---p---p---X.................D
                   |<---- notice --->|
leader  ---t---t---|-----------------|-------m
                                     |<----->| warning`,
	session: &sessionMetric{columns: noticeColumns, of: noticeOf},
}

func noticeColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("", "fault to the application being told that its connection is lost (C-13)"),
		milliseconds("warning", "that word to the leader marking the session (Q-9); negative: the word came later"),
		stateColumn(),
	}
}

func noticeOf(t *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	f, ok := faultOf(t, s)
	switch {
	case !ok:
	case s.Disconnected.Happened():
		out[0] = elapsed(f.Begin.At, s.Disconnected)
	case !s.Killed.Happened():
		out[0] = never // a dead client is told nothing
	}
	switch {
	case s.Warning.Exists:
		out[1] = millisOf(s.Warning.Length())
	case s.Marked.Happened() && !s.Killed.Happened():
		out[1] = never
	}
	out[2] = stateOf(out[0], false)
}
