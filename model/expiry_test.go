package model

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestVector1_T3(t *testing.T) {
	for _, tc := range []struct{ tick, timeout, touch, want int64 }{
		{2000, 4000, 0, 6000}, {2000, 4000, 1, 6000}, {2000, 4000, 1999, 6000}, {2000, 4000, 2000, 8000},
		{3000, 10000, 0, 12000}, {3000, 10000, 1999, 12000}, {3000, 10000, 2000, 15000},
	} {
		if got := Bucket(tc.touch, tc.timeout, tc.tick); got != tc.want {
			t.Errorf("Bucket(%d, %d, %d) = %d, want %d", tc.touch, tc.timeout, tc.tick, got, tc.want)
		}
	}
}

func TestDeadlineLiesBeyondTheTimeoutByOneToATick_T3(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tick := rapid.Int64Range(1, 10_000).Draw(t, "tick")
		timeout := rapid.Int64Range(0, 1_000_000).Draw(t, "timeout")
		touch := rapid.Int64Range(0, 1e12).Draw(t, "touch")
		b := Bucket(touch, timeout, tick)
		if b%tick != 0 || b-touch < timeout+1 || b-touch > timeout+tick {
			t.Fatalf("Bucket(%d, %d, %d) = %d", touch, timeout, tick, b)
		}
	})
}

func TestVector2_T8(t *testing.T) {
	q := NewExpiryQueue(2000, 9000) // the next boundary is 10000
	for elem, boundary := range []int64{10000, 12000, 14000, 16000} {
		q.Update(int32(elem), boundary-2000, 1999) // lands in the bucket at boundary
		if got := q.Deadline(int32(elem)); got != boundary {
			t.Fatalf("element %d lies at %d, want %d", elem, got, boundary)
		}
	}
	for i, boundary := range []int64{10000, 12000, 14000} {
		if got := q.Next(); got != boundary {
			t.Errorf("boundary before poll %d = %d, want %d", i, got, boundary)
		}
		same(t, "polled at 15500", q.Poll(15500, nil), int32(i))
	}
	same(t, "polled too often", q.Poll(15500, nil))
	if got := q.Next(); got != 16000 {
		t.Errorf("next boundary = %d, want 16000", got)
	}
}

func TestFirstBoundaryLiesBeyondNow_T4(t *testing.T) {
	for _, tc := range []struct{ tick, now, want int64 }{{2000, 0, 2000}, {2000, 1999, 2000}, {2000, 2000, 4000}, {3000, 10000, 12000}} {
		if got := NewExpiryQueue(tc.tick, tc.now).Next(); got != tc.want {
			t.Errorf("NewExpiryQueue(%d, %d).Next() = %d, want %d", tc.tick, tc.now, got, tc.want)
		}
	}
}

func TestPollWaitsForItsBoundary(t *testing.T) { // T-7
	q := NewExpiryQueue(2000, 0)
	q.Update(0, 0, 0) // due at 2000
	if due := q.Poll(1999, nil); len(due) != 0 || q.Next() != 2000 {
		t.Errorf("polled %v a millisecond early, next boundary %d", due, q.Next())
	}
	same(t, "polled on time", q.Poll(2000, nil), 0)
}

func TestQueueRefusesAnEmptyInterval(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("NewExpiryQueue(0, 0) did not panic")
		}
	}()
	NewExpiryQueue(0, 0)
}

// A slowQueue is ExpiryQueue.java word for word: a map from element to deadline,
// and a map from boundary to set.
type slowQueue struct {
	interval, next int64
	elems          map[int32]int64
	sets           map[int64]map[int32]bool
}

func (q *slowQueue) update(elem int32, timeout, now int64) {
	expiry := ((now+timeout)/q.interval + 1) * q.interval
	old, had := q.elems[elem]
	if had && old == expiry {
		return
	}
	if q.sets[expiry] == nil {
		q.sets[expiry] = map[int32]bool{}
	}
	q.sets[expiry][elem] = true
	q.elems[elem] = expiry
	if had {
		delete(q.sets[old], elem)
	}
}

func (q *slowQueue) remove(elem int32) {
	delete(q.sets[q.elems[elem]], elem)
	delete(q.elems, elem)
}

