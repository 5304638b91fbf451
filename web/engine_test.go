package web

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"zksim/sim"
)

// answered is the answer to a question that must have one.
func answered[A any](t testing.TB, method string, question any) *A {
	t.Helper()
	text, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	answer := Call(method, text, nil)
	if r := refusalIn(t, answer); r != nil {
		t.Fatalf("%s %.200s: %s", method, text, r.Message)
	}
	a := new(A)
	if err := json.Unmarshal(answer, a); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return a
}

// refused is the refusal of a question that must have none.
func refused(t testing.TB, method, question string) *Refusal {
	t.Helper()
	r := refusalIn(t, Call(method, []byte(question), nil))
	if r == nil {
		t.Fatalf("%s %.200s: answered; want a refusal", method, question)
	}
	return r
}

const small = "run: 30s\nclients:\n  worker: {attach: 1}\n"

func TestBadQuestionsAreRefusedWithAPlaceAndWhatWouldBeRight(t *testing.T) {
	yaml := func(text string) string {
		question, _ := json.Marshal(RunRequest{Scenario: text})
		return string(question)
	}
	for _, tc := range []struct {
		what, method, question string
		line, column           int
		field, message         string // the message has these words
	}{
		{"broken JSON", "run", "{\"scenario\":\n \"faq\",,}", 2, 8, "", "the request is no JSON"},
		{"no JSON at all", "run", "\x00\x01\x02\xff", 1, 1, "", "the request is no JSON"},
		{"nothing", "run", "", 0, 0, "", "the request is empty"},
		{"half of it", "run", `{"scenario":"fa`, 0, 0, "", "ends too early"},
		{"more behind it", "run", `{"scenario":"faq"} {"scenario":"faq"}`, 0, 0, "", "something behind the request"},
		{"an unknown field", "run", `{"scenario":"faq","sede":"1"}`, 0, 0, "", `unknown field "sede"`},
		{"a number for a text", "run", `{"scenario":7}`, 1, 13, "scenario", "number; want string"},
		{"a run that is no number", "run", `{"scenario":"faq","run":-1}`, 1, 26, "run", "want uint32"},
		{"no scenario", "run", `{}`, 0, 0, "scenario", "no scenario; want the name"},
		{"a misspelt scenario", "run", `{"scenario":"fak"}`, 0, 0, "scenario", "did you mean faq?"},
		{"a scenario of another world", "run", `{"scenario":"` + strings.Repeat("z", 300) + `"}`, 0, 0, "scenario", "want one that comes with zksim"},
		{"a seed that is none", "run", `{"scenario":"faq","seed":"1e3"}`, 0, 0, "seed", "want a whole number from 0 to 18446744073709551615"},
		{"a seed that is too large", "run", `{"scenario":"faq","seed":"18446744073709551616"}`, 0, 0, "seed", "want a whole number"},
		{"a client that is none", "run", `{"scenario":"faq","client":"nobody"}`, 0, 0, "client", `no client is called "nobody"; want one of worker, other`},
		{"broken YAML", "run", yaml("run: 30s\nclients: [\n"), 2, 0, "", "line 2: not YAML"},
		{"a slip in YAML", "run", yaml(small + "ensemble:\n  tickTim: 2s\n"), 5, 0, "ensemble.tickTim", "did you mean tickTime?"},
		{"a binary file", "run", yaml("run: 30s\n\x00\x01\x02"), 2, 0, "", "control character U+0000"},
		{"aliases that multiply", "run", yaml("run: 30s\nx: &a [1]\ny: [*a, *a, *a]\nclients: {a: {}}\n"), 2, 0, "", "an anchor (&a)"},
		{"a file beside the scenario", "run", yaml(small + "network: {latency: {law: empirical, file: /etc/passwd}}\n"), 4, 0, "network.latency", ""},
		{"a scenario that is too large", "run", yaml("run: 30s\n# " + strings.Repeat("x", MaxYAML)), 0, 0, "scenario", fmt.Sprintf("want at most %d", MaxYAML)},
		{"a thousand clients", "run", `{"scenario":"faq","set":["clients.worker.count=1000"]}`, 0, 0, "clients", "1001 clients; want at most 500"},
		{"a change to nothing", "run", `{"scenario":"faq","set":["clients.worker.timeot=6s"]}`, 0, 0, "", "did you mean timeout?"},
		{"a change that is none", "run", `{"scenario":"faq","set":["x"]}`, 0, 0, "", "not an assignment"},
		{"a fault that is none", "run", `{"scenario":"faq","add":["{kil: worker, at: 14s}"]}`, 0, 0, "faults.1.kil", "did you mean kill?"},
		{"too many changes", "run", `{"scenario":"faq","set":["` + strings.Repeat(`seed=1","`, MaxSets) + `seed=1"]}`, 0, 0, "set", "want at most 200"},
		{"a run that would hardly end", "run", `{"scenario":"faq","set":["clients.other.read_every=10ms","run=24h"]}`, 0, 0, "run", "want a shorter run"},
		{"a record that there is not", "why", `{"scenario":"faq","record":100000}`, 0, 0, "record", "want 1 to 235"},
		{"too many runs", "shake", `{"scenario":"faq","count":100000}`, 0, 0, "count", "want 1 to 1000"},
		{"no runs", "shake", `{"scenario":"faq"}`, 0, 0, "count", "want 1 to 1000"},
		{"runs beyond the last", "shake", `{"scenario":"faq","from":4294967295,"count":2}`, 0, 0, "from", "want numbers below 4294967296"},
		{"phases that are none", "shake", `{"scenario":"faq","count":1,"phases":"x"}`, 0, 0, "phases", "want drawn or kept"},
		{"a form that is none", "timeline", `{"scenario":"faq","format":"pdf"}`, 0, 0, "format", "want one of text, jsonl, yaml"},
		{"a rule that is none", "rule", `{"id":"X-1"}`, 0, 0, "id", "no rule"},
		{"a lesson that is none", "lesson", `{"lesson":"x","round":1}`, 0, 0, "lesson", "no lesson"},
		{"a round that is none", "lesson", `{"lesson":"1","round":99}`, 0, 0, "round", "no round"},
		{"a guess that is none", "judge", `{"lesson":"1","round":1,"guesses":["x"]}`, 0, 0, "guesses", ""},
	} {
		r := refused(t, tc.method, tc.question)
		if r.Kind != Unusable || r.Line != tc.line || r.Column != tc.column || tc.field != "" && r.Field != tc.field || !strings.Contains(r.Message, tc.message) || r.Message == "" {
			t.Errorf("%s: %+v; want line %d, column %d, field %q, and %q", tc.what, *r, tc.line, tc.column, tc.field, tc.message)
		}
		if len(r.Message) > 1500 {
			t.Errorf("%s: a message of %d bytes", tc.what, len(r.Message))
		}
	}
	if r := refused(t, "shutdown", "{}"); r.Kind != Unknown || !strings.Contains(r.Message, "want one of scenarios, run") {
		t.Errorf("a method that is none: %+v", *r)
	}
	if r := refused(t, "run", strings.Repeat(" ", MaxRequest+1)); r.Kind != Large {
		t.Errorf("too large: %+v", *r)
	}
}

