package sim

import (
	"testing"

	"zksim/clock"
	"zksim/model"
)

// TestFatesReadFromAFileAreThoseOfTheStories: what an export says of a mark is what the
// story that was gathered while the run went on says (F-9, Z-9, Z-10).
func TestFatesReadFromAFileAreThoseOfTheStories(t *testing.T) {
	seen := map[Fate]int{}
	check := func(s *Scenario) {
		t.Helper()
		c, all := NewCollector(s), recordsOf{}
		w := unwatched(t, s, s.Seed, c, &all)
		sum, err := w.Run(clock.Instant(s.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		f := &TimelineFile{TimelineHeader: headerOf(s, s.Seed, 0), Records: all, Summary: sum}
		marks := 0
		for _, story := range c.Timeline(w, sum).Stories {
			for i := range story.Marks {
				m := &story.Marks[i]
				if marks++; marks > 20 {
					return // each is read from the whole file
				}
				seen[m.Fate]++
				if got := f.fate(&f.Records[m.Record-1]); got != m.Fate {
					t.Errorf("%s, seed %d: record %d, a mark by node %d of %#x: fate %d, the story has %d", s.Name, s.Seed, m.Record, m.Node, uint64(story.Session), got, m.Fate)
				}
			}
		}
	}
	for _, e := range tellings(t) {
		s, err := ReadScenario(e.name+".yaml", e.source, nil)
		if err != nil {
			t.Fatal(err)
		}
		check(s)
	}
	for number := range uint64(100) {
		check(RandomScenario(number))
	}
	for _, fate := range []Fate{FateOpen, FateEffective, FateVain} {
		if seen[fate] == 0 {
			t.Errorf("no mark of fate %d", fate)
		}
	}
}

// TestAFaultIsNamedByWhatItDoes where the header says so, and by its kind otherwise.
func TestAFaultIsNamedByWhatItDoes(t *testing.T) {
	e, _ := FindEmbedded("vain")
	s, err := ReadScenario("vain.yaml", e.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &TimelineFile{TimelineHeader: headerOf(s, 1, 0)}
	begins := &Record{Note: model.Note{Kind: KindFaultBegins, A: 0, Text: "partition"}}
	if got, want := f.faultWords(begins), "server 3 cut off silently from servers 1 and 2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.Faults = nil
	if got := f.faultWords(begins); got != "partition" {
		t.Errorf("%q without a header that says more", got)
	}
}
