package experiments

import "time"

// A Waking is a pause of a client's process, and how the client comes back: a Java
// client, or one of C, Go or kazoo from 2.9 on, which are quicker.
type Waking struct {
	Pause time.Duration
	// Wrap: the way back of a Java client goes round the list of addresses, as with one
	// address, and costs a second more (C-16, C-36).
	Wrap bool
	// Follower: it was attached to a follower when the pause began. Of clients that ping on
	// waking there is no law then, since that ping waits for a report as well.
	Follower bool
	// Learner: the server that it comes back to has to ask the leader (V-5).
	Learner bool
	// Expires: the client has an expiry of its own (C-20).
	Expires bool
}

// pingsOnWaking says whether the client pings on waking, on the connection that it has:
// kazoo, which looks at no silence (L-K2, L-K3), and Go, whose ticker is due before its
// read deadline (L-G2, L-G3).
func (s Setting) pingsOnWaking() bool { return s.name() == "kazoo" || s.name() == "go" }

// back is the time from the end of the pause until the leader hears of the client, less
// the random wait. A C client tries another server at once (L-C4; its cursor is not at the
// end of the list when a first connection is lost, L-C5).
func (s Setting) back(w Waking) time.Duration {
	if s.pingsOnWaking() {
		return s.ToServer
	}
	d := s.toldAfter() + s.roundTrip() + s.ToServer
	if w.Wrap && s.name() == "java" {
		d += spin
	}
	if w.Learner {
		d += s.ToLeader
	}
	return d
}

// longestWait is the longest random wait before an attempt, which Java alone has (C-17).
func (s Setting) longestWait() time.Duration {
	if s.name() == "java" {
		return backoff
	}
	return 0
}

// left is the least of the session's time that is left when the pause begins, the age of
// the last ping not counted.
func (s Setting) left(w Waking) time.Duration {
	if w.Follower {
		return s.Timeout + s.ToServer + s.ToLeader
	}
	return s.Timeout + s.ToServer
}

// extra is u of Q-27, and w behind a follower.
func (s Setting) extra(w Waking) []Span {
	if w.Follower {
		return []Span{s.bucket(), s.report()}
	}
	return []Span{s.bucket()}
}

// givesUp is the age of the last ping from which on a client gives up its connection on
// waking: with less it has not been silent for R (G-1). It is p or more where it never
// does.
func (s Setting) givesUp(w Waking) time.Duration {
	return max(s.readTimeout()+s.roundTrip()-w.Pause, 0)
}

// goesOn says whether a client wakes to a connection that is good in any case.
func (s Setting) goesOn(w Waking) bool {
	return !s.pingsOnWaking() && s.readTimeout() >= w.Pause && s.givesUp(w) >= s.period()
}

// limits are the two sums that cost a session: a + b beyond own is the client giving
// itself up before it has asked anybody, and a + b − u beyond cluster is the cluster.
func (s Setting) limits(w Waking) (cluster, own time.Duration) {
	cluster = s.left(w) - w.Pause - s.back(w)
	own = s.expireLimit() + s.roundTrip() - w.Pause - teardown
	if w.Wrap {
		own -= spin
	}
	return cluster, own
}

// oldest is the greatest age of the last ping: p, of kazoo the ten milliseconds less that
// its jitter is at least (L-K2).
func (s Setting) oldest() time.Duration {
	if s.name() == "kazoo" {
		return s.Timeout/3 - kazooJitter
	}
	return s.period()
}

// kazooJitter is the step of the jitter by which kazoo pings early: 1 to 40 of them (L-K1).
const kazooJitter = 10 * time.Millisecond

// ages are the laws of the age of the last ping that has been answered, each with its
// share, from an age on: a client pings at equal distances, kazoo at one of 40. A fault
// meets the longer of them more often.
func (s Setting) ages(from time.Duration) (spans []Span, shares []float64) {
	if s.name() != "kazoo" {
		return []Span{{from, s.period()}}, []float64{float64(s.period()-from) / float64(s.period())}
	}
	sum := 0.0
	for j := time.Duration(1); j <= 40; j++ {
		p := max(s.Timeout/3-j*kazooJitter, 0)
		spans, shares = append(spans, Span{0, p}), append(shares, float64(p))
		sum += float64(p)
	}
	for i := range shares {
		shares[i] /= sum
	}
	return spans, shares
}

