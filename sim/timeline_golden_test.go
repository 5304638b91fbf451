package sim

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"zksim/clock"
	"zksim/model"
)

var update = flag.Bool("update", false, "rewrite the golden files and the table in docs/timeline.md")

// A telling is a scenario whose timeline has golden files: an embedded one, or one
// of testdata/timeline that brings kinds of records which those do not have.
type telling struct {
	name   string
	source []byte
}

func tellings(t *testing.T) []telling {
	t.Helper()
	var list []telling
	for _, e := range Embedded() {
		list = append(list, telling{e.Name, e.Source})
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "timeline", "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in testdata/timeline: %v", err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, telling{strings.TrimSuffix(filepath.Base(path), ".yaml"), source})
	}
	return list
}

// play runs a scenario with its own seed and gives both forms of its timeline.
func (e telling) play(t *testing.T) (*Timeline, []byte) {
	t.Helper()
	s, err := ReadScenario(e.name+".yaml", e.source, nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	c, j := NewCollector(s), NewJSONL(&lines, s, s.Seed, 0)
	w, err := New(s, s.Seed, 0, c, j)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	if err := j.Finish(w, sum); err != nil {
		t.Fatal(err)
	}
	return c.Timeline(w, sum), lines.Bytes()
}

func text(t *testing.T, timeline *Timeline, opts TextOptions) string {
	t.Helper()
	var b strings.Builder
	if err := WriteText(&b, timeline, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares with a file under testdata/golden, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make golden writes it)", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	a, b := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Errorf("%s:%d:\n got %s\nwant %s", path, i+1, a[i], b[i])
			return
		}
	}
	t.Errorf("%s: %d lines, want %d", path, len(a), len(b))
}

// extraForms are golden texts beyond the wide one that every scenario has.
var extraForms = []struct {
	scenario, file string
	opts           TextOptions
}{
	{"faq", "faq.60.txt", TextOptions{Width: 60}},
	{"faq", "faq.80.txt", TextOptions{Width: 80}},
	{"faq", "faq.ascii.txt", TextOptions{Width: 100, ASCII: true}},
	{"faq", "faq.brief.txt", TextOptions{Width: 100, Detail: DetailBrief}},
	{"faq", "faq.other.txt", TextOptions{Width: 100, Client: "other"}},
	{"faq", "faq.color.txt", TextOptions{Width: 100, Color: true, Next: "zksim explain faq --why marked"}},
	{"gc-pause", "gc-pause.60.txt", TextOptions{Width: 60, ASCII: true}},
	{"heal-in-time", "heal-in-time.60.txt", TextOptions{Width: 60}},
	{"vain", "vain.60.txt", TextOptions{Width: 60}},
	{"vain", "vain.80.txt", TextOptions{Width: 80, ASCII: true}},
	{"failovers", "failovers.60.txt", TextOptions{Width: 60}},
	{"leader-pause-long", "leader-pause-long.60.txt", TextOptions{Width: 60}},
	{"read-only", "read-only.late.txt", TextOptions{Width: 100, Client: "late"}},
	{"libraries", "libraries.java39.txt", TextOptions{Width: 100, Client: "java39"}},
	{"libraries", "libraries.c.txt", TextOptions{Width: 100, Client: "c"}},
	{"libraries", "libraries.go.txt", TextOptions{Width: 100, Client: "go"}},
	{"libraries", "libraries.kazoo.txt", TextOptions{Width: 100, Client: "kazoo"}},
	{"libraries", "libraries.curator.txt", TextOptions{Width: 100, Client: "curator"}},
}

func TestGoldenTimelines(t *testing.T) {
	for _, e := range tellings(t) {
		timeline, lines := e.play(t)
		golden(t, e.name+".txt", []byte(text(t, timeline, TextOptions{})))
		golden(t, e.name+".jsonl", lines)
		for _, form := range extraForms {
			if form.scenario == e.name {
				golden(t, form.file, []byte(text(t, timeline, form.opts)))
			}
		}
	}
}

