package experiments

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestResultsAreReadAsTheyWerePlayed holds what is read back against the same runs played
// by hand, and the summary against the table that the sweep wrote.
func TestResultsAreReadAsTheyWerePlayed(t *testing.T) {
	e, _ := FindSweep("crash")
	spec, err := ReadSpec("crash.yaml", e.Source, nil, EmbeddedScenario)
	if err != nil {
		t.Fatal(err)
	}
	if err := spec.Apply(&Change{Vary: []string{"clients.worker.timeout=4s,10s", "ensemble.tickTime=1s,2s"}, Runs: 30, Chunk: 7}); err != nil {
		t.Fatal(err)
	}
	plan, err := spec.Plan("test")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	played, err := Open(dir, plan, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := played.Play(context.Background(), How{Workers: 1}); err != nil {
		t.Fatal(err)
	}
	digested, err := played.Assemble("csv", false)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	points, err := r.Plan.Where([]string{"clients.worker.timeout=10000ms", "ensemble.tickTime=2s"})
	if err != nil || len(points) != 1 {
		t.Fatalf("points %v, %v; want the one of 10 s and 2 s", points, err)
	}
	at := points[0]
	if d := r.Plan.Describe(at); !strings.Contains(d, "timeout=10s") || !strings.Contains(d, "tickTime=2s") {
		t.Errorf("is %s", d)
	}
	column, err := r.Plan.Column("detection")
	if err != nil {
		t.Fatal(err)
	}
	var got []Value
	if err := r.Each(at, column, func(v Value) { got = append(got, v) }); err != nil {
		t.Fatal(err)
	}
	var want []Value
	y, values := newPlayer(plan, nil), make([]Value, len(plan.Columns))
	for run := range uint32(30) {
		if _, err := y.play(at, run+1, values); err != nil {
			t.Fatal(err)
		}
		want = append(want, values[column])
	}
	if !slices.Equal(got, want) {
		t.Errorf("read %v\nplayed %v", got, want)
	}
	s, err := r.Summary(at, column)
	if err != nil {
		t.Fatal(err)
	}
	if w := digested.Summaries[at][column]; s.N != 30 || fmt.Sprint(s) != fmt.Sprint(w) {
		t.Errorf("summary %+v, the table's %+v", s, w)
	}
	// from 2T/3 to T + τ, half at its mean T + τ/2 − T/6.
	b, err := r.Beside(at, column)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, share float64 }{{6666, 0}, {9333.6, 0.5}, {12002, 1}} {
		if share, known := b.CDF(c.at); !known || math.Abs(share-c.share) > 1e-3 {
			t.Errorf("Q-2 at %v ms: %v, %v; want %v", c.at, share, known, c.share)
		}
	}
}
