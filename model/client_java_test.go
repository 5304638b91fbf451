package model

import (
	"fmt"
	"testing"
	"time"
)

func TestVector5_C1(t *testing.T) {
	for _, tc := range []struct {
		timeout int32
		n       int
		want    JavaTimers
	}{
		{10000, 3, JavaTimers{Read: 6666, Ping: 3333, Connect: 3333, Expire: 13333}},
		{4000, 1, JavaTimers{Read: 2666, Ping: 1333, Connect: 4000, Expire: 5333}},
		{40000, 1, JavaTimers{Read: 26666, Ping: 13333, Connect: 40000, Expire: 53333}},
	} {
		if got := NewJavaTimers(tc.timeout, tc.n); got != tc.want {
			t.Errorf("T=%d, n=%d: %+v, want %+v", tc.timeout, tc.n, got, tc.want)
		}
	}
}

func TestVector6_C9a(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(5, 10000)
	r.pongs(5, 14000)
	same(t, "pings", r.sent(OpPing), 3333, 6666, 9999, 13332)
}

func TestVector7_C9b(t *testing.T) {
	for _, tc := range []struct {
		rtt  int64
		want []int64
	}{
		{1500, []int64{2333, 4666, 6999}},
		{3000, []int64{3000, 6000, 9000}},
	} {
		r := newRig(t, "3.9.5", 10000, 3)
		r.session(tc.rtt, 10000) // the answer to what was sent at 0
		r.pongs(tc.rtt, tc.want[2])
		same(t, fmt.Sprintf("pings at r=%d", tc.rtt), r.sent(OpPing), tc.want...)
	}
	for _, tc := range []struct{ event, want int64 }{{1500, 2333}, {2500, 2500}, {900, 3333}} {
		r := newRig(t, "3.9.5", 10000, 3)
		r.session(0, 10000)
		r.watchEvent(tc.event)
		r.until(3400)
		same(t, fmt.Sprintf("ping after a watch event at %d", tc.event), r.sent(OpPing), tc.want)
	}
}

func TestVector8_C9c(t *testing.T) {
	r := newRig(t, "3.9.5", 90000, 3)
	r.session(0, 90000)
	r.pongs(5, 61000)
	same(t, "idle", r.sent(OpPing), 30000, 60000)
	for _, tc := range []struct{ wake, want int64 }{{10001, 10001}, {5000, 29000}} {
		r := newRig(t, "3.9.5", 90000, 3)
		r.session(0, 90000)
		r.watchEvent(tc.wake)
		r.until(29500)
		same(t, fmt.Sprintf("ping after waking at %d", tc.wake), r.sent(OpPing), tc.want)
	}
}

// TestAPingNamesTheRuleThatSentIt follows vectors 6 to 8: the period is over, the loop
// is awake anyway at p - 1000 or later, or it is after ten seconds.
func TestAPingNamesTheRuleThatSentIt_C9a_C9b_C9c(t *testing.T) {
	for _, tc := range []struct {
		timeout int32
		wake    int64
		want    string
	}{
		{10000, 900, "C-9a"}, // p = 3333
		{10000, 2333, "C-9b"},
		{10000, 3332, "C-9b"},
		{90000, 5000, "C-9b"}, // p = 30000: the ping at 29000
		{90000, 10001, "C-9c"},
		{90000, 28999, "C-9c"},
	} {
		r := newRig(t, "3.9.5", tc.timeout, 3)
		r.session(0, tc.timeout)
		r.watchEvent(tc.wake)
		r.until(29500)
		for _, m := range r.marks {
			if m.note.Kind == KindPing {
				if m.note.Rule != tc.want {
					t.Errorf("T=%d, awake at %d: ping at %d by %s, want %s", tc.timeout, tc.wake, m.at, m.note.Rule, tc.want)
				}
				break
			}
		}
	}
}

func TestRequestsStandInForPings(t *testing.T) { // C-3, C-9d
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	for at := int64(2000); at <= 20000; at += 2000 { // more often than every p-1000 = 2333
		r.command(at, CommandRead)
		r.packet(at+5, Packet{Op: OpGetData, Req: OpGetData, Reply: true, Zxid: 1})
	}
	same(t, "pings", r.sent(OpPing))
	if got := len(r.sent(OpGetData)); got != 10 {
		t.Errorf("%d reads went out, want 10", got)
	}
	r.until(24000)
	same(t, "ping p after the last request", r.sent(OpPing), 20000+3333)
}

func TestUnansweredPingsDoNotMatterBeforeTheReadTimeout(t *testing.T) { // C-9e, C-2
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.watchEvent(3000) // heard, so R ends at 9666; pings at 3000 and 6333 stay unanswered
	r.until(9665)
	same(t, "pings", r.sent(OpPing), 3000, 6333)
	same(t, "gave up early", r.when(KindSilence))
	r.until(9666)
	same(t, "gave up", r.when(KindSilence), 9666)
}

