package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"zksim/experiments"
)

// newColumns aligns columns that are separated by tabs.
func newColumns(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// mostLines bounds the summary that is printed. All of it is in the folder of the results.
const mostLines = 60

// printSummary prints what the runs of each point say, a line for each column.
func printSummary(w io.Writer, d *experiments.Digested) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := []string{"point"}
	for _, p := range d.Plan.Varied() {
		head = append(head, p.Path)
	}
	head = append(head, "column", "n", "happened", "mean", "±", "p50", "p99", "max")
	if d.Pairs != nil {
		head = append(head, "less baseline", "±")
	}
	fmt.Fprintln(t, strings.Join(head, "\t"))
	lines := 0
	for i := range d.Plan.Points {
		for k, c := range d.Plan.Columns {
			s := &d.Summaries[i][k]
			if s.N == 0 || c.Kind == experiments.KindWord {
				continue
			}
			if lines++; lines > mostLines {
				continue
			}
			cells := []string{strconv.Itoa(d.Plan.Points[i].Number)}
			for _, v := range d.Plan.Points[i].Values[:len(d.Plan.Varied())] {
				cells = append(cells, v.Text)
			}
			cells = append(cells, c.Name, strconv.Itoa(s.N), share(s))
			if c.Kind == experiments.KindProbability {
				// Its share says all.
				cells = append(cells, "-", "-", "-", "-", "-")
			} else {
				cells = append(cells, spread(s, c.Kind)...)
			}
			if d.Pairs != nil {
				p := d.Pairs[i][k].Mean
				cells = append(cells, inUnit(p.Value, c.Kind), inUnit((p.High-p.Low)/2, c.Kind))
			}
			fmt.Fprintln(t, strings.Join(cells, "\t"))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if lines > mostLines {
		fmt.Fprintf(w, "and %d more lines, in %s\n", lines-mostLines, experiments.SummaryFile)
	}
	return printLaws(w, d)
}

// spread is where the values lie.
func spread(s *experiments.PointSummary, kind experiments.MetricKind) []string {
	var cells []string
	for _, v := range []float64{s.Mean.Value, (s.Mean.High - s.Mean.Low) / 2, s.Quantiles[0].Value, s.Quantiles[2].Value, s.Max} {
		cells = append(cells, inUnit(v, kind))
	}
	return cells
}

// share says how often it happened. What was not seen is not impossible: there the bound
// stands.
func share(s *experiments.PointSummary) string {
	switch {
	case s.Kind != experiments.KindProbability && s.Never == 0:
		return "always"
	case !math.IsNaN(s.Share.Value):
		return fmt.Sprintf("%.4g %%", s.Share.Value*100)
	case s.Share.Low == 0:
		return fmt.Sprintf("< %.2g %%", s.Share.High*100)
	}
	return fmt.Sprintf("> %.4g %%", s.Share.Low*100)
}

// inUnit writes a statistic for a person: durations in seconds.
func inUnit(v float64, kind experiments.MetricKind) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.IsInf(v, 0):
		return "not seen"
	case kind == experiments.KindDuration:
		return fmt.Sprintf("%.3f s", v/1000)
	}
	return fmt.Sprintf("%.4g", v)
}

// dryRun prints the points, and plays a few runs to say how long all would take.
func dryRun(ctx context.Context, plan *experiments.Plan, q *sweepRequest, stdout io.Writer) error {
	t := newColumns(stdout)
	head := []string{"point"}
	for _, p := range plan.Varied() {
		head = append(head, p.Path)
	}
	fmt.Fprintln(t, strings.Join(append(head, "asked", "granted", "id"), "\t"))
	for i := range plan.Points {
		pt := &plan.Points[i]
		cells := []string{strconv.Itoa(pt.Number)}
		for _, v := range pt.Values[:len(plan.Varied())] {
			cells = append(cells, v.Text)
		}
		fmt.Fprintln(t, strings.Join(append(cells, pt.Asked.String(), pt.Granted.String(), pt.ID.String()[:8]), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	e, err := plan.Estimate(ctx, func() time.Duration { return time.Since(programStart) })
	if err != nil {
		return err
	}
	more := ""
	if plan.Spec.Until != nil {
		more = ", at least"
	}
	_, err = fmt.Fprintf(stdout, "\n%s, %s%s; %s of one processor; rows %s, chunks %s in %s\n",
		counted(len(plan.Points), "point"), counted(e.Runs, "run"), more, roughly(e.Work), size(e.RowBytes), size(e.ChunkBytes), counted(e.Chunks, "file"))
	return err
}

var programStart = time.Now()

// roughly writes a time as far as an estimate goes.
func roughly(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("about %d s", int(math.Ceil(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("about %d min", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("about %.0f h", math.Ceil(d.Hours()))
}

func size(bytes int64) string {
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if bytes < 10_000 {
			return fmt.Sprintf("%d %s", bytes, unit)
		}
		bytes /= 1000
	}
	return fmt.Sprintf("%d TB", bytes)
}
