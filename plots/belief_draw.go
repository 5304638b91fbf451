package plots

import (
	"math"

	"gonum.org/v1/plot/vg"
)

func (b *belief) draw(p *page) {
	top, bottom := p.head(b.title(), b.subtitle()), p.foot(b.print())
	whole := box{p.margin + 3.9*p.label, top, p.width - p.margin, bottom - 3.1*p.label}
	columns, rows := b.grid(whole)
	gapX, head := 1.6*p.label, 1.7*p.label
	wide := (whole.right - whole.left - gapX*vg.Length(columns-1)) / vg.Length(columns)
	high := (whole.bottom + 0.6*p.label - whole.top) / vg.Length(rows)
	var names []string
	for i := range b.panels {
		names = append(names, b.panels[i].label)
	}
	names = p.shorten(names, wide, style{p.label, true, p.ink, 0})
	for i := range b.panels {
		row, column := i/columns, i%columns
		left := whole.left + vg.Length(column)*(wide+gapX)
		in := box{left, whole.top + vg.Length(row)*high + head, left + wide, whole.top + vg.Length(row+1)*high - 0.6*p.label}
		b.panel(p, &b.panels[i], names[i], in, i == 0, column == 0, i+columns >= len(b.panels))
	}
	s := style{p.label, false, p.muted, 1}
	p.text(whole.right, whole.bottom+2.7*p.label, "seconds since the fault", s)
}

// grid lays so many panels out that they are about half again as wide as high.
func (b *belief) grid(whole box) (columns, rows int) {
	n := len(b.panels)
	best := math.Inf(1)
	for c := 1; c <= n; c++ {
		r := (n + c - 1) / c
		shape := float64((whole.right - whole.left) / vg.Length(c) / ((whole.bottom - whole.top) / vg.Length(r)))
		// Panels that stay empty count as well.
		if off := math.Abs(math.Log(shape/1.5)) + 0.5*float64(c*r-n); off < best {
			best, columns, rows = off, c, r
		}
	}
	return columns, rows
}

// panel draws one point. The first says what the curves are.
func (b *belief) panel(p *page, one *beliefs, name string, in box, first, shares, times bool) {
	x, y := scale{0, b.until, in.left, in.right}, scale{0, 1, in.bottom, in.top}
	by := 0.25
	if in.bottom-in.top < 8*p.label {
		by = 0.5
	}
	for v := 0.0; v <= 1; v += by {
		p.segment(in.left, y.at(v), in.right, y.at(v), p.hairline, 0.5*p.size.line)
		if shares {
			p.text(in.left-0.7*p.label, y.at(v)+0.36*p.label, number(100*v, 1)+percent, style{p.label, false, p.muted, 1})
		}
	}
	lie, alone := b.regions(one, x, y)
	p.fill(alone, p.cluster.fill)
	p.stipple(alone, p.cluster.line, 0.5*p.label, 0.055*p.label)
	p.fill(lie, p.disagree.fill)
	p.hatch(lie, p.disagree.line, 0.36*p.label, 0.5*p.size.line)
	cluster, client := b.curve(one.cluster, x, y), b.curve(one.client, x, y)
	// The client's is broken as well, so that the two can be told apart in grey.
	p.line(cluster, p.cluster.line, 1.5*p.size.line)
	p.line(client, p.client.line, 1.5*p.size.line, 4*p.size.line, 2*p.size.line)
	b.axis(p, x, in.bottom, times)
	bold, plain := style{p.label, true, p.ink, 0}, style{p.label, false, p.muted, 1}
	remark := one.remark()
	room := in.right - in.left
	if w := plain.width(remark); remark != "" && w < max(0.6*room, room-bold.width(name)-p.label) {
		p.text(in.right, in.top-0.6*p.label, remark, plain)
		room -= w + p.label
	}
	if len(b.panels) > 1 {
		p.text(in.left, in.top-0.6*p.label, p.cut(name, room, bold), bold)
	}
	curves := [][]vg.Point{cluster, client}
	if first {
		b.name(p, "cluster", p.cluster.text, cluster, curves, []*region{lie, alone}, in)
		b.name(p, "client", p.client.text, client, curves, []*region{lie, alone}, in)
	}
	if len(b.panels) <= fewLines {
		b.nameRegion(p, "believes what is over", p.disagree, lie)
		b.nameRegion(p, "the cluster alone", p.cluster, alone)
	}
}

