package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zksim/conformance"
)

// A replayRequest is what `zksim replay` was asked.
type replayRequest struct {
	paths     []string
	only      string
	tolerance time.Duration
	require   string
	explained string
	runs      int
	asJSON    bool
	verbose   bool
	events    string // file
	plot      string
	force     bool
}

func newReplayCommand() *cobra.Command {
	q := replayRequest{}
	cmd := &cobra.Command{
		Use:   "replay [TRACE...]",
		Short: "Hold the model against recordings of real ensembles",
		Long: `Hold the model against recordings of real ensembles (zktrace 1, .jsonl or
.jsonl.gz), files or directories of them; without any, against those that come
with zksim: the Java client killed, cut off, and healed.

Guided replay feeds each machine of the model what its real counterpart was fed,
at the recorded instants, and compares what it then does with what was recorded.
What the rules fix is compared to the millisecond. What they leave to a draw is
compared with the interval that they allow, and taken over from there on. Free
replay plays the configuration and the faults of each recording in a world of its
own and ranks each recorded latency among the simulations; the ranks of all
recordings, and of those of each scenario and library, must be uniform. What
differs by --tolerance or less counts as equal there.

--csv writes every event that guided replay compared, a line each, and --plot
draws them (see zksim plot conformance).

Exit status 1 means that the model and the recordings disagree: fewer of the
fixed events inside the tolerance than --require, or of the drawn ones inside
their intervals; an expiry in a wrong bucket; a row that free replay rejects;
or an event that is missing or invented and that no line of --explained covers.
Such a line holds a recording, an event such as "saw_deleted at observer1" and a
reason, with tabs between them. Exit status 2 means that the input cannot be
used.`,
		Example: `  zksim replay --only guided
  zksim replay --only guided --json
  zksim replay --only guided --csv events.csv --plot events.svg`,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.paths = args
			return replay(cmd.Context(), &q, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.only, "only", "", "guided or free (default: both)")
	f.DurationVar(&q.tolerance, "tolerance", conformance.DefaultTolerance, "how far apart two instants may lie")
	f.StringVar(&q.require, "require", "98%", "share of the events that must be inside the tolerance")
	f.StringVar(&q.explained, "explained", "", "file of reasons why events are missing or invented")
	f.IntVar(&q.runs, "runs", 1000, "simulations of each recording in free replay")
	f.BoolVar(&q.asJSON, "json", false, "print one JSON object")
	f.StringVar(&q.events, "csv", "", "file for every event that was compared, or - for standard output instead of the report")
	f.StringVar(&q.plot, "plot", "", "file for a figure of them (.svg, .png, .pdf)")
	f.BoolVar(&q.force, "force", false, "overwrite the files of --csv and --plot if they exist")
	f.BoolVar(&q.verbose, "verbose", false, "list every event that disagrees")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("only", cobra.FixedCompletions([]string{"guided", "free"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// replay judges recordings and writes what was found.
func replay(ctx context.Context, q *replayRequest, stdout, stderr io.Writer) error {
	require, err := q.check()
	if err != nil {
		return err
	}
	explained, err := q.explanations()
	if err != nil {
		return err
	}
	traces, err := q.traces()
	if err != nil {
		return err
	}
	judge := conformance.NewJudge(q.tolerance)
	table, err := q.tabulate(judge, stdout)
	if err != nil {
		return err
	}
	defer table.discard()
	if q.only != "free" {
		for _, t := range traces {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := judge.Add(t); err != nil {
				return err
			}
		}
	}
	report := judge.Report()
	free := &conformance.FreeReport{}
	if q.only != "guided" {
		if free, err = conformance.Free(ctx, traces, q.runs, q.tolerance); err != nil {
			return err
		}
	}
	if q.events != toStdout {
		if err := q.write(stdout, report, free, explained); err != nil {
			return err
		}
	}
	if err := table.finish(stdout); err != nil {
		return err
	}
	problems := verdict(report, free, explained, require)
	// Before the idle lines are known every event has been looked up.
	for _, idle := range explained.Idle(report) {
		if q.explained != "" && q.only != "free" {
			printRemark(stderr, idle)
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("the model and the recordings disagree: %s", strings.Join(problems, "; "))
	}
	return nil
}

// write prints the report.
func (q *replayRequest) write(stdout io.Writer, report *conformance.Report, free *conformance.FreeReport, x *conformance.Explanations) error {
	out, err := createOutput(toStdout, false, stdout)
	if err != nil {
		return err
	}
	switch {
	case q.asJSON:
		err = conformance.WriteJSON(out, report, free, x, q.verbose)
	default:
		if q.only != "free" {
			err = report.WriteText(out, x, q.verbose)
		}
		if err == nil && q.only == "" {
			_, err = fmt.Fprintln(out)
		}
		if err == nil && q.only != "guided" {
			err = conformance.WriteFreeText(out, free)
		}
	}
	if err != nil {
		return err
	}
	return out.commit()
}

// verdict lists what counts against the model.
func verdict(r *conformance.Report, free *conformance.FreeReport, x *conformance.Explanations, require float64) []string {
	var problems []string
	if share := r.Share(); share < require {
		problems = append(problems, fmt.Sprintf("%.2f %% of the fixed events are inside, want %.2f %%", 100*share, 100*require))
	}
	if share := r.DrawnShare(); share < require {
		problems = append(problems, fmt.Sprintf("%.2f %% of the drawn events are inside their intervals, want %.2f %%", 100*share, 100*require))
	}
	if r.WrongBucket > 0 {
		problems = append(problems, fmt.Sprintf("%d in a wrong bucket", r.WrongBucket))
	}
	if n := r.Unexplained(x); n > 0 {
		problems = append(problems, fmt.Sprintf("%d missing or invented without an explanation", n))
	}
	for i := range free.Rows {
		if row := &free.Rows[i]; row.Rejected {
			problems = append(problems, "free: "+strings.Join(strings.Fields(row.Scenario+" "+row.Library+" "+row.Latency), " ")+" rejected")
		}
	}
	return problems
}

func (q *replayRequest) check() (require float64, err error) {
	switch q.only {
	case "", "guided", "free":
	default:
		return 0, unusable("--only %s: want guided or free", q.only)
	}
	if q.tolerance < 0 {
		return 0, unusable("--tolerance %v: want a duration that is not negative, as in 25ms", q.tolerance)
	}
	if q.runs < 1 {
		return 0, unusable("--runs %d: want 1 or more", q.runs)
	}
	number, percent := strings.CutSuffix(q.require, "%")
	require, err = strconv.ParseFloat(number, 64)
	if percent {
		require /= 100
	}
	if err != nil || !(require >= 0 && require <= 1) {
		return 0, unusable("--require %s: want a share from 0%% to 100%%, as in 98%%", q.require)
	}
	return require, nil
}

// explanations reads --explained; without it there are those that come with zksim, of
// the recordings of its lab.
func (q *replayRequest) explanations() (*conformance.Explanations, error) {
	if q.explained == "" {
		return conformance.EmbeddedExplanations()
	}
	f, err := os.Open(q.explained)
	if err != nil {
		return nil, unusable("--explained %s: %s; want a file of reasons", q.explained, reason(err))
	}
	defer f.Close()
	x, err := conformance.ReadExplanations(f, q.explained)
	if err != nil {
		return nil, usageError{err}
	}
	return x, nil
}

// traces reads what was named, in that order; of a directory every recording in
// it, by name.
func (q *replayRequest) traces() ([]*conformance.Trace, error) {
	if len(q.paths) == 0 {
		return conformance.Embedded()
	}
	var all []*conformance.Trace
	for _, path := range q.paths {
		files, err := recordingsAt(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			traces, err := conformance.ReadFile(file)
			if err != nil {
				return nil, usageError{err}
			}
			all = append(all, traces...)
		}
	}
	if len(all) == 0 {
		return nil, unusable("%s: no recording in it", strings.Join(q.paths, ", "))
	}
	return all, nil
}

// recordingsAt is a file, or the recordings below a directory.
func recordingsAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unusable("%s: %s; want a recording (zktrace 1: .jsonl, .jsonl.gz) or a directory of them", path, reason(err))
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".jsonl.gz")) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return nil, usageError{err}
	}
	if len(files) == 0 {
		return nil, unusable("%s: no recording in it; want files that end in .jsonl or .jsonl.gz", path)
	}
	return files, nil
}
