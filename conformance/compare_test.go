package conformance

import (
	"testing"
	"time"

	"zksim/clock"
)

const milli = clock.Instant(time.Millisecond)

func row(predicted, recorded clock.Instant, drawn bool) Row {
	return Row{Predicted: predicted, Recorded: recorded, Drawn: drawn}
}

func TestOrderIsOfComparableEventsThatLieApart(t *testing.T) {
	for _, tc := range []struct {
		what string
		rows []Row
		want bool
	}{
		{"in order", []Row{row(100*milli, 150*milli, false), row(200*milli, 250*milli, false)}, true},
		{"changed places", []Row{row(100*milli, 250*milli, false), row(200*milli, 150*milli, false)}, false},
		{"drawn", []Row{row(100*milli, 250*milli, false), row(200*milli, 150*milli, true)}, true},
		{"one side has none", []Row{row(100*milli, clock.Never, false), row(200*milli, 150*milli, false)}, true},
		// Ten milliseconds or less on either side is no order.
		{"close together", []Row{row(100*milli, 160*milli, false), row(110*milli, 150*milli, false)}, true},
		{"just apart", []Row{row(100*milli, 161*milli, false), row(111*milli, 150*milli, false)}, false},
	} {
		if got := sameOrder(tc.rows); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.what, got, tc.want)
		}
	}
}

func TestVerdictSaysWhatBecameOfTheSession(t *testing.T) {
	for _, tc := range []struct {
		c    Comparison
		want string
	}{
		{Comparison{Within: 4, Comparable: 4, PredictedMarked: true, RecordedMarked: true, SameBucket: true, SameOrder: true},
			"4 of 4 comparable instants within 10 ms. Same bucket. Same order of events."},
		{Comparison{PredictedMarked: true, RecordedMarked: true}, "0 of 0 comparable instants within 10 ms. Other bucket. Other order of events."},
		{Comparison{RecordedMarked: true, SameOrder: true}, "0 of 0 comparable instants within 10 ms. Expired in the recording alone. Same order of events."},
		{Comparison{PredictedMarked: true, SameOrder: true}, "0 of 0 comparable instants within 10 ms. Expired in the run alone. Same order of events."},
		{Comparison{PredictedMarked: true, MarkDrawn: true, SameOrder: true},
			"0 of 0 comparable instants within 10 ms. Whether and when it expires hangs on drawn waits. Same order of events."},
		{Comparison{SameOrder: true}, "0 of 0 comparable instants within 10 ms. Not expired on either side. Same order of events."},
	} {
		if got := tc.c.Verdict(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// TestTheFAQsRecording is the issue's own example, S3_heal_after/java/C3-0012.
// Instants in ms after the cut, by hand: the last answer came at -1933.5, so
// silence is noticed R = 6666 later and told another 100 later (C-12, C-13). The
// leader's last report was at -1865.9, on its clock at ms 1548325, so the bucket is
// ((1548325+10000)/2000+1)*2000 = 1560000, 9808.6 after the cut.
func TestTheFAQsRecording(t *testing.T) {
	tr, err := Pick(recorded224(t), "C3-0012")
	if err == nil || tr != nil {
		t.Fatal("S2, S3 and S4 have a C3-0012 each")
	}
	tr, err = Pick(recorded224(t), "S3_heal_after/java/C3-0012")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Scenario(tr)
	if err != nil {
		t.Fatal(err)
	}
	c := playOne(t, p, 1)
	want := map[string]float64{ // ms, good to one of the client's milliseconds
		"client gives up waiting":      -1933.5 + 6666,
		"client told Disconnected":     -1933.5 + 6666 + 100,
		"last touch at the leader":     -1865.9,
		"leader marks it (edge 9.809)": 9808.6,
	}
	for _, r := range c.Table() {
		ms, ok := want[r.What]
		if !ok {
			continue
		}
		delete(want, r.What)
		if r.Predicted == nil || r.Recorded == nil {
			t.Errorf("%s: missing on one side", r.What)
			continue
		}
		if got := float64(*r.Predicted) / 1e6; got < ms-1 || got > ms+1 {
			t.Errorf("%s: predicted at %.1f ms, want %.1f", r.What, got, ms)
		}
	}
	for what := range want {
		t.Errorf("no row %q", what)
	}
	if !c.SameBucket || !c.SameOrder || !c.TouchReproduced {
		t.Errorf("%s Touch reproduced: %v", c.Verdict(), c.TouchReproduced)
	}
	for i := range c.Rows {
		if r := &c.Rows[i]; r.What == "client told Expired" && !r.Drawn {
			t.Error("told Expired behind three drawn waits, and not marked so")
		}
	}
}

// TestWhatADrawnWaitDecidesIsNotCounted: in S4 the client comes back before or
// after the expiry, as its back-off falls. Both happen over seeds, and the mark
// is comparable in neither.
func TestWhatADrawnWaitDecidesIsNotCounted(t *testing.T) {
	tr, err := Pick(recorded224(t), "S4_heal_before/java/A3-0008")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Scenario(tr)
	if err != nil {
		t.Fatal(err)
	}
	fates := map[bool]bool{}
	for seed := range uint64(30) {
		c := playOne(t, p, seed)
		fates[c.PredictedMarked] = true
		if c.PredictedMarked != c.RecordedMarked && !c.MarkDrawn {
			t.Errorf("seed %d: %s", seed, c.Verdict())
		}
	}
	if len(fates) != 2 {
		t.Errorf("expired in the run: %v over 30 seeds, want both", fates)
	}
}
