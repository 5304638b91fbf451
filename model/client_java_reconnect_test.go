package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestVector12_C16(t *testing.T) {
	var h hostProvider
	h.shuffle(servers(3), NoNode, &fixedEnv{}, 0)
	for _, want := range []NodeID{0, 1} { // never a sleep before the very first attempt
		if got, spin := h.next(); got != want || spin {
			t.Fatalf("next = %d, sleep %v, want %d at once", got, spin, want)
		}
	}
	h.connected() // last success 1
	var tries []string
	for range 6 {
		server, spin := h.next()
		if spin {
			tries = append(tries, "sleep")
		}
		tries = append(tries, fmt.Sprint(server))
	}
	same(t, "tries", tries, "2", "0", "sleep", "1", "2", "0", "sleep", "1")
}

func TestBeforeAnySuccessTheRoundEndsAtTheFirstAddress(t *testing.T) { // C-16
	var h hostProvider
	h.shuffle(servers(2), NoNode, &fixedEnv{}, 0)
	var tries []string
	for range 4 {
		server, spin := h.next()
		tries = append(tries, fmt.Sprint(server, spin))
	}
	same(t, "tries", tries, "0 false", "1 false", "0 true", "1 false")
}

func TestTheListIsShuffledOnceAndAttachComesFirst(t *testing.T) { // C-16
	env := &countingEnv{}
	var h hostProvider
	h.shuffle(servers(5), 3, env, 0)
	asked := env.n
	var order []NodeID
	for range 5 {
		s, _ := h.next()
		order = append(order, s)
	}
	if order[0] != 3 {
		t.Errorf("first address %d, want 3", order[0])
	}
	slices.Sort(order)
	same(t, "addresses", order, servers(5)...)
	if env.n != asked {
		t.Error("next drew random numbers")
	}
}

type countingEnv struct {
	fixedEnv
	n int
}

func (e *countingEnv) Draw(p Purpose, n uint64) uint64 {
	e.n++
	return uint64(e.n) * 0x9E3779B97F4A7C15
}

// TestOneNameIsResolvedForEveryAttempt: every pick is from all of the servers, also right
// after one has failed, and the list is one entry long (C-36).
func TestOneNameIsResolvedForEveryAttempt(t *testing.T) {
	env := &luckyEnv{random: rand.New(rand.NewPCG(1, 2))}
	var h, attached hostProvider
	h.resolve(servers(5), NoNode, env, 0)
	if _, spin := h.next(); spin {
		t.Error("slept before the very first attempt (C-16)")
	}
	const picks = 5000
	got, again := map[NodeID]int{}, 0
	last := NoNode
	for range picks {
		s, spin := h.next()
		if !spin {
			t.Fatal("no sleep before an attempt that is not the first: the list of one has come round")
		}
		if got[s]++; s == last {
			again++
		}
		last = s
	}
	for _, s := range servers(5) {
		if n := got[s]; n < picks/5-160 || n > picks/5+160 { // 160 is more than five standard deviations
			t.Errorf("server %d was taken %d times of %d: want a fifth", s, n, picks)
		}
	}
	if again < picks/5-160 || again > picks/5+160 {
		t.Errorf("the same server again in %d of %d: want a fifth", again, picks)
	}
	attached.resolve(servers(5), 3, &fixedEnv{}, 0)
	first, _ := attached.next()
	if second, _ := attached.next(); first != 3 || second != 4 {
		t.Errorf("attached to 3: tries %d, then %d; want 3, then what is drawn, the last", first, second)
	}
}

type luckyEnv struct {
	fixedEnv
	random *rand.Rand
}

func (e *luckyEnv) Draw(Purpose, uint64) uint64 { return e.random.Uint64() }

// TestOneNameHasTheWholeTimeoutForAnAttempt: k = T/n, and n is the number of names (C-36,
// C-1, C-14). Tries are at 0, and after T, 100 ms and 1000 ms; each at the server drawn.
func TestOneNameHasTheWholeTimeoutForAnAttempt(t *testing.T) {
	for _, tc := range []struct {
		name bool
		want []string
	}{{false, []string{"0:0", "2100:1", "4200:2"}}, {true, []string{"0:2", "7100:2"}}} {
		r := newRigOf(t, ClientConfig{Node: 9, Library: library(t, "3.8.0"), Timeout: 6000, Servers: servers(3), First: NoNode, OneName: tc.name})
		r.until(8000)
		same(t, fmt.Sprintf("attempts with one name %v", tc.name), r.dials()[:len(tc.want)], tc.want...)
	}
}

