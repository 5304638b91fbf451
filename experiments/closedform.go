package experiments

import (
	"fmt"
	"time"

	"zksim/model"
)

// A Setting is what the closed forms of section 11 of docs/semantics.md depend
// on. They assume a Java client with the NIO socket, or one of C or Go, equal
// clock rates, constant latencies, no queueing, no pause, a round trip of at most a
// second (C-9a), and that the phases of buckets, of the leader's PINGs and of the
// client's sends are uniform and independent of one another and of the instant of
// the fault.
//
// Milliseconds are left out of account as in the rules. Cutting a reading off to
// whole milliseconds moves no bucket: a multiple of τ lies beyond t + T exactly
// where it lies beyond the cut-off of t, plus T. It does move a touch that a
// learner reports and the instant at which a client looks at its limits, each by
// less than a millisecond.
type Setting struct {
	Timeout time.Duration // T, negotiated (N-2), in whole milliseconds
	Tick    time.Duration // τ, tickTime, in whole milliseconds
	// SendEvery is g, the period of the client's own requests, below p. Zero: it
	// sends nothing but pings.
	SendEvery time.Duration
	// Library is the client's: java, c or go. Nil means java.
	Library *model.Library

	ToServer   time.Duration // d1, client to its server
	FromServer time.Duration // d2, server to client
	ToLeader   time.Duration // df, follower to leader
}

// teardown is how long the NIO socket's cleanup sleeps before the application
// is told (C-13).
const teardown = 100 * time.Millisecond

// toldAfter is how long after the loss was noticed the application is told: other
// libraries than Java's tell at once (L-C4, L-G3).
func (s Setting) toldAfter() time.Duration {
	if s.name() == "java" {
		return teardown
	}
	return 0
}

// name is that of the library.
func (s Setting) name() string {
	if s.Library == nil {
		return "java"
	}
	return s.Library.Name
}

// Check returns an error for a setting that the closed forms do not cover.
func (s Setting) Check() error {
	switch {
	case s.name() != "java" && s.name() != "c" && s.name() != "go":
		return fmt.Errorf("library %s: want java, c or go, whose pings come at equal distances", s.name())
	case s.name() != "java" && s.SendEvery > 0:
		return fmt.Errorf("a request every %v with library %s: want none", s.SendEvery, s.name())
	case s.Timeout < time.Millisecond || s.Timeout%time.Millisecond != 0:
		return fmt.Errorf("timeout %v: want a positive number of whole milliseconds", s.Timeout)
	case s.Tick < 2*time.Millisecond || s.Tick%time.Millisecond != 0:
		return fmt.Errorf("tick %v: want 2ms or more, in whole milliseconds", s.Tick)
	case s.SendEvery < 0 || s.SendEvery >= s.pingPeriod():
		return fmt.Errorf("a request every %v: want less than the ping period %v, or 0s for none", s.SendEvery, s.pingPeriod())
	case s.ToServer < 0 || s.FromServer < 0 || s.ToLeader < 0:
		return fmt.Errorf("latencies %v, %v and %v: want 0s or more", s.ToServer, s.FromServer, s.ToLeader)
	case s.ToServer+s.FromServer > time.Second:
		return fmt.Errorf("a round trip of %v: want at most 1s (C-9a)", s.ToServer+s.FromServer)
	}
	return nil
}

// timers are the client's limits, with the division of the original (C-1).
func (s Setting) timers() model.JavaTimers {
	return model.NewJavaTimers(int32(s.Timeout/time.Millisecond), 1)
}

// pingPeriod is p: an idle client sends this often (C-9a, L-C1, L-G2). Go divides
// nanoseconds, the others milliseconds.
func (s Setting) pingPeriod() time.Duration {
	switch s.name() {
	case "c":
		return s.Timeout / time.Millisecond / 3 * time.Millisecond
	case "go":
		return s.Timeout * 2 / 3 / 2
	}
	return time.Duration(s.timers().Ping) * time.Millisecond
}

