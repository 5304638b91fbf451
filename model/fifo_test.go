package model

import (
	"testing"

	"pgregory.net/rapid"
)

// TestFIFOGivesItemsInTheOrderInWhichTheyCame plays random histories against a
// plain slice.
func TestFIFOGivesItemsInTheOrderInWhichTheyCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q FIFO[int]
		var want []int
		next := 0
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "push") > 0 {
				q.Push(next)
				want = append(want, next)
				next++
			} else if len(want) > 0 {
				if got := q.Pop(); got != want[0] {
					t.Fatalf("Pop() = %d, want %d", got, want[0])
				}
				want = want[1:]
			}
			if q.Len() != len(want) {
				t.Fatalf("Len() = %d, want %d", q.Len(), len(want))
			}
			for i := range want {
				if *q.At(i) != want[i] {
					t.Fatalf("At(%d) = %d, want %d", i, *q.At(i), want[i])
				}
			}
		}
	})
}

// TestFIFOKeepsItsMemoryNearWhatWaits: a queue that is never empty does not grow.
func TestFIFOKeepsItsMemoryNearWhatWaits(t *testing.T) {
	var q FIFO[int]
	for i := range 100_000 {
		q.Push(i)
		if q.Len() > 10 {
			q.Pop()
		}
	}
	if cap(q.items) > 64 {
		t.Errorf("capacity %d for 10 items", cap(q.items))
	}
}
