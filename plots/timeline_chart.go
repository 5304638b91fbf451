package plots

import (
	"math"

	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// A chart is the time axis of a timeline, and what stands on it.
type chart struct {
	*page
	x        scale // nanoseconds of the run
	origin   int64
	from, to int64
	above    bool      // lanes' names stand above them, where the page is narrow
	terse    terseness // as on a slide, which has one shape: what says least is left out
	air      vg.Length // 1, or less where it is tight
	uprights []upright
	faults   [][2]vg.Length // where their bands are, down to bandTo
	bandTo   vg.Length
}

// An upright is a vertical line through lanes.
type upright struct{ x, top, bottom vg.Length }

// at is the place of an instant, at the edge if it is out of sight.
func (c *chart) at(ns int64) vg.Length { return c.x.at(float64(min(max(ns, c.from), c.to))) }

// shows says whether something of a time is in sight.
func (c *chart) shows(from, to int64) bool { return to >= c.from && from <= c.to }

// since writes an instant in seconds from the origin, as the text form rounds it.
func (c *chart) since(ns int64) string {
	return number(math.Round(float64(ns-c.origin)/1e6)/1e3, 0.001) + seconds
}

// crossed says whether an upright goes through a box.
func (c *chart) crossed(b box) bool {
	for _, u := range c.uprights {
		if b.left-2 < u.x && u.x < b.right+2 && u.top < b.bottom && b.top < u.bottom {
			return true
		}
	}
	return false
}

// say writes the first of some words that has room right of a place, else left of it,
// without touching text, bars or uprights. It says whether one had.
func (c *chart) say(x, y vg.Length, s style, words ...string) bool {
	for _, w := range words {
		for _, side := range []float64{0, 1} {
			s.align = side
			at := x + vg.Length(1-2*side)*0.55*c.label
			if e := c.extent(at, y, w, s); e.left >= c.x.from && e.right <= c.x.to && c.free(e) && !c.crossed(e) {
				c.text(at, y, w, s)
				return true
			}
		}
	}
	return false
}

// A pattern is how an area is filled, so that it can be told without colour.
type pattern uint8

const (
	solid   pattern = iota
	wide            // hatched, with much ground between
	dense           // hatched the other way, closely
	dotted          // points
	outline         // nothing but a dashed edge
)

// A fill is how a bar looks.
type fill struct {
	pattern
	hue
	plain bool // the ground shows through, whatever the pattern
}

// bar draws a time on a lane, with the first of some words that fits on a plate in its
// middle. It says whether one did.
func (c *chart) bar(top, height vg.Length, from, to int64, f fill, bold bool, words ...string) bool {
	if !c.shows(from, to) {
		return true
	}
	b := box{c.at(from), top, c.at(to), top + height}
	if b.right-b.left < 0.8 {
		b.right = b.left + 0.8 // however short, it shows
	}
	ground := f.fill
	if f.pattern == outline || f.plain {
		ground = c.ground
	}
	c.rect(b, ground)
	c.patterned(b, f)
	c.frame(b, f, from >= c.from, to <= c.to)
	c.taken = append(c.taken, b)
	color := f.hue.text
	if f.pattern == outline {
		color = c.muted
	}
	s := style{c.label, bold, color, 0.5}
	for _, w := range words {
		pad := 0.35 * c.label
		if n := s.width(w); n+2*pad <= b.right-b.left {
			x, y := (b.left+b.right)/2, (b.top+b.bottom)/2+0.36*c.label
			if f.pattern != solid && f.pattern != outline {
				c.rect(box{x - n/2 - 0.8*pad, b.top + 1, x + n/2 + 0.8*pad, b.bottom - 1}, ground)
			}
			c.text(x, y, w, s)
			return true
		}
	}
	return len(words) == 0
}

// frame strokes the edges of a bar; where it goes on out of sight it stays open.
func (c *chart) frame(b box, f fill, left, right bool) {
	width := 0.75 * c.size.line
	var dash []vg.Length
	if f.pattern == outline {
		dash = []vg.Length{2.2, 1.6}
	}
	color := f.line
	c.segment(b.left, b.top, b.right, b.top, color, width, dash...)
	c.segment(b.left, b.bottom, b.right, b.bottom, color, width, dash...)
	if left {
		c.segment(b.left, b.top, b.left, b.bottom, color, width, dash...)
	}
	if right {
		c.segment(b.right, b.top, b.right, b.bottom, color, width, dash...)
	}
}

// patterned fills a box with the lines or points of a pattern.
func (c *chart) patterned(b box, f fill) {
	var path vg.Path
	switch f.pattern {
	case wide, dense:
		gap, width := 0.62*c.label, 0.45*c.size.line
		if f.pattern == dense {
			gap, width = 0.34*c.label, 0.7*c.size.line
		}
		h := b.bottom - b.top
		for x := b.left - h; x < b.right; x += gap * 1.4142 {
			// From the bottom left to the top right, clipped; dense ones lean the other way.
			x1, x2 := max(x, b.left), min(x+h, b.right)
			if x2 <= x1 {
				continue
			}
			y1, y2 := b.bottom-(x1-x), b.bottom-(x2-x)
			if f.pattern == dense {
				y1, y2 = b.top+(x1-x), b.top+(x2-x)
			}
			path.Move(c.page.at(x1, y1))
			path.Line(c.page.at(x2, y2))
		}
		c.canvas.SetColor(between(f.fill, f.line, 0.62))
		if f.pattern == dense {
			c.canvas.SetColor(f.line)
		}
		c.canvas.SetLineWidth(width)
		c.canvas.SetLineDash(nil, 0)
		c.canvas.Stroke(path)
	case dotted:
		r := 0.5 * c.size.line
		gap := 0.5 * c.label
		c.canvas.SetColor(f.line)
		row := 0
		for y := b.top + gap/2; y < b.bottom; y += gap * 0.8 {
			for x := b.left + gap/2 + vg.Length(row%2)*gap/2; x < b.right-r; x += gap {
				at := c.page.at(x, y)
				path.Move(vg.Point{X: at.X + r, Y: at.Y})
				path.Arc(at, r, 0, 2*math.Pi)
				path.Close()
			}
			row++
		}
		if len(path) > 0 {
			c.canvas.Fill(path)
		}
	}
}

// cross marks what came to nothing.
func (c *chart) cross(x, y vg.Length, color colour) {
	r := 0.26 * c.label
	c.segment(x-r, y-r, x+r, y+r, color, 0.9*c.size.line)
	c.segment(x-r, y+r, x+r, y-r, color, 0.9*c.size.line)
}

// arrow goes from one place to another.
func (c *chart) arrow(x1, y1, x2, y2 vg.Length, color colour) {
	c.segment(x1, y1, x2, y2, color, 0.8*c.size.line)
	dx, dy := x2-x1, y2-y1
	n := vg.Length(math.Hypot(float64(dx), float64(dy)))
	if n == 0 {
		return
	}
	dx, dy = dx/n, dy/n
	l, w := 0.55*c.label, 0.22*c.label
	c.area([]vg.Point{{X: x2, Y: y2}, {X: x2 - l*dx + w*dy, Y: y2 - l*dy - w*dx}, {X: x2 - l*dx - w*dy, Y: y2 - l*dy + w*dx}}, color)
}

// hueFor is the colour of a role that a picture names.
func (c *chart) hueFor(role string) hue {
	switch role {
	case "client":
		return c.client
	case "cluster":
		return c.cluster
	case "gap":
		return c.disagree
	}
	return hue{c.other.line, c.other.fill, c.ink}
}

// fillOf is how a state of a lane is drawn.
func (c *chart) fillOf(b *sim.Bar) fill {
	switch b.State {
	case "connected":
		return fill{solid, c.client, false}
	case "disconnected":
		return fill{wide, c.client, true}
	case "gap":
		return fill{dense, c.disagree, false}
	case "alive", "there", "taken":
		return fill{solid, c.cluster, false}
	case "closing":
		return fill{dense, c.cluster, false}
	case "orphan":
		return fill{dotted, c.cluster, true}
	case "running", "attached":
		return fill{solid, c.other, false}
	case "paused", "deaf":
		return fill{dense, c.other, false}
	case "half-open":
		return fill{wide, c.other, true}
	}
	return fill{outline, c.other, false} // expired, closed, dead, left, nobody
}
