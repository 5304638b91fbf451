package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"zksim/model"
)

// YAML writes the scenario as a file that [ReadScenario] reads back as the same
// scenario. Keys that have their default value are left out, but for what every
// scenario says. The error is about a law that was made by a program and has no
// words.
func (s *Scenario) YAML() ([]byte, error) {
	w := &writer{}
	root := w.scenario(s)
	if w.err != nil {
		return nil, w.err
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), e.Close()
}

func (w *writer) scenario(s *Scenario) *yaml.Node {
	root := mapping()
	initial := defaultScenario("")
	w.texts(root, "name", s.Name, "")
	w.texts(root, "title", s.Title, "")
	w.texts(root, "about", s.About, "")
	w.add(root, "seed", plain(strconv.FormatUint(s.Seed, 10)))
	w.add(root, "run", plain(brief(s.Length)))
	w.section(root, "ensemble", w.ensemble(&s.Ensemble, &initial.Ensemble))
	w.section(root, "network", w.network(&s.Network, &initial.Network))
	clients := mapping()
	for i := range s.Clients {
		w.add(clients, s.Clients[i].Name, w.client(&s.Clients[i]))
	}
	w.add(root, "clients", clients)
	resources := mapping()
	for i := range s.Resources {
		w.add(resources, s.Resources[i].Name, w.resource(&s.Resources[i]))
	}
	w.section(root, "resources", resources)
	if len(s.Faults) > 0 {
		faults := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range s.Faults {
			faults.Content = append(faults.Content, w.fault(&s.Faults[i]))
		}
		w.add(root, "faults", faults)
	}
	w.choice(root, "order", s.FaultsLast, "faults last")
	return root
}

// A writer makes the nodes of a scenario's file. Whoever adds a key to
// scenario_keys.go adds it here: a test compares the two.
type writer struct {
	names []string // every key that was asked for, written or not
	err   error
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func flow() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle} }

// plain is a word as it stands.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// quoted is a string, in quotes where YAML would take it for something else.
func quoted(s string) *yaml.Node {
	n := new(yaml.Node)
	n.SetString(s)
	return n
}

func (w *writer) add(m *yaml.Node, key string, v *yaml.Node) {
	w.names = append(w.names, key)
	m.Content = append(m.Content, quoted(key), v)
}

// put adds what is not as it is anyway.
func (w *writer) put(m *yaml.Node, key string, differs bool, v func() *yaml.Node) {
	if differs {
		w.add(m, key, v())
		return
	}
	w.names = append(w.names, key)
}

func (w *writer) section(m *yaml.Node, key string, v *yaml.Node) {
	w.put(m, key, len(v.Content) > 0, func() *yaml.Node { return v })
}

func (w *writer) texts(m *yaml.Node, key, s, initial string) {
	w.put(m, key, s != initial, func() *yaml.Node { return quoted(s) })
}

func (w *writer) number(m *yaml.Node, key string, n, initial int) {
	w.put(m, key, n != initial, func() *yaml.Node { return plain(strconv.Itoa(n)) })
}

func (w *writer) duration(m *yaml.Node, key string, d, initial time.Duration) {
	w.put(m, key, d != initial, func() *yaml.Node { return plain(brief(d)) })
}

func (w *writer) optional(m *yaml.Node, key string, d *time.Duration) {
	w.put(m, key, d != nil, func() *yaml.Node { return plain(brief(*d)) })
}

func (w *writer) choice(m *yaml.Node, key string, yes bool, word string) {
	w.put(m, key, yes, func() *yaml.Node { return plain(word) })
}

func (w *writer) probability(m *yaml.Node, key string, p, initial float64) {
	w.put(m, key, p != initial, func() *yaml.Node { return plain(exact(p)) })
}

func (w *writer) law(m *yaml.Node, key string, s, initial *Sampler) {
	w.put(m, key, s != nil && (initial == nil || s.String() != initial.String()), func() *yaml.Node { return w.sampler(key, s) })
}

