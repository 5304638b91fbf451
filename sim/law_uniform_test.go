package sim

import (
	"testing"
	"time"
)

// Conditioned on [3ms, 5ms], the uniform law on [2ms, 6ms] is the one on [3ms, 5ms].
func TestLawUniformCutIsUniformBetweenTheCuts(t *testing.T) {
	law, err := NewLaw("uniform", map[string]float64{"from": 2 * ms, "to": 6 * ms})
	if err != nil {
		t.Fatal(err)
	}
	s := newSampler(t, law, 3*time.Millisecond, 5*time.Millisecond)
	for _, c := range []struct {
		random uint64
		want   time.Duration
	}{
		{0, 3 * time.Millisecond},
		{1 << 62, 3500 * time.Microsecond},
		{1 << 63, 4 * time.Millisecond},
		{1<<64 - 1, 5 * time.Millisecond},
	} {
		if got := s.Sample(c.random); got != c.want {
			t.Errorf("Sample(%#x) = %v, want %v", c.random, got, c.want)
		}
	}
}
