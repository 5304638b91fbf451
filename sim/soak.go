package sim

import (
	"fmt"
	"time"

	"zksim/clock"
)

const (
	// restsOfRun is how often a run that is played to its end is looked at while nothing
	// is half done.
	restsOfRun = 16
	// maxAtOnce bounds the events of a soaked run's single instant: more means that it
	// goes round in circles.
	maxAtOnce = 4 << 20
	// maxSoaked bounds the events of a soaked run: many times more than any random
	// scenario takes.
	maxSoaked = 64 << 20
)

// RunToEnd is [World.Run] to the end of the scenario. On the way the world comes to rest
// a few times, at instants that the scenario alone decides, for a [Checker] to look at it:
// whoever plays the scenario so sees the same invariant break at the same place.
func (w *World) RunToEnd(interrupted func() bool) (sum Summary, err error) {
	for i := clock.Instant(1); i <= restsOfRun && err == nil; i++ {
		sum, err = w.Run(clock.Instant(w.scenario.Length)*i/restsOfRun, interrupted)
	}
	return sum, err
}

// PlayChecked plays a scenario to its end, with every invariant of [Checks] watched, and
// with bounds on the events at one instant and in all. The error is a [Violation], one of
// [World.Run], or a panic. Interrupted is as there.
func PlayChecked(s *Scenario, seed uint64, run uint32, interrupted func() bool) (sum Summary, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s, seed %d: panic: %v", s.Name, seed, p)
		}
	}()
	w, err := New(s, seed, run, new(Checker))
	if err != nil {
		return sum, err
	}
	stuck, since := 0, clock.Instant(-1)
	lookUp := func() bool {
		if w.now != since {
			stuck, since = 0, w.now
		}
		stuck += lookUpEvery
		return stuck > maxAtOnce || w.events > maxSoaked || interrupted != nil && interrupted()
	}
	sum, err = w.RunToEnd(lookUp)
	switch {
	case stuck > maxAtOnce:
		err = fmt.Errorf("%s, seed %d: more than %d events at %v", s.Name, seed, maxAtOnce, since)
	case sum.Events > maxSoaked:
		err = fmt.Errorf("%s, seed %d: more than %d events", s.Name, seed, maxSoaked)
	}
	return sum, err
}

// Shrink takes away from a scenario what it does not need to go wrong: faults, clients,
// options and time. Wrong says whether a scenario still does; it is asked often. The
// scenario itself stays as it is.
func Shrink(s *Scenario, wrong func(*Scenario) bool) *Scenario {
	least := *s
	// try keeps a smaller scenario if it is sound and goes wrong.
	try := func(edit func(c *Scenario)) bool {
		c := least
		c.Clients = append([]Client(nil), least.Clients...)
		c.Faults = append([]Fault(nil), least.Faults...)
		if edit(&c); c.Check() != nil || !wrong(&c) {
			return false
		}
		least = c
		return true
	}
	initial := defaultScenario("")
	for again := true; again; {
		again = false
		for i := len(least.Faults) - 1; i >= 0; i-- {
			again = try(func(c *Scenario) { c.Faults = append(c.Faults[:i], c.Faults[i+1:]...) }) || again
		}
		for i := len(least.Clients) - 1; i >= 0 && len(least.Clients) > 1; i-- {
			again = try(func(c *Scenario) { c.Clients = append(c.Clients[:i], c.Clients[i+1:]...) }) || again
		}
		for least.Length > time.Second && try(func(c *Scenario) { c.Length = (c.Length / 2).Round(time.Millisecond) }) {
			again = true
		}
	}
	for i := range least.Clients {
		plain := defaultClient(least.Clients[i].Name)
		for _, edit := range []func(c *Client){
			func(c *Client) { c.Count = 1 },
			func(c *Client) { c.ReadEvery = 0 },
			func(c *Client) { c.WriteEvery, c.Outstanding = 0, 0 },
			func(c *Client) { c.ActsOn, c.ActEvery = "", 0 },
			func(c *Client) { c.Close = nil },
			func(c *Client) { c.Callback = 0 },
			func(c *Client) { c.Watches, c.Lasting = "", false },
			func(c *Client) { c.Owns, c.Recipe, c.Stops = "", plain.Recipe, nil },
			func(c *Client) { name := c.Name; *c = plain; c.Name = name },
		} {
			try(func(c *Scenario) { edit(&c.Clients[i]) })
		}
	}
	for _, edit := range []func(c *Scenario){
		func(c *Scenario) { c.Resources = nil },
		func(c *Scenario) { c.FaultsLast = false },
		func(c *Scenario) { c.Network.Loss = 0 },
		func(c *Scenario) { c.Network.OldSYN = false },
		func(c *Scenario) { c.Network = initial.Network },
		func(c *Scenario) { c.Ensemble.Observers = 0 },
		func(c *Scenario) { c.Ensemble.Clocks = nil },
		func(c *Scenario) { c.Ensemble.LocalSessions, c.Ensemble.LocalUpgrade = false, false },
		func(c *Scenario) { c.Ensemble.ReadOnly = false },
		func(c *Scenario) { c.Ensemble.LeaderIdle = false },
		func(c *Scenario) { c.Ensemble.TouchesFirst = false },
		func(c *Scenario) { c.Ensemble.IdleCheck = initial.Ensemble.IdleCheck },
		func(c *Scenario) { c.Ensemble.Backlog = initial.Ensemble.Backlog },
		func(c *Scenario) { c.Ensemble.Log, c.Ensemble.Load = initial.Ensemble.Log, initial.Ensemble.Load },
		func(c *Scenario) { c.Ensemble.InitLimit, c.Ensemble.ConnectLimit = initial.Ensemble.InitLimit, 0 },
		func(c *Scenario) { c.Ensemble.SyncLimit = initial.Ensemble.SyncLimit },
		func(c *Scenario) { c.Ensemble.Tick = initial.Ensemble.Tick },
		func(c *Scenario) { c.Ensemble.Startup = 0 },
	} {
		try(edit)
	}
	return &least
}
