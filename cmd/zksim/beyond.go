package main

import (
	"errors"
	"fmt"
	"strings"

	"zksim/sim"
)

// A faultWatch is a sink that knows which faults are in force.
type faultWatch struct {
	scenario *sim.Scenario
	inForce  []int
	ended    int // the last one that ended, or -1
}

func newFaultWatch(s *sim.Scenario) *faultWatch { return &faultWatch{scenario: s, ended: -1} }

// Record implements sim.Sink.
func (fw *faultWatch) Record(r *sim.Record) {
	switch r.Kind {
	case sim.KindFaultBegins:
		fw.inForce = append(fw.inForce, int(r.A))
	case sim.KindFaultEnds:
		fw.ended = int(r.A)
		for i, f := range fw.inForce {
			if f == fw.ended {
				fw.inForce = append(fw.inForce[:i], fw.inForce[i+1:]...)
				break
			}
		}
	}
}

// explain says which faults led beyond the model: those in force, or the last
// one that ended, whose traces TCP may still bear. Other errors pass unchanged.
func (fw *faultWatch) explain(err error) error {
	if !errors.Is(err, sim.ErrBeyondModel) {
		return err
	}
	const most = 3
	where, names := "", []string{}
	name := func(i int, when string) {
		f := &fw.scenario.Faults[i]
		if where == "" && f.Where != "" {
			where = f.Where + ": "
		}
		names = append(names, fmt.Sprintf("%s (%s, %s)", sim.FaultKinds[f.Kind].Name, at(f, i), when))
	}
	for _, i := range fw.inForce[:min(len(fw.inForce), most)] {
		name(i, "in force")
	}
	if more := len(fw.inForce) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(fw.inForce) == 0 && fw.ended >= 0 {
		name(fw.ended, "ended before")
	}
	if len(names) == 0 {
		return err
	}
	return fmt.Errorf("%s%w; faults: %s; want them shorter or elsewhere", where, err, strings.Join(names, ", "))
}

// at says where a fault was written.
func at(f *sim.Fault, i int) string {
	if f.Where == "" {
		return fmt.Sprintf("faults.%d", i)
	}
	return f.Where
}
