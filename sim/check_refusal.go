package sim

import "zksim/model"

// A refusalCheck knows which sessions each leader has reason to refuse.
type refusalCheck struct {
	x       *Checker
	roles   *roles
	closing []map[model.SessionID]bool // marked, or its close proposed, at a leader since it serves
	applied []map[model.SessionID]bool // closed at a server
	ended   map[model.SessionID]bool   // the close is committed
	born    map[model.SessionID]int32  // the epoch in which the session was committed
	// What a client may be told: a server has refused it, or it has given up itself.
	expired map[model.NodeID]int  // as often
	closed  map[model.NodeID]bool // its application has closed the handle
}

func newRefusalCheck(x *Checker) watcher {
	c := &refusalCheck{x: x, roles: newRoles(x), ended: map[model.SessionID]bool{}, born: map[model.SessionID]int32{}, expired: map[model.NodeID]int{}, closed: map[model.NodeID]bool{}}
	for range x.world.servers {
		c.closing = append(c.closing, map[model.SessionID]bool{})
		c.applied = append(c.applied, map[model.SessionID]bool{})
	}
	return c
}

func (c *refusalCheck) record(r *Record) {
	if !c.roles.server(r) {
		c.client(r)
		return
	}
	n := r.Node
	isClose := r.Text == model.OpCloseSession.String()
	switch {
	case r.Kind == model.KindServing:
		clear(c.closing[n]) // marks are not carried over (F-15)
		if c.roles.leads[n] {
			for id := range c.applied[n] {
				c.ended[id] = true
			}
		}
	case r.Kind == model.KindMarked, r.Kind == model.KindProposed && isClose:
		c.closing[n][r.Session] = true
	case r.Kind == model.KindCommitted && isClose:
		c.ended[r.Session] = true
	case r.Kind == model.KindCommitted && r.Text == model.OpCreateSession.String():
		c.born[r.Session] = int32(r.A >> 32)
	case r.Kind == model.KindCloseApplied:
		c.applied[n][r.Session] = true
		if r.Rule == "Z-4" {
			c.ended[r.Session] = true
		}
	case r.Kind == model.KindRefused:
		c.expired[r.Peer]++
		c.refused(r)
	}
}

func (c *refusalCheck) refused(r *Record) {
	leader := c.roles.follows[r.Node]
	switch {
	case r.Rule == "V-6" || r.Rule == "T-24":
	case leader == model.NoNode:
		c.x.broken("V-5", "session %#x was refused by a server without a leader", uint64(r.Session))
	case c.closing[leader][r.Session] || c.applied[leader][r.Session] || c.applied[r.Node][r.Session]:
	case c.ended[r.Session] && !c.knows(leader, r.Session): // it got a database without it
	case c.born[r.Session] > c.x.server(leader).Epoch(): // made under the next leader (F-9)
	default:
		c.x.broken("V-5", "session %#x was refused, and its leader %s has neither marked nor closed it", uint64(r.Session), c.x.name(leader))
	}
}

// knows says whether a session lives in a server's database.
func (c *refusalCheck) knows(n model.NodeID, id model.SessionID) (there bool) {
	c.x.server(n).EachSession(func(other model.SessionID, _ int32, _ []string) { there = there || other == id })
	return there
}

func (c *refusalCheck) client(r *Record) {
	switch r.Kind {
	case model.KindLocalExpiry, model.KindInjected:
		c.expired[r.Node]++
	case KindCommand:
		if r.Text == commandNames[model.CommandClose] {
			c.closed[r.Node] = true
		}
	case KindStarted:
		delete(c.expired, r.Node)
		delete(c.closed, r.Node)
	case model.KindTold:
		client := c.x.world.scenario.clientOf(r.Node)
		if client.Library.Meaning(r.Text) != model.MeansExpired {
			return
		}
		if c.expired[r.Node] == 0 && !c.closed[r.Node] && client.MaxTries == 0 { // or it has given up (L-K8)
			c.x.broken("C-30", "told %s for session %#x, which no server has refused", r.Text, uint64(r.Session))
		}
		c.expired[r.Node] = max(0, c.expired[r.Node]-1)
	}
}

func (c *refusalCheck) rest() {}
