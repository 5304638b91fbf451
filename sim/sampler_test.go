package sim

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLawSamplerRefusesBadCutOffs(t *testing.T) {
	const second = time.Second
	law := lawNamed(t, "exponential") // of mean 5ms
	for _, c := range []struct {
		min, max time.Duration
		want     string
	}{
		{-second, 0, "min -1s: want 0s or more"},
		{0, 25 * time.Hour, "max 25h: want at most 24h"},
		{2 * second, second, "min 2s, max 1s: want min up to max"},
		{1500, 0, "min 1.5µs: want whole microseconds"},
		{0, 1500, "max 1.5µs: want whole microseconds"},
		{second, 0, "exponential(mean=5ms): probability 0 between min 1s and max 24h: want at least 1e-06"},
	} {
		_, err := NewSampler(law, c.min, c.max)
		if err == nil || err.Error() != c.want {
			t.Errorf("NewSampler(%v, %v) = %v, want %s", c.min, c.max, err, c.want)
		}
	}
}

// A constant on a cut-off lies within it: both cut-offs belong to the range.
func TestLawSamplerIncludesItsCutOffs(t *testing.T) {
	law := lawNamed(t, "constant") // of 3ms
	for _, c := range []struct {
		min, max time.Duration
		ok       bool
	}{
		{3 * time.Millisecond, 0, true},
		{0, 3 * time.Millisecond, true},
		{3 * time.Millisecond, 3 * time.Millisecond, true},
		{3001 * time.Microsecond, 0, false},
		{0, 2999 * time.Microsecond, false},
	} {
		if _, err := NewSampler(law, c.min, c.max); (err == nil) != c.ok {
			t.Errorf("NewSampler(%v, %v, %v): error %v, want success %v", law, c.min, c.max, err, c.ok)
		}
	}
}

// Half of a normal law around 0 is negative. Conditioned on the other half its
// median is the 75% quantile, 0.6744898 deviations; clamping would give 0.
func TestLawSamplerConditionsAndDoesNotClamp(t *testing.T) {
	law, err := NewLaw("normal", map[string]float64{"mean": 0, "sd": 1000 * ms})
	if err != nil {
		t.Fatal(err)
	}
	s := newSampler(t, law, 0, 0)
	if got, want := s.Sample(1<<63), 674490*time.Microsecond; got != want {
		t.Errorf("median is %v, want %v", got, want)
	}
}

// TestWholeMicrosRoundsAsMathDoes, also where half a microsecond and its neighbours
// among the floating-point numbers decide.
func TestWholeMicrosRoundsAsMathDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.Float64Range(0, float64(MaxSample)).Draw(t, "ns")
		half := float64(rapid.Int64Range(0, int64(MaxSample/time.Microsecond)).Draw(t, "us"))*1000 + 500
		for _, x := range []float64{ns, half, math.Nextafter(half, 0), math.Nextafter(half, math.Inf(1)), 0} {
			if got, want := wholeMicros(x), time.Duration(math.Round(x/1000)); got != want {
				t.Errorf("wholeMicros(%v) = %d, want %d", x, got, want)
			}
		}
	})
}

func TestLawSamplerDoesNotAllocate(t *testing.T) {
	for _, c := range lawCases {
		s := newSampler(t, c.law(t), 0, 0)
		var counter uint64
		if got := testing.AllocsPerRun(100, func() { sampleAt(s, counter); counter++ }); got != 0 {
			t.Errorf("%v: Sample allocates %v times, want 0", s, got)
		}
	}
}

// lawNamed gives the example of a law.
func lawNamed(t testing.TB, name string) Law {
	t.Helper()
	for _, c := range lawCases {
		if c.name == name {
			return c.law(t)
		}
	}
	t.Fatalf("no lawCase %q", name)
	return nil
}

func BenchmarkSampler(b *testing.B) {
	for _, c := range lawCases {
		b.Run(c.name, func(b *testing.B) {
			s := newSampler(b, c.law(b), 0, 0)
			b.ReportAllocs()
			var sum time.Duration
			for i := range uint64(b.N) {
				sum += s.Sample(i * 0x9E3779B97F4A7C15)
			}
			benchmarkWord = uint64(sum)
		})
	}
}

func BenchmarkNewSamplerGamma(b *testing.B) {
	law := lawNamed(b, "gamma")
	b.ReportAllocs()
	for range b.N {
		newSampler(b, law, 0, 0)
	}
}
