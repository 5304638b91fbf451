package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestReadmeShowsWhatIsPrinted: the picture in the README is that of the program.
func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "```\n$ zksim run faq\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	code, stdout, stderr := zksim(t, context.Background(), "run", "faq")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit status %d, stderr %q", code, stderr)
	}
	want, got := strings.Split(shown, "\n"), strings.Split(stdout, "\n")
	if len(want) != len(got) {
		t.Errorf("the README shows %d lines, the program prints %d", len(want), len(got))
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Errorf("line %d: the README has %q, the program prints %q", i+1, want[i], got[i])
		}
	}
}

// TestReadmeCommandsRun runs what the README says a user can type, in its order and in
// one directory. The replay of all recordings has its own tests.
func TestReadmeCommandsRun(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	recordings, err := filepath.Abs("../../conformance/testdata")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(readme), "## What else it does\n")
	_, block, _ = strings.Cut(block, "```\n")
	block, _, _ = strings.Cut(block, "```\n")
	t.Chdir(t.TempDir())
	ran := 0
	for line := range strings.SplitSeq(block, "\n") {
		command, _, _ := strings.Cut(line, "#")
		words := strings.Fields(strings.ReplaceAll(command, "conformance/testdata", recordings))
		if len(words) == 0 || words[len(words)-1] == "replay" {
			continue
		}
		var out, errs bytes.Buffer
		code := run(context.Background(), words[1:], strings.NewReader(""), &out, &errs)
		if words[0] != "zksim" || code != exitOK || errs.Len() != 0 {
			t.Errorf("%s: exit status %d, stderr %q", line, code, errs.String())
		}
		ran++
	}
	if _, err := os.Stat("run.jsonl"); err != nil || ran < 6 {
		t.Errorf("ran %d commands of the README, want 6: %v", ran, err)
	}
}

// TestReadmeGivesTheFiguresOfThePagesItNames: the share is what the replay prints.
func TestReadmeGivesTheFiguresOfThePagesItNames(t *testing.T) {
	read := func(path string, pattern string) float64 {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pattern).FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s has nothing like %s", path, pattern)
		}
		share, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return share
	}
	said := read("../../README.md", `Event by event, ([0-9.]+) % of what the rules fix`)
	if held := read("../../docs/fidelity.md", `fixed by rules +\d+ of \d+ inside \(([0-9.]+) %\)`); math.Abs(held-said) > 0.1 {
		t.Errorf("the README says %v %%, docs/fidelity.md %v %%", said, held)
	}
	said = read("../../README.md", `The rules, more than (\d+) of them`)
	if held := read("../../docs/coverage.md", `\d+ of the (\d+) rules are out of scope`); held <= said {
		t.Errorf("the README says more than %v rules, docs/coverage.md %v", said, held)
	}
}

// TestARecordingsStoryKeepsToTheWidth: the comparison below the timeline too.
func TestARecordingsStoryKeepsToTheWidth(t *testing.T) {
	file, err := filepath.Abs("../../conformance/testdata/S3_heal_after.java.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	for width, flag := range map[int]string{60: "60", 80: "80", 100: "100"} {
		code, stdout, stderr := zksim(t, context.Background(), "run", file, "--id", "C3-0012", "--width", flag)
		if code != exitOK || stderr != "" || !strings.Contains(stdout, "Predicted beside recorded") || !strings.Contains(stdout, "taken from the recording") {
			t.Fatalf("exit status %d, stderr %q, %d bytes of output", code, stderr, len(stdout))
		}
		for line := range strings.SplitSeq(stdout, "\n") {
			if utf8.RuneCountInString(line) > width {
				t.Errorf("%d columns: a line of %d: %s", width, utf8.RuneCountInString(line), line)
			}
		}
	}
}
