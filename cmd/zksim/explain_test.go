package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"zksim/conformance"
)

// explained are the scenarios whose explanation has a golden text: of every verdict, and of
// every way to come there.
var explained = []struct {
	name string
	args []string
}{
	{"faq", nil},
	{"heal-in-time", nil},
	{"orphan", nil},
	{"crash", nil},
	{"close", nil},
	{"zombie", nil},
	{"vain", nil},
	{"cut-forever-38", nil},
	{"gc-pause", nil},
	{"two-owners", nil},
	{"curator-460", nil},
	{"kazoo-starved", nil},
	{"read-only", nil},
	{"failovers", nil},
	{"server-pause", nil},
	{"no-quorum", nil},
	{"read-only", []string{"--client", "late"}},
	{"crash", []string{"--set", "run=15s"}},
	{"faq", []string{"--width", "60", "--ascii"}},
	{"takeover", []string{"--client", "heir", "--why", "owns"}},
}

// TestExplanationsAreAsTheyWereRead compares the texts of explain with golden files, which
// were read against the timelines. No line is longer than the width.
func TestExplanationsAreAsTheyWereRead(t *testing.T) {
	dir, err := filepath.Abs(filepath.Join("testdata", "explain"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range explained {
		name, width := e.name, defaultWidth
		if len(e.args) > 0 {
			name += "." + strings.NewReplacer("--", "", "=", "").Replace(strings.Join(e.args, "-"))
		}
		if len(e.args) > 0 && e.args[0] == "--width" {
			width = 60
		}
		path := filepath.Join(dir, name+".txt")
		code, stdout, stderr := zksim(t, context.Background(), append([]string{"explain", e.name}, e.args...)...)
		if code != exitOK || stderr != "" {
			t.Errorf("%s: exit status %d: %s", name, code, stderr)
			continue
		}
		for line := range strings.SplitSeq(stdout, "\n") {
			if utf8.RuneCountInString(line) > width {
				t.Errorf("%s: %q is wider than %d", name, line, width)
			}
		}
		if *update {
			if err := os.WriteFile(path, []byte(stdout), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v (make golden writes it)", err)
		}
		if got := strings.Split(stdout, "\n"); stdout != string(want) {
			for i, line := range strings.Split(string(want), "\n") {
				if i >= len(got) || got[i] != line {
					t.Errorf("%s:%d:\n got %s\nwant %s", path, i+1, append(got, make([]string, i+1)...)[i], line)
					break
				}
			}
		}
	}
}

// TestRecordingsAreExplained: of the run that is played beside each.
func TestRecordingsAreExplained(t *testing.T) {
	files, err := filepath.Glob("../../conformance/testdata/S*.jsonl.gz")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files of recordings: %v", len(files), err)
	}
	for _, file := range files {
		traces, err := conformance.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(traces); i += max(len(traces)/3, 1) {
			code, stdout, stderr := zksimHere(context.Background(), "explain", file, "--id", traces[i].Header.ID, "--runs", "0")
			if code != exitOK || !strings.Contains(stdout, "\n What happened\n") || !strings.Contains(stdout, "\n Why: ") {
				t.Errorf("%s %s: exit status %d, %q, %s", file, traces[i].Header.ID, code, stdout, stderr)
			}
		}
	}
}

// TestARecordingsScenarioIsPlayedAsItIs: the digest is that of zksim run.
func TestARecordingsScenarioIsPlayedAsItIs(t *testing.T) {
	const file, id = "../../conformance/testdata/S3_heal_after.java.jsonl.gz", "S3_heal_after/java/A3-0008"
	_, ran, _ := zksimHere(context.Background(), "run", file, "--id", id)
	_, told, _ := zksimHere(context.Background(), "explain", file, "--id", id, "--runs", "0")
	_, digest, ok := strings.Cut(told, "digest ")
	if digest = digest[:8]; !ok || !strings.Contains(ran, "digest "+digest) {
		t.Errorf("explained %s, ran\n%s", digest, ran)
	}
}
