package clock

import (
	"math/bits"
	"time"
)

// A Line is one straight stretch of a clock, as if it went on for ever:
//
//	reading = base + (instant - since) * (1 000 000 + ppm) / 1 000 000,
//
// cut off to whole nanoseconds, and base before since. The zero value is a true
// clock whose reading equals the instant.
type Line struct {
	since Instant
	base  Reading
	ppm   int64 // rate error in parts per million; stopped for a clock that stands still
}

// stopped is the rate error of a clock that stands still (a suspend that the
// platform's monotonic clock does not count: K-5).
const stopped = -1_000_000

// Read returns what the line shows at instant t.
func (l *Line) Read(t Instant) Reading {
	switch {
	case t <= l.since:
		return l.base
	case l.ppm == 0:
		return l.base + Reading(t-l.since)
	}
	return l.readOff(t)
}

// readOff is Read for a clock that is off the true rate.
func (l *Line) readOff(t Instant) Reading {
	// The product needs more than 64 bits after about two hours.
	hi, lo := bits.Mul64(uint64(t-l.since), uint64(1_000_000+l.ppm))
	if hi >= 1_000_000 {
		return Unset
	}
	quo, _ := bits.Div64(hi, lo, 1_000_000)
	return l.base.Add(time.Duration(min(quo, uint64(Unset))))
}

// When returns the first instant from the line's beginning on at which it reads
// at least r, or Never.
func (l *Line) When(r Reading) Instant {
	switch {
	case r == Unset:
		return Never
	case r <= l.base:
		return l.since
	case l.ppm == 0:
		return l.since.Add(time.Duration(r - l.base))
	}
	return l.whenOff(r)
}

// whenOff is When for a clock that is off the true rate.
func (l *Line) whenOff(r Reading) Instant {
	if l.ppm == stopped {
		return Never
	}
	// Smallest dt with dt*rate/1e6 (cut off) >= r-base, so dt*rate >= (r-base)*1e6: round up.
	rate := uint64(1_000_000 + l.ppm)
	hi, lo := bits.Mul64(uint64(r-l.base), 1_000_000)
	lo, carry := bits.Add64(lo, rate-1, 0)
	hi += carry
	if hi >= rate {
		return Never
	}
	quo, _ := bits.Div64(hi, lo, rate)
	if quo > uint64(Never) {
		return Never
	}
	return l.since.Add(time.Duration(quo))
}
