package experiments

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A trial is one scenario, what is measured in it, and what section 11 of the
// rules says about that.
type trial struct {
	name     string
	scenario *sim.Scenario
	measures []measure
}

// A measure is one number of a run and its closed form. Durations are ns.
type measure struct {
	rule string
	of   instants
	law  sim.Law // nil: only mean and range are known
	mean float64
	// least and most bound every run; slack is by how much cutting off to whole
	// milliseconds may move a run beyond.
	least, most time.Duration
	slack       time.Duration
}

// follows is a measure whose whole law is known.
func follows(rule string, law UniformSum, slack time.Duration, of instants) measure {
	return measure{rule: rule, of: of, law: law, mean: law.Mean(), least: law.Min(), most: law.Max(), slack: slack}
}

// A sightings is the sink that picks the instants of the rules out of a run.
type sightings struct {
	fault        clock.Instant // x
	touch        clock.Instant // t, the last one at the leader
	marked       clock.Instant // e
	silence      clock.Instant // the client gave its connection up
	disconnected clock.Instant // and its application was told
	sawDeleted   clock.Instant // another client's watch fired
	session      model.SessionID
	library      *model.Library
}

const unseen = clock.Never

func (s *sightings) reset() {
	*s = sightings{unseen, unseen, unseen, unseen, unseen, unseen, 0, s.library}
}

// Record implements [sim.Sink]. The fault strikes the session that was made
// first.
func (s *sightings) Record(r *sim.Record) {
	switch r.Kind {
	case sim.KindFaultBegins:
		s.fault = r.At
	case model.KindTracked:
		if s.session == 0 {
			s.session = r.Session
		}
	case model.KindTouch:
		if r.Session == s.session {
			s.touch = r.At
		}
	case model.KindMarked:
		if r.Session == s.session {
			s.marked = r.At
		}
	case model.KindSilence:
		s.silence = min(s.silence, r.At)
	case model.KindTold:
		if s.library.Meaning(r.Text) == model.MeansLost {
			s.disconnected = min(s.disconnected, r.At)
		}
	case model.KindSawDeleted:
		s.sawDeleted = r.At
	}
}

// An instants picks the two ends of what is measured.
type instants func(s *sightings) (from, to clock.Instant)

// The measures of the rules.
func afterTouch(s *sightings) (from, to clock.Instant) { return s.touch, s.marked }
func afterFault(s *sightings) (from, to clock.Instant) { return s.fault, s.marked }
func toldAfter(s *sightings) (from, to clock.Instant)  { return s.fault, s.disconnected }
func margin(s *sightings) (from, to clock.Instant)     { return s.silence, s.marked }
func seenAfter(s *sightings) (from, to clock.Instant)  { return s.marked, s.sawDeleted }

// whereAttached says which server of the scenario the client is attached to.
type whereAttached int

const (
	standalone whereAttached = iota
	atLeader
	atFollower
	atObserver // behind an observer master
)

const flush = 5 * time.Millisecond

// scene is a scenario with one client in the given setting. The server that
// leads is the last; links between servers take s.ToLeader either way.
func scene(s Setting, where whereAttached, kind sim.FaultKind) *sim.Scenario {
	if err := s.Check(); err != nil {
		panic(err)
	}
	library := s.Library
	if library == nil {
		library = libraryOf("java")
	}
	sc := &sim.Scenario{
		Ensemble: sim.Ensemble{Servers: 3, Version: "3.9.5", Tick: s.Tick, SyncLimit: 5, IdleCheck: 10 * time.Second, Backlog: 50, Log: always(flush)},
		Network:  sim.Network{Clients: always(s.ToServer), Servers: always(s.ToLeader), RTOMin: 200 * time.Millisecond},
		Clients: []sim.Client{{Name: "client", Library: library, Version: "3.9.5", Timeout: s.Timeout, ReadEvery: s.SendEvery,
			Open: always(0)}},
	}
	server := 3
	switch where {
	case standalone:
		server, sc.Ensemble.Servers = 1, 1
	case atFollower:
		server = 1
	case atObserver:
		server, sc.Ensemble.Observers, sc.Ensemble.ObserverMaster = 4, 1, 2191
	}
	// The only server of its list: when that is cut off, nothing rescues the session.
	sc.Clients[0].Servers = []int{server}
	// The fault falls into one whole period of the client, at a time when its
	// sends are regular. Phases of buckets and PINGs are the world's to draw.
	from := s.period() + time.Second
	window := s.period()
	fault := sim.Fault{Kind: kind, Between: []string{"client"}, At: evenly(from, from+window)}
	if kind == sim.FaultPartition {
		fault.And = []string{fmt.Sprintf("server%d", server)}
	}
	sc.Faults = []sim.Fault{fault}
	sc.Length = from + window + 2*s.Timeout + 3*s.Tick
	return sc
}

