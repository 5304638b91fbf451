package main

import (
	"github.com/spf13/cobra"

	"zksim/sim"
)

func newSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Long: `Print the JSON Schema of scenario files. An editor with a YAML language server
uses it for completion and checks: put a first line like this into a scenario.

  # yaml-language-server: $schema=zksim.schema.json`,
		Example: "  zksim schema",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := cmd.OutOrStdout().Write(sim.Schema())
			return err
		},
	}
}
