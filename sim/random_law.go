package sim

import (
	"math"
	"time"
)

// law draws how long something takes: mostly constant, otherwise any law, and hardly
// more than the given number of milliseconds.
func (d *dice) law(most int) *Sampler {
	mean := d.ms(0, most)
	if mean == 0 || d.one(2) {
		return constantSampler(mean)
	}
	row := &Laws[d.below(len(Laws))]
	if row.New == nil || row.slow() && !d.one(40) {
		return constantSampler(mean)
	}
	words := &lawWords{name: row.Name, params: map[string]float64{}, max: max(time.Duration(most)*time.Millisecond, 2*mean)}
	if row.Name == constantRow.Name { // with cut-offs it would be one of another form
		words.max = 0
	}
	least := 0.0
	for _, p := range row.Forms[d.below(len(row.Forms))] {
		value := float64(1+d.below(12)) / 4
		if p.Unit == UnitDuration {
			// From the shortest to the mean, and each at least as long as the one before.
			value = math.Max(least, float64(1+d.below(4))/4*float64(mean))
			least = value + float64(time.Microsecond)
		}
		words.params[p.Name] = math.Min(math.Max(value, p.Least), p.Most)
	}
	if words.max > 0 && d.one(4) {
		words.min = d.ms(0, int(mean/time.Millisecond))
	}
	law, err := NewLaw(row.Name, words.params)
	if err != nil {
		return constantSampler(mean)
	}
	s, err := NewSampler(law, words.min, words.max)
	if err != nil { // almost nothing lies between the cut-offs
		return constantSampler(mean)
	}
	s.written = words
	return s
}

// slow says that a law's quantiles are put into a table first, which takes longer than
// most random runs.
func (row *LawRow) slow() bool { return row.Name == gammaRow.Name }
