package sim

import "zksim/model"

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
		server, owned := c.x.server(n), 0
		server.EachSession(func(id model.SessionID, _ int32, paths []string) {
			for _, p := range paths {
				owned++
				if owner, ok := server.Owner(p); !ok || owner != id {
					c.x.broken("Z-2", "on %s session %#x owns %s, and the node there is not its own", c.x.name(n), uint64(id), p)
				}
			}
		})
		if there := server.Nodes(); owned != there {
			c.x.broken("Z-2", "on %s are %d ephemeral nodes, and the sessions there own %d", c.x.name(n), there, owned)
		}
	}
}
