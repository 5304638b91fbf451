package teach

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A Request says which run is to be explained.
type Request struct {
	Name   string // of the scenario, for messages: faq.yaml
	Source []byte // the scenario, in YAML
	Open   func(name string) (io.ReadCloser, error)
	Sets   []string // changes, as --set takes them
	Seed   *uint64  // nil: the scenario's own
	Run    uint32   // number of the replication
	Client string   // whose session; empty: see [sim.Timeline.Select]
	Stop   func() bool
}

// A Case is one run that is explained, and one session in it.
type Case struct {
	Timeline *sim.Timeline
	File     *sim.TimelineFile // the same run as records alone
	Narrator *sim.Narrator
	Story    *sim.Story // nil: no client ever had a session

	chosen  bool     // the story is not the one that would be told by itself
	request *Request // how to play it again; nil: it cannot be
	why     string   // and why not
}

// Examine plays a run. The error is one of reading the scenario, of the client's name, or
// of the run.
func Examine(q *Request) (*Case, error) {
	s, err := sim.ReadScenarioWith(q.Name, q.Source, q.Open, q.Sets)
	if err != nil {
		return nil, err
	}
	seed := s.Seed
	if q.Seed != nil {
		seed = *q.Seed
	}
	collector, recorder := sim.NewCollector(s), sim.NewRecorder(s, seed, q.Run)
	w, err := sim.New(s, seed, q.Run, collector, recorder)
	if err != nil {
		return nil, err
	}
	sum, err := w.Run(clock.Instant(s.Length), q.Stop)
	if err != nil {
		return nil, err
	}
	file, err := recorder.File(w, sum)
	if err != nil {
		return nil, err
	}
	return newCase(collector.Timeline(w, sum), file, q)
}

// ExamineFile takes a run that was read from JSON Lines. Where it is one of a scenario
// that comes with the program, unchanged, that is played again, and proved to be the same
// by the digest; then it can be asked what would have changed it. Otherwise the records
// have to do.
func ExamineFile(f *sim.TimelineFile, client string, stop func() bool) (*Case, error) {
	why := fmt.Sprintf("the timeline does not hold its scenario, and none of the name %q comes with the program", f.Scenario)
	if e, ok := sim.FindEmbedded(f.Scenario); ok {
		c, err := Examine(&Request{Name: e.Name + ".yaml", Source: e.Source, Seed: &f.Seed, Run: f.Run, Client: client, Stop: stop})
		if err == nil && c.File.Summary.Digest == f.Summary.Digest {
			return c, nil
		}
		why = fmt.Sprintf("the timeline does not hold its scenario, and the one called %s that comes with the program gives another run: it was changed, or the release is another one", f.Scenario)
	}
	t, err := sim.Retell(f)
	if err != nil {
		return nil, err
	}
	c, err := newCase(t, f, &Request{Client: client})
	if err != nil {
		return nil, err
	}
	c.Narrator, c.request, c.why = sim.NewNarrator(f, nil), nil, why
	return c, nil
}

func newCase(t *sim.Timeline, f *sim.TimelineFile, q *Request) (*Case, error) {
	story, err := t.Select(q.Client)
	if err != nil {
		return nil, err
	}
	return &Case{Timeline: t, File: f, Narrator: sim.NewNarrator(f, t), Story: story, request: q}, nil
}

// millis are the milliseconds from the zero of the timeline, as they are printed.
func (c *Case) millis(at clock.Instant) int64 {
	return int64(at.Sub(c.Timeline.Origin).Round(time.Millisecond) / time.Millisecond)
}

// between is the length from one instant to another in seconds: the difference of the two
// as they are printed.
func (c *Case) between(from, to clock.Instant) string {
	return inSeconds(c.millis(to) - c.millis(from))
}

// inSeconds writes milliseconds as seconds with three decimals and a true minus.
func inSeconds(ms int64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "−", -ms
	}
	return fmt.Sprintf("%s%d.%03d", sign, ms/1000, ms%1000)
}

// Choose takes another session of the run: by its number, as ZooKeeper prints it (0x...),
// by which of the client's sessions it is, from 1, or by the name of its client. The error
// says what there is.
func (c *Case) Choose(session string) error {
	var have []string
	for _, s := range c.Timeline.Stories {
		if s.Client == model.NoNode {
			continue
		}
		number := fmt.Sprintf("%#x", uint64(s.Session))
		if strings.EqualFold(session, number) || c.Story != nil && s.Client == c.Story.Client && session == strconv.Itoa(s.Nth) {
			c.Story, c.chosen = s, true
			return nil
		}
		have = append(have, fmt.Sprintf("%s (%s)", number, s.Name))
	}
	if s, err := c.Timeline.Select(session); err == nil && s.Name == session {
		c.Story, c.chosen = s, true
		return nil
	}
	if len(have) > 8 {
		have = append(have[:8], fmt.Sprintf("%d more", len(have)-8))
	}
	if len(have) == 0 {
		return fmt.Errorf("session %s: no client ever had a session", session)
	}
	return fmt.Errorf("session %s: want one of %s; or 1, 2, ... for those of one client", session, strings.Join(have, ", "))
}

// pick finds in another play of the run the story that this one is about.
func (c *Case) pick(t *sim.Timeline) (*sim.Story, error) {
	if !c.chosen {
		return t.Select(c.Story.Name)
	}
	for _, s := range t.Stories {
		if s.Client == c.Story.Client && s.Nth == c.Story.Nth {
			return s, nil
		}
	}
	return nil, nil
}
