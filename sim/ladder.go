package sim

import (
	"math"
	"math/bits"
)

// A ladder holds events that are not due soon, unsorted, and gives them bucket by
// bucket, the earliest bucket first.
//
// A comparison heap costs a chain of cache misses an event that grows with what
// waits. Here every event is moved a bounded number of times instead, each time by
// an append. Rungs divide time into buckets of equal width, each rung a stretch that
// lies before all that is left of the one above it. A bucket that holds too much to
// be sorted becomes a rung of its own, of as many buckets as its events deserve.
// What lies beyond the first rung is one heap without order, which becomes the first
// rung when that has been used up.
type ladder struct {
	n      int
	lowest *rung // the earliest; nil if there is none
	depth  int   // rungs in use
	idle   *rung // rungs not in use
	later  bucket
	spare  spare
}

// A rung is a stretch of time in buckets.
type rung struct {
	above      *rung
	start, end uint64
	shift      uint8 // a bucket is 1<<shift ns wide
	occupied   [rungWidth / 64]uint64
	buckets    [rungWidth]bucket
}

const (
	rungWidth = 256
	// A bucket is split into so many that each gets about this many events.
	splitInto = 8
	// More rungs than this are never in use.
	ladderLimit = 40
)

// put adds an event, which must lie behind the last bucket taken.
func (l *ladder) put(e event) {
	l.n++
	for r := l.lowest; r != nil; r = r.above {
		if uint64(e.at) < r.end {
			r.bucket(e).add(e, &l.spare)
			return
		}
	}
	l.later.add(e, &l.spare)
}

// bucket returns where an event belongs, which is then no longer empty.
func (r *rung) bucket(e event) *bucket {
	i := (uint64(e.at) - r.start) >> (r.shift % 64) % rungWidth
	r.occupied[i/64] |= 1 << (i % 64)
	return &r.buckets[i]
}

// putBack takes events between two instants that lie before everything else in
// the ladder. It reports whether it has taken them.
func (l *ladder) putBack(events []event, from, to uint64) bool {
	if l.n == 0 {
		l.drop(l.depth)
	}
	switch l.depth {
	case 0: // the heap has no order that could be wrong
	case ladderLimit:
		return false
	default:
		l.newRung(from, to, len(events))
	}
	for _, e := range events {
		l.put(e)
	}
	return true
}

// newRung divides a stretch of time for so many events.
func (l *ladder) newRung(start, end uint64, events int) *rung {
	if l.idle == nil {
		l.idle = new(rung)
	}
	r := l.idle
	l.idle, r.above, l.lowest = r.above, l.lowest, r
	l.depth++
	width := min(bits.Len(uint(events/splitInto)), bits.Len(rungWidth-1))
	r.start, r.end = start, end
	r.shift = uint8(max(bits.Len64(end-1-start)-width, 0))
	return r
}

// drop puts the lowest rungs aside, which must be empty.
func (l *ladder) drop(n int) {
	for range n {
		r := l.lowest
		l.lowest, r.above, l.idle = r.above, l.idle, r
		l.depth--
	}
}

// take appends the events of the earliest bucket to s, in no order, and returns
// the instant up to which it reached. The ladder must not be empty.
func (l *ladder) take(s []event) ([]event, uint64) {
	for {
		b, end := l.earliest()
		if b.n > sortBelow {
			if first, last := b.span(); first != last {
				l.split(b, l.newRung(first, last+1, int(b.n)))
				continue
			}
		}
		l.n -= int(b.n)
		if l.n == 0 {
			end = math.MaxUint64
		}
		for blk, unused := b.blocks, b.room; blk != nil; unused = 0 {
			s = append(s, blk.events[unused:]...)
			blk = l.spare.give(blk)
		}
		return s, end
	}
}

// empty removes every event.
func (l *ladder) empty() {
	for l.n > 0 {
		b, _ := l.earliest()
		l.n -= int(b.n)
		for blk := b.blocks; blk != nil; {
			blk = l.spare.give(blk)
		}
	}
	l.drop(l.depth)
}

// split moves a bucket's events to a rung.
func (l *ladder) split(b bucket, r *rung) {
	for blk, unused := b.blocks, b.room; blk != nil; unused = 0 {
		for _, e := range blk.events[unused:] {
			r.bucket(e).add(e, &l.spare)
		}
		blk = l.spare.give(blk)
	}
}

// earliest removes the earliest bucket and returns it with its end.
func (l *ladder) earliest() (b bucket, end uint64) {
	for r := l.lowest; r != nil; r = l.lowest {
		for w, word := range r.occupied {
			if word != 0 {
				i := w*64 + bits.TrailingZeros64(word)
				r.occupied[w] &= word - 1
				b, r.buckets[i] = r.buckets[i], bucket{}
				return b, min(r.start+uint64(i+1)<<r.shift, r.end)
			}
		}
		l.drop(1)
	}
	b, l.later = l.later, bucket{}
	return b, math.MaxUint64 // all there is
}
