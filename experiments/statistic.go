package experiments

import (
	"math"
	"strconv"
	"strings"
)

// A PointSummary is what the runs of a point say about one column.
type PointSummary struct {
	Summary
	Happened int        // of N
	Share    Estimate   // how often it happened, of a yes or no how often yes
	Words    []Estimate // how often each word was the answer, for columns of words
	Counts   []int      // the same, counted
}

// summarize takes a sample apart.
func summarize(c *Column, s *Sample) PointSummary {
	m := PointSummary{Summary: s.Summary()}
	m.Happened = m.N - m.Never
	m.Share = shareOf(m.Happened, m.N)
	if c.Kind == KindProbability {
		m.Share = m.Mean
	}
	for w := range c.Words {
		m.Words = append(m.Words, shareOf(s.Word(w), m.N))
		m.Counts = append(m.Counts, s.Word(w))
	}
	return m
}

// shareOf is a proportion, or nothing where there is nothing to be a part of.
func shareOf(k, n int) Estimate {
	if n == 0 {
		return Estimate{math.NaN(), math.NaN(), math.NaN()}
	}
	return proportion(k, n)
}

// estimate gives one statistic of a sample by its name.
func estimate(stat string, c *Column, s *Sample) Estimate {
	if q, ok := thousandths(stat); ok {
		n := s.n + s.never
		if n == 0 || c.Kind == KindWord {
			return Estimate{math.NaN(), math.NaN(), math.NaN()}
		}
		at := s.order()
		low, high := rankInterval(n, q)
		return Estimate{at(rankOf(n, q)), at(low), at(high)}
	}
	m := summarize(c, s)
	plain := func(v float64) Estimate { return Estimate{v, v, v} }
	switch stat {
	case "mean":
		return m.Mean
	case "sd":
		return plain(m.SD)
	case "min":
		return plain(m.Min)
	case "max":
		return plain(m.Max)
	case "n":
		return plain(float64(m.N))
	}
	// A gate asks for what was seen, were it never or always.
	seen := m.Happened
	if c.Kind == KindProbability {
		seen = m.Ones
	}
	m.Share.Value = float64(seen) / float64(m.N)
	return m.Share
}

// thousandths reads p99.9 as 999.
func thousandths(stat string) (int, bool) {
	digits, ok := strings.CutPrefix(stat, "p")
	percent, err := strconv.ParseFloat(digits, 64)
	q := int(math.Round(percent * 10))
	return q, ok && err == nil && q > 0 && q < 1000
}
