package conformance

import (
	"testing"

	"zksim/clock"
	"zksim/sim"
)

// TestComparisonCountsFromWhereTheTimelineDoes: the run's own timeline and the
// comparison below it have the same zero.
func TestComparisonCountsFromWhereTheTimelineDoes(t *testing.T) {
	for i, trace := range recorded224(t) {
		if i%25 != 0 {
			continue
		}
		plan, err := Scenario(trace)
		if err != nil {
			t.Fatalf("%s: %v", trace.Header.ID, err)
		}
		collector := sim.NewCollector(plan.Scenario)
		w, err := sim.New(plan.Scenario, 1, 0, collector)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := w.Run(clock.Instant(plan.Scenario.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		if origin := collector.Timeline(w, sum).Origin; origin != plan.Zero {
			t.Errorf("%s: the timeline's zero is %v, the comparison's %v", trace.Header.ID, origin, plan.Zero)
		}
	}
}
