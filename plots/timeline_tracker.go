package plots

import (
	"slices"

	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// tracker draws whether the cluster holds the session, how the last touch and the timeout
// became the deadline, and the edges of the buckets.
func (d *storyDrawing) tracker(top vg.Length) {
	l := d.label
	y := top + d.air*0.5*l
	for i := range d.s.Tracker {
		if b := &d.s.Tracker[i]; b.State != "ended" && b.State != "closed" && (b.State != "closing" || d.at(b.ToNS)-d.at(b.FromNS) > 1.5) {
			d.bar(y, 2.2*l, b.FromNS, b.ToNS, d.fillOf(b), true, wordsOf(b)...)
		}
	}
	deadline, edges := y+3.2*l, y+4.7*l
	if len(d.s.Edges) > 0 {
		d.segment(d.x.from, edges, d.x.to, edges, d.cluster.line, 0.5*d.size.line)
		for _, e := range d.s.Edges {
			d.segment(d.at(e), edges-0.5*l, d.at(e), edges, d.cluster.line, 0.7*d.size.line)
		}
	}
	var drawn []*sim.PictureTouch
	for _, use := range []string{"counts", "saving", "vain", "saved", "afresh"} {
		for i := range d.s.Touches {
			t := &d.s.Touches[i]
			if t.Use != use || !d.shows(t.AtNS, t.DeadlineNS) || slices.ContainsFunc(drawn, func(o *sim.PictureTouch) bool {
				return d.at(t.AtNS) < d.at(o.DeadlineNS)+2*l && d.at(o.AtNS) < d.at(t.DeadlineNS)+2*l
			}) {
				continue
			}
			drawn = append(drawn, t)
			d.deadline(t, deadline, edges)
		}
	}
	for i := range d.s.Instants {
		in := &d.s.Instants[i]
		if !d.shows(in.AtNS, in.AtNS) {
			continue
		}
		s := style{d.label, true, d.cluster.text, 0}
		switch in.What {
		case "marked":
			d.ruled(d.at(in.AtNS), y+0.75*l, "marked "+d.since(in.AtNS), in.Rule, s)
		case "committed":
			d.ruled(d.at(in.AtNS), y+2*l, "committed "+d.since(in.AtNS), in.Rule, s)
		}
	}
}

// deadline draws a touch, its timeout, and the rounding up to the next edge: the formula.
func (d *storyDrawing) deadline(t *sim.PictureTouch, y, edges vg.Length) {
	l, line := d.label, d.cluster.line
	at, sum, end := d.at(t.AtNS), d.at(t.SumNS), d.at(t.DeadlineNS)
	words := []string{"last touch + " + short(float64(t.TimeoutNS)/1e9) + seconds + " timeout", "touch + " + short(float64(t.TimeoutNS)/1e9) + seconds, "+ " + short(float64(t.TimeoutNS)/1e9) + seconds}
	switch t.Use {
	case "afresh":
		words[0] = "tracked afresh + " + short(float64(t.TimeoutNS)/1e9) + seconds
	case "saving", "saved", "vain":
		words = words[1:]
	}
	if t.By == "restart" {
		words[0] = "tracked afresh + " + short(float64(t.TimeoutNS)/1e9) + seconds
	}
	// The words stand in the line, where it is long enough.
	gapFrom, gapTo := sum, sum
	s := style{d.label, false, d.cluster.text, 0.5}
	for _, w := range words {
		n := s.width(w)
		if n+2.4*l > sum-at {
			continue
		}
		x := (at + sum) / 2
		if e := d.extent(x, y+0.36*l, w, s); d.free(e) {
			// No line crosses text: an instant's line has a plate under the words.
			d.rect(box{e.left - 0.3*l, e.top, e.right + 0.3*l, e.bottom}, d.plateAt(x, y))
			d.text(x, y+0.36*l, w, s)
			gapFrom, gapTo = e.left-0.5*l, e.right+0.5*l
			break
		}
	}
	d.segment(at, y, gapFrom, y, line, 0.9*d.size.line)
	if gapTo < sum {
		d.segment(gapTo, y, sum, y, line, 0.9*d.size.line)
	}
	d.segment(sum, y-0.35*l, sum, y+0.35*l, line, 0.9*d.size.line)
	d.segment(sum, y, end, y, line, 0.9*d.size.line, 1.4, 1.2)
	if t.AtNS >= d.from {
		d.dot(at, y, 0.32*l, line, line)
	}
	if t.DeadlineNS <= d.to && len(d.s.Edges) > 0 {
		d.segment(end, y, end, edges, line, 0.7*d.size.line, 1.4, 1.2)
	}
	d.taken = append(d.taken, box{at - 0.4*l, y - 0.4*l, end, y + 0.4*l})
	if t.DeadlineNS <= d.to {
		up := d.roundedUp(t)
		d.ruled(end, y+0.36*l, "+ "+up+", up to the next edge", "T-3", style{d.label, false, d.cluster.text, 0})
	}
}

// roundedUp is what the rounding adds, as the difference of what is printed.
func (d *storyDrawing) roundedUp(t *sim.PictureTouch) string {
	ms := func(ns int64) int64 {
		ns -= d.origin
		if ns < 0 {
			return -((-ns + 500_000) / 1_000_000)
		}
		return (ns + 500_000) / 1_000_000
	}
	return lengthOf((ms(t.DeadlineNS) - ms(t.SumNS)) * 1_000_000)
}

// messages draws those between the lanes: what counts, or all of them if asked.
func (d *storyDrawing) messages(lanes []*lane) {
	belief, attached, tracker := laneOf(lanes, "belief"), laneOf(lanes, "attached"), laneOf(lanes, "tracker")
	if attached == nil {
		return
	}
	// The edges of the bars that face another lane.
	edge := func(lane, other string) vg.Length {
		switch {
		case lane == "belief":
			return belief.top + d.air*0.5*d.label + 2.4*d.label
		case lane == "tracker":
			return tracker.top + d.air*0.5*d.label
		case other == "belief":
			return attached.top + d.before()
		}
		return attached.top + d.before() + 1.7*d.label
	}
	drawn := map[string]vg.Length{} // by kind: where the latest stands; looked up, never ranged over
	for i := range d.s.Messages {
		m := &d.s.Messages[i]
		if !d.all && !m.Counts || !d.shows(m.SentNS, max(m.SentNS, m.ArrivedNS)) {
			continue
		}
		x := d.at(m.SentNS)
		if last, ok := drawn[m.Kind]; ok && x-last < 1.4*d.size.line {
			continue // nobody could tell them apart
		}
		drawn[m.Kind] = x
		h := d.client
		if m.From == "tracker" || m.To == "tracker" {
			h = d.cluster
		}
		if d.ended(m.SentNS) && (m.Kind == "ping" || m.Kind == "ping_reply" || m.Kind == "request" || m.Kind == "reply") {
			h = d.disagree
		}
		from, to := edge(m.From, m.To), edge(m.To, m.From)
		// What was lost and came long after, sent once more, is drawn as both.
		end := d.at(m.ArrivedNS)
		late := !m.Lost && end-x > 6*max(to-from, from-to)
		if m.Lost || late {
			half := from + (to-from)*0.62
			d.segment(x, from, x, half, h.line, 0.8*d.size.line)
			d.cross(x, half, h.line)
			d.uprights = append(d.uprights, upright{x, min(from, half-0.3*d.label), max(from, half+0.3*d.label)})
			if m.Lost {
				continue
			}
			x = end
		}
		if m.Kind == "ping_reply" || m.Kind == "reply" {
			// Beside the one that it answers.
			x, end = x+0.9*d.label*0.8, end+0.9*d.label*0.8
		}
		d.arrow(x, from, end, to, h.line)
		d.uprights = append(d.uprights, upright{(x + end) / 2, min(from, to), max(from, to)})
	}
}

// ended says whether the cluster had ended the session at an instant.
func (d *storyDrawing) ended(ns int64) bool {
	for i := range d.s.Instants {
		if in := &d.s.Instants[i]; in.What == "marked" {
			return in.AtNS <= ns
		}
	}
	return false
}
