package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// familyError is the probability with which the whole family of tests may
// reject though every law is right.
const familyError = 0.01

// runs is how many worlds each trial plays: seeds 1 to runs.
func runs(t testing.TB) int {
	if testing.Short() {
		return 2_000
	}
	return 100_000
}

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
}

const unseen = clock.Never

func (s *sightings) reset() {
	*s = sightings{unseen, unseen, unseen, unseen, unseen, unseen, 0}
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
		if r.Text == model.ToldDisconnected {
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
)

const flush = 5 * time.Millisecond

// scene is a scenario with one client in the given setting. The server that
// leads is the last; links between servers take s.ToLeader either way.
func scene(s Setting, where whereAttached, kind sim.FaultKind) *sim.Scenario {
	library, err := model.FindLibrary("java", "3.9.5")
	if err != nil {
		panic(err)
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
	}
	// The only server of its list: when that is cut off, nothing rescues the session.
	sc.Clients[0].Servers = []int{server}
	// The fault falls into two whole periods of the client, from a time when its
	// sends are regular. Phases of buckets and PINGs are the world's to draw.
	from := s.period() + time.Second
	window := 2 * s.period()
	fault := sim.Fault{Kind: kind, Between: []string{"client"}, At: evenly(from, from+window)}
	if kind == sim.FaultPartition {
		fault.And = []string{fmt.Sprintf("server%d", server)}
	}
	sc.Faults = []sim.Fault{fault}
	sc.Length = from + window + 2*s.Timeout + 3*s.Tick
	return sc
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

// seenScene is a client that dies owning a node, and a second one that watches
// that node at the given server.
func seenScene(s Setting, where whereAttached, watcherAt int) *sim.Scenario {
	sc := scene(s, where, sim.FaultKill)
	sc.Clients[0].Owns = "/lock"
	watcher := sc.Clients[0]
	watcher.Name, watcher.Owns, watcher.Watches, watcher.Servers = "watcher", "", "/lock", []int{watcherAt}
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
	// Q-6 with constant latencies: the leader proposes, a follower flushes and
	// acknowledges, the leader commits; COMMIT goes to the watcher's server.
	commit := 2*s.ToLeader + flush
	return []trial{
		{"crash, standalone", scene(s, standalone, sim.FaultKill), []measure{
			follows("Q-1", s.ExpiryAfterTouch(), 0, afterTouch),
			follows("Q-2", s.CrashAtLeader(), 0, afterFault)}},
		{"crash at leader", scene(s, atLeader, sim.FaultKill), []measure{
			follows("Q-2", s.CrashAtLeader(), 0, afterFault)}},
		{"crash at follower", scene(s, atFollower, sim.FaultKill), []measure{
			follows("Q-1", s.ExpiryAfterTouch(), 0, afterTouch),
			follows("Q-3", s.CrashAtFollower(), ms, afterFault)}},
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
			follows("Q-8", s.DisconnectAfterCut(), ms, toldAfter),
			bounded("Q-9", s.MarginAtFollower(), ms, margin)}},
		{"seen, standalone", seenScene(s, standalone, 1), []measure{
			exactly("Q-6", flush+s.FromServer, seenAfter)}},
		{"seen at leader", seenScene(s, atLeader, 3), []measure{
			exactly("Q-6", commit+s.FromServer, seenAfter)}},
		{"seen at follower", seenScene(s, atFollower, 2), []measure{
			exactly("Q-6", commit+s.ToLeader+s.FromServer, seenAfter)}},
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

// A claim is one test of the family.
type claim struct {
	what string // what is claimed, for messages
	p    float64
}

// A finding is what the worlds say about one measure.
type finding struct {
	trial    string
	measure  *measure
	values   []float64
	mean, sd float64
	d        float64
	ks, mu   int // places of the p-values in the family, -1 for none
}

// TestClosedForms holds the simulator against: the range
// in every run, the mean, and the whole law where it is known, all tests as one
// family (Holm). With go test -v it prints the table.
func TestClosedForms(t *testing.T) {
	n := runs(t)
	var family []claim
	var findings []finding
	for _, tr := range trials() {
		values := tr.play(t, n)
		if t.Failed() {
			return
		}
		for i := range tr.measures {
			f := examine(&tr, i, values[i], &family)
			checkRange(t, &f)
			findings = append(findings, f)
		}
	}
	ps := make([]float64, len(family))
	for i := range family {
		ps[i] = family[i].p
	}
	adjusted := Holm(ps)
	for i, p := range adjusted {
		if p <= familyError {
			t.Errorf("%s: p = %.2g, %.2g by Holm in a family of %d: want above %g", family[i].what, ps[i], p, len(family), familyError)
		}
	}
	t.Logf("%d runs each, seeds 1 to %d; %d tests, %g family-wise by Holm; times in ms\n%s", n, n, len(family), familyError, table(findings, ps, adjusted))
}

// examine tests one measure and enters its p-values into the family.
func examine(tr *trial, i int, values []float64, family *[]claim) finding {
	m := &tr.measures[i]
	f := finding{trial: tr.name, measure: m, values: values, ks: -1}
	what := fmt.Sprintf("%s, %s", m.rule, tr.name)
	var p float64
	f.mean, p = MeanTest(values, m.mean)
	f.mu = len(*family)
	*family = append(*family, claim{fmt.Sprintf("%s: mean %.3f ms, claimed %.3f ms", what, inMillis(f.mean), inMillis(m.mean)), p})
	squares := make([]float64, len(values))
	for k, v := range values {
		squares[k] = inMillis(v-m.mean) * inMillis(v-m.mean)
	}
	if m.law == nil {
		variance, _ := MeanTest(squares, 0)
		f.sd = math.Sqrt(variance)
		return f
	}
	sd := inMillis(m.law.SD())
	variance, p := MeanTest(squares, sd*sd)
	f.sd = math.Sqrt(variance)
	*family = append(*family, claim{fmt.Sprintf("%s: sd %.3f ms, claimed %.3f ms", what, f.sd, sd), p})
	f.d, p = KolmogorovSmirnov(values, m.law.CDF)
	f.ks = len(*family)
	*family = append(*family, claim{fmt.Sprintf("%s: law %v, D = %.5f", what, m.law, f.d), p})
	return f
}

// checkRange wants every run inside the bounds, and the extremes as near to them
// as n runs come: with probability 1 - e^-20 the least lies below the quantile of
// 20/n, and the greatest above that of 1 - 20/n.
func checkRange(t *testing.T, f *finding) {
	m := f.measure
	least, most := time.Duration(slices.Min(f.values)), time.Duration(slices.Max(f.values))
	if least < m.least-m.slack {
		t.Errorf("%s, %s: seed %d gave %v: want at least %v", m.rule, f.trial, slices.Index(f.values, float64(least))+1, least, m.least)
	}
	if most > m.most+m.slack {
		t.Errorf("%s, %s: seed %d gave %v: want at most %v", m.rule, f.trial, slices.Index(f.values, float64(most))+1, most, m.most)
	}
	if m.law == nil {
		return
	}
	edge := 20 / float64(len(f.values))
	if q := time.Duration(m.law.Quantile(edge)); least > q {
		t.Errorf("%s, %s: the least of %d runs is %v: want it below %v, near the bound %v", m.rule, f.trial, len(f.values), least, q, m.least)
	}
	if q := time.Duration(m.law.Quantile(1 - edge)); most < q {
		t.Errorf("%s, %s: the greatest of %d runs is %v: want it above %v, near the bound %v", m.rule, f.trial, len(f.values), most, q, m.most)
	}
}

func inMillis(ns float64) float64 { return ns / float64(time.Millisecond) }

// table sets the findings out in columns. P-values are raw; the smallest ones
// after Holm's adjustment stand below.
func table(findings []finding, ps, adjusted []float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-4s %-20s %10s %10s %8s %8s  %-19s %-19s %8s %7s %7s\n",
		"rule", "trial", "mean", "claimed", "sd", "claimed", "range seen", "claimed", "D", "p(D)", "p(mean)")
	for i := range findings {
		f := &findings[i]
		m := f.measure
		sd, d, ks := "", "", ""
		if m.law != nil {
			sd, d, ks = fmt.Sprintf("%.1f", inMillis(m.law.SD())), fmt.Sprintf("%.5f", f.d), fmt.Sprintf("%.3f", ps[f.ks])
		}
		fmt.Fprintf(&b, "%-4s %-20s %10.1f %10.1f %8.1f %8s  %-19s %-19s %8s %7s %7.3f\n",
			m.rule, f.trial, inMillis(f.mean), inMillis(m.mean), f.sd, sd,
			fmt.Sprintf("%.1f..%.1f", inMillis(slices.Min(f.values)), inMillis(slices.Max(f.values))),
			fmt.Sprintf("%d..%d", m.least.Milliseconds(), m.most.Milliseconds()), d, ks, ps[f.mu])
	}
	fmt.Fprintf(&b, "least p %.4f, after Holm %.4f", slices.Min(ps), slices.Min(adjusted))
	return b.String()
}

// BenchmarkReplication measures one run of each trial, world and all.
func BenchmarkReplication(b *testing.B) {
	for _, tr := range trials() {
		b.Run(strings.NewReplacer(", ", "-", " ", "-").Replace(tr.name), func(b *testing.B) {
			b.ReportAllocs()
			var seen sightings
			for i := range b.N {
				if err := tr.one(uint64(i+1), &seen); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
