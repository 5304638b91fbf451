package experiments

import (
	"fmt"
	"math"
	"slices"
	"time"

	"zksim/sim"
)

// A Question asks for the smallest session timeout that survives pauses of its client.
type Question struct {
	Pause     string // a duration or a law, as a scenario says it
	Library   string
	Version   string        // empty: the newest
	Servers   int           // voters, and addresses of the client
	Tick      time.Duration // tickTime
	SyncLimit int
	Latency   time.Duration // one way, everywhere
	MaxLoss   float64       // of such pauses, the share that may cost the session; 0: none
	MaxDetect time.Duration // the longest time in which a crash may go unnoticed; 0: any
	Runs      int           // simulated for each timeout
	Seed      uint64
}

// An Option is one timeout, and what it does.
type Option struct {
	Timeout   time.Duration
	Lost      float64 // share of pauses that cost the session, by Q-27; NaN: no closed form
	Share     float64 // the same, or that of the simulated runs
	Simulated Estimate
	Hits      int // of the simulated runs
	// Mean, P99 and Longest are how long a crash goes unnoticed: at the leader, where
	// sessions end soonest, and at a follower, where they end latest.
	Mean, P99, Longest time.Duration
	Survives, Notices  bool // it keeps to MaxLoss, and to MaxDetect
}

// An Advice is the answer.
type Advice struct {
	Question
	Law      *sim.Sampler // of the pause
	Client   string       // "java 3.9.5"
	Least    time.Duration
	Options  []Option // by timeout
	Chosen   int      // which of them; -1: none does both
	Why      string   // why none does
	Warnings []string

	client *sim.Client
}

// step is the distance between the timeouts that are looked at.
const adviceStep = 50 * time.Millisecond

// mostAdvised is the longest timeout that is looked at.
const mostAdvised = time.Hour

// Recommend answers. The client is idle and attached to the leader, which is the worst
// case: behind a follower its last touch is later, not its pause. Interrupted is asked
// between runs. The error is one of the question, or that of interrupted work.
func Recommend(q Question, interrupted func() bool) (*Advice, error) {
	a := &Advice{Question: q, Chosen: -1}
	s, err := q.scenario(10 * time.Second)
	if err != nil {
		return nil, err
	}
	c := &s.Clients[0]
	a.Law = s.Faults[0].For
	a.client = c
	a.Client = c.Library.Name + " " + c.Version
	if q.MaxLoss == 0 && a.Law.NeedsDraw() && a.Law.CDF(float64(mostAdvised)) < 1 {
		return nil, fmt.Errorf("--pause %s: pauses can be longer than %v, and no timeout up to that survives all of them; want --max-loss above 0, or a law with max", q.Pause, mostAdvised)
	}
	if err := a.leastTimeout(interrupted); err != nil {
		return nil, err
	}
	if err := a.tradeOff(interrupted); err != nil {
		return nil, err
	}
	a.choose()
	a.warn()
	return a, nil
}

// setting is that of the closed forms for a timeout.
func (a *Advice) setting(timeout time.Duration) Setting {
	s := Setting{Timeout: timeout, Tick: a.Tick, ToServer: a.Latency, FromServer: a.Latency, ToLeader: a.Latency}
	if l := a.client.Library; l.Name != "java" && l.Name != "curator" {
		s.Library = l
	}
	return s
}

// closed says whether Q-27 has a closed form for the client: not for kazoo before 2.9, and
// for Curator only where the client is back before an injection (L-U3).
func (a *Advice) closed(timeout time.Duration) bool {
	switch l := a.client.Library; l.Name {
	case "kazoo":
		return !l.PingsWhenQuiet
	case "curator":
		return timeout*time.Duration(a.client.Percent)/100 > backoff+spin+7*a.Latency
	}
	return true
}

