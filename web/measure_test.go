package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// mostPacked is how large the whole page may be on its way to a reader.
const mostPacked = 2_500_000

// TestWholePageIsSmallEnough packs every file as servers of files do. What is packed
// already stays as it is.
func TestWholePageIsSmallEnough(t *testing.T) {
	total := 0
	for _, f := range siteFiles(t) {
		size := len(f.Text)
		if filepath.Ext(f.Name) != ".gz" {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			if _, err := z.Write(f.Text); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			size = packed.Len()
		}
		total += size
	}
	t.Logf("%d bytes packed, of at most %d", total, mostPacked)
	if total > mostPacked {
		t.Errorf("the whole page is %d bytes packed, want at most %d", total, mostPacked)
	}
}

// TestMeasuresThePage logs what readers wait for: until the page first paints, until the
// first run is there, and for a run while a fault is dragged. It asserts none of them,
// since a test knows nothing of the machine.
func TestMeasuresThePage(t *testing.T) {
	for name, engine := range map[string]func(testing.TB) string{"serve": served, "site": sited} {
		b := visit(t, engine(t)+"#s=faq", desktop, light)
		b.until(`document.querySelector('#stage svg text')`)
		b.until(`performance.getEntriesByName('first-contentful-paint').length`)
		paint := eval[float64](b, `performance.getEntriesByName('first-contentful-paint')[0].startTime`)
		loaded := eval[float64](b, `(async () => { const { run } = await import('zksim/run'); return run.result ? performance.now() : -1; })()`)
		times := eval[[]float64](b, `(async () => {
			const { call } = await import('zksim/engine');
			const times = [];
			for (let i = 0; i < 60; i++) {
				const from = performance.now();
				await call('run', { scenario: 'faq', set: ['faults.0.for=' + (5000 + 200 * i) + 'ms'] }, { keep: false });
				times.push(performance.now() - from);
			}
			return times;
		})()`)
		slices.Sort(times)
		t.Logf("%s: first paint %.0f ms, first run seen by %.0f ms, a run while dragging %.1f ms at the median, %.1f ms at p95, %.1f ms at least", name, paint, loaded, times[len(times)/2], times[len(times)*95/100], times[0])
	}
}

// BenchmarkRecompute is one run while a fault is dragged, from question to answer.
func BenchmarkRecompute(b *testing.B) {
	for _, scenario := range []string{"faq", "zombie", "gc-pause", "two-owners", "mass-expiry"} {
		b.Run(scenario, func(b *testing.B) {
			for i := range b.N {
				text := Call("run", fmt.Appendf(nil, `{"scenario":%q,"seed":"%d"}`, scenario, i), nil)
				if bytes.HasPrefix(text, []byte(`{"error"`)) {
					b.Fatalf("%s", text)
				}
			}
		})
	}
}

// BenchmarkShake is a slice of a shake.
func BenchmarkShake(b *testing.B) {
	for range b.N {
		if text := Call("shake", []byte(`{"scenario":"faq","from":1,"count":25}`), nil); bytes.HasPrefix(text, []byte(`{"error"`)) {
			b.Fatalf("%s", text)
		}
	}
}
