package sim

import (
	"fmt"
	"strconv"
	"time"

	"zksim/model"
)

// RandomScenario returns the scenario with the given number among all random ones:
// any ensemble, a few clients of any library, a few faults of any kind, drawn laws.
// The same number gives the same scenario as long as this file stays as it is; one
// that has shown something is kept as YAML (see [Scenario.YAML]). It has passed
// [Scenario.Check].
func RandomScenario(number uint64) *Scenario {
	d := &dice{seed: number}
	s, names := d.scenario(number)
	if err := s.Check(); err != nil {
		panic(fmt.Sprintf("random scenario %d: %v", number, err))
	}
	for range d.below(8) {
		s.Faults = append(s.Faults, d.fault(s, names))
		if s.Check() != nil {
			// The two sides of a link were drawn, and nothing travels between them.
			s.Faults = s.Faults[:len(s.Faults)-1]
		}
	}
	return s
}

// dice are the draws that make one random scenario, one after another.
type dice struct {
	seed, thrown uint64
}

func (d *dice) below(n int) int {
	d.thrown++
	return int(Below(Draw(d.seed, 0, PurposeScenario, 0, d.thrown), uint64(n)))
}

// one says yes once in n times.
func (d *dice) one(n int) bool { return d.below(n) == 0 }

// ms draws whole milliseconds between two bounds, both included; as often as not in
// the lowest hundredth, where times collide.
func (d *dice) ms(least, most int) time.Duration {
	span := most - least + 1
	if d.one(2) {
		span = span/100 + 1
	}
	return time.Duration(least+d.below(span)) * time.Millisecond
}

// law draws how long something takes, at most the given number of milliseconds.
func (d *dice) law(most int) *Sampler {
	limit := time.Duration(most) * time.Millisecond
	mean := d.ms(0, most)
	switch {
	case mean == 0 || d.one(2):
		return constantSampler(mean)
	case d.one(2):
		return mustSampler("uniform", map[string]float64{"from": float64(mean / 2), "to": float64(mean)}, 0)
	case d.one(2):
		return mustSampler("exponential", map[string]float64{"mean": float64(mean)}, limit)
	}
	return mustSampler("pareto", map[string]float64{"scale": float64(mean), "shape": float64(1 + d.below(3))}, max(limit, 2*mean))
}

// scenario draws one without faults, and whom these may strike.
func (d *dice) scenario(number uint64) (s *Scenario, names []string) {
	s = defaultScenario(fmt.Sprintf("random-%d", number))
	s.Seed = number
	s.Length = d.ms(1000, 90_000)
	if d.one(10) {
		s.Length = d.ms(60_000, 600_000)
	}
	s.FaultsLast = d.one(2)
	d.ensemble(&s.Ensemble)
	s.Network.Clients = d.law(30)
	if s.Ensemble.Servers > 1 {
		s.Network.Servers = d.law(20)
	}
	s.Network.Loss = []float64{0, 0, 0, 0.01, 0.2}[d.below(5)]
	s.Network.OldSYN = d.one(2)
	if d.one(4) {
		s.Network.RTOMin = d.ms(1, 1000)
	}
	s.Clients = nil
	names = []string{"servers", "clients", "leader", "followers", "all"}
	for i := range s.Ensemble.Servers + s.Ensemble.Observers {
		names = append(names, fmt.Sprintf("server%d", i+1))
	}
	if s.Ensemble.Observers > 0 {
		names = append(names, "observers")
	}
	s.Resources = []Resource{{Name: "disk", Fencing: d.one(2)}}
	for i := range 1 + d.below(4) {
		d.client(s, fmt.Sprintf("c%c", 'a'+i))
		names = append(names, s.Clients[i].Name)
	}
	return s, names
}

func (d *dice) ensemble(e *Ensemble) {
	e.Servers = []int{1, 3, 3, 3, 5, 5, 7}[d.below(7)]
	if e.Servers > 1 {
		e.Observers = []int{0, 0, 0, 1, 2}[d.below(5)]
		e.Cold = d.one(4)
		e.InitLimit = 1 + d.below(20)
		e.SyncLimit = 1 + d.below(10)
		if d.one(4) {
			e.ConnectLimit = 1 + d.below(5)
		}
		e.Load = d.law(500)
		if d.one(4) {
			e.LocalSessions, e.LocalUpgrade = true, d.one(2)
		}
		e.ReadOnly = d.one(4)
		e.LeaderIdle = d.one(8)
		if e.Observers > 0 && d.one(2) {
			e.ObserverMaster = 2191
		}
		if !e.Cold && d.one(2) {
			e.Leader = 1 + d.below(e.Servers)
		}
	}
	e.Tick = d.ms(50, 3000)
	if d.one(2) {
		e.Tick = []time.Duration{500, 1000, 2000}[d.below(3)] * time.Millisecond
	}
	if d.one(4) {
		e.MinTimeout = d.ms(1, 5000)
		e.MaxTimeout = e.MinTimeout + d.ms(0, 60_000)
	}
	if half := int(e.Tick/time.Millisecond) / 2; d.one(4) {
		phase := d.ms(0, half-1)
		e.PingPhase = &phase
	}
	e.TouchesFirst = d.one(2)
	e.Startup = d.ms(0, 3000)
	e.Log = d.law(50)
	if d.one(4) {
		e.Backlog = d.below(3)
	}
	if d.one(4) {
		e.IdleCheck = d.ms(100, 10_000)
	}
	if d.one(4) {
		for range e.Servers {
			e.Clocks = append(e.Clocks, Clock{PPM: int64(d.below(20_001) - 10_000)})
		}
	}
}

