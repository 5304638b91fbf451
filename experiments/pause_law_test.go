package experiments

import (
	"math"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// TestThePauseLawInNumbers takes the figures of Q-27 for a pause of 8 s and a tick of 2 s,
// worked out apart from it: with a delay of U[0, 1 s] alone, with the 100 ms of C-13 as
// well, and with the second of C-16. A pause that is shorter by what a client sleeps before
// anything else is a pause without that sleep.
func TestThePauseLawInNumbers(t *testing.T) {
	timeouts := []float64{8, 9, 10, 11, 12, 13, 13.5}
	for _, tc := range []struct {
		name  string
		pause time.Duration
		wrap  bool
		want  []float64 // %
	}{
		{"the delay alone", 8*time.Second - teardown, false, []float64{78.1, 50.0, 25.7, 9.8, 2.1, 0.07, 0}},
		{"with 100 ms", 8 * time.Second, false, []float64{80.8, 53.3, 28.4, 11.5, 2.8, 0.16, 0}},
		{"one address", 8 * time.Second, true, []float64{97.7, 83.0, 58.0, 34.6, 16.5, 5.5, 2.5}},
	} {
		for i, timeout := range timeouts {
			s := Setting{Timeout: time.Duration(timeout*1000) * time.Millisecond, Tick: 2 * time.Second}
			got := 100 * s.LostByPause(Waking{Pause: tc.pause, Wrap: tc.wrap})
			// The figures have b uniform on a whole second, which has 1 ms more than 0 to 999.
			if math.Abs(got-tc.want[i]) > 0.1 || tc.want[i] < 1 && math.Abs(got-tc.want[i]) > 0.01 {
				t.Errorf("%s, T = %v s: %.3f %%, want %v %%", tc.name, timeout, got, tc.want[i])
			}
		}
	}
}

// TestFromWhereOnAPauseCostsNothing: at T = 13648 p is 4549 by the divisions of C-1, and
// 8000 + 100 + 999 + 4549 = 13648; with one address p = 5049, and 1000 more makes 15148.
// A little less, and some are lost.
func TestFromWhereOnAPauseCostsNothing(t *testing.T) {
	for _, tc := range []struct {
		wrap, expires bool
		want          time.Duration
	}{{false, false, 13648}, {true, false, 15148}, {false, true, 13648}} {
		s := Setting{Tick: 2 * time.Second}
		w := Waking{Pause: 8 * time.Second, Wrap: tc.wrap, Expires: tc.expires}
		if got := s.SafeTimeout(w); got != tc.want*time.Millisecond {
			t.Errorf("%+v: %v, want %d ms", w, got, tc.want)
		}
		s.Timeout = tc.want * time.Millisecond
		if p := s.LostByPause(w); p != 0 {
			t.Errorf("%+v: lost with %v at T = %v, want never", w, p, s.Timeout)
		}
		if s.Timeout -= 3 * time.Millisecond; s.NeverLostByPause(w) || s.LostByPause(w) == 0 {
			t.Errorf("%+v: never lost at T = %v already", w, s.Timeout)
		}
	}
	// Shorter than what a client bears without looking up: it goes on (G-1).
	s := Setting{Timeout: 9 * time.Second, Tick: 2 * time.Second}
	if w := (Waking{Pause: 3 * time.Second}); s.LostByPause(w) != 0 || !s.NeverLostByPause(w) {
		t.Error("a pause of R - p: want it never to cost anything")
	}
}

// TestFromWhereOnAPauseCostsOthersNothing: a C client is back after 8 s, a round trip and
// d1 and df: 3/2·(8000 + 4 − 1), that its last ping took d1 as well; Go and kazoo ping as
// they wake, kazoo 10 ms sooner than T/3: 3/2·8000 and 3/2·7990. T/3 is cut off to
// milliseconds, but for Go's and kazoo's.
func TestFromWhereOnAPauseCostsOthersNothing(t *testing.T) {
	for name, want := range map[string]time.Duration{"c": 12004, "go": 12000, "kazoo": 11985} {
		s := near(10*time.Second, 2*time.Second)
		s.Library = libraryOf(name)
		w := Waking{Pause: 8 * time.Second, Learner: true}
		if got := s.SafeTimeout(w); got != want*time.Millisecond {
			t.Errorf("%s: %v, want %d ms", name, got, want)
		}
		s.Timeout = want*time.Millisecond - 3*time.Millisecond
		if s.NeverLostByPause(w) || s.LostByPause(w) == 0 {
			t.Errorf("%s: never lost at T = %v already", name, s.Timeout)
		}
	}
}

// TestALawOfOnePauseIsThatPause: the mean over a law that is nearly one value is the value
// there, and over one that is wide it is the mean of many.
func TestALawOfOnePauseIsThatPause(t *testing.T) {
	s := Setting{Timeout: 10 * time.Second, Tick: 2 * time.Second}
	w := Waking{Pause: 8 * time.Second}
	one := s.LostByPause(w)
	if got := s.LostByPauses(evenly(8*time.Second-time.Millisecond, 8*time.Second+time.Millisecond), w); math.Abs(got-one) > 0.002 {
		t.Errorf("pauses of 8 s to a millisecond: %v, want %v", got, one)
	}
	mean := 0.0
	for i := range 1000 {
		w.Pause = 5*time.Second + time.Duration(i)*8*time.Millisecond + 4*time.Millisecond
		mean += s.LostByPause(w) / 1000
	}
	if got := s.LostByPauses(evenly(5*time.Second, 13*time.Second), w); math.Abs(got-mean) > 0.001 {
		t.Errorf("pauses of 5 to 13 s: %v, want %v", got, mean)
	}
}

// pauseScene is a client that stands still for so long, at a random instant between two of
// its pings, with no latency. The leader is the last of three servers and is tried first;
// a client with one address has a standalone server.
func pauseScene(s Setting, w Waking, name, version string) *sim.Scenario {
	where := atLeader
	if w.Wrap {
		where = standalone
	}
	if w.Follower {
		where = atFollower
	}
	library, err := model.FindLibrary(name, version)
	if err != nil {
		panic(err)
	}
	s.Library = nil // the scene's own matters not
	sc := unclamped(scene(s, where, sim.FaultPause))
	c := &sc.Clients[0]
	c.Library, c.Version = library, version
	if name == "curator" {
		c.Under, c.Percent = libraryOf("java"), 100
	}
	if !w.Wrap {
		c.Attach, c.Servers = c.Servers[0], nil
	}
	f := &sc.Faults[0]
	f.For = always(w.Pause)
	sc.Length += w.Pause
	if name == "kazoo" {
		// Any instant is like any other only after many pings at unequal distances.
		f.At = evenly(time.Second+10*s.period(), time.Second+110*s.period())
		sc.Length += 110 * s.period()
	}
	return sc
}

// losses counts the runs in which a client was told Expired.
func losses(t *testing.T, sc *sim.Scenario, n int) int {
	t.Helper()
	lost := make([]bool, n)
	var wg sync.WaitGroup
	for k := range 2 {
		wg.Go(func() {
			seen := lossSink{library: sc.Clients[0].Library}
			for i := k; i < n; i += 2 {
				seen.lost = false
				w, err := sim.New(sc, uint64(i+1), 0, &seen)
				if err == nil {
					_, err = w.Run(clock.Instant(sc.Length), nil)
				}
				if err != nil {
					t.Error(err)
					return
				}
				lost[i] = seen.lost
			}
		})
	}
	wg.Wait()
	count := 0
	for _, l := range lost {
		if l {
			count++
		}
	}
	return count
}

type lossSink struct {
	library *model.Library
	lost    bool
}

// Record implements [sim.Sink].
func (s *lossSink) Record(r *sim.Record) {
	if r.Kind == model.KindTold && s.library.Meaning(r.Text) == model.MeansExpired {
		s.lost = true
	}
}

// TestClosedFormsOfAPause holds the law of a paused client against the simulator: at the
// leader and at a follower, one address and several, with and without an expiry of its
// own, of every library. Of n runs the number lost is binomial; all points are one family (Holm).
func TestClosedFormsOfAPause(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	n := 500
	if testing.Short() {
		n = 200
	}
	if crashRuns(t) >= mostRuns {
		n = crashRuns(t)
	}
	tick, long := 2*time.Second, 8*time.Second
	var ps []float64
	type point struct {
		timeout float64
		w       Waking
		version string
		tick    time.Duration
		library string
	}
	var points []point
	for _, timeout := range []float64{8, 9, 10, 11, 12, 13, 13.5, 13.65} {
		points = append(points, point{timeout, Waking{Pause: long - teardown}, "3.8.0", tick, "java"},
			point{timeout, Waking{Pause: long}, "3.8.0", tick, "java"}, point{timeout, Waking{Pause: long, Wrap: true}, "3.8.0", tick, "java"})
	}
	for _, timeout := range []float64{8, 10, 12} {
		points = append(points, point{timeout, Waking{Pause: long, Follower: true}, "3.8.0", tick, "java"}, point{timeout, Waking{Pause: long, Expires: true}, "3.9.5", tick, "java"})
	}
	// Others than Java come back without a random wait, and have latencies.
	for _, timeout := range []float64{7, 9, 11, 12.1} {
		points = append(points, point{timeout, Waking{Pause: long, Learner: true}, "3.9.5", tick, "c"}, point{timeout, Waking{Pause: long, Wrap: true}, "3.9.5", tick, "c"},
			point{timeout, Waking{Pause: long, Learner: true, Follower: true}, "3.9.5", tick, "c"},
			point{timeout, Waking{Pause: long, Learner: true}, "1.0.4", tick, "go"}, point{timeout, Waking{Pause: long, Wrap: true}, "1.0.4", tick, "go"},
			point{timeout, Waking{Pause: long, Learner: true}, "2.11.0", tick, "kazoo"}, point{timeout, Waking{Pause: long, Learner: true, Expires: true}, "5.7.1", tick, "curator"})
	}
	// T < 3τ: what a client decides for itself comes on top.
	points = append(points, point{6, Waking{Pause: 6 * time.Second, Expires: true}, "3.9.5", 3 * time.Second, "java"}, point{6, Waking{Pause: 6 * time.Second}, "3.8.0", 3 * time.Second, "java"})
	for _, pt := range points {
		s := Setting{Timeout: time.Duration(pt.timeout*1000) * time.Millisecond, Tick: pt.tick}
		if pt.library != "java" {
			s = near(s.Timeout, s.Tick)
			if pt.library != "curator" {
				s.Library = libraryOf(pt.library)
			}
		}
		want := s.LostByPause(pt.w)
		lost := losses(t, pauseScene(s, pt.w, pt.library, pt.version), n)
		p := binomialTest(lost, n, want)
		ps = append(ps, p)
		low, high := Wilson(lost, n)
		t.Logf("T %5v s, pause %v, %s %s, %+v: lost %.2f %%, simulated %.2f %% (%.2f to %.2f), p %.3f",
			pt.timeout, pt.w.Pause, pt.library, pt.version, pt.w, 100*want, 100*float64(lost)/float64(n), 100*low, 100*high, p)
		if want == 0 && lost > 0 {
			t.Errorf("T %v s, %+v: %d of %d lost, want none", pt.timeout, pt.w, lost, n)
		}
	}
	for i, p := range Holm(ps) {
		if p <= familyError {
			t.Errorf("T %v s, %s, %+v: p = %.2g: want above %g family-wise", points[i].timeout, points[i].library, points[i].w, ps[i], familyError)
		}
	}
}

// binomialTest is the two-sided p-value of k of n for a claimed probability: twice the
// smaller tail.
func binomialTest(k, n int, claimed float64) float64 {
	if claimed <= 0 || claimed >= 1 {
		if float64(k) == claimed*float64(n) {
			return 1
		}
		return 0
	}
	tail := func(from, to int) float64 {
		sum := 0.0
		for i := from; i <= to; i++ {
			a, _ := math.Lgamma(float64(n + 1))
			b, _ := math.Lgamma(float64(i + 1))
			c, _ := math.Lgamma(float64(n - i + 1))
			sum += math.Exp(a - b - c + float64(i)*math.Log(claimed) + float64(n-i)*math.Log1p(-claimed))
		}
		return sum
	}
	return min(1, 2*min(tail(0, k), tail(k, n)))
}
