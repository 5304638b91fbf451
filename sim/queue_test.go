package sim

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zksim/clock"
)

// A slowQueue is the obvious queue: a sorted slice.
type slowQueue []event

func (q *slowQueue) push(e event) {
	i, _ := slices.BinarySearchFunc(*q, e, func(a, b event) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	*q = slices.Insert(*q, i, e)
}

func (q *slowQueue) pop() event {
	e := (*q)[0]
	*q = (*q)[1:]
	return e
}

// TestQueueGivesEventsInTheOrderOfTheirKeys plays random histories, with many
// ties and with gaps of every size, against the obvious queue.
func TestQueueGivesEventsInTheOrderOfTheirKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var slow slowQueue
		now := clock.Instant(0)
		spreads := rapid.SliceOfN(rapid.SampledFrom([]int64{1, 3, 300, 70_000, 1 << 33, 1 << 50}), 1, 3).Draw(t, "spreads")
		for range rapid.IntRange(1, 60).Draw(t, "rounds") {
			spread := rapid.SampledFrom(spreads).Draw(t, "spread")
			for range rapid.IntRange(0, 120).Draw(t, "pushes") {
				e := event{at: now + clock.Instant(rapid.Int64Range(0, spread).Draw(t, "gap")), key: rapid.Uint64().Draw(t, "key")}
				q.push(e)
				slow.push(e)
			}
			if q.len() != len(slow) {
				t.Fatalf("len() = %d, want %d", q.len(), len(slow))
			}
			for range rapid.IntRange(0, 120).Draw(t, "pops") {
				if q.len() == 0 {
					break
				}
				q.ready()
				got := q.first()
				want := slow.pop()
				if got != want {
					t.Fatalf("first() = %v, want %v", got, want)
				}
				q.pop()
				now = got.at
			}
		}
	})
}

// TestQueueHoldsManyEventsOfOneInstant: the bottom cannot be cut between them.
func TestQueueHoldsManyEventsOfOneInstant(t *testing.T) {
	var q queue
	const n = 5000
	for i := range n {
		q.push(event{at: 7, key: uint64(i * 2654435761 % n)})
	}
	last := event{at: 7}
	for i := range n {
		q.ready()
		e := q.first()
		q.pop()
		if e.before(last) {
			t.Fatalf("event %d gave %v after %v", i, e, last)
		}
		last = e
	}
}
