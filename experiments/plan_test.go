package experiments

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// TestPointsAreTheProductWithoutWhatIsLeftOut: the last axis runs fastest, what is in
// lock-step is one axis, conditions and derived values see what varies.
func TestPointsAreTheProductWithoutWhatIsLeftOut(t *testing.T) {
	p := plan(t, `
scenario: faq
vary:
  clients.worker.timeout: [6s, 12s]
zip:
  - ensemble.servers: [3, 5]
    ensemble.leader: [3, 5]
where: clients.worker.timeout > 6s or ensemble.servers == 3
derive:
  ensemble.maxSessionTimeout: 2 * clients.worker.timeout
`)
	var got []string
	for i := range p.Points {
		got = append(got, strings.Join(p.assigned(i), " "))
	}
	want := []string{
		"clients.worker.timeout=6s ensemble.servers=3 ensemble.leader=3 ensemble.maxSessionTimeout=12s",
		"clients.worker.timeout=12s ensemble.servers=3 ensemble.leader=3 ensemble.maxSessionTimeout=24s",
		"clients.worker.timeout=12s ensemble.servers=5 ensemble.leader=5 ensemble.maxSessionTimeout=24s",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("points\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if sc, err := p.Scenario(2); err != nil || sc.Ensemble.Servers != 5 || sc.Ensemble.MaxTimeout != 24*time.Second {
		t.Errorf("scenario of point 3: %v, %v", sc, err)
	}
}

// TestPointIDIsWhatDecidesTheRun: another name, or a value written otherwise, is the same
// point; another value, seed, or content of a file is not the same chunk.
func TestPointIDIsWhatDecidesTheRun(t *testing.T) {
	key := func(p *Plan) chunkKey { return p.chunk(0, 1, 5).key }
	base := plan(t, "scenario: faq\nset: {name: a, clients.worker.timeout: 10s}")
	for _, tc := range []struct {
		text string
		same bool
	}{
		{"scenario: faq\nset: {name: b, about: other, clients.worker.timeout: 10000ms}", true},
		{"scenario: faq\nset: {name: a, clients.worker.timeout: 11s}", false},
		{"scenario: faq\nseed: 7\nset: {name: a, clients.worker.timeout: 10s}", false},
		{"scenario: faq\nmetrics: [notice]\nset: {name: a, clients.worker.timeout: 10s}", false},
	} {
		if got := key(plan(t, tc.text)) == key(base); got != tc.same {
			t.Errorf("%s: the same chunk: %v, want %v", tc.text, got, tc.same)
		}
	}
	other, err := base.Spec.Plan("another version")
	if err != nil {
		t.Fatal(err)
	}
	if key(other) == key(base) {
		t.Error("another version of the program has the same chunk")
	}
}

// TestDifferencesArePairedRunByRun: with the same luck, moving the tick's length alone
// leaves the age of the last ping as it was.
func TestDifferencesArePairedRunByRun(t *testing.T) {
	p := plan(t, small, Change{Baseline: []string{"clients.worker.timeout=4s"}, Runs: 40})
	dir := t.TempDir()
	r := sweep(t, p, dir, How{})
	d := tables(t, r)
	for i := range p.Points {
		pair := d.Pairs[i][0]
		base := pair.Baseline - 1
		if p.Points[base].Values[0].Text != "4s" || p.Points[base].Values[1].Text != p.Points[i].Values[1].Text {
			t.Fatalf("%s is compared with %s", p.Describe(i), p.Describe(base))
		}
		mine, err := r.rows(i)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := r.rows(base)
		if err != nil {
			t.Fatal(err)
		}
		sum, n := 0.0, 0
		for k := 0; k < len(mine); k += len(p.Columns) {
			if v := mine[k] - theirs[k]; !math.IsNaN(v) && !math.IsInf(v, 0) {
				sum, n = sum+v, n+1
			}
		}
		if n != pair.N || n+pair.Left != 40 || n > 0 && math.Abs(sum/float64(n)-pair.Mean.Value) > 1e-6 {
			t.Errorf("%s: %d pairs, %d without, mean %v; want %d with mean %v", p.Describe(i), pair.N, pair.Left, pair.Mean, n, sum/float64(n))
		}
	}
	if _, err := p.Spec.Plan("test"); err != nil {
		t.Fatal(err)
	}
	p.Spec.Independent = true
	if _, err := p.Spec.Plan("test"); err == nil || !strings.Contains(err.Error(), "have no pairs") {
		t.Errorf("a baseline for points with luck of their own: %v", err)
	}
}

// TestIndependentPointsHaveLuckOfTheirOwn, and the same values that are not independent
// have the same.
func TestIndependentPointsHaveLuckOfTheirOwn(t *testing.T) {
	for _, independent := range []bool{false, true} {
		p := plan(t, small, Change{Vary: []string{"clients.worker.timeout=5s", "ensemble.tickTime=2s", "network.loss=0,0.0000001"}, Independent: independent})
		r := sweep(t, p, t.TempDir(), How{})
		a, err := r.rows(0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.rows(1)
		if err != nil {
			t.Fatal(err)
		}
		if got := same(a, b); got == independent {
			t.Errorf("independent %v: two points that differ in nothing have the same rows: %v", independent, got)
		}
	}
}

// TestCopiesOfAChunkThatDifferAreRefused, damaged ones are left out, and another sweep's
// shards are no shards of this one.
func TestCopiesOfAChunkThatDifferAreRefused(t *testing.T) {
	p := plan(t, small)
	one, two := t.TempDir(), t.TempDir()
	sweep(t, p, one, How{Shard: 1, Shards: 2})
	r := sweep(t, plan(t, small), two, How{Shard: 2, Shards: 2})
	doubled := p.chunk(0, 1, 8) // of the first shard
	values := make([]Value, doubled.runs()*len(p.Columns))
	if err := r.store.save(doubled.key, p.encode(&doubled, values, 1)); err != nil {
		t.Fatal(err)
	}
	_, err := Merge(t.TempDir(), []string{one, two}, func(string) {})
	if err == nil || !strings.Contains(err.Error(), "differ: point 1 ") || !strings.Contains(err.Error(), "bug of zksim") {
		t.Fatalf("two copies that differ: %v", err)
	}
	if err := os.WriteFile(r.store.path(doubled.key), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	var remarks []string
	whole, err := Merge(t.TempDir(), []string{two, one}, func(s string) { remarks = append(remarks, s) })
	if err != nil || len(remarks) != 1 || !strings.Contains(remarks[0], "corrupt") {
		t.Fatalf("a damaged copy: %v, remarks %q", err, remarks)
	}
	tables(t, whole)
	other := t.TempDir()
	sweep(t, plan(t, small, Change{Runs: 8}), other, How{})
	if _, err := Merge(t.TempDir(), []string{one, other}, nil); err == nil || !strings.Contains(err.Error(), "replications: 30 there, 8 now") {
		t.Errorf("shards of two sweeps: %v", err)
	}
}

// TestCrashSweepStaysWithinItsBounds: the detection of a crash is at least two thirds of
// the timeout and at most the timeout and a tick, at points of the sweep that comes
// with the program. Half a millisecond of latency and one of flushing lie beyond.
func TestCrashSweepStaysWithinItsBounds(t *testing.T) {
	e, ok := FindSweep("crash")
	if !ok {
		t.Fatal("no sweep crash")
	}
	p := plan(t, string(e.Source), Change{Vary: []string{"ensemble.tickTime=50ms,700ms,2s"}, Runs: 40})
	if len(p.Points) != 25*3 || len(p.Remarks) != 0 {
		t.Fatalf("%d points, remarks %q; want 75 without a timeout that is changed", len(p.Points), p.Remarks)
	}
	r, err := Open(t.TempDir(), p, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Play(context.Background(), How{}); err != nil {
		t.Fatal(err)
	}
	d := tables(t, r)
	for i := range p.Points {
		timeout, tick := p.Points[i].Values[0].Number/1e6, p.Points[i].Values[1].Number/1e6
		s := &d.Summaries[i][0]
		if s.N != 40 || s.Never != 0 || s.Min < timeout*2/3-1.5 || s.Max > timeout+tick+1.5 {
			t.Errorf("%s: %d runs, %d never, %v to %v ms", p.Describe(i), s.N, s.Never, s.Min, s.Max)
		}
	}
}