// TestNoLineIsLongerThanTheWidth looks at every width that the text form knows,
// with and without ASCII. Colour must add nothing but escapes.
func TestNoLineIsLongerThanTheWidth(t *testing.T) {
	for _, e := range tellings(t) {
		timeline, _ := e.play(t)
		for width := MinTextWidth; width <= MaxTextWidth; width++ {
			plain := text(t, timeline, TextOptions{Width: width, ASCII: true})
			if i := strings.IndexFunc(plain, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
				t.Errorf("%s, %d columns: %q is not ASCII", e.name, width, plain[i:i+4])
			}
			rich := text(t, timeline, TextOptions{Width: width, Next: "zksim explain"})
			for _, line := range append(strings.Split(plain, "\n"), strings.Split(rich, "\n")...) {
				if n := utf8.RuneCountInString(line); n > width {
					t.Errorf("%s, %d columns: a line of %d: %s", e.name, width, n, line)
				}
				if strings.HasSuffix(line, " ") {
					t.Errorf("%s, %d columns: blanks at the end of %q", e.name, width, line)
				}
			}
			if width%10 == 0 {
				if colored := text(t, timeline, TextOptions{Width: width, Color: true, Next: "zksim explain"}); ansi.Strip(colored) != rich {
					t.Errorf("%s, %d columns: colour changes the text", e.name, width)
				}
			}
		}
	}
}

// goldenFiles reads every golden timeline in JSON Lines.
func goldenFiles(t *testing.T) []*TimelineFile {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "golden", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden timelines: %v", err)
	}
	var files []*TimelineFile
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ReadTimeline(path, bytes.NewReader(source))
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := f.Write(&again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), source) {
			t.Errorf("%s: written again it is not the same", path)
		}
		files = append(files, f)
	}
	return files
}

func TestEveryRecordKindOccursInSomeGolden(t *testing.T) {
	seen := map[model.Kind]bool{}
	for _, f := range goldenFiles(t) {
		for i := range f.Records {
			seen[f.Records[i].Kind] = true
		}
	}
	for _, rows := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for _, row := range rows {
			if !seen[row.Kind] {
				t.Errorf("no golden timeline has a record of kind %s (%s)", row.Name, row.Meaning)
			}
		}
	}
}

// TestEveryStateChangeOccursInSomeGolden wants each change of the state that the
// application can poll, and each change of what it is told, of section 6 of the
// rules. The Java client's states begin without a connection (C-18) and end CLOSED.
func TestEveryStateChangeOccursInSomeGolden(t *testing.T) {
	type change struct{ from, to string }
	seen := map[change]bool{}
	for _, f := range goldenFiles(t) {
		state, told := map[model.NodeID]string{}, map[model.NodeID]string{}
		for i := range f.Records {
			r := &f.Records[i]
			switch r.Kind {
			case KindStarted:
				delete(state, r.Node)
				delete(told, r.Node)
			case model.KindState:
				from := state[r.Node]
				if from == "" {
					from = model.StateNone
				}
				seen[change{from, r.Text}] = true
				state[r.Node] = r.Text
			case model.KindTold:
				seen[change{told[r.Node], r.Text}] = true
				told[r.Node] = r.Text
			}
		}
	}
	for _, want := range []change{
		{model.StateNone, model.StateConnecting},
		{model.StateConnecting, model.StateConnected},
		{model.StateConnected, model.StateConnecting}, // C-18
		{model.StateConnecting, model.StateClosed},    // C-20, C-30
		{model.StateConnected, model.StateClosed},     // C-35
		{"", model.ToldConnected},
		{model.ToldConnected, model.ToldDisconnected}, // C-13
		{model.ToldDisconnected, model.ToldConnected}, // C-26
		{model.ToldDisconnected, model.ToldExpired},   // C-30
		{model.ToldConnected, model.ToldClosed},       // C-31
	} {
		if !seen[want] {
			t.Errorf("no golden timeline has the change from %q to %q", want.from, want.to)
		}
	}
}
