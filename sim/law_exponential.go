package sim

import (
	"fmt"

	"gonum.org/v1/gonum/stat/distuv"
)

var exponentialRow = LawRow{
	Name:    "exponential",
	Meaning: "waiting time without memory",
	Forms: [][]LawParam{{
		{Name: "mean", Unit: UnitDuration, Meaning: "mean before cut-offs", Least: leastSpread, Most: mostDuration},
	}},
	New: func(params map[string]float64) (Law, error) {
		return exponentialLaw{distuv.Exponential{Rate: 1 / params["mean"]}}, nil
	},
}

// exponentialLaw has its rate per ns.
type exponentialLaw struct{ dist distuv.Exponential }

func (l exponentialLaw) Quantile(u float64) float64 { return l.dist.Quantile(u) }
func (l exponentialLaw) CDF(x float64) float64      { return l.dist.CDF(x) }
func (l exponentialLaw) Mean() float64              { return l.dist.Mean() }
func (l exponentialLaw) SD() float64                { return l.dist.StdDev() }
func (l exponentialLaw) String() string {
	return fmt.Sprintf("exponential(mean=%s)", formatNs(l.Mean()))
}
