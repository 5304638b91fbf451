package plots

import (
	"slices"
	"testing"

	"zksim/experiments"
)

// TestTheFrontIsWhatNoneIsBetterThan: a setting is on it if no other is at least as good
// in both, and better in one; who is as good as one on it in both is on it as well.
func TestTheFrontIsWhatNoneIsBetterThan(t *testing.T) {
	at := func(late, wrong float64) setting {
		return setting{latency: experiments.Estimate{Value: late}, mistakes: experiments.Estimate{Value: wrong}}
	}
	all := []setting{at(5, 0.3), at(3, 0.3), at(4, 0.5), at(3, 0.3), at(9, 0), at(8, 0.1), at(10, 0), at(2, 0.9)}
	f := &tradeoff{settings: slices.Clone(all)}
	f.findFront()
	for _, s := range f.settings {
		dominated := slices.ContainsFunc(all, func(o setting) bool {
			return o.latency.Value <= s.latency.Value && o.mistakes.Value <= s.mistakes.Value && (o.latency.Value < s.latency.Value || o.mistakes.Value < s.mistakes.Value)
		})
		if s.front == dominated {
			t.Errorf("%v, %v: front %v, dominated %v", s.latency.Value, s.mistakes.Value, s.front, dominated)
		}
	}
	if n := len(f.front()); n != 5 {
		t.Errorf("%d on the front, want 5", n)
	}
}
