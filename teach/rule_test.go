package teach

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zksim/docs"
	"zksim/sim"
)

var ruleInText = regexp.MustCompile(`\b(?:L-[CGKU]|[A-Z]-)[0-9]{1,2}[a-h]?\b`)

// TestScenariosOfRulesAreCurrent plays every embedded scenario as it is and looks which
// rules its records and its text name. Those come first that the scenario says it is about.
func TestScenariosOfRulesAreCurrent(t *testing.T) {
	of, about := map[string][]string{}, map[string]int{}
	for _, e := range sim.Embedded() {
		c := examine(t, e.Name)
		named := map[string]bool{}
		for i := range c.File.Records {
			named[c.Narrator.RuleOf(&c.File.Records[i])] = true
		}
		var text strings.Builder
		if err := sim.WriteText(&text, c.Timeline, sim.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, id := range ruleInText.FindAllString(text.String(), -1) {
			named[id] = true
		}
		for _, id := range ruleInText.FindAllString(c.Timeline.Scenario.About, -1) {
			if named[id] && !slices.Contains(of[id], e.Name) {
				of[id] = slices.Insert(of[id], about[id], e.Name)
				about[id]++
			}
		}
		for id := range named { // each has a list of its own
			if !slices.Contains(of[id], e.Name) {
				of[id] = append(of[id], e.Name)
			}
		}
	}
	var b strings.Builder
	for _, r := range docs.Rules() {
		if names := of[r.ID]; len(names) > 0 {
			fmt.Fprintf(&b, "%s\t%s\n", r.ID, strings.Join(names, " "))
		}
	}
	if *update {
		if err := os.WriteFile("rule_scenarios.tsv", []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != ruleScenariosTable {
		t.Error("teach/rule_scenarios.tsv is out of date; run: go test ./teach -run Rules -update")
	}
}

// TestEveryRuleHasAPage: its text without markdown, a place, and what it names exists.
func TestEveryRuleHasAPage(t *testing.T) {
	scenarios, lessons := 0, 0
	for _, r := range docs.Rules() {
		p, err := FindRule(strings.ToLower(r.ID))
		if err != nil || p.ID != r.ID {
			t.Fatalf("%s: %+v, %v", r.ID, p, err)
		}
		if _, err := json.Marshal(p); err != nil {
			t.Error(err)
		}
		if p.Text == "" || strings.Contains(p.Text, "**") || strings.Contains(p.Text, "`") || p.Section == "" || len(p.Code)+len(p.Checked) == 0 || len(p.Tests) == 0 {
			t.Errorf("%s: %+v", r.ID, p)
		}
		for _, name := range p.Scenarios {
			scenarios++
			if _, ok := sim.FindEmbedded(name); !ok {
				t.Errorf("%s: no scenario %q", r.ID, name)
			}
		}
		for _, l := range p.Lessons {
			lessons++
			if found, err := FindLesson(l.Name); err != nil || found.Number != l.Number || !slices.Contains(found.Rules(), r.ID) {
				t.Errorf("%s: lesson %+v: %v", r.ID, l, err)
			}
		}
		for _, id := range p.Related {
			if _, ok := docs.Lookup(id); !ok || id == r.ID {
				t.Errorf("%s: related to %s", r.ID, id)
			}
		}
	}
	if scenarios < 500 || lessons < 5 {
		t.Errorf("%d scenarios and %d lessons of all rules", scenarios, lessons)
	}
	if n := len(Rules()); n != len(docs.Rules()) {
		t.Errorf("%d rules listed", n)
	}
}

// TestTheFAQShowsWhatItIsAbout: the rules that its text names are those of its records.
func TestTheFAQShowsWhatItIsAbout(t *testing.T) {
	for _, id := range []string{"C-12", "C-13", "T-9", "Z-4", "V-5", "C-30", "W-1", "T-18"} {
		if p, _ := FindRule(id); !slices.Contains(p.Scenarios, "faq") {
			t.Errorf("%s: %v: want faq among them", id, p.Scenarios)
		}
	}
}

func TestRulesThatThereAreNot(t *testing.T) {
	for id, want := range map[string]string{
		"T-" + "99": "want one of T-1 to T-25",
		"C9":        "did you mean C-9?",
		"zz":        "want an ID such as",
		"":          "want an ID such as",
	} {
		if _, err := FindRule(id); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %s", id, err, want)
		}
	}
}