func TestAllProblemsOfAScenarioAreToldUpToABound(t *testing.T) {
	var text strings.Builder
	text.WriteString(small + "faults:\n")
	for range 100 {
		text.WriteString("  - {kill: nobody, at: 1s}\n")
	}
	question, _ := json.Marshal(RunRequest{Scenario: text.String()})
	r := refused(t, "run", string(question))
	if r.Line != 5 || r.Field != "faults.0.kill" || len(r.More) != mostProblems+1 || r.More[0].Line != 6 || r.More[mostProblems].Message != "and 79 more" {
		t.Errorf("line %d, %s, %d more, the last of them %q", r.Line, r.Field, len(r.More), r.More[len(r.More)-1].Message)
	}
}

// TestWhatIsAddedIsSaidOnTheCommandLine: the page's changes are those of --set.
func TestWhatIsAddedIsSaidOnTheCommandLine(t *testing.T) {
	a := answered[RunAnswer](t, "run", RunQuery{RunRequest: RunRequest{Scenario: "faq", Set: []string{"faults.0.for=5s"}, Add: []string{"{kill: worker, at: 20s}"}, Seed: "7", Run: 3, Client: "worker"}})
	const want = "zksim run faq --set faults.0.for=5s --set 'faults.+={kill: worker, at: 20s}' --client worker --run 3 --seed 7"
	if a.Command != want || len(a.Parameters.Faults) != 2 || a.Parameters.Faults[1].Kind != "kill" || *a.Parameters.Faults[1].AtNS != 20e9 {
		t.Errorf("%s: %+v; want %s", a.Command, a.Parameters.Faults, want)
	}
}

