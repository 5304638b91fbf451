package sim

import "zksim/model"

// roles follows, by the records alone, which servers lead, and whom the others
// follow. Several checks need it; it is none itself.
type roles struct {
	leads   []bool         // serves as a leader, or stands alone
	serves  []bool         // serves, read-only servers among them
	follows []model.NodeID // whom the server leads or follows, NoNode at first in an election
}

func newRoles(x *Checker) *roles {
	w := x.world
	r := &roles{leads: make([]bool, w.servers), serves: make([]bool, w.servers), follows: make([]model.NodeID, w.servers)}
	for i := range r.follows {
		r.follows[i] = model.NodeID(w.leader())
		if w.scenario.Ensemble.Cold {
			r.follows[i] = model.NoNode
		}
	}
	return r
}

// server says whether a record is of a server, and follows it.
func (r *roles) server(rec *Record) bool {
	if rec.Node < 0 || int(rec.Node) >= len(r.leads) {
		return false
	}
	switch rec.Kind {
	case model.KindServing:
		r.serves[rec.Node] = true
		r.leads[rec.Node] = rec.Text == model.RoleLeader.String() || rec.Text == model.RoleStandalone.String()
	case model.KindElected:
		r.follows[rec.Node] = rec.Peer
	case model.KindSynced:
		// An observer behind a master has the master's leader, whatever its own election
		// has found (T-22).
		r.follows[rec.Node] = r.follows[rec.Peer]
	case model.KindSteppedDown, model.KindLeaderLost, KindKilled:
		r.leads[rec.Node], r.serves[rec.Node] = false, false
	}
	return true
}
