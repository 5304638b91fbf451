package sim

import (
	"fmt"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// cutBoth is a silent cut between the client c and server 1.
func cutBoth(from, length time.Duration) Fault {
	return Fault{Kind: FaultPartition, Between: []string{"c"}, And: []string{"server1"}, At: at(from), For: at(length)}
}

// TestTrafficResumesAtTheNextRetransmission follows a read every second of a
// client with a round trip of 2 milli, so r = 202 milli.
func TestTrafficResumesAtTheNextRetransmission_W1(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
	c.ReadEvery = time.Second
	sc := quietScenario(1, 6*time.Second, c)
	sc.Faults = []Fault{cutBoth(2900*milli, 1400*milli)} // heals at 4300
	s := play(t, sc)
	// Lost at 3000; sent again at 3202, 3404, 3808, 4616: the first after the heal.
	// The read of 4000 waited behind it.
	s.expect("sent again", s.times("c", KindRetransmitted, "", 0), 4616*milli)
	if r := s.all("c", KindRetransmitted, "")[0]; r.A != 4 || r.B != 1_616_000 {
		t.Errorf("retransmission after %d tries and %d us, want 4 and 1616000", r.A, r.B)
	}
	s.expect("touched by requests", s.times("server1", model.KindTouch, "request", 0),
		1001*milli, 2001*milli, 4617*milli, 4617*milli, 5001*milli)
}

func TestSYNsRepeatOnTheirOwnSchedule_W2(t *testing.T) {
	for _, tc := range []struct {
		old  bool
		heal time.Duration
		lost []time.Duration
		up   time.Duration
	}{
		{false, 2500 * milli, []time.Duration{1 * milli, 1001 * milli, 2001 * milli}, 3003 * milli},
		{false, 6500 * milli, []time.Duration{1 * milli, 1001 * milli, 2001 * milli, 3001 * milli, 4001 * milli, 5001 * milli}, 7003 * milli},
		{true, 3500 * milli, []time.Duration{1 * milli, 1001 * milli, 3001 * milli}, 7003 * milli},
	} {
		c := javaClient(t, "c", "3.9.5", 40*time.Second, 0)
		c.Open = at(milli)
		sc := quietScenario(1, 20*time.Second, c)
		sc.Network.OldSYN = tc.old
		sc.Faults = []Fault{cutBoth(0, tc.heal)}
		s := play(t, sc)
		s.expect("SYNs lost", s.times("c", KindLost, "SYN", 0), tc.lost...)
		s.expect("TCP up", s.times("c", model.KindTCPUp, "", 0), tc.up)
	}
}

func TestEachDirectionIsCutForItself_W3(t *testing.T) {
	const cut = 5 * time.Second
	for _, tc := range []struct {
		from, to string
		arrives  bool
	}{{"c", "server1", false}, {"server1", "c", true}} {
		sc := quietScenario(1, 20*time.Second, javaClient(t, "c", "3.9.2", 6*time.Second, 0))
		sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{tc.from}, And: []string{tc.to}, OneWay: true, At: at(cut)}}
		s := play(t, sc)
		// R is 4 s, p is 2 s: pings at 2002+2000k until the client gives up.
		quiet := s.first("c", model.KindSilence, "", 0)
		pings := s.times("c", model.KindPing, "", cut)
		touches := s.times("server1", model.KindTouch, "ping", cut)
		if len(pings) == 0 {
			t.Fatal("no ping between the cut and the silence")
		}
		if tc.arrives {
			// The first one after the cut gets through; its kernel, without an
			// acknowledgement, repeats it and sends nothing new.
			s.expect("touches after cutting "+tc.from, touches, pings[0]+milli)
		} else {
			s.expect("touches after cutting "+tc.from, touches)
		}
		last := s.times("server1", model.KindTouch, "ping", 0)
		touched := last[len(last)-1]
		deadline := (touched+6*time.Second)/(2*time.Second)*(2*time.Second) + 2*time.Second
		s.expect("marked", s.times("server1", model.KindMarked, "", 0), deadline)
		if quiet > deadline {
			t.Errorf("gave up at %v, after the session's end at %v", quiet, deadline)
		}
	}
}

