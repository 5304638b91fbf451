package teach

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zksim/clock"
	"zksim/sim"
)

// examine plays an embedded scenario.
func examine(t *testing.T, name string, sets ...string) *Case {
	t.Helper()
	e, ok := sim.FindEmbedded(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	c, err := Examine(&Request{Name: e.Name + ".yaml", Source: e.Source, Sets: sets})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c
}

// TestEveryInstantOfAnExplanationIsARecords: each line's instant is that of the record that
// it names, in order; and each number with three decimals in its words is the instant of
// some record, or the length of a time that two of them bound, or in a record's own words.
func TestEveryInstantOfAnExplanationIsARecords(t *testing.T) {
	for _, e := range sim.Embedded() {
		checkExplanation(t, examine(t, e.Name))
	}
}

func checkExplanation(t *testing.T, c *Case) {
	t.Helper()
	x, err := c.Explain("")
	if err != nil {
		t.Errorf("%s: %v", c.File.Scenario, err)
		return
	}
	if _, err := json.Marshal(x); err != nil {
		t.Errorf("%s: %v", c.File.Scenario, err)
	}
	if c.Story == nil {
		if x.Finding == "" || x.Client != "" || len(x.Happened)+len(x.Knew)+len(x.Why) > 0 {
			t.Errorf("%s: of no session: %+v", c.File.Scenario, x)
		}
		return
	}
	if x.Finding == "" || x.Client == "" || len(x.Happened) == 0 || len(x.Why) == 0 {
		t.Errorf("%s: %+v", c.File.Scenario, x)
	}
	instants := map[string]bool{c.Narrator.Instant(c.Timeline.End): true}
	for i := range c.File.Records {
		instants[c.Narrator.Instant(c.File.Records[i].At)] = true
	}
	last := clock.Instant(0)
	for _, l := range x.Happened {
		r := c.Narrator.Record(l.Record)
		switch {
		case r == nil && strings.HasPrefix(l.Words, "… "):
			continue
		case r == nil:
			t.Errorf("%s: no record behind %q", c.File.Scenario, l.Words)
		case l.At != r.At || l.Instant != c.Narrator.Instant(r.At) || l.At < last || !strings.HasPrefix(l.Words, c.Narrator.Sentence(r)):
			t.Errorf("%s: record %d: %+v", c.File.Scenario, r.ID, l)
		}
		last = l.At
	}
	for _, l := range x.Knew {
		if r := c.Narrator.Record(l.Record); r != nil && l.At != r.At {
			t.Errorf("%s: %+v", c.File.Scenario, l)
		}
		words := strings.Fields(l.Words)
		for i, w := range words {
			w = strings.Trim(w, ".,;:")
			if !strings.Contains(w, ".") || instants[w] || strings.Trim(w, "0123456789.−") != "" {
				continue
			}
			if i+1 < len(words) && strings.Trim(words[i+1], ".,;:") == "s" {
				continue // a length
			}
			t.Errorf("%s: %q names %s: want an instant of some record", c.File.Scenario, l.Words, w)
		}
		if !strings.HasSuffix(l.Words, ".") {
			t.Errorf("%s: %q: want a full stop", c.File.Scenario, l.Words)
		}
	}
}

// TestEveryEventCanBeAskedFor by its word, and by its record.
func TestEveryEventCanBeAskedFor(t *testing.T) {
	asked := map[string]bool{}
	for _, e := range sim.Embedded() {
		c := examine(t, e.Name)
		for _, c.Story = range c.Timeline.Stories {
			if c.Story.Client < 0 {
				continue
			}
			for _, event := range c.Events() {
				asked[event.Word] = true
				steps, err := c.Why(event.Word)
				again, err2 := c.Why(fmt.Sprint(event.Record))
				if err != nil || err2 != nil || len(steps) == 0 || steps[0].Record != event.Record || steps[0].At != event.At || len(again) != len(steps) {
					t.Errorf("%s: %s: %v, %v, %v", e.Name, event.Word, steps, err, err2)
				}
			}
		}
	}
	for _, word := range EventWords() {
		if !asked[word] {
			t.Errorf("%s comes in no scenario", word)
		}
	}
}

// TestASessionIsChosenByItsNumberOrItsClient names the session of the FAQ's other client
// in both ways, and one that nobody has.
func TestASessionIsChosenByItsNumberOrItsClient(t *testing.T) {
	for _, name := range []string{"other", "0x200000000000000"} {
		c := examine(t, "faq")
		if err := c.Choose(name); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.Story.Name != "other" {
			t.Errorf("%s: the session of %s; want other's", name, c.Story.Name)
		}
	}
	if err := examine(t, "faq").Choose("nobody"); err == nil || !strings.Contains(err.Error(), "(worker)") {
		t.Errorf("nobody: %v; want the sessions that there are", err)
	}
}

func TestEventsThatCannotBeFound(t *testing.T) {
	c := examine(t, "heal-in-time")
	for event, want := range map[string]string{
		"expired":  "it does not happen to worker's session in this run; want one of made, connected",
		"resumd":   "did you mean resumed?",
		"holidays": `event "holidays": want one of made`,
		"0":        "record 0: want 1 to",
		"100000":   "record 100000: want 1 to",
	} {
		if _, err := c.Find(event); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", event, err, want)
		}
	}
}

