package model

import (
	"fmt"
	"testing"
	"time"

	"zksim/clock"
)

// newLibraryRig makes a client of any library and opens it at 0.
func newLibraryRig(t *testing.T, name, version string, timeout int32, n int) *rig {
	t.Helper()
	return newRigOf(t, ClientConfig{Node: 9, Library: libraryOf(t, name, version), Timeout: timeout, Servers: servers(n), First: NoNode})
}

// fails is the attempt under way being refused.
func (r *rig) fails(ms int64) { r.closed(ms, ReasonRefused) }

// reply answers the oldest request that was written.
func (r *rig) reply(ms int64, op Op, e ErrCode) {
	p := Packet{Op: op, Req: op, Reply: true, Err: e, Session: r.c.Session(), Zxid: 1}
	if op == OpExists && e == ErrOK {
		p.Found = &Found{Created: 1}
	}
	r.packet(ms, p)
}

func TestVector17_LC5(t *testing.T) {
	for _, tc := range []struct {
		n    int
		want []NodeID
	}{
		// Each once, and then as the vector has it.
		{1, []NodeID{0, 0, 0}},
		{2, []NodeID{0, 1, 0, 0, 0, 0}}, // ZOOKEEPER-2466: the second is never tried again
		{3, []NodeID{0, 1, 2, 0, 2, 1, 0, 2, 1, 0}},
		{4, []NodeID{0, 1, 2, 3, 0, 2, 0, 2, 0}},
		{5, []NodeID{0, 1, 2, 3, 4, 0, 2, 4, 1, 3, 0}},
	} {
		r := newLibraryRig(t, "c", "3.9.5", 6000, tc.n)
		for at := int64(0); len(r.wire) < 40; at += 500 { // every attempt is refused when it is made
			r.before(at)
			if r.c.(*CClient).socket != socketNone {
				r.fails(at)
			}
		}
		var got []NodeID
		for _, f := range r.wire {
			if f.what == EffectDial && len(got) < len(tc.want) {
				got = append(got, f.peer)
			}
		}
		same(t, fmt.Sprintf("addresses tried with n=%d", tc.n), got, tc.want...)
	}
}

// The recorded order of attempts after a session on the first address: in each of ten
// recordings of S3 with three addresses the next one, the first, the last.
func TestTheCursorStandsAtTheBeginningAfterTheFirstSession_LC5(t *testing.T) {
	for _, tc := range []struct {
		n    int
		want []NodeID
	}{
		{2, []NodeID{0, 1, 1, 1}}, // the first is never tried again
		{3, []NodeID{0, 1, 0, 2, 1, 0, 2}},
	} {
		r := newLibraryRig(t, "c", "3.9.5", 6000, tc.n)
		r.session(0, 6000)
		for at := int64(10); len(r.wire) < 60; at += 500 {
			r.before(at)
			if r.c.(*CClient).socket != socketNone {
				r.fails(at)
			}
		}
		var got []NodeID
		for _, f := range r.wire {
			if f.what == EffectDial && len(got) < len(tc.want) {
				got = append(got, f.peer)
			}
		}
		same(t, fmt.Sprintf("addresses tried with n=%d", tc.n), got, tc.want...)
	}
}

// With three addresses, all tried once, the cursor runs past the end after the fifth
// failure, so the sixth attempt waits t/60: 100 ms of 6000. With two it never does.
func TestTheWaitAtTheEndOfTheList_LC4(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 6000, 3)
	for at := int64(10); at <= 50; at += 10 {
		r.fails(at)
	}
	r.until(200)
	same(t, "attempts", r.dials(), "0:0", "10:1", "20:2", "30:0", "40:2", "150:1")
	same(t, "waits", r.when(KindSpin), 50)

	r = newLibraryRig(t, "c", "3.9.5", 6000, 2)
	for at := int64(10); at < 60; at += 10 {
		r.fails(at)
	}
	same(t, "attempts with two addresses", r.dials(), "0:0", "10:1", "20:0", "30:0", "40:0", "50:0")
	same(t, "waits", r.when(KindSpin))
}

// A call wakes the I/O thread also from that wait, and the next turn no longer waits.
func TestACallEndsTheWaitAtTheEndOfTheList_LC4(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 6000, 3)
	for at := int64(10); at <= 50; at += 10 {
		r.fails(at)
	}
	r.command(70, CommandRead)
	same(t, "attempts", r.dials(), "0:0", "10:1", "20:2", "30:0", "40:2", "70:1")
}

// t = T = 10000: pings every 3333 of not sending; the last answer at 6671 and then
// silence: 6671 + 6666 = 13337. No separate sleep, no random wait: the next attempt
// begins in the same instant.
func TestTimersOfTheCClient_LC1(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.pongs(5, 6671)
	r.until(14000)
	same(t, "pings", r.sent(OpPing), 3333, 6666, 9999, 13332)
	same(t, "told", r.told(), "0 CONNECTED", "13337 CONNECTING")
	same(t, "attempts", r.dials(), "0:0", "13337:1")
}

