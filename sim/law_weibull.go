package sim

import (
	"fmt"

	"gonum.org/v1/gonum/stat/distuv"
)

var weibullRow = LawRow{
	Name:    "weibull",
	Meaning: "time to failure: below shape 1 the longer it lasted the longer it lasts, above 1 the reverse",
	Forms: [][]LawParam{{
		{Name: "scale", Unit: UnitDuration, Meaning: "63.2% of the draws lie below", Least: leastSpread, Most: mostDuration},
		{Name: "shape", Unit: UnitNumber, Meaning: "1 is exponential, less has the heavier tail", Least: 0.1, Most: 100},
	}},
	New: func(params map[string]float64) (Law, error) {
		return weibullLaw{distuv.Weibull{K: params["shape"], Lambda: params["scale"]}}, nil
	},
}

// weibullLaw has its scale in ns.
type weibullLaw struct{ dist distuv.Weibull }

func (l weibullLaw) Quantile(u float64) float64 { return l.dist.Quantile(u) }
func (l weibullLaw) CDF(x float64) float64      { return l.dist.CDF(x) }
func (l weibullLaw) Mean() float64              { return l.dist.Mean() }
func (l weibullLaw) SD() float64                { return l.dist.StdDev() }
func (l weibullLaw) String() string {
	return fmt.Sprintf("weibull(scale=%s, shape=%g)", formatNs(l.dist.Lambda), l.dist.K)
}
