package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"zksim/conformance"
	"zksim/web"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"zksim": main})
}

// TestScripts plays what a user types, from testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true})
}

// zksim runs the program in this process, in an empty directory.
func zksim(t *testing.T, ctx context.Context, words ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(t.TempDir())
	return zksimHere(ctx, words...)
}

// zksimHere runs the program in this process, in this directory.
func zksimHere(ctx context.Context, words ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, words, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// shellWords cuts a line as a shell does that knows single quotes.
func shellWords(line string) []string {
	var words []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

// TestEveryCommandHasHelpWithAnExampleThatRuns runs the examples that the help
// prints, as printed.
func TestEveryCommandHasHelpWithAnExampleThatRuns(t *testing.T) {
	examples := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Name() == "help" || c.Hidden {
			return
		}
		t.Run(c.CommandPath(), func(t *testing.T) {
			if c.Short == "" || c.Example == "" {
				t.Fatalf("no short help or no example")
			}
			t.Chdir(t.TempDir()) // one for all: an example may need what the one before it made
			for line := range strings.SplitSeq(c.Example, "\n") {
				words := shellWords(line)
				if len(words) == 0 || words[0] != "zksim" {
					t.Fatalf("example %q does not begin with zksim", line)
				}
				code, stdout, stderr := zksimHere(exampleContext(t, c), words[1:]...)
				if _, err := web.Site(); err != nil && c.Annotations[needsSite] != "" {
					left, _ := os.ReadDir(".")
					if code != exitUnusable || stdout != "" || !strings.Contains(stderr, web.SiteBuild) || len(left) > 0 {
						t.Errorf("%s: exit status %d, stdout %q, stderr %q, %d files; want %d, how to build it, and nothing written", line, code, stdout, stderr, len(left), exitUnusable)
					}
				} else if code != exitOK || stdout == "" {
					t.Errorf("%s: exit status %d, %d bytes of output, stderr %q", strings.TrimSpace(line), code, len(stdout), stderr)
				}
				examples++
			}
			code, stdout, _ := zksim(t, context.Background(), append(strings.Fields(c.CommandPath())[1:], "--help")...)
			if code != exitOK || !strings.Contains(stdout, strings.TrimSpace(strings.SplitN(c.Example, "\n", 2)[0])) {
				t.Errorf("--help: exit status %d, or the example is not in it", code)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(strings.NewReader(""), io.Discard, io.Discard))
	if examples < 8 {
		t.Errorf("ran %d examples; that cannot be all of them", examples)
	}
}

// exampleContext is one that ends by itself for a command that goes on until it is
// interrupted.
func exampleContext(t *testing.T, c *cobra.Command) context.Context {
	if c.Annotations[untilInterrupted] == "" {
		return context.Background()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// TestInterruptedRunEndsWith130AndLeavesNoFile: the context is cancelled as
// Ctrl-C does it.
func TestInterruptedRunEndsWith130AndLeavesNoFile(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	code, stdout, stderr := zksim(t, ctx, "run", "faq", "--set", "clients.worker.count=300", "--set", "run=1h", "-o", "out.txt")
	if code != exitInterrupted || stdout != "" || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit status %d, stdout %q, stderr %q; want 130, nothing, and a word about it", code, stdout, stderr)
	}
	left, err := os.ReadDir(".")
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestEveryRecordingOfAFileCanBeListed: the error that asks for one names ten
// and says how to see all.
func TestEveryRecordingOfAFileCanBeListed(t *testing.T) {
	file, err := filepath.Abs("../../conformance/testdata/S2_blackhole.java.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	traces, err := conformance.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := zksim(t, context.Background(), "run", file, "--list")
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if code != exitOK || stderr != "" || len(lines) != len(traces) {
		t.Fatalf("exit status %d, stderr %q, %d lines; want one for each of %d recordings", code, stderr, len(lines), len(traces))
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, traces[i].Header.ID+" ") {
			t.Errorf("line %d is %q, want recording %s", i, line, traces[i].Header.ID)
		}
	}
	code, _, stderr = zksim(t, context.Background(), "run", file)
	if want := fmt.Sprintf("and %d more; zksim run %s --list names all\n", len(traces)-10, file); code != exitUnusable || !strings.HasSuffix(stderr, want) {
		t.Errorf("exit status %d, stderr %q; want it to end in %q", code, stderr, want)
	}
}

// TestTheCommandThatPlaysARunAgain has every word that the run depends on, as a shell
// takes it.
func TestTheCommandThatPlaysARunAgain(t *testing.T) {
	q := runRequest{what: "my file.yaml", sets: []string{"clients.a.timeout=6s", "title=it's"}, id: "C3-0012"}
	want := `zksim run 'my file.yaml' --id C3-0012 --set clients.a.timeout=6s --set 'title=it'\''s' --seed 7`
	if got := q.again(7); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestOneThingIsNotCountedAsSeveral(t *testing.T) {
	for n, want := range map[int64]string{0: "0 rows", 1: "1 row", 2: "2 rows"} {
		if got := counted(n, "row"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
