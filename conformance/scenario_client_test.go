package conformance

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// TestClientsAreConfiguredAsInTheLab: library, version, list of addresses from server 1
// on, and of Curator what its header says.
func TestClientsAreConfiguredAsInTheLab(t *testing.T) {
	text := func(name, value string) Field { return Field{name, []byte(strconv.Quote(value))} }
	for _, tc := range []struct {
		library   string
		version   Fields
		name, row string // of the model's library, and the last version of its row
		servers   []int
		percent   int
	}{
		{"java", Fields{text("zk", "3.8.0-1, built")}, "java", "3.9.2", nil, 0},
		{"java39", Fields{text("zk", "3.9.6-1, built")}, "java", "3.9.x", nil, 0},
		{"c", Fields{text("lib", "libzookeeper_mt 3.8.0")}, "c", "", []int{1, 2, 3}, 0},
		{"go", Fields{text("lib", "go-zookeeper/zk v1.0.4")}, "go", "", []int{1, 2, 3}, 0},
		{"kazoo", Fields{text("lib", "kazoo 2.8.0")}, "kazoo", "2.8.x", []int{1, 2, 3}, 0},
		{"kazoo211", Fields{text("lib", "kazoo 2.11.0")}, "kazoo", "", []int{1, 2, 3}, 0},
		{"curator33zk39", Fields{text("lib", "curator 5.7.1"), text("zk", "3.9.6-1"), {"simulatedSessionExpirationPercent", []byte("33")}},
			"curator", "", nil, 33},
	} {
		p, err := planOf(made(func(t *Trace) { t.Header.Client.Library, t.Header.Client.Version = tc.library, tc.version }))
		if err != nil {
			t.Errorf("%s: %v", tc.library, err)
			continue
		}
		c := &p.Scenario.Clients[0]
		if c.Library.Name != tc.name || c.Library.Until != tc.row || !slices.Equal(c.Servers, tc.servers) || c.Percent != tc.percent || c.Attach != 1 {
			t.Errorf("%s: %s until %q, servers %v, percent %d, attached to %d", tc.library, c.Library.Name, c.Library.Until, c.Servers, c.Percent, c.Attach)
		}
		// The lab gave Curator a quarter of the timeout to connect.
		if tc.percent > 0 && (c.ConnectionTimeout != 2500*time.Millisecond || c.Under.Until != "3.9.x") {
			t.Errorf("%s: %v to connect, on java until %s", tc.library, c.ConnectionTimeout, c.Under.Until)
		}
	}
}

// TestWordsOfEveryLibraryAreUnderstood: what applications were told of a loss and of an end.
func TestWordsOfEveryLibraryAreUnderstood(t *testing.T) {
	text := func(name, value string) Field { return Field{name, []byte(strconv.Quote(value))} }
	for _, tc := range []struct {
		library    string
		version    Fields
		lost, over string
	}{
		{"java", Fields{text("zk", "3.8.0")}, "Disconnected", "Expired"},
		{"c", Fields{text("lib", "3.8.0")}, "Disconnected", "Expired"},
		{"go", Fields{text("lib", "1.0.4")}, "StateDisconnected", "StateExpired"},
		{"kazoo", Fields{text("lib", "2.8.0")}, "SUSPENDED", "LOST"},
		{"curator100", Fields{text("lib", "5.4.0"), text("zk", "3.8.0"), {"simulatedSessionExpirationPercent", []byte("100")}}, "SUSPENDED", "LOST"},
	} {
		words := meanings(&Client{Library: tc.library, Version: tc.version})
		if words[tc.lost] != model.MeansLost || words[tc.over] != model.MeansExpired {
			t.Errorf("%s: %v, want %s lost and %s expired", tc.library, words, tc.lost, tc.over)
		}
	}
}

// TestOnlyTheCutOffServerIsReached: S6's reach_F_only cuts the client off from the two
// other servers as well, and for good.
func TestOnlyTheCutOffServerIsReached(t *testing.T) {
	plan := func(variant string) []sim.Fault {
		p, err := planOf(made(func(t *Trace) {
			t.Header.Variant = variant
			fault(t).Kind, fault(t).Server, heal(t).Kind, heal(t).Server = FaultServerPartition, 1, FaultServerPartition, 1
		}))
		if err != nil {
			t.Fatal(err)
		}
		return p.Scenario.Faults
	}
	if got := plan("reach_all"); len(got) != 1 {
		t.Errorf("reach_all: %d faults, want the partition alone", len(got))
	}
	got := plan("reach_F_only")
	if len(got) != 2 || got[1].Kind != sim.FaultPartition || got[1].For != nil ||
		strings.Join(got[1].Between, " ")+" / "+strings.Join(got[1].And, " ") != "victim / server2 server3" {
		t.Errorf("reach_F_only: %+v", got)
	}
}