// lost is the share of pauses that cost the session, by Q-27; NaN where there is no closed
// form.
func (a *Advice) lost(timeout time.Duration) float64 {
	if !a.closed(timeout) {
		return math.NaN()
	}
	w := Waking{Wrap: a.Servers == 1, Learner: a.Servers > 1, Expires: libraryUnder(a.client).LocalExpiry}
	s := a.setting(timeout)
	if !a.Law.NeedsDraw() {
		if w.Pause = a.Law.Sample(0); s.NeverLostByPause(w) {
			return 0
		}
		return max(s.LostByPause(w), hardlyEver)
	}
	if longest, _ := s.pausesThatMatter(w); a.Law.CDF(float64(longest)) >= 1 {
		return 0
	}
	return max(s.LostByPauses(a.Law, w), hardlyEver)
}

// hardlyEver keeps what can happen apart from what cannot, below the last digit of a sum.
const hardlyEver = 1e-15

// leastTimeout finds the least timeout that keeps to MaxLoss: by the closed form, or, where
// there is none, by simulation with the same luck for every timeout.
func (a *Advice) leastTimeout(interrupted func() bool) error {
	survives := func(t time.Duration) (bool, error) {
		if share := a.lost(t); !math.IsNaN(share) {
			return share <= a.MaxLoss, nil
		}
		hits, err := a.simulate(t, interrupted)
		return float64(hits) <= a.MaxLoss*float64(a.Runs), err
	}
	step := adviceStep
	if !a.closed(mostAdvised) {
		step = 5 * adviceStep
	}
	low, high, most := int64(0), int64(20), int64(mostAdvised/step) // from a second on, or five where the runs decide
	for {
		ok, err := survives(time.Duration(high) * step)
		if err != nil {
			return err
		}
		if ok {
			break
		}
		if high == most {
			return nil // none
		}
		low, high = high, min(2*high, most)
	}
	for high-low > 1 {
		mid := (low + high) / 2
		ok, err := survives(time.Duration(mid) * step)
		switch {
		case err != nil:
			return err
		case ok:
			high = mid
		default:
			low = mid
		}
	}
	a.Least = time.Duration(high) * step
	return nil
}

// longestNotice is the longest detection of a crash: that of a client of a follower, or of
// a standalone server.
func (a *Advice) longestNotice(timeout time.Duration) boundedLaw {
	s := a.setting(timeout)
	var parts []Part
	spans, shares := s.ages(0)
	for i, age := range spans {
		sum := NewUniformSum(s.Timeout+s.ToServer, s.bucket(), Span{-age.To, -age.From})
		if a.Servers > 1 {
			sum = NewUniformSum(s.Timeout+s.ToServer+s.ToLeader, s.bucket(), s.report(), Span{-age.To, -age.From})
		}
		parts = append(parts, Part{shares[i], sum})
	}
	return NewMixture(parts...)
}

// tradeOff works out the options around the least timeout.
func (a *Advice) tradeOff(interrupted func() bool) error {
	var timeouts []time.Duration
	add := func(t time.Duration) {
		if t = t / adviceStep * adviceStep; t >= 100*time.Millisecond && t <= mostAdvised {
			timeouts = append(timeouts, t)
		}
	}
	around := a.Least
	if around == 0 {
		around = a.Law.Sample(math.MaxUint64 / 100 * 99)
	}
	for _, tenths := range []time.Duration{5, 6, 7, 8, 9, 12, 15, 20} {
		// Half seconds read better, where there is room for them.
		grain := 500 * time.Millisecond
		if around < 5*time.Second {
			grain = adviceStep
		}
		add((around*tenths/10 + grain/2) / grain * grain)
	}
	add(a.Least)
	if a.MaxDetect > 0 {
		spare := a.longestNotice(mostAdvised).Max() - mostAdvised
		add(a.MaxDetect - spare)
	}
	slices.Sort(timeouts)
	for _, t := range slices.Compact(timeouts) {
		o := Option{Timeout: t}
		hits, err := a.simulate(t, interrupted)
		if err != nil {
			return err
		}
		o.Hits = hits
		o.Simulated = proportion(hits, a.Runs)
		if o.Lost = a.lost(t); !math.IsNaN(o.Lost) {
			o.Share = o.Lost
		} else {
			o.Share = float64(hits) / float64(a.Runs)
		}
		law := a.longestNotice(t)
		o.Mean, o.P99, o.Longest = time.Duration(law.Mean()), time.Duration(law.Quantile(0.99)), law.Max()
		o.Survives = o.Share <= a.MaxLoss
		o.Notices = a.MaxDetect == 0 || o.Longest <= a.MaxDetect
		a.Options = append(a.Options, o)
	}
	return nil
}