func TestEveryReconnectToTheOnlyServerSleepsASecond(t *testing.T) { // C-16, C-17, C-15
	r := newRig(t, "3.9.5", 10000, 1, 200, 300)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.until(2300) // 100 + 1000 + 200
	r.closed(2301, ReasonRefused)
	r.until(3701)
	same(t, "attempts", r.dials(), "0:0", "2300:0", "3701:0")
}

func TestNoBackoffBeforeTheFirstConnection_C17(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3, 700)
	r.closed(0, ReasonRefused)
	r.until(150)
	r.closed(150, ReasonRefused)
	r.until(260)
	// Three attempts without a back-off: no TCP connection was ever made.
	same(t, "attempts", r.dials(), "0:0", "100:1", "250:2")
	r.connected(260) // now one was
	r.closed(300, ReasonEOF)
	r.until(2200)
	same(t, "attempts", r.dials(), "0:0", "100:1", "250:2", fmt.Sprintf("%d:0", 300+100+1000+700)) // the round is over: a spin
}

func TestDisconnectedIsNotSaidBeforeTheFirstConnection(t *testing.T) { // C-13
	// EventThread.sessionState of ClientCnxn.java starts as Disconnected.
	r := newRig(t, "3.9.5", 10000, 3)
	r.closed(0, ReasonRefused)
	r.until(1000)
	same(t, "events", r.told())
	r.connected(1000)
	r.accept(1000, 10000)
	r.closed(2000, ReasonEOF)
	r.until(2100)
	r.closed(2150, ReasonRefused) // a second loss says nothing new
	r.until(2400)
	same(t, "events", r.told(), "1000 SyncConnected", "2100 Disconnected")
}

func TestASilentServerCostsTheConnectTimeout(t *testing.T) { // C-14, C-6, C-3
	// From the attempt, k for TCP; from TCP, k again for the handshake.
	for _, version := range []string{"3.8.0", "3.9.5"} {
		r := newRig(t, version, 9000, 3) // k = 3000
		r.until(3000)
		same(t, version+": TCP never up", r.when(KindAttemptFailed), 3000)
		r = newRig(t, version, 9000, 3)
		r.connected(2500)
		r.until(5499)
		same(t, version+": gave up early", r.when(KindAttemptFailed))
		r.until(5500)
		same(t, version+": handshake never answered", r.when(KindAttemptFailed), 5500)
	}
}

func TestAnAttemptHasItsFullTimeAfterABackoff(t *testing.T) { // C-3, C-4, C-6, C-17
	// Up to 3.9.2 the limit counts from lastHeard, which the attempt renews.
	for _, version := range []string{"3.8.0", "3.9.5"} {
		r := newRig(t, version, 10000, 3, 999)
		r.session(0, 10000)
		r.until(12000)
		same(t, version+" attempts", r.dials()[:2], "0:0", "7765:1")
		same(t, version+" gave up", r.when(KindAttemptFailed), 7765+3333)
	}
}

func TestResumingSaysDisconnectedAndConnectedAlone_C26(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.until(1105)
	r.connected(1110)
	r.accept(1120, 10000)
	r.until(4000)
	same(t, "events", r.told(), "0 SyncConnected", "1100 Disconnected", "1120 SyncConnected")
}

func TestAnotherIDInTheAnswerIsNotNoticed_C25(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3)
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.until(1105)
	r.connected(1110)
	other := makeSessionID(3, 42)
	r.packet(1120, Packet{Op: OpConnect, Reply: true, Session: other, Password: 8, Timeout: 8000})
	if r.c.Session() != other || r.java().timers.Read != 5333 {
		t.Errorf("session %x, R %d, want the ID and the timeout of the answer", r.c.Session(), r.java().timers.Read)
	}
	same(t, "events", r.told(), "0 SyncConnected", "1100 Disconnected", "1120 SyncConnected")
}

// expiryOf plays a client whose servers fall silent at 0 and returns when it
// decided that its session is over, and what it said.
func expiryOf(t *testing.T, version string, until int64, backoffs ...uint64) ([]int64, []string) {
	r := newRig(t, version, 10000, 3, backoffs...)
	r.session(0, 10000)
	r.until(until)
	return r.when(KindLocalExpiry), r.told()
}

func TestVector10_C20_C22(t *testing.T) {
	for _, backoffs := range [][]uint64{{0}, {999}, {417}, {0, 999, 0}, {999, 0, 500}, {123, 456, 789}} {
		at, told := expiryOf(t, "3.9.5", 60000, backoffs...)
		if len(at) != 1 || at[0] < 13333 || at[0] >= 16666 {
			t.Errorf("back-offs %v: detected at %v, want once in [13333, 16666)", backoffs, at)
			continue
		}
		same(t, "events", told, "0 SyncConnected", "6766 Disconnected", fmt.Sprintf("%d Expired", at[0]+200))
		at, told = expiryOf(t, "3.9.2", 600_000, backoffs...)
		same(t, "3.9.2 detected", at)
		same(t, "3.9.2 events", told, "0 SyncConnected", "6766 Disconnected") // C-21: never
	}
}

