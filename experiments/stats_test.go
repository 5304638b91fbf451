package experiments

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

var durations = &Column{Name: "d", Kind: KindDuration}

func sampleOf(c *Column, values ...Value) *Sample {
	s := NewSample(c)
	for _, v := range values {
		s.Add(v)
	}
	return s
}

// TestSummaryOfAHandful is worked out by hand: 2, 4, 4, 4, 5, 5, 7, 9 have the mean 5 and
// the sum of squares about it 32.
func TestSummaryOfAHandful(t *testing.T) {
	m := sampleOf(durations, 9, 2, 4, 4, absent, 4, 5, 5, 7).Summary()
	if m.N != 8 || m.Absent != 1 || m.Never != 0 || m.Mean.Value != 5 || m.Min != 2 || m.Max != 9 || m.SD != math.Sqrt(32.0/7) {
		t.Errorf("%+v: want n 8, 1 absent, mean 5, 2 to 9, sd √(32/7)", m)
	}
	if half := 2.364624252 * math.Sqrt(32.0/7/8); math.Abs(m.Mean.High-5-half) > 1e-9 || math.Abs(m.Mean.Low-5+half) > 1e-9 {
		t.Errorf("mean %v: want 5 ± %v, Student's with 7 degrees of freedom", m.Mean, half)
	}
	// The rank of p50 is 4 of 8, that of p90 the 8th. Of 8, P(B ≤ 0) = 1/256 and P(B ≤ 1) =
	// 9/256 > 2.5 %: the median lies between the 1st and the 8th.
	if q := m.Quantiles[0]; q.Value != 4 || q.Low != 2 || q.High != 9 {
		t.Errorf("p50 %v: want 4 in 2 to 9", q)
	}
	if q := m.Quantiles[1]; q.Value != 9 || q.Low != 5 || !math.IsNaN(q.High) {
		t.Errorf("p90 %v: want 9, above the fifth, since P(B ≤ 4) = 0.5 %% and P(B ≤ 5) = 3.8 %%, and without an upper end", q)
	}
}

// TestWhatNeverHappenedIsGreaterThanAnyNumber: it moves quantiles, not the mean.
func TestWhatNeverHappenedIsGreaterThanAnyNumber(t *testing.T) {
	m := sampleOf(durations, 1, 2, 3, never).Summary()
	if m.N != 4 || m.Never != 1 || m.Mean.Value != 2 || m.Max != 3 || m.Quantiles[0].Value != 2 || !math.IsInf(m.Quantiles[2].Value, 1) {
		t.Errorf("%+v: want 4 runs, 1 never, mean 2, p50 2, p99 never", m)
	}
	if m := sampleOf(durations, never, never).Summary(); m.N != 2 || !math.IsNaN(m.Mean.Value) || !math.IsInf(m.Quantiles[0].Value, 1) {
		t.Errorf("%+v: want no mean and no number for p50", m)
	}
	if m := sampleOf(durations, absent).Summary(); m.N != 0 || m.Absent != 1 || !math.IsNaN(m.Quantiles[0].Value) {
		t.Errorf("%+v: want nothing", m)
	}
}

// TestNeverSeenIsNotImpossible: 0.95 of one trial; and 0.05^(1/100) = 0.97048 of a
// hundred. Where it never happened, or never failed to, no value is given.
func TestNeverSeenIsNotImpossible(t *testing.T) {
	for _, tc := range []struct {
		n    int
		want float64
	}{{1, 0.95}, {2, 1 - math.Sqrt(0.05)}, {100, 0.029513049607}, {1_000_000, 2.99572778e-6}} {
		if got := NeverSeen(tc.n); math.Abs(got-tc.want) > 1e-7*tc.want {
			t.Errorf("%d trials: %v, want %v", tc.n, got, tc.want)
		}
	}
	yes := &Column{Kind: KindProbability}
	none := sampleOf(yes, slices.Repeat([]Value{0}, 100)...).Summary()
	if none.Ones != 0 || !math.IsNaN(none.Mean.Value) || none.Mean.Low != 0 || none.Mean.High != NeverSeen(100) {
		t.Errorf("100 times no: %+v, want at most %v", none, NeverSeen(100))
	}
	all := sampleOf(yes, slices.Repeat([]Value{1}, 100)...).Summary()
	if all.Ones != 100 || !math.IsNaN(all.Mean.Value) || all.Mean.Low != 1-NeverSeen(100) || all.Mean.High != 1 {
		t.Errorf("100 times yes: %+v, want at least %v", all, 1-NeverSeen(100))
	}
}

