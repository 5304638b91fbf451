package conformance

import (
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A freePlan is a recording with its simulations.
type freePlan struct {
	plan       *Plan
	phase      phaseLaw
	seed       uint64
	end        clock.Instant // of the recording: its last event
	tells      bool          // the client tells what it hears: it is not killed, and recorded
	noise      time.Duration // of the recording
	cold       *sim.Fault    // what servers without a leader are late by
	touchesWin float64       // see the constant

	recorded  []freeValue       // by latency
	simulated [][]clock.Instant // by latency and run
}

type freeValue struct {
	at    clock.Instant
	known bool
}

// newFreePlan makes ready what a recording is held against; the lab tells what was
// recorded together with it. What differs by the tolerance or less counts as equal.
func newFreePlan(p *Plan, l *lab, tolerance time.Duration) *freePlan {
	f := &freePlan{plan: p, phase: l.phaseOf(p.Trace), seed: seedOf(p.Trace),
		end:   p.Instant(judgedUntil(p.Trace)),
		tells: p.Trace.Faults()[0].Kind != FaultSigkillClient && !p.Trace.ofMany}
	f.cold, f.touchesWin = p.coldServers(), touchesWin
	a := p.recorded()
	f.noise = max(noiseOf(p, &a), tolerance)
	f.recorded = f.values(&a, milliseconds(p.Trace.TickMs()))
	return f
}

// judgedUntil is the end of what a recording tells. Where a client is back through a cut
// that has no end, the lab had lifted that when it cleaned up.
func judgedUntil(t *Trace) int64 {
	path := newPath(t, wrong{})
	end, words := lifted(t, &path), meanings(&t.Header.Client)
	for _, f := range t.Faults() {
		if f.Kind != FaultBlackhole || f.Healed != Absent || f.At == Absent {
			continue
		}
		for i := range t.Events {
			e := &t.Events[i]
			if e.Class() == ClassClient && e.Ev == EvTold && words[e.State] == model.MeansUsable && e.T > f.At+int64(time.Second) {
				return min(end, e.T-1)
			}
		}
	}
	return end
}

// values are an account's latencies. What lies behind the end of the recording is
// not known to happen.
func (f *freePlan) values(a *account, tick time.Duration) []freeValue {
	values := make([]freeValue, len(freeLatencies))
	for i, l := range freeLatencies {
		v := &values[i]
		if v.at, v.known = l.value(f, a, tick); v.at > f.end {
			v.at = clock.Never
		}
	}
	return values
}

// edge is the bucket edge at or before an instant (T-2). All clocks of a plan are
// alike.
func (f *freePlan) edge(at clock.Instant, tick time.Duration) clock.Instant {
	if at == clock.Never {
		return at
	}
	offset := int64(*f.plan.Scenario.Ensemble.Clocks[0].Offset)
	return clock.Instant(floorTo(int64(at)+offset, int64(tick)) - offset)
}

// stride is how long a simulation is played before it is asked whether all that
// counts has happened.
const stride = 250 * time.Millisecond

// closerLooks are how many simulations are played, one after the other, before a
// recording is called outside: what lies in the last fifty-thousandth of its law is not.
// There are thousands of values, and one of them must hardly ever be called so by chance.
var closerLooks = []int{2_000, 10_000, 50_000}

// A freeResult is one latency of one recording.
type freeResult struct {
	rank        float64
	outside, ok bool
}

// results plays the simulations and ranks the recording among them.
func (f *freePlan) results(runs int, looks []int) ([]freeResult, error) {
	f.simulated = make([][]clock.Instant, len(freeLatencies))
	if err := f.play(0, runs); err != nil {
		return nil, err
	}
	results := make([]freeResult, len(freeLatencies))
	for i := range results {
		results[i].rank, results[i].ok = f.rank(i)
	}
	played := runs
	for _, more := range looks {
		if !f.doubtful(results) {
			break
		}
		if err := f.play(played, more); err != nil {
			return nil, err
		}
		played = max(played, more)
	}
	for i := range results {
		results[i].outside = results[i].ok && f.outside(i)
	}
	return results, nil
}

// doubtful says whether a latency lies outside of the simulations played so far.
func (f *freePlan) doubtful(results []freeResult) bool {
	for i := range results {
		if results[i].ok && f.outside(i) {
			return true
		}
	}
	return false
}

// play runs the simulations from one number up to another.
func (f *freePlan) play(from, to int) error {
	tick := f.plan.Scenario.Ensemble.Tick
	last := f.end.Add(aftermath) // what belongs to the recording's last edge comes behind it
	for run := from; run < to; run++ {
		w := f.plan.Witness()
		sinks := []sim.Sink{w}
		if run == 0 { // one for each recording is held against the invariants
			sinks = append(sinks, new(sim.Checker))
		}
		world, err := sim.New(f.redraw(uint32(run)), f.seed, uint32(run), sinks...)
		if err != nil {
			return err
		}
		for until := f.plan.Zero; ; until = min(until.Add(stride), last) {
			if _, err := world.Run(until, nil); err != nil {
				return err
			}
			if until == last || f.complete(&w.saw) {
				break
			}
		}
		for i, v := range f.values(&w.saw, tick) {
			f.simulated[i] = append(f.simulated[i], v.at)
		}
	}
	return nil
}

// complete says that nothing more can be learnt from going on.
func (f *freePlan) complete(a *account) bool {
	return a.ended != clock.Never && slices.Max(a.sawGone) != clock.Never &&
		(!f.tells || a.disconnected != clock.Never && a.expired != clock.Never)
}

// rank is the place of a recorded latency among the simulated ones, between 0 and
// 1. The place among equal values is drawn, so the rank is uniform if the recorded
// value follows the law of the simulated ones, however many of them are equal.
// What lies closer than the recording's noise counts as equal: else a process that
// takes some milliseconds to wake would always be later than a model that all
// draws wake at one instant. It is not ok where the recording cannot tell, and
// where neither it nor any simulation has the latency at all.
func (f *freePlan) rank(latency int) (rank float64, ok bool) {
	value, all := f.recorded[latency], f.simulated[latency]
	below, equal := 0, 0
	for _, v := range all {
		switch {
		case v == value.at, v != clock.Never && value.at != clock.Never && v.Sub(value.at).Abs() <= f.noise:
			equal++
		case v < value.at:
			below++
		}
	}
	if !value.known || value.at == clock.Never && equal == len(all) {
		return 0, false
	}
	place := sim.Unit(sim.Draw(f.seed, 0, purposeTie, uint32(latency), 0))
	return (float64(below) + place*float64(equal+1)) / float64(len(all)+1), true
}

// outside says that a latency is farther from all simulated ones than the
// recording's noise. One that never ends is farther from one that does than any
// noise.
func (f *freePlan) outside(latency int) bool {
	value, all := f.recorded[latency].at, f.simulated[latency]
	least, most := slices.Min(all), slices.Max(all)
	switch {
	case value < least:
		return least == clock.Never || least.Sub(value) > f.noise
	case value > most:
		return value == clock.Never || value.Sub(most) > f.noise
	}
	return false
}

// noiseOf is how late a recording may have anything, in its own words: what its
// header states, which is how late a thread of the recorder woke, and what its client
// and its server took besides.
func noiseOf(p *Plan, a *account) time.Duration {
	noise := time.Duration(max(p.Trace.Header.Noise.MaxMs, 0) * float64(time.Millisecond))
	return noise + clientLag(p, a) + curatorLag(p) + serverLag(p) + closeLag(p, a)
}

// clientLag is how much later the client's first failure was logged than the client
// says that it decided. A virtual machine loads classes in between, and the application
// is told behind that too; 88 ms were recorded where the header states 6.
func clientLag(p *Plan, a *account) time.Duration {
	if a.silence == clock.Never {
		return 0
	}
	heard := clock.Never
	for i := range p.Trace.Events {
		e := &p.Trace.Events[i]
		at := p.Instant(e.T)
		if at >= a.silence {
			break
		}
		if e.Class() == ClassClient && (e.Ev == EvPingReply || e.Ev == EvReady) {
			heard = at
		}
	}
	if heard == clock.Never {
		return 0
	}
	if lag := a.silence.Sub(heard.Add(a.idle)); lag > 0 && lag < mostLag {
		return lag
	}
	return 0
}

// curatorLag is how much later Curator told of the loss than its handle told Curator,
// which is at once (L-U2).
func curatorLag(p *Plan) time.Duration {
	told := int64(Absent)
	for i := range p.Trace.Events {
		e := &p.Trace.Events[i]
		switch {
		case e.Class() != ClassClient || e.T < p.Trace.Faults()[0].At:
		case e.Ev == EvZKTold && told == Absent:
			told = e.T
		case e.Ev == EvTold && told != Absent:
			return min(time.Duration(e.T-told), mostLag)
		}
	}
	return 0
}

// closeLag is by how much longer than in the plan it took from the mark to the session's
// end at the client's server, which closes its connection then (Z-6). A leader that has
// been stopped for seconds has a lot to do first; 60 ms were recorded.
func closeLag(p *Plan, a *account) time.Duration {
	marked := a.effective()
	for i := range p.Trace.Events {
		e := &p.Trace.Events[i]
		if e.Ev != EvCloseApplied || e.NodeID() != p.Trace.Header.Client.AttachedServer || p.Instant(e.T) < marked {
			continue
		}
		return min(max(p.Instant(e.T).Sub(marked)-p.Scenario.Ensemble.Log.Sample(0)-2*serverLatency, 0), mostLag)
	}
	return 0
}

// serverLag is how long the client's server took, behind the first server to lose its
// leader or to give up leading, until it looked for a leader. The rules have it shut
// down in no time (F-3, F-8); recorded are 5 to 62 ms, in which it closes the
// connections of its clients.
func serverLag(p *Plan) time.Duration {
	lost := int64(Absent)
	for i := range p.Trace.Events {
		e := &p.Trace.Events[i]
		if e.Ev != EvRole || e.Class() != ClassServer || p.Instant(e.T) < p.Zero {
			continue
		}
		switch {
		case e.Role == roleLostLeader || e.Role == roleSteppingDown:
			if lost == Absent || time.Duration(e.T-lost) > mostLag {
				lost = e.T
			}
		case lost != Absent && e.Role == roleLooking && e.NodeID() == p.Trace.Header.Client.AttachedServer:
			return min(time.Duration(e.T-lost), mostLag)
		}
	}
	return 0
}

// mostLag bounds what counts as a lag: more says that something happened which the
// recording lacks.
const mostLag = 250 * time.Millisecond
