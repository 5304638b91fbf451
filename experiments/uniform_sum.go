package experiments

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A Span is a duration that is uniform from From to To. Whether the ends belong
// to it makes no difference to a law; the rules say where it matters. A waiting
// time that is subtracted is a span from minus its length to zero.
type Span struct{ From, To time.Duration }

// maxSpans bounds the terms of a sum: its distribution function takes 2^k steps
// and loses digits with k.
const maxSpans = 6

// A UniformSum is the law of a constant plus independent uniforms. It is what
// the rules of section 11 come to when phases are uniform. Like every
// [zksim/sim.Law] it speaks nanoseconds in float64, and it is immutable.
type UniformSum struct {
	low    float64   // the least value
	width  float64   // from there to the greatest
	widths []float64 // of the terms, none of them zero
}

// NewUniformSum returns the law of offset plus an independent uniform of each
// span. It panics for a span that ends before it begins and for more than six:
// both are errors of the program.
func NewUniformSum(offset time.Duration, spans ...Span) UniformSum {
	if len(spans) > maxSpans {
		panic(fmt.Sprintf("experiments: sum of %d uniforms: want at most %d", len(spans), maxSpans))
	}
	l := UniformSum{low: float64(offset)}
	for _, s := range spans {
		if s.To < s.From {
			panic(fmt.Sprintf("experiments: uniform from %v to %v: want the ends in order", s.From, s.To))
		}
		l.low += float64(s.From)
		if w := float64(s.To - s.From); w > 0 {
			l.widths = append(l.widths, w)
			l.width += w
		}
	}
	return l
}

// Shift is the law of what is later by so much.
func (l UniformSum) Shift(by time.Duration) UniformSum {
	l.low += float64(by)
	return l
}

// Min is the greatest lower bound of the sum.
func (l UniformSum) Min() time.Duration { return time.Duration(l.low) }

// Max is the least upper bound of the sum.
func (l UniformSum) Max() time.Duration { return time.Duration(l.low + l.width) }

// Mean is the expectation.
func (l UniformSum) Mean() float64 { return l.low + l.width/2 }

// SD is the standard deviation: a uniform of width w has the variance w²/12.
func (l UniformSum) SD() float64 {
	variance := 0.0
	for _, w := range l.widths {
		variance += w * w / 12
	}
	return math.Sqrt(variance)
}

// CDF is the probability of at most x.
//
// The volume of the part of a box with sides w1, ..., wk that lies below the
// plane u1+...+uk = y is, by inclusion and exclusion over the corners,
//
//	Σ over S ⊆ {1..k} of (−1)^|S| · max(0, y − Σ of wi in S)^k / k!
//
// and the probability is this over w1·...·wk. Terms cancel, more so towards the
// upper end, where the symmetry of the law is used instead. What is left of the
// error is at most about 2^k · ε · (w/2)^k / (k! · w1·...·wk), with w the sum of
// the sides and ε = 1.1e-16: 3e-15 at an idle client of a follower (T = 30 s,
// τ = 2 s).
func (l UniformSum) CDF(x float64) float64 {
	y := x - l.low
	switch {
	case y < 0:
		return 0
	case y >= l.width:
		return 1
	case y > l.width/2:
		return 1 - l.below(l.width-y)
	}
	return l.below(y)
}

// below is the probability of at most y above the least value, for y up to the
// middle.
func (l UniformSum) below(y float64) float64 {
	sum := 0.0
	for set := range 1 << len(l.widths) {
		rest, term := y, 1.0
		for i, w := range l.widths {
			if set>>i&1 == 1 {
				rest -= w
				term = -term
			}
		}
		if rest <= 0 {
			continue
		}
		// One factor at a time: the power alone would be astronomically large.
		for i, w := range l.widths {
			term *= rest / (w * float64(i+1))
		}
		sum += term
	}
	return min(max(sum, 0), 1)
}

// Quantile is the least x with CDF(x) >= u, by bisection down to neighbouring
// numbers.
func (l UniformSum) Quantile(u float64) float64 {
	return bisect(l.CDF, l.low, l.low+l.width, u)
}

// bisect finds where a distribution function between low and high reaches u.
func bisect(cdf func(float64) float64, low, high, u float64) float64 {
	for {
		mid := low + (high-low)/2
		if mid <= low || mid >= high {
			return high
		}
		if cdf(mid) >= u {
			high = mid
		} else {
			low = mid
		}
	}
}

// String is the law as a sum, such as "20s + U[0, 2s] + U[0, 10s]": the least
// value, and what is added to it.
func (l UniformSum) String() string {
	var b strings.Builder
	b.WriteString(l.Min().String())
	for _, w := range l.widths {
		fmt.Fprintf(&b, " + U[0, %v]", time.Duration(w))
	}
	return b.String()
}
