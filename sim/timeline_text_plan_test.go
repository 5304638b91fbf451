package sim

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"zksim/clock"
)

// planOf plays a run and writes its plan.
func planOf(t *testing.T, s *Scenario, seed uint64) (plan string, digest uint64) {
	t.Helper()
	c := NewCollector(s)
	w, err := New(s, seed, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WritePlan(&out, c.Timeline(w, sum), TextOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	return out.String(), sum.Digest
}

// TestAPlanSaysNothingOfWhatComesOfIt: header and faults, and no line of any other lane.
func TestAPlanSaysNothingOfWhatComesOfIt(t *testing.T) {
	for _, e := range Embedded() {
		s := mustRead(t, string(e.Source))
		plan, _ := planOf(t, s, s.Seed)
		axis := false
		for i, line := range strings.Split(strings.TrimRight(plan, "\n"), "\n") {
			name := strings.TrimSpace(line[:min(len(line), 9)])
			switch {
			case line == "" || i == 0 && s.Title != "":
			case name == "seconds":
				axis = true
			case axis && name != "" && name != "fault":
				t.Errorf("%s: a lane %q: %s", e.Name, name, line)
			case !axis && !slices.Contains([]string{"", "servers", "client", "session", "leader", "fault", "zero"}, name):
				t.Errorf("%s: a line of %q: %s", e.Name, name, line)
			}
			if len([]rune(line)) > 80 {
				t.Errorf("%s: longer than 80 columns: %s", e.Name, line)
			}
		}
		if axis != (len(s.Faults) > 0) {
			t.Errorf("%s: an axis: %v, with %d faults", e.Name, axis, len(s.Faults))
		}
	}
}

// TestAPlanIsTheSameWhateverComesOfIt: where chance decides nothing but what comes after
// the fault (C-17), all runs have one plan.
func TestAPlanIsTheSameWhateverComesOfIt(t *testing.T) {
	e, _ := FindEmbedded("faq")
	s := mustRead(t, string(e.Source))
	first, digest := planOf(t, s, 1)
	for seed := uint64(2); seed < 6; seed++ {
		plan, other := planOf(t, s, seed)
		if other == digest {
			t.Fatalf("seed %d gives the run of seed 1", seed)
		}
		if plan != first {
			t.Errorf("seed %d:\n%s\nseed 1:\n%s", seed, plan, first)
		}
	}
}
