package sim

import (
	"math"
	"slices"
	"sort"
)

// A queue holds the events to come and gives the earliest first. Order is that of
// event.before alone; nothing depends on when or in which order events were
// pushed.
//
// The earliest events lie sorted in the bottom, the others in a ladder behind it
// (see ladder). A push that lies among the earliest finds its place in the bottom.
type queue struct {
	bottom []event // latest first, so that taking the earliest moves nothing
	// The bottom is filled up when no more are left than this: what is looked at ahead.
	reserve int    // at most bottomReserve
	end     uint64 // the bottom covers every instant below end, the ladder the others
	ladder  ladder
}

const (
	bottomReserve = aheadNode
	// A bucket of up to so many events is sorted rather than split.
	sortBelow = 32
	// A bottom of more is cut in two, and its later half put back.
	bottomLimit = 96
)

// empty removes every event.
func (q *queue) empty() {
	q.bottom = q.bottom[:0]
	q.ladder.empty()
}

func (q *queue) len() int { return len(q.bottom) + q.ladder.n }

// ready makes the earliest event known, and reports whether there is one.
func (q *queue) ready() bool { return len(q.bottom) > q.reserve || q.fill() }

func (q *queue) fill() bool {
	if q.ladder.n > 0 {
		q.refill()
	}
	return len(q.bottom) > 0
}

// first returns the earliest event. The queue must be ready.
func (q *queue) first() event { return q.bottom[len(q.bottom)-1] }

// ahead returns the event k places behind the earliest, if it is known yet.
func (q *queue) ahead(k int) (event, bool) {
	if i := len(q.bottom) - 1 - k; i >= 0 {
		return q.bottom[i], true
	}
	return event{}, false
}

// pop removes the first event.
func (q *queue) pop() { q.bottom = q.bottom[:len(q.bottom)-1] }

// push adds an event, which must not lie before the last one popped.
func (q *queue) push(e event) {
	if q.ladder.n == 0 {
		q.end = math.MaxUint64
	}
	if uint64(e.at) >= q.end {
		q.ladder.put(e)
		return
	}
	if len(q.bottom) > bottomLimit {
		q.pushLong(e)
		return
	}
	// What is pushed is mostly due soon, so the search begins at the earliest.
	b := append(q.bottom, e)
	i := len(b) - 1
	for i > 0 && b[i-1].before(e) {
		b[i] = b[i-1]
		i--
	}
	b[i] = e
	q.bottom = b
	if len(b) > bottomLimit {
		q.cutBottom()
	}
}

// pushLong is push for a bottom that could not be cut, because many events lie at one
// instant: what a link has held back for a minute arrives all at once.
func (q *queue) pushLong(e event) {
	i := sort.Search(len(q.bottom), func(i int) bool { return q.bottom[i].before(e) })
	q.bottom = slices.Insert(q.bottom, i, e)
	q.cutBottom()
}

// cutBottom puts the later half of a bottom that has grown too long into the
// ladder. Events of one instant stay together.
func (q *queue) cutBottom() {
	cut := len(q.bottom) / 2
	if q.bottom[0].at == q.bottom[cut].at {
		return
	}
	for q.bottom[cut-1].at == q.bottom[cut].at {
		cut--
	}
	from := uint64(q.bottom[cut-1].at)
	if !q.ladder.putBack(q.bottom[:cut], from, q.end) {
		return
	}
	q.end = from
	q.bottom = q.bottom[:copy(q.bottom, q.bottom[cut:])]
}

// refill puts the earliest bucket of the ladder in front of what is left of the
// bottom.
func (q *queue) refill() {
	var left [bottomReserve]event
	n := copy(left[:], q.bottom)
	q.bottom, q.end = q.ladder.take(q.bottom[:0])
	sortEvents(q.bottom)
	q.bottom = append(q.bottom, left[:n]...)
}

// sortEvents sorts the latest first, by insertion while that is quick.
func sortEvents(s []event) {
	if len(s) > 2*sortBelow {
		slices.SortFunc(s, func(a, b event) int {
			if b.before(a) {
				return -1
			}
			return 1
		})
		return
	}
	for i := 1; i < len(s); i++ {
		e := s[i]
		j := i
		for j > 0 && s[j-1].before(e) {
			s[j] = s[j-1]
			j--
		}
		s[j] = e
	}
}
