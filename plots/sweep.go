package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"zksim/experiments"
)

// mostLines is how many lines a figure bears; more values are thinned out, and the figure
// says so.
const mostLines = 12

// fewLines is how many lines bear dots and the closed form as well.
const fewLines = 4

// A dependence is a statistic of a column against one parameter, with its interval of
// 95 %; a line for each value of a second one.
type dependence struct {
	measure
	x, by  string // parameters; by is empty for one line
	unit   string // of x
	fixed  string // the other values, in words
	labels []string
	source string
	lines  []dependenceLine
	total  int // lines there would be
	rule   string
}

// A dependenceLine is one line: its label, and its points in the order of x.
type dependenceLine struct {
	label  string
	points []dependencePoint
}

// A dependencePoint is one point of a line. NaN: nothing is known.
type dependencePoint struct {
	x, value, low, high float64
	law                 float64 // what the closed form gives
	least, most         float64 // between which it has every single run
}

func readSweep(q *Query) (drawing, error) {
	l, err := arranged(q)
	if err != nil || q.plan != nil {
		return nil, err
	}
	plan, points, m, x, by := l.results.Plan, l.points, l.measure, l.x, l.by
	d := &dependence{measure: m, x: plan.Varied()[x].Path, source: sourceOf(plan)}
	d.fixed = settled(q.At)
	groups, total := grouped(plan, points, by)
	if by >= 0 {
		d.by = plan.Varied()[by].Path
	}
	d.total = total
	var runs span
	place := d.places(plan, points, x)
	for _, g := range groups {
		line := dependenceLine{}
		if by >= 0 {
			line.label = said(plan.Points[g[0]].Values[by].Text)
		}
		for _, i := range g {
			said, err := l.results.Summary(i, l.column)
			if err != nil {
				return nil, err
			}
			b, err := l.results.Beside(i, l.column)
			if err != nil {
				return nil, err
			}
			e, law := statistic(&said, &b, m.stat)
			runs.add(said.N)
			pt := dependencePoint{place(i), e.Value * m.factor, e.Low * m.factor, e.High * m.factor, law * m.factor, math.NaN(), math.NaN()}
			if b.Rule != "" && b.Why == "" && !m.share {
				pt.least, pt.most = b.Min*m.factor, b.Max*m.factor
			}
			if !math.IsNaN(law) || !math.IsNaN(pt.least) {
				d.rule = b.Rule
			}
			line.points = append(line.points, pt)
		}
		slices.SortStableFunc(line.points, func(a, b dependencePoint) int { return cmp.Compare(a.x, b.x) })
		d.lines = append(d.lines, line)
	}
	if !slices.ContainsFunc(d.lines, func(l dependenceLine) bool { return slices.ContainsFunc(l.points, dependencePoint.known) }) {
		return nil, fmt.Errorf("%s: nothing to draw: the %s of %s is not known at any of the points asked for", q.Input, m.stat, m.name)
	}
	d.source = "n\u00a0=\u00a0" + runs.String() + " a point. " + d.source
	return d, nil
}

func (p dependencePoint) known() bool { return !math.IsNaN(p.value) && !math.IsInf(p.value, 0) }

// An arrangement is what the figures of a statistic over parameters have in common: which points,
// of which column, along which axes.
type arrangement struct {
	results *experiments.Results
	column  int
	measure measure
	points  []int
	x, by   int // of the parameters that vary; by is −1 for one line
}

func arranged(q *Query) (l arrangement, err error) {
	if l.results, l.column, err = openResults(q); err != nil {
		return l, err
	}
	plan := l.results.Plan
	if l.measure, err = measureOf(q, &plan.Columns[l.column]); err != nil {
		return l, err
	}
	if l.points, err = plan.Where(q.At); err != nil {
		return l, fmt.Errorf("--at %w", err)
	}
	l.x, l.by, err = axes(plan, l.points, q)
	return l, err
}

