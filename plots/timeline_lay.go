package plots

import (
	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// A lane is a strip of a timeline.
type lane struct {
	key       string // see sim.Instant
	name, sub string // what it is, and more about that
	height    vg.Length
	draw      func(top vg.Length)

	top vg.Length // where it begins, below its name
}

// narrow is the width below which lanes' names stand above them.
const narrow = 300

// chartOf lays out the time axis.
func (t *timeline) chartOf(p *page, how terseness) *chart {
	c := &chart{page: p, terse: how, above: p.width < narrow, origin: t.stories[0].OriginNS, from: t.stories[0].FromNS, to: t.stories[0].ToNS}
	if c.air = 1; how > whole {
		c.air = 0.5
	}
	for _, s := range t.stories {
		c.from, c.to = min(c.from, s.FromNS), max(c.to, s.ToNS)
	}
	left := p.margin
	if !c.above {
		left += 0.185 * p.width
	}
	c.x = scale{float64(c.from), float64(c.to), left, p.width - p.margin}
	return c
}

// lay draws the figure, and gives how tall a page it needs.
func (t *timeline) lay(p *page, how terseness) (*chart, vg.Length) {
	y := p.head(t.title(), t.subtitle())
	c := t.chartOf(p, how)
	var lanes []*lane
	var instants []sim.Instant
	var one *storyDrawing
	if len(t.stories) == 1 {
		one = &storyDrawing{chart: c, s: t.stories[0], all: t.messages}
		lanes, instants = one.lanes(), one.s.Instants
	} else {
		lanes, instants = t.stack(c), sharedInstants(t.stories)
	}
	rail := c.rail(instants, y)
	y = rail.bottom + 0.2*c.label
	top := y
	for _, l := range lanes {
		if c.above && l.name != "" {
			y += 1.5 * c.label
		}
		l.top = y
		y += l.height
	}
	c.bands(t, lanes)
	c.grid(top, y)
	rail.draw(lanes, y)
	if one != nil {
		one.messages(lanes)
	}
	for _, l := range lanes {
		c.name(l)
		l.draw(l.top)
		c.segment(c.margin, l.top+l.height, c.width-c.margin, l.top+l.height, c.hairline, 0.6*c.size.line)
	}
	if len(t.stories) == 1 {
		y = c.brackets(t.stories[0].Brackets, y+0.4*c.label)
	}
	y = c.axis(y+0.5*c.label, t.stories[0])
	y = rail.list(y)
	c.foot(t.print())
	return c, y + c.footHeight(t.print())
}

// footHeight is how much room the small print takes.
func (c *chart) footHeight(words string) vg.Length {
	lines := len(c.wrap(words, c.width-2*c.margin, style{c.small, false, c.muted, 0}))
	return 2.2*c.small + vg.Length(lines-1)*1.3*c.small + 0.7*c.margin
}

// name writes what a lane is, left of it or above.
func (c *chart) name(l *lane) {
	if l.name == "" {
		return
	}
	bold, plain := style{c.label, true, c.ink, 0}, style{c.small, false, c.muted, 0}
	if c.above {
		name := c.cut(l.name, 0.8*(c.width-2*c.margin), bold)
		e := c.extent(c.margin, l.top-0.1*c.label, name, bold)
		c.rect(box{e.left, e.top - 1, e.right + 2, e.bottom}, c.ground) // no line crosses text
		b := c.text(c.margin, l.top-0.1*c.label, name, bold)
		if e := c.extent(b.right+0.7*c.label, l.top-0.1*c.label, l.sub, plain); l.sub != "" && c.free(e) && !c.crossed(e) {
			c.text(e.left, l.top-0.1*c.label, l.sub, plain)
		}
		return
	}
	room := c.x.from - c.margin - 0.6*c.label
	y := l.top + l.height/2 + 0.36*c.label
	if l.sub != "" {
		y -= 0.62 * c.label
	}
	c.text(c.margin, y, c.cut(l.name, room, bold), bold)
	if l.sub != "" {
		c.text(c.margin, y+1.25*c.label, c.cut(l.sub, room, plain), plain)
	}
}

// laneOf finds a lane by its key.
func laneOf(lanes []*lane, key string) *lane {
	for _, l := range lanes {
		if l.key == key {
			return l
		}
	}
	return nil
}

// bands shade the faults through the lanes of those that they concern, and the gap.
func (c *chart) bands(t *timeline, lanes []*lane) {
	first, last := lanes[0], lanes[len(lanes)-1]
	for _, key := range []string{"belief", "attached"} {
		if l := laneOf(lanes, key); l != nil {
			last = l
		}
	}
	c.bandTo = last.top + last.height
	for i := range t.stories[0].Faults {
		if f := &t.stories[0].Faults[i]; c.shows(f.FromNS, f.ToNS) && !f.Done && i < maxFaultRows {
			c.rect(box{c.at(f.FromNS), first.top + first.height, c.at(f.ToNS), last.top + last.height}, c.banded())
			c.faults = append(c.faults, [2]vg.Length{c.at(f.FromNS), c.at(f.ToNS)})
		}
	}
	if len(t.stories) > 1 {
		return
	}
	from, to := laneOf(lanes, "belief"), laneOf(lanes, "tracker")
	for i := range t.stories[0].Brackets {
		if b := &t.stories[0].Brackets[i]; b.Kind == "knowledge_gap" && from != nil && to != nil {
			c.rect(box{c.at(b.FromNS), from.top, c.at(b.ToNS), to.top + to.height}, between(c.ground, c.disagree.fill, 0.75))
		}
	}
}

// banded is the colour of the band of a fault.
func (c *chart) banded() colour { return between(c.ground, c.other.fill, 0.45) }

// plateAt is the colour of the ground at a place, for what stands behind words.
func (c *chart) plateAt(x, y vg.Length) colour {
	for _, f := range c.faults {
		if f[0] < x && x < f[1] && y < c.bandTo {
			return c.banded()
		}
	}
	return c.ground
}

// seconds is the time axis in seconds from the origin.
func (c *chart) seconds() scale {
	return scale{float64(c.from-c.origin) / 1e9, float64(c.to-c.origin) / 1e9, c.x.from, c.x.to}
}

// grid draws a hairline at each tick of the axis.
func (c *chart) grid(top, bottom vg.Length) {
	s := c.seconds()
	at, _ := c.ticks(s)
	for _, v := range at {
		c.segment(s.at(v), top, s.at(v), bottom, c.hairline, 0.4*c.size.line)
	}
}

// ticks are those of the time axis.
func (c *chart) ticks(s scale) (at []float64, by float64) {
	return ticks(s.low, s.high, int((s.to-s.from)/(3.6*c.label)))
}

// axis draws the time axis with what it counts from.
func (c *chart) axis(y vg.Length, story *sim.Picture) vg.Length {
	s := c.seconds()
	c.segment(s.from, y, s.to, y, c.muted, 0.6*c.size.line)
	at, by := c.ticks(s)
	for _, v := range at {
		c.segment(s.at(v), y, s.at(v), y+0.35*c.label, c.muted, 0.6*c.size.line)
		c.text(s.at(v), y+1.35*c.label, number(v, by), style{c.label, false, c.muted, 0.5})
	}
	words := "seconds " + beginning(story)
	plain := style{c.label, false, c.muted, 0}
	if !c.above {
		room := c.x.from - c.margin - 1.2*c.label
		if plain.width(words) > room {
			plain.size = c.small
		}
		c.text(c.margin, y+1.35*c.label, c.cut(words, room, plain), plain)
		return y + 1.9*c.label
	}
	plain.align = 1
	c.text(c.x.to, y+2.6*c.label, words, plain)
	return y + 3.2*c.label
}

// beginning names what instants are counted from.
func beginning(s *sim.Picture) string {
	if len(s.Faults) == 0 {
		return "of the run"
	}
	switch s.Faults[0].Kind {
	case "partition":
		return "since the cut"
	case "pause", "kill", "restart":
		return "since the " + s.Faults[0].Kind
	}
	return "since the first fault"
}

// brackets draw lengths below the lanes, in as few rows as hold them, and give where they
// end.
func (c *chart) brackets(all []sim.Bracket, top vg.Length) vg.Length {
	type strip struct {
		left, right vg.Length
		words       bool
	}
	var rows [][]strip
	height := 2.35 * c.label
	if c.terse > whole {
		height = 1.5 * c.label
	}
	// Two lengths may meet, their words not.
	free := func(row int, all ...strip) bool {
		for _, o := range rows[row] {
			for _, s := range all {
				// Words below the lines are not in their way.
				if (c.terse > whole || o.words == s.words) && max(o.left, s.left) < min(o.right, s.right)-0.1 {
					return false
				}
			}
		}
		return true
	}
	for i := range all {
		b := &all[i]
		if b.Kind == "mark" || b.Kind == "told_late" && c.terse == tighter || !c.shows(b.FromNS, b.ToNS) {
			continue
		}
		h := c.hueFor(b.Role)
		s := style{c.label, true, h.text, 0}
		words := c.cut(glued(b.Words), c.x.to-c.x.from, s)
		n, air := s.width(words), 0.5*c.label
		line := strip{c.at(b.FromNS), c.at(b.ToNS), false}
		// Where the words may begin: below the line, or where it is tight in it or beside it.
		var places []vg.Length
		switch {
		case c.terse == whole:
			places = []vg.Length{(line.left + line.right - n) / 2, line.left, line.right - n}
		case n+4*air < line.right-line.left:
			places = []vg.Length{(line.left + line.right - n) / 2}
		default:
			places = []vg.Length{line.right + air, line.left - air - n}
		}
		row, at := 0, vg.Length(0)
	search:
		for ; ; row++ {
			if row == len(rows) {
				rows = append(rows, nil)
			}
			for _, at = range places {
				if c.terse == whole {
					at = min(max(at, c.x.from), c.x.to-n)
				}
				if at >= c.margin && at+n <= c.width-c.margin && free(row, line, strip{at - air, at + n + air, true}) {
					break search
				}
			}
			if len(rows[row]) == 0 {
				at = min(max((line.left+line.right-n)/2, c.x.from), c.x.to-n)
				break
			}
		}
		rows[row] = append(rows[row], line, strip{at - air, at + n + air, true})
		y := top + vg.Length(row)*height + 0.35*c.label
		text := y + 1.3*c.label
		if c.terse > whole {
			y += 0.3 * c.label
			text = y + 0.36*c.label
		}
		if at > line.left && at+n < line.right && c.terse > whole {
			c.segment(line.left, y, at-air, y, h.line, c.size.line)
			c.segment(at+n+air, y, line.right, y, h.line, c.size.line)
		} else {
			c.segment(line.left, y, line.right, y, h.line, c.size.line)
		}
		c.segment(line.left, y-0.35*c.label, line.left, y+0.35*c.label, h.line, c.size.line)
		if b.Open || b.ToNS > c.to {
			c.arrow(line.right-0.6*c.label, y, line.right, y, h.line)
		} else {
			c.segment(line.right, y-0.35*c.label, line.right, y+0.35*c.label, h.line, c.size.line)
		}
		if c.terse > whole {
			e := c.extent(at, text, words, s)
			c.rect(box{e.left - 1, e.top, e.right + 1, e.bottom}, c.plateAt(at+n/2, text)) // no line crosses text
		}
		c.text(at, text, words, s)
	}
	return top + vg.Length(len(rows))*height
}
