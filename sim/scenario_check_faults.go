package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zksim/model"
)

// struck is the nodes of one side of a fault, as far as the checks care.
type struck struct {
	spans []span
	nodes int
}

func (t *struck) has(n model.NodeID) bool {
	return slices.ContainsFunc(t.spans, func(s span) bool { return s.from <= n && n < s.to })
}

// within says whether some of the nodes lie in a span.
func (t *struck) within(from, to model.NodeID) bool {
	return slices.ContainsFunc(t.spans, func(s span) bool { return max(s.from, from) < min(s.to, to) })
}

// find resolves names for a fault, and reports those that stand for nothing.
func (c *checker) find(path string, names []string) (t struck, ok bool) {
	ok = !c.spoiled(path)
	for _, name := range names {
		spans, known := c.roster.find(name)
		if !known {
			hint := ""
			if len(c.errs) < mostHints {
				if near := nearest(name, c.nearNames()); near != "" {
					hint = "did you mean " + near + "? "
				}
			}
			c.report(path, fmt.Sprintf("unknown node or group (%s); %swant one of %s", shorten(name), hint, c.roster.choices()), c.namesNeed...)
			ok = false
			continue
		}
		for _, sp := range spans {
			if sp.from < sp.to {
				t.spans = append(t.spans, sp)
				t.nodes += int(sp.to - sp.from)
			}
		}
	}
	if ok && t.nodes == 0 {
		what := "no name"
		if len(names) > 0 {
			what = "nobody (" + shorten(strings.Join(names, ", ")) + ")"
		}
		c.report(path, what+"; want one of "+c.roster.choices(), c.namesNeed...)
		ok = false
	}
	return t, ok
}

// decideNames lists the paths that decide which names there are.
func (c *checker) decideNames() []string {
	needs := []string{"clients", "ensemble.servers", "ensemble.observers"}
	for i := range c.s.Clients {
		if path := "clients." + c.s.Clients[i].Name + ".count"; c.spoiled(path) {
			return append(needs, path)
		}
	}
	return needs
}

// countable says whether the ensemble's size is one that the checks between
// servers can go through.
func (c *checker) countable() bool {
	e := &c.s.Ensemble
	return 0 < e.Servers && e.Servers <= mostServers-MaxObservers && 0 <= e.Observers && e.Observers <= MaxObservers
}

// mostHints bounds how many problems come with a guess at what was meant.
const mostHints = 100

// nearNames are names to suggest for a misspelt one.
func (c *checker) nearNames() []string {
	names := slices.Clone(Groups)
	for i := range c.s.Clients[:min(len(c.s.Clients), 1000)] {
		names = append(names, c.s.Clients[i].Name)
	}
	for i := range c.s.Resources {
		names = append(names, c.s.Resources[i].Name)
	}
	for i := range min(c.roster.servers, mostServers) {
		names = append(names, fmt.Sprintf("server%d", i+1))
	}
	return names
}

func (c *checker) faults() {
	for i := range c.s.Faults {
		f := &c.s.Faults[i]
		path := fmt.Sprintf("faults.%d", i)
		if c.spoiled(path) {
			continue
		}
		c.file = f.Where
		c.fault(path, f)
	}
	c.file = ""
}

func (c *checker) fault(path string, f *Fault) {
	if int(f.Kind) >= len(FaultKinds) {
		c.report(path, fmt.Sprintf("unknown kind of fault (%d)", f.Kind))
		return
	}
	row := &FaultKinds[f.Kind]
	kind := path + "." + row.Name
	c.faultTime(path, f, row)
	who := kind + ".who"
	if row.Links {
		who = kind + ".between"
	}
	a, ok := c.find(who, f.Between)
	var b struck
	if row.Links {
		var both bool
		b, both = c.find(kind+".and", f.And)
		ok = ok && both
	}
	switch f.Kind {
	case FaultDelay, FaultSlowLog:
		c.sampler(kind+".by", f.By)
	case FaultLoss:
		c.chance(kind+".probability", f.Probability)
	case FaultReconfig:
		c.voters(kind+".voters", f)
	case FaultClockStep:
		c.between(kind+".step", f.Step, -24*time.Hour, 24*time.Hour)
	}
	if !ok || !c.countable() {
		return
	}
	switch {
	case row.Links:
		c.links(path, kind, f, &a, &b)
	case f.Kind == FaultClockStep:
		for _, n := range c.s.nodesOf(f.Between) {
			if library := c.s.libraryOf(n); library == nil || !library.WallClock {
				c.report(who, "nothing there looks at a wall clock ("+shorten(strings.Join(f.Between, ", "))+"); want clients with curator", c.namesNeed...)
				break
			}
		}
	case f.Kind == FaultPause && f.EventsOnly:
		if f.ClockStops {
			c.report(kind+".clock", "a clock that stops (stops) while most threads run; want runs, or threads: all", kind+".threads")
		}
		for _, n := range c.s.nodesOf(f.Between) {
			if library := c.s.libraryOf(n); library == nil || !library.HasEventThread() {
				c.report(kind+".threads", "no thread for events alone ("+shorten(strings.Join(f.Between, ", "))+"); want clients with java, c or go", append(c.namesNeed, who)...)
				break
			}
		}
	case f.Kind == FaultSlowLog:
		if a.within(model.NodeID(c.roster.servers), model.NodeID(c.roster.nodes)) {
			c.report(who, "a client has no log device ("+shorten(strings.Join(f.Between, ", "))+"); want servers", c.namesNeed...)
		}
	}
}

