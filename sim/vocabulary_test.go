package sim

import (
	"fmt"
	"testing"

	"zksim/clock"
	"zksim/model"
)

// changes follows what each client's application can poll and what it is told, and
// reports what its library's table does not have.
type changes struct {
	s           *Scenario
	state, told map[model.NodeID]string
	gap         map[model.NodeID]bool // an event was dropped on the way to the application (L-G8)
	seen        map[string]bool       // "library: from to", both tables together
	wrong       []string
}

func newChanges(s *Scenario) *changes {
	return &changes{s: s, state: map[model.NodeID]string{}, told: map[model.NodeID]string{}, gap: map[model.NodeID]bool{}, seen: map[string]bool{}}
}

func (c *changes) Record(r *Record) {
	library := c.s.libraryOf(r.Node)
	switch r.Kind {
	case KindStarted:
		delete(c.state, r.Node)
		delete(c.told, r.Node)
	case model.KindState:
		c.change(r, c.state, library.States(), library)
	case model.KindTold:
		c.change(r, c.told, library.Told(), library)
	case model.KindEventDropped:
		c.gap[r.Node] = true
	}
}

func (c *changes) change(r *Record, latest map[model.NodeID]string, table []model.Move, library *model.Library) {
	from := latest[r.Node]
	latest[r.Node] = r.Text
	if from == "" && len(table) > 0 && r.Kind == model.KindState {
		from = table[0].From
	}
	c.seen[fmt.Sprintf("%s: %s to %s", library.Name, from, r.Text)] = true
	if r.Kind == model.KindTold && c.gap[r.Node] {
		return
	}
	if !model.May(table, from, r.Text) {
		c.wrong = append(c.wrong, fmt.Sprintf("record %d: %s from %q to %q (%s)", r.ID, library.Name, from, r.Text, r.Rule))
	}
}

// TestEveryStateChangeIsInItsLibrarysTable holds every scenario that is played for a
// golden timeline, with its own and other seeds, against the tables of states and
// events of the clients' libraries (sections 6, 10 and 13 of the rules).
func TestEveryStateChangeIsInItsLibrarysTable(t *testing.T) {
	for _, e := range tellings(t) {
		s := mustRead(t, string(e.source))
		for _, seed := range []uint64{s.Seed, 2, 3} {
			c := newChanges(s)
			w, err := New(s, seed, 0, c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
				t.Fatal(err)
			}
			if len(c.seen) == 0 {
				t.Errorf("%s, seed %d: no change at all", e.name, seed)
			}
			for _, wrong := range c.wrong {
				t.Errorf("%s, seed %d: %s", e.name, seed, wrong)
			}
		}
	}
}
