package sim

import (
	"slices"

	"zksim/model"
)

type ephemeralsCheck struct{ x *Checker }

func newEphemeralsCheck(x *Checker) watcher { return &ephemeralsCheck{x} }

func (c *ephemeralsCheck) record(r *Record) {
	if s := c.x.server(r.Node); s != nil && r.Kind == model.KindNodeCreated && r.Session == 0 {
		c.x.broken("Z-2", "node %s belongs to no session", r.Text)
	}
}

func (c *ephemeralsCheck) rest() {
	for i := range c.x.world.servers {
		n := model.NodeID(i)
		there := c.x.server(n).Ephemerals()
		owned := 0
		c.x.server(n).EachSession(func(id model.SessionID, _ int32, paths []string) {
			for _, p := range paths {
				owned++
				if !slices.Contains(there, p) {
					c.x.broken("Z-2", "on %s session %#x owns %s, which is not there", c.x.name(n), uint64(id), p)
				}
			}
		})
		if owned != len(there) {
			c.x.broken("Z-2", "on %s are %d ephemeral nodes (%v), and the sessions there own %d", c.x.name(n), len(there), there, owned)
		}
	}
}
