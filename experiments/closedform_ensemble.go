package experiments

import (
	"time"
)

// The closed forms of what happens inside the ensemble. On top of what [Setting]
// assumes, faults are the only disturbance: no segment is lost by chance, and the
// leader's loop turns exactly every h.

// electionWait is how long a quorum's choice of a leader must go unchallenged (F-10).
const electionWait = 200 * time.Millisecond

// A Range is the ends of what can happen. Whether they belong to it is for the rule
// to say.
type Range struct{ Least, Most time.Duration }

// pingsBetween is ⌊p/h⌋: so many of the leader's PINGs, or one more, come between
// two of the client's pings (T-17, C-9a).
func (s Setting) pingsBetween() int { return int(s.period() / s.heartbeat()) }

// rest is what p has beyond ⌊p/h⌋·h, as a share of h: with this probability the
// leader sends one PING more between two of the client's.
func (s Setting) rest() float64 {
	h := s.heartbeat()
	return float64(s.period()%h) / float64(h)
}

// TouchGap is the law of the time from one touch of a healthy session of a follower
// to the next: ⌊p/h⌋ of the leader's PINGs, or one more, and p in the mean.
// With T ≥ 2τ it is at most T/2, since (⌊p/h⌋+1)·h is 2h at p < 2h, where T ≥ 4h,
// and below p + h ≤ 3p/2 = T/2 from there on.
func (s Setting) TouchGap() Mixture {
	h, q := s.heartbeat(), time.Duration(s.pingsBetween())
	return NewMixture(
		Part{1 - s.rest(), NewUniformSum(q * h)},
		Part{s.rest(), NewUniformSum((q + 1) * h)})
}

// TouchGapWithin bounds the longest of several gaps for latencies that vary by up to
// jitter: it is hardly less than p, the mean, and at most p + h and the jitter
// of a ping, of the leader's PING and of the report.
func (s Setting) TouchGapWithin(jitter time.Duration) Range {
	return Range{s.period() - jitter, s.period() + s.heartbeat() + 3*jitter}
}

// RemainingAtLeader is the law of the time that is left, at an arbitrary moment, to
// the session of an idle client of the leader or of a standalone server: e less that
// moment, if no touch came any more. A pause of the leader that is longer
// costs the session, if the expiry loop wins the race on waking (G-5).
func (s Setting) RemainingAtLeader() UniformSum {
	return NewUniformSum(s.Timeout, s.bucket(), s.age())
}

// RemainingAtFollower is the same for a client of a follower. The age of the last
// touch is uniform up to ⌊p/h⌋·h, and beyond where the present gap is the longer one.
func (s Setting) RemainingAtFollower() Mixture {
	h, p := s.heartbeat(), s.period()
	sure := time.Duration(s.pingsBetween()) * h
	return NewMixture(
		Part{float64(sure) / float64(p), NewUniformSum(s.Timeout, s.bucket(), Span{-sure, 0})},
		Part{float64(p-sure) / float64(p), NewUniformSum(s.Timeout, s.bucket(), Span{-sure - h, -sure})})
}

// CutOffFollower is the law of Z, the time for which a client goes on believing in
// its session after the leader has expired it, behind a follower that is cut off from
// the leader and bears its silence for the given time, S. Negative: the
// follower hangs up before the expiry. Nothing travels from the leader to the
// follower but its PINGs.
//
// The last PING that gets through leaves at L ≤ x and arrives at g = L + df. The
// last report that carried a ping of the client answers that PING or the a-th before
// it and is taken in 2·df after the PING left: t = L − a·h + 2·df. So
// Z = (g + S) − (t + T + u) = S − T − df + a·h − u, where a is how many whole h the
// client's last ping is old at g. If the cut falls while that PING travels, its
// report is lost, and a counts from the PING before.
func (s Setting) CutOffFollower(silence time.Duration) Mixture {
	h, p := s.heartbeat(), s.period()
	lost := float64(s.ToLeader) / float64(h)
	var parts []Part
	for a := time.Duration(0); a*h < p; a++ {
		share := float64(min(h, p-a*h)) / float64(p)
		for k, reported := range [2]float64{1 - lost, lost} {
			offset := silence - s.Timeout - s.ToLeader + (a+time.Duration(k))*h
			parts = append(parts, Part{share * reported, NewUniformSum(offset, Span{-s.Tick, 0})})
		}
	}
	return NewMixture(parts...)
}

// CutOffFollowerWithin bounds Z where proposals and commits reach the follower too,
// up to the cut. The two ways in which it can be longer, something later than
// the last PING and the last report lost, exclude each other where the cut alone
// loses packets: the report is lost within df of its PING.
func (s Setting) CutOffFollowerWithin(silence time.Duration) Range {
	h := s.heartbeat()
	base := silence - s.Timeout
	return Range{base - s.Tick - s.ToLeader, base + time.Duration(s.pingsBetween()+1)*h}
}

// CutOffFollowerCertain says whether a client of a follower that is cut off for good
// outlives its session in every case.
func (s Setting) CutOffFollowerCertain(silence time.Duration) bool {
	return s.CutOffFollowerWithin(silence).Least >= 0
}

// CutOffFollowerImpossible says whether it never does, as Q-13 has it: also where
// segments are lost by chance, so that the last report may be missing and something
// later than its PING be heard.
func (s Setting) CutOffFollowerImpossible(silence time.Duration) bool {
	return s.CutOffFollowerWithin(silence).Most+s.heartbeat() <= 0
}

// DisconnectAfterWrite is the law of the time from a write through a cut-off follower
// until the client is told Disconnected: pings behind the write are not
// answered (H-6), so the silence counts from the answer to the last ping before it,
// as in Q-8, a round trip after that was sent.
func (s Setting) DisconnectAfterWrite() UniformSum {
	return NewUniformSum(s.readTimeout()+teardown+s.ToServer+s.FromServer, s.age())
}

// StepDown is the law of the time from the isolation of a leader until it steps down,
// for the given S (F-8, Q-15), where its learners have nothing to say but answers to
// PINGs. The last answer belongs to the PING of L, x − L ∈ [df, h + df). If there was
// a check at L, the one at L + S still finds the learners synced, and that at
// L + S + τ does not; if not, the checks lie half a tick off, and that at L + S + h
// does not. Together that is uniform.
func (s Setting) StepDown(silence time.Duration) UniformSum {
	return NewUniformSum(silence-s.ToLeader, Span{0, s.Tick})
}

// DisconnectOfIsolated is the law of the time from there until a client of the
// isolated leader is told (Q-15; C-13).
func (s Setting) DisconnectOfIsolated(silence time.Duration) UniformSum {
	return NewUniformSum(silence-s.ToLeader+s.FromServer+teardown, Span{0, s.Tick})
}

// IsolatedBeforeExpiry bounds by how much the step-down of an isolated leader
// precedes the next leader's expiry of its clients. The followers give it up S
// after the last PING has come, at L + df + S, and it steps down at L + S + τ or
// L + S + h (see [Setting.StepDown]); the next leader needs 200 ms and something more,
// which is taken, and T + u. That is better by h than what follows from the ends of
// F-1 and F-8 alone, which are never met together.
func (s Setting) IsolatedBeforeExpiry(something time.Duration) Range {
	base := s.Timeout + electionWait + s.ToLeader
	return Range{base - s.Tick, base + something + s.Tick - s.heartbeat()}
}

// ExpiryAfterServing is the law of e − N for a session whose client is dead when a new
// leader, or a restarted server, begins to serve at N (Q-16, Q-17; F-15).
func (s Setting) ExpiryAfterServing() UniformSum { return s.ExpiryAfterTouch() }
