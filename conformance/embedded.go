package conformance

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
)

// The recordings of S1 to S4 with the Java client, and the explanations of what
// guided replay finds missing or invented in them.
//
//go:embed testdata/*.java.jsonl.gz testdata/explained.tsv
var embedded embed.FS

// Embedded reads the recordings that come with the program, in the order of their
// names.
func Embedded() ([]*Trace, error) {
	names, err := fs.Glob(embedded, "testdata/*.java.jsonl.gz")
	if err != nil {
		return nil, err
	}
	var all []*Trace
	for _, name := range names {
		data, err := embedded.ReadFile(name)
		if err != nil {
			return nil, err
		}
		traces, err := Read(bytes.NewReader(data), name)
		if err != nil {
			return nil, err
		}
		all = append(all, traces...)
	}
	return all, nil
}

// EmbeddedExplanations are those of the recordings that come with the program.
func EmbeddedExplanations() (*Explanations, error) {
	const name = "testdata/explained.tsv"
	data, err := embedded.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return ReadExplanations(bytes.NewReader(data), name)
}
