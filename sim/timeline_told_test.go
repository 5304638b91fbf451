package sim

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"zksim/clock"
)

// TestTimelineSaysWhatIsTrue plays small scenarios and wants some words in their
// text and others not.
func TestTimelineSaysWhatIsTrue(t *testing.T) {
	const two = "clients: {a: {attach: 1, owns: /l}, b: {attach: 2, watches: /l}}\n"
	const one = "ensemble: {servers: 1}\nclients: {a: {owns: /l}, b: {watches: /l}}\n"
	for _, tc := range []struct {
		name, source string
		want, never  []string
	}{
		{"without a server nothing expires (F-16)", "run: 60s\n" + one + "faults: [{lose: server1, at: 9s}]",
			[]string{"no server runs: only the log knows", "No server runs from 0.000 s to the end of the run, at 51.000 s: nothing expires (F-16)", "orphan           none"},
			[]string{"survived", "session alive ━━━━━━━━━━━━", "still holds", "is there ━━━━━━━━━━━━"}},
		{"a new process has another session", "run: 40s\n" + two + "faults: [{kill: a, at: 8s}, {restart: a, at: 11s}]",
			[]string{"┃ a (session 2)", "┃ has it", "━ a (session 2)", "also          a (session 2): alive", "╋ a (session 2),", " b: GONE"},
			[]string{"and 1 more", "tries"}},
		{"a fault that waits in vain is said", "run: 30s\n" + two + "faults: [{kill: b, when: session expired}, {kill: b, when: client expired, of: b, after: 2s}]",
			[]string{"b killed when a's session expired: did not happen", "b killed 2 s after b was told Expired: did not happen", "0 = start of the run"},
			[]string{"none; 0"}},
		{"a client without a session is said", "run: 40s\nclients: {a: {open: 15s}, b: {}}\nfaults: [{partition: {between: a, and: servers}, at: 10s}]",
			[]string{"a never got a session"}, []string{"a: "}},
		{"detection counts from the loss, not from the restart", "run: 60s\n" + one + "faults: [{lose: server1, at: 8s}, {restart: server1, at: 30s}]",
			[]string{"loss of the host to marked"}, []string{"restart to marked"}},
		// Silent, refused, around the end of the addresses.
		{"an attempt shows the rule of its outcome", "run: 60s\n" + two + "faults: [{partition: {between: a, and: servers}, at: 12s, for: 14s}]",
			[]string{"C-14", "C-17", "W-1"}, []string{"C-5"}},
		{"a refused attempt", "run: 40s\n" + two + "faults: [{partition: {between: a, and: servers, mode: refuse}, at: 12s, for: 3s}]",
			[]string{"C-15", "W-4"}, []string{"C-14", "W-1"}},
		{"the only address wraps", "run: 60s\n" + one + "faults: [{lose: server1, at: 9s}]", []string{"C-16"}, nil},
		// Idle for 4.3 s on waking at 15 s, more than p = 3.333 s.
		{"a ping on waking", "run: 30s\nclients: {a: {open: 1s, attach: 1}}\nfaults: [{pause: a, at: 12s, for: 3s}]", []string{"C-9b"}, nil},
		{"a delay says how much", "run: 60s\n" + two + "faults: [{delay: {between: a, and: servers, by: 4s}, at: 10s, for: 10s}]",
			[]string{"4 s more between a and all servers", "DELAY: 4 s more", "ENDS: delay: 4 s more"}, []string{"HEALED"}},
		{"only the one cut heals", "run: 60s\nclients: {A1: {attach: 1, owns: /l}}\nfaults: [{partition: {between: A1, and: servers}, at: 10s, for: 2s}, {loss: {between: A1, and: servers, probability: 1%}, at: 20s, for: 2s}]",
			[]string{"ENDS: network cut: A1 and all", "ENDS: loss of 1%: A1 and all"}, []string{"HEALED"}},
		{"any, not all", "run: 40s\n" + two + "faults: [{partition: {between: servers, and: a, direction: one way}, at: 12s, for: 2s}]",
			[]string{"nothing gets from any server to a"}, []string{"from all servers"}},
		// A close while cut off ends at R + 100 ms, before T can (C-35, Q-9).
		{"told first is no zombie", "run: 60s\nclients: {a: {attach: 1, owns: /l, close: 12s}, b: {attach: 2, watches: /l}}\nfaults: [{partition: {between: a, and: servers}, at: 10s}]",
			[]string{"zombie           none     the client was told first"}, []string{"0.000 s   if it waits"}},
		{"an end that nobody watches", "run: 40s\nclients: {a: {attach: 1, owns: /l}}\nfaults: [{kill: a, at: 8s}]",
			[]string{"╋ GONE; no watch"}, nil},
		{"a late report names its server", "run: 40s\nclients: {a: {attach: 1, timeout: 4s, owns: /l}}\nfaults: [{partition: {between: server1, and: server3}, at: 8s, for: 6.3s}]",
			[]string{"touch reported by server 1"}, []string{"touch by learner"}},
		// Lost at 13.337 s, sent again 201 ms later (W-1).
		{"a ping that was sent again counts from when it was first sent", "run: 40s\nclients: {a: {attach: 1, owns: /l}}\nfaults: [{partition: {between: a, and: server1}, at: 13.3s, for: 100ms}, {kill: a, at: 15s}]",
			[]string{"0.037  ░ ┃ ┃ sends the ping that counts"}, nil},
		{"later owners end too", "run: 70s\nclients: {a: {attach: 1, owns: /l, count: 3}, b: {attach: 2, watches: /l}}\nfaults: [{partition: {between: a1, and: servers}, at: 10s, for: 13s}, {partition: {between: a2, and: servers}, at: 28s, for: 13s}]",
			[]string{"━ a2 has it ━", "━ a3 has it ━", "╋ a3, b: GONE"}, nil},
	} {
		timeline, _ := telling{"told", []byte(tc.source)}.play(t)
		// What is wrapped below the table is joined again.
		got := text(t, timeline, TextOptions{})
		joined := strings.Join(strings.Fields(got), " ")
		for _, want := range tc.want {
			if !strings.Contains(got, want) && !strings.Contains(joined, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: no %q in\n%s", tc.name, want, got)
			}
		}
		for _, never := range tc.never {
			if strings.Contains(got, never) {
				t.Errorf("%s: %q in\n%s", tc.name, never, got)
			}
		}
	}
}

