package model

import "slices"

// Bucket returns the deadline that a touch at touch sets for a session with the
// given timeout, all in milliseconds of the leader's clock: the first multiple
// of tick strictly beyond touch+timeout, also where that sum is a multiple itself
// (T-3; ExpiryQueue.java:ExpiryQueue.update).
func Bucket(touch, timeout, tick int64) int64 {
	return nextInterval(touch+timeout, tick)
}

// nextInterval rounds up to the next multiple of interval, never to t itself
// (ExpiryQueue.java:ExpiryQueue.roundToNextInterval).
func nextInterval(t, interval int64) int64 { return (t/interval + 1) * interval }

// An ExpiryQueue keeps elements in buckets one interval apart, as ZooKeeper's
// does. Elements are small integers that the caller gives out.
//
// An element's deadline moves with every touch and almost never comes, so moving
// it must cost nothing: the queue keeps an element where it lies until that
// bucket is polled, and only then carries it on to where its deadline has moved.
// A deadline that moves to an earlier bucket (T-5) is the exception: the element
// is entered there at once and its old place is skipped.
type ExpiryQueue struct {
	interval int64
	next     int64
	entries  []expiryEntry  // by element
	buckets  []expiryBucket // in the order of their boundaries
	free     [][]int32
}

// An expiryBucket is the elements that are looked at when a boundary is polled.
type expiryBucket struct {
	at    int64
	elems []int32
}

// An expiryEntry is an element's deadline, none if it is absent, and the bucket
// in which it lies.
type expiryEntry struct {
	deadline, listed int64
}

const none = int64(-1)

// NewExpiryQueue returns an empty queue whose next boundary to poll is the first
// multiple of interval after now (T-4). Both are in milliseconds; interval must
// be positive.
func NewExpiryQueue(interval, now int64) *ExpiryQueue {
	q := new(ExpiryQueue)
	q.Reset(interval, now)
	return q
}

// Reset makes the queue what [NewExpiryQueue] returns, and uses its memory again.
func (q *ExpiryQueue) Reset(interval, now int64) {
	if interval <= 0 {
		panic("model: expiry interval must be positive")
	}
	for len(q.buckets) > 0 {
		q.give(q.take())
	}
	q.interval, q.next, q.entries = interval, nextInterval(now, interval), q.entries[:0]
}

// Next returns the boundary that Poll takes next.
func (q *ExpiryQueue) Next() int64 { return q.next }

// Due returns the boundary of the earliest bucket that holds anything, and whether there
// is one. At the boundaries before it, at which ZooKeeper's loop wakes as well, nothing
// happens.
func (q *ExpiryQueue) Due() (boundary int64, any bool) {
	if len(q.buckets) == 0 {
		return 0, false
	}
	return q.buckets[0].at, true
}

// Skip polls the boundaries up to now at which nothing lies, as far as the first one at
// which something does.
func (q *ExpiryQueue) Skip(now int64) {
	to := nextInterval(now, q.interval)
	if due, any := q.Due(); any {
		to = min(to, due)
	}
	q.next = max(q.next, to)
}

// Deadline returns the deadline of an element, or -1 if it is not in the queue.
func (q *ExpiryQueue) Deadline(elem int32) int64 {
	if int(elem) >= len(q.entries) {
		return none
	}
	return q.entries[elem].deadline
}

// Update sets the deadline of an element to the bucket of a touch at now with
// the given timeout, and returns it. It replaces the old deadline and is not a
// maximum (T-5).
func (q *ExpiryQueue) Update(elem int32, timeout, now int64) int64 {
	for int(elem) >= len(q.entries) {
		q.entries = append(q.entries, expiryEntry{none, none})
	}
	d := Bucket(now, timeout, q.interval)
	e := &q.entries[elem]
	e.deadline = d
	if e.listed == none || d < e.listed {
		q.list(elem, d)
	}
	return d
}

// Remove takes an element out.
func (q *ExpiryQueue) Remove(elem int32) {
	if int(elem) < len(q.entries) {
		q.entries[elem] = expiryEntry{none, none}
	}
}

// list enters an element into a bucket. One whose boundary is past is never polled.
func (q *ExpiryQueue) list(elem int32, at int64) {
	if q.entries[elem].listed = at; at < q.next {
		return
	}
	i := len(q.buckets)
	for i > 0 && q.buckets[i-1].at >= at {
		i--
	}
	if i == len(q.buckets) || q.buckets[i].at != at {
		var elems []int32
		if n := len(q.free); n > 0 {
			elems, q.free = q.free[n-1], q.free[:n-1]
		}
		q.buckets = slices.Insert(q.buckets, i, expiryBucket{at, elems})
	}
	q.buckets[i].elems = append(q.buckets[i].elems, elem)
}

// take removes the earliest bucket.
func (q *ExpiryQueue) take() []int32 {
	elems := q.buckets[0].elems
	q.buckets = slices.Delete(q.buckets, 0, 1)
	return elems
}

// give takes the memory of a bucket back.
func (q *ExpiryQueue) give(elems []int32) { q.free = append(q.free, elems[:0]) }

// Poll takes the bucket at the next boundary, appends its elements to due in
// the order in which they were entered, and moves the boundary on by one
// interval. It returns due unchanged while the boundary lies after now. A caller
// that is late by several boundaries polls them one after another (T-7, T-8;
// ExpiryQueue.java:ExpiryQueue.poll).
func (q *ExpiryQueue) Poll(now int64, due []int32) []int32 {
	if now < q.next {
		return due
	}
	boundary := q.next
	q.next += q.interval
	if at, any := q.Due(); !any || at > boundary {
		return due
	}
	bucket := q.take()
	for _, elem := range bucket {
		if q.entries[elem].listed != boundary {
			continue // removed, or moved to an earlier bucket
		}
		if d := q.entries[elem].deadline; d > boundary {
			q.list(elem, d)
			continue
		}
		q.Remove(elem)
		due = append(due, elem)
	}
	q.give(bucket)
	return due
}
