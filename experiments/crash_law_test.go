package experiments

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"zksim/sim"
)

// unclamped widens the servers' limits, so that any timeout is granted (N-1, N-2).
func unclamped(sc *sim.Scenario) *sim.Scenario {
	sc.Ensemble.MinTimeout, sc.Ensemble.MaxTimeout = time.Second, 60*time.Second
	return sc
}

// crashRuns is how many worlds a point of the crash law plays: all of them where
// ZKSIM_CLOSED_RUNS asks for that, as make judge does.
func crashRuns(t *testing.T) int {
	t.Helper()
	switch {
	case os.Getenv("ZKSIM_CLOSED_RUNS") != "":
		return runs(t, mostRuns)
	case testing.Short():
		return 100
	}
	return 500
}

// TestClosedFormsOfACrash holds the law of against the simulator over a grid of
// timeouts and ticks, at the leader and at a follower: the range in every run, and mean
// and whole law, all points as one family (Holm).
func TestClosedFormsOfACrash(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	n := crashRuns(t)
	var family []claim
	var findings []finding
	for _, timeout := range []time.Duration{4 * time.Second, 6 * time.Second, 10 * time.Second, 16 * time.Second, 25 * time.Second, 40 * time.Second} {
		for _, tick := range []time.Duration{200 * time.Millisecond, 2 * time.Second, 3 * time.Second} {
			s := Setting{Timeout: timeout, Tick: tick}
			for _, at := range []struct {
				name  string
				where whereAttached
				law   UniformSum
				slack time.Duration
			}{{"leader", atLeader, s.CrashAtLeader(), 0}, {"follower", atFollower, s.CrashAtFollower(), time.Millisecond}} {
				tr := trial{fmt.Sprintf("T %v, tick %v, %s", timeout, tick, at.name), unclamped(scene(s, at.where, sim.FaultKill)),
					[]measure{follows("Q-2", at.law, at.slack, afterFault)}}
				if at.where == atFollower {
					tr.measures[0].rule = "Q-3"
				}
				values := tr.play(t, n)
				if t.Failed() {
					return
				}
				f := examine(tr.name, &tr.measures[0], values[0], &family)
				for _, problem := range f.outside(anywhere) {
					t.Error(problem)
				}
				findings = append(findings, f)
			}
		}
	}
	settle(t, family, findings)
}

// A measurement is what a real ZooKeeper 3.8.0 did: tick 2 s, one raw client that pings
// every T/3 and is killed, so many times. Its phases were not quite uniform.
type measurement struct {
	where             string
	timeout           time.Duration
	n                 int
	mean, least, most float64 // s, from the kill to the expiry
}

var measured = []measurement{
	{"leader", 6 * time.Second, 300, 5.99, 4.21, 7.86},
	{"follower", 6 * time.Second, 300, 6.52, 4.63, 8.42},
	{"standalone", 6 * time.Second, 500, 6.12, 4.15, 7.95},
	{"standalone", 10 * time.Second, 500, 9.51, 6.92, 11.88},
	{"standalone", 4 * time.Second, 500, 4.44, 2.75, 6.02},
}

// TestCrashesOfARealEnsemble compares the simulator with measurements of a real one (Q-2,
// the means within 0.2 s, and the recorded range inside the simulated one, by 50 ms.
func TestCrashesOfARealEnsemble(t *testing.T) {
	places := map[string]whereAttached{"standalone": standalone, "leader": atLeader, "follower": atFollower}
	for _, m := range measured {
		s := Setting{Timeout: m.timeout, Tick: 2 * time.Second}
		sc := scene(s, places[m.where], sim.FaultKill)
		sc.Ensemble.Version = "3.8.0"
		tr := trial{m.where, sc, []measure{follows("Q-2", s.CrashAtLeader(), 0, afterFault)}}
		values := tr.play(t, 2000)[0]
		mean, _ := MeanTest(values, 0)
		inSeconds := func(ns float64) float64 { return ns / float64(time.Second) }
		least, most := inSeconds(slices.Min(values)), inSeconds(slices.Max(values))
		t.Logf("T %v, %-10s  real (n %d): mean %.2f s, %.2f to %.2f s; simulated (n %d): mean %.2f s, %.2f to %.2f s",
			m.timeout, m.where, m.n, m.mean, m.least, m.most, len(values), inSeconds(mean), least, most)
		if math.Abs(inSeconds(mean)-m.mean) > 0.2 {
			t.Errorf("T %v, %s: mean %.3f s: want it within 0.2 s of the real %.2f s", m.timeout, m.where, inSeconds(mean), m.mean)
		}
		if m.least < least-0.05 || m.most > most+0.05 {
			t.Errorf("T %v, %s: %.3f to %.3f s: want the real %.2f to %.2f s inside, to 50 ms", m.timeout, m.where, least, most, m.least, m.most)
		}
	}
}