func TestVector9_C12_C13(t *testing.T) {
	for _, tc := range []struct {
		n       int
		backoff uint64
		dial    int64
	}{{3, 0, 6766}, {3, 417, 6766 + 417}, {3, 999, 6766 + 999}, {1, 417, 6766 + 1000 + 417}} {
		r := newRig(t, "3.9.5", 10000, tc.n, tc.backoff)
		r.session(0, 10000)
		r.command(0, CommandRead) // stays unanswered
		r.until(9000)
		same(t, "detected", r.when(KindSilence), 6666)
		same(t, "calls fail, then Disconnected", r.story(KindCallLost, KindTold),
			"0 SyncConnected", "6766 getData ConnectionLoss", "6766 Disconnected")
		same(t, "attempts", r.dials(), "0:0", fmt.Sprintf("%d:%d", tc.dial, 1%tc.n))
	}
}

func TestStateLagsBehindTheEvent(t *testing.T) { // C-18, C-32
	r := newRig(t, "3.9.5", 10000, 3, 500)
	r.session(0, 10000)
	r.until(8000)
	same(t, "states and events", r.story(KindState, KindTold),
		"0 CONNECTING", "0 CONNECTED", "0 SyncConnected", "6766 Disconnected", "7266 CONNECTING")
}

func TestEverythingHeardRenewsPatience(t *testing.T) { // C-4
	for _, tc := range []struct {
		what string
		p    Packet
	}{
		{"ping reply", Packet{Op: OpPing, Reply: true}},
		{"response", Packet{Op: OpGetData, Req: OpGetData, Reply: true, Zxid: 3}},
		{"watch event", Packet{Op: OpNotify, Reply: true, Event: WatchCreated}},
	} {
		r := newRig(t, "3.9.5", 10000, 3)
		r.session(0, 10000)
		r.packet(5000, tc.p)
		r.until(12000)
		same(t, "silence after a "+tc.what, r.when(KindSilence), 5000+6666)
	}
}

func TestTheTimersAreLookedAtBeforeTheBodyIsRead(t *testing.T) { // C-11, C-8
	// The client sleeps through 6666, because the process is stopped; a ping reply
	// waits in the socket.
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.until(3333)
	r.step(7000, Input{Kind: InputPacket, Conn: r.conn, Packet: &Packet{Op: OpPing, Reply: true}})
	same(t, "gave up", r.when(KindSilence), 7000)
	same(t, "read", r.when(KindPingReply))
}

// TestTheTimersAreLookedAtBeforeEndOfStreamIsRead (C-7, C-8, G-2): the client
// sleeps through its limit because the process is stopped, and meanwhile the
// server has closed the connection. Recorded: 28 of 28 such wakings of 3.8.0 log a
// silence and no closed connection, 5 of 5 of 3.9.6 an expiry of their own.
func TestTheTimersAreLookedAtBeforeEndOfStreamIsRead(t *testing.T) {
	for _, tc := range []struct {
		version string
		wake    int64
		kind    Kind
		at      int64
		told    string
	}{
		{"3.8.0", 14000, KindSilence, 14000, "14100 Disconnected"},
		{"3.9.5", 14000, KindLocalExpiry, 14000, "14200 Expired"}, // X = 13333, two teardowns
		{"3.9.5", 13000, KindSilence, 13000, "13100 Disconnected"},
		{"3.9.5", 3300, KindDropped, 3300, "3400 Disconnected"}, // no limit passed: end of stream as such
	} {
		r := newRig(t, tc.version, 10000, 3, 999)
		r.session(0, 10000)
		r.step(tc.wake, Input{Kind: InputClosed, Conn: r.conn, Reason: ReasonEOF})
		r.until(tc.wake + 500)
		same(t, tc.version+" ends the connection", r.when(tc.kind), tc.at)
		same(t, tc.version+" tells", r.told()[1:], tc.told)
	}
}

func TestAPingIsDueBeforeTheBodyIsRead(t *testing.T) { // C-5, C-9, C-11
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.step(4000, Input{Kind: InputPacket, Conn: r.conn, Packet: &Packet{Op: OpPing, Reply: true}})
	same(t, "ping", r.sent(OpPing), 4000)
	same(t, "read", r.when(KindPingReply), 4000)
}

func TestTheHandshakeAsksWithWhatTheApplicationWants_N5(t *testing.T) {
	// The server gave 4000; the client goes on asking for 60000, with its session,
	// password and the zxid of its last reply (C-19, C-28).
	r := newRig(t, "3.9.5", 60000, 1)
	r.session(0, 4000)
	r.command(100, CommandRead)
	r.packet(110, Packet{Op: OpGetData, Req: OpGetData, Reply: true, Zxid: 77})
	r.packet(120, Packet{Op: OpPing, Reply: true, Zxid: 88})
	r.packet(130, Packet{Op: OpNotify, Reply: true, Zxid: 99, Event: WatchCreated})
	r.closed(200, ReasonEOF)
	r.until(1300)
	r.connected(1310)
	var asked []Packet
	for _, f := range r.wire {
		if f.what == EffectSend && f.p.Op == OpConnect {
			asked = append(asked, f.p)
		}
	}
	if len(asked) != 2 {
		t.Fatalf("%d ConnectRequests, want 2", len(asked))
	}
	first, second := asked[0], asked[1]
	if first.Timeout != 60000 || first.Session != 0 || first.Zxid != 0 {
		t.Errorf("first request %+v", first)
	}
	if second.Timeout != 60000 || second.Session != makeSessionID(1, 7) || second.Password != 5 || second.Zxid != 77 {
		t.Errorf("second request %+v, want T 60000, the session, password 5 and zxid 77", second)
	}
}

