package model

import (
	"testing"
	"time"

	"zksim/clock"
)

// newKazooRig makes a kazoo client whose turns draw the given jitters.
func newKazooRig(t *testing.T, version string, timeout int32, n int, jitter ...uint64) *rig {
	t.Helper()
	r := &rig{t: t, env: &fixedEnv{jitter: jitter}, next: 1}
	r.c = NewClient(ClientConfig{Node: 9, Library: libraryOf(t, "kazoo", version), Timeout: timeout, Servers: servers(n), First: NoNode}, r.env)
	r.step(0, Input{Kind: InputCommand, Command: CommandOpen})
	return r
}

// 2.9: a ping T/3 - j after the last send. T = 30 s, j = 0.20 s (place 19 of 1 to
// 40): every 9.8 s.
func TestPingsOfKazoo_LK1_LK2(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 30000, 3, 19)
	r.session(0, 30000)
	r.pongs(5, 30000)
	same(t, "pings", r.sent(OpPing), 9800, 19600, 29400)

	r = newKazooRig(t, "2.11.0", 30000, 3, 19)
	r.session(0, 30000)
	r.command(4000, CommandRead) // renews lastSend
	r.reply(4010, OpGetData, ErrOK)
	r.until(14000)
	same(t, "pings after a request", r.sent(OpPing), 13800)
}

// The jitter of each turn is its own: 0.40, 0.01, 0.40 s give 9.6, then 9.99 after it,
// then 9.6. An answer is a turn too, and draws.
func TestJitterIsDrawnEveryTurn_LK1(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 30000, 3, 39, 39, 0, 39, 39)
	r.session(0, 30000)
	r.pongs(5, 30000)
	// Turn 1 at 0 waits 9.6; turn 2 behind the ping (0.40), turn 3 behind its answer
	// (0.01): 9.6 + 9.99; turn 4 and 5 (0.40): 19.59 + 9.6.
	same(t, "pings", r.sent(OpPing), 9600, 19590, 29190)
}

// A wait is never shorter than the jitter: T = 0.9 s, j = 0.40 s: T/3 - j is below
// zero.
func TestAWaitIsAtLeastTheJitter_LK2(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 900, 3, 39)
	r.session(0, 900)
	r.until(500)
	same(t, "pings", r.sent(OpPing), 400)
}

// Silence is noticed at the end of the wait behind a ping: with j1 = 0.40 and
// j2 = 0.01 at 9.6 + 9.99 = 19.59 s after the last send, which is within
// [2T/3 - 0.8, 2T/3 - 0.02] = [19.2, 19.98].
func TestSilenceIsAnUnansweredPing_LK3(t *testing.T) {
	for _, tc := range []struct {
		first, second uint64
		want          int64
	}{{39, 0, 19590}, {39, 39, 19200}, {0, 0, 19980}} {
		r := newKazooRig(t, "2.11.0", 30000, 3, tc.first, tc.second)
		r.session(0, 30000)
		r.until(20000)
		same(t, "told", r.told(), "0 CONNECTED", r.at(tc.want, KazooSuspended))
		same(t, "silence", r.when(KindSilence), tc.want)
	}
}

// There is no test of when the client last heard: requests postpone both steps for
// ever, though nothing is ever answered.
func TestRequestsHideTheSilence_LK3(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 30000, 3, 19)
	r.session(0, 30000)
	for at := int64(5000); at < 300000; at += 5000 {
		r.command(at, CommandRead)
	}
	same(t, "told", r.told(), "0 CONNECTED")
	same(t, "pings", r.sent(OpPing))
}

// Up to 2.8 anything that comes in puts the ping off; from 2.9 on nothing does but a
// send. Watch events every 5 s, T = 30 s.
func TestWatchEventsStarveThePings_LK4(t *testing.T) {
	for version, want := range map[string][]int64{"2.8.0": nil, "2.9.0": {9800, 19600, 29400, 39200}} {
		r := newKazooRig(t, version, 30000, 3, 19) // j = 0.20 (2.9), 0.19 (2.8)
		r.session(0, 30000)
		for at := int64(5000); at <= 40000; at += 5000 {
			r.watchEvent(at)
			for len(r.sent(OpPing)) > len(r.when(KindPingReply)) {
				r.pong(at + 1)
			}
		}
		same(t, "pings of kazoo "+version, r.sent(OpPing), want...)
	}
}

