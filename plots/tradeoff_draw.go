package plots

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// A mistakeScale is the upright axis of a tradeoff: shares from 0 on, or, where they lie
// more than a power of ten apart, their logarithms, with nothing at its foot.
type mistakeScale struct {
	scale
	log  bool
	foot vg.Length // where nothing stands
}

func (t *tradeoff) draw(p *page) {
	top, bottom := p.head(t.title(), t.subtitle()), p.foot(t.print())
	b := box{p.margin + 4.6*p.label, top + 1.9*p.label, p.width - p.margin, bottom - 3.1*p.label}
	x, y := t.across(b), t.upright(b, p.label)
	heading := style{p.label, false, p.muted, 0}
	p.text(p.margin, top+0.8*p.label, p.cut(t.mistakes.shareName(), p.width-2*p.margin, heading), heading)
	t.drawShares(p, y, b)
	p.xAxis(x, b.bottom, true)
	title := style{p.label, false, p.muted, 1}
	p.text(b.right, b.bottom+2.7*p.label, p.cut(t.latency.axisTitle(), b.right-p.margin, title), title)

	hue := p.cluster
	var front []vg.Point
	for _, s := range t.settings {
		if s.front {
			at := vg.Point{X: x.at(s.latency.Value), Y: y.of(s.mistakes.Value)}
			if n := len(front); n > 0 {
				front = append(front, vg.Point{X: at.X, Y: front[n-1].Y})
			}
			front = append(front, at)
		}
	}
	p.line(front, p.muted, 0.7*p.size.line, 3, 2)
	var dots, whiskers []box
	for pass := range 2 { // those on the front over the others
		for _, s := range t.settings {
			if s.front != (pass == 1) {
				continue
			}
			c, inside := p.other.line, p.ground
			if s.front {
				c, inside = hue.line, hue.line
			}
			at := vg.Point{X: x.at(s.latency.Value), Y: y.of(s.mistakes.Value)}
			if s.front || len(t.settings) <= 3*mostLines {
				whiskers = append(whiskers, t.bars(p, s, x, y, at, c)...)
			}
			r := 2 * p.size.line
			p.dot(at.X, at.Y, r, c, inside)
			dots = append(dots, box{at.X - r - 1, at.Y - r - 1, at.X + r + 1, at.Y + r + 1})
		}
	}
	t.nameDots(p, x, y, b, front, dots, whiskers)
}

// bars draws the intervals of a setting, and gives where they are.
func (t *tradeoff) bars(p *page, s setting, x scale, y mistakeScale, at vg.Point, c colour) (drawn []box) {
	if e := s.latency; finite(e.Low) && finite(e.High) {
		b := box{x.at(e.Low), at.Y, x.at(e.High), at.Y}
		p.segment(b.left, at.Y, b.right, at.Y, c, 0.7*p.size.line)
		drawn = append(drawn, b)
	}
	if e := s.mistakes; finite(e.Low) && finite(e.High) {
		b := box{at.X - 1, y.of(e.High), at.X + 1, y.of(e.Low)}
		p.segment(at.X, b.top, at.X, b.bottom, c, 0.7*p.size.line)
		drawn = append(drawn, b)
	}
	return drawn
}

// across is the axis of the latency.
func (t *tradeoff) across(b box) scale {
	x := scale{math.Inf(1), math.Inf(-1), b.left, b.right}
	for _, s := range t.settings {
		for _, v := range []float64{s.latency.Value, s.latency.Low, s.latency.High} {
			if finite(v) {
				x.low, x.high = min(x.low, v), max(x.high, v)
			}
		}
	}
	if x.low == x.high {
		x.low, x.high = x.low-0.5, x.high+0.5
	}
	pad := 0.06 * (x.high - x.low)
	return scale{x.low - pad, x.high + 2*pad, b.left, b.right}
}