// sampler writes a law as it was written, or a constant as its duration.
func (w *writer) sampler(key string, s *Sampler) *yaml.Node {
	words := s.written
	switch {
	case words == nil && !s.NeedsDraw():
		return plain(s.value.String()) // made by a program, which is as good
	case words == nil:
		w.err = fmt.Errorf("%s: law %v was not made from words", key, s)
		return flow()
	case words.name == constantRow.Name && words.min == 0 && words.max == 0:
		return plain(s.String())
	}
	row, err := FindLaw(words.name)
	if err != nil {
		w.err = fmt.Errorf("%s: %w", key, err)
		return flow()
	}
	m := flow()
	m.Content = append(m.Content, plain("law"), plain(words.name))
	add := func(name string, v *yaml.Node) { m.Content = append(m.Content, plain(name), v) }
	if words.file != "" {
		add(row.Forms[0][0].Name, quoted(words.file))
	}
	for _, form := range row.Forms {
		if !slices.ContainsFunc(form, func(p LawParam) bool { _, ok := words.params[p.Name]; return !ok }) {
			for _, p := range form {
				v := exact(words.params[p.Name])
				if p.Unit == UnitDuration {
					v = brief(time.Duration(words.params[p.Name]))
				}
				add(p.Name, plain(v))
			}
			break
		}
	}
	if words.min != 0 {
		add("min", plain(brief(words.min)))
	}
	if words.max != 0 {
		add("max", plain(brief(words.max)))
	}
	return m
}

// exact writes a number with all of its digits.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// list writes names or numbers: one alone without brackets, if it may stand so.
func listed(items []string, alone bool) *yaml.Node {
	if len(items) == 1 && alone {
		return quoted(items[0])
	}
	l := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, item := range items {
		l.Content = append(l.Content, plain(item))
	}
	return l
}

// numbers are the IDs of servers as they are written.
func numbers(ids []int) []string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.Itoa(id)
	}
	return words
}

func (w *writer) ensemble(e, initial *Ensemble) *yaml.Node {
	m := mapping()
	w.number(m, "servers", e.Servers, initial.Servers)
	w.number(m, "observers", e.Observers, initial.Observers)
	w.number(m, "leader", e.Leader, 0)
	w.choice(m, "start", e.Cold, "election")
	w.texts(m, "version", e.Version, initial.Version)
	w.duration(m, "tickTime", e.Tick, initial.Tick)
	w.duration(m, "minSessionTimeout", e.MinTimeout, 0)
	w.duration(m, "maxSessionTimeout", e.MaxTimeout, 0)
	w.number(m, "initLimit", e.InitLimit, initial.InitLimit)
	w.number(m, "connectToLearnerMasterLimit", e.ConnectLimit, 0)
	w.number(m, "syncLimit", e.SyncLimit, initial.SyncLimit)
	w.duration(m, "sessionlessCnxnTimeout", e.IdleCheck, initial.IdleCheck)
	w.choice(m, "localSessionsEnabled", e.LocalSessions, "true")
	w.choice(m, "localSessionsUpgradingEnabled", e.LocalUpgrade, "true")
	w.number(m, "observerMasterPort", e.ObserverMaster, 0)
	w.choice(m, "leaderServes", e.LeaderIdle, "no")
	w.choice(m, "readonlymode", e.ReadOnly, "true")
	w.number(m, "backlog", e.Backlog, initial.Backlog)
	w.law(m, "log", e.Log, initial.Log)
	w.law(m, "load", e.Load, initial.Load)
	w.duration(m, "startup", e.Startup, 0)
	w.optional(m, "ping_phase", e.PingPhase)
	w.choice(m, "after_pause", e.TouchesFirst, "touches first")
	clocks := mapping()
	for i := range e.Clocks {
		w.section(clocks, fmt.Sprintf("server%d", i+1), w.clock(&e.Clocks[i]))
	}
	w.section(m, "clocks", clocks)
	return m
}

func (w *writer) clock(c *Clock) *yaml.Node {
	m := flow()
	w.optional(m, "offset", c.Offset)
	w.number(m, "ppm", int(c.PPM), 0)
	return m
}

func (w *writer) network(n, initial *Network) *yaml.Node {
	m := mapping()
	w.law(m, "latency", n.Clients, initial.Clients)
	w.law(m, "servers", n.Servers, initial.Servers)
	w.probability(m, "loss", n.Loss, 0)
	w.duration(m, "rto_min", n.RTOMin, initial.RTOMin)
	w.choice(m, "syn", n.OldSYN, "older")
	return m
}

