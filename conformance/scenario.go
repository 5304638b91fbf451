package conformance

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// Names in the scenario of a recording. The observer attached to server 2 is
// called observer2, as in the recording.
const (
	Victim     = "victim"  // the client under test
	VictimPath = "/victim" // the ephemeral node that it owns and the observers watch
	observer   = "observer"
)

// What the scenario of a recording assumes where the recording cannot say it.
const (
	// serverLatency is one way between two servers. All hosts of a recording are
	// network namespaces of one machine; what this stands for is mostly threads
	// waking each other.
	serverLatency = 300 * time.Microsecond
	// leastLatency bounds what is made of round trips recorded as 0 ms.
	leastLatency = 100 * time.Microsecond
	// idleCheck is ZooKeeper's default for what recordings do not state (H-2).
	idleCheck = 10 * time.Second
	// resend is r of W-1, round trip included: the median of what the recordings of
	// S4 show between a lost ping and its first arrival after the heal, divided by
	// the power of two. They range from 207 to 215 ms.
	resend = 210 * time.Millisecond
	// warmUp is how many pings the run plays before the one it is set by. The
	// cluster looks no further back than to the last touch (T-3), which is at most
	// a ping and a half tick old.
	warmUp = 3
	// observerVersion is the Java client of the lab's observers.
	observerVersion = "3.8.0"
	// aftermath is how long the run goes on behind the end of the recording.
	aftermath = time.Second
)

// A Plan is a recording made playable: a scenario, and how its time maps to the
// recording's.
//
// Everything that a rule predicts is left to the model. Taken from the recording
// are the configuration and the faults, and from before the first fault what no
// rule predicts: the phases of the clocks, of the leader's PINGs and of the
// client's pings, and the latency.
type Plan struct {
	Trace    *Trace
	Scenario *sim.Scenario
	// Shift is the recording's clock, in ns, at the run's instant zero.
	Shift int64
	// Zero is the instant from which the first fault is in force: zero of every
	// display.
	Zero clock.Instant
	// Inputs says in words what was read off the recording, for display.
	Inputs []string

	bad error // the first duration that no law can have
}

// Instant is the run's instant for one of the recording's clock, in ns.
func (p *Plan) Instant(t int64) clock.Instant { return clock.Instant(t - p.Shift) }

// healed is when the first fault ends, Never if it lasts.
func (p *Plan) healed() clock.Instant {
	if f := p.Trace.Faults()[0]; f.Healed != Absent {
		return p.Instant(f.Healed)
	}
	return clock.Never
}

// Scenario makes a recording of a Java client playable, for a run to be shown
// beside it ([Plan.Compare]). The error says what in the recording is beyond the
// model.
func Scenario(t *Trace) (*Plan, error) {
	if c := &t.Header.Client; t.Header.Session != manySessions && c.Library != "java" && c.Library != "java39" {
		return nil, fmt.Errorf("recording %s: its client is %q: want java or java39, the only libraries that a run is compared with event by event",
			t.Header.ID, clip(c.Library))
	}
	return planOf(t)
}

// planOf makes a recording of any library playable.
func planOf(t *Trace) (*Plan, error) {
	p, err := newPlan(t)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", t.Header.ID, err)
	}
	return p, nil
}

