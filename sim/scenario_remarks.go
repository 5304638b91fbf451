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
		if why := s.never(f); why != "" {
			name := FaultKinds[f.Kind].Name
			if f.Where != "" {
				name = f.Where + ": " + name
			}
			say("%s: never happens: %s", name, why)
		}
	}
	return slices.Clip(remarks)
}

// never says why a fault certainly does not begin within the run, or "".
func (s *Scenario) never(f *Fault) string {
	if f.At != nil {
		if begin := shortest(f.At); begin >= s.Length {
			return fmt.Sprintf("it begins at %s or later, and the run ends at %s", brief(begin), brief(s.Length))
		}
		return ""
	}
	if f.After >= s.Length {
		return fmt.Sprintf("it begins %s after %q, and the run ends at %s", brief(f.After), Triggers[f.When-1].Name, brief(s.Length))
	}
	c := s.waitedFor(f)
	switch {
	case c == nil:
	case shortest(c.Open)+f.After >= s.Length:
		return fmt.Sprintf("client %s, whose %q it waits for, opens its session at %s or later, and the run ends at %s", c.Name, Triggers[f.When-1].Name, brief(shortest(c.Open)), brief(s.Length))
	case f.When == TriggerNodeGone && c.Owns == "":
		return fmt.Sprintf("it waits for %q of client %s, which owns no node", Triggers[f.When-1].Name, c.Name)
	}
	return ""
}

// waitedFor is the client whose event a fault waits for.
func (s *Scenario) waitedFor(f *Fault) *Client {
	r := s.roster()
	if f.Of == "" {
		return &s.Clients[0]
	}
	spans, ok := r.find(f.Of)
	if !ok || len(spans) == 0 {
		return nil
	}
	at := r.servers
	for i := range s.Clients {
		if at += s.Clients[i].size(); int(spans[0].from) < at {
			return &s.Clients[i]
		}
	}
	return nil
}
