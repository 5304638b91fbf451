package model

import (
	"slices"

	"zksim/clock"
)

// A Tracker is the session tracker of a leader or of a standalone server: the
// only place where the timers of global sessions exist (T-1;
// SessionTrackerImpl.java). All times are milliseconds of that server's clock.
type Tracker struct {
	queue    *ExpiryQueue
	sessions []trackedSession
	slots    sessionTable[int32] // slot+1 of each session
	free     []int32
	due      []int32
}

type trackedSession struct {
	id      SessionID
	timeout int32 // of the last touch (N-3)
	first   int32 // as it was tracked with first (N-4)
	closing bool
	owner   NodeID // the server through which the session speaks (H-8)
	touched RecordID
}

// NewTracker returns a tracker without sessions whose buckets are tick apart.
func NewTracker(tick, now int64) *Tracker {
	return &Tracker{queue: NewExpiryQueue(tick, now)}
}

// Reset makes the tracker what [NewTracker] returns, and uses its memory again.
func (t *Tracker) Reset(tick, now int64) {
	t.queue.Reset(tick, now)
	t.slots.empty()
	*t = Tracker{queue: t.queue, sessions: t.sessions[:0], slots: t.slots, free: t.free[:0], due: t.due[:0]}
}

// Next returns the next bucket boundary to poll.
func (t *Tracker) Next() int64 { return t.queue.Next() }

// Wake returns when the expiry loop next has anything to look at, or clock.Unset. It
// also wakes at every boundary before that, and does nothing (T-7).
func (t *Tracker) Wake() clock.Reading {
	if at, any := t.queue.Due(); any {
		return clock.ReadingOfMillis(at)
	}
	return clock.Unset
}

// Skip has the loop pass the boundaries up to now at which there is nothing to look at.
func (t *Tracker) Skip(now int64) { t.queue.Skip(now) }

// Track begins to track a session, unless it is tracked already, and touches
// it (T-11; SessionTrackerImpl.java:SessionTrackerImpl.trackSession). It returns
// the deadline and whether the session is new here.
func (t *Tracker) Track(id SessionID, timeout int32, now int64) (deadline int64, added bool) {
	slot, ok := t.slot(id)
	if !ok {
		if n := len(t.free); n > 0 {
			slot, t.free = t.free[n-1], t.free[:n-1]
		} else {
			slot = int32(len(t.sessions))
			t.sessions = append(t.sessions, trackedSession{})
		}
		t.sessions[slot] = trackedSession{id: id, timeout: timeout, first: timeout, owner: NoNode}
		*t.slots.at(id) = slot + 1
	}
	if t.sessions[slot].closing {
		return t.queue.Deadline(slot), false
	}
	t.sessions[slot].timeout = timeout
	return t.queue.Update(slot, int64(timeout), now), !ok
}

// Touch moves the deadline of a session. It fails, changing nothing, if the
// session is unknown or marked closing (T-5, T-6;
// SessionTrackerImpl.java:SessionTrackerImpl.touchSession).
func (t *Tracker) Touch(id SessionID, timeout int32, now int64, record RecordID) (deadline int64, ok bool) {
	slot, ok := t.slot(id)
	if !ok || t.sessions[slot].closing {
		return 0, false
	}
	s := &t.sessions[slot]
	s.timeout = timeout
	s.touched = record
	return t.queue.Update(slot, int64(timeout), now), true
}

// TouchBy is [Tracker.Check] and [Tracker.Touch] in one, for a session that owner is known
// to speak for. It reports whether that is so; if not, it has changed nothing.
func (t *Tracker) TouchBy(id SessionID, owner NodeID, timeout int32, now int64, record RecordID) (deadline int64, ok bool) {
	slot, ok := t.slot(id)
	if !ok {
		return 0, false
	}
	s := &t.sessions[slot]
	if s.closing || s.owner != owner {
		return 0, false
	}
	s.timeout, s.touched = timeout, record
	return t.queue.Update(slot, int64(timeout), now), true
}

// Poll takes the bucket at the next boundary and marks its sessions closing, in
// the order of their IDs: ZooKeeper's own order inside a batch is that of a hash
// set and means nothing (T-9; SessionTrackerImpl.java:SessionTrackerImpl.run). It
// calls expire for each with the boundary. It reports whether a bucket was due.
func (t *Tracker) Poll(now int64, expire func(id SessionID, boundary int64, touched RecordID)) bool {
	boundary := t.queue.Next()
	if now < boundary {
		return false
	}
	t.due = t.queue.Poll(now, t.due[:0])
	slices.SortFunc(t.due, func(a, b int32) int {
		if t.sessions[a].id < t.sessions[b].id {
			return -1
		}
		return 1
	})
	for _, slot := range t.due {
		s := &t.sessions[slot]
		s.closing = true
		expire(s.id, boundary, s.touched)
	}
	return true
}

