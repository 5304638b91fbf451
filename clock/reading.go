package clock

import (
	"math"
	"time"
)

// A Reading is what one node's monotonic clock shows, in nanoseconds. Readings
// of different nodes have nothing to do with one another: each clock has its
// own origin and its own rate.
type Reading int64

// Unset is later than every reading a clock can show. A machine that answers
// Unset when asked for its next wake wants none.
const Unset Reading = math.MaxInt64

// ReadingOfMillis returns the first reading whose millisecond count is ms.
func ReadingOfMillis(ms int64) Reading { return Reading(ms) * Reading(time.Millisecond) }

// Millis returns the reading in whole milliseconds, cut off and not rounded, as
// ZooKeeper's servers and Java client do: nanoTime divided by a million (T-2,
// K-1; Time.java:Time.currentElapsedTime). Readings are never negative in a
// run, because every clock starts at or above zero.
func (r Reading) Millis() int64 { return int64(r) / int64(time.Millisecond) }

// Add returns the reading d later, or Unset where that lies beyond the range.
func (r Reading) Add(d time.Duration) Reading {
	sum := r + Reading(d)
	if d > 0 && sum < r {
		return Unset
	}
	return sum
}

// Sub returns how much the clock advanced from s to r.
func (r Reading) Sub(s Reading) time.Duration { return time.Duration(r - s) }

// String formats r as a duration since the clock's own origin.
func (r Reading) String() string {
	if r == Unset {
		return "unset"
	}
	return time.Duration(r).String()
}
