package sim

import (
	"math"
	"testing"
	"time"
)

// The tail of a Pareto law has no mean for shapes up to 1 and no variance for
// shapes up to 2; the sampler stays within MaxSample all the same.
func TestLawParetoOfSmallShapeHasNoMomentsButABoundedSample(t *testing.T) {
	law, err := NewLaw("pareto", map[string]float64{"scale": ms, "shape": 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(law.Mean(), 1) || !math.IsInf(law.SD(), 1) {
		t.Errorf("Mean() = %v, SD() = %v, want +Inf", law.Mean(), law.SD())
	}
	s := newSampler(t, law, 0, 0)
	if got := s.Sample(math.MaxUint64); got > MaxSample || got < MaxSample-time.Millisecond {
		t.Errorf("Sample of the greatest word is %v, want %v or just below", got, MaxSample)
	}
	// Conditioned on at most b, the median solves F(x) = F(b)/2 with F(x) = 1-√(1ms/x).
	half := (1 - math.Sqrt(float64(time.Millisecond)/float64(MaxSample))) / 2
	want := time.Duration(ms / ((1 - half) * (1 - half))).Round(time.Microsecond)
	if got := s.Sample(1 << 63); got != want {
		t.Errorf("median is %v, want %v", got, want)
	}
}