// Up to 2.8 the wait is T/3 - j in every turn, with j from 0 to 0.40: after a ping and
// its answer it counts from the answer.
func TestEveryTurnWaitsAfreshUpTo28_LK4(t *testing.T) {
	r := newKazooRig(t, "2.8.0", 30000, 3, 20) // j = 0.20
	r.session(0, 30000)
	r.pongs(7, 30000)
	same(t, "pings", r.sent(OpPing), 9800, 19607, 29414)
}

// TCP has Treq; the answer to the ConnectRequest Treq/n: 10 s and 3.333 s.
func TestLimitsOfAnAttempt_LK5(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 10000, 3)
	r.until(10000)
	same(t, "attempts", r.dials(), "0:0", "10000:1")
	r.connected(11000)
	r.until(14400)
	same(t, "attempts", r.dials(), "0:0", "10000:1", "14333:2")
}

// No delay between addresses; between cycles D·U(0.6,1.4), then twice that: with the
// middle of the spread 0.1, 0.2, 0.4 s.
func TestTheWaitBetweenCycles_LK6(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 10000, 2)
	r.env.spread = 0.5
	for at := int64(1); at < 800; at++ {
		r.before(at)
		if r.c.(*KazooClient).phase == kazooDial {
			r.fails(at)
		}
	}
	same(t, "attempts", r.dials(), "0:0", "1:1", "102:0", "103:1", "304:0", "305:1", "706:0", "707:1")
	same(t, "waits", r.when(KindBackoff), 2, 104, 306, 708)
}

// The wait is spread over 0.6 to 1.4 of D and bounded by max_delay, up to its spread;
// max_tries ends it.
func TestTheWaitBetweenCyclesIsBounded_LK6_LK8(t *testing.T) {
	for _, tc := range []struct {
		spread float64
		want   []int64
	}{{0, []int64{60, 72, 86, 103}}, {1, []int64{140, 392, 700, 700}}} { // D: 100, 120, 144, 172; 100, 280, 500, 500
		r := &rig{t: t, env: &fixedEnv{spread: tc.spread}, next: 1}
		r.c = NewClient(ClientConfig{Node: 9, Library: libraryOf(t, "kazoo", ""), Timeout: 10000, Servers: servers(1), First: NoNode,
			MaxDelay: 500 * time.Millisecond, MaxTries: 5}, r.env)
		r.step(0, Input{Kind: InputCommand, Command: CommandOpen})
		for at := int64(0); at < 4000; at++ {
			r.before(at)
			if r.c.(*KazooClient).phase == kazooDial {
				r.fails(at)
			}
		}
		var waits []int64
		for _, m := range r.marks {
			if m.note.Kind == KindBackoff {
				waits = append(waits, m.note.A)
			}
		}
		same(t, "waits", waits, tc.want...)
		if n := len(r.when(KindHandleClosed)); n != 1 || len(r.dials()) != 5 {
			t.Errorf("ended %d times after %d attempts, want once after 5", n, len(r.dials()))
		}
		same(t, "told", r.told()) // it was LOST from the beginning
	}
}

// After losing a working connection the rest of the cycle is tried, at once; calls
// fail first; a success makes the waits short again.
func TestTheRestOfTheCycleComesFirst_LK7_LK8(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 10000, 3, 19)
	r.session(5, 10000)
	r.command(100, CommandRead)
	r.closed(200, ReasonEOF)
	same(t, "story", r.story(KindTold, KindCallLost), "5 CONNECTED", "200 getData ConnectionLoss", "200 SUSPENDED")
	same(t, "attempts", r.dials(), "0:0", "200:1")
	r.fails(210)
	r.connected(220)
	r.accept(230, 10000) // the last of its cycle
	r.closed(300, ReasonReset)
	r.before(500)
	same(t, "told", r.told(), "5 CONNECTED", "200 SUSPENDED", "230 CONNECTED", "300 SUSPENDED")
	same(t, "attempts", r.dials(), "0:0", "200:1", "210:2", "360:0") // 0.6 · 0.1 s
}

