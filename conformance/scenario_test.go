package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A made recording: T = 10000, tick 2000, three servers led by server 3, the client
// on server 1. It is ready at 10.1 s, its pings leave at 13.4 and 16.7 s, and the
// leader hears of them at 14.0004 and 17.0004 s.
func made(edit func(*Trace)) *Trace {
	const ms = 1_000_000
	absent := func(e Event) Event {
		e.RTTms, e.IdleMs, e.DoneNs = max(e.RTTms, Absent), Absent, e.T+ms
		return e
	}
	t := &Trace{Header: Header{ID: "S0/java/X3-0001", Session: "0x1",
		Servers: Servers{Count: 3, Version: "3.8.0", TickTimeMs: 2000, InitLimit: 10, SyncLimit: 5,
			MinSessionTimeoutMs: 4000, MaxSessionTimeoutMs: 40000,
			RolesAtStart: []ServerRole{{1, "follower"}, {2, "follower"}, {3, "leader"}}},
		Client: Client{Library: "java", RequestedMs: 10000, NegotiatedMs: 10000, Addresses: 3, AttachedServer: 1,
			Version: Fields{{"zk", []byte(`"3.8.0-1, built on a day"`)}}},
	}}
	for _, e := range []Event{
		{T: 10_000 * ms, Node: "server3", Ev: EvTouch},
		{T: 10_005 * ms, Node: "server3", Ev: EvCreateApplied},
		{T: 10_100 * ms, Node: "client", Ev: EvReady},
		{T: 13_402 * ms, Node: "client", Ev: EvPingReply, RTTms: 1},
		{T: 14_000*ms + 400_000, Node: "server3", Ev: EvTouch},
		{T: 16_735 * ms, Node: "client", Ev: EvPingReply, RTTms: 1},
		{T: 17_000*ms + 400_000, Node: "server3", Ev: EvTouch},
		{T: 18_000 * ms, Node: "lab", Ev: EvFault, Kind: FaultBlackhole},
		{T: 40_000 * ms, Node: "lab", Ev: EvHeal, Kind: FaultBlackhole},
	} {
		t.Events = append(t.Events, absent(e))
	}
	if edit != nil {
		edit(t)
	}
	return t
}

// fault is the made recording's fault, and heal its end.
func fault(t *Trace) *Event { return &t.Events[len(t.Events)-2] }
func heal(t *Trace) *Event  { return &t.Events[len(t.Events)-1] }

