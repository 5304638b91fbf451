package experiments

import "zksim/sim"

var orphanMetric = Metric{
	Name:  "orphan",
	Unit:  "ms",
	Title: "given up by its client, and the cluster still holds it",
	Explain: `From the application being told that its session is over until the leader marks it:
the session, its node and its lock have nobody. It comes with expiry at the client
(C-20, L-U3) and with whatever else makes the client know first (Q-17, Q-23). 0 where
the cluster came first or nobody gave up; absent for a client that died, whose node's
time is detection, and for a session that its client closed.`,
	Picture: `
worker  -------E--------------------
               |<- orphan ->|
leader  ----------------------------m`,
	session: &sessionMetric{columns: orphanColumns, of: orphanOf},
}

func orphanColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("", "the application being told Expired to the leader's mark (Q-17, Q-23)"),
		stateColumn(),
	}
}

func orphanOf(_ *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	switch {
	case s.Orphan.Exists:
		out[0] = millisOf(s.Orphan.Length())
	case !s.Killed.Happened() && s.Verdict != sim.VerdictClosed:
		out[0] = 0
	}
	out[1] = stateOf(out[0], s.Orphan.Open)
}
