package clock

import (
	"fmt"
	"time"
)

// MaxPPM bounds a clock's rate error, in parts per million either way. A clock
// at half or one and a half times the true rate is far outside what hardware
// does, and keeps the arithmetic away from its limits.
const MaxPPM = 500_000

// A Clock turns the world's instants into one node's readings and back.
//
// Between two changes a clock is a straight [Line]. Changes are appended in
// order of time, and every line starts where the one before it ended, so a clock
// never goes backwards.
//
// The zero value is a true clock whose reading equals the instant.
type Clock struct {
	current Line
	earlier []Line // in order of time
}

// New returns a clock that shows offset at the start of the run and gains ppm
// microseconds a second from then on (loses, where ppm is negative). It reports
// an error if offset is negative or ppm beyond [MaxPPM].
func New(offset Reading, ppm int64) (*Clock, error) {
	c := new(Clock)
	if err := c.Set(offset, ppm); err != nil {
		return nil, err
	}
	return c, nil
}

// Set makes the clock what [New] returns, whatever it was before.
func (c *Clock) Set(offset Reading, ppm int64) error {
	if offset < 0 {
		return fmt.Errorf("clock offset %v: want zero or more", time.Duration(offset))
	}
	if ppm < -MaxPPM || ppm > MaxPPM {
		return fmt.Errorf("clock rate error %d ppm: want -%d to %d", ppm, MaxPPM, MaxPPM)
	}
	*c = Clock{current: Line{base: offset, ppm: ppm}, earlier: c.earlier[:0]}
	return nil
}

// Freeze stops the clock at instant t: from there it shows the same reading
// until Thaw. Freezing a frozen clock changes nothing. Instants passed to
// Freeze and Thaw must not decrease; a violation is a programming error.
func (c *Clock) Freeze(t Instant) {
	if c.current.ppm != stopped {
		c.change(t, stopped)
	}
}

// Thaw lets a frozen clock run on at instant t, from the reading at which it
// stopped and at its old rate. Thawing a running clock changes nothing.
func (c *Clock) Thaw(t Instant) {
	if c.current.ppm == stopped {
		c.change(t, c.earlier[len(c.earlier)-1].ppm)
	}
}

// change starts a new line at t with another rate.
func (c *Clock) change(t Instant, ppm int64) {
	if t < c.current.since {
		panic(fmt.Sprintf("clock: change at %v after a change at %v", t, c.current.since))
	}
	c.earlier = append(c.earlier, c.current)
	c.current = Line{since: t, base: c.current.Read(t), ppm: ppm}
}

// Current returns the line on which the clock runs now: enough for who reads it
// at no instant before the last change.
func (c *Clock) Current() Line { return c.current }

// Read returns what the clock shows at instant t. For t1 <= t2 the reading at
// t2 is never below the reading at t1.
func (c *Clock) Read(t Instant) Reading {
	line := &c.current
	for i := len(c.earlier) - 1; i >= 0 && line.since > t; i-- {
		line = &c.earlier[i]
	}
	return line.Read(t)
}

// When returns the first instant at which the clock reads at least r, as far as
// the changes made so far tell: Never while it is frozen below r.
func (c *Clock) When(r Reading) Instant {
	best := c.current.When(r)
	// Walk back to the first line that reaches r before the next one begins.
	next := &c.current
	for i := len(c.earlier) - 1; i >= 0 && next.base >= r; i-- {
		line := &c.earlier[i]
		if t := line.When(r); t < next.since {
			best = t
		}
		next = line
	}
	return best
}
