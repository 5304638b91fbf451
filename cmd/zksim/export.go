package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"zksim/sim"
)

// An exportRequest is what `zksim export` was asked.
type exportRequest struct {
	runRequest
	opts   sim.ExportOptions
	played []string // the flags given that only a scenario has a use for
	asked  []string // the flags given that only some formats have a use for
}

func newExportCommand() *cobra.Command {
	var q exportRequest
	cmd := &cobra.Command{
		Use:   "export FORMAT SCENARIO|FILE|TIMELINE.jsonl",
		Short: "Write a timeline for other people's tools",
		Long: `Write a timeline for other people's tools: of a scenario, which is played for it
as zksim run does, or of a timeline that zksim run --format jsonl wrote.

` + exportHelp() + `

perfetto: open the file in Perfetto's viewer. Each node is one track: what its
process does, what its application is told, its role, every session that it
tracks; below them every record, and flows for what one node's record brought
about at another.

mermaid: paste it into a Markdown file, in a block called mermaid. It tells of one
client, by --client or the one to which something happens, in at most --limit
steps.

shiviz: give ShiViz this regular expression to parse the log with:

  ` + sim.ShiVizPattern + `

csv: one row for each record, with the fields of JSON Lines as columns.

The same scenario, seed and flags give the same bytes, everywhere. Perfetto's is a
binary file: give it one, as in -o faq.pftrace.`,
		Example: `  zksim export mermaid faq
  zksim export mermaid faq --client other --limit 10
  zksim export csv faq --seed 7 --set clients.worker.timeout=6s
  zksim export shiviz faq
  zksim export perfetto faq -o -`,
		Args:              exactArgs(2, "a format ("+strings.Join(exportNames(), ", ")+") and a scenario or timeline"),
		ValidArgsFunction: completeExport,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.format, q.what = args[0], args[1]
			q.seeded = cmd.Flags().Changed("seed")
			for _, name := range []string{"seed", "set", "run"} {
				if cmd.Flags().Changed(name) {
					q.played = append(q.played, "--"+name)
				}
			}
			for _, name := range []string{"client", "limit"} {
				if cmd.Flags().Changed(name) {
					q.asked = append(q.asked, "--"+name)
				}
			}
			return export(cmd.Context(), &q, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&q.seed, "seed", 0, "seed of every draw (default: the scenario's own)")
	f.StringArrayVar(&q.sets, "set", nil, "change a value of the scenario, as in clients.worker.timeout=6s; may be repeated")
	f.Uint32Var(&q.number, "run", 0, "number of the replication: another one has other luck, with the same seed")
	f.StringVarP(&q.output, "output", "o", toStdout, "write to this file; - is standard output")
	f.BoolVar(&q.force, "force", false, "let -o overwrite a file")
	f.StringVar(&q.opts.Client, "client", "", "mermaid: whose session it tells of (default: the first owner of a node to which something happens)")
	f.IntVar(&q.opts.Limit, "limit", sim.DefaultSteps, fmt.Sprintf("mermaid: how many steps at most, 1 to %d", sim.MaxSteps))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("client", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return clientsOf(args, 1)
	}))
	for _, free := range []string{"seed", "set", "run", "limit"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	return cmd
}

func exportNames() []string {
	var names []string
	for i := range sim.ExportFormats {
		names = append(names, sim.ExportFormats[i].Name)
	}
	return names
}

func exportHelp() string {
	var lines []string
	for i := range sim.ExportFormats {
		lines = append(lines, fmt.Sprintf("  %-9s %s", sim.ExportFormats[i].Name, sim.ExportFormats[i].Meaning))
	}
	return strings.Join(lines, "\n")
}

// export writes what was asked for.
func export(ctx context.Context, q *exportRequest, stdin io.Reader, stdout, stderr io.Writer) error {
	at := slices.Index(exportNames(), q.format)
	if at < 0 {
		return unusable("export: no format %q; want one of %s", q.format, strings.Join(exportNames(), ", "))
	}
	format := &sim.ExportFormats[at]
	switch {
	case len(q.asked) > 0 && !format.Chooses:
		return unusable("%s: export %s tells of all; only mermaid chooses", q.asked[0], format.Name)
	case q.opts.Limit < 1 || q.opts.Limit > sim.MaxSteps:
		return unusable("--limit %d: want 1 to %d", q.opts.Limit, sim.MaxSteps)
	}
	if file, ok := stdout.(*os.File); ok && format.Binary && q.output == toStdout && term.IsTerminal(file.Fd()) {
		return unusable("export %s: nothing for a terminal; give a file, as in -o run.pftrace", format.Name)
	}
	timeline, rest, err := openTimeline(q.what, stdin)
	if err != nil {
		return err
	}
	if timeline != nil {
		return exportTimeline(q, format, timeline, stdout)
	}
	in, err := openInput(q.what, rest)
	if err != nil {
		return err
	}
	if in.recording {
		return unusable("%s: a recording of a real ensemble; want a scenario (YAML) or a timeline of zksim (JSON Lines)", q.what)
	}
	s, err := sim.ReadScenarioWith(in.name, in.source, in.open, q.sets)
	if err != nil {
		return usageError{err}
	}
	if err := (&look{client: q.opts.Client}).checkClient(s); err != nil {
		return err
	}
	for _, remark := range s.Remarks() {
		printRemark(stderr, remark)
	}
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	writer := sim.TimelineFormat{Name: format.Name, Meaning: format.Meaning,
		New: func(w io.Writer, s *sim.Scenario, seed uint64, run uint32, _ sim.TextOptions) sim.TimelineWriter {
			return sim.NewExporter(w, s, seed, run, format, q.opts)
		}}
	if err := play(ctx, s, &q.runRequest, &writer, out, sim.TextOptions{}); err != nil {
		return err
	}
	return out.commit()
}

// exportTimeline exports a timeline that was written before.
func exportTimeline(q *exportRequest, format *sim.ExportFormat, timeline *sim.TimelineFile, stdout io.Writer) error {
	if len(q.played) > 0 {
		return unusable("%s: %s is a timeline, which was played before; want a scenario", q.played[0], q.what)
	}
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := format.Write(out, timeline, q.opts); err != nil {
		return usageError{fmt.Errorf("%s: %w", q.what, err)}
	}
	return out.commit()
}

// openTimeline reads what the user named if it is a timeline, by how it begins. If it
// is none, the reader is what is left of standard input.
func openTimeline(what string, stdin io.Reader) (*sim.TimelineFile, io.Reader, error) {
	var source io.Reader
	name := what
	if what == "-" {
		source, name = stdin, "standard input"
	} else {
		if _, embedded := sim.FindEmbedded(what); embedded {
			return nil, stdin, nil
		}
		file, err := os.Open(what)
		if err != nil {
			return nil, stdin, nil // openInput says it better
		}
		defer file.Close()
		source = file
	}
	in := bufio.NewReader(source)
	head, _ := in.Peek(256)
	if kindOf(bytes.TrimSpace(head)) != kindTimeline {
		return nil, in, nil
	}
	timeline, err := sim.ReadTimeline(name, in)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return timeline, nil, nil
}

// completeExport offers the formats, then scenarios and files.
func completeExport(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return exportNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return completeScenario(cmd, args[1:], prefix)
}
