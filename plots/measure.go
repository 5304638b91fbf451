package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"zksim/experiments"
)

// A measure is a statistic of a column.
type measure struct {
	quantity
	stat string
}

var stats = []string{"mean", "p50", "p90", "p99", "p999", "share"}

// measureOf is the statistic of a column that was asked for.
func measureOf(q *Query, c *experiments.Column) (m measure, err error) {
	m.stat = cmp.Or(q.Stat, "mean")
	if !slices.Contains(stats, m.stat) {
		return m, fmt.Errorf("--stat %s: want one of %s", m.stat, strings.Join(stats, ", "))
	}
	if m.quantity, err = quantityOf(c); err != nil {
		return m, fmt.Errorf("%s: %w", q.Input, err)
	}
	if m.stat == "share" {
		m.share, m.factor, m.unit, m.event = true, 1, "", phraseOf(c).event
	}
	return m, nil
}

// statistic is what is asked for of a point, and what the closed form says of it.
func statistic(m *experiments.PointSummary, b *experiments.Beside, stat string) (e experiments.Estimate, law float64) {
	law = math.NaN()
	closed := b.Rule != "" && b.Why == ""
	switch stat {
	case "mean":
		if closed {
			law = b.Mean
		}
		e = m.Mean
		if m.Kind == experiments.KindProbability && m.N > 0 && math.IsNaN(e.Value) {
			e.Value = float64(m.Ones) / float64(m.N) // never seen, or always
		}
		return e, law
	case "share":
		e = m.Share
		if m.N > 0 && math.IsNaN(e.Value) {
			e.Value = float64(m.Happened) / float64(m.N)
			if m.Kind == experiments.KindProbability {
				e.Value = float64(m.Ones) / float64(m.N)
			}
		}
		return e, law
	}
	i := slices.IndexFunc(experiments.Quantiles, func(q experiments.Quantile) bool { return q.Name == stat })
	if closed && b.Quantiles != nil {
		law = b.Quantiles[i]
	}
	return m.Quantiles[i], law
}

// statName names it.
func (m *measure) statName() string {
	switch {
	case m.share:
		return m.shareName()
	case m.stat == "mean":
		return "Mean " + m.noun
	}
	return m.stat + " of " + m.noun
}

// axisTitle names it with its unit.
func (m *measure) axisTitle() string {
	if m.unit == seconds {
		return m.statName() + ", seconds"
	}
	return m.statName() + m.unit
}
