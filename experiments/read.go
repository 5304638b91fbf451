//go:build !js

package experiments

import (
	"fmt"
	"slices"
	"strings"
)

// This file reads finished results: what figures are drawn from. Values come from the
// chunks, which know more than the rows' text: that something never happened, and that a
// question did not apply, are both an empty cell there.

// Column finds a column of the results by its name, with or without unit, or by the name
// of a metric, whose first column it then is. The error lists the choices.
func (p *Plan) Column(name string) (int, error) { return p.column(name) }

// Each visits the values of one column at one point, in the order of the runs. It holds
// one chunk in memory at a time. The error names the chunk that is missing or not right.
func (r *Results) Each(point, column int, visit func(Value)) error {
	size, err := r.size(point)
	if err != nil {
		return err
	}
	columns := len(r.Plan.Columns)
	return r.point(point, size, func(_ uint32, rows []Value) error {
		for i := column; i < len(rows); i += columns {
			visit(rows[i])
		}
		return nil
	})
}

// Summary is what the runs of one point say about a column.
func (r *Results) Summary(point, column int) (PointSummary, error) {
	c := &r.Plan.Columns[column]
	sample := NewSample(c)
	err := r.Each(point, column, sample.Add)
	return summarize(c, sample), err
}

// Beside is the closed form of a column at one point.
func (r *Results) Beside(point, column int) (Beside, error) {
	sc, err := r.Plan.Scenario(point)
	if err != nil {
		return Beside{}, err
	}
	return ClosedForm(sc, &r.Plan.Columns[column]), nil
}

// Where gives the indices of the points at which parameters have these values, each as in
// "network.loss=1%"; all points for none. A value may be written in any way that means
// the same. The error says what the parameter's values are.
func (p *Plan) Where(assignments []string) ([]int, error) {
	points := make([]int, len(p.Points))
	for i := range points {
		points[i] = i
	}
	for _, a := range assignments {
		path, text, ok := strings.Cut(a, "=")
		k := slices.IndexFunc(p.Varied(), func(q Param) bool { return q.Path == path })
		if !ok || k < 0 {
			return nil, fmt.Errorf("%s: want PARAMETER=VALUE, of a parameter that varies: %s", a, p.variedNames())
		}
		want := give(text)
		left := slices.DeleteFunc(slices.Clone(points), func(i int) bool { return !p.Points[i].Values[k].Same(want) })
		if len(left) == 0 {
			return nil, fmt.Errorf("%s: no such point; %s is one of %s", a, path, p.valuesOf(k, points))
		}
		points = left
	}
	return points, nil
}

// Same says whether two values mean the same, however they are written.
func (g Given) Same(o Given) bool {
	if g.Kind == GivenText || g.Kind != o.Kind {
		return g.Text == o.Text
	}
	return g.Number == o.Number
}

func (p *Plan) variedNames() string {
	if p.varied() == 0 {
		return "none does"
	}
	var names []string
	for _, q := range p.Varied() {
		names = append(names, q.Path)
	}
	return strings.Join(names, ", ")
}

// valuesOf lists the values of a parameter at some points, the first of many.
func (p *Plan) valuesOf(k int, points []int) string {
	const most = 12
	var texts []string
	for _, i := range points {
		if t := p.Points[i].Values[k].Text; !slices.Contains(texts, t) {
			texts = append(texts, t)
		}
	}
	if len(texts) > most {
		texts = append(texts[:most-1:most-1], "… "+texts[len(texts)-1])
	}
	return strings.Join(texts, ", ")
}
