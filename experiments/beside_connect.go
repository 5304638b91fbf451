package experiments

import (
	"fmt"
	"math"
	"time"

	"zksim/sim"
)

// connectedForm is how likely a client has a session within the run, of n servers of which
// one is dead and silent from the start. With the addresses of all it goes to that one once
// at most (C-16). With one name each attempt goes to one of the n at random, and when it has
// failed, after k = T, the next begins 100 ms and a second later, the list having one entry
// (C-36, C-13, C-16).
func connectedForm(p *premises, b *Beside) error {
	f, c := p.fault, p.client
	dead := false
	for id := range p.s.Ensemble.Servers + p.s.Ensemble.Observers {
		dead = dead || len(f.Between) == 1 && f.Between[0] == fmt.Sprintf("server%d", id+1)
	}
	open := latency(c.Open)
	switch {
	case f.Kind != sim.FaultLose || !dead || f.For != nil || f.At == nil || f.At.NeedsDraw() || f.At.Sample(0) > open:
		return fmt.Errorf("no one server that is lost for good before the client begins")
	case p.setting.name() != "java" || c.Attach != 0 || c.ReadOnly || len(c.Servers) > 0 || c.Open != nil && c.Open.NeedsDraw():
		return fmt.Errorf("no Java client that begins at one instant with any of all servers")
	case p.s.Ensemble.Servers < 3:
		return fmt.Errorf("the rest of the ensemble does not serve it")
	}
	n, k := p.s.Ensemble.Servers+p.s.Ensemble.Observers, c.Timeout
	if !c.OneName {
		k /= time.Duration(n)
	}
	each := k + teardown + spin
	begun := int((p.s.Length - open) / each) // attempts after the first
	if !c.OneName {
		if begun < 1 {
			return fmt.Errorf("the run is over before a second attempt")
		}
		b.Share = 1
		return nil
	}
	const handshake = time.Second // and more than enough
	if (p.s.Length-open)%each < handshake {
		return fmt.Errorf("the run ends with an attempt that has hardly begun")
	}
	b.Share = 1 - math.Pow(float64(n), -float64(begun+1))
	return nil
}
