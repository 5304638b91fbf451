package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zksim/clock"
)

// TestCutsAreJudgedTogether: two cuts of one pair are one, if the second begins
// before what the first has lost is surely through: 6.432 s and one PING after
// the first, and no later than its length and half of that (W-1).
func TestCutsAreJudgedTogether(t *testing.T) {
	const first = "faults:\n- {partition: {between: leader, and: followers}, at: 3s, for: 5s}\n"
	for _, c := range []struct{ second, want string }{
		{"- {partition: {between: leader, and: followers}, at: 6s, for: 5s}", "server 1 hear nothing of each other from 3s to 11s, together with faults.0 (t.yaml:5)"},
		{"- {partition: {between: server2, and: leader, direction: one way}, at: 6s, for: 5s}", "server 2 hear nothing of each other from 3s to 11s"},
		{"- {loss: {between: server2, and: leader, probability: 100%}, at: 8s, for: 5s}", "server 2 hear nothing of each other from 3s to 13s"},
		{"- {partition: {between: leader, and: followers}, at: 4s, for: 5s}", ""},
		{"- {partition: {between: leader, and: followers}, at: 12s, for: 5s}", ""},
		{"- {partition: {between: server1, and: server2}, at: 6s, for: 50s}", ""},
	} {
		got := problems(t, strings.Replace(smallest, "run: 30s", "run: 60s", 1)+first+c.second)
		switch {
		case c.want == "" && got != nil:
			t.Errorf("%s: %v, want nothing", c.second, got)
		case c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], "t.yaml:6: faults.1.") || !strings.Contains(got[0], c.want)):
			t.Errorf("%s: %q, want %q", c.second, got, c.want)
		}
	}
	three := "- {partition: {between: server1, and: leader}, at: 3s, for: 4s}\n- {partition: {between: server1, and: leader}, at: 6s, for: 3s}\n- {partition: {between: server1, and: leader}, at: 8s, for: 3s}"
	if got := problems(t, smallest+"faults:\n"+three); len(got) != 1 || !strings.Contains(got[0], "faults.2.partition") {
		t.Errorf("three: %q, want the third refused", got)
	}
}

// TestLongestCutThatIsNamedIsPlayed: what the check allows, the model plays,
// whatever the phase of the PINGs.
func TestLongestCutThatIsNamedIsPlayed(t *testing.T) {
	for _, ensemble := range []string{"{}", "{tickTime: 1s, syncLimit: 8}", "{tickTime: 3s, syncLimit: 2, clocks: {server1: {ppm: 400000}, server3: {ppm: -400000}}}"} {
		s := mustRead(t, smallest+"ensemble: "+ensemble)
		p := s.patience()
		for _, f := range []struct {
			fault   string
			silence func(time.Duration) time.Duration
		}{
			{"partition: {between: leader, and: followers}, for: ", p.silence},
			{"pause: followers, for: ", p.paused},
			{"pause: leader, for: ", p.paused},
		} {
			most := p.atMost(f.silence)
			if most <= 0 {
				t.Fatalf("%s: %s: no length is safe", ensemble, f.fault)
			}
			for at := 5 * time.Second; at < 6500*time.Millisecond; at += 90 * time.Millisecond {
				s := mustRead(t, smallest+"ensemble: "+ensemble+fmt.Sprintf("\nfaults: [{at: %s, %s%s}]", at, f.fault, most))
				w, err := New(s, 1, 0)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
					t.Errorf("%s: at %s, %s%s: %v", ensemble, at, f.fault, most, err)
				}
			}
		}
	}
}

func TestFaultsThatNeverHappenAreRemarked(t *testing.T) {
	for _, c := range []struct{ fault, want string }{
		{"kill: worker, at: 30s", "t.yaml:4: kill: never happens: it begins at 30s or later, and the run ends at 30s"},
		{"kill: worker, at: 29.9s", ""},
		{"kill: worker, when: session established, after: 30s", `t.yaml:4: kill: never happens: it begins 30s after "session established", and the run ends at 30s`},
		{"kill: worker, when: session established, after: 20s", ""},
		{"kill: worker, when: node gone", `t.yaml:4: kill: never happens: it waits for "node gone" of client worker, which owns no node`},
		{"kill: worker, when: node gone, of: owner2", ""},
		{"kill: worker, when: client expired, of: late", `t.yaml:4: kill: never happens: client late, whose "client expired" it waits for, opens its session at 31s or later, and the run ends at 30s`},
	} {
		s, err := ReadScenarioWith("t.yaml", []byte(smallest+"faults: [{"+c.fault+"}]\n"), nil,
			[]string{"clients.owner={count: 2, owns: /l}", "clients.late={open: 31s}"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, r := range s.Remarks() {
			if strings.Contains(r, "never happens") {
				got = r
			}
		}
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.fault, got, c.want)
		}
	}
}
