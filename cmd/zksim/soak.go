package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"zksim/sim"
)

// A soakRequest is what `zksim soak` was asked.
type soakRequest struct {
	from, count uint64
	print       bool
	shrink      bool
}

func newSoakCommand() *cobra.Command {
	var q soakRequest
	cmd := &cobra.Command{
		Use:   "soak",
		Short: "Play random scenarios and look for broken invariants",
		Long: `Play random scenarios, on all processors, and hold every run against the
invariants of a simulated ensemble: what is committed is never lost, a session
is marked out of the bucket of its deadline, what was sent is delivered, dropped
or on its way, and so on. Scenario N is the same wherever it is made, and is
played with seed N.

The exit status is 1 if an invariant was broken. That is a bug of zksim; please
report it with the scenario that --shrink prints.

The invariants:

` + soakChecks(),
		Example: `  zksim soak --from 1 --count 20
  zksim soak --from 4711 --print`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.print && q.shrink {
				return unusable("--print and --shrink: want one of the two")
			}
			if q.count == 0 {
				return unusable("--count 0: want 1 or more")
			}
			if q.print || q.shrink {
				if cmd.Flags().Changed("count") && q.count != 1 {
					return unusable("--count %d: one scenario is printed; want it with --from alone", q.count)
				}
				return printRandom(cmd.Context(), &q, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return soak(cmd.Context(), &q, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&q.from, "from", 1, "number of the first scenario")
	f.Uint64Var(&q.count, "count", 100, "how many")
	f.BoolVar(&q.print, "print", false, "print scenario --from as YAML instead, and do not play it")
	f.BoolVar(&q.shrink, "shrink", false, "play scenario --from alone, and print the smallest one that breaks the same invariant")
	for _, free := range []string{"from", "count"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	return cmd
}

// soakChecks lists the invariants for the help text.
func soakChecks() string {
	var b strings.Builder
	for _, c := range sim.Checks {
		fmt.Fprintf(&b, "  %s", c.Name)
		if c.Rules != "" {
			fmt.Fprintf(&b, " (%s)", c.Rules)
		}
		b.WriteString("\n")
		for _, line := range wrap(c.Meaning, 70) {
			fmt.Fprintf(&b, "      %s\n", line)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// soak plays scenarios until they are done or the context is.
func soak(ctx context.Context, q *soakRequest, stdout, stderr io.Writer) error {
	var (
		mutex            sync.Mutex
		next             = q.from
		played, failures uint64
		events           uint64
		workers          sync.WaitGroup
	)
	interrupted := func() bool { return ctx.Err() != nil }
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				mutex.Lock()
				number := next
				next++
				mutex.Unlock()
				if number-q.from >= q.count || interrupted() {
					return
				}
				sum, err := sim.PlayChecked(sim.RandomScenario(number), number, 0, interrupted)
				if interrupted() {
					return
				}
				mutex.Lock()
				played++
				events += sum.Events
				if err != nil {
					failures++
					fmt.Fprintf(stderr, "zksim: %v\nzksim:   to see it: zksim soak --from %d --print > %d.yaml && zksim run %d.yaml\n", err, number, number, number)
				}
				mutex.Unlock()
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s, from %d: %d events, %d broken\n", counted(played, "scenario"), q.from, events, failures)
	if failures > 0 {
		return fmt.Errorf("%d of %d scenarios broke an invariant", failures, played)
	}
	return nil
}

// printRandom prints one scenario, as it is or as small as it can be.
func printRandom(ctx context.Context, q *soakRequest, stdout, stderr io.Writer) error {
	s := sim.RandomScenario(q.from)
	var broken error
	if q.shrink {
		interrupted := func() bool { return ctx.Err() != nil }
		what := func(s *sim.Scenario) (string, error) {
			_, err := sim.PlayChecked(s, q.from, 0, interrupted)
			return sim.Broken(err), err
		}
		was, err := what(s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			return fmt.Errorf("scenario %d breaks nothing", q.from)
		}
		s = sim.Shrink(s, func(c *sim.Scenario) bool { is, err := what(c); return err != nil && is == was })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, broken = what(s)
		fmt.Fprintf(stderr, "zksim: %v\n", broken)
	}
	source, err := s.YAML()
	if err != nil {
		return err
	}
	_, err = stdout.Write(source)
	return err
}
