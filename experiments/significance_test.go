package experiments

import (
	"math"
	"testing"

	"zksim/sim"
)

// standardUniform is the distribution function of a uniform on [0, 1].
func standardUniform(x float64) float64 { return min(max(x, 0), 1) }

func TestKolmogorovDistanceIsTheGreatestGap(t *testing.T) {
	for _, tc := range []struct {
		sample []float64
		want   float64
	}{
		{[]float64{0.5}, 0.5},
		{[]float64{0.9, 0.1, 0.4}, 2.0/3 - 0.4}, // just after 0.4
		{[]float64{0.9, 0.8}, 0.8},              // just before 0.8
		{[]float64{0.2, 0.2, 0.2, 0.2}, 0.8},    // ties count together
	} {
		if d, _ := KolmogorovSmirnov(tc.sample, standardUniform); math.Abs(d-tc.want) > 1e-15 {
			t.Errorf("sample %v: D = %v: want %v", tc.sample, d, tc.want)
		}
	}
}

// TestKolmogorovTail compares with the critical values of Kolmogorov's
// distribution, as printed in every table of it.
func TestKolmogorovTail(t *testing.T) {
	for _, tc := range []struct{ x, want float64 }{
		{0, 1}, {0.8276, 0.5}, {1.2238, 0.10}, {1.3581, 0.05}, {1.4802, 0.025}, {1.6276, 0.01}, {1.9495, 0.001},
	} {
		if got := kolmogorovTail(tc.x); math.Abs(got-tc.want) > 1e-3*tc.want { // x has four decimals
			t.Errorf("tail at %v = %.6f: want %v", tc.x, got, tc.want)
		}
	}
	// Where one series takes over from the other they agree.
	if below, above := kolmogorovTail(math.Nextafter(1, 0)), kolmogorovTail(1); math.Abs(below-above) > 1e-12 {
		t.Errorf("tail just below 1 is %v, at 1 %v: want the same", below, above)
	}
}

// TestPValuesOfTrueClaimsAreUniform draws samples that do follow the law: a test
// at level α then rejects in a fraction α of them, give or take four standard
// deviations of a binomial.
func TestPValuesOfTrueClaimsAreUniform(t *testing.T) {
	const samples, size = 4000, 100
	var ks, mean [samples]float64
	for i := range ks {
		sample := make([]float64, size)
		for k := range sample {
			sample[k] = sim.Unit(sim.Draw(uint64(i), 0, sim.PurposePhase, 0, uint64(k)))
		}
		_, ks[i] = KolmogorovSmirnov(sample, standardUniform)
		_, mean[i] = MeanTest(sample, 0.5)
	}
	for _, level := range []float64{0.01, 0.05, 0.5} {
		slack := 4 * math.Sqrt(level*(1-level)/samples)
		for name, ps := range map[string][]float64{"Kolmogorov-Smirnov": ks[:], "mean": mean[:]} {
			rejected := 0.0
			for _, p := range ps {
				if p <= level {
					rejected += 1.0 / samples
				}
			}
			if math.Abs(rejected-level) > slack {
				t.Errorf("%s rejects %.4f of true claims at level %v: want within %.4f", name, rejected, level, slack)
			}
		}
	}
}

func TestMeanTestIsTwoSided(t *testing.T) {
	sample := make([]float64, 100) // half 9, half 11: standard error sqrt(100/99)/10
	for i := range sample {
		sample[i] = 9 + 2*float64(i%2)
	}
	se := math.Sqrt(100.0/99) / 10
	for _, tc := range []struct{ claimed, want float64 }{
		{10, 1}, {10 - 1.959964*se, 0.05}, {10 + 1.959964*se, 0.05}, {10 + 2.575829*se, 0.01},
	} {
		mean, p := MeanTest(sample, tc.claimed)
		if math.Abs(mean-10) > 1e-12 || math.Abs(p-tc.want) > 1e-6 {
			t.Errorf("claimed %v: mean %v, p = %v: want 10 and %v", tc.claimed, mean, p, tc.want)
		}
	}
}

func TestMeanOfEqualValuesIsRightOrWrong(t *testing.T) {
	sample := []float64{7, 7, 7}
	if _, p := MeanTest(sample, 7); p != 1 {
		t.Errorf("claimed 7, all values 7: p = %v: want 1", p)
	}
	if _, p := MeanTest(sample, 7.5); p != 0 {
		t.Errorf("claimed 7.5, all values 7: p = %v: want 0", p)
	}
}

func TestHolmAdjustsInSteps(t *testing.T) {
	for _, tc := range []struct{ ps, want []float64 }{
		{nil, []float64{}},
		{[]float64{0.02}, []float64{0.02}},
		// In order: 0.005·4, 0.01·3, 0.03·2, 0.04·1 raised to the one before.
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.9, 0.8}, []float64{1, 1}},
		{[]float64{0.5, 0.001, 0.5}, []float64{1, 0.003, 1}},
	} {
		got := Holm(tc.ps)
		if len(got) != len(tc.want) {
			t.Errorf("Holm(%v) = %v: want %v", tc.ps, got, tc.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-tc.want[i]) > 1e-15 {
				t.Errorf("Holm(%v) = %v: want %v", tc.ps, got, tc.want)
				break
			}
		}
	}
}
