package plots

import (
	"math"

	"gonum.org/v1/plot/vg"

	"zksim/experiments"
)

// A layout is where the parts of a comparison stand.
type layout struct {
	rows    box // where the spreads are
	differs box // and the differences; as wide as nothing without
	names   vg.Length
	numbers bool // of the differences, right of them
	x, d    scale
	high    vg.Length // a row
}

func (c *comparison) draw(p *page) {
	top, bottom := p.head(c.title(), c.subtitle()), p.foot(c.print())
	l := c.layOut(p, top, bottom)
	heading := style{p.label, false, p.muted, 0}
	p.text(l.rows.left, top+0.8*p.label, p.cut(c.axisTitle(), l.rows.right-l.rows.left, heading), heading)
	p.upright(l.x, l.rows, c.axis(percent))
	if c.paired {
		right := p.width - p.margin
		title, room := c.differenceTitle(c.base), right-l.differs.left
		if heading.width(title) > room {
			title = c.differenceTitle("") // the small print names it as well
		}
		p.text(l.differs.left, top+0.8*p.label, p.cut(title, room, heading), heading)
		p.upright(l.d, l.differs, c.axis(""))
		if at := l.d.at(0); l.d.low <= 0 && l.d.high >= 0 {
			p.segment(at, l.differs.top, at, l.differs.bottom, p.ink, 0.7*p.size.line, 3, 2)
		}
	}
	most := c.highest()
	names := p.shorten(c.labels(), l.names, style{p.label, true, p.ink, 0})
	for i := range c.rows {
		row := &c.rows[i]
		hue := p.hueOf(c.metric)
		if row.base {
			hue = p.other
		}
		from := l.rows.top + vg.Length(i)*l.high
		if i > 0 {
			p.segment(p.margin, from, p.width-p.margin, from, p.hairline, 0.5*p.size.line)
		}
		middle, half := from+l.high/2, min(0.28*l.high, 0.55*p.label)
		if l.high >= 5*p.label && !c.share && row.n > 1 {
			ridge := box{l.rows.left, from + 0.08*l.high, l.rows.right, from + 0.66*l.high}
			c.ridge(p, row, l.x, ridge, most, hue)
			middle = ridge.bottom + max(0.14*l.high, 0.8*p.label)
		}
		c.writeName(p, row, names[i], l, middle, from+l.high)
		c.spreadOf(p, row, l.x, middle, half, hue)
		if c.paired {
			c.difference(p, row, l, middle, hue)
		}
	}
}

// numbered says whether a row has room for a number below its name.
func (l *layout) numbered(p *page) bool { return l.high >= 3*p.label }

func (c *comparison) labels() (names []string) {
	for i := range c.rows {
		names = append(names, c.rows[i].label)
	}
	return names
}

// layOut divides the page.
func (c *comparison) layOut(p *page, top, bottom vg.Length) (l layout) {
	l.rows = box{0, top + 2*p.label, 0, bottom - 2*p.label}
	l.high = (l.rows.bottom - l.rows.top) / vg.Length(len(c.rows))
	bold, plain := style{p.label, true, p.ink, 0}, style{p.label, false, p.muted, 0}
	most := 0.24 * p.width
	wide := vg.Length(0)
	for i, name := range p.shorten(c.labels(), most, bold) {
		wide = max(wide, bold.width(name))
		if l.numbered(p) {
			wide = max(wide, plain.width(c.number(&c.rows[i])))
		}
	}
	l.names = min(wide, most)
	left, right := p.margin+l.names+1.2*p.label, p.width-p.margin
	l.rows.left, l.rows.right = left, right
	low, high := c.ends()
	pad := 0.04 * (high - low)
	if c.paired {
		room := right - left
		l.rows.right = left + 0.55*room
		l.differs = l.rows
		l.differs.left, l.differs.right = l.rows.right+2*p.label, right
		numbers := vg.Length(0)
		for i := range c.rows {
			numbers = max(numbers, (style{p.label, true, p.ink, 0}).width(c.differenceText(&c.rows[i])))
		}
		if l.differs.right-l.differs.left-numbers > 9*p.label {
			l.numbers = true
			l.differs.right -= numbers + p.label
		}
		l.d = c.differenceScale()
		l.d.from, l.d.to = l.differs.left, l.differs.right
	}
	l.x = scale{low - pad, high + pad, l.rows.left, l.rows.right}
	if c.share {
		l.x.low = max(l.x.low, 0)
	}
	return l
}