// faultTime checks when a fault begins and how long it lasts.
func (c *checker) faultTime(path string, f *Fault, row *FaultRow) {
	begin := []string{path + ".at", path + ".when"}
	switch {
	case f.At != nil && f.When != TriggerNone:
		c.report(path+".when", "both at and when; want one of them", begin...)
	case f.At == nil && f.When == TriggerNone:
		c.report(path, "neither at nor when; want one of them, as in at: 12s or when: session expired", begin...)
	case int(f.When) > len(Triggers):
		c.report(path+".when", fmt.Sprintf("unknown event (%d); want one of %s", f.When, strings.Join(triggerNames(), ", ")))
	}
	if f.When == TriggerNone {
		if f.Of != "" {
			c.report(path+".of", "a client ("+shorten(f.Of)+") without an event; want when as well", begin...)
		}
		if f.After != 0 {
			c.report(path+".after", "a wait ("+brief(f.After)+") without an event; want when as well", begin...)
		}
	}
	c.between(path+".after", f.After, 0, MaxLength)
	if f.Of != "" {
		if t, ok := c.find(path+".of", []string{f.Of}); ok && (t.nodes != 1 || !t.within(model.NodeID(c.roster.servers), model.NodeID(c.roster.ends))) {
			c.report(path+".of", "not one client ("+shorten(f.Of)+"); want the name of one", c.namesNeed...)
		}
	}
	switch {
	case f.For == nil:
	case !row.Ends:
		c.report(path+".for", fmt.Sprintf("a length (%s) of a fault that has none (%s); want no for; a restart can be a fault of its own", shorten(f.For.String()), row.Name))
	case longest(f.For) == 0:
		c.report(path+".for", "no time at all (0s); want more, or no for to last to the end of the run")
	}
}

// mostVoterID bounds the IDs of servers that a reconfiguration can make voters.
const mostVoterID = 64

// voters checks who is to vote (F-22).
func (c *checker) voters(path string, f *Fault) {
	servers := c.s.Ensemble.Servers + c.s.Ensemble.Observers
	if c.s.Ensemble.Servers == 1 {
		c.report(path, "voters of a standalone server; want an ensemble of 3, 5 or 7 servers", "ensemble.servers")
		return
	}
	if n := len(f.Voters); n < 2 || n > 7 {
		c.report(path, fmt.Sprintf("too few or too many voters (%d); want 2 to 7", n))
	}
	for i, id := range f.Voters {
		switch {
		case id < 1 || id > min(servers, mostVoterID):
			c.report(path, fmt.Sprintf("no such server (%d); want 1 to %d", id, min(servers, mostVoterID)), "ensemble.servers", "ensemble.observers")
		case slices.Contains(f.Voters[:i], id):
			c.report(path, fmt.Sprintf("server %d twice; want each once", id))
		}
	}
}

// links checks that something travels between the two sides.
func (c *checker) links(path, kind string, f *Fault, a, b *struck) {
	servers, nodes := model.NodeID(c.roster.servers), model.NodeID(c.roster.nodes)
	ends := model.NodeID(c.roster.ends)
	toServer := a.within(servers, ends) && b.within(0, servers) || a.within(0, servers) && b.within(servers, ends)
	// What an owner does at a resource travels, too.
	toServer = toServer || a.within(servers, ends) && b.within(ends, nodes) || a.within(ends, nodes) && b.within(servers, ends)
	// Between servers, the two sides need two different ones.
	var left, right, common int
	for n := range servers {
		inA, inB := a.has(n), b.has(n)
		if inA {
			left++
		}
		if inB {
			right++
		}
		if inA && inB {
			common++
		}
	}
	amongServers := left > 0 && right > 0 && !(left == 1 && right == 1 && common == 1)
	if !toServer && !amongServers {
		c.report(kind, fmt.Sprintf("nothing travels between the two sides (%s and %s); want a client and a server, two servers, or a client and a resource",
			shorten(strings.Join(f.Between, ", ")), shorten(strings.Join(f.And, ", "))), c.namesNeed...)
	}
}
