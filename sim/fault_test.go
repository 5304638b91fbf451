package sim

import (
	"fmt"
	"testing"
	"time"

	"zksim/model"
)

func pause(who string, from, length time.Duration) Fault {
	return Fault{Kind: FaultPause, Between: []string{who}, At: at(from), For: at(length)}
}

func TestPausedClient_G1_G2(t *testing.T) {
	// T = 10 s, p = 3333, R = 6666, X = 13333. The last answer before 4 s comes at
	// 3337, so idleRecv is 663 when the pause begins.
	for _, tc := range []struct {
		version string
		length  time.Duration
		told    []string
	}{
		{"3.9.5", 2 * time.Second, []string{"SyncConnected"}},
		{"3.9.5", 6500 * milli, []string{"SyncConnected", "Disconnected", "SyncConnected"}},
		{"3.9.5", 14 * time.Second, []string{"SyncConnected", "Expired"}},
		{"3.9.2", 14 * time.Second, []string{"SyncConnected", "Disconnected", "Expired"}},
	} {
		sc := quietScenario(3, 40*time.Second, javaClient(t, "c", tc.version, 10*time.Second, 0))
		sc.Faults = []Fault{pause("c", 4*time.Second, tc.length)}
		s := play(t, sc)
		what := fmt.Sprintf("%s paused for %v", tc.version, tc.length)
		expectWords(t, what, s.told("c"), tc.told...)
		during := 0
		for _, r := range s.records {
			if r.Node == 3 && time.Duration(r.At) > 4*time.Second && time.Duration(r.At) < 4*time.Second+tc.length && r.Kind < model.FirstWorldKind {
				during++
			}
		}
		if during > 0 {
			t.Errorf("%s: %d records of a stopped process", what, during)
		}
		wake := 4*time.Second + tc.length
		switch {
		case tc.length == 2*time.Second:
			// idleSend is 4000+2000-3335 at waking, short of p: the next ping keeps its time.
			s.expect(what+": next ping", s.times("c", model.KindPing, "", 4*time.Second)[:1], 6668*milli)
		case tc.version == "3.9.5" && tc.length == 14*time.Second:
			s.expect(what+": Expired", s.times("c", model.KindTold, "Expired", 0), wake+200*milli)
		default:
			s.expect(what+": Disconnected", s.times("c", model.KindTold, "Disconnected", 0), wake+100*milli)
		}
	}
}

func TestAWakingOwnerStillBelieves_G3(t *testing.T) {
	// The heir owns the lock before the one that slept hears anything.
	c := javaClient(t, "c", "3.9.5", 6*time.Second, 0)
	c.Owns = "/lock"
	d := c
	d.Name, d.Open = "d", at(time.Second)
	sc := quietScenario(3, 40*time.Second, c, d)
	sc.Faults = []Fault{pause("c", 5*time.Second, 15*time.Second)}
	s := play(t, sc)
	heir := s.first("d", model.KindHolds, "", 0)
	heard := s.first("c", model.KindTold, "Expired", 0)
	if heir < 5*time.Second || heir > 20*time.Second || heard <= 20*time.Second {
		t.Errorf("the heir holds from %v, the sleeper hears at %v; want overlap from 20s on", heir, heard)
	}
}

func TestAPausedServersRaceIsAParameter_G5(t *testing.T) {
	// T = 4 s: last ping before 3 s is processed at 2669, deadline 8000; the server
	// sleeps from 3000 to 12500, the ping of 4002 in its socket.
	for _, first := range []bool{false, true} {
		sc := quietScenario(1, 30*time.Second, javaClient(t, "c", "3.9.2", 4*time.Second, 0))
		sc.Ensemble.TouchesFirst = first
		sc.Faults = []Fault{pause("server1", 3*time.Second, 9500*milli)}
		s := play(t, sc)
		marked := s.all("server1", model.KindMarked, "")
		touched := s.times("server1", model.KindTouch, "ping", 3*time.Second)
		if !first {
			if len(marked) == 0 || time.Duration(marked[0].At) != 12500*milli || marked[0].A != 8000 || marked[0].B != 12500-8000 {
				t.Errorf("expiry first: marked %+v, want at waking, due at 8000", marked)
			}
			expectWords(t, "expiry first", s.told("c"), "SyncConnected", "Disconnected", "Expired")
			continue
		}
		if len(touched) == 0 || touched[0] != 12500*milli {
			t.Errorf("touches first: touched at %v, want from waking on", touched)
		}
		s.expect("touches first: marked", s.times("server1", model.KindMarked, "", 0))
		expectWords(t, "touches first", s.told("c"), "SyncConnected", "Disconnected", "SyncConnected")
	}
}

