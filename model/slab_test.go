package model

import "testing"

func TestSlabGivesZeroValuesThatNobodyElseHas(t *testing.T) {
	var s Slab[int]
	for run, n := range []int{3, 5, 5, slabLimit + 7, 4} {
		seen := map[*int]bool{}
		for range n {
			p := s.Take()
			if *p != 0 || seen[p] {
				t.Fatalf("run %d: %d, given out before: %v", run, *p, seen[p])
			}
			*p, seen[p] = 1, true
		}
		s.Reset()
	}
	if len(s.items) != slabLimit {
		t.Errorf("it holds %d, want %d", len(s.items), slabLimit)
	}
}