// TestFAQsStoryAsThePageHasIt: the instants of the README's picture, which a recording of
// a real ensemble bears out (see conformance).
func TestFAQsStoryAsThePageHasIt(t *testing.T) {
	a := answered[RunAnswer](t, "run", RunQuery{RunRequest: RunRequest{Scenario: "faq"}, Records: true})
	at := map[string]float64{}
	for _, i := range a.Picture.Instants {
		at[i.What] = float64(i.AtNS-a.OriginNS) / 1e9
	}
	for what, want := range map[string]float64{"disconnected": 4.831, "marked": 9.809, "expired": 17.108, "heal": 16.592} {
		if math.Abs(at[what]-want) > 0.0005 {
			t.Errorf("%s at %.4f s, want %.3f", what, at[what], want)
		}
	}
	if a.Digest != "84b89fe0" || a.Seed != "1231" || a.Client != "worker" || len(a.Records) != 235 || a.Count != 235 {
		t.Errorf("digest %s, seed %s, client %s, %d records of %d", a.Digest, a.Seed, a.Client, len(a.Records), a.Count)
	}
	if !strings.HasPrefix(a.Verdict, "The cluster expired the session at 9.809 s.") || !strings.Contains(a.Text, "knowledge gap   7.299 s") {
		t.Errorf("verdict %q", a.Verdict)
	}
	if p := a.Parameters; p.TickNS != 2e9 || p.TimeoutNS != 10e9 || p.Client != "worker" || p.Servers != 3 || p.Leader != 3 || p.Attach != 1 || p.LibraryName != "Java 3.8.0" {
		t.Errorf("%+v", p)
	}
}

// TestSameUntilSaysWhereAForkBegins: before the cut is healed 5 s after its beginning,
// at 12 s, nobody can know that it is not to last 16.592 s; what happens first then is the
// end of the fault.
func TestSameUntilSaysWhereAForkBegins(t *testing.T) {
	fork := func(set ...string) int64 {
		return *answered[RunAnswer](t, "run", RunQuery{RunRequest: RunRequest{Scenario: "faq", Set: set}, ForkOf: &RunRequest{Scenario: "faq"}}).SameUntil
	}
	if got := fork("faults.0.for=5s"); got != 17e9 {
		t.Errorf("healed at 17 s: the same until %d ns", got)
	}
	if got := fork(`faults.+={kill: other, at: 20s}`); got != 20e9 {
		t.Errorf("a death at 20 s: the same until %d ns", got)
	}
	if got := fork("clients.worker.timeout=20s"); got != 60e6 {
		t.Errorf("another timeout, which worker asks for at 60 ms: the same until %d ns", got)
	}
	if got := fork(); got != 32e9 {
		t.Errorf("no change: the same until %d ns, want the end of the run", got)
	}
}

