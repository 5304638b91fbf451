package model

import "testing"

func TestLimitsDefaultToTwoAndTwentyTicks_N1(t *testing.T) {
	for _, tc := range []struct {
		tick, min, max int32
		want           Limits
	}{
		{2000, 0, 0, Limits{4000, 40000}},
		{DefaultTick, -1, -1, Limits{6000, 60000}},
		{2000, 1000, 0, Limits{1000, 40000}},
		{2000, 0, 5000, Limits{4000, 5000}},
	} {
		got, err := NewLimits(tc.tick, tc.min, tc.max)
		if err != nil || got != tc.want {
			t.Errorf("NewLimits(%d, %d, %d) = %v, %v, want %v", tc.tick, tc.min, tc.max, got, err, tc.want)
		}
	}
	if _, err := NewLimits(2000, 50000, 0); err == nil {
		t.Error("a minimum of 50000 above the maximum of 40000 gave no error")
	}
}

func TestServerClampsWhatIsAskedFor_N2(t *testing.T) {
	l := Limits{4000, 40000}
	for _, tc := range []struct{ asked, want int32 }{{1, 4000}, {4000, 4000}, {10000, 10000}, {40000, 40000}, {60000, 40000}, {-5, 4000}} {
		if got := l.Clamp(tc.asked); got != tc.want {
			t.Errorf("Clamp(%d) = %d, want %d", tc.asked, got, tc.want)
		}
	}
}