// differenceScale holds all differences and zero.
func (c *comparison) differenceScale() scale {
	low, high := 0.0, 0.0
	for i := range c.rows {
		for _, v := range []float64{c.rows[i].differs.Value, c.rows[i].differs.Low, c.rows[i].differs.High} {
			if !c.rows[i].base && !math.IsNaN(v) && !math.IsInf(v, 0) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low == high {
		low, high = -0.001, 0.001
	}
	pad := 0.08 * (high - low)
	return scale{low: low - pad, high: high + pad}
}

// number is the middle of a row, or its share.
func (c *comparison) number(row *compared) string {
	switch {
	case !row.known():
		return "never"
	case c.share && row.share.Value == 0:
		return "none of " + count(row.n)
	case c.share:
		return c.text(row.share.Value)
	case row.n == 1:
		return c.text(row.spread[2])
	case math.IsInf(row.spread[2], 1):
		return digits(100*float64(row.never)/float64(row.n), 2) + percent + " never"
	case row.never > 0:
		return "half " + c.text(row.spread[2]) + ", " + digits(100*float64(row.never)/float64(row.n), 2) + percent + " never"
	}
	return "half " + c.text(row.spread[2])
}

// writeName writes what a row is, and its number below where there is room.
func (c *comparison) writeName(p *page, row *compared, name string, l layout, middle, end vg.Length) {
	s, plain := style{p.label, true, p.ink, 0}, style{p.label, false, p.muted, 0}
	y := middle + 0.36*p.label
	if l.numbered(p) {
		y = min(middle, end-1.6*p.label) - 0.24*p.label
		p.text(p.margin, y+1.3*p.label, p.cut(c.number(row), l.names, plain), plain)
	}
	p.text(p.margin, y, name, s)
}

// ridge draws how the values of a row are spread, at the scale of all.
func (c *comparison) ridge(p *page, row *compared, x scale, b box, most int, hue hue) {
	low, high := c.ends()
	by := c.coarse()
	place := func(k int) vg.Length { return x.at(low + (high-low)*float64(k*by)/classes) }
	first, last := -1, 0
	for k := range classes / by {
		if summed(row.counts[k*by:(k+1)*by]) > 0 {
			if first < 0 {
				first = k
			}
			last = k
		}
	}
	if first < 0 {
		return
	}
	outline := []vg.Point{{X: place(first), Y: b.bottom}}
	for k := first; k <= last; k++ {
		y := b.bottom - vg.Length(float64(summed(row.counts[k*by:(k+1)*by]))/float64(most))*(b.bottom-b.top)
		outline = append(outline, vg.Point{X: place(k), Y: y}, vg.Point{X: place(k + 1), Y: y})
	}
	outline = append(outline, vg.Point{X: place(last + 1), Y: b.bottom})
	p.area(outline, between(hue.fill, hue.line, 0.15))
	p.line(outline, hue.line, 0.5*p.size.line)
}

// coarse is how many classes are drawn as one: fewer runs fill fewer classes.
func (c *comparison) coarse() int {
	n := 0
	for i := range c.rows {
		n = max(n, c.rows[i].n)
	}
	for _, by := range []int{1, 2, 3, 4, 6} {
		if classes/by <= int(3*math.Cbrt(float64(n))) {
			return by
		}
	}
	return 10
}

// highest is what the fullest class of all rows holds.
func (c *comparison) highest() int {
	most, by := 1, c.coarse()
	for i := range c.rows {
		for k := 0; k < classes && len(c.rows[i].counts) > 0; k += by {
			most = max(most, summed(c.rows[i].counts[k:k+by]))
		}
	}
	return most
}

func summed(counts []int) (n int) {
	for _, k := range counts {
		n += k
	}
	return n
}

// spreadOf draws the box of a row with its whisker, or the interval of a share.
func (c *comparison) spreadOf(p *page, row *compared, x scale, y, half vg.Length, hue hue) {
	if !row.known() {
		return
	}
	if c.share {
		p.interval(x, y, row.share, hue.line)
		return
	}
	at := func(v float64) vg.Length {
		if math.IsInf(v, 1) {
			return x.to
		}
		return x.at(v)
	}
	s := row.spread
	if row.n == 1 {
		p.dot(at(s[2]), y, 1.9*p.size.line, hue.line, p.ground)
		return
	}
	p.segment(at(s[0]), y, at(s[4]), y, hue.line, p.size.line)
	for _, v := range []float64{s[0], s[4]} {
		if !math.IsInf(v, 1) {
			p.segment(at(v), y-0.6*half, at(v), y+0.6*half, hue.line, p.size.line)
		}
	}
	b := box{at(s[1]), y - half, at(s[3]), y + half}
	p.rect(b, hue.line)
	edge := 0.8 * p.size.line
	right := b.right - edge
	if math.IsInf(s[3], 1) {
		right = b.right // open: it goes on beyond the run
	}
	if right > b.left+edge {
		p.rect(box{b.left + edge, b.top + edge, right, b.bottom - edge}, hue.fill)
	}
	if !math.IsInf(s[2], 1) {
		p.segment(at(s[2]), b.top, at(s[2]), b.bottom, p.ink, 1.4*p.size.line)
	}
}

// interval draws an estimate with its interval along the axis.
func (p *page) interval(x scale, y vg.Length, e experiments.Estimate, c colour) {
	if !math.IsNaN(e.Low) && !math.IsNaN(e.High) && !math.IsInf(e.High, 0) {
		p.segment(x.at(e.Low), y, x.at(e.High), y, c, p.size.line)
		for _, v := range []float64{e.Low, e.High} {
			p.segment(x.at(v), y-0.25*p.label, x.at(v), y+0.25*p.label, c, p.size.line)
		}
	}
	if !math.IsNaN(e.Value) && !math.IsInf(e.Value, 0) {
		p.dot(x.at(e.Value), y, 1.9*p.size.line, c, p.ground)
	}
}

func (c *comparison) difference(p *page, row *compared, l layout, middle vg.Length, hue hue) {
	s := style{p.label, !row.base, p.ink, 1}
	if row.base {
		s.color = p.muted
	} else {
		p.interval(l.d, middle, row.differs, hue.line)
	}
	if l.numbers {
		p.text(p.width-p.margin, middle+0.36*p.label, c.differenceText(row), s)
	}
}

// differenceText is a difference with its sign.
func (c *comparison) differenceText(row *compared) string {
	v := row.differs.Value
	switch {
	case row.base:
		return "baseline"
	case math.IsNaN(v):
		return "no pairs"
	case c.share:
		return signed(v, digits(100*v, 2)+" points")
	}
	return signed(v, c.text(v))
}

// signed puts a plus before what is greater than nothing.
func signed(v float64, text string) string {
	if v > 0 {
		return "+" + text
	}
	return text
}

func (c *comparison) differenceTitle(from string) string {
	title := "Difference"
	if from != "" {
		title += " from " + from
	}
	switch {
	case c.share && from == "":
		return title + ", points"
	case c.share:
		return title + ", percentage points"
	case c.unit == seconds:
		return title + ", seconds"
	}
	return title + c.unit
}

// axisTitle names what is spread.
func (c *comparison) axisTitle() string {
	switch {
	case c.share:
		return c.shareName()
	case c.unit == seconds:
		return c.heading() + ", seconds"
	}
	return c.heading() + c.unit
}

// axis writes the numbers of an axis: shares in percent.
func (u *quantity) axis(unit string) func(v, by float64) string {
	if !u.share {
		return number
	}
	return func(v, by float64) string { return number(100*v, 100*by) + unit }
}

// upright draws hairlines up a panel, and the axis below it.
func (p *page) upright(s scale, b box, label func(v, by float64) string) {
	p.segment(b.left, b.bottom, b.right, b.bottom, p.muted, 0.6*p.size.line)
	st := style{p.label, false, p.muted, 0.5}
	most := max(int((s.to-s.from)/(2.4*p.label)), 1)
	at, by := ticks(s.low, s.high, most)
	// Where labels are wide there are fewer.
	for ; most > 1; most-- {
		at, by = ticks(s.low, s.high, most)
		wide := vg.Length(0)
		for _, v := range at {
			wide = max(wide, st.width(label(v, by)))
		}
		if len(at) < 2 || s.at(at[1])-s.at(at[0]) > wide+0.8*p.label {
			break
		}
	}
	for _, v := range at {
		x := s.at(v)
		p.segment(x, b.top, x, b.bottom, p.hairline, 0.5*p.size.line)
		p.segment(x, b.bottom, x, b.bottom+0.35*p.label, p.muted, 0.6*p.size.line)
		words := label(v, by)
		half := st.width(words) / 2
		if x-half > b.left-1.2*p.label && x+half < min(b.right+1.2*p.label, p.width-2) {
			p.text(x, b.bottom+1.35*p.label, words, st)
		}
	}
}
