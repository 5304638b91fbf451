package web

import (
	"slices"
	"strings"

	"zksim/sim"
)

// A ScenarioInfo is a scenario that comes with zksim.
type ScenarioInfo struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Summary  string `json:"summary"`  // what it shows, its first sentence
	Featured bool   `json:"featured"` // it is among the few to begin with
	YAML     string `json:"yaml"`
}

// featured are the scenarios to begin with: one for each thing that people take to be
// otherwise.
var featured = []string{"faq", "zombie", "crash", "gc-pause", "two-owners", "revived", "heal-in-time", "orphan"}

// scenarios lists the scenarios, the featured ones first.
func scenarios(*struct{}, *work) ([]ScenarioInfo, error) {
	var first, rest []ScenarioInfo
	for _, e := range sim.Embedded() {
		s, err := sim.ReadScenario(e.Name+".yaml", e.Source, nil)
		if err != nil {
			return nil, err
		}
		info := ScenarioInfo{Name: e.Name, Title: e.Title, Summary: firstSentence(s.About), Featured: slices.Contains(featured, e.Name), YAML: string(e.Source)}
		if info.Featured {
			first = append(first, info)
		} else {
			rest = append(rest, info)
		}
	}
	slices.SortStableFunc(first, func(a, b ScenarioInfo) int { return slices.Index(featured, a.Name) - slices.Index(featured, b.Name) })
	return append(first, rest...), nil
}

// firstSentence is the beginning of a text, up to its first full stop.
func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}