func TestTheConfigurationIsTheRecordings(t *testing.T) {
	p, err := Scenario(made(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Scenario.Check(); err != nil {
		t.Error(err)
	}
	s := p.Scenario
	e := &s.Ensemble
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"servers", e.Servers, 3},
		{"leader", e.Leader, 3},
		{"tick", e.Tick, 2 * time.Second},
		{"least timeout", e.MinTimeout, 4 * time.Second},
		{"greatest timeout", e.MaxTimeout, 40 * time.Second},
		{"syncLimit", e.SyncLimit, 5},
		{"nodes", strings.Join(s.Nodes(), " "), "server1 server2 server3 victim observer1 observer2 observer3"},
		{"library", s.Clients[0].Library.Until, "3.9.2"},
		{"version", s.Clients[0].Version, "3.8.0"},
		{"timeout", s.Clients[0].Timeout, 10 * time.Second},
		{"attached to", s.Clients[0].Attach, 1},
		{"addresses", len(s.Clients[0].Servers), 0}, // all
		{"owns", s.Clients[0].Owns, VictimPath},
		{"observer3 on", s.Clients[3].Attach, 3},
		// 1.5 ms is the middle of what is recorded as 1 ms, cut off.
		{"one way", s.Network.Clients.String(), p.constant(750 * time.Microsecond).String()},
		// The report at 17.0004 left a round trip of 0.6 ms after a PING, at 999.8 of its half tick.
		{"PING phase", *e.PingPhase, 999 * time.Millisecond},
		// In force when the call that made it has returned.
		{"fault at", p.Zero, p.Instant(18_001_000_000)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestOneAddressIsTheServerAttachedTo(t *testing.T) {
	p, err := Scenario(made(func(t *Trace) { t.Header.Client.Addresses = 1 }))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Scenario.Clients[0].Servers; len(got) != 1 || got[0] != 1 {
		t.Errorf("connect string %v, want server 1 alone", got)
	}
}

func TestTheReleaseDecidesTheLibrary_C20_C21(t *testing.T) {
	p, err := Scenario(made(func(t *Trace) {
		t.Header.Client.Library = "java39"
		t.Header.Client.Version = Fields{{"zk", []byte(`"3.9.6-${commit}, built"`)}}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if c := &p.Scenario.Clients[0]; c.Version != "3.9.6" || !c.Library.LocalExpiry {
		t.Errorf("version %s, local expiry %v: want 3.9.6 with it", c.Version, c.Library.LocalExpiry)
	}
}

func TestFaultsAreThoseRecorded(t *testing.T) {
	for _, tc := range []struct {
		kind          string
		server        int
		healed        int64 // ms after it began; 0: never
		want          sim.FaultKind
		between, and  string
		oneWay, lasts bool
		at            time.Duration // after the instant of the call
	}{
		// Filters are in force when the call has returned, a millisecond later here.
		{FaultBlackhole, 0, 9000, sim.FaultPartition, "victim", "servers", false, true, time.Millisecond},
		{FaultBlackhole, 0, 0, sim.FaultPartition, "victim", "servers", false, false, time.Millisecond},
		{FaultC2SDropped, 0, 9000, sim.FaultPartition, "victim", "servers", true, true, time.Millisecond},
		{FaultS2CDropped, 0, 9000, sim.FaultPartition, "servers", "victim", true, true, time.Millisecond},
		{FaultDelayStep, 0, 9000, sim.FaultDelay, "victim", "servers", false, true, time.Millisecond},
		{FaultSigkillClient, 0, 0, sim.FaultKill, "victim", "", false, false, 0},
		{FaultSigstopClient, 0, 9000, sim.FaultPause, "victim", "", false, true, 0},
		// Shorter than syncLimit, 5 ticks of 2 s, by more than half a tick (F-1).
		{FaultSigstopServer, 3, 8900, sim.FaultPause, "server3", "", false, true, 0},
	} {
		p, err := Scenario(made(func(t *Trace) {
			t.Header.Params = Fields{{"delay_ms", []byte("250")}}
			fault(t).Kind, fault(t).Server = tc.kind, tc.server
			heal(t).Kind, heal(t).Server, heal(t).T = tc.kind, tc.server, fault(t).T+tc.healed*1e6
			heal(t).DoneNs = heal(t).T + 1e6
			if tc.healed == 0 {
				t.Events = t.Events[:len(t.Events)-1]
			}
		}))
		if err != nil {
			t.Errorf("%s: %v", tc.kind, err)
			continue
		}
		f := p.Scenario.Faults[0]
		got := fmt.Sprint(f.Kind, strings.Join(f.Between, ","), strings.Join(f.And, ","), f.OneWay, f.For != nil, clock.Instant(f.At.Sample(0)).Sub(p.Instant(p.Trace.Faults()[0].At)))
		want := fmt.Sprint(tc.want, tc.between, tc.and, tc.oneWay, tc.lasts, tc.at)
		if got != want {
			t.Errorf("%s: %s, want %s", tc.kind, got, want)
		}
		if f.For != nil && f.For.Sample(0) != time.Duration(tc.healed)*time.Millisecond {
			t.Errorf("%s lasts %v, want %d ms", tc.kind, f.For.Sample(0), tc.healed)
		}
	}
}

func TestWhatIsBeyondTheModelIsNamed(t *testing.T) {
	strike := func(kind string, server int) func(*Trace) {
		return func(t *Trace) {
			fault(t).Kind, fault(t).Server, heal(t).Kind, heal(t).Server = kind, server, kind, server
		}
	}
	for _, tc := range []struct {
		what string
		edit func(*Trace)
		want string
	}{
		{"another library", func(t *Trace) { t.Header.Client.Library = "kazoo" }, `"kazoo": want java or java39`},
		{"no version", func(t *Trace) { t.Header.Client.Version = nil }, "want three numbers"},
		{"many sessions", func(t *Trace) { t.Header.Session, t.Header.Sessions = "many", make([]SessionAt, 7) }, "7 clients: want a recording of one"},
		{"no leader", func(t *Trace) { t.Header.Servers.RolesAtStart = nil }, "names no leader"},
		{"no fault", func(t *Trace) { t.Events = t.Events[:3] }, "no fault"},
		{"nothing before the fault", func(t *Trace) { t.Events = t.Events[len(t.Events)-2:] }, "no ping is answered"},
		{"no servers", func(t *Trace) { t.Header.Servers.Count = 0 }, "servers.count 0: want 1 to 7"},
		{"a tick without a half", func(t *Trace) { t.Header.Servers.TickTimeMs = 1 }, "tickTime_ms 1: want 2 to"},
		{"limits in disorder", func(t *Trace) { t.Header.Servers.MaxSessionTimeoutMs = 3000 }, "essionTimeout"},
		{"a fault of days", func(t *Trace) { heal(t).T += 1e15; heal(t).DoneNs += 1e15 }, "277h47m2s: want 0s to 24h"},
		{"an answer after days", func(t *Trace) { t.Events[5].RTTms, t.Events[3].RTTms = 1e9, 1e9 }, "it needs a duration"},
		{"a delay without its size", strike(FaultDelayStep, 0), "want it in params"},
		{"an unknown fault", strike("earthquake", 0), `unknown fault "earthquake"`},
	} {
		_, err := Scenario(made(tc.edit))
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "S0/java/X3-0001") {
			t.Errorf("%s: error %v, want the recording's id and %q", tc.what, err, tc.want)
		}
	}
}

// TestPhasesAreKept (T-2, H-2): wherever on its clock a recording lies, every
// clock of the run agrees with it modulo the tick and modulo the idle check.
func TestPhasesAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shift := rapid.Int64Range(-5_000_000_000, 1<<50).Draw(t, "shift")
		tick := rapid.Int64Range(2, 3000).Draw(t, "tick")
		p, err := Scenario(made(func(tr *Trace) {
			tr.Header.Servers.TickTimeMs = tick
			tr.Header.Servers.SyncLimit = 10_000 // nobody leaves
			for i := range tr.Events {
				tr.Events[i].T += shift
				tr.Events[i].DoneNs += shift
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		e := &p.Scenario.Ensemble
		for _, c := range e.Clocks {
			d := p.Shift - int64(*c.Offset)
			if d%(tick*1e6) != 0 || d%int64(e.IdleCheck) != 0 || *c.Offset < 0 {
				t.Fatalf("offset %v at %d ns: off the phase of tick %d ms or of %v", *c.Offset, p.Shift, tick, e.IdleCheck)
			}
		}
	})
}

// TestTheLastPingLeavesWhenItDid (C-9a): the client's start is chosen so that its
// last ping before the fault leaves at the recorded instant, for any recording.
func TestTheLastPingLeavesWhenItDid(t *testing.T) {
	for _, tr := range append(recorded224(t), made(nil)) {
		p, err := Scenario(tr)
		if err != nil {
			t.Fatal(err)
		}
		a, err := findAnchor(tr, tr.Faults()[0].At)
		if err != nil {
			t.Fatal(err)
		}
		want := p.Instant(a.sent)
		sent, err := p.sends(model.KindPing, p.Zero)
		if err != nil {
			t.Fatal(err)
		}
		near, ok := nearestInstant(sent, want)
		// Laws have whole microseconds.
		if !ok || near.Sub(want).Abs() > 2*time.Microsecond {
			t.Errorf("%s: sent at %v, want %v", tr.Header.ID, near, want)
		}
		if len(sent) < 2 {
			t.Errorf("%s: %d pings before the fault, want two or more", tr.Header.ID, len(sent))
		}
	}
}

// TestAFirstUseStandsInForAPing: a fault so early that no ping was answered.
func TestAFirstUseStandsInForAPing(t *testing.T) {
	tr := made(func(t *Trace) {
		kept := t.Events[:0]
		for _, e := range t.Events {
			if e.Ev != EvPingReply {
				kept = append(kept, e)
			}
		}
		t.Events = kept
	})
	p, err := Scenario(tr)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := p.sends(model.KindRequest, p.Zero)
	if err != nil {
		t.Fatal(err)
	}
	want := p.Instant(10_100_000_000).Add(-2 * leastLatency)
	if len(sent) != 1 || sent[0].Sub(want).Abs() > 2*time.Microsecond {
		t.Errorf("first use sent at %v, want %v", sent, want)
	}
}

// TestAStalledPingIsPlacedByItsArrival: its round trip says little then.
func TestAStalledPingIsPlacedByItsArrival(t *testing.T) {
	tr := made(func(t *Trace) {
		for i := range t.Events {
			if e := &t.Events[i]; e.Ev == EvPingReply && e.T == 16_735_000_000 {
				e.RTTms = 40
				came := *e
				came.T, came.Node, came.Ev = e.T-30_000_000, "server1", EvPingProcessed
				t.Events = append(t.Events[:i], append([]Event{came}, t.Events[i:]...)...)
				return
			}
		}
	})
	a, err := findAnchor(tr, tr.Faults()[0].At)
	if err != nil {
		t.Fatal(err)
	}
	// The other ping took 1.5 ms, so one way is 0.75 ms.
	if want := int64(16_705_000_000 - 750_000); a.sent != want || a.oneWay != 750*time.Microsecond {
		t.Errorf("sent at %d, one way %v: want %d and 750µs", a.sent, a.oneWay, want)
	}
}