// TestShakeFollowsItsLaw plays the FAQ's story with its phases left to chance: the mean of
// the expiry is within four standard errors of T + τ/2 + h/2 - p/2 + d1 + df (Q-3, with
// T = 10 s, τ = 2 s, h = 1 s, p = 3.333 s), no run lies outside of the law's ends, and
// the notice follows Q-8.
func TestShakeFollowsItsLaw(t *testing.T) {
	const runs = 1000
	a := answered[ShakeAnswer](t, "shake", ShakeQuery{RunRequest: RunRequest{Scenario: "faq"}, From: 1, Count: runs})
	if a.Law == nil || a.Law.Rule != "Q-2 to Q-5" || a.Law.WhyNot != "" || a.Notice == nil || a.Notice.Rule != "Q-8" || a.Notice.WhyNot != "" {
		t.Fatalf("law %+v, notice %+v", a.Law, a.Notice)
	}
	for name, tc := range map[string]struct {
		law  *Law
		of   func(*ShakenRun) *int64
		mean float64 // without latencies, ms
		sd   float64
	}{
		"marked":       {a.Law, func(r *ShakenRun) *int64 { return r.Marked }, 10000 + 1000 + 500 - 3333./2, math.Sqrt((2000*2000 + 1000*1000 + 3333*3333) / 12.)},
		"disconnected": {a.Notice, func(r *ShakenRun) *int64 { return r.Disconnected }, 6666 + 100 - 3333./2, math.Sqrt(3333 * 3333 / 12.)},
	} {
		sum := 0.0
		for i := range a.Runs {
			at := tc.of(&a.Runs[i])
			if at == nil {
				t.Fatalf("%s: run %d has none", name, a.Runs[i].Run)
			}
			if *at < tc.law.LeastNS-2e6 || *at > tc.law.MostNS+2e6 {
				t.Errorf("%s: run %d at %d ns, outside of %d to %d", name, a.Runs[i].Run, *at, tc.law.LeastNS, tc.law.MostNS)
			}
			sum += float64(*at) / 1e6
		}
		mean, law := sum/runs, float64(tc.law.MeanNS)/1e6
		if off := math.Abs(mean - law); off > 4*tc.sd/math.Sqrt(runs) {
			t.Errorf("%s: mean %.1f ms, the law's %.1f", name, mean, law)
		}
		if math.Abs(law-tc.mean) > 5 { // latencies are a few ms
			t.Errorf("%s: the law's mean is %.1f ms, by hand %.1f and latencies", name, law, tc.mean)
		}
		area := 0.0
		for i := 1; i < len(tc.law.XNS); i++ {
			area += (tc.law.Density[i] + tc.law.Density[i-1]) / 2 * float64(tc.law.XNS[i]-tc.law.XNS[i-1]) / 1e9
		}
		if math.Abs(area-1) > 0.02 {
			t.Errorf("%s: the density's area is %.4f", name, area)
		}
	}
}

// TestARunOfAShakeIsSeenByItsNumber: what a click on a bar asks for.
func TestARunOfAShakeIsSeenByItsNumber(t *testing.T) {
	for _, scenario := range []string{"faq", "zombie", "gc-pause", "two-owners"} {
		a := answered[ShakeAnswer](t, "shake", ShakeQuery{RunRequest: RunRequest{Scenario: scenario}, From: 40, Count: 3})
		for _, r := range a.Runs {
			seen := answered[RunAnswer](t, "run", RunQuery{RunRequest: RunRequest{Scenario: a.YAML, Run: r.Run, Client: a.Client}})
			marked := int64(-1)
			for _, i := range seen.Picture.Instants {
				if i.What == "marked" {
					marked = i.AtNS - seen.OriginNS
				}
			}
			if r.Marked == nil && marked >= 0 || r.Marked != nil && marked != *r.Marked {
				t.Errorf("%s, run %d: marked at %d ns, in the shake %v", scenario, r.Run, marked, r.Marked)
			}
		}
	}
}

