package docs

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite coverage.md and places.tsv")

// scanFiles scans a tree given as path and content in turn.
func scanFiles(t *testing.T, pathsAndContents ...string) *Coverage {
	t.Helper()
	tree := fstest.MapFS{}
	for i := 0; i < len(pathsAndContents); i += 2 {
		tree[pathsAndContents[i]] = &fstest.MapFile{Data: []byte(pathsAndContents[i+1])}
	}
	c, err := Scan(tree)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// expectPlaces compares a column, written as "ID place place", one rule per line in order of ID.
func expectPlaces(t *testing.T, what string, column map[string][]Place, want ...string) {
	t.Helper()
	var got []string
	for id, places := range column {
		line := id
		for _, p := range places {
			line += " " + p.String()
		}
		got = append(got, line)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestCitationBelongsToItsDeclaration(t *testing.T) {
	c := scanFiles(t, "model/a.go", `// Package model follows N-1.
package model

import _ "T-1"

// Bucket rounds (T-3).
func Bucket() string { return "H-1" }

// A floating comment cites N-2.

// Table is a type.
type Table[K any] struct {
	n int // T-16
}

func (t *Table[K]) Swap() {
	// T-19: the swap empties the table.
}

const (
	first = 1 // C-16
	// C-17 belongs to the one below.
	second = "plain"
)

var late = 1 // Z-5

//go:generate tool V-1
func end() {} `)
	expectPlaces(t, "implemented", c.Implemented,
		"C-16 model/a.go:first", "C-17 model/a.go:second", "H-1 model/a.go:Bucket",
		"T-16 model/a.go:Table", "T-19 model/a.go:Table.Swap", "T-3 model/a.go:Bucket", "Z-5 model/a.go:late")
	expectPlaces(t, "tested", c.Tested)
}

func TestOnlyPackagesThatCarryBehaviourImplement(t *testing.T) {
	const source = "package x\n\n// F follows T-3.\nfunc F() {}\n"
	c := scanFiles(t, "clock/a.go", source, "model/a.go", source, "sim/a.go", source, "experiments/a.go", source,
		"conformance/a.go", source, "plots/a.go", source, "cmd/zksim/a.go", source)
	expectPlaces(t, "implemented", c.Implemented, "T-3 clock/a.go:F model/a.go:F sim/a.go:F experiments/a.go:F")
	expectPlaces(t, "mentioned", c.Mentioned, "T-3 plots/a.go:F conformance/a.go:F cmd/zksim/a.go:F")
}

func TestCodeThatOnlyLooksLikeACitationIsNone(t *testing.T) {
	c := scanFiles(t, "model/a.go", "package model\n\nfunc f(T, N int) int { return T-3+N-1 }\n")
	expectPlaces(t, "implemented", c.Implemented)
}

func TestTestsAreCreditedWithCommentsStringsNamesAndTables(t *testing.T) {
	c := scanFiles(t, "model/a_test.go", `package model

// TestTouch follows T-3.
func TestTouch_T5(t *testing.T) {
	t.Run("H-1", nil)
	for range cases { helper() }
}

// TestMain mentions V-1.
func TestMain(m *testing.M) {}

// Testing is no test, whatever V-2 says.
func Testing() {}

// helper mentions V-3.
func helper() {}

func FuzzTable(f *testing.F) { f.Add("T-16") }
`, "model/cases_test.go", `package model

var cases = []string{"Z-1", "Z-2"}

var unused = []string{"Z-3"}
`)
	expectPlaces(t, "tested", c.Tested,
		"H-1 model/a_test.go:TestTouch_T5", "T-16 model/a_test.go:FuzzTable", "T-3 model/a_test.go:TestTouch_T5",
		"T-5 model/a_test.go:TestTouch_T5", "Z-1 model/a_test.go:TestTouch_T5", "Z-2 model/a_test.go:TestTouch_T5")
	expectPlaces(t, "implemented", c.Implemented)
}

func TestTablesOfAnotherDirectoryAreNotCredited(t *testing.T) {
	c := scanFiles(t,
		"model/a_test.go", "package model\n\nfunc TestA(t *testing.T) { _ = cases }\n",
		"sim/b_test.go", "package sim\n\nvar cases = \"Z-1\"\n")
	expectPlaces(t, "tested", c.Tested)
}

func TestGoldenTimelinesAreAColumnOfTheirOwn(t *testing.T) {
	c := scanFiles(t, "sim/testdata/gc.golden", "t=1 expired T-9\nt=2 expired T-9\n", "sim/testdata/x/old.txt", "Z-4", "notes.txt", "Z-5")
	expectPlaces(t, "golden", c.Golden, "T-9 sim/testdata/gc.golden", "Z-4 sim/testdata/x/old.txt")
	expectPlaces(t, "tested", c.Tested)
}

func TestExcludedFilesAreNotRead(t *testing.T) {
	const source = "package x\n\n// F follows T-3 and T-99.\nfunc F() {}\n"
	c := scanFiles(t, "docs/a.go", source, "model/testdata/a.go", source, "README.md", "T-3", "vendor/x/a.go", source,
		".git/a.go", source, "_old/a.go", source, "docs/testdata/a.golden", "T-3", "model/docs/a.go", source)
	expectPlaces(t, "implemented", c.Implemented, "T-3 model/docs/a.go:F")
	expectPlaces(t, "golden", c.Golden)
	if want := []UnknownCitation{{"model/docs/a.go", 3, "T-99"}}; !slices.Equal(c.Unknown, want) {
		t.Errorf("unknown citations = %v, want %v", c.Unknown, want)
	}
}

func TestUnknownCitationsAreFoundEverywhereInGoFiles(t *testing.T) {
	c := scanFiles(t, "model/a.go", `// Package model follows T-99.
package model

import _ "T-98"

// UTF-8, SHA-256 and X-9 are no rules; U-2 is an open point.
const s = "W-9"
`, "model/a_test.go", "package model\n\nfunc helper() {\n\t// C-9f\n}\n")
	want := []UnknownCitation{{"model/a.go", 1, "T-99"}, {"model/a.go", 7, "W-9"}, {"model/a_test.go", 4, "C-9f"}}
	if !slices.Equal(c.Unknown, want) {
		t.Errorf("unknown citations = %v, want %v", c.Unknown, want)
	}
}

func TestUnparsableFileIsAnErrorWithItsPosition(t *testing.T) {
	_, err := Scan(fstest.MapFS{"model/a.go": {Data: []byte("package model\n\nfunc {")}})
	if err == nil || !strings.Contains(err.Error(), "model/a.go:3:") {
		t.Errorf("error %v, want one that names model/a.go:3", err)
	}
}

func TestPlacesComeInPackageOrderAndAreCounted(t *testing.T) {
	c := &Coverage{Implemented: map[string][]Place{}}
	for _, file := range []string{"zz/a.go", "cmd/a.go", "sim/a.go", "model/b.go", "model/a.go", "clock/a.go"} {
		c.Implemented["T-3"] = append(c.Implemented["T-3"], Place{file, "F"})
	}
	slices.SortFunc(c.Implemented["T-3"], comparePlaces)
	if got, want := listPlaces(c.Implemented["T-3"], 3), "`clock/a.go:F`, `model/a.go:F`, `model/b.go:F` +3"; got != want {
		t.Errorf("places = %s, want %s", got, want)
	}
}

func TestRenderedRowShowsPlacesTestsAndGoldens(t *testing.T) {
	tree := []string{"model/a.go", "package model\n\n// F follows T-1.\nfunc F() {}\n",
		"model/a_test.go", "package model\n\nfunc TestF_T1(t *testing.T) {}\n",
		"sim/testdata/a.golden", "T-1", "sim/testdata/b.golden", "T-1", "sim/testdata/c.golden", "T-1 and Z-1"}
	got := Render(scanFiles(t, tree...))
	// The text of T-1 begins "Expiry timers for global sessions exist only on the leader. A ..."; 60
	// characters end after the blank behind "leader.", and a full stop before the ellipsis is dropped.
	row := "| T-1 | Expiry timers for global sessions exist only on the leader… | `model/a.go:F` | `model/a_test.go:TestF_T1` | " +
		"`sim/testdata/a.golden`, `sim/testdata/b.golden` +1 |\n"
	if !strings.Contains(got, row) {
		t.Errorf("table lacks the row\n%s", row)
	}
	total := len(Rules()) - len(outOfScope)
	if want := fmt.Sprintf("Implemented 1 of %d rules in scope, tested 2 of %d;", total, total); !strings.Contains(got, want) {
		t.Errorf("table lacks the summary %q", want)
	}
	if again := Render(scanFiles(t, tree...)); again != got {
		t.Error("the same tree gives two different tables")
	}
}

func TestEveryRuleStandsInTheTableOnce(t *testing.T) {
	got := Render(&Coverage{})
	for _, r := range Rules() {
		want := 1
		if _, partly := excluded(inScopeInPart, r.ID); partly {
			want = 2 // also in the list of what is left out
		}
		if n := strings.Count(got, "\n| "+r.ID+" | "); n != want {
			t.Errorf("rule %s stands in %d rows, want %d", r.ID, n, want)
		}
	}
}

func TestFirstWordsStayWithinSixtyCharacters(t *testing.T) {
	for _, r := range Rules() {
		if got := firstWords(r.Text); got == "" || utf8.RuneCountInString(got) > 60 {
			t.Errorf("first words of %s: %q, %d characters", r.ID, got, utf8.RuneCountInString(got))
		}
	}
}

func TestScopeTablesNameExistingRulesOnceInDocumentOrder(t *testing.T) {
	position := map[string]int{}
	for i, r := range Rules() {
		position[r.ID] = i + 1
	}
	last := 0
	for _, e := range outOfScope {
		if position[e.Rule] <= last {
			t.Errorf("out of scope: %s is unknown, repeated or out of order", e.Rule)
		}
		last = position[e.Rule]
	}
	seen := map[string]bool{}
	for _, e := range inScopeInPart {
		if position[e.Rule] == 0 || seen[e.Rule] || !inScope(e.Rule) {
			t.Errorf("in scope in part: %s is unknown, repeated or out of scope", e.Rule)
		}
		seen[e.Rule] = true
	}
	for _, e := range slices.Concat(outOfScope, inScopeInPart) {
		if !strings.HasSuffix(e.Reason, ".") || strings.Count(e.Reason, ". ") > 0 {
			t.Errorf("%s: reason %q: want one sentence", e.Rule, e.Reason)
		}
	}
}

func TestCoverageTablesAreCurrent(t *testing.T) {
	c := scanRepository(t)
	for _, table := range []struct{ file, want string }{{"coverage.md", Render(c)}, {"places.tsv", RenderPlaces(c)}} {
		if *update {
			if err := os.WriteFile(table.file, []byte(table.want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(table.file)
		if err != nil || string(got) != table.want {
			t.Errorf("docs/%s is out of date (read error: %v); run: go test ./docs -update", table.file, err)
		}
	}
}

func TestEveryRuleInScopeIsImplementedAndTested(t *testing.T) {
	unimplemented, untested := scanRepository(t).Missing()
	if len(unimplemented) > 0 {
		t.Errorf("%d rules in scope are cited by no declaration: %s", len(unimplemented), strings.Join(unimplemented, ", "))
	}
	if len(untested) > 0 {
		t.Errorf("%d rules in scope are cited by no test or golden file: %s", len(untested), strings.Join(untested, ", "))
	}
}

func TestNoCitationOfUnknownRule(t *testing.T) {
	for _, u := range scanRepository(t).Unknown {
		t.Errorf("%s:%d: cites %s: want a rule or open point of docs/semantics.md", u.File, u.Line, u.ID)
	}
}

// scanRepository scans the whole repository; tests run in its docs directory.
func scanRepository(t *testing.T) *Coverage {
	t.Helper()
	c, err := Scan(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