// axes finds which parameters go along the axis and to the lines; by is −1 for one line.
func axes(p *experiments.Plan, points []int, q *Query) (x, by int, err error) {
	index := func(flag, path string) (int, error) {
		k := slices.IndexFunc(p.Varied(), func(v experiments.Param) bool { return v.Path == path })
		if k < 0 {
			var names []string
			for _, v := range p.Varied() {
				names = append(names, v.Path)
			}
			return k, fmt.Errorf("--%s %s: does not vary; want one of %s", flag, path, strings.Join(names, ", "))
		}
		return k, nil
	}
	free := differing(p, points)
	x, by = -1, -1
	if q.X != "" {
		if x, err = index("x", q.X); err != nil {
			return x, by, err
		}
	}
	if q.By != "" {
		if by, err = index("by", q.By); err != nil {
			return x, by, err
		}
		if by == x {
			return x, by, fmt.Errorf("--by %s: is along the axis already; want another", q.By)
		}
	}
	for _, k := range free {
		switch {
		case k == x || k == by:
		case x < 0:
			x = k
		case by < 0:
			by = k
		default:
			return x, by, fmt.Errorf("%s varies too; want --at %s=VALUE", p.Varied()[k].Path, p.Varied()[k].Path)
		}
	}
	if x < 0 {
		if len(p.Varied()) == 0 || by == 0 && len(p.Varied()) == 1 {
			return x, by, fmt.Errorf("%s: nothing varies that could go along the axis; want a sweep with --vary", q.Input)
		}
		for x = 0; x == by; x++ {
		}
	}
	return x, by, nil
}

// grouped splits points by a parameter, in its order, and keeps at most mostLines groups,
// evenly spread with the first and the last.
func grouped(p *experiments.Plan, points []int, by int) (groups [][]int, total int) {
	if by < 0 {
		return [][]int{points}, 1
	}
	for _, i := range points {
		k := slices.IndexFunc(groups, func(g []int) bool { return p.Points[g[0]].Values[by].Same(p.Points[i].Values[by]) })
		if k < 0 {
			groups = append(groups, nil)
			k = len(groups) - 1
		}
		groups[k] = append(groups[k], i)
	}
	total = len(groups)
	if total <= mostLines {
		return groups, total
	}
	return thinned(groups, 8), total
}

// places gives each point's place along the axis: the value, in seconds for a duration; or
// for words their number, with the words as labels.
func (d *dependence) places(p *experiments.Plan, points []int, x int) func(point int) float64 {
	switch p.Varied()[x].Kind {
	case experiments.GivenDuration:
		d.unit = "seconds"
		return func(i int) float64 { return p.Points[i].Values[x].Number / 1e9 }
	case experiments.GivenNumber:
		return func(i int) float64 { return p.Points[i].Values[x].Number }
	}
	for _, i := range points {
		if t := said(p.Points[i].Values[x].Text); !slices.Contains(d.labels, t) {
			d.labels = append(d.labels, t)
		}
	}
	return func(i int) float64 { return float64(slices.Index(d.labels, said(p.Points[i].Values[x].Text))) }
}

// title is the finding: from where to where the statistic goes.
func (d *dependence) title() string {
	lowest, highest := math.Inf(1), math.Inf(-1)
	var where [2]string
	for i := range d.lines {
		l := &d.lines[i]
		for _, p := range l.points {
			if !p.known() {
				continue
			}
			if p.value < lowest {
				lowest, where[0] = p.value, d.place(l, p)
			}
			if p.value > highest {
				highest, where[1] = p.value, d.place(l, p)
			}
		}
	}
	name := d.statName()
	if lowest == highest {
		return fmt.Sprintf("%s: %s", name, d.text(lowest))
	}
	return fmt.Sprintf("%s: from %s (%s) to %s (%s)", name, d.text(lowest), brief(where[0]), d.text(highest), brief(where[1]))
}

// place says in words where a point of a line is.
func (d *dependence) place(l *dependenceLine, p dependencePoint) string {
	words := short(p.x)
	switch {
	case d.labels != nil:
		words = d.labels[int(p.x)]
	case d.unit == "seconds":
		words += seconds
	}
	if len(d.lines) > 1 {
		words += "\u00a0·\u00a0" + l.label
	}
	return words
}

func (d *dependence) subtitle() string {
	words := []string{d.meaning}
	if d.fixed != "" {
		words = append(words, d.fixed)
	}
	if d.by != "" {
		line := "a line for each " + d.by
		if len(d.lines) < d.total {
			line = fmt.Sprintf("%d of the %d values of %s", len(d.lines), d.total, d.by)
		}
		words = append(words, line)
	}
	return strings.Join(words, apart)
}
