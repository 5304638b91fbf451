package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zksim/experiments"
	"zksim/sim"
)

func newMetricCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "metric",
		Short:   "List and explain what is measured in runs",
		Example: "  zksim metric list\n  zksim metric show detection",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newMetricListCommand(), newMetricShowCommand())
	return cmd
}

func newMetricListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Explain the metrics in short: unit, one line, a picture",
		Long: `Explain the metrics, each with its unit, one line that says what it measures, and a
picture of the same on a time axis; zksim metric show NAME has the rest.`,
		Example: "  zksim metric list",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var b strings.Builder
			for _, m := range experiments.Metrics {
				unit := m.Unit
				if unit == "" {
					unit = "0 or 1"
				}
				fmt.Fprintf(&b, "%-11s %-7s %s\n", m.Name, unit, m.Title)
				for line := range strings.SplitSeq(strings.TrimPrefix(m.Picture, "\n"), "\n") {
					fmt.Fprintf(&b, "      %s\n", line)
				}
				b.WriteString("\n")
			}
			_, err := io.WriteString(cmd.OutOrStdout(), b.String())
			return err
		},
	}
}

func newMetricShowCommand() *cobra.Command {
	var scenario string
	cmd := &cobra.Command{
		Use:   "show METRIC",
		Short: "Explain one metric, with a picture and the columns that it yields",
		Long: `Explain one metric: what counts from where to where, with the rules of
docs/semantics.md; the same on a time axis; and the columns that it yields for a
scenario, as tables of results have them, with the rules beside whose closed form or
bounds zksim sweep sets what the runs say. Where a scenario has several clients to
ask about, or several locks, their names are in the columns.`,
		Example:           "  zksim metric show overlap\n  zksim metric show detection --scenario libraries",
		Args:              exactArgs(1, "the name of one metric"),
		ValidArgsFunction: completeFirst(completeMetrics),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := experiments.FindMetric(args[0])
			if err != nil {
				return usageError{err}
			}
			in, err := openInput(scenario, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if in.recording {
				return unusable("--scenario %s: a recording; want a scenario", scenario)
			}
			s, err := sim.ReadScenarioWith(in.name, in.source, in.open, nil)
			if err != nil {
				return usageError{err}
			}
			return showMetric(cmd.OutOrStdout(), m, s)
		},
	}
	cmd.Flags().StringVar(&scenario, "scenario", "takeover", "the scenario, or file, that the columns are for")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("scenario", completeScenario))
	return cmd
}

// showMetric writes what a metric is, and its columns for a scenario.
func showMetric(w io.Writer, m *experiments.Metric, s *sim.Scenario) error {
	fmt.Fprintf(w, "%s: %s\n\n%s\n%s\n\n", m.Name, m.Title, m.Explain, m.Picture)
	columns := m.Columns(s)
	if len(columns) == 0 {
		_, err := fmt.Fprintf(w, "no columns for %s: clients there contend for nothing\n", s.Name)
		return err
	}
	fmt.Fprintf(w, "columns for %s:\n", s.Name)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range columns {
		c := &columns[i]
		unit := c.Kind.Unit()
		switch c.Kind {
		case experiments.KindProbability:
			unit = "0 or 1"
		case experiments.KindShare:
			unit = "0 to 1"
		case experiments.KindCount:
			unit = "number"
		case experiments.KindWord:
			unit = "word"
		}
		meaning := c.Meaning
		if beside := experiments.ClosedForm(s, c); beside.Rule != "" {
			meaning += " [closed form: " + beside.Rule + "]"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", c.Title(), unit, meaning)
	}
	return t.Flush()
}

func completeMetrics(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, m := range experiments.Metrics {
		names = append(names, m.Name+"\t"+strings.TrimSpace(m.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
