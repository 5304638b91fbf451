package sim

import (
	"math"
	"testing"
	"time"
)

func TestLawConstantNeedsNoDraw(t *testing.T) {
	for _, value := range []time.Duration{0, time.Millisecond, MaxSample} {
		law, err := NewLaw("constant", map[string]float64{"value": float64(value)})
		if err != nil {
			t.Fatal(err)
		}
		s := newSampler(t, law, 0, 0)
		if s.NeedsDraw() {
			t.Errorf("%v: NeedsDraw() = true, want false", s)
		}
		for _, random := range []uint64{0, 1 << 63, math.MaxUint64} {
			if got := s.Sample(random); got != value {
				t.Errorf("%v: Sample(%#x) = %v, want %v", s, random, got, value)
			}
		}
	}
}
