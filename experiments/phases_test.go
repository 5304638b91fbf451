package experiments

import (
	"strings"
	"testing"
	"time"

	"zksim/sim"
)

// phased plans a sweep of one scenario that comes with the project.
func phased(t *testing.T, name string, draw bool, set ...string) *Plan {
	t.Helper()
	return plan(t, "scenario: "+name+"\n", Change{DrawPhases: draw, Set: set})
}

func scenarioOf(t *testing.T, p *Plan) *sim.Scenario {
	t.Helper()
	s, err := p.Scenario(0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPhasesThatAStorySetsAreDrawn: those of faq are of a recorded run, its fault comes at
// 12 s, and a ping every 3,333 ms; the run of 32 s is as much longer.
func TestPhasesThatAStorySetsAreDrawn(t *testing.T) { // Q-2, T-2, T-17
	as, drawn := phased(t, "faq", false), phased(t, "faq", true)
	if len(as.Remarks) != 1 || !strings.HasSuffix(as.Remarks[0], "--draw-phases draws such phases") || len(drawn.Remarks) != 0 {
		t.Errorf("remarks %q as written, %q drawn: want one and none", as.Remarks, drawn.Remarks)
	}
	if as.Points[0].ID == drawn.Points[0].ID {
		t.Error("one point, whether phases are drawn or not")
	}
	s := scenarioOf(t, drawn)
	f := &s.Faults[0]
	if s.Ensemble.PingPhase != nil || s.Ensemble.Clocks[2].Offset != nil {
		t.Error("the phases of the leader are still set")
	}
	if got, want := f.At.String(), "uniform(from=12s, to=15.333s)"; got != want || s.Length != 35333*time.Millisecond || f.For.Sample(0) != 16592*time.Millisecond {
		t.Errorf("at %s for %v in %v: want %s for 16.592s in 35.333s", got, f.For.Sample(0), s.Length, want)
	}
	// Results are read with the phases that they were played with.
	again, err := drawn.saved().spec().Plan("test")
	if err != nil || again.Points[0].ID != drawn.Points[0].ID {
		t.Errorf("read again: %v, another point: want the same", err)
	}
	// What is drawn already stays, and what reads more often than it pings is struck between
	// two reads.
	s = scenarioOf(t, phased(t, "faq", true, "faults.0.at={uniform: [12s, 13s]}"))
	if got, want := s.Faults[0].At.String(), "uniform(from=12s, to=13s)"; got != want || s.Length != 32*time.Second {
		t.Errorf("at %s in %v: want %s in 32s", got, s.Length, want)
	}
	s = scenarioOf(t, phased(t, "faq", true, "clients.worker.read_every=1s"))
	if got, want := s.Faults[0].At.String(), "uniform(from=12s, to=13s)"; got != want {
		t.Errorf("with a read every second at %s: want %s", got, want)
	}
}

// TestPhasesInASweepsFile: the key, and what it takes.
func TestPhasesInASweepsFile(t *testing.T) {
	for _, tc := range []struct {
		value string
		drawn bool
		wrong string
	}{{"drawn", true, ""}, {"as written", false, ""}, {"random", false, "mine.yaml:2: phases: random; want drawn or as written"}} {
		s, err := ReadSpec("mine.yaml", []byte("scenario: faq\nphases: "+tc.value+"\n"), nil, EmbeddedScenario)
		switch {
		case tc.wrong != "" && (err == nil || err.Error() != tc.wrong):
			t.Errorf("%s: %v: want %s", tc.value, err, tc.wrong)
		case tc.wrong == "" && (err != nil || s.DrawPhases != tc.drawn):
			t.Errorf("%s: %v: want drawn to be %v", tc.value, err, tc.drawn)
		}
	}
}

// TestSeveralFaultsKeepTheirInstants: they would lose their distances, and it is said what
// is the same in every run.
func TestSeveralFaultsKeepTheirInstants(t *testing.T) {
	p := phased(t, "failovers", true)
	s := scenarioOf(t, p)
	if len(s.Faults) < 2 || s.Faults[0].At.NeedsDraw() {
		t.Errorf("the first of %d faults at %v: want it where it was", len(s.Faults), s.Faults[0].At)
	}
	if want := "the age of owner's last ping at the fault: the same in every run"; len(p.Remarks) != 1 || !strings.HasSuffix(p.Remarks[0], want) {
		t.Errorf("remarks %q: want %q", p.Remarks, want)
	}
}

// TestNothingIsSaidWherePhasesAreDrawnOrDoNotMatter: in the sweeps that come with the
// project.
func TestNothingIsSaidWherePhasesAreDrawnOrDoNotMatter(t *testing.T) {
	for _, e := range Sweeps() {
		spec, err := ReadSpec(e.Name+".yaml", e.Source, nil, EmbeddedScenario)
		if err != nil {
			t.Fatal(err)
		}
		p, err := spec.Plan("test")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Remarks {
			if strings.Contains(r, "the same in every run") {
				t.Errorf("%s: %s", e.Name, r)
			}
		}
	}
}
