package model

import (
	"testing"
	"time"

	"zksim/clock"
)

// newCuratorRig makes a Curator client on a version of ZooKeeper's client.
func newCuratorRig(t *testing.T, under string, cfg ClientConfig) *rig {
	t.Helper()
	cfg.Node, cfg.First = 9, NoNode
	cfg.Library, cfg.Under = libraryOf(t, "curator", ""), library(t, under)
	if cfg.Servers == nil {
		cfg.Servers = servers(3)
	}
	return newRigOf(t, cfg)
}

func (r *rig) wallStep(ms int64, by time.Duration) {
	r.before(ms)
	r.step(ms, Input{Kind: InputWallStep, By: by})
}

// Vector 18: T = 30 s, NIO, older client, last packet at 0: R = 20 s, SUSPENDED
// 100 ms later, LOST after T*percent/100 of it.
func TestVector18_LU5(t *testing.T) {
	for _, tc := range []struct {
		percent int
		lost    int64
	}{{0, 50100}, {100, 50100}, {50, 35100}, {33, 30000}, {1, 20400}} {
		r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Percent: tc.percent})
		r.session(0, 30000)
		r.until(60000)
		same(t, "told", r.told(), "0 CONNECTED", "20100 SUSPENDED", r.at(tc.lost, CuratorLost))
		same(t, "injected", r.when(KindInjected), tc.lost)
	}
}

// After a connection closed by the server: T*percent/100 + 100 after the close.
func TestAServerThatHangsUp_LU5(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Percent: 33})
	r.session(0, 30000)
	r.closed(5000, ReasonEOF)
	r.until(30000)
	same(t, "told", r.told(), "0 CONNECTED", "5100 SUSPENDED", "15000 LOST")
}

// Nothing is sent for the old session; a new handle asks for a new one at once, and
// the application hears RECONNECTED and not CONNECTED.
func TestInjectionLeavesTheOldSessionAlone_LU1_LU4(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Percent: 33})
	r.session(0, 30000)
	old := r.c.Session()
	r.before(30000)
	sent := len(r.sent(OpConnect))
	r.until(30000)
	if n := len(r.sent(OpConnect)); n != sent || r.c.Session() != 0 {
		t.Errorf("%d ConnectRequests more and session %#x, want none and no session", n-sent, r.c.Session())
	}
	dials := r.dials()
	if last := dials[len(dials)-1]; last[:6] != "30000:" {
		t.Errorf("the new handle dials at %s", last)
	}
	r.connected(30010)
	if asked := r.wire[len(r.wire)-1].p; asked.Op != OpConnect || asked.Session != 0 {
		t.Errorf("asked with %+v, want a new session", asked)
	}
	r.packet(30020, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(2, 1), Timeout: 30000})
	same(t, "told", r.told()[2:], "30000 LOST", "30020 RECONNECTED")
	for _, m := range r.marks {
		if m.note.Kind == KindTold && m.note.Text == CuratorLost && m.note.Session != old {
			t.Errorf("LOST is told of session %#x, want %#x", m.note.Session, old)
		}
	}
	r.until(40000)
	same(t, "the old handle's thread has ended", r.when(KindHandleClosed), 30100)
}

// Resumed in time, the application hears SUSPENDED, RECONNECTED; and the timer of
// that SUSPENDED is gone.
func TestResumedInTime_LU1_LU2(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Percent: 33})
	r.session(0, 30000)
	r.closed(5000, ReasonEOF)
	r.connected(5105)
	r.accept(5110, 30000)
	r.pongs(5, 40000)
	same(t, "told", r.told(), "0 CONNECTED", "5100 SUSPENDED", "5110 RECONNECTED")
}

// A server's refusal: the handle tells Expired, a new one is made, LOST is told.
func TestRefusedByAServer_LU3(t *testing.T) {
	r := newCuratorRig(t, "3.9.5", ClientConfig{Timeout: 10000})
	r.session(0, 10000)
	r.closed(1000, ReasonEOF)
	r.connected(1105)
	r.refuse(1110)
	r.connected(1120)
	r.packet(1130, Packet{Op: OpConnect, Reply: true, Session: makeSessionID(2, 1), Timeout: 10000})
	same(t, "told", r.told(), "0 CONNECTED", "1100 SUSPENDED", "1110 LOST", "1130 RECONNECTED")
	same(t, "by the handles", r.story(KindHandleTold), "0 SyncConnected", "1100 Disconnected", "1110 Expired", "1130 SyncConnected")
}