func TestHowAPeerGoes_W4_F21(t *testing.T) {
	client := javaClient(t, "c", "3.9.5", 9*time.Second, 0) // p = 3000, R = 6000
	for _, tc := range []struct {
		name   string
		faults []Fault
		kind   model.Kind
		text   string
		at     time.Duration
	}{
		{"killed", []Fault{{Kind: FaultKill, Between: []string{"server1"}, At: at(4 * time.Second)}},
			model.KindDropped, "end of stream", 4001 * milli},
		{"killed with unread data", []Fault{
			{Kind: FaultPause, Between: []string{"server1"}, At: at(2500 * milli)}, // the ping of about 3002 stays unread
			{Kind: FaultKill, Between: []string{"server1"}, At: at(4 * time.Second)}},
			model.KindDropped, "reset", 4001 * milli},
		// The last ping before it leaves 3000 after the ConnectRequest of 2, and is
		// answered at 3004; silence counts from there.
		{"host lost", []Fault{{Kind: FaultLose, Between: []string{"server1"}, At: at(4 * time.Second)}},
			model.KindSilence, "", 9004 * milli},
		{"refusing rule", []Fault{{Kind: FaultPartition, Between: []string{"c"}, And: []string{"server1"}, Refuse: true, At: at(4 * time.Second)}},
			model.KindDropped, "reset", 6002 * milli}, // the next ping draws it at once
	} {
		sc := quietScenario(1, 30*time.Second, client)
		sc.Faults = tc.faults
		s := play(t, sc)
		if got := s.first("c", tc.kind, tc.text, 0); got != tc.at {
			t.Errorf("%s: noticed at %v, want %v", tc.name, got, tc.at)
			s.dump()
		}
		refused := s.times("c", model.KindAttemptFailed, "refused", 0)
		if lost := tc.name == "host lost"; lost == (len(refused) > 0) {
			t.Errorf("%s: attempts refused at %v", tc.name, refused)
		}
	}
}

// TestWhatIsSentToAHostThatHasVanishedIsLost has a client that reads every second, one
// milli away from a server whose host vanishes. What waits behind the read that is lost is
// never sent, and so are the repetitions of it; each attempt that follows begins with SYNs.
func TestWhatIsSentToAHostThatHasVanishedIsLost_W4(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 6*time.Second, 0)
	c.ReadEvery = time.Second
	sc := quietScenario(1, 12*time.Second, c)
	sc.Faults = []Fault{{Kind: FaultLose, Between: []string{"server1"}, At: at(2900 * milli)}}
	s := play(t, sc)
	s.expect("requests lost", s.times("c", KindLost, "getData", 0), 3001*milli)
	attempt := s.first("c", model.KindAttempt, "", 3*time.Second)
	s.expect("SYNs lost", s.times("c", KindLost, "SYN", 0)[:3], attempt+milli, attempt+1001*milli, attempt+2001*milli)
	for _, r := range s.all("c", KindLost, "") {
		if r.Rule != "W-4" || r.A != -1 {
			t.Errorf("%+v, want rule W-4 and no fault of a link", r)
		}
	}
}

