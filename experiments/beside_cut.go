package experiments

import (
	"errors"
	"fmt"
	"math"
	"time"

	"zksim/model"
	"zksim/sim"
)

// What section 11 says of a client that is cut off silently from all of its servers: when
// it learns that its session is over, and for how long it acts as the owner of what others
// have seen go. Where only bounds are known, or the phases are set so that only they hold,
// there are bounds.

// A told is when the application is told that its session is over, after the cut.
type told struct {
	least, most time.Duration
	heals       bool
	// within is the longest time from the heal. Alone says that the client can come to
	// it by itself, before any heal.
	within time.Duration
	alone  bool
}

// errNeverTold is that there is no such instant.
var errNeverTold = errors.New("is never told (Q-25)")

// toldAfterCut bounds it.
func (p *premises) toldAfterCut() (t told, err error) {
	c := p.client
	if err := p.cutOff(); err != nil {
		return t, err
	}
	switch {
	case c.OneName:
		return t, fmt.Errorf("one name stands for all servers (C-36)")
	case c.ReadOnly:
		return t, fmt.Errorf("the client takes a read-only server (C-33)")
	case p.s.Network.OldSYN:
		return t, fmt.Errorf("SYNs are repeated as before Linux 6.5 (W-2)")
	case c.MaxTries > 0:
		return t, fmt.Errorf("kazoo gives up after %d cycles (L-K8)", c.MaxTries)
	case p.s.Ensemble.LeaderIdle:
		return t, fmt.Errorf("the leader serves no clients")
	}
	n := p.addresses()
	own, alone := p.setting.NeverHealed(c.Library, c.Under, c.Percent, n)
	injects := c.Library.Name == "curator" && (!c.Under.LocalExpiry || c.Percent < 100)
	if injects && c.InjectionRace > 0 {
		return t, fmt.Errorf("the event thread may win the race of an injection (L-U4)")
	}
	t.alone, t.heals = alone, p.fault.For != nil
	if !t.heals {
		if !alone {
			return t, fmt.Errorf("%s %w", c.Library.Name, errNeverTold)
		}
		// Its last word from a server was up to p old, or on its way.
		t.least, t.most = own.Least-p.setting.period(), own.Most+p.setting.FromServer
		return t, nil
	}
	shortest, longest := ends(p.fault.For)
	if _, latest := p.expiryAfterCut(); shortest < latest {
		return t, fmt.Errorf("the cut may heal before the session has expired")
	}
	t.within = p.learnsWithin(n, longest)
	t.least, t.most = shortest, longest+t.within
	if alone {
		t.least = min(t.least, own.Least-p.setting.period())
	}
	return t, nil
}

// addresses is how many servers the client knows.
func (p *premises) addresses() int {
	if n := len(p.client.Servers); n > 0 {
		return n
	}
	return p.s.Ensemble.Servers + p.s.Ensemble.Observers
}

// ends are the least and the greatest of what a sampler gives.
func ends(s *sim.Sampler) (least, most time.Duration) { return s.Sample(0), s.Sample(math.MaxUint64) }

// expiryAfterCut bounds the time from the cut to the leader's mark: the last touch that
// counts came between p before the cut and it, and up to two reports later at the leader
// (Q-1, T-18, T-22).
func (p *premises) expiryAfterCut() (least, most time.Duration) {
	s := p.setting
	least, most = s.Timeout-s.period(), s.Timeout+s.Tick
	late := time.Duration(0)
	for _, at := range p.at {
		late = max(late, time.Duration(at)*(s.heartbeat()+s.ToLeader)) // one of them, or two
	}
	return least, most + late
}

// learnsWithin is the bound of Q-11 on the time from the heal to the news.
func (p *premises) learnsWithin(addresses int, cut time.Duration) time.Duration {
	s, ask := p.setting, time.Duration(0)
	if p.s.Ensemble.Servers > 1 {
		ask = 2 * s.ToLeader
		if p.s.Ensemble.ObserverMaster != 0 {
			ask *= 2
		}
	}
	switch p.client.Library.Name {
	case "c":
		return s.CLearnsWithin(ask)
	case "go":
		return s.GoLearnsWithin(ask)
	case "kazoo":
		// A TCP connect may take what was asked for, not what was granted (L-K5). A wait is at
		// most 2.8 times the one before (L-K6), and there is one behind each cycle of silent
		// servers, of which the first may have been at its end.
		s.Timeout = max(s.Timeout, p.client.Timeout)
		longest := time.Hour
		if m := p.client.MaxDelay; m != nil {
			longest = *m
		}
		delay := 100 * time.Millisecond
		for range cut / (time.Duration(addresses) * s.Timeout) {
			delay = min(delay*14/5, longest)
		}
		return s.KazooLearnsWithin(min(delay, longest), ask)
	}
	return s.JavaLearnsWithin(addresses, ask)
}

// ownExpiry is how long after the last word of a server, and the spans, a client that is
// never connected again is told of its own expiry; false where the rules have bounds only
//
func (p *premises) ownExpiry() (after time.Duration, spans []Span, ok bool) {
	c, s := p.client, p.setting
	switch n := p.addresses(); {
	case c.Library.Name == "curator" && !c.Under.LocalExpiry:
		return s.readTimeout() + teardown + s.Timeout*time.Duration(c.Percent)/100, nil, true
	case c.Library.Name != "java" || !c.Library.LocalExpiry:
		return 0, nil, false
	case n == 1:
		return s.readTimeout() + teardown + spin + s.connectTimeout(1) + 2*teardown, waits(1), true
	case n == 3 && s.readTimeout()+2*(teardown+backoff)+s.connectTimeout(3) <= s.expireLimit():
		return s.readTimeout() + 2*(teardown+s.connectTimeout(3)) + 2*teardown, waits(2), true
	}
	return 0, nil, false
}