// TestIntervalsAreDifferencesOfWhatIsPrinted adds up what a reader can add up: the
// deadline and the touch before it, told and marked, gone and told.
func TestIntervalsAreDifferencesOfWhatIsPrinted(t *testing.T) {
	number := func(s string) int64 {
		var whole, milli int64
		if _, err := fmt.Sscanf(s, "%d.%03d", &whole, &milli); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return whole*1000 + milli
	}
	sums := []*regexp.Regexp{ // from, to and the difference
		regexp.MustCompile(`touch of (?P<from>\S+) s came (?P<sum>\S+) s before the deadline.* up to (?P<to>\S+) `),
		regexp.MustCompile(`expired the session at (?P<from>\S+) s\. The client learned it at (?P<to>\S+) s, (?P<sum>\S+) s later`),
		regexp.MustCompile(`learned it at (?P<to>\S+) s, .* (?P<sum>\S+) s if it waits for Expired \(others see the node gone from (?P<from>\S+) s\)`),
		regexp.MustCompile(`up to (?P<from>\S+) .* (?P<to>\d+\.\d{3}) [^.]*MARKED, (?P<sum>\S+) s past the edge`),
	}
	least := []int{5, 5, 5, 1} // timelines that have it
	bar := regexp.MustCompile(`^([░┃╎▒╋]|[A-Z]-[0-9]+[a-z]?)$`)
	found := make([]int, len(sums))
	for _, e := range tellings(t) {
		timeline, _ := e.play(t)
		var words []string // without bars and rules, the finding first
		for _, word := range strings.Fields(text(t, timeline, TextOptions{})) {
			if !bar.MatchString(word) {
				words = append(words, word)
			}
		}
		got := strings.Join(words, " ")
		if at := max(strings.Index(got, "The cluster expired"), strings.Index(got, "The session survived")); at >= 0 {
			got = got[at:] + " " + got[:at]
		}
		for i, sum := range sums {
			m := sum.FindStringSubmatch(got)
			if m == nil {
				continue
			}
			found[i]++
			from, to, want := m[sum.SubexpIndex("from")], m[sum.SubexpIndex("to")], m[sum.SubexpIndex("sum")]
			if number(to)-number(from) != number(want) {
				t.Errorf("%s: from %s to %s is said to be %s", e.name, from, to, want)
			}
		}
	}
	for i, n := range found {
		if n < least[i] {
			t.Errorf("%v found in %d timelines only", sums[i], n)
		}
	}
}

