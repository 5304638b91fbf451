package sim

import (
	"fmt"
	"slices"
)

// Remarks lists what is worth knowing about a scenario that passed
// [Scenario.Check], and is certain before it runs: a timeout that the servers
// change, and what can never happen within the run.
func (s *Scenario) Remarks() []string {
	var remarks []string
	say := func(format string, args ...any) { remarks = append(remarks, fmt.Sprintf(format, args...)) }
	owned := map[string]bool{}
	for i := range s.Clients {
		owned[s.Clients[i].Owns] = true
	}
	low, high := s.Ensemble.limits()
	for i := range s.Clients {
		c := &s.Clients[i]
		if got := min(max(c.Timeout, low), high); got != c.Timeout {
			say("client %s asks for %s; servers allow %s to %s: the session gets %s (N-2)", c.Name, brief(c.Timeout), brief(low), brief(high), brief(got))
		}
		if shortest(c.Open) >= s.Length {
			say("client %s opens its session at %s or later; the run ends at %s", c.Name, brief(shortest(c.Open)), brief(s.Length))
		}
		if c.Close != nil && shortest(c.Close) >= s.Length {
			say("client %s closes its session at %s or later; the run ends at %s", c.Name, brief(shortest(c.Close)), brief(s.Length))
		}
		if c.Watches != "" && !owned[c.Watches] {
			say("client %s watches %s, which no client owns", c.Name, c.Watches)
		}
	}
	for i := range s.Faults {
		f := &s.Faults[i]
		if f.At != nil && shortest(f.At) >= s.Length {
			say("fault %d (%s) begins at %s or later; the run ends at %s", i, FaultKinds[f.Kind].Name, brief(shortest(f.At)), brief(s.Length))
		}
	}
	return slices.Clip(remarks)
}
