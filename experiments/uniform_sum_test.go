package experiments

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSumOfUniformsAgreesWithGeometry(t *testing.T) {
	const unit = time.Second
	one := Span{0, unit}
	for _, tc := range []struct {
		what string
		law  UniformSum
		x    float64
		want float64
	}{
		{"one uniform, a quarter in", NewUniformSum(unit, one), 1.25e9, 0.25},
		{"a square's corner is a triangle: 0.5²/2", NewUniformSum(0, one, one), 0.5e9, 0.125},
		{"the middle of a rectangle", NewUniformSum(0, one, Span{0, 2 * unit}), 1.5e9, 0.5},
		{"a rectangle below the line at 1: 1/2 of 2", NewUniformSum(0, one, Span{0, 2 * unit}), 1e9, 0.25},
		{"a cube's corner: 1/3!", NewUniformSum(0, one, one, one), 1e9, 1.0 / 6},
		{"a cube's opposite corner", NewUniformSum(0, one, one, one), 2e9, 5.0 / 6},
		{"a tesseract's corner: 1/4!", NewUniformSum(0, one, one, one, one), 1e9, 1.0 / 24},
		{"a subtracted uniform: all below zero is the lower half", NewUniformSum(0, Span{-unit, 0}, one), 0, 0.5},
		{"nothing random, below", NewUniformSum(unit), 0.999e9, 0},
		{"nothing random, there", NewUniformSum(unit), 1e9, 1},
		{"a span of no length adds its place", NewUniformSum(unit, Span{unit, unit}, one), 2.5e9, 0.5},
		{"below all", NewUniformSum(0, one, one), -1, 0},
		{"above all", NewUniformSum(0, one, one), 2e9, 1},
	} {
		if got := tc.law.CDF(tc.x); math.Abs(got-tc.want) > 1e-15 {
			t.Errorf("%s: %v, CDF(%g) = %v: want %v", tc.what, tc.law, tc.x, got, tc.want)
		}
	}
}

// convolved is the slow and obvious second version of the distribution function:
// the mean, over the last uniform, of that of the others, by Simpson's rule. It
// wants the widest first, so that no step of an integral is longer than what the
// inner one covers.
func convolved(widths []float64, y float64) float64 {
	last := widths[len(widths)-1]
	if len(widths) == 1 {
		return min(max(y/last, 0), 1)
	}
	const steps = 30
	sum := 0.0
	for i := range steps + 1 {
		weight := 2.0 + 2*float64(i%2)
		if i == 0 || i == steps {
			weight = 1
		}
		sum += weight * convolved(widths[:len(widths)-1], y-last*float64(i)/steps)
	}
	return sum / (3 * steps)
}

func randomSum(t *rapid.T) (UniformSum, []float64) {
	offset := time.Duration(rapid.Int64Range(-1e10, 1e11).Draw(t, "offset"))
	var spans []Span
	var widths []float64
	for range rapid.IntRange(1, 4).Draw(t, "terms") {
		from := time.Duration(rapid.Int64Range(-2e10, 2e10).Draw(t, "from"))
		width := time.Duration(rapid.Int64Range(1e8, 3e10).Draw(t, "width"))
		spans = append(spans, Span{from, from + width})
		widths = append(widths, float64(width))
	}
	return NewUniformSum(offset, spans...), widths
}

func TestSumOfUniformsAgreesWithConvolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, widths := randomSum(t)
		at := rapid.Float64Range(0, 1).Draw(t, "at")
		y := at * float64(l.Max()-l.Min())
		slices.SortFunc(widths, func(a, b float64) int { return cmp.Compare(b, a) })
		// A kink of slope 1/w costs one step about (width/30)²/6w of the integral over
		// the width, that is less than 2e-4; there are a few kinks.
		if got, want := l.CDF(float64(l.Min())+y), convolved(widths, y); math.Abs(got-want) > 1e-3 {
			t.Fatalf("%v: CDF at %g of the range = %v: want %v", l, at, got, want)
		}
	})
}

func TestQuantileAndDistributionFunctionAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, _ := randomSum(t)
		u := rapid.Float64Range(1e-6, 1-1e-6).Draw(t, "u")
		x := l.Quantile(u)
		if l.CDF(x) < u {
			t.Fatalf("%v: CDF(Quantile(%v)) = %v is below", l, u, l.CDF(x))
		}
		if before := math.Nextafter(x, math.Inf(-1)); l.CDF(before) > u {
			t.Fatalf("%v: CDF just below Quantile(%v) = %v is above", l, u, l.CDF(before))
		}
		if mirrored := 2*l.Mean() - x; math.Abs(l.CDF(mirrored)-(1-l.CDF(x))) > 1e-9 {
			t.Fatalf("%v: CDF(%v) = %v, at its mirror image %v", l, x, l.CDF(x), l.CDF(mirrored))
		}
	})
}

// TestMomentsFollowFromTheDistributionFunction uses E X = b - ∫F and
// E (b-X)² = 2 ∫ (b-x) F(x) dx, for X up to b.
func TestMomentsFollowFromTheDistributionFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, _ := randomSum(t)
		const steps = 4000
		b, width := float64(l.Max()), float64(l.Max()-l.Min())
		first, second := 0.0, 0.0
		for i := range steps {
			below := width * (1 - (float64(i)+0.5)/steps)
			f := l.CDF(b-below) * width / steps
			first += f
			second += 2 * below * f
		}
		if mean := b - first; math.Abs(mean-l.Mean()) > 1e-6*width {
			t.Fatalf("%v: mean %v: want %v", l, l.Mean(), mean)
		}
		if sd := math.Sqrt(second - first*first); math.Abs(sd-l.SD()) > 1e-5*width {
			t.Fatalf("%v: sd %v: want %v", l, l.SD(), sd)
		}
	})
}

func TestSumOfUniformsReadsAsASum(t *testing.T) {
	l := NewUniformSum(30*time.Second, Span{0, 2 * time.Second}, Span{-10 * time.Second, 0})
	if got, want := l.String(), "20s + U[0, 2s] + U[0, 10s]"; got != want {
		t.Errorf("String() = %q: want %q", got, want)
	}
}

func TestImpossibleSumsPanic(t *testing.T) {
	for what, spans := range map[string][]Span{
		"ends in the wrong order": {{1, 0}},
		"too many terms":          make([]Span, maxSpans+1),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			NewUniformSum(0, spans...)
		}()
	}
}
