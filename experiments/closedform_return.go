package experiments

import (
	"time"
)

// The closed forms of how a client finds its way back, or learns that there is none.
// What a kernel repeats counts here (W-2): SYNs go out 1, 2, 3, 4, 5, 7, 11, 19, ...
// seconds after the first.

// The Java client's constants (C-13, C-16, C-17).
const (
	backoff = 999 * time.Millisecond // the longest wait before an attempt
	spin    = time.Second            // when the list of addresses has come round
)

// waits is the random wait before each of so many attempts, as spans.
func waits(attempts int) []Span {
	w := make([]Span, attempts)
	for i := range w {
		w[i] = Span{0, backoff}
	}
	return w
}

// roundTrip is r between a client and a server.
func (s Setting) roundTrip() time.Duration { return s.ToServer + s.FromServer }

// connectTimeout is k of a client with n addresses (C-1).
func (s Setting) connectTimeout(n int) time.Duration {
	return s.Timeout / time.Millisecond / time.Duration(n) * time.Millisecond
}

// expireLimit is X (C-1).
func (s Setting) expireLimit() time.Duration {
	return time.Duration(s.timers().Expire) * time.Millisecond
}

// SilentServerCosts is the law of what an attempt at a silent server costs of the
// rescue budget, from one verdict of silence to the next.
func (s Setting) SilentServerCosts(n int) UniformSum {
	return NewUniformSum(teardown+s.connectTimeout(n), waits(1)...)
}

// RefusingServerCosts is the law of what a server that refuses costs, from one
// refusal to the next attempt's; wrap says that the list comes round on the way.
func (s Setting) RefusingServerCosts(wrap bool) UniformSum {
	cost := teardown + s.roundTrip()
	if wrap {
		cost += spin
	}
	return NewUniformSum(cost, waits(1)...)
}

// RescueSpare is the law of what is left of the rescue budget when the client's
// revalidation reaches the leader, after so many silent servers on the way,
// for a client with n addresses whose last one before the cut was the leader or a
// follower; ask is how long REVALIDATE takes from the server that it finds. Negative:
// too late. The cut falls between a ping's arrival and its answer with probability
// d1/p, which is left out.
func (s Setting) RescueSpare(silent, n int, follower bool, ask time.Duration) UniformSum {
	budget := s.Timeout - s.readTimeout() - s.FromServer
	spans := []Span{s.bucket()}
	if follower {
		budget += s.ToLeader
		spans = append(spans, s.report())
	}
	cost := time.Duration(silent) * (teardown + s.connectTimeout(n))
	cost += teardown + s.roundTrip() + s.ToServer + ask
	for range silent + 1 {
		spans = append(spans, Span{-backoff, 0})
	}
	return NewUniformSum(budget-cost, spans...)
}

// synGaps gives, for an attempt of the given length, the longest wait between two
// SYNs of it, and what is left of it behind the last (W-2).
func synGaps(attempt time.Duration) (longest, left time.Duration) {
	last := time.Duration(0)
	for k := 1; ; k++ {
		next := time.Duration(k) * time.Second
		if k > 5 {
			next = (4 + 1<<(k-4) - 1) * time.Second
		}
		if next >= attempt {
			return longest, attempt - last
		}
		longest = max(longest, next-last)
		last = next
	}
}

// learn is the longest time from a heal to the news: what is left of an attempt
// behind its last SYN, then the pause before the next one; or the wait for the next
// SYN. TCP and handshake take two round trips, and REVALIDATE takes ask.
func (s Setting) learn(attempt, pause, ask time.Duration) time.Duration {
	longest, left := synGaps(attempt)
	return max(longest, left+pause) + 2*s.roundTrip() + ask
}

// JavaLearnsWithin is the longest time from the heal of a silent cut from all of its n
// servers until a Java client is told Expired, if the session is over at the heal
// . Without repeated SYNs, that is with k ≤ 1 s, it comes to k + 2.1 s and two
// round trips.
func (s Setting) JavaLearnsWithin(n int, ask time.Duration) time.Duration {
	return s.learn(s.connectTimeout(n), teardown+spin+backoff, ask)
}

