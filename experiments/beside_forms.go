package experiments

import (
	"fmt"
	"math"
	"time"

	"zksim/sim"
)

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

// crashForm is detection after a crash, or after a silent cut of the
// client from its servers: the tracker knows of either only that nothing comes any more,
// and what was sent before it still arrives.
func crashForm(p *premises, b *Beside) error {
	crash := (p.fault.Kind == sim.FaultKill || p.fault.Kind == sim.FaultLose) && p.strikesClient()
	if !crash && p.cutOff() != nil {
		return fmt.Errorf("no crash of the client alone, and no silent cut of it from its servers")
	}
	if err := p.exact(true); err != nil {
		return err
	}
	law := p.mixed(func(at whereServed) UniformSum {
		switch at {
		case servedByLeader:
			return p.setting.CrashAtLeader()
		case servedBehindMaster:
			return p.setting.CrashAtObserver()
		}
		return p.setting.CrashAtFollower()
	})
	if !crash && p.fault.For != nil && time.Duration(p.fault.For.Law().Quantile(0)) < law.Max() {
		return fmt.Errorf("the cut heals before the latest expiry")
	}
	b.set(law)
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
	if err := p.exact(false); err != nil {
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
		shortest, _ := ends(p.fault.For)
		if _, latest := p.expiryAfterCut(); shortest < latest {
			return fmt.Errorf("the cut may heal before the session has expired")
		}
	}
	if err := p.exact(true); err != nil {
		return err
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
	case s.SendEvery > 0:
		return fmt.Errorf("the client reads; it is for one that only pings")
	}
	if err := p.exact(true); err != nil {
		return err
	}
	addresses := p.addresses()
	w := Waking{Wrap: addresses == 1 || p.client.OneName, Learner: addresses > 1, Expires: s.Library.LocalExpiry}
	if c := p.client; c.Library.Name == "curator" && s.Timeout*time.Duration(c.Percent)/100 <= backoff+spin+3*s.roundTrip()+2*s.ToLeader {
		return fmt.Errorf("curator may inject an expiry before the client is back (L-U3)")
	}
	b.Mean = 0
	for _, at := range p.at {
		if at == servedBehindMaster || at == servedByLearner && addresses > 1 && s.ToLeader > 0 {
			return fmt.Errorf("the client comes back to a server that may be the leader or not")
		}
		if at == servedByLearner && s.pingsOnWaking() {
			return fmt.Errorf("the ping on waking waits for a report too")
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