func TestABucketAtATimeOnWaking_T8(t *testing.T) {
	// Three sessions with deadlines 6000, 8000 and 10000 end in that order, at once.
	var clients []Client
	for i, d := range []time.Duration{4, 6, 8} {
		c := javaClient(t, fmt.Sprintf("c%d", i), "3.9.2", d*time.Second, 0)
		c.Owns = fmt.Sprintf("/%d", i)
		clients = append(clients, c)
	}
	sc := quietScenario(1, 12*time.Second, clients...)
	sc.Faults = []Fault{pause("server1", 500*milli, 11*time.Second)}
	s := play(t, sc)
	marked := s.all("server1", model.KindMarked, "")
	if len(marked) != 3 {
		t.Fatalf("marked %+v", marked)
	}
	for i, want := range []int64{6000, 8000, 10000} {
		if marked[i].A != want || marked[i].B != 11500-want || time.Duration(marked[i].At) != 11500*milli {
			t.Errorf("mark %d: due %d, late %d at %v, want %d", i, marked[i].A, marked[i].B, marked[i].At, want)
		}
	}
}

func TestAPausedFollowersClientsMoveAndAreTouchedLate_G7(t *testing.T) {
	// T = 9 s: p = 3000, R = 6000. The client's ping of 6002 lies in the stopped
	// follower's socket until 13 s; the client has moved at about 9 s.
	sc := quietScenario(3, 20*time.Second, javaClient(t, "c", "3.9.5", 9*time.Second, 1))
	sc.Ensemble.SyncLimit = 10 // S = 20 s: nobody drops the follower
	sc.Faults = []Fault{pause("server1", 5*time.Second, 8*time.Second)}
	s := play(t, sc)
	s.expect("patience ends", s.times("c", model.KindSilence, "", 0), 9004*milli)
	expectWords(t, "events", s.told("c"), "SyncConnected", "Disconnected", "SyncConnected")
	// On waking the stale ping is recorded, and reported at the next PING.
	recorded := s.times("server1", model.KindTouchRecorded, "", 5*time.Second)
	if len(recorded) == 0 || recorded[0] != 13*time.Second {
		t.Errorf("recorded at %v, want from 13s on", recorded)
	}
	report := s.first("server1", model.KindReport, "", 13*time.Second-1)
	if report > 14001*milli {
		t.Errorf("reported at %v, want by 14.001s", report)
	}
	s.expect("the stale touch", s.times("server3", model.KindTouch, "learner", report)[:1], report+milli)
}

func TestASlowLogDelaysTheDeletionAndNotTheMark_G9_Z5(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 4*time.Second, 3)
	c.Owns = "/lock"
	sc := quietScenario(3, 20*time.Second, c)
	sc.Faults = []Fault{
		{Kind: FaultLose, Between: []string{"c"}, At: at(2 * time.Second)},
		{Kind: FaultSlowLog, Between: []string{"servers"}, At: at(3 * time.Second), By: at(1500 * milli)}}
	s := play(t, sc)
	// Last touch 1336 by the first ping: deadline 6000; reported creation at 1001 too.
	s.expect("marked", s.times("server3", model.KindMarked, "", 0), 6*time.Second)
	// 1 ms to the followers, 1500 there, 1 back.
	s.expect("deleted", s.times("server3", model.KindNodeDeleted, "", 0), 7502*milli)
	s.expect("deleted at a follower", s.times("server1", model.KindNodeDeleted, "", 0), 7503*milli)
}

func TestOnlyRatesMatter_K4(t *testing.T) {
	for _, tc := range []struct {
		offset time.Duration
		ppm    int64
	}{{0, 0}, {123 * time.Hour, 0}, {0, 100_000}, {0, -100_000}} {
		sc := quietScenario(1, 40*time.Second, javaClient(t, "c", "3.9.2", 10*time.Second, 0))
		sc.Ensemble.Clocks[0] = Clock{Offset: &tc.offset, PPM: tc.ppm}
		sc.Faults = []Fault{{Kind: FaultLose, Between: []string{"c"}, At: at(5 * time.Second)}}
		s := play(t, sc)
		last := s.times("server1", model.KindTouch, "ping", 0)
		e := s.first("server1", model.KindMarked, "", 0) - last[len(last)-1]
		// (T, T+tick] by the server's clock, a millisecond for cutting off.
		rate := float64(1_000_000+tc.ppm) / 1e6
		if own := time.Duration(float64(e) * rate); own <= 10*time.Second-milli || own > 12*time.Second+milli {
			t.Errorf("offset %v, %d ppm: ended %v after its touch, %v by the server's clock", tc.offset, tc.ppm, e, own)
		}
	}
	// A client's R is by its own clock: at half the rate it waits twice as long.
	c := javaClient(t, "c", "3.9.2", 10*time.Second, 0)
	sc := quietScenario(1, 40*time.Second, c)
	sc.Clients[0].Clock.PPM = -500_000
	sc.Faults = []Fault{{Kind: FaultLose, Between: []string{"server1"}, At: at(time.Second)}}
	s := play(t, sc)
	heard := s.first("c", model.KindSessionUp, "", 0)
	quiet := s.first("c", model.KindSilence, "", 0) - heard
	if quiet < 2*6666*milli-2*milli || quiet > 2*6666*milli+2*milli {
		t.Errorf("gave up after %v, want 13.332s", quiet)
	}
}

