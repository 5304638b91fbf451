package experiments

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func asking(change func(q *Question)) Question {
	q := Question{Pause: "8s", Library: "java", Servers: 3, Tick: 2 * time.Second, SyncLimit: 5, Runs: 200, Seed: 1}
	if change != nil {
		change(&q)
	}
	return q
}

func advise(t *testing.T, change func(q *Question)) *Advice {
	t.Helper()
	a, err := Recommend(asking(change), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestEightSecondsWantThirteenPointSixFive: 8 s, 100 ms, up to 999 ms, and a ping up to T/3
// old, make 13.65 s, in steps of 50 ms; one address takes 1.5 s more (Q-27, C-16).
func TestEightSecondsWantThirteenPointSixFive(t *testing.T) {
	for _, tc := range []struct {
		change func(q *Question)
		want   time.Duration
	}{
		{nil, 13650 * time.Millisecond},
		{func(q *Question) { q.Servers = 1 }, 15150 * time.Millisecond},
		// Every way that is 10 ms long adds to what the client is away for: there are two
		// round trips but for the ping's own way, 2·d1 + d2, and df, less the d1 that its last
		// ping came later: 3/2·(9099 + 30) = 13693.5.
		{func(q *Question) { q.Latency = 10 * time.Millisecond }, 13700 * time.Millisecond},
	} {
		a := advise(t, tc.change)
		if a.Least != tc.want || a.Chosen < 0 || a.Options[a.Chosen].Timeout != tc.want {
			t.Errorf("%+v: %v: want %v", a.Question, a.Least, tc.want)
		}
		for i := range a.Options {
			o := &a.Options[i]
			if o.Survives != (o.Timeout >= tc.want) || o.Survives && o.Hits > 0 {
				t.Errorf("T = %v: survives %v, %d of %d lost: want none from %v on", o.Timeout, o.Survives, o.Hits, a.Runs, tc.want)
			}
			if p := binomialTest(o.Hits, a.Runs, o.Lost); o.Lost > 0 && p < 0.001 {
				t.Errorf("T = %v: %d of %d lost, p = %.2g: want %.2f %%", o.Timeout, o.Hits, a.Runs, p, 100*o.Lost)
			}
		}
	}
}

// TestAdviceWarns: of what servers would change (N-2), of S against T, and of T/n
// against a dead server.
func TestAdviceWarns(t *testing.T) {
	a := advise(t, nil)
	warned := strings.Join(a.Warnings, "\n")
	// T - h·⌊p/h⌋ - 2h = 13650 - 4000 - 2000 = 7650: with S of 3 ticks it cannot happen. Up to
	// S - T + h·(⌊p/h⌋ + 1) = 10000 - 13650 + 5000.
	for _, want := range []string{"by up to 1.35s: syncLimit·tick is 10s (Q-13); syncLimit 3 or less rules it out", "costs T/n = 4.55s", "(Q-10)"} {
		if !strings.Contains(warned, want) {
			t.Errorf("warnings %q: want %q", warned, want)
		}
	}
	if strings.Contains(warned, "N-2") {
		t.Errorf("warnings %q: want nothing of limits, 13.65 s being below 20 ticks", warned)
	}
	a = advise(t, func(q *Question) { q.Tick = 500 * time.Millisecond })
	if warned := strings.Join(a.Warnings, "\n"); !strings.Contains(warned, "servers with a tick of 500ms grant 10s instead, unless maxSessionTimeout says otherwise (N-1, N-2)") {
		t.Errorf("warnings %q: want one of 20 ticks of 500 ms", warned)
	}
	a = advise(t, func(q *Question) { q.SyncLimit = 10 })
	// S = 20 s ≥ T + τ: by S - T - τ = 4350 ms at least.
	if warned := strings.Join(a.Warnings, "\n"); !strings.Contains(warned, "in every case, by 4.35s to 11.35s") {
		t.Errorf("warnings %q: want a zombie in every case", warned)
	}
}

// TestNoTimeoutDoesBoth: never lost from 13.65 s on, and a crash is then noticed after up to
// T + τ + h = 16.65 s; 14 s allow 11 s, which lose 11.5 %.
func TestNoTimeoutDoesBoth(t *testing.T) {
	a := advise(t, func(q *Question) { q.MaxDetect = 14 * time.Second })
	if want := "kept to none from 13.65s on, and then a crash can go unnoticed for 16.65s; 14s allow no more than 11s, with which 11.5 % are lost"; a.Chosen >= 0 || !strings.Contains(a.Why, want) {
		t.Errorf("chosen %d, why %q: want none, and %q", a.Chosen, a.Why, want)
	}
	a = advise(t, func(q *Question) { q.MaxDetect, q.MaxLoss = 14*time.Second, 0.2 })
	if a.Chosen < 0 || a.Options[a.Chosen].Longest > 14*time.Second || a.Options[a.Chosen].Lost > 0.2 {
		t.Errorf("a fifth may be lost: %+v: want a timeout that does both", a)
	}
}

// TestAdviceOnALaw: with a share allowed there is an answer, and 50 ms less is too little;
// with none allowed, a law without an end has none.
func TestAdviceOnALaw(t *testing.T) {
	a := advise(t, func(q *Question) {
		q.Pause, q.Version, q.MaxLoss, q.Runs = "{lognormal: [1s, 1], max: 1m}", "3.8.0", 0.01, 20
	})
	if p, q := a.lost(a.Least), a.lost(a.Least-adviceStep); p > 0.01 || q <= 0.01 || math.IsNaN(p) {
		t.Errorf("%v: %v lost, %v with 50 ms less: want 1 %% between", a.Least, p, q)
	}
	_, err := Recommend(asking(func(q *Question) { q.Pause = "{lognormal: [1s, 1]}" }), nil)
	if err == nil || !strings.Contains(err.Error(), "want --max-loss above 0, or a law with max") {
		t.Errorf("a law without end: %v", err)
	}
}

// TestTimeoutsAreLookedAtUpToAnHour: pauses of up to 25 min want 3/2 of them and of 1.099 s,
// 37 min 31.65 s, which no doubling from a second on meets below an hour; a pause of 41 min
// would want more than an hour.
func TestTimeoutsAreLookedAtUpToAnHour(t *testing.T) {
	a := advise(t, func(q *Question) { q.Pause, q.Runs = "25m", 2 })
	if want := 2251650 * time.Millisecond; a.Least != want {
		t.Errorf("a pause of 25 min: %v: want %v", a.Least, want)
	}
	a = advise(t, func(q *Question) { q.Pause, q.Runs = "41m", 2 })
	if a.Least != 0 || a.Chosen >= 0 || !strings.Contains(a.Why, "no timeout up to 1h0m0s") {
		t.Errorf("a pause of 41 min: %v, why %q: want none", a.Least, a.Why)
	}
}

// TestAdviceForEveryLibrary: a C client is back after the pause and three ways and one
// between servers, less the way of its last ping, 3/2·(8000 + 3) = 12004.5; Go and kazoo
// ping as they wake (L-G2, L-K2); Curator is what it stands on, 3/2·(9099 + 3) = 13653.
func TestAdviceForEveryLibrary(t *testing.T) {
	for name, want := range map[string]time.Duration{"c": 12050, "go": 12000, "kazoo": 12000, "curator": 13700} {
		a := advise(t, func(q *Question) { q.Library, q.Latency = name, time.Millisecond })
		if a.Least != want*time.Millisecond || a.Chosen < 0 {
			t.Errorf("%s: %v: want %d ms", name, a.Least, want)
		}
		for i := range a.Options {
			o := &a.Options[i]
			if p := binomialTest(o.Hits, a.Runs, o.Lost); math.IsNaN(o.Lost) || p < 0.001 {
				t.Errorf("%s, T = %v: %d of %d lost, p = %.2g: want %.2f %%", name, o.Timeout, o.Hits, a.Runs, p, 100*o.Lost)
			}
		}
	}
}

// TestAdviceWithoutAClosedFormIsByRuns: kazoo before 2.9 waits afresh after every packet
// (L-K4), and there is none.
func TestAdviceWithoutAClosedFormIsByRuns(t *testing.T) {
	a := advise(t, func(q *Question) {
		q.Pause, q.Library, q.Version, q.Latency, q.Runs = "2s", "kazoo", "2.8.0", time.Millisecond, 40
	})
	if a.Chosen < 0 || !math.IsNaN(a.Options[a.Chosen].Lost) || a.Options[a.Chosen].Hits > 0 {
		t.Errorf("%+v: want a timeout that loses none of the runs, without a closed form", a)
	}
}

func TestAdviceStopsWhenAsked(t *testing.T) {
	if _, err := Recommend(asking(nil), func() bool { return true }); !errors.Is(err, ErrStopped) {
		t.Errorf("interrupted: %v", err)
	}
}
