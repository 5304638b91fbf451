package conformance

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"zksim/clock"
	"zksim/sim"
)

func TestRanges(t *testing.T) {
	const seeds = 60
	tot, out := map[string]int{}, map[string]int{}
	for _, name := range files() {
		traces, err := ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range traces {
			p, err := Scenario(tr)
			if err != nil {
				continue
			}
			lo, hi, rec := map[string]clock.Instant{}, map[string]clock.Instant{}, map[string]clock.Instant{}
			seqs := map[string]int{}
			never := map[string]int{}
			for seed := range uint64(seeds) {
				w := p.Witness()
				tw := &toldSink{w: w}
				world, err := sim.New(p.Scenario, seed, 0, w, tw)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := world.Run(clock.Instant(p.Scenario.Length), nil); err != nil {
					fmt.Println("RUNERR", tr.Header.ID, err)
					break
				}
				seqs[strings.Join(tw.told, " ")]++
				c := p.Compare(w)
				seen := map[string]bool{}
				for _, r := range c.Rows {
					if r.Rule == "T-9" {
						r.What = "mark"
					}
					if r.Recorded != clock.Never {
						rec[r.What] = r.Recorded
					}
					if r.Predicted == clock.Never {
						never[r.What]++
						continue
					}
					seen[r.What] = true
					if _, ok := lo[r.What]; !ok {
						lo[r.What], hi[r.What] = r.Predicted, r.Predicted
					}
					lo[r.What], hi[r.What] = min(lo[r.What], r.Predicted), max(hi[r.What], r.Predicted)
				}
			}
			var told []string
			for _, e := range tr.Told() {
				if p.Instant(e.T) >= p.Zero {
					told = append(told, e.State)
				}
			}
			k := strings.Join(told, " ")
			if seqs[k] == 0 {
				fmt.Printf("SEQ %s recorded %q model %v\n", tr.Header.ID, k, seqs)
			}
			for what, at := range rec {
				if !strings.HasPrefix(what, "client's att") && !strings.HasPrefix(what, "client told E") && !strings.HasPrefix(what, "client ends") && !strings.HasPrefix(what, "session res") {
					continue
				}
				tot[what]++
				l, ok := lo[what]
				h := hi[what]
				if !ok {
					fmt.Println("NEVER", tr.Header.ID, what)
					out[what]++
					continue
				}
				m := clock.Instant(float64(h-l) * 0.15)
				if at < l-m-30e6 || at > h+m+50e6 {
					out[what]++
					fmt.Printf("OUT %s %s recorded %.0f range %.0f..%.0f\n", tr.Header.ID, what, float64(at-p.Zero)/1e6, float64(l-p.Zero)/1e6, float64(h-p.Zero)/1e6)
				}
			}
		}
	}
	fmt.Println(tot, out)
	_ = os.Stdout
}

type toldSink struct {
	w    *Witness
	told []string
}

func (s *toldSink) Record(r *sim.Record) {
	if r.Node == s.w.victim && sim.KindOf(r.Kind).Name == "told" && r.At >= s.w.plan.Zero {
		s.told = append(s.told, r.Text)
	}
}