// libraryOf is the newest version of a library that the rules were read from.
func libraryOf(name string) *model.Library {
	rows := model.Rows(name)
	for i := len(rows) - 1; i >= 0; i-- {
		if !rows[i].Unreleased {
			return rows[i]
		}
	}
	panic("no library " + name)
}

func always(d time.Duration) *sim.Sampler {
	return sampler("constant", map[string]float64{"value": float64(d)})
}

func evenly(from, to time.Duration) *sim.Sampler {
	return sampler("uniform", map[string]float64{"from": float64(from), "to": float64(to)})
}

func sampler(name string, params map[string]float64) *sim.Sampler {
	law, err := sim.NewLaw(name, params)
	if err != nil {
		panic(err)
	}
	s, err := sim.NewSampler(law, 0, 0)
	if err != nil {
		panic(err)
	}
	return s
}

// watched lets the client own a node and adds a second client, at the given
// server, that watches it.
func watched(sc *sim.Scenario, at int) *sim.Scenario {
	sc.Clients[0].Owns = "/lock"
	watcher := sc.Clients[0]
	watcher.Name, watcher.Owns, watcher.Watches, watcher.Servers = "watcher", "", "/lock", []int{at}
	watcher.Open = always(100 * time.Millisecond)
	sc.Clients = append(sc.Clients, watcher)
	return sc
}

// exactly is a measure that has the same value in every run.
func exactly(rule string, d time.Duration, of instants) measure {
	return measure{rule: rule, of: of, mean: float64(d), least: d, most: d}
}

// bounded is a measure of which mean and range are known.
func bounded(rule string, m Margin, slack time.Duration, of instants) measure {
	return measure{rule: rule, of: of, mean: float64(m.Mean), least: m.Least, most: m.Most, slack: slack}
}

// The settings of the trials. Their latencies are large, so that a latency left
// out or counted twice shows in the mean.
var (
	ordinary = Setting{Timeout: 10 * time.Second, Tick: 2 * time.Second,
		ToServer: 80 * time.Millisecond, FromServer: 80 * time.Millisecond, ToLeader: 60 * time.Millisecond}
	reading = Setting{Timeout: 10 * time.Second, Tick: 2 * time.Second, SendEvery: 1100 * time.Millisecond,
		ToServer: 80 * time.Millisecond, FromServer: 80 * time.Millisecond, ToLeader: 60 * time.Millisecond}
	example = Setting{Timeout: 30 * time.Second, Tick: 2 * time.Second} // of Q-4
)

