package experiments

import "math"

// Intervals of 95 %, computed with the four operations and square roots alone, each
// rounded for itself: other functions, and fused operations, are not the same on every
// processor.

// normal975 is the 97.5 % quantile of the normal law.
const normal975 = 1.959963984540054

// students are the 97.5 % quantiles of Student's law with 1 to 9 degrees of freedom.
var students = [...]float64{12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836, 2.446911851, 2.364624252, 2.306004135, 2.262157163}

// student975 is that quantile for any degrees of freedom; from 10 on it is the expansion
// of Cornish and Fisher, right to four digits behind the point (Abramowitz and Stegun,
// 26.7.5).
func student975(freedom int) float64 {
	if freedom <= len(students) {
		return students[freedom-1]
	}
	const (
		z  = normal975
		g1 = (z*z*z + z) / 4
		g2 = (5*z*z*z*z*z + 16*z*z*z + 3*z) / 96
		g3 = (3*z*z*z*z*z*z*z + 19*z*z*z*z*z + 17*z*z*z - 15*z) / 384
		g4 = (79*z*z*z*z*z*z*z*z*z + 776*z*z*z*z*z*z*z + 1482*z*z*z*z*z - 1920*z*z*z - 945*z) / 92160
	)
	f := float64(freedom)
	return z + float64(g1/f) + float64(g2/f/f) + float64(g3/f/f/f) + float64(g4/f/f/f/f)
}

// meanEstimate is a mean with Student's interval; one value has none.
func meanEstimate(n int, mean, sd float64) Estimate {
	if n < 2 {
		return Estimate{mean, math.NaN(), math.NaN()}
	}
	half := float64(student975(n-1) * float64(sd/math.Sqrt(float64(n))))
	return Estimate{mean, mean - half, mean + half}
}

// Wilson is the interval of 95 % for a probability of which n trials showed k ("Probable
// Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927).
func Wilson(k, n int) (low, high float64) {
	const z2 = normal975 * normal975
	size, hits := float64(n), float64(k)
	middle := (hits + z2/2) / (size + z2)
	spread := float64(hits*float64(size-hits)) / size
	half := float64(normal975*math.Sqrt(spread+z2/4)) / (size + z2)
	return max(middle-half, 0), min(middle+half, 1)
}

// NeverSeen is the least probability that n trials without a single hit exclude: an event
// that likely would have stayed away with 5 %, 1 − 0.05^(1/n), about 3/n.
func NeverSeen(n int) float64 {
	low, high := 0.0, 1.0
	for range 64 {
		p := (low + high) / 2
		if power(1-p, n) < 0.05 {
			high = p
		} else {
			low = p
		}
	}
	return high
}

// power is x^n by squaring.
func power(x float64, n int) float64 {
	result := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result = float64(result * x)
		}
		x = float64(x * x)
	}
	return result
}

// proportion is the estimate of a probability. Where all trials came out the same the
// value is left open: the interval's end is all that is known.
func proportion(ones, n int) Estimate {
	switch ones {
	case 0:
		return Estimate{math.NaN(), 0, NeverSeen(n)}
	case n:
		return Estimate{math.NaN(), 1 - NeverSeen(n), 1}
	}
	low, high := Wilson(ones, n)
	return Estimate{float64(ones) / float64(n), low, high}
}

// rankInterval gives the ranks of the order statistics of a sample of n between which the
// quantile of thousandths/1000 lies with at least 95 %, at most 2.5 % on either side,
// whatever the law. Rank 0 and rank n+1 mean that the sample has none.
//
// Fewer than rank values are below the quantile with the probability that a binomial
// number is below rank. The terms are computed from the middle outwards, each from the
// one before, as far as they matter.
func rankInterval(n, thousandths int) (low, high int) {
	p := float64(thousandths) / 1000
	odds := float64(thousandths) / float64(1000-thousandths)
	mode := int(float64(float64(n+1) * p))
	reach := int(10*math.Sqrt(float64(float64(n)*float64(p*(1-p))))) + 20
	first, last := max(mode-reach, 0), min(mode+reach, n)
	terms := make([]float64, last-first+1)
	terms[mode-first] = 1
	for k := mode; k < last; k++ {
		terms[k+1-first] = float64(terms[k-first] * float64(float64(n-k)/float64(k+1)*odds))
	}
	for k := mode; k > first; k-- {
		terms[k-1-first] = float64(terms[k-first] * float64(float64(k)/float64(n-k+1)/odds))
	}
	sum := 0.0
	for _, t := range terms {
		sum += t
	}
	low, high = 0, n+1
	// The greatest rank with P(B < rank) ≤ 2.5 %: x_(rank) exceeds the quantile only if
	// fewer than rank values are at or below it.
	below := 0.0
	for k := first; k <= last; k++ {
		if below += terms[k-first]; below > float64(0.025*sum) {
			break
		}
		low = k + 1
	}
	// The least rank with P(B ≥ rank) ≤ 2.5 %.
	above := 0.0
	for k := last; k >= first; k-- {
		if above += terms[k-first]; above > float64(0.025*sum) {
			break
		}
		high = k
	}
	if high > n {
		high = n + 1
	}
	return low, high
}
