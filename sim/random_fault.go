package sim

import (
	"slices"
	"strconv"
	"time"
)

// faults adds a few. What was killed or lost is often started again.
func (d *dice) faults(s *Scenario) {
	names := slices.Concat(Groups, s.Nodes())
	for i := range s.Clients {
		names = append(names, s.Clients[i].Name) // all of a group, too
	}
	for range d.below(8) {
		f := d.fault(s, names)
		if s.Faults = append(s.Faults, f); s.Check() != nil {
			// The two sides of a link were drawn, and nothing travels between them; or a clock
			// that nobody looks at was to be set.
			s.Faults = s.Faults[:len(s.Faults)-1]
			continue
		}
		if gone := f.Kind == FaultKill || f.Kind == FaultLose; gone && d.one(2) {
			f.Kind = FaultRestart
			if after := d.ms(0, 10_000); f.At != nil {
				f.At = constantSampler(min(longest(f.At)+after, MaxSample))
			} else {
				f.After += after
			}
			s.Faults = append(s.Faults, f)
		}
	}
}

// fault draws one, which the scenario may refuse.
func (d *dice) fault(s *Scenario, names []string) Fault {
	f := Fault{Kind: FaultKinds[d.below(len(FaultKinds))].Kind}
	row := FaultKinds[f.Kind]
	side := func() []string {
		one := names[d.below(len(names))]
		if other := names[d.below(len(names))]; other != one && d.one(4) {
			return []string{one, other}
		}
		return []string{one}
	}
	f.Between = side()
	if row.Links {
		f.And = side()
		f.OneWay = d.one(2)
	}
	f.Refuse = f.Kind == FaultPartition && d.one(4)
	f.EventsOnly = f.Kind == FaultPause && d.one(4)
	f.ClockStops = f.Kind == FaultPause && !f.EventsOnly && d.one(2)
	if d.one(5) {
		f.When = Triggers[d.below(len(Triggers))].Trigger
		f.After = d.ms(0, 3000)
		if d.one(2) {
			f.Of = s.Clients[d.below(len(s.Clients))].Name
			if c := s.roster().clients[f.Of]; c.to-c.from > 1 {
				f.Of += strconv.Itoa(1 + d.below(int(c.to-c.from))) // one of several
			}
		}
	} else {
		f.At = constantSampler(d.ms(0, int(s.Length/time.Millisecond)))
		if d.one(4) {
			f.At = d.law(int(s.Length / time.Millisecond))
		}
	}
	if row.Ends && !d.one(4) {
		f.For = d.law(40_000)
	}
	switch f.Kind {
	case FaultDelay, FaultSlowLog:
		f.By = d.law(2000)
	case FaultReconfig:
		f.Between = []string{"servers"}
		for id := range s.Ensemble.Servers + s.Ensemble.Observers {
			if d.one(2) {
				f.Voters = append(f.Voters, id+1)
			}
		}
	case FaultClockStep:
		f.Between = []string{s.Clients[d.below(len(s.Clients))].Name} // no server looks at that clock
		f.Step = d.between(0, 20_000) - 10*time.Second
	case FaultLoss:
		f.Probability = []float64{0.1, 0.5, 1}[d.below(3)]
	}
	return f
}
