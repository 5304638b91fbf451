package conformance

import (
	"context"
	"slices"
	"testing"
	"time"

	"zksim/clock"
	"zksim/sim"
)

// ensembleFaults are the recordings of S6 to S8 with the Java client 3.8.0: a follower
// cut off, the leader killed, the leader stopped.
func ensembleFaults(t *testing.T) []*Trace {
	t.Helper()
	var all []*Trace
	for _, name := range []string{"S6_follower_partition", "S7_leader_kill", "S8_leader_sigstop"} {
		traces, err := ReadFile("testdata/ensemble/" + name + ".java.jsonl.gz")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, traces...)
	}
	if len(all) != 241 {
		t.Fatalf("%d recordings, want 241", len(all))
	}
	return all
}

// rowOf finds a row; nil if there is none.
func rowOf(r *FreeReport, scenario, library string, latency int) *FreeRow {
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Scenario == scenario && row.Library == library && row.Latency == freeLatencies[latency].name {
			return row
		}
	}
	return nil
}

// TestElectionsAreUniformAmongTheirSimulations (F-1 to F-19, G-5, G-6): the model loses
// and elects its leaders by itself. One recording of each fault counts.
func TestElectionsAreUniformAmongTheirSimulations(t *testing.T) {
	if testing.Short() {
		t.Skip("plays 241 recordings")
	}
	report, err := Free(context.Background(), ensembleFaults(t), runsOfFree(t), DefaultTolerance)
	if err != nil {
		t.Fatal(err)
	}
	if report.Played != 241 {
		t.Errorf("%d played, want all 241; not played: %v", report.Played, report.NotPlayed)
	}
	for _, r := range report.Rows {
		t.Logf("%s %s %-13s n %d  D %.3f  p %.3f  outside %v", r.Scenario, r.Library, r.Latency, r.N, r.D, r.P, r.Outside)
		if r.Rejected {
			t.Errorf("%s %s: rejected: p %.4f, outside %v", r.Scenario, r.Latency, r.P, r.Outside)
		}
	}
	// Faults recorded: 21, 22 and 26.
	for scenario, faults := range map[string]int{"S6_follower_partition": 21, "S7_leader_kill": 22, "S8_leader_sigstop": 26} {
		for i := range freeLatencies {
			if row := rowOf(report, scenario, "java", i); row == nil || row.N > faults || i == rowDisconnected && row.N < faults-2 {
				t.Errorf("%s %s: %+v, want one rank of each of %d faults at most", scenario, freeLatencies[i].name, row, faults)
			}
		}
	}
}

// TestWrongElectionsAreRejected makes the model wrong one way at a time, by the scenario
// or by the difference that it would make to recorded values.
func TestWrongElectionsAreRejected(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the recordings once for each wrong model")
	}
	all := ensembleFaults(t)
	later := func(f *freePlan, d time.Duration, rows ...int) {
		for _, i := range rows {
			if v := &f.recorded[i]; v.at != clock.Never {
				v.at = v.at.Add(d)
			}
		}
	}
	const s6, s7, s8 = "S6_follower_partition", "S7_leader_kill", "S8_leader_sigstop"
	for _, tc := range []struct {
		what     string
		prepare  func(f *freePlan)
		scenario string
		rows     []int // that must be rejected
	}{
		{"S is 4/5 of syncLimit (F-1)", func(f *freePlan) { f.plan.Scenario.Ensemble.SyncLimit = f.plan.Scenario.Ensemble.SyncLimit * 4 / 5 },
			s6, []int{rowDisconnected}},
		{"no wait before leading (F-10)", func(f *freePlan) {
			later(f, 200*time.Millisecond, rowDetection, rowSeen)
		}, s7, []int{rowDetection, rowSeen}},
		{"a new leader carries over the time that is left (F-15)", func(f *freePlan) {
			a := f.plan.recorded()
			if len(a.touches) > 0 {
				later(f, f.plan.Zero.Sub(a.touches[len(a.touches)-1]), rowDetection, rowSeen)
			}
		}, s7, []int{rowDetection, rowSeen}},
		{"a stopped leader's buckets wait for their turn (T-8, G-5)", func(f *freePlan) {
			later(f, -2*milliseconds(f.plan.Trace.TickMs()), rowDetection)
		}, s8, []int{rowDetection}},
		{"mark in vain taken for the end (F-9)", func(f *freePlan) {
			if a := f.plan.recorded(); len(a.marks) > 0 && a.effective() == clock.Never {
				f.recorded[rowDetection].at = f.edge(a.marks[0], f.plan.Scenario.Ensemble.Tick)
			}
		}, s8, []int{rowDetection}},
		{"followers keep their clients when they lose their leader (F-3)", func(f *freePlan) {
			f.recorded[rowDisconnected].at = clock.Never
		}, s7, []int{rowDisconnected}},
		{"touches always win at a leader's waking (G-5)", func(f *freePlan) {
			f.touchesWin = 1
		}, s8, []int{rowDetection}},
	} {
		theirs := slices.DeleteFunc(slices.Clone(all), func(tr *Trace) bool { return tr.Header.Scenario != tc.scenario })
		report, err := freeRows(context.Background(), theirs, freeOptions{runs: 12, tolerance: DefaultTolerance, looks: []int{120}, prepare: tc.prepare})
		if err != nil {
			t.Errorf("%s: %v", tc.what, err)
			continue
		}
		for _, i := range tc.rows {
			r := &report.Rows[i]
			t.Logf("%s: %s: n %d D %.3f, p %.2g, %d outside", tc.what, r.Latency, r.N, r.D, r.P, len(r.Outside))
			if !r.Rejected {
				t.Errorf("%s: %s is accepted: D %.3f, p %.3f", tc.what, r.Latency, r.D, r.P)
			}
		}
	}
}

