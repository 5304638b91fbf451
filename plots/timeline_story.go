package plots

import (
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// maxFaultRows bounds the faults that are drawn one by one.
const maxFaultRows = 4

// A storyDrawing draws one story lane by lane.
type storyDrawing struct {
	*chart
	s    *sim.Picture
	all  bool   // messages
	only string // the one server that it is attached to, if it is one
}

// lanes lists the lanes of a story, as far as they have something to show.
func (d *storyDrawing) lanes() []*lane {
	l, s, pad := d.label, d.s, d.air*0.5*d.label
	var list []*lane
	add := func(key, name, sub string, height vg.Length, draw func(top vg.Length)) {
		list = append(list, &lane{key: key, name: name, sub: sub, height: height + 2*pad, draw: func(top vg.Length) { draw(top + pad) }})
	}
	if rows := faultRows(d.chart, s.Faults); len(rows) > 0 {
		add("fault", "Fault", "", vg.Length(len(rows))*2.1*l-0.4*l, func(top vg.Length) { d.faults(rows, top) })
	}
	if d.terse == whole || slices.ContainsFunc(s.Process, func(b sim.Bar) bool { return b.State != "running" && d.shows(b.FromNS, b.ToNS) }) {
		add("process", "Client process", "", 1.7*l, func(top vg.Length) { d.bars(s.Process, top, 1.7*l, false) })
	}
	belief := 2.4 * l
	if slices.ContainsFunc(s.Attempts, func(a sim.Attempt) bool { return d.shows(a.FromNS, a.ToNS) }) {
		belief += 2.3 * l
	}
	add("belief", "Library’s belief", "what it tells the application", belief, d.belief)
	if len(s.Attached) > 0 && (d.terse < tighter || d.all) {
		name, sub := "Server attached to", "as that server has it"
		if d.only = s.Attached[0].Server; slices.ContainsFunc(s.Attached, func(b sim.Bar) bool { return d.shows(b.FromNS, b.ToNS) && b.Server != d.only }) {
			d.only = ""
		} else {
			name, sub = strings.ToUpper(d.only[:1])+d.only[1:], s.Attached[0].Role+", client attached"
		}
		after := 0.3 * d.air * l
		if d.all {
			after = 0.8 * l // for arrows
		}
		add("attached", name, sub, d.before()-pad+1.7*l+after, func(top vg.Length) { d.attached(top + d.before() - pad) })
	}
	if len(s.Leaders) > 0 {
		add("leaders", "Leader", "", 1.5*l, d.leaders)
	}
	name, sub, height := "Leader’s tracker", "", 3.9*l
	if s.Servers == 1 {
		name = "Server’s tracker"
	}
	if len(s.Edges) > 0 {
		sub, height = "ticks: bucket edges", 5*l
	}
	add("tracker", name, sub, height, func(top vg.Length) { d.tracker(top - pad) })
	if len(s.Others) > 0 {
		add("others", "Other clients", "watch the session’s node", 1.9*l, d.others)
	}
	return list
}

// before is the room above the bars of the server that the client is attached to, for
// arrows.
func (d *storyDrawing) before() vg.Length {
	if d.all {
		return 1.3 * d.label
	}
	return (0.7 + 0.6*d.air) * d.label
}

// faultRows packs faults into as few rows as show them side by side.
func faultRows(c *chart, faults []sim.FaultBar) [][]*sim.FaultBar {
	var rows [][]*sim.FaultBar
	for i := range faults {
		f := &faults[i]
		if !c.shows(f.FromNS, f.ToNS) {
			continue
		}
		at := slices.IndexFunc(rows, func(row []*sim.FaultBar) bool {
			last := row[len(row)-1]
			return c.at(last.ToNS)+6*c.label < c.at(f.FromNS)
		})
		switch {
		case at >= 0:
			rows[at] = append(rows[at], f)
		case len(rows) < maxFaultRows:
			rows = append(rows, []*sim.FaultBar{f})
		}
	}
	return rows
}

// faults draws what was done to whom.
func (d *storyDrawing) faults(rows [][]*sim.FaultBar, top vg.Length) {
	l := d.label
	type outside struct {
		f *sim.FaultBar
		y vg.Length
	}
	var left []outside
	for i, row := range rows {
		y := top + vg.Length(i)*2.1*l
		for _, f := range row {
			if !d.bar(y, 1.7*l, f.FromNS, f.ToNS, fill{wide, hue{d.other.line, d.other.fill, d.ink}, false}, false, wordsOf(&f.Bar)...) {
				left = append(left, outside{f, y + 1.2*l})
			}
		}
	}
	for _, o := range left {
		s := style{d.label, false, d.ink, 0}
		if !d.say(d.at(o.f.ToNS), o.y, s, wordsOf(&o.f.Bar)...) {
			d.say(d.at(o.f.FromNS), o.y, s, wordsOf(&o.f.Bar)...)
		}
	}
}

// wordsOf are the words of a bar, the longest first.
func wordsOf(b *sim.Bar) []string {
	return append([]string{glued(b.Words)}, b.Short...)
}

// bars draws a lane of bars with their words.
func (d *storyDrawing) bars(bars []sim.Bar, top, height vg.Length, bold bool) {
	for i := range bars {
		d.bar(top, height, bars[i].FromNS, bars[i].ToNS, d.fillOf(&bars[i]), bold, wordsOf(&bars[i])...)
	}
}

// belief draws what the library tells the application, and below it what it does to reach
// a server.
func (d *storyDrawing) belief(top vg.Length) {
	l := d.label
	d.bars(d.s.Belief, top, 2.4*l, true)
	y := top + 3.2*l
	attempts := 0
	for i := range d.s.Attempts {
		if a := &d.s.Attempts[i]; d.shows(a.FromNS, a.ToNS) {
			attempts++
		}
	}
	said := ""
	for i := range d.s.Attempts {
		a := &d.s.Attempts[i]
		if !d.shows(a.FromNS, a.ToNS) {
			continue
		}
		left, right := d.at(a.FromNS), d.at(a.ToNS)
		line := d.client.line
		d.segment(left, y, right, y, line, 0.8*d.size.line)
		d.segment(left, y-0.25*l, left, y+0.25*l, line, 0.8*d.size.line)
		switch {
		case a.ToNS > d.to || a.Outcome == "open":
		case a.Outcome == "connected":
			d.dot(right, y, 0.26*l, line, line)
		case a.Outcome == "expired":
			d.dot(right, y, 0.28*l, d.disagree.line, d.disagree.line)
		default:
			d.cross(right, y, line)
		}
		d.taken = append(d.taken, box{left - 0.2*l, y - 0.3*l, right + 0.3*l, y + 0.3*l})
		if attempts > 24 {
			continue
		}
		words := []string{a.Server}
		if said == "" {
			words = []string{"tries " + a.Server, a.Server}
		}
		for _, w := range words {
			s := style{d.label, false, d.muted, 0}
			n := s.width(w)
			placed := false
			for _, share := range []vg.Length{0.5, 0.3, 0.7, 0.1, 0.9, 0, 1} {
				at := min(max(left+(right-left-n)*share, d.x.from), d.x.to-n)
				if e := d.extent(at, y+1.35*l, w, s); d.free(e) && !d.crossed(e) {
					d.text(at, y+1.35*l, w, s)
					said, placed = w, true
					break
				}
			}
			if placed {
				break
			}
		}
	}
}

// attached draws the connection as its server has it.
func (d *storyDrawing) attached(top vg.Length) {
	l := d.label
	for i := range d.s.Attached {
		b := &d.s.Attached[i]
		if b.State == "half-open" && d.at(b.ToNS)-d.at(b.FromNS) < 2 {
			continue
		}
		words := wordsOf(b)
		if d.only != "" {
			// The lane's name says which.
			words = []string{strings.TrimSuffix(strings.TrimSuffix(b.Words, " to "+d.only), " at "+d.only)}
		}
		d.bar(top, 1.7*l, b.FromNS, b.ToNS, d.fillOf(b), false, words...)
	}
	plain := style{d.label, false, d.muted, 0}
	for i := range d.s.Instants {
		in := &d.s.Instants[i]
		if !d.shows(in.AtNS, in.AtNS) {
			continue
		}
		switch in.What {
		case "hangs_up":
			d.ruled(d.at(in.AtNS), top+1.2*l, in.Words, in.Rule, plain)
		case "refused":
			x := d.at(in.AtNS)
			d.dot(x, top+0.85*l, 0.32*l, d.disagree.line, d.ground)
			d.ruled(x, top+1.2*l, in.Words, in.Rule, style{d.label, false, d.ink, 0})
		}
	}
}

// ruled writes words with the rule that made it so, right of a place or left of it, where
// there is room; without the rule, if that helps; in two lines, if that does.
func (d *storyDrawing) ruled(x, y vg.Length, words, rule string, s style) bool {
	r := style{d.small, false, d.muted, 0}
	n, m := s.width(words), r.width(rule)
	gap := 0.55 * d.label
	for _, side := range []vg.Length{1, -1} {
		at := x + side*gap
		if side < 0 {
			at -= n + 0.5*d.label + m
		}
		b := box{at, y - 0.74*s.size, at + n + 0.5*d.label + m, y + 0.22*s.size}
		if b.left >= d.x.from && b.right <= d.x.to && d.free(b) && !d.crossed(b) {
			d.text(at, y, words, s)
			d.text(at+n+0.5*d.label, y, rule, r)
			return true
		}
	}
	if d.say(x, y, s, words) {
		return true
	}
	const second = "refuses"
	first, _, ok := strings.Cut(words, " "+second)
	if !ok {
		return false
	}
	for _, align := range []float64{0, 1} {
		s.align = align
		at := x + vg.Length(1-2*align)*gap
		e, f := d.extent(at, y-0.6*d.label, first, s), d.extent(at, y+0.55*d.label, second, s)
		if e.left >= d.x.from && max(e.right, f.right) <= d.x.to && d.free(e) && d.free(f) && !d.crossed(e) && !d.crossed(f) {
			d.text(at, y-0.6*d.label, first, s)
			d.text(at, y+0.55*d.label, second, s)
			return true
		}
	}
	return false
}

// leaders draws who leads with a quorum.
func (d *storyDrawing) leaders(top vg.Length) {
	for i := range d.s.Leaders {
		b := &d.s.Leaders[i]
		f := fill{solid, d.other, false}
		if b.State == "nobody" {
			f.pattern = outline
		}
		d.bar(top, 1.5*d.label, b.FromNS, b.ToNS, f, false, wordsOf(b)...)
	}
}

// others draws what other clients see.
func (d *storyDrawing) others(top vg.Length) {
	l := d.label
	for i := range d.s.Others {
		if b := &d.s.Others[i]; b.State != "gone" {
			d.bar(top, 1.9*l, b.FromNS, b.ToNS, d.fillOf(b), false, wordsOf(b)...)
		}
	}
	for i := range d.s.Others {
		b := &d.s.Others[i]
		if b.State == "gone" && d.shows(b.FromNS, b.FromNS) {
			d.say(d.at(b.FromNS), top+1.3*l, style{d.label, false, d.ink, 0}, b.Words+" since "+d.since(b.FromNS), b.Words, "gone")
		}
	}
}
