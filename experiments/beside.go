package experiments

import (
	"fmt"
	"math"
	"strings"
	"time"

	"zksim/model"
	"zksim/sim"
)

// A boundedLaw is a law of a duration whose ends are known.
type boundedLaw interface {
	sim.Law
	Min() time.Duration
	Max() time.Duration
	CDF(x float64) float64
}

// A Beside is what section Q of the rules says about a column at one point, to be set
// beside what the runs say: a law, or only mean and ends, or a probability; or why its
// assumptions do not hold there. The zero value is that it says nothing.
type Beside struct {
	Rule string
	Why  string // the assumption that does not hold; then there are no numbers
	// Numbers in the unit of the column; NaN where there is none.
	Mean, SD, Min, Max float64
	Quantiles          []float64 // as [Quantiles]; nil where the law is not known

	law boundedLaw // nil where it is not known
}

// CDF is the probability of at most x, in the unit of the column; false where the law is
// not known.
func (b *Beside) CDF(x float64) (float64, bool) {
	if b.law == nil {
		return math.NaN(), false
	}
	return b.law.CDF(x * 1e6), true
}

// ClosedForm gives the closed form of a column, as a [Gauge] for that scenario names it.
func ClosedForm(s *sim.Scenario, c *Column) Beside {
	for i := range forms {
		if f := &forms[i]; c.who != nil && f.metric == c.metric && f.what == c.what {
			// The column may have been made for another point of a sweep.
			for _, who := range subjectsOf(s) {
				if who.client.Name == c.who.client.Name {
					return f.at(s, &who)
				}
			}
		}
	}
	return Beside{}
}

// at reads a form's premises out of a scenario and takes them to their numbers.
func (f *form) at(s *sim.Scenario, who *subject) Beside {
	nothing := Beside{Rule: f.rule, Mean: math.NaN(), SD: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	b := nothing
	p, err := newPremises(s, who)
	if err == nil {
		err = f.of(p, &b)
	}
	if err != nil {
		b = nothing
		b.Why = err.Error()
	}
	return b
}

// A form is one row of the closed forms that are set beside simulated columns.
type form struct {
	metric, what, rule string
	of                 func(p *premises, b *Beside) error
}

var forms = []form{
	{"detection", "marked", "Q-2 to Q-5", crashForm},
	{"notice", "", "Q-8", noticeForm},
	{"notice", "warning", "Q-9", warningForm},
	{"needless", "", "Q-27", lostForm},
	{"survival", "", "Q-27", keptForm},
}

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
// first assumption that does not hold.
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
	case library.Name != "java" && library.Name != "c" && library.Name != "go":
		return nil, fmt.Errorf("pings of %s do not come at equal distances (Q-7)", library.Name)
	case who.count > 1:
		return nil, fmt.Errorf("several clients alike")
	}
	for _, clock := range append([]sim.Clock{c.Clock}, e.Clocks...) {
		if clock.PPM != 0 {
			return nil, fmt.Errorf("clocks run at different rates")
		}
	}
	p.fault = &s.Faults[0]
	p.setting = Setting{Timeout: e.Negotiated(c.Timeout), Tick: e.Tick, Library: library, ToServer: latency(n.Clients), FromServer: latency(n.Clients), ToLeader: latency(n.Servers)}
	if c.ReadEvery > 0 && c.ReadEvery < p.setting.pingPeriod() {
		p.setting.SendEvery = c.ReadEvery
	}
	if err := p.setting.Check(); err != nil {
		return nil, err
	}
	if err := p.servers(); err != nil {
		return nil, err
	}
	return p, p.phase()
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

// set puts a law into the numbers, in milliseconds.
func (b *Beside) set(l boundedLaw) {
	b.law = l
	b.Mean, b.SD = l.Mean()/1e6, l.SD()/1e6
	b.Min, b.Max = l.Min().Seconds()*1e3, l.Max().Seconds()*1e3
	for _, q := range Quantiles {
		b.Quantiles = append(b.Quantiles, l.Quantile(float64(q.Thousandths)/1000)/1e6)
	}
}

// mixed is the law at a server that is one of several, alike likely.
func (p *premises) mixed(of func(at whereServed) UniformSum) boundedLaw {
	if len(p.at) == 1 {
		return of(p.at[0])
	}
	var parts []Part
	for _, at := range p.at {
		parts = append(parts, Part{1 / float64(len(p.at)), of(at)})
	}
	return NewMixture(parts...)
}

// crashForm is detection after a crash.
func crashForm(p *premises, b *Beside) error {
	if p.fault.Kind != sim.FaultKill && p.fault.Kind != sim.FaultLose || !p.strikesClient() {
		return fmt.Errorf("no crash of the client alone")
	}
	b.set(p.mixed(func(at whereServed) UniformSum {
		switch at {
		case servedByLeader:
			return p.setting.CrashAtLeader()
		case servedBehindMaster:
			return p.setting.CrashAtObserver()
		}
		return p.setting.CrashAtFollower()
	}))
	return nil
}