// LOST, then the calls, then another session by itself.
func TestAnExpiredKazooGoesOn_LK8(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 10000, 3, 19)
	r.session(5, 10000)
	r.closed(200, ReasonEOF)
	r.command(201, CommandWrite)
	r.connected(210)
	r.refuse(220)
	r.connected(230)
	if asked := r.wire[len(r.wire)-1].p; asked.Op != OpConnect || asked.Session != 0 || asked.Zxid != 0 {
		t.Errorf("asked with %+v, want a new session", asked)
	}
	r.packet(240, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(3, 1), Timeout: 10000})
	same(t, "story", r.story(KindTold, KindCallLost), "5 CONNECTED", "200 SUSPENDED", "220 LOST", "220 setData SessionExpired", "240 CONNECTED")
	same(t, "states", r.story(KindState), "0 CONNECTING", "5 CONNECTED", "200 CONNECTING", "220 EXPIRED_SESSION", "220 CONNECTING", "240 CONNECTED")
}

// A listener that takes 4 s keeps the thread: no ping, no attempt, and what comes in
// waits in the socket.
func TestAListenerStopsTheThread_LK9(t *testing.T) {
	r := &rig{t: t, env: &fixedEnv{jitter: []uint64{19}}, next: 1}
	r.c = NewClient(ClientConfig{Node: 9, Library: libraryOf(t, "kazoo", "2.11.0"), Timeout: 6000, Servers: servers(3), First: NoNode, Callback: 4 * time.Second}, r.env)
	r.step(0, Input{Kind: InputCommand, Command: CommandOpen})
	r.session(5, 6000)
	r.closed(1000, ReasonEOF)
	r.until(9000)
	same(t, "told", r.told(), "5 CONNECTED", "4005 SUSPENDED")
	same(t, "attempts", r.dials(), "0:0", "8005:1")
	same(t, "pings", r.sent(OpPing))
}

// A stopped process reads what waits before it counts: the answer saves it.
func TestAWaitingAnswerSavesKazoo(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 30000, 3, 19)
	r.session(0, 30000)
	r.before(9801) // the ping is out
	r.stepAt(clock.ReadingOfMillis(25000), Input{Kind: InputPacket, Conn: r.conn, Packet: &Packet{Op: OpPing, Reply: true}})
	r.stepAt(clock.ReadingOfMillis(25000), Input{Kind: InputWake})
	same(t, "told", r.told(), "0 CONNECTED")
	same(t, "pings", r.sent(OpPing), 9800, 25000)
}

func TestStoppingKazoo_LK8(t *testing.T) {
	r := newKazooRig(t, "2.11.0", 10000, 3, 19)
	r.session(5, 10000)
	r.command(100, CommandClose)
	r.reply(110, OpClose, ErrOK)
	same(t, "told", r.told(), "5 CONNECTED", "110 LOST")
	same(t, "ended", r.when(KindHandleClosed), 110)

	// Asleep between two cycles for 0.6 · 0.1 s from 200 on: noticed at its end.
	r = newKazooRig(t, "2.11.0", 10000, 1, 19)
	r.session(5, 10000)
	r.closed(200, ReasonEOF)
	r.command(210, CommandClose)
	r.until(300)
	same(t, "told", r.told(), "5 CONNECTED", "200 SUSPENDED", "260 LOST")
}

// Watches end with the connection, and the application sets them again: what it had
// seen and is not there any more it finds gone.
func TestKazooForgetsItsWatches(t *testing.T) {
	r := &rig{t: t, env: &fixedEnv{jitter: []uint64{19}}, next: 1}
	r.c = NewClient(ClientConfig{Node: 9, Library: libraryOf(t, "kazoo", "2.11.0"), Timeout: 10000, Servers: servers(3), First: NoNode, Watches: "/x"}, r.env)
	r.step(0, Input{Kind: InputCommand, Command: CommandOpen})
	r.session(5, 10000)
	r.reply(10, OpExists, ErrOK)
	r.closed(1000, ReasonEOF)
	r.connected(1010)
	r.accept(1020, 10000)
	same(t, "registered again by the library", r.sent(OpSetWatches))
	same(t, "looked at by the application", r.sent(OpExists), 5, 1020)
	r.reply(1030, OpExists, ErrNoNode)
	same(t, "seen", r.when(KindSawDeleted), 1030)
}
