package sim

import (
	"fmt"
	"math"
	"time"
)

// MaxSample is the longest duration a Sampler gives: that of the longest run, so
// that every instant of a run can be said.
const MaxSample = 24 * time.Hour

// leastMass is the least probability a law may have between the cut-offs. With
// less, the uniform has too few digits left there, and the cut-offs are more
// likely a slip than a wish.
const leastMass = 1e-6

// Sampler draws durations from a law between two cut-offs, in whole
// microseconds.
//
// The cut-offs condition the law: a uniform u is moved into [F(min-), F(max)]
// before the quantile is taken. So nothing piles up at a cut-off, as it would
// with clamping, and each draw still takes one uniform. The mean of what is
// drawn differs from the law's accordingly.
//
// Floating point is not the same everywhere: some processors fuse x*y+z into one
// rounding, and exp and log differ in the last digit. Rounding to whole
// microseconds before anything compares the result takes those differences out
// but for values next to half a microsecond: a second has some 1e-7 ns of noise
// in 1,000, so about one draw in 1e10 could still differ.
//
// A Sampler is immutable. Make it once and share it among worlds: a tabulated
// law takes some 15 ms to prepare.
type Sampler struct {
	law      Law
	table    *quantileTable // nil for a law whose Quantile is quick
	low      float64        // F(min-), the probability below the cut-offs
	mass     float64        // the probability between the cut-offs
	min, max time.Duration
	fixed    bool          // every draw would give value
	value    time.Duration // meaningful if fixed
	written  *lawWords     // as a scenario says it; nil for a law that a program has made
}

// NewSampler conditions law on [min, max]. A max of 0 stands for MaxSample, and
// a min of 0 is no cut-off except for laws that reach below zero. It returns an
// error for cut-offs that are negative, in the wrong order, beyond MaxSample or
// not whole microseconds, and for a law with almost nothing between them.
func NewSampler(law Law, min, max time.Duration) (*Sampler, error) {
	if max == 0 {
		max = MaxSample
	}
	switch {
	case min < 0:
		return nil, fmt.Errorf("min %s: want 0s or more", brief(min))
	case max > MaxSample:
		return nil, fmt.Errorf("max %s: want at most %s", brief(max), brief(MaxSample))
	case min > max:
		return nil, fmt.Errorf("min %s, max %s: want min up to max", brief(min), brief(max))
	case min%time.Microsecond != 0:
		return nil, fmt.Errorf("min %s: want whole microseconds", brief(min))
	case max%time.Microsecond != 0:
		return nil, fmt.Errorf("max %s: want whole microseconds", brief(max))
	}
	// The probability below min leaves out a jump at min itself, which matters
	// for laws of single values.
	low := law.CDF(math.Nextafter(float64(min), math.Inf(-1)))
	mass := law.CDF(float64(max)) - low
	if !(mass >= leastMass) {
		return nil, fmt.Errorf("%v: probability %.2g between min %s and max %s: want at least %g",
			law, mass, brief(min), brief(max), leastMass)
	}
	s := &Sampler{law: law, low: low, mass: mass, min: min, max: max}
	if slow, ok := law.(slowLaw); ok {
		s.table = newQuantileTable(slow)
	}
	// The quantile never decreases, so equal ends mean that all is equal.
	first, last := s.at(Unit(0)), s.at(Unit(math.MaxUint64))
	s.fixed, s.value = first == last, first
	return s, nil
}

// NeedsDraw tells whether Sample depends on its random bits. Where it does not,
// as for a constant law, the caller can leave the draw out.
func (s *Sampler) NeedsDraw() bool { return !s.fixed }

// Sample gives the duration for the random bits of one draw: whole microseconds
// between the cut-offs. More bits never mean a shorter duration, so samplers of
// two laws given the same bits are as alike as the laws allow.
func (s *Sampler) Sample(random uint64) time.Duration {
	if s.fixed {
		return s.value
	}
	return s.at(Unit(random))
}

// at gives the duration for a uniform.
func (s *Sampler) at(u float64) time.Duration {
	u = s.low + float64(u*s.mass) // the conversion forbids fusing
	var ns float64
	if s.table != nil {
		ns = s.table.at(u)
	} else {
		ns = s.law.Quantile(u)
	}
	// Rounding of u may step over a cut-off, and a heavy tail over the range of
	// an integer; both are put right before the conversion.
	if ns >= float64(s.max) {
		return s.max
	}
	if ns <= float64(s.min) {
		return s.min
	}
	return wholeMicros(ns) * time.Microsecond
}

// wholeMicros rounds to whole microseconds, half of one upwards, what is neither
// negative nor above MaxSample. It is math.Round without the bits of the general case:
// the fraction that the conversion cuts off is exact.
func wholeMicros(ns float64) time.Duration {
	us := ns / float64(time.Microsecond)
	whole := time.Duration(us)
	if us-float64(whole) >= 0.5 {
		whole++
	}
	return whole
}

// CDF is the probability that a draw is at most x, in nanoseconds, before rounding.
func (s *Sampler) CDF(x float64) float64 {
	switch {
	case x < float64(s.min):
		return 0
	case x >= float64(s.max):
		return 1
	}
	return min(max((s.law.CDF(x)-s.low)/s.mass, 0), 1)
}

// Law gives the law before the cut-offs.
func (s *Sampler) Law() Law { return s.law }

// String is the law with the cut-offs that differ from their defaults, such as
// "pareto(scale=1ms, shape=3), max 2s". A constant law is its duration.
func (s *Sampler) String() string {
	if value, constant := s.law.(constantLaw); constant {
		return formatNs(float64(value))
	}
	text := s.law.String()
	if s.min != 0 {
		text += ", min " + brief(s.min)
	}
	if s.max != MaxSample {
		text += ", max " + brief(s.max)
	}
	return text
}
