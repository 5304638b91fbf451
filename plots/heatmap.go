package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"zksim/experiments"
)

// A heatmap is a statistic over two parameters: a cell for each pair of their values, the
// darker (on a dark ground the lighter) the more.
type heatmap struct {
	measure
	x, y    string // parameters; y is empty where there is one row
	columns []string
	rows    []string // from below
	cells   [][]cell // by row and column
	fixed   string
	total   [2]int // columns and rows there would be
	source  string
}

// A cell is a value; NaN: nothing is known, +Inf: it did not happen in so many runs.
type cell struct {
	value float64
	is    bool // there is such a point
}

// mostCells is how many columns or rows a heatmap bears; more values are thinned out.
const mostCells = 100

func readHeatmap(q *Query) (drawing, error) {
	l, err := arranged(q)
	if err != nil || q.plan != nil {
		return nil, err
	}
	plan, points, m, x, y := l.results.Plan, l.points, l.measure, l.x, l.by
	h := &heatmap{measure: m, x: plan.Varied()[x].Path, fixed: settled(q.At)}
	across := inOrder(plan, points, x)
	up := []experiments.Given{{}}
	if y >= 0 {
		h.y = plan.Varied()[y].Path
		up = inOrder(plan, points, y)
	}
	h.total = [2]int{len(across), len(up)}
	across, up = thinned(across, mostCells), thinned(up, mostCells)
	h.cells = make([][]cell, len(up))
	for k := range up {
		h.rows = append(h.rows, said(up[k].Text))
		h.cells[k] = make([]cell, len(across))
	}
	for _, v := range across {
		h.columns = append(h.columns, said(v.Text))
	}
	var runs span
	known := false
	for _, i := range points {
		k := slices.IndexFunc(across, plan.Points[i].Values[x].Same)
		n := 0
		if y >= 0 {
			n = slices.IndexFunc(up, plan.Points[i].Values[y].Same)
		}
		if k < 0 || n < 0 {
			continue // thinned out
		}
		said, err := l.results.Summary(i, l.column)
		if err != nil {
			return nil, err
		}
		e, _ := statistic(&said, &experiments.Beside{}, m.stat)
		h.cells[n][k] = cell{e.Value * m.factor, true}
		known = known || h.cells[n][k].known()
		runs.add(said.N)
	}
	if !known {
		return nil, fmt.Errorf("%s: nothing to draw: the %s of %s is not known at any of the points asked for", q.Input, m.stat, m.name)
	}
	h.source = "n\u00a0=\u00a0" + runs.String() + " a cell. " + sourceOf(plan)
	return h, nil
}

// inOrder lists the values of a parameter at some points: numbers by their size, words as
// they come.
func inOrder(p *experiments.Plan, points []int, k int) (values []experiments.Given) {
	seen := map[string]bool{}
	for _, i := range points {
		if v := p.Points[i].Values[k]; !seen[v.Text] {
			seen[v.Text] = true
			if !slices.ContainsFunc(values, v.Same) {
				values = append(values, v)
			}
		}
	}
	if p.Varied()[k].Kind != experiments.GivenText {
		slices.SortStableFunc(values, func(a, b experiments.Given) int { return cmp.Compare(a.Number, b.Number) })
	}
	return values
}

func (c cell) known() bool { return c.is && !math.IsNaN(c.value) && !math.IsInf(c.value, 0) }

// ends are the cells with the least and the greatest value.
func (h *heatmap) ends() (least, most cell, where [2]string) {
	least, most = cell{value: math.Inf(1)}, cell{value: math.Inf(-1)}
	for n, row := range h.cells {
		for k, c := range row {
			if !c.known() {
				continue
			}
			name := h.columns[k]
			if h.y != "" {
				name += apart + h.rows[n]
			}
			if c.value < least.value {
				least, where[0] = c, name
			}
			if c.value > most.value {
				most, where[1] = c, name
			}
		}
	}
	return least, most, where
}

func (h *heatmap) title() string {
	least, most, where := h.ends()
	if least.value == most.value {
		return fmt.Sprintf("%s: %s", h.statName(), h.text(least.value))
	}
	return fmt.Sprintf("%s: from %s (%s) to %s (%s)", h.statName(), h.text(least.value), brief(where[0]), h.text(most.value), brief(where[1]))
}

func (h *heatmap) subtitle() string {
	words := []string{h.meaning}
	if h.fixed != "" {
		words = append(words, h.fixed)
	}
	if h.total != [2]int{len(h.columns), len(h.rows)} {
		words = append(words, fmt.Sprintf("%d × %d of the %d × %d values", len(h.columns), len(h.rows), h.total[0], h.total[1]))
	}
	return strings.Join(words, apart)
}

