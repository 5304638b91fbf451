package sim

import (
	"fmt"
	"time"
)

// RandomScenario returns the scenario with the given number among all random ones:
// any ensemble, a few clients of any library, a few faults of any kind, drawn laws.
// The same number gives the same scenario as long as the files random*.go stay as they
// are; one that has shown something is kept as YAML (see [Scenario.YAML]). It has
// passed [Scenario.Check].
func RandomScenario(number uint64) *Scenario {
	d := &dice{seed: number}
	s := d.scenario(number)
	if err := s.Check(); err != nil {
		panic(fmt.Sprintf("random scenario %d: %v", number, err))
	}
	d.faults(s)
	return s
}

// dice are the draws that make one random scenario, one after another.
type dice struct {
	seed, thrown uint64
}

func (d *dice) below(n int) int {
	d.thrown++
	return int(Below(Draw(d.seed, 0, PurposeScenario, 0, d.thrown), uint64(n)))
}

// one says yes once in n times.
func (d *dice) one(n int) bool { return d.below(n) == 0 }

// between draws whole milliseconds between two bounds, both included.
func (d *dice) between(least, most int) time.Duration {
	return time.Duration(least+d.below(most-least+1)) * time.Millisecond
}

// ms is between, as often as not in the lowest hundredth, where times collide.
func (d *dice) ms(least, most int) time.Duration {
	if d.one(2) {
		most = least + (most-least+1)/100
	}
	return d.between(least, most)
}

// clock draws a monotonic clock: mostly within a hundredth of the true rate, now and
// then as wrong as a clock may be.
func (d *dice) clock() (c Clock) {
	switch {
	case d.one(20):
		c.PPM = int64(d.below(600_001) - 300_000)
	case d.one(2):
		c.PPM = int64(d.below(20_001) - 10_000)
	}
	if d.one(3) {
		offset := d.ms(0, 10_000_000)
		c.Offset = &offset
	}
	return c
}

// scenario draws one without faults.
func (d *dice) scenario(number uint64) *Scenario {
	s := defaultScenario(fmt.Sprintf("random-%d", number))
	s.Seed = number
	switch d.below(20) {
	case 0, 1, 2, 3:
		s.Length = d.between(1000, 5000)
	case 4:
		s.Length = d.between(60_000, 600_000)
	default:
		s.Length = d.between(5000, 60_000)
	}
	s.FaultsLast = d.one(2)
	d.ensemble(&s.Ensemble)
	s.Network.Clients = d.law(30)
	if s.Ensemble.Servers > 1 {
		s.Network.Servers = d.law(20)
	}
	s.Network.Loss = []float64{0, 0, 0, 0.01, 0.2}[d.below(5)]
	s.Network.OldSYN = d.one(2)
	if d.one(4) {
		s.Network.RTOMin = d.ms(1, 1000)
	}
	s.Resources = []Resource{{Name: "disk", Fencing: d.one(2)}}
	if d.one(4) {
		s.Resources = append(s.Resources, Resource{Name: "tape", Fencing: d.one(2)})
	}
	for i := range 1 + d.below(4) {
		d.client(s, fmt.Sprintf("c%c", 'a'+i))
	}
	s.Length = min(s.Length, patience(s))
	return s
}

// patience is how long a scenario may last, from three seconds on, for a run of it to
// have some tens of thousands of events, by a rough count of what comes how often.
func patience(s *Scenario) time.Duration {
	const events = 60_000
	e := &s.Ensemble
	every := func(period, least time.Duration) int {
		if period == 0 {
			return 0
		}
		return int(time.Second / max(period, least))
	}
	learners := e.Servers + e.Observers - 1
	second := 8 * learners * every(e.Tick, time.Millisecond)
	write := 6 + 6*learners
	turn := time.Millisecond + 2*shortest(s.Network.Clients) + shortest(e.Log)
	low, high := e.limits()
	for i := range s.Clients {
		c := &s.Clients[i]
		second += c.size() * (20*every(min(max(c.Timeout, low), high), time.Millisecond) + 6*every(c.ReadEvery, 0) +
			write*(every(c.WriteEvery, 0)+c.Outstanding*every(turn, 0)) + 4*every(c.ActEvery, 0))
	}
	return max(3*time.Second, events*time.Second/time.Duration(1+second)).Round(time.Millisecond)
}

func (d *dice) ensemble(e *Ensemble) {
	e.Servers = []int{1, 3, 3, 3, 5, 5, 7}[d.below(7)]
	e.Version = []string{newestRelease, oldestServer}[d.below(2)]
	if e.Servers > 1 {
		e.Observers = []int{0, 0, 0, 1, 2}[d.below(5)]
		e.Cold = d.one(4)
		e.InitLimit = 1 + d.below(20)
		e.SyncLimit = 1 + d.below(10)
		if d.one(4) {
			e.ConnectLimit = 1 + d.below(5)
		}
		e.Load = d.law(500)
		if d.one(4) {
			e.LocalSessions, e.LocalUpgrade = true, d.one(2)
		}
		e.ReadOnly = d.one(4)
		e.LeaderIdle = d.one(8)
		if e.Observers > 0 && d.one(2) {
			e.ObserverMaster = 2191
		}
		if !e.Cold && d.one(2) {
			e.Leader = 1 + d.below(e.Servers)
		}
	}
	e.Tick = d.ms(50, 3000)
	if d.one(2) {
		e.Tick = []time.Duration{500, 1000, 2000}[d.below(3)] * time.Millisecond
	}
	if d.one(4) {
		e.MinTimeout = d.ms(1, 5000)
		e.MaxTimeout = e.MinTimeout + d.ms(0, 60_000)
	}
	if half := int(e.Tick/time.Millisecond) / 2; d.one(4) {
		phase := d.ms(0, half-1)
		e.PingPhase = &phase
	}
	e.TouchesFirst = d.one(2)
	e.Startup = d.ms(0, 3000)
	e.Log = d.law(50)
	if d.one(4) {
		e.Backlog = d.below(3)
	}
	if d.one(4) {
		e.IdleCheck = d.ms(100, 10_000)
	}
	if d.one(3) {
		for range e.Servers + e.Observers {
			e.Clocks = append(e.Clocks, d.clock())
		}
		for n := len(e.Clocks); n > 0 && e.Clocks[n-1] == (Clock{}); n-- {
			e.Clocks = e.Clocks[:n-1] // a file does not say what is as it is anyway
		}
	}
}