// TestOtherLibrariesLiveTheSameCut: for the FAQ's cut the cluster decides alike for all
// whose pings are alike, and those of L-U3 and C-20 end it by themselves.
func TestOtherLibrariesLiveTheSameCut(t *testing.T) {
	all := *answered[[]LibraryAnswer](t, "libraries", RunRequest{Scenario: "faq"})
	byTitle := map[string]LibraryAnswer{}
	mine := 0
	for _, l := range all {
		byTitle[l.Title] = l
		if l.Mine {
			mine++
		}
		if l.WhyNot != "" || l.Marked == nil || l.Verdict == "" {
			t.Errorf("%s: %+v", l.Title, l)
		}
	}
	if mine != 1 || len(all) < 9 {
		t.Errorf("%d libraries, %d of them the scenario's own", len(all), mine)
	}
	for title, want := range map[string]struct{ rule, how string }{
		"Java 3.8.0":                        {"C-30", "a server says so"},
		"Java 3.9.5":                        {"C-20", "gives up by itself"},
		"C 3.9.5":                           {"", "a server says so"},
		"Curator 5.7.1 on Java 3.8.0":       {"L-U3", "gives up by itself"},
		"Curator 5.7.1 on Java 3.8.0, 33 %": {"L-U3", "gives up by itself"},
	} {
		l, ok := byTitle[title]
		if !ok || l.How != want.how || want.rule != "" && l.Rule != want.rule {
			t.Errorf("%s: %s by %s; want %s by %s", title, l.How, l.Rule, want.how, want.rule)
		}
	}
	// SUSPENDED and 10 s, or a third of it (L-U3).
	c := byTitle["Curator 5.7.1 on Java 3.8.0"]
	third := byTitle["Curator 5.7.1 on Java 3.8.0, 33 %"]
	if after := time.Duration(*c.Learned - *c.Disconnected); after < 10*time.Second || after > 11*time.Second {
		t.Errorf("Curator: LOST %v after SUSPENDED, want 10 s", after)
	}
	if after := time.Duration(*third.Learned - *third.Disconnected); after < 3300*time.Millisecond || after > 4300*time.Millisecond {
		t.Errorf("Curator, 33 %%: LOST %v after SUSPENDED, want 3.3 s", after)
	}
}

// TestEveryQuestionIsAnsweredForEveryScenario: nothing that comes with zksim is too much
// for the page, and all that is told of a run is the same run.
func TestEveryQuestionIsAnsweredForEveryScenario(t *testing.T) {
	for _, e := range sim.Embedded() {
		q := RunRequest{Scenario: e.Name}
		a := answered[RunAnswer](t, "run", RunQuery{RunRequest: q, Records: true})
		if a.Count != uint64(len(a.Records)) || a.Picture == nil || a.YAML == "" || a.Verdict == "" {
			t.Errorf("%s: %d of %d records, verdict %q", e.Name, len(a.Records), a.Count, a.Verdict)
		}
		for _, r := range a.Records {
			if r.Words == "" || r.Kind == "" {
				t.Errorf("%s: record %d says nothing", e.Name, r.ID)
			}
		}
		again := answered[RunAnswer](t, "run", RunQuery{RunRequest: RunRequest{Scenario: a.YAML}})
		if again.Digest != a.Digest {
			t.Errorf("%s: the resolved scenario gives digest %s, want %s", e.Name, again.Digest, a.Digest)
		}
		if last := a.Picture.Instants; len(last) > 0 {
			steps := answered[WhyAnswer](t, "why", WhyQuery{RunRequest: q, Record: last[len(last)-1].Record}).Steps
			if len(steps) == 0 {
				t.Errorf("%s: no causes of %s", e.Name, last[len(last)-1].What)
			}
		}
		answered[ShakeAnswer](t, "shake", ShakeQuery{RunRequest: q, Count: 2})
		answered[[]LibraryAnswer](t, "libraries", q)
	}
}
