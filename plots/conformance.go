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
		words = append(words, c.fixed.text()+" fixed "+events(c.fixed.n)+" within "+short(c.tolerance)+"\u00a0ms")
	}
	if c.drawn.n > 0 {
		what := "drawn ones in their intervals"
		switch {
		case c.drawn.n == 1:
			what = "drawn event in its interval"
		case c.fixed.n == 0:
			what = "drawn events in their intervals"
		}
		words = append(words, c.drawn.text()+" "+what)
	}
	return strings.Join(words, ", ")
}

func events(n int) string {
	if n == 1 {
		return "event"
	}
	return "events"
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
	text := fmt.Sprintf("Box: the middle half, with the median; whisker: from 1\u00a0%% to 99\u00a0%%; dots: events that disagree, at the edge if beyond. n\u00a0=\u00a0%s %s of %s %s; %s missing, %s invented. ",
		count(c.fixed.n+c.drawn.n), events(c.fixed.n+c.drawn.n), count(c.recordings), what, count(c.missing), count(c.invented))
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
