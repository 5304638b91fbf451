package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zksim/experiments"
)

// A comparison is one column at several points: a row for each, with how its values are
// spread, and beside it how much more or less they are than those of a baseline, run by
// run. The runs of a number share their luck at all points, so that the difference is
// known better than either side of it.
type comparison struct {
	quantity
	rowsOf string // what a row is for
	fixed  string // the other values, in words
	source string
	rows   []compared
	total  int  // rows there would be
	paired bool // points share their luck
	base   string
	left   int // runs without a pair, of all rows
}

// A compared is one row, in the figure's unit.
type compared struct {
	label    string
	n, never int
	// The quantiles of [spreadAt]; +Inf: did not happen in so many. NaN: nothing is known.
	spread  [5]float64
	share   experiments.Estimate // instead, of a column of shares
	counts  []int                // histogram, in classes that are the same for all rows
	base    bool                 // what the others are compared with
	differs experiments.Estimate // mean of the differences
	values  []float64            // in order; only while reading
}

// spreadAt are the quantiles of a row: the ends of its whisker, of its box, and the middle.
var spreadAt = [5]float64{0.01, 0.25, 0.5, 0.75, 0.99}

// classes is how many classes the histograms of a comparison have.
const classes = 120

func readCompare(q *Query) (drawing, error) {
	r, column, err := openResults(q)
	if err != nil {
		return nil, err
	}
	plan := r.Plan
	u, err := quantityOf(&plan.Columns[column])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Input, err)
	}
	points, err := plan.Where(q.At)
	if err != nil {
		return nil, fmt.Errorf("--at %w", err)
	}
	c := &comparison{quantity: u, fixed: settled(q.At), source: sourceOf(plan), total: len(points), paired: !plan.Spec.Independent && len(points) > 1}
	bases, err := c.baselines(plan, points, q)
	if err != nil {
		return nil, err
	}
	if q.plan != nil {
		return nil, nil
	}
	points = thinned(points, mostLines)
	free := differing(plan, points)
	c.rowsOf = varying(plan, points)
	var runs span
	last, base := -1, []float64(nil)
	for _, i := range points {
		if c.paired && bases[i] != last {
			last, base = bases[i], nil
			if err := r.Each(last, column, func(v experiments.Value) { base = append(base, v) }); err != nil {
				return nil, err
			}
		}
		none := math.NaN()
		row := compared{label: valuesAt(plan, i, free), base: c.paired && bases[i] == i, differs: experiments.Estimate{Value: none, Low: none, High: none}}
		if err := c.read(&row, r, i, column, base); err != nil {
			return nil, err
		}
		runs.add(row.n)
		c.rows = append(c.rows, row)
	}
	if !slices.ContainsFunc(c.rows, func(row compared) bool { return row.known() }) {
		return nil, fmt.Errorf("%s: nothing to draw: %s did not happen in any run at the points asked for", q.Input, u.name)
	}
	c.classify()
	c.source = "n\u00a0=\u00a0" + runs.String() + " a point. " + c.source
	return c, nil
}

// baselines gives for each point the one that it is compared with: the one that has the
// baseline's values and otherwise its own; the first one where nothing else was said.
func (c *comparison) baselines(p *experiments.Plan, points []int, q *Query) (map[int]int, error) {
	of := map[int]int{}
	if !c.paired {
		if len(q.Baseline) > 0 && p.Spec.Independent {
			return nil, fmt.Errorf("--baseline: the points of this sweep have luck of their own (--independent), and no pairs")
		}
		return of, nil
	}
	assigned := q.Baseline
	if len(assigned) == 0 {
		for _, b := range p.Spec.Baseline {
			if slices.ContainsFunc(p.Varied(), func(v experiments.Param) bool { return v.Path == b.Path }) {
				assigned = append(assigned, b.Path+"="+b.Value.Text)
			}
		}
	}
	if len(assigned) == 0 {
		for _, i := range points {
			of[i] = points[0]
		}
		c.base = valuesAt(p, points[0], differing(p, points))
		return of, nil
	}
	chosen, err := p.Where(assigned)
	if err != nil {
		return nil, fmt.Errorf("--baseline %w", err)
	}
	var paths, texts []string
	for _, a := range assigned {
		path, text, _ := strings.Cut(a, "=")
		paths, texts = append(paths, path), append(texts, said(text))
	}
	c.base = strings.Join(texts, apart)
	for _, i := range points {
		k := slices.IndexFunc(chosen, func(b int) bool {
			for k, param := range p.Varied() {
				if !slices.Contains(paths, param.Path) && !p.Points[b].Values[k].Same(p.Points[i].Values[k]) {
					return false
				}
			}
			return true
		})
		if k < 0 {
			return nil, fmt.Errorf("--baseline %s: no such point to compare %s with", strings.Join(assigned, " "), p.Describe(i))
		}
		of[i] = chosen[k]
	}
	return of, nil
}

