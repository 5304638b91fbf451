package experiments

import "zksim/sim"

var needlessMetric = Metric{
	Name:  "needless",
	Title: "needless expiry: the cluster expired a client whose process was alive",
	Explain: `1 if the session was expired (T-9, and the mark took effect) though its client's
process had not died by then: paused, cut off, or hit by trouble of the servers. In
the words of Chen, Toueg and Aguilera it is a mistake of the failure detector. Returned
is 1 if moreover the client reached a server again within the run and was refused
(V-5), or has its next session: it could have gone on. 0 otherwise; absent if the
client closed its session.`,
	Picture: `
worker  ---p---p---[ pause  ]--p--
leader  ---t---t----------m-------
                          ^ alive`,
	session: &sessionMetric{columns: needlessColumns, of: needlessOf},
}

func needlessColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		yesOrNo("", "expired though the process of its client was alive"),
		yesOrNo("returned", "and the client reached a server again within the run"),
	}
}

func needlessOf(t *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	if s.Verdict == sim.VerdictClosed {
		return
	}
	mistake := s.Marked.Happened() && !(s.Killed.Happened() && s.Killed.Record < s.Marked.Record)
	out[0] = truth(mistake)
	out[1] = truth(mistake && (s.Refused.Happened() || hasNext(t, s)))
}

// hasNext says whether the client of a session came up with another one after it.
func hasNext(t *sim.Timeline, s *sim.Story) bool {
	for _, other := range t.Stories {
		if other.Client == s.Client && other.Nth > s.Nth && other.Up.Happened() {
			return true
		}
	}
	return false
}
