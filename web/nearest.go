package web

import (
	"zksim/teach"
)

// nearest searches for the smallest changes with another outcome.
func nearest(q *RunRequest, w *work) (*teach.Nearest, error) {
	s, err := q.load()
	if err != nil {
		return nil, err
	}
	if err := s.checkClient(q.Client); err != nil {
		return nil, err
	}
	// Played within the limits first: what is examined below has no bound of its own.
	if _, _, err := w.play(s.Scenario, s.seed, s.number); err != nil {
		return nil, err
	}
	text, err := s.YAML()
	if err != nil {
		return nil, err
	}
	c, err := teach.Examine(&teach.Request{Name: "scenario.yaml", Source: text, Seed: &s.seed, Run: s.number, Client: q.Client, Stop: w.interrupted})
	if err != nil {
		return nil, err
	}
	return c.Nearest(teach.Limit{Runs: teach.DefaultRuns, Events: maxWork})
}
