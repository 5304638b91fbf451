package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
)

func (c *conformity) draw(p *page) {
	top, bottom := p.head(c.title(), c.subtitle()), p.foot(c.print())
	in := box{p.margin, top + 1.6*p.label, p.width - p.margin, bottom - 2.9*p.label}
	heading := style{p.label, false, p.muted, 0}
	left := in.left
	if p.width > 1.3*p.height {
		side := min(in.bottom-in.top, 0.36*(in.right-in.left))
		sq := box{in.left + 2.6*p.label, in.top, in.left + 2.6*p.label + side, in.top + side}
		sq.bottom = in.bottom
		c.square(p, sq)
		p.text(p.margin, top+0.8*p.label, p.cut("Recorded, seconds since the fault", side+2.6*p.label, heading), heading)
		p.text(sq.right, in.bottom+2.6*p.label, "predicted, seconds", style{p.label, false, p.muted, 1})
		left = sq.right + 2.4*p.label
	}
	c.table(p, box{left, in.top, in.right, in.bottom}, top+0.8*p.label)
}

// square draws each event where it was predicted and recorded.
func (c *conformity) square(p *page, b box) {
	x, y := scale{0, c.until, b.left, b.right}, scale{0, c.until, b.bottom, b.top}
	p.yAxis(y, b.left, b.right, false)
	p.xAxis(x, b.bottom, true)
	p.segment(b.left, b.bottom, b.right, b.top, p.muted, 0.5*p.size.line)
	spots := c.sorted()
	for pass := range 2 {
		for _, s := range spots {
			bad := c.spots[s]
			if bad != (pass == 1) {
				continue
			}
			at := vg.Point{X: x.at(float64(s[0]) / squareSpots * c.until), Y: y.at(float64(s[1]) / squareSpots * c.until)}
			r := 0.55 * p.size.line
			colour := p.cluster.line
			if bad {
				r, colour = 0.9*p.size.line, p.disagree.line
			}
			p.rect(box{at.X - r, at.Y - r, at.X + r, at.Y + r}, colour)
		}
	}
}

// table draws the errors of each kind of event, a row each.
func (c *conformity) table(p *page, in box, heading vg.Length) {
	text := p.label
	most := int((in.bottom - in.top) / (1.02 * text))
	if most < len(c.kinds) {
		text = p.small
		most = int((in.bottom - in.top) / (1.02 * text))
	}
	rows, left := c.rows(most)
	n := len(rows)
	if left > 0 {
		n++
	}
	high := min((in.bottom-in.top)/vg.Length(n), 3*p.label)
	in.bottom = in.top + high*vg.Length(n)
	names, numbers := style{text, true, p.ink, 0}, style{text, false, p.muted, 1}
	wide, counts, shares := vg.Length(0), numbers.width("n"), numbers.width("inside")
	var labels []string
	for _, k := range rows {
		labels = append(labels, k.label())
	}
	labels = p.shorten(labels, 0.42*(in.right-in.left), names)
	for i, k := range rows {
		wide = max(wide, names.width(labels[i]))
		counts = max(counts, numbers.width(count(k.n)))
		shares = max(shares, numbers.width(k.share()))
	}
	b := box{in.left + wide + 0.8*text, in.top, in.right - counts - shares - 1.9*text, in.bottom}
	muted := style{p.label, false, p.muted, 0}
	p.text(in.right, heading, "inside", style{text, false, p.muted, 1})
	p.text(in.right-shares-text, heading, "n", style{text, false, p.muted, 1})
	room := in.right - shares - counts - 2*text - b.left
	p.text(b.left, heading, p.cut("Recorded later, ms", room, muted), muted)
	reach := 1.6 * max(c.tolerance, 1)
	x := scale{-reach, reach, b.left, b.right}
	p.rect(box{x.at(-c.tolerance), b.top, x.at(c.tolerance), b.bottom}, between(p.ground, p.other.fill, 0.6))
	p.upright(x, b, number)
	for i, k := range rows {
		y := b.top + (vg.Length(i)+0.5)*high
		base := y + 0.36*text
		p.text(in.left, base, labels[i], names)
		p.text(in.right-shares-text, base, count(k.n), numbers)
		s := numbers
		if k.inside < k.n {
			s.color = p.disagree.text
		}
		p.text(in.right, base, k.share(), s)
		c.errors(p, k, x, y, min(0.3*high, 0.4*text))
	}
	if left > 0 {
		p.text(in.left, b.bottom-0.5*high+0.36*text, fmt.Sprintf("and %d rarer kinds", left), style{text, false, p.muted, 0})
	}
}

func (k conformed) label() string {
	if k.drawn {
		return k.name + " (drawn)"
	}
	return k.name
}

// share is the part inside; not all of many is less than 100 %.
func (k *conformed) share() string {
	v := 100 * float64(k.inside) / float64(k.n)
	return number(math.Floor(10*v+1e-9)/10, 0.1) + percent
}

// errors draws how the errors of a kind are spread.
func (c *conformity) errors(p *page, k *conformed, x scale, y, half vg.Length) {
	at := func(v float32) vg.Length { return x.at(min(max(float64(v), x.low), x.high)) }
	q := func(share float64) float32 {
		return k.errors[max(int(math.Ceil(share*float64(len(k.errors))-1e-9)), 1)-1]
	}
	hue := p.cluster
	if k.n > 1 {
		p.segment(at(q(0.01)), y, at(q(0.99)), y, hue.line, 0.7*p.size.line)
		p.rect(box{at(q(0.25)) - 0.3, y - half, at(q(0.75)) + 0.3, y + half}, between(hue.fill, hue.line, 0.35))
	}
	m := at(q(0.5))
	p.segment(m, y-half, m, y+half, p.ink, p.size.line)
	seen := map[int]bool{}
	for _, v := range k.bad {
		if place := int(2 * at(v)); !seen[place] {
			seen[place] = true
			p.dot(at(v), y, 1.1*p.size.line, p.disagree.line, p.disagree.line)
		}
	}
}
