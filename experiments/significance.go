package experiments

import (
	"math"
	"slices"
)

// KolmogorovSmirnov compares a sample with a continuous law: d is the greatest
// distance between the sample's distribution function and cdf, and p the
// probability of at least that distance if the sample follows the law. The
// p-value is Kolmogorov's limit with Stephens' correction for finite n ("EDF
// Statistics for Goodness of Fit", JASA 69, 1974): an approximation, close enough
// for tests at the usual levels from some dozens of values on. The sample must
// not be empty and is left as it is.
func KolmogorovSmirnov(sample []float64, cdf func(x float64) float64) (d, p float64) {
	sorted := slices.Clone(sample)
	slices.Sort(sorted)
	n := float64(len(sorted))
	for i, x := range sorted {
		f := cdf(x)
		d = max(d, f-float64(i)/n, float64(i+1)/n-f)
	}
	root := math.Sqrt(n)
	return d, kolmogorovTail(d * (root + 0.12 + 0.11/root))
}

// kolmogorovTail is the probability that the supremum of the absolute value of a
// Brownian bridge exceeds x. Two series give it, one quick where the other is
// slow.
func kolmogorovTail(x float64) float64 {
	if x <= 0 {
		return 1
	}
	sum := 0.0
	if x < 1 {
		for k := 1.0; k < 40; k += 2 {
			sum += math.Exp(-k * k * math.Pi * math.Pi / (8 * x * x))
		}
		return min(max(1-math.Sqrt(2*math.Pi)/x*sum, 0), 1)
	}
	sign := 1.0
	for k := 1.0; k < 20; k++ {
		sum += sign * math.Exp(-2*k*k*x*x)
		sign = -sign
	}
	return min(max(2*sum, 0), 1)
}

// MeanTest gives the mean of a sample and the two-sided p-value of the claim
// that the law's mean is the one given, by the normal limit with the sample's
// own variance. It is for samples of hundreds and more, not empty. Where all
// values are the same the claim is either exactly right, with p = 1, or wrong,
// with p = 0.
func MeanTest(sample []float64, claimed float64) (mean, p float64) {
	n := float64(len(sample))
	for _, x := range sample {
		mean += (x - claimed) / n // the difference keeps the digits
	}
	squares := 0.0
	for _, x := range sample {
		squares += (x - claimed - mean) * (x - claimed - mean)
	}
	off := mean
	mean += claimed
	if squares == 0 {
		if off == 0 {
			return mean, 1
		}
		return mean, 0
	}
	z := off / math.Sqrt(squares/(n-1)/n)
	return mean, math.Erfc(math.Abs(z) / math.Sqrt2)
}

// Holm adjusts the p-values of a family of tests, so that rejecting where the
// adjusted value is at most alpha rejects any true claim of the whole family
// with probability at most alpha, however the tests depend on one another. The
// results are in the order of ps (Holm, "A Simple Sequentially Rejective
// Multiple Test Procedure", Scandinavian Journal of Statistics 6, 1979).
func Holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case ps[a] < ps[b]:
			return -1
		case ps[a] > ps[b]:
			return 1
		}
		return 0
	})
	adjusted := make([]float64, len(ps))
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, ps[i]*float64(len(ps)-rank)))
		adjusted[i] = least
	}
	return adjusted
}
