package experiments

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A Part is one of the laws of a mixture, with its share of the probability.
type Part struct {
	Share float64
	Law   UniformSum
}

// A Mixture is one of several sums of uniforms, each with its probability. It is
// what the rules of section 11 come to where something is counted in whole periods
// of the leader's PINGs. Like [UniformSum] it speaks nanoseconds in float64, and it
// is immutable.
type Mixture struct{ parts []Part }

// NewMixture returns the mixture of parts whose shares add up to one. Parts without
// a share are left out. It panics for shares that are negative or do not add up:
// both are errors of the program.
func NewMixture(parts ...Part) Mixture {
	var m Mixture
	sum := 0.0
	for _, p := range parts {
		if p.Share < 0 {
			panic(fmt.Sprintf("experiments: a share of %v: want 0 or more", p.Share))
		}
		sum += p.Share
		if p.Share > 0 {
			m.parts = append(m.parts, p)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		panic(fmt.Sprintf("experiments: shares that add up to %v: want 1", sum))
	}
	return m
}

// Min is the greatest lower bound of the mixture.
func (m Mixture) Min() time.Duration {
	least := m.parts[0].Law.Min()
	for _, p := range m.parts[1:] {
		least = min(least, p.Law.Min())
	}
	return least
}

// Max is the least upper bound of the mixture.
func (m Mixture) Max() time.Duration {
	most := m.parts[0].Law.Max()
	for _, p := range m.parts[1:] {
		most = max(most, p.Law.Max())
	}
	return most
}

// Mean is the expectation.
func (m Mixture) Mean() float64 {
	mean := 0.0
	for _, p := range m.parts {
		mean += p.Share * p.Law.Mean()
	}
	return mean
}

// SD is the standard deviation: the variance inside the parts and that between them.
func (m Mixture) SD() float64 {
	mean, variance := m.Mean(), 0.0
	for _, p := range m.parts {
		sd, off := p.Law.SD(), p.Law.Mean()-mean
		variance += p.Share * (sd*sd + off*off)
	}
	return math.Sqrt(variance)
}

// CDF is the probability of at most x.
func (m Mixture) CDF(x float64) float64 {
	sum := 0.0
	for _, p := range m.parts {
		sum += p.Share * p.Law.CDF(x)
	}
	return min(sum, 1)
}

// Quantile is the least x with CDF(x) >= u, by bisection down to neighbouring
// numbers.
func (m Mixture) Quantile(u float64) float64 {
	return bisect(m.CDF, float64(m.Min()), float64(m.Max()), u)
}

// String lists the parts with their shares, such as "40% 1s + U[0, 2s], 60% 3s".
func (m Mixture) String() string {
	var b strings.Builder
	for i, p := range m.parts {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%.3g%% %v", 100*p.Share, p.Law)
	}
	return b.String()
}

// Shift is the law of what is later by so much.
func (m Mixture) Shift(by time.Duration) Mixture {
	var later Mixture
	for _, p := range m.parts {
		later.parts = append(later.parts, Part{p.Share, p.Law.Shift(by)})
	}
	return later
}