func (w *writer) client(c *Client) *yaml.Node {
	initial := defaultClient("")
	m := mapping()
	w.number(m, "count", c.size(), 1)
	w.texts(m, "library", c.Library.Name, "")
	w.put(m, "version", c.Version != "", func() *yaml.Node { return plain(c.Version) })
	w.duration(m, "timeout", c.Timeout, initial.Timeout)
	w.put(m, "servers", len(c.Servers) > 0, func() *yaml.Node { return listed(numbers(c.Servers), false) })
	w.number(m, "attach", c.Attach, 0)
	w.law(m, "open", c.Open, nil)
	w.law(m, "close", c.Close, nil)
	w.texts(m, "owns", c.Owns, "")
	w.choice(m, "recipe", c.Recipe == model.RecipeSequence, "sequence")
	w.put(m, "stops_on", c.Stops != nil, func() *yaml.Node { return plain(stopsWords[*c.Stops]) })
	w.texts(m, "acts_on", c.ActsOn, "")
	w.duration(m, "act_every", c.ActEvery, 0)
	w.choice(m, "connect_string", c.OneName, "one name")
	w.choice(m, "can_be_read_only", c.ReadOnly, "true")
	w.texts(m, "watches", c.Watches, "")
	w.choice(m, "watch", c.Lasting, "persistent")
	w.duration(m, "read_every", c.ReadEvery, 0)
	w.duration(m, "write_every", c.WriteEvery, 0)
	w.number(m, "outstanding", c.Outstanding, 0)
	w.duration(m, "callback", c.Callback, 0)
	curator := c.Library.Name == "curator"
	w.put(m, "zookeeper", curator && c.UnderVersion != "", func() *yaml.Node { return plain(c.UnderVersion) })
	w.put(m, "percent", curator && c.Percent != initial.Percent, func() *yaml.Node { return plain(strconv.Itoa(c.Percent)) })
	w.choice(m, "policy", c.SessionPolicy, "session")
	w.put(m, "connection_timeout", curator && c.ConnectionTimeout != initial.ConnectionTimeout, func() *yaml.Node { return plain(brief(c.ConnectionTimeout)) })
	w.put(m, "injection_race", curator && c.InjectionRace != initial.InjectionRace, func() *yaml.Node { return plain(exact(c.InjectionRace)) })
	w.optional(m, "new_session_timeout", c.NewSession)
	w.optional(m, "max_delay", c.MaxDelay)
	w.number(m, "max_tries", c.MaxTries, 0)
	w.choice(m, "randomize_hosts", c.KeepOrder, "false")
	w.section(m, "clock", w.clock(&c.Clock))
	return m
}

func (w *writer) resource(r *Resource) *yaml.Node {
	m := flow()
	w.choice(m, "fencing", r.Fencing, "token")
	return m
}

func (w *writer) fault(f *Fault) *yaml.Node {
	m, inner := flow(), flow()
	row := &FaultKinds[f.Kind]
	switch {
	case f.Kind == FaultReconfig:
		w.add(inner, "voters", listed(numbers(f.Voters), false))
	case row.Links:
		w.add(inner, "between", listed(f.Between, true))
		w.add(inner, "and", listed(f.And, true))
		w.choice(inner, "direction", f.OneWay, "one way")
	default:
		w.add(inner, "who", listed(f.Between, true))
	}
	w.choice(inner, "mode", f.Refuse, "refuse")
	w.choice(inner, "clock", f.ClockStops, "stops")
	w.choice(inner, "threads", f.EventsOnly, "events")
	w.law(inner, "by", f.By, nil)
	w.put(inner, "step", f.Kind == FaultClockStep, func() *yaml.Node { return plain(brief(f.Step)) })
	w.put(inner, "probability", f.Kind == FaultLoss, func() *yaml.Node { return plain(exact(f.Probability)) })
	w.add(m, row.Name, inner)
	w.law(m, "at", f.At, nil)
	w.put(m, "when", f.When != TriggerNone, func() *yaml.Node { return plain(Triggers[f.When-1].Name) })
	w.texts(m, "of", f.Of, "")
	w.duration(m, "after", f.After, 0)
	w.law(m, "for", f.For, nil)
	return m
}