// With a client of 3.9.3 or later its own expiry comes first for percent 100 (X + 200
// = 13533 ... against R + 100 + T = 16766), and with one address the injection (k = T
// hides the check: the attempt of 7866 lasts until 17866).
func TestWhoComesFirst_LU6(t *testing.T) {
	r := newCuratorRig(t, "3.9.5", ClientConfig{Timeout: 10000})
	r.session(0, 10000)
	r.until(30000)
	if len(r.when(KindLocalExpiry)) == 0 || len(r.when(KindInjected)) != 0 {
		t.Errorf("several addresses: own expiry at %v, injected at %v, want the former alone", r.when(KindLocalExpiry), r.when(KindInjected))
	}
	r = newCuratorRig(t, "3.9.5", ClientConfig{Timeout: 10000, Servers: servers(1)})
	r.session(0, 10000)
	r.until(30000)
	same(t, "one address: injected", r.when(KindInjected), 16766)
	r = newCuratorRig(t, "3.9.5", ClientConfig{Timeout: 10000, Percent: 33})
	r.session(0, 10000)
	r.until(12000)
	same(t, "percent 33", r.when(KindInjected), 10066)
}

// K-3: the wall clock set back by 4 s while SUSPENDED puts LOST off by 4 s; set
// forward, the wait under way goes on as it was.
func TestTheWallClockMeasures_K3(t *testing.T) {
	for _, tc := range []struct {
		by   time.Duration
		lost int64
	}{{-4 * time.Second, 54100}, {4 * time.Second, 50100}, {0, 50100}} {
		r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000})
		r.session(0, 30000)
		r.wallStep(25000, tc.by)
		r.until(60000)
		same(t, "told", r.told()[2:], r.at(tc.lost, CuratorLost))
	}
	// Set before SUSPENDED begins it changes nothing.
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000})
	r.session(0, 30000)
	r.wallStep(15000, -time.Hour)
	r.until(60000)
	same(t, "told", r.told()[2:], "50100 LOST")
}

// Set forward it takes effect if the wait is computed anew: a listener that takes 2 s
// returns at 22.1 s, and only then does the wait begin.
func TestAForwardStepCountsForAWaitThatBeginsLater_K3(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Callback: 2 * time.Second})
	r.session(0, 30000)
	r.wallStep(21000, 5*time.Second)
	r.until(60000)
	same(t, "told", r.told(), "0 CONNECTED", "20100 SUSPENDED", "45100 LOST")
}

// If the handle's event thread wins the race, the old handle is closed in earnest: its
// send thread is woken from its selector and takes 100 ms to end. LOST waits for it.
func TestTheRaceOfTheInjection_LU4(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Percent: 33, InjectionRace: 1})
	r.env.wins = true
	r.session(0, 30000)
	r.until(40000)
	same(t, "injected", r.when(KindInjected), 30000)
	same(t, "told", r.told()[2:], "30100 LOST")
	same(t, "nothing asked of a server", r.sent(OpClose))
}

// T = 2 s, percent 20: the timer fires again 400 ms after the injection, while the
// close of the old handle waits for its back-off (999 ms): the second injection hits
// the new handle as soon as there is one (recorded once).
func TestASecondInjectionHitsTheNewHandle_LU7(t *testing.T) {
	cfg := ClientConfig{Node: 9, First: NoNode, Library: libraryOf(t, "curator", ""), Under: library(t, "3.8.0"), Timeout: 2000, Percent: 20, Servers: servers(3), InjectionRace: 1}
	r := &rig{t: t, env: &fixedEnv{backoffs: []uint64{999}, wins: true}, next: 1}
	r.c = NewClient(cfg, r.env)
	r.step(0, Input{Kind: InputCommand, Command: CommandOpen})
	r.session(0, 2000)
	// R = 1333: SUSPENDED at 1433, back-off until 2432; injected at 1833; the thread ends
	// 100 ms after its sleep, at 2532.
	r.until(3000)
	same(t, "told", r.told()[:3], "0 CONNECTED", "1433 SUSPENDED", "2532 LOST")
	same(t, "injected", r.when(KindInjected), 1833, 2532)
}