func TestAStoppedServersKernelGoesOn_W5(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 20*time.Second, 0)
	c.Open = at(2 * time.Second)
	d := javaClient(t, "d", "3.9.5", 20*time.Second, 0)
	d.Open = at(2500 * milli)
	sc := quietScenario(1, 12*time.Second, c, d)
	sc.Ensemble.Backlog = 1
	sc.Faults = []Fault{{Kind: FaultPause, Between: []string{"server1"}, At: at(time.Second), For: at(4 * time.Second)}}
	s := play(t, sc)
	s.expect("TCP up while the server is stopped", s.times("c", model.KindTCPUp, "", 0), 2002*milli)
	s.expect("handshake read on waking", s.times("server1", model.KindNegotiated, "", 0)[:1], 5000*milli)
	s.expect("session", s.times("c", model.KindSessionUp, "", 0), 5001*milli)
	// The backlog holds one; the other's SYNs of 2500, 3500 and 4500 get no answer.
	s.expect("SYNs beyond the backlog", s.times("server1", KindLost, "SYN: backlog full", 0), 2501*milli, 3501*milli, 4501*milli)
	s.expect("TCP up after waking", s.times("d", model.KindTCPUp, "", 0), 5502*milli)
}

func TestEverythingBufferedIsReadInOrder_W5(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
	c.ReadEvery = 300 * milli
	sc := quietScenario(1, 8*time.Second, c)
	sc.Faults = []Fault{{Kind: FaultPause, Between: []string{"server1"}, At: at(2 * time.Second), For: at(3 * time.Second)}}
	s := play(t, sc)
	replies := s.all("c", model.KindReply, "")
	for i, r := range replies {
		if r.A != int64(i+1) {
			t.Fatalf("reply %d is to request %d", i+1, r.A)
		}
	}
	// Reads of 2100 to 4800 wait: ten of them, answered at once.
	if got := len(s.times("server1", model.KindTouch, "request", 5*time.Second-1)) - len(s.times("server1", model.KindTouch, "request", 5*time.Second)); got != 10 {
		t.Errorf("%d requests read at the moment of waking, want 10", got)
	}
}

func TestACloseInACutIsUnknownToTheOther_W6(t *testing.T) {
	// The watcher gives up in the cut; its FIN is lost. The server tells it of a
	// node that vanishes, in the cut too. After the heal, a repetition of the
	// server's packet meets a kernel that has closed.
	c := javaClient(t, "c", "3.9.2", 9*time.Second, 0)
	c.Watches = "/lock"
	d := javaClient(t, "d", "3.9.2", 6*time.Second, 0)
	d.Owns = "/lock"
	d.Close = at(9900 * milli)
	c.Open = at(500 * milli)
	sc := quietScenario(1, 20*time.Second, c, d)
	sc.Faults = []Fault{cutBoth(4*time.Second, 6200*milli)} // until 10200
	s := play(t, sc)
	gaveUp := s.first("c", model.KindSilence, "", 0)
	if gaveUp < 4*time.Second || gaveUp > 9900*milli {
		t.Fatalf("gave up at %v, not in the cut", gaveUp)
	}
	var closed []Record
	for _, r := range s.all("server1", model.KindConnectionClosed, "") {
		if r.Peer == 1 && time.Duration(r.At) > 4*time.Second {
			closed = append(closed, r)
		}
	}
	if len(closed) == 0 {
		t.Fatal("the server never learned of it")
	}
	// c's last ping was at 3502; its session lasts until 14 s. d's close is at the server at 9901, where the node goes; r is 202 milli.
	if got := time.Duration(closed[0].At); got != 9901*milli+404*milli+2*milli || closed[0].Text != "reset" {
		t.Errorf("closed at %v by %q, want 10307ms by reset", got, closed[0].Text)
		s.dump()
	}
}

func TestWhoAnswersWithResetHasNothingMoreToSend_W4_W6(t *testing.T) {
	// What the server sends is lost: its answer to the ping of 6002, and its FIN when
	// the session ends at 14 s. c gives up at 8004. Both kernels repeat at 202 milli
	// times 2, 4, 8 and so on, c's after the heal at 31858.
	c := javaClient(t, "c", "3.9.5", 6*time.Second, 0)
	sc := quietScenario(1, 40*time.Second, c)
	sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{"server1"}, And: []string{"c"}, OneWay: true, At: at(5 * time.Second), For: at(15 * time.Second)}}
	s := play(t, sc)
	s.expect("session's end", s.times("server1", model.KindConnectionClosed, "session ended", 0), 14*time.Second)
	s.expect("sent again by c", s.times("c", KindRetransmitted, "", 0), 31858*milli)
	// The ping of 8002 and the FIN behind it meet a kernel that has closed.
	s.expect("answered", s.times("server1", KindReset, "no such connection", 0), 31859*milli, 31859*milli)
	s.expect("sent again by the server", s.times("server1", KindRetransmitted, "", 0))
}

