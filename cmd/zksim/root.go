package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit statuses, the same for every command.
const (
	exitOK          = 0
	exitFailed      = 1   // the work began and could not be finished
	exitUnusable    = 2   // the words or the input are wrong; nothing was done
	exitAssert      = 3   // the results are there, and an assertion about them does not hold
	exitInterrupted = 130 // Ctrl-C
)

// A usageError is a problem of what the user asked or gave.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// unusable makes an error one of the user's input, for exit status 2.
func unusable(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// run is the whole program: words, streams, and an exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(stdin, stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "zksim: interrupted")
		return exitInterrupted
	}
	printError(stderr, err)
	var failed assertError
	switch {
	case errors.As(err, &usage):
		return exitUnusable
	case errors.As(err, &failed):
		return exitAssert
	}
	return exitFailed
}

// printError prints one line for each problem. A problem with a position stands
// as it is, so that editors find it.
func printError(w io.Writer, err error) {
	for line := range strings.SplitSeq(strings.TrimRight(err.Error(), "\n"), "\n") {
		fmt.Fprintf(w, "zksim: %s\n", line)
	}
}

// newRoot makes the tree of commands. The completion commands keep the output
// that is set when they are made.
func newRoot(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "zksim",
		Short: "When does a ZooKeeper cluster expire a session, and when does the client learn of it?",
		Long: `zksim plays scenarios of ZooKeeper session expiry on a virtual clock: clients,
the cluster's tracking of their heartbeats, partitions, pauses and reconnects.
It shows on one time axis when the cluster expires a session and when the
client finds out. The two are never the same instant: expiry is the cluster's
decision, the client has only its own silence.`,
		Example:       "  zksim run faq",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if names := commandNames(cmd); cmd.HasParent() && cmd.Use == cmd.Name() && len(names) > 0 {
			// What comes before its flags is none of its commands, or nothing.
			return unusable("%s; want a command of %s before it, one of %s", flagProblem(err), cmd.CommandPath(), strings.Join(names, ", "))
		}
		return unusable("%s; see %s --help", flagProblem(err), cmd.CommandPath())
	})
	root.AddCommand(newRunCommand(), newExplainCommand(), newRuleCommand(), newSweepCommand(), newMergeCommand(), newRecommendCommand(), newReplayCommand(), newPlotCommand(), newLessonCommand(), newServeCommand(), newSiteCommand(), newScenarioCommand(), newLibraryCommand(), newMetricCommand(), newExportCommand(),
		newSchemaCommand(), newSoakCommand(), newVersionCommand(), newManCommand())
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			describeCompletion(c)
		case "help":
			c.RunE = help
		}
	}
	return root
}

// flagProblem says what is wrong with a flag in the words of this program.
func flagProblem(err error) string {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	want := "a " + invalid.GetFlag().Value.Type()
	switch invalid.GetFlag().Value.Type() {
	case "uint64":
		want = fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64))
	case "uint32":
		want = fmt.Sprintf("a whole number from 0 to %d", uint32(math.MaxUint32))
	case "duration":
		want = "a duration, as in 25ms"
	case "int":
		want = "a whole number"
	case "bool":
		want = "true or false"
	}
	return fmt.Sprintf("--%s %s: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}

// command is the name of a command in messages: without the program's, which
// stands before every message.
func command(cmd *cobra.Command) string {
	if name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" "); cmd.HasParent() {
		return name + ": "
	}
	return ""
}

// noArgs refuses words that a command has no use for, with what it has.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	names := commandNames(cmd)
	if len(names) == 0 {
		return unusable("%sunexpected %q; it takes no words", command(cmd), args[0])
	}
	return unusable("%sunknown command %q; want one of %s", command(cmd), args[0], strings.Join(names, ", "))
}

// commandNames are the commands below one.
func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// help is cobra's, which shows the page of the nearest command instead of
// refusing words that name none.
func help(cmd *cobra.Command, args []string) error {
	of, rest, err := cmd.Root().Find(args)
	switch names := commandNames(of); {
	case err == nil && len(rest) == 0:
		return of.Help()
	case len(names) == 0:
		return unusable("help: %q: %s has no commands", rest[0], of.CommandPath())
	default:
		return unusable("help: unknown command %q; want one of %s", strings.Join(args, " "), strings.Join(names, ", "))
	}
}

// exactArgs is cobra's check with this program's exit status.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		words := "words"
		if len(args) == 1 {
			words = "word"
		}
		return unusable("%sgot %d %s, want %s; see %s --help", command(cmd), len(args), words, what, cmd.CommandPath())
	}
}

// describeCompletion gives cobra's completion commands examples of their own.
func describeCompletion(c *cobra.Command) {
	c.Short = "Print a completion script for a shell"
	c.Example = "  zksim completion bash"
	var shells []string
	for _, shell := range c.Commands() {
		shell.Example, shell.Args = "  zksim completion "+shell.Name(), noArgs
		shells = append(shells, shell.Name())
	}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(cmd *cobra.Command, args []string) error {
		asked := ""
		if len(args) > 0 {
			asked = fmt.Sprintf("unknown shell %q; ", args[0])
		}
		return unusable("%s%swant one of %s", command(cmd), asked, strings.Join(shells, ", "))
	}
}
