package experiments

import (
	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A crashLight measures the detection of a client that dies once, in runs in which nothing
// else happens. Its story then has one session, one mark and one commit, and the first of
// each is the one. A run in which it is not so is irregular, and left to the timeline.
type crashLight struct {
	client  model.NodeID
	library *model.Library

	session           model.SessionID
	fault             clock.Instant
	marked, committed clock.Instant
	struck, irregular bool
}

// lightDetection is the light sink of a scenario, nil if other things can happen in it.
func lightDetection(s *sim.Scenario) Light {
	who := subjectsOf(s)
	if len(s.Faults) != 1 || len(who) != 1 || who[0].count != 1 || len(watchersOf(s, &who[0])) > 0 {
		return nil
	}
	f, c := &s.Faults[0], who[0].client
	struck, err := s.Resolve(f.Between)
	if f.Kind != sim.FaultKill && f.Kind != sim.FaultLose || f.At == nil || err != nil || len(struck) != 1 || struck[0] != who[0].first ||
		c.Close != nil || s.Ensemble.Cold || s.Ensemble.LocalSessions {
		return nil
	}
	library := c.Library
	return &crashLight{client: who[0].first, library: library}
}

// Reset implements [Light].
func (l *crashLight) Reset() { *l = crashLight{client: l.client, library: l.library} }

// Done implements [Light].
func (l *crashLight) Done() bool { return l.committed != 0 || l.irregular }

// Regular implements [Light].
func (l *crashLight) Regular() bool { return l.struck && !l.irregular }

// Record implements [sim.Sink].
func (l *crashLight) Record(r *sim.Record) {
	switch r.Kind {
	case sim.KindFaultBegins:
		l.fault, l.struck = r.At, true
		l.irregular = l.irregular || l.session == 0
	case model.KindSessionUp:
		if r.Node == l.client {
			l.irregular = l.irregular || l.session != 0
			l.session = r.Session
		}
	case model.KindTold:
		if r.Node == l.client && l.library.Meaning(r.Text) != model.MeansUsable {
			l.irregular = true
		}
	case model.KindMarked:
		if r.Session == l.session {
			l.irregular = l.irregular || !l.struck || l.marked != 0
			l.marked = r.At
		}
	case model.KindCommitted:
		if r.Session == l.session && r.Text == closeSession {
			l.irregular = l.irregular || l.marked == 0
			l.committed = r.At
		}
	case model.KindLeaderLost, model.KindSteppedDown, model.KindNewEpoch, model.KindReconfigured, model.KindDiscarded, model.KindForgotten, model.KindRearmed:
		l.irregular = true
	}
}

var closeSession = model.OpCloseSession.String()

// Read implements [Light].
func (l *crashLight) Read(out []Value) {
	out[0], out[1] = never, never
	if l.committed != 0 {
		// A mark whose close has not been committed when the run ends has not taken effect.
		out[0], out[1] = millisOf(l.marked.Sub(l.fault)), millisOf(l.committed.Sub(l.fault))
	}
	out[2] = stateOf(out[0], false)
}
