package teach

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// lessonText is a lesson without fault, of which tests change one thing.
const lessonText = `title: Why?
about: Because.
rounds:
  - name: one
    scenario: faq
    text: The timeout is {timeout}.
    asks:
      - question: When?
        kind: instant
        of: marked
        close: tick / 2
        wrong:
          - when: guess < touch + timeout
            text: Too early.
    explain: At {marked}.
    rules: [T-3]
moral: So it is.
next:
  - text: Go on.
    command: zksim run faq
`

// TestReadLessonNamesThePlaceAndWhatWouldBeRight: file, line, path, what was read, what is
// wanted.
func TestReadLessonNamesThePlaceAndWhatWouldBeRight(t *testing.T) {
	if _, err := ReadLesson("ok.yaml", []byte(lessonText)); err != nil {
		t.Fatalf("the lesson that is changed below: %v", err)
	}
	for _, c := range []struct{ from, to, want string }{
		{lessonText, "", "x.yaml:1: an empty file; want a lesson"},
		{lessonText, "- 1\n", `x.yaml:1: a list; want a mapping with the keys about, moral, next, rounds, title`},
		{"title: Why?", "title: [", "x.yaml: not YAML: "},
		{"title: Why?", "titel: Why?", "x.yaml:1: titel: unknown key; want one of about, moral, next, rounds, title"},
		{"about: Because.\n", "about: Because.\nabout: Twice.\n", "x.yaml:3: about: a second time"},
		{"about: Because.\n", "", "x.yaml:1: about is missing"},
		{"about: Because.", "about: {}", "x.yaml:2: about: a mapping; want a text"},
		{"    rules: [T-3]\n", "", "x.yaml:4: rounds.0: rules is missing"},
		{"[T-3]", "[T-3, T-" + "99]", `x.yaml:16: rounds.0.rules.1: "T-` + `99"; want the ID of a rule, as in T-3`},
		{"scenario: faq", "scenario: fak", `rounds.0.scenario: no scenario "fak" that comes with zksim`},
		{"scenario: faq", "scenario: faq\n    set: [clients.worker.timeout=soon]", "rounds.0.set: "},
		{"scenario: faq", "scenario: faq\n    seed: -1", `x.yaml:6: rounds.0.seed: "-1"; want a whole number`},
		{"scenario: faq", "scenario: faq\n    runs: 1", `x.yaml:6: rounds.0.runs: "1"; want a whole number from 2 to 2000`},
		{"scenario: faq", "scenario: faq\n    spread: detection", "rounds.0.spread: a spread of one run"},
		{"is {timeout}.", "is 10 s.", "x.yaml:6: rounds.0.text: the number 10 is typed in; want what the run gives"},
		{"is {timeout}.", "is {timeout.", "x.yaml:6: rounds.0.text: a { without its }"},
		{"is {timeout}.", "is timeout}.", "rounds.0.text: a } without its {"},
		{"is {timeout}.", "is {timeout +}.", `rounds.0.text: "timeout +": it ends where a name or a number is wanted`},
		{"is {timeout}.", "is {later(timeout)}.", `unknown function later`},
		{"kind: instant", "kind: when", `x.yaml:9: rounds.0.asks.0.kind: "when"; want one of instant, length`},
		{"        of: marked\n", "", "x.yaml:8: rounds.0.asks.0: of is missing: what in the run is the answer"},
		{"        close: tick / 2\n", "", "rounds.0.asks.0: close is missing: how near"},
		{"kind: instant", "kind: choice", "rounds.0.asks.0: choice without options; want at least two"},
		{"kind: instant", "kind: instant\n        options: [{text: A, of: marked}]", "rounds.0.asks.0: options of a question of instant; want kind choice or order"},
		{"when: guess < touch + timeout\n", "if: guess\n", "x.yaml:13: rounds.0.asks.0.wrong.0.if: unknown key; want one of text, when"},
		{"command: zksim run faq", "command: rm -r x", `next.0.command: "rm -r x"; want a command line that begins with zksim`},
		{"rounds:\n", "rounds: []\nrond:\n", "x.yaml:3: rounds: a list; want a list of 1 to 6"},
	} {
		changed := strings.Replace(lessonText, c.from, c.to, 1)
		if changed == lessonText {
			t.Fatalf("%q is not in the lesson", c.from)
		}
		_, err := ReadLesson("x.yaml", []byte(changed))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q instead of %q: %v; want %q", c.to, c.from, err, c.want)
		}
	}
}

