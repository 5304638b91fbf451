package teach

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"zksim/docs"
	"zksim/sim"
)

// A RulePage is a rule with where it is at work: what `zksim rule` prints.
type RulePage struct {
	ID      string   `json:"id"`
	Section string   `json:"section"`
	Part    string   `json:"part,omitempty"`
	Title   string   `json:"title"` // the beginning of the text, without markdown
	Text    string   `json:"text"`  // without markdown and sources
	Source  []string `json:"source"`
	LeftOut string   `json:"left_out,omitempty"` // what the model does not follow of it
	// Code says where it is implemented, Checked which invariants hold every run against
	// it, Tests what would notice its absence: file:declaration.
	Code      []string    `json:"implemented"`
	Checked   []string    `json:"checked"`
	Tests     []string    `json:"tests"`
	Scenarios []string    `json:"scenarios"` // that come with the program and show it when they are run as they are
	Lessons   []LessonRef `json:"lessons"`
	Related   []string    `json:"related"` // rules that its text names
}

// A LessonRef is a lesson that is about a rule.
type LessonRef struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Title  string `json:"title"`
}

// A RuleLine is a rule in a list.
type RuleLine struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Title   string `json:"title"`
}

// Rules lists every rule, in the order of the document.
func Rules() []RuleLine {
	var list []RuleLine
	for _, r := range docs.Rules() {
		list = append(list, RuleLine{r.ID, r.Section, docs.Begins(r)})
	}
	return list
}

// FindRule gives a rule by its ID; letter case does not matter. The error says what was
// probably meant.
func FindRule(id string) (*RulePage, error) {
	r, ok := docs.Lookup(strings.TrimSpace(id))
	if !ok {
		return nil, noRule(id)
	}
	places := docs.PlacesOf(r.ID)
	p := &RulePage{ID: r.ID, Section: r.Section, Part: r.Part, Title: docs.Begins(r), Text: docs.Plain(r), Source: append([]string{}, r.Sources...),
		LeftOut: docs.LeftOut(r.ID), Code: placeNames(places.Code), Checked: placeNames(places.Checked), Tests: placeNames(places.Tests),
		Scenarios: append([]string{}, ruleScenarios()[r.ID]...), Lessons: []LessonRef{}, Related: docs.Related(r)}
	for _, l := range Lessons() {
		for _, rule := range l.Rules() {
			if rule == r.ID {
				p.Lessons = append(p.Lessons, LessonRef{l.Number, l.Name, l.Title})
			}
		}
	}
	return p, nil
}

func placeNames(places []docs.Place) []string {
	names := []string{}
	for _, p := range places {
		names = append(names, p.String())
	}
	return names
}

// noRule says what was probably meant.
func noRule(id string) error {
	var all, section []string
	prefix, _, dashed := strings.Cut(strings.ToUpper(id), "-")
	for _, r := range docs.Rules() {
		all = append(all, r.ID)
		if p, _, _ := strings.Cut(r.ID, "-"); p == prefix {
			section = append(section, r.ID)
		}
	}
	if near := sim.NearestWord(id, all); near != "" && (!dashed || len(section) == 0) {
		return fmt.Errorf("no rule %q; did you mean %s?", id, near)
	}
	if len(section) > 0 {
		return fmt.Errorf("no rule %q; want one of %s to %s", id, section[0], section[len(section)-1])
	}
	return fmt.Errorf("no rule %q; want an ID such as T-3, C-9a or L-C1", id)
}

//go:embed rule_scenarios.tsv
var ruleScenariosTable string

// ruleScenarios says by rule which embedded scenarios have a record that follows it. The
// table is written by go test ./teach -update.
var ruleScenarios = sync.OnceValue(func() map[string][]string {
	of := map[string][]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(ruleScenariosTable), "\n") {
		rule, names, _ := strings.Cut(line, "\t")
		of[rule] = strings.Split(names, " ")
	}
	return of
})
