package experiments

import (
	"fmt"
	"strings"
	"time"

	"zksim/model"
	"zksim/sim"
)

// Premises are what the closed forms ask of a scenario, read out of it.
type premises struct {
	s       *sim.Scenario
	client  *sim.Client
	fault   *sim.Fault
	setting Setting
	at      []whereServed // the servers that the client may be attached to, alike likely
}

// whereServed is what a server is to its clients.
type whereServed int

const (
	servedByLeader whereServed = iota
	servedByLearner
	servedBehindMaster // an observer behind an observer master
)

// newPremises reads the setting of the closed forms out of a scenario. The error is the
// first assumption that does not hold of those that all of them make.
func newPremises(s *sim.Scenario, who *subject) (*premises, error) {
	p := &premises{s: s, client: who.client}
	c, e, n := who.client, &s.Ensemble, &s.Network
	library := libraryUnder(c)
	switch {
	case len(s.Faults) != 1:
		return nil, fmt.Errorf("%d faults; they are for one", len(s.Faults))
	case n.Loss > 0:
		return nil, fmt.Errorf("segments are lost at random; latencies are taken as constant")
	case n.Clients != nil && n.Clients.NeedsDraw() || n.Servers != nil && n.Servers.NeedsDraw():
		return nil, fmt.Errorf("latencies vary; they are taken as constant")
	case e.Cold:
		return nil, fmt.Errorf("the ensemble begins with an election")
	case e.LocalSessions:
		return nil, fmt.Errorf("sessions are local to a server (T-23)")
	case c.WriteEvery > 0 || c.Outstanding > 0:
		return nil, fmt.Errorf("the client writes; they are for one that pings, or reads at equal distances")
	case who.count > 1:
		return nil, fmt.Errorf("several clients alike")
	}
	for _, clock := range append([]sim.Clock{c.Clock}, e.Clocks...) {
		if clock.PPM != 0 {
			return nil, fmt.Errorf("clocks run at different rates")
		}
	}
	p.fault = &s.Faults[0]
	if library.Name == "kazoo" {
		library = nil // a ping comes after p at most, and what is said of it is a bound
	}
	p.setting = Setting{Timeout: e.Negotiated(c.Timeout), Tick: e.Tick, Library: library, ToServer: latency(n.Clients), FromServer: latency(n.Clients), ToLeader: latency(n.Servers)}
	if c.ReadEvery > 0 && c.ReadEvery < p.setting.pingPeriod() {
		p.setting.SendEvery = c.ReadEvery
	}
	if err := p.setting.Check(); err != nil {
		return nil, err
	}
	return p, p.servers()
}

// exact checks what a law assumes and a bound does not: that pings come at equal distances,
// and that the fault finds them, and of the leader what it depends on, at any phase.
func (p *premises) exact(ofLeader bool) error {
	if p.client.Library.Name == "kazoo" {
		return fmt.Errorf("pings of kazoo do not come at equal distances (Q-7)")
	}
	if ofLeader {
		if err := p.phases(); err != nil {
			return err
		}
	}
	return p.phase()
}

func latency(s *sim.Sampler) time.Duration {
	if s == nil {
		return 0
	}
	return s.Sample(0)
}

// leader is the ID of the server that leads.
func (p *premises) leader() int {
	if l := p.s.Ensemble.Leader; l != 0 {
		return l
	}
	return p.s.Ensemble.Servers
}

// servers finds which servers the client may be attached to when the fault comes.
func (p *premises) servers() error {
	c, e := p.client, &p.s.Ensemble
	ids := c.Servers
	if len(ids) == 0 {
		for id := range e.Servers + e.Observers {
			ids = append(ids, id+1)
		}
	}
	if c.Attach != 0 {
		ids = []int{c.Attach}
	}
	for _, id := range ids {
		switch {
		case id == p.leader() && e.LeaderIdle:
			return fmt.Errorf("the leader serves no clients")
		case id == p.leader():
			p.at = append(p.at, servedByLeader)
		case id > e.Servers && e.ObserverMaster != 0:
			p.at = append(p.at, servedBehindMaster)
		default:
			p.at = append(p.at, servedByLearner)
		}
	}
	return nil
}

// phases checks that the phases of the leader are drawn, for what depends on them: that of
// its buckets, and that of its PINGs to the server of a client.
func (p *premises) phases() error {
	e := &p.s.Ensemble
	if leader := p.leader(); leader <= len(e.Clocks) && e.Clocks[leader-1].Offset != nil {
		return fmt.Errorf("the leader's clock is set, and with it the phase of its buckets")
	}
	for _, at := range p.at {
		if at != servedByLeader && e.PingPhase != nil {
			return fmt.Errorf("the phase of the leader's PINGs is set")
		}
	}
	return nil
}

// phase checks that the age of the client's last message is uniform when the fault comes:
// that between the opening of the session and the fault there is a time that is uniform
// over a whole number of its periods.
func (p *premises) phase() error {
	if p.fault.At == nil {
		return fmt.Errorf("the fault waits for an event; its instant is taken as arbitrary")
	}
	period := p.setting.period()
	for _, law := range []*sim.Sampler{p.fault.At, p.client.Open} {
		if width, ok := uniformWidth(law); ok && width >= period-time.Millisecond && offMultiple(width, period) <= time.Millisecond {
			return nil
		}
	}
	return fmt.Errorf("the fault's instant is not uniform over whole periods of the client's messages (%v)", period)
}

// uniformWidth is the width of a uniform law.
func uniformWidth(s *sim.Sampler) (time.Duration, bool) {
	if s == nil || !strings.HasPrefix(s.String(), "uniform(") || strings.Contains(s.String(), "), m") {
		return 0, false // another law, or one with cut-offs
	}
	return time.Duration(s.Law().Quantile(1) - s.Law().Quantile(0)), true
}

// offMultiple is how far a duration is from a multiple of the other.
func offMultiple(d, of time.Duration) time.Duration {
	rest := d % of
	return min(rest, of-rest)
}

// strikesClient says whether the fault names the client alone on its side.
func (p *premises) strikesClient() bool {
	return len(p.fault.Between) == 1 && p.fault.Between[0] == p.client.Name
}

// libraryUnder is the Java client that a library stands on, or the library.
func libraryUnder(c *sim.Client) *model.Library {
	if c.Library.Name == "curator" && c.Under != nil {
		return c.Under
	}
	return c.Library
}
