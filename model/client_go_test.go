package model

import (
	"testing"
	"time"

	"zksim/clock"
)

func TestTimersOfTheGoClient_LG1(t *testing.T) {
	for _, tc := range []struct {
		timeout    int32
		recv, ping time.Duration
	}{
		{10000, 6666666666, 3333333333}, // nanoseconds: 10 s * 2/3, and half of it
		{4000, 2666666666, 1333333333},
		{30000, 20 * time.Second, 10 * time.Second},
	} {
		c := NewGoClient(ClientConfig{Library: libraryOf(t, "go", ""), Timeout: tc.timeout}, &fixedEnv{})
		if c.recvTimeout() != tc.recv || c.pingInterval() != tc.ping {
			t.Errorf("T=%d: %v and %v, want %v and %v", tc.timeout, c.recvTimeout(), c.pingInterval(), tc.recv, tc.ping)
		}
	}
}

// The ticker runs from the handshake on, whatever else is sent; the read deadline
// runs from the last packet, and Disconnected comes at once.
func TestPingsComeFromATicker_LG2_LG3(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 30000, 3)
	r.session(5, 30000) // p = 10 s, recvTimeout = 20 s
	r.command(8000, CommandRead)
	r.reply(8010, OpGetData, ErrOK)
	r.pong(10010)
	r.watchEvent(15000)
	r.until(35500)
	same(t, "pings", r.sent(OpPing), 10005, 20005, 30005)
	same(t, "silence", r.when(KindSilence), 35000)
	same(t, "told", r.told(), "0 Connecting", "0 Connected", "5 HasSession", "35000 Disconnected", "35000 Connecting")
}

// Two ticks that nobody took are one ping, and the ticker keeps its phase: paused
// from 12 s to 28 s, it pings on waking and at 30.005.
func TestATickerDropsWhatNobodyTakes_LG2(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 30000, 3)
	r.session(5, 30000)
	r.pong(10010)
	r.watchEvent(12000)
	r.stepAt(clock.ReadingOfMillis(31000), Input{Kind: InputWake})
	r.pong(31010)
	r.until(40005)
	same(t, "pings", r.sent(OpPing), 10005, 31000, 40005)
}

// A stopped process looks at its timers before its sockets: a waiting answer does not
// save it (recorded, U-3).
func TestAWaitingAnswerDoesNotSaveTheGoClient_LG3(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 30000, 3)
	r.session(5, 30000)
	r.watchEvent(100)
	r.before(10006) // the ping is out; the next is due at 20005, patience ends at 20100
	r.stepAt(clock.ReadingOfMillis(25000), Input{Kind: InputPacket, Conn: r.conn, Packet: &Packet{Op: OpPing, Reply: true}})
	same(t, "told", r.told()[2:], "5 HasSession", "25000 Disconnected", "25000 Connecting")
	same(t, "pings, the last one too late", r.sent(OpPing), 10005, 25000)
}

// One second for TCP; then, for the first four bytes of the answer, ten times
// recvTimeout: 66.666 s of T = 10 s, counted from TCP.
func TestLimitsOfAnAttempt_LG4(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 10000, 3)
	r.until(500)
	same(t, "first", r.dials(), "0:0")
	r.connected(900)
	r.until(70000)
	same(t, "attempts", r.dials()[:3], "0:0", "67566:1", "68566:2")
	same(t, "told", r.told()[:5], "0 Connecting", "900 Connected", "67566 Disconnected", "67566 Connecting", "68566 Connecting")
}

// Round-robin without any random wait; a second when the cursor is back at the last
// success, and before it what waits to be sent fails.
func TestTheListComesRound_LG5(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 10000, 3)
	r.fails(1) // address 0 is where the list begins: the mark before any success
	r.connected(5)
	r.accept(10, 10000) // at address 1
	r.closed(2000, ReasonEOF)
	r.command(2001, CommandRead)
	r.fails(2002)
	r.fails(2003)
	r.until(3100)
	same(t, "attempts", r.dials(), "0:0", "1:1", "2000:2", "2002:0", "3003:1")
	same(t, "calls", r.story(KindCallLost), "2003 getData NoServer")
	same(t, "waits", r.when(KindSpin), 2003)
}

