package plots

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"zksim/experiments"
	"zksim/sim"
)

// A tradeoff is what a short timeout costs: for each setting how long a crash goes
// unnoticed, and how often a session ends though its client is alive. A setting is on the
// front if no other is better in one of the two and as good in the other.
type tradeoff struct {
	latency  measure
	mistakes quantity
	settings []setting
	settingOf,
	fixed, source string
	split bool // crashes and troubles are points of their own
	left  int  // settings without a number
}

// A setting is one dot.
type setting struct {
	label    string
	latency  experiments.Estimate // in the figure's unit
	mistakes experiments.Estimate // from 0 to 1; the value is what was seen, be it nothing
	front    bool
}

func readTradeoff(q *Query) (drawing, error) {
	r, err := load(q)
	if err != nil {
		return nil, err
	}
	plan := r.Plan
	fast, err := columnOf(plan, q, q.Column, "detection")
	if err != nil {
		return nil, err
	}
	wrong, err := columnOf(plan, q, q.Against, "needless")
	if err != nil {
		return nil, err
	}
	m, err := measureOf(q, &plan.Columns[fast])
	if err != nil {
		return nil, err
	}
	u, err := quantityOf(&plan.Columns[wrong])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Input, err)
	}
	if m.share || !u.share {
		return nil, fmt.Errorf("%s: %s against %s; want a duration against a yes or no", q.Input, m.name, u.name)
	}
	points, err := plan.Where(q.At)
	if err != nil {
		return nil, fmt.Errorf("--at %w", err)
	}
	t := &tradeoff{latency: m, mistakes: u, fixed: settled(q.At)}
	pairs, err := t.pairs(plan, points)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Input, err)
	}
	if q.plan != nil {
		return nil, nil
	}
	var runs span
	for _, pair := range pairs {
		late, err := r.Summary(pair.crash, fast)
		if err != nil {
			return nil, err
		}
		needless, err := r.Summary(pair.trouble, wrong)
		if err != nil {
			return nil, err
		}
		e, _ := statistic(&late, &experiments.Beside{}, m.stat)
		s := setting{label: pair.label, latency: scaled(e, m.factor), mistakes: needless.Mean}
		if needless.Kind == experiments.KindProbability && needless.N > 0 {
			s.mistakes.Value = float64(needless.Ones) / float64(needless.N)
		}
		if !finite(s.latency.Value) || !finite(s.mistakes.Value) {
			t.left++
			continue
		}
		runs.add(late.N)
		runs.add(needless.N)
		t.settings = append(t.settings, s)
	}
	if len(t.settings) == 0 {
		return nil, fmt.Errorf("%s: nothing to draw: no point has both the %s of %s and %s", q.Input, m.stat, m.name, u.name)
	}
	t.findFront()
	t.source = "n\u00a0=\u00a0" + runs.String() + " a point. " + sourceOf(plan)
	return t, nil
}

// columnOf finds the column that was asked for, or the first of a metric.
func columnOf(p *experiments.Plan, q *Query, asked, metric string) (int, error) {
	if asked == "" {
		if k := slices.IndexFunc(p.Metrics, func(m *experiments.Metric) bool { return m.Name == metric }); k < 0 {
			return 0, fmt.Errorf("%s: the sweep does not measure %s; play it with --metric %s", q.Input, metric, metric)
		}
		asked = metric
	}
	column, err := p.Column(asked)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.Input, err)
	}
	return column, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// A pair is the points of one setting: one in which the client crashes, and one in which
// it meets with trouble. They may be the same.
type pair struct {
	label          string
	crash, trouble int
}

