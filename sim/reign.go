package sim

import (
	"math/bits"
	"slices"

	"zksim/model"
)

// A Reign is the time in which one server led with a quorum behind it, or served
// alone. Only then are closes committed (Z-3). A leader that has lost its quorum
// and does not know it yet reigns no longer (F-9).
type Reign struct {
	Leader   model.NodeID
	From, To Moment // To has not happened if the run ended first
}

// A gap is the time between two reigns: nothing expires for good (F-16).
type gap struct{ from, to Moment }

// A court follows, from the records of servers, who leads and who is behind whom.
type court struct {
	voters  uint64         // by their nodes
	version int64          // of the latest change of them (F-22)
	first   model.NodeID   // leads from the start
	behind  []model.NodeID // by server: whose data it has, itself if it leads
	leading []model.NodeID // those that believe to lead, in the order of their epochs
	epochs  []int64        // by server: of its latest lead
	reigns  []Reign
	deposed []Reign // from when a leader lost its quorum to when it knows
}

func newCourt(voters, servers int, first model.NodeID) court {
	c := court{voters: 1<<voters - 1, first: first, behind: make([]model.NodeID, servers), epochs: make([]int64, servers)}
	for i := range c.behind {
		c.behind[i] = model.NoNode
	}
	return c
}

// record takes in what a server says of its role. It reports whether the server
// has begun to lead.
func (c *court) record(r *Record) (leads bool) {
	switch r.Kind {
	case model.KindServing:
		switch r.Text {
		case model.RoleLeader.String(), model.RoleStandalone.String():
			c.behind[r.Node], leads = r.Node, true
			at := len(c.leading)
			for at > 0 && c.epochs[c.leading[at-1]] > c.epochs[r.Node] {
				at--
			}
			c.leading = slices.Insert(c.leading, at, r.Node)
		case model.RoleFollower.String(), model.RoleObserver.String():
			if c.behind[r.Node] == model.NoNode {
				c.behind[r.Node] = c.first // joined before the run began
			}
		}
	case model.KindNewEpoch:
		c.epochs[r.Node] = r.A
	case model.KindReconfigured:
		if r.A > c.version {
			c.version, c.voters = r.A, uint64(r.B)
		}
	case model.KindSynced:
		c.behind[r.Node] = r.Peer
	case model.KindLeaderLost, model.KindSteppedDown, KindKilled:
		c.behind[r.Node] = model.NoNode
		if i := slices.Index(c.leading, r.Node); i >= 0 {
			c.leading = slices.Delete(c.leading, i, i+1)
			for n := range c.behind {
				if c.behind[n] == r.Node {
					c.behind[n] = model.NoNode
				}
			}
		}
	default:
		return false
	}
	c.judge(momentOf(r))
	return leads
}

// judge ends a reign and begins another where the records want it.
func (c *court) judge(at Moment) {
	for i := range c.deposed {
		if d := &c.deposed[i]; !d.To.Happened() && !slices.Contains(c.leading, d.Leader) {
			d.To = at
		}
	}
	leader := model.NoNode
	for _, n := range c.leading {
		with := 0
		for voter := range c.behind {
			if c.voters>>voter&1 != 0 && c.behind[voter] == n {
				with++
			}
		}
		if with > bits.OnesCount64(c.voters)/2 {
			leader = n
		}
	}
	if leader == c.reigning() {
		return
	}
	if n := len(c.reigns); n > 0 && !c.reigns[n-1].To.Happened() {
		c.reigns[n-1].To = at
		if before := c.reigns[n-1].Leader; slices.Contains(c.leading, before) {
			c.deposed = append(c.deposed, Reign{Leader: before, From: at})
		}
	}
	if leader != model.NoNode {
		for i := range c.deposed {
			if d := &c.deposed[i]; d.Leader == leader && !d.To.Happened() {
				d.To = at // its quorum is back before it looked
			}
		}
		c.reigns = append(c.reigns, Reign{Leader: leader, From: at})
	}
}

// reigning is who leads with a quorum at present, or NoNode.
func (c *court) reigning() model.NodeID {
	if n := len(c.reigns); n > 0 && !c.reigns[n-1].To.Happened() {
		return c.reigns[n-1].Leader
	}
	return model.NoNode
}

// replaced says whether somebody else has led since a server did.
func (c *court) replaced(n model.NodeID) bool {
	return len(c.reigns) > 0 && c.reigns[len(c.reigns)-1].Leader != n
}

// leads is who believes to lead, in the latest epoch if there are several, or NoNode:
// whom a fault of the leader strikes (World.leads).
func (c *court) leads() model.NodeID {
	if n := len(c.leading); n > 0 {
		return c.leading[n-1]
	}
	return model.NoNode
}

// gapsOf lists the times between reigns, that before the first and that after the
// last included, however short.
func gapsOf(reigns []Reign) []gap {
	var gaps []gap
	var since Moment
	for i := range reigns {
		if r := &reigns[i]; r.From.At > since.At {
			gaps = append(gaps, gap{since, r.From})
		}
		since = reigns[i].To
		if !since.Happened() {
			return gaps
		}
	}
	return append(gaps, gap{from: since})
}