// FuzzReadLesson: the reader takes anything.
func FuzzReadLesson(f *testing.F) {
	f.Add([]byte(lessonText))
	for _, name := range lessonNames {
		source, err := lessonFiles.ReadFile("lessons/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte("rounds: [{asks: [{of: '((((((1'}]}]"))
	f.Fuzz(func(t *testing.T, source []byte) {
		if l, err := ReadLesson("x.yaml", source); err == nil && (len(l.Rounds) == 0 || l.Title == "") {
			t.Errorf("a lesson without title or rounds was read without an error")
		}
	})
}

// readLesson makes a lesson with one change, for playing.
func readLesson(t *testing.T, from, to string) *Lesson {
	t.Helper()
	l, err := ReadLesson("x.yaml", []byte(strings.Replace(lessonText, from, to, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestAQuestionMayNotShowWhatComesAfterTheFault: neither its text nor its options, by no
// computation; what a fault's own plan says is known.
func TestAQuestionMayNotShowWhatComesAfterTheFault(t *testing.T) {
	for _, c := range []struct {
		shown string
		leaks bool
	}{
		{"{timeout}", false}, {"{-touch}", false}, {"{ends - begins}", false}, {"{lasts}", false}, {"{touch + timeout}", false}, {"{server} {leader}", false},
		{"{marked}", true}, {"{marked - touch}", true}, {"{gap / 2}", true}, {"{happens(marked)}", true}, {"{edge}", true}, {"{other.end}", false},
		{"{gone < expired}", true}, {"{expired}", true}, {"{least(detection)}", true},
	} {
		p, err := readLesson(t, "is {timeout}.", "is "+c.shown+".").Play(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Situation(); (err != nil) != c.leaks {
			t.Errorf("%s: %v", c.shown, err)
		}
		p, err = readLesson(t, "question: When?", "question: When "+c.shown+"?").Play(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Situation(); (err != nil) != c.leaks {
			t.Errorf("question %s: %v", c.shown, err)
		}
	}
}

// TestAnswersAreReadKindly: as people write them; and what cannot be read is refused with
// what is wanted.
func TestAnswersAreReadKindly(t *testing.T) {
	never := math.Inf(1)
	for _, c := range []struct {
		kind, text string
		want       float64
	}{
		{AskInstant, "7.5", 7500}, {AskInstant, " 7.5 s ", 7500}, {AskInstant, "7500ms", 7500}, {AskInstant, "7,5 sec", 7500}, {AskInstant, "7.5 seconds.", 7500},
		{AskInstant, "-1", -1000}, {AskInstant, "−1", -1000}, {AskInstant, "Never", never}, {AskInstant, "2 min", 120_000}, {AskInstant, ".5", 500},
		{AskLength, "for ever", never}, {AskLength, "0", 0}, {AskLength, "1.2345", 1235},
		{AskShare, "28", 0.28}, {AskShare, "28 %", 0.28}, {AskShare, "0.5%", 0.005}, {AskShare, "100 percent", 1},
		{AskNumber, "3", 3}, {AskNumber, "2.5", 2.5},
	} {
		a := Ask{Kind: c.kind}
		g, err := a.Parse(c.text)
		if err != nil || g.value == nil || g.value.n != c.want {
			t.Errorf("%s %q: %+v, %v; want %v", c.kind, c.text, g.value, err, c.want)
		}
	}
	for text, want := range map[string]bool{"y": true, "Yes": true, "yes!": true, "n": false, "NO": false, "false": false} {
		if g, err := (&Ask{Kind: AskYesNo}).Parse(text); err != nil || g.value.yes != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	three := []Option{{Key: "a"}, {Key: "b"}, {Key: "c"}}
	for text, want := range map[string]int{"b": 1, "B)": 1, "(c)": 2, "1": 0, "a.": 0} {
		if g, err := (&Ask{Kind: AskChoice, Options: three}).Parse(text); err != nil || g.order[0] != want {
			t.Errorf("choice %q: %v", text, err)
		}
	}
	for _, text := range []string{"c a b", "cab", "c, a, b", "C A B", "3 1 2", "c > a > b", "c) a) b)"} {
		if g, err := (&Ask{Kind: AskOrder, Options: three}).Parse(text); err != nil || !slices.Equal(g.order, []int{2, 0, 1}) {
			t.Errorf("order %q: %v, %v", text, g.order, err)
		}
	}
	for kind, texts := range map[string][]string{
		AskInstant: {"", "soon", "7.5.5", "7 5", "1e9", "9999999", "7h", "NaN", "0x1"},
		AskLength:  {"-1", "28%"}, AskShare: {"101", "-1", "28 s"}, AskNumber: {"3 s", "many"},
		AskYesNo: {"maybe", "", "1"}, AskChoice: {"d", "ab", "0", "4", ""}, AskOrder: {"a b", "a a b", "a b c d", "abd", ""},
	} {
		for _, text := range texts {
			a := Ask{Kind: kind, Options: three}
			if kind != AskChoice && kind != AskOrder {
				a.Options = nil
			}
			if g, err := a.Parse(text); err == nil || !strings.Contains(err.Error(), "want "+a.want()) {
				t.Errorf("%s %q: %+v, %v; want an error that says what is wanted", kind, text, g, err)
			}
		}
	}
}

// TestExpressionsOfLessons computes with what the FAQ's run gives; its instants are those
// of the scenario's golden timeline.
func TestExpressionsOfLessons(t *testing.T) {
	p, err := readLesson(t, "", "").Play(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	five, close := value{kind: instant, n: 5000}, value{kind: length, n: 100}
	sc := p.scope()
	sc.guess, sc.close, sc.order = &five, close, []string{"x", "y"}
	for text, want := range map[string]string{
		"marked": "9.809 s", "-touch": "1.866 s", "touch": "−1.866 s", "timeout": "10 s", "patience": "6.666 s", "ping_every": "3.333 s", "give_up": "13.333 s", "attempt": "3.333 s",
		"marked - disconnected": "4.978 s", "warning": "4.978 s", "timeout * 2 / 3": "6.666 s", "2 * (tick + 250 ms)": "4.5 s", "tick / heartbeat": "2", "heartbeat": "1 s", "sync_limit": "10 s",
		"happens(marked)": "yes", "happens(killed)": "no", "killed": "never", "killed > marked": "yes", "not happens(marked) or marked < expired": "yes",
		"near(guess, 5.1 s + begins)": "yes", "near(guess, begins + 5.101 s)": "no", "first(x, y)": "yes", "first(y, x)": "no", "guess": "5.000 s", "runs": "1",
		"other.timeout": "10 s", "server": "server 1", "leader": "server 3", "looked": "−0.191 s", "lasts": "16.592 s", "1 + 2 * 3 - 4 / 2": "5",
		"least(marked)": "9.809 s", "share(marked < expired)": "100 %", "quantile(50, gap)": "7.299 s",
	} {
		e, err := parseExpression(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		v, err := e.eval(sc)
		if got := v.String(); err != nil || strings.TrimSuffix(got, ".000 s") != strings.TrimSuffix(want, ".000 s") {
			t.Errorf("%s is %s (%v); want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "marked marked", "(marked", "marked +", "nosuch", "nosuch.marked", "marked + marked", "timeout < 3", "not marked", "-server", "marked and 1", "happens(marked",
		"happens()", "near(marked)", "1/0", "orphan", "killed - refused2", "killed - killed", "least(happens(marked))", "share(marked)", "quantile(marked, gap)", "first(x, z)", "first(1, 2)", "3 x", "10s", "§",
		strings.Repeat("(", 100) + "1"} {
		e, err := parseExpression(text)
		if err != nil {
			continue
		}
		if v, err := e.eval(sc); err == nil {
			t.Errorf("%s is %s; want an error", text, v)
		}
	}
}

// TestEveryNameOfLessonsHasAMeaning and there is each once.
func TestEveryNameOfLessonsHasAMeaning(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range nameRows {
		if r.name == "" || r.meaning == "" || seen[r.name] {
			t.Errorf("name %q, meaning %q", r.name, r.meaning)
		}
		seen[r.name] = true
	}
}
