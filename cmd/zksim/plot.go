package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zksim/plots"
)

func newPlotCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plot",
		Short: "Draw a figure of results: for a talk, a paper, an incident review",
		Long: `Draw a figure of results. Blue is what the client believes, orange what the
cluster decided, crimson where the two disagree. Each figure says in small print
how many runs it is of, their seed and what played them.`,
		Example: "  zksim plot list\n  zksim sweep crash --runs 20 -o crash\n  zksim plot sweep crash -o crash.svg",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:     "list",
		Short:   "Name the kinds of figure, each with the question that it answers",
		Example: "  zksim plot list",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			t := newColumns(cmd.OutOrStdout())
			for _, k := range plots.Kinds {
				fmt.Fprintf(t, "%s\t%s\tof %s\n", k.Name, k.Question, k.Input)
			}
			return t.Flush()
		},
	})
	for _, k := range plots.Kinds {
		cmd.AddCommand(newPlotKindCommand(k))
	}
	return cmd
}

// plotExamples are what the help of each kind shows.
var plotExamples = map[string]string{
	"conformance": "  zksim replay --only guided --csv events.csv\n  zksim plot conformance events.csv -o conformance.svg",
	"latency":     "  zksim sweep crash --runs 20 -o crash\n  zksim plot latency crash --at clients.worker.timeout=10s --at ensemble.tickTime=2s -o latency.svg",
	"sweep":       "  zksim sweep crash --runs 20 -o crash\n  zksim plot sweep crash --x ensemble.tickTime --at clients.worker.timeout=10s --stat p90 -o sweep.pdf",
	"compare":     "  zksim sweep crash --vary clients.worker.timeout=10s --vary ensemble.tickTime=500ms,1s,2s --runs 100 -o ticks\n  zksim plot compare ticks --baseline ensemble.tickTime=2s -o compare.svg",
	"heatmap":     "  zksim sweep crash --runs 20 -o crash\n  zksim plot heatmap crash --stat p99 -o heatmap.png",
	"tradeoff":    "  zksim sweep kip-537 --vary clients.broker.timeout=6s,12s,18s --runs 50 -o kip\n  zksim plot tradeoff kip -o tradeoff.svg",
	"belief":      "  zksim sweep faq --vary clients.worker.timeout=6s,10s --metric detection,learning --runs 20 -o faq\n  zksim plot belief faq -o belief.svg",
}

func newPlotKindCommand(k *plots.Kind) *cobra.Command {
	var q plots.Query
	var look plots.Look
	var name, format string
	var force bool
	cmd := &cobra.Command{
		Use:     k.Name + " INPUT",
		Short:   k.Question,
		Long:    k.Question + "\nINPUT is " + k.Input + ". The name of the file says the format: .svg, .png or .pdf.",
		Example: plotExamples[k.Name],
		Args:    exactArgs(1, k.Input),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Input = args[0]
			return drawPlot(k, &q, look, name, format, force, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVarP(&name, "output", "o", "", "file of the figure (.svg, .png, .pdf), or - for standard output")
	f.BoolVar(&force, "force", false, "overwrite the output file if it exists")
	f.StringVar(&format, "format", "", "svg, png or pdf, where the name does not say it")
	f.StringVar(&look.Theme, "theme", plots.Themes()[0], strings.Join(plots.Themes(), " or "))
	f.StringVar(&look.Size, "size", plots.Sizes()[0], "one of "+strings.Join(plots.Sizes(), ", ")+": columns of a journal (178 mm, 86 mm), or a slide")
	complete := func(flag string, choices []string) {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)))
	}
	complete("format", plots.Formats())
	complete("theme", plots.Themes())
	complete("size", plots.Sizes())
	for _, o := range plots.Options {
		if !slices.Contains(k.Options, o.Name) {
			continue
		}
		switch o.Name {
		case "column":
			f.StringVar(&q.Column, o.Name, "", o.Meaning)
		case "at":
			f.StringArrayVar(&q.At, o.Name, nil, o.Meaning)
		case "x":
			f.StringVar(&q.X, o.Name, "", o.Meaning)
		case "by":
			f.StringVar(&q.By, o.Name, "", o.Meaning)
		case "baseline":
			f.StringArrayVar(&q.Baseline, o.Name, nil, o.Meaning)
		case "against":
			f.StringVar(&q.Against, o.Name, "", o.Meaning)
		case "stat":
			f.StringVar(&q.Stat, o.Name, "", o.Meaning)
		}
		complete(o.Name, nil)
	}
	return cmd
}

// drawPlot reads, then writes: a figure that cannot be drawn leaves no file.
func drawPlot(k *plots.Kind, q *plots.Query, look plots.Look, name, format string, force bool, stdout io.Writer) error {
	if name == "" {
		return unusable("plot %s: no output; want -o FILE that ends in .%s", k.Name, strings.Join(plots.Formats(), ", ."))
	}
	if err := look.Check(); err != nil {
		return unusable("--%w", err)
	}
	var err error
	switch {
	case format != "" && !slices.Contains(plots.Formats(), format):
		return unusable("--format %s: want one of %s", format, strings.Join(plots.Formats(), ", "))
	case format == "" && name == toStdout:
		return unusable("-o -: says no format; want --format, one of %s", strings.Join(plots.Formats(), ", "))
	case format == "":
		if format, err = plots.Format(name); err != nil {
			return usageError{err}
		}
	}
	f := figureRequest{k, name, format}
	return f.draw(q, look, force, stdout)
}
