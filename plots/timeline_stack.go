package plots

import (
	"slices"

	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// stack draws several stories of one run above each other, each in the few bars that tell
// them apart: what its client believes, what the cluster holds, and the lengths.
func (t *timeline) stack(c *chart) []*lane {
	l := c.label
	first := &storyDrawing{chart: c, s: t.stories[0]}
	var list []*lane
	if rows := faultRows(c, first.s.Faults); len(rows) > 0 {
		list = append(list, &lane{key: "fault", name: "Fault", height: vg.Length(len(rows))*2.1*l + 0.6*l, draw: func(top vg.Length) { first.faults(rows, top+0.5*l) }})
	}
	if len(first.s.Leaders) > 0 {
		list = append(list, &lane{key: "leaders", name: "Leader", height: 2.5 * l, draw: func(top vg.Length) { first.leaders(top + 0.5*l) }})
	}
	for _, s := range t.stories {
		d := &storyDrawing{chart: c, s: s}
		height := 4.9*l + d.rows(d.lengths())
		if d.halts() {
			height += 1.2 * l
		}
		name, sub := s.Client, s.Library+", "+short(float64(s.TimeoutNS)/1e9)+seconds
		list = append(list, &lane{key: "story", name: name, sub: sub, height: height, draw: d.block})
	}
	return list
}

// halts says whether the client's process does not only run.
func (d *storyDrawing) halts() bool {
	return slices.ContainsFunc(d.s.Process, func(b sim.Bar) bool { return b.State != "running" && d.shows(b.FromNS, b.ToNS) })
}

// lengths are those that a block shows.
func (d *storyDrawing) lengths() (some []sim.Bracket) {
	for _, b := range d.s.Brackets {
		if (b.Kind == "detection" || b.Kind == "knowledge_gap" || b.Kind == "orphan") && d.shows(b.FromNS, b.ToNS) {
			some = append(some, b)
		}
	}
	return some
}

// block draws one story of several.
func (d *storyDrawing) block(top vg.Length) {
	l := d.label
	y := top + 0.6*l
	if d.halts() {
		for i := range d.s.Process {
			if b := &d.s.Process[i]; b.State != "running" {
				d.bar(y, 0.8*l, b.FromNS, b.ToNS, d.fillOf(b), false)
			}
		}
		y += 1.2 * l
	}
	for i := range d.s.Belief {
		b := &d.s.Belief[i]
		words := wordsOf(b)
		switch b.State {
		case "expired", "closed", "dead", "left":
			words = append([]string{words[0] + " " + d.since(b.FromNS)}, words...)
		}
		d.bar(y, 1.9*l, b.FromNS, b.ToNS, d.fillOf(b), true, words...)
	}
	y += 2.1 * l
	for i := range d.s.Tracker {
		b := &d.s.Tracker[i]
		if b.State == "ended" || b.State == "closed" {
			continue
		}
		if b.State == "closing" && d.at(b.ToNS)-d.at(b.FromNS) <= 1.5 {
			continue
		}
		d.bar(y, 1.5*l, b.FromNS, b.ToNS, d.fillOf(b), false, wordsOf(b)...)
	}
	for i := range d.s.Instants {
		if in := &d.s.Instants[i]; in.What == "marked" && d.shows(in.AtNS, in.AtNS) {
			d.say(d.at(in.AtNS), y+1.1*l, style{d.label, true, d.cluster.text, 0}, "marked "+d.since(in.AtNS), d.since(in.AtNS))
		}
	}
	was := d.terse
	d.terse = tight
	d.chart.brackets(d.lengths(), y+1.8*l)
	d.terse = was
}

// rows is how much room lengths take, each in one line with its words.
func (d *storyDrawing) rows(some []sim.Bracket) vg.Length {
	blank, c := *d.page, *d.chart
	blank.canvas, blank.taken, blank.written = blankCanvas{}, nil, nil
	c.page, c.terse = &blank, tight
	return c.brackets(some, 0)
}

// sharedInstants are those of the run that no single story has: the faults, the leaders.
func sharedInstants(stories []*sim.Picture) (shared []sim.Instant) {
	for _, in := range stories[0].Instants {
		if in.What == "fault" || in.What == "heal" || in.What == "leads" {
			shared = append(shared, in)
		}
	}
	return shared
}
