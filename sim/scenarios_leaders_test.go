package sim

import (
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// within is what a scenario's text derives, in seconds from the start of the run.
// Messages between servers take half a millisecond and a log one: slack covers a few.
type within struct{ from, to float64 }

const slack = 0.012

func (w within) holds(at clock.Instant) bool {
	s := time.Duration(at).Seconds()
	return s > w.from-slack && s < w.to+slack
}

// TestLeaderScenariosKeepToTheirDerivation holds the scenarios about leaders and
// quorums to the intervals that their texts derive from the rules, over many seeds.
func TestLeaderScenariosKeepToTheirDerivation(t *testing.T) {
	const pause = 12 // when each of the faults begins
	type run struct {
		*Timeline
		s *Story // of the first client
	}
	survived := 0 // of vain
	last := func(r run) float64 { return time.Duration(r.Reigns[len(r.Reigns)-1].From.At).Seconds() }
	for _, tc := range []struct {
		name  string
		check func(t *testing.T, r run, want func(what string, m Moment, w within))
	}{
		// Z = (g + S) - e in [S - T - tick, S - T + 2h), with d2 + 100 ms to the word.
		{"cut-off-follower", func(t *testing.T, r run, want func(string, Moment, within)) {
			e := time.Duration(r.s.Marked.At).Seconds()
			want("told Disconnected", r.s.Disconnected, within{e + 4 + 0.1, e + 8 + 0.1})
			if r.s.Stops.Length <= 3*time.Second {
				t.Errorf("an application that stops on Disconnected is a zombie for %v; want 4 s and more", r.s.Stops.Length)
			}
		}},
		// F-15: T after the new leader serves, and up to a tick more.
		{"revived", func(t *testing.T, r run, want func(string, Moment, within)) {
			want("marked", r.s.Marked, within{last(r) + 10, last(r) + 12})
		}},
		// Q-16, and the election of three leaders.
		{"failovers", func(t *testing.T, r run, want func(string, Moment, within)) {
			if len(r.Reigns) != 4 {
				t.Errorf("%d reigns, want 4", len(r.Reigns))
			}
			want("the last leader serves", r.Reigns[len(r.Reigns)-1].From, within{28.2, 28.6})
			want("marked", r.s.Marked, within{last(r) + 10, last(r) + 12})
		}},
		// G-5: all in one go on waking; Q-19.
		{"leader-pause", func(t *testing.T, r run, want func(string, Moment, within)) {
			if len(r.Stories) != 6 {
				t.Errorf("%d sessions, want 6", len(r.Stories))
			}
			for _, s := range r.Stories {
				want("marked", s.Marked, within{pause + 8, pause + 8})
				want("told Expired", s.Expired, within{pause + 8.1, pause + 8 + 1.2})
			}
		}},
		// G-6: two marks in vain on waking, and nobody hears of them.
		{"leader-pause-long", func(t *testing.T, r run, want func(string, Moment, within)) {
			for _, s := range r.Stories {
				if len(s.Marks) != 1 || s.Marks[0].Fate != FateVain || s.told().Happened() || s.Verdict != VerdictSurvived {
					t.Errorf("%s: marks %+v, told %+v, verdict %d; want one in vain", s.Name, s.Marks, s.told(), s.Verdict)
					continue
				}
				want("marked in vain", s.Marks[0].Moment, within{pause + 15, pause + 15})
			}
			want("the next leader serves", r.Reigns[1].From, within{pause + 9.2, pause + 11})
			if len(r.deposed) != 1 {
				t.Fatalf("deposed %+v", r.deposed)
			}
			want("steps down", r.deposed[0].To, within{pause + 15, pause + 17})
			if len(r.s.Gone) != 0 || len(r.s.Undone) != 1 {
				t.Errorf("gone %v, undone %v; want the old leader's replay alone", r.s.Gone, r.s.Undone)
			}
		}},
		// F-9: the mark that is told is not the one that counts.
		{"vain", func(t *testing.T, r run, want func(string, Moment, within)) {
			if len(r.s.Marks) == 1 && r.s.Marks[0].Fate == FateVain && r.s.Verdict == VerdictSurvived {
				survived++ // it came to server 3 only after that had stepped down
				return
			}
			if len(r.s.Marks) != 2 || r.s.Marks[0].Fate != FateVain || !r.s.Orphan.Exists {
				t.Errorf("marks %+v, orphan %+v", r.s.Marks, r.s.Orphan)
			}
			want("marked", r.s.Marked, within{last(r) + 4, last(r) + 6})
			want("told Expired", r.s.Expired, within{pause + 9.1, pause + 11.1})
		}},
		// G-7: what waited counts as of the waking.
		{"follower-pause", func(t *testing.T, r run, want func(string, Moment, within)) {
			want("marked", r.s.Marked, within{pause + 8 + 12, pause + 8 + 1 + 12 + 2})
			if len(r.s.TakenIn) != 1 || !r.s.TakenIn[0].Pings || r.s.TakenIn[0].At != clock.Instant(20*time.Second) {
				t.Errorf("taken in %+v; want owner's pings on waking", r.s.TakenIn)
			}
			if r.Stories[1].Verdict != VerdictSurvived || r.Stories[1].Marked.Happened() {
				t.Errorf("mover: verdict %d", r.Stories[1].Verdict)
			}
		}},
		// G-8: nobody hears of what waited.
		{"follower-pause-long", func(t *testing.T, r run, want func(string, Moment, within)) {
			want("marked", r.s.Marked, within{pause + 7, pause + 14})
		}},
		// F-4, F-11.
		{"observer-lost", func(t *testing.T, r run, want func(string, Moment, within)) {
			want("told Disconnected", r.s.Disconnected, within{pause + 9 + 0.1, pause + 10 + 0.1})
			if r.s.Verdict != VerdictSurvived {
				t.Errorf("verdict %d, want survived", r.s.Verdict)
			}
			var back Moment
			for i := range r.Kept {
				if k := &r.Kept[i]; k.Kind == model.KindServing && k.Node == 3 && k.At > 0 {
					back = momentOf(k)
				}
			}
			want("the observer serves", back, within{pause + 20 + 1.8, pause + 20 + 3.1})
		}},
		// F-16: nobody is marked, however long it takes.
		{"no-quorum", func(t *testing.T, r run, want func(string, Moment, within)) {
			for _, s := range r.Stories {
				if len(s.Marks) != 0 || s.told().Happened() || s.Verdict != VerdictSurvived {
					t.Errorf("%s: marks %+v, told %+v, verdict %d", s.Name, s.Marks, s.told(), s.Verdict)
				}
			}
			if len(r.gaps) != 1 {
				t.Fatalf("gaps %+v", r.gaps)
			}
			want("no leader", r.gaps[0].from, within{pause, pause})
			want("a leader", r.gaps[0].to, within{72.2, 73.5})
		}},
		// Q-17, C-22.
		{"blackout", func(t *testing.T, r run, want func(string, Moment, within)) {
			want("a leader", r.Reigns[1].From, within{52.2, 53.5})
			want("told Expired", r.s.Expired, within{22, 27.7})
			want("marked", r.s.Marked, within{last(r) + 10, last(r) + 12})
			if !r.s.LocalExpiry.Happened() || r.Stories[1].Verdict != VerdictSurvived {
				t.Errorf("local expiry %+v; old: verdict %d", r.s.LocalExpiry, r.Stories[1].Verdict)
			}
		}},
		// F-10, F-14, H-4.
		{"cold-start", func(t *testing.T, r run, want func(string, Moment, within)) {
			want("a leader", r.Reigns[0].From, within{0.2, 0.6})
			want("the session", r.s.Up, within{last(r), 2})
		}},
	} {
		e, ok := FindEmbedded(tc.name)
		if !ok {
			t.Fatalf("no scenario %s", tc.name)
		}
		for seed := range uint64(40) {
			sc := mustRead(t, string(e.Source))
			c := NewCollector(sc)
			w, err := New(sc, seed, 0, c)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := w.Run(clock.Instant(sc.Length), nil)
			if err != nil {
				t.Fatal(err)
			}
			timeline := c.Timeline(w, sum)
			tc.check(t, run{timeline, timeline.Stories[0]}, func(what string, m Moment, w within) {
				if !m.Happened() || !w.holds(m.At) {
					t.Errorf("%s, seed %d: %s at %v; want it in (%.3f, %.3f]", tc.name, seed, what, time.Duration(m.At), w.from, w.to)
				}
			})
		}
	}
	// The old leader looks at its quorum h or 2h after it lost its learners, worker comes
	// 0.1 to 1.1 s after it lost its server: it is too late one time in 20.
	if survived > 8 {
		t.Errorf("vain: worker survives in %d of 40", survived)
	}
}

// pings are the instants of each leader's PINGs.
type pings map[model.NodeID][]clock.Instant

func (p pings) Record(r *Record) {
	if r.Kind == model.KindLeaderPing {
		p[r.Node] = append(p[r.Node], r.At)
	}
}

// TestTurnsOfALeaderAreHalfATickApart_T17_F6: a turn waits h from its own beginning,
// also in a reign that does not begin with a millisecond.
func TestTurnsOfALeaderAreHalfATickApart_T17_F6(t *testing.T) {
	s := mustRead(t, `
run: 20s
ensemble: {start: election, tickTime: 2s}
clients: {worker: {open: 5s}}`)
	for seed := range uint64(10) {
		got := pings{}
		w, err := New(s, seed, 0, got)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 {
			t.Fatalf("seed %d: %d nodes send PING, want 1", seed, len(got))
		}
		for node, at := range got {
			if len(at) < 19 {
				t.Errorf("seed %d: %d PINGs in 19.6 s, want 19", seed, len(at))
			}
			for i := 1; i < len(at); i++ {
				if d := at[i].Sub(at[i-1]); d != time.Second {
					t.Errorf("seed %d: node %d sends PING at %v, %v after the last, want 1s", seed, node, at[i], d)
				}
			}
		}
	}
}