// client adds a client: what each has, and then options, of which those are left out
// that the scenario refuses, because they do not go together.
func (d *dice) client(s *Scenario, name string) {
	plain := defaultClient(name)
	plain.Library = &model.Libraries[d.below(len(model.Libraries))]
	plain.Version = plain.Library.Read
	if plain.Library.Name == "curator" {
		java := model.Rows("java")
		plain.Under = java[d.below(len(java))]
		plain.UnderVersion = plain.Under.Read
	}
	if name := plain.Library.Name; (name == "c" || name == "kazoo") && longest(s.Network.Clients) == 0 {
		// Either may do something again without any wait.
		s.Network.Clients = constantSampler(time.Millisecond)
	}
	plain.Timeout = d.ms(100, 20_000)
	plain.Count = 1 + d.below(3)
	plain.Open = d.law(5000)
	plain.Callback = d.ms(0, 500)
	s.Clients = append(s.Clients, plain)
	c := &s.Clients[len(s.Clients)-1]
	often := 10
	if s.Length > 2*time.Minute { // a long run is to show what takes long, not what comes often
		often = 1000
	}
	servers := s.Ensemble.Servers + s.Ensemble.Observers
	for _, option := range []func(){
		func() { c.Servers = []int{1 + d.below(servers), 1 + d.below(servers)} },
		func() { c.Attach = 1 + d.below(servers) },
		func() { c.Clock.PPM = int64(d.below(20_001) - 10_000) },
		func() { c.Close = constantSampler(d.ms(5000, 60_000)) },
		func() { c.Owns = "/lock" },
		func() { c.Owns, c.Recipe = "/queue", model.RecipeSequence }, // one path has one recipe
		func() { c.Watches = []string{"/lock", "/lock", "/queue"}[d.below(3)] },
		func() { c.Lasting = true },
		func() { stops := model.Stops(d.below(len(stopsWords))); c.Stops = &stops },
		func() { c.ReadEvery = d.ms(often, 5000) },
		func() { c.WriteEvery = d.ms(often, 5000) },
		func() {
			if c.Outstanding = 1 + d.below(5); often > 10 {
				c.Outstanding = 0
			}
		},
		func() { c.ActsOn, c.ActEvery = s.Resources[0].Name, d.ms(often, 2000) },
		func() { c.ReadOnly = true },
		func() { c.Percent = []int{50, 33, 1}[d.below(3)] },
		func() { c.SessionPolicy = true },
		func() { c.ConnectionTimeout = d.ms(1, 20_000) },
		func() { c.InjectionRace = []float64{0.01, 0.5, 1}[d.below(3)] },
		func() { c.MaxTries = 1 + d.below(4) },
		func() { limit := d.ms(1, 60_000); c.MaxDelay = &limit },
		func() { c.KeepOrder = true },
		func() { limit := d.ms(0, 20_000); c.NewSession = &limit },
	} {
		if !d.one(3) {
			continue
		}
		before := *c
		if option(); s.Check() != nil {
			*c = before
		}
	}
}

func (d *dice) fault(s *Scenario, names []string) Fault {
	f := Fault{Kind: FaultKinds[d.below(len(FaultKinds))].Kind}
	row := FaultKinds[f.Kind]
	f.Between = []string{names[d.below(len(names))]}
	if row.Links {
		f.And = []string{names[d.below(len(names))]}
		f.OneWay = d.one(2)
	}
	f.Refuse = f.Kind == FaultPartition && d.one(4)
	f.ClockStops = f.Kind == FaultPause && d.one(2)
	f.EventsOnly = f.Kind == FaultPause && d.one(4)
	if d.one(5) {
		f.When = Triggers[d.below(len(Triggers))].Trigger
		f.After = d.ms(0, 3000)
		if d.one(2) {
			f.Of = s.Clients[d.below(len(s.Clients))].Name
			if n := s.Clients[0].Count; f.Of == s.Clients[0].Name && n > 1 {
				f.Of += strconv.Itoa(n) // one of several
			}
		}
	} else {
		f.At = constantSampler(d.ms(0, int(s.Length/time.Millisecond)))
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
		f.Step = d.ms(0, 20_000) - 10*time.Second
	case FaultLoss:
		f.Probability = []float64{0.1, 0.5, 1}[d.below(3)]
	}
	return f
}
