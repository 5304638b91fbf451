package conformance

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// atRest reports whether no server was stopped, so that an expiry loop is late
// by no more than the machine makes it.
func atRest(tr *Trace) bool {
	for _, f := range tr.Faults() {
		if f.Kind == FaultSigstopServer {
			return false
		}
	}
	return true
}

// checkT3 checks that each session was marked in the bucket that T-3 gives its
// last touch (T-7: not before it, and not a bucket later), and answers how late.
func checkT3(t *testing.T, tr *Trace) (late []int64) {
	for _, c := range tr.Closings() {
		if c.By != "expiry" {
			continue
		}
		if c.LastTouch == Absent {
			t.Errorf("%s: server%d marks a session that it never touched", tr.Header.ID, c.Server)
			continue
		}
		ns := c.LateNs()
		if ns < 0 || ns >= tr.TickMs()*1e6 {
			t.Errorf("%s: marked at %d ns, %d ns after its bucket at %d ms: want 0..%d ms after it (T-3, T-7)",
				tr.Header.ID, c.Marked, ns, c.BucketMs, tr.TickMs())
		}
		late = append(late, ns)
	}
	return late
}

func p95(ns []int64) int64 {
	slices.Sort(ns)
	return ns[len(ns)*95/100]
}

// 48 + 59 + 51 + 66 recordings, as many as their files have headers.
func TestRecordedExpiriesFollowT3(t *testing.T) {
	files := map[string]int{"S1_kill9": 48, "S2_blackhole": 59, "S3_heal_after": 51, "S4_heal_before": 66}
	var late []int64
	for name, want := range files {
		traces, err := ReadFile("testdata/" + name + ".java.jsonl.gz")
		if err != nil {
			t.Fatal(err)
		}
		if len(traces) != want {
			t.Errorf("%s has %d recordings, want %d", name, len(traces), want)
		}
		for _, tr := range traces {
			if len(tr.Unknown) > 0 {
				t.Errorf("%s: unknown %v", tr.Header.ID, tr.Unknown)
			}
			one := checkT3(t, tr)
			if len(one) > 1 {
				t.Errorf("%s: marked %d times, want at most once with one leader (T-6)", tr.Header.ID, len(one))
			}
			// S4 heals near the threshold; everything else is cut off for good, or for long enough.
			if len(one) == 0 && tr.Header.Scenario != "S4_heal_before" {
				t.Errorf("%s: never marked closing", tr.Header.ID)
			}
			late = append(late, one...)
		}
	}
	if got := p95(late); got > 5e6 {
		t.Errorf("95%% of %d expiries come within %d ns of their bucket, want within 5 ms", len(late), got)
	}
}

// All recordings there are, if the folder lies beside the checkout.
func TestEveryRecordingIsReadInFull(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "traces")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the full set of recordings is not at %s beside the repository root: %v", filepath.Join("..", "shared", "traces"), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings in %s, %v: want *.jsonl.gz", len(files), dir, err)
	}
	var late []int64
	for _, file := range files {
		traces, err := ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, tr := range traces {
			if len(tr.Unknown) > 0 {
				t.Errorf("%s: unknown %v", tr.Header.ID, tr.Unknown)
			}
			if tr.LeaderAtStart() == 0 {
				t.Errorf("%s: no leader at the start", tr.Header.ID)
			}
			for _, f := range tr.Faults() {
				if f.At == Absent {
					t.Errorf("%s: %s ends without having begun", tr.Header.ID, f)
				}
			}
			if atRest(tr) {
				// One value a recording: S10 marks two hundred sessions, one after another in each batch (T-9).
				if one := checkT3(t, tr); len(one) > 0 {
					late = append(late, one[0])
				}
			} else {
				checkEarlyIsG5(t, tr)
			}
		}
	}
	if got := p95(late); got > 5e6 {
		t.Errorf("95%% of %d recordings mark within %d ns of the bucket, want within 5 ms", len(late), got)
	}
}

// checkEarlyIsG5 checks that a mark before the bucket of the last touch is G-5's
// race and nothing else: that touch came when the server had just been continued.
func checkEarlyIsG5(t *testing.T, tr *Trace) {
	for _, c := range tr.Closings() {
		if c.LastTouch == Absent || c.LateNs() >= 0 {
			continue
		}
		waking := false
		for _, f := range tr.Faults() {
			waking = waking || f.Kind == FaultSigstopServer && f.Server == c.Server && f.Healed != Absent &&
				f.Healed <= c.LastTouch && c.Marked-f.HealDone < tr.TickMs()*1e6
		}
		if !waking {
			t.Errorf("%s: server%d marks %d ns before the bucket, and was not waking", tr.Header.ID, c.Server, -c.LateNs())
		}
	}
}
