package sim

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zksim/clock"
	"zksim/model"
)

// randomScenario draws a scenario that passes Check: any ensemble, a few
// clients, a few faults of any kind.
func randomScenario(t *rapid.T) *Scenario {
	ms := func(name string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(t, name)) * time.Millisecond
	}
	s := defaultScenario("random")
	s.Length = ms("run", 1000, 90_000)
	s.FaultsLast = rapid.Bool().Draw(t, "faults last")
	s.Ensemble.Servers = rapid.SampledFrom([]int{1, 1, 3, 5, 7}).Draw(t, "servers")
	if s.Ensemble.Servers > 1 {
		s.Ensemble.Observers = rapid.IntRange(0, 2).Draw(t, "observers")
		s.Ensemble.Cold = rapid.IntRange(0, 4).Draw(t, "cold") == 0
		s.Ensemble.InitLimit = rapid.IntRange(1, 20).Draw(t, "initLimit")
		s.Ensemble.SyncLimit = rapid.IntRange(1, 10).Draw(t, "syncLimit")
		s.Ensemble.Load = constantSampler(ms("load", 0, 500))
		s.Network.Servers = constantSampler(ms("servers", 0, 20))
	}
	s.Ensemble.Tick = ms("tick", 50, 3000)
	s.Ensemble.TouchesFirst = rapid.Bool().Draw(t, "touches first")
	s.Ensemble.Startup = ms("startup", 0, 3000)
	s.Ensemble.Log = constantSampler(ms("log", 0, 50))
	s.Network.Clients = constantSampler(ms("latency", 0, 30))
	s.Network.Loss = rapid.SampledFrom([]float64{0, 0, 0.01, 0.2}).Draw(t, "loss")
	s.Network.OldSYN = rapid.Bool().Draw(t, "old SYN")
	s.Clients = nil
	names := []string{"servers", "clients", "leader", "followers", "all"}
	for i := range s.Ensemble.Servers {
		names = append(names, fmt.Sprintf("server%d", i+1))
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "clients") {
		c := defaultClient(fmt.Sprintf("c%c", 'a'+i))
		c.Library = &model.Libraries[rapid.IntRange(0, len(model.Libraries)-1).Draw(t, "library")]
		c.Timeout = ms("timeout", 100, 20_000)
		c.Count = rapid.IntRange(1, 3).Draw(t, "count")
		c.Open = constantSampler(ms("open", 0, 5000))
		if rapid.IntRange(0, 4).Draw(t, "closes") == 0 {
			c.Close = constantSampler(ms("close", 0, 60_000))
		}
		if rapid.Bool().Draw(t, "owns") {
			c.Owns = "/lock"
		} else {
			c.Watches = "/lock"
		}
		if rapid.IntRange(0, 2).Draw(t, "reads") == 0 {
			c.ReadEvery = ms("read every", 10, 5000)
		}
		if rapid.IntRange(0, 2).Draw(t, "writes") == 0 {
			c.WriteEvery = ms("write every", 10, 5000)
		}
		c.Callback = ms("callback", 0, 500)
		s.Clients = append(s.Clients, c)
		names = append(names, c.Name)
	}
	for range rapid.IntRange(0, 5).Draw(t, "faults") {
		f := Fault{Kind: FaultKinds[rapid.IntRange(0, len(FaultKinds)-1).Draw(t, "fault")].Kind}
		row := FaultKinds[f.Kind]
		f.Between = []string{rapid.SampledFrom(names).Draw(t, "between")}
		if row.Links {
			f.And = []string{rapid.SampledFrom(names).Draw(t, "and")}
			f.OneWay = rapid.Bool().Draw(t, "one way")
		}
		f.Refuse = f.Kind == FaultPartition && rapid.IntRange(0, 3).Draw(t, "refuse") == 0
		f.ClockStops = f.Kind == FaultPause && rapid.Bool().Draw(t, "clock stops")
		if rapid.IntRange(0, 4).Draw(t, "triggered") == 0 {
			f.When = Triggers[rapid.IntRange(0, len(Triggers)-1).Draw(t, "when")].Trigger
			f.After = ms("after", 0, 3000)
		} else {
			f.At = constantSampler(ms("at", 0, 40_000))
		}
		if row.Ends && rapid.IntRange(0, 3).Draw(t, "ends") > 0 {
			f.For = constantSampler(ms("for", 0, 40_000))
		}
		switch f.Kind {
		case FaultDelay, FaultSlowLog:
			f.By = constantSampler(ms("by", 0, 2000))
		case FaultLoss:
			f.Probability = rapid.SampledFrom([]float64{0.1, 0.5, 1}).Draw(t, "probability")
		}
		s.Faults = append(s.Faults, f)
	}
	if err := s.Check(); err != nil {
		// A fault that the scenario refuses is left out; what remains must pass.
		s.Faults = nil
		if err := s.Check(); err != nil {
			t.Skip(err)
		}
	}
	return s
}

func playRandom(t *rapid.T, s *Scenario, seed uint64, sinks ...Sink) Summary {
	w, err := New(s, seed, 0, sinks...)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestRandomScenariosRunTheSameTwice: no panic, no hang, the same digest for the
// same seed, and a watcher changes nothing.
func TestRandomScenariosRunTheSameTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := randomScenario(t)
		seed := rapid.Uint64().Draw(t, "seed")
		first := playRandom(t, s, seed)
		watched := playRandom(t, s, seed, &expiryWatch{t: t})
		if first != watched {
			t.Fatalf("two runs differ: %+v and %+v", first, watched)
		}
	})
}

// An expiryWatch holds the tracker's marks against the touches it saw: a session
// is marked at the edge of its bucket or later, never before, by its leader's own
// clock (T-3, T-9), and Expired comes from a server only after a refusal.
type expiryWatch struct {
	t        *rapid.T
	deadline map[tracked]int64
	refused  map[model.SessionID]bool
}

// A tracked session is one at one tracker: every leader has its own.
type tracked struct {
	leader  model.NodeID
	session model.SessionID
}

func (e *expiryWatch) Record(r *Record) {
	if e.deadline == nil {
		e.deadline, e.refused = map[tracked]int64{}, map[model.SessionID]bool{}
	}
	switch r.Kind {
	case model.KindTouch, model.KindTracked, model.KindRearmed:
		e.deadline[tracked{r.Node, r.Session}] = r.B
	case model.KindMarked:
		if want := e.deadline[tracked{r.Node, r.Session}]; r.A != want {
			e.t.Fatalf("T-9: session %#x marked out of bucket %d, its last touch set %d", uint64(r.Session), r.A, want)
		}
		if r.B < 0 {
			e.t.Fatalf("T-9: session %#x marked %d ms early", uint64(r.Session), -r.B)
		}
	case model.KindRefused:
		e.refused[r.Session] = true
	case model.KindTold:
		if r.Text == model.ToldExpired && r.Rule == "C-30" && !e.refused[r.Session] {
			e.t.Fatalf("C-30: told Expired for %#x, which no server refused", uint64(r.Session))
		}
	}
}
