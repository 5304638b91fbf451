package conformance

import (
	"errors"
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// An anchor is what the phase of the client's pings is read off: its last ping
// that was answered before the first fault, or its first use of the session if
// there was none. From there on the model's client sends by rule C-9a.
//
// The last ping serves better than the first because a real client's period is
// p and one to four milliseconds, and because its latency is the one in force
// when the fault strikes: early answers wait for a virtual machine that is still
// compiling.
type anchor struct {
	kind   model.Kind // KindPing, or KindRequest for the first use
	sent   int64      // ns of the recording's clock
	oneWay time.Duration
}

func findAnchor(t *Trace, until int64) (anchor, error) {
	var reply *Event
	least, ready := time.Duration(Absent), int64(Absent)
	sent := int64(Absent) // of the last ping that has no round trip
	for i := range t.Events {
		e := &t.Events[i]
		if e.T >= until {
			break
		}
		if e.Ev == EvPingProcessed && e.NodeID() == t.Header.Client.AttachedServer && !tellsOfPings(t) {
			sent = e.T - int64(leastLatency)
		}
		if e.Class() != ClassClient {
			continue
		}
		switch {
		case e.Ev == EvPing:
			sent = e.T
		case e.Ev == EvReady:
			ready = e.T
		case e.Ev == EvPingReply && e.RTTms != Absent:
			reply = e
			if least == Absent || roundTrip(e) < least {
				least = roundTrip(e)
			}
		}
	}
	switch {
	case reply != nil:
		return anchorAt(t, reply, least), nil
	case sent != Absent:
		return anchor{model.KindPing, sent, 5 * leastLatency}, nil
	case ready != Absent:
		return anchor{model.KindRequest, ready - int64(2*leastLatency), leastLatency}, nil
	}
	return anchor{}, errors.New("no ping is answered and no first use recorded before the first fault: want one, for the phase of the client's pings")
}

// tellsOfPings says whether the client of a recording tells of its pings itself;
// otherwise its server does.
func tellsOfPings(t *Trace) bool {
	row, _ := ledLibraryOf(&t.Header.Client)
	return row != nil && row.pings != pingsByServer && !t.ofMany
}

// stalled is how far a round trip may lie above the least to be the network's.
// Beyond, the machine was busy with something else.
const stalled = 10 * time.Millisecond

// anchorAt reads off one answered ping. A stalled one says little about when it
// was sent; when it came is recorded then.
func anchorAt(t *Trace, reply *Event, least time.Duration) anchor {
	rtt := roundTrip(reply)
	a := anchor{kind: model.KindPing, sent: reply.T - int64(rtt)}
	if rtt > least+stalled {
		rtt = least
		a.sent = reply.T - int64(rtt)
		if came, ok := pingCame(t, reply); ok {
			a.sent = came - int64(rtt/2)
		}
	}
	a.oneWay = max(rtt/2, leastLatency).Round(time.Microsecond)
	return a
}

// roundTrip is that of an answered ping. The client cuts it off to whole
// milliseconds, so half a millisecond is missing on average.
func roundTrip(reply *Event) time.Duration {
	return milliseconds(reply.RTTms) + time.Millisecond/2
}

// pingCame is when the server took in the ping that was answered by reply.
func pingCame(t *Trace, reply *Event) (int64, bool) {
	kind := EvPingProcessed
	if t.Header.Client.AttachedServer == t.LeaderAtStart() {
		kind = EvTouch // recorded before the pipeline, where the leader has one
	}
	came, ok := int64(Absent), false
	for i := range t.Events {
		e := &t.Events[i]
		if e.T > reply.T {
			break
		}
		if e.Ev == kind && e.Class() == ClassServer && e.NodeID() == t.Header.Client.AttachedServer {
			came, ok = e.T, e.T >= reply.T-int64(roundTrip(reply)+time.Millisecond)
		}
	}
	return came, ok
}

// say puts the anchor in words; at is its instant from the first fault.
func (a *anchor) say(at time.Duration) string {
	what := "last ping before the fault"
	if a.kind == model.KindRequest {
		what = "first use of the session"
	}
	return fmt.Sprintf("client's pings set by its %s, sent at %.3f s; one way %g ms", what, at.Seconds(), float64(a.oneWay)/float64(time.Millisecond))
}

// setPhase chooses when the client opens, so that the model's client sends its
// anchor when the recorded one did. How long start-up takes is the model's
// business, so a trial run tells how far off it is. One correction is exact up to
// the milliseconds in which the client counts; a second takes out their rounding.
func (p *Plan) setPhase(a anchor) error {
	want := p.Instant(a.sent)
	client := &p.Scenario.Clients[0]
	open := time.Second
	const trials = 3
	for range trials {
		client.Open = p.constant(open)
		sent, err := p.sends(a.kind, want.Add(time.Second))
		if err != nil {
			return err
		}
		near, ok := nearestInstant(sent, want)
		if !ok {
			return errors.New("the model's client sends nothing before the first fault")
		}
		if near == want {
			break
		}
		open = (open + want.Sub(near)).Round(time.Microsecond)
		if open < 0 {
			return fmt.Errorf("the run would have to open %v before its start", -open)
		}
	}
	client.Open = p.constant(open)
	return nil
}

// sends are the instants at which the model's client sends something of a kind.
// The faults are left out: an anchor lies before them.
func (p *Plan) sends(kind model.Kind, until clock.Instant) ([]clock.Instant, error) {
	quiet := *p.Scenario
	quiet.Faults = nil
	s := sends{kind: kind, node: model.NodeID(quiet.Ensemble.Servers)}
	w, err := sim.New(&quiet, quiet.Seed, 0, &s)
	if err != nil {
		return nil, err
	}
	if _, err := w.Run(until, nil); err != nil {
		return nil, err
	}
	return s.at, nil
}

type sends struct {
	kind model.Kind
	node model.NodeID
	at   []clock.Instant
}

func (s *sends) Record(r *sim.Record) {
	if r.Kind == s.kind && r.Node == s.node {
		s.at = append(s.at, r.At)
	}
}

func nearestInstant(all []clock.Instant, want clock.Instant) (clock.Instant, bool) {
	best, found := clock.Never, false
	for _, at := range all {
		if !found || at.Sub(want).Abs() < best.Sub(want).Abs() {
			best, found = at, true
		}
	}
	return best, found
}