// TestWilsonAgainstNewcombe takes the examples of Newcombe, "Two-Sided Confidence
// Intervals for the Single Proportion", Statistics in Medicine 17, 1998, table I.
func TestWilsonAgainstNewcombe(t *testing.T) {
	for _, tc := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		low, high := Wilson(tc.k, tc.n)
		if math.Abs(low-tc.low) > 5e-5 || math.Abs(high-tc.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %v to %v", tc.k, tc.n, low, high, tc.low, tc.high)
		}
	}
}

func TestStudentsQuantilesAreRightToFourDigits(t *testing.T) {
	for f := 1; f < 3000; f++ {
		want := distuv.StudentsT{Sigma: 1, Nu: float64(f)}.Quantile(0.975)
		if got := student975(f); math.Abs(got-want) > 5e-5 {
			t.Errorf("%d degrees of freedom: %v, want %v", f, got, want)
		}
	}
}

// TestRanksBoundTheQuantile compares the ranks with those that an independent binomial
// law gives: at most 2.5 % on either side, and one rank further in it is more.
func TestRanksBoundTheQuantile(t *testing.T) {
	for _, n := range []int{1, 2, 5, 10, 59, 100, 1000, 4095, 20_000} {
		for _, q := range Quantiles {
			low, high := rankInterval(n, q.Thousandths)
			b := distuv.Binomial{N: float64(n), P: float64(q.Thousandths) / 1000}
			cdf := func(k int) float64 { // of at most k
				if k < 0 {
					return 0
				}
				return b.CDF(float64(min(k, n)))
			}
			const slip = 1e-9
			if low > 0 && cdf(low-1) > 0.025+slip || cdf(low) < 0.025-slip {
				t.Errorf("n %d, %s: low rank %d: P(B < rank) = %v and of the next %v, want 2.5 %% between", n, q.Name, low, cdf(low-1), cdf(low))
			}
			if high <= n && 1-cdf(high-1) > 0.025+slip || high > 1 && 1-cdf(high-2) < 0.025-slip {
				t.Errorf("n %d, %s: high rank %d: P(B ≥ rank) = %v and of the one before %v, want 2.5 %% between", n, q.Name, high, 1-cdf(high-1), 1-cdf(high-2))
			}
		}
	}
	if low, high := rankInterval(100, 500); low != 40 || high != 61 {
		t.Errorf("the median of 100: ranks %d and %d, want 40 and 61 as in every table", low, high)
	}
}

// TestSamplesDoNotDependOnTheOrder: however values are dealt to several samples that are
// then merged, they say the same, in every bit.
func TestSamplesDoNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Value {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				return absent
			case 1:
				return never
			}
			return float64(rapid.Int64Range(-1e12, 1e12).Draw(t, "microseconds")) / 1000
		}), 1, 60).Draw(t, "values")
		one := sampleOf(durations, values...)
		parts := []*Sample{NewSample(durations), NewSample(durations), NewSample(durations)}
		for i, v := range rapid.Permutation(values).Draw(t, "order") {
			parts[i%3].Add(v)
		}
		parts[1].Merge(parts[2])
		parts[1].Merge(parts[0])
		a, b := one.Summary(), parts[1].Summary()
		if !sameBits(a, b) {
			t.Fatalf("%+v\nand merged\n%+v", a, b)
		}
		var numbers []float64
		for _, v := range values {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				numbers = append(numbers, v)
			}
		}
		if len(numbers) > 1 {
			mean, sd := stat.MeanStdDev(numbers, nil)
			if math.Abs(a.Mean.Value-mean) > 1e-6*(1+math.Abs(mean)) || math.Abs(a.SD-sd) > 1e-6*(1+sd) {
				t.Fatalf("mean %v, sd %v: want %v and %v", a.Mean.Value, a.SD, mean, sd)
			}
		}
	})
}