func TestVector11_C23(t *testing.T) {
	r := newRig(t, "3.9.5", 10000, 3, 999) // the longest rounds
	r.session(0, 10000)
	for r.c.Wake().Millis() < 600_000 {
		before := len(r.dials())
		r.until(r.c.Wake().Millis())
		if d := r.dials(); len(d) > before && strings.HasSuffix(d[before], ":1") {
			at := r.java().now // server 1 takes the connection and closes it
			r.connected(at + 2)
			r.closed(at+4, ReasonEOF)
		}
	}
	same(t, "local expiry", r.when(KindLocalExpiry))
	same(t, "events", r.told(), "0 SyncConnected", "6766 Disconnected")
}

func TestThePlaceOfTheExpiryTestIsTheTurn_C7_G2(t *testing.T) {
	// Silence ends with end-of-stream at 12500, inside X - 1.1 s to X: Disconnected,
	// back-off, an attempt at 13600, and local expiry in that very turn, although
	// the server would answer.
	r := newRig(t, "3.9.5", 10000, 3, 999)
	r.session(0, 10000)
	r.step(12500, Input{Kind: InputClosed, Conn: r.conn, Reason: ReasonEOF})
	r.until(20000)
	same(t, "events", r.told(), "0 SyncConnected", "12600 Disconnected", "13799 Expired")
	same(t, "attempts", r.dials(), "0:0", "13599:1")
	same(t, "detected", r.when(KindLocalExpiry), 13599) // lastHeard 0, X 13333
}

func TestUnbornSessionsExpireIn393Alone_C21(t *testing.T) {
	for _, tc := range []struct {
		version string
		expires bool
	}{{"3.9.2", false}, {"3.9.3", true}, {"3.9.4", false}, {"3.9.5", false}} {
		r := newRig(t, tc.version, 10000, 3)
		r.until(60000) // nobody ever answers
		if got := len(r.when(KindLocalExpiry)) > 0; got != tc.expires {
			t.Errorf("%s: local expiry without a session: %v, want %v", tc.version, got, tc.expires)
		}
	}
}

func TestTheClusterIsNotToldOfALocalExpiry(t *testing.T) { // C-24, C-20
	r := newRig(t, "3.9.5", 10000, 1)
	r.session(0, 10000)
	r.until(60000)
	if len(r.when(KindLocalExpiry)) != 1 {
		t.Fatal("no local expiry")
	}
	same(t, "closeSession sent", r.sent(OpClose))
	same(t, "pings after it", r.sent(OpPing), 3333)
	r.command(61000, CommandWrite)
	same(t, "a call on the dead handle", r.story(KindCallLost), "61000 setData SessionExpired")
}

func TestPauses_G1(t *testing.T) {
	ping := Packet{Op: OpPing, Reply: true}
	for _, tc := range []struct {
		name   string
		length int64 // the client sleeps from 3333+100 on: idleRecv is 100
		want   []string
	}{
		{"vector 16: 7000 with a reply waiting", 7000, []string{"10533 Disconnected"}},
		{"vector 16: 14000", 14000, []string{"17633 Expired"}},
		{"short enough", 6000, nil},
	} {
		r := newRig(t, "3.9.5", 10000, 3, 999)
		r.session(0, 10000)
		r.until(3333)
		r.pong(3333)
		wake := 3333 + 100 + tc.length
		r.step(wake, Input{Kind: InputPacket, Conn: r.conn, Packet: &ping})
		r.until(wake + 200)
		same(t, tc.name, r.told()[1:], tc.want...)
		if tc.want == nil && !slices.Contains(r.sent(OpPing), wake) { // idleSend >= p
			t.Errorf("%s: no ping on waking at %d: %v", tc.name, wake, r.sent(OpPing))
		}
	}
}

func TestApplicationActsBeforeItHears_G3(t *testing.T) {
	// Between waking and the event, the client still believes to be connected, and
	// takes requests.
	r := newRig(t, "3.9.2", 10000, 3, 500)
	r.session(0, 10000)
	r.until(3333)
	r.step(20000, Input{Kind: InputClosed, Conn: r.conn, Reason: ReasonEOF})
	if r.java().state != StateConnected {
		t.Errorf("state %s on waking, want CONNECTED", r.java().state)
	}
	same(t, "events by then", r.told(), "0 SyncConnected")
	r.until(20100)
	same(t, "events 100 ms later", r.told(), "0 SyncConnected", "20100 Disconnected")
}