// LostByPause is the probability that the pause costs an idle client its session.
func (s Setting) LostByPause(w Waking) float64 { return s.lostByPause(w, s.extras(w)) }

// extras are quantiles of the session's extra time, for the means over it.
func (s Setting) extras(w Waking) []float64 {
	const steps = 100
	extra := NewUniformSum(0, s.extra(w)...)
	all := make([]float64, steps)
	for i := range all {
		all[i] = extra.Quantile((float64(i) + 0.5) / steps)
	}
	return all
}

func (s Setting) lostByPause(w Waking, extras []float64) float64 {
	if s.goesOn(w) {
		return 0
	}
	from := time.Duration(0)
	if !s.pingsOnWaking() {
		from = s.givesUp(w)
	}
	cluster, own := s.limits(w)
	mostExtra := NewUniformSum(0, s.extra(w)...).Max()
	lost := 0.0
	spans, shares := s.ages(from)
	for i, age := range spans {
		late := []Span{age, {0, s.longestWait()}}
		if !w.Expires || own >= cluster+mostExtra {
			for _, e := range s.extra(w) {
				late = append(late, Span{-e.To, -e.From})
			}
			lost += shares[i] * (1 - NewUniformSum(0, late...).CDF(float64(cluster)))
			continue
		}
		// Either limit does it: the mean over the session's extra time.
		sum := NewUniformSum(0, late...)
		for _, v := range extras {
			lost += shares[i] * (1 - sum.CDF(min(float64(cluster)+v, float64(own)))) / float64(len(extras))
		}
	}
	return lost
}

// NeverLostByPause says whether it never does.
func (s Setting) NeverLostByPause(w Waking) bool {
	cluster, own := s.limits(w)
	longest := s.oldest() + s.longestWait()
	return s.goesOn(w) || longest <= cluster && (!w.Expires || longest <= own)
}

// pausesThatMatter lie between the longest that costs no session and the shortest that
// costs every one.
func (s Setting) pausesThatMatter(w Waking) (longest, shortest time.Duration) {
	w.Pause = 0
	cluster, own := s.limits(w)
	longest = cluster - s.oldest() - s.longestWait()
	if w.Expires {
		longest = min(longest, own-s.oldest()-s.longestWait())
	}
	shortest = cluster + NewUniformSum(0, s.extra(w)...).Max()
	if s.pingsOnWaking() {
		return longest, shortest
	}
	// Below it a client that has not been silent for R goes on in any case.
	longest = max(longest, s.readTimeout()+s.roundTrip()-s.period())
	return longest, max(shortest, s.readTimeout()+s.roundTrip())
}

// A durationLaw is the distribution function of a duration, such as that of a sampler.
type durationLaw interface{ CDF(x float64) float64 }

// LostByPauses is the same for pauses that follow a law, one of them: the mean over it,
// by steps between the pauses that cost nothing and those that cost everything.
func (s Setting) LostByPauses(law durationLaw, w Waking) float64 {
	longest, shortest := s.pausesThatMatter(w)
	const steps = 500
	extras := s.extras(w)
	lost := 1 - law.CDF(float64(shortest))
	before := law.CDF(float64(longest))
	for i := range steps {
		to := longest + (shortest-longest)*time.Duration(i+1)/steps
		until := law.CDF(float64(to))
		if until > before {
			w.Pause = longest + (shortest-longest)*time.Duration(2*i+1)/(2*steps)
			lost += (until - before) * s.lostByPause(w, extras)
		}
		before = until
	}
	return min(lost, 1)
}

// SafeTimeout is the least timeout, in whole milliseconds, with which a pause of this
// length is never the end of a session: about 3/2·(D + 1099 ms), and 3/2·1000 ms
// more where the list wraps.
func (s Setting) SafeTimeout(w Waking) time.Duration {
	low, high := time.Duration(0), time.Duration(1) // in ms
	never := func(ms time.Duration) bool {
		s.Timeout = ms * time.Millisecond
		return s.NeverLostByPause(w)
	}
	for !never(high) {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if mid := (low + high) / 2; never(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high * time.Millisecond
}
