package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestTheGalleryIsWhatTheToolDraws runs the commands of docs/gallery.md in their order, and
// wants the figures that were committed: make figures draws them anew. The recordings are
// another test's (Replay), and a processor that multiplies and adds at once may round a
// curve's last digit otherwise.
func TestTheGalleryIsWhatTheToolDraws(t *testing.T) {
	if testing.Short() {
		t.Skip("plays four sweeps")
	}
	page, err := os.ReadFile("../../docs/gallery.md")
	if err != nil {
		t.Fatal(err)
	}
	figures, err := filepath.Abs("../../docs/figures")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	was := commit
	commit = "gallery"
	defer func() { commit = was }()
	t.Chdir(t.TempDir())

	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^zksim (.*)$`).FindAllStringSubmatch(string(page), -1) {
		words := strings.Fields(m[1])
		name := words[len(words)-1]
		if strings.HasSuffix(name, ".svg") {
			drawn[name] = true
		}
		if words[0] == "replay" || len(words) > 1 && words[1] == "conformance" {
			continue
		}
		var out, errs bytes.Buffer
		if code := run(context.Background(), words, strings.NewReader(""), &out, &errs); code != exitOK {
			t.Fatalf("zksim %s: exit status %d, stderr %q", m[1], code, errs.String())
		}
		if !drawn[name] || runtime.GOARCH != "amd64" {
			continue
		}
		want, err := os.ReadFile(filepath.Join(figures, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/figures/%s is not what zksim %s draws (%v): look at it, then make figures", name, m[1], err)
		}
	}
	// Each is shown, and what is shown is drawn.
	there, err := filepath.Glob(filepath.Join(figures, "*"))
	if err != nil || len(there) != len(drawn) {
		t.Errorf("%d files in docs/figures, %d drawn: %v", len(there), len(drawn), err)
	}
	shown := string(page) + string(readme)
	for name := range drawn {
		if !strings.Contains(shown, "figures/"+name) {
			t.Errorf("docs/figures/%s is shown nowhere", name)
		}
	}
	for _, m := range regexp.MustCompile(`figures/([a-z0-9-]+\.svg)`).FindAllStringSubmatch(shown, -1) {
		if !drawn[m[1]] {
			t.Errorf("figures/%s is shown and not drawn", m[1])
		}
	}
}
