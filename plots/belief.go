package plots

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"zksim/experiments"
)

// A belief is in how many runs the cluster, and in how many the client, still holds the
// session as alive, so long after the fault. Where the client alone does, it believes what
// is no longer true; where the cluster alone does, nobody uses what it keeps.
type belief struct {
	panels        []beliefs
	panelOf       string
	fixed, source string
	meanings      [2]string // of the two ends, in words
	total         int
	until         float64 // of the time axis, in seconds
}

// beliefs are those of one point, in seconds since the fault.
type beliefs struct {
	label         string
	n             int
	ended, told   []float64 // when the cluster ended it, and the client was told, where that came; in order
	lie, alone    stretches // the client alone holds it, the cluster alone
	neverTold     int
	length, empty float64 // sums of what is over
}

// Stretches are times from one thing to another, each in order.
type stretches struct{ begin, end []float64 }

// at is how many of them go on at a time.
func (s *stretches) at(t float64) int { return upTo(s.begin, t) - upTo(s.end, t) }

// upTo is how many of the values, which are in order, are at most t.
func upTo(sorted []float64, t float64) int {
	return sort.Search(len(sorted), func(i int) bool { return sorted[i] > t })
}

// mostPanels is how many points a figure of beliefs bears.
const mostPanels = 12

func readBelief(q *Query) (drawing, error) {
	r, err := load(q)
	if err != nil {
		return nil, err
	}
	plan := r.Plan
	ended, err := columnOf(plan, q, q.Column, "detection")
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(plan.Columns[ended].Name, "detection_") || plan.Columns[ended].Kind != experiments.KindDuration {
		return nil, fmt.Errorf("%s: --column %s: want when the cluster ended it, as in detection_marked", q.Input, q.Column)
	}
	told, err := learningBeside(plan, q, plan.Columns[ended].Name)
	if err != nil {
		return nil, err
	}
	points, err := plan.Where(q.At)
	if err != nil {
		return nil, fmt.Errorf("--at %w", err)
	}
	if q.plan != nil {
		return nil, nil
	}
	b := &belief{fixed: settled(q.At), total: len(points), meanings: [2]string{plan.Columns[ended].Meaning, plan.Columns[told].Meaning}}
	points = thinned(points, mostPanels)
	free := differing(plan, points)
	b.panelOf = varying(plan, points)
	var runs span
	for _, i := range points {
		one, err := readBeliefs(r, i, ended, told)
		if err != nil {
			return nil, err
		}
		if one.n == 0 {
			continue
		}
		one.label = valuesAt(plan, i, free)
		runs.add(one.n)
		b.panels = append(b.panels, *one)
	}
	if b.horizon(); b.until == 0 {
		return nil, fmt.Errorf("%s: nothing to draw: in no run at the points asked for has a session ended or a client been told so", q.Input)
	}
	b.source = fmt.Sprintf("n\u00a0=\u00a0%s a point: each curve is known to ±%s points (95\u00a0%% for the whole curve). %s",
		runs.String(), digits(100*wide95(runs[0]), 2), sourceOf(plan))
	return b, nil
}

// learningBeside finds the column that says when the client of that session was told.
func learningBeside(p *experiments.Plan, q *Query, ended string) (int, error) {
	if !slices.ContainsFunc(p.Metrics, func(m *experiments.Metric) bool { return m.Name == "learning" }) {
		return 0, fmt.Errorf("%s: the sweep does not measure learning; play it with --metric detection,learning", q.Input)
	}
	// detection_WHO_marked, learning_WHO_since_fault; WHO only where there are several.
	who := strings.TrimPrefix(ended, "detection_")
	for {
		name := strings.Join(slices.DeleteFunc([]string{"learning", who, "since_fault"}, func(s string) bool { return s == "" }), "_")
		if k := slices.IndexFunc(p.Columns, func(c experiments.Column) bool { return c.Name == name }); k >= 0 {
			return k, nil
		}
		if who == "" {
			return 0, fmt.Errorf("%s: no column says when the client of %s was told", q.Input, ended)
		}
		who = who[:max(strings.LastIndex(who, "_"), 0)]
	}
}

// wide95 is the half width of the band that holds a whole curve in 95 % of samples
// (Dvoretzky, Kiefer and Wolfowitz, with Massart's constant).
func wide95(n int) float64 { return math.Sqrt(math.Log(2/0.05) / (2 * float64(n))) }

