//go:build !js

package experiments

import (
	"io"
	"math"
	"strconv"
)

// Digested is a sweep's summary: of each point, what its runs say about each column.
type Digested struct {
	Plan      *Plan
	Summaries [][]PointSummary // by point and column
	Pairs     [][]Difference   // likewise; nil without a baseline
	Beside    [][]Beside       // likewise: the closed forms of section Q
	Missing   []string         // chunks that were left out
	Rows      int64

	asked  []map[string]float64 // by point: what assertions ask for
	point  int                  // whose values are being gathered
	values []*Sample            // by column
}

// A Difference is a point's column minus that of the baseline, run by run: what is luck in
// both cancels out.
type Difference struct {
	Baseline int // number of that point
	N        int // runs in which it happened at both
	Left     int // runs in which it did not
	Mean     Estimate
}

func newDigested(p *Plan) *Digested {
	return &Digested{Plan: p, Summaries: make([][]PointSummary, len(p.Points)), Beside: make([][]Beside, len(p.Points)), values: samples(p), asked: make([]map[string]float64, len(p.Points))}
}

// samples makes an empty sample for each column.
func samples(p *Plan) []*Sample {
	all := make([]*Sample, len(p.Columns))
	for k := range all {
		all[k] = NewSample(&p.Columns[k])
	}
	return all
}

// take gathers the values of a chunk. The points come in order.
func (d *Digested) take(l *loaded, partial bool) error {
	for d.point < l.chunk.point {
		d.close()
	}
	if l.err != nil {
		if !partial {
			return l.err
		}
		d.Missing = append(d.Missing, l.err.Error())
		return nil
	}
	columns := len(d.values)
	for i := 0; i < len(l.values); i += columns {
		for k := range columns {
			d.values[k].Add(l.values[i+k])
		}
	}
	d.Rows += int64(l.chunk.runs())
	return nil
}

// close summarizes the point whose values have been gathered.
func (d *Digested) close() {
	var all []PointSummary
	asked := map[string]float64{}
	for _, call := range d.Plan.asked() {
		if k, err := d.Plan.column(call.column); err == nil {
			asked[call.named()] = estimate(call.stat, &d.Plan.Columns[k], d.values[k]).Value
		}
	}
	d.asked[d.point] = asked
	for k := range d.values {
		all = append(all, summarize(&d.Plan.Columns[k], d.values[k]))
	}
	d.values = samples(d.Plan)
	d.Summaries[d.point] = all
	d.Beside[d.point] = d.Plan.beside(d.point)
	d.point++
}

func (d *Digested) finish() {
	for d.point < len(d.Plan.Points) {
		d.close()
	}
}

// compare computes the paired differences to the baseline.
func (d *Digested) compare(r *Results) error {
	of, err := d.Plan.baselines()
	if of == nil || err != nil {
		return err
	}
	d.Pairs = make([][]Difference, len(of))
	columns := len(d.Plan.Columns)
	last, base := -1, []Value(nil)
	for i, b := range of {
		if b != last {
			if base, err = r.rows(b); err != nil {
				return err
			}
			last = b
		}
		rows, err := r.rows(i)
		if err != nil {
			return err
		}
		for k := range columns {
			p := NewPairing(&d.Plan.Columns[k])
			for at := k; at < min(len(rows), len(base)); at += columns {
				p.Add(base[at], rows[at])
			}
			n, left, mean := p.Difference()
			d.Pairs[i] = append(d.Pairs[i], Difference{d.Plan.Points[b].Number, n, left, mean})
		}
	}
	return nil
}

// rows reads all rows of a point.
func (r *Results) rows(point int) ([]Value, error) {
	size, err := r.size(point)
	if err != nil {
		return nil, err
	}
	var all []Value
	err = r.point(point, size, func(_ uint32, rows []Value) error {
		all = append(all, rows...)
		return nil
	})
	return all, err
}

// summaryHeader names the columns of the summary.
func (d *Digested) summaryHeader() []string {
	all := []string{"point", "id"}
	for _, param := range d.Plan.Varied() {
		all = append(all, param.Title())
	}
	all = append(all, "column", "unit", "runs", "n", "happened", "mean", "mean_low", "mean_high", "sd", "min")
	for _, q := range Quantiles {
		all = append(all, q.Name, q.Name+"_low", q.Name+"_high")
	}
	all = append(all, "max", "share", "share_low", "share_high")
	all = append(all, lawHeader()...)
	if d.Pairs != nil {
		all = append(all, "baseline_point", "pairs", "unpaired", "difference", "difference_low", "difference_high")
	}
	return all
}

// writeCSV writes the summary: a line for each point and column.
func (d *Digested) writeCSV(w io.Writer) error {
	if _, err := io.WriteString(w, lineCSV(d.summaryHeader())); err != nil {
		return err
	}
	for i := range d.Plan.Points {
		pt := &d.Plan.Points[i]
		lead := []string{strconv.Itoa(pt.Number), pt.ID.String()}
		for k, v := range pt.Values[:d.Plan.varied()] {
			lead = append(lead, v.cell(d.Plan.Params[k].Kind))
		}
		for k, c := range d.Plan.Columns {
			s := &d.Summaries[i][k]
			if c.Kind == KindWord {
				if err := writeWords(w, lead, &c, s, len(d.summaryHeader())); err != nil {
					return err
				}
				continue
			}
			cells := append(lead[:len(lead):len(lead)], c.Name, c.Kind.Unit(), strconv.Itoa(s.N+s.Absent), strconv.Itoa(s.N), strconv.Itoa(s.Happened))
			add := func(values ...float64) {
				for _, v := range values {
					cells = append(cells, cellOf(v))
				}
			}
			add(s.Mean.Value, s.Mean.Low, s.Mean.High, s.SD, s.Min)
			for _, q := range s.Quantiles {
				add(q.Value, q.Low, q.High)
			}
			add(s.Max, s.Share.Value, s.Share.Low, s.Share.High)
			cells = append(cells, d.Beside[i][k].cells(s)...)
			if d.Pairs != nil {
				p := &d.Pairs[i][k]
				cells = append(cells, strconv.Itoa(p.Baseline), strconv.Itoa(p.N), strconv.Itoa(p.Left))
				add(p.Mean.Value, p.Mean.Low, p.Mean.High)
			}
			if _, err := io.WriteString(w, lineCSV(cells)); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeWords writes a line for each word that a column can have: how often it was that.
func writeWords(w io.Writer, lead []string, c *Column, s *PointSummary, width int) error {
	for k, word := range c.Words {
		cells := append(lead[:len(lead):len(lead)], c.Name+"="+word, "", strconv.Itoa(s.N+s.Absent), strconv.Itoa(s.N), strconv.Itoa(s.Counts[k]))
		// Between are mean, deviation, least, quantiles and greatest, which words have not.
		for range 6 + 3*len(Quantiles) {
			cells = append(cells, "")
		}
		cells = append(cells, cellOf(s.Words[k].Value), cellOf(s.Words[k].Low), cellOf(s.Words[k].High))
		for len(cells) < width {
			cells = append(cells, "")
		}
		if _, err := io.WriteString(w, lineCSV(cells)); err != nil {
			return err
		}
	}
	return nil
}

// cellOf writes a statistic with nine digits, more than any sample gives. What is beyond
// the runs' end is inf, what nothing is known of stays empty.
func cellOf(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	text := strconv.FormatFloat(v, 'g', 9, 64)
	if v, _ := strconv.ParseFloat(text, 64); v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	v, _ = strconv.ParseFloat(text, 64)
	return strconv.FormatFloat(v, 'f', -1, 64)
}
