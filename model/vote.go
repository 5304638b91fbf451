package model

// A Vote is whom a server wants to lead, and what speaks for that
// (Vote.java, FastLeaderElection.java:Notification).
type Vote struct {
	Leader NodeID
	Zxid   int64 // the last that the leader to be has logged
	Epoch  int32 // the last in which it has followed or led
	Round  int64 // of the election, the voter's logical clock
}

// noVote is what an observer goes into an election with: it does not stand.
var noVote = Vote{Leader: NoNode, Zxid: -1, Epoch: -1}

// beats says whether a vote is better than another: by epoch, then zxid, then
// server ID, which has the order of the nodes (F-10;
// FastLeaderElection.java:FastLeaderElection.totalOrderPredicate).
func (v Vote) beats(w Vote) bool {
	switch {
	case v.Epoch != w.Epoch:
		return v.Epoch > w.Epoch
	case v.Zxid != w.Zxid:
		return v.Zxid > w.Zxid
	}
	return v.Leader > w.Leader
}

// A heardVote is the last that one voter said, and in which role.
type heardVote struct {
	said bool
	vote Vote
	role Role
}

// agrees says whether two votes are for the same leader of the same time: what a
// server says that follows or leads is as of its own election, so that its zxid
// and round mean nothing to one who comes later (Vote.java:Vote.equals).
func (h *heardVote) agrees(with heardVote) bool {
	if !h.said {
		return false
	}
	v, w := h.vote, with.vote
	if h.role == RoleLooking || with.role == RoleLooking {
		return v == w
	}
	return v.Leader == w.Leader && v.Epoch == w.Epoch
}
