package conformance

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestGuidedReplayOfAllJavaRecordingsS1ToS4 holds the machines against every
// recording of the Java client 3.8.0 killed, cut off and healed.
func TestGuidedReplayOfAllJavaRecordingsS1ToS4(t *testing.T) {
	r := judgeAll(t, recorded224(t), wrong{})
	if r.Recordings != 224 {
		t.Errorf("%d recordings judged, want 224", r.Recordings)
	}
	if share := r.Share(); share < 0.98 {
		t.Errorf("%.2f %% of the fixed events within %v, want 98 %%", 100*share, DefaultTolerance)
	}
	if share := r.DrawnShare(); share < 0.98 {
		t.Errorf("%.2f %% of the drawn events inside their intervals, want 98 %%", 100*share)
	}
	if r.WrongBucket != 0 {
		t.Errorf("%d expiries in a wrong bucket, want none", r.WrongBucket)
	}
	x, err := EmbeddedExplanations()
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Events {
		if c := &r.Events[i]; !c.Met() {
			if _, ok := x.Covers(c); !ok {
				t.Errorf("no explanation: %s", r.describe(c))
			}
		}
	}
	for _, idle := range x.Idle(r) {
		t.Error(idle)
	}
	// Every recorded expiry is judged, and comes within 5 ms of its edge at the 95th
	// percentile (T-7, T-9).
	var late []int64
	marked := 0
	for _, tr := range recorded224(t) {
		if _, ok := tr.MarkedAt(); ok {
			marked++
		}
		g, err := Guide(tr)
		if err != nil {
			t.Fatal(err)
		}
		for i := range g.Compared {
			if c := &g.Compared[i]; c.Kind == EvMarkedClosing && c.Met() {
				late = append(late, c.Error())
			}
		}
	}
	slices.Sort(late)
	if len(late) != marked || marked == 0 {
		t.Fatalf("%d expiries met, want all %d", len(late), marked)
	}
	if p95 := time.Duration(late[len(late)*95/100]); p95 > 5*time.Millisecond {
		t.Errorf("marking: 95 %% within %v, want 5 ms", p95)
	}
}

// TestGuidedReplayOfTheClientThatExpiresItself does the same with 3.9.6 (C-20).
func TestGuidedReplayOfTheClientThatExpiresItself(t *testing.T) {
	traces, err := ReadFile("testdata/S3_heal_after.java39.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	r := judgeAll(t, traces, wrong{})
	local := 0
	for i := range r.Kinds {
		if r.Kinds[i].Kind == EvLocalExpiry {
			local = r.Kinds[i].Inside
		}
	}
	if local != 23 || r.WrongBucket != 0 || r.Share() < 0.98 {
		t.Errorf("%d of 23 local expiries inside, %d in a wrong bucket, %.2f %% of all inside", local, r.WrongBucket, 100*r.Share())
	}
}

func TestRecordingsThatCannotBeJudgedAreCountedByName(t *testing.T) {
	parrot := made(func(t *Trace) { t.Header.Client.Library = "parrot" })
	headless := made(func(t *Trace) { t.Header.Servers.RolesAtStart = nil })
	r := judgeAll(t, []*Trace{headless, parrot, parrot}, wrong{})
	if r.Recordings != 2 || !slices.Equal(r.NotJudged, []Count{{"incomplete", 1}}) || !slices.Equal(r.ServersAlone, []Count{{"parrot", 2}}) {
		t.Errorf("judged %d, not judged %v, servers alone %v", r.Recordings, r.NotJudged, r.ServersAlone)
	}
	var text strings.Builder
	if err := r.WriteText(&text, nil, false); err != nil {
		t.Fatal(err)
	}
	if want := "2 recordings judged by their servers alone: parrot (2)\n1 recording not judged: incomplete (1)\n"; !strings.Contains(text.String(), want) {
		t.Errorf("no lines %q in\n%s", want, text.String())
	}
}

// TestGuidedReplaySurvivesDamagedRecordings leaves events out and moves them: that
// may disagree, and must not fail otherwise.
func TestGuidedReplaySurvivesDamagedRecordings(t *testing.T) {
	all := recorded224(t)
	rapid.Check(t, func(rt *rapid.T) {
		tr := *all[rapid.IntRange(0, len(all)-1).Draw(rt, "recording")]
		events := slices.Clone(tr.Events)
		for range rapid.IntRange(1, 10).Draw(rt, "damages") {
			i := rapid.IntRange(0, len(events)-1).Draw(rt, "event")
			switch rapid.IntRange(0, 2).Draw(rt, "damage") {
			case 0:
				events = slices.Delete(events, i, i+1)
			case 1:
				events[i].T = events[rapid.IntRange(0, len(events)-1).Draw(rt, "instant")].T
			case 2:
				events[i].Node = rapid.SampledFrom([]string{"client", "server1", "server2", "server9", "observer1", "lab"}).Draw(rt, "node")
			}
			if len(events) == 0 {
				return
			}
		}
		slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.T, b.T) })
		tr.Events = events
		j := NewJudge(DefaultTolerance)
		if err := j.Add(&tr); err != nil {
			rt.Fatal(err)
		}
		j.Report()
	})
}

