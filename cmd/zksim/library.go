package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"zksim/model"
)

func newLibraryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "library",
		Short:   "List and describe the client libraries",
		Example: "  zksim library list\n  zksim library show kazoo",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLibraryListCommand(), newLibraryShowCommand())
	return cmd
}

func newLibraryListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "Name the libraries with the ranges of versions that behave alike, one a line",
		Example: "  zksim library list",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for i := range model.Libraries {
				l := &model.Libraries[i]
				fmt.Fprintf(w, "%s\t%s\t%s\n", l.Name, versionRange(l), l.About)
			}
			return w.Flush()
		},
	}
}

func newLibraryShowCommand() *cobra.Command {
	var timeout time.Duration
	var servers int
	var l look
	cmd := &cobra.Command{
		Use:   "show LIBRARY",
		Short: "Describe one library: its timers, states, events and known problems",
		Long: `Describe one library: its timers as formulas, with the values for a session
timeout that is asked for and granted; the states of its handle; what the
application hears in which situation; its known problems. The rules are those of
docs/semantics.md.`,
		Example:           "  zksim library show java --timeout 30s --servers 5",
		Args:              exactArgs(1, "the name of one library"),
		ValidArgsFunction: completeFirst(completeLibraries),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows := model.Rows(args[0])
			switch {
			case len(rows) == 0:
				return unusable("library %q: want one of %s", args[0], strings.Join(model.LibraryNames(), ", "))
			case timeout < time.Millisecond || timeout > mostTimeout || timeout%time.Millisecond != 0:
				return unusable("--timeout %s: want whole milliseconds, 1ms to %s", timeout, mostTimeout)
			case servers < 1 || servers > mostAddresses:
				return unusable("--servers %d: want 1 to %d", servers, mostAddresses)
			}
			if err := l.check(); err != nil {
				return err
			}
			p := &libraryPage{rows: rows, timeout: timeout, servers: servers, width: l.options(cmd.OutOrStdout(), false).Width}
			_, err := fmt.Fprint(cmd.OutOrStdout(), p.text())
			return err
		},
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Second, "the session timeout that the values are for")
	cmd.Flags().IntVar(&servers, "servers", 3, "how many addresses the client has")
	cmd.Flags().IntVar(&l.width, "width", 0, "columns of text, 60 to 100 (default: the terminal's, else 100)")
	l.color = "never"
	return cmd
}

// Bounds of what library show computes with.
const (
	mostTimeout   = 144 * time.Hour
	mostAddresses = 1000
)

func completeLibraries(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return model.LibraryNames(), cobra.ShellCompDirectiveNoFileComp
}

// versionRange says from which version to which a row holds.
func versionRange(l *model.Library) string {
	switch {
	case l.Until == l.From:
		return l.From
	case l.Until == "" && l.Unreleased:
		return l.From + " (not released)"
	case l.Until == "":
		return l.From + " and later"
	}
	return l.From + " to " + l.Until
}
