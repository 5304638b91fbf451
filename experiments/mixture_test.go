package experiments

import (
	"math"
	"testing"
	"time"
)

func TestMixtureIsTheWeightedMeanOfItsParts(t *testing.T) {
	const s = time.Second
	m := NewMixture(
		Part{0.25, NewUniformSum(0, Span{0, 2 * s})},
		Part{0, NewUniformSum(100 * s)}, // no share: it counts for nothing, not for the ends either
		Part{0.75, NewUniformSum(4*s, Span{0, 4 * s})})
	if m.Min() != 0 || m.Max() != 8*s {
		t.Errorf("ends %v and %v: want 0s and 8s", m.Min(), m.Max())
	}
	// Mean 0.25·1 + 0.75·6; variance 0.25·(4/12 + 3.75²) + 0.75·(16/12 + 1.25²).
	if got := m.Mean(); math.Abs(got-4.75e9) > 1 {
		t.Errorf("mean %v: want 4.75e9", got)
	}
	if got, want := m.SD(), 1e9*math.Sqrt(0.25*(4.0/12+3.75*3.75)+0.75*(16.0/12+1.25*1.25)); math.Abs(got-want) > 1 {
		t.Errorf("sd %v: want %v", got, want)
	}
	for _, tc := range []struct{ x, want float64 }{{-1, 0}, {1e9, 0.125}, {2e9, 0.25}, {3e9, 0.25}, {5e9, 0.25 + 0.75/4}, {8e9, 1}} {
		if got := m.CDF(tc.x); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("CDF(%g) = %v: want %v", tc.x, got, tc.want)
		}
	}
	for _, u := range []float64{0.1, 0.2, 0.3, 0.9} {
		if got := m.CDF(m.Quantile(u)); math.Abs(got-u) > 1e-12 {
			t.Errorf("CDF(Quantile(%v)) = %v", u, got)
		}
	}
	if got, want := m.String(), "25% 0s + U[0, 2s], 75% 4s + U[0, 4s]"; got != want {
		t.Errorf("%q: want %q", got, want)
	}
}

func TestImpossibleMixturesPanic(t *testing.T) {
	for _, parts := range [][]Part{
		{{0.5, NewUniformSum(0)}},
		{{1.5, NewUniformSum(0)}, {-0.5, NewUniformSum(0)}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: no panic", parts)
				}
			}()
			NewMixture(parts...)
		}()
	}
}

// TestZombieBoundsOfTheExamples_Q13 checks the numbers that the rule itself gives:
// τ = 2000, S = 10000, no latency.
func TestZombieBoundsOfTheExamples_Q13(t *testing.T) {
	const silence = 10 * time.Second
	for _, tc := range []struct {
		timeout, least, most int64 // ms
		certain, impossible  bool
	}{
		{4000, 4000, 8000, true, false},
		{10000, -2000, 4000, false, false},
		{16000, -8000, 0, false, false},
		{17000, -9000, -1000, false, true},
	} {
		s := Setting{Timeout: time.Duration(tc.timeout) * time.Millisecond, Tick: 2 * time.Second}
		r := s.CutOffFollowerWithin(silence)
		if r.Least.Milliseconds() != tc.least || r.Most.Milliseconds() != tc.most {
			t.Errorf("T = %d: Z from %v to %v: want %d to %d ms", tc.timeout, r.Least, r.Most, tc.least, tc.most)
		}
		if s.CutOffFollowerCertain(silence) != tc.certain || s.CutOffFollowerImpossible(silence) != tc.impossible {
			t.Errorf("T = %d: certain %v, impossible %v: want %v and %v", tc.timeout, s.CutOffFollowerCertain(silence), s.CutOffFollowerImpossible(silence), tc.certain, tc.impossible)
		}
		if law := s.CutOffFollower(silence); law.Min() != r.Least || law.Max() > r.Most {
			t.Errorf("T = %d: the law goes from %v to %v, the bounds from %v to %v", tc.timeout, law.Min(), law.Max(), r.Least, r.Most)
		}
	}
}

// TestGapsAreAtMostHalfTheTimeout_Q26 goes through timeouts from 2τ on.
func TestGapsAreAtMostHalfTheTimeout_Q26(t *testing.T) {
	for timeout := 4 * time.Second; timeout < 40*time.Second; timeout += 7 * time.Millisecond {
		s := Setting{Timeout: timeout, Tick: 2 * time.Second}
		g := s.TouchGap()
		if g.Max() > timeout/2 {
			t.Fatalf("T = %v: gaps up to %v: want at most T/2", timeout, g.Max())
		}
		if off := time.Duration(g.Mean()) - s.period(); off < -time.Microsecond || off > time.Microsecond {
			t.Fatalf("T = %v: mean gap %v: want p = %v", timeout, time.Duration(g.Mean()), s.period())
		}
	}
}
