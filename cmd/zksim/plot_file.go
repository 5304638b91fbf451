package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zksim/plots"
)

// A figureFile is where a figure goes, and how it is dressed.
type figureFile struct {
	name, format string
	force        bool
	look         plots.Look
}

// flags adds the flags of a command that draws.
func (o *figureFile) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&o.name, "output", "o", "", "file of the figure (.svg, .png, .pdf), or - for standard output")
	f.BoolVar(&o.force, "force", false, "overwrite the output file if it exists")
	f.StringVar(&o.format, "format", "", "svg, png or pdf, where the name does not say it")
	f.StringVar(&o.look.Theme, "theme", plots.Themes()[0], strings.Join(plots.Themes(), " or "))
	f.StringVar(&o.look.Size, "size", plots.Sizes()[0], "one of "+strings.Join(plots.Sizes(), ", ")+": columns of a journal (178 mm, 86 mm), or a slide")
	completeFlag(cmd, "format", plots.Formats())
	completeFlag(cmd, "theme", plots.Themes())
	completeFlag(cmd, "size", plots.Sizes())
}

// completeFlag offers choices for a flag, and no files.
func completeFlag(cmd *cobra.Command, flag string, choices []string) {
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)))
}

// check refuses what cannot be drawn, before anything is read or played.
func (o *figureFile) check(what string) error {
	if o.name == "" {
		return unusable("%s: no output; want -o FILE that ends in .%s", what, strings.Join(plots.Formats(), ", ."))
	}
	if err := o.look.Check(); err != nil {
		return unusable("--%w", err)
	}
	var err error
	switch {
	case o.format != "" && !slices.Contains(plots.Formats(), o.format):
		return unusable("--format %s: want one of %s", o.format, strings.Join(plots.Formats(), ", "))
	case o.format == "" && o.name == toStdout:
		return unusable("-o -: says no format; want --format, one of %s", strings.Join(plots.Formats(), ", "))
	case o.format == "":
		if o.format, err = plots.Format(o.name); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// draw writes a figure, and says on standard output what it says, if it went elsewhere: a
// figure that cannot be drawn leaves no file.
func (o *figureFile) draw(figure *plots.Figure, stdout io.Writer) error {
	toFile, err := o.write(figure, stdout)
	if err != nil || !toFile {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s\n", o.name, strings.ReplaceAll(figure.Title(), "\u00a0", " "))
	return err
}

// write writes a figure, and says whether it went to a file.
func (o *figureFile) write(figure *plots.Figure, stdout io.Writer) (toFile bool, err error) {
	out, err := createOutput(o.name, o.force, stdout)
	if err != nil {
		return false, err
	}
	defer out.discard()
	if err := figure.Write(out, o.look, o.format); err != nil {
		return false, err
	}
	toFile = out.toFile()
	return toFile, out.commit()
}
