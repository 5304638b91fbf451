package conformance

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"zksim/model"
	"zksim/sim"
)

// What a recording leaves open is drawn anew in every simulation of it: the phase
// of the client's pings, the phase of the leader's PINGs (T-17), r of W-1, and
// what the model draws itself, back-offs (C-17) and the order of the address list
// (C-16). Latencies stay the plan's constants: they are milliseconds where the
// phases are hundreds.

// r of W-1 lies in this interval, round trip included.
const (
	freeLeastResend = 206 * time.Millisecond
	freeMostResend  = 219 * time.Millisecond
)

// How the lab that recorded chose the instant of a fault. It readied all clients
// that it recorded together, made its observers watch, let things settle for
// settleShare of the longest timeout, settleLeast at least, and then waited for
// each client a time of its own, uniform over two ticks. Nothing that it saw had
// a say in either the fault or the heal, so the phase of the pings at the fault
// follows from that wait alone. It is not uniform over their period: with T =
// 2000 and ticks of 200 ms the wait covers 400 ms of a period of 666.
const (
	settleLeast  = 1200 * time.Millisecond
	settleTenths = 6 // of the longest timeout, in tenths
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

// phaseOf finds the law for a recording, among those at hand.
func phaseOf(t *Trace, traces []*Trace) phaseLaw {
	client := &t.Header.Client
	timers := model.NewJavaTimers(int32(client.NegotiatedMs), max(client.Addresses, 1))
	law := phaseLaw{period: max(milliseconds(timers.Ping), time.Millisecond)}
	span := 2 * milliseconds(t.TickMs())
	b, ok := batchOf(t, traces)
	if !ok || b.count < t.Header.ClientsInParallel && b.slowest > slowStart {
		return law
	}
	begun := b.ready + int64(max(settleLeast, milliseconds(b.longest)*settleTenths/10)+observing)
	if b.struck != Absent {
		begun = max(begun, b.struck-int64(span))
	}
	waited := time.Duration(t.Faults()[0].At - begun)
	if waited < -settleSlack || waited > span+settleSlack {
		return law
	}
	law.waited, law.span = min(max(waited, 0), span), span
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
func batchOf(t *Trace, traces []*Trace) (batch, bool) {
	open, ready, fault, ok := spanOf(t)
	if !ok {
		return batch{}, false
	}
	b := batch{1, ready - open, ready, t.Header.Client.NegotiatedMs, Absent}
	for _, other := range traces {
		if other.Header.ID == t.Header.ID || other.Header.Scenario != t.Header.Scenario || labOf(other) != labOf(t) {
			continue
		}
		o, r, f, ok := spanOf(other)
		if !ok || o >= fault || f <= open {
			continue
		}
		b.count++
		b.slowest = max(b.slowest, r-o)
		b.ready, b.longest, b.struck = max(b.ready, r), max(b.longest, other.Header.Client.NegotiatedMs), max(b.struck, f)
	}
	return b, true
}

// spanOf is when the client of a recording was opened and ready, and its first fault.
func spanOf(t *Trace) (open, ready, fault int64, ok bool) {
	open, ready = Absent, Absent
	for i := range t.Events {
		e := &t.Events[i]
		if e.Class() != ClassClient {
			continue
		}
		if e.Ev == EvOpen && open == Absent {
			open = e.T
		}
		if e.Ev == EvReady && ready == Absent {
			ready = e.T
		}
	}
	faults := t.Faults()
	if open == Absent || ready == Absent || len(faults) == 0 || faults[0].At < ready {
		return 0, 0, 0, false
	}
	return open, ready, faults[0].At, true
}

// labOf is the ensemble that a recording was made on: "C3" of S3_heal_after/java/C3-0012.
func labOf(t *Trace) string {
	name := t.Header.ID[strings.LastIndexByte(t.Header.ID, '/')+1:]
	lab, _, _ := strings.Cut(name, "-")
	return lab
}

// Purposes of the draws made here, of those that the world leaves free.
const (
	purposePingPhase sim.Purpose = 32 // how much later the client's pings come
	purposeResend    sim.Purpose = 33 // r of W-1
	purposeTie       sim.Purpose = 34 // the place among equal values; the entity is the latency
	purposeSeed      sim.Purpose = 35 // the seed of one recording
)

// freeSeed is the seed of all of it.
const freeSeed = 1

// seedOf is the seed of a recording's simulations. It depends on the recording's
// id alone, so that its ranks do not depend on which others are replayed, and no
// two recordings share their luck.
func seedOf(t *Trace) uint64 {
	h := fnv.New64a()
	h.Write([]byte(t.Header.ID)) // never fails
	return sim.Draw(freeSeed, 0, purposeSeed, 0, h.Sum64())
}

// redraw is the plan's scenario with what is open drawn for one run.
func (f *freePlan) redraw(run uint32) *sim.Scenario {
	s := *f.plan.Scenario
	s.Ensemble.PingPhase = nil // the world draws it
	s.Clients = slices.Clone(s.Clients)
	client := &s.Clients[0]
	open := client.Open.Sample(0)
	later := f.phase.later(sim.Draw(f.seed, run, purposePingPhase, 0, 0))
	if open >= f.phase.period {
		later -= f.phase.period // the same phase, with one ping more before the fault
	}
	client.Open = f.plan.constant(open + later)
	width := uint64((freeMostResend - freeLeastResend) / time.Microsecond)
	r := freeLeastResend + time.Duration(sim.Below(sim.Draw(f.seed, run, purposeResend, 0, 0), width+1))*time.Microsecond
	s.Network.RTOMin += r - resend // the plan's is that of the median r
	return &s
}
