package sim

import (
	"fmt"
	"math"
)

var uniformRow = LawRow{
	Name:    "uniform",
	Meaning: "every duration between two bounds alike",
	Forms: [][]LawParam{{
		{Name: "from", Unit: UnitDuration, Meaning: "lower bound", Least: 0, Most: mostDuration},
		{Name: "to", Unit: UnitDuration, Meaning: "upper bound, above from", Least: leastSpread, Most: mostDuration},
	}},
	New: newUniform,
}

// uniformLaw spreads evenly over [from, to], in ns.
type uniformLaw struct{ from, to float64 }

func newUniform(params map[string]float64) (Law, error) {
	l := uniformLaw{from: params["from"], to: params["to"]}
	if l.to <= l.from {
		return nil, fmt.Errorf("from = %s, to = %s: want from below to", formatNs(l.from), formatNs(l.to))
	}
	return l, nil
}

// Quantile rounds the product by a conversion of its own, which forbids the
// compiler to fuse it with the sum on processors that could.
func (l uniformLaw) Quantile(u float64) float64 { return l.from + float64(u*(l.to-l.from)) }

func (l uniformLaw) CDF(x float64) float64 {
	return max(0, min(1, (x-l.from)/(l.to-l.from)))
}

func (l uniformLaw) Mean() float64 { return (l.from + l.to) / 2 }
func (l uniformLaw) SD() float64   { return (l.to - l.from) / math.Sqrt(12) }
func (l uniformLaw) String() string {
	return fmt.Sprintf("uniform(from=%s, to=%s)", formatNs(l.from), formatNs(l.to))
}
