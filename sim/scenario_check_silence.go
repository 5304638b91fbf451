package sim

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"zksim/model"
)

// A patience is what decides whether leader and learners outlast a fault between
// them: how long they bear silence, and what makes it last. Every value errs on
// the side of an election.
type patience struct {
	limit      time.Duration // shortest syncLimit on any server's clock (F-1, F-5)
	ping       time.Duration // longest time between two PINGs (T-17)
	latency    time.Duration // longest, one way
	rtoA, rtoB time.Duration // least and greatest retransmission time (W-1)
}

// patience works out how long the servers bear each other's silence.
func (s *Scenario) patience() patience {
	e := &s.Ensemble
	slow, fast := int64(0), int64(0) // extreme rates of the servers' clocks
	for i := range e.Clocks {
		slow, fast = min(slow, e.Clocks[i].PPM), max(fast, e.Clocks[i].PPM)
	}
	stretch := func(d time.Duration, ppm int64) time.Duration {
		return time.Duration(float64(d) / (1 + float64(ppm)/1e6))
	}
	p := patience{limit: stretch(e.sync(), fast), ping: stretch(e.Tick/2, slow)}
	if n := s.Network.Servers; n != nil {
		// A law may have no greatest value; what is rarer than one in a million is
		// left to the run.
		p.latency = n.Sample(math.MaxUint64 - math.MaxUint64/1_000_000)
		p.rtoA = s.Network.RTOMin + 2*shortest(n)
	}
	p.rtoB = s.Network.RTOMin + 2*p.latency
	return p
}

// rounding covers what whole milliseconds add: the two ends of a silence.
const rounding = 2 * time.Millisecond

// resumes is how long after the beginning of a cut of the given length what was
// lost in it is through again. What was lost is sent again r, 2r, 4r, 8r after it
// was first sent, so the repetition that finds the cut healed may come late
// (W-1). The first loss is taken to come within one PING of the cut; a learner
// that sends nothing until then, and something later, is left to the run.
func (p *patience) resumes(cut time.Duration) time.Duration {
	// What was on its way when the cut began counts from when it was sent (W-3).
	reach, failed := cut+p.latency, time.Duration(0) // the last repetition in vain
	for a, b := p.rtoA, p.rtoB; a < reach && a > 0 && a < math.MaxInt64/4; a, b = 2*a, 2*b {
		failed = max(failed, min(b, reach))
	}
	next := max(p.rtoB, 2*failed)
	return min(p.ping+next, cut+max(p.rtoB, failed)) + 2*p.latency
}

// silence is the longest silence that a cut of the given length can bring: the
// last packet before it may be one PING old.
func (p *patience) silence(cut time.Duration) time.Duration {
	return p.resumes(cut) + p.ping + rounding
}

// paused is the longest silence for a pause of one side: nothing is lost.
func (p *patience) paused(pause time.Duration) time.Duration {
	return pause + p.ping + 2*p.latency + rounding
}

// delayed is the same for a delay in both directions: PING and its answer.
func (p *patience) delayed(by time.Duration) time.Duration { return p.paused(2 * by) }

// atMost is the longest duration in whole milliseconds, or in hundredths of a
// second where there are many, whose silence the servers bear; 0 if there is
// none. The silence never decreases with the duration.
func (p *patience) atMost(silence func(time.Duration) time.Duration) time.Duration {
	low, high := int64(0), int64(p.limit/time.Millisecond)+1
	for high-low > 1 {
		if mid := (low + high) / 2; silence(time.Duration(mid)*time.Millisecond) < p.limit {
			low = mid
		} else {
			high = mid
		}
	}
	if low >= 1000 {
		low -= low % 10
	}
	return time.Duration(low) * time.Millisecond
}

// wantAtMost says what would be right, for a message.
func (p *patience) wantAtMost(key string, silence func(time.Duration) time.Duration) string {
	if most := p.atMost(silence); most > 0 {
		return fmt.Sprintf("want %s: %s at most", key, brief(most))
	}
	return "with this syncLimit no " + key + " is short enough"
}

// A cut is a fault of known times in which leader and learners hear nothing of
// each other.
type cut struct {
	from, to time.Duration
	learners []struck // the sides opposite the leader
	path     string   // of the fault
	kind     string   // and of its kind
	where    string
}

// leaderCut notes a cut that is harmless alone, to be judged with the others.
// One whose times are drawn or wait for something is judged alone only.
func (c *checker) leaderCut(path, kind string, f *Fault, a, b *struck) {
	if f.At == nil || f.At.NeedsDraw() {
		return
	}
	from := f.At.Sample(0)
	k := cut{from: from, to: from + longest(f.For), path: path, kind: kind, where: f.Where}
	if a.has(c.roster.leaderNode()) {
		k.learners = append(k.learners, *b)
	}
	if b.has(c.roster.leaderNode()) {
		k.learners = append(k.learners, *a)
	}
	c.cuts = append(c.cuts, k)
}

// unions refuses cuts between the leader and one learner that are short enough
// one by one, and too long together: one begins before what the other has lost
// is surely through.
func (c *checker) unions() {
	if len(c.cuts) < 2 {
		return
	}
	slices.SortStableFunc(c.cuts, func(a, b cut) int { return cmp.Compare(a.from, b.from) })
	p, leader := c.s.patience(), c.roster.leaderNode()
	refused := map[string]bool{}
	for n := range model.NodeID(c.roster.servers) {
		if n == leader {
			continue
		}
		var from, to time.Duration
		var first *cut
		for i := range c.cuts {
			k := &c.cuts[i]
			if !slices.ContainsFunc(k.learners, func(t struck) bool { return t.has(n) }) {
				continue
			}
			if first == nil || k.from > from+p.resumes(to-from) {
				first, from, to = k, k.from, k.to
				continue
			}
			to = max(to, k.to)
			if p.silence(to-from) < p.limit || refused[k.path] {
				continue
			}
			refused[k.path] = true
			c.file = k.where
			before := first.path
			if first.where != "" && !strings.HasPrefix(first.where, "--set") {
				before += " (" + first.where + ")"
			}
			c.report(k.kind, fmt.Sprintf("the leader (server %d) and server %d hear nothing of each other from %s to %s, together with %s, and then until TCP sends again (W-1): with a syncLimit of %s that needs an election (F-1), which this version does not model; %s, or other times",
				leader+1, n+1, brief(from), brief(to), before, brief(c.s.Ensemble.sync()), p.wantAtMost("together", p.silence)),
				"ensemble.servers", "ensemble.observers", "ensemble.leader", "ensemble.tickTime", "ensemble.syncLimit", "ensemble.clocks",
				"network.servers", "network.rto_min", k.path+".at", k.path+".for", first.path+".at", first.path+".for")
		}
	}
	c.file = ""
}
