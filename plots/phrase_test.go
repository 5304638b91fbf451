package plots

import (
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"zksim/experiments"
)

// TestEveryColumnHasWords: an axis that says detection_marked, or a share of runs "with
// needless", is not for a reader.
func TestEveryColumnHasWords(t *testing.T) {
	for _, name := range []string{"faq", "takeover"} { // with one client that owns, and with two
		source, err := experiments.EmbeddedScenario(name)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := experiments.ScenarioSpec(source)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range experiments.Metrics {
			all = append(all, m.Name)
		}
		if err := spec.Apply(&experiments.Change{Metrics: all, Runs: 1}); err != nil {
			t.Fatal(err)
		}
		plan, err := spec.Plan("zksim test")
		if err != nil {
			t.Fatal(err)
		}
		for i := range plan.Columns {
			c := &plan.Columns[i]
			if c.Kind == experiments.KindWord {
				continue
			}
			p := phraseOf(c)
			if p.noun == c.Name && strings.Contains(c.Name, "_") || p.event == "with "+c.Name {
				t.Errorf("%s, %s: no words", name, c.Name)
			}
			if !strings.HasPrefix(p.event, "with ") && !strings.HasPrefix(p.event, "in which ") {
				t.Errorf("%s, %s: share of runs %s", name, c.Name, p.event)
			}
			if _, client, _ := c.Parts(); client != "" && !strings.HasSuffix(p.noun, "("+client+")") {
				t.Errorf("%s, %s: %s: whose?", name, c.Name, p.noun)
			}
		}
	}
}

func TestValuesAreSaidWithTheirUnits(t *testing.T) {
	for text, want := range map[string]string{
		"500ms":                   "500 ms",
		"2s":                      "2 s",
		"1.5s":                    "1.5 s",
		"30m":                     "30 min",
		"1m30s":                   "1m30s",
		"5.7.1":                   "5.7.1",
		"java":                    "java",
		"5%":                      "5%",
		"server3":                 "server3",
		"{uniform: [1ms, 200ms]}": "uniform 1 ms to 200 ms",
		"{kill: broker, at: 3s}":  "kill broker, at 3 s",
		"{lognormal: [1s, 1]}":    "lognormal 1 s to 1",
		"{exponential: 3ms}":      "exponential 3 ms",
	} {
		if got := strings.ReplaceAll(said(text), "\u00a0", " "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestAShareIsComparedRunByRun: the values of a yes or no are ones and noughts, and lie
// outside of what the axis of their shares shows.
func TestAShareIsComparedRunByRun(t *testing.T) {
	c := comparedShares()
	c.rows = c.rows[:2]
	for i := range c.rows {
		c.rows[i].values = []float64{0, 0, 1}
	}
	c.classify()
	if title := c.title(); !strings.HasPrefix(title, "Share of runs with a needless expiry: ") {
		t.Errorf("title %q", title)
	}
	drawn(t, c, Look{"light", "double"}, "svg")
}

// TestTheNamesOfACompactComparisonStandInTheirRows: twelve rows leave a name one line.
func TestTheNamesOfACompactComparisonStandInTheirRows(t *testing.T) {
	for _, size := range Sizes() {
		c := comparedRows(12, "row ", "gap")
		p, err := pageFor(c, Look{"light", size}, "svg")
		if err != nil {
			t.Fatal(err)
		}
		c.draw(p)
		l := c.layOut(p, p.head(c.title(), c.subtitle()), p.foot(c.print()))
		found := 0
		for i, row := range c.rows {
			top := l.rows.top + l.high*vg.Length(i)
			for _, w := range p.written {
				if w.words == row.label && w.left == p.margin {
					found++
					if w.top < top || w.bottom > top+l.high {
						t.Errorf("%s: %s from %v to %v, want between %v and %v", size, row.label, w.top, w.bottom, top, top+l.high)
					}
				}
			}
		}
		if found < 12 {
			t.Errorf("%s: %d names of 12", size, found)
		}
	}
}

// TestANarrowPanelOfABeliefHasATimeScale: a scale is two numbers at least.
func TestANarrowPanelOfABeliefHasATimeScale(t *testing.T) {
	b := believed(1, "", 40)
	for _, until := range []float64{7, 11, 20.6, 45, 130} {
		p, err := pageFor(b, Look{"light", "single"}, "svg")
		if err != nil {
			t.Fatal(err)
		}
		b.axis(p, scale{0, until, 0, 7 * p.label}, 50, true)
		if len(p.written) < 2 {
			t.Errorf("until %v: %v", until, p.written)
		}
		for k, w := range p.written {
			if k > 0 && w.box.meets(p.written[k-1].box) {
				t.Errorf("until %v: %s stands on %s", until, w.words, p.written[k-1].words)
			}
		}
	}
}
