//go:build !js

package experiments

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A store is the folder in which a sweep's chunks and tables are. Everything in it is
// written aside, synced and renamed, so that a file that is there is whole. Several
// processes may share one.
type store struct {
	dir  string
	made sync.Map // subfolders that are there
}

const chunkFolder = "chunks"

// openStore makes the folder if it is not there.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(filepath.Join(dir, chunkFolder), 0o755); err != nil {
		return nil, fmt.Errorf("%s: no folder can be made: %w", dir, reason(err))
	}
	s := &store{dir: dir}
	// Whether it can be written to is better known before hours of work than after.
	probe, err := os.CreateTemp(filepath.Join(dir, chunkFolder), asidePrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be written to: %w", dir, reason(err))
	}
	probe.Close()
	return s, os.Remove(probe.Name())
}

// reason is an error of the file system without the file's name.
func reason(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

// asidePrefix begins the names of files that are not finished.
const asidePrefix = ".aside-"

// path is where a chunk is kept.
func (s *store) path(k chunkKey) string {
	name := k.String()
	return filepath.Join(s.dir, chunkFolder, name[:2], name+".chunk")
}

// load reads a chunk's file. The error is fs.ErrNotExist if there is none.
func (s *store) load(k chunkKey) ([]byte, error) { return os.ReadFile(s.path(k)) }

// has says whether there is a file for a chunk.
func (s *store) has(k chunkKey) bool {
	_, err := os.Stat(s.path(k))
	return err == nil
}

// save writes a chunk's file.
func (s *store) save(k chunkKey, content []byte) error {
	path := s.path(k)
	folder := filepath.Dir(path)
	if _, there := s.made.Load(folder); !there {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("%s: %w", folder, reason(err))
		}
		s.made.Store(folder, true)
	}
	f, err := createAside(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		f.discard()
		return fmt.Errorf("%s: %w", path, reason(err))
	}
	return f.commit()
}

// syncFolders makes the names of all chunks durable. Windows has no such thing.
func (s *store) syncFolders() {
	if runtime.GOOS == "windows" {
		return
	}
	sync := func(dir string) {
		if f, err := os.Open(dir); err == nil {
			_ = f.Sync() // not every file system can
			f.Close()
		}
	}
	s.made.Range(func(k, _ any) bool { sync(k.(string)); return true })
	sync(filepath.Join(s.dir, chunkFolder))
	sync(s.dir)
}

// tidy removes what killed processes left unfinished, and names the chunks that belong to
// no point of the sweep. Known are those that do.
func (s *store) tidy(known map[chunkKey]bool) (strange []string) {
	if left, err := filepath.Glob(filepath.Join(s.dir, asidePrefix+"*")); err == nil {
		for _, path := range left {
			_ = os.Remove(path)
		}
	}
	root := filepath.Join(s.dir, chunkFolder)
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		name := d.Name()
		if strings.HasPrefix(name, asidePrefix) {
			_ = os.Remove(path)
			return nil
		}
		if k, ok := parseKey(strings.TrimSuffix(name, ".chunk")); ok && known[k] && path == s.path(k) {
			return nil
		}
		strange = append(strange, path)
		return nil
	})
	return strange
}

func parseKey(name string) (k chunkKey, ok bool) {
	b, err := hex.DecodeString(name)
	if err != nil || len(b) != len(k) {
		return k, false
	}
	return chunkKey(b), true
}

// An aside is a file that appears whole or not at all.
type aside struct {
	*os.File
	path string
}

func createAside(path string) (*aside, error) {
	f, err := os.CreateTemp(filepath.Dir(path), asidePrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("%s: no file can be made beside it: %w", path, reason(err))
	}
	return &aside{f, path}, nil
}

// commit makes the file visible under its name, in the place of one that is there.
func (a *aside) commit() error {
	err := errors.Join(a.Chmod(0o644), a.Sync(), a.Close())
	if err == nil {
		err = rename(a.Name(), a.path)
	}
	if err != nil {
		os.Remove(a.Name())
		return fmt.Errorf("%s: %w", a.path, reason(err))
	}
	return nil
}

func (a *aside) discard() {
	a.Close()
	os.Remove(a.Name())
}

// rename replaces a file. On Windows that fails while somebody, such as a scanner for
// viruses, has the old one or the new one open; it is tried again for a while.
func rename(from, to string) error {
	if runtime.GOOS != "windows" {
		return os.Rename(from, to)
	}
	return patiently(func() error { return os.Rename(from, to) }, time.Sleep)
}

// patiently tries again while a file is in somebody else's hands, for a second.
func patiently(try func() error, sleep func(time.Duration)) error {
	err := try()
	for i := 0; err != nil && inOtherHands(err) && i < 50; i++ {
		sleep(20 * time.Millisecond)
		err = try()
	}
	return err
}

// inOtherHands tells Windows' errors of files that are open elsewhere.
func inOtherHands(err error) bool {
	const sharingViolation, lockViolation = syscall.Errno(32), syscall.Errno(33)
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, sharingViolation) || errors.Is(err, lockViolation)
}