// A loss with nothing behind it costs r, 200 ms and the round trip of 2; what the C
// client sends is two segments, so that its loss costs two round trips and 2 ms.
func TestALossAloneCostsTheProbesTime_W1_W7(t *testing.T) {
	for library, want := range map[string]time.Duration{"java": 3204 * milli, "c": 3008 * milli} {
		c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
		c.ReadEvery = time.Second
		found, err := model.FindLibrary(library, "")
		if err != nil {
			t.Fatal(err)
		}
		c.Library = found
		sc := quietScenario(1, 3500*milli, c)
		sc.Faults = []Fault{{Kind: FaultLoss, Between: []string{"c"}, And: []string{"server1"}, OneWay: true, At: at(2990 * milli), For: at(12 * milli), Probability: 1}}
		s := play(t, sc)
		s.expect(library+": lost", s.times("c", KindLost, "", 0), 3000*milli)
		var answered []time.Duration
		for _, r := range s.all("c", model.KindReply, "") {
			if at := time.Duration(r.At); at > 2950*milli {
				answered = append(answered, at)
			}
		}
		s.expect(library+": answered", answered, want)
	}
}

// In a cut the C client's packets are repeated at ε, ε + r, ε + 3r and so on, with
// ε = 2·2 + 2 ms and r = 202 ms; a Java client's at r, 2r, 4r.
func TestTwoSegmentsAreRepeatedSooner_W1(t *testing.T) {
	for library, want := range map[string][]time.Duration{
		"java": {202, 404, 808, 1616},
		"c":    {6, 208, 612, 1420},
	} {
		c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
		found, err := model.FindLibrary(library, "")
		if err != nil {
			t.Fatal(err)
		}
		c.Library, c.ReadEvery = found, 8*time.Second
		for k, wait := range want {
			// The cut begins just before the read of 8 s and heals just before a repetition.
			heal := 8*time.Second + wait*milli - milli
			sc := quietScenario(1, 12*time.Second, c)
			sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{"c"}, And: []string{"server1"}, At: at(7999 * milli), For: at(heal - 7999*milli)}}
			s := play(t, sc)
			s.expect(fmt.Sprintf("%s, repetition %d", library, k), s.times("c", KindRetransmitted, "", 0), 8*time.Second+wait*milli)
		}
	}
}

func TestLossCostsOneRepetition_W7_W8(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
	c.ReadEvery = 100 * milli
	d := c
	d.Name = "d"
	sc := quietScenario(1, 3500*milli, c, d)
	sc.Faults = []Fault{{Kind: FaultLoss, Between: []string{"c"}, And: []string{"server1"}, OneWay: true, At: at(2990 * milli), For: at(20 * milli), Probability: 1}}
	s := play(t, sc)
	s.expect("lost", s.times("c", KindLost, "", 0), 3000*milli)
	byClient := func(peer model.NodeID, lo, hi time.Duration) []time.Duration {
		var at []time.Duration
		for _, r := range s.all([]string{"c", "d"}[peer-1], model.KindReply, "") {
			if time.Duration(r.At) > lo && time.Duration(r.At) < hi {
				at = append(at, time.Duration(r.At))
			}
		}
		return at
	}
	// The read of 3100 waits behind the lost one of 3000, and hastens its repetition: two
	// round trips of 2 and 2 more (W-1).
	s.expect("answers to c", byClient(1, 2950*milli, 3400*milli), 3108*milli, 3108*milli, 3202*milli, 3302*milli)
	s.expect("answers to d", byClient(2, 2950*milli, 3400*milli), 3002*milli, 3102*milli, 3202*milli, 3302*milli)
}