// bounds puts the ends alone into the numbers, in milliseconds.
func (b *Beside) bounds(least, most time.Duration) {
	b.Min, b.Max = least.Seconds()*1e3, most.Seconds()*1e3
}

// onlyBounds leaves nothing but ends, in milliseconds.
func (b *Beside) onlyBounds(least, most float64) {
	*b = Beside{Rule: b.Rule, Mean: math.NaN(), SD: math.NaN(), Min: least, Max: most, Share: math.NaN()}
}

// toldForm is from the cut to the news: a law for some clients that are never connected
// again, else bounds; or that it never comes.
func toldForm(p *premises, b *Beside) error {
	t, err := p.toldAfterCut()
	if errors.Is(err, errNeverTold) {
		b.Share = 0
		return nil
	}
	if err != nil {
		return err
	}
	if after, spans, ok := p.ownExpiry(); ok && !t.heals && p.exact(false) == nil {
		b.set(NewUniformSum(after+p.setting.FromServer, append(spans, p.setting.age())...))
		return nil
	}
	b.bounds(t.least, t.most)
	return nil
}

// healedForm bounds the time from the heal to the news. A client that can come to it
// by itself may be told before.
func healedForm(p *premises, b *Beside) error {
	if p.fault.For == nil {
		return fmt.Errorf("the fault does not end")
	}
	t, err := p.toldAfterCut()
	if err != nil {
		return err
	}
	least := time.Duration(0)
	if _, longest := ends(p.fault.For); t.alone {
		least = min(0, t.least-longest)
	}
	b.bounds(least, t.within)
	return nil
}

// learnedForm is from the expiry to the news; negative: the client knew
// first.
func learnedForm(p *premises, b *Beside) error {
	err := p.learned(b)
	if errors.Is(err, errNeverTold) {
		b.Share = 0
		return nil
	}
	return err
}

// learned is the same but for a client that is never told.
func (p *premises) learned(b *Beside) error {
	t, err := p.toldAfterCut()
	if err != nil {
		return err
	}
	if law, ok := p.ownExpiryAfterMark(t); ok {
		b.set(law)
		return nil
	}
	least, most := p.expiryAfterCut()
	b.bounds(t.least-most, t.most-least)
	return nil
}

// ownExpiryAfterMark is the law of the time from the mark to a client's own expiry.
func (p *premises) ownExpiryAfterMark(t told) (law Mixture, ok bool) {
	after, spans, ok := p.ownExpiry()
	if !ok || t.heals || p.exact(true) != nil {
		return law, false
	}
	var parts []Part
	for _, at := range p.at {
		if at == servedBehindMaster {
			return law, false
		}
		for _, part := range p.setting.overlapAfterCut(at == servedByLearner, 0, after, spans...).parts {
			parts = append(parts, Part{part.Share / float64(len(p.at)), part.Law})
		}
	}
	return NewMixture(parts...), true
}

// gapForm is the knowledge gap, where there is one.
func gapForm(p *premises, b *Beside) error {
	if err := p.learned(b); err != nil {
		return err
	}
	if b.Min < 0 {
		b.onlyBounds(0, max(b.Max, 0)) // some clients know first, and have none
	}
	return nil
}

// waitsForm bounds the time for which an owner that waits for Expired acts after others
// have seen its node go: the gap, less what it takes to commit the end and to tell
// them.
func waitsForm(p *premises, b *Beside) error {
	if err := gapForm(p, b); err != nil {
		return err
	}
	_, flush := ends(p.s.Ensemble.Log)
	s := p.setting
	// Prepared, flushed by a follower, acknowledged, committed at a server, and from there to
	// its client; one way more behind an observer master.
	notice := 4*s.ToLeader + flush + s.FromServer
	b.onlyBounds(max(b.Min-notice.Seconds()*1e3, 0), b.Max)
	return nil
}

// stopsForm is the same for an owner that stops on Disconnected: none after a silent
// cut of the client, since it stops before the expiry.
func stopsForm(p *premises, b *Beside) error {
	if p.cutFollower() == nil {
		return zombieForm(p, b)
	}
	if err := p.stopsFirst(); err != nil {
		return err
	}
	b.set(NewUniformSum(0))
	return nil
}

// stopsFirst checks that the client is cut off silently, and hears Disconnected before any
// expiry.
func (p *premises) stopsFirst() error {
	if err := p.cutOff(); err != nil {
		return err
	}
	if p.setting.MarginAtLeader().Least < p.setting.toldAfter() {
		return fmt.Errorf("the latency leaves no time between Disconnected and expiry (Q-9)")
	}
	return nil
}

// overlapForm bounds the time for which two act as owners, and believed that for which two
// believe to be, whether they run or not: from others' being told, at the soonest at the
// mark, until the one that the fault struck stops as its policy has it.
func overlapForm(believed bool) func(p *premises, b *Beside) error {
	return func(p *premises, b *Beside) error {
		stops := p.client.StopsOn()
		if stops == model.StopsNever {
			return fmt.Errorf("an owner that never stops (A-5)")
		}
		switch {
		case p.fault.Kind == sim.FaultPause:
			return wakingForm(p, b, stops, believed)
		case stops == model.StopsOnExpired:
			if err := gapForm(p, b); err != nil {
				return err
			}
			b.onlyBounds(0, b.Max)
		case p.cutFollower() == nil:
			b.bounds(0, max(p.setting.CutOffFollowerWithin(p.silence()).Most+p.setting.FromServer+p.setting.toldAfter(), 0))
		default:
			if err := p.stopsFirst(); err != nil {
				return err
			}
			b.set(NewUniformSum(0))
		}
		return nil
	}
}