// CLearnsWithin is the same for the C client: an attempt may last 2T/3, and the wait
// behind the end of the list is T/60 (L-C1, L-C4).
func (s Setting) CLearnsWithin(ask time.Duration) time.Duration {
	return s.learn(s.readTimeout(), s.Timeout/60, ask)
}

// GoLearnsWithin is the same for the Go client: a second for TCP, and a second when
// the list has come round (L-G4, L-G5).
func (s Setting) GoLearnsWithin(ask time.Duration) time.Duration {
	return s.learn(time.Second, time.Second, ask)
}

// GoHeldWithin is how long a Go client is held by a server that accepts and says
// nothing (L-G4): ten times its read timeout, 20/3 of T.
func (s Setting) GoHeldWithin() time.Duration { return 10 * (s.Timeout * 2 / 3) }

// KazooLearnsWithin is the same for kazoo, whose attempts may last T and whose wait
// between two cycles has grown to its maximum (L-K5, L-K6).
func (s Setting) KazooLearnsWithin(maxDelay, ask time.Duration) time.Duration {
	return s.learn(s.Timeout, maxDelay*7/5, ask)
}

// LocalExpiry bounds the silence that a Java client from 3.9.3 on has heard when it
// ends its session by itself (Q-12, Q-17; C-22). It tells its application two
// teardowns later (C-20). Others that are cut off for ever are never told.
func (s Setting) LocalExpiry(n int) Range {
	return Range{s.expireLimit(), s.expireLimit() + max(s.connectTimeout(n), teardown+spin+backoff)}
}

// LocalExpiryOfThree is the law of the time from what a client with three addresses has
// heard last until it is told that it has expired by itself, all servers being silent
// and T above 6.6 s. X = R + 2k passes during the second attempt, since that
// begins before, at most 2·(100 + 999) + k after R, and its end is the next look.
func (s Setting) LocalExpiryOfThree() UniformSum {
	return NewUniformSum(s.readTimeout()+2*(teardown+s.connectTimeout(3))+2*teardown, waits(2)...)
}

// LocalExpiryRefused bounds the same where every port is closed, so that no attempt
// takes any time.
func (s Setting) LocalExpiryRefused() Range {
	return Range{s.expireLimit(), s.expireLimit() + teardown + spin + backoff + s.roundTrip()}
}

// RoundOfThree is the law of a client's round through three addresses of which one
// accepts and hangs up, having no leader, and two are silent: from TCP being
// up at the open one to the start of the next attempt there. TCP being up renews what
// the client has heard (C-23), so it expires by itself in the rounds that last X.
func (s Setting) RoundOfThree() UniformSum {
	return NewUniformSum(s.roundTrip()+3*teardown+spin+2*s.connectTimeout(3), waits(3)...)
}

// FirstRoundOfThree is the law of the silence that such a client has heard at the end
// of its first round, which begins when the open server hangs up: what it heard last is
// up to p older than that.
func (s Setting) FirstRoundOfThree() UniformSum {
	return NewUniformSum(3*teardown+spin+2*s.connectTimeout(3), append(waits(3), Span{0, s.period()})...)
}

// ToldAfterMistake is the law of the time from the expiry of a session whose client is
// alive and connected until that is told Expired: its server hears of the close
// commit after the mark and hangs up; the client is told Disconnected, waits, connects
// and shakes hands. wrap says that the list comes round on the way, as with one
// address; ask is how long REVALIDATE takes, there and back.
func (s Setting) ToldAfterMistake(commit time.Duration, wrap bool, ask time.Duration) UniformSum {
	delay := commit + s.FromServer + teardown + 2*s.roundTrip() + ask
	if wrap {
		delay += spin
	}
	return NewUniformSum(delay, waits(1)...)
}

// LocalCanComeFirst says whether a client with local expiry can be told of it before
// the cluster expires its session, in a plain silent cut (Q-23 g): X + 200 against
// T + τ, and h + df more behind a follower. Both go back to one ping: the touch to its
// arrival, the silence to its answer's, d2 later. In every other silent cut the cluster
// comes first.
func (s Setting) LocalCanComeFirst(follower bool) bool {
	latest := s.Timeout + s.Tick
	if follower {
		latest += s.heartbeat() + s.ToLeader
	}
	return s.expireLimit()+2*teardown+s.FromServer < latest
}
