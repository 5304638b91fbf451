package sim

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"zksim/clock"
	"zksim/model"
)

// randomScenario draws the number of a random scenario.
func randomScenario(t *rapid.T) *Scenario {
	return RandomScenario(rapid.Uint64().Draw(t, "number"))
}

// TestRandomScenariosRunTheSameTwice: no panic, no hang, the same digest for the
// same seed, and a watcher changes nothing.
func TestRandomScenariosRunTheSameTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomScenario(rt)
		seed := rapid.Uint64().Draw(rt, "seed")
		var sums [2]Summary
		for i, sinks := range [2][]Sink{nil, {new(Checker)}} {
			w := unwatched(t, s, seed, sinks...)
			sum, err := w.Run(clock.Instant(s.Length), nil)
			if err != nil {
				rt.Fatal(err)
			}
			sums[i] = sum
		}
		if sums[0] != sums[1] {
			rt.Fatalf("two runs differ: %+v and %+v", sums[0], sums[1])
		}
	})
}

// TestRandomScenariosHaveEverything wants every kind of fault, every row of the table
// of libraries, every trigger and every switch among the first thousand, so that the
// soak leaves nothing out.
func TestRandomScenariosHaveEverything(t *testing.T) {
	faults, libraries, triggers := map[FaultKind]bool{}, map[*model.Library]bool{}, map[Trigger]bool{}
	set := map[string]bool{} // fields that some scenario has away from their default
	differs := func(what string, has, initial any) {
		h, i := reflect.ValueOf(has), reflect.ValueOf(initial)
		for k := range h.NumField() {
			name := what + "." + h.Type().Field(k).Name
			set[name] = set[name] || !reflect.DeepEqual(h.Field(k).Interface(), i.Field(k).Interface())
		}
	}
	initial := defaultScenario("")
	for number := range uint64(1000) {
		s := RandomScenario(number)
		differs("ensemble", s.Ensemble, initial.Ensemble)
		differs("network", s.Network, initial.Network)
		for i := range s.Clients {
			libraries[s.Clients[i].Library] = true
			differs("client", s.Clients[i], defaultClient(""))
		}
		for i := range s.Faults {
			faults[s.Faults[i].Kind], triggers[s.Faults[i].When] = true, true
			differs("fault", s.Faults[i], Fault{})
		}
	}
	for i := range FaultKinds {
		if !faults[FaultKinds[i].Kind] {
			t.Errorf("no %s", FaultKinds[i].Name)
		}
	}
	for i := range model.Libraries {
		if !libraries[&model.Libraries[i]] {
			t.Errorf("no client of %s %s", model.Libraries[i].Name, model.Libraries[i].From)
		}
	}
	for i := range Triggers {
		if !triggers[Triggers[i].Trigger] {
			t.Errorf("nothing waits for %s", Triggers[i].Name)
		}
	}
	never := map[string]bool{}
	for name, ever := range set {
		if !ever {
			never[name] = true
		}
	}
	for _, same := range []string{"ensemble.Version", "fault.Where"} { // they change nothing
		delete(never, same)
	}
	for name := range never {
		t.Errorf("%s is never drawn", name)
	}
}
