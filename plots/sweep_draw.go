package plots

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

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
