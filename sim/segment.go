package sim

import (
	"zksim/clock"
	"zksim/model"
)

// A segment is one packet on the wire, or a sign of the connection itself. Segments
// are used again as soon as they have arrived, so the few that are on their way at
// one time stay in the processor's cache, however many connections there are.
type segment struct {
	next   *segment // behind it in its train
	what   segmentKind
	back   bool   // it has been on its way, to nobody
	number uint32 // of those sent in this direction, if somebody counts
	sentAt clock.Instant
	cause  model.RecordID
	packet model.Packet // zero for a sign
}

type segmentKind uint8

const (
	segData segmentKind = iota
	segOpen             // the last step of the handshake: the other end is open from here
	segFIN
)

var segmentNames = [...]string{"packet", "ACK", "FIN"}

func (s *segment) name() string {
	if s.what == segData {
		return s.packet.Op.String()
	}
	return segmentNames[s.what]
}

// A train is segments one behind another, in the order in which they were sent.
type train struct{ first, last *segment }

func (t *train) empty() bool { return t.first == nil }

func (t *train) push(s *segment) {
	s.next = nil
	if t.first == nil {
		t.first = s
	} else {
		t.last.next = s
	}
	t.last = s
}

// len counts the segments.
func (t *train) len() int {
	n := 0
	for s := t.first; s != nil; s = s.next {
		n++
	}
	return n
}

// back takes a segment that was on its way: behind the others that have come back,
// and before what has never left.
func (t *train) back(s *segment) {
	s.back = true
	at := &t.first
	for *at != nil && (*at).back {
		at = &(*at).next
	}
	s.next = *at
	*at = s
	if s.next == nil {
		t.last = s
	}
}

// pop removes the first segment. The train must not be empty.
func (t *train) pop() *segment {
	s := t.first
	t.first = s.next
	return s
}

// A yard holds the segments that are in no train.
type yard struct {
	first *segment
	made  []*[yardful]segment
	taken int // so many of these have been taken at one time or another
}

const yardful = 32

// take gives a segment to be filled, packet and all: what it held before may still
// be in it.
func (y *yard) take() *segment {
	if y.first == nil {
		return y.extend()
	}
	s := y.first
	y.first = s.next
	return s
}

// extend gives a segment that nobody has taken yet.
func (y *yard) extend() *segment {
	if y.taken == len(y.made)*yardful {
		y.made = append(y.made, new([yardful]segment))
	}
	y.taken++
	return &y.made[(y.taken-1)/yardful][(y.taken-1)%yardful]
}

// reset takes every segment back that was ever taken.
func (y *yard) reset() { y.first, y.taken = nil, 0 }

func (y *yard) give(s *segment) { s.next, y.first = y.first, s }

// scrap takes a train apart.
func (y *yard) scrap(t *train) {
	for !t.empty() {
		y.give(t.pop())
	}
}
