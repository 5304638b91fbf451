package teach

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the tables in docs/teaching.md")

// TestTeachingDocumentHasEveryLessonAndName: its tables are made from the lessons and from
// the names that they use.
func TestTeachingDocumentHasEveryLessonAndName(t *testing.T) {
	const path = "../docs/teaching.md"
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lessons, names strings.Builder
	for _, l := range Lessons() {
		fmt.Fprintf(&lessons, "| %d `%s` | %s | %s |\n", l.Number, l.Name, l.Title, l.About)
	}
	for _, r := range nameRows {
		fmt.Fprintf(&names, "| `%s` | %s |\n", r.name, r.meaning)
	}
	text := table(t, string(before), "| | Question | What it plays |\n| --- | --- | --- |\n", lessons.String())
	text = table(t, text, "| Name | Meaning |\n| --- | --- |\n", names.String())
	if text == string(before) {
		return
	}
	if !*update {
		t.Fatalf("%s does not have the lessons and names that there are: go test ./teach -run TeachingDocument -update", path)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// table puts rows below the head of a table, instead of what is there.
func table(t *testing.T, text, head, rows string) string {
	t.Helper()
	before, after, found := strings.Cut(text, head)
	if !found {
		t.Fatalf("no table %q", head)
	}
	_, after, _ = strings.Cut(after, "\n\n")
	return before + head + rows + "\n" + after
}

// TestTheLessonOfTheTeachingDocumentCanBeGiven: the example is one that is read and played.
func TestTheLessonOfTheTeachingDocumentCanBeGiven(t *testing.T) {
	text, err := os.ReadFile("../docs/teaching.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "```yaml\n")
	example, _, _ = strings.Cut(example, "```\n")
	l, err := ReadLesson("example.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Play(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Situation(); err != nil {
		t.Error(err)
	}
	g, err := p.Round.Asks[0].Parse("0")
	if err != nil {
		t.Fatal(err)
	}
	if o, err := p.Judge([]Guess{g}); err != nil || o.Asks[0].Right || !strings.Contains(o.Asks[0].Reveal, "does not end a session") {
		t.Errorf("%+v, %v", o, err)
	}
}
