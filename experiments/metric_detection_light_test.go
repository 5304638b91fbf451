package experiments

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"zksim/clock"
	"zksim/sim"
)

// TestLightDetectionIsThatOfTheTimeline plays random crashes of every library, on good and
// bad networks, standalone and in ensembles, some too short for anything to come of it.
func TestLightDetectionIsThatOfTheTimeline(t *testing.T) {
	luck := rand.New(rand.NewPCG(7, 1))
	pick := func(words ...string) string { return words[luck.IntN(len(words))] }
	regular, irregular, known := 0, 0, 0
	for i := range 200 {
		e, ok := sim.FindEmbedded("crash")
		if !ok {
			t.Fatal("no scenario crash")
		}
		sets := []string{
			"clients={worker: {open: 0s, library: " + pick("java", "c", "go", "kazoo", "curator") + ", timeout: " + pick("1s", "4s", "10s", "33s") + "}}",
			"ensemble={servers: " + pick("1", "3", "5") + ", tickTime: " + pick("50ms", "700ms", "2s") + ", minSessionTimeout: 1ms, maxSessionTimeout: 1h}",
			"faults=[{" + pick("kill", "lose") + ": worker, at: {uniform: [" + pick("0s", "1s", "5s") + ", 12s]}}]",
			"run=" + pick("9s", "20s", "60s"),
			"network.loss=" + pick("0", "0", "1%", "20%"),
			"network.latency=" + pick("500us", "80ms", "{law: exponential, mean: 300ms}"),
		}
		s, err := sim.ReadScenarioWith("crash.yaml", e.Source, nil, sets)
		if err != nil {
			t.Fatal(err)
		}
		light := newLights(s, []*Metric{&detectionMetric})
		if light == nil {
			t.Fatalf("no light sink for %q", sets)
		}
		gauge := NewGauge(s, []*Metric{&detectionMetric})
		got, want := make([]Value, len(gauge.Columns)), make([]Value, len(gauge.Columns))
		for run := range uint32(3) {
			light.reset()
			w, err := sim.New(s, uint64(i), run, light)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Play(clock.Instant(s.Length), nil, &light.enough); err != nil {
				t.Fatal(err)
			}
			if !light.regular() {
				irregular++
				continue
			}
			regular++
			light.read(got)
			c := sim.NewCollector(s)
			w, err = sim.New(s, uint64(i), run, c)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := w.Run(clock.Instant(s.Length), nil)
			if err != nil {
				t.Fatal(err)
			}
			gauge.Read(c.Timeline(w, sum), want)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q, seed %d, run %d: light %v, timeline %v", sets, i, run, got, want)
			}
			if !slices.Contains(want, never) && want[2] == 3 {
				known++
			}
		}
	}
	if regular < 300 || irregular < 50 || known < 100 {
		t.Errorf("%d regular runs, %d of them known, and %d irregular: this test looks at the wrong ones", regular, known, irregular)
	}
}
