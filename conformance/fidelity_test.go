package conformance

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the tables in docs/fidelity.md")

// TestFidelityPageIsCurrent holds the tables in docs/fidelity.md to what the
// command finds.
func TestFidelityPageIsCurrent(t *testing.T) {
	const path = "../docs/fidelity.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x, err := EmbeddedExplanations()
	if err != nil {
		t.Fatal(err)
	}
	var report strings.Builder
	if err := judgeAll(t, recorded224(t), wrong{}).WriteText(&report, x, false); err != nil {
		t.Fatal(err)
	}
	var explained strings.Builder
	fmt.Fprintln(&explained, "| recording | event | why |\n| --- | --- | --- |")
	for _, e := range x.List {
		fmt.Fprintf(&explained, "| %s | %s | %s |\n", e.Recording, e.Event, e.Reason)
	}
	want := between(t, string(page), "<!-- replay -->\n", "```\n"+report.String()+"```\n")
	want = between(t, want, "<!-- explained -->\n", explained.String())
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the command finds; look at the change with -update", path)
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// between replaces what stands between a mark and the next end mark.
func between(t *testing.T, page, mark, text string) string {
	t.Helper()
	const end = "<!-- end -->"
	head, rest, ok := strings.Cut(page, mark)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("no %q with an end behind it", strings.TrimSpace(mark))
	}
	return head + mark + text + end + tail
}