// read reads one point.
func (c *comparison) read(row *compared, r *experiments.Results, point, column int, base []float64) error {
	col := &r.Plan.Columns[column]
	sample, pairing := experiments.NewSample(col), experiments.NewPairing(col)
	run := 0
	err := r.Each(point, column, func(v experiments.Value) {
		sample.Add(v)
		if run < len(base) {
			pairing.Add(base[run], v)
		}
		run++
		switch {
		case math.IsNaN(v):
		case math.IsInf(v, 1):
			row.never++
		default:
			row.values = append(row.values, v*c.factor)
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(row.values)
	row.n = len(row.values) + row.never
	for k, at := range spreadAt {
		row.spread[k] = quantileOf(row.values, row.n, at)
	}
	m := sample.Summary()
	row.share = scaled(m.Mean, c.factor)
	if m.Kind == experiments.KindProbability && m.N > 0 {
		row.share.Value = float64(m.Ones) / float64(m.N)
	}
	if c.paired && !row.base {
		_, left, mean := pairing.Difference()
		row.differs, c.left = scaled(mean, c.factor), c.left+left
	}
	return nil
}

func (r *compared) known() bool { return r.n > r.never }

// quantileOf is the least value that at least that share of n runs is at or below; those
// that are not among the values are above.
func quantileOf(sorted []float64, n int, at float64) float64 {
	rank := max(int(math.Ceil(at*float64(n)-1e-9)), 1)
	switch {
	case n == 0:
		return math.NaN()
	case rank > len(sorted):
		return math.Inf(1)
	}
	return sorted[rank-1]
}

func scaled(e experiments.Estimate, by float64) experiments.Estimate {
	return experiments.Estimate{Value: e.Value * by, Low: e.Low * by, High: e.High * by}
}

// ends are the least and the greatest value that the rows show.
func (c *comparison) ends() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i := range c.rows {
		row := &c.rows[i]
		shown := row.spread[:]
		if c.share {
			shown = []float64{row.share.Value, row.share.Low, row.share.High}
		}
		for _, v := range shown {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				low, high = min(low, v), max(high, v)
			}
		}
		if len(row.values) > 0 && !c.share {
			low, high = min(low, row.values[0]), max(high, row.values[len(row.values)-1])
		}
	}
	if low == high {
		off := max(math.Abs(low)/10, 0.001)
		return low - off, high + off
	}
	return low, high
}

// classify counts the values into classes, and lets go of them.
func (c *comparison) classify() {
	low, high := c.ends()
	for i := range c.rows {
		row := &c.rows[i]
		row.counts = make([]int, classes)
		if c.share {
			row.values = nil // ones and noughts: the share says it all
		}
		for _, v := range row.values {
			row.counts[min(int(float64(classes)*(v-low)/(high-low)), classes-1)]++
		}
		if n := len(row.values); n > 0 {
			row.values = []float64{row.values[0], row.values[n-1]}
		}
	}
}

// certain says whether the interval of a difference is on one side of zero.
func certain(e experiments.Estimate) bool { return e.Low > 0 || e.High < 0 }

// heading is what is compared.
func (c *comparison) heading() string {
	if c.share {
		return c.shareName()
	}
	return capital(c.noun)
}

// title is the finding: the greatest difference that is certain.
func (c *comparison) title() string {
	var most *compared
	for i := range c.rows {
		row := &c.rows[i]
		if !row.base && certain(row.differs) && (most == nil || math.Abs(row.differs.Value) > math.Abs(most.differs.Value)) {
			most = row
		}
	}
	switch {
	case most != nil:
		more, e := "more", most.differs
		if e.Value < 0 {
			more, e.Value = "less", -e.Value
		}
		text := c.text(e.Value)
		if c.share {
			text = digits(100*e.Value, 2) + " percentage points"
		}
		return fmt.Sprintf("%s: %s %s at %s than at %s, run by run", c.heading(), text, more, brief(most.label), brief(c.base))
	case c.paired:
		return fmt.Sprintf("%s: no difference from %s is certain", c.heading(), brief(c.base))
	case len(c.rows) == 1 && c.share:
		return c.heading() + ": " + c.text(c.rows[0].share.Value)
	case len(c.rows) == 1 && c.rows[0].n == 1:
		return fmt.Sprintf("%s: one run, %s", c.heading(), c.text(c.rows[0].spread[2]))
	case len(c.rows) == 1:
		return fmt.Sprintf("%s: half within %s", c.heading(), c.text(c.rows[0].spread[2]))
	}
	low, high, what := math.Inf(1), math.Inf(-1), "medians"
	for i := range c.rows {
		v := c.rows[i].spread[2]
		if c.share {
			v, what = c.rows[i].share.Value, "shares"
		}
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	return fmt.Sprintf("%s: %s from %s to %s", c.heading(), what, c.text(low), c.text(high))
}

// subtitled says what is shown, what is the same in all of it, how much of it, and what each
// part stands for.
func subtitled(what, fixed string, shown, total int, part, of string) string {
	words := []string{what}
	if fixed != "" {
		words = append(words, fixed)
	}
	if shown < total {
		words = append(words, fmt.Sprintf("%d of %d points", shown, total))
	}
	if of != "" {
		words = append(words, "a "+part+" for each "+of)
	}
	return strings.Join(words, apart)
}

func (c *comparison) subtitle() string {
	return subtitled(c.meaning, c.fixed, len(c.rows), c.total, "row", c.rowsOf)
}

// print is the small print.
func (c *comparison) print() string {
	text := "Box: the middle half, with the median; whisker: from 1\u00a0% to 99\u00a0%. "
	if c.share {
		text = "Bars: 95\u00a0%. "
	}
	if c.paired {
		text += "Difference: mean over the runs, each against the same run of the baseline (" + brief(c.base) + "); bars: 95\u00a0%. "
		if c.left > 0 {
			text += count(c.left) + " runs have no pair. "
		}
	}
	return text + c.source
}
