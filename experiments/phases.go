//go:build !js

package experiments

import (
	"fmt"
	"strings"
	"time"

	"zksim/sim"
)

// Many scenarios that tell a story set the phases of a recorded run: of the leader's PINGs,
// of a server's buckets, and, with the instants of a session and of a fault, the age of the
// last ping when the fault comes. Their runs are all alike in what depends on these. To
// find the distribution they are drawn: then every run begins in the steady state.

// fixedPhases says which phases are the same in every run, or nothing.
func fixedPhases(s *sim.Scenario) string {
	var fixed []string
	e := &s.Ensemble
	if e.PingPhase != nil && e.Servers > 1 {
		fixed = append(fixed, "the phase of the leader's PINGs")
	}
	for i, c := range e.Clocks {
		if c.Offset != nil {
			fixed = append(fixed, fmt.Sprintf("that of server%d's buckets", i+1))
		}
	}
	if who := struckAt(s); who != nil && s.Faults[0].At != nil && !s.Faults[0].At.NeedsDraw() {
		fixed = append(fixed, fmt.Sprintf("the age of %s's last ping at the fault", who.client.Name))
	}
	if len(fixed) == 0 {
		return ""
	}
	last := len(fixed) - 1
	text := fixed[last]
	if last > 0 {
		text = strings.Join(fixed[:last], ", ") + " and " + text
	}
	return text
}

// struckAt is the client that the first fault names, of clients whose session opens at one
// instant.
func struckAt(s *sim.Scenario) *subject {
	if len(s.Faults) == 0 {
		return nil
	}
	for _, who := range subjectsOf(s) {
		if struck(s, &who) && (who.client.Open == nil || !who.client.Open.NeedsDraw()) {
			return &who
		}
	}
	return nil
}

// freeFault gives the words that let a fault, if it is the only one, come at any instant of
// one period of the pings of the client that it strikes, in a run that is as much longer.
// Several faults keep their distances and their instants.
func freeFault(s *sim.Scenario) []string {
	who := struckAt(s)
	if who == nil || len(s.Faults) != 1 || s.Faults[0].At == nil || s.Faults[0].At.NeedsDraw() {
		return nil
	}
	period := PingPeriod(who.client, &s.Ensemble)
	if period == 0 {
		period = s.Ensemble.Negotiated(who.client.Timeout) / time.Millisecond / 3 * time.Millisecond // kazoo's, by and large
	}
	if every := who.client.ReadEvery; every > 0 {
		period = min(period, every)
	}
	at := s.Faults[0].At.Sample(0)
	return []string{fmt.Sprintf("faults.0.at={uniform: [%v, %v]}", at, at+period), fmt.Sprintf("run=%v", s.Length+period)}
}

// freePhases leaves the phases of ticks and PINGs to chance.
func freePhases(s *sim.Scenario) {
	s.Ensemble.PingPhase = nil
	for i := range s.Ensemble.Clocks {
		s.Ensemble.Clocks[i].Offset = nil
	}
}
