package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"zksim/experiments"
)

func newMergeCommand() *cobra.Command {
	var dir, format string
	var partial bool
	cmd := &cobra.Command{
		Use:   "merge FOLDER...",
		Short: "Put the shards of a sweep together",
		Long: `Put together what zksim sweep --shard left in folders, in any order: the tables
are the bytes that one machine alone would have written. Shards that share one
folder are merged there. Chunks that are missing are refused, unless --partial
leaves them out; two copies of one chunk that differ are an error, since the same
program and seed give the same bytes everywhere.`,
		Example: `  zksim sweep faq --runs 6 --chunk 3 --shard 1/2 -o one
  zksim sweep faq --runs 6 --chunk 3 --shard 2/2 -o two
  zksim merge one two -o all`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return unusable("merge: no folder; want those that zksim sweep --shard wrote")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return merge(cmd.Context(), args, dir, format, partial, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVarP(&dir, "output", "o", "", "folder of the whole (default: the first of those named)")
	f.StringVar(&format, "format", "csv", "of the rows: csv or parquet")
	f.BoolVar(&partial, "partial", false, "leave out what is missing")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(rowFormats, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// merge puts folders together.
func merge(ctx context.Context, from []string, dir, format string, partial bool, stdout, stderr io.Writer) error {
	if err := checkRowFormat(format); err != nil {
		return err
	}
	if dir == "" {
		dir = from[0]
	}
	results, err := experiments.Merge(dir, from, func(text string) { printRemark(stderr, text) })
	if err != nil {
		return err
	}
	return finishSweep(results, format, partial, true, stdout, stderr)
}
