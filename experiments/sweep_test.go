package experiments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// small is a sweep that plays in no time: 6 points, some of whose faults come in time and
// some not, so that there are values and gaps.
const small = `
scenario:
  run: 9s
  ensemble: {servers: 1, minSessionTimeout: 1ms, maxSessionTimeout: 1h}
  clients:
    worker: {open: 0s}
  faults:
    - kill: worker
      at: {uniform: [1s, 3s]}
vary:
  clients.worker.timeout: 4s..8s/2s
  ensemble.tickTime: [100ms, 2s]
replications: 30
chunk: 7
`

func plan(t testing.TB, text string, changes ...Change) *Plan {
	t.Helper()
	s, err := ReadSpec("small.yaml", []byte(text), nil, EmbeddedScenario)
	if err != nil {
		t.Fatal(err)
	}
	for i := range changes {
		if err := s.Apply(&changes[i]); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Plan("test")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sweep plays a plan into a folder.
func sweep(t testing.TB, p *Plan, dir string, how How) *Results {
	t.Helper()
	r, err := Open(dir, p, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Play(context.Background(), how); err != nil {
		t.Fatal(err)
	}
	return r
}

// tables assembles the results.
func tables(t testing.TB, r *Results) *Digested {
	t.Helper()
	d, err := r.Assemble("csv", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range r.Tidy() {
		t.Errorf("%s belongs to no point", path)
	}
	return d
}

// contents reads all files below a folder, by their names there.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// alike compares two folders, file by file and byte by byte.
func alike(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if text, ok := got[name]; !ok {
			t.Errorf("%s: no %s", what, name)
		} else if text != want[name] {
			t.Errorf("%s: %s differs", what, name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is there besides", what, name)
		}
	}
}

func TestResultsAreTheSameBytesWithAnyNumberOfWorkers(t *testing.T) {
	var want map[string]string
	for _, workers := range []int{1, 2, 7} {
		dir := t.TempDir()
		tables(t, sweep(t, plan(t, small), dir, How{Workers: workers}))
		got := contents(t, dir)
		if want == nil {
			want = got
			if lines := strings.Count(want["rows.csv"], "\n"); lines != 1+6*30 {
				t.Fatalf("rows.csv has %d lines, want a header and 6 points of 30 runs", lines)
			}
		}
		alike(t, fmt.Sprintf("%d workers", workers), got, want)
	}
}

func TestInterruptedWorkGoesOnAndGivesTheSameBytes(t *testing.T) {
	whole := t.TempDir()
	tables(t, sweep(t, plan(t, small), whole, How{Workers: 2}))
	want := contents(t, whole)
	for _, after := range []int64{1, 40, 100, 179} {
		dir := t.TempDir()
		r, err := Open(dir, plan(t, small), false)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		err = r.Play(ctx, How{Workers: 2, Progress: func(p Progress) {
			if p.Runs >= after {
				stop()
			}
		}})
		stop()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		var first Progress
		r2, err := Open(dir, plan(t, small), false)
		if err != nil {
			t.Fatal(err)
		}
		if err := r2.Play(context.Background(), How{Workers: 1, Progress: func(p Progress) { first = p }}); err != nil {
			t.Fatal(err)
		}
		if first.Kept < after {
			t.Errorf("interrupted after %d runs: %d were kept", after, first.Kept)
		}
		tables(t, r2)
		alike(t, fmt.Sprintf("interrupted after %d runs", after), contents(t, dir), want)
	}
}

func TestCorruptAndForeignChunksAreNamedAndComputedAnew(t *testing.T) {
	whole := t.TempDir()
	p := plan(t, small)
	tables(t, sweep(t, p, whole, How{Workers: 2}))
	want := contents(t, whole)
	first, second := p.chunk(0, 1, 8), p.chunk(3, 8, 15)
	for _, damage := range []struct {
		name string
		say  string
		do   func(file []byte) []byte
	}{
		{"a bit is turned round", "corrupt", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{"cut off", "corrupt", func(b []byte) []byte { return b[:len(b)-5] }},
		{"empty", "corrupt", func(b []byte) []byte { return nil }},
		{"another chunk's content", "foreign", func([]byte) []byte {
			return []byte(want["chunks/"+second.key.String()[:2]+"/"+second.key.String()+".chunk"])
		}},
		// A program that says it is the same one, and plays otherwise.
		{"another engine's", "foreign", func([]byte) []byte { return p.encode(&first, make([]Value, first.runs()*len(p.Columns)), 4711) }},
	} {
		dir := t.TempDir()
		r := sweep(t, plan(t, small), dir, How{Workers: 2})
		path := r.store.path(first.key)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, damage.do(file), 0o644); err != nil {
			t.Fatal(err)
		}
		var remarks []string
		sweepAgain := How{Workers: 2, Remark: func(s string) { remarks = append(remarks, s) }}
		tables(t, sweep(t, plan(t, small), dir, sweepAgain))
		if len(remarks) != 1 || !strings.Contains(remarks[0], path) || !strings.Contains(remarks[0], damage.say) || !strings.Contains(remarks[0], "runs 1 to 7") {
			t.Errorf("%s: remarks %q, want one that names %s as %s", damage.name, remarks, path, damage.say)
		}
		alike(t, damage.name, contents(t, dir), want)
	}
}

// TestPrecisionIsReachedWithTheSameRunsByAnyNumberOfWorkers: how often a point is played
// depends on its results, not on who was first.
func TestPrecisionIsReachedWithTheSameRunsByAnyNumberOfWorkers(t *testing.T) {
	var want map[string]string
	var mutex sync.Mutex
	for _, workers := range []int{1, 5} {
		dir := t.TempDir()
		p := plan(t, small, Change{Precision: "4% of mean(detection) from 10 to 320"})
		largest := int64(0)
		d := tables(t, sweep(t, p, dir, How{Workers: workers, Progress: func(p Progress) {
			mutex.Lock()
			defer mutex.Unlock()
			largest = max(largest, p.Runs)
		}}))
		sizes := map[int]bool{}
		for i := range p.Points {
			s := &d.Summaries[i][0]
			runs := s.N + s.Absent
			sizes[runs] = true
			precise := (s.Mean.High-s.Mean.Low)/2 <= 0.04*s.Mean.Value
			if !precise && runs < 320 || runs%10 != 0 || runs == 10 {
				t.Errorf("%s: %d runs, mean %v", p.Describe(i), runs, s.Mean)
			}
		}
		if len(sizes) < 2 {
			t.Errorf("all points have the same number of runs: %v", sizes)
		}
		if largest != d.Rows {
			t.Errorf("%d rows, but %d runs were reported", d.Rows, largest)
		}
		if got := contents(t, dir); want == nil {
			want = got
		} else {
			alike(t, "5 workers", got, want)
		}
	}
}

func TestChangedSweepIsRefusedUntilSaid(t *testing.T) {
	dir := t.TempDir()
	tables(t, sweep(t, plan(t, small), dir, How{}))
	before := contents(t, dir)
	more := plan(t, small, Change{Runs: 40})
	_, err := Open(dir, more, false)
	if err == nil || !strings.Contains(err.Error(), "replications: 30 there, 40 now") {
		t.Fatalf("a sweep with more runs: %v", err)
	}
	alike(t, "after being refused", contents(t, dir), before)
	r, err := Open(dir, more, true)
	if err != nil {
		t.Fatal(err)
	}
	var last Progress
	if err := r.Play(context.Background(), How{Workers: 1, Progress: func(p Progress) { last = p }}); err != nil {
		t.Fatal(err)
	}
	// Of each point's 30 runs the first four chunks of 7 fit; the fifth, of 2, does not.
	if last.Kept != 6*28 || last.Runs != 6*40 {
		t.Errorf("%d of %d runs were kept, want %d of %d", last.Kept, last.Runs, 6*28, 6*40)
	}
}
