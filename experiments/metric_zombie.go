package experiments

import "zksim/sim"

var zombieMetric = Metric{
	Name:  "zombie",
	Unit:  "ms",
	Title: "how long an application acts as owner of a node that others have seen go",
	Explain: `From the first other client being told that the node is gone (without one: from the
commit, Z-4) until the application stops, under two policies: one that stops on
Disconnected (Q-20), and one that waits for Expired (Q-21). Time in which its process
stands still does not count: a stopped process does nothing. Whole milliseconds, as
the timeline prints them. 0 if it stopped before, or the session lives; absent if it
owned nothing or was dead by then.`,
	Picture: `
leader  ------m--c
other   ------|--|-s
worker  ------|----|----D--------E
                   |<-->| stops on Disconnected
                   |<----------->| waits for Expired`,
	session: &sessionMetric{columns: zombieColumns, of: zombieOf},
}

func zombieColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("waits", "acting as owner after others saw the node go, if it stops on Expired (Q-21)"),
		milliseconds("stops", "the same, if it stops on Disconnected (Q-20)"),
		stateColumn(),
	}
}

func zombieOf(_ *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	dead := s.Killed.Happened() && (!s.Owned || s.Killed.At <= s.OthersNotice.At)
	if s.Holds.Happened() && !dead {
		// Where others did not see it go, both are zero.
		out[0], out[1] = millisOf(s.Waits.Length), millisOf(s.Stops.Length)
	}
	out[2] = stateOf(out[0], s.Waits.Open)
}