func TestASlowSegmentHoldsUpWhatFollows_W8(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
	c.ReadEvery = 100 * milli
	sc := quietScenario(1, 2*time.Second, c)
	sc.Faults = []Fault{{Kind: FaultDelay, Between: []string{"c"}, And: []string{"server1"}, OneWay: true, At: at(990 * milli), For: at(20 * milli), By: at(250 * milli)}}
	s := play(t, sc)
	// The read of 1000 takes 251 ms; those of 1100 and 1200 arrive with it.
	s.expect("read by the server", s.times("server1", model.KindTouch, "request", 950*milli)[:4], 1251*milli, 1251*milli, 1251*milli, 1301*milli)
}

func TestNothingOvertakesOnAConnection_W8(t *testing.T) {
	c := javaClient(t, "c", "3.9.5", 30*time.Second, 0)
	c.ReadEvery = 5 * milli
	sc := quietScenario(1, 4*time.Second, c)
	law, err := NewLaw("uniform", map[string]float64{"from": 0, "to": float64(80 * milli)})
	if err != nil {
		t.Fatal(err)
	}
	if sc.Network.Clients, err = NewSampler(law, 0, 0); err != nil {
		t.Fatal(err)
	}
	sc.Network.Loss = 0.02
	s := play(t, sc)
	replies := s.all("c", model.KindReply, "")
	if len(replies) < 100 {
		t.Fatalf("%d replies only", len(replies))
	}
	for i, r := range replies {
		if r.A != int64(i+1) {
			t.Fatalf("reply %d is to request %d", i+1, r.A)
		}
	}
}

// W-2: with k = 200 s the client outlasts its kernel, which gives the attempt up after
// 1+1+1+1+1+2+4+8+16+32+64 = 131 s, before Linux 6.5 after 1+2+4+8+16+32+64 = 127 s.
func TestTheKernelGivesAnAttemptUp_W2(t *testing.T) {
	for _, old := range []bool{false, true} {
		sc := quietScenario(1, 140*time.Second, javaClient(t, "a", "3.9.5", 200*time.Second, 1))
		sc.Ensemble.MaxTimeout = 300 * time.Second
		sc.Network.OldSYN = old
		sc.Faults = []Fault{{Kind: FaultPartition, Between: []string{"a"}, And: []string{"server1"}, At: at(0)}}
		want := clock.Instant(131 * time.Second)
		if old {
			want = clock.Instant(127 * time.Second)
		}
		failed := play(t, sc).all("a", model.KindAttemptFailed, "timed out")
		if len(failed) != 1 || failed[0].At != want {
			t.Errorf("old %v: given up %v, want once at %v", old, failed, want)
		}
	}
}

// TestWhatComesBackIsSentAgainFirst: segments that found no host are sent again in their
// order, before those that never left (W-1, W-8).
func TestWhatComesBackIsSentAgainFirst(t *testing.T) {
	var never train
	segments := make([]segment, 4)
	for i := range segments {
		segments[i].number = uint32(i + 1)
	}
	never.push(&segments[2])
	never.push(&segments[3])
	never.back(&segments[0])
	never.back(&segments[1])
	for want := uint32(1); want <= 4; want++ {
		if got := never.pop().number; got != want {
			t.Errorf("segment %d, want %d", got, want)
		}
	}
	var empty train
	empty.back(&segments[0])
	empty.push(&segments[1])
	if empty.len() != 2 || empty.pop() != &segments[0] || empty.pop() != &segments[1] || !empty.empty() {
		t.Error("what comes back to an empty train and what is pushed behind it are out of order")
	}
}
