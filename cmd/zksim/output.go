package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// An output is where a command writes: standard output, or a file that appears
// whole or not at all.
type output struct {
	*bufio.Writer
	path string
	file *os.File // the file written aside; nil for standard output
}

// createOutput opens the output. With an empty path it is standard output.
func createOutput(path string, force bool, stdout io.Writer) (*output, error) {
	if path == "" {
		return &output{Writer: bufio.NewWriter(stdout)}, nil
	}
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return nil, unusable("-o %s: a directory; want a file", path)
	} else if err == nil && !force {
		return nil, unusable("-o %s: the file exists; give another name, or --force to overwrite it", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{fmt.Errorf("-o: %w", err)}
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, usageError{fmt.Errorf("-o %s: %w", path, err)}
	}
	unfinished.Store(file)
	return &output{Writer: bufio.NewWriter(file), path: path, file: file}, nil
}

// commit makes what was written visible: flushed, synced and renamed.
func (o *output) commit() error {
	if err := o.Flush(); err != nil {
		return err
	}
	if o.file == nil {
		return nil
	}
	file := o.file
	// What os.CreateTemp makes is private; a result is as readable as any file.
	err := errors.Join(file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), o.path)
	}
	if err != nil {
		return fmt.Errorf("-o %s: %w", o.path, err)
	}
	o.file = nil
	unfinished.Store(nil)
	return nil
}

// discard removes a file that was not committed. It does nothing afterwards.
func (o *output) discard() {
	if o.file != nil {
		o.file.Close()
		os.Remove(o.file.Name())
		o.file = nil
		unfinished.Store(nil)
	}
}

// unfinished is the file being written aside, for a program that is cut off.
var unfinished atomic.Pointer[os.File]

// removeUnfinished removes it, if there is one.
func removeUnfinished() {
	if file := unfinished.Load(); file != nil {
		os.Remove(file.Name())
	}
}
