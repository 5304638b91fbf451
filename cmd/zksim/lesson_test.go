package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"zksim/teach"
)

var update = flag.Bool("update", false, "rewrite the golden files of lessons")

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// lessonAnswers are what a newcomer might say to the questions of each lesson.
var lessonAnswers = map[string]string{
	"faq":            "10|10s|c|c|yes",
	"late-and-early": "0|10|12 s|10%|2",
	"follower":       "8.5|b|1",
	"silence":        "10|c|11.3 s|a b c|a",
	"pause":          "b|never|a|a",
	"two-owners":     "0|yes|0|1",
	"connected":      "y|a b d c|20|yes",
	"revived":        "8.5|9|16.7",
	"lost":           "c,a,b|0|ab|a",
	"timeout":        "0|5|14",
}

// lessonWords is the command line that gives a lesson with these answers.
func lessonWords(l *teach.Lesson, more ...string) []string {
	words := append([]string{"lesson", l.Name}, more...)
	for _, answer := range strings.Split(lessonAnswers[l.Name], "|") {
		words = append(words, "--answer", answer)
	}
	return words
}

var givenLessons = map[string]string{}

// given is a lesson with these answers, 80 columns wide.
func given(t *testing.T, l *teach.Lesson) string {
	t.Helper()
	if givenLessons[l.Name] == "" {
		code, stdout, stderr := zksim(t, context.Background(), lessonWords(l, "--width", "80")...)
		if code != exitOK || stderr != "" {
			t.Fatalf("exit status %d, stderr %q", code, stderr)
		}
		givenLessons[l.Name] = stdout
	}
	return givenLessons[l.Name]
}

// TestLessonsAreGivenFromBeginningToEnd compares every lesson, with the answers of a
// newcomer, with its golden text: 80 columns wide.
func TestLessonsAreGivenFromBeginningToEnd(t *testing.T) {
	dir, err := filepath.Abs("testdata/lesson")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range teach.Lessons() {
		t.Run(l.Name, func(t *testing.T) {
			stdout := given(t, l)
			path := filepath.Join(dir, l.Name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(stdout), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			shown, wanted := strings.Split(stdout, "\n"), strings.Split(string(want), "\n")
			for i := range max(len(shown), len(wanted)) {
				if i >= len(shown) || i >= len(wanted) || shown[i] != wanted[i] {
					t.Fatalf("line %d differs from %s: make golden GOLDEN_PACKAGES=./cmd/zksim, then read the difference", i+1, path)
				}
			}
		})
	}
}

// TestLessonsShowNothingBeforeTheAnswer: what comes before the last answer of a round has no
// lane but the faults', no finding and no fingerprint; all of that comes behind it.
func TestLessonsShowNothingBeforeTheAnswer(t *testing.T) {
	for _, l := range teach.Lessons() {
		for i, part := range strings.Split(given(t, l), "\n --- ")[1:] {
			last := strings.LastIndex(part, ") > ")
			before, after := part[:last], part[last:]
			if asks := len(l.Rounds[i].Asks); strings.Count(part, ") > ") != asks {
				t.Errorf("%s, round %d: not all %d questions are put", l.Name, i+1, asks)
			}
			for _, word := range []string{"\n client     ━", "\n cluster  ", "\n others  ", "\n lock  ", "\n leader     ━", " · digest ", "\n Rules: "} {
				if strings.Contains(before, word) {
					t.Errorf("%s, round %d: %q before the answer", l.Name, i+1, word)
				}
			}
			for _, word := range []string{"\n client     ━", "\n cluster  ", " · digest ", "\n Rules: "} {
				if !strings.Contains(after, word) {
					t.Errorf("%s, round %d: no %q after the answer", l.Name, i+1, word)
				}
			}
		}
	}
}

// TestLessonsKeepToTheirWidthAndCharacters: in 60 columns, in ASCII, without colour.
func TestLessonsKeepToTheirWidthAndCharacters(t *testing.T) {
	for _, l := range teach.Lessons() {
		_, narrow, _ := zksim(t, context.Background(), lessonWords(l, "--width", "60", "--ascii")...)
		for line := range strings.SplitSeq(narrow, "\n") {
			// A command can be cut nowhere.
			if n := utf8.RuneCountInString(line); n > 60 && !strings.Contains(line, "zksim ") && !strings.Contains(line, "--") {
				t.Errorf("%s: %d columns: %q", l.Name, n, line)
			}
			for _, r := range line {
				if r >= 0x80 || r < ' ' {
					t.Fatalf("%s: %q is not plain ASCII: %q", l.Name, r, line)
				}
			}
		}
		_, colored, _ := zksim(t, context.Background(), lessonWords(l, "--color", "always", "--width", "80")...)
		if !strings.Contains(colored, "\x1b[") {
			t.Errorf("%s: --color always colours nothing", l.Name)
		}
		if got := escapes.ReplaceAllString(colored, ""); got != given(t, l) {
			t.Errorf("%s: without its colours it is another text", l.Name)
		}
	}
}

// TestTheListOfLessonsKeepsToItsWidth: titles are broken, and nothing of them is lost.
func TestTheListOfLessonsKeepsToItsWidth(t *testing.T) {
	_, list, _ := zksim(t, context.Background(), "lesson", "--width", "60")
	for line := range strings.SplitSeq(list, "\n") {
		if n := utf8.RuneCountInString(line); n > 60 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, l := range teach.Lessons() {
		if !strings.Contains(strings.Join(strings.Fields(list), " "), fmt.Sprintf("%d %s %s", l.Number, l.Name, l.Title)) {
			t.Errorf("the list does not say %d, %s: %s", l.Number, l.Name, l.Title)
		}
	}
}

// TestCommandsThatLessonsNameRun runs what a reader is told to type.
func TestCommandsThatLessonsNameRun(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, l := range teach.Lessons() {
		for _, try := range l.Next {
			line := try.Command
			if testing.Short() && strings.Contains(line, " sweep ") {
				continue
			}
			code, stdout, stderr := zksimHere(context.Background(), shellWords(line)[1:]...)
			if code != exitOK || stdout == "" {
				t.Errorf("%s: %s: exit status %d, %s", l.Name, line, code, stderr)
			}
		}
	}
}

// TestTheRunOfARoundIsThatOfItsCommand: the digest in a lesson is that of the run that the
// lesson names.
func TestTheRunOfARoundIsThatOfItsCommand(t *testing.T) {
	for _, l := range teach.Lessons() {
		rounds := strings.Split(given(t, l), "\n --- ")[1:]
		for i := range l.Rounds {
			code, played, stderr := zksim(t, context.Background(), shellWords(l.Rounds[i].Command())[1:]...)
			if code != exitOK {
				t.Fatalf("%s: exit status %d, %s", l.Rounds[i].Command(), code, stderr)
			}
			digest := played[strings.LastIndex(played, " seed "):]
			if !strings.Contains(rounds[i], digest) {
				t.Errorf("%s, round %d: %s ends with %q, the lesson does not", l.Name, i+1, l.Rounds[i].Command(), digest)
			}
		}
	}
}