func TestMillisecondsAreCutOffAtTheServer_K1_T2(t *testing.T) {
	// The server's clock is 700 us ahead: it reads 12000.0 ms at 11999.3 ms.
	offset := 700 * time.Microsecond
	sc := quietScenario(1, 20*time.Second, javaClient(t, "c", "3.9.2", 10*time.Second, 0))
	sc.Ensemble.Clocks[0] = Clock{Offset: &offset}
	sc.Faults = []Fault{{Kind: FaultLose, Between: []string{"c"}, At: at(1500 * milli)}}
	s := play(t, sc)
	s.expect("marked", s.times("server1", model.KindMarked, "", 0), 11_999_300*time.Microsecond)
}

func TestASuspendThatTheClockDoesNotCount_K5(t *testing.T) {
	for _, stops := range []bool{false, true} {
		sc := quietScenario(3, 90*time.Second, javaClient(t, "c", "3.9.5", 10*time.Second, 0))
		f := pause("c", 4*time.Second, 60*time.Second)
		f.ClockStops = stops
		sc.Faults = []Fault{f}
		s := play(t, sc)
		local := len(s.times("c", model.KindLocalExpiry, "", 0)) > 0
		if local == stops {
			t.Errorf("clock stops %v: local expiry %v", stops, local)
		}
		if !stops {
			continue
		}
		// It learns from the server alone: the end of stream that waited, then the
		// refusal.
		expectWords(t, "events", s.told("c"), "SyncConnected", "Disconnected", "Expired")
		s.expect("Disconnected", s.times("c", model.KindTold, "Disconnected", 0), 64100*milli)
	}
}

func TestAPausedLeaderWaitsAFullHalfTickAfterwards_T17(t *testing.T) {
	// Its loop waits h from the start of each turn; turns that were missed are not
	// made up.
	sc := quietScenario(3, 8*time.Second, javaClient(t, "c", "3.9.5", 10*time.Second, 1))
	sc.Faults = []Fault{pause("server3", 3500*milli, 2200*milli)}
	s := play(t, sc)
	s.expect("PINGs", s.times("server3", model.KindLeaderPing, "", 0), 1000*milli, 2000*milli, 3000*milli, 5700*milli, 6700*milli, 7700*milli)
}

func TestAKilledFollowerIsGoneAtOnce_F5_F21(t *testing.T) {
	sc := quietScenario(3, 8*time.Second, javaClient(t, "c", "3.9.5", 10*time.Second, 1))
	sc.Faults = []Fault{{Kind: FaultKill, Between: []string{"server1"}, At: at(3500 * milli)}}
	s := play(t, sc)
	s.expect("the leader notices", s.times("server3", model.KindLearnerGone, "", 0), 3501*milli)
	s.expect("the client notices", s.times("c", model.KindDropped, "", 0), 3501*milli)
	expectWords(t, "events", s.told("c"), "SyncConnected", "Disconnected", "SyncConnected")
}

func TestARestartGivesEverySessionItsFirstTimeout_F16_H4(t *testing.T) {
	dead := javaClient(t, "c", "3.9.2", 4*time.Second, 0)
	dead.Owns = "/lock"
	alive := javaClient(t, "d", "3.9.2", 10*time.Second, 0)
	sc := quietScenario(1, 60*time.Second, dead, alive)
	sc.Ensemble.Startup = 300 * milli
	sc.Faults = []Fault{
		{Kind: FaultLose, Between: []string{"c"}, At: at(2 * time.Second)},
		{Kind: FaultKill, Between: []string{"server1"}, At: at(3 * time.Second)},
		{Kind: FaultRestart, Between: []string{"server1"}, At: at(50 * time.Second)},
	}
	s := play(t, sc)
	// Vector 15's numbers: serving at 50300, T 4000, deadline 56000.
	s.expect("re-armed", s.times("server1", model.KindRearmed, "", 0), 50300*milli, 50300*milli)
	s.expect("no session ends in between, however long", s.times("server1", model.KindMarked, "", 0), 56*time.Second)
	s.expect("its node lives as long", s.times("server1", model.KindNodeDeleted, "", 0), 56*time.Second)
	told := s.told("d")
	expectWords(t, "the living one", told, "SyncConnected", "Disconnected", "SyncConnected")
}