// TestATimelineOfAnEmbeddedScenarioIsPlayedAgain, and one that was changed is told from its
// records: the same sentences, but for what faults do.
func TestATimelineOfAnEmbeddedScenarioIsPlayedAgain(t *testing.T) {
	c := examine(t, "faq")
	read := func(c *Case) *sim.TimelineFile {
		var b bytes.Buffer
		if err := c.File.Write(&b); err != nil {
			t.Fatal(err)
		}
		f, err := sim.ReadTimeline("x", &b)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	again, err := ExamineFile(read(c), "", nil)
	if err != nil || again.request == nil {
		t.Fatalf("%v", err)
	}
	changed := examine(t, "faq", "clients.worker.timeout=8s")
	retold, err := ExamineFile(read(changed), "", nil)
	if err != nil || retold.request != nil {
		t.Fatalf("%v", err)
	}
	a, _ := changed.Explain("")
	b, err := retold.Explain("")
	if err != nil || a.Finding != b.Finding || a.Verdict != b.Verdict || a.Digest != b.Digest || len(a.Happened) != len(b.Happened) || !slices.EqualFunc(a.Knew, b.Knew, func(a, b Line) bool { return a == b }) {
		t.Errorf("%v:\nplayed %+v\nretold %+v", err, a, b)
	}
	n, err := retold.Nearest(Limit{})
	if err != nil || len(n.Changes) > 0 || !strings.Contains(n.WhyNot, "faq") {
		t.Errorf("%v, %+v", err, n)
	}
}

// TestRandomScenariosAreExplained: whatever comes, and what becomes of it from its records
// alone.
func TestRandomScenariosAreExplained(t *testing.T) {
	told := 0
	count := uint64(200)
	if testing.Short() {
		count = 40
	}
	for number := range count {
		s := sim.RandomScenario(number)
		if s.Length > 0 && len(s.Nodes()) > 60 {
			continue
		}
		source, err := s.YAML()
		if err != nil {
			t.Fatal(err)
		}
		c, err := Examine(&Request{Name: "random.yaml", Source: source})
		if err != nil {
			t.Fatalf("random scenario %d: %v", number, err)
		}
		for i, story := range c.Timeline.Stories {
			if story.Client < 0 || i > 3 {
				continue
			}
			c.Story = story
			checkExplanation(t, c)
			told++
		}
		if c.Story != nil && number%20 == 0 {
			if _, err := c.Nearest(Limit{Runs: 8}); err != nil {
				t.Errorf("random scenario %d: %v", number, err)
			}
		}
		if _, err := sim.Retell(c.File); err != nil {
			t.Errorf("random scenario %d: %v", number, err)
		}
	}
	if told < int(count) {
		t.Errorf("only %d sessions", told)
	}
}
