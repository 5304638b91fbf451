package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
		return &input{name: "-", source: source, open: openBeside(".")}, err
	}
	if e, ok := sim.FindEmbedded(what); ok {
		return &input{name: e.Name + ".yaml", source: e.Source}, nil
	}
	f, err := os.Open(what)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(what, `./\`) {
			return nil, unusable("%q is neither a scenario that comes with zksim nor a file; zksim scenario list names the scenarios", what)
		}
		return nil, usageError{err}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, unusable("%s: a directory; want a scenario (YAML) or a recording (.jsonl, .jsonl.gz)", what)
	}
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, usageError{err}
	}
	if looksRecorded(head[:n]) {
		return &input{name: what, path: what, recording: true}, nil
	}
	source, err := readLimited(io.MultiReader(bytes.NewReader(head[:n]), f), what)
	return &input{name: what, source: source, open: openBeside(filepath.Dir(what))}, err
}

// looksRecorded tells a recording by how it begins: gzip's magic number, or the
// first key of a header line.
func looksRecorded(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x1f, 0x8b}) || bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(`{"zktrace"`))
}

func readLimited(r io.Reader, name string) ([]byte, error) {
	source, err := io.ReadAll(io.LimitReader(r, maxScenario+1))
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", name, err)}
	}
	if len(source) > maxScenario {
		return nil, unusable("%s: larger than %d bytes; a scenario is a short text", name, maxScenario)
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
