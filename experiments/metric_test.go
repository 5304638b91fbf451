package experiments

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// embedded reads a scenario that comes with the project.
func embedded(t testing.TB, name string, sets ...string) *sim.Scenario {
	t.Helper()
	for _, e := range sim.Embedded() {
		if e.Name == name {
			s, err := sim.ReadScenarioWith(name, e.Source, nil, sets)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatalf("no scenario %s", name)
	return nil
}

// playOut plays a scenario to its end.
func playOut(t testing.TB, s *sim.Scenario, seed uint64, run uint32) *sim.Timeline {
	t.Helper()
	c := sim.NewCollector(s)
	w, err := sim.New(s, seed, run, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Timeline(w, sum)
}

// readings is all metrics of a run by the titles of their columns: the text, or in
// brackets why there is none.
func readings(timeline *sim.Timeline) map[string]string {
	g := NewGauge(timeline.Scenario, Metrics)
	out := make([]Value, len(g.Columns))
	g.Read(timeline, out)
	text := map[string]string{}
	for i := range out {
		word := string(g.Columns[i].AppendText(nil, out[i]))
		switch {
		case math.IsNaN(out[i]):
			word = "(absent)"
		case math.IsInf(out[i], 1):
			word = "(never)"
		}
		text[g.Columns[i].Title()] = word
	}
	return text
}

// TestMetricsOfGoldenTimelines holds metrics against numbers taken by hand from the
// golden timelines of the scenarios, which print whole milliseconds. Differences are
// written as such.
func TestMetricsOfGoldenTimelines(t *testing.T) {
	for _, tc := range []struct {
		scenario string
		want     map[string]string
	}{
		{"faq", map[string]string{ // Z-4, T-9, C-13, C-30
			"detection_marked_ms": "9809", "detection_committed_ms": "9811", "detection_seen_by_other_ms": "9812", "detection_state": "known",
			"notice_ms": "4831", "notice_warning_ms": "4978", // 9809 - 4831
			"learning_since_fault_ms": "17108", "learning_since_heal_ms": "516" /* 17108 - 16592 */, "learning_since_expiry_ms": "7299",
			"gap_ms": "7299", "zombie_stops_ms": "0", "zombie_waits_ms": "7296" /* 17108 - 9812 */, "orphan_ms": "0",
			"needless": "1", "needless_returned": "1", "survival": "0", "survival_margin_ms": "(absent)", "survival_verdict": "learned",
			"detector_mistakes": "1", "detector_t_m_ms": "10191", "detector_t_m_state": "open" /* until the run ends, at 20 s: 20000 - 9809 */, "detector_suspected_ms": "10191", "detector_t_d_ms": "(absent)", "detector_t_mr_ms": "(absent)"}},
		{"crash", map[string]string{ // W-4
			"detection_marked_ms": "10030", "detection_committed_ms": "10032", "detection_seen_by_other_ms": "10033",
			"notice_ms": "(absent)", "notice_state": "absent", "learning_since_fault_ms": "(absent)", "gap_ms": "(absent)", "zombie_waits_ms": "(absent)", "orphan_ms": "(absent)",
			"needless": "0", "needless_returned": "0", "survival": "0", "survival_verdict": "dead",
			"detector_t_d_ms": "10030", "detector_mistakes": "0", "detector_p_a": "1", "detector_lambda_m_per_h": "0", "detector_suspected_ms": "0"}},
		{"gc-pause", map[string]string{ // G-1, G-3
			"detection_marked_ms": "8908", "notice_ms": "15100", "notice_warning_ms": "-6192",
			"learning_since_fault_ms": "15716", "learning_since_heal_ms": "716", "gap_ms": "6808",
			"zombie_stops_ms": "100", "zombie_waits_ms": "716", "needless": "1"}},
		{"orphan", map[string]string{ // C-20
			"detection_marked_ms": "11300", "learning_since_fault_ms": "10120", "learning_since_expiry_ms": "-1180", "gap_ms": "(absent)",
			"orphan_ms": "1180", "survival_verdict": "gave_up", "needless": "1", "needless_returned": "0"}},
		{"heal-in-time", map[string]string{ // V-4
			"detection_marked_ms": "(never)", "detection_committed_ms": "(never)", "detection_seen_by_other_ms": "(never)", "detection_state": "never",
			"gap_ms": "(absent)", "survival": "1", "survival_margin_ms": "2522", "survival_verdict": "survived", "needless": "0", "detector_mistakes": "0"}},
		{"cut-forever-38", map[string]string{ // never told
			"learning_since_fault_ms": "(never)", "learning_since_heal_ms": "(absent)", "learning_state": "never", "gap_state": "open",
			"gap_ms": "69092" /* 90000 - 12000 - 8908 */, "zombie_stops_ms": "0", "survival_verdict": "never_learned", "needless_returned": "0"}},
		{"takeover", map[string]string{
			"detection_worker_marked_ms": "8908", "detection_worker_seen_by_heir_ms": "8911", "detection_heir_marked_ms": "(absent)",
			"overlap_ms": "8553" /* 17468 - 8915 */, "overlap_believed_ms": "8553", "overlap_times": "1", "vacancy_ms": "5" /* 8915 - 8910 */, "vacancy_times": "2", "survival_heir": "1", "survival_worker": "0"}},
		{"cold-start", map[string]string{ // C-25: connecting takes more than one attempt
			"connecting_state": "known"}},
		{"two-owners", map[string]string{ // Q-22, G-3: what is stood still does not count
			"overlap_a_ms": "100", "overlap_a_believed_ms": "6185" /* 15100 - 8915 */, "overlap_a_times": "1",
			"overlap_b_ms": "989", "overlap_b_believed_ms": "7073" /* 15989 - 8916 */, "vacancy_a_ms": "5", "vacancy_a_held_ms": "1", "vacancy_a_longest_ms": "4"}},
		{"close", map[string]string{ // C-35
			"detection_marked_ms": "(absent)", "survival": "(absent)", "survival_verdict": "closed", "needless": "(absent)", "gap_ms": "(absent)", "orphan_ms": "(absent)", "detector_mistakes": "0"}},
	} {
		t.Run(tc.scenario, func(t *testing.T) {
			s := embedded(t, tc.scenario)
			got := readings(playOut(t, s, s.Seed, 0))
			for column, want := range tc.want {
				text, ok := got[column]
				if !ok {
					t.Errorf("no column %s: %v", column, slices.Sorted(mapKeys(got)))
				} else if !sameToTheMillisecond(text, want) {
					t.Errorf("%s is %s: want %s", column, text, want)
				}
			}
		})
	}
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// sameToTheMillisecond compares two texts of values; numbers in which both ends were
// rounded before may differ by less than a millisecond and a half.
func sameToTheMillisecond(got, want string) bool {
	x, errX := strconv.ParseFloat(got, 64)
	y, errY := strconv.ParseFloat(want, 64)
	if errX != nil || errY != nil || math.Abs(y) < 2 {
		return got == want
	}
	return math.Abs(x-y) <= 1
}

// printed is one of the intervals under a timeline.
var printed = regexp.MustCompile(`(?m)^ (detection|warning|knowledge gap|zombie|orphan|) +(none|−?\d+\.\d{3})(?: s)?(?:  |$)`)

// TestMetricsAreWhatTheTimelinePrints: for every embedded scenario, the intervals that
// `zksim run` prints for a client are the metrics of that run.
func TestMetricsAreWhatTheTimelinePrints(t *testing.T) {
	columns := map[string]string{"detection": "detection_%smarked_ms", "warning": "notice_%swarning_ms", "knowledge gap": "gap_%sms", "zombie": "zombie_%sstops_ms", "": "zombie_%swaits_ms", "orphan": "orphan_%sms"}
	seen := map[string]int{}
	for _, e := range sim.Embedded() {
		s := embedded(t, e.Name)
		timeline := playOut(t, s, s.Seed, 0)
		got := readings(timeline)
		for _, who := range subjectsOf(s) {
			if who.count > 1 || storyOf(timeline, who.first) == nil {
				continue
			}
			var text bytes.Buffer
			if err := sim.WriteText(&text, timeline, sim.TextOptions{Client: who.client.Name}); err != nil {
				t.Fatal(err)
			}
			label := who.label
			if label != "" {
				label += "_"
			}
			_, intervals, _ := strings.Cut(text.String(), "\n detection ")
			intervals, _, _ = strings.Cut(intervals, "\n\n")
			found := printed.FindAllStringSubmatch(" detection "+intervals, -1)
			if len(found) == 0 {
				t.Errorf("%s, %s: no intervals in\n%s", e.Name, who.client.Name, text.String())
			}
			for _, m := range found {
				column := fmt.Sprintf(columns[m[1]], label)
				value := got[column]
				if m[2] == "none" {
					// Nothing to print is: it never happened, does not apply, or lasted for no time.
					if value != "(never)" && value != "(absent)" && value != "0" {
						t.Errorf("%s: %s is %s, the timeline has none", e.Name, column, got[column])
					}
					continue
				}
				seen[m[1]]++
				want, _ := strconv.ParseFloat(strings.Replace(m[2], "−", "-", 1), 64)
				if x, err := strconv.ParseFloat(value, 64); err != nil || math.Abs(x-want*1000) > 1.0001 {
					t.Errorf("%s: %s is %s, the timeline has %s s", e.Name, column, got[column], m[2])
				}
			}
		}
	}
	for name := range columns {
		if seen[name] < 2 {
			t.Errorf("%d intervals called %q compared: want 2 or more", seen[name], name)
		}
	}
}

// TestColumnsOfOneGaugeAreDistinct, carry their unit, and are made of letters, digits
// and underscores; each metric has something to say about what it is.
func TestColumnsOfOneGaugeAreDistinct(t *testing.T) {
	for _, e := range sim.Embedded() {
		seen := map[string]bool{}
		for _, c := range NewGauge(embedded(t, e.Name), Metrics).Columns {
			switch {
			case seen[c.Title()]:
				t.Errorf("%s: two columns %s", e.Name, c.Name)
			case identifier(c.Title()) != c.Title():
				t.Errorf("%s: column %q", e.Name, c.Title())
			case c.Kind == KindDuration && !strings.HasSuffix(c.Title(), "_ms"):
				t.Errorf("%s: column %s without its unit", e.Name, c.Name)
			case c.Meaning == "":
				t.Errorf("%s: column %s without a meaning", e.Name, c.Name)
			}
			seen[c.Title()] = true
		}
	}
	for _, m := range Metrics {
		if m.Title == "" || len(m.Explain) < 100 || strings.Count(m.Picture, "\n") < 2 || (m.run == nil) == (m.session == nil) {
			t.Errorf("metric %s: want a title, an explanation, a picture, and one way to be read", m.Name)
		}
	}
	if _, err := FindMetric("detect"); err == nil || !strings.Contains(err.Error(), `unknown metric "detect": want one of detection, notice,`) {
		t.Errorf("an unknown metric: %v", err)
	}
}

func TestDecimalsAreExact(t *testing.T) {
	for _, tc := range []struct {
		n        int64
		decimals int
		want     string
	}{{0, 3, "0"}, {5, 3, "0.005"}, {-5, 3, "-0.005"}, {9809000, 3, "9809"}, {10030133, 3, "10030.133"}, {-1180500, 3, "-1180.5"}, {7, 0, "7"},
		{680913019, 9, "0.680913019"}, {math.MinInt64, 0, "-9223372036854775808"}} {
		if got := string(appendDecimal(nil, tc.n, tc.decimals)); got != tc.want {
			t.Errorf("%d with %d decimals: %s, want %s", tc.n, tc.decimals, got, tc.want)
		}
	}
}

// TestClientsAlikeAreTakenTogether: of several clients alike the greatest duration
// stands, counts add up, what never happened is greater than anything, and of zeros
// and ones there is the share.
func TestClientsAlikeAreTakenTogether(t *testing.T) {
	s := embedded(t, "mass-expiry")
	timeline := playOut(t, s, s.Seed, 0)
	got := readings(timeline)
	who := subjectsOf(s)
	if len(who) != 1 || who[0].count < 2 {
		t.Fatalf("subjects %+v: want one of several clients", who)
	}
	latest, mistakes := time.Duration(0), 0
	for n := range who[0].count {
		story := storyOf(timeline, who[0].first+model.NodeID(n))
		latest = max(latest, story.Detection.Length())
		if story.Marked.Happened() {
			mistakes++
		}
	}
	want := string(appendDecimal(nil, microseconds(latest), 3))
	if got["detection_marked_ms"] != want || got["detector_mistakes"] != strconv.Itoa(mistakes) || got["needless"] != "1" {
		t.Errorf("detection %s, mistakes %s, needless %s: want %s, %d, 1", got["detection_marked_ms"], got["detector_mistakes"], got["needless"], want, mistakes)
	}
	for _, tc := range []struct {
		kind           MetricKind
		all, one, want Value
	}{
		{KindDuration, absent, 1, 1}, {KindDuration, 1, absent, 1}, {KindDuration, 2, 1, 2}, {KindDuration, 2, never, never},
		{KindDuration, never, 1, never}, {KindCount, 2, 1, 3}, {KindProbability, 1, 1, 2}, {KindWord, absent, absent, absent},
	} {
		if got := fold(tc.kind, tc.all, tc.one); got != tc.want && !(math.IsNaN(got) && math.IsNaN(tc.want)) {
			t.Errorf("%v and %v: %v, want %v", tc.all, tc.one, got, tc.want)
		}
	}
}

// TestMeasuresOfChenTouegAndAguilera follows one client by hand, in seconds: its first
// session is tracked from 10 on, marked at 40 though it is alive; the next is tracked from
// 50 on and marked at 90; the third from 120 on, until it dies at 200 and is marked at 212.
// The run ends at 300. It lives from 10 to 200, and is suspected for 10 + 30 of that.
func TestMeasuresOfChenTouegAndAguilera(t *testing.T) {
	at := func(s int) sim.Moment {
		return sim.Moment{Record: model.RecordID(s), At: clock.Instant(s) * clock.Instant(time.Second), Node: 1}
	}
	stories := []*sim.Story{
		{Client: 1, Nth: 1, Made: at(10), Up: at(10), Marked: at(40), Verdict: sim.VerdictLearned},
		{Client: 1, Nth: 2, Made: at(50), Up: at(50), Marked: at(90), Verdict: sim.VerdictLearned},
		{Client: 1, Nth: 3, Made: at(120), Up: at(120), Killed: at(200), Marked: at(212), Verdict: sim.VerdictDead},
	}
	s := &sim.Scenario{Ensemble: sim.Ensemble{Servers: 1}, Clients: []sim.Client{{Name: "c"}}}
	timeline := &sim.Timeline{Scenario: s, Stories: stories, End: at(300).At}
	got := func() map[string]string {
		g := NewGauge(s, []*Metric{&detectorMetric})
		out := make([]Value, len(g.Columns))
		g.Read(timeline, out)
		text := map[string]string{}
		for i := range out {
			text[g.Columns[i].Title()] = string(g.Columns[i].AppendText(nil, out[i]))
		}
		return text
	}
	check := func(want map[string]string) {
		t.Helper()
		text := got()
		for column, value := range want {
			if text[column] != value {
				t.Errorf("%s is %q: want %q", column, text[column], value)
			}
		}
	}
	check(map[string]string{
		"detector_t_d_ms": "12000", "detector_mistakes": "2", "detector_t_m_ms": "20000" /* (10 + 30) / 2 */, "detector_t_mr_ms": "50000", /* 40 to 90 */
		"detector_alive_ms": "190000", "detector_suspected_ms": "40000", "detector_p_a": "0.789473684" /* 150 / 190 */, "detector_lambda_m_per_h": "37.894737", /* 2 in 190 s */
		"detector_t_m_state": "known"})
	// It dies undetected; and without having died, the third suspicion is a mistake that
	// lasts beyond the run.
	stories[2].Marked = sim.Moment{}
	check(map[string]string{"detector_t_d_ms": "", "detector_mistakes": "2"})
	stories[2].Killed, stories[2].Marked = sim.Moment{}, at(212)
	check(map[string]string{"detector_t_d_ms": "", "detector_mistakes": "3", "detector_t_m_state": "open", "detector_suspected_ms": "128000" /* 40 + 88 */, "detector_alive_ms": "290000"})
}
