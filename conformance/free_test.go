package conformance

import (
	"context"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/sim"
)

// Positions in freeLatencies.
const (
	rowDetection = iota
	rowDisconnected
	rowExpired
	rowSeen
)

// runsOfFree is how many simulations of each recording the test plays: a
// thousand, as the command does, if ZKSIM_FREE_RUNS says so.
func runsOfFree(t *testing.T) int {
	t.Helper()
	text := os.Getenv("ZKSIM_FREE_RUNS")
	switch {
	case text != "":
		runs, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("ZKSIM_FREE_RUNS=%q: want a number, as in 1000", text)
		}
		return runs
	case testing.Short():
		return 20
	}
	return 100
}

// TestRecordingsAreUniformAmongTheirSimulations plays all 224.
func TestRecordingsAreUniformAmongTheirSimulations(t *testing.T) {
	report, err := Free(context.Background(), recorded224(t), runsOfFree(t), DefaultTolerance)
	if err != nil {
		t.Fatal(err)
	}
	if report.Played != 224 || len(report.NotPlayed) > 0 {
		t.Errorf("%d played, not played: %v: want all 224", report.Played, report.NotPlayed)
	}
	rows := report.Rows
	// S2 to S4 have a client that lives, 59 + 51 + 66; S3 and S4 a heal, 51 + 66. Of
	// these, what neither a recording nor its simulations have is not ranked.
	most := []int{224, 176, 117, 224}
	for i, r := range rows {
		t.Logf("%s %s %-13s n %d  D %.3f  p %.3f  outside %v", r.Scenario, r.Library, r.Latency, r.N, r.D, r.P, r.Outside)
		if r.Rejected {
			t.Errorf("%s %s: rejected: p %.4f, outside %v", r.Scenario, r.Latency, r.P, r.Outside)
		}
		if r.Scenario != "" {
			continue
		}
		if r.N > most[i] || r.N < most[i]*4/5 {
			t.Errorf("%s: %d ranks, want up to %d and hardly fewer", r.Latency, r.N, most[i])
		}
	}
}

// TestWrongModelsAreRejected makes the model wrong one way at a time, by the
// scenario or, where no scenario can, by the difference that it would make to
// recorded values.
func TestWrongModelsAreRejected(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the recordings once for each wrong model")
	}
	all := recorded224(t)
	timeout := func(f *freePlan) time.Duration { return milliseconds(f.plan.Trace.Header.Client.NegotiatedMs) }
	// later moves recorded values as a model that has them earlier would see them.
	later := func(f *freePlan, d time.Duration, rows ...int) {
		for _, i := range rows {
			if v := &f.recorded[i]; v.at != clock.Never {
				v.at = v.at.Add(d)
			}
		}
	}
	for _, tc := range []struct {
		what    string
		prepare func(f *freePlan)
		rows    []int // that must be rejected
	}{
		{"R = 3T/5 (C-1)", func(f *freePlan) { later(f, timeout(f)/15, rowDisconnected) }, []int{rowDisconnected}},
		{"no 100 ms (C-13)", func(f *freePlan) { later(f, 100*time.Millisecond, rowDisconnected) }, []int{rowDisconnected}},
		{"no +1 (T-3)", func(f *freePlan) {
			later(f, milliseconds(f.plan.Trace.TickMs()), rowDetection, rowSeen)
		}, []int{rowDetection, rowSeen}},
		{"half a tick (T-2)", func(f *freePlan) { f.plan.Scenario.Ensemble.Tick /= 2 }, []int{rowDetection, rowSeen}},
		{"all timers a tenth shorter (C-1, T-3)", func(f *freePlan) { f.plan.Scenario.Clients[0].Timeout = timeout(f) * 9 / 10 },
			[]int{rowDetection, rowDisconnected, rowSeen}},
		{"half the period of pings (C-9)", func(f *freePlan) { f.plan.Scenario.Clients[0].ReadEvery = f.phase.period / 2 },
			[]int{rowDetection, rowDisconnected, rowSeen}},
	} {
		report, err := freeRows(context.Background(), all, freeOptions{runs: 12, tolerance: DefaultTolerance, looks: []int{120}, prepare: tc.prepare})
		if err != nil {
			t.Errorf("%s: %v", tc.what, err)
			continue
		}
		for _, i := range tc.rows {
			r := report.Rows[i]
			t.Logf("%s: %s: D %.3f, p %.2g, %d outside", tc.what, r.Latency, r.D, r.P, len(r.Outside))
			if !r.Rejected {
				t.Errorf("%s: %s is accepted: D %.3f, p %.3f", tc.what, r.Latency, r.D, r.P)
			}
		}
	}
}