// TestEveryLibraryIsPlayed: of each library and scenario of the sample there are rows,
// and nothing in them is outside.
func TestEveryLibraryIsPlayed(t *testing.T) {
	all, err := ReadFile("testdata/sample.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	report, err := Free(context.Background(), all, 40, DefaultTolerance)
	if err != nil {
		t.Fatal(err)
	}
	if report.Played != len(all) {
		t.Errorf("%d of %d played; not played: %v", report.Played, len(all), report.NotPlayed)
	}
	for _, tr := range all {
		h := &tr.Header
		n := 0
		for i := range freeLatencies {
			if row := rowOf(report, h.Scenario, h.Client.Library, i); row != nil {
				n += row.N
			}
		}
		if n == 0 {
			t.Errorf("%s with %s: no rank in any row", h.Scenario, h.Client.Library)
		}
	}
	for _, r := range report.Rows {
		if r.Rejected {
			t.Errorf("%s %s %s: rejected: p %.4f, outside %v", r.Scenario, r.Library, r.Latency, r.P, r.Outside)
		}
	}
}

// TestOneRankOfEachFault: three recordings of one leader's end, and one of another.
func TestOneRankOfEachFault(t *testing.T) {
	const ms = 1_000_000
	of := func(id string, at int64) *Trace {
		return made(func(t *Trace) {
			t.Header.ID, t.Header.Scenario = id, "S0"
			fault(t).Kind, fault(t).Server, fault(t).T = FaultSigkillServer, 3, at*ms
		})
	}
	samples := []freeSample{}
	for i, tr := range []*Trace{of("S0/java/X3-0001", 18_000), of("S0/java/X3-0002", 18_000), of("S0/c/X3-0001", 18_000), of("S0/java/X3-0003", 19_000)} {
		samples = append(samples, freeSample{trace: tr, fate: fateOf(tr), results: []freeResult{{rank: float64(i) / 10, ok: true}}})
	}
	ranks := independent(samples, 0)
	if len(ranks) != 2 || !slices.Contains(ranks, 0.3) {
		t.Errorf("ranks %v, want that of the other fault, 0.3, and one more", ranks)
	}
	// Which one is drawn from those that have the latency.
	for i := range samples[:2] {
		samples[i].results[0].ok = false
	}
	if ranks := independent(samples, 0); len(ranks) != 2 || !slices.Contains(ranks, 0.2) {
		t.Errorf("ranks %v, want 0.2 and 0.3", ranks)
	}
	// A client's own fault is nobody else's.
	a, b := made(nil), made(nil)
	if fateOf(a) != (fateKey{}) || fateOf(b) != (fateKey{}) {
		t.Error("a client's own fault is shared")
	}
}

// TestVainMarksDoNotCount (F-9, Z-10): marked at 2 s by a leader that nobody followed any
// more, at 5 s by the next one, whose close is applied 10 ms later.
func TestVainMarksDoNotCount(t *testing.T) {
	const s = clock.Instant(time.Second)
	for _, tc := range []struct {
		marks []clock.Instant
		ended clock.Instant
		seen  clock.Instant
		want  clock.Instant
	}{
		{[]clock.Instant{2 * s, 5 * s}, 5*s + 10*milli, clock.Never, 5 * s},
		{[]clock.Instant{2 * s}, clock.Never, clock.Never, clock.Never},
		{[]clock.Instant{2 * s, 5 * s}, clock.Never, 3 * s, 2 * s}, // an observer saw its end
		{nil, 5 * s, clock.Never, clock.Never},                     // it was closed
	} {
		a := newAccount(0, 3)
		a.marks, a.ended, a.sawGone[1] = tc.marks, tc.ended, tc.seen
		if got := a.effective(); got != tc.want {
			t.Errorf("marks %v, ended %v, seen %v: %v counts, want %v", tc.marks, tc.ended, tc.seen, got, tc.want)
		}
	}
}

// TestColdServersAreLateFromTheLeadersEndOn: from a millisecond before a kill, and half a
// tick before a stop, whose last PINGs decide when it is noticed (F-1).
func TestColdServersAreLateFromTheLeadersEndOn(t *testing.T) {
	for _, tc := range []struct {
		kind string
		want time.Duration // from the fault
	}{
		{FaultSigkillServer, -time.Millisecond},
		{FaultSigstopServer, -time.Millisecond - time.Second},
		{FaultAllServersPartitioned, -time.Millisecond},
		{FaultServerPartition, 0},
		{FaultBlackhole, 0},
	} {
		p, err := planOf(made(func(t *Trace) {
			fault(t).Kind, heal(t).Kind = tc.kind, tc.kind
			if tc.kind != FaultAllServersPartitioned && tc.kind != FaultBlackhole {
				fault(t).Server, heal(t).Server = 3, 3
			}
		}))
		if err != nil {
			t.Errorf("%s: %v", tc.kind, err)
			continue
		}
		f := p.coldServers()
		if (f == nil) != (tc.want == 0) {
			t.Errorf("%s: %+v", tc.kind, f)
			continue
		}
		if f == nil {
			continue
		}
		if got := clock.Instant(f.At.Sample(0)).Sub(p.Zero); got != tc.want || f.Kind != sim.FaultDelay || f.By.Sample(^uint64(0)) > coldest || f.By.Sample(0) != 0 {
			t.Errorf("%s: from %v on, %v: want %v, and up to %v", tc.kind, got, f.By, tc.want, coldest)
		}
	}
}