// The listeners' queue holds 25; what is more drops the oldest. A listener that takes
// an hour is at the first CONNECTED.
func TestSlowListenersMissTheOldest_LU1(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Callback: time.Hour})
	r.session(0, 30000)
	at := int64(1000)
	for range 13 { // SUSPENDED, RECONNECTED
		r.closed(at, ReasonEOF)
		r.connected(at + 105)
		r.accept(at+110, 30000)
		at += 2000
	}
	same(t, "dropped", r.story(KindEventDropped), "25110 SUSPENDED")
}

// A call waits to be connected for the connection timeout at most, and is then handed
// to ZooKeeper's client.
func TestACallWaitsToBeConnected(t *testing.T) {
	r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, ConnectionTimeout: 5 * time.Second})
	r.session(0, 30000)
	r.closed(1000, ReasonEOF)
	r.command(1200, CommandRead)
	r.connected(3000)
	r.accept(3010, 30000)
	same(t, "written when connected", r.sent(OpGetData), 3010)

	r = newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, ConnectionTimeout: 5 * time.Second})
	r.session(0, 30000)
	r.closed(1000, ReasonEOF)
	r.command(1200, CommandRead)
	r.until(11200) // the attempt of 1100 fails after k = 10 s, at 11100, with its calls at 11200
	same(t, "lost by the client it was handed to", r.story(KindCallLost), "11200 getData ConnectionLoss")
}

// The Standard policy stops acting as owner on SUSPENDED and looks again; the Session
// policy goes on until LOST.
func TestErrorPolicies_LU8(t *testing.T) {
	for _, stops := range []Stops{StopsOnDisconnected, StopsOnExpired} {
		r := newCuratorRig(t, "3.8.0", ClientConfig{Timeout: 30000, Owns: "/x", Stops: stops})
		r.session(0, 30000)
		r.packet(10, Packet{Op: OpCreate, Req: OpCreate, Reply: true, Path: "/x", Zxid: 1})
		r.closed(1000, ReasonEOF)
		r.connected(1105)
		r.accept(1110, 30000)
		if stops == StopsOnExpired {
			same(t, "stops", r.when(KindStops))
			same(t, "looks", r.sent(OpExists))
			continue
		}
		same(t, "stops", r.when(KindStops), 1100)
		same(t, "looks", r.sent(OpExists), 1110)
		r.reply(1130, OpExists, ErrOK) // its own
		same(t, "owns", r.when(KindHolds), 10, 1130)
	}
}

func TestClosingCuratorTellsNothing(t *testing.T) {
	r := newCuratorRig(t, "3.9.5", ClientConfig{Timeout: 30000})
	r.session(0, 30000)
	r.command(100, CommandClose)
	r.reply(110, OpClose, ErrOK)
	r.until(1000)
	same(t, "told", r.told(), "0 CONNECTED")
	same(t, "ended", r.when(KindHandleClosed), 210)
}

// A clone goes on like the original.
func TestClonesGoOnAlike(t *testing.T) {
	for i := range Libraries {
		l := &Libraries[i]
		cfg := ClientConfig{Node: 9, Library: l, Timeout: 10000, Servers: servers(3), First: NoNode, Owns: "/x", ReadEvery: 700 * time.Millisecond, Callback: 50 * time.Millisecond}
		if l.WallClock {
			cfg.Under = library(t, "3.9.5")
		}
		r := newRigOf(t, cfg)
		r.session(0, 10000)
		r.until(4000)
		copied := &rig{t: t, env: r.env, next: r.next, c: r.c.Clone(), conn: r.conn}
		from := len(r.marks)
		copied.until(60000)
		if got := r.c.Wake(); got > clock.ReadingOfMillis(5000) {
			t.Fatalf("%s: the original has moved: it wants to be woken at %v", l.Name, got)
		}
		r.until(60000)
		if len(copied.marks) < 10 || len(copied.marks) != len(r.marks)-from {
			t.Fatalf("%s: %d notes of the clone, %d of the original", l.Name, len(copied.marks), len(r.marks)-from)
		}
		for k, m := range copied.marks {
			if o := r.marks[from+k]; m.at != o.at || m.note.Kind != o.note.Kind || m.note.Text != o.note.Text {
				t.Fatalf("%s: note %d of the clone is %+v, of the original %+v", l.Name, k, m, o)
			}
		}
	}
}
