package plots

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// A rail is where the instants stand, on top of the lanes: a line for each, with when and
// what beside it; where the page is narrow with a number, and the words in a list below.
type rail struct {
	*chart
	top, bottom vg.Length
	tier        vg.Length // how tall one is
	marks       []railMark
}

// A railMark is one instant on the rail.
type railMark struct {
	*sim.Instant
	x           vg.Length
	tier        int       // from the lanes up; -1: no room for words
	said        string    // its words, cut where they are very long
	wide        vg.Length // of those
	left, right vg.Length
	align       float64
	number      int
}

// Ranks of instants, as sim.Instant has them.
const (
	rankLearned = 2
	rankAlways  = 4 // up to here an instant is raised rather than left out
	rankOnce    = 5 // raised once
	rankRail    = 7 // up to here an instant is on the rail
)

// railMost bounds the instants of one figure.
const railMost = 14

// rail chooses and places the instants: the weightiest first, right of its line, else left
// of it, else one tier up. What has no room keeps its line.
func (c *chart) rail(all []sim.Instant, top vg.Length) *rail {
	r := &rail{chart: c, top: top, tier: 2.55 * c.label}
	if c.above {
		r.tier = 1.75 * c.label
	}
	for i := range all {
		if in := &all[i]; in.Rank <= rankRail && in.AtNS >= c.from && in.AtNS <= c.to {
			r.marks = append(r.marks, railMark{Instant: in, x: c.at(in.AtNS), tier: -1})
		}
	}
	byRank := func(a, b railMark) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Record, b.Record)) }
	slices.SortStableFunc(r.marks, byRank)
	// What coincides with something weightier goes without saying.
	r.marks = slices.DeleteFunc(r.marks, func(m railMark) bool {
		return m.Rank == rankRail && slices.ContainsFunc(all, func(o sim.Instant) bool {
			return o.Rank < m.Rank && o.Lane == m.Lane && r.since(o.AtNS) == r.since(m.AtNS)
		})
	})
	r.marks = r.marks[:min(len(r.marks), railMost)]
	for i := range r.marks {
		m := &r.marks[i]
		plain := style{r.label, false, r.muted, 0}
		m.said = r.cut(m.Words, 0.4*(r.x.to-r.x.from), plain)
		m.wide = max(r.when().width(r.since(m.AtNS)), plain.width(m.said))
	}
	always := 0
	for always < len(r.marks) && (r.marks[always].Rank <= rankAlways || r.above) {
		always++
	}
	settled := false
	for tiers, tries := 1, 0; tiers <= railTiers && !settled; tiers++ {
		settled = r.placeAll(0, always, tiers, &tries)
	}
	for i := range always {
		if !settled {
			r.placeAll(i, i+1, railTiers, new(int)) // each as well as it goes
		}
	}
	tiers := 0
	for i := range r.marks {
		if i >= always {
			most := 1
			if r.marks[i].Rank == rankOnce {
				most = 2
			}
			r.placeAll(i, i+1, most, new(int))
		}
		tiers = max(tiers, r.marks[i].tier+1)
	}
	if c.above {
		// Numbers go by time.
		order := slices.DeleteFunc(slices.Clone(r.marks), func(m railMark) bool { return m.tier < 0 })
		slices.SortStableFunc(order, func(a, b railMark) int { return cmp.Or(cmp.Compare(a.AtNS, b.AtNS), cmp.Compare(a.Record, b.Record)) })
		for i := range r.marks {
			r.marks[i].number = 1 + slices.IndexFunc(order, func(m railMark) bool { return m.Record == r.marks[i].Record && m.What == r.marks[i].What })
		}
	}
	r.bottom = top + vg.Length(tiers)*r.tier
	return r
}

// railTiers and railTries bound the search for room.
const (
	railTiers = 6
	railTries = 20_000
)

// placeAll finds room for the words of the marks from i to n in so many tiers, given those
// before: the lowest tier first, right of the line before left of it. It goes back on what
// it has done where that leaves no room.
func (r *rail) placeAll(i, n, tiers int, tries *int) bool {
	if i == n {
		return true
	}
	m := &r.marks[i]
	gap := 0.5 * r.label
	for tier := range tiers {
		for _, align := range []float64{0, 1} {
			left, right := m.x+gap, m.x+gap+m.wide
			if align == 1 {
				left, right = m.x-gap-m.wide, m.x-gap
			}
			if r.above {
				left, right = m.x-0.65*r.label, m.x+0.65*r.label
			}
			if left < r.margin/2 || right > r.width-r.margin/2 || !r.fits(i, tier, left, right) {
				continue
			}
			if *tries++; *tries > railTries {
				return false
			}
			m.tier, m.left, m.right, m.align = tier, left, right, align
			if r.placeAll(i+1, n, tiers, tries) {
				return true
			}
			m.tier = -1
		}
	}
	return false
}

