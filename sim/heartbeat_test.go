package sim

import (
	"testing"
	"time"

	"zksim/model"
)

// longWay plays a run with every heartbeat taken by Step, as any other event.
func longWay(t *testing.T, s *Scenario, seed uint64, sinks ...Sink) Summary {
	t.Helper()
	defer func() { noShortWay = false }()
	noShortWay = true
	return finish(t, s, seed, 1, sinks...)
}

// sameOnBothWays plays a run on both ways and holds the records against each other.
func sameOnBothWays(t *testing.T, s *Scenario, seed uint64) {
	t.Helper()
	long := new(keeper)
	want := longWay(t, s, seed, long)
	short := &keeper{against: long.records}
	got := finish(t, s, seed, 1, short)
	if d := short.differs; d != nil {
		var was Record
		if i := int(d.ID) - 1; i < len(long.records) {
			was = long.records[i]
		}
		t.Fatalf("%s, seed %d: record %+v, on the long way %+v", s.Name, seed, *d, was)
	}
	if got != want {
		t.Fatalf("%s, seed %d: %+v, on the long way %+v", s.Name, seed, got, want)
	}
}

func TestHeartbeatsOnTheShortWayAreTheSame(t *testing.T) { // C-4, C-9, C-11, T-12, H-5
	for _, e := range Embedded() {
		s, err := ReadScenario(e.Name+".yaml", e.Source, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameOnBothWays(t, s, s.Seed+1)
	}
}

func TestHeartbeatsOfRandomScenariosOnTheShortWayAreTheSame(t *testing.T) { // C-4, C-9, C-11, T-12, H-5
	n := uint64(100)
	if testing.Short() {
		n = 20
	}
	java := 0
	for number := uint64(1000); java < int(n); number++ {
		s := RandomScenario(number)
		idle := false
		for i := range s.Clients {
			idle = idle || s.Clients[i].Library.Name == "java"
		}
		if !idle {
			continue
		}
		java++
		s.Length = min(s.Length, 20*time.Second)
		sameOnBothWays(t, s, number)
	}
}

// TestAlarmsChangeNoRecord plays runs with every moving timer among the alarms, and with
// none.
func TestAlarmsChangeNoRecord(t *testing.T) {
	before := alarmNodes
	defer func() { alarmNodes = before }()
	same := func(s *Scenario, seed uint64) {
		alarmNodes = MaxEntity
		without := new(keeper)
		want := finish(t, s, seed, 1, without)
		alarmNodes = 0
		with := &keeper{against: without.records}
		got := finish(t, s, seed, 1, with)
		if with.differs != nil || got.Digest != want.Digest || got.Records != want.Records {
			t.Fatalf("%s, seed %d: first record that differs %+v, summary %+v, without alarms %+v", s.Name, seed, with.differs, got, want)
		}
	}
	for _, e := range Embedded() {
		s, err := ReadScenario(e.Name+".yaml", e.Source, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(s, s.Seed+2)
	}
	n := uint64(100)
	if testing.Short() {
		n = 10
	}
	for number := range n {
		s := RandomScenario(3000 + number)
		s.Length = min(s.Length, 20*time.Second)
		same(s, number)
	}
}

// TestNearlyEveryHeartbeatTakesTheShortWay counts them: a short way that nobody takes
// would pass the tests above.
func TestNearlyEveryHeartbeatTakesTheShortWay(t *testing.T) {
	w, warm := steadyWorld(t, "java", 1, 200)
	pings, notes := 0, 0
	w.sinks = append(w.sinks, sinkFunc(func(r *Record) {
		if r.Kind == model.KindPing || r.Kind == model.KindTouch || r.Kind == model.KindPingReply {
			pings++
		}
	}))
	const untouched = "untouched"
	w.out.Notes = append(w.out.Notes[:0], model.Note{Text: untouched})
	for at := warm; at < warm.Add(20*time.Second); {
		at = at.Add(time.Millisecond)
		if _, err := w.Run(at, nil); err != nil {
			t.Fatal(err)
		}
		if len(w.out.Notes) != 1 || w.out.Notes[0].Text != untouched {
			notes += len(w.out.Notes)
			w.out.Notes = append(w.out.Notes[:0], model.Note{Text: untouched})
		}
	}
	if pings < 1000 || notes > 0 {
		t.Errorf("%d records of heartbeats, %d notes on the long way, want many and none", pings, notes)
	}
}

type sinkFunc func(r *Record)

func (f sinkFunc) Record(r *Record) { f(r) }
