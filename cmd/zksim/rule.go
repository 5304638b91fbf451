package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"zksim/sim"
	"zksim/teach"
)

// placesShown bounds the places, and scenariosShown the scenarios, that a rule's page
// names unless all are asked for.
const (
	placesShown    = 6
	scenariosShown = 8
)

func newRuleCommand() *cobra.Command {
	var l look
	var format string
	var all bool
	cmd := &cobra.Command{
		Use:   "rule [ID]",
		Short: "Show a rule of ZooKeeper that the model follows, and where it is at work",
		Long: `Show one of the numbered rules that records, timelines and explanations name: its
text; the source that it was read from; where it is implemented here, which
invariant holds every run against it, which tests would notice its absence; and
which scenarios and lessons show it. Without an ID, list all rules by section.

A scenario shows a rule if a record of its run follows it, or its text names it;
those come first that are about it.`,
		Example: `  zksim rule T-3
  zksim rule c-9a --all
  zksim rule`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return unusable("rule: got %d words, want the ID of one rule; zksim rule lists them", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeFirst(completeRules),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := l.check(); err != nil {
				return err
			}
			if format != "text" && format != "json" {
				return unusable("--format %s: want text or json", format)
			}
			opts := l.options(cmd.OutOrStdout(), false)
			if len(args) == 0 {
				return listRules(cmd.OutOrStdout(), format, opts)
			}
			p, err := teach.FindRule(args[0])
			if err != nil {
				return usageError{err}
			}
			if format == "json" {
				return writeJSON(cmd.OutOrStdout(), p)
			}
			return writeRule(cmd.OutOrStdout(), p, opts, all)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&all, "all", false, "name all places and all scenarios")
	f.StringVar(&format, "format", "text", "text (for people) or json (the same as data)")
	f.IntVar(&l.width, "width", 0, "columns of text, 60 to 100 (default: the terminal's, else 100)")
	f.BoolVar(&l.ascii, "ascii", false, "plain ASCII only (default where the terminal's locale is not UTF-8)")
	l.color = "never"
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(explainFormats, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("width", cobra.NoFileCompletions))
	return cmd
}

// completeRules offers the rules by ID.
func completeRules(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, r := range teach.Rules() {
		if strings.HasPrefix(strings.ToLower(r.ID), strings.ToLower(prefix)) {
			ids = append(ids, r.ID+"\t"+r.Title)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// listRules names every rule with the beginning of its text, by section.
func listRules(w io.Writer, format string, opts sim.TextOptions) error {
	rules := teach.Rules()
	if format == "json" {
		return writeJSON(w, rules)
	}
	var b bytes.Buffer
	for i := 0; i < len(rules); {
		j := i
		var names [][2]string
		for ; j < len(rules) && rules[j].Section == rules[i].Section; j++ {
			names = append(names, [2]string{rules[j].ID, rules[j].Title})
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		if err := sim.WriteParagraphs(&b, opts, " ", rules[i].Section); err != nil {
			return err
		}
		if err := sim.WriteNames(&b, opts, names); err != nil {
			return err
		}
		i = j
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeRule writes a rule's page.
func writeRule(w io.Writer, p *teach.RulePage, opts sim.TextOptions, all bool) error {
	var b bytes.Buffer
	head := p.ID + " · " + p.Section
	if p.Part != "" {
		head += " · " + p.Part
	}
	if err := sim.WriteParagraphs(&b, opts, " ", head); err != nil {
		return err
	}
	b.WriteByte('\n')
	var names [][2]string
	for _, line := range strings.Split(p.Text, "\n") {
		names = append(names, [2]string{"", line})
	}
	if err := sim.WriteNames(&b, opts, names); err != nil {
		return err
	}
	b.WriteByte('\n')
	names = nil
	add := func(name string, words []string, shown int, glue string) {
		more := ""
		if n := len(words) - shown; n > 0 && !all {
			words, more = words[:shown], fmt.Sprintf(" and %d more", n)
		}
		if len(words) > 0 {
			names = append(names, [2]string{name, strings.Join(words, glue) + more})
		}
	}
	add("source", p.Source, len(p.Source), ", ")
	if p.LeftOut != "" {
		names = append(names, [2]string{"left out", p.LeftOut})
	}
	place := func(name string, places []string, shown int) {
		for i, p := range places {
			if i == shown && !all {
				p = fmt.Sprintf("and %d more", len(places)-i)
			}
			if names = append(names, [2]string{name, p}); i == shown && !all {
				break
			}
			name = ""
		}
	}
	place("code", p.Code, placesShown)
	place("checked by", p.Checked, placesShown)
	place("tests", p.Tests, placesShown/2)
	add("scenarios", p.Scenarios, scenariosShown, ", ")
	var lessons []string
	for _, l := range p.Lessons {
		lessons = append(lessons, fmt.Sprintf("%d, %s", l.Number, l.Name))
	}
	add("lessons", lessons, len(lessons), "; ")
	add("see also", p.Related, len(p.Related), ", ")
	if err := sim.WriteNames(&b, opts, names); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