// Each attempt has t*2/3 for TCP and handshake together: 6666, whenever TCP came up.
func TestAnAttemptHasOneLimitForBoth_LC1(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.connected(5000)
	r.until(7000)
	same(t, "attempts", r.dials(), "0:0", "6666:1")
}

// With a request outstanding no ping goes out, and the next look is t/3 later; the
// answer is a turn of its own, which pings if nothing was sent for t/3.
func TestNoPingWithARequestOutstanding_LC2(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 9000, 3)
	r.session(0, 9000)
	r.command(1000, CommandRead)
	r.watchEvent(4500) // so that the read timeout stays away
	r.until(6000)
	same(t, "pings while it is outstanding", r.sent(OpPing))
	r.reply(6100, OpGetData, ErrOK)
	same(t, "pings after the answer", r.sent(OpPing), 6100)
}

// Vector 16, C part (G-1): paused at idleRecv = 100 for 7000 with a ping reply
// waiting, the client reads it before it looks at its timers. R = 6666 < 7100.
func TestVector16_AWaitingAnswerSavesTheCClient_LC3(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.before(3334) // the ping of 3333 is out
	r.pong(3338)
	r.watchEvent(3400)                                                                                                       // heard last
	r.stepAt(clock.ReadingOfMillis(10500), Input{Kind: InputPacket, Conn: r.conn, Packet: &Packet{Op: OpPing, Reply: true}}) // wakes
	r.stepAt(clock.ReadingOfMillis(10500), Input{Kind: InputWake})
	same(t, "told", r.told(), "0 CONNECTED")
	same(t, "it pings at once", r.sent(OpPing), 3333, 10500)

	r = newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.before(3334)
	r.watchEvent(3400)
	r.stepAt(clock.ReadingOfMillis(10500), Input{Kind: InputWake}) // nothing waits
	same(t, "told without an answer", r.told(), "0 CONNECTED", "10500 CONNECTING")
}

// The event, then the calls; OPERATIONTIMEOUT on silence, CONNECTIONLOSS otherwise.
func TestWhatALostConnectionMeans_LC4(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(100, CommandRead)
	r.until(7000)
	same(t, "silence", r.story(KindTold, KindCallLost), "0 CONNECTED", "6666 CONNECTING", "6666 getData OperationTimeout")

	r = newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(100, CommandWrite)
	r.closed(200, ReasonEOF)
	same(t, "end of stream", r.story(KindTold, KindCallLost), "0 CONNECTED", "200 CONNECTING", "200 setData ConnectionLoss")
	same(t, "attempts", r.dials(), "0:0", "200:1")
	same(t, "states", r.story(KindState), "0 CONNECTING", "0 ASSOCIATING", "0 CONNECTED", "200 CLOSED", "200 CONNECTING")
}

// The thread for events becomes free at the instant at which a connection is given up, and
// the application makes a request of the event that has waited for it: the request fails
// with the connection, which is given up once.
func TestARequestMadeAsTheConnectionIsLostFailsWithIt_LC4(t *testing.T) {
	r := newRigOf(t, ClientConfig{Node: 9, Library: libraryOf(t, "c", "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode,
		Outstanding: 1, Callback: 7 * time.Second})
	r.session(0, 10000)
	r.closed(100, ReasonEOF)
	r.session(200, 10000)
	r.packet(5000, Packet{Op: OpPing, Reply: true})
	r.packet(7334, Packet{Op: OpPing, Reply: true}) // 6666 more: until 14000
	r.until(14001)
	if n := len(r.story(KindSilence)); n != 1 {
		t.Errorf("%d silences, want one", n)
	}
	same(t, "told", r.told(), "0 CONNECTED", "7000 CONNECTING", "14000 CONNECTED")
	lost, states := r.story(KindCallLost), r.story(KindState)
	same(t, "lost at the end", lost[len(lost)-1:], "14000 setData OperationTimeout")
	same(t, "states at the end", states[len(states)-2:], "14000 CLOSED", "14000 CONNECTING")
}

// A server that does not know the session answers with another ID, or none: the
// handle is dead. So is one that hands out a new ID instead of refusing (L-C6).
func TestAnotherSessionIsAnExpiry_LC6(t *testing.T) {
	for name, answer := range map[string]Packet{
		"refused":    {Op: OpConnect, Reply: true},
		"look-alike": {Op: OpConnect, Reply: true, Session: makeSessionID(2, 9), Timeout: 10000},
	} {
		r := newLibraryRig(t, "c", "3.9.5", 10000, 3)
		r.session(0, 10000)
		r.closed(200, ReasonReset)
		r.connected(210)
		r.command(211, CommandRead)
		r.packet(212, answer)
		r.until(60000)
		same(t, name, r.story(KindTold, KindCallLost), "0 CONNECTED", "200 CONNECTING", "212 EXPIRED_SESSION", "212 getData SessionExpired")
		same(t, name+": the thread ends", r.when(KindHandleClosed), 212)
		same(t, name+": no more attempts", r.dials(), "0:0", "200:1")
		r.command(60001, CommandRead)
		same(t, name+": a call on a dead handle", r.story(KindCallLost)[1:], "60001 getData SessionExpired")
	}
}

// The Java client looks at the timeout instead, and takes the new session for its own
// (C-25); kazoo too.
func TestALookAlikeServerIsNotNoticedByOthers_LC6(t *testing.T) {
	for _, tc := range []struct{ name, version string }{{"java", "3.9.5"}, {"kazoo", "2.11.0"}} {
		r := newLibraryRig(t, tc.name, tc.version, 10000, 3)
		r.session(0, 10000)
		r.closed(200, ReasonReset)
		r.before(1500)
		r.connected(1500)
		r.packet(1501, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(2, 9), Timeout: 10000})
		if got := r.c.Session(); got != makeSessionID(2, 9) {
			t.Errorf("%s: session %#x", tc.name, got)
		}
	}
}

