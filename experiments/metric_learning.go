package experiments

import "zksim/sim"

var learningMetric = Metric{
	Name:  "learning",
	Unit:  "ms",
	Title: "from fault, heal and expiry until the client is told that its session is over",
	Explain: `The application's word for it is Expired, LOST or StateExpired. Counted from the fault's
beginning, from its end (V-5: a server that the client reaches again refuses the
session; Q-11), and from the leader's mark (negative: the client knew first, Q-23).
Java from 3.9.3 on and Curator can decide by themselves (C-20, L-U3); other libraries
are told by a server or never (Q-12, Q-25).`,
	Picture: `
network ---X================heal--------
worker     |          D        |     E
           |<----- since fault ----->|
           |                   |<--->| since heal
leader  ---|------------m------|-----|--
                        |<---------->| since expiry`,
	session: &sessionMetric{columns: learningColumns, of: learningOf},
}

func learningColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("since_fault", "fault to the application being told Expired (C-30)"),
		milliseconds("since_heal", "end of the fault to that word (V-5, Q-11); negative: before"),
		milliseconds("since_expiry", "leader's mark to that word; negative: the client knew first (Q-23)"),
		stateColumn(),
	}
}

func learningOf(t *sim.Timeline, _ *subject, s *sim.Story, out []Value) {
	f, ok := faultOf(t, s)
	told := toldOver(s)
	// Who is dead, who closed, and whose session lives has nothing to be told.
	nothing := !told.Happened() && (s.Killed.Happened() || !s.Marked.Happened())
	if !ok || nothing || s.Verdict == sim.VerdictClosed {
		out[3] = stateOf(absent, false)
		return
	}
	out[0] = elapsed(f.Begin.At, told)
	if f.End.Happened() {
		out[1] = elapsed(f.End.At, told)
	}
	if s.Marked.Happened() {
		out[2] = elapsed(s.Marked.At, told)
	}
	out[3] = stateOf(out[0], false)
}

// toldOver is when the application was told that its session is over, in whichever
// word.
func toldOver(s *sim.Story) sim.Moment {
	if s.Expired.Happened() {
		return s.Expired
	}
	return s.Closed
}
