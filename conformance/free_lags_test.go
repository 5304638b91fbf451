package conformance

import (
	"slices"
	"testing"
	"time"
)

// Events for recordings made here, with what an event lacks.
func eventAt(ms int64, node, ev string) Event {
	return Event{T: ms * 1_000_000, Node: node, Ev: ev, RTTms: Absent, IdleMs: Absent, DoneNs: Absent}
}

// TestNoiseCountsWhatServersTook: a header that states 2 ms, and what each process took to
// do what the rules have it do at once.
func TestNoiseCountsWhatServersTook(t *testing.T) {
	role := func(ms int64, node, role string) Event {
		e := eventAt(ms, node, EvRole)
		e.Role = role
		return e
	}
	for _, tc := range []struct {
		what string
		add  []Event
		want time.Duration
	}{
		{"nothing", nil, 2 * time.Millisecond},
		// Server 1, which the client is attached to, looks 30 ms behind the first to lose its leader.
		{"shutting down", []Event{role(18_017, "server2", roleLostLeader), role(18_020, "server1", roleLostLeader), role(18_040, "server2", roleLooking), role(18_047, "server1", roleLooking)},
			32 * time.Millisecond},
		{"another server", []Event{role(18_017, "server2", roleLostLeader), role(18_040, "server2", roleLooking)}, 2 * time.Millisecond},
		// A leader that steps down long after its followers have left it.
		{"stepping down", []Event{role(18_017, "server2", roleLostLeader), role(25_000, "server1", roleSteppingDown), role(25_006, "server1", roleLooking)},
			8 * time.Millisecond},
		// The plan has 6.4 ms from the mark to its being applied.
		{"closing", []Event{{T: 28_000_000_000, Node: "server3", Ev: EvMarkedClosing, By: byExpiry, RTTms: Absent, IdleMs: Absent, DoneNs: Absent},
			eventAt(28_050, "server2", EvCloseApplied), eventAt(28_056, "server1", EvCloseApplied)}, 56*time.Millisecond - 6400*time.Microsecond + 2*time.Millisecond},
	} {
		p, err := planOf(made(func(tr *Trace) {
			tr.Header.Noise.MaxMs = 2
			end := tr.Events[len(tr.Events)-1]
			tr.Events = append(append(tr.Events[:len(tr.Events)-1], tc.add...), end)
		}))
		if err != nil {
			t.Fatal(err)
		}
		a := p.recorded()
		if got := noiseOf(p, &a); got != tc.want {
			t.Errorf("%s: noise %v, want %v", tc.what, got, tc.want)
		}
	}
}

// TestCuratorsTellingLate (L-U2): its handle told it at 24.8 s, and it told so 44 ms later.
func TestCuratorsTellingLate(t *testing.T) {
	p := &Plan{Trace: made(func(tr *Trace) {
		zk, told := eventAt(24_800, "client", EvZKTold), eventAt(24_844, "client", EvTold)
		tr.Events = slices.Insert(tr.Events, len(tr.Events)-1, zk, told)
	})}
	if got := curatorLag(p); got != 44*time.Millisecond {
		t.Errorf("%v, want 44ms", got)
	}
}

// TestACleanUpEndsTheRecording: the client was cut off at 18 s, for ever, and is back at
// 60 s: then the lab cleaned up.
func TestACleanUpEndsTheRecording(t *testing.T) {
	back := eventAt(60_000, "client", EvTold)
	back.State = "SyncConnected"
	tr := made(func(tr *Trace) {
		tr.Events = append(tr.Events[:len(tr.Events)-1], eventAt(50_000, "server3", EvTouch), back, eventAt(61_000, "client", EvState))
	})
	if got := judgedUntil(tr); got != back.T-1 {
		t.Errorf("judged until %d ns, want until the client is back at %d", got, back.T)
	}
	healed := made(func(tr *Trace) { tr.Events = append(tr.Events, back) })
	if got := judgedUntil(healed); got != back.T {
		t.Errorf("judged until %d ns, want to the end, for the fault was healed", got)
	}
}

// TestEachOfManySessionsIsARecording: with its server and its own events, and the fault
// that befell all; they share its luck.
func TestEachOfManySessionsIsARecording(t *testing.T) {
	many := made(func(tr *Trace) {
		tr.Header.Session, tr.Header.Client.AttachedServer = manySessions, 0
		tr.Header.Sessions = []SessionAt{{"0x1", 1}, {"0x2", 3}}
		a, b := eventAt(14_000, "server3", EvTouch), eventAt(15_000, "server3", EvTouch)
		a.Session, b.Session = "0x1", "0x2"
		pinged := eventAt(15_000, "server3", EvPingProcessed)
		pinged.Session = "0x2"
		tr.Events = []Event{a, b, pinged, *fault(tr)}
		tr.Events[3].Kind = FaultSigkillClient
	})
	parts := oneSessionEach([]*Trace{made(nil), many})
	if len(parts) != 3 {
		t.Fatalf("%d recordings, want the other one and two sessions", len(parts))
	}
	for i, want := range []struct {
		session string
		server  int
		events  int
	}{{"0x1", 1, 2}, {"0x2", 3, 3}} {
		part := parts[i+1]
		h := &part.Header
		if h.Session != want.session || h.Client.AttachedServer != want.server || len(part.Events) != want.events || h.ID != "S0/java/X3-0001/"+want.session {
			t.Errorf("%s: session %s on server %d with %d events, want %+v", h.ID, h.Session, h.Client.AttachedServer, len(part.Events), want)
		}
		if f := fateOf(part); f == (fateKey{}) || f != fateOf(parts[2]) {
			t.Errorf("%s: does not share the fault of the others", h.ID)
		}
	}
	// Its pings are told by its server alone.
	a, err := findAnchor(parts[2], parts[2].Faults()[0].At)
	if want := int64(15_000_000_000) - int64(leastLatency); err != nil || a.sent != want {
		t.Errorf("last ping at %d, %v: want %d", a.sent, err, want)
	}
	if f := newFreePlan(mustPlan(t, parts[2]), newLab(parts), 0); f.tells {
		t.Error("a client of many tells what it hears, which nobody recorded")
	}
}

func mustPlan(t *testing.T, tr *Trace) *Plan {
	t.Helper()
	p, err := planOf(tr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
