package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zksim/sim"
)

func newScenarioCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "scenario",
		Short:   "List, show and copy the scenarios that come with zksim",
		Example: "  zksim scenario list",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newScenarioListCommand(), newScenarioShowCommand(), newScenarioNewCommand())
	return cmd
}

func newScenarioListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Name the scenarios, one a line",
		Example: "  zksim scenario list",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, e := range sim.Embedded() {
				fmt.Fprintf(w, "%s\t%s\n", e.Name, e.Title)
			}
			return w.Flush()
		},
	}
}

func newScenarioShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show SCENARIO",
		Short:             "Print a scenario's text",
		Example:           "  zksim scenario show faq",
		Args:              exactArgs(1, "the name of one scenario"),
		ValidArgsFunction: completeFirst(completeEmbedded),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := findScenario(args[0])
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(e.Source)
			return err
		},
	}
}

func newScenarioNewCommand() *cobra.Command {
	var from string
	var force bool
	cmd := &cobra.Command{
		Use:   "new FILE",
		Short: "Write a scenario file to start from",
		Long: `Write a copy of a scenario that comes with zksim, to be changed. The file may be
- for standard output. zksim schema gives editors the keys and their meaning.`,
		Example: "  zksim scenario new incident.yaml --from gc-pause",
		Args:    exactArgs(1, "the name of one file"),
		ValidArgsFunction: completeFirst(func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault // files
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := findScenario(from)
			if err != nil {
				return err
			}
			return writeNew(cmd.OutOrStdout(), args[0], force, e.Source)
		},
	}
	cmd.Flags().StringVar(&from, "from", "faq", "the scenario to copy")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the file")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("from", completeEmbedded))
	return cmd
}

// completeFirst completes the first word, and none after it.
func completeFirst(complete cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, prefix)
	}
}

func writeNew(stdout io.Writer, path string, force bool, source []byte) error {
	out, err := createOutput(path, force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if _, err := out.Write(source); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	if path != toStdout {
		_, err = fmt.Fprintf(stdout, "%s written; play it with: zksim run %s\n", path, path)
	}
	return err
}

func findScenario(name string) (sim.EmbeddedScenario, error) {
	if e, ok := sim.FindEmbedded(name); ok {
		return e, nil
	}
	var names []string
	for _, e := range sim.Embedded() {
		names = append(names, e.Name)
	}
	return sim.EmbeddedScenario{}, unusable("scenario %q: %swant one of %s", name, didYouMean(name), strings.Join(names, ", "))
}
