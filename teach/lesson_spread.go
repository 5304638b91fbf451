package teach

import "fmt"

// A Spread is how often what came out over many runs, in bins of one width.
type Spread struct {
	Of      string `json:"of"`       // what is counted, as the lesson calls it
	FromMS  int64  `json:"from_ms"`  // where the first bin begins
	WidthMS int64  `json:"width_ms"` // of one bin
	Counts  []int  `json:"counts"`
	Never   int    `json:"never,omitempty"` // runs in which it had no end
	Runs    int    `json:"runs"`
}

// Bins of a spread: as many of these widths as make no more than maxBins.
const maxBins = 14

var binWidths = []int64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 600_000}

// spread counts what the round's expression yields in each of its runs.
func (p *Played) spread() (*Spread, error) {
	runs, err := p.all()
	if err != nil {
		return nil, err
	}
	s := &Spread{Of: p.Round.Spread, Runs: len(runs)}
	for i := range nameRows {
		if nameRows[i].name == s.Of {
			s.Of += ", " + nameRows[i].meaning
		}
	}
	var list []int64
	for _, run := range runs {
		v, err := p.Round.spread.eval(&scope{facts: run, played: p})
		if err != nil {
			return nil, err
		}
		if v.kind != length && v.kind != instant {
			return nil, fmt.Errorf("a spread of %s; want lengths or instants", v.kind)
		}
		if v.never() {
			s.Never++
		} else {
			list = append(list, int64(v.n))
		}
	}
	if len(list) == 0 {
		return s, nil
	}
	least, most := list[0], list[0]
	for _, ms := range list {
		least, most = min(least, ms), max(most, ms)
	}
	for _, s.WidthMS = range binWidths {
		if floor(most, s.WidthMS)-floor(least, s.WidthMS) < maxBins {
			break
		}
	}
	s.FromMS = floor(least, s.WidthMS) * s.WidthMS
	s.Counts = make([]int, min(floor(most, s.WidthMS)-floor(least, s.WidthMS)+1, maxBins))
	for _, ms := range list {
		s.Counts[min((ms-s.FromMS)/s.WidthMS, int64(len(s.Counts)-1))]++
	}
	return s, nil
}

// floor divides towards minus infinity.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
