package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"zksim/clock"
)

// inWords is everything that a scenario says, but where it was written.
func inWords(s *Scenario) string {
	c := *s
	c.Clients, c.Faults = slices.Clone(s.Clients), slices.Clone(s.Faults)
	words := ""
	for i := range c.Faults {
		c.Faults[i].Where = ""
	}
	for i := range c.Clients {
		words += fmt.Sprint(c.Clients[i].StopsOn())
		c.Clients[i].Stops = nil // %+v would print where it lies
	}
	return words + fmt.Sprintf("%+v", c)
}

// TestWhatIsWrittenReadsBackTheSame writes every embedded scenario and many random
// ones, and reads them again.
func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	const random = 300
	var all []*Scenario
	for number := range uint64(random) {
		all = append(all, RandomScenario(number))
	}
	for _, e := range Embedded() {
		all = append(all, mustRead(t, string(e.Source)))
	}
	for number, s := range all {
		source, err := s.YAML()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ReadScenario("t.yaml", source, nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", s.Name, err, source)
		}
		if got, want := inWords(back), inWords(s); got != want {
			t.Fatalf("%s is read back as another:\n%s\n%s\n%s", s.Name, source, got, want)
		}
		if number < random && number%10 > 0 {
			continue // most are compared by their words alone
		}
		s.Length, back.Length = min(s.Length, 5*time.Second), min(back.Length, 5*time.Second)
		if got, want := digestOf(t, back), digestOf(t, s); got != want {
			t.Fatalf("%s runs differently when it is read back:\n%s", s.Name, source)
		}
	}
}

func digestOf(t *testing.T, s *Scenario) uint64 {
	t.Helper()
	w, err := New(s, s.Seed, 0)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	return sum.Digest
}

// TestEveryKeyIsWritten compares the writer with the keys that the reader knows.
func TestEveryKeyIsWritten(t *testing.T) {
	w := &writer{}
	s := RandomScenario(1)
	s.Resources = []Resource{{Name: "r"}}
	s.Faults = []Fault{{Between: []string{"a"}, And: []string{"b"}}}
	w.scenario(s)
	w.clock(&Clock{})
	var known []keyRow
	for _, table := range [][]keyRow{rows(scenarioKeys)(), rows(ensembleKeys)(), rows(networkKeys)(), rows(clientKeys)(), rows(clockKeys)()} {
		known = append(known, table...)
	}
	for kind := range FaultKinds {
		w.fault(&Fault{Kind: FaultKind(kind), Between: []string{"a"}, And: []string{"b"}})
		known = append(known, rows(faultKeys)()...)
	}
	for _, table := range [][]keyRow{rows(partitionKeys)(), rows(delayKeys)(), rows(lossKeys)(), rows(struckKeys)(), rows(pauseKeys)(), rows(slowLogKeys)(), rows(clockStepKeys)(), rows(resourceKeys)(), rows(reconfigKeys)()} {
		known = append(known, table...)
	}
	for _, k := range known {
		if !slices.Contains(w.names, k.name) {
			t.Errorf("key %s is not written", k.name)
		}
	}
}
