package main

import (
	"fmt"
	"slices"

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
		if k.Played() {
			cmd.AddCommand(newPlotTimelineCommand(k))
			continue
		}
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
	"belief":      "  zksim sweep faq --draw-phases --vary clients.worker.timeout=6s,10s --metric detection,learning --runs 50 -o faq\n  zksim plot belief faq -o belief.svg",
}

func newPlotKindCommand(k *plots.Kind) *cobra.Command {
	var q plots.Query
	var file figureFile
	cmd := &cobra.Command{
		Use:     k.Name + " INPUT",
		Short:   k.Question,
		Long:    k.Question + k.About + "\n\nINPUT is " + k.Input + ". The name of the file says the format: .svg, .png or .pdf.",
		Example: plotExamples[k.Name],
		Args:    exactArgs(1, k.Input),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Input = args[0]
			if err := file.check("plot " + k.Name); err != nil {
				return err
			}
			figure, err := k.Read(&q)
			if err != nil {
				return usageError{err}
			}
			return file.draw(figure, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	file.flags(cmd)
	complete := func(flag string, choices []string) { completeFlag(cmd, flag, choices) }
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
