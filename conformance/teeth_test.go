package conformance

import (
	"slices"
	"testing"

	"zksim/model"
)

// TestWrongModelsAreCaught makes the model wrong in one way at a time and expects
// guided replay to fail, and the rule that disagrees most often to be near the
// fault.
//
// A touch taken as a maximum, against T-5, is not among them: it differs only where
// two touches of one session carry different timeouts (N-3), and a recording has
// one timeout for all of them. The model's own tests hold T-5.
func TestWrongModelsAreCaught(t *testing.T) {
	traces := recorded224(t)
	java39, err := ReadFile("testdata/S3_heal_after.java39.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	right := judgeAll(t, traces, wrong{})
	for _, tc := range []struct {
		what   string
		wrong  wrong
		traces []*Trace
		near   []string
	}{
		{"no +1 in T-3", wrong{model: model.DeviateBucketEarly}, traces, []string{"T-3", "T-9", "Z-4", "Z-5"}},
		{"R is 3T/5", wrong{model: model.DeviateReadTimeout}, traces, []string{"C-12", "C-8"}},
		{"no 100 ms", wrong{model: model.DeviateNoTeardownSleep}, traces, []string{"C-13"}},
		{"relay without wait", wrong{model: model.DeviateRelayAtOnce}, traces, []string{"T-17", "T-18"}},
		{"ping at T/2", wrong{model: model.DeviatePingHalf}, traces, []string{"C-9a", "H-5", "T-12", "T-18"}},
		{"SYN once", wrong{synOnce: true}, traces, []string{"W-2", "C-14", "C-4"}},
		{"traffic back at the heal", wrong{backAtHeal: true}, traces, []string{"W-1", "W-2"}},
		{"forwarded writes touch", wrong{model: model.DeviateForwardTouches}, traces, []string{"T-13", "T-12"}},
		{"closing on FIN", wrong{model: model.DeviateCloseOnFIN}, traces, []string{"H-1", "Z-4", "Z-5", "T-9", "V-4"}},
		{"k is T", wrong{model: model.DeviateConnectWhole}, traces, []string{"C-14", "C-8"}},
		{"no spin", wrong{model: model.DeviateNoSpin}, traces, []string{"C-16", "C-17"}},
		{"connection of an ended session stays", wrong{model: model.DeviateKeepConnection}, traces, []string{"Z-6", "H-1", "H-2"}},
		{"new sessions are not reported", wrong{model: model.DeviateCreateUnreported}, traces, []string{"T-20", "T-18", "T-12"}},
		{"pings do not touch", wrong{model: model.DeviatePingNoTouch}, traces, []string{"T-12", "T-16", "T-18", "T-9", "Z-4", "Z-5"}},
		{"X is T", wrong{model: model.DeviateExpireAtT}, java39, []string{"C-20"}},
	} {
		r := judgeAll(t, tc.traces, tc.wrong)
		if !fails(t, r) {
			t.Errorf("%s: guided replay is content: %d of %d fixed inside, %d in a wrong bucket, %d missing, %d invented",
				tc.what, r.FixedInside, r.FixedN, r.WrongBucket, r.Missing, r.Invented)
			continue
		}
		if r.First == nil || !slices.Contains(tc.near, r.Rules[0].Rule) {
			t.Errorf("%s: rule %s disagrees most often, want one of %v: %v", tc.what, r.Rules[0].Rule, tc.near, r.Rules)
		}
		t.Logf("%-38s %.2f %% inside, %d in a wrong bucket, %d missing, %d invented; %v", tc.what, 100*r.Share(), r.WrongBucket, r.Missing, r.Invented, r.Rules[:min(3, len(r.Rules))])
	}
	if fails(t, right) {
		t.Error("the right model is rejected too")
	}
}

func judgeAll(t *testing.T, traces []*Trace, w wrong) *Report {
	t.Helper()
	j := NewJudge(DefaultTolerance)
	j.wrong = w
	for _, tr := range traces {
		if err := j.Add(tr); err != nil {
			t.Fatal(err)
		}
	}
	return j.Report()
}

// fails says whether `zksim replay` would end with exit status 1.
func fails(t *testing.T, r *Report) bool {
	t.Helper()
	x, err := EmbeddedExplanations()
	if err != nil {
		t.Fatal(err)
	}
	return r.Share() < 0.98 || r.DrawnShare() < 0.98 || r.WrongBucket > 0 || r.Unexplained(x) > 0
}
