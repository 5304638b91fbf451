package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"zksim/clock"
	"zksim/experiments"
)

// A FreeRow says where one latency of some recordings lies among simulations of
// them.
type FreeRow struct {
	// Scenario and Library name the recordings as their headers do; both are empty for
	// all of them together.
	Scenario, Library string

	Latency string
	N       int // ranks that are compared; see [Free]
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

// A FreeReport is what free replay found.
type FreeReport struct {
	Rows   []FreeRow // all recordings first, then by scenario and library
	Played int       // recordings; each session of a recording of many counts
	// NotPlayed lists the recordings that no scenario can play, and why.
	NotPlayed []error
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
		return f.edge(a.effective(), tick), true
	}},
	{"Disconnected", func(f *freePlan, a *account, _ time.Duration) (clock.Instant, bool) {
		return a.disconnected, f.tells
	}},
	{"Expired", func(f *freePlan, a *account, _ time.Duration) (clock.Instant, bool) {
		return a.expired, f.tells
	}},
	// One value a recording: its observers all wait for one bucket, and taken for so
	// many values they would weigh one bucket three times.
	{"deletion seen", func(f *freePlan, a *account, tick time.Duration) (clock.Instant, bool) {
		seen := lastNotice(a)
		// Some recordings lack the notices of what their servers did delete.
		return f.edge(seen, tick), seen != clock.Never || a.ended == clock.Never
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
// ranks of all recordings are uniform. It returns a row for each latency of all
// recordings, and of those of each scenario and library: "detection" is from the
// fault until the session is marked by whom its end follows (T-9, F-9),
// "Disconnected", "Expired" and "deletion seen", by the last observer, are from
// the fault on too; what a library calls them is its own business.
//
// What did not happen by the end of the recording counts as later than all that
// did, on both sides. Recordings that no scenario can play are left out and listed.
//
// Ranks are compared as if each had its own luck. Recordings of one fault of the
// ensemble had the same: one leader's PINGs, one election. Of those that a row has
// of one such fault, one is taken, drawn by its id. All are looked at for lying
// outside.
//
// A recording's simulations depend on the recording alone, but for the phase of
// the client's pings: those recorded together with it tell more about that.
//
// The error is the context's, which it looks at between recordings, or says that
// runs is less than one, or what went wrong in a simulation.
func Free(ctx context.Context, traces []*Trace, runs int, tolerance time.Duration) (*FreeReport, error) {
	return freeRows(ctx, traces, freeOptions{runs: runs, tolerance: tolerance, looks: closerLooks})
}

// freeOptions are those of one free replay.
type freeOptions struct {
	runs      int
	tolerance time.Duration   // what counts as equal, at least
	looks     []int           // see closerLooks
	prepare   func(*freePlan) // can change each recording's plan before it is played
}

// A freeSample is what a recording adds to the rows.
type freeSample struct {
	trace   *Trace
	fate    fateKey // whose luck it shares
	results []freeResult
	err     error
}

func freeRows(ctx context.Context, traces []*Trace, o freeOptions) (*FreeReport, error) {
	if o.runs < 1 {
		return nil, fmt.Errorf("%d simulations of each recording: want 1 or more", o.runs)
	}
	traces = oneSessionEach(traces)
	l := newLab(traces)
	samples := make([]freeSample, len(traces))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(traces) {
					return
				}
				samples[i] = l.sample(traces[i], o)
			}
		}()
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &FreeReport{}
	played := samples[:0]
	for _, s := range samples {
		var failed simulationError
		switch {
		case errors.As(s.err, &failed):
			return nil, s.err
		case s.err != nil:
			r.NotPlayed = append(r.NotPlayed, s.err)
		default:
			played = append(played, s)
		}
	}
	r.Played = len(played)
	r.Rows = rowsOf(played)
	return r, nil
}

// A simulationError says that a scenario, though checked, cannot be run.
type simulationError struct{ error }

func (e simulationError) Unwrap() error { return e.error }

// sample plays one recording.
func (l *lab) sample(t *Trace, o freeOptions) freeSample {
	s := freeSample{trace: t, fate: fateOf(t)}
	p, err := planOf(t)
	if err != nil {
		s.err = err // the guided comparison says more
		return s
	}
	f := newFreePlan(p, l, o.tolerance)
	if o.prepare != nil {
		o.prepare(f)
	}
	if s.results, err = f.results(o.runs, o.looks); err != nil {
		s.err = simulationError{fmt.Errorf("recording %s: %w", t.Header.ID, err)}
	}
	return s
}

// rowsOf makes the rows of all samples, and of those of each scenario and library
// if there are several.
func rowsOf(samples []freeSample) []FreeRow {
	type group struct{ scenario, library string }
	of := func(s *freeSample) group { return group{s.trace.Header.Scenario, s.trace.Header.Client.Library} }
	members := map[group][]freeSample{}
	for i := range samples {
		g := of(&samples[i])
		members[g] = append(members[g], samples[i])
	}
	rows := groupRows(group{}.scenario, "", samples)
	var groups []group
	for g := range members {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.library, b.library))
	})
	if len(groups) > 1 {
		for _, g := range groups {
			rows = append(rows, groupRows(g.scenario, g.library, members[g])...)
		}
	}
	judgeFree(rows)
	return rows
}

// groupRows makes the rows of some samples, a row for each latency. They are not
// judged yet.
func groupRows(scenario, library string, samples []freeSample) []FreeRow {
	rows := make([]FreeRow, len(freeLatencies))
	for i := range rows {
		row := &rows[i]
		*row = FreeRow{Scenario: scenario, Library: library, Latency: freeLatencies[i].name, P: 1}
		for k := range samples {
			if r := &samples[k].results[i]; r.ok && r.outside {
				row.Outside = append(row.Outside, samples[k].trace.Header.ID)
			}
		}
		slices.Sort(row.Outside)
		ranks := independent(samples, i)
		if row.N = len(ranks); row.N > 0 {
			row.D, row.P = experiments.KolmogorovSmirnov(ranks, func(x float64) float64 { return x })
		}
	}
	return rows
}

// independent are the ranks of a latency, one of each fate.
func independent(samples []freeSample, latency int) []float64 {
	var ranks []float64
	taken := map[fateKey]int{} // an index of samples
	for k := range samples {
		s := &samples[k]
		if !s.results[latency].ok {
			continue
		}
		if s.fate == (fateKey{}) {
			ranks = append(ranks, s.results[latency].rank)
			continue
		}
		if before, ok := taken[s.fate]; !ok || seedOf(s.trace) < seedOf(samples[before].trace) {
			taken[s.fate] = k
		}
	}
	for k := range samples {
		if one, ok := taken[samples[k].fate]; ok && one == k {
			ranks = append(ranks, samples[k].results[latency].rank)
		}
	}
	return ranks
}

// judgeFree fills in the verdicts. A row without ranks is no part of the family.
func judgeFree(rows []FreeRow) {
	var family []int
	var ps []float64
	for i := range rows {
		if rows[i].N > 0 {
			family, ps = append(family, i), append(ps, rows[i].P)
		}
	}
	for k, adjusted := range experiments.Holm(ps) {
		rows[family[k]].Rejected = adjusted <= freeAlpha
	}
	for i := range rows {
		rows[i].Rejected = rows[i].Rejected || len(rows[i].Outside) > 0
	}
}
