package sim

import (
	"testing"

	"zksim/model"
)

// TestRetoldStoriesAreThoseThatWerePlayed: records alone give the same verdicts, marks,
// instants and intervals, and for a session that ended its deadline. Which fault a story is
// blamed on can differ, since records do not say whom a fault strikes.
func TestRetoldStoriesAreThoseThatWerePlayed(t *testing.T) {
	for _, e := range tellings(t) {
		played, _ := e.narrators(t)
		retold, err := Retell(played.file)
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		if len(retold.Stories) != len(played.played.Stories) {
			t.Errorf("%s: %d stories, want %d", e.name, len(retold.Stories), len(played.played.Stories))
			continue
		}
		for i, a := range played.played.Stories {
			b := retold.Stories[i]
			if a.Session != b.Session || a.Client != b.Client || a.Verdict != b.Verdict || a.Marked != b.Marked || a.Committed != b.Committed ||
				a.Disconnected != b.Disconnected || a.Expired != b.Expired || a.Closed != b.Closed || a.Killed != b.Killed ||
				a.Warning != b.Warning || a.Gap != b.Gap || a.Orphan != b.Orphan || a.Stops != b.Stops || a.Waits != b.Waits {
				t.Errorf("%s: session %#x:\nplayed %+v\nretold %+v", e.name, uint64(a.Session), *a, *b)
			}
			if off := b.Touch.Deadline.Sub(a.Touch.Deadline); a.Marked.Happened() && played.Record(a.Marked.Record).Kind == model.KindMarked && (off > 1e6 || off < -1e6) {
				t.Errorf("%s: session %#x: deadline %v, want %v", e.name, uint64(a.Session), b.Touch.Deadline, a.Touch.Deadline)
			}
		}
	}
}

// TestATimelineThatNoRunWroteIsRefused: nodes out of order, and a fault without a number.
func TestATimelineThatNoRunWroteIsRefused(t *testing.T) {
	e, _ := FindEmbedded("faq")
	good, _ := telling{e.Name, e.Source}.narrators(t)
	swapped := *good.file
	swapped.Nodes = append([]TimelineNode{}, good.file.Nodes...)
	swapped.Nodes[0], swapped.Nodes[3] = swapped.Nodes[3], swapped.Nodes[0]
	numberless := *good.file
	numberless.Records = append([]Record{}, good.file.Records...)
	for i := range numberless.Records {
		if numberless.Records[i].Kind == KindFaultBegins {
			numberless.Records[i].A = -1
		}
	}
	for _, f := range []*TimelineFile{&swapped, &numberless} {
		if _, err := Retell(f); err != errMadeUp {
			t.Errorf("%v", err)
		}
	}
}