// SetClosing marks a session closing without waiting for its deadline (Z-2). It
// keeps its bucket: if the deadline comes before the transaction is applied, the
// expiry loop submits a second one (Z-9;
// SessionTrackerImpl.java:SessionTrackerImpl.setSessionClosing).
func (t *Tracker) SetClosing(id SessionID) {
	if slot, ok := t.slot(id); ok {
		t.sessions[slot].closing = true
	}
}

// Remove forgets a session, when its closeSession is applied (T-10;
// SessionTrackerImpl.java:SessionTrackerImpl.removeSession).
func (t *Tracker) Remove(id SessionID) {
	slot, ok := t.slot(id)
	if !ok {
		return
	}
	t.queue.Remove(slot)
	*t.slots.at(id) = 0
	t.sessions[slot] = trackedSession{}
	t.free = append(t.free, slot)
}

// SetOwner records the server that speaks for a session from now on
// (SessionTrackerImpl.java:SessionTrackerImpl.setOwner).
func (t *Tracker) SetOwner(id SessionID, owner NodeID) {
	if slot, ok := t.slot(id); ok {
		t.sessions[slot].owner = owner
	}
}

// Check returns what ZooKeeper's checkSession does for a request that came in
// through owner: ErrSessionExpired if the session is unknown or closing,
// ErrSessionMoved if another server speaks for it (H-8, Z-8;
// SessionTrackerImpl.java:SessionTrackerImpl.checkSession).
func (t *Tracker) Check(id SessionID, owner NodeID) ErrCode {
	slot, ok := t.slot(id)
	switch {
	case !ok || t.sessions[slot].closing:
		return ErrSessionExpired
	case t.sessions[slot].owner == NoNode:
		t.sessions[slot].owner = owner
	case t.sessions[slot].owner != owner:
		return ErrSessionMoved
	}
	return ErrOK
}

// Deadline returns the deadline of a session and whether it is tracked and not
// closing.
func (t *Tracker) Deadline(id SessionID) (int64, bool) {
	slot, ok := t.slot(id)
	if !ok || t.sessions[slot].closing {
		return 0, false
	}
	return t.queue.Deadline(slot), true
}

// Closing reports whether a session is marked closing and not yet removed.
func (t *Tracker) Closing(id SessionID) bool {
	slot, ok := t.slot(id)
	return ok && t.sessions[slot].closing
}

// Tracks reports whether a session is tracked, closing or not.
func (t *Tracker) Tracks(id SessionID) bool {
	_, ok := t.slot(id)
	return ok
}

// Each calls f for every session that is tracked, in the order of their IDs.
func (t *Tracker) Each(f func(id SessionID)) {
	t.slots.each(func(id SessionID, slot *int32) {
		if *slot != 0 {
			f(id)
		}
	})
}

// First returns the timeout that a session was tracked with first, zero if it is
// unknown (N-4).
func (t *Tracker) First(id SessionID) int32 {
	if slot, ok := t.slot(id); ok {
		return t.sessions[slot].first
	}
	return 0
}

func (t *Tracker) slot(id SessionID) (int32, bool) {
	p := t.slots.find(id)
	if p == nil || *p == 0 {
		return 0, false
	}
	return *p - 1, true
}

// A sessionTable holds something for every session, found without hashing: a
// session's ID is the server that made it and a count (see [SessionID]).
type sessionTable[T any] struct {
	byServer [][]T
}

// empty forgets every session.
func (t *sessionTable[T]) empty() {
	for i := range t.byServer {
		clear(t.byServer[i])
		t.byServer[i] = t.byServer[i][:0]
	}
}

// find returns the entry of a session, or nil if none was ever made.
func (t *sessionTable[T]) find(id SessionID) *T {
	server, count := id.Server(), id.count()
	if server >= len(t.byServer) || count >= len(t.byServer[server]) {
		return nil
	}
	return &t.byServer[server][count]
}

// at returns the entry of a session, making it. The pointer holds until the next
// call of at.
func (t *sessionTable[T]) at(id SessionID) *T {
	server, count := id.Server(), id.count()
	for server >= len(t.byServer) {
		t.byServer = append(t.byServer, nil)
	}
	for count >= len(t.byServer[server]) {
		var zero T
		t.byServer[server] = append(t.byServer[server], zero)
	}
	return &t.byServer[server][count]
}

// each calls f for every entry, in the order of the session IDs.
func (t *sessionTable[T]) each(f func(id SessionID, entry *T)) {
	for server := range t.byServer {
		for count := range t.byServer[server] {
			f(makeSessionID(server, count), &t.byServer[server][count])
		}
	}
}
