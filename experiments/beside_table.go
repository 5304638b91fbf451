//go:build !js

package experiments

import "math"

// beside is the closed forms of a point's columns.
func (p *Plan) beside(point int) []Beside {
	all := make([]Beside, len(p.Columns))
	sc, err := p.Scenario(point)
	if err != nil {
		return all // it has been read before
	}
	for k := range p.Columns {
		all[k] = ClosedForm(sc, &p.Columns[k])
	}
	return all
}

// lawHeader names the columns of the summary that hold the closed form.
func lawHeader() []string {
	all := []string{"law", "law_mean", "law_sd", "law_min"}
	for _, q := range Quantiles {
		all = append(all, "law_"+q.Name)
	}
	return append(all, "law_max", "law_share", "law_agrees", "law_assumption_missing")
}

// cells writes the closed form as the summary has it: to the microsecond, and shares to
// nine digits, which is less than what processors differ in.
func (b *Beside) cells(m *PointSummary) []string {
	cells := []string{b.Rule}
	add := func(v float64) {
		if m.Kind == KindDuration {
			v = math.Round(v*1000) / 1000
		}
		cells = append(cells, cellOf(v))
	}
	if b.Rule == "" {
		return make([]string, len(lawHeader()))
	}
	add(b.Mean)
	add(b.SD)
	add(b.Min)
	for i := range Quantiles {
		if b.Quantiles == nil {
			add(math.NaN())
		} else {
			add(b.Quantiles[i])
		}
	}
	add(b.Max)
	cells = append(cells, cellOf(b.Share))
	return append(cells, b.Agreement(m), b.Why)
}