// TestSavingTouchLiesBetweenFaultAndRecovery: the touches of a healthy session long
// after it has recovered save nothing (V-4, V-10).
func TestSavingTouchLiesBetweenFaultAndRecovery(t *testing.T) {
	for _, tc := range []struct {
		name, fault string
		by          string // empty: any
		until       time.Duration
	}{
		// a gives up 2T/3 after its last word, 6.666 s, and resumes elsewhere.
		{"cut off from its server for ever", "partition: {between: a, and: server1}, at: 12s", "revalidation", 20 * time.Second},
		{"cut off one way", "partition: {between: a, and: server1, direction: one way}, at: 12s, for: 30s", "revalidation", 20 * time.Second},
		// It wakes at 15 s, pings at once, and its follower reports within h = 1 s.
		{"paused", "pause: a, at: 12s, for: 3s", "", 16*time.Second + 10*time.Millisecond},
		{"its server dies", "kill: server1, at: 12s", "revalidation", 15 * time.Second},
	} {
		source := "run: 90s\nclients: {a: {attach: 1, owns: /l}}\nfaults: [{" + tc.fault + "}]"
		timeline, _ := telling{"saving", []byte(source)}.play(t)
		s, err := timeline.Select("a")
		if err != nil {
			t.Fatal(err)
		}
		if at := s.Saving.At; s.Verdict != VerdictSurvived || at < clock.Instant(12*time.Second) || at > clock.Instant(tc.until) || tc.by != "" && s.Saving.By != tc.by {
			t.Errorf("%s: saved by %s at %v, verdict %d; want it by %q between 12 s and %v", tc.name, s.Saving.By, time.Duration(at), s.Verdict, tc.by, tc.until)
		}
	}
}

// TestOrphanScenarioIsOneForEverySeed: with T = 2τ the client says Expired at most
// 4T/3 + T/3 + 200 ms after its last word, and the phases put the mark almost T + τ +
// τ/2 after it: 13.5 s against 14 s.
func TestOrphanScenarioIsOneForEverySeed(t *testing.T) {
	e, _ := FindEmbedded("orphan")
	for seed := range uint64(20) {
		s := mustRead(t, string(e.Source))
		s.Seed = seed
		c := NewCollector(s)
		w, err := New(s, seed, 0, c)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := w.Run(clock.Instant(s.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		if story := c.Timeline(w, sum).Stories[0]; story.Verdict != VerdictGaveUp || !story.Orphan.Exists || story.Orphan.Open || story.Orphan.Length() <= 0 {
			t.Errorf("seed %d: verdict %d, orphan %+v", seed, story.Verdict, story.Orphan)
		}
	}
}

// TestTakeoverHasTwoOwnersAtOnce: heir makes the node while worker still waits for
// Expired, and after it has been told Disconnected.
func TestTakeoverHasTwoOwnersAtOnce(t *testing.T) {
	e, _ := FindEmbedded("takeover")
	timeline, _ := telling{e.Name, e.Source}.play(t)
	s := timeline.first()
	if !s.Next.Happened() || timeline.Nodes[s.Next.Node] != "heir" || s.Next.At >= s.Expired.At || s.Next.At <= s.Disconnected.At {
		t.Errorf("next owner %+v, worker told Disconnected %+v, Expired %+v", s.Next, s.Disconnected, s.Expired)
	}
	if heir := timeline.heldBy(s.Next); heir == nil || heir.Holds != s.Next {
		t.Errorf("the next owner's story: %+v", heir)
	}
}

// TestASessionMadeReadOnlyIsLeftForAnother: its client never learns of its end, and
// misses nothing by that. One that is told of the end has not left.
func TestASessionMadeReadOnlyIsLeftForAnother_C33(t *testing.T) {
	e, ok := FindEmbedded("read-only")
	if !ok {
		t.Fatal("no scenario read-only")
	}
	for seed := range uint64(10) {
		s := mustRead(t, string(e.Source))
		c := NewCollector(s)
		w, err := New(s, seed, 0, c)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := w.Run(clock.Instant(s.Length), nil)
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, story := range c.Timeline(w, sum).Stories {
			if story.Verdict != VerdictLeft {
				continue
			}
			left++
			if story.Name != "late" || story.Nth != 1 || story.Gap.Exists || story.Orphan.Exists || story.told().Happened() || !story.Marked.Happened() || story.Left.At > story.Marked.At {
				t.Errorf("seed %d: %s's session %d: left at %v, marked at %v, gap %v, orphan %v", seed, story.Name, story.Nth, story.Left.At, story.Marked.At, story.Gap.Exists, story.Orphan.Exists)
			}
		}
		if left != 1 {
			t.Errorf("seed %d: %d sessions left for another, want late's first", seed, left)
		}
	}
}
