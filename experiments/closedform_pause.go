package experiments

import "time"

// A Waking is a pause of a Java client's process, and how the client comes back.
type Waking struct {
	Pause time.Duration
	// Wrap: the way back goes round the list of addresses, as with one address, and costs
	// a second more (C-16, C-36).
	Wrap bool
	// Follower: it was attached to a follower when the pause began.
	Follower bool
	// Learner: the server that it comes back to has to ask the leader (V-5).
	Learner bool
	// Expires: the client has an expiry of its own (C-20).
	Expires bool
}

// back is the time from the end of the pause until the leader hears of the client, less
// the random wait.
func (s Setting) back(w Waking) time.Duration {
	d := teardown + s.roundTrip() + s.ToServer
	if w.Wrap {
		d += spin
	}
	if w.Learner {
		d += s.ToLeader
	}
	return d
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
	return s.readTimeout() >= w.Pause && s.givesUp(w) >= s.period()
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

// LostByPause is the probability that the pause costs an idle client its session.
func (s Setting) LostByPause(w Waking) float64 {
	if s.goesOn(w) {
		return 0
	}
	from := s.givesUp(w)
	late := []Span{{from, s.period()}, {0, backoff}}
	cluster, own := s.limits(w)
	extra := NewUniformSum(0, s.extra(w)...)
	var lost float64
	if !w.Expires || own >= cluster+extra.Max() {
		for _, e := range s.extra(w) {
			late = append(late, Span{-e.To, -e.From})
		}
		lost = 1 - NewUniformSum(0, late...).CDF(float64(cluster))
	} else {
		// Either limit does it: the mean over the session's extra time.
		const steps = 100
		sum := NewUniformSum(0, late...)
		for i := range steps {
			v := extra.Quantile((float64(i) + 0.5) / steps)
			lost += (1 - sum.CDF(min(float64(cluster)+v, float64(own)))) / steps
		}
	}
	return lost * float64(s.period()-from) / float64(s.period())
}

// NeverLostByPause says whether it never does.
func (s Setting) NeverLostByPause(w Waking) bool {
	cluster, own := s.limits(w)
	longest := s.period() + backoff
	return s.goesOn(w) || longest <= cluster && (!w.Expires || longest <= own)
}

// pausesThatMatter lie between the longest that costs no session and the shortest that
// costs every one.
func (s Setting) pausesThatMatter(w Waking) (longest, shortest time.Duration) {
	w.Pause = 0
	cluster, own := s.limits(w)
	longest = cluster - s.period() - backoff
	if w.Expires {
		longest = min(longest, own-s.period()-backoff)
	}
	// Below it a client that has not been silent for R goes on in any case.
	longest = max(longest, s.readTimeout()+s.roundTrip()-s.period())
	return longest, max(cluster+NewUniformSum(0, s.extra(w)...).Max(), s.readTimeout()+s.roundTrip())
}

// A durationLaw is the distribution function of a duration, such as that of a sampler.
type durationLaw interface{ CDF(x float64) float64 }

// LostByPauses is the same for pauses that follow a law, one of them: the mean over it,
// by steps between the pauses that cost nothing and those that cost everything.
func (s Setting) LostByPauses(law durationLaw, w Waking) float64 {
	longest, shortest := s.pausesThatMatter(w)
	const steps = 500
	lost := 1 - law.CDF(float64(shortest))
	before := law.CDF(float64(longest))
	for i := range steps {
		to := longest + (shortest-longest)*time.Duration(i+1)/steps
		until := law.CDF(float64(to))
		if until > before {
			w.Pause = longest + (shortest-longest)*time.Duration(2*i+1)/(2*steps)
			lost += (until - before) * s.LostByPause(w)
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
