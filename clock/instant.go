package clock

import (
	"math"
	"time"
)

// An Instant is a point of the world's time, in nanoseconds since the start of
// the run. Zero is the start; it has no relation to any calendar.
type Instant int64

// Never is later than every instant that a run can reach. It stands for "no
// such event is due".
const Never Instant = math.MaxInt64

// Add returns the instant d later, or Never where that lies beyond the range.
func (t Instant) Add(d time.Duration) Instant {
	sum := t + Instant(d)
	if d > 0 && sum < t {
		return Never
	}
	return sum
}

// Sub returns how long after u the instant t lies.
func (t Instant) Sub(u Instant) time.Duration { return time.Duration(t - u) }

// Seconds returns t in seconds, for display only.
func (t Instant) Seconds() float64 { return float64(t) / float64(time.Second) }

// String formats t as a duration since the start of the run.
func (t Instant) String() string {
	if t == Never {
		return "never"
	}
	return time.Duration(t).String()
}