func (q *slowQueue) poll(now int64) []int32 {
	if now < q.next {
		return nil
	}
	var due []int32
	for elem := range q.sets[q.next] {
		due = append(due, elem)
		delete(q.elems, elem) // the tracker touches no session that it has marked
	}
	delete(q.sets, q.next)
	q.next += q.interval
	slices.Sort(due)
	return due
}

func TestQueueBehavesLikeTheObviousOne(t *testing.T) { // T-3, T-4, T-5, T-7, T-8
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.Int64Range(1, 50).Draw(t, "interval")
		now := rapid.Int64Range(0, 200).Draw(t, "start")
		q := NewExpiryQueue(interval, now)
		slow := &slowQueue{interval, (now/interval + 1) * interval, map[int32]int64{}, map[int64]map[int32]bool{}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(0, 70).Draw(t, "pause")
			elem := rapid.Int32Range(0, 5).Draw(t, "element")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				q.Remove(elem)
				slow.remove(elem)
			case 1, 2:
				// As the expiry loop does: everything that is overdue.
				for q.Next() <= now {
					got := q.Poll(now, nil)
					slices.Sort(got)
					if want := slow.poll(now); !slices.Equal(got, want) {
						t.Fatalf("poll at %d: got %v, want %v", now, got, want)
					}
				}
			default:
				timeout := rapid.Int64Range(0, 120).Draw(t, "timeout")
				if (now+timeout)/interval*interval < slow.next-interval {
					continue // a bucket that is already polled: the loop is never so late when a touch comes
				}
				q.Update(elem, timeout, now)
				slow.update(elem, timeout, now)
			}
			if q.Next() != slow.next {
				t.Fatalf("next boundary %d, want %d", q.Next(), slow.next)
			}
			for e := range int32(6) {
				want, ok := slow.elems[e]
				if !ok {
					want = -1
				}
				if got := q.Deadline(e); got != want {
					t.Fatalf("deadline of %d: %d, want %d", e, got, want)
				}
			}
		}
	})
}

// The loop may skip the boundaries at which nothing lies: a queue that does polls the
// same elements at the same boundaries as one that polls every boundary.
func TestSkippingIsPollingWhereNothingLies(t *testing.T) { // T-7, T-8
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.Int64Range(1, 50).Draw(t, "interval")
		now := rapid.Int64Range(0, 200).Draw(t, "start")
		every, skips := NewExpiryQueue(interval, now), NewExpiryQueue(interval, now)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(0, 200).Draw(t, "pause")
			if at, any := skips.Due(); any {
				for e := range int32(6) {
					if d := skips.Deadline(e); d != -1 && d < at {
						t.Fatalf("due at %d, but element %d is at %d", at, e, d)
					}
				}
			}
			poll := func(q *ExpiryQueue) (polled [][2]int64) {
				for q.Next() <= now {
					boundary := q.Next()
					for _, elem := range q.Poll(now, nil) {
						polled = append(polled, [2]int64{boundary, int64(elem)})
					}
				}
				return polled
			}
			skips.Skip(now)
			if got, want := poll(skips), poll(every); !slices.Equal(got, want) {
				t.Fatalf("at %d: %v, want %v", now, got, want)
			}
			if every.Next() != skips.Next() {
				t.Fatalf("at %d: next boundary %d, want %d", now, skips.Next(), every.Next())
			}
			elem := rapid.Int32Range(0, 5).Draw(t, "element")
			if rapid.IntRange(0, 4).Draw(t, "what") == 0 {
				every.Remove(elem)
				skips.Remove(elem)
				continue
			}
			timeout := rapid.Int64Range(0, 400).Draw(t, "timeout")
			if got, want := skips.Update(elem, timeout, now), every.Update(elem, timeout, now); got != want {
				t.Fatalf("deadline %d, want %d", got, want)
			}
		}
	})
}

func TestQueueThatIsResetIsLikeANewOne(t *testing.T) { // T-4
	q := NewExpiryQueue(2000, 0)
	q.Update(0, 4000, 0)
	q.Update(1, 8000, 0)
	q.Poll(2000, nil)
	q.Reset(3000, 10000)
	if _, any := q.Due(); any || q.Next() != 12000 || q.Deadline(0) != -1 || q.Deadline(1) != -1 {
		t.Errorf("after the reset: something due %v, next boundary %d, want nothing and 12000", any, q.Next())
	}
	q.Update(1, 3000, 10000)
	same(t, "polled", q.Poll(12000, nil))
	same(t, "polled", q.Poll(15000, nil), 1)
}
