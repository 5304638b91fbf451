//go:build !js

package experiments

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"zksim/sim"
)

// A Pick says which run of a sweep is meant.
type Pick struct {
	Row             int64  // of the rows, from 1
	Slowest, Median int    // or: number of a point
	Column          string // by which of its columns; empty: the first
}

// A Picked run is one that can be played again.
type Picked struct {
	Row      int64
	Point    string // in words
	Run      uint32
	Seed     uint64
	Scenario *sim.Scenario
	Values   string // what this program makes of it
	Recorded string // what the results have
	Changed  bool   // the two differ
}

// Pick finds a run.
func (r *Results) Pick(pick Pick) (*Picked, error) {
	point, run, err := r.find(pick)
	if err != nil {
		return nil, err
	}
	p := r.Plan
	row, recorded, err := r.locate(point, run)
	if err != nil {
		return nil, err
	}
	values := make([]Value, len(p.Columns))
	y := newPlayer(p, nil)
	if _, err := y.play(point, run, values); err != nil {
		return nil, err
	}
	sc, err := p.Scenario(point)
	if err != nil {
		return nil, err
	}
	return &Picked{Row: row, Point: p.Describe(point), Run: run, Seed: p.Points[point].Seed, Scenario: sc,
		Values: p.inWords(values), Recorded: p.inWords(recorded), Changed: !same(values, recorded)}, nil
}

// inWords writes the values of a row.
func (p *Plan) inWords(row []Value) string {
	var words []string
	for k := range p.Columns {
		if text := p.Columns[k].AppendText(nil, row[k]); len(text) > 0 {
			words = append(words, p.Columns[k].Title()+" "+string(text))
		}
	}
	return strings.Join(words, ", ")
}

// find gives the index of the point and the number of the run.
func (r *Results) find(pick Pick) (point int, run uint32, err error) {
	number := cmp.Or(pick.Slowest, pick.Median)
	if number == 0 {
		return r.row(pick.Row)
	}
	if number < 1 || number > len(r.Plan.Points) {
		return 0, 0, fmt.Errorf("point %d: want 1 to %d", number, len(r.Plan.Points))
	}
	point, column := number-1, 0
	if pick.Column != "" {
		if column, err = r.Plan.column(pick.Column); err != nil {
			return 0, 0, err
		}
	}
	type run1 struct {
		run   uint32
		value Value
	}
	var all []run1
	size, err := r.size(point)
	if err != nil {
		return 0, 0, err
	}
	columns := len(r.Plan.Columns)
	err = r.point(point, size, func(from uint32, rows []Value) error {
		for i := 0; i*columns < len(rows); i++ {
			if v := rows[i*columns+column]; !math.IsNaN(v) {
				all = append(all, run1{from + uint32(i), v})
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	if len(all) == 0 {
		return 0, 0, fmt.Errorf("%s: %s applies to no run", r.Plan.Describe(point), r.Plan.Columns[column].Name)
	}
	// Of several alike the first. What never happened is slower than any.
	slices.SortStableFunc(all, func(a, b run1) int { return cmp.Compare(a.value, b.value) })
	at := rankOf(len(all), 500) - 1
	if pick.Slowest > 0 {
		at = len(all) - 1
	}
	for at > 0 && all[at-1].value == all[at].value {
		at--
	}
	return point, all[at].run, nil
}

// spans visits the runs of all points that there are, in the order of the rows.
func (r *Results) spans(visit func(c *chunk) (stop bool)) error {
	for point := range r.Plan.Points {
		size, err := r.size(point)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, c := range r.Plan.chunks(point, size) {
			if r.store.has(c.key) && visit(&c) {
				return nil
			}
		}
	}
	return nil
}

// row finds the run of a row.
func (r *Results) row(row int64) (point int, run uint32, err error) {
	total, found := int64(0), false
	err = r.spans(func(c *chunk) bool {
		if found = row > total && row <= total+int64(c.runs()); found {
			point, run = c.point, c.from+uint32(row-total-1)
		}
		total += int64(c.runs())
		return found
	})
	if err == nil && !found {
		err = fmt.Errorf("row %d: want 1 to %d", row, total)
	}
	return point, run, err
}

// locate finds the row of a run, and its values.
func (r *Results) locate(point int, run uint32) (row int64, values []Value, err error) {
	var at *chunk
	err = r.spans(func(c *chunk) bool {
		if c.point == point && c.from <= run && run < c.to {
			at, row = c, row+int64(run-c.from)+1
			return true
		}
		row += int64(c.runs())
		return false
	})
	if err != nil || at == nil {
		return 0, nil, cmp.Or(err, error(fs.ErrNotExist))
	}
	file, err := r.store.load(at.key)
	if err == nil {
		values, _, err = r.Plan.decode(at, file, nil)
	}
	if err != nil {
		return 0, nil, &chunkError{r, *at, err}
	}
	columns := len(r.Plan.Columns)
	return row, values[int(run-at.from)*columns:][:columns], nil
}
