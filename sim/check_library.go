package sim

import "zksim/model"

// A libraryCheck follows what each client's application can poll, and what it is
// told.
type libraryCheck struct {
	x           *Checker
	state, told map[model.NodeID]string
	gap         map[model.NodeID]bool // an event was dropped on the way to the application (L-G8)
}

func newLibraryCheck(x *Checker) watcher {
	return &libraryCheck{x, map[model.NodeID]string{}, map[model.NodeID]string{}, map[model.NodeID]bool{}}
}

func (c *libraryCheck) record(r *Record) {
	switch r.Kind {
	case KindStarted:
		delete(c.state, r.Node)
		delete(c.told, r.Node)
		delete(c.gap, r.Node)
	case model.KindState:
		library := c.x.world.scenario.libraryOf(r.Node)
		from, known := c.state[r.Node]
		if moves := library.States(); !known && len(moves) > 0 {
			from = moves[0].From
		}
		c.state[r.Node] = r.Text
		if !model.May(library.States(), from, r.Text) {
			c.x.broken(r.Rule, "state of %s goes from %q to %q, which its table does not have", library.Title(), from, r.Text)
		}
	case model.KindTold:
		library := c.x.world.scenario.libraryOf(r.Node)
		from := c.told[r.Node]
		c.told[r.Node] = r.Text
		if !c.gap[r.Node] && !model.May(library.Told(), from, r.Text) {
			c.x.broken(r.Rule, "%s tells %q after %q, which its table does not have", library.Title(), r.Text, from)
		}
	case model.KindEventDropped:
		c.gap[r.Node] = true
	}
}

func (c *libraryCheck) rest() {}