// readTimeout is R: the silence that a connected client bears (C-1, L-C1).
func (s Setting) readTimeout() time.Duration {
	if s.name() == "go" {
		return s.Timeout * 2 / 3 // L-G1
	}
	return time.Duration(s.timers().Read) * time.Millisecond
}

// heartbeat is h: the leader's PINGs to its learners are this far apart (T-17).
func (s Setting) heartbeat() time.Duration {
	return s.Tick / (2 * time.Millisecond) * time.Millisecond
}

// period is the longest age of the last thing that the client sent: p, or g if
// it sends of itself.
func (s Setting) period() time.Duration {
	if s.SendEvery > 0 {
		return s.SendEvery
	}
	return s.pingPeriod()
}

// The terms of the sums.

// bucket is u of Q-2: from t + T to the boundary of the bucket (T-3). It lies in
// (0, τ].
func (s Setting) bucket() Span { return Span{0, s.Tick} }

// report is w of Q-3: a touch waits in the follower's table for the next PING
// (T-18). It lies in [0, h).
func (s Setting) report() Span { return Span{0, s.heartbeat()} }

// age is −a of Q-2: the touch that counts left the client before the fault. It
// lies in [−p, 0], or [−g, 0].
func (s Setting) age() Span { return Span{-s.period(), 0} }

// ExpiryAfterTouch is the law of e − t, the time from the last touch at the
// leader until the leader marks the session closing (Q-1; T-3).
func (s Setting) ExpiryAfterTouch() UniformSum {
	return NewUniformSum(s.Timeout, s.bucket())
}

// CrashAtLeader is the law of e − x for a client that is attached to the leader,
// or to a standalone server, and dies at an arbitrary instant x (Q-2; for a
// client that sends of itself, Q-5). The least value is not far above 2T/3.
func (s Setting) CrashAtLeader() UniformSum {
	return NewUniformSum(s.Timeout+s.ToServer, s.bucket(), s.age())
}

// CrashAtFollower is the law of e − x for a client that is attached to a
// follower and dies at an arbitrary instant x.
func (s Setting) CrashAtFollower() UniformSum {
	return NewUniformSum(s.Timeout+s.ToServer+s.ToLeader, s.bucket(), s.report(), s.age())
}

// CrashAtObserver is CrashAtFollower for a client of an observer that is behind an
// observer master: the touch waits for two PINGs one after another, whose phases have
// nothing to do with one another (Q-3, T-22).
func (s Setting) CrashAtObserver() UniformSum {
	return NewUniformSum(s.Timeout+s.ToServer+2*s.ToLeader, s.bucket(), s.report(), s.report(), s.age())
}

// DisconnectAfterCut is the law of the time from a silent cut between a client
// and its server, at an arbitrary instant, until the application is told
// Disconnected (Q-8; C-12, C-13). What counts is when the server sent its last
// answer that got through: it is heard d2 later, also where the cut falls in
// between, so d2 is added to the range of Q-8.
func (s Setting) DisconnectAfterCut() UniformSum {
	return NewUniformSum(s.readTimeout()+s.toldAfter()+s.FromServer, s.age())
}

// A Margin bounds how much earlier a client that is cut off gives its connection
// up than the cluster expires its session, teardown not included.
type Margin struct {
	Least time.Duration // never reached
	Most  time.Duration
	Mean  time.Duration
}

// MarginAtLeader is the margin of a client attached to the leader. With d1 > 0 a
// cut can let a ping through and not its answer; then the session lives longer
// by one period, in d1 of every period.
func (s Setting) MarginAtLeader() Margin { return s.margin(0, s.bucket()) }

// MarginAtFollower is the margin of a client attached to a follower.
func (s Setting) MarginAtFollower() Margin { return s.margin(s.ToLeader, s.bucket(), s.report()) }

func (s Setting) margin(onTheWay time.Duration, spans ...Span) Margin {
	l := NewUniformSum(s.Timeout+onTheWay-s.readTimeout()-s.FromServer, spans...)
	m := Margin{Least: l.Min(), Most: l.Max(), Mean: time.Duration(l.Mean()) + s.ToServer}
	if s.ToServer > 0 {
		m.Most += s.period()
	}
	return m
}
