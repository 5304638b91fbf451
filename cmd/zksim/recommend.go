package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zksim/experiments"
	"zksim/model"
)

func newRecommendCommand() *cobra.Command {
	q := experiments.Question{}
	var loss string
	cmd := &cobra.Command{
		Use:   "recommend --pause DURATION|LAW",
		Short: "Find the smallest session timeout that survives pauses of its client",
		Long: `Find the smallest session timeout with which pauses of the client's process cost
its session no more often than allowed, and say what it costs: how long a crash
goes unnoticed. A pause is a duration, or a law as scenarios have them. The
closed form of the rules (Q-27) stands beside as many simulated runs; where there
is none, as for kazoo 2.8, the runs alone decide. The client is idle and attached to
the leader, which is the worst case, with the addresses of all servers.

Timeouts are looked at in steps of 50 ms. Exit status 3: no timeout does both.`,
		Example: `  zksim recommend --pause 8s
  zksim recommend --pause 2s --max-detect 8s --servers 5 --runs 200
  zksim recommend --pause '{lognormal: [1s, 1], max: 1m}' --max-loss 1% --runs 50`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("latency") && q.Library != "java" {
				q.Latency = 500 * time.Microsecond // some of the others try again without any wait
			}
			if err := checkQuestion(&q, loss); err != nil {
				return err
			}
			ctx := cmd.Context()
			a, err := experiments.Recommend(q, func() bool { return ctx.Err() != nil })
			switch {
			case errors.Is(err, experiments.ErrStopped):
				return err
			case err != nil:
				// The pause is the only word here that was not checked before.
				return usageError{errors.New(strings.NewReplacer("--set faults.0.for=", "--pause ", "faults.0.for.", "", "network.latency", "--latency").Replace(err.Error()))}
			}
			if err := printAdvice(cmd.OutOrStdout(), a); err != nil {
				return err
			}
			if a.Chosen < 0 {
				return assertError{[]string{a.Why}}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.Pause, "pause", "", "how long the process stands still: a duration, or a law as in '{lognormal: [1s, 1], max: 1m}'")
	f.StringVar(&loss, "max-loss", "0", "how many of such pauses may cost the session, as in 0.1%")
	f.DurationVar(&q.MaxDetect, "max-detect", 0, "how long a crash may go unnoticed at most (default: for any time)")
	f.StringVar(&q.Library, "library", "java", "the client's library")
	f.StringVar(&q.Version, "version", "", "its version (default: the newest that was read)")
	f.IntVar(&q.Servers, "servers", 3, "servers of the ensemble, and addresses of the client: 1, 3, 5 or 7")
	f.DurationVar(&q.Tick, "tick", 2*time.Second, "tickTime of the servers")
	f.IntVar(&q.SyncLimit, "sync-limit", 5, "syncLimit of the servers, in ticks")
	f.DurationVar(&q.Latency, "latency", 0, "latency of the network, one way (default for others than java: 500µs)")
	f.IntVar(&q.Runs, "runs", 1000, "how many pauses to simulate for each timeout")
	f.Uint64Var(&q.Seed, "seed", 1, "seed of every draw")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("library", completeLibraries))
	for _, free := range []string{"pause", "max-loss", "max-detect", "version", "servers", "tick", "sync-limit", "latency", "runs", "seed"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	return cmd
}

// checkQuestion checks the words, and reads the share.
func checkQuestion(q *experiments.Question, loss string) error {
	number, scale := strings.TrimSuffix(loss, "%"), 1.0
	if number != loss {
		scale = 100
	}
	share, err := strconv.ParseFloat(number, 64)
	q.MaxLoss = share / scale
	rows := model.Rows(q.Library)
	switch {
	case q.Pause == "":
		return unusable("--pause is missing; want a duration as in 8s, or a law as in '{lognormal: [1s, 1], max: 1m}'")
	case err != nil || !(q.MaxLoss >= 0 && q.MaxLoss < 1):
		return unusable("--max-loss %s: want a share from 0 to below 1, as in 0.1%%", loss)
	case q.MaxDetect < 0:
		return unusable("--max-detect %v: want a duration above 0s, as in 30s", q.MaxDetect)
	case len(rows) == 0:
		return unusable("--library %s: want one of %s", q.Library, strings.Join(model.LibraryNames(), ", "))
	case q.Servers != 1 && q.Servers != 3 && q.Servers != 5 && q.Servers != 7:
		return unusable("--servers %d: want 1, 3, 5 or 7", q.Servers)
	case q.Tick < 2*time.Millisecond || q.Tick > time.Minute || q.Tick%time.Millisecond != 0:
		return unusable("--tick %v: want whole milliseconds, 2ms to 1m", q.Tick)
	case q.SyncLimit < 1 || q.SyncLimit > 1000:
		return unusable("--sync-limit %d: want 1 to 1000", q.SyncLimit)
	case q.Latency < 0 || q.Latency > 400*time.Millisecond || q.Latency%time.Microsecond != 0:
		return unusable("--latency %v: want whole microseconds, 0s to 400ms", q.Latency)
	case q.Runs < 1 || q.Runs > 10_000_000:
		return unusable("--runs %d: want 1 to 10,000,000", q.Runs)
	}
	if q.Version != "" {
		if _, err := model.FindLibrary(q.Library, q.Version); err != nil {
			return unusable("--version %s: %s", q.Version, err)
		}
	}
	return nil
}

// printAdvice writes the question, the trade-off and the answer.
func printAdvice(w io.Writer, a *experiments.Advice) error {
	addresses := "one address"
	if a.Servers > 1 {
		addresses = fmt.Sprintf("%d addresses", a.Servers)
	}
	fmt.Fprintf(w, "pause     %s\nclient    %s, %s, idle, attached to the leader\nservers   %d, tick %v, syncLimit %d, latency %v one way\n\n",
		a.Law, a.Client, addresses, a.Servers, a.Tick, a.SyncLimit, a.Latency)
	t := newColumns(w)
	fmt.Fprintf(t, "\ttimeout\tlost (Q-27)\tsimulated, of %d\tcrash noticed after, mean\tp99\tat most\n", a.Runs)
	for i := range a.Options {
		o := &a.Options[i]
		mark := ""
		switch {
		case i == a.Chosen:
			mark = "->"
		case !o.Survives || !o.Notices:
			mark = "x"
		}
		closed := "-"
		if !math.IsNaN(o.Lost) {
			closed = shareOf(o.Lost)
		}
		fmt.Fprintf(t, "%s\t%v\t%s\t%s\t%s\t%s\t%s\n", mark, o.Timeout, closed, seen(o, a.Runs), hundredths(o.Mean), hundredths(o.P99), hundredths(o.Longest))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	closed := a.Chosen >= 0 && !math.IsNaN(a.Options[a.Chosen].Lost)
	switch {
	case a.Chosen < 0:
		// The reason is the command's error.
	case a.MaxLoss == 0 && closed:
		fmt.Fprintf(w, "%v: the smallest timeout with which such a pause never costs the session (Q-27)\n", a.Least)
	case closed:
		fmt.Fprintf(w, "%v: the smallest timeout with which at most %s of such pauses cost the session (Q-27)\n", a.Least, shareOf(a.MaxLoss))
	case a.MaxLoss == 0:
		fmt.Fprintf(w, "%v: the smallest timeout with which none of %d simulated pauses cost the session; there is no closed form for %s\n", a.Least, a.Runs, a.Client)
	default:
		fmt.Fprintf(w, "%v: the smallest timeout with which at most %s of %d simulated pauses cost the session; there is no closed form for %s\n",
			a.Least, shareOf(a.MaxLoss), a.Runs, a.Client)
	}
	for _, warning := range a.Warnings {
		fmt.Fprintf(w, "note: %s\n", warning)
	}
	return nil
}

func shareOf(p float64) string {
	switch {
	case p == 0:
		return "none"
	case p < 1e-5:
		return "< 0.001 %"
	}
	return fmt.Sprintf("%.3g %%", 100*p)
}

// seen is how often it happened in the runs, with the interval of 95 %. What was never seen
// is not impossible.
func seen(o *experiments.Option, runs int) string {
	switch o.Hits {
	case 0:
		return fmt.Sprintf("< %.2g %%", 100*o.Simulated.High)
	case runs:
		return fmt.Sprintf("> %.4g %%", 100*o.Simulated.Low)
	}
	return fmt.Sprintf("%.3g %% (%.3g to %.3g)", 100*o.Simulated.Value, 100*o.Simulated.Low, 100*o.Simulated.High)
}

func hundredths(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