// regions are where the client alone and the cluster alone hold the session as alive.
func (b *belief) regions(one *beliefs, x, y scale) (lie, alone *region) {
	n := max(int((x.to-x.from)*2), 2)
	lie = &region{left: x.from, right: x.to}
	alone = &region{left: x.from, right: x.to}
	for k := range n {
		t := b.until * (float64(k) + 0.5) / float64(n)
		both := y.at(one.both(t))
		lie.over, lie.under = append(lie.over, y.at(one.client(t))), append(lie.under, both)
		alone.over, alone.under = append(alone.over, y.at(one.both(t)+float64(one.alone.at(t))/float64(one.n))), append(alone.under, both)
	}
	return lie, alone
}

// curve is a share over time, in steps as fine as can be seen.
func (b *belief) curve(share func(float64) float64, x, y scale) (points []vg.Point) {
	n := max(int((x.to-x.from)*3), 2)
	last := vg.Length(-1)
	for k := range n + 1 {
		t := b.until * float64(k) / float64(n)
		at := vg.Point{X: x.at(t), Y: y.at(share(t))}
		if k > 0 && at.Y != last {
			points = append(points, vg.Point{X: at.X, Y: last})
		}
		if k == 0 || k == n || at.Y != last {
			points = append(points, at)
		}
		last = at.Y
	}
	return points
}

// axis is that of the time, with fewer labels where there is little room.
func (b *belief) axis(p *page, x scale, y vg.Length, labels bool) {
	p.segment(x.from, y, x.to, y, p.muted, 0.6*p.size.line)
	s := style{p.label, false, p.muted, 0.5}
	most := max(int((x.to-x.from)/(4*p.label)), 1)
	at, by := ticks(x.low, x.high, most)
	for len(at) < 2 && most < 5 { // one number is no scale: where there is little room they stand closer
		most++
		at, by = ticks(x.low, x.high, most)
	}
	for i, v := range at {
		p.segment(x.at(v), y, x.at(v), y+0.35*p.label, p.muted, 0.6*p.size.line)
		words := number(v, by)
		inside := x.at(v)+s.width(words)/2 < x.to+0.7*p.label
		if labels && (i == 0 || inside) {
			p.text(x.at(v), y+1.35*p.label, words, s)
		}
	}
}

// name writes what a curve is beside it: on the ground, else on a plate in a region; not
// where neither has room. The small print says it as well.
func (b *belief) name(p *page, words string, c colour, curve []vg.Point, all [][]vg.Point, filled []*region, in box) {
	for _, plate := range []bool{false, true} {
		for _, share := range []vg.Length{0.5, 0.35, 0.65, 0.2, 0.8} {
			y := in.bottom - share*(in.bottom-in.top)
			for i := 1; i < len(curve); i++ {
				if (curve[i-1].Y-y)*(curve[i].Y-y) > 0 {
					continue
				}
				for _, align := range []float64{1, 0} {
					s := style{p.label, true, c, align}
					at := curve[i].X - vg.Length(2*align-1)*0.7*p.label
					e := p.extent(at, y, words, s)
					if e.left <= in.left || e.right >= in.right || !p.free(e) || crosses(all[0], e) || crosses(all[1], e) {
						continue
					}
					switch on := filled[0].meets(e); {
					case on && !plate || filled[1].meets(e) && !plate:
						continue
					case on:
						p.rect(box{e.left - 1, e.top - 1, e.right + 1, e.bottom + 1}, p.disagree.fill)
					case plate:
						p.rect(box{e.left - 1, e.top - 1, e.right + 1, e.bottom + 1}, p.cluster.fill)
					}
					p.text(at, y, words, s)
					return
				}
			}
		}
	}
}

// nameRegion writes what a region is on a plate inside of it, if it is large enough.
func (b *belief) nameRegion(p *page, words string, h hue, r *region) {
	s := style{p.label, true, h.text, 0.5}
	w := s.width(words)
	for y := p.height; y > 0; y -= 0.7 * p.label {
		for x := r.left + w/2; x < r.right-w/2; x += 0.5 * p.label {
			e := p.extent(x, y, words, s)
			plate := box{e.left - 0.3*p.label, e.top - 0.15*p.label, e.right + 0.3*p.label, e.bottom + 0.1*p.label}
			inside := plate.left >= r.left && plate.right <= r.right
			for at := plate.left; at <= plate.right && inside; at += 0.5 {
				over, under := r.at(at)
				inside = plate.top > over+2 && plate.bottom < under-2
			}
			if inside && p.free(e) {
				p.rect(plate, h.fill)
				p.text(x, y, words, s)
				return
			}
		}
	}
}
