package experiments

import (
	"math"
	"math/big"
	"math/bits"
	"slices"
)

// A Sample is the values of one column in many runs of one point. What it says depends
// on the values alone, not on the order in which they were added, and is the same on
// every processor: sums are whole numbers, and what is computed from them avoids
// functions and fused operations that processors round in their own ways.
type Sample struct {
	column *Column
	exact  []int64 // in the smallest unit of the column's kind
	coarse histogram
	sum    wide
	square wide
	least  int64
	most   int64
	n      int // that have a number
	never  int
	absent int
	words  []int // of a column of words: how often each
}

// mostExact bounds the values that a sample keeps one by one; beyond, quantiles are read
// from a histogram.
const mostExact = 1 << 18

// NewSample returns an empty sample of a column.
func NewSample(c *Column) *Sample {
	return &Sample{column: c, words: make([]int, len(c.Words)), least: math.MaxInt64, most: math.MinInt64}
}

// Add adds the value of one run.
func (s *Sample) Add(v Value) {
	switch {
	case math.IsNaN(v):
		s.absent++
		return
	case math.IsInf(v, 0):
		s.never++
		return
	case s.column.Kind == KindWord:
		s.words[int(v)]++
		s.n++
		return
	}
	n := s.column.units(v)
	s.n++
	s.sum.add(n)
	s.square.addSquare(n)
	s.least, s.most = min(s.least, n), max(s.most, n)
	if s.coarse != nil {
		s.coarse.add(n, 1)
		return
	}
	if s.exact = append(s.exact, n); len(s.exact) > mostExact {
		s.coarsen()
	}
}

// Merge adds the values of another sample of the same column.
func (s *Sample) Merge(o *Sample) {
	s.n, s.never, s.absent = s.n+o.n, s.never+o.never, s.absent+o.absent
	for i := range s.words {
		s.words[i] += o.words[i]
	}
	s.sum.addWide(o.sum)
	s.square.addWide(o.square)
	s.least, s.most = min(s.least, o.least), max(s.most, o.most)
	if s.exact = append(s.exact, o.exact...); o.coarse != nil || s.coarse != nil || len(s.exact) > mostExact {
		s.coarsen()
		for bucket, n := range o.coarse {
			s.coarse[bucket] += n
		}
	}
}

func (s *Sample) coarsen() {
	if s.coarse == nil {
		s.coarse = histogram{}
	}
	for _, n := range s.exact {
		s.coarse.add(n, 1)
	}
	s.exact = nil
}

// Word is how often a word came.
func (s *Sample) Word(i int) int { return s.words[i] }

// A Quantile is one of the quantiles of a [Summary]: that of Thousandths/1000.
type Quantile struct {
	Name        string // "p50"
	Thousandths int
}

