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

// toStdout is the name that stands for standard output.
const toStdout = "-"

// An output is where a command writes: standard output, a device or pipe, or a
// file that appears whole or not at all.
type output struct {
	*bufio.Writer
	asked string // as the user named it
	path  string // of the file, behind symbolic links
	mode  fs.FileMode
	file  *os.File // the file written aside, or the device; nil for standard output
	aside bool
}

// createOutput opens the output that the user named.
func createOutput(asked string, force bool, stdout io.Writer) (*output, error) {
	switch asked {
	case toStdout:
		return &output{Writer: bufio.NewWriter(stdout)}, nil
	case "":
		return nil, unusable("an output without a name; want a file, or - for standard output")
	}
	path, err := behindLinks(asked)
	if err != nil {
		return nil, err
	}
	o := &output{asked: asked, path: path, mode: 0o644}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return nil, unusable("%s: a directory; want a file", asked)
	case err == nil && !info.Mode().IsRegular():
		// What is written to a device or a pipe is gone at once; there is nothing to
		// overwrite and nothing to rename.
		if o.file, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
			return nil, unusable("%s: %s", asked, reason(err))
		}
		o.Writer = bufio.NewWriter(o.file)
		return o, nil
	case err == nil && !force:
		return nil, unusable("%s: the file exists; give another name, or --force to overwrite it", asked)
	case err == nil:
		o.mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, unusable("%s: %s", asked, reason(err))
	}
	o.file, err = os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, unusable("%s: no file can be made in %s: %s", asked, filepath.Dir(path), reason(err))
	}
	o.aside = true
	unfinished.Store(o.file)
	o.Writer = bufio.NewWriter(o.file)
	return o, nil
}

// behindLinks follows symbolic links to the file that they mean, there or not:
// it is overwritten, and the links stay.
func behindLinks(asked string) (string, error) {
	path := asked
	for range 40 {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", unusable("%s: symbolic links that lead nowhere", asked)
}

// reason is an error of the file system without the name of the file, which may
// be one that the user has never heard of.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return err.Error()
}

// toFile says whether something other than standard output is written.
func (o *output) toFile() bool { return o.file != nil }

// commit makes what was written visible: flushed, synced and renamed.
func (o *output) commit() error {
	if err := o.Flush(); err != nil {
		return err
	}
	if o.file == nil {
		return nil
	}
	file := o.file
	if !o.aside {
		o.file = nil
		return file.Close()
	}
	// What os.CreateTemp makes is private; a result is as readable as any file, or
	// as the one that it replaces.
	err := errors.Join(file.Chmod(o.mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), o.path)
	}
	if err != nil {
		return fmt.Errorf("%s: %s", o.asked, reason(err))
	}
	o.file = nil
	unfinished.Store(nil)
	return nil
}

// discard removes a file that was not committed. It does nothing afterwards.
func (o *output) discard() {
	if o.file == nil {
		return
	}
	o.file.Close()
	if o.aside {
		os.Remove(o.file.Name())
		unfinished.Store(nil)
	}
	o.file = nil
}

// unfinished is the file being written aside, for a program that is cut off.
var unfinished atomic.Pointer[os.File]

// removeUnfinished removes it, if there is one.
func removeUnfinished() {
	if file := unfinished.Load(); file != nil {
		os.Remove(file.Name())
	}
}

// counted is a number of things, as people say it.
func counted[N ~int | ~int64 | ~uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