func newPlan(t *Trace) (*Plan, error) {
	h := &t.Header
	if h.Session == manySessions || h.Client.AttachedServer == 0 {
		return nil, fmt.Errorf("it has %d clients: want a recording of one", max(len(h.Sessions), h.ClientsInParallel))
	}
	leader := t.LeaderAtStart()
	if leader == 0 {
		return nil, errors.New("its header names no leader: want roles_at_start with one")
	}
	if err := playable(h); err != nil {
		return nil, err
	}
	c, err := clientOf(&h.Client)
	if err != nil {
		return nil, err
	}
	faults := t.Faults()
	if len(t.Events) == 0 || len(faults) == 0 || faults[0].At == Absent {
		return nil, errors.New("it has no fault with a beginning: want one, to set the run by")
	}
	a, err := findAnchor(t, faults[0].At)
	if err != nil {
		return nil, err
	}

	timers := model.NewJavaTimers(int32(h.Client.NegotiatedMs), max(h.Client.Addresses, 1))
	// Start-up takes a connection, the handshake and the first write: some round trips.
	lead := time.Duration(warmUp*timers.Ping)*time.Millisecond + 20*a.oneWay + time.Second
	p := &Plan{Trace: t, Shift: floorTo(a.sent-int64(lead), int64(time.Millisecond))}
	p.Zero = p.Instant(faults[0].At)
	offset := p.offset()
	last := t.Events[len(t.Events)-1].T
	s := &sim.Scenario{
		Name:  strings.ReplaceAll(h.ID, "/", "-"),
		Title: "recording " + h.ID,
		About: strings.TrimSpace(h.Scenario + ": " + h.Variant),
		Seed:  1,
		// Whole microseconds, as a scenario file would have it.
		Length: time.Duration(last-p.Shift).Truncate(time.Microsecond) + aftermath,
		Ensemble: sim.Ensemble{
			Servers:    h.Servers.Count,
			Leader:     leader,
			Version:    h.Servers.Version,
			Tick:       milliseconds(h.Servers.TickTimeMs),
			MinTimeout: milliseconds(h.Servers.MinSessionTimeoutMs),
			MaxTimeout: milliseconds(h.Servers.MaxSessionTimeoutMs),
			InitLimit:  int(h.Servers.InitLimit),
			SyncLimit:  int(h.Servers.SyncLimit),
			IdleCheck:  idleCheck,
			Backlog:    50,
			Log:        p.constant(flushTime(t)),
			Load:       p.constant(10 * time.Millisecond), // as recorded: 9 ms from the election to the leader being ready for learners
			PingPhase:  p.pingPhase(t, faults[0].At, offset),
		},
		Network: sim.Network{Clients: p.constant(a.oneWay), Servers: p.constant(serverLatency),
			RTOMin: max(resend-2*a.oneWay, resend/2)},
	}
	for range h.Servers.Count {
		s.Ensemble.Clocks = append(s.Ensemble.Clocks, sim.Clock{Offset: &offset})
	}
	c.Open, c.Clock = p.constant(time.Second), sim.Clock{Offset: &offset}
	c.setAddresses(h)
	s.Clients = append(s.Clients, c.Client)
	watcher, err := model.FindLibrary("java", observerVersion)
	if err != nil {
		return nil, err
	}
	for id := 1; id <= h.Servers.Count; id++ {
		s.Clients = append(s.Clients, sim.Client{Name: fmt.Sprintf("%s%d", observer, id), Count: 1, Library: watcher, Version: observerVersion,
			// As long as the servers grant: an observer that is shaken must not expire.
			Timeout: s.Ensemble.MaxTimeout, Servers: []int{id}, Attach: id, Watches: VictimPath, Clock: sim.Clock{Offset: &offset}})
	}
	p.Scenario = s
	s.Ensemble.Startup = p.startup(faults)
	for i := range faults {
		f, err := p.fault(&faults[i])
		if err != nil {
			return nil, err
		}
		s.Faults = append(s.Faults, f)
		if f.Kind == sim.FaultKill && faults[i].Kind == FaultSigkillServer && faults[i].Healed != Absent {
			// Its start, which the recording calls the heal.
			s.Faults = append(s.Faults, sim.Fault{Kind: sim.FaultRestart, Where: f.Where, Between: f.Between, At: p.constant(time.Duration(p.started(&faults[i]) - p.Shift))})
		}
	}
	s.Faults = append(s.Faults, p.unreachable(faults)...)
	if p.bad != nil {
		return nil, p.bad
	}
	// The first fault is zero from when it is in force, as in the run's timeline.
	p.Zero = clock.Instant(s.Faults[0].At.Sample(0))
	if err := s.Check(); err != nil {
		return nil, err
	}
	p.Inputs = append(p.Inputs, a.say(time.Duration(a.sent-faults[0].At)))
	return p, p.setPhase(a)
}