func readBeliefs(r *experiments.Results, point, ended, told int) (*beliefs, error) {
	sc, err := r.Plan.Scenario(point)
	if err != nil {
		return nil, err
	}
	// Who is dead is told nothing and believes nothing. Where its session was not ended
	// within the run either, the two columns alone do not tell it from one that lives.
	dead := kills(sc)
	var end []float64
	if err := r.Each(point, ended, func(v experiments.Value) { end = append(end, v/1e3) }); err != nil {
		return nil, err
	}
	b := &beliefs{}
	run := 0
	err = r.Each(point, told, func(v experiments.Value) {
		m, l := end[run], v/1e3
		run++
		if math.IsNaN(l) {
			if l = math.Inf(1); dead || !math.IsInf(m, 1) {
				l = 0
			}
		}
		b.add(m, l)
	})
	b.sort()
	return b, err
}

// add takes note of a run: when the cluster ended the session, and when the client was
// told; never is +Inf. A run without such a session has no end.
func (b *beliefs) add(ended, told float64) {
	if math.IsNaN(ended) {
		return
	}
	b.n++
	note := func(to *[]float64, t float64) {
		if !math.IsInf(t, 1) {
			*to = append(*to, t)
		}
	}
	note(&b.ended, ended)
	note(&b.told, told)
	switch {
	case ended < told:
		note(&b.lie.begin, ended)
		note(&b.lie.end, told)
		if math.IsInf(told, 1) {
			b.neverTold++
		} else {
			b.length += told - ended
		}
	case told < ended:
		note(&b.alone.begin, told)
		note(&b.alone.end, ended)
		if !math.IsInf(ended, 1) {
			b.empty += ended - told
		}
	}
}

func (b *beliefs) sort() {
	for _, s := range [][]float64{b.ended, b.told, b.lie.begin, b.lie.end, b.alone.begin, b.alone.end} {
		slices.Sort(s)
	}
}

// cluster, client and both are the shares of runs in which they hold it as alive.
func (b *beliefs) cluster(t float64) float64 { return 1 - float64(upTo(b.ended, t))/float64(b.n) }
func (b *beliefs) client(t float64) float64  { return 1 - float64(upTo(b.told, t))/float64(b.n) }
func (b *beliefs) both(t float64) float64 {
	return b.client(t) - float64(b.lie.at(t))/float64(b.n)
}

// horizon is a little after the last thing that happened.
func (b *belief) horizon() {
	for i := range b.panels {
		for _, s := range [][]float64{b.panels[i].ended, b.panels[i].told} {
			if n := len(s); n > 0 {
				b.until = max(b.until, 1.06*s[n-1])
			}
		}
	}
}

// title is the finding: the worst of all points.
func (b *belief) title() string {
	worst := func(of func(p *beliefs) float64) (most float64, where string) {
		for i := range b.panels {
			if v := of(&b.panels[i]); v > most {
				if most, where = v, ""; len(b.panels) > 1 {
					where = " (" + brief(b.panels[i].label) + ")"
				}
			}
		}
		return most, where
	}
	if v, where := worst(func(p *beliefs) float64 { return float64(p.neverTold) / float64(p.n) }); v > 0 {
		return shareText(v) + " of the clients are not told within the run that the session has ended" + where
	}
	if v, where := worst(func(p *beliefs) float64 { return p.length / float64(p.n) }); v > 0 {
		return "For " + secondsText(v) + " on average the client believes in a session that has ended" + where
	}
	if v, where := worst(func(p *beliefs) float64 { return float64(len(p.alone.begin)-len(p.alone.end)) / float64(p.n) }); v > 0 {
		return shareText(v) + " of the sessions are held by the cluster alone to the end of the run" + where
	}
	if v, where := worst(func(p *beliefs) float64 { return p.empty / float64(p.n) }); v > 0 {
		return "For " + secondsText(v) + " on average the cluster alone holds the session as alive" + where
	}
	return "Cluster and client never disagree about the session"
}

func secondsText(v float64) string { return number(v, 0.001) + seconds }

// shareText is a share in percent, with two digits that count.
func shareText(v float64) string { return short(rounded(100*v, 2)) + percent }

func (b *belief) subtitle() string {
	return subtitled("share of runs in which each holds the session as alive", b.fixed, len(b.panels), b.total, "panel", b.panelOf)
}

// print is the small print.
func (b *belief) print() string {
	return fmt.Sprintf("Full line: cluster, %s. Broken line: client, %s; a dead one holds nothing. Hatched: the client alone; dotted: the cluster alone. %s", b.meanings[0], b.meanings[1], b.source)
}

// remark says in a few words how long the disagreement is.
func (b *beliefs) remark() string {
	switch {
	case b.neverTold > 0:
		return shareText(float64(b.neverTold)/float64(b.n)) + " never told"
	case b.length > 0:
		return "on average " + secondsText(b.length/float64(b.n))
	case b.empty > 0 && len(b.alone.begin) == len(b.alone.end):
		return "on average " + secondsText(b.empty/float64(b.n))
	}
	return ""
}
