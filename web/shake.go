package web

import (
	"fmt"
	"time"

	"zksim/experiments"
	"zksim/model"
	"zksim/sim"
)

// A ShakeQuery asks for many runs of one scenario, which differ by chance alone.
type ShakeQuery struct {
	RunRequest
	From  uint32 `json:"from"`  // number of the first run
	Count int    `json:"count"` // how many
	// Phases is "drawn", which is meant if it is empty, or "kept". A scenario that shows
	// one run fixes what otherwise nobody knows: the phases of the leader's clock and of
	// its PINGs, and when clients open their sessions. Drawn, they are left to chance again.
	Phases string `json:"phases,omitempty"`
}

// A ShakeAnswer is what became of the session in each run.
type ShakeAnswer struct {
	Client string      `json:"client"`
	YAML   string      `json:"yaml"`   // the scenario that was played: with it and the number, a run is seen
	Drawn  []string    `json:"drawn"`  // what was left to chance, in words
	Runs   []ShakenRun `json:"runs"`   // in order of their numbers
	Law    *Law        `json:"law"`    // of marked_ns
	Notice *Law        `json:"notice"` // of disconnected_ns
}

// A ShakenRun is one run. Instants count from the run's own first fault; what did not
// happen is null.
type ShakenRun struct {
	Run          uint32 `json:"run"`
	FaultNS      int64  `json:"fault_ns"` // in the run
	Disconnected *int64 `json:"disconnected_ns"`
	Marked       *int64 `json:"marked_ns"`
	Committed    *int64 `json:"committed_ns"`
	OthersNotice *int64 `json:"others_ns"`  // see the node gone
	Learned      *int64 `json:"learned_ns"` // told Expired, by whomever
	Closed       *int64 `json:"closed_ns"`
	Verdict      string `json:"verdict"`
}

// shake plays the runs.
func shake(q *ShakeQuery, w *work) (*ShakeAnswer, error) {
	s, err := q.load()
	switch {
	case err != nil:
		return nil, err
	case q.Count < 1 || q.Count > MaxShake:
		return nil, unusable("count", "%d runs; want 1 to %d at a time", q.Count, MaxShake)
	case q.Phases != "" && q.Phases != "drawn" && q.Phases != "kept":
		return nil, unusable("phases", "phases %s; want drawn or kept", shown(q.Phases))
	case uint64(q.From)+uint64(q.Count) > 1<<32:
		return nil, unusable("from", "runs %d and later; want numbers below %d", q.From, uint64(1<<32))
	}
	if err := s.checkClient(q.Client); err != nil {
		return nil, err
	}
	client := q.Client
	if client == "" {
		if client, err = s.chosen(w); err != nil {
			return nil, err
		}
	}
	a := &ShakeAnswer{Client: client, Drawn: []string{}, Runs: []ShakenRun{}}
	if q.Phases != "kept" {
		if a.Drawn, err = s.drawPhases(); err != nil {
			return nil, err
		}
	}
	text, err := s.YAML()
	if err != nil {
		return nil, err
	}
	a.YAML = string(text)
	for n := range q.Count {
		one, err := s.shaken(q.From+uint32(n), client, w)
		if err != nil {
			return nil, err
		}
		a.Runs = append(a.Runs, one)
	}
	a.Law, a.Notice = lawOf(s, client, "detection", "marked"), lawOf(s, client, "notice", "")
	return a, nil
}

// chosen is the client whose story is told where none is named.
func (s *loaded) chosen(w *work) (string, error) {
	c := sim.NewCollector(s.Scenario)
	world, sum, err := w.play(s.Scenario, s.seed, s.number, c)
	if err != nil {
		return "", err
	}
	story, err := c.Timeline(world, sum).Select("")
	if err != nil || story == nil || story.Client == model.NoNode {
		return "", err
	}
	return story.Name, nil
}

// shaken plays one of the runs.
func (s *loaded) shaken(number uint32, client string, w *work) (ShakenRun, error) {
	one := ShakenRun{Run: number}
	c := sim.NewCollector(s.Scenario)
	world, sum, err := w.play(s.Scenario, s.seed, number, c)
	if err != nil {
		return one, err
	}
	t := c.Timeline(world, sum)
	story, err := t.Select(client)
	if err != nil || story == nil {
		return one, err
	}
	from := func(m sim.Moment) *int64 {
		if !m.Happened() {
			return nil
		}
		return nanoseconds(m.At.Sub(t.Origin))
	}
	one.FaultNS = int64(t.Origin)
	one.Disconnected, one.Marked, one.Committed = from(story.Disconnected), from(story.Marked), from(story.Committed)
	one.OthersNotice, one.Learned, one.Closed = from(story.OthersNotice), from(story.Expired), from(story.Closed)
	one.Verdict = verdictWords[story.Verdict]
	return one, nil
}

// verdictWords are the words for how a story ends.
var verdictWords = map[sim.Verdict]string{
	sim.VerdictSurvived: "survived", sim.VerdictLearned: "learned", sim.VerdictNeverLearned: "never learned", sim.VerdictDead: "dead",
	sim.VerdictGaveUp: "gave up", sim.VerdictDeadHeld: "dead, held", sim.VerdictClosed: "closed", sim.VerdictLeft: "left",
}

// drawPhases leaves to chance what a scenario fixes to show one run, and says what that
// is. It puts another scenario in the place of the first.
func (s *loaded) drawPhases() (drawn []string, err error) {
	if s.Ensemble.PingPhase != nil {
		s.Ensemble.PingPhase = nil
		drawn = append(drawn, "when the leader's PINGs leave")
	}
	for i := range s.Ensemble.Clocks {
		if c := &s.Ensemble.Clocks[i]; c.Offset != nil {
			c.Offset = nil
			drawn = append(drawn, fmt.Sprintf("what the clock of server %d shows, and with it the bucket edges if it leads", i+1))
		}
	}
	first := s.Length
	for i := range s.Faults {
		if at := s.Faults[i].At; at != nil {
			first = min(first, at.Sample(0))
		}
	}
	var sets []string
	for i := range s.Clients {
		c := &s.Clients[i]
		open := time.Duration(0)
		if c.Open != nil {
			if c.Open.NeedsDraw() {
				continue
			}
			open = c.Open.Sample(0)
		}
		// All pings follow from the first, a third of the timeout apart (C-9a).
		period := experiments.PingPeriod(c, &s.Ensemble).Round(time.Microsecond)
		if period < time.Millisecond || open+2*period > first {
			continue // it would not be up when the fault comes
		}
		sets = append(sets, fmt.Sprintf("clients.%s.open={uniform: [%s, %s]}", c.Name, sim.BriefDuration(open), sim.BriefDuration(open+period)))
		drawn = append(drawn, fmt.Sprintf("when %s opens its session, and with it when it pings", c.Name))
	}
	text, err := s.YAML()
	if err != nil {
		return nil, err
	}
	s.Scenario, err = sim.ReadScenarioWith("scenario.yaml", text, nil, sets)
	return notNil(drawn), err
}