// playable refuses what would be too large to build before it can be checked.
func playable(h *Header) error {
	const most = int64(sim.MaxSample / time.Millisecond)
	for _, f := range []struct {
		name       string
		got, least int64
		most       int64
	}{
		{"servers.count", int64(h.Servers.Count), 1, 7},
		{"servers.tickTime_ms", h.Servers.TickTimeMs, 2, most},
		{"servers.minSessionTimeout_ms", h.Servers.MinSessionTimeoutMs, 0, most},
		{"servers.maxSessionTimeout_ms", h.Servers.MaxSessionTimeoutMs, 0, most},
		{"client.requested_ms", h.Client.RequestedMs, 1, most},
		{"client.negotiated_ms", h.Client.NegotiatedMs, 1, most},
	} {
		if f.got < f.least || f.got > f.most {
			return fmt.Errorf("its header has %s %d: want %d to %d", f.name, f.got, f.least, f.most)
		}
	}
	return nil
}

// offset is what every clock of the run shows at its start: the recording's
// clock, less a multiple of all periods that count on it, so that bucket edges
// (T-2) and idle checks (H-2) fall where they fell. All hosts of a recording
// share one clock.
func (p *Plan) offset() time.Duration {
	period := lcm(p.Trace.TickMs(), int64(idleCheck/time.Millisecond)) * int64(time.Millisecond)
	return time.Duration(p.Shift - floorTo(p.Shift, period))
}

// pingPhase is when the leader's PINGs leave, modulo a half tick, or nil where
// the recording does not tell: then it matters to nobody before the client
// reconnects. Each PING draws a report of the learner that the client is
// attached to, and the report touches (T-17, T-18), so a touch at the leader
// comes a round trip between servers after a PING.
func (p *Plan) pingPhase(t *Trace, until int64, offset time.Duration) *time.Duration {
	leader := t.LeaderAtStart()
	if t.Header.Client.AttachedServer == leader {
		return nil
	}
	touched, created := int64(Absent), false
	for i := range t.Events {
		e := &t.Events[i]
		if e.T >= until {
			break
		}
		if e.Class() != ClassServer || e.NodeID() != leader {
			continue
		}
		// The touch of the creation itself comes before it is applied (T-11).
		created = created || e.Ev == EvCreateApplied
		if created && e.Ev == EvTouch {
			touched = e.T
		}
	}
	if touched == Absent {
		return nil
	}
	half := int64(milliseconds(t.TickMs()) / 2)
	at := touched - p.Shift + int64(offset) - 2*int64(serverLatency)
	phase := time.Duration(floorTo(at-floorTo(at, half), int64(time.Millisecond)))
	p.Inputs = append(p.Inputs, fmt.Sprintf("leader's PINGs set by the report of %s", seconds(touched-until)))
	return &phase
}

// flushTime is how long the log takes, so that a close is applied at the leader
// as long after its mark as in the median of the recordings of S1 to S4: 1.8 ms
// on a standalone server, 6.4 ms with a quorum. Their logs lay in memory (Z-5).
func flushTime(t *Trace) time.Duration {
	if t.Standalone() {
		return 1800 * time.Microsecond
	}
	return 6400*time.Microsecond - 2*serverLatency
}

