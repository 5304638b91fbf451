package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Set by the release build.
var (
	version = "dev"
	commit  = ""
)

// rulesFollow names what the rules in docs/semantics.md were read from.
const rulesFollow = "ZooKeeper 3.9.5, with the differences of 3.8.0 to 3.8.6, of 3.9.0 to 3.9.4 and of master at 53a78e36f"

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and which ZooKeeper releases the rules follow",
		Example: "  zksim version",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "zksim %s\ncommit %s\n%s %s/%s\nrules %s\n",
				version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH, rulesFollow)
			return err
		},
	}
}

// revision is the commit that the release build set, or the one that Go noted.
func revision() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
