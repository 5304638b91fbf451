package sim

import (
	"math"
	"testing"
)

func TestLawLognormalTakesMeanAndDeviation(t *testing.T) {
	for _, c := range []struct{ mean, sd float64 }{
		{10 * ms, 1 * ms}, {10 * ms, 30 * ms}, {1000 * ms, 0.001 * ms},
	} {
		law, err := NewLaw("lognormal", map[string]float64{"mean": c.mean, "sd": c.sd})
		if err != nil {
			t.Fatal(err)
		}
		if got := law.Mean(); math.Abs(got-c.mean) > 1e-12*c.mean {
			t.Errorf("%v: Mean() = %v, want %v", law, got, c.mean)
		}
		if got := law.SD(); math.Abs(got-c.sd) > 1e-9*c.sd {
			t.Errorf("%v: SD() = %v, want %v", law, got, c.sd)
		}
	}
}
