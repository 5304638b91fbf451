package conformance

import "time"

// A path is what the recorded faults do to packets between the client and the
// servers: section W of the rules, where no machine of the model stands.
type path struct {
	cuts  []cut
	steps []delayed
	wrong wrong
}

// A cut is a silent loss of packets from one instant to another, ns.
type cut struct {
	from, to       int64
	toServer, back bool // which directions
	server         int  // the index of the one that it concerns, or everybody
}

// A delayed says by how much every packet comes later from one instant to another,
// each way, and by how much that varies.
type delayed struct{ from, to, by, jitter int64 }

const forEver = int64(1<<62 - 1)

// onlyCutOff is the variant in which the client reaches none but the server that is
// cut off from the others.
const onlyCutOff = "reach_F_only"

func newPath(t *Trace, w wrong) path {
	p := path{wrong: w}
	for _, f := range t.Faults() {
		if f.At == Absent {
			continue
		}
		c := cut{from: f.At, to: forEver, server: everybody}
		if f.Healed != Absent {
			c.to = f.Healed // the packet filter may let through from the call on
		}
		switch f.Kind {
		case FaultBlackhole:
			c.toServer, c.back = true, true
		case FaultC2SDropped:
			c.toServer = true
		case FaultS2CDropped:
			c.back = true
		case FaultDelayStep:
			if by, err := delayStep(&t.Header); err == nil {
				p.steps = append(p.steps, delayed{c.from, c.to, int64(by), int64(delayJitter(&t.Header))})
			}
			continue
		case FaultServerPartition:
			if t.Header.Variant != onlyCutOff {
				continue
			}
			for i := range t.Header.Servers.Count {
				if i != f.Server-1 {
					p.cuts = append(p.cuts, cut{from: 0, to: forEver, toServer: true, back: true, server: i})
				}
			}
			continue
		default:
			continue
		}
		p.cuts = append(p.cuts, c)
	}
	return p
}

func (c *cut) concerns(server int) bool { return c.server == everybody || c.server == server }

// lost says whether a packet sent at an instant, to or from a server, does not
// arrive.
func (p *path) lost(server int, at int64, toServer bool) bool {
	for i := range p.cuts {
		if c := &p.cuts[i]; c.concerns(server) && at >= c.from && at < c.to && (toServer && c.toServer || !toServer && c.back) {
			return true
		}
	}
	return false
}

// open says that both directions carry packets at an instant.
func (p *path) open(server int, at int64) bool {
	return !p.lost(server, at, true) && !p.lost(server, at, false)
}

// healed is the end of the cut that an instant lies in.
func (p *path) healed(server int, at int64) int64 {
	end := at
	for i := range p.cuts {
		if c := &p.cuts[i]; c.concerns(server) && at >= c.from && at < c.to {
			end = max(end, c.to)
		}
	}
	return end
}

// cutBetween says whether a cut begins or lasts between two instants.
func (p *path) cutBetween(server int, from, to int64) bool {
	for i := range p.cuts {
		if c := &p.cuts[i]; c.concerns(server) && c.from < to && c.to > from {
			return true
		}
	}
	return false
}

// slowed is by how much a packet sent at an instant comes later than usual.
func (p *path) slowed(at int64) Span {
	var s Span
	for _, d := range p.steps {
		if at >= d.from && at < d.to {
			s.Lo, s.Hi = s.Lo+max(d.by-d.jitter, 0), s.Hi+d.by+d.jitter
		}
	}
	return s
}

// synGaps are the waits before the repetitions of a SYN (W-2).
var synGaps = [...]time.Duration{time.Second, time.Second, time.Second, time.Second, time.Second,
	2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second}

// synLate is how late the kernel's timer repeats a SYN at most: the part of the
// wait by which its coarse timer wheel may round up. W-2 was recorded after 1.0,
// 2.03, 3.07 and 4.10 s.
const synLate = 32

// connects is when a connection attempted at an instant comes up: at once, or at
// the first repetition of the SYN that is answered (W-2). It does not within the
// given patience where ok is false.
func (p *path) connects(server int, attempt, patience int64) (at Span, ok bool) {
	if p.open(server, attempt) {
		return instant(attempt), true
	}
	heal := p.healed(server, attempt)
	if p.wrong.backAtHeal {
		return instant(heal), heal-attempt < patience
	}
	if p.wrong.synOnce {
		return Span{}, false
	}
	wait := int64(0)
	for _, gap := range synGaps {
		wait += int64(gap)
		if wait >= patience {
			return Span{}, false
		}
		at = Span{attempt + wait, attempt + wait + wait/synLate}
		if at.Hi >= heal {
			at.Lo = max(at.Lo, heal)
			return at, true
		}
	}
	return Span{}, false
}

// unsure says that the repetition by which an attempt comes up is due before the heal
// and may be late enough to get through. If it is not, the next one does; next is
// that one's interval, behind the patience perhaps.
func (p *path) unsure(server int, attempt int64, up Span) (next Span, ok bool) {
	if !up.drawn() || up.Lo != p.healed(server, attempt) {
		return Span{}, false
	}
	wait := int64(0)
	for _, gap := range synGaps {
		wait += int64(gap)
		if attempt+wait > up.Hi {
			return Span{attempt + wait, attempt + wait + wait/synLate}, true
		}
	}
	return Span{}, false
}

// The bounds of r in W-1, without the round trip, and of the wait for the probe where
// two segments are in flight: two round trips, 2 ms, and what a timer that counts in
// hundredths or 250ths of a second makes of that.
const (
	resendFrom = 200 * time.Millisecond
	resendTo   = 220 * time.Millisecond
	probeFrom  = 2 * time.Millisecond
	probeTo    = 20 * time.Millisecond
)

// repetition is how long after the first loss the kernel repeats what was lost for the
// k-th time, counted from 0, r being drawn: r, 2r, 4r and so on, or for two segments ε,
// ε + r, ε + 3r (W-1).
func repetition(k int, twoWrites bool, roundTrip int64) Span {
	r := Span{int64(resendFrom) + roundTrip, int64(resendTo) + roundTrip}
	probe := r
	if twoWrites {
		probe = Span{int64(probeFrom), int64(probeTo) + 2*roundTrip}
	}
	return Span{probe.Lo + r.Lo*(1<<k-1), probe.Hi + r.Hi*(1<<k-1)}
}

// resumes is when what was first lost at an instant arrives: at the first repetition
// after the heal (W-1). Where an interval reaches across the heal the next one is
// possible too.
func (p *path) resumes(server int, first, roundTrip int64, twoWrites bool) (Span, bool) {
	heal := p.healed(server, first)
	if heal == forEver {
		return Span{}, false
	}
	if p.wrong.backAtHeal {
		return instant(heal), true
	}
	k := 0
	for k < 30 && first+repetition(k, twoWrites, roundTrip).Hi < heal {
		k++
	}
	at := repetition(k, twoWrites, roundTrip)
	s := Span{first + at.Lo, first + at.Hi}
	if s.Lo < heal {
		s = Span{heal, first + repetition(k+1, twoWrites, roundTrip).Hi}
	}
	return s, true
}
