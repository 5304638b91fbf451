package plots

import "gonum.org/v1/plot/vg"

// A region is what lies between two curves: their heights at equal distances from left to
// right, in places on the page.
type region struct {
	left, right vg.Length
	over, under []vg.Length
}

// at are the two heights at a place.
func (r *region) at(x vg.Length) (over, under vg.Length) {
	k := int(float64((x-r.left)/(r.right-r.left)) * float64(len(r.over)))
	k = min(max(k, 0), len(r.over)-1)
	return r.over[k], r.under[k]
}

// meets says whether a box is on the region anywhere.
func (r *region) meets(b box) bool {
	for x := b.left; x <= b.right; x += 0.5 {
		if x < r.left || x > r.right {
			continue
		}
		if over, under := r.at(x); under-over > 0.1 && b.top < under && b.bottom > over {
			return true
		}
	}
	return false
}

// fill fills the region.
func (p *page) fill(r *region, c colour) {
	var outline []vg.Point
	n := len(r.over)
	place := func(k int) vg.Length { return r.left + (r.right-r.left)*vg.Length(k)/vg.Length(n) }
	for k := range n {
		outline = append(outline, vg.Point{X: place(k), Y: r.over[k]}, vg.Point{X: place(k + 1), Y: r.over[k]})
	}
	for k := n - 1; k >= 0; k-- {
		outline = append(outline, vg.Point{X: place(k + 1), Y: r.under[k]}, vg.Point{X: place(k), Y: r.under[k]})
	}
	p.area(outline, c)
}

// hatch draws lines across the region, rising to the right, so far apart.
func (p *page) hatch(r *region, c colour, apart, width vg.Length) {
	top, bottom := r.over[0], r.under[0]
	for k := range r.over {
		top, bottom = min(top, r.over[k]), max(bottom, r.under[k])
	}
	const step = 0.5
	for from := r.left - (bottom - top); from < r.right; from += 1.414 * apart {
		// The line leaves the bottom at from.
		var begin *vg.Point
		var last vg.Point
		for y := bottom; ; y -= step {
			x := from + (bottom - y)
			inside := false
			if x >= r.left && x <= r.right && y >= top {
				over, under := r.at(x)
				inside = y >= over && y <= under
			}
			at := vg.Point{X: x, Y: y}
			if inside && begin == nil {
				start := at
				begin = &start
			}
			if !inside && begin != nil {
				p.segment(begin.X, begin.Y, last.X, last.Y, c, width)
				begin = nil
			}
			last = at
			if y < top || x > r.right {
				break
			}
		}
	}
}

// stipple draws dots in the region, so far apart.
func (p *page) stipple(r *region, c colour, apart, radius vg.Length) {
	odd := false
	for y := apart / 2; y < p.height; y += apart {
		odd = !odd
		for x := r.left + apart/2; x < r.right; x += apart {
			at := x
			if odd {
				at += apart / 2
			}
			if over, under := r.at(at); at < r.right && y-radius > over && y+radius < under {
				p.rect(box{at - radius, y - radius, at + radius, y + radius}, c)
			}
		}
	}
}
