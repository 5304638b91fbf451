package main

import (
	"context"
	"os"
	"path/filepath"
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
