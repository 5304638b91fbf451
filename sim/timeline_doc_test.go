package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zksim/model"
)

const (
	kindsBegin = "<!-- kinds: written by make golden, do not edit -->\n"
	kindsEnd   = "<!-- end of kinds -->\n"
)

// TestDocumentedKindsAreCurrent keeps the table in docs/timeline.md equal to
// [model.Kinds] and [WorldKinds].
func TestDocumentedKindsAreCurrent(t *testing.T) {
	var b strings.Builder
	b.WriteString("\n| `kind` | left by | means | fields of its own |\n| --- | --- | --- | --- |\n")
	for _, rows := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for _, row := range rows {
			var fields []string
			for _, name := range []string{row.A, row.B, row.Text} {
				if name != "" {
					fields = append(fields, "`"+name+"`")
				}
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.Name, row.Node, row.Meaning, strings.Join(fields, ", "))
		}
	}
	b.WriteString("\n")
	path := filepath.Join("..", "docs", "timeline.md")
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(source), kindsBegin)
	table, after, ok2 := strings.Cut(rest, kindsEnd)
	if !ok || !ok2 {
		t.Fatalf("%s: no lines %q and %q", path, kindsBegin, kindsEnd)
	}
	if table == b.String() {
		return
	}
	if !*update {
		t.Fatalf("%s: the table of kinds is not current: make golden rewrites it", path)
	}
	if err := os.WriteFile(path, []byte(before+kindsBegin+b.String()+kindsEnd+after), 0o666); err != nil {
		t.Fatal(err)
	}
}