// trials are the scenarios of the family.
func trials() []trial {
	s, ms := ordinary, time.Millisecond
	// c of Q-6: the proposal goes to a follower, which flushes and acknowledges it.
	// Where the watcher is at a follower, COMMIT goes there before it is told.
	commit := 2*s.ToLeader + flush
	c, golang := s, s
	c.Library, golang.Library = libraryOf("c"), libraryOf("go")
	return []trial{
		{"crash, standalone", watched(scene(s, standalone, sim.FaultKill), 1), []measure{
			follows("Q-1", s.ExpiryAfterTouch(), 0, afterTouch),
			follows("Q-2", s.CrashAtLeader(), 0, afterFault),
			exactly("Q-6", flush+s.FromServer, seenAfter)}},
		{"crash at leader", watched(scene(s, atLeader, sim.FaultKill), 3), []measure{
			follows("Q-2", s.CrashAtLeader(), 0, afterFault),
			exactly("Q-6", commit+s.FromServer, seenAfter)}},
		{"crash at follower", watched(scene(s, atFollower, sim.FaultKill), 2), []measure{
			follows("Q-1", s.ExpiryAfterTouch(), ms, afterTouch),
			follows("Q-3", s.CrashAtFollower(), ms, afterFault),
			exactly("Q-6", commit+s.ToLeader+s.FromServer, seenAfter)}},
		{"crash at observer", scene(s, atObserver, sim.FaultKill), []measure{
			follows("Q-3", s.CrashAtObserver(), ms, afterFault)}},
		{"example, leader", scene(example, standalone, sim.FaultKill), []measure{
			follows("Q-4", example.CrashAtLeader(), 0, afterFault)}},
		{"example, follower", scene(example, atFollower, sim.FaultKill), []measure{
			follows("Q-4", example.CrashAtFollower(), ms, afterFault)}},
		{"reading, standalone", scene(reading, standalone, sim.FaultKill), []measure{
			follows("Q-5", reading.CrashAtLeader(), 0, afterFault)}},
		{"reading, follower", scene(reading, atFollower, sim.FaultKill), []measure{
			follows("Q-5", reading.CrashAtFollower(), ms, afterFault)}},
		{"cut, standalone", scene(s, standalone, sim.FaultPartition), []measure{
			follows("Q-8", s.DisconnectAfterCut(), ms, toldAfter),
			bounded("Q-9", s.MarginAtLeader(), ms, margin)}},
		{"cut, follower", scene(s, atFollower, sim.FaultPartition), []measure{
			bounded("Q-9", s.MarginAtFollower(), ms, margin)}},
		{"C, crash at follower", scene(c, atFollower, sim.FaultKill), []measure{
			follows("Q-7", c.CrashAtFollower(), ms, afterFault)}},
		{"C, cut, standalone", scene(c, standalone, sim.FaultPartition), []measure{
			follows("Q-8", c.DisconnectAfterCut(), ms, toldAfter),
			bounded("Q-9", c.MarginAtLeader(), ms, margin)}},
		{"Go, crash at follower", scene(golang, atFollower, sim.FaultKill), []measure{
			follows("Q-7", golang.CrashAtFollower(), ms, afterFault)}},
		{"Go, cut, standalone", scene(golang, standalone, sim.FaultPartition), []measure{
			follows("Q-8", golang.DisconnectAfterCut(), ms, toldAfter),
			bounded("Q-9", golang.MarginAtLeader(), ms, margin)}},
	}
}

// play runs seeds 1 to n of a trial on both halves of a pair of processors and
// returns the values of each measure, by seed: nothing depends on which
// goroutine is first.
func (tr *trial) play(t testing.TB, n int) [][]float64 {
	values := make([][]float64, len(tr.measures))
	for i := range values {
		values[i] = make([]float64, n)
	}
	const workers = 2
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			var seen sightings
			for i := k; i < n; i += workers {
				if err := tr.one(uint64(i+1), &seen); err != nil {
					t.Errorf("%s, seed %d: %v", tr.name, i+1, err)
					return
				}
				for m := range tr.measures {
					from, to := tr.measures[m].of(&seen)
					values[m][i] = float64(to.Sub(from))
				}
			}
		})
	}
	wg.Wait()
	return values
}

// one plays one seed until everything that the trial measures has been seen.
func (tr *trial) one(seed uint64, seen *sightings) error {
	seen.library = tr.scenario.Clients[0].Library
	seen.reset()
	w, err := sim.New(tr.scenario, seed, 0, seen)
	if err != nil {
		return err
	}
	for until := time.Duration(0); until < tr.scenario.Length; until += tr.scenario.Ensemble.Tick {
		if _, err := w.Run(clock.Instant(until), nil); err != nil {
			return err
		}
		if tr.complete(seen) {
			return nil
		}
	}
	return fmt.Errorf("not everything was seen within %v: %+v", tr.scenario.Length, *seen)
}

func (tr *trial) complete(seen *sightings) bool {
	for i := range tr.measures {
		if from, to := tr.measures[i].of(seen); from == unseen || to == unseen {
			return false
		}
	}
	return true
}
