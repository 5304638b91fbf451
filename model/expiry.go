package model

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
	entries  []expiryEntry     // by element
	buckets  map[int64][]int32 // never ranged over: its order is not defined
	free     [][]int32
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
	if interval <= 0 {
		panic("model: expiry interval must be positive")
	}
	return &ExpiryQueue{interval: interval, next: nextInterval(now, interval), buckets: map[int64][]int32{}}
}

// Next returns the boundary that Poll takes next.
func (q *ExpiryQueue) Next() int64 { return q.next }

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

func (q *ExpiryQueue) list(elem int32, bucket int64) {
	b, ok := q.buckets[bucket]
	if !ok && len(q.free) > 0 {
		b = q.free[len(q.free)-1]
		q.free = q.free[:len(q.free)-1]
	}
	q.buckets[bucket] = append(b, elem)
	q.entries[elem].listed = bucket
}

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
	bucket, ok := q.buckets[boundary]
	if !ok {
		return due
	}
	delete(q.buckets, boundary)
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
	q.free = append(q.free, bucket[:0])
	return due
}
