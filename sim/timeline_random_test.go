package sim

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"zksim/clock"
	"zksim/model"
)

// TestRandomTimelinesAgreeWithTheWorld: whatever happens, the timeline says whom a
// fault struck and who leads as the world has it, one mark of a session at most takes
// effect, and no line is too long.
func TestRandomTimelinesAgreeWithTheWorld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := randomScenario(t)
		c := NewCollector(s)
		w, err := New(s, rapid.Uint64().Draw(t, "seed"), 0, c)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := w.Run(clock.Instant(s.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		timeline := c.Timeline(w, sum)
		for i := range timeline.Faults {
			f, live := &timeline.Faults[i], &w.faults[timeline.Faults[i].Index]
			var struck []model.NodeID
			for _, n := range live.nodes {
				struck = append(struck, model.NodeID(n))
			}
			if !slices.Equal(f.Struck, struck) {
				t.Fatalf("fault %d struck %v; the timeline has %v", i, struck, f.Struck)
			}
		}
		if got, want := c.court.leads(), w.leads(); got != want {
			t.Fatalf("node %d leads at the end; the timeline has %d", want, got)
		}
		for _, story := range timeline.Stories {
			effective := 0
			for _, m := range story.Marks {
				if m.Fate == FateEffective {
					effective++
				}
			}
			if effective > 1 || effective == 1 != story.Marked.Happened() {
				t.Fatalf("session %#x: %d marks took effect, marked %+v", uint64(story.Session), effective, story.Marked)
			}
			if len(story.Gone) > 0 && !story.Committed.Happened() {
				t.Fatalf("session %#x: gone at %+v, and its end never committed", uint64(story.Session), story.Gone)
			}
		}
		width := rapid.IntRange(MinTextWidth, MaxTextWidth).Draw(t, "width")
		for client := s.Ensemble.Servers + s.Ensemble.Observers; client < len(timeline.Nodes)-len(s.Resources); client++ {
			var b strings.Builder
			if err := WriteText(&b, timeline, TextOptions{Width: width, Client: timeline.Nodes[client]}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(b.String(), "\n") {
				if n := columns(line); n > width {
					t.Fatalf("a line of %d columns, want at most %d: %s", n, width, line)
				}
			}
		}
	})
}
