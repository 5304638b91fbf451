package conformance

import (
	"strings"
	"testing"
)

func readOne(t *testing.T, lines ...string) *Trace {
	t.Helper()
	traces, err := Read(strings.NewReader(recording(append(append([]string{header}, lines...), end)...)), "x")
	if err != nil {
		t.Fatal(err)
	}
	return traces[0]
}

func fromTestdata(t *testing.T, file, id string) *Trace {
	t.Helper()
	traces, err := ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Pick(traces, id)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// The numbers are read off the recording with zcat.
func TestViewsOfAFollowersClientHealedAfterExpiry(t *testing.T) {
	tr := fromTestdata(t, "S3_heal_after.java.jsonl.gz", "C3-0012")
	if tr.Standalone() || tr.LeaderAtStart() != 3 || tr.TickMs() != 2000 {
		t.Errorf("standalone %v, leader %d, tick %d, want false, 3, 2000", tr.Standalone(), tr.LeaderAtStart(), tr.TickMs())
	}
	faults := tr.Faults()
	want := Fault{FaultBlackhole, 0, "", 1550190925548, 1550191428096, 1566782625734, 1566783221376}
	if len(faults) != 1 || faults[0] != want {
		t.Errorf("faults = %+v, want one %+v", faults, want)
	}
	if at, ok := tr.MarkedAt(); !ok || at != 1560001646720 {
		t.Errorf("marked at %d, %v, want 1560001646720", at, ok)
	}
	// T-3: the last touch is at 1548325 ms; (1548325+10000)/2000 = 779, so the
	// bucket is 780·2000. The touch at 1567294 comes after the mark (T-6).
	closing := Closing{"", 3, "expiry", 1560001646720, 1548325052131, 1560000}
	if c := tr.Closings(); len(c) != 1 || c[0] != closing {
		t.Errorf("closings = %+v, want one %+v", c, closing)
	}
	if late := closing.LateNs(); late != 1646720 {
		t.Errorf("late by %d ns, want 1646720", late)
	}
	var told []string
	for _, e := range tr.Told() {
		told = append(told, e.State)
	}
	if got := strings.Join(told, " "); got != "SyncConnected Disconnected Expired" {
		t.Errorf("told %s, want SyncConnected Disconnected Expired", got)
	}
}

func TestViewsOfAStandaloneRecording(t *testing.T) {
	tr := fromTestdata(t, "S2_blackhole.java.jsonl.gz", "A1-0002")
	if !tr.Standalone() || tr.LeaderAtStart() != 1 || tr.TickMs() != 200 {
		t.Errorf("standalone %v, leader %d, tick %d, want true, 1, 200", tr.Standalone(), tr.LeaderAtStart(), tr.TickMs())
	}
	want := Fault{FaultBlackhole, 0, "", 1321631201296, 1321632261475, Absent, Absent}
	if f := tr.Faults(); len(f) != 1 || f[0] != want {
		t.Errorf("faults = %+v, want one %+v that never heals", f, want)
	}
	// T-3: (1321018+2000)/200 = 6615, so the bucket is 6616·200.
	closing := Closing{"", 1, "expiry", 1323201548925, 1321018077282, 1323200}
	if c := tr.Closings(); len(c) != 1 || c[0] != closing {
		t.Errorf("closings = %+v, want one %+v", c, closing)
	}
}

// docs/semantics.md, test vector 1.
func TestBucketFollowsT3(t *testing.T) {
	for _, c := range []struct{ at, timeout, tick, want int64 }{
		{0, 4000, 2000, 6000}, {1, 4000, 2000, 6000}, {1999, 4000, 2000, 6000}, {2000, 4000, 2000, 8000},
		{0, 10000, 3000, 12000}, {1999, 10000, 3000, 12000}, {2000, 10000, 3000, 15000},
	} {
		if got := bucketMs(c.at, c.timeout, c.tick); got != c.want {
			t.Errorf("bucketMs(%d, %d, %d) = %d, want %d", c.at, c.timeout, c.tick, got, c.want)
		}
	}
}

func TestFaultsPairEachHealWithItsOwn(t *testing.T) {
	tr := readOne(t,
		`{"t_ns":1,"node":"lab","ev":"fault","kind":"sigkill_server","server":1,"done_ns":2}`,
		`{"t_ns":3,"node":"lab","ev":"fault","kind":"sigkill_server","server":2,"done_ns":4}`,
		`{"t_ns":5,"node":"lab","ev":"fault","kind":"blackhole","done_ns":6}`,
		`{"t_ns":7,"node":"lab","ev":"heal","kind":"server_started","server":2,"done_ns":8}`,
		`{"t_ns":9,"node":"lab","ev":"heal","kind":"blackhole","done_ns":10}`,
		`{"t_ns":11,"node":"lab","ev":"fault","kind":"blackhole","done_ns":12}`,
		`{"t_ns":13,"node":"lab","ev":"heal","kind":"server_partition","server":3,"done_ns":14}`)
	want := []Fault{
		{FaultSigkillServer, 1, "", 1, 2, Absent, Absent},
		{FaultSigkillServer, 2, "", 3, 4, 7, 8},
		{FaultBlackhole, 0, "", 5, 6, 9, 10},
		{FaultBlackhole, 0, "", 11, 12, Absent, Absent},
		{FaultServerPartition, 3, "", Absent, Absent, 13, 14},
	}
	got := tr.Faults()
	if len(got) != len(want) {
		t.Fatalf("faults = %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("fault %d = %+v, want %+v", i, got[i], want[i])
		}
	}
}

// A touch counts for the session and the server that it names, no other.
func TestClosingsTakeTheTouchOfTheirOwnSessionAndServer(t *testing.T) {
	tr := readOne(t,
		`{"t_ns":1000000000,"node":"server1","ev":"touch","session":"0x1"}`,
		`{"t_ns":1300000000,"node":"server1","ev":"touch","session":"0x2"}`,
		`{"t_ns":2000000000,"node":"server2","ev":"touch","session":"0x1"}`,
		`{"t_ns":3201000000,"node":"server1","ev":"marked_closing","by":"expiry","session":"0x1"}`,
		`{"t_ns":3399999999,"node":"server1","ev":"marked_closing","by":"expiry","session":"0x2"}`,
		`{"t_ns":3500000000,"node":"server3","ev":"marked_closing","by":"close","session":"0x2"}`)
	want := []Closing{
		{"0x1", 1, "expiry", 3201000000, 1000000000, 3200}, // (1000+2000)/200+1 = 16 ticks
		{"0x2", 1, "expiry", 3399999999, 1300000000, 3400}, // (1300+2000)/200+1 = 17 ticks
		{"0x2", 3, "close", 3500000000, Absent, Absent},
	}
	got := tr.Closings()
	if len(got) != len(want) {
		t.Fatalf("closings = %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("closing %d = %+v, want %+v", i, got[i], want[i])
		}
	}
	if late := got[1].LateNs(); late != -1 {
		t.Errorf("late by %d ns, want -1: marked before its bucket", late)
	}
}

func TestNodeSplitsIntoClassAndNumber(t *testing.T) {
	for _, c := range []struct {
		node  string
		class NodeClass
		id    int
	}{{"lab", ClassLab, 0}, {"client", ClassClient, 0}, {"server3", ClassServer, 3}, {"observer12", ClassObserver, 12},
		{"7", "", 7}, {"server99999999999999999999", ClassServer, 0}} {
		e := Event{Node: c.node}
		if e.Class() != c.class || e.NodeID() != c.id {
			t.Errorf("%q is %q number %d, want %q number %d", c.node, e.Class(), e.NodeID(), c.class, c.id)
		}
	}
}
