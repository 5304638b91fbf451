package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zksim/experiments"
	"zksim/sim"
)

// A runRequest is what `zksim run` was asked.
type runRequest struct {
	what   string
	seed   uint64
	seeded bool
	sets   []string
	format string
	output string
	force  bool
	id     string
	list   bool
	number uint32 // of the replication
	from   string // results of a sweep
	pick   experiments.Pick
	look   look
	plot   string // a figure of the story too
	file   figureFile
}

func newRunCommand() *cobra.Command {
	var q runRequest
	cmd := &cobra.Command{
		Use:   "run SCENARIO|FILE|RECORDING|--from FOLDER",
		Short: "Play a scenario and show who knew what when",
		Long: `Play a scenario: one that comes with zksim (see zksim scenario list), one of your
own (a YAML file, or - for standard input), or the configuration and the faults
of a recording of a real ensemble (zktrace 1, .jsonl or .jsonl.gz), with what
really happened beside it.

The timeline shows the three expiries apart: when the leader marks the session,
when its end is committed at each server, and when the client learns of it.
Instants are seconds since the first fault.

--set changes a value before the run. What it names is the way to that value in
the scenario's text (zksim scenario show), with dots, and + for one more item of
a list, as in faults.+={kill: worker, at: 14s}; zksim schema has all keys and what
they mean.

With --from, any row of a sweep's results is played again: by its number, or the
slowest or the median run of a point.

Written to anything but a terminal, the same scenario, seed and flags give the
same bytes, everywhere. Exit status 2 means that the input cannot be used, and
nothing was written.`,
		Example: `  zksim run faq
  zksim run faq --seed 7 --set clients.worker.timeout=6s
  zksim run faq --format jsonl
  zksim run faq --plot faq.svg
  zksim sweep crash --runs 5 -o results
  zksim run --from results --slowest 3`,
		Args: func(cmd *cobra.Command, args []string) error {
			if q.from != "" {
				if len(args) > 0 {
					return unusable("run: %s and --from %s; want one of the two", args[0], q.from)
				}
				return nil
			}
			return exactArgs(1, "one scenario, file or recording")(cmd, args)
		},
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.seeded = cmd.Flags().Changed("seed")
			if err := q.checkFrom(cmd); err != nil {
				return err
			}
			if cmd.Flags().Changed("plot") {
				if err := q.checkPlot(); err != nil {
					return err
				}
			}
			if q.from != "" {
				return runRow(cmd.Context(), &q, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			q.what = args[0]
			return runScenario(cmd.Context(), &q, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&q.seed, "seed", 0, "seed of every draw (default: the scenario's own)")
	f.StringArrayVar(&q.sets, "set", nil, "change a value of the scenario, as in clients.worker.timeout=6s; may be repeated")
	f.StringVar(&q.format, "format", "text", formatHelp())
	f.StringVarP(&q.output, "output", "o", toStdout, "write to this file; - is standard output")
	f.BoolVar(&q.force, "force", false, "let -o overwrite a file")
	f.StringVar(&q.plot, "plot", "", "draw the story as well: a file, .svg, .png or .pdf (zksim plot timeline has more choices)")
	f.StringVar(&q.id, "id", "", "which recording of the file, as in C3-0012")
	f.BoolVar(&q.list, "list", false, "list the recordings of the file instead")
	f.Uint32Var(&q.number, "run", 0, "number of the replication: another one has other luck, with the same seed")
	f.StringVar(&q.from, "from", "", "play a run of a sweep again: the folder of its results")
	f.Int64Var(&q.pick.Row, "row", 0, "which row of --from, counted from 1")
	f.IntVar(&q.pick.Slowest, "slowest", 0, "instead of --row: the run with the greatest value, of this point of --from")
	f.IntVar(&q.pick.Median, "median", 0, "instead of --row: the run with the median value, of this point of --from")
	f.StringVar(&q.pick.Column, "of", "", "the column that --slowest and --median go by (default: the first)")
	q.look.flags(f)
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(colors, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("client", completeClient))
	for _, free := range []string{"seed", "set", "id", "width", "run", "row", "slowest", "median", "of"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	return cmd
}

func formatNames() []string {
	var names []string
	for _, f := range sim.TimelineFormats {
		names = append(names, f.Name)
	}
	return names
}

func formatHelp() string {
	var parts []string
	for _, f := range sim.TimelineFormats {
		parts = append(parts, f.Name+" ("+f.Meaning+")")
	}
	return strings.Join(parts, " or ")
}

func findFormat(name string) (*sim.TimelineFormat, error) {
	for i := range sim.TimelineFormats {
		if sim.TimelineFormats[i].Name == name {
			return &sim.TimelineFormats[i], nil
		}
	}
	return nil, unusable("--format %s: want %s", name, strings.Join(formatNames(), " or "))
}

// runScenario plays what was asked for and writes the timeline.
func runScenario(ctx context.Context, q *runRequest, stdin io.Reader, stdout, stderr io.Writer) error {
	format, err := findFormat(q.format)
	if err != nil {
		return err
	}
	if err := q.look.check(); err != nil {
		return err
	}
	in, err := openInput(q.what, stdin)
	if err != nil {
		return err
	}
	if in.recording && q.list {
		return listRecordings(in.path, stdout)
	}
	if in.recording {
		return playRecording(ctx, q, format, in.path, stdout, stderr)
	}
	if q.id != "" {
		return unusable("--id %s: %s is a scenario, not a recording", q.id, q.what)
	}
	if q.list {
		return unusable("--list: %s is a scenario, not a recording; zksim scenario list names the scenarios", q.what)
	}
	s, err := sim.ReadScenarioWith(in.name, in.source, in.open, q.sets)
	if err != nil {
		return usageError{err}
	}
	if err := q.look.checkClient(s); err != nil {
		return err
	}
	for _, remark := range s.Remarks() {
		printRemark(stderr, remark)
	}
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := play(ctx, s, q, format, out, q.look.options(stdout, out.toFile())); err != nil {
		return err
	}
	return out.commit()
}

// play runs a scenario to its end and writes its timeline.
func play(ctx context.Context, s *sim.Scenario, q *runRequest, format *sim.TimelineFormat, out *output, opts sim.TextOptions, more ...sim.Sink) error {
	seed := s.Seed
	if q.seeded {
		seed = q.seed
	}
	writer := format.New(out, s, seed, q.number, opts)
	var story *sim.Collector
	if q.plot != "" {
		story = sim.NewCollector(s)
		story.KeepMessages()
		more = append(more, story)
	}
	world, err := sim.New(s, seed, q.number, append(more, writer, new(sim.Checker))...)
	if err != nil {
		return usageError{err}
	}
	summary, err := world.RunToEnd(func() bool { return ctx.Err() != nil })
	switch {
	case sim.Broken(err) != "":
		// The timeline up to there is what shows it.
		if done := errors.Join(writer.Finish(world, summary), out.commit()); done != nil {
			return done
		}
		return fmt.Errorf("%w\nThis is a bug of zksim: please report it with the scenario. To see it again: %s", err, q.again(seed))
	case err != nil:
		return err
	}
	if err := writer.Finish(world, summary); err != nil || story == nil {
		return err
	}
	return q.draw(story.Timeline(world, summary), opts.Client)
}

// checkPlot refuses a figure that cannot be drawn, before anything is played.
func (q *runRequest) checkPlot() error {
	switch {
	case q.list:
		return unusable("--plot %s: --list plays nothing", q.plot)
	case q.plot == toStdout:
		return unusable("--plot -: standard output is for the timeline; want a file, .svg, .png or .pdf")
	case q.plot == q.output:
		return unusable("--plot %s: -o names the same file", q.plot)
	case q.plot == "":
		return unusable("--plot: no name; want a file, .svg, .png or .pdf")
	}
	f, err := askFigure("--plot", nil, q.plot, q.force)
	q.file = figureFile{f.file, f.format, q.force, defaultLook}
	return err
}

// draw draws the story that the text tells. What was written before it stays.
func (q *runRequest) draw(t *sim.Timeline, client string) error {
	var clients []string
	if client != "" {
		clients = []string{client}
	}
	figure, err := drawStories(t, clients, false)
	if err != nil {
		return usageError{fmt.Errorf("--plot %s: %w", q.plot, err)}
	}
	_, err = q.file.write(figure, io.Discard)
	return err
}

// again is the command that plays the same run once more.
func (q *runRequest) again(seed uint64) string {
	if q.from != "" {
		return fmt.Sprintf("zksim run --from %s --row %d", quoted(q.from), q.pick.Row)
	}
	words := []string{"zksim run", quoted(q.what)}
	if q.number > 0 {
		words = append(words, "--run", strconv.FormatUint(uint64(q.number), 10))
	}
	if q.id != "" {
		words = append(words, "--id", quoted(q.id))
	}
	for _, set := range q.sets {
		words = append(words, "--set", quoted(set))
	}
	return strings.Join(append(words, "--seed", strconv.FormatUint(seed, 10)), " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-=:,+@%", r))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func completeScenario(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := completeEmbedded(cmd, args, prefix)
	return names, cobra.ShellCompDirectiveDefault // files as well
}

// completeClient offers the clients of the scenario that is named already.
func completeClient(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return clientsOf(args, 0)
}

// clientsOf offers the clients of the scenario that stands at a place among the words.
func clientsOf(args []string, at int) ([]string, cobra.ShellCompDirective) {
	if len(args) != at+1 || args[at] == "-" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	in, err := openInput(args[at], nil)
	if err != nil || in.recording {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, err := sim.ReadScenarioWith(in.name, in.source, in.open, nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return clientNames(s), cobra.ShellCompDirectiveNoFileComp
}

// completeEmbedded offers the scenarios that come with zksim, and nothing else.
func completeEmbedded(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range sim.Embedded() {
		if strings.HasPrefix(e.Name, prefix) {
			names = append(names, e.Name+"\t"+e.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