func sameBits(a, b Summary) bool {
	list := func(m Summary) []float64 {
		l := []float64{m.Mean.Value, m.Mean.Low, m.Mean.High, m.SD, m.Min, m.Max, float64(m.N), float64(m.Never), float64(m.Absent)}
		for _, q := range m.Quantiles {
			l = append(l, q.Value, q.Low, q.High)
		}
		return l
	}
	return slices.EqualFunc(list(a), list(b), func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) || x != x && y != y })
}

// TestLargeSamplesAreNearlyExact: beyond what is kept one by one, quantiles are off by at
// most half a bucket, everything else not at all.
func TestLargeSamplesAreNearlyExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	large, small := NewSample(durations), NewSample(durations)
	values := make([]float64, mostExact+1000)
	for i := range values {
		values[i] = math.Round(random.NormFloat64()*3e6) / 1000
		large.Add(values[i])
		if i%2 == 0 {
			small.Add(values[i])
		}
	}
	if large.coarse == nil || small.coarse != nil {
		t.Fatal("want the one sample in a histogram and the other not")
	}
	m := large.Summary()
	slices.Sort(values)
	for i, q := range Quantiles {
		want := values[rankOf(len(values), q.Thousandths)-1]
		if math.Abs(m.Quantiles[i].Value-want) > math.Abs(want)/2048+0.001 {
			t.Errorf("%s is %v: want %v to 1/2,048", q.Name, m.Quantiles[i].Value, want)
		}
	}
	mean, sd := stat.MeanStdDev(values, nil)
	if !m.Coarse || m.Min != values[0] || m.Max != values[len(values)-1] || math.Abs(m.Mean.Value-mean) > 1e-6 || math.Abs(m.SD-sd) > 1e-6 {
		t.Errorf("%+v: want mean %v, sd %v, %v to %v", m, mean, sd, values[0], values[len(values)-1])
	}
	half := NewSample(durations)
	half.Merge(small)
	half.Merge(small)
	if n := half.Summary().N; !half.Summary().Coarse || n != 2*small.n {
		t.Errorf("merged: %d values, want %d in a histogram", n, 2*small.n)
	}
}

// TestDifferencesArePaired: what is common to both falls out.
func TestDifferencesArePaired(t *testing.T) {
	p := NewPairing(durations)
	for i, common := range []float64{100, 900, 20, 5000} {
		p.Add(common, common+[]float64{1, 2, 3, 2}[i])
	}
	p.Add(never, 3)
	p.Add(3, absent)
	pairs, left, d := p.Difference()
	half := 3.182446305 * math.Sqrt(2.0/3/4) // 1, 2, 3, 2: mean 2, squares about it 2
	if pairs != 4 || left != 2 || d.Value != 2 || math.Abs(d.High-2-half) > 1e-9 || math.Abs(d.Low-2+half) > 1e-9 {
		t.Errorf("%d pairs, %d without, difference %v: want 4, 2, and 2 ± %v", pairs, left, d, half)
	}
	if n, _, d := NewPairing(durations).Difference(); n != 0 || !math.IsNaN(d.Value) {
		t.Errorf("no pairs: %d, %v", n, d)
	}
}

// TestIntervalsCover draws from a law whose mean and median are known: in 95 % of samples
// they lie inside, as far as 4,000 samples tell.
func TestIntervalsCover(t *testing.T) {
	const samples, n = 4000, 40
	random := rand.New(rand.NewPCG(3, 4))
	mean, median := 0, 0
	for range samples {
		s := NewSample(durations)
		for range n {
			s.Add(math.Round(random.Float64()*1e6) / 1000) // uniform, 0 to 1000
		}
		m := s.Summary()
		if m.Mean.Low <= 500 && 500 <= m.Mean.High {
			mean++
		}
		if q := m.Quantiles[0]; q.Low <= 500 && 500 <= q.High {
			median++
		}
	}
	// Four standard deviations of the count: 4·√(4000·0.95·0.05) = 55. Ranks hold at least
	// what they promise.
	if math.Abs(float64(mean)-0.95*samples) > 55 {
		t.Errorf("the mean was inside in %d of %d samples: want about 95 %%", mean, samples)
	}
	if median < 0.95*samples-55 || median > 0.985*samples {
		t.Errorf("the median was inside in %d of %d samples: want 95 %% and a little more", median, samples)
	}
}
