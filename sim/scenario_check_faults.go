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
	for i := range min(c.roster.servers, mostServers) {
		names = append(names, fmt.Sprintf("server%d", i+1))
	}
	return names
}

func (c *checker) faults() {
	dead := map[model.NodeID]bool{} // voters that faults take away for good
	for i := range c.s.Faults {
		f := &c.s.Faults[i]
		path := fmt.Sprintf("faults.%d", i)
		if c.spoiled(path) {
			continue
		}
		c.file = f.Where
		c.fault(path, f, dead)
	}
	c.file = ""
	c.unions()
}

func (c *checker) fault(path string, f *Fault, dead map[model.NodeID]bool) {
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
	}
	if !ok || !c.countable() {
		return
	}
	switch {
	case row.Links:
		c.links(path, kind, f, &a, &b)
	case f.Kind == FaultSlowLog:
		if a.within(model.NodeID(c.roster.servers), model.NodeID(c.roster.nodes)) {
			c.report(who, "a client has no log device ("+shorten(strings.Join(f.Between, ", "))+"); want servers", c.namesNeed...)
		}
	}
	if c.s.Ensemble.Servers > 1 {
		c.election(path, kind, f, &a, &b, dead)
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
		if t, ok := c.find(path+".of", []string{f.Of}); ok && (t.nodes != 1 || t.within(0, model.NodeID(c.roster.servers))) {
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

// links checks that something travels between the two sides.
func (c *checker) links(path, kind string, f *Fault, a, b *struck) {
	servers, nodes := model.NodeID(c.roster.servers), model.NodeID(c.roster.nodes)
	toServer := a.within(servers, nodes) && b.within(0, servers) || a.within(0, servers) && b.within(servers, nodes)
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
		c.report(kind, fmt.Sprintf("nothing travels between the two sides (%s and %s); want a client and a server, or two servers",
			shorten(strings.Join(f.Between, ", ")), shorten(strings.Join(f.And, ", "))), c.namesNeed...)
	}
}

// election refuses faults that would make the servers look for a new leader: in
// this model one server leads throughout.
func (c *checker) election(path, kind string, f *Fault, a, b *struck, dead map[model.NodeID]bool) {
	e := &c.s.Ensemble
	leader, servers := c.roster.leaderNode(), model.NodeID(c.roster.servers)
	sync, p := e.sync(), c.s.patience()
	refuse := func(at, format string, args ...any) {
		needs := []string{"ensemble.servers", "ensemble.observers", "ensemble.leader"}
		if row := &FaultKinds[f.Kind]; row.Ends { // whether it needs an election is a matter of time
			needs = append(needs, "ensemble.tickTime", "ensemble.syncLimit", "ensemble.clocks", "network.servers", "network.rto_min", path+".for", kind+".by")
		}
		c.report(at, fmt.Sprintf(format, args...), needs...)
	}
	lasts, resumes := "for ever", ""
	if f.For != nil {
		lasts, resumes = "up to "+brief(longest(f.For)), ", and then until TCP sends again (W-1)"
	}
	// breaks says whether the fault can bring a silence that they do not bear.
	breaks := func(silence func(time.Duration) time.Duration) bool {
		return f.For == nil || silence(longest(f.For)) >= p.limit
	}
	switch f.Kind {
	case FaultKill, FaultLose:
		verb := map[FaultKind]string{FaultKill: "killing", FaultLose: "losing"}[f.Kind]
		if a.has(leader) {
			refuse(kind, "server %d leads: %s it needs an election, which this version does not model; use a standalone server, or strike a follower", leader+1, verb)
			return
		}
		for n := range model.NodeID(c.roster.voters) {
			if a.has(n) {
				dead[n] = true
			}
		}
		if left := e.Servers - len(dead); left <= e.Servers/2 {
			refuse(kind, "%d of %d voters are left: without a quorum the leader steps down (F-8), which this version does not model; want at least %d left",
				left, e.Servers, e.Servers/2+1)
		}
	case FaultRestart:
		if a.within(0, servers) {
			refuse(kind, "a server of an ensemble (%s): its return to the leader is not modelled in this version; use a standalone server, or leave it dead", shorten(strings.Join(f.Between, ", ")))
		}
	case FaultPause:
		switch {
		case !a.within(0, servers) || !breaks(p.paused):
		case a.has(leader):
			refuse(kind, "server %d leads: a pause as long as syncLimit or nearly so (%s; syncLimit is %s, and counts from a PING before) needs an election (G-6), which this version does not model; %s, or a standalone server",
				leader+1, lasts, brief(sync), p.wantAtMost("for", p.paused))
		default:
			refuse(kind, "a pause as long as syncLimit or nearly so (%s; syncLimit is %s, and counts from a PING before) costs a learner its leader (G-8), and its return is not modelled in this version; %s",
				lasts, brief(sync), p.wantAtMost("for", p.paused))
		}
	case FaultSlowLog:
		// A proposal may wait for a flush under way before its own.
		if by := longest(f.By); f.By != nil && c.learner(a) && p.delayed(by) >= p.limit {
			refuse(kind, "a flush that takes up to %s longer: the leader drops a learner that owes an answer for syncLimit (%s, F-5), which takes two such flushes and is not modelled in this version; %s",
				brief(by), brief(sync), p.wantAtMost("by", p.delayed))
		}
	case FaultPartition, FaultDelay, FaultLoss:
		if !(a.has(leader) && c.learner(b) || b.has(leader) && c.learner(a)) {
			return
		}
		late, by := p.delayed, longest(f.By)
		if f.OneWay && !(a.has(leader) && b.has(leader)) {
			late = p.paused
		}
		switch {
		case f.Refuse && f.Kind == FaultPartition:
			refuse(kind, "the leader (server %d) and a learner refuse each other's packets: their connection breaks at once, which needs an election, not modelled in this version; want mode: silent, or other servers", leader+1)
		case f.Kind == FaultDelay:
			if f.By != nil && late(by) >= p.limit {
				refuse(kind, "a delay (up to %s) between the leader (server %d) and a learner that keeps PINGs or their answers (F-5) for syncLimit (%s) needs an election (F-1), which this version does not model; %s",
					brief(by), leader+1, brief(sync), p.wantAtMost("by", late))
			}
		case f.Kind == FaultLoss && f.Probability < 1:
		case breaks(p.silence):
			refuse(kind, "the leader (server %d) and a learner hear nothing of each other %s%s: with a syncLimit of %s that needs an election (F-1), which this version does not model; %s, or other servers",
				leader+1, lasts, resumes, brief(sync), p.wantAtMost("for", p.silence))
		default:
			c.leaderCut(path, kind, f, a, b)
		}
	}
}

// learner says whether some follower or observer is struck.
func (c *checker) learner(t *struck) bool {
	leader := c.roster.leaderNode()
	return t.within(0, leader) || t.within(leader+1, model.NodeID(c.roster.servers))
}
