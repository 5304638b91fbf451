package experiments

import (
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// An ending is the sink that notes when each client was told that its session is over.
type ending struct {
	s          *sim.Scenario
	heard      map[model.NodeID]clock.Instant // the last word of a server before it was cut off
	over       map[model.NodeID]clock.Instant
	cut, heal  clock.Instant
	firstNodes int
}

func (e *ending) library(n model.NodeID) *sim.Client {
	i := int(n) - e.firstNodes
	if i < 0 {
		return nil
	}
	return &e.s.Clients[i]
}

// Record implements [sim.Sink].
func (e *ending) Record(r *sim.Record) {
	switch r.Kind {
	case sim.KindFaultBegins:
		e.cut = r.At
	case sim.KindFaultEnds:
		e.heal = r.At
	case model.KindPingReply, model.KindReply, model.KindSessionUp:
		if _, told := e.over[r.Node]; !told {
			e.heard[r.Node] = r.At
		}
	case model.KindTold:
		c := e.library(r.Node)
		if _, told := e.over[r.Node]; !told && c.Library.Meaning(r.Text) == model.MeansExpired {
			e.over[r.Node] = r.At
		}
	}
}

// sixClients are one client for each way to learn, all cut off at one instant.
func sixClients(t *testing.T, cut sim.Fault) *sim.Scenario {
	t.Helper()
	s := &sim.Scenario{Length: 100 * time.Second,
		Ensemble: sim.Ensemble{Servers: 3, Version: "3.9.5", Tick: 2 * time.Second, InitLimit: 10, SyncLimit: 5, IdleCheck: 10 * time.Second, Log: always(flush), Load: always(0)},
		Network:  sim.Network{Clients: always(time.Millisecond), Servers: always(time.Millisecond), RTOMin: 200 * time.Millisecond},
		Faults:   []sim.Fault{cut}}
	find := func(name, version string) *model.Library {
		l, err := model.FindLibrary(name, version)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []sim.Client{
		{Name: "java38", Library: find("java", "3.8.6")}, {Name: "java39", Library: find("java", "3.9.5")}, {Name: "c", Library: find("c", "")},
		{Name: "go", Library: find("go", "")}, {Name: "kazoo", Library: find("kazoo", "")},
		{Name: "curator38", Library: find("curator", ""), Under: find("java", "3.8.6"), Percent: 50},
		{Name: "curator39", Library: find("curator", ""), Under: find("java", "3.9.5"), Percent: 100},
	} {
		c.Timeout, c.Attach, c.Open = 9*time.Second, 1, evenly(0, 3*time.Second)
		s.Clients = append(s.Clients, c)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

func endings(t *testing.T, s *sim.Scenario, check func(seed uint64, e *ending)) {
	t.Helper()
	seeds := uint64(500)
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		e := &ending{s: s, heard: map[model.NodeID]clock.Instant{}, over: map[model.NodeID]clock.Instant{}, firstNodes: 3}
		w, err := sim.New(s, seed, 0, e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
			t.Fatal(err)
		}
		check(seed, e)
	}
}

// slack is for round trips and clocks of whole milliseconds.
const slack = 12 * time.Millisecond

// TestLearnedAfterAHeal_Q11: T = 9 s, cut for 25 s, longer than T + τ + h = 12 s. kazoo
// may have made one cycle of 27 s in vain, no more: it then waits 0.14 s, and D grows
// to 0.28 s at most, within 0.4 s.
func TestLearnedAfterAHeal_Q11(t *testing.T) {
	s := sixClients(t, sim.Fault{Kind: sim.FaultPartition, Between: []string{"clients"}, And: []string{"servers"}, At: evenly(12*time.Second, 16*time.Second), For: always(25 * time.Second)})
	endings(t, s, func(seed uint64, e *ending) {
		for i := range s.Clients {
			c, n := &s.Clients[i], model.NodeID(i+3)
			at, told := e.over[n]
			if !told {
				t.Fatalf("seed %d: %s is never told", seed, c.Name)
			}
			set := Setting{Timeout: c.Timeout, Tick: s.Ensemble.Tick, ToServer: time.Millisecond, FromServer: time.Millisecond}
			most := set.JavaLearnsWithin(3, 2*time.Millisecond)
			switch c.Library.Name {
			case "c":
				most = set.CLearnsWithin(2 * time.Millisecond)
			case "go":
				most = set.GoLearnsWithin(2 * time.Millisecond)
			case "kazoo":
				most = set.KazooLearnsWithin(400*time.Millisecond, 2*time.Millisecond)
			}
			if most += slack; at.Sub(e.heal) > most {
				t.Errorf("seed %d: %s is told %v after the heal: want at most %v", seed, c.Name, at.Sub(e.heal), most)
			}
		}
	})
}

// TestToldOfWhatNeverHeals_Q12: the same, for ever.
func TestToldOfWhatNeverHeals_Q12(t *testing.T) {
	s := sixClients(t, sim.Fault{Kind: sim.FaultPartition, Between: []string{"clients"}, And: []string{"servers"}, At: evenly(12*time.Second, 16*time.Second)})
	endings(t, s, func(seed uint64, e *ending) {
		for i := range s.Clients {
			c, n := &s.Clients[i], model.NodeID(i+3)
			r, ends := Setting{Timeout: c.Timeout, Tick: s.Ensemble.Tick}.NeverHealed(c.Library, c.Under, c.Percent, 3)
			at, told := e.over[n]
			switch d := at.Sub(e.heard[n]); {
			case told != ends:
				t.Errorf("seed %d: %s told: %v, want %v", seed, c.Name, told, ends)
			case told && (d < r.Least-slack || d > r.Most+slack):
				t.Errorf("seed %d: %s is told %v after the last word: want %v to %v", seed, c.Name, d, r.Least, r.Most)
			}
		}
	})
}
