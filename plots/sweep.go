package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

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
	r, column, err := openResults(q)
	if err != nil {
		return nil, err
	}
	plan := r.Plan
	m, err := measureOf(q, &plan.Columns[column])
	if err != nil {
		return nil, err
	}
	points, err := plan.Where(q.At)
	if err != nil {
		return nil, fmt.Errorf("--at %w", err)
	}
	x, by, err := axes(plan, points, q)
	if err != nil {
		return nil, err
	}
	if q.plan != nil {
		return nil, nil
	}
	d := &dependence{measure: m, x: plan.Varied()[x].Path, source: sourceOf(plan)}
	d.fixed = strings.Join(q.At, apart)
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
			line.label = plan.Points[g[0]].Values[by].Text
		}
		for _, i := range g {
			said, err := r.Summary(i, column)
			if err != nil {
				return nil, err
			}
			b, err := r.Beside(i, column)
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

// axes finds which parameters go along the axis and to the lines; by is −1 for one line.
func axes(p *experiments.Plan, points []int, q *Query) (x, by int, err error) {
	index := func(flag, path string) (int, error) {
		k := slices.IndexFunc(p.Varied(), func(v experiments.Param) bool { return v.Path == path })
		if k < 0 {
			var names []string
			for _, v := range p.Varied() {
				names = append(names, v.Path)
			}
			return k, fmt.Errorf("--%s %s: varies not; want one of %s", flag, path, strings.Join(names, ", "))
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
		if t := p.Points[i].Values[x].Text; !slices.Contains(d.labels, t) {
			d.labels = append(d.labels, t)
		}
	}
	return func(i int) float64 { return float64(slices.Index(d.labels, p.Points[i].Values[x].Text)) }
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

func (d *dependence) draw(p *page) {
	top, bottom := p.head(d.title(), d.subtitle()), p.foot(d.note()+d.source)
	x, y := d.ranges()
	y.from, y.to = bottom-3.1*p.label, top+2.2*p.label
	x.from, x.to = p.margin+4.6*p.label, p.width-p.margin
	labels := style{p.label, true, p.ink, 0}
	if len(d.lines) > 1 {
		widest := vg.Length(0)
		for _, name := range d.names(p) {
			widest = max(widest, labels.width(name))
		}
		x.to -= widest + 1.6*p.label
	}
	p.yAxis(y, x.from, x.to, d.share)
	p.text(p.margin, top+0.8*p.label, p.cut(d.axisTitle(), p.width-2*p.margin, style{p.label, false, p.muted, 0}), style{p.label, false, p.muted, 0})
	hue := p.hueOf(d.metric)
	for _, edges := range []bool{false, true} {
		for i := range d.lines {
			d.bounds(p, &d.lines[i], x, y, d.colour(p, hue, i), edges)
		}
	}
	for i := range d.lines {
		d.band(p, &d.lines[i], x, y, between(p.ground, d.colour(p, hue, i), 0.18))
	}
	for i := range d.lines {
		d.line(p, &d.lines[i], x, y, d.colour(p, hue, i))
	}
	if d.labels == nil {
		p.xAxis(x, y.from, true)
	} else {
		d.words(p, x, y.from)
	}
	title := d.x
	if d.unit != "" {
		title += ", " + d.unit
	}
	s := style{p.label, false, p.muted, 1}
	p.text(x.to, y.from+2.7*p.label, p.cut(title, x.to-p.margin, s), s)
	if len(d.lines) > 1 {
		d.nameLines(p, hue, x, y)
	}
}

// colour goes from light to dark along the lines: their order can be seen, in grey too.
func (d *dependence) colour(p *page, h hue, i int) (c colour) {
	if len(d.lines) == 1 {
		return h.line
	}
	at := float64(i) / float64(len(d.lines)-1)
	if at < 0.5 {
		return between(between(h.line, p.ground, 0.35), h.line, 2*at)
	}
	return between(h.line, p.ink, 1.5*(at-0.5))
}

// ranges are those of both axes, without their places.
func (d *dependence) ranges() (x, y scale) {
	x, y = scale{low: math.Inf(1), high: math.Inf(-1)}, scale{low: math.Inf(1), high: math.Inf(-1)}
	for _, l := range d.lines {
		for _, p := range l.points {
			x.low, x.high = min(x.low, p.x), max(x.high, p.x)
			shown := []float64{p.value, p.low, p.high, p.law}
			if len(d.lines) <= fewLines {
				shown = append(shown, p.least, p.most)
			}
			for _, v := range shown {
				if !math.IsNaN(v) && !math.IsInf(v, 0) {
					y.low, y.high = min(y.low, v), max(y.high, v)
				}
			}
		}
	}
	if y.low >= 0 && y.low < 0.4*y.high {
		y.low = 0
	}
	if d.share {
		y.low = max(y.low, 0)
	}
	if y.low == y.high {
		y.low, y.high = y.low-max(math.Abs(y.low)/10, 0.001), y.high+max(math.Abs(y.high)/10, 0.001)
	}
	span := y.high - y.low
	if y.low != 0 {
		y.low -= 0.05 * span
	}
	y.high += 0.05 * span
	if x.low == x.high {
		x.low, x.high = x.low-0.5, x.high+0.5
	}
	pad := 0.03 * (x.high - x.low)
	if d.labels != nil {
		pad = 0.5
	}
	x.low, x.high = x.low-pad, x.high+pad
	return x, y
}

// single says whether a line has one point at most: it is drawn as a dot with bars.
func (l *dependenceLine) single() bool {
	n := 0
	for _, p := range l.points {
		if p.known() {
			n++
		}
	}
	return n < 2
}

// note is the part of the small print that explains what is drawn.
func (d *dependence) note() (text string) {
	var bars, bands, law, bounds bool
	for i := range d.lines {
		l := &d.lines[i]
		whiskers := d.labels != nil || l.single()
		for _, p := range l.points {
			known := !math.IsNaN(p.low) && !math.IsNaN(p.high) && !math.IsInf(p.high, 0)
			bars, bands = bars || whiskers && known, bands || !whiskers && known
			law, bounds = law || !math.IsNaN(p.law), bounds || !math.IsNaN(p.least)
		}
	}
	if bands {
		text += "Band: 95\u00a0%. "
	}
	if bars {
		text += "Bars: 95\u00a0%. "
	}
	if !bands && !bars {
		text += "Too few runs for an interval. "
	}
	few := len(d.lines) <= fewLines
	if law && few {
		text += "Dashes: law " + d.rule + ". "
	}
	if bounds && few {
		text += "Shaded: from the least to the most that a single run can have (" + d.rule + "). "
	}
	return text
}

// bounds shades what the closed form leaves to a single run, or draws the edges of it.
func (d *dependence) bounds(p *page, l *dependenceLine, x, y scale, c colour, edges bool) {
	if len(d.lines) > fewLines {
		return
	}
	var over, under []vg.Point
	for _, pt := range l.points {
		if finite(pt.least) && finite(pt.most) {
			over = append(over, vg.Point{X: x.at(pt.x), Y: y.at(pt.most)})
			under = append(under, vg.Point{X: x.at(pt.x), Y: y.at(pt.least)})
		}
	}
	fill, edge := between(p.ground, c, 0.08), between(p.ground, c, 0.45)
	if d.labels == nil && len(over) > 1 {
		if edges {
			p.line(over, edge, 0.6*p.size.line)
			p.line(under, edge, 0.6*p.size.line)
			return
		}
		back := slices.Clone(under)
		slices.Reverse(back)
		p.area(slices.Concat(over, back), fill)
		return
	}
	for i := range over {
		left, right := over[i].X-0.8*p.label, over[i].X+0.8*p.label
		if !edges {
			p.rect(box{left, over[i].Y, right, under[i].Y}, fill)
			continue
		}
		for _, at := range []vg.Length{over[i].Y, under[i].Y} {
			p.segment(left, at, right, at, edge, 0.6*p.size.line)
		}
	}
}

func (d *dependence) band(p *page, l *dependenceLine, x, y scale, c colour) {
	var over, under []vg.Point
	for _, pt := range l.points {
		if pt.known() && !math.IsNaN(pt.low) && !math.IsNaN(pt.high) && !math.IsInf(pt.high, 0) {
			over = append(over, vg.Point{X: x.at(pt.x), Y: y.at(pt.high)})
			under = append(under, vg.Point{X: x.at(pt.x), Y: y.at(pt.low)})
		}
	}
	if len(over) < 2 || d.labels != nil {
		return // whiskers say it
	}
	slices.Reverse(under)
	p.area(append(over, under...), c)
}

func (d *dependence) line(p *page, l *dependenceLine, x, y scale, c colour) {
	var points, law []vg.Point
	for _, pt := range l.points {
		if pt.known() {
			points = append(points, vg.Point{X: x.at(pt.x), Y: y.at(pt.value)})
		}
		if !math.IsNaN(pt.law) {
			law = append(law, vg.Point{X: x.at(pt.x), Y: y.at(pt.law)})
		}
	}
	if d.labels == nil {
		p.line(points, c, 1.2*p.size.line)
	}
	switch {
	case len(d.lines) > fewLines:
	case d.labels != nil || len(law) == 1:
		for _, at := range law {
			p.segment(at.X-0.8*p.label, at.Y, at.X+0.8*p.label, at.Y, p.ink, 0.7*p.size.line, 3, 2.5)
		}
	default:
		p.line(law, p.ink, 0.7*p.size.line, 3, 2.5)
	}
	whiskers := d.labels != nil || l.single()
	for _, pt := range l.points {
		if !pt.known() {
			continue
		}
		if whiskers && !math.IsNaN(pt.low) && !math.IsNaN(pt.high) && !math.IsInf(pt.high, 0) {
			p.segment(x.at(pt.x), y.at(pt.low), x.at(pt.x), y.at(pt.high), c, p.size.line)
		}
		if whiskers || len(points) <= 30 && len(d.lines) <= fewLines {
			p.dot(x.at(pt.x), y.at(pt.value), 1.7*p.size.line, c, p.ground)
		}
	}
}

// words labels an axis of words, each cut to its room.
func (d *dependence) words(p *page, x scale, y vg.Length) {
	p.segment(x.from, y, x.to, y, p.muted, 0.6*p.size.line)
	s := style{p.label, false, p.muted, 0.5}
	room := (x.to-x.from)/vg.Length(len(d.labels)) - 0.8*p.label
	for i, l := range p.shorten(d.labels, room, s) {
		p.text(x.at(float64(i)), y+1.35*p.label, l, s)
	}
}

// names are the labels of the lines, as long as there is room for.
func (d *dependence) names(p *page) (names []string) {
	for _, l := range d.lines {
		names = append(names, l.label)
	}
	return p.shorten(names, p.width/4, style{p.label, true, p.ink, 0})
}

// nameLines writes each line's label at its end, moved apart where they would meet, with a
// hairline to where it belongs.
func (d *dependence) nameLines(p *page, h hue, x, y scale) {
	type end struct {
		line int
		x    vg.Length // where the line ends
		want vg.Length
		y    vg.Length
	}
	var ends []end
	for i, l := range d.lines {
		for k := len(l.points) - 1; k >= 0; k-- {
			if pt := l.points[k]; pt.known() {
				ends = append(ends, end{i, x.at(pt.x), y.at(pt.value), y.at(pt.value)})
				break
			}
		}
	}
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.want, b.want) })
	gap := min(1.25*p.label, (y.from-y.to)/vg.Length(max(len(ends)-1, 1)))
	// Down from the top, then up from the bottom, so that none leaves the panel.
	floor := y.to
	for i := range ends {
		ends[i].y = max(ends[i].y, floor)
		floor = ends[i].y + gap
	}
	ceiling := y.from
	for i := len(ends) - 1; i >= 0; i-- {
		ends[i].y = min(ends[i].y, ceiling)
		ceiling = ends[i].y - gap
	}
	names := d.names(p)
	for _, e := range ends {
		c := d.colour(p, h, e.line)
		at := x.to + 1.4*p.label
		p.segment(e.x+2*p.size.line, e.want, at-0.9*p.label, e.want, c, 0.4*p.size.line)
		p.segment(at-0.9*p.label, e.want, at-0.2*p.label, e.y, c, 0.4*p.size.line)
		s := style{p.label, true, p.ink, 0}
		p.text(at, e.y+0.36*p.label, names[e.line], s)
	}
}