func TestPairsLieAsNearAsPossible(t *testing.T) {
	const ms = 1_000_000
	at := func(all ...int64) (p []prediction) {
		for _, a := range all {
			p = append(p, prediction{span: instant(a * ms)})
		}
		return p
	}
	for _, tc := range []struct {
		what      string
		predicted []prediction
		recorded  []int64
		want      []pair
	}{
		{"each its own", at(0, 100), []int64{5 * ms, 90 * ms}, []pair{{0, 0}, {1, 1}}},
		{"one missing", at(0, 1000, 2000), []int64{1 * ms, 2003 * ms}, []pair{{0, 0}, {1, -1}, {2, 1}}},
		{"one invented", at(0, 2000), []int64{1 * ms, 1000 * ms, 2003 * ms}, []pair{{0, 0}, {-1, 1}, {1, 2}}},
		{"too far apart", at(0), []int64{1600 * ms}, []pair{{0, -1}, {-1, 0}}},
		{"inside an interval", []prediction{{span: Span{0, 999 * ms}, drawn: true}}, []int64{998 * ms}, []pair{{0, 0}}},
	} {
		if got := align(tc.predicted, tc.recorded); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.what, got, tc.want)
		}
	}
}

func TestConnectionsComeUpAtTheFirstSYNBehindTheHeal_W2(t *testing.T) {
	const s = int64(time.Second)
	p := path{cuts: []cut{{from: 0, to: 2500 * s / 1000, toServer: true, back: true, server: everybody}}}
	for _, tc := range []struct {
		attempt, patience int64
		want              Span
		ok                bool
	}{
		{3 * s, s, instant(3 * s), true},                                              // healed already
		{0, 10 * s, Span{3 * s, 3*s + 3*s/32}, true},                                  // at 3 s, the first behind 2.5 s
		{0, 3 * s, Span{}, false},                                                     // given up before that
		{1480 * s / 1000, 9 * s, Span{2500 * s / 1000, 1480*s/1000 + s + s/32}, true}, // a late timer reaches across the heal
	} {
		got, ok := p.connects(0, tc.attempt, tc.patience)
		if got != tc.want || ok != tc.ok {
			t.Errorf("attempt at %d, patience %d: %v %v, want %v %v", tc.attempt, tc.patience, got, ok, tc.want, tc.ok)
		}
	}
}

func TestWhatWasLostComesAtTheFirstRepetitionBehindTheHeal_W1(t *testing.T) {
	const ms = int64(time.Millisecond)
	p := path{cuts: []cut{{from: 0, to: 1000 * ms, toServer: true, back: true, server: everybody}}}
	// 200 to 220 ms, doubled three times behind a loss at 100: 1700 to 1860.
	if got, ok := p.resumes(0, 100*ms, 0, false); !ok || got != (Span{1700 * ms, 1860 * ms}) {
		t.Errorf("%v %v, want 1700 to 1860 ms", got, ok)
	}
	// 800 to 880 behind a loss at 150 reaches across the heal: then, or twice as late.
	if got, ok := p.resumes(0, 150*ms, 0, false); !ok || got != (Span{1000 * ms, 150*ms + 1760*ms}) {
		t.Errorf("%v %v, want 1000 to 1910 ms", got, ok)
	}
	// Two segments: 2 to 20 ms, and seven times r: 1402 to 1560 behind a loss at 100.
	if got, ok := p.resumes(0, 100*ms, 0, true); !ok || got != (Span{1502 * ms, 1660 * ms}) {
		t.Errorf("%v %v, want 1502 to 1660 ms", got, ok)
	}
	p.cuts[0].to = forEver
	if _, ok := p.resumes(0, 100*ms, 0, false); ok {
		t.Error("something arrives through a cut that lasts")
	}
}

func TestExplanationsSayWhereTheyAreWrong(t *testing.T) {
	_, err := ReadExplanations(strings.NewReader("# comment\n\nS1/java/A\ttouch at server1\twhy\nS1/java/A touch\nS1/java/A\ttouch\twhy\n"), "e.tsv")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"e.tsv:4: 1 fields", `e.tsv:5: event "touch"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	x, err := ReadExplanations(strings.NewReader("R\ttouch at server1\twhy\nR\ttouch at server2\twhy\n"), "e.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if reason, ok := x.Covers(&Compared{Recording: "R", Kind: EvTouch, Node: "server1"}); !ok || reason != "why" {
		t.Errorf("not covered: %q %v", reason, ok)
	}
	if idle := x.Idle(&Report{begins: map[string]int64{"R": 0}}); len(idle) != 1 || !strings.HasPrefix(idle[0], "e.tsv:2: ") {
		t.Errorf("idle: %v, want line 2", idle)
	}
}