// cutOff checks that the client is cut off silently from every server that it has.
func (p *premises) cutOff() error {
	f := p.fault
	all := len(f.And) == 1 && (f.And[0] == "servers" || f.And[0] == "all") ||
		len(f.And) == 1 && len(p.client.Servers) == 1 && f.And[0] == fmt.Sprintf("server%d", p.client.Servers[0])
	if f.Kind != sim.FaultPartition || f.Refuse || f.OneWay || !p.strikesClient() || !all {
		return fmt.Errorf("no silent cut of the client from its servers")
	}
	return nil
}

// noticeForm is the notice of a silent cut.
func noticeForm(p *premises, b *Beside) error {
	if err := p.cutOff(); err != nil {
		return err
	}
	law := p.setting.DisconnectAfterCut()
	if p.fault.For != nil && time.Duration(p.fault.For.Law().Quantile(0)) < law.Max() {
		return fmt.Errorf("the cut heals before the client may notice it")
	}
	b.set(law)
	return nil
}

// warningForm is what is left between the notice and the expiry: its mean and ends.
func warningForm(p *premises, b *Beside) error {
	if err := p.cutOff(); err != nil {
		return err
	}
	if p.fault.For != nil {
		return fmt.Errorf("the cut heals; it is for one that lasts until the expiry")
	}
	b.Mean, b.Min, b.Max = 0, math.Inf(1), math.Inf(-1)
	for _, at := range p.at {
		m := p.setting.MarginAtLeader()
		switch at {
		case servedByLearner:
			m = p.setting.MarginAtFollower()
		case servedBehindMaster:
			return fmt.Errorf("behind an observer master")
		}
		told := p.setting.toldAfter()
		b.Mean += (m.Mean - told).Seconds() * 1e3 / float64(len(p.at))
		b.Min, b.Max = min(b.Min, (m.Least-told).Seconds()*1e3), max(b.Max, (m.Most-told).Seconds()*1e3)
	}
	return nil
}

// lostForm is the probability that a pause of the client costs its session.
func lostForm(p *premises, b *Beside) error {
	f, s := p.fault, p.setting
	switch {
	case f.Kind != sim.FaultPause || f.EventsOnly || f.ClockStops || !p.strikesClient():
		return fmt.Errorf("no pause of the client alone")
	case f.For == nil:
		return fmt.Errorf("the pause has no end")
	case s.name() != "java":
		return fmt.Errorf("%s looks at its socket before its timers, or wakes in another way (G-1)", s.name())
	case p.client.Library.Name == "curator":
		return fmt.Errorf("curator has an expiry of its own (L-U3)")
	case s.SendEvery > 0:
		return fmt.Errorf("the client reads; it is for one that only pings")
	}
	addresses := len(p.client.Servers)
	if addresses == 0 {
		addresses = p.s.Ensemble.Servers + p.s.Ensemble.Observers
	}
	w := Waking{Wrap: addresses == 1 || p.client.OneName, Learner: addresses > 1, Expires: s.Library.LocalExpiry}
	b.Mean = 0
	for _, at := range p.at {
		if at == servedBehindMaster || at == servedByLearner && addresses > 1 && s.ToLeader > 0 {
			return fmt.Errorf("the client comes back to a server that may be the leader or not")
		}
		w.Follower = at == servedByLearner
		if w.Pause = f.For.Sample(0); f.For.NeedsDraw() {
			b.Mean += s.LostByPauses(f.For, w) / float64(len(p.at))
		} else {
			b.Mean += s.LostByPause(w) / float64(len(p.at))
		}
	}
	return nil
}

// keptForm is the probability that it does not.
func keptForm(p *premises, b *Beside) error {
	err := lostForm(p, b)
	b.Mean = 1 - b.Mean
	return err
}

// Agreement sets a closed form against what the runs say: "yes" if the mean, or the share,
// is inside its interval of 99.9 %, and no run outside of the ends by more than a
// millisecond or two, by which whole milliseconds may move it; or what is not.
func (b *Beside) Agreement(m *PointSummary) string {
	mean := m.Mean
	switch {
	case b.Rule == "" || b.Why != "" || m.N == 0:
		return ""
	case m.Kind == KindProbability && (m.Ones == 0 || m.Ones == m.N):
		// What was never seen is bounded on one side.
		if b.Mean >= mean.Low-1e-12 && b.Mean <= mean.High+1e-12 || math.Abs(b.Mean-float64(m.Ones)/float64(m.N)) < 10/float64(m.N) {
			return "yes"
		}
		return "no: share"
	case m.Never > 0:
		return "no: not always seen"
	}
	const wider, slack = 3.29 / normal975, 2.0 // ms
	if half := (mean.High - mean.Low) / 2 * wider; !(math.Abs(b.Mean-mean.Value) <= half+1e-9) {
		return "no: mean"
	}
	if m.Min < b.Min-slack || m.Max > b.Max+slack {
		return "no: range"
	}
	return "yes"
}

// libraryUnder is the Java client that a library stands on, or the library.
func libraryUnder(c *sim.Client) *model.Library {
	if c.Library.Name == "curator" && c.Under != nil {
		return c.Under
	}
	return c.Library
}
