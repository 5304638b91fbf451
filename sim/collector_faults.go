package sim

import (
	"slices"

	"zksim/model"
)

// blame finds the fault that a session's detection counts from: the one that
// killed its client; or else the first that began after the client's last message
// to count had left; or else the last that began before the session was marked. A
// slow log keeps no touch away (G-9), and what starts again what was dead helps, so
// they are blamed for nothing.
func (c *Collector) blame(s *Story) int {
	last := -1
	if s.Killed.Happened() {
		for i := range c.faults {
			if f := &c.faults[i]; f.Begin.At == s.Killed.At && f.Begin.Record < s.Killed.Record {
				last = i
			}
		}
		return last
	}
	for i := range c.faults {
		f := &c.faults[i]
		if s.Marked.Happened() && f.Begin.Record > s.Marked.Record || f.revival || c.harmless(f) || !c.concerns(f, s.Client) {
			continue
		}
		last = i
		if m := s.counted; s.Marked.Happened() && m.Happened() && f.Begin.At >= m.At {
			break
		}
	}
	return last
}

// harmless says whether a fault takes nothing from a session.
func (c *Collector) harmless(f *FaultSpan) bool {
	kind := c.scenario.Faults[f.Index].Kind
	return kind == FaultSlowLog || kind == FaultClockStep
}

// revives says whether a fault only starts again what was dead. That takes nothing
// from a session: its time without a word began with the loss.
func (c *Collector) revives(f *FaultSpan) bool {
	if c.scenario.Faults[f.Index].Kind != FaultRestart {
		return false
	}
	for _, n := range f.Struck {
		if !c.dead[n] {
			return false
		}
	}
	return true
}

// concerns says whether a fault can matter to a client: unless it strikes other
// clients only.
func (c *Collector) concerns(f *FaultSpan, client model.NodeID) bool {
	for _, nodes := range [2][]model.NodeID{f.Struck, f.And} {
		// Servers come first.
		if len(nodes) > 0 && int(nodes[0]) >= c.servers && !among(nodes, client) {
			return false
		}
	}
	return true
}

// struck says whether any fault of the run names a client.
func (c *Collector) struck(client model.NodeID) bool {
	for i := range c.faults {
		if f := &c.faults[i]; among(f.Struck, client) || among(f.And, client) {
			return true
		}
	}
	return false
}

// among looks a node up in a sorted list.
func among(nodes []model.NodeID, n model.NodeID) bool {
	_, found := slices.BinarySearch(nodes, n)
	return found
}