// pairs finds the points of each setting. Where in some of them a client is killed and in
// others not, the fault is no part of the setting: detection is read from the ones, the
// needless expiry from the others.
func (t *tradeoff) pairs(p *experiments.Plan, points []int) ([]pair, error) {
	crashes := make(map[int]bool, len(points))
	some, all := false, true
	for _, i := range points {
		sc, err := p.Scenario(i)
		if err != nil {
			return nil, err
		}
		crashes[i] = kills(sc)
		some, all = some || crashes[i], all && crashes[i]
	}
	t.split = some && !all
	var params []int
	for _, k := range differing(p, points) {
		path := p.Varied()[k].Path
		if !t.split || path != "faults" && !strings.HasPrefix(path, "faults.") {
			params = append(params, k)
			t.settingOf = join(t.settingOf, " and ", path)
		}
	}
	var pairs []pair
	at := map[string]int{}
	for _, i := range points {
		label := p.Spec.Name
		if len(params) > 0 {
			label = valuesAt(p, i, params)
		}
		k, ok := at[label]
		if !ok {
			k = len(pairs)
			at[label] = k
			pairs = append(pairs, pair{label, -1, -1})
		}
		for _, c := range []struct {
			is   bool
			what *int
		}{{crashes[i] || !t.split, &pairs[k].crash}, {!crashes[i] || !t.split, &pairs[k].trouble}} {
			if c.is && *c.what >= 0 {
				return nil, fmt.Errorf("several points for %s; want --at with values of %s", label, varying(p, points))
			}
			if c.is {
				*c.what = i
			}
		}
	}
	whole := slices.DeleteFunc(slices.Clone(pairs), func(c pair) bool { return c.crash < 0 || c.trouble < 0 })
	t.left = len(pairs) - len(whole)
	if len(whole) == 0 {
		return nil, fmt.Errorf("no setting has both a crash and a trouble to survive; want a sweep as zksim sweep show kip-537 has it")
	}
	return whole, nil
}

// join puts words behind others.
func join(words, with, more string) string {
	if words == "" {
		return more
	}
	return words + with + more
}

// kills says whether a fault of a scenario ends a client.
func kills(sc *sim.Scenario) bool {
	return slices.ContainsFunc(sc.Faults, func(f sim.Fault) bool {
		return (f.Kind == sim.FaultKill || f.Kind == sim.FaultLose) && slices.ContainsFunc(f.Between, func(name string) bool {
			return name == "clients" || slices.ContainsFunc(sc.Clients, func(c sim.Client) bool { return c.Name == name })
		})
	})
}

// findFront marks the settings that none is better than, and puts all in the order of
// their latency.
func (t *tradeoff) findFront() {
	slices.SortStableFunc(t.settings, func(a, b setting) int {
		return cmp.Or(cmp.Compare(a.latency.Value, b.latency.Value), cmp.Compare(a.mistakes.Value, b.mistakes.Value))
	})
	best := math.Inf(1)
	for i := range t.settings {
		s := &t.settings[i]
		twin := i > 0 && t.settings[i-1].front && s.latency.Value == t.settings[i-1].latency.Value && s.mistakes.Value == best
		s.front = s.mistakes.Value < best || twin
		best = min(best, s.mistakes.Value)
	}
}

// title is the finding: the two ends of the front.
func (t *tradeoff) title() string {
	front := t.front()
	first, last := front[0], front[len(front)-1]
	rare := func(s setting) string {
		if s.mistakes.Value == 0 {
			return "none seen"
		}
		return shareText(s.mistakes.Value)
	}
	needless := rare(first) + " needless"
	if first.mistakes.Value == 0 {
		needless = "no needless expiry seen"
	}
	text := fmt.Sprintf("Detected after %s with %s (%s)", t.latency.text(first.latency.Value), needless, brief(first.label))
	if len(front) > 1 {
		text += fmt.Sprintf(", or after %s with %s (%s)", t.latency.text(last.latency.Value), rare(last), brief(last.label))
	}
	return text
}

func (t *tradeoff) front() (front []setting) {
	for _, s := range t.settings {
		if s.front {
			front = append(front, s)
		}
	}
	return front
}

func (t *tradeoff) subtitle() string {
	words := []string{fmt.Sprintf("%d of %s on the Pareto front", len(t.front()), points(len(t.settings)))}
	if t.settingOf != "" {
		words = append(words, "a dot for each "+t.settingOf)
	}
	if t.fixed != "" {
		words = append(words, t.fixed)
	}
	if t.split {
		words = append(words, "detection where the client is killed, needless expiry where it is not")
	}
	return strings.Join(words, apart)
}

func points(n int) string {
	if n == 1 {
		return "1 point"
	}
	return count(n) + " points"
}

// print is the small print.
func (t *tradeoff) print() string {
	text := "Filled: on the front, which none is better than in both; bars: 95\u00a0%. "
	if t.left > 0 {
		text += fmt.Sprintf("Left out, without a number: %s. ", points(t.left))
	}
	return text + t.source
}
