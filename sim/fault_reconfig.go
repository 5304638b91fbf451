package sim

import "zksim/model"

// reconfig is somebody asking the leader for other voters (F-22). Without a leader
// nobody can be asked, and nothing happens.
func (w *World) reconfig(f *liveFault) {
	leader := w.leads()
	if leader == model.NoNode {
		return
	}
	voters := make([]model.NodeID, len(f.spec.Voters))
	for i, id := range f.spec.Voters {
		voters[i] = model.NodeID(id - 1)
	}
	w.in = model.Input{Kind: model.InputReconfig, Packet: &model.Packet{Quorum: &model.QuorumInfo{Voters: voters}}, Cause: w.cause}
	w.deliver(int(leader))
}
