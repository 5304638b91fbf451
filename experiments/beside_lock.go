package experiments

import (
	"fmt"
	"math"
	"time"

	"zksim/model"
	"zksim/sim"
)

// What section 11 says of an owner behind a follower that is cut off, and of
// one that stood still.

// cutFollower checks that what is cut off, silently and for good, is the follower that the
// client is attached to, from the rest of the ensemble.
func (p *premises) cutFollower() error {
	f, e, c := p.fault, &p.s.Ensemble, p.client
	id := 0
	if len(f.Between) == 1 {
		_, _ = fmt.Sscanf(f.Between[0], "server%d", &id)
	}
	rest := len(f.And) == 1 && (f.And[0] == "servers" || f.And[0] == "leader" || f.And[0] == fmt.Sprintf("server%d", p.leader()))
	switch {
	case f.Kind != sim.FaultPartition || f.OneWay || f.Refuse || !rest || f.For != nil:
		return fmt.Errorf("no silent cut, for good, of a follower from its leader")
	case id == 0 || id == p.leader() || id > e.Servers || e.Servers < 3 || id != c.Attach:
		return fmt.Errorf("no cut of a follower that the client is attached to")
	}
	return nil
}

// silence is S: how long a follower bears the leader's silence (F-1).
func (p *premises) silence() time.Duration {
	return time.Duration(p.s.Ensemble.SyncLimit) * p.setting.Tick
}

// zombieForm is how long an owner behind a cut-off follower acts after others have seen its
// node go, if it stops on Disconnected.
func zombieForm(p *premises, b *Beside) error {
	if err := p.exact(true); err != nil {
		return err
	}
	for i := range p.s.Clients {
		if c := &p.s.Clients[i]; c.ReadEvery > 0 || c.WriteEvery > 0 || c.Outstanding > 0 {
			return fmt.Errorf("more travels between the servers than PINGs")
		}
	}
	notice, err := p.notice()
	if err != nil {
		return err
	}
	b.set(cutOffBelow{p.setting.StoppedBehindFollower(p.silence(), notice)})
	return nil
}

// notice is c + dw: from the mark to the first other client's being told, or, where
// there is none, to the commit.
func (p *premises) notice() (time.Duration, error) {
	s, log := p.setting, p.s.Ensemble.Log
	if log.NeedsDraw() {
		return 0, fmt.Errorf("the log takes more or less time")
	}
	committed := 2*s.ToLeader + log.Sample(0)
	first := time.Duration(math.MaxInt64)
	for i := range p.s.Clients {
		c := &p.s.Clients[i]
		if c == p.client || c.Watches != p.client.Owns && c.Owns != p.client.Owns {
			continue
		}
		switch {
		case c.Attach == 0 || c.Attach == p.client.Attach:
			return 0, fmt.Errorf("it is not said at which other server client %s is", c.Name)
		case c.Attach == p.leader():
			first = min(first, committed+s.FromServer)
		default:
			first = min(first, committed+s.ToLeader+s.FromServer)
		}
	}
	if first == math.MaxInt64 {
		return committed, nil
	}
	return first, nil
}

// wakingForm bounds two owners after a pause of one: it does nothing before it wakes, is
// told Disconnected on waking, and Expired when a server has refused it, or by itself
// (Q-20, Q-22, G-1, G-2).
func wakingForm(p *premises, b *Beside, stops model.Stops, believed bool) error {
	f, s := p.fault, p.setting
	switch {
	case f.EventsOnly || f.ClockStops || !p.strikesClient():
		return fmt.Errorf("no pause of the client alone")
	case f.For == nil:
		return fmt.Errorf("the pause has no end")
	case p.client.Library.Name == "kazoo":
		return fmt.Errorf("kazoo looks at no silence when it wakes (L-K3)")
	case p.client.OneName:
		return fmt.Errorf("one name stands for all servers (C-36)")
	}
	after := s.toldAfter()
	if libraryUnder(p.client).LocalExpiry {
		after = 2 * teardown // of Expired alone (C-20)
	}
	if stops == model.StopsOnExpired {
		if s.name() != "java" {
			return fmt.Errorf("%s comes back in another way (L-C4, L-G5)", s.name())
		}
		after += backoff + 2*s.roundTrip() + 2*s.ToLeader
		if p.addresses() == 1 {
			after += spin
		}
	}
	most := after
	if believed {
		_, pause := ends(f.For)
		least, _ := p.expiryAfterCut()
		most = max(pause+after-least, 0)
	}
	b.bounds(0, most)
	return nil
}

// A cutOffBelow is a law of which what is below nothing counts as nothing.
type cutOffBelow struct{ Mixture }

// Min is the least value.
func (l cutOffBelow) Min() time.Duration { return max(l.Mixture.Min(), 0) }

// Max is the greatest.
func (l cutOffBelow) Max() time.Duration { return max(l.Mixture.Max(), 0) }

// CDF is the probability of at most x.
func (l cutOffBelow) CDF(x float64) float64 {
	if x < 0 {
		return 0
	}
	return l.Mixture.CDF(x)
}

// Quantile is the least x with CDF(x) >= u.
func (l cutOffBelow) Quantile(u float64) float64 { return max(l.Mixture.Quantile(u), 0) }

// Mean is the expectation.
func (l cutOffBelow) Mean() float64 { return l.moment(func(float64) float64 { return 1 }) }

// SD is the standard deviation.
func (l cutOffBelow) SD() float64 {
	mean := l.Mean()
	return math.Sqrt(max(l.moment(func(x float64) float64 { return 2 * x })-mean*mean, 0))
}

// moment is the mean of a function that is 0 at 0, from its slope: the sum of what lies
// beyond each x.
func (l cutOffBelow) moment(slope func(x float64) float64) float64 {
	const steps = 2000
	width := float64(l.Max()) / steps
	sum := 0.0
	for i := range steps {
		x := (float64(i) + 0.5) * width
		sum += slope(x) * (1 - l.CDF(x)) * width
	}
	return sum
}

// String is the law under it, and where it is cut off.
func (l cutOffBelow) String() string { return l.Mixture.String() + ", at least 0" }
