package sim

import (
	"fmt"

	"gonum.org/v1/gonum/stat/distuv"
)

var normalRow = LawRow{
	Name:    "normal",
	Meaning: "bell curve, conditioned on not being negative",
	Forms: [][]LawParam{{
		{Name: "mean", Unit: UnitDuration, Meaning: "mean before cut-offs", Least: 0, Most: mostDuration},
		{Name: "sd", Unit: UnitDuration, Meaning: "standard deviation before cut-offs", Least: leastSpread, Most: mostDuration},
	}},
	New: func(params map[string]float64) (Law, error) {
		return normalLaw{distuv.Normal{Mu: params["mean"], Sigma: params["sd"]}}, nil
	},
}

// normalLaw is the whole bell curve, negative part included; a Sampler, whose
// least cut-off is 0, conditions that part away and thereby raises the mean.
type normalLaw struct{ dist distuv.Normal }

func (l normalLaw) Quantile(u float64) float64 { return l.dist.Quantile(u) }
func (l normalLaw) CDF(x float64) float64      { return l.dist.CDF(x) }
func (l normalLaw) Mean() float64              { return l.dist.Mu }
func (l normalLaw) SD() float64                { return l.dist.Sigma }
func (l normalLaw) String() string {
	return fmt.Sprintf("normal(mean=%s, sd=%s)", formatNs(l.dist.Mu), formatNs(l.dist.Sigma))
}
