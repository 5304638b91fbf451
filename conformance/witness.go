package conformance

import (
	"slices"
	"strings"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A Witness keeps, of a run of a recording's scenario, what a comparison needs.
// It is a sink for [sim.New].
type Witness struct {
	plan    *Plan
	victim  model.NodeID
	leader  model.NodeID
	library *model.Library
	session model.SessionID
	saw     account
}

// Witness returns a sink for one run of the plan's scenario.
func (p *Plan) Witness() *Witness {
	servers := p.Scenario.Ensemble.Servers
	return &Witness{plan: p, victim: model.NodeID(servers), leader: model.NodeID(p.Scenario.Ensemble.Leader - 1),
		library: p.Scenario.Clients[0].Library,
		saw:     newAccount(p.Zero, servers)}
}

// Record implements [sim.Sink].
func (w *Witness) Record(r *sim.Record) {
	a, after := &w.saw, r.At >= w.plan.Zero
	switch {
	case r.Node == w.victim:
		w.client(r, after)
	case r.Node > w.victim:
		if r.Kind == model.KindSawDeleted {
			a.first(&a.sawGone[r.Node-w.victim-1], r.At)
		}
	case r.Session != w.session || w.session == 0:
	case r.Kind == model.KindConnectionClosed && r.Peer == w.victim && after:
		if a.hungUp == clock.Never {
			a.hungUpRule = r.Rule
		}
		a.first(&a.hungUp, r.At)
	case r.Kind == model.KindCloseApplied && r.Rule == replayedFromLog:
		// What was in a log need not be in the next leader's, and recordings say nothing of it.
	case r.Kind == model.KindCloseApplied && r.Node != w.leader:
		a.first(&a.ended, r.At)
	case r.Kind == model.KindMarked && r.Node != w.leader:
		a.marks = append(a.marks, r.At)
	case r.Node != w.leader:
	case r.Kind == model.KindTouch:
		a.touched(r.At)
	case r.Kind == model.KindMarked:
		a.first(&a.marked, r.At)
		a.marks = append(a.marks, r.At)
	case r.Kind == model.KindCloseApplied:
		a.first(&a.applied, r.At)
		a.first(&a.ended, r.At)
	case r.Kind == model.KindNodeDeleted:
		a.first(&a.deleted, r.At)
	}
}

func (w *Witness) client(r *sim.Record, after bool) {
	a := &w.saw
	if r.Kind == model.KindSessionUp && w.session == 0 {
		w.session = r.Session
	}
	if !after {
		return
	}
	switch r.Kind {
	case model.KindSilence:
		a.first(&a.silence, r.At)
	case model.KindTold:
		a.told(w.library.Meaning(r.Text), r.At)
	case model.KindLocalExpiry:
		a.first(&a.local, r.At)
	case model.KindAttempt:
		a.attempts = append(a.attempts, r.At)
	case model.KindTCPUp:
		a.first(&a.tcpUp, r.At)
	case model.KindPing:
		a.first(&a.lost, r.At)
	case model.KindSessionUp:
		a.first(&a.resumed, r.At)
	}
}

// An account is what is compared, of a run or of a recording: instants of the
// run's clock, Never for what did not happen. Everything but the touches lies
// behind the first fault.
type account struct {
	zero clock.Instant

	silence      clock.Instant
	disconnected clock.Instant
	attempts     []clock.Instant
	tcpUp        clock.Instant
	resumed      clock.Instant
	expired      clock.Instant
	local        clock.Instant

	touches []clock.Instant // at the leader at the start, up to its first mark
	marked  clock.Instant   // by that leader, first
	marks   []clock.Instant // by whoever led, in order
	ended   clock.Instant   // closeSession applied, anywhere, first
	applied clock.Instant   // closeSession, at the leader
	deleted clock.Instant   // the node, at the leader
	hungUp  clock.Instant   // the client's connection closed at a server's end
	sawGone []clock.Instant

	lost       clock.Instant   // of a run: the first ping behind the first fault
	hungUpRule string          // of a run
	idle       time.Duration   // of a recording: how long the client says that it had heard nothing
	pings      []clock.Instant // of a recording: taken in by the server that the client was attached to
}

func newAccount(zero clock.Instant, servers int) account {
	const n = clock.Never
	a := account{zero: zero, silence: n, disconnected: n, tcpUp: n, resumed: n, expired: n, local: n, lost: n,
		marked: n, ended: n, applied: n, deleted: n, hungUp: n}
	for range servers {
		a.sawGone = append(a.sawGone, n)
	}
	return a
}

func (a *account) first(field *clock.Instant, at clock.Instant) {
	if *field == clock.Never {
		*field = at
	}
}

// touched is a touch at the leader; those of a session that is marked are asked
// for in vain (T-6).
func (a *account) touched(at clock.Instant) {
	if a.marked == clock.Never {
		a.touches = append(a.touches, at)
	}
}

// lastTouch is the last touch before an instant, firstTouch the first from it on.
func (a *account) lastTouch(before clock.Instant) clock.Instant {
	last := clock.Never
	for _, at := range a.touches {
		if at < before {
			last = at
		}
	}
	return last
}

func (a *account) firstTouch(from clock.Instant) clock.Instant {
	for _, at := range a.touches {
		if at >= from {
			return at
		}
	}
	return clock.Never
}

// effective is when the session was marked by whom its end follows: the last mark
// before it. A mark whose close never committed is in vain (F-9, Z-10).
func (a *account) effective() clock.Instant {
	end := min(a.ended, slices.Min(a.sawGone))
	if end == clock.Never {
		return clock.Never
	}
	last := clock.Never
	for _, at := range a.marks {
		if at <= end {
			last = at
		}
	}
	return last
}

func (a *account) told(what model.Meaning, at clock.Instant) {
	switch what {
	case model.MeansLost:
		a.first(&a.disconnected, at)
	case model.MeansExpired:
		a.first(&a.expired, at)
	}
}

// recorded is the account that the recording gives.
func (p *Plan) recorded() account {
	t := p.Trace
	leader := t.LeaderAtStart()
	words, struck := meanings(&t.Header.Client), t.Faults()[0].At
	a := newAccount(p.Zero, t.Header.Servers.Count)
	for i := range t.Events {
		e := &t.Events[i]
		at := p.Instant(e.T)
		after := e.T >= struck
		switch e.Class() {
		case ClassClient:
			if !after {
				continue
			}
			switch e.Ev {
			case EvSilence:
				if a.silence == clock.Never && e.IdleMs != Absent {
					a.idle = milliseconds(e.IdleMs)
				}
				a.first(&a.silence, at)
			case EvTold:
				a.told(words[e.State], at)
			case EvLocalExpiry:
				a.first(&a.local, at)
			case EvAttempt:
				a.attempts = append(a.attempts, at)
			case EvTCPUp:
				a.first(&a.tcpUp, at)
			case EvSessionUp:
				a.first(&a.resumed, at)
			}
		case ClassObserver:
			if id := e.NodeID(); e.Ev == EvSawDeleted && id >= 1 && id <= len(a.sawGone) {
				a.first(&a.sawGone[id-1], at)
			}
		case ClassServer:
			if e.Ev == EvConnectionClosed && after {
				a.first(&a.hungUp, at)
			}
			if e.Ev == EvPingProcessed && e.NodeID() == t.Header.Client.AttachedServer {
				a.pings = append(a.pings, at)
			}
			switch e.Ev {
			case EvMarkedClosing:
				if e.By == "" || e.By == byExpiry {
					a.marks = append(a.marks, at)
				}
			case EvCloseApplied:
				a.first(&a.ended, at)
			}
			if e.NodeID() != leader {
				continue
			}
			switch e.Ev {
			case EvTouch:
				a.touched(at)
			case EvMarkedClosing:
				a.first(&a.marked, at)
			case EvCloseApplied:
				a.first(&a.applied, at)
			case EvEphemeralsDeleted:
				a.first(&a.deleted, at)
			}
		}
	}
	return a
}

// replayedFromLog is the rule by which a server applies what was in its log.
const replayedFromLog = "Z-10"

// byExpiry is in marked_closing where the expiry loop did it (T-9).
const byExpiry = "expiry"

// meanings are those of the words with which a recording says what its application
// was told.
func meanings(h *Client) map[string]model.Meaning {
	words := map[string]model.Meaning{}
	row, library := ledLibraryOf(h)
	if row == nil {
		return words
	}
	for _, e := range library.Events() {
		if state, ok := strings.CutPrefix(row.noted(&model.Note{Kind: model.KindTold, Text: e.Word}), word(EvTold, "")); ok {
			words[state] = e.Means
		}
	}
	return words
}
