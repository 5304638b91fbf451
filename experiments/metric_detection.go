package experiments

import (
	"math"
	"time"

	"zksim/clock"
	"zksim/sim"
)

// detection is the time from a fault to the end of the session that it struck.
var detection = Metric{
	Name:  "detection",
	Title: "from the fault to the session's end, as the cluster sees it",
	Unit:  "ms",
	Kind:  KindDuration,
	Explain: "How long the cluster goes on holding a session whose client is gone: from the fault to the leader's mark (T-9), " +
		"and to the commit of its end (Z-4).",
	Picture: "fault ├──── detection ────┤ marked ─ committed",
	Columns: func(*sim.Scenario) []Column {
		return []Column{{"detection_marked", KindDuration}, {"detection_committed", KindDuration}}
	},
	Of: func(t *sim.Timeline, out []Value) {
		out[0], out[1] = math.NaN(), math.NaN()
		s, err := t.Select("")
		if err != nil || s == nil || s.Fault < 0 {
			return
		}
		begin := t.Faults[s.Fault].Begin.At
		out[0], out[1] = elapsed(begin, s.Marked), elapsed(begin, s.Committed)
	},
}

// elapsed is the time to a moment in milliseconds, NaN if it did not come.
func elapsed(from clock.Instant, to sim.Moment) Value {
	if !to.Happened() {
		return math.NaN()
	}
	return millisOf(to.At.Sub(from))
}

// millisOf rounds to whole microseconds, half away from zero.
func millisOf(d time.Duration) Value {
	return float64(d.Round(time.Microsecond)/time.Microsecond) / 1000
}
