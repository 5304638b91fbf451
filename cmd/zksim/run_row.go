package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"zksim/experiments"
)

// fromFlags are the flags that pick a row, and those that a row decides.
var (
	pickFlags    = []string{"row", "slowest", "median"}
	decidedFlags = []string{"seed", "set", "id", "list", "run"}
)

// checkFrom refuses flags that do not fit together.
func (q *runRequest) checkFrom(cmd *cobra.Command) error {
	changed := func(name string) bool { return cmd.Flags().Changed(name) }
	picked := 0
	for _, name := range pickFlags {
		if changed(name) {
			picked++
			if q.from == "" {
				return unusable("--%s: needs --from, the folder of a sweep's results", name)
			}
		}
	}
	if q.from == "" {
		if changed("of") {
			return unusable("--of %s: needs --from", q.pick.Column)
		}
		return nil
	}
	for _, point := range []int{q.pick.Slowest, q.pick.Median} {
		if point < 0 {
			return unusable("point %d: want the number of one, from 1", point)
		}
	}
	if picked != 1 {
		return unusable("--from %s: want one of --row N, --slowest POINT and --median POINT", q.from)
	}
	for _, name := range decidedFlags {
		if changed(name) {
			return unusable("--%s: a row's run is what it was; --from takes --row, --slowest or --median", name)
		}
	}
	return nil
}

// runRow plays a run of a sweep's results again.
func runRow(ctx context.Context, q *runRequest, stdout, stderr io.Writer) error {
	format, err := findFormat(q.format)
	if err != nil {
		return err
	}
	if err := q.look.check(); err != nil {
		return err
	}
	results, err := experiments.Load(q.from)
	if err != nil {
		return usageError{err}
	}
	picked, err := results.Pick(q.pick)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", q.from, err)}
	}
	if err := q.look.checkClient(picked.Scenario); err != nil {
		return err
	}
	q.pick.Row, q.seed, q.seeded, q.number = picked.Row, picked.Seed, true, picked.Run
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := play(ctx, picked.Scenario, q, format, out, q.look.options(stdout, out.toFile())); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	printRemark(stderr, fmt.Sprintf("row %d: %s, run %d: %s", picked.Row, picked.Point, picked.Run, picked.Values))
	if picked.Changed {
		printRemark(stderr, fmt.Sprintf("the results have other values (%s): %s wrote them, this is %s", picked.Recorded, results.Plan.Engine, engine()))
	}
	return nil
}