// choose takes the least timeout that does both, or says why there is none.
func (a *Advice) choose() {
	for i := range a.Options {
		if o := &a.Options[i]; o.Timeout == a.Least && o.Notices {
			a.Chosen = i
			return
		}
	}
	allowed := percent(a.MaxLoss)
	if a.Least == 0 {
		a.Why = fmt.Sprintf("no timeout up to %v keeps the sessions lost to such pauses to %s", mostAdvised, allowed)
		return
	}
	longest := a.longestNotice(a.Least).Max()
	a.Why = fmt.Sprintf("no timeout does both: sessions lost to such pauses are kept to %s from %v on, and then a crash can go unnoticed for %v; %v allow no more than ",
		allowed, a.Least, rounded(longest), a.MaxDetect)
	for i := len(a.Options) - 1; i >= 0; i-- {
		if o := &a.Options[i]; o.Notices {
			a.Why += fmt.Sprintf("%v, with which %s are lost", o.Timeout, percent(o.Share))
			return
		}
	}
	a.Why += "any timeout gives"
}

func percent(share float64) string {
	if share == 0 {
		return "none"
	}
	return fmt.Sprintf("%.3g %%", 100*share)
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// warn lists what else to know about the least timeout.
func (a *Advice) warn() {
	t := a.Least
	if a.Chosen < 0 || t == 0 {
		return
	}
	say := func(format string, args ...any) { a.Warnings = append(a.Warnings, fmt.Sprintf(format, args...)) }
	e := sim.Ensemble{Tick: a.Tick}
	if granted := e.Negotiated(t); granted != t {
		name := "maxSessionTimeout"
		if granted > t {
			name = "minSessionTimeout"
		}
		say("servers with a tick of %v grant %v instead, unless %s says otherwise (N-1, N-2)", a.Tick, granted, name)
	}
	if a.Servers == 1 {
		waits, rule := "", "C-14"
		switch a.Library {
		case "java", "curator":
			waits, rule = "every reconnect waits 1 s longer, and ", "C-16"
		case "go":
			waits, rule = "every reconnect waits 1 s, and ", "L-G5"
		}
		say("one address: %sthere is no other server to turn to (%s)", waits, rule)
		return
	}
	s, silence := a.setting(t), time.Duration(a.SyncLimit)*a.Tick
	r := s.CutOffFollowerWithin(silence)
	fits := (t - s.heartbeat()*time.Duration(s.pingsBetween()+2)) / a.Tick
	advice := "no syncLimit prevents that"
	if fits >= 1 {
		advice = fmt.Sprintf("syncLimit %d or less rules it out", fits)
	}
	switch {
	case s.CutOffFollowerCertain(silence):
		say("a client of a follower that is cut off outlives its session in every case, by %v to %v: syncLimit·tick is %v (Q-13); %s", rounded(r.Least), rounded(r.Most), silence, advice)
	case !s.CutOffFollowerImpossible(silence):
		say("a client of a follower that is cut off can outlive its session, by up to %v: syncLimit·tick is %v (Q-13); %s", rounded(r.Most), silence, advice)
	}
	const dead = "a dead server next in the list costs "
	switch a.Library {
	case "java", "curator":
		late := s.RescueSpare(1, a.Servers, false, a.Latency).CDF(0)
		say(dead+"T/n = %v and up to 1.1 s of the T/3 that a client which has lost its server has: %s of such sessions are lost (Q-10)",
			s.connectTimeout(a.Servers), percent(late))
	case "c":
		say(dead+"2T/3 = %v, and a client which has lost its server has T/3 (L-C1, Q-10)", rounded(s.readTimeout()))
	case "kazoo":
		say(dead+"T = %v, and a client which has lost its server has T/3 (L-K5, Q-10)", t)
	case "go":
		if t/3 < 2*time.Second {
			say(dead+"1 s, and a client which has lost its server has T/3 = %v (L-G4, Q-10)", rounded(t/3))
		}
	}
}
