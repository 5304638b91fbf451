package plots

import (
	"context"
	"math"
	"testing"

	"zksim/experiments"
)

// playFAQ plays the story of the FAQ at several timeouts, compared with that of 10 s.
func playFAQ(t *testing.T) (dir string, d *experiments.Digested) {
	t.Helper()
	source, err := experiments.EmbeddedScenario("faq")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := experiments.ScenarioSpec(source)
	if err != nil {
		t.Fatal(err)
	}
	err = spec.Apply(&experiments.Change{
		Vary:     []string{"clients.worker.timeout=6s,10s,14s"},
		Set:      []string{"faults.0.at={uniform: [6s, 12s]}"},
		Metrics:  []string{"detection", "learning", "gap", "needless"},
		Baseline: []string{"clients.worker.timeout=10s"},
		Runs:     40,
	})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := spec.Plan("zksim test")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	results, err := experiments.Open(dir, plan, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := results.Play(context.Background(), experiments.How{}); err != nil {
		t.Fatal(err)
	}
	if d, err = results.Assemble("csv", false); err != nil {
		t.Fatal(err)
	}
	return dir, d
}

// TestFiguresShowWhatTheSummarySays: the numbers of a figure are those that summary.csv
// has, in seconds; and the lie, which belief takes from two columns run by run, is the mean
// of the knowledge gap, which is a metric of its own.
func TestFiguresShowWhatTheSummarySays(t *testing.T) {
	dir, d := playFAQ(t)
	same := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-9) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	read := func(read func(*Query) (drawing, error), q Query) drawing {
		t.Helper()
		q.Input = dir
		got, err := read(&q)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	compare := read(readCompare, Query{}).(*comparison)
	sweep := read(readSweep, Query{}).(*dependence)
	plane := read(readHeatmap, Query{Stat: "p90"}).(*heatmap)
	front := read(readTradeoff, Query{}).(*tradeoff)
	lie := read(readBelief, Query{}).(*belief)
	gap, err := d.Plan.Column("gap")
	if err != nil {
		t.Fatal(err)
	}
	needless, err := d.Plan.Column("needless")
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Plan.Points {
		s, pair := &d.Summaries[i][0], &d.Pairs[i][0]
		row := &compare.rows[i]
		if row.base != (i == 1) {
			t.Errorf("row %d: is the baseline: %v", i, row.base)
		}
		if !row.base {
			same("difference", row.differs.Value, pair.Mean.Value/1e3)
			same("its lower end", row.differs.Low, pair.Mean.Low/1e3)
			same("its upper end", row.differs.High, pair.Mean.High/1e3)
		}
		same("median", row.spread[2], s.Quantiles[0].Value/1e3)
		same("mean", sweep.lines[0].points[i].value, s.Mean.Value/1e3)
		same("end of its interval", sweep.lines[0].points[i].high, s.Mean.High/1e3)
		same("p90", plane.cells[0][i].value, s.Quantiles[1].Value/1e3)
		setting := front.settings[i] // the longer the timeout, the later
		same("detection", setting.latency.Value, s.Mean.Value/1e3)
		same("needless expiry", setting.mistakes.Value, float64(d.Summaries[i][needless].Ones)/40)

		g := &d.Summaries[i][gap]
		if g.Never > 0 || g.N == 0 {
			t.Fatalf("point %d: %d gaps, %d of them open; the test wants some, and all closed", i, g.N, g.Never)
		}
		panel := &lie.panels[i]
		same("the lie", panel.length/float64(panel.n), g.Mean.Value*float64(g.N)/1e3/40)
		if panel.n != 40 || len(panel.lie.begin) != g.N {
			t.Errorf("point %d: %d lies in %d runs, want %d in 40", i, len(panel.lie.begin), panel.n, g.N)
		}
		// The area between the curves is the same number again.
		area, steps := 0.0, 200_000
		for k := range steps {
			at := lie.until * (float64(k) + 0.5) / float64(steps)
			area += (panel.client(at) - panel.cluster(at)) * lie.until / float64(steps)
		}
		if want := (panel.length - panel.empty) / 40; math.Abs(area-want) > 1e-3 {
			t.Errorf("point %d: the area between the curves is %v s, the lie less the orphaned time %v", i, area, want)
		}
	}
}