// TestTheRightModelIsAccepted holds the test against itself: one more simulation
// of each recording stands in for the recording, so the model is right by
// construction, ties at the edges included.
func TestTheRightModelIsAccepted(t *testing.T) {
	const runs = 40
	report, err := freeRows(context.Background(), recorded224(t), freeOptions{runs: runs, tolerance: DefaultTolerance, looks: []int{400}, prepare: func(f *freePlan) {
		f.simulated = make([][]clock.Instant, len(freeLatencies))
		if err := f.play(1_000_000, 1_000_001); err != nil {
			t.Fatal(err)
		}
		for i := range f.recorded {
			f.recorded[i].at = f.simulated[i][0]
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Rows[:len(freeLatencies)] {
		// One value in 400 simulations lies beyond all others by chance now and then.
		if r.P < 0.001 || len(r.Outside) > 6 {
			t.Errorf("%s: p %.4f, outside %v: want neither, for the model is right", r.Latency, r.P, r.Outside)
		}
	}
}

// TestRowsDependOnNoOrder: each recording has its own luck, addressed by its id.
func TestRowsDependOnNoOrder(t *testing.T) {
	all := recorded224(t)[100:112]
	want, err := Free(context.Background(), all, 10, DefaultTolerance)
	if err != nil {
		t.Fatal(err)
	}
	turned := slices.Clone(all)
	slices.Reverse(turned)
	got, err := Free(context.Background(), turned, 10, DefaultTolerance)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in reverse order: %+v, want %+v", got, want)
	}
	if seedOf(all[0]) == seedOf(all[1]) {
		t.Error("two recordings share their luck")
	}
}

func TestFreeNeedsRunsAndTime(t *testing.T) {
	traces := []*Trace{made(nil)}
	if _, err := Free(context.Background(), traces, 0, 0); err == nil {
		t.Error("no error for no runs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Free(ctx, traces, 1, 0); err != context.Canceled {
		t.Errorf("error %v, want the context's", err)
	}
}

// TestWhatCannotBePlayedIsNamed: and a latency that nothing has is not rejected.
func TestWhatCannotBePlayedIsNamed(t *testing.T) {
	report, err := Free(context.Background(), []*Trace{made(func(t *Trace) { t.Header.Client.Library = "zebra" })}, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.NotPlayed) != 1 || !strings.Contains(report.NotPlayed[0].Error(), `S0/java/X3-0001: its client is "zebra"`) || report.Played != 0 {
		t.Errorf("played %d, not played %v", report.Played, report.NotPlayed)
	}
	for i, r := range report.Rows {
		if want := (FreeRow{Latency: freeLatencies[i].name, P: 1}); !reflect.DeepEqual(r, want) {
			t.Errorf("%+v, want %+v", r, want)
		}
	}
}

// TestFaultsAndEdgesAreKept and all else that a recording fixes, in every draw.
func TestFaultsAndEdgesAreKept(t *testing.T) {
	tr := made(nil)
	p, err := Scenario(tr)
	if err != nil {
		t.Fatal(err)
	}
	f := newFreePlan(p, newLab([]*Trace{tr}), 0)
	opens := map[time.Duration]bool{}
	for run := range uint32(50) {
		s := f.redraw(run)
		if s.Ensemble.PingPhase != nil {
			t.Fatal("the phase of the leader's PINGs is fixed, want it drawn (T-17)")
		}
		// r of W-1 is the kernel's smallest time and a round trip of 1.5 ms.
		if r := s.Network.RTOMin + 2*s.Network.Clients.Sample(0); r < freeLeastResend || r > freeMostResend {
			t.Errorf("r = %v, want %v to %v", r, freeLeastResend, freeMostResend)
		}
		open := s.Clients[0].Open.Sample(0)
		opens[open] = true
		if d := open - p.Scenario.Clients[0].Open.Sample(0); d.Abs() >= f.phase.period {
			t.Errorf("opened %v later, want less than a period", d)
		}
		s.Ensemble.PingPhase, s.Network.RTOMin, s.Clients[0].Open = p.Scenario.Ensemble.PingPhase, p.Scenario.Network.RTOMin, p.Scenario.Clients[0].Open
		if !reflect.DeepEqual(s, p.Scenario) {
			t.Fatal("something else than the draws differs from the plan")
		}
	}
	if len(opens) < 45 {
		t.Errorf("%d phases in 50 runs, want them drawn", len(opens))
	}
}

// TestTheLabsWaitDecidesThePhase: T = 2000 and ticks of 200, so p is 666 and the
// wait up to 400. The client was ready at 10.1 s, another one, seen or not, at
// 10.3 s; both settle 1.2 s, and the observers take 40 ms.
func TestTheLabsWaitDecidesThePhase(t *testing.T) {
	const ms = 1_000_000
	at := func(id string, ready, fault int64) *Trace {
		return made(func(t *Trace) {
			t.Header.ID, t.Header.Servers.TickTimeMs, t.Header.Client.NegotiatedMs = id, 200, 2000
			t.Events = []Event{{T: ready - 50*ms, Node: "client", Ev: EvOpen}, {T: ready, Node: "client", Ev: EvReady},
				{T: fault, Node: "lab", Ev: EvFault, Kind: FaultBlackhole}}
		})
	}
	one := func(fault int64) *Trace { return at("S0/java/X3-0001", 10_100*ms, fault*ms) }
	other := at("S0/java/X3-0002", 10_300*ms, 11_600*ms)
	elsewhere := at("S0/java/Y3-0002", 10_300*ms, 11_600*ms)
	slow := at("S0/java/X3-0003", 10_100*ms, 12_000*ms)
	const span, p = 400 * time.Millisecond, 666 * time.Millisecond
	for _, tc := range []struct {
		what   string
		fault  int64 // ms
		others []*Trace
		want   phaseLaw
	}{
		{"alone", 11_440, nil, phaseLaw{p, 100 * time.Millisecond, span}},
		{"beside a client that was ready later", 11_640, []*Trace{other}, phaseLaw{p, 100 * time.Millisecond, span}},
		{"beside another ensemble", 11_440, []*Trace{elsewhere}, phaseLaw{p, 100 * time.Millisecond, span}},
		// Struck at 12.0 s, so the waits began at 11.6 s or later.
		{"beside a fault that tells of a late start", 11_700, []*Trace{slow}, phaseLaw{p, 100 * time.Millisecond, span}},
		{"a little late", 11_750, nil, phaseLaw{p, span, span}},
		{"too late to be explained", 11_800, nil, phaseLaw{period: p}},
	} {
		tr := one(tc.fault)
		tr.Header.ClientsInParallel = 1 + len(tc.others)
		if got := newLab(append(tc.others, tr)).phaseOf(tr); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.what, got, tc.want)
		}
	}
}

// TestAnUnseenClientMayHaveBeenReadyLater: of a batch of two, one is at hand. Its
// client was ready 50 ms after it was opened, or a second, as one is that starts a
// virtual machine; then the other may have taken as long.
func TestAnUnseenClientMayHaveBeenReadyLater(t *testing.T) {
	for _, tc := range []struct {
		took int64 // ns
		want time.Duration
	}{{50_000_000, 2 * 2000 * time.Millisecond}, {1_000_000_000, 0}} {
		tr := made(func(t *Trace) {
			t.Header.ClientsInParallel = 2
			// Struck at 18 s, 1.6 s after the settled instant: 10.3 s, 6 s and 40 ms.
			ready := int64(10_300_000_000)
			t.Events = []Event{{T: ready - tc.took, Node: "client", Ev: EvOpen}, {T: ready, Node: "client", Ev: EvReady}, *fault(t)}
		})
		if got := newLab([]*Trace{tr}).phaseOf(tr).span; got != tc.want {
			t.Errorf("ready after %v: a wait of up to %v, want %v", time.Duration(tc.took), got, tc.want)
		}
	}
}

// TestPhasesComeLaterByLessThanAPeriod: after 100 ms of a wait of up to 400 the
// pings come 100 ms later for a wait of nothing, and 300 earlier for one of 400,
// which is 366 later in a period of 666.
func TestPhasesComeLaterByLessThanAPeriod(t *testing.T) {
	const all = ^uint64(0)
	law := phaseLaw{666 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond}
	unknown := phaseLaw{period: 666 * time.Millisecond}
	for _, tc := range []struct {
		law    phaseLaw
		random uint64
		want   time.Duration
	}{
		{law, 0, 100 * time.Millisecond},
		{law, all, 366*time.Millisecond + 1}, // a wait is less than its bound
		{unknown, 0, 0},
		{unknown, all, 666*time.Millisecond - 1},
	} {
		if got := tc.law.later(tc.random); got != tc.want {
			t.Errorf("%+v: %v, want %v", tc.law, got, tc.want)
		}
	}
}

// TestRanksOfTiesAreSpread: of ten simulated values, with two below and three
// equal, the rank lies in the four elevenths from the second on, wherever drawn.
func TestRanksOfTiesAreSpread(t *testing.T) {
	plan := &Plan{Trace: made(nil)}
	at := func(ms ...clock.Instant) (all []clock.Instant) {
		for _, v := range ms {
			all = append(all, v*milli)
		}
		return all
	}
	var least, most float64 = 1, 0
	for seed := range uint64(200) {
		f := &freePlan{plan: plan, seed: seed, recorded: []freeValue{{5 * milli, true}}, simulated: [][]clock.Instant{at(1, 2, 5, 5, 5, 6, 7, 8, 9, 10)}}
		rank, ok := f.rank(0)
		if !ok || rank < 2.0/11 || rank > 6.0/11 {
			t.Fatalf("rank %v, want 2/11 to 6/11", rank)
		}
		least, most = min(least, rank), max(most, rank)
	}
	if most-least < 3.5/11 {
		t.Errorf("ranks from %.3f to %.3f, want them all over 2/11 to 6/11", least, most)
	}
	nothing := &freePlan{plan: plan, recorded: []freeValue{{clock.Never, true}}, simulated: [][]clock.Instant{{clock.Never, clock.Never}}}
	if _, ok := nothing.rank(0); ok {
		t.Error("ranked, though neither the recording nor any simulation has it")
	}
}

func TestOutsideIsBeyondTheNoise(t *testing.T) {
	const never = clock.Never
	for _, tc := range []struct {
		value clock.Instant
		all   []clock.Instant
		want  bool
	}{
		{105 * milli, []clock.Instant{50 * milli, 100 * milli}, false}, // by the noise
		{106 * milli, []clock.Instant{50 * milli, 100 * milli}, true},
		{44 * milli, []clock.Instant{50 * milli, 100 * milli}, true},
		{106 * milli, []clock.Instant{50 * milli, never}, false},
		{never, []clock.Instant{50 * milli, 100 * milli}, true},
		{50 * milli, []clock.Instant{never}, true},
	} {
		f := &freePlan{noise: 5 * time.Millisecond, recorded: []freeValue{{tc.value, true}}, simulated: [][]clock.Instant{tc.all}}
		if got := f.outside(0); got != tc.want {
			t.Errorf("%v among %v: outside %v, want %v", tc.value, tc.all, got, tc.want)
		}
	}
}

// TestNoiseIsWhatTheRecordingShows: its header says 2 ms, and its client, which
// last heard something at 16.735 s and says that it gave up 6666 ms later, logged
// so at 23.431 s, 30 ms behind.
func TestNoiseIsWhatTheRecordingShows(t *testing.T) {
	tr := made(func(t *Trace) {
		t.Header.Noise.MaxMs = 2
		silence := Event{T: 23_431_000_000, Node: "client", Ev: EvSilence, IdleMs: 6666, RTTms: Absent, DoneNs: Absent}
		t.Events = slices.Insert(t.Events, len(t.Events)-1, silence)
	})
	p, err := Scenario(tr)
	if err != nil {
		t.Fatal(err)
	}
	if got := newFreePlan(p, newLab(nil), 0).noise; got != 32*time.Millisecond {
		t.Errorf("noise %v, want 32ms", got)
	}
}

// TestPurposesAreNotTheWorlds keeps the draws made here apart from the world's.
func TestPurposesAreNotTheWorlds(t *testing.T) {
	for _, p := range []sim.Purpose{purposePingPhase, purposeResend, purposeTie, purposeSeed, purposeTouches} {
		if want := "purpose " + strconv.Itoa(int(p)); p.String() != want || p >= sim.PurposeNode {
			t.Errorf("%d is %q, want a purpose that nobody has taken", p, p)
		}
	}
}
