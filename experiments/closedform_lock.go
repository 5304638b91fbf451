package experiments

import "time"

// The closed forms of two owners at once. A owns a lock by its ephemeral
// node; B is told of the node's end by a watch, at b = e + c + dw. The overlap is from
// there until A stops, as its policy has it; negative: A stops before.
//
// Notice is c + dw throughout.

// overlapAfterCut is the law of the overlap where nothing gets through between A and its
// server any more, and A stops so long, and the spans, after it last heard from its
// server. The touch that counts was made by the same ping d2 before that, or, at the
// leader, w + df − d2 after it. If the cut lets a ping through and not its answer, which
// it does in d1 of every p, the touch is that of the next ping.
func (s Setting) overlapAfterCut(follower bool, notice, after time.Duration, spans ...Span) Mixture {
	offset := after + s.FromServer - s.Timeout - notice
	spans = append(spans, Span{-s.Tick, 0})
	if follower {
		offset -= s.ToLeader
		spans = append(spans, Span{-s.heartbeat(), 0})
	}
	late := float64(s.ToServer) / float64(s.period())
	return NewMixture(Part{1 - late, NewUniformSum(offset, spans...)}, Part{late, NewUniformSum(offset-s.period(), spans...)})
}

// StoppedByCut is the law of the overlap where A stops on Disconnected and is cut off
// silently: R + 100 ms after its last word. It is never above 0.
func (s Setting) StoppedByCut(follower bool, notice time.Duration) Mixture {
	return s.overlapAfterCut(follower, notice, s.readTimeout()+teardown)
}

// StoppedBehindFollower is the law of the overlap where A stops on Disconnected and it is
// its server that is cut off, a follower that bears the leader's silence for S:
// Z of Q-13, and what it takes to tell A.
func (s Setting) StoppedBehindFollower(silence, notice time.Duration) Mixture {
	return s.CutOffFollower(silence).Shift(s.FromServer + teardown - notice)
}

// StoppedOnWaking is the law of the overlap where A stops on Disconnected and its process
// stands still for so long, at least R: it is told 100 ms after waking. Part of it
// A does nothing, but when it wakes it acts.
func (s Setting) StoppedOnWaking(pause, notice time.Duration) UniformSum {
	return NewUniformSum(pause+teardown-notice-s.Timeout-s.ToServer, Span{-s.Tick, 0}, Span{0, s.period()})
}

// StoppedByExpiryOfOne is the law of the overlap where A stops on Expired, is cut off
// silently and for good, knows one address, and expires by itself (Q-21; C-20): after R
// it waits for the list to come round and tries for k = T, which ends beyond X.
func (s Setting) StoppedByExpiryOfOne(notice time.Duration) Mixture {
	after := s.readTimeout() + teardown + spin + s.connectTimeout(1) + 2*teardown
	return s.overlapAfterCut(false, notice, after, waits(1)...)
}

// StoppedByExpiryOfThree is the same for three addresses, where T is so long that the
// second attempt begins before X and ends beyond it.
func (s Setting) StoppedByExpiryOfThree(notice time.Duration) Mixture {
	after := s.readTimeout() + 2*(teardown+s.connectTimeout(3)) + 2*teardown
	return s.overlapAfterCut(false, notice, after, waits(2)...)
}

// StoppedByOwnExpiryWithin is the bound of Q-21 on both: A expires at X + [0, max(k, 2.1 s)),
// and is told 200 ms later.
func (s Setting) StoppedByOwnExpiryWithin(n int, notice time.Duration) Range {
	r := s.LocalExpiry(n)
	return Range{s.overlapAfterCut(false, notice, r.Least+2*teardown).Min(), s.overlapAfterCut(false, notice, r.Most+2*teardown).Max()}
}

// StoppedByInjection is the law of the overlap where A stops on LOST, is cut off silently,
// and Curator on a client without local expiry injects it (Q-21; L-U5).
func (s Setting) StoppedByInjection(percent int, notice time.Duration) Mixture {
	return s.overlapAfterCut(false, notice, s.readTimeout()+teardown+s.Timeout*time.Duration(percent)/100)
}
