package web

import (
	"zksim/model"
	"zksim/sim"
)

// A WhyQuery asks why a record came to be.
type WhyQuery struct {
	RunRequest
	Record uint64 `json:"record"`
}

// A WhyAnswer is the chain of causes behind a record, which is the first step.
type WhyAnswer struct {
	Steps []sim.Step `json:"steps"`
}

// why walks back from a record.
func why(q *WhyQuery, w *work) (*WhyAnswer, error) {
	s, err := q.load()
	if err != nil {
		return nil, err
	}
	kept, collector := newKeeper(s), sim.NewCollector(s.Scenario)
	world, sum, err := w.play(s.Scenario, s.seed, s.number, collector, &first{kept, maxTold})
	if err != nil {
		return nil, err
	}
	if q.Record < 1 || q.Record > min(sum.Records, maxTold) {
		return nil, unusable("record", "record %d; want 1 to %d", q.Record, min(sum.Records, maxTold))
	}
	n, err := kept.narrator(world, sum, collector.Timeline(world, sum))
	if err != nil {
		return nil, err
	}
	steps, err := n.Why(model.RecordID(q.Record))
	return &WhyAnswer{notNil(steps)}, err
}
