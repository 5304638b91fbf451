package sim

import (
	"fmt"
	"math"
	"time"
)

var constantRow = LawRow{
	Name:    "constant",
	Meaning: "always the same duration",
	Forms: [][]LawParam{{
		{Name: "value", Unit: UnitDuration, Meaning: "the duration, in whole microseconds", Least: 0, Most: mostDuration},
	}},
	New: newConstant,
}

// constantLaw is the duration it gives, in ns.
type constantLaw float64

// newConstant refuses a fraction of a microsecond: rounding would change the
// one thing the user said.
func newConstant(params map[string]float64) (Law, error) {
	v := params["value"]
	if math.Mod(v, float64(time.Microsecond)) != 0 {
		return nil, fmt.Errorf("value = %s: want whole microseconds", formatNs(v))
	}
	return constantLaw(v), nil
}

func (l constantLaw) Quantile(float64) float64 { return float64(l) }

func (l constantLaw) CDF(x float64) float64 {
	if x < float64(l) {
		return 0
	}
	return 1
}

func (l constantLaw) Mean() float64  { return float64(l) }
func (l constantLaw) SD() float64    { return 0 }
func (l constantLaw) String() string { return fmt.Sprintf("constant(value=%s)", formatNs(float64(l))) }
