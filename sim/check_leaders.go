package sim

import (
	"math/bits"

	"zksim/model"
)

// A leadersCheck counts who stands behind a leader, on disk and not by what is said.
type leadersCheck struct {
	x      *Checker
	roles  *roles
	voters []nodeSet              // as each server has it
	epochs map[int32]model.NodeID // who has served in them
	epoch  []int32                // in which each server leads
	logged map[int64]nodeSet      // who has logged a proposal
	last   []int64                // committed by each leader
}

// A nodeSet holds the nodes of voters, of which there are at most 64.
type nodeSet uint64

func (s nodeSet) has(n model.NodeID) bool { return s>>n&1 != 0 }
func (s nodeSet) size() int               { return bits.OnesCount64(uint64(s)) }

// quorum is how many of them are a majority.
func (s nodeSet) quorum() int { return s.size()/2 + 1 }

func newLeadersCheck(x *Checker) watcher {
	w := x.world
	c := &leadersCheck{x: x, roles: newRoles(x), epochs: map[int32]model.NodeID{}, epoch: make([]int32, w.servers), logged: map[int64]nodeSet{}, last: make([]int64, w.servers)}
	for range w.servers {
		c.voters = append(c.voters, 1<<w.scenario.Ensemble.Servers-1)
	}
	return c
}

func (c *leadersCheck) record(r *Record) {
	if !c.roles.server(r) {
		return
	}
	n := r.Node
	alone := c.x.world.servers == 1
	switch r.Kind {
	case model.KindReconfigured:
		c.voters[n] = nodeSet(r.B) // for what is committed from here on
	case model.KindServing:
		if c.roles.leads[n] && !alone {
			c.serving(n)
		}
	case model.KindLogged:
		c.logged[r.A] |= 1 << n
	case model.KindProposed:
		if !c.roles.leads[n] || int32(r.A>>32) != c.epoch[n] {
			c.x.broken("Z-3", "zxid %#x was proposed by a server that does not lead in its epoch", r.A)
		}
	case model.KindCommitted:
		with := c.logged[r.A] | 1<<n // the leader itself leaves no record
		switch voters := c.voters[n]; {
		case !c.roles.leads[n] || int32(r.A>>32) != c.epoch[n]:
			c.x.broken("Z-3", "zxid %#x was committed by a server that does not lead in its epoch", r.A)
		case c.last[n] != 0 && r.A != c.last[n]+1:
			c.x.broken("Z-4", "zxid %#x was committed after %#x", r.A, c.last[n])
		case !alone && (with&voters).size() < voters.quorum():
			c.x.broken("Z-3", "zxid %#x was committed with %d of %d voters having logged it", r.A, (with & voters).size(), voters.size())
		}
		c.last[n] = r.A
		delete(c.logged, r.A)
	}
}

func (c *leadersCheck) serving(n model.NodeID) {
	epoch, voters := c.x.server(n).Epoch(), c.voters[n]
	c.epoch[n], c.last[n] = epoch, 0
	if other, taken := c.epochs[epoch]; taken {
		c.x.broken("F-14", "%s serves as leader in epoch %d, and so did %s", c.x.name(n), epoch, c.x.name(other))
	}
	c.epochs[epoch] = n
	with := 0
	for i := range c.voters {
		if voters.has(model.NodeID(i)) && c.x.server(model.NodeID(i)).Epoch() >= epoch {
			with++
		}
	}
	if with < voters.quorum() {
		c.x.broken("F-14", "%s serves as leader in epoch %d with %d of %d voters having acknowledged it", c.x.name(n), epoch, with, voters.size())
	}
}

func (c *leadersCheck) rest() {}
