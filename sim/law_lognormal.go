package sim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

var lognormalRow = LawRow{
	Name:    "lognormal",
	Meaning: "the logarithm is normal: a body with a long upper tail, the usual shape of round trips",
	Forms: [][]LawParam{
		{
			{Name: "median", Unit: UnitDuration, Meaning: "half the draws lie below", Least: leastSpread, Most: mostDuration},
			{Name: "sigma", Unit: UnitNumber, Meaning: "standard deviation of the natural logarithm", Least: 0.001, Most: 10},
		},
		{
			{Name: "mean", Unit: UnitDuration, Meaning: "mean before cut-offs", Least: leastSpread, Most: mostDuration},
			{Name: "sd", Unit: UnitDuration, Meaning: "standard deviation before cut-offs", Least: leastSpread, Most: mostDuration},
		},
	},
	New: newLognormal,
}

// lognormalLaw is exp of a normal law of ln(ns).
type lognormalLaw struct{ dist distuv.LogNormal }

// newLognormal takes either form. From mean m and deviation s it follows that
// σ² = ln(1 + (s/m)²) and μ = ln m - σ²/2.
func newLognormal(params map[string]float64) (Law, error) {
	if median, ok := params["median"]; ok {
		return lognormalLaw{distuv.LogNormal{Mu: math.Log(median), Sigma: params["sigma"]}}, nil
	}
	ratio := params["sd"] / params["mean"]
	variance := math.Log1p(ratio * ratio)
	return lognormalLaw{distuv.LogNormal{
		Mu:    math.Log(params["mean"]) - variance/2,
		Sigma: math.Sqrt(variance),
	}}, nil
}

func (l lognormalLaw) Quantile(u float64) float64 { return l.dist.Quantile(u) }

func (l lognormalLaw) CDF(x float64) float64 {
	if x <= 0 { // where the logarithm would give NaN
		return 0
	}
	return l.dist.CDF(x)
}

func (l lognormalLaw) Mean() float64 { return l.dist.Mean() }

// SD uses expm1: with a small σ the difference exp(σ²)-1 would lose its digits.
func (l lognormalLaw) SD() float64 {
	return l.dist.Mean() * math.Sqrt(math.Expm1(l.dist.Sigma*l.dist.Sigma))
}

func (l lognormalLaw) String() string {
	return fmt.Sprintf("lognormal(median=%s, sigma=%.6g)", formatNs(math.Exp(l.dist.Mu)), l.dist.Sigma)
}
