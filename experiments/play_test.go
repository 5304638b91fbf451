package experiments

import (
	"testing"

	"zksim/clock"
	"zksim/sim"
)

// TestARunIsTheSameWhateverWasPlayedBefore plays runs of every scenario that comes with the
// project in the world of a player, which is reset for each, and in a fresh one: every
// metric has the same values and the run the same digest.
func TestARunIsTheSameWhateverWasPlayedBefore(t *testing.T) {
	for _, e := range sim.Embedded() {
		p := plan(t, "scenario: "+e.Name+"\n")
		p.Spec.Metrics = nil
		for _, m := range Metrics {
			p.Spec.Metrics = append(p.Spec.Metrics, m.Name)
		}
		p, err := p.Spec.Plan("test")
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Scenario(0)
		if err != nil {
			t.Fatal(err)
		}
		gauge := NewGauge(s, p.Metrics)
		got, want := make([]Value, len(p.Columns)), make([]Value, len(gauge.Columns))
		player := newPlayer(p, nil)
		for _, run := range []uint32{2, 1, 2} {
			digest, err := player.play(0, run, got)
			if err != nil {
				t.Fatal(err)
			}
			c := sim.NewCollector(s)
			w, err := sim.New(s, p.Points[0].Seed, run, c)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := w.Run(clock.Instant(s.Length), nil)
			if err != nil {
				t.Fatal(err)
			}
			gauge.Read(c.Timeline(w, sum), want)
			if sum.Digest != digest || !same(got, want) {
				t.Errorf("%s, run %d: %v, digest %x: want %v, %x", e.Name, run, got, digest, want, sum.Digest)
			}
		}
	}
}