func TestTimersFollowTheNegotiatedTimeout_N6(t *testing.T) {
	r := newRig(t, "3.9.5", 30000, 3)
	r.connected(0)
	if r.java().timers != NewJavaTimers(30000, 3) {
		t.Errorf("before the answer: %+v", r.java().timers)
	}
	r.accept(0, 10000)
	if r.java().timers != NewJavaTimers(10000, 3) {
		t.Errorf("after the answer: %+v", r.java().timers)
	}
	r.until(7000)
	same(t, "silence by the negotiated T (C-6, C-25)", r.when(KindSilence), 6666)
}

func TestRequestsWaitWhileDisconnected_C18_C29(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.command(1101, CommandRead) // after the cleanup of 1100: it waits
	r.until(1105)
	r.connected(1110)
	same(t, "written behind the ConnectRequest", r.sent(OpGetData))
	r.accept(1120, 10000)
	same(t, "written after its answer", r.sent(OpGetData), 1120)
	same(t, "failed", r.when(KindCallLost))
}

func TestOneThatWaitsFailsWithTheNextCleanup(t *testing.T) { // C-18, C-13, C-15
	r := newRig(t, "3.9.5", 10000, 3, 300)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.command(1200, CommandRead)
	r.until(1400) // attempt at 1000+100+300
	r.closed(1401, ReasonRefused)
	r.until(1600)
	same(t, "events", r.story(KindCallLost, KindTold), "0 SyncConnected", "1100 Disconnected", "1501 getData ConnectionLoss")
}

func TestErrorRepliesLeaveTheHandleAlone_C34(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	for i, e := range []ErrCode{ErrSessionExpired, ErrSessionMoved} {
		at := int64(100 * (i + 1))
		r.command(at, CommandWrite)
		r.packet(at+5, Packet{Op: OpSetData, Req: OpSetData, Reply: true, Err: e, Zxid: 5})
	}
	same(t, "replies", r.story(KindReply), "105 setData SessionExpired", "205 setData SessionMoved")
	same(t, "events", r.told(), "0 SyncConnected")
	if r.java().state != StateConnected {
		t.Errorf("state %s, want CONNECTED", r.java().state)
	}
}

func TestACallbackThatBlocksDelaysEventsAndNotPings_C32(t *testing.T) {
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(3), First: NoNode, Callback: 20 * time.Second})
	r.session(0, 10000)
	r.pongs(5, 9000)
	same(t, "pings", r.sent(OpPing), 3333, 6666)
	r.closed(9000, ReasonEOF) // Disconnected is queued at 9100, behind the callback that returns at 20000
	r.until(60000)
	if got := r.told(); len(got) < 2 || got[0] != "0 SyncConnected" || got[1] != "20000 Disconnected" {
		t.Errorf("events %v, want SyncConnected at 0 and Disconnected at 20000", got)
	}
}

func TestWatchesAreSetAgainBehindTheHandshake_C19_C27(t *testing.T) {
	r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.9.5"), Timeout: 10000, Servers: servers(1), First: NoNode, Watches: "/x"})
	r.session(0, 10000)
	same(t, "asked for the watch", r.sent(OpExists), 0)
	r.packet(5, Packet{Op: OpExists, Req: OpExists, Reply: true, Zxid: 41})
	r.closed(100, ReasonEOF)
	r.command(150, CommandRead) // waits, and fails with the cleanup at 200
	r.command(250, CommandRead) // waits through the spin
	r.until(1250)
	r.connected(1260)
	r.accept(1270, 10000)
	var order []string
	for _, f := range r.wire {
		if f.what == EffectSend && f.at >= 1260 {
			order = append(order, f.p.Op.String())
		}
	}
	same(t, "sent on the new connection", order, "connect", "setWatches", "getData")
	for _, f := range r.wire {
		if f.what == EffectSend && f.p.Op == OpSetWatches && (f.p.Zxid != 41 || !f.p.Watch) {
			t.Errorf("setWatches %+v, want zxid 41 and a data watch", f.p)
		}
	}
}

func TestAPingIsQueuedBehindTheRequestThatWokeTheLoop_C9d(t *testing.T) {
	// T = 10 s: at idleSend 2500 a request wakes the loop, and a ping is due (C-9b).
	// Queued behind it, the ping waits with a write for the commit (H-6).
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.command(2500, CommandWrite)
	same(t, "what leaves", r.story(KindRequest, KindPing), "2500 setData", "2500 ")
}
