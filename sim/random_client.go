package sim

import (
	"time"

	"zksim/model"
)

// client adds a client: what each has, and then options, of which those are left out
// that the scenario refuses, because they do not go together.
func (d *dice) client(s *Scenario, name string) {
	plain := defaultClient(name)
	plain.Library, plain.Version = d.library("")
	if plain.Library.Name == "curator" {
		plain.Under, plain.UnderVersion = d.library("java")
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
		func() { c.Clock = d.clock() },
		func() { c.Close = d.law(60_000) },
		func() { c.Owns = "/lock" },
		func() { c.Owns, c.Recipe = "/queue", model.RecipeSequence }, // one path has one recipe
		func() { c.Watches = []string{"/lock", "/lock", "/queue"}[d.below(3)] },
		func() { c.Lasting = true },
		func() { stops := model.Stops(d.below(len(stopsWords))); c.Stops = &stops },
		func() { c.ReadEvery = d.ms(often, 5000) },
		func() { c.WriteEvery = d.ms(often, 5000) },
		func() {
			if c.Outstanding = 1 + d.below(5); often >= 1000 {
				c.Outstanding = 0
			}
		},
		func() { c.ActsOn, c.ActEvery = s.Resources[d.below(len(s.Resources))].Name, d.ms(often, 2000) },
		func() { c.ReadOnly = true },
		func() { c.Percent = []int{50, 33, 1}[d.below(3)] },
		func() { c.SessionPolicy = true },
		func() { c.ConnectionTimeout = d.ms(1, 20_000) },
		func() { c.InjectionRace = []float64{0.01, 0.5, 1}[d.below(3)] },
		func() { c.MaxTries = 1 + d.below(4) },
		func() { limit := d.ms(1, 60_000); c.MaxDelay = &limit },
		func() { c.KeepOrder = true },
		func() { limit := d.ms(0, 20_000); c.NewSession = &limit },
		func() { c.OneName = true },
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

// library draws a row of the table of libraries, of one name or of all, with the oldest
// version in it or the newest that was read.
func (d *dice) library(name string) (l *model.Library, version string) {
	if l = &model.Libraries[d.below(len(model.Libraries))]; name != "" {
		rows := model.Rows(name)
		l = rows[d.below(len(rows))]
	}
	return l, []string{l.From, l.Read}[d.below(2)]
}