// fits says whether words at a tier touch neither other words nor lines, and their line no
// other words.
func (r *rail) fits(i, tier int, left, right vg.Length) bool {
	air := 0.55 * r.label
	if r.above {
		air = 0.1 * r.label
	}
	for j := range i {
		o := &r.marks[j]
		if o.tier < 0 {
			continue
		}
		if o.tier == tier && left-air < o.right && o.left < right+air {
			return false
		}
		line := 0.3 * r.label
		if r.above {
			line = 0.1 * r.label
		}
		if tier <= o.tier && !r.above && left-line < o.x && o.x < right+line {
			return false
		}
		if x := r.marks[i].x; o.tier < tier && o.left-line < x && x < o.right+line {
			return false
		}
		if o.tier > tier && r.above && left < o.x && o.x < right {
			return false
		}
	}
	return true
}

func (r *rail) when() style { return style{r.label, true, r.ink, 0} }

// reach is the lane down to which an instant's line goes.
func reach(in *sim.Instant) string {
	switch in.What {
	case "marked", "taken":
		return "others"
	case "disconnected", "connected", "gives_up", "left":
		return "belief"
	case "vain", "undecided", "leads":
		return "tracker"
	}
	return "attached"
}

// draw draws the lines, and the words beside them.
func (r *rail) draw(lanes []*lane, bottom vg.Length) {
	for i := range r.marks {
		m := &r.marks[i]
		h := r.hueFor(m.Role)
		to := bottom
		l := laneOf(lanes, reach(m.Instant))
		if l == nil && reach(m.Instant) == "attached" {
			l = laneOf(lanes, "belief")
		}
		if l != nil {
			to = l.top + l.height
		}
		from := r.bottom - 0.25*r.label
		if m.tier >= 0 {
			from = r.bottom - vg.Length(m.tier+1)*r.tier
		}
		var dash []vg.Length
		if m.Rank > rankLearned {
			dash = []vg.Length{2.4, 1.8}
		}
		if r.above && m.tier >= 0 {
			from += 1.3 * r.label
		}
		r.segment(m.x, from, m.x, to, h.line, 0.85*r.size.line, dash...)
		r.uprights = append(r.uprights, upright{m.x, from, to})
	}
	for i := range r.marks {
		m := &r.marks[i]
		if m.tier < 0 {
			continue
		}
		h := r.hueFor(m.Role)
		top := r.bottom - vg.Length(m.tier+1)*r.tier
		if r.above {
			r.dot(m.x, top+0.66*r.label, 0.66*r.label, h.line, r.ground)
			r.text(m.x, top+0.66*r.label+0.34*r.small, fmt.Sprint(m.number), style{r.small, true, h.text, 0.5})
			continue
		}
		at := m.left
		if m.align == 1 {
			at = m.right
		}
		bold := style{r.label, true, h.text, m.align}
		r.text(at, top+0.85*r.label, r.since(m.AtNS), bold)
		r.text(at, top+2*r.label, m.said, style{r.label, false, r.muted, m.align})
	}
}

// list writes the words of numbered instants below the lanes, and gives where they end.
func (r *rail) list(y vg.Length) vg.Length {
	if !r.above || len(r.marks) == 0 {
		return y
	}
	order := slices.DeleteFunc(slices.Clone(r.marks), func(m railMark) bool { return m.tier < 0 })
	slices.SortFunc(order, func(a, b railMark) int { return cmp.Compare(a.number, b.number) })
	y += 0.6 * r.label
	bold, plain := style{r.label, true, r.ink, 1}, style{r.label, false, r.ink, 0}
	for i := range order {
		m := &order[i]
		y += 1.35 * r.label
		h := r.hueFor(m.Role)
		r.text(r.margin, y, fmt.Sprint(m.number), style{r.label, true, h.text, 0})
		b := r.text(r.margin+7.2*r.label, y, r.since(m.AtNS), bold)
		r.text(b.right+0.8*r.label, y, r.cut(m.Words, r.width-r.margin-b.right-0.8*r.label, plain), plain)
	}
	return y + 0.5*r.label
}
