package sim

import "math"

// A bucket is a list of events without order.
type bucket struct {
	blocks *block // the last one first
	room   int32  // left in it
	n      int32
}

// A block holds some of a bucket's events: half a KiB. Blocks of emptied buckets are
// used again, so memory stays near what waits; they never move.
type block struct {
	next   *block
	_      uint64 // keeps an event within one cache line
	events [blockSize]event
}

const blockSize = 31

// Spare are the blocks that no bucket holds.
type spare struct{ first *block }

// take removes a block.
func (s *spare) take() *block {
	if s.first == nil {
		for made, i := new([64]block), 0; i < len(made); i++ {
			s.give(&made[i])
		}
	}
	b := s.first
	s.first = b.next
	return b
}

// give adds a block and returns the one that was behind it.
func (s *spare) give(b *block) (next *block) {
	next, b.next, s.first = b.next, s.first, b
	return next
}

func (b *bucket) add(e event, s *spare) {
	if b.room == 0 {
		b.grow(s)
	}
	b.room--
	b.blocks.events[b.room] = e
	b.n++
}

func (b *bucket) grow(s *spare) {
	added := s.take()
	added.next = b.blocks
	b.blocks, b.room = added, blockSize
}

// span returns the first and the last instant of a bucket's events.
func (b *bucket) span() (first, last uint64) {
	first = math.MaxUint64
	for blk, unused := b.blocks, b.room; blk != nil; blk, unused = blk.next, 0 {
		for _, e := range blk.events[unused:] {
			first, last = min(first, uint64(e.at)), max(last, uint64(e.at))
		}
	}
	return first, last
}
