package sim

import (
	"fmt"

	"gonum.org/v1/gonum/stat/distuv"
)

var paretoRow = LawRow{
	Name:    "pareto",
	Meaning: "a least duration and a tail that falls by a power",
	Forms: [][]LawParam{{
		{Name: "scale", Unit: UnitDuration, Meaning: "the least duration", Least: leastSpread, Most: mostDuration / 2},
		{Name: "shape", Unit: UnitNumber, Meaning: "the power; no mean up to 1, no deviation up to 2", Least: 0.1, Most: 100},
	}},
	New: func(params map[string]float64) (Law, error) {
		return paretoLaw{distuv.Pareto{Xm: params["scale"], Alpha: params["shape"]}}, nil
	},
}

// paretoLaw has its scale in ns. The scale ends at half of MaxSample, so that
// something of the law lies below that bound. With a small shape much lies beyond
// it, and a Sampler conditions that part away.
type paretoLaw struct{ dist distuv.Pareto }

func (l paretoLaw) Quantile(u float64) float64 { return l.dist.Quantile(u) }
func (l paretoLaw) CDF(x float64) float64      { return l.dist.CDF(x) }
func (l paretoLaw) Mean() float64              { return l.dist.Mean() }
func (l paretoLaw) SD() float64                { return l.dist.StdDev() }
func (l paretoLaw) String() string {
	return fmt.Sprintf("pareto(scale=%s, shape=%g)", formatNs(l.dist.Xm), l.dist.Alpha)
}
