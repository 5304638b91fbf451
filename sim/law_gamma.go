package sim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

var gammaRow = LawRow{
	Name:    "gamma",
	Meaning: "sum of shape exponential stages",
	Forms: [][]LawParam{{
		{Name: "mean", Unit: UnitDuration, Meaning: "mean before cut-offs", Least: leastSpread, Most: mostDuration},
		{Name: "shape", Unit: UnitNumber, Meaning: "1 is exponential, more is narrower", Least: 0.05, Most: 1e4},
	}},
	New: func(params map[string]float64) (Law, error) {
		shape := params["shape"]
		return gammaLaw{distuv.Gamma{Alpha: shape, Beta: shape / params["mean"]}}, nil
	},
}

// gammaLaw has its rate per ns. Its Quantile iterates for microseconds, so it
// also gives its density, and a Sampler tabulates it.
type gammaLaw struct{ dist distuv.Gamma }

// Quantile follows the tail it is in. The library's inverse loses its digits,
// and at shape 1 returns NaN, for the smallest u of small shapes. There the
// first term of the series, F(x) = x^a/Γ(a+1), is exact enough: what it leaves
// out changes x by a relative x/(a+1), below 1e-9. The upper half inverts the
// complement, which keeps the digits of 1-u.
func (l gammaLaw) Quantile(u float64) float64 {
	a := l.dist.Alpha
	if u > 0.5 {
		return mathext.GammaIncRegCompInv(a, 1-u) / l.dist.Beta
	}
	if x := math.Pow(u*math.Gamma(a+1), 1/a); x < 1e-9 {
		return x / l.dist.Beta
	}
	return l.dist.Quantile(u)
}

func (l gammaLaw) CDF(x float64) float64     { return l.dist.CDF(x) }
func (l gammaLaw) Density(x float64) float64 { return l.dist.Prob(x) }
func (l gammaLaw) Mean() float64             { return l.dist.Mean() }
func (l gammaLaw) SD() float64               { return l.dist.StdDev() }
func (l gammaLaw) String() string {
	return fmt.Sprintf("gamma(mean=%s, shape=%g)", formatNs(l.Mean()), l.dist.Alpha)
}
