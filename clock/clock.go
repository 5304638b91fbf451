package clock

import (
	"fmt"
	"math/bits"
	"time"
)

// MaxPPM bounds a clock's rate error, in parts per million either way. A clock
// at half or one and a half times the true rate is far outside what hardware
// does, and keeps the arithmetic away from its limits.
const MaxPPM = 500_000

// A Clock turns the world's instants into one node's readings and back.
//
// Between two changes a clock is a straight line,
//
//	reading = base + (instant - since) * (1 000 000 + ppm) / 1 000 000,
//
// cut off to whole nanoseconds, or a flat line while it is frozen (a suspend that
// the platform's monotonic clock does not count: K-5). Changes are appended in
// order of time, and every piece starts where the one before it ended, so a
// clock never goes backwards.
//
// The zero value is a true clock whose reading equals the instant.
type Clock struct {
	pieces []piece // in order of since; empty means the identity
}

// A piece is one straight stretch of a clock, from since until the next piece.
type piece struct {
	since  Instant
	base   Reading
	ppm    int64
	frozen bool
}

// New returns a clock that shows offset at the start of the run and gains ppm
// microseconds a second from then on (loses, where ppm is negative). It reports
// an error if offset is negative or ppm beyond [MaxPPM].
func New(offset Reading, ppm int64) (*Clock, error) {
	if offset < 0 {
		return nil, fmt.Errorf("clock offset %v: want zero or more", time.Duration(offset))
	}
	if ppm < -MaxPPM || ppm > MaxPPM {
		return nil, fmt.Errorf("clock rate error %d ppm: want -%d to %d", ppm, MaxPPM, MaxPPM)
	}
	return &Clock{pieces: []piece{{base: offset, ppm: ppm}}}, nil
}

// Freeze stops the clock at instant t: from there it shows the same reading
// until Thaw. Freezing a frozen clock changes nothing. Instants passed to
// Freeze and Thaw must not decrease; a violation is a programming error.
func (c *Clock) Freeze(t Instant) { c.change(t, func(p *piece) { p.frozen = true }) }

// Thaw lets a frozen clock run on at instant t, from the reading at which it
// stopped and at its old rate.
func (c *Clock) Thaw(t Instant) { c.change(t, func(p *piece) { p.frozen = false }) }

// change starts a new piece at t that differs from the last one by edit.
func (c *Clock) change(t Instant, edit func(*piece)) {
	if len(c.pieces) == 0 {
		c.pieces = append(c.pieces, piece{})
	}
	last := c.pieces[len(c.pieces)-1]
	if t < last.since {
		panic(fmt.Sprintf("clock: change at %v after a change at %v", t, last.since))
	}
	next := piece{since: t, base: last.read(t), ppm: last.ppm, frozen: last.frozen}
	edit(&next)
	if next.frozen == last.frozen {
		return
	}
	c.pieces = append(c.pieces, next)
}

// Read returns what the clock shows at instant t. For t1 <= t2 the reading at
// t2 is never below the reading at t1.
func (c *Clock) Read(t Instant) Reading {
	if len(c.pieces) == 0 {
		return Reading(t)
	}
	i := len(c.pieces) - 1
	for i > 0 && c.pieces[i].since > t {
		i--
	}
	return c.pieces[i].read(t)
}

// When returns the first instant at which the clock reads at least r, as far as
// the changes made so far tell: Never while it is frozen below r.
func (c *Clock) When(r Reading) Instant {
	if r == Unset {
		return Never
	}
	if len(c.pieces) == 0 {
		return Instant(r)
	}
	// Walk back to the first piece that reaches r before the next one begins.
	best := Never
	for i := len(c.pieces) - 1; i >= 0; i-- {
		end := Never
		if i+1 < len(c.pieces) {
			end = c.pieces[i+1].since
		}
		if t := c.pieces[i].when(r); t < end {
			best = t
		}
		if c.pieces[i].base < r {
			break
		}
	}
	return best
}

func (p *piece) read(t Instant) Reading {
	if p.frozen || t <= p.since {
		return p.base
	}
	if p.ppm == 0 {
		return p.base + Reading(t-p.since)
	}
	// The product needs more than 64 bits after about two hours.
	hi, lo := bits.Mul64(uint64(t-p.since), uint64(1_000_000+p.ppm))
	if hi >= 1_000_000 {
		return Unset
	}
	quo, _ := bits.Div64(hi, lo, 1_000_000)
	return p.base.Add(time.Duration(min(quo, uint64(Unset))))
}

// when returns the first instant from since on at which the piece, if it went
// on for ever, reads at least r.
func (p *piece) when(r Reading) Instant {
	if r <= p.base {
		return p.since
	}
	if p.frozen {
		return Never
	}
	if p.ppm == 0 {
		return p.since.Add(time.Duration(r - p.base))
	}
	// Smallest dt with dt*rate/1e6 (cut off) >= r-base, so dt*rate >= (r-base)*1e6: round up.
	rate := uint64(1_000_000 + p.ppm)
	hi, lo := bits.Mul64(uint64(r-p.base), 1_000_000)
	lo, carry := bits.Add64(lo, rate-1, 0)
	hi += carry
	if hi >= rate {
		return Never
	}
	quo, _ := bits.Div64(hi, lo, rate)
	if quo > uint64(Never) {
		return Never
	}
	return p.since.Add(time.Duration(quo))
}
