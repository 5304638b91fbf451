package sim

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

func TestLawEmpiricalReadsDurationsNumbersWeightsAndComments(t *testing.T) {
	const file = "# round trips\r\n\n1.5ms   3 # seen thrice\n 1.5\n250us\n0\n"
	law, err := ReadLaw("empirical", "rtt.txt", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	// 0 once, 0.25 ms once, 1.5 ms three times and once more: six in all.
	for _, c := range []lawPoint{{0.16, 0}, {0.17, 0.25 * ms}, {0.33, 0.25 * ms}, {0.34, 1.5 * ms}, {0.99, 1.5 * ms}} {
		if got := law.Quantile(c.u); got != c.x {
			t.Errorf("Quantile(%v) = %v, want %v", c.u, got, c.x)
		}
	}
	if got, want := law.CDF(0.25*ms), 2.0/6; got != want {
		t.Errorf("CDF(250µs) = %v, want %v", got, want)
	}
}

func TestLawEmpiricalErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "f.txt: no durations: want one per line, such as 1.5ms"},
		{"# nothing\n", "f.txt: no durations: want one per line, such as 1.5ms"},
		{"1ms\nfast\n", `f.txt:2: duration "fast": want one such as 1.5ms, or a number of milliseconds`},
		{"-1ms\n", `f.txt:1: duration "-1ms": want 0s to 24h`},
		{"1441m\n", `f.txt:1: duration "1441m": want 0s to 24h`},
		{"NaN\n", `f.txt:1: duration "NaN": want 0s to 24h`},
		{"1ms 0\n", `f.txt:1: weight "0": want a number from 1e-09 to 1e+09`},
		{"1ms NaN\n", `f.txt:1: weight "NaN": want a number from 1e-09 to 1e+09`},
		{"\n1ms 2 3\n", "f.txt:2: 3 columns: want a duration and at most a weight"},
		{strings.Repeat("1\n", maxEmpiricalLines+1), "f.txt:1000001: too long: want at most 1000000 lines"},
		{"1\n" + strings.Repeat("x", 1<<17), "f.txt:2: reading durations: bufio.Scanner: token too long"},
	} {
		_, err := ReadLaw("empirical", "f.txt", strings.NewReader(c.file))
		if err == nil || err.Error() != c.want {
			t.Errorf("ReadLaw(%.20q) = %v, want %s", c.file, err, c.want)
		}
	}
	_, err := ReadLaw("empirical", "f.txt", io.MultiReader(strings.NewReader("1\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a failing reader gives %v, want it to wrap %v", err, io.ErrUnexpectedEOF)
	}
}

// The order of the lines says nothing, so it must change no draw.
func TestLawEmpiricalIgnoresTheOrderOfLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"1ms 0.1", "1ms 0.7", "2ms", "3ms 0.3", "3ms 1e-9"}), 1, 20).Draw(t, "lines")
		other := rapid.Permutation(lines).Draw(t, "other")
		a, errA := ReadLaw("empirical", "f", strings.NewReader(strings.Join(lines, "\n")))
		b, errB := ReadLaw("empirical", "f", strings.NewReader(strings.Join(other, "\n")))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		u := rapid.Float64Range(0x1p-53, 1-0x1p-53).Draw(t, "u")
		if x, y := a.Quantile(u), b.Quantile(u); x != y {
			t.Fatalf("Quantile(%v) = %v and %v", u, x, y)
		}
		if a.Mean() != b.Mean() || a.SD() != b.SD() {
			t.Fatalf("moments %v, %v and %v, %v", a.Mean(), a.SD(), b.Mean(), b.SD())
		}
	})
}

// A file that repeats one value is a constant.
func TestLawEmpiricalOfOneValueNeedsNoDraw(t *testing.T) {
	law, err := ReadLaw("empirical", "f", strings.NewReader("7ms\n7ms\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := newSampler(t, law, 0, 0)
	if s.NeedsDraw() || s.Sample(5) != 7*time.Millisecond {
		t.Errorf("NeedsDraw() = %v, Sample(5) = %v, want false and 7ms", s.NeedsDraw(), s.Sample(5))
	}
}
