package conformance

import (
	"strings"
	"time"

	"zksim/model"
	"zksim/sim"
)

// How the lab that recorded chose the instant of a fault. It readied all clients
// that it recorded together, made its observers watch, let things settle for
// settleShare of the longest timeout, settleLeast at least, and then waited for
// each client, or for the ensemble, a time of its own, uniform over two ticks. Nothing
// that it saw had a say in either the fault or the heal, so the phase of the pings at
// the fault follows from that wait alone. It is not uniform over their period: with
// T = 2000 and ticks of 200 ms the wait covers 400 ms of a period of 666.
const (
	settleLeast  = 1200 * time.Millisecond
	settleTenths = 6 // of the longest timeout, in tenths
	// A leader that was to be killed got this long and the longest timeout instead.
	settleKill = 2 * time.Second
	// observing is what the observers' watches took. In the 47 recordings of S4
	// with ticks of 200 ms, all of whose clients had warmed up before, the waits end
	// 36 to 428 ms behind the settled instant, and they are of 0 to 400.
	observing = 40 * time.Millisecond
	// settleSlack is by how much a wait may seem out of its bounds before the
	// recordings at hand are taken not to tell when it began: a client that they
	// lack was ready later.
	settleSlack = 50 * time.Millisecond
	// slowStart is what a client takes from open to ready that starts a virtual
	// machine. Others of its batch took as long, so one that is not at hand may have
	// been ready seconds later.
	slowStart = int64(500 * time.Millisecond)
)

// A phaseLaw says by how much the client's pings come later than recorded: by
// less than a period, which stands for any number of them.
type phaseLaw struct {
	period time.Duration
	// The lab waited this long before the fault, of at most span. A span of zero
	// says that this is unknown: then every phase is alike.
	waited, span time.Duration
}

// A lab is what the recordings at hand tell of how they were made.
type lab struct{ spans map[place][]span }

// A place is where recordings were made one batch at a time: one scenario on one
// ensemble.
type place struct{ scenario, ensemble string }

// A span is the time from a client's opening to the fault that its wait led to, ns.
type span struct {
	id                 string
	open, ready, fault int64
	timeout            int64 // ms
}

func newLab(traces []*Trace) *lab {
	l := &lab{spans: map[place][]span{}}
	for _, t := range traces {
		if s, ok := spanOf(t); ok {
			l.spans[placeOf(t)] = append(l.spans[placeOf(t)], s)
		}
	}
	return l
}

func placeOf(t *Trace) place { return place{t.Header.Scenario, labOf(t)} }

// phaseOf finds the law for a recording, among those at hand.
func (l *lab) phaseOf(t *Trace) phaseLaw {
	client := &t.Header.Client
	timers := model.NewJavaTimers(int32(client.NegotiatedMs), max(client.Addresses, 1))
	law := phaseLaw{period: max(milliseconds(timers.Ping), time.Millisecond)}
	width := 2 * milliseconds(t.TickMs())
	b, ok := l.batchOf(t)
	if !ok || b.count < t.Header.ClientsInParallel && b.slowest > slowStart {
		return law
	}
	fault := struck(t)
	settle := max(settleLeast, milliseconds(b.longest)*settleTenths/10)
	switch fault.Kind {
	case FaultSigkillServer:
		settle = settleKill + milliseconds(b.longest)
	case FaultAllServersPartitioned:
		return law // it waited for nothing
	}
	begun := b.ready + int64(settle+observing)
	if b.struck != Absent {
		begun = max(begun, b.struck-int64(width))
	}
	waited := time.Duration(fault.At - begun)
	if waited < -settleSlack || waited > width+settleSlack {
		return law
	}
	law.waited, law.span = min(max(waited, 0), width), width
	return law
}

// later draws from the law.
func (l *phaseLaw) later(random uint64) time.Duration {
	if l.span == 0 {
		return time.Duration(sim.Below(random, uint64(l.period)))
	}
	wait := time.Duration(sim.Below(random, uint64(l.span)))
	return time.Duration(int64(l.waited-wait) - floorTo(int64(l.waited-wait), int64(l.period)))
}

// A batch is what a recording and those made together with it say of the lab's
// driver.
type batch struct {
	count   int   // recordings at hand
	slowest int64 // ns; the longest that a client took from open to ready
	ready   int64 // ns; when the last client was ready
	longest int64 // ms; the longest timeout
	struck  int64 // ns; the last fault of the others, Absent without others
}

// batchOf looks for the recordings made together with one: those of one scenario
// on one ensemble whose times from open to fault overlap. An ensemble recorded one
// batch at a time.
func (l *lab) batchOf(t *Trace) (batch, bool) {
	one, ok := spanOf(t)
	if !ok {
		return batch{}, false
	}
	b := batch{1, one.ready - one.open, one.ready, one.timeout, Absent}
	for _, s := range l.spans[placeOf(t)] {
		if s.id == one.id || s.open >= one.fault || s.fault <= one.open {
			continue
		}
		b.count++
		b.slowest = max(b.slowest, s.ready-s.open)
		b.ready, b.longest, b.struck = max(b.ready, s.ready), max(b.longest, s.timeout), max(b.struck, s.fault)
	}
	return b, true
}

// spanOf is when the client of a recording was opened and ready, and the fault that
// the lab waited for.
func spanOf(t *Trace) (span, bool) {
	s := span{t.Header.ID, Absent, Absent, Absent, t.Header.Client.NegotiatedMs}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Class() != ClassClient {
			continue
		}
		if e.Ev == EvOpen && s.open == Absent {
			s.open = e.T
		}
		if e.Ev == EvReady && s.ready == Absent {
			s.ready = e.T
		}
	}
	if len(t.Faults()) > 0 {
		s.fault = struck(t).At
	}
	return s, s.open != Absent && s.ready != Absent && s.fault >= s.ready
}

// struck is the fault that the lab waited for: the first of the ensemble's, or else the
// client's own. A client that is cut off before a leader is killed is so as long
// before that as the lab drew, which is part of the recording.
func struck(t *Trace) Fault {
	faults := t.Faults()
	for _, f := range faults {
		if ofEnsemble(&f) {
			return f
		}
	}
	return faults[0]
}

// ofEnsemble says whether a fault befell servers, and so everybody.
func ofEnsemble(f *Fault) bool { return f.Server > 0 || f.Kind == FaultAllServersPartitioned }

// A fateKey names a fault that several recordings share; the zero one is shared by
// none.
type fateKey struct {
	place
	at int64
}

// fateOf finds the fault that a recording shares with those made together with it.
func fateOf(t *Trace) fateKey {
	if len(t.Faults()) == 0 {
		return fateKey{}
	}
	if f := struck(t); ofEnsemble(&f) || t.ofMany {
		return fateKey{placeOf(t), f.At}
	}
	return fateKey{}
}

// labOf is the ensemble that a recording was made on: "C3" of S3_heal_after/java/C3-0012.
func labOf(t *Trace) string {
	parts := strings.Split(t.Header.ID, "/")
	name := parts[min(len(parts)-1, 2)] // behind it stands the session of many
	lab, _, _ := strings.Cut(name, "-")
	return lab
}
