package teach

import (
	"slices"
	"strings"
	"testing"

	"zksim/sim"
)

// TestTheNearestChangeChangesTheOutcome plays what was found, with its values set as the
// command line would: each gives another ending than the run as it is, the one said; and
// the value one millisecond nearer does not.
func TestTheNearestChangeChangesTheOutcome(t *testing.T) {
	names := []string{"faq", "heal-in-time", "orphan", "gc-pause", "cut-off-follower", "vain", "two-owners", "libraries", "zombie", "tech-note-10"}
	found, kinds := 0, map[string]bool{}
	for _, name := range names {
		c := examine(t, name)
		n, err := c.Nearest(Limit{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		base := endingOf(c.Story)
		play := func(sets []string) ending {
			e, _ := sim.FindEmbedded(name)
			other, err := Examine(&Request{Name: name + ".yaml", Source: e.Source, Sets: sets, Client: c.Story.Name})
			if err != nil {
				t.Fatalf("%s: %v: %v", name, sets, err)
			}
			return endingOf(other.Story)
		}
		for _, change := range n.Changes {
			found++
			kinds[change.What] = true
			e := play(change.Set)
			if e == base {
				t.Errorf("%s: %v: the outcome is the same", name, change.Set)
			}
			if e.words(c.Story.Name, base) != change.Outcome || !strings.Contains(change.Words, change.Outcome) {
				t.Errorf("%s: %v: %s, said %s", name, change.Set, e.words(c.Story.Name, base), change.Words)
			}
			if change.Last == "" {
				if change.What != "client library" {
					t.Errorf("%s: %v: no last value", name, change.Set)
				}
				continue
			}
			if slices.Equal(change.Set, change.LastSet) {
				t.Errorf("%s: %v is its own last", name, change.Set)
			}
			if o := play(change.LastSet); o == e || o.same(e) && !o.same(base) {
				t.Errorf("%s: %v: %+v one millisecond before %v: %+v", name, change.LastSet, o, change.Set, e)
			}
		}
	}
	if found < 20 || len(kinds) < 5 {
		t.Errorf("%d changes of %v", found, kinds)
	}
}

// TestASearchKeepsToItsLimit and says so.
func TestASearchKeepsToItsLimit(t *testing.T) {
	c := examine(t, "faq")
	n, err := c.Nearest(Limit{Runs: 30})
	if err != nil || n.Runs > 30 || !strings.Contains(n.Searched, "reached at the length of the fault,") || strings.Contains(n.Searched, "tickTime") {
		t.Errorf("%v: %d runs: %s", err, n.Runs, n.Searched)
	}
}

// TestStepsAreRound: each divides its range into so many parts at most.
func TestStepsAreRound(t *testing.T) {
	for length := int64(1); length < 3_000_000; length = length*7/3 + 1 {
		step := stepFor(length, 40)
		if step*40 < length || step > 1 && step*40/5 >= length*2 {
			t.Errorf("%d in steps of %d", length, step)
		}
	}
}
