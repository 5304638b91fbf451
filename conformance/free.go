package conformance

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zksim/clock"
	"zksim/experiments"
	"zksim/sim"
)

// A FreeRow says where one latency of all recordings lies among simulations of
// them.
type FreeRow struct {
	Latency string
	N       int // ranks: recordings that can tell the latency
	// D is the greatest distance between the distribution of the ranks and the
	// uniform one, and P the probability of at least that if the model is right.
	D, P float64
	// Rejected says that the ranks are not uniform, at 1% for all rows together
	// (Holm), or that a recording is outside.
	Rejected bool
	// Outside lists the recordings, by id, whose latency lies beyond all simulated
	// ones by more than the recording's noise.
	Outside []string
}

// freeAlpha is the probability that any row is rejected though the model is right.
const freeAlpha = 0.01

// A freeLatency is what a row is about. Its value is the instant at which it
// ends, Never if it never does; known is false where the account cannot tell. tick
// is the width of the account's buckets.
type freeLatency struct {
	name  string
	value func(f *freePlan, a *account, tick time.Duration) (at clock.Instant, known bool)
}

// The latencies, in the order of the rows. Where one begins is the same for a
// recording and its simulations, so ranks need the end alone.
//
// The first and the last are compared by bucket edge. In simulations they lie on
// the edges, or the same few milliseconds behind them; in recordings they lie
// behind them by what threads took to wake and logs to commit, which no rule
// predicts (T-7, Z-5). Such a lag must not decide between values that the rules
// call equal; the draw among equal ones does. The lag itself is the business of
// the comparison instant by instant.
var freeLatencies = []freeLatency{
	{"detection", func(f *freePlan, a *account, tick time.Duration) (clock.Instant, bool) {
		return f.edge(a.marked, tick), true
	}},
	{"Disconnected", func(f *freePlan, a *account, _ time.Duration) (clock.Instant, bool) {
		return a.disconnected, !f.kills
	}},
	{"Expired after heal", func(f *freePlan, a *account, _ time.Duration) (clock.Instant, bool) {
		return a.expired, !f.kills && f.healed != clock.Never
	}},
	// One value a recording: its observers all wait for one bucket, and taken for so
	// many values they would weigh one bucket three times.
	{"deletion seen", func(f *freePlan, a *account, tick time.Duration) (clock.Instant, bool) {
		seen := lastNotice(a)
		// Some recordings lack the notices of what their servers did delete.
		return f.edge(seen, tick), seen != clock.Never || a.deleted == clock.Never
	}},
}

// lastNotice is when the last observer that saw the node gone saw it.
func lastNotice(a *account) clock.Instant {
	last := clock.Never
	for _, at := range a.sawGone {
		if at != clock.Never && (last == clock.Never || at > last) {
			last = at
		}
	}
	return last
}

// Free turns each recorded latency into its rank among as many simulations of
// its own recording as runs says: with the recording's bucket edges and fault
// instants, and with what no recording fixes drawn. If the model is right the
// ranks of all recordings are uniform. It returns a row for each latency:
// "detection" is from the fault until the session is marked (T-9),
// "Disconnected" and "deletion seen", by the last observer, are from the fault on
// too, "Expired after heal" is from the heal on.
//
// What did not happen by the end of the recording counts as later than all that
// did, on both sides. Recordings that [Scenario] cannot play, or whose
// simulations leave the model, are left out. It fails for less than one run, and
// with the context's error, which it looks at between recordings.
//
// A recording's simulations depend on the recording alone, but for the phase of
// the client's pings: those recorded together with it tell more about that.
func Free(ctx context.Context, traces []*Trace, runs int) ([]FreeRow, error) {
	return freeRows(ctx, traces, runs, func(*freePlan) {})
}

// freeRows is Free; prepare can change each recording's plan before it is played.
func freeRows(ctx context.Context, traces []*Trace, runs int, prepare func(*freePlan)) ([]FreeRow, error) {
	if runs < 1 {
		return nil, fmt.Errorf("%d simulations of each recording: want 1 or more", runs)
	}
	rows := make([]FreeRow, len(freeLatencies))
	ranks := make([][]float64, len(freeLatencies))
	for _, t := range traces {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := Scenario(t)
		if err != nil {
			continue // the guided comparison says why
		}
		f := newFreePlan(p, traces)
		prepare(f)
		results, err := f.results(runs)
		if err != nil {
			return nil, fmt.Errorf("recording %s: %w", t.Header.ID, err)
		}
		for i, r := range results {
			if !r.ok {
				continue
			}
			ranks[i] = append(ranks[i], r.rank)
			if r.outside {
				rows[i].Outside = append(rows[i].Outside, t.Header.ID)
			}
		}
	}
	judgeFree(rows, ranks)
	return rows, nil
}

