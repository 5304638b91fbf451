package sim

import (
	"math"
	"testing"
)

func newGamma(t testing.TB, shape float64) gammaLaw {
	t.Helper()
	law, err := NewLaw("gamma", map[string]float64{"mean": 10 * ms, "shape": shape})
	if err != nil {
		t.Fatal(err)
	}
	return law.(gammaLaw)
}

// Shape 1 is the exponential law, also where the library's inverse gives NaN.
func TestLawGammaOfShapeOneIsExponential(t *testing.T) {
	law := newGamma(t, 1)
	for _, u := range spreadOfUniforms() {
		want := -10 * ms * math.Log1p(-u)
		if got := law.Quantile(u); !(math.Abs(got-want) <= 1e-9*want) {
			t.Errorf("Quantile(%v) = %v, want %v", u, got, want)
		}
	}
}
