package plots

import (
	"fmt"
	"strings"

	"zksim/experiments"
)

// openResults opens the folder of a sweep, and finds the column that is asked for.
func openResults(q *Query) (r *experiments.Results, column int, err error) {
	if r, err = load(q); err != nil {
		return nil, 0, err
	}
	if q.Column == "" {
		return r, 0, nil
	}
	if column, err = r.Plan.Column(q.Column); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", q.Input, err)
	}
	return r, column, nil
}

// load opens the folder of a sweep; where a plan alone is looked at, that of no folder.
func load(q *Query) (*experiments.Results, error) {
	if q.plan != nil {
		return &experiments.Results{Plan: q.plan}, nil
	}
	return experiments.Load(q.Input)
}

// Units stand behind a number without a break.
const (
	seconds = "\u00a0s"
	percent = "\u00a0%"
	apart   = "\u00a0· " // between parts of a subtitle
)

// A quantity is what a column measures, for axes and labels.
type quantity struct {
	phrase                // in words
	name, meaning string  // of the column
	unit          string  // " s", or nothing
	factor        float64 // from the column's unit to that of the figure
	share         bool    // written in percent
	metric        string
}

// quantityOf takes durations to seconds, and refuses words, which have no size.
func quantityOf(c *experiments.Column) (quantity, error) {
	metric, _, _ := strings.Cut(c.Name, "_")
	u := quantity{name: c.Name, meaning: c.Meaning, factor: 1, metric: metric, phrase: phraseOf(c)}
	switch c.Kind {
	case experiments.KindDuration:
		u.unit, u.factor = seconds, 1e-3
	case experiments.KindRate:
		u.unit = " per hour"
	case experiments.KindProbability:
		u.share = true
	case experiments.KindShare:
		u.share, u.event = true, "" // not of runs
	case experiments.KindWord:
		return u, fmt.Errorf("%s: a column of words (%s); want one of numbers", c.Name, strings.Join(c.Words, ", "))
	}
	return u, nil
}

// text writes a value with its unit, durations to the millisecond.
func (u *quantity) text(v float64) string {
	switch {
	case u.share:
		return digits(100*v, 3) + percent
	case u.unit == seconds:
		return number(v, 0.001) + seconds
	}
	return digits(v, 4) + u.unit
}

// hueOf is whose knowledge a metric is about.
func (t *theme) hueOf(metric string) hue {
	switch metric {
	case "notice", "learning", "connecting":
		return t.client
	case "gap", "zombie", "overlap", "needless":
		return t.disagree
	}
	return t.cluster
}

// sourceOf is the small print that every figure of a sweep ends in.
func sourceOf(p *experiments.Plan) string {
	return fmt.Sprintf("Sweep\u00a0%s, seed\u00a0%d. %s.", p.Spec.Name, p.Spec.Seed, strings.ReplaceAll(p.Engine, " ", "\u00a0"))
}
