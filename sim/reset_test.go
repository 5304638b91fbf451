package sim

import (
	"testing"
	"time"

	"zksim/clock"
)

// A keeper keeps every record of a run, or holds a run against another's.
type keeper struct {
	records []Record
	against []Record
	n       int
	differs *Record // the first that does
}

func (k *keeper) Record(r *Record) {
	if k.against == nil {
		k.records = append(k.records, *r)
		return
	}
	if k.differs == nil && (k.n >= len(k.against) || k.against[k.n] != *r) {
		differs := *r
		k.differs = &differs
	}
	k.n++
}

// sameAfterReset plays a run in a fresh world, and the same one in a world in which
// another run has been stopped half way, and reports where they differ.
func sameAfterReset(t *testing.T, s *Scenario, seed uint64) {
	t.Helper()
	end := clock.Instant(s.Length)
	fresh := new(keeper)
	want := finish(t, s, seed, 1, fresh)

	second := new(keeper)
	w, err := New(s, seed+1, 0, second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Run(end/2, nil); err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	for again := range 2 {
		*second = keeper{against: fresh.records}
		w.Reset(seed, 1)
		got, err := w.Run(end, nil)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		switch {
		case second.differs != nil:
			was := Record{}
			if i := int(second.differs.ID) - 1; i < len(fresh.records) {
				was = fresh.records[i]
			}
			t.Fatalf("%s, seed %d, reset %d: record %+v, want %+v", s.Name, seed, again, *second.differs, was)
		case got != want:
			t.Fatalf("%s, seed %d, reset %d: %+v, want %+v", s.Name, seed, again, got, want)
		}
	}
}

func finish(t *testing.T, s *Scenario, seed uint64, run uint32, sinks ...Sink) Summary {
	t.Helper()
	w, err := New(s, seed, run, sinks...)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	return sum
}

func TestWorldThatIsResetIsLikeAFreshOne(t *testing.T) {
	for _, e := range Embedded() {
		s, err := ReadScenario(e.Name+".yaml", e.Source, nil)
		if err != nil {
			t.Fatal(err)
		}
		sameAfterReset(t, s, s.Seed)
	}
}

func TestRandomWorldThatIsResetIsLikeAFreshOne(t *testing.T) {
	n := uint64(80)
	if testing.Short() {
		n = 15
	}
	for number := range n {
		s := RandomScenario(number)
		s.Length = min(s.Length, 20*time.Second)
		sameAfterReset(t, s, number)
	}
}

func TestPlayEndsWithTheEventAtWhichASinkHasSeenEnough(t *testing.T) {
	s := crashReplication(t, 1, 10*time.Second, 2*time.Second)
	whole := new(keeper)
	finish(t, s, 1, 0, whole)

	d := new(detection)
	k := new(keeper)
	w, err := New(s, 1, 0, k, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Play(clock.Instant(s.Length), nil, &d.seen); err != nil {
		t.Fatal(err)
	}
	last := k.records[len(k.records)-1]
	if !d.seen || last.At != d.closed {
		t.Fatalf("the last record is %+v, want one at %v, when the session was deleted", last, d.closed)
	}
	// Nothing is lost by a look in between.
	if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
		t.Fatal(err)
	}
	if len(k.records) != len(whole.records) {
		t.Fatalf("%d records in two parts, %d in one", len(k.records), len(whole.records))
	}
	for i := range whole.records {
		if k.records[i] != whole.records[i] {
			t.Fatalf("record %+v, in one part %+v", k.records[i], whole.records[i])
		}
	}
}
