package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"zksim/experiments"
	"zksim/plots"
)

// A sweepRequest is what `zksim sweep` was asked.
type sweepRequest struct {
	what    string
	change  experiments.Change
	seed    uint64
	workers int
	dir     string
	format  string
	shard   string
	dry     bool
	changed bool
	plots   []string // KIND=FILE
	force   bool
}

var rowFormats = []string{"csv", "parquet"}

func newSweepCommand() *cobra.Command {
	var q sweepRequest
	cmd := &cobra.Command{
		Use:   "sweep NAME|FILE|SCENARIO",
		Short: "Play a scenario thousands of times, with values that vary",
		Long: `Play the points of a sweep, each of them many times, on all processors, and say
what the runs have in common: how long until a crash is noticed, at the median,
at p99, for these timeouts and those ticks.

A sweep is one that comes with zksim (see zksim sweep list), a file of yours, or
a scenario, of which --vary says what varies. Anything that a scenario can say
can vary. Values are a list (0,1%,5%), a range with a step (4s..40s/2s), or so
many values at equal distance (1s..10s:4) or at equal ratio (1s..10s:4log). A
plus in front, as in --vary +ensemble.leader=1,3,5, joins a parameter to the one
before in lock-step. Replication r has the same luck at every point. A scenario
that tells a story may set the phases of ticks and pings; --draw-phases draws them,
so that every run begins in the steady state.

With -o the results go to a folder: rows.csv, one line for each run; summary.csv,
one for each point and column; manifest.json, which explains them. Interrupted
work goes on with the same command. The bytes are the same with any number of
workers, after any interruption, and for shards merged in any order.

--plot draws a figure of the results (see zksim plot list), kept or not; what the
figure needs is measured besides. For a choice of points, theme or size keep the
results and use zksim plot.

Exit status 3: an assertion does not hold.`,
		Example: `  zksim sweep crash --runs 20 -o crash
  zksim sweep faq --vary clients.worker.timeout=6s..14s/4s --runs 50 --plot sweep=faq.svg
  zksim sweep faq --vary network.loss=0,1%,5% --runs 20 --metric notice --assert 'p50(notice) < 30s'`,
		Args:              exactArgs(1, "one sweep, file or scenario"),
		ValidArgsFunction: completeSweep,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.what = args[0]
			if cmd.Flags().Changed("seed") {
				q.change.Seed = &q.seed
			}
			if cmd.Flags().Changed("runs") && q.change.Runs < 1 {
				return unusable("--runs %d: want 1 or more", q.change.Runs)
			}
			if cmd.Flags().Changed("chunk") && q.change.Chunk < 1 {
				return unusable("--chunk %d: want 1 or more", q.change.Chunk)
			}
			return sweep(cmd.Context(), &q, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&q.change.Vary, "vary", nil, "what varies, as in clients.worker.timeout=4s..40s/2s or network.loss=0,1%,5%; may be repeated")
	f.StringArrayVar(&q.change.Set, "set", nil, "a value that is the same at all points, as in ensemble.servers=5; may be repeated")
	f.StringArrayVar(&q.change.Derive, "derive", nil, "a value that follows, as in ensemble.maxSessionTimeout='20 * ensemble.tickTime'; may be repeated")
	f.StringArrayVar(&q.change.Where, "where", nil, "keep the points for which this holds, as in 'clients.worker.timeout >= 2 * ensemble.tickTime'; may be repeated")
	f.StringSliceVar(&q.change.Metrics, "metric", nil, "what is measured, one or several (see zksim metric list)")
	f.IntVarP(&q.change.Runs, "runs", "n", 0, "replications of each point (default: the sweep's own, else 100)")
	f.StringVar(&q.change.Precision, "precision", "", "or: until it is known so well, as in '1% of p99(detection) from 1000 to 64000'")
	f.Uint64Var(&q.seed, "seed", 0, "seed of every draw (default: the sweep's own)")
	f.BoolVar(&q.change.Independent, "independent", false, "luck of its own for every point, instead of the same for all")
	f.BoolVar(&q.change.DrawPhases, "draw-phases", false, "draw the phases of ticks, PINGs and pings, and the instant of a fault, where the scenario sets them")
	f.StringArrayVar(&q.change.Baseline, "baseline", nil, "compare the others with this value, run by run, as in clients.worker.timeout=10s; may be repeated")
	f.StringArrayVar(&q.change.Assert, "assert", nil, "what must hold at every point, as in 'p99(detection) < 35s'; may be repeated")
	f.StringVarP(&q.dir, "output", "o", "", "folder of the results (default: none is kept)")
	f.StringVar(&q.format, "format", "csv", "of the rows: csv or parquet")
	f.BoolVar(&q.changed, "change", false, "let -o be a folder of an earlier form of this sweep, and keep what is still right")
	f.IntVar(&q.workers, "workers", 0, "how many runs at a time (default: one for each processor)")
	f.StringVar(&q.shard, "shard", "", "play part i of N alone, as in 3/16, to be merged later; auto reads the number from Slurm, Kubernetes or AWS Batch")
	f.IntVar(&q.change.Chunk, "chunk", 0, fmt.Sprintf("replications that are kept in one file (default: the sweep's own, else %d)", experiments.DefaultChunk))
	f.StringArrayVar(&q.plots, "plot", nil, "draw a figure, as in sweep=crash.svg: a kind of zksim plot list, and a file (.svg, .png, .pdf); may be repeated")
	f.BoolVar(&q.force, "force", false, "overwrite figures that exist")
	f.BoolVar(&q.dry, "dry-run", false, "print the points, and how long it would take, instead")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(rowFormats, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("metric", cobra.FixedCompletions(metricNames(), cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("plot", cobra.FixedCompletions(plotChoices(), cobra.ShellCompDirectiveNoSpace|cobra.ShellCompDirectiveNoFileComp)))
	for _, free := range []string{"vary", "set", "derive", "where", "runs", "precision", "seed", "baseline", "assert", "workers", "shard", "chunk"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	cmd.AddCommand(newSweepListCommand(), newSweepShowCommand())
	return cmd
}

// plotChoices are the beginnings of what --plot may say.
func plotChoices() (choices []string) {
	for _, name := range sweepKinds() {
		choices = append(choices, name+"=")
	}
	return choices
}

func metricNames() []string {
	var names []string
	for _, m := range experiments.Metrics {
		names = append(names, m.Name)
	}
	return names
}

func newSweepListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Name the sweeps that come with zksim, one a line",
		Example: "  zksim sweep list",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			t := newColumns(cmd.OutOrStdout())
			for _, e := range experiments.Sweeps() {
				fmt.Fprintf(t, "%s\t%s\n", e.Name, e.Title)
			}
			return t.Flush()
		},
	}
}

func newSweepShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Print a sweep's text, to start from",
		Example:           "  zksim sweep show crash",
		Args:              exactArgs(1, "the name of one sweep"),
		ValidArgsFunction: completeFirst(completeSweepNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, ok := experiments.FindSweep(args[0])
			if !ok {
				return unusable("sweep %q: want one of %s", args[0], strings.Join(sweepNames(), ", "))
			}
			_, err := cmd.OutOrStdout().Write(e.Source)
			return err
		},
	}
}

