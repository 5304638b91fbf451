package web

import (
	"math"

	"zksim/experiments"
)

// A Law is the closed form of an instant of a shake, by section 11 of the rules; or why
// there is none.
type Law struct {
	Rule   string `json:"rule,omitempty"`
	WhyNot string `json:"why_not,omitempty"` // the assumption that does not hold
	// The instant, counted from the fault; its probability per second there; and the
	// probability that it has come by then.
	XNS     []int64   `json:"x_ns,omitempty"`
	Density []float64 `json:"density,omitempty"`
	Share   []float64 `json:"share,omitempty"`
	LeastNS int64     `json:"least_ns,omitempty"`
	MostNS  int64     `json:"most_ns,omitempty"`
	MeanNS  int64     `json:"mean_ns,omitempty"`
}

// lawPoints is how many points a curve has.
const lawPoints = 161

// lawOf is the closed form of a column of a metric, or nil if the rules have none for it.
func lawOf(s *loaded, client, metric, what string) *Law {
	name := client
	if i := s.find(client); i >= 0 {
		name = s.Clients[i].Name
	}
	b := experiments.ClosedFormOf(s.Scenario, name, metric, what)
	switch {
	case b.Rule == "":
		return nil
	case b.Why != "":
		return &Law{Rule: b.Rule, WhyNot: b.Why}
	}
	l := &Law{Rule: b.Rule, LeastNS: int64(math.Round(b.Min * 1e6)), MostNS: int64(math.Round(b.Max * 1e6)), MeanNS: int64(math.Round(b.Mean * 1e6))}
	if _, ok := b.CDF(b.Mean); !ok {
		return l
	}
	width := (b.Max - b.Min) / (lawPoints - 1) // ms
	for i := range lawPoints {
		x := b.Min + float64(i)*width
		before, _ := b.CDF(x - width/2)
		at, _ := b.CDF(x)
		after, _ := b.CDF(x + width/2)
		l.XNS = append(l.XNS, int64(math.Round(x*1e6)))
		l.Share = append(l.Share, nineDigits(at))
		l.Density = append(l.Density, nineDigits((after-before)/(width/1e3)))
	}
	return l
}

// nineDigits is less than what processors differ in.
func nineDigits(x float64) float64 { return math.Round(x*1e9) / 1e9 }
