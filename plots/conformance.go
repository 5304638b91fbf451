package plots

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// A conformity is what was predicted against what was recorded: each event of many
// recordings, and for each kind of event how far the recorded instant lies from the
// predicted one, or from the interval that the rules allow.
type conformity struct {
	kinds             []conformed
	spots             map[[2]int16]bool // on the square, by predicted and recorded; true: it disagrees
	until             float64           // of the square, seconds since the fault
	tolerance         float64           // ms
	fixed, drawn      tally
	missing, invented int
	recordings        int
	engine            string
}

// A tally is how many of how many are inside.
type tally struct{ inside, n int }

// conformed is one kind of event.
type conformed struct {
	name   string
	drawn  bool // errors are distances from an interval
	errors []float32
	bad    []float32 // errors of those that disagree
	tally
}

// squareSpots is how many places an axis of the square of events has: events closer
// together are one spot.
const squareSpots = 1200

func readConformance(q *Query) (drawing, error) {
	in := q.Data
	if in == nil {
		f, err := os.Open(q.Input)
		if err != nil {
			return nil, fmt.Errorf("%s: %s; want the table that zksim replay --csv writes", q.Input, plainly(err))
		}
		defer f.Close()
		in = f
	}
	c := &conformity{spots: map[[2]int16]bool{}}
	if err := c.read(in, q.Input); err != nil {
		return nil, err
	}
	if c.fixed.n+c.drawn.n == 0 {
		return nil, fmt.Errorf("%s: nothing to draw: no event was both predicted and recorded", q.Input)
	}
	return c, nil
}

// plainly is an error of the file system without the name of the file.
func plainly(err error) string {
	var of *os.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return err.Error()
}

// A table is the columns of a CSV by name.
type table struct {
	name   string
	r      *csv.Reader
	column map[string]int
	row    []string
}

// conformanceColumns are those that a table must have.
var conformanceColumns = []string{"recording", "event", "drawn", "predicted_ms", "recorded_ms", "error_ms", "verdict", "tolerance_ms", "engine"}

func openTable(in io.Reader, name string, columns []string) (*table, error) {
	t := &table{name: name, r: csv.NewReader(in), column: map[string]int{}}
	t.r.ReuseRecord = true
	head, err := t.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: empty; want a table with a header", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for k, h := range head {
		t.column[strings.Clone(h)] = k
	}
	for _, c := range columns {
		if _, ok := t.column[c]; !ok {
			return nil, fmt.Errorf("%s: no column %s; want the table that zksim replay --csv writes, with %s", name, c, strings.Join(columns, ", "))
		}
	}
	return t, nil
}

// next reads a row; false at the end.
func (t *table) next() (bool, error) {
	row, err := t.r.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", t.name, err)
	}
	t.row = row
	return true, nil
}

func (t *table) text(column string) string { return t.row[t.column[column]] }

// number reads a cell; an empty one is NaN.
func (t *table) number(column string) (float64, error) {
	text := t.text(column)
	if text == "" {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		line, _ := t.r.FieldPos(t.column[column])
		return 0, fmt.Errorf("%s:%d: %s %q: want a number of milliseconds, or nothing", t.name, line, column, text)
	}
	return v, nil
}

// read reads the table a line at a time: of an event it keeps an error and a spot.
func (c *conformity) read(in io.Reader, name string) error {
	t, err := openTable(in, name, conformanceColumns)
	if err != nil {
		return err
	}
	type key struct {
		name  string
		drawn bool
	}
	index, recordings := map[key]int{}, map[string]bool{}
	var points [][3]float32 // predicted, recorded, and whether it disagrees
	for {
		more, err := t.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		var v [4]float64
		for k, column := range [4]string{"predicted_ms", "recorded_ms", "error_ms", "tolerance_ms"} {
			if v[k], err = t.number(column); err != nil {
				return err
			}
		}
		if r := t.text("recording"); !recordings[r] {
			recordings[strings.Clone(r)] = true
		}
		if c.engine == "" {
			c.engine = strings.Clone(t.text("engine"))
		}
		if v[3] > c.tolerance {
			c.tolerance = v[3]
		}
		bad := true
		switch verdict := t.text("verdict"); verdict {
		case "missing":
			c.missing++
			continue
		case "invented":
			c.invented++
			continue
		case "inside":
			bad = false
		case "outside", "wrong bucket":
		default:
			line, _ := t.r.FieldPos(t.column["verdict"])
			return fmt.Errorf("%s:%d: verdict %q: want inside, outside, wrong bucket, missing or invented", name, line, verdict)
		}
		if math.IsNaN(v[0]) || math.IsNaN(v[1]) || math.IsNaN(v[2]) {
			line, _ := t.r.FieldPos(0)
			return fmt.Errorf("%s:%d: %s, and no predicted_ms, recorded_ms or error_ms", name, line, t.text("verdict"))
		}
		drawn := t.text("drawn") == "yes"
		k, ok := index[key{t.text("event"), drawn}]
		if !ok {
			k = len(c.kinds)
			event := strings.Clone(t.text("event"))
			index[key{event, drawn}] = k
			c.kinds = append(c.kinds, conformed{name: event, drawn: drawn})
		}
		kind, all := &c.kinds[k], &c.fixed
		if drawn {
			all = &c.drawn
		}
		kind.n, all.n = kind.n+1, all.n+1
		kind.errors = append(kind.errors, float32(v[2]))
		spot := [3]float32{float32(v[1] - v[2]), float32(v[1]), 0} // of an interval the nearer end
		if bad {
			kind.bad = append(kind.bad, float32(v[2]))
			spot[2] = 1
		} else {
			kind.inside, all.inside = kind.inside+1, all.inside+1
		}
		points = append(points, spot)
	}
	c.recordings = len(recordings)
	c.place(points)
	c.order()
	return nil
}