func sweepNames() []string {
	var names []string
	for _, e := range experiments.Sweeps() {
		names = append(names, e.Name)
	}
	return names
}

func completeSweepNames(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range experiments.Sweeps() {
		if strings.HasPrefix(e.Name, prefix) {
			names = append(names, e.Name+"\t"+e.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeSweep offers sweeps, scenarios and files.
func completeSweep(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	sweeps, _ := completeSweepNames(cmd, args, prefix)
	scenarios, _ := completeEmbedded(cmd, args, prefix)
	return append(sweeps, scenarios...), cobra.ShellCompDirectiveDefault
}

// openSpec finds the sweep that the user named: one that comes with zksim comes before a
// scenario of that name.
func openSpec(what string, stdin io.Reader) (*experiments.Spec, error) {
	if e, ok := experiments.FindSweep(what); ok {
		return experiments.ReadSpec(e.Name+".yaml", e.Source, nil, experiments.EmbeddedScenario)
	}
	in, err := openInput(what, stdin)
	if err != nil {
		return nil, err
	}
	if in.recording {
		return nil, unusable("%s: a recording; want a sweep, or a scenario (YAML)", what)
	}
	if experiments.IsSpec(in.source) {
		s, err := experiments.ReadSpec(in.name, in.source, in.open, func(name string) (experiments.Source, error) { return beside(in, name) })
		if err != nil {
			return nil, usageError{err}
		}
		return s, nil
	}
	return experiments.ScenarioSpec(experiments.Source{Name: in.name, Text: in.source, Open: in.open})
}

// beside finds the scenario that a sweep's file names: one that comes with zksim, or a
// file, relative to the sweep's.
func beside(in *input, name string) (experiments.Source, error) {
	if !strings.ContainsAny(name, `./\`) {
		return experiments.EmbeddedScenario(name)
	}
	f, err := in.open(name)
	if err != nil {
		return experiments.Source{}, fmt.Errorf("%s: %s", name, reason(err))
	}
	defer f.Close()
	text, err := readLimited(f, name)
	return experiments.Source{Name: name, Text: text, Open: in.open}, err
}

// sweep plays what was asked for.
func sweep(ctx context.Context, q *sweepRequest, stdin io.Reader, stdout, stderr io.Writer) error {
	spec, err := openSpec(q.what, stdin)
	if err != nil {
		return usageError{err}
	}
	if err := spec.Apply(&q.change); err != nil {
		return usageError{err}
	}
	figures, err := sweepFigures(q.plots, q.force)
	if err != nil {
		return err
	}
	spec.Metrics = metricsOf(spec.Metrics, figures)
	how := experiments.How{Workers: q.workers, Remark: func(text string) { printRemark(stderr, text) }}
	if err := q.check(&how); err != nil {
		return err
	}
	plan, err := spec.Plan(engine())
	if err != nil {
		return usageError{err}
	}
	if err := checkFigures(figures, plan); err != nil {
		return err
	}
	for _, remark := range plan.Remarks {
		printRemark(stderr, remark)
	}
	if q.dry {
		return dryRun(ctx, plan, q, stdout)
	}
	dir := q.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "zksim-sweep-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	results, err := experiments.Open(dir, plan, q.changed)
	if err != nil {
		return usageError{err}
	}
	patient.Store(true)
	defer patient.Store(false)
	bar := newProgress(plan, stderr)
	how.Progress = bar.show
	how.Remark = bar.remark
	err = results.Play(ctx, how)
	bar.close()
	switch {
	case ctx.Err() != nil && q.dir == "":
		return ctx.Err()
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "zksim: %s kept in %s; the same command goes on from there\n", bar.state(), q.dir)
		return ctx.Err()
	case err != nil && q.dir != "":
		return fmt.Errorf("%w\n%s kept in %s; the same command goes on from there", err, bar.state(), q.dir)
	case err != nil:
		return err
	}
	if how.Shards > 0 {
		_, err := fmt.Fprintf(stdout, "shard %d of %d: %s in %s; when all are there: zksim merge %s\n", how.Shard, how.Shards, bar.state(), q.dir, q.dir)
		return err
	}
	err = finishSweep(results, q.format, false, q.dir != "", stdout, stderr)
	if errors.As(err, new(assertError)) || err == nil {
		// What does not hold can be looked at.
		for _, f := range figures {
			if failed := f.draw(&plots.Query{Input: dir}, defaultLook, q.force, stdout); failed != nil {
				return errors.Join(err, failed)
			}
		}
	}
	return err
}

// check refuses flags that do not fit together.
func (q *sweepRequest) check(how *experiments.How) error {
	if q.workers < 0 || q.workers > 4096 {
		return unusable("--workers %d: want 1 or more, or 0 for one each processor", q.workers)
	}
	if err := checkRowFormat(q.format); err != nil {
		return err
	}
	if q.change.Runs != 0 && q.change.Precision != "" {
		return unusable("--runs and --precision: want one of the two")
	}
	if q.shard == "" {
		return nil
	}
	if len(q.plots) > 0 {
		return unusable("--plot: a shard is a part of the results; draw with zksim plot when all are merged")
	}
	if q.dir == "" {
		return unusable("--shard %s: needs -o, a folder for what is to be merged", q.shard)
	}
	var err error
	how.Shard, how.Shards, err = experiments.Shard(q.shard, os.Getenv)
	if err != nil {
		return usageError{err}
	}
	return nil
}

func checkRowFormat(format string) error {
	if format == "csv" || format == "parquet" {
		return nil
	}
	return unusable("--format %s: want csv or parquet", format)
}

// engine is what results depend on besides the sweep: this program.
// An assertError is an assertion that does not hold.
type assertError struct{ failures []string }

func (e assertError) Error() string {
	const most = 20
	if n := len(e.failures); n > most {
		return strings.Join(e.failures[:most], "\n") + fmt.Sprintf("\nand at %d more", n-most)
	}
	return strings.Join(e.failures, "\n")
}

// finishSweep writes the tables, prints the summary and holds the assertions.
func finishSweep(results *experiments.Results, format string, partial, kept bool, stdout, stderr io.Writer) error {
	digested, err := results.Assemble(format, partial)
	if err != nil {
		return err
	}
	for _, missing := range digested.Missing {
		printRemark(stderr, "left out: "+missing)
	}
	for _, path := range results.Tidy() {
		printRemark(stderr, path+": belongs to no point of this sweep; it is left alone")
	}
	if err := printSummary(stdout, digested); err != nil {
		return err
	}
	if kept {
		fmt.Fprintf(stdout, "\n%s, %s: %s\n", counted(digested.Rows, "row"), counted(len(digested.Plan.Points), "point"), strings.Join(results.Files(format), ", "))
	}
	failures, err := digested.Failures()
	if err != nil {
		return usageError{err}
	}
	if len(failures) > 0 {
		return assertError{failures}
	}
	return nil
}
