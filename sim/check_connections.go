package sim

import (
	"slices"

	"zksim/model"
)

// A connectionsCheck compares what processes hold with what their kernels hold.
type connectionsCheck struct{ x *Checker }

func newConnectionsCheck(x *Checker) watcher { return connectionsCheck{x} }

func (c connectionsCheck) record(*Record) {}

func (c connectionsCheck) rest() {
	w := c.x.world
	for i := range w.servers {
		if w.nodes[i].status != statusRunning {
			continue
		}
		n := model.NodeID(i)
		holds := c.x.server(n).Connections()
		for _, id := range holds {
			if of := w.connByID(id); (of == nil || of.ends[of.side(i)].state > endOpen) && !c.x.server(n).Unread(id) {
				c.x.broken("H-1", "%s holds connection %d of %s, which its kernel has closed", c.x.name(n), id.Ordinal(), c.x.name(id.Initiator()))
			}
		}
		w.eachEnd(i, func(of *conn, dir int) {
			if of.ends[dir].state == endOpen && !slices.Contains(holds, of.id) {
				c.x.broken("H-1", "the kernel of %s holds connection %d of %s open, of which its process knows nothing", c.x.name(n), of.id.Ordinal(), c.x.name(of.id.Initiator()))
			}
		})
	}
}
