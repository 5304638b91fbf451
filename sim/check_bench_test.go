package sim

import (
	"testing"

	"zksim/clock"
)

// BenchmarkChecks is what it costs to watch a run: the steady ensemble with 1,000
// sessions, unwatched and watched.
func BenchmarkChecks(b *testing.B) {
	for _, watched := range []bool{false, true} {
		name := "off"
		if watched {
			name = "on"
		}
		b.Run(name, func(b *testing.B) {
			s := mustRead(b, "run: 600s\nclients: {c: {count: 1000, open: {uniform: [0s, 5s]}}}")
			events := uint64(0)
			for b.Loop() {
				var sinks []Sink
				if watched {
					sinks = append(sinks, &Checker{})
				}
				w := unwatched(b, s, 1, sinks...)
				sum, err := w.Run(clock.Instant(s.Length), nil)
				if err != nil {
					b.Fatal(err)
				}
				events += sum.Events
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
		})
	}
}
