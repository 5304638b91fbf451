package sim

import "zksim/model"

// A processCheck knows which processes run, by the records of what stopped them.
type processCheck struct {
	x      *Checker
	status map[model.NodeID]status
}

func newProcessCheck(x *Checker) watcher {
	return &processCheck{x: x, status: map[model.NodeID]status{}}
}

func (c *processCheck) record(r *Record) {
	switch r.Kind {
	case KindPaused:
		c.status[r.Node] = statusPaused
		return
	case KindResumed, KindStarted:
		delete(c.status, r.Node)
		return
	case KindKilled:
		c.status[r.Node] = statusDead
		if r.Text == "host lost" {
			c.status[r.Node] = statusLost
		}
		return
	}
	if len(c.status) == 0 {
		return
	}
	is := c.status[r.Node]
	kernels := r.Kind == KindLost || r.Kind == KindRetransmitted || r.Kind == KindReset
	switch {
	case is == statusRunning || kernels && is != statusLost:
	case r.Kind == KindCommand && is == statusPaused: // it waits in the inbox
	case is == statusPaused:
		c.x.broken("G-1", "the process is paused")
	case is == statusLost:
		c.x.broken("W-4", "the host has vanished")
	default:
		c.x.broken("W-4", "the process is dead")
	}
}

func (c *processCheck) rest() {}
