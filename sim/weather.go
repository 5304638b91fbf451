package sim

import (
	"time"

	"zksim/model"
)

// A weather is the faults of links that are in force, in the order in which they
// began.
type weather struct {
	links []int
}

// A fate is what becomes of one transmission.
type fate struct {
	lost    bool
	refused bool
	fault   int // the fault that did it, -1 for the network's own loss
	delay   time.Duration
}

// fate asks the faults for their verdict on what an end sends now, and the law
// of the link for its delay. The faults do not know TCP, and TCP does not know
// the faults.
func (w *World) fate(c *conn, dir int) fate {
	h := &c.ends[dir]
	h.sent++
	from, to := c.nodes[dir], c.nodes[1-dir]
	f := fate{fault: -1, delay: w.latency(c, dir)}
	if w.loss > 0 && w.chance(PurposeLoss, c.nodes[0], sendAddress(c, dir), w.loss) {
		f.lost = true
		return f
	}
	for _, i := range w.weather.links {
		l := &w.faults[i]
		if !l.strikes(from, to) {
			continue
		}
		switch l.spec.Kind {
		case FaultPartition:
			f.lost, f.refused, f.fault = !l.spec.Refuse, l.spec.Refuse, i
			return f
		case FaultLoss:
			if w.chance(PurposeFault, i, uint64(c.nodes[0])<<40|sendAddress(c, dir), l.spec.Probability) {
				f.lost, f.fault = true, i
				return f
			}
		case FaultDelay:
			f.delay += l.by(w, uint64(c.nodes[0])<<40|sendAddress(c, dir))
		}
	}
	return f
}

// blocked says whether nothing gets from one node to another at present:
// neither a segment nor an acknowledgement.
func (w *World) blocked(from, to int) bool {
	if w.nodes[from].status == statusLost {
		return true
	}
	for _, i := range w.weather.links {
		if l := &w.faults[i]; l.spec.Kind == FaultPartition && l.strikes(from, to) {
			return true
		}
	}
	return false
}

// latency draws how long the next transmission of an end takes.
func (w *World) latency(c *conn, dir int) time.Duration {
	switch {
	case c.law == nil:
		return 0
	case !c.law.NeedsDraw():
		return c.law.Sample(0)
	}
	return c.law.Sample(w.draw(PurposeLatency, c.nodes[0], sendAddress(c, dir)))
}

// sendAddress is the address of one transmission among all of its initiator's:
// connection, direction and count, in 40 bits.
func sendAddress(c *conn, dir int) uint64 {
	return uint64(c.id.Ordinal()&(1<<ordinalBits-1))<<24 | uint64(dir)<<23 | c.ends[dir].sent&(1<<23-1)
}

func (w *World) chance(p Purpose, entity int, counter uint64, probability float64) bool {
	return Unit(w.draw(p, entity, counter)) < probability
}

// noteFault leaves a record of a fault's beginning or end.
func (w *World) noteFault(kind model.Kind, i int, b int64) {
	f := &w.faults[i]
	f.cause = w.note(int(model.NoNode), model.Note{Kind: kind, Peer: model.NoNode, A: int64(i), B: b, Text: FaultKinds[f.spec.Kind].Name})
}