// upright is the axis of the mistakes.
func (t *tradeoff) upright(b box, label vg.Length) mistakeScale {
	least, most, none := math.Inf(1), 0.0, false
	for _, s := range t.settings {
		v, high := s.mistakes.Value, s.mistakes.High
		if finite(high) {
			most = max(most, high)
		}
		most = max(most, v)
		if v > 0 {
			least = min(least, v)
			if low := s.mistakes.Low; finite(low) && low > 0 {
				least = min(least, max(low, v/10))
			}
		} else {
			none = true
			if finite(high) && high > 0 {
				least = min(least, high)
			}
		}
	}
	y := mistakeScale{scale: scale{0, 1.06 * most, b.bottom - 0.8*label, b.top}, foot: b.bottom - 0.8*label}
	if most == 0 {
		y.high = 0.01
	}
	if most <= 10*least {
		return y
	}
	y.log = true
	y.low, y.high = math.Log10(least)-0.05, math.Log10(most)+0.05
	y.from = b.bottom
	if none {
		y.from -= 2.6 * label
	}
	return y
}

// of is the place of a share.
func (s mistakeScale) of(v float64) vg.Length {
	if !s.log {
		return s.at(v)
	}
	if v <= 0 {
		return s.foot
	}
	return min(s.at(math.Log10(v)), s.foot)
}

// drawShares draws the hairlines of the upright axis.
func (t *tradeoff) drawShares(p *page, y mistakeScale, b box) {
	line := func(v float64, words string) {
		at := y.of(v)
		p.segment(b.left, at, b.right, at, p.hairline, 0.5*p.size.line)
		p.text(b.left-0.7*p.label, at+0.36*p.label, words, style{p.label, false, p.muted, 1})
	}
	if !y.log {
		at, by := ticks(y.low, y.high, max(int((y.from-y.to)/(2.6*p.label)), 3))
		for _, v := range at {
			line(v, number(100*v, 100*by)+percent)
		}
		return
	}
	for e := int(math.Ceil(y.low)); float64(e) <= y.high; e++ {
		v := math.Pow(10, float64(e))
		line(v, short(100*v)+percent)
		for m := 2.0; m < 10; m++ {
			if at := y.of(m * v); math.Log10(m*v) < y.high && (y.at(0)-y.at(1)) > 8*p.label {
				p.segment(b.left, at, b.left+0.4*p.label, at, p.muted, 0.4*p.size.line)
			}
		}
	}
	if y.from < b.bottom {
		line(0, "none")
	}
}

// nameDots writes what the dots are, those on the front first, where there is room; on a bar
// if there is none beside it.
func (t *tradeoff) nameDots(p *page, x scale, y mistakeScale, b box, front []vg.Point, dots, whiskers []box) {
	var names []string
	for _, s := range t.settings {
		names = append(names, s.label)
	}
	names = p.shorten(names, p.width/5, style{p.label, true, p.ink, 0})
	few := len(t.settings) <= 2*mostLines
	for pass := range 2 {
		for i, s := range t.settings {
			if s.front != (pass == 0) || !s.front && !few {
				continue
			}
			at := vg.Point{X: x.at(s.latency.Value), Y: y.of(s.mistakes.Value)}
			st := style{p.label, s.front, p.ink, 0}
			if !s.front {
				st.color = p.muted
			}
			t.nameDot(p, at, names[i], st, func(e box) bool {
				return e.left > b.left && e.right <= p.width-p.margin && e.bottom < b.bottom && p.free(e) && !crosses(front, e) && !slices.ContainsFunc(dots, e.meets)
			}, whiskers)
		}
	}
}

// nameDot writes the name of one dot at the first place around it that is free.
func (t *tradeoff) nameDot(p *page, at vg.Point, name string, s style, free func(box) bool, whiskers []box) {
	d := p.label
	for pass := range 2 {
		for _, c := range []struct {
			x, y  vg.Length
			align float64
		}{{0.7 * d, -0.6 * d, 0}, {0.7 * d, 1.2 * d, 0}, {-0.7 * d, -0.6 * d, 1}, {-0.7 * d, 1.2 * d, 1}, {d, 0.36 * d, 0}, {-d, 0.36 * d, 1}, {0, -1.1 * d, 0.5}, {0, 1.8 * d, 0.5},
			{0.7 * d, -1.8 * d, 0}, {-0.7 * d, 2.4 * d, 1}, {0.7 * d, -3 * d, 0}, {-0.7 * d, 3.6 * d, 1}, {0.7 * d, 2.4 * d, 0}} {
			s.align = c.align
			e := p.extent(at.X+c.x, at.Y+c.y, name, s)
			if free(e) && (pass == 1 || !slices.ContainsFunc(whiskers, e.meets)) {
				p.text(at.X+c.x, at.Y+c.y, name, s)
				return
			}
		}
	}
}
