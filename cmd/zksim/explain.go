package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"zksim/conformance"
	"zksim/model"
	"zksim/sim"
	"zksim/teach"
)

// An explainRequest is what `zksim explain` was asked.
type explainRequest struct {
	runRequest
	session string
	why     string
	runs    int
	logLine string
	played  []string // the flags given that only a scenario has a use for
}

var explainFormats = []string{"text", "json"}

func newExplainCommand() *cobra.Command {
	var q explainRequest
	cmd := &cobra.Command{
		Use:   "explain SCENARIO|FILE|TIMELINE.jsonl|RECORDING",
		Short: "Tell the story of a session: what happened, who knew, why, and what would have changed it",
		Long: `Tell the story of one session in plain sentences with exact instants: what
happened, who knew what and for how long not, the chain of causes behind what the
story turns on, and what would have changed it.

What would have changed it is found by search: the run is played again and again
with the same seed and one thing changed, the length of a fault, its instant, the
session timeout, the tick, the client library. --runs bounds how many are played.

--why tells the chain of causes behind one event alone: of a word, or of the number
of a record in zksim run --format jsonl. The words:

` + eventHelp() + `

A timeline of zksim (JSON Lines) is explained from its records. What would have
changed it can be said where it is one of a scenario that comes with zksim,
unchanged. Of a recording of a real ensemble the run is explained that zksim run
plays beside it.

--log-line says what one line of a client's, a server's or Curator's log means, and
which session timeout it gives away.`,
		Example: `  zksim explain faq
  zksim explain faq --why expired
  zksim explain heal-in-time --set faults.0.for=9s --runs 0
  zksim explain orphan --why marked --format json
  zksim explain --log-line 'Client session timed out, have not heard from server in 6669ms for session id 0x1'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("log-line") {
				if len(args) > 0 {
					return unusable("explain: %s and --log-line; want one of the two", args[0])
				}
				return nil
			}
			return exactArgs(1, "one scenario, file, timeline or recording")(cmd, args)
		},
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("log-line") {
				return explainLogLine(&q, cmd.OutOrStdout())
			}
			q.what = args[0]
			q.seeded = cmd.Flags().Changed("seed")
			for _, name := range []string{"seed", "set", "run"} {
				if cmd.Flags().Changed(name) {
					q.played = append(q.played, "--"+name)
				}
			}
			return explain(cmd.Context(), &q, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.session, "session", "", "which session: its number (0x...), its client, or 1, 2, ... of the client's (default: the one that ended)")
	f.StringVar(&q.why, "why", "", "tell the causes of this event alone: a word (expired, marked, disconnected, ...) or a record's number")
	f.StringVar(&q.logLine, "log-line", "", "instead of a run: say what this line of a log means")
	f.IntVar(&q.runs, "runs", teach.DefaultRuns, "how many runs the search for what would have changed it plays at most; 0: no search")
	f.Uint64Var(&q.seed, "seed", 0, "seed of every draw (default: the scenario's own)")
	f.StringArrayVar(&q.sets, "set", nil, "change a value of the scenario, as in clients.worker.timeout=6s; may be repeated")
	f.Uint32Var(&q.number, "run", 0, "number of the replication: another one has other luck, with the same seed")
	f.StringVar(&q.id, "id", "", "which recording of the file, as in C3-0012")
	f.StringVar(&q.format, "format", "text", "text (for people) or json (the same as data)")
	f.StringVarP(&q.output, "output", "o", toStdout, "write to this file; - is standard output")
	f.BoolVar(&q.force, "force", false, "let -o overwrite a file")
	q.look.flags(f)
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(explainFormats, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(colors, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("client", completeClient))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("why", cobra.FixedCompletions(teach.EventWords(), cobra.ShellCompDirectiveNoFileComp)))
	for _, free := range []string{"seed", "set", "id", "width", "run", "runs", "session", "log-line"} {
		cobra.CheckErr(cmd.RegisterFlagCompletionFunc(free, cobra.NoFileCompletions))
	}
	return cmd
}

// eventHelp lists the words that stand for events.
func eventHelp() string {
	var lines []string
	for _, e := range teach.AllEvents() {
		lines = append(lines, fmt.Sprintf("  %-13s %s", e.Word, e.Meaning))
	}
	return strings.Join(lines, "\n")
}

// explain tells what was asked for.
func explain(ctx context.Context, q *explainRequest, stdin io.Reader, stdout, stderr io.Writer) error {
	switch {
	case q.format != "text" && q.format != "json":
		return unusable("--format %s: want text or json", q.format)
	case q.runs < 0:
		return unusable("--runs %d: want 0 or more", q.runs)
	}
	if err := q.look.check(); err != nil {
		return err
	}
	c, err := q.examine(ctx, stdin, stderr)
	if err != nil {
		return err
	}
	if q.session != "" {
		if err := c.Choose(q.session); err != nil {
			return usageError{fmt.Errorf("--session: %w", err)}
		}
	}
	if q.why != "" {
		if _, err := c.Find(q.why); err != nil {
			return usageError{fmt.Errorf("--why: %w", err)}
		}
	}
	e, err := c.Explain(q.why)
	if err != nil {
		return err
	}
	if q.why == "" && q.runs > 0 {
		if e.Nearest, err = c.Nearest(teach.Limit{Runs: q.runs}); err != nil {
			return err
		}
	}
	out, err := createOutput(q.output, q.force, stdout)
	if err != nil {
		return err
	}
	defer out.discard()
	if q.format == "json" {
		err = writeJSON(out, e)
	} else {
		err = writeExplanation(out, c, e, q.why != "", q.look.options(stdout, out.toFile()))
	}
	if err != nil {
		return err
	}
	return out.commit()
}

// writeJSON writes a value as one indented object.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// examine plays or reads the run that is to be explained.
func (q *explainRequest) examine(ctx context.Context, stdin io.Reader, stderr io.Writer) (*teach.Case, error) {
	stop := func() bool { return ctx.Err() != nil }
	timeline, rest, err := openTimeline(q.what, stdin)
	if err != nil {
		return nil, err
	}
	if timeline != nil {
		if len(q.played) > 0 {
			return nil, unusable("%s: %s is a timeline, which was played before; want a scenario", q.played[0], q.what)
		}
		c, err := teach.ExamineFile(timeline, q.look.client, stop)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", q.what, err)}
		}
		return c, nil
	}
	in, err := openInput(q.what, rest)
	if err != nil {
		return nil, err
	}
	r := &teach.Request{Name: in.name, Source: in.source, Open: in.open, Sets: q.sets, Run: q.number, Client: q.look.client, Stop: stop}
	if q.seeded {
		r.Seed = &q.seed
	}
	if in.recording {
		if err := q.recording(in.path, r); err != nil {
			return nil, err
		}
	} else if q.id != "" {
		return nil, unusable("--id %s: %s is a scenario, not a recording", q.id, q.what)
	}
	s, err := sim.ReadScenarioWith(r.Name, r.Source, r.Open, r.Sets)
	if err != nil {
		return nil, usageError{err}
	}
	if err := q.look.checkClient(s); err != nil {
		return nil, err
	}
	for _, remark := range s.Remarks() {
		printRemark(stderr, remark)
	}
	return teach.Examine(r)
}

// recording takes the scenario that a recording of a real ensemble makes.
func (q *explainRequest) recording(path string, r *teach.Request) error {
	traces, err := conformance.ReadFile(path)
	if err != nil {
		return usageError{err}
	}
	trace, err := pickRecording(traces, path, q.id)
	if err != nil {
		return err
	}
	plan, err := conformance.Scenario(trace)
	if err != nil {
		return usageError{err}
	}
	source, err := plan.Scenario.YAML()
	if err != nil {
		return err
	}
	r.Name, r.Source = trace.Header.ID+".yaml", source
	if r.Client == "" {
		r.Client = conformance.Victim
	}
	return nil
}

// writeExplanation writes an explanation for people; or the causes of what was asked alone.
func writeExplanation(w io.Writer, c *teach.Case, e *teach.Explanation, alone bool, opts sim.TextOptions) error {
	var b bytes.Buffer
	var top []string
	if e.Title != "" {
		top = append(top, e.Title)
	}
	if e.Client != "" {
		top = append(top, fmt.Sprintf("%s's session %s, timeout %s s. 0 is %s.", e.Client, e.Session, strconv.FormatFloat(c.Story.Timeout.Seconds(), 'f', -1, 64), e.Zero))
	}
	if !alone {
		top = append(top, e.Finding)
	}
	if err := sim.WriteParagraphs(&b, opts, " ", top...); err != nil {
		return err
	}
	var lines []sim.SentenceLine
	heading := func(words string) { lines = append(lines, sim.SentenceLine{Heading: words}) }
	if !alone && e.Client != "" {
		heading("What happened")
		for _, l := range e.Happened {
			lines = append(lines, sentenceLine(c, l))
		}
		if len(e.Knew) > 0 {
			heading("Who knew")
			for _, l := range e.Knew {
				lines = append(lines, sim.SentenceLine{Words: l.Words, Node: -1})
			}
		}
	}
	if len(e.Why) > 0 {
		heading("Why: each line because of the next")
		lines = append(lines, whyLines(c, e.Why)...)
	}
	if n := e.Nearest; n != nil {
		heading("What would have changed it")
		lines = append(lines, changeLines(n.Changes)...)
		switch {
		case n.WhyNot != "":
			lines = append(lines, sim.SentenceLine{Words: "Not searched: " + n.WhyNot + ".", Node: -1})
		default:
			if len(n.Changes) == 0 {
				lines = append(lines, sim.SentenceLine{Words: "Nothing that was tried.", Node: -1})
			}
			lines = append(lines, sim.SentenceLine{Words: n.Searched, Node: -1})
		}
	}
	if err := sim.WriteSentences(&b, c.File, opts, lines); err != nil {
		return err
	}
	last := fmt.Sprintf("seed %d", e.Seed)
	if e.Run > 0 {
		last += fmt.Sprintf(" · run %d", e.Run)
	}
	b.WriteByte('\n')
	if err := sim.WriteParagraphs(&b, opts, " ", last+" · digest "+e.Digest+ruleHint(e)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// changeLines are the changes with the flags that play them; libraries of one outcome
// together.
func changeLines(changes []teach.Change) []sim.SentenceLine {
	var lines []sim.SentenceLine
	for i := 0; i < len(changes); {
		c, j := &changes[i], i+1
		words := c.Words
		if c.DeltaMS == 0 {
			names := []string{c.Value}
			for ; j < len(changes) && changes[j].Key == c.Key && changes[j].Outcome == c.Outcome; j++ {
				names = append(names, changes[j].Value)
			}
			words = fmt.Sprintf("With %s instead of %s, %s.", orList(names), c.From, c.Outcome)
		}
		lines = append(lines, sim.SentenceLine{Words: words, Node: -1}, sim.SentenceLine{Words: setWords(c.Set), Indent: 1, Node: -1})
		i = j
	}
	return lines
}

// orList joins words of which one may be taken.
func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// ruleHint points to the rule that the story turns on.
func ruleHint(e *teach.Explanation) string {
	for _, s := range e.Why {
		if s.Rule != "" {
			return " · next: zksim rule " + s.Rule
		}
	}
	return ""
}

func sentenceLine(c *teach.Case, l teach.Line) sim.SentenceLine {
	out := sim.SentenceLine{Instant: l.Instant, Words: l.Words, Rule: l.Rule, Node: -1}
	if r := c.Narrator.Record(l.Record); r != nil {
		out.Node, out.Fault = r.Node, r.Kind == sim.KindFaultBegins || r.Kind == sim.KindFaultEnds
	}
	return out
}

// whyLines are the steps of a chain of causes; what hangs on one of them stands in below
// it, behind words that say how.
func whyLines(c *teach.Case, steps []sim.Step) []sim.SentenceLine {
	var lines []sim.SentenceLine
	for i := range steps {
		s := &steps[i]
		switch s.Link {
		case sim.LinkMeanwhile:
			words := "nothing newer counted:"
			if r := c.Narrator.Record(s.Record); r.Kind == model.KindPing || r.Kind == model.KindRequest {
				words = "the last that its client sent:"
			}
			lines = append(lines, sim.SentenceLine{Words: words, Indent: 3 + s.Depth, Node: -1})
		case sim.LinkAnd:
			words := "and then it was asked:"
			if r := c.Narrator.Record(s.Of); r != nil {
				words = "and why at " + c.Narrator.Instant(r.At) + ":"
			}
			lines = append(lines, sim.SentenceLine{Words: words, Indent: 3 + s.Depth, Node: -1})
		}
		l := sentenceLine(c, teach.Line{Record: s.Record, Instant: s.Instant, Words: s.Words, Rule: s.Rule})
		l.Indent = s.Depth
		lines = append(lines, l)
		if s.Arithmetic != "" {
			lines = append(lines, sim.SentenceLine{Words: s.Arithmetic, Indent: s.Depth, Under: true, Node: -1})
		}
	}
	return lines
}

// setWords are the flags that play a change.
func setWords(sets []string) string {
	words := make([]string, len(sets))
	for i, set := range sets {
		words[i] = "--set " + quoted(set)
	}
	return strings.Join(words, " ")
}
