package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"testing"
	"time"

	"zksim/clock"
	"zksim/sim"
)

func TestExplore(t *testing.T) {
	stats := map[string][]float64{}
	id := os.Getenv("ID")
	for _, name := range files() {
		traces, err := ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range traces {
			if id != "" && tr.Header.ID != id {
				continue
			}
			p, err := Scenario(tr)
			if err != nil {
				t.Error(err)
				continue
			}
			w := p.Witness()
			world, err := sim.New(p.Scenario, 1, 0, w)
			if err != nil {
				t.Error(err)
				continue
			}
			if _, err := world.Run(clock.Instant(p.Scenario.Length), nil); err != nil {
				t.Error(tr.Header.ID, err)
				continue
			}
			c := p.Compare(w)
			bad := c.Within != c.Comparable || !c.SameOrder || !c.TouchReproduced
			fmt.Println(tr.Header.ID, tr.Header.Client.AttachedRole, tr.TickMs(), tr.Header.Client.NegotiatedMs, "touch", c.TouchReproduced, c.Verdict())
			for i := range c.Rows {
				r := &c.Rows[i]
				d, ok := r.Apart()
				if ok && !r.Drawn {
					k := r.What
					if len(k) > 15 {
						k = k[:15]
					}
					k = fmt.Sprintf("%-15s %-10s", k, tr.Header.Client.AttachedRole)
					stats[k] = append(stats[k], float64(d)/1e6)
				}
				if bad && !r.Drawn && (!ok || d.Abs() > Near) || id != "" {
					f := func(x clock.Instant) string {
						if x == clock.Never {
							return "never"
						}
						return fmt.Sprintf("%.3f", float64(x.Sub(c.Zero))/1e6)
					}
					fmt.Printf("      %-40s %12s %12s %8.3f %v %s %s\n", r.What, f(r.Predicted), f(r.Recorded), float64(d)/1e6, r.Drawn, r.Rule, r.Remark)
				}
			}
			if id != "" {
				fmt.Println(p.Inputs, time.Duration(p.Scenario.Length))
			}
		}
	}
	var ks []string
	for k := range stats {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	for _, k := range ks {
		v := stats[k]
		sort.Float64s(v)
		q := func(f float64) float64 { return v[int(f*float64(len(v)-1))] }
		fmt.Printf("STAT %-30s n %3d min %8.2f p5 %8.2f med %8.2f p95 %8.2f max %8.2f\n", k, len(v), v[0], q(.05), q(.5), q(.95), v[len(v)-1])
	}
}

func files() []string {
	g := os.Getenv("GLOB")
	if g == "" {
		g = "testdata/*.gz"
	}
	m, _ := filepath.Glob(g)
	return m
}
