package experiments

import "zksim/sim"

var gapMetric = Metric{
	Name:  "gap",
	Unit:  "ms",
	Title: "knowledge gap: expired, and the client does not know",
	Explain: `From the leader marking the session closing (T-9) until its application is told
Expired. It exists only where the cluster comes first (Q-24); where the client knows
first there is none (see orphan). A client that is never told is open: the gap lasts
until the run ends and beyond. A dead client has no knowledge, and no gap.`,
	Picture: `
leader  -------m--------------------
worker  -------|------------E-------
               |<-- gap --->|`,
	session: &sessionMetric{columns: gapColumns, of: gapOf},
}

func gapColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("", "leader's mark (T-9) to the application being told Expired (C-30)"),
		stateColumn(),
	}
}

func gapOf(_ *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	if s.Gap.Exists && s.Verdict != sim.VerdictClosed {
		out[0] = millisOf(s.Gap.Length())
	}
	out[1] = stateOf(out[0], s.Gap.Open)
}
