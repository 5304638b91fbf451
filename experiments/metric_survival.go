package experiments

import "zksim/sim"

var survivalMetric = Metric{
	Name:  "survival",
	Title: "did the session survive, and by how much",
	Explain: `1 if, when the run ends, the cluster holds the session and its client may use it.
Verdict is how the session's story ends, as the timeline says it. Margin, of a session
that survived trouble, is what was left of its time at the touch that came closest to
the deadline (T-3), in whole milliseconds. Absent for a session that its client closed.`,
	Picture: `
worker  ---p---[ pause ]p--
leader  ---t------------t---|edge
                        |<->| margin`,
	session: &sessionMetric{columns: survivalColumns, of: survivalOf},
}

// verdicts are the words for [sim.Verdict].
var verdicts = []string{
	sim.VerdictSurvived:     "survived",
	sim.VerdictLearned:      "learned",
	sim.VerdictNeverLearned: "never_learned",
	sim.VerdictDead:         "dead",
	sim.VerdictGaveUp:       "gave_up",
	sim.VerdictDeadHeld:     "dead_held",
	sim.VerdictClosed:       "closed",
	sim.VerdictLeft:         "left",
}

func survivalColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		yesOrNo("", "the cluster holds the session at the end, and the client may use it"),
		milliseconds("margin", "from the closest call to its deadline (T-3)"),
		{Name: "verdict", Kind: KindWord, Words: verdicts, Meaning: "how the session's story ends: survived; learned or never_learned of its expiry; dead: client died, session expired; " +
			"gave_up: the client knew first; dead_held: client dead, session not yet expired; closed by its client; left by its client, being read-only"},
	}
}

func survivalOf(_ *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	if s.Verdict != sim.VerdictClosed {
		out[0] = truth(s.Verdict == sim.VerdictSurvived)
		if s.Saving.Happened() && s.Verdict == sim.VerdictSurvived {
			out[1] = millisOf(s.Margin)
		}
	}
	out[2] = float64(s.Verdict)
}
