package plots

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zksim/experiments"
)

// BenchmarkMillionRows draws figures of a million rows, from the folder or the table to the
// PNG. It is to take less than ten seconds and half a gigabyte; most of its memory is what
// one point's values take.
func BenchmarkMillionRows(b *testing.B) {
	const rows = 1_000_000
	one, ten := playCrashes(b, 1, rows), playCrashes(b, 10, rows/10)
	events := filepath.Join(b.TempDir(), "events.csv")
	var text bytes.Buffer
	text.WriteString("recording,event,drawn,predicted_ms,recorded_ms,error_ms,verdict,tolerance_ms,engine\n")
	for i := range rows {
		fmt.Fprintf(&text, "r%d,kind %d,no,%d,%d.5,%d.5,inside,25,zksim\n", i/30, i%24, i%30000, i%30000+i%20, i%20)
	}
	if err := os.WriteFile(events, text.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ kind, input string }{
		{"latency", one}, {"sweep", ten}, {"heatmap", ten}, {"compare", one}, {"compare", ten}, {"conformance", events},
	} {
		b.Run(c.kind+" of "+filepath.Base(c.input), func(b *testing.B) {
			kind, err := FindKind(c.kind)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				f, err := kind.Read(&Query{Input: c.input})
				if err != nil {
					b.Fatal(err)
				}
				if err := f.Write(io.Discard, Look{"light", "double"}, "png"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("belief", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := (&Figure{believed(10, "", rows/10)}).Write(io.Discard, Look{"light", "double"}, "png"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// playCrashes plays so many points of the sweep of crashes.
func playCrashes(tb testing.TB, points, runs int) (dir string) {
	tb.Helper()
	e, ok := experiments.FindSweep("crash")
	if !ok {
		tb.Fatal("no sweep of crashes")
	}
	spec, err := experiments.ReadSpec("crash.yaml", e.Source, nil, experiments.EmbeddedScenario)
	if err != nil {
		tb.Fatal(err)
	}
	var timeouts []string
	for i := range points {
		timeouts = append(timeouts, fmt.Sprint(4*(i+1), "s"))
	}
	err = spec.Apply(&experiments.Change{Vary: []string{"clients.worker.timeout=" + strings.Join(timeouts, ","), "ensemble.tickTime=2s"}, Runs: runs})
	if err != nil {
		tb.Fatal(err)
	}
	plan, err := spec.Plan("zksim test")
	if err != nil {
		tb.Fatal(err)
	}
	dir = filepath.Join(tb.TempDir(), fmt.Sprint(points, " of ", runs))
	results, err := experiments.Open(dir, plan, false)
	if err != nil {
		tb.Fatal(err)
	}
	if err := results.Play(context.Background(), experiments.How{}); err != nil {
		tb.Fatal(err)
	}
	return dir
}
