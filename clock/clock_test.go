package clock

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMillisecondsAreCutOffNotRounded(t *testing.T) { // T-2, K-1
	for _, tc := range []struct {
		r    Reading
		want int64
	}{{0, 0}, {999_999, 0}, {1_000_000, 1}, {1_999_999, 1}, {9_811_700_000, 9811}} {
		if got := tc.r.Millis(); got != tc.want {
			t.Errorf("Reading(%d).Millis() = %d, want %d", int64(tc.r), got, tc.want)
		}
	}
}

func TestClockShowsOffsetAndRate(t *testing.T) { // K-4
	// 100 s at +200 ppm gain 20 ms; at -200 ppm they lose 20 ms.
	for _, tc := range []struct {
		offset Reading
		ppm    int64
		at     Instant
		want   Reading
	}{
		{0, 0, 5e9, 5e9},
		{7e9, 0, 5e9, 12e9},
		{0, 200, 100e9, 100_020_000_000},
		{1, -200, 100e9, 99_980_000_001},
		{0, 1, 1, 1}, // a fraction of a nanosecond is cut off
	} {
		c, err := New(tc.offset, tc.ppm)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Read(tc.at); got != tc.want {
			t.Errorf("offset %d, %d ppm: Read(%v) = %d, want %d", tc.offset, tc.ppm, tc.at, got, tc.want)
		}
	}
}

func TestClockRefusesImpossibleRatesAndOffsets(t *testing.T) {
	for _, tc := range []struct {
		offset Reading
		ppm    int64
	}{{-1, 0}, {0, MaxPPM + 1}, {0, -MaxPPM - 1}} {
		if _, err := New(tc.offset, tc.ppm); err == nil {
			t.Errorf("New(%d, %d) gave no error", tc.offset, tc.ppm)
		}
	}
}

func TestFrozenClockStandsStillAndRunsOnFromThere(t *testing.T) { // K-5
	c, _ := New(1000, 0)
	c.Freeze(2000)
	if got := c.Read(9000); got != 3000 {
		t.Errorf("while frozen Read = %d, want 3000", got)
	}
	if got := c.When(3001); got != Never {
		t.Errorf("while frozen When(3001) = %v, want never", got)
	}
	c.Thaw(10000)
	if got := c.Read(10001); got != 3001 {
		t.Errorf("after the thaw Read = %d, want 3001", got)
	}
	if got := c.When(3001); got != 10001 {
		t.Errorf("after the thaw When(3001) = %d, want 10001", got)
	}
	if got := c.When(3000); got != 2000 {
		t.Errorf("When(3000) = %d, want 2000: the reading was reached before the freeze", got)
	}
	if got := c.Read(1500); got != 2500 {
		t.Errorf("the past changed: Read(1500) = %d, want 2500", got)
	}
}

func TestInstantsAndReadingsSaturate(t *testing.T) {
	if got := (Never - 1).Add(time.Hour); got != Never {
		t.Errorf("instant past the end = %v, want never", got)
	}
	if got := (Unset - 1).Add(time.Hour); got != Unset {
		t.Errorf("reading past the end = %v, want unset", got)
	}
	if got := (*Clock)(&Clock{}).When(Unset); got != Never {
		t.Errorf("When(Unset) = %v, want never", got)
	}
}

// TestWhenIsTheFirstInstantThatReadsAtLeast checks the definition of When on
// random clocks with freezes: the reading is reached there and not before.
func TestWhenIsTheFirstInstantThatReadsAtLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := randomClock(t)
		r := Reading(rapid.Int64Range(0, 4e14).Draw(t, "reading"))
		w := c.When(r)
		if w == Never {
			return
		}
		if c.Read(w) < r {
			t.Fatalf("Read(When(%d)=%d) = %d", r, w, c.Read(w))
		}
		if w > 0 && c.Read(w-1) >= r {
			t.Fatalf("Read(%d) = %d already reaches %d", w-1, c.Read(w-1), r)
		}
	})
}

func TestClockNeverGoesBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := randomClock(t)
		a := Instant(rapid.Int64Range(0, 3e14).Draw(t, "a"))
		b := a + Instant(rapid.Int64Range(0, 1e12).Draw(t, "b"))
		if c.Read(b) < c.Read(a) {
			t.Fatalf("Read(%d) = %d below Read(%d) = %d", b, c.Read(b), a, c.Read(a))
		}
	})
}

func randomClock(t *rapid.T) *Clock {
	c, err := New(Reading(rapid.Int64Range(0, 1e13).Draw(t, "offset")), rapid.Int64Range(-MaxPPM, MaxPPM).Draw(t, "ppm"))
	if err != nil {
		t.Fatal(err)
	}
	at := Instant(0)
	for range rapid.IntRange(0, 3).Draw(t, "freezes") {
		at += Instant(rapid.Int64Range(0, 1e14).Draw(t, "gap"))
		c.Freeze(at)
		at += Instant(rapid.Int64Range(0, 1e12).Draw(t, "length"))
		c.Thaw(at)
	}
	return c
}