// Quantiles are those that a summary has.
var Quantiles = []Quantile{{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p999", 999}}

// An Estimate is a number with its interval of 95 %. NaN: there is none; an end of NaN:
// the sample is too small to bound it on that side.
type Estimate struct{ Value, Low, High float64 }

// Precision is how wide the interval is to either side, against the value.
func (e Estimate) Precision() float64 {
	if e.Value == 0 {
		return math.Inf(1)
	}
	return math.Abs(float64(e.High-e.Low) / 2 / e.Value)
}

// A Summary is what a sample says, in the unit of its column.
//
// Quantiles are order statistics, the least value of which at least that share of the
// sample is at or below. What did not happen within the run counts as greater than
// any number, so that a quantile can be +Inf; mean, deviation and extremes are of what
// did happen. The interval of a mean is Student's, that of a quantile lies between order
// statistics and holds for every law, that of a proportion is Wilson's.
type Summary struct {
	Kind   MetricKind
	N      int // runs to which the question applies
	Never  int // of them: it did not happen
	Absent int // runs to which it does not apply
	// Ones is, of a KindProbability, in how many runs it was 1. Where there are none, or
	// nothing else, the mean has only the end of its interval that this bounds (see
	// [NeverSeen]): what was not seen is not impossible.
	Ones      int
	Mean      Estimate
	SD        float64
	Min, Max  float64
	Quantiles []Estimate // as [Quantiles]
	Coarse    bool       // quantiles are read from a histogram, exact to 1/2,048
}

// Summary says what the sample says. Of words there is nothing to say but how often.
func (s *Sample) Summary() Summary {
	m := Summary{Kind: s.column.Kind, N: s.n + s.never, Never: s.never, Absent: s.absent, SD: math.NaN(), Min: math.NaN(), Max: math.NaN(),
		Mean: Estimate{math.NaN(), math.NaN(), math.NaN()}, Quantiles: make([]Estimate, len(Quantiles)), Coarse: s.coarse != nil}
	for i := range m.Quantiles {
		m.Quantiles[i] = Estimate{math.NaN(), math.NaN(), math.NaN()}
	}
	if m.Kind == KindWord {
		return m
	}
	if s.n > 0 {
		mean, sd := moments(s.n, &s.sum, &s.square, m.Kind.scale())
		m.Mean = meanEstimate(s.n, mean, sd)
		m.SD, m.Min, m.Max = sd, s.value(s.least), s.value(s.most)
	}
	if m.Kind == KindProbability && s.n > 0 {
		m.Ones = int(s.sum.big().Int64())
		m.Mean = proportion(m.Ones, s.n)
	}
	if m.N == 0 {
		return m
	}
	at := s.order()
	for i, q := range Quantiles {
		low, high := rankInterval(m.N, q.Thousandths)
		m.Quantiles[i] = Estimate{at(rankOf(m.N, q.Thousandths)), at(low), at(high)}
	}
	return m
}

func (s *Sample) value(n int64) float64 { return float64(n) / s.column.Kind.scale() }

// order gives the sample's order statistics by their rank from 1 on; a rank that does not
// exist has no value.
func (s *Sample) order() func(rank int) float64 {
	slices.Sort(s.exact)
	ladder := s.coarse.ladder()
	return func(rank int) float64 {
		switch {
		case rank < 1 || rank > s.n+s.never:
			return math.NaN()
		case rank > s.n:
			return math.Inf(1)
		case s.coarse == nil:
			return s.value(s.exact[rank-1])
		}
		i, _ := slices.BinarySearchFunc(ladder, rank, func(r rung, rank int) int { return r.upTo - rank })
		return s.value(min(max(ladder[i].middle, s.least), s.most))
	}
}

// rankOf is the rank of a quantile in a sample of n.
func rankOf(n, thousandths int) int { return max((n*thousandths+999)/1000, 1) }

// moments computes mean and standard deviation from whole sums, in units of 1/scale.
func moments(n int, sum, square *wide, scale float64) (mean, sd float64) {
	total, count := sum.big(), big.NewInt(int64(n))
	mean, _ = new(big.Rat).SetFrac(total, count).Float64()
	mean /= scale
	if n < 2 {
		return mean, math.NaN()
	}
	// (n·Σx² − (Σx)²) / n(n−1)
	top := new(big.Int).Mul(square.big(), count)
	top.Sub(top, new(big.Int).Mul(total, total))
	variance, _ := new(big.Rat).SetFrac(top, new(big.Int).Mul(count, big.NewInt(int64(n-1)))).Float64()
	return mean, math.Sqrt(variance) / scale
}

// A Pairing is the differences of one column between two points, run by run: the two had
// the same luck, so that the difference is known better than either (see
// [zksim/sim.Draw]).
type Pairing struct {
	column      *Column
	n, left     int
	sum, square wide
}

// NewPairing returns an empty pairing of a column.
func NewPairing(c *Column) *Pairing { return &Pairing{column: c} }

// Add adds the same run at the baseline and at the point. Where one of the two has no
// number there is no difference.
func (p *Pairing) Add(baseline, point Value) {
	d := point - baseline
	if math.IsNaN(d) || math.IsInf(d, 0) || p.column.Kind == KindWord {
		p.left++
		return
	}
	n := p.column.units(point) - p.column.units(baseline)
	p.n++
	p.sum.add(n)
	p.square.addSquare(n)
}

// Difference is how many pairs there are, how many runs had none, and the mean of the
// point less the baseline, with Student's interval.
func (p *Pairing) Difference() (pairs, left int, mean Estimate) {
	if p.n == 0 {
		return 0, p.left, Estimate{math.NaN(), math.NaN(), math.NaN()}
	}
	m, sd := moments(p.n, &p.sum, &p.square, p.column.Kind.scale())
	return p.n, p.left, meanEstimate(p.n, m, sd)
}

// A wide is a whole number of 128 bits.
type wide struct {
	hi int64
	lo uint64
}

func (w *wide) add(n int64) { w.addWide(wide{n >> 63, uint64(n)}) }

func (w *wide) addSquare(n int64) {
	u := uint64(max(n, -n))
	hi, lo := bits.Mul64(u, u)
	w.addWide(wide{int64(hi), lo})
}

func (w *wide) addWide(o wide) {
	lo, carry := bits.Add64(w.lo, o.lo, 0)
	w.lo, w.hi = lo, w.hi+o.hi+int64(carry)
}

func (w *wide) big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(w.hi), 64)
	return b.Add(b, new(big.Int).SetUint64(w.lo))
}

// A histogram counts whole numbers in buckets of at most 1/1,024 of what is in them, by
// the bucket's lower end towards zero.
type histogram map[int64]int

const histogramBits = 11

func (h histogram) add(n int64, times int) {
	u := uint64(max(n, -n))
	if cut := bits.Len64(u) - histogramBits; cut > 0 {
		u = u >> cut << cut
	}
	if n < 0 {
		h[-int64(u)] += times
	} else {
		h[int64(u)] += times
	}
}

// A rung is a bucket of a histogram, in order.
type rung struct {
	middle int64
	upTo   int // how many values there are up to its end
}

func (h histogram) ladder() []rung {
	ends := make([]int64, 0, len(h))
	for end := range h {
		ends = append(ends, end)
	}
	slices.Sort(ends)
	rungs := make([]rung, len(ends))
	seen := 0
	for i, end := range ends {
		seen += h[end]
		half := int64(0)
		if cut := bits.Len64(uint64(max(end, -end))) - histogramBits; cut > 0 {
			half = 1 << cut / 2
		}
		if end < 0 {
			half = -half
		}
		rungs[i] = rung{end + half, seen}
	}
	return rungs
}
