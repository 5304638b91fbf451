package sim

import (
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// An attendance counts what of one client's pings and of its FIN reaches a
// standalone server.
type attendance struct {
	client model.NodeID
	pings  []clock.Instant
	fins   []clock.Instant
}

func (a *attendance) Record(r *Record) {
	switch {
	case r.Kind == model.KindTouch && r.Text == "ping":
		a.pings = append(a.pings, r.At)
	case r.Kind == model.KindConnectionClosed && r.Peer == a.client && r.Text == model.ReasonEOF.String():
		a.fins = append(a.fins, r.At)
	}
}

// TestWhatIsNewWaitsForALostAcknowledgement (W-3): with only server to client
// cut, the first ping behind the cut arrives and its acknowledgement does not.
// The client's kernel sends that ping again and again, in vain, and holds back
// what the client writes later. Eighteen recorded cuts of one direction have no
// second ping, and no FIN.
//
// T = 2000, so p = 666 and R = 1333: pings leave at about 0.67, 1.33 and 2.00 s,
// and the client, which hears its last answer at 0.67, hangs up at 2.00. The
// session expires 3.4 s after the start at the earliest.
func TestWhatIsNewWaitsForALostAcknowledgement(t *testing.T) {
	library, err := model.FindLibrary("java", "3.8.0")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what        string
		lasts       time.Duration // of the cut, from 1 s on; 0 for ever
		pings, fins int
	}{
		{"never healed", 0, 2, 0},
		// The repetitions of the second ping leave at 1.53, 1.73 and 2.14 s; the last
		// is acknowledged, and the third ping and the FIN follow it at once.
		{"healed at 1.9 s", 900 * time.Millisecond, 3, 1},
	} {
		s := defaultScenario("acknowledgements")
		s.Ensemble.Servers = 1
		s.Ensemble.Tick = 200 * time.Millisecond
		s.Clients = []Client{{Name: "worker", Count: 1, Library: library, Version: "3.8.0", Timeout: 2 * time.Second}}
		f := Fault{Kind: FaultPartition, Between: []string{"servers"}, And: []string{"worker"}, OneWay: true, At: constantSampler(time.Second)}
		if tc.lasts > 0 {
			f.For = constantSampler(tc.lasts)
		}
		s.Faults = []Fault{f}
		a := &attendance{client: 1}
		w, err := New(s, 1, 0, a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Run(clock.Instant(2200*time.Millisecond), nil); err != nil {
			t.Fatal(err)
		}
		if len(a.pings) != tc.pings || len(a.fins) != tc.fins {
			t.Errorf("%s: pings arrive at %v and FINs at %v, want %d and %d", tc.what, a.pings, a.fins, tc.pings, tc.fins)
		}
	}
}
