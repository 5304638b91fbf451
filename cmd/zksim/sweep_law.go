package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"zksim/experiments"
)

// printLaws sets the closed forms of the rules beside what the runs say, point by point,
// and says whether they agree, or which assumption does not hold.
func printLaws(w io.Writer, d *experiments.Digested) error {
	t := newColumns(w)
	head := []string{"point"}
	for _, p := range d.Plan.Varied() {
		head = append(head, p.Path)
	}
	fmt.Fprintln(t, strings.Join(append(head, "column", "rule", "simulated", "law", "p99", "law", "range", "law", "agree"), "\t"))
	lines, agree, differ := 0, 0, 0
	var reasons []string
	without := map[string]int{}
	for i := range d.Plan.Points {
		for k, c := range d.Plan.Columns {
			b, m := &d.Beside[i][k], &d.Summaries[i][k]
			switch {
			case b.Rule == "" || m.N == 0:
				continue
			case b.Why != "":
				reason := fmt.Sprintf("%s (%s): %s", c.Name, b.Rule, b.Why)
				if without[reason]++; without[reason] == 1 {
					reasons = append(reasons, reason)
				}
				continue
			}
			verdict := b.Agreement(m)
			if verdict == "yes" {
				agree++
			} else {
				differ++
			}
			if lines++; lines > mostLines {
				continue
			}
			cells := []string{strconv.Itoa(d.Plan.Points[i].Number)}
			for _, v := range d.Plan.Points[i].Values[:len(d.Plan.Varied())] {
				cells = append(cells, v.Text)
			}
			cells = append(cells, c.Name, b.Rule)
			if !math.IsNaN(b.Share) {
				cells = append(cells, share(m), fmt.Sprintf("%.4g %%", 100*b.Share), "-", "-", "-", "-")
			} else if c.Kind == experiments.KindProbability {
				cells = append(cells, share(m), fmt.Sprintf("%.4g %%", 100*b.Mean), "-", "-", "-", "-")
			} else {
				p99 := math.NaN()
				if b.Quantiles != nil {
					p99 = b.Quantiles[2]
				}
				cells = append(cells, inUnit(m.Mean.Value, c.Kind), inUnit(b.Mean, c.Kind), inUnit(m.Quantiles[2].Value, c.Kind), inUnit(p99, c.Kind),
					inUnit(m.Min, c.Kind)+" to "+inUnit(m.Max, c.Kind), inUnit(b.Min, c.Kind)+" to "+inUnit(b.Max, c.Kind))
			}
			fmt.Fprintln(t, strings.Join(append(cells, verdict), "\t"))
		}
	}
	if lines == 0 && len(reasons) == 0 {
		return nil
	}
	if lines > 0 {
		fmt.Fprintln(w, "\nclosed forms beside (docs/semantics.md, section 11):")
		if err := t.Flush(); err != nil {
			return err
		}
		if lines > mostLines {
			fmt.Fprintf(w, "and %d more lines, in %s\n", lines-mostLines, experiments.SummaryFile)
		}
		fmt.Fprintf(w, "%d of %d agree: mean or share inside its interval of 99.9 %%, range inside that of the law\n", agree, agree+differ)
	}
	slices.Sort(reasons)
	for _, r := range reasons {
		fmt.Fprintf(w, "no closed form at %s, %s\n", counted(without[r], "point"), r)
	}
	return nil
}
