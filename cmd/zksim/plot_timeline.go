package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"zksim/plots"
	"zksim/sim"
)

// A plotTimelineRequest is what `zksim plot timeline` was asked.
type plotTimelineRequest struct {
	runRequest
	file     figureFile
	clients  []string
	all      bool
	messages bool
	scenario string // that a timeline is of
	played   bool   // a flag was given that only a scenario has a use for
}

func newPlotTimelineCommand(k *plots.Kind) *cobra.Command {
	var q plotTimelineRequest
	cmd := &cobra.Command{
		Use:   k.Name + " SCENARIO|FILE|TIMELINE.jsonl",
		Short: k.Question,
		Long: k.Question + `
Draw the story of one run: what was done to whom, what the client's process does,
what its library tells the application, which server it is attached to, how the
leader tracks the session, what other clients see; the lengths in between, each
under its own name. A scenario is played for it as zksim run does.

With --client several times, or --all, the stories of several clients of one run
stand above each other.

Of a timeline that zksim run --format jsonl wrote, the scenario is played again,
with the same seed, and has to give the same digest: it is the one that comes
with zksim, or --scenario says which it was, with the --set of then.`,
		Example: `  zksim plot timeline faq -o faq.svg
  zksim plot timeline zombie --messages --theme dark --size slide -o zombie.png
  zksim plot timeline libraries --client java38 --client kazoo --client curator -o libraries.pdf`,
		Args:              exactArgs(1, "a scenario or a timeline"),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			q.what = args[0]
			q.seeded = cmd.Flags().Changed("seed")
			q.played = q.seeded || cmd.Flags().Changed("run")
			return plotTimeline(cmd.Context(), &q, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	q.file.flags(cmd)
	f.Uint64Var(&q.seed, "seed", 0, "seed of every draw (default: the scenario's own)")
	f.StringArrayVar(&q.sets, "set", nil, "change a value of the scenario, as in clients.worker.timeout=6s; may be repeated")
	f.Uint32Var(&q.number, "run", 0, "number of the replication: another one has other luck, with the same seed")
	f.StringArrayVar(&q.clients, "client", nil, "whose story (default: the first owner of a node to which something happens); may be repeated")
	f.BoolVar(&q.all, "all", false, fmt.Sprintf("the stories of all clients, of up to %d", plots.MaxStories))
	f.BoolVar(&q.messages, "messages", false, "every message between the lanes, and not only those that count")
	f.StringVar(&q.scenario, "scenario", "", "what a timeline is of, if it does not come with zksim: a file")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("client", completeClient))
	for _, free := range []string{"seed", "set", "run"} {
		completeFlag(cmd, free, nil)
	}
	return cmd
}

// plotTimeline plays what was asked for and draws it.
func plotTimeline(ctx context.Context, q *plotTimelineRequest, stdin io.Reader, stdout, stderr io.Writer) error {
	if err := q.file.check("plot timeline"); err != nil {
		return err
	}
	if q.all && len(q.clients) > 0 {
		return unusable("--all and --client %s: want one of the two", q.clients[0])
	}
	s, written, err := q.read(stdin)
	if err != nil {
		return err
	}
	if q.all {
		q.clients = clientNames(s)
	}
	for _, client := range q.clients {
		if err := (&look{client: client}).checkClient(s); err != nil {
			return err
		}
	}
	if written == nil {
		for _, remark := range s.Remarks() {
			printRemark(stderr, remark)
		}
	}
	seed := s.Seed
	if q.seeded {
		seed = q.seed
	}
	story := sim.NewCollector(s)
	story.KeepMessages()
	world, err := sim.New(s, seed, q.number, story, new(sim.Checker))
	if err != nil {
		return usageError{err}
	}
	summary, err := world.RunToEnd(func() bool { return ctx.Err() != nil })
	if err != nil {
		return err
	}
	if written != nil && written.Summary.Digest != summary.Digest {
		return unusable("%s: of digest %s; played again it has %s: another scenario or another version wrote it; want --scenario FILE, and --set as it was played",
			q.what, sim.ShortDigest(written.Summary.Digest), sim.ShortDigest(summary.Digest))
	}
	figure, err := drawStories(story.Timeline(world, summary), q.clients, q.messages)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", q.what, err)}
	}
	return q.file.draw(figure, stdout)
}

// read finds the scenario that is to be played: the one that was named, or that of a
// timeline that was written before.
func (q *plotTimelineRequest) read(stdin io.Reader) (*sim.Scenario, *sim.TimelineFile, error) {
	written, rest, err := openTimeline(q.what, stdin)
	if err != nil {
		return nil, nil, err
	}
	what := q.what
	switch {
	case written == nil && q.scenario != "":
		return nil, nil, unusable("--scenario %s: %s is a scenario itself; the flag is for a timeline", q.scenario, q.what)
	case written == nil:
	case q.played:
		return nil, nil, unusable("%s is a timeline, which says its seed and its run; --seed and --run are for a scenario", q.what)
	default:
		q.seed, q.seeded, q.number = written.Seed, true, written.Run
		if what = q.scenario; what == "" {
			what = written.Scenario
			if _, embedded := sim.FindEmbedded(what); !embedded {
				return nil, nil, unusable("%s: of the scenario %s, which does not come with zksim; want --scenario FILE", q.what, what)
			}
		}
	}
	in, err := openInput(what, rest)
	if err != nil {
		return nil, nil, err
	}
	if in.recording {
		return nil, nil, unusable("%s: a recording of a real ensemble; zksim run %s --plot FILE draws what is simulated for it", what, what)
	}
	s, err := sim.ReadScenarioWith(in.name, in.source, in.open, q.sets)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return s, written, nil
}

// playedBy is what a figure says played it. The digest says the rest.
func playedBy() string {
	r := revision()
	return "zksim " + version + " " + r[:min(len(r), 8)]
}

// drawStories makes the figure of the stories of some clients; of the one that tells most,
// if none is named. Of several, those that never had a session are left out.
func drawStories(t *sim.Timeline, clients []string, messages bool) (*plots.Figure, error) {
	if len(clients) == 0 {
		clients = []string{""}
	}
	var stories []*sim.Picture
	for _, client := range clients {
		p, err := t.Picture(client)
		if err != nil {
			return nil, err
		}
		if p.Client != "" || len(clients) == 1 {
			stories = append(stories, p)
		}
	}
	if len(stories) == 0 {
		return nil, errors.New("nothing to draw: no client ever had a session")
	}
	return plots.NewTimeline(stories, playedBy(), messages)
}