// N-5: C and Go ask for what they were granted last, kazoo and Java for what the
// application wants.
func TestTheRatchet_N5(t *testing.T) {
	for _, tc := range []struct {
		name, version string
		want          int32
	}{{"c", "3.9.5", 4000}, {"go", "1.0.4", 4000}, {"kazoo", "2.8.0", 30000}, {"kazoo", "2.11.0", 30000}, {"java", "3.8.0", 30000}} {
		r := newLibraryRig(t, tc.name, tc.version, 30000, 3)
		r.session(0, 4000)
		r.closed(100, ReasonReset)
		r.before(1500)
		r.connected(1500)
		asked := r.wire[len(r.wire)-1].p
		if asked.Op != OpConnect || asked.Timeout != tc.want {
			t.Errorf("%s: %s with %d ms, want a connect with %d", tc.name, asked.Op, asked.Timeout, tc.want)
		}
	}
}

// No library but Java's gives a session up by itself: cut off for an hour, it hears
// nothing but the loss.
func TestNoClientSideExpiry_LC7_LG9_LK8(t *testing.T) {
	for _, tc := range []struct{ name, version, want string }{
		{"c", "3.9.5", "CONNECTED CONNECTING"},
		{"go", "1.0.4", "HasSession Disconnected"},
		{"kazoo", "2.8.0", "CONNECTED SUSPENDED"},
		{"kazoo", "2.11.0", "CONNECTED SUSPENDED"},
	} {
		r := newLibraryRig(t, tc.name, tc.version, 10000, 3)
		r.session(0, 10000)
		r.until(int64(time.Hour / time.Millisecond))
		got := ""
		for _, m := range r.marks {
			if m.note.Kind == KindTold && r.c.Session() != 0 && libraryOf(t, tc.name, tc.version).Meaning(m.note.Text) != MeansProgress {
				got += " " + m.note.Text
			}
		}
		if got != " "+tc.want {
			t.Errorf("%s %s: told%s, want %s", tc.name, tc.version, got, tc.want)
		}
		if n := len(r.dials()); n < 20 {
			t.Errorf("%s %s: %d attempts in an hour", tc.name, tc.version, n)
		}
	}
}

// zookeeper_close fails what is outstanding, asks the server to end the session and
// gives it 1500 ms to say anything; it tells no event.
func TestClosingTheCClient(t *testing.T) {
	r := newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(100, CommandRead)
	r.command(200, CommandClose)
	same(t, "calls", r.story(KindCallLost), "200 getData Closing")
	same(t, "asked", r.sent(OpClose), 200)
	r.reply(210, OpClose, ErrOK)
	same(t, "ended", r.when(KindHandleClosed), 210)
	same(t, "told", r.told(), "0 CONNECTED")

	r = newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(200, CommandClose)
	r.until(5000)
	same(t, "without an answer", r.when(KindHandleClosed), 1700)

	r = newLibraryRig(t, "c", "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.closed(150, ReasonReset)
	r.command(200, CommandClose)
	same(t, "without a connection", r.when(KindHandleClosed), 200)
	same(t, "asked", r.sent(OpClose))
}

// K-2: of what a library counts nothing follows the host's wall clock, Curator's apart
// (K-3): set by an hour in the middle of a silence, it changes no instant.
func TestTimersFollowTheMonotonicClock_K2(t *testing.T) {
	for _, name := range []string{"java", "c", "go", "kazoo"} {
		var stories [2][]string
		for i, by := range []time.Duration{0, -time.Hour} {
			r := newLibraryRig(t, name, libraryOf(t, name, "").Read, 10000, 3)
			r.session(0, 10000)
			r.before(5000)
			r.step(5000, Input{Kind: InputWallStep, By: by})
			r.until(40000)
			stories[i] = r.story(KindTold, KindAttempt, KindSilence, KindPing)
		}
		if len(stories[0]) < 5 {
			t.Errorf("%s: a story of %v", name, stories[0])
		}
		same(t, name, stories[1], stories[0]...)
	}
}
