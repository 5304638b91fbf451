package conformance

import (
	"hash/fnv"
	"slices"
	"time"

	"zksim/sim"
)

// What a recording leaves open is drawn anew in every simulation of it: the phase
// of the client's pings, the phase of the leader's PINGs (T-17), r of W-1, and
// what the model draws itself, back-offs (C-17) and the order of the address list
// (C-16). Latencies stay the plan's constants: they are milliseconds where the
// phases are hundreds.

// r of W-1 lies in this interval, round trip included.
const (
	freeLeastResend = 206 * time.Millisecond
	freeMostResend  = 219 * time.Millisecond
)

const (
	// touchesWin is how often the touches of clients whose pings waited at a stopped
	// leader itself came before its expiry loop when it ran on (G-5): recorded 13 times of
	// 48. Of 88 sessions that waited for a report of a learner none did.
	touchesWin = 13.0 / 48
	// coldest is the most by which anything between servers comes later once they have
	// lost their leader. They run code then that they have hardly run before. In 68
	// elections recorded the second of two followers looked 8 to 62 ms behind the first's
	// loss, the leader was sure 5 to 33 ms behind the 200 or 400 of F-10 and F-11, and the
	// session was tracked by it 10 to 62 ms behind that, or 100 later (F-13).
	coldest = 15 * time.Millisecond
)

// Purposes of the draws made here, of those that the world leaves free.
const (
	purposePingPhase sim.Purpose = 32 // how much later the client's pings come
	purposeResend    sim.Purpose = 33 // r of W-1
	purposeTie       sim.Purpose = 34 // the place among equal values; the entity is the latency
	purposeSeed      sim.Purpose = 35 // the seed of one recording
	purposeTouches   sim.Purpose = 36 // whether touches win at a leader's waking
)

// freeSeed is the seed of all of it.
const freeSeed = 1

// seedOf is the seed of a recording's simulations. It depends on the recording's
// id alone, so that its ranks do not depend on which others are replayed, and no
// two recordings share their luck.
func seedOf(t *Trace) uint64 {
	h := fnv.New64a()
	h.Write([]byte(t.Header.ID)) // never fails
	return sim.Draw(freeSeed, 0, purposeSeed, 0, h.Sum64())
}

// coldServers is what servers without a leader are late by, as a fault of the links
// between them: from the end of the leader, or for one that is stopped from its last
// PING, for they give it up by that. It is nil where no leader is struck.
func (p *Plan) coldServers() *sim.Fault {
	s := p.Scenario
	for i := range s.Faults {
		f := &s.Faults[i]
		at := f.At.Sample(0)
		switch {
		case f.Kind == sim.FaultKill && f.Between[0] != Victim:
		case f.Kind == sim.FaultPause && f.Between[0] != Victim:
			at -= s.Ensemble.Tick / 2
		case f.Kind == sim.FaultPartition && f.Between[0] == "servers" && f.And[0] == "servers":
		default:
			continue
		}
		return &sim.Fault{Kind: sim.FaultDelay, Between: []string{"servers"}, And: []string{"servers"},
			At: p.constant(max(at-time.Millisecond, 0)), By: p.between(0, coldest), Where: p.Trace.Header.ID + ": cold servers"}
	}
	return nil
}

// redraw is the plan's scenario with what is open drawn for one run.
func (f *freePlan) redraw(run uint32) *sim.Scenario {
	s := *f.plan.Scenario
	s.Ensemble.PingPhase = nil // the world draws it
	s.Clients = slices.Clone(s.Clients)
	client := &s.Clients[0]
	open := client.Open.Sample(0)
	later := f.phase.later(sim.Draw(f.seed, run, purposePingPhase, 0, 0))
	if open >= f.phase.period {
		later -= f.phase.period // the same phase, with one ping more before the fault
	}
	client.Open = f.plan.constant(open + later)
	width := uint64((freeMostResend - freeLeastResend) / time.Microsecond)
	r := freeLeastResend + time.Duration(sim.Below(sim.Draw(f.seed, run, purposeResend, 0, 0), width+1))*time.Microsecond
	s.Network.RTOMin += r - resend // the plan's is that of the median r
	if client.Attach == s.Ensemble.Leader {
		s.Ensemble.TouchesFirst = sim.Unit(sim.Draw(f.seed, run, purposeTouches, 0, 0)) < f.touchesWin
	}
	if f.cold != nil {
		s.Faults = append(slices.Clip(s.Faults), *f.cold)
	}
	return &s
}