// judgeFree fills in names and tests. A latency without ranks is no part of the
// family.
func judgeFree(rows []FreeRow, ranks [][]float64) {
	var family []int
	var ps []float64
	for i := range rows {
		row := &rows[i]
		row.Latency, row.N, row.P = freeLatencies[i].name, len(ranks[i]), 1
		slices.Sort(row.Outside)
		if row.N == 0 {
			continue
		}
		row.D, row.P = experiments.KolmogorovSmirnov(ranks[i], func(x float64) float64 { return x })
		family, ps = append(family, i), append(ps, row.P)
	}
	for k, adjusted := range experiments.Holm(ps) {
		row := &rows[family[k]]
		row.Rejected = adjusted <= freeAlpha || len(row.Outside) > 0
	}
}

// A freePlan is a recording with its simulations.
type freePlan struct {
	plan   *Plan
	phase  phaseLaw
	seed   uint64
	healed clock.Instant // the first fault
	end    clock.Instant // of the recording: its last event
	kills  bool          // the first fault is the end of the client
	noise  time.Duration // of the recording

	recorded  []freeValue       // by latency
	simulated [][]clock.Instant // by latency and run
}

type freeValue struct {
	at    clock.Instant
	known bool
}

// newFreePlan makes ready what a recording is held against; traces are those
// among which to look for what was recorded together with it.
func newFreePlan(p *Plan, traces []*Trace) *freePlan {
	f := &freePlan{plan: p, phase: phaseOf(p.Trace, traces), seed: seedOf(p.Trace), healed: p.healed(),
		end:   p.Instant(p.Trace.Events[len(p.Trace.Events)-1].T),
		kills: p.Scenario.Faults[0].Kind == sim.FaultKill}
	a := p.recorded()
	f.noise = noiseOf(p, &a)
	f.recorded = f.values(&a, milliseconds(p.Trace.TickMs()))
	return f
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

// closerLook is how many times as many simulations are added before a recording is
// called outside: what lies in the last thousandth of its law is not.
const closerLook = 9

// A freeResult is one latency of one recording.
type freeResult struct {
	rank        float64
	outside, ok bool
}

// results plays the simulations and ranks the recording among them.
func (f *freePlan) results(runs int) ([]freeResult, error) {
	f.simulated = make([][]clock.Instant, len(freeLatencies))
	if err := f.play(0, runs); err != nil {
		return nil, err
	}
	results := make([]freeResult, len(freeLatencies))
	doubt := false
	for i := range results {
		r := &results[i]
		r.rank, r.ok = f.rank(i)
		doubt = doubt || r.ok && f.outside(i)
	}
	if !doubt {
		return results, nil
	}
	if err := f.play(runs, runs*(1+closerLook)); err != nil {
		return nil, err
	}
	for i := range results {
		results[i].outside = results[i].ok && f.outside(i)
	}
	return results, nil
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
	if a.marked == clock.Never || slices.Max(a.sawGone) == clock.Never {
		return false
	}
	return f.kills || a.disconnected != clock.Never && (f.healed == clock.Never || a.expired != clock.Never)
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
// header states, which is how late a thread of the recorder woke, and how much
// later the client's first failure was logged than the client says that it
// decided. A virtual machine loads classes in between, and the application is told
// behind that too; 88 ms were recorded where the header states 6.
func noiseOf(p *Plan, a *account) time.Duration {
	noise := time.Duration(max(p.Trace.Header.Noise.MaxMs, 0) * float64(time.Millisecond))
	if a.silence == clock.Never {
		return noise
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
		return noise
	}
	decided := heard.Add(a.idle)
	if lag := a.silence.Sub(decided); lag > 0 && lag < mostLag {
		noise += lag
	}
	return noise
}

// mostLag bounds what counts as a lag of the client: more says that it heard
// something which the recording lacks.
const mostLag = 250 * time.Millisecond
