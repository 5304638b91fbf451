package sim

import (
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// turnsOf builds the turns of a client from letters and seconds: C connected,
// D disconnected, E expired, K killed, P paused, R resumed. The number of a turn's
// record is its second times ten.
func turnsOf(letters string, at ...int) []Turn {
	kinds := map[byte]TurnKind{'C': TurnConnected, 'D': TurnDisconnected, 'E': TurnExpired, 'K': TurnKilled, 'P': TurnPaused, 'R': TurnResumed}
	turns := make([]Turn, len(letters))
	for i := range letters {
		turns[i] = Turn{Moment: second(at[i]), What: kinds[letters[i]], Session: 1}
	}
	return turns
}

func second(s int) Moment {
	return Moment{Record: model.RecordID(s * 10), At: clock.Instant(s) * clock.Instant(time.Second)}
}

// aStory derives a story of one client, which owns a node from second 1 on, from
// its turns, the second at which it was marked, and the one at which others
// noticed; zero means never. The run ends at 60.
func aStory(turns []Turn, marked, noticed int) *Story {
	s := &Story{Client: 0, Session: 1, Fault: -1, Holds: second(1)}
	for _, turn := range turns {
		switch turn.What {
		case TurnExpired:
			s.Expired = turn.Moment
		case TurnKilled:
			s.Killed = turn.Moment
		}
	}
	if marked > 0 {
		s.Marked = second(marked)
	}
	if noticed > 0 {
		s.Gone, s.Seen = []Moment{second(noticed)}, []Moment{second(noticed)}
	}
	t := &Timeline{Scenario: &Scenario{}, End: second(60).At, turns: [][]Turn{turns}}
	s.derive(t)
	return s
}

func TestWarningCountsFromTheLastDisconnectedInHand(t *testing.T) { // C-13, C-26
	for _, tc := range []struct {
		name    string
		turns   []Turn
		want    time.Duration
		unknown bool
	}{
		{"told before", turnsOf("CDE", 1, 10, 30), 10, false},
		{"the second cut counts", turnsOf("CDCDE", 1, 5, 7, 12, 30), 8, false},
		{"told after", turnsOf("CDE", 1, 25, 30), -5, false},
		{"connected again before, told after", turnsOf("CDCDE", 1, 5, 7, 23, 30), -3, false},
		{"a second one after does not count", turnsOf("CDDE", 1, 10, 25, 30), 10, false},
		{"never told", turnsOf("C", 1), 0, true},
		{"dead", turnsOf("CK", 1, 10), 0, true},
	} {
		s := aStory(tc.turns, 20, 21)
		if s.Warning.Exists == tc.unknown || s.Warning.Exists && s.Warning.Length() != tc.want*time.Second {
			t.Errorf("%s: warning %+v, want %d s", tc.name, s.Warning, tc.want)
		}
	}
}

// TestGapAndOrphanExcludeEachOther: what comes first decides, and a client that is
// dead has neither.
func TestGapAndOrphanExcludeEachOther(t *testing.T) {
	span := func(from, to int, open bool) Span {
		return Span{Exists: true, Open: open, From: second(from).At, To: second(to).At}
	}
	for _, tc := range []struct {
		name        string
		turns       []Turn
		marked      int
		gap, orphan Span
		verdict     Verdict
	}{
		{"marked, then told", turnsOf("CDE", 1, 10, 30), 20, span(20, 30, false), Span{}, VerdictLearned},
		{"told, then marked", turnsOf("CDE", 1, 10, 15), 20, Span{}, span(15, 20, false), VerdictGaveUp},
		{"never told", turnsOf("CD", 1, 10), 20, span(20, 60, true), Span{}, VerdictNeverLearned},
		{"told, never marked", turnsOf("CDE", 1, 10, 15), 0, Span{}, span(15, 60, true), VerdictGaveUp},
		{"dead, marked", turnsOf("CK", 1, 10), 20, Span{}, Span{}, VerdictDead},
		{"dead, held", turnsOf("CK", 1, 10), 0, Span{}, Span{}, VerdictDeadHeld},
		{"survived", turnsOf("CDC", 1, 10, 15), 0, Span{}, Span{}, VerdictSurvived},
	} {
		s := aStory(tc.turns, tc.marked, 0)
		if s.Gap != tc.gap || s.Orphan != tc.orphan || s.Verdict != tc.verdict {
			t.Errorf("%s: gap %+v, orphan %+v, verdict %d; want %+v, %+v, %d", tc.name, s.Gap, s.Orphan, s.Verdict, tc.gap, tc.orphan, tc.verdict)
		}
	}
}

// TestZombieTimesOfBothPoliciesAreKeptApart covers Q-20 (stops on Disconnected) and
// Q-21 (waits for Expired), and that a stopped process does not act (G-3).
func TestZombieTimesOfBothPoliciesAreKeptApart(t *testing.T) {
	for _, tc := range []struct {
		name         string
		turns        []Turn
		stops, waits Zombie
	}{
		{"disconnected before", turnsOf("CDE", 1, 10, 30), Zombie{}, Zombie{Length: 9}},
		{"disconnected after", turnsOf("CDE", 1, 25, 30), Zombie{Length: 4}, Zombie{Length: 9}},
		{"told first", turnsOf("CDE", 1, 10, 15), Zombie{}, Zombie{}},
		{"never told", turnsOf("CD", 1, 10), Zombie{}, Zombie{Length: 39, Open: true}},
		{"not even disconnected", turnsOf("C", 1), Zombie{Length: 39, Open: true}, Zombie{Length: 39, Open: true}},
		{"paused, then disconnected", turnsOf("CPRDE", 1, 10, 40, 41, 45), Zombie{Length: 1, Paused: 19}, Zombie{Length: 5, Paused: 19}},
		{"dead", turnsOf("CK", 1, 10), Zombie{}, Zombie{}},
	} {
		s := aStory(tc.turns, 20, 21)
		for _, z := range []*Zombie{&tc.stops, &tc.waits} {
			z.Length *= time.Second
			z.Paused *= time.Second
		}
		if !s.Owned || s.Stops != tc.stops || s.Waits != tc.waits {
			t.Errorf("%s: stops %+v, waits %+v; want %+v, %+v", tc.name, s.Stops, s.Waits, tc.stops, tc.waits)
		}
	}
}

func TestOwnerOfNothingIsNoZombie(t *testing.T) {
	s := &Story{Client: 0, Session: 1, Fault: -1, Marked: second(20), Gone: []Moment{second(21)}}
	s.derive(&Timeline{Scenario: &Scenario{}, End: second(60).At, turns: [][]Turn{turnsOf("C", 1)}})
	if s.Owned || s.Waits.Length != 0 {
		t.Errorf("owned %v, waits %+v", s.Owned, s.Waits)
	}
}

// TestPrintedIntervalsAddUp: an interval is the difference of the two instants as
// printed, so 0.4 ms at one end and 0.6 ms at the other do not show.
func TestPrintedIntervalsAddUp(t *testing.T) {
	timeline := &Timeline{Origin: 1_000_000_400}
	from, to := clock.Instant(1_000_000_900), clock.Instant(1_002_000_000)
	if got := timeline.length(Span{From: from, To: to}); got != "0.002" {
		t.Errorf("length %s, want 0.002: %s to %s", got, timeline.instant(from), timeline.instant(to))
	}
	for ms, want := range map[int64]string{0: "0.000", -1: "−0.001", 61234: "61.234", -12000: "−12.000"} {
		if got := seconds(ms); got != want {
			t.Errorf("seconds(%d) = %s, want %s", ms, got, want)
		}
	}
}

func TestTextIsWrappedAndMadeSafeForColumns(t *testing.T) {
	if got := strings.Join(wrap("one two three", 7), "|"); got != "one two|three" {
		t.Errorf("wrap = %q", got)
	}
	if got := strings.Join(wrap("abcdefghij kl", 4), "|"); got != "abcd|efgh|ij|kl" {
		t.Errorf("wrap of a long word = %q", got)
	}
	// A wide character, a control character and a combining one are no single column.
	if got := singleWidth("a\u4e16\x1bb\u0301ö"); got != "a??b?ö" {
		t.Errorf("singleWidth = %q", got)
	}
}

// TestUnknownClientIsRefused also wants the choices in the message.
func TestUnknownClientIsRefused(t *testing.T) {
	timeline, _ := tellings(t)[0].play(t)
	err := WriteText(&strings.Builder{}, timeline, TextOptions{Client: "nobody"})
	if err == nil || !strings.Contains(err.Error(), "worker") {
		t.Errorf("error %v", err)
	}
	if err := WriteText(&strings.Builder{}, timeline, TextOptions{Client: "server1"}); err == nil {
		t.Error("a server was taken for a client")
	}
}

// TestManySessionsAreSummedUp plays a hundred clients that are cut off together:
// one is drawn, the other 99 are counted.
func TestManySessionsAreSummedUp(t *testing.T) {
	source := `
run: 40s
clients:
  crowd: {count: 100, open: {uniform: [0s, 3s]}}
faults:
  - partition: {between: crowd, and: servers}
    at: 12s
    for: 15s
`
	timeline, _ := telling{"crowd", []byte(source)}.play(t)
	got := text(t, timeline, TextOptions{})
	for _, want := range []string{"99 other sessions: 99 expired, first at ", "99 were told afterwards, first at "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	golden(t, "crowd.txt", []byte(got))
}

func TestPredictedStandsBesideRecorded(t *testing.T) {
	at := func(ms int64) *clock.Instant {
		i := clock.Instant(ms) * clock.Instant(time.Millisecond)
		return &i
	}
	rows := []ComparisonRow{
		{"client gives up waiting", at(4733), at(4737), "C-12", ""},
		{"leader marks it (edge 9.809)", at(9809), at(9811), "T-9", "same bucket"},
		{"closing committed", at(9817), at(9809), "Z-5", "commit delay, set to 0, and some words more than fit into one line"},
		{"client told Expired", nil, at(17105), "C-17", "waits are drawn"},
		{"ping", at(-1936), at(-1936), "C-9a", ""},
	}
	for _, form := range []struct {
		file string
		opts TextOptions
	}{{"comparison.txt", TextOptions{}}, {"comparison.60.txt", TextOptions{Width: 60, ASCII: true}}} {
		var b strings.Builder
		if err := WriteComparison(&b, rows, form.opts); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if n := columns(line); n > form.opts.width() {
				t.Errorf("%s: a line of %d columns: %s", form.file, n, line)
			}
		}
		golden(t, form.file, []byte(b.String()))
	}
}

// TestTooManyRecordsAreCountedNotShown: the table stops at the limit and says so;
// stories go on.
func TestTooManyRecordsAreCountedNotShown(t *testing.T) {
	e := tellings(t)[0]
	s, err := ReadScenario(e.name, e.source, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := NewCollector(s)
	c.limit = 20
	w, err := New(s, s.Seed, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	timeline := c.Timeline(w, sum)
	whole, _ := e.play(t)
	if len(timeline.Kept) != 20 || timeline.Missing != uint64(len(whole.Kept)-20) {
		t.Errorf("kept %d, missing %d of %d", len(timeline.Kept), timeline.Missing, len(whole.Kept))
	}
	if got, want := timeline.Stories[0].Gap, whole.Stories[0].Gap; got != want || !want.Exists {
		t.Errorf("knowledge gap %+v, want %+v", got, want)
	}
	if got := text(t, timeline, TextOptions{}); !strings.Contains(got, "The table is not complete") {
		t.Errorf("nothing says that the table is not complete:\n%s", got)
	}
}
