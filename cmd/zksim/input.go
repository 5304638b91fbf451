package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"zksim/sim"
)

// maxScenario bounds a scenario file that is read into memory.
const maxScenario = 1 << 20

// An input is what the user named: a scenario's text, or a recording.
type input struct {
	name      string // for messages
	path      string // of a recording
	recording bool
	source    []byte
	open      func(name string) (io.ReadCloser, error) // for files that a scenario names
}

// openInput finds out what the user named. A file comes before an embedded
// scenario of the same name only if it is written as a path.
func openInput(what string, stdin io.Reader) (*input, error) {
	if what == "-" {
		source, err := readLimited(stdin, "standard input")
		if err == nil && kindOf(source) != kindText {
			err = unusable("standard input: a recording or a timeline; want a scenario (YAML), and for a recording the name of its file")
		}
		return &input{name: "-", source: source, open: openBeside(".")}, err
	}
	if e, ok := sim.FindEmbedded(what); ok {
		return &input{name: e.Name + ".yaml", source: e.Source, open: openBeside(".")}, nil
	}
	f, err := os.Open(what)
	if err != nil {
		return nil, notOpened(what, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, unusable("%s: a directory; want a scenario (YAML) or a recording (.jsonl, .jsonl.gz)", what)
	}
	head := make([]byte, 256)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, unusable("%s: %s", what, reason(err))
	}
	switch kind := kindOf(head[:n]); {
	case kind == kindTimeline:
		return nil, unusable("%s:1: a timeline that zksim wrote, which is an output; want a scenario (YAML) or a recording (zktrace 1)", what)
	case kind == kindRecording, kind == kindGzip:
		return &input{name: what, path: what, recording: true}, nil
	case strings.HasSuffix(what, ".gz"):
		return nil, unusable("%s: %s; want a recording (zktrace 1, .jsonl.gz)", what, empty(n, "not compressed by gzip"))
	case strings.HasSuffix(what, ".jsonl"):
		return nil, unusable("%s:1: %s; want a recording (zktrace 1), whose first line begins with {\"zktrace\":1", what, empty(n, "not a recording"))
	}
	source, err := readLimited(io.MultiReader(bytes.NewReader(head[:n]), f), what)
	return &input{name: what, source: source, open: openBeside(filepath.Dir(what))}, err
}

func empty(n int, otherwise string) string {
	if n == 0 {
		return "an empty file"
	}
	return otherwise
}

// notOpened says what would be right instead of a file that cannot be opened.
func notOpened(what string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return unusable("%s: %s", what, reason(err))
	}
	if !strings.ContainsAny(what, `./\`) {
		return unusable("%q is neither a scenario that comes with zksim nor a file; %szksim scenario list names the scenarios", what, didYouMean(what))
	}
	base := strings.TrimSuffix(what, filepath.Ext(what))
	for _, other := range []string{base + ".yaml", base + ".yml", what + ".gz"} {
		if info, err := os.Stat(other); err == nil && !info.IsDir() {
			return unusable("%s: no such file; did you mean %s?", what, other)
		}
	}
	return unusable("%s: no such file; %swant a scenario (YAML), a recording (.jsonl, .jsonl.gz), or a name that zksim scenario list has", what, didYouMean(base))
}

// didYouMean suggests a scenario for a misspelt name.
func didYouMean(name string) string {
	if near := sim.NearestEmbedded(name); near != "" {
		return "did you mean " + near + "? "
	}
	return ""
}

// What a file holds, by how it begins.
const (
	kindText = iota // a scenario, or nothing known
	kindRecording
	kindTimeline
	kindGzip
)

var firstKey = regexp.MustCompile(`^\s*\{\s*"(zktrace|zksim_timeline)"\s*:`)

// kindOf tells what a file holds: by gzip's magic number, or by the first key of
// a header line.
func kindOf(head []byte) int {
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		return kindGzip
	}
	switch m := firstKey.FindSubmatch(head); {
	case m == nil:
		return kindText
	case string(m[1]) == "zktrace":
		return kindRecording
	}
	return kindTimeline
}

func readLimited(r io.Reader, name string) ([]byte, error) {
	source, err := io.ReadAll(io.LimitReader(r, maxScenario+1))
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", name, err)}
	}
	if len(source) > maxScenario {
		return nil, unusable("%s:1: larger than %d bytes; a scenario is a short text", name, maxScenario)
	}
	return source, nil
}

// openBeside opens files that a scenario names relative to its own folder.
func openBeside(dir string) func(string) (io.ReadCloser, error) {
	return func(name string) (io.ReadCloser, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return os.Open(name)
	}
}
