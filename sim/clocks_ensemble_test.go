package sim

import (
	"testing"
	"time"

	"zksim/model"
)

// S is 10 s, PINGs leave at whole seconds and take 1 ms.

func TestAFollowersPatienceIsByItsOwnClock_K4_F1(t *testing.T) {
	for _, tc := range []struct {
		ppm  int64
		lost time.Duration // 10 s of its own behind the PING of 20 s
	}{{0, 30001 * milli}, {-500_000, 40001 * milli}, {500_000, 26668 * milli}} {
		sc := quietScenario(3, 50*time.Second, javaClient(t, "c", "3.9.2", 40*time.Second, 3))
		sc.Ensemble.Clocks[0].PPM = tc.ppm
		sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{"server1"}, And: []string{"server3"}, At: at(20500 * milli)}}
		s := play(t, sc)
		got := s.first("server1", model.KindLeaderLost, "silence", 0)
		if got < tc.lost-2*milli || got > tc.lost+2*milli {
			t.Errorf("%d ppm: gave the leader up at %v, want %v", tc.ppm, got, tc.lost)
		}
		// The leader's patience is by the leader's: the answer to the PING of 20 s came at 20002.
		s.expect("the leader drops it", s.times("server3", model.KindLearnerGone, "silent", 0)[:1], 30002*milli)
	}
}

func TestAnElectionsWaitIsByTheVotersOwnClock_K4_F10(t *testing.T) {
	for _, tc := range []struct {
		ppm  int64
		wait time.Duration
	}{{0, 200 * milli}, {-500_000, 400 * milli}, {500_000, 133 * milli}} {
		sc := quietScenario(3, 30*time.Second, javaClient(t, "c", "3.9.2", 40*time.Second, 1))
		sc.Ensemble.Clocks[1].PPM = tc.ppm
		sc.Faults = []Fault{{Kind: FaultKill, Between: []string{"server3"}, At: at(20500 * milli)}}
		s := play(t, sc)
		// Both look from 20501 on; server 1's word that it votes for server 2 comes two
		// milliseconds behind that, and nothing after it.
		want := 20503*milli + tc.wait
		if got := s.first("server2", model.KindElected, "", 0); got < want-2*milli || got > want+2*milli {
			t.Errorf("%d ppm: server 2 knows at %v, want %v", tc.ppm, got, want)
		}
	}
}

// A session's time under the leader is by the leader's clock, that of the new one after
// a failover: at half the rate it lasts twice as long (F-15).
func TestAFailoverChangesTheClockThatCounts_K4_F15(t *testing.T) {
	c := javaClient(t, "c", "3.9.2", 4*time.Second, 1)
	c.Owns = "/lock"
	sc := quietScenario(3, 60*time.Second, c)
	sc.Ensemble.Clocks[1].PPM = -500_000
	sc.Faults = []Fault{
		{Kind: FaultLose, Between: []string{"c"}, At: at(20 * time.Second)},
		{Kind: FaultKill, Between: []string{"server3"}, At: at(20500 * milli)}}
	s := play(t, sc)
	serving := s.first("server2", model.KindServing, "leader", 20*time.Second)
	after := s.first("server2", model.KindMarked, "", 0) - serving
	// (T, T + tick] of its own: 8 to 12 s.
	if after <= 8*time.Second-2*milli || after > 12*time.Second+2*milli {
		t.Errorf("marked %v after the new leader began to serve, want more than 8 s and up to 12 s", after)
	}
}

// A leader that was suspended for 20 s is deposed all the same: the others have gone by
// their own clocks (F-1, F-8). But where its clock did not count the time, no bucket is
// overdue on waking, and it steps down before any is due: nothing is marked in vain.
func TestALeaderWhoseClockStoodMarksNothingOnWaking_K5_G6(t *testing.T) {
	for _, stops := range []bool{false, true} {
		sc := quietScenario(3, 60*time.Second, javaClient(t, "c", "3.9.2", 10*time.Second, 1))
		f := pause("leader", 20*time.Second, 20*time.Second)
		f.ClockStops = stops
		sc.Faults = []Fault{f}
		s := play(t, sc)
		marked := s.times("server3", model.KindMarked, "", 0)
		if stops {
			s.expect("marked with the clock stopped", marked)
		} else {
			s.expect("marked with the clock running", marked, 40*time.Second)
		}
		s.expect("it steps down", s.times("server3", model.KindSteppedDown, "", 0), 42*time.Second)
	}
}

// A follower that was suspended for less than S by its leader's clock comes back as if
// nothing had been, and if its own clock stood it has its whole patience left.
func TestASuspendedFollowersPatienceStandsStill_K5_F1(t *testing.T) {
	for _, tc := range []struct {
		stops bool
		lost  time.Duration
	}{{false, 30001 * milli}, {true, 36001 * milli}} {
		sc := quietScenario(3, 50*time.Second, javaClient(t, "c", "3.9.2", 40*time.Second, 3))
		f := pause("server1", 20500*milli, 6*time.Second)
		f.ClockStops = tc.stops
		sc.Faults = []Fault{
			{Kind: FaultPartition, Between: []string{"server1"}, And: []string{"server3"}, At: at(20400 * milli)}, f}
		s := play(t, sc)
		s.expect("gives the leader up", s.times("server1", model.KindLeaderLost, "silence", 0), tc.lost)
	}
}

// Flushes of 15 s leave the close of 20 s unacknowledged: the mark is not late for it,
// but at the first PING S behind it the leader lets both followers go, and at its next
// check itself (G-9, F-5, F-8).
func TestASlowLogCostsTheLeaderItsFollowers_G9_F5_F8(t *testing.T) {
	c := javaClient(t, "c", "3.9.2", 4*time.Second, 3)
	c.Owns = "/lock"
	sc := quietScenario(3, 60*time.Second, c)
	sc.Faults = []Fault{
		{Kind: FaultLose, Between: []string{"c"}, At: at(15 * time.Second)},
		{Kind: FaultSlowLog, Between: []string{"followers"}, At: at(17 * time.Second), By: at(15 * time.Second)}}
	s := play(t, sc)
	// p = 1333: the last ping before 15 s arrives at 14667, and 18667 lies before 20000.
	s.expect("marked", s.times("server3", model.KindMarked, "", 0), 20*time.Second)
	s.expect("let go", s.times("server3", model.KindLearnerGone, "proposal unacknowledged", 0), 30*time.Second, 30*time.Second)
	s.expect("steps down", s.times("server3", model.KindSteppedDown, "", 0), 32*time.Second)
}