func TestRequestsFailAfterTheEvent_LG6(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 10000, 3)
	r.session(5, 10000)
	r.command(100, CommandRead)
	r.closed(200, ReasonReset)
	same(t, "story", r.story(KindTold, KindCallLost)[3:], "200 Disconnected", "200 getData ConnectionClosed", "200 Connecting")
	same(t, "states", r.story(KindState), "0 Connecting", "0 Connected", "5 HasSession", "200 Disconnected", "200 Connecting")
}

// Expired, Disconnected, and then another session by itself; what was queued
// meanwhile is sent in it and answered, and its caller never hears of the expiry.
func TestAnExpiredGoClientGoesOn_LG7_LG10(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 10000, 3)
	r.session(5, 10000)
	r.closed(1000, ReasonReset)
	r.command(1001, CommandWrite)
	r.connected(1010)
	r.refuse(1020)
	r.connected(1030)
	asked := r.wire[len(r.wire)-1].p
	if asked.Op != OpConnect || asked.Session != 0 || asked.Password != 0 || asked.Zxid != 0 {
		t.Errorf("asked with %+v, want a new session", asked)
	}
	r.packet(1040, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(3, 1), Timeout: 10000})
	r.reply(1050, OpSetData, ErrOK)
	same(t, "told", r.told()[3:], "1000 Disconnected", "1000 Connecting", "1010 Connected", "1020 Expired", "1020 Disconnected", "1020 Connecting", "1030 Connected", "1040 HasSession")
	same(t, "calls lost", r.story(KindCallLost))
	same(t, "written", r.sent(OpSetData), 1040)
	same(t, "answered", r.story(KindReply), "1050 setData OK")
	for _, m := range r.marks {
		if m.note.Kind == KindTold && m.note.Text == GoExpired && m.note.Session != makeSessionID(1, 7) {
			t.Errorf("Expired is told of session %#x, want the one that ended", m.note.Session)
		}
	}
}

// The channel of events holds six. An application that takes 2 s for each event is
// at the first one (Connecting) when seven more come within 60 ms: six are kept, and
// the seventh, Expired, is dropped, so that it never learns.
func TestASlowApplicationMissesEvents_LG8(t *testing.T) {
	r := newRigOf(t, ClientConfig{Node: 9, Library: libraryOf(t, "go", "1.0.4"), Timeout: 10000, Servers: servers(3), First: NoNode, Callback: 2 * time.Second})
	r.connected(1)
	r.accept(2, 10000)
	r.closed(3, ReasonReset) // Disconnected, Connecting
	r.connected(4)
	r.closed(5, ReasonReset) // Disconnected: the sixth; and Connecting
	r.before(30000)
	same(t, "dropped", r.story(KindEventDropped)[:1], "5 Connecting")
	same(t, "told", r.told()[:7], "0 Connecting", "2000 Connected", "4000 HasSession", "6000 Disconnected", "8000 Connecting", "10000 Connected", "12000 Disconnected")
}

// Close asks on the connection there is, or on the next one; a loop that sleeps ends
// at once. The channel of events is closed, which is no event.
func TestClosingTheGoClient(t *testing.T) {
	r := newLibraryRig(t, "go", "1.0.4", 10000, 3)
	r.session(5, 10000)
	r.command(100, CommandClose)
	r.reply(110, OpClose, ErrOK)
	same(t, "told", r.told()[3:], "110 Disconnected")
	same(t, "ended", r.when(KindHandleClosed), 110)

	r = newLibraryRig(t, "go", "1.0.4", 10000, 3)
	r.session(5, 10000)
	r.closed(100, ReasonReset)
	r.command(150, CommandClose)
	r.connected(200)
	r.accept(210, 10000)
	r.reply(220, OpClose, ErrOK)
	same(t, "asked on the next connection", r.sent(OpClose), 210)
	same(t, "ended", r.when(KindHandleClosed), 220)

	r = newLibraryRig(t, "go", "1.0.4", 10000, 1)
	r.session(5, 10000)
	r.closed(100, ReasonReset) // one address: the list has come round
	r.command(150, CommandClose)
	same(t, "asleep", r.when(KindHandleClosed), 150)
	same(t, "told", r.told()[3:], "100 Disconnected", "100 Connecting", "150 Disconnected")
}