func (h *heatmap) draw(p *page) {
	empty, struck := "", ""
	for _, row := range h.cells {
		for _, c := range row {
			switch {
			case !c.is:
				empty = "Empty: no such point. "
			case !c.known():
				struck = "Struck out: not within the run in so many. "
			}
		}
	}
	top, bottom := p.head(h.title(), h.subtitle()), p.foot(empty+struck+h.source)
	s := style{p.label, false, p.muted, 1}
	wide := vg.Length(0)
	for _, name := range h.rows {
		wide = max(wide, s.width(name))
	}
	wide = min(wide, 0.2*p.width)
	bar := 4.4 * p.label // room for the scale at the right
	b := box{p.margin + wide + 0.9*p.label, top + 1.6*p.label, p.width - p.margin - bar, bottom - 3.1*p.label}
	heading := style{p.label, false, p.muted, 0}
	room := (p.width - 2*p.margin - p.label) / 2
	p.text(p.margin, top+0.8*p.label, p.cut(h.y, room, heading), heading)
	p.text(p.width-p.margin, top+0.8*p.label, p.cut(h.axisTitle(), room, heading), s)
	ramp := p.rampOf(p.hueOf(h.metric))
	least, most, _ := h.ends()
	shade := func(v float64) colour {
		if least.value == most.value {
			return ramp.at(0.5)
		}
		return ramp.at((v - least.value) / (most.value - least.value))
	}
	high, across := (b.bottom-b.top)/vg.Length(len(h.rows)), (b.right-b.left)/vg.Length(len(h.columns))
	words, set := h.numbers(p, across, high, least.value, most.value)
	for n, row := range h.cells {
		for k, c := range row {
			in := box{b.left + vg.Length(k)*across, b.bottom - vg.Length(n+1)*high, b.left + vg.Length(k+1)*across, b.bottom - vg.Length(n)*high}
			h.cell(p, c, in, shade, words, set)
		}
	}
	h.nameRows(p, b, high, wide)
	h.nameColumns(p, b, across)
	title := style{p.label, false, p.muted, 1}
	p.text(b.right, b.bottom+2.7*p.label, p.cut(h.x, b.right-p.margin, title), title)
	h.scale(p, box{b.right + 1.2*p.label, b.top, b.right + 2.2*p.label, b.bottom}, shade, least.value, most.value)
}

// cell draws one cell.
func (h *heatmap) cell(p *page, c cell, in box, shade func(float64) colour, words func(float64) string, set style) {
	air := min(0.5, (in.right-in.left)/10) // the ground shows between cells, if they are not small
	in = box{in.left + air/2, in.top + air/2, in.right - air/2, in.bottom - air/2}
	if !c.known() {
		if c.is {
			p.segment(in.left, in.bottom, in.right, in.top, p.muted, 0.5*p.size.line)
		}
		return
	}
	p.rect(in, shade(c.value))
	if words != nil {
		set.color, set.align = over(shade(c.value)), 0.5
		p.text((in.left+in.right)/2, (in.top+in.bottom)/2+0.36*set.size, words(c.value), set)
	}
}

// numbers says how numbers are written into cells of that size, with as many decimals as
// fit; nil where none do.
func (h *heatmap) numbers(p *page, across, high vg.Length, low, top float64) (words func(float64) string, s style) {
	by := 0.001
	if top > low {
		by = step((top - low) / 400)
	}
	factor := 1.0
	if h.share {
		factor = 100
	}
	for tries := 0; tries < 3; tries++ {
		for _, size := range []vg.Length{p.label, p.small} {
			s = style{size: size}
			write := func(v float64) string { return number(factor*v, factor*by) }
			wide := vg.Length(0)
			for _, row := range h.cells {
				for _, c := range row {
					if c.known() {
						wide = max(wide, s.width(write(c.value)))
					}
				}
			}
			if wide < across-0.7*size && high > 1.5*size {
				return write, s
			}
		}
		by *= 10
	}
	return nil, s
}

// nameRows writes the values up the side, as many as there is room for.
func (h *heatmap) nameRows(p *page, b box, high, wide vg.Length) {
	if h.y == "" {
		return
	}
	every := max(int(math.Ceil(float64(1.25*p.label/high))), 1)
	s := style{p.label, false, p.muted, 1}
	names := p.shorten(h.rows, wide, s)
	for n := 0; n < len(h.rows); n += every {
		p.text(b.left-0.6*p.label, b.bottom-(vg.Length(n)+0.5)*high+0.36*p.label, names[n], s)
	}
}

// nameColumns writes the values along the bottom, likewise.
func (h *heatmap) nameColumns(p *page, b box, across vg.Length) {
	s := style{p.label, false, p.muted, 0.5}
	names := p.shorten(h.columns, max(across-0.7*p.label, 7*p.label), s)
	wide := vg.Length(0)
	for _, name := range names {
		wide = max(wide, s.width(name))
	}
	every := max(int(math.Ceil(float64((wide+0.7*p.label)/across))), 1)
	for k := 0; k < len(names); k += every {
		x := b.left + (vg.Length(k)+0.5)*across
		x = min(x, p.width-p.margin-s.width(names[k])/2)
		p.text(x, b.bottom+1.35*p.label, names[k], s)
	}
}

// scale draws which shade is which value.
func (h *heatmap) scale(p *page, b box, shade func(float64) colour, low, top float64) {
	s := style{p.label, false, p.muted, 0}
	if low == top {
		return // the title says it
	}
	const steps = 64
	y := scale{low, top, b.bottom, b.top}
	for k := range steps {
		from, to := low+(top-low)*float64(k)/steps, low+(top-low)*float64(k+1)/steps
		p.rect(box{b.left, y.at(to) - 0.2, b.right, y.at(from)}, shade((from+to)/2))
	}
	at, by := ticks(low, top, max(int((b.bottom-b.top)/(2.6*p.label)), 3))
	for _, v := range at {
		p.segment(b.right, y.at(v), b.right+0.3*p.label, y.at(v), p.muted, 0.5*p.size.line)
		p.text(b.right+0.5*p.label, y.at(v)+0.36*p.label, h.axis(percent)(v, by), s)
	}
}
