package model

import "zksim/clock"

// A Deviation makes a machine wrong in one way. Tests use it to show that
// comparing with recordings, or an invariant, finds a wrong model out. The zero value is
// ZooKeeper.
type Deviation uint8

// The deviations, each against the rule in its comment.
const (
	DeviateNot              Deviation = iota
	DeviateBucketEarly                // T-3 without its +1: the deadline is rounded down
	DeviateReadTimeout                // C-1: R is 3T/5
	DeviateNoTeardownSleep            // C-13: no 100 ms
	DeviateRelayAtOnce                // T-17: a learner reports a touch when it is made
	DeviatePingHalf                   // C-1: p is T/2
	DeviateForwardTouches             // T-13: a forwarded write touches
	DeviateCloseOnFIN                 // H-1: losing the connection closes the session
	DeviateConnectWhole               // C-1: k is T
	DeviateNoSpin                     // C-16: no second of waiting when the list comes round
	DeviateKeepConnection             // Z-6: the connection of an ended session stays
	DeviateCreateUnreported           // T-20: applying createSession enters no touch
	DeviatePingNoTouch                // T-12, T-16: a ping touches nothing
	DeviateExpireAtT                  // C-1: X is T
	DeviatePollEarly                  // T-7: a bucket is polled one tick before its edge
	DeviateTouchClosing               // T-6: a session that is marked is touched all the same
	DeviateRefuseLiving               // V-5: a session that lives is refused
	DeviateServeAlone                 // F-14: a leader serves when it has itself synchronised
	DeviateCommitAlone                // Z-3: what the leader has logged is committed
	DeviateSkipCommit                 // Z-4: a learner leaves out what changes a node's data
	DeviateKeepEphemerals             // Z-2: the end of a session deletes nothing
	DeviateForgetLearner              // F-5: a learner's connection is forgotten and not closed
	DeviateTellReadOnly               // C-13: a lost connection is called a read-only one
	DeviateTellExpired                // C-30: a lost connection is called an expiry
)

// deviate makes a client's limits wrong; t is the timeout they come from.
func (j JavaTimers) deviate(d Deviation, t int32) JavaTimers {
	switch d {
	case DeviateReadTimeout:
		j.Read = int64(t) * 3 / 5
	case DeviatePingHalf:
		j.Ping = int64(t) / 2
	case DeviateConnectWhole:
		j.Connect = int64(t)
	case DeviateExpireAtT:
		j.Expire = int64(t)
	}
	return j
}

// closeSession ends a session whose connection is gone, as ZooKeeper does not (H-1).
func (s *Server) closeSession(now clock.Reading, id SessionID, out *Output) {
	p := &Packet{Op: OpRequest, Req: OpCloseSession, Session: id}
	if s.learner != nil {
		s.learner.forward(p, out)
		return
	}
	s.leader.prepare(s, now, NoNode, p, out)
}