// fault turns a recorded fault into one of the scenario.
func (p *Plan) fault(f *Fault) (sim.Fault, error) {
	h := &p.Trace.Header
	out := sim.Fault{Where: h.ID + ": " + f.Kind}
	if f.At == Absent {
		return out, fmt.Errorf("%s ends without having begun: want a fault before its heal", f)
	}
	servers, victim := []string{"servers"}, []string{Victim}
	// A rule of the packet filter is in force when the call has returned.
	at, healed := max(f.At, f.Done), max(f.Healed, f.HealDone)
	switch f.Kind {
	case FaultBlackhole, FaultC2SDropped:
		out.Kind, out.Between, out.And, out.OneWay = sim.FaultPartition, victim, servers, f.Kind == FaultC2SDropped
	case FaultS2CDropped:
		out.Kind, out.Between, out.And, out.OneWay = sim.FaultPartition, servers, victim, true
	case FaultDelayStep:
		by, err := delayStep(h)
		if err != nil {
			return out, err
		}
		// The lab delays what its client sends and receives.
		out.Kind, out.Between, out.And, out.By = sim.FaultDelay, victim, servers, p.between(by-delayJitter(h), by+delayJitter(h))
	case FaultSigkillClient:
		// A signal takes effect at once.
		out.Kind, out.Between, at, healed = sim.FaultKill, victim, f.At, Absent
	case FaultSigstopClient:
		out.Kind, out.Between, at, healed = sim.FaultPause, victim, f.At, f.Healed
	case FaultSigstopServer:
		out.Kind, out.Between, at, healed = sim.FaultPause, []string{fmt.Sprintf("server%d", f.Server)}, f.At, f.Healed
	case FaultServerPartition:
		out.Kind, out.Between = sim.FaultPartition, []string{fmt.Sprintf("server%d", f.Server)}
		for i := range h.Servers.Count {
			if i+1 != f.Server {
				out.And = append(out.And, fmt.Sprintf("server%d", i+1))
			}
		}
	case FaultAllServersPartitioned:
		out.Kind, out.Between, out.And = sim.FaultPartition, servers, servers
	case FaultSigkillServer:
		out.Kind, out.Between, at, healed = sim.FaultKill, []string{fmt.Sprintf("server%d", f.Server)}, p.died(f), Absent
	default:
		return out, fmt.Errorf("unknown fault %q: want one of those that FaultKinds lists", clip(f.Kind))
	}
	out.At = p.constant(time.Duration(at - p.Shift))
	if healed != Absent {
		out.For = p.constant(time.Duration(max(healed-at, 0)))
	}
	return out, nil
}

// delayStep is the size of S12's step, from the header's params.
func delayStep(h *Header) (time.Duration, error) {
	for _, f := range h.Params {
		if ms, ok := h.Params.Number(f.Name); ok && strings.Contains(f.Name, "delay") && strings.HasSuffix(f.Name, "_ms") && ms > 0 && ms < 1e6 {
			return time.Duration(ms * float64(time.Millisecond)), nil
		}
	}
	return 0, errors.New("a delay_step without its size: want it in params, in a field such as delay_ms")
}

// delayJitter is by how much the delay of S12's step varies.
func delayJitter(h *Header) time.Duration {
	ms, ok := h.Params.Number("jitter_ms")
	if !ok || ms < 0 || ms >= 1e6 {
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// constant is a duration as a law, in the whole microseconds that laws have. One
// that no law can have is kept as the plan's error.
func (p *Plan) constant(d time.Duration) *sim.Sampler {
	d = d.Round(time.Microsecond)
	if (d < 0 || d > sim.MaxSample) && p.bad == nil {
		p.bad = fmt.Errorf("it needs a duration of %v: want 0s to %v", d, sim.MaxSample)
	}
	law, err := sim.NewLaw("constant", map[string]float64{"value": float64(min(max(d, 0), sim.MaxSample))})
	if err != nil {
		panic(err) // the value is in bounds
	}
	s, err := sim.NewSampler(law, 0, 0)
	if err != nil {
		panic(err)
	}
	return s
}

// between is every duration between two bounds alike, as a law; a constant if they are
// one.
func (p *Plan) between(from, to time.Duration) *sim.Sampler {
	from, to = max(from.Round(time.Microsecond), 0), to.Round(time.Microsecond)
	if from >= to {
		return p.constant(to)
	}
	law, err := sim.NewLaw("uniform", map[string]float64{"from": float64(from), "to": float64(to)})
	if err == nil {
		var s *sim.Sampler
		if s, err = sim.NewSampler(law, 0, 0); err == nil {
			return s
		}
	}
	if p.bad == nil {
		p.bad = err
	}
	return p.constant(0)
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

func seconds(ns int64) string { return fmt.Sprintf("%.3f s", time.Duration(ns).Seconds()) }

// floorTo is the greatest multiple of m that is at most n, for positive m.
func floorTo(n, m int64) int64 {
	r := n % m
	if r < 0 {
		r += m
	}
	return n - r
}

func lcm(a, b int64) int64 {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}