// TestAKilledServerEndsWhenItsPeersSaySo: signalled at 18 s, missed by server 1 17 ms later,
// 0.3 ms of which is the way.
func TestAKilledServerEndsWhenItsPeersSaySo(t *testing.T) {
	const ms = 1_000_000
	for _, tc := range []struct {
		lost int64 // ms behind the signal; 0: nobody says
		node string
		want time.Duration
	}{
		{17, "server1", 17*time.Millisecond - serverLatency},
		{0, "", 0},
		{17, "server3", 0},  // the killed one itself
		{400, "server1", 0}, // of something else
	} {
		p, err := planOf(made(func(t *Trace) {
			fault(t).Kind, fault(t).Server = FaultSigkillServer, 3
			t.Events = t.Events[:len(t.Events)-1]
			if tc.node != "" {
				t.Events = append(t.Events, Event{T: fault(t).T, Node: "lab"})
				t.Events[len(t.Events)-1] = Event{T: 18_000*ms + tc.lost*ms, Node: tc.node, Ev: EvRole, Role: roleLostLeader, RTTms: Absent, IdleMs: Absent, DoneNs: Absent}
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Zero.Sub(p.Instant(18_000 * ms)); got != tc.want {
			t.Errorf("%s says so after %d ms: it ends after %v, want %v", tc.node, tc.lost, got, tc.want)
		}
	}
}

// TestServersStartWhenRecorded (H-4): servers 1 and 2 were started at 30.0 and 30.1 s, and
// looked for a leader at 31.2 and 31.6 s. The first start-up is the shorter one, 1.2 s, so
// the second is begun that long before its end.
func TestServersStartWhenRecorded(t *testing.T) {
	const ms = 1_000_000
	p, err := planOf(made(func(t *Trace) {
		killed := *fault(t)
		t.Events = t.Events[:len(t.Events)-2]
		for id := 1; id <= 2; id++ {
			killed.Kind, killed.Server = FaultSigkillServer, id
			t.Events = append(t.Events, killed)
		}
		for id, at := range []int64{30_000, 30_100} {
			up := eventAt(at, "lab", EvHeal)
			up.Kind, up.Server, up.DoneNs = FaultServerStarted, id+1, up.T+ms
			t.Events = append(t.Events, up)
		}
		for id, at := range []int64{31_200, 31_600} {
			looks := eventAt(at, "server"+strconv.Itoa(id+1), EvRole)
			looks.Role = roleLooking
			t.Events = append(t.Events, looks)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Scenario.Ensemble.Startup; got != 1200*time.Millisecond {
		t.Errorf("start-up takes %v, want 1.2s", got)
	}
	var begun []time.Duration
	for _, f := range p.Scenario.Faults {
		if f.Kind == sim.FaultRestart {
			begun = append(begun, f.At.Sample(0)-time.Duration(p.Instant(0)))
		}
	}
	if want := []time.Duration{30_000 * time.Millisecond, 30_400 * time.Millisecond}; !slices.Equal(begun, want) {
		t.Errorf("started at %v, want %v", begun, want)
	}
}

// TestQuorumLossAndDelaysArePlayed: S11 and S12, of which the lab's scripts tell; no
// recording of them is at hand. T = 10 s and ticks of 2 s. The outage begins at 18 s and
// ends at 40 s; the client was cut off a second before it. Nobody expires during the outage,
// however long it is (F-16); whoever leads then gives everybody all of T (F-15).
func TestQuorumLossAndDelaysArePlayed(t *testing.T) {
	const ms = 1_000_000
	lab := func(t *Trace, at int64, ev, kind string, server int) {
		t.Events = append(t.Events, Event{T: at * ms, Node: "lab", Ev: ev, Kind: kind, Server: server, RTTms: Absent, IdleMs: Absent, DoneNs: at*ms + ms})
	}
	cut := func(t *Trace) {
		t.Events = t.Events[:len(t.Events)-2]
		lab(t, 17_000, EvFault, FaultBlackhole, 0)
	}
	end := func(t *Trace) {
		t.Events = append(t.Events, Event{T: 70_000 * ms, Node: "observer1", Ev: EvTold, State: "SyncConnected", RTTms: Absent, IdleMs: Absent, DoneNs: Absent})
	}
	for _, tc := range []struct {
		what        string
		edit        func(t *Trace)
		least, most int64 // ms of the recording's clock between which it is marked
	}{
		{"followers killed", func(t *Trace) {
			cut(t)
			for id := 1; id <= 2; id++ {
				lab(t, 18_000, EvFault, FaultSigkillServer, id)
			}
			for id := 1; id <= 2; id++ {
				lab(t, 40_000, EvHeal, FaultServerStarted, id)
			}
			end(t)
		}, 50_000, 56_000},
		{"all killed", func(t *Trace) {
			cut(t)
			for id := 1; id <= 3; id++ {
				lab(t, 18_000, EvFault, FaultSigkillServer, id)
			}
			for id := 1; id <= 3; id++ {
				lab(t, 40_000, EvHeal, FaultServerStarted, id)
			}
			end(t)
		}, 50_000, 56_000},
		{"all cut off from one another", func(t *Trace) {
			cut(t)
			lab(t, 18_000, EvFault, FaultAllServersPartitioned, 0)
			lab(t, 40_000, EvHeal, FaultAllServersPartitioned, 0)
			end(t)
		}, 50_000, 70_000},
		// 2 s each way: 2·2 and the 3.3 of a ping interval are more than R, 6.7 s.
		{"a delay", func(t *Trace) {
			t.Header.Params = Fields{{"delay_ms", []byte("2000")}, {"jitter_ms", []byte("300")}}
			fault(t).Kind, heal(t).Kind = FaultDelayStep, FaultDelayStep
			end(t)
		}, 0, 0},
	} {
		tr := made(tc.edit)
		p, err := planOf(tr)
		if err != nil {
			t.Errorf("%s: %v", tc.what, err)
			continue
		}
		f := newFreePlan(p, newLab([]*Trace{tr}), DefaultTolerance)
		if _, err := f.results(20, nil); err != nil {
			t.Errorf("%s: %v", tc.what, err)
			continue
		}
		if tc.least == 0 {
			if slices.Min(f.simulated[rowDisconnected]) == clock.Never {
				t.Errorf("%s: nobody is disconnected", tc.what)
			}
			continue
		}
		for _, at := range f.simulated[rowDetection] {
			if at < p.Instant(tc.least*ms) || at > p.Instant(tc.most*ms) {
				t.Fatalf("%s: marked %v after the cut, want %d to %d ms", tc.what, at.Sub(p.Zero), tc.least-17_000, tc.most-17_000)
			}
		}
	}
}
