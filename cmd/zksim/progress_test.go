package main

import (
	"strings"
	"testing"
	"time"

	"zksim/experiments"
)

// TestProgressSaysRateAndTimeLeft: 300 of 1,000 runs are there after 10 s, 100 of them from
// before: 20 a second, and 35 s for the other 700.
func TestProgressSaysRateAndTimeLeft(t *testing.T) {
	var out strings.Builder
	p := newProgress(nil, &out)
	p.printed = p.began.Add(time.Hour) // no line yet
	p.show(experiments.Progress{Runs: 300, Kept: 100, Total: 1000})
	if got, want := p.state()+", "+p.pace(p.began.Add(10*time.Second)), "300 of 1000 runs, 20/s, 35 s left"; got != want {
		t.Errorf("%q: want %q", got, want)
	}
	if got, want := p.aligned(), " 300 of 1000 runs"; got != want {
		t.Errorf("beside a bar %q: want %q", got, want)
	}
	p.show(experiments.Progress{Runs: 300, Kept: 100}) // nobody knows how many
	if got, want := p.state()+", "+p.pace(p.began.Add(10*time.Second)), "300 runs, 20/s"; got != want {
		t.Errorf("%q: want %q", got, want)
	}
	p.show(experiments.Progress{Runs: 300, Kept: 300, Total: 1000}) // nothing new yet
	if got, want := p.pace(p.began.Add(10*time.Second)), "0/s"; got != want {
		t.Errorf("%q: want %q", got, want)
	}
	if out.Len() > 0 {
		t.Errorf("%q: want no line so soon", out.String())
	}
	p.printed = p.began.Add(-time.Hour)
	p.show(experiments.Progress{Runs: 400, Kept: 100, Total: 1000})
	if got := out.String(); !strings.HasPrefix(got, "zksim: 400 of 1000 runs, ") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q: want a line", got)
	}
}

func TestTimeLeftIsLessExactTheLongerItIs(t *testing.T) {
	for seconds, want := range map[float64]string{0.2: "1 s", 99: "99 s", 100: "2 min", 3600: "60 min", 5970: "2 h", 86400: "24 h"} {
		if got := remaining(seconds); got != want {
			t.Errorf("%v s: %q, want %q", seconds, got, want)
		}
	}
}