// S = 10 s, PINGs at whole seconds, 1 ms each way. The followers give a stopped leader
// up when they have heard nothing for S (F-1), and one of them leads. On waking the
// leader finds that the learners have gone, and its first check after that ends its
// lead (G-6).
func TestALeaderPausedForLongerThanSyncLimit_G6(t *testing.T) {
	sc := quietScenario(3, 60*time.Second, javaClient(t, "c", "3.9.2", 10*time.Second, 1))
	sc.Faults = []Fault{pause("leader", 20*time.Second, 20*time.Second)}
	s := play(t, sc)
	s.expect("server 1 gives up, S behind the PING of 19 s", s.times("server1", model.KindLeaderLost, "", 0), 29001*milli)
	// Server 1 has adopted the better vote at 29002 and waits for 200 ms (F-10); server 2
	// hears of that at 29003, so its port is closed when server 1 comes first, and open at
	// 29305, 100 ms behind the refusal (F-13). Then FOLLOWERINFO, LEADERINFO, ACKEPOCH,
	// NEWLEADER and its ACK cross one behind the other, the first behind the handshake.
	s.expect("server 2 leads", s.times("server2", model.KindServing, "leader", 0), 29311*milli)
	s.expect("the client is back", s.times("c", model.KindTold, "SyncConnected", 29*time.Second), s.first("c", model.KindSessionUp, "", 29*time.Second))
	s.expect("on waking it finds them gone", s.times("server3", model.KindLearnerGone, "", 0), 40*time.Second, 40*time.Second)
	// The turn that was due at 20 s comes on waking and finds nothing wrong yet; of those
	// behind it every second one checks (F-6).
	s.expect("it steps down", s.times("server3", model.KindSteppedDown, "", 0), 42*time.Second)
	if server := s.w.nodes[2].machine.(*model.Server); server.Role() != model.RoleFollower || server.Leader() != 1 {
		t.Errorf("it ends as %v of %d, want a follower of server 2", server.Role(), server.Leader())
	}
}

// The leader drops a follower that has been stopped for S (F-5); on waking that finds
// the end of the connection and closes its clients' (G-8, F-3).
func TestAFollowerPausedForLongerThanSyncLimit_G8(t *testing.T) {
	c := javaClient(t, "c", "3.9.2", 20*time.Second, 1)
	c.Servers = []int{1}
	sc := quietScenario(3, 60*time.Second, c)
	sc.Faults = []Fault{pause("server1", 20*time.Second, 12*time.Second)}
	s := play(t, sc)
	s.expect("dropped, S behind the answer of 19 s", s.times("server3", model.KindLearnerGone, "", 0), 29002*milli)
	s.expect("it notices on waking", s.times("server1", model.KindLeaderLost, "end of stream", 0), 32*time.Second)
	s.expect("and hangs up on its client", s.times("c", model.KindDropped, "", 0), 32001*milli)
	s.expect("the leader stays", s.times("server3", model.KindSteppedDown, "", 0))
	if server := s.w.nodes[0].machine.(*model.Server); !server.Serving() || server.Leader() != 2 {
		t.Errorf("it ends serving %v under %d, want a follower of server 3", server.Serving(), server.Leader())
	}
}

// Two addresses of which the C client tries one alone (L-C5), refused on the way in no
// time (W-4): it tries again a millisecond later each time, and a run ends.
func TestARefusedCClientDoesNotTurnForEver_LC5(t *testing.T) {
	l, err := model.FindLibrary("c", "")
	if err != nil {
		t.Fatal(err)
	}
	c := Client{Name: "c", Library: l, Version: "3.9.5", Timeout: 4 * time.Second, Servers: []int{1, 2}, Attach: 1}
	sc := quietScenario(3, 10*time.Second, c)
	sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{"c"}, And: []string{"servers"}, Refuse: true, At: at(0), For: at(5 * time.Second)}}
	s := play(t, sc)
	tries := s.times("c", model.KindAttempt, "", -1)
	if len(tries) < 4990 || len(tries) > 5010 {
		t.Errorf("%d attempts in 5 s, want one a millisecond", len(tries))
	}
	if up := s.first("c", model.KindSessionUp, "", 0); up > 5010*milli {
		t.Errorf("a session at %v, want at once behind the heal", up)
	}
}
