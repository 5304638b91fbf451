package sim

import (
	"math"
	"math/bits"
	"slices"

	"zksim/clock"
)

// A queue holds the events to come and gives the earliest first.
//
// A comparison heap costs a chain of cache misses an event that grows with what
// waits. This is a radix ladder instead: time only moves forward, so events lie
// in buckets by the highest byte in which their instant differs from a base that
// moves forward too. The first bucket is split a byte further while it is large,
// then sorted and consumed as the bottom. Every event is moved a bounded number
// of times, each time by an append.
//
// Order is that of event.before alone; nothing depends on when or in which order
// events were pushed.
type queue struct {
	bottom []event // sorted; the part from first on is still to come
	first  int
	end    uint64 // the bottom covers every instant below end
	n      int

	base     uint64 // no event of the ladder lies before it
	levels   uint8  // levels that hold something, a bit each
	occupied [queueLevels][queueWidth / 64]uint64
	buckets  *[queueLevels][queueWidth]bucket // nil while the bottom holds everything
	slabs    []*[slabSize]block               // the blocks, in pieces that never move
	made     int32
	free     int32
}

const (
	queueLevels = 8
	queueWidth  = 256
	// A bucket of up to so many events is sorted rather than split.
	sortBelow = 48
	// Blocks are made so many at a time.
	slabSize = 64
	// A bottom of more is cut in two, and its later half put back.
	bottomLimit = 96
)

// A bucket is a list of blocks, given as one more than their index; 0 is none.
type bucket struct {
	head, tail int32
	n          int32
}

// A block holds some of a bucket's events. Blocks of emptied buckets are used
// again, so memory stays near what waits.
type block struct {
	events [31]event
	n      int32
	next   int32
}

func (q *queue) len() int { return q.n }

// peek returns the instant of the earliest event. The queue must not be empty.
func (q *queue) peek() clock.Instant {
	if q.first == len(q.bottom) {
		q.refill()
	}
	return q.bottom[q.first].at
}

// ahead returns the event k places behind the earliest, if it is known yet.
func (q *queue) ahead(k int) (event, bool) {
	if i := q.first + k; i < len(q.bottom) {
		return q.bottom[i], true
	}
	return event{}, false
}

// pop removes and returns the earliest event. The queue must not be empty.
func (q *queue) pop() event {
	if q.first == len(q.bottom) {
		q.refill()
	}
	e := q.bottom[q.first]
	q.first++
	q.n--
	return e
}

// push adds an event, which must not lie before the last one popped.
func (q *queue) push(e event) {
	if q.buckets == nil && q.n == 0 {
		q.end = math.MaxUint64
	}
	q.n++
	if uint64(e.at) >= q.end {
		q.put(e)
		return
	}
	if q.first > 0 && len(q.bottom) == cap(q.bottom) {
		q.bottom = q.bottom[:copy(q.bottom, q.bottom[q.first:])]
		q.first = 0
	}
	b := append(q.bottom, e)
	i := len(b) - 1
	for i > q.first && e.before(b[i-1]) {
		b[i] = b[i-1]
		i--
	}
	b[i] = e
	q.bottom = b
	if len(b)-q.first > bottomLimit {
		q.cutBottom()
	}
}

// cutBottom puts the later half of a bottom that has grown too long into the
// ladder. Events of one instant stay together.
func (q *queue) cutBottom() {
	middle := (q.first + len(q.bottom)) / 2
	for middle < len(q.bottom) && q.bottom[middle].at == q.bottom[middle-1].at {
		middle++
	}
	if middle == len(q.bottom) || uint64(q.bottom[middle].at) < q.base {
		return
	}
	q.end = uint64(q.bottom[middle].at)
	for _, e := range q.bottom[middle:] {
		q.put(e)
	}
	q.bottom = q.bottom[:middle]
}

// put adds an event to the ladder.
func (q *queue) put(e event) {
	if q.buckets == nil {
		q.buckets = new([queueLevels][queueWidth]bucket)
	}
	level := uint(63-bits.LeadingZeros64(uint64(e.at)^q.base|1)) / 8
	digit := uint8(uint64(e.at) >> (8 * level))
	b := &q.buckets[level%queueLevels][digit]
	if b.tail == 0 || q.block(b.tail).n == int32(len(block{}.events)) {
		added := q.newBlock()
		if b.tail == 0 {
			b.head = added
			q.occupied[level%queueLevels][digit/64] |= 1 << (digit % 64)
			q.levels |= 1 << level
		} else {
			q.block(b.tail).next = added
		}
		b.tail = added
	}
	t := q.block(b.tail)
	t.events[t.n] = e
	t.n++
	b.n++
}

func (q *queue) newBlock() int32 {
	if q.free != 0 {
		i := q.free
		b := q.block(i)
		q.free = b.next
		b.n, b.next = 0, 0
		return i
	}
	if int(q.made) == slabSize*len(q.slabs) {
		q.slabs = append(q.slabs, new([slabSize]block))
	}
	q.made++
	return q.made
}

// block returns the block that a list names.
func (q *queue) block(i int32) *block {
	return &q.slabs[(i-1)/slabSize][(i-1)%slabSize]
}

// refill makes the earliest bucket the bottom, splitting it while it is large
// and can be split.
func (q *queue) refill() {
	for {
		level := uint(bits.TrailingZeros8(q.levels)) % queueLevels
		digit := q.takeDigit(level)
		b := q.buckets[level][digit]
		q.buckets[level][digit] = bucket{}
		shift := 8 * level
		q.base = q.base&^(1<<(shift+8)-1) | uint64(digit)<<shift
		if level == 0 || b.n <= sortBelow {
			q.bottom, q.first = q.bottom[:0], 0
			q.empty(b, func(events []event) { q.bottom = append(q.bottom, events...) })
			sortEvents(q.bottom)
			q.end = q.base + 1<<shift
			return
		}
		q.end = q.base
		q.empty(b, func(events []event) {
			for _, e := range events {
				q.put(e)
			}
		})
	}
}

// takeDigit returns the lowest occupied digit of a level and marks it empty.
func (q *queue) takeDigit(level uint) uint8 {
	words := &q.occupied[level]
	w := 0
	for words[w] == 0 {
		w++
	}
	digit := w*64 + bits.TrailingZeros64(words[w])
	words[w] &= words[w] - 1
	if words[0]|words[1]|words[2]|words[3] == 0 {
		q.levels &^= 1 << level
	}
	return uint8(digit)
}

// empty hands out a bucket's events, block by block, and frees the blocks.
func (q *queue) empty(b bucket, each func([]event)) {
	for at := b.head; at != 0; {
		blk := q.block(at)
		each(blk.events[:blk.n])
		// Freed only now: what each does may take blocks.
		next := blk.next
		blk.next = q.free
		q.free = at
		at = next
	}
}

// sortEvents sorts by insertion while that is quick.
func sortEvents(s []event) {
	if len(s) > 2*sortBelow {
		slices.SortFunc(s, func(a, b event) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		return
	}
	for i := 1; i < len(s); i++ {
		e := s[i]
		j := i
		for j > 0 && e.before(s[j-1]) {
			s[j] = s[j-1]
			j--
		}
		s[j] = e
	}
}