// order puts the kinds that agree least first, of those alike the most frequent.
func (c *conformity) order() {
	for k := range c.kinds {
		slices.Sort(c.kinds[k].errors)
	}
	slices.SortStableFunc(c.kinds, func(a, b conformed) int {
		return cmp.Or(cmp.Compare(a.inside*b.n, b.inside*a.n), cmp.Compare(b.n, a.n), cmp.Compare(a.label(), b.label()))
	})
}

// place puts the events on the square. It shows from the fault to the last event.
func (c *conformity) place(points [][3]float32) {
	for _, p := range points {
		c.until = max(c.until, float64(p[0])/1e3, float64(p[1])/1e3)
	}
	c.until *= 1.02
	if c.until <= 0 {
		c.until = 1
	}
	for _, p := range points {
		if p[0] < 0 || p[1] < 0 {
			continue // before the fault
		}
		at := func(v float32) int16 { return int16(float64(v) / 1e3 / c.until * squareSpots) }
		key := [2]int16{at(p[0]), at(p[1])}
		c.spots[key] = c.spots[key] || p[2] > 0
	}
}

// inside are the spots in order.
func (c *conformity) sorted() (all [][2]int16) {
	for s := range c.spots {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b [2]int16) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return all
}

func (t tally) text() string {
	if t.inside == t.n && t.n > 1 {
		return "all " + count(t.n)
	}
	if t.inside == t.n {
		return "1 of 1"
	}
	share := rounded(100*float64(t.inside)/float64(t.n), 4)
	if share == 100 {
		share = 99.99 // not all of them
	}
	return short(share) + percent + " of " + count(t.n)
}

// title is the finding.
func (c *conformity) title() string {
	var words []string
	if c.fixed.n > 0 {
		words = append(words, c.fixed.text()+" fixed events within "+short(c.tolerance)+"\u00a0ms")
	}
	if c.drawn.n > 0 {
		words = append(words, c.drawn.text()+" drawn ones in their intervals")
	}
	return strings.Join(words, ", ")
}

func (c *conformity) subtitle() string {
	return "recorded against predicted" + apart + "what the rules leave to a draw against the interval that they allow"
}

// print is the small print.
func (c *conformity) print() string {
	what := "recordings"
	if c.recordings == 1 {
		what = "recording"
	}
	text := fmt.Sprintf("Box: the middle half, with the median; whisker: from 1\u00a0%% to 99\u00a0%%; dots: events that disagree, at the edge if beyond. n\u00a0=\u00a0%s events of %s %s; %s missing, %s invented. ",
		count(c.fixed.n+c.drawn.n), count(c.recordings), what, count(c.missing), count(c.invented))
	return text + "Nothing is drawn by chance: no seed. " + strings.ReplaceAll(c.engine, " ", "\u00a0") + "."
}

// rows are the kinds that there is room for, and how many there is none for: the rarest.
func (c *conformity) rows(most int) (kept []*conformed, left int) {
	for k := range c.kinds {
		kept = append(kept, &c.kinds[k])
	}
	if len(kept) <= most {
		return kept, 0
	}
	byCount := slices.Clone(kept)
	slices.SortStableFunc(byCount, func(a, b *conformed) int { return cmp.Compare(b.n, a.n) })
	gone := byCount[most-1:]
	kept = slices.DeleteFunc(kept, func(k *conformed) bool { return slices.Contains(gone, k) })
	return kept, len(gone)
}

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
