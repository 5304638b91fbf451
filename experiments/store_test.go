package experiments

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFilesAreReplacedOnceOthersLetGo: on Windows a file that somebody has open cannot be
// replaced, and says so in one of three ways. A second of patience is enough or none is.
func TestFilesAreReplacedOnceOthersLetGo(t *testing.T) {
	for _, held := range []error{&os.LinkError{Err: fs.ErrPermission}, &os.LinkError{Err: syscall.Errno(32)}, &os.LinkError{Err: syscall.Errno(33)}} {
		tries, slept := 0, time.Duration(0)
		sleep := func(d time.Duration) { slept += d }
		err := patiently(func() error {
			if tries++; tries <= 3 {
				return held
			}
			return nil
		}, sleep)
		if err != nil || tries != 4 || slept != 60*time.Millisecond {
			t.Errorf("%v, let go after three tries: %v after %d tries and %v", held, err, tries, slept)
		}
		tries, slept = 0, 0
		err = patiently(func() error { tries++; return held }, sleep)
		if !errors.Is(err, held) || slept != time.Second {
			t.Errorf("%v for good: %v after %v: want the error after 1s", held, err, slept)
		}
	}
	tries := 0
	err := patiently(func() error { tries++; return syscall.ENOSPC }, func(time.Duration) { t.Error("waits for room on the disk") })
	if !errors.Is(err, syscall.ENOSPC) || tries != 1 {
		t.Errorf("a full disk: %v after %d tries: want it at once", err, tries)
	}
}

// TestFilesAreReplacedWhole: a file that is there is replaced on every system, and nothing
// is left beside it, also where it cannot be.
func TestFilesAreReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "table")
	for _, text := range []string{"old", "new"} {
		f, err := createAside(path)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err == nil {
			err = f.commit()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := contents(t, dir); len(got) != 1 || got["table"] != "new" {
		t.Errorf("%v: want the new table alone", got)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := createAside(filepath.Join(dir, "folder"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.commit(); err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, "folder")+": ") {
		t.Errorf("a file in the place of a folder: %v: want an error that names it", err)
	}
	if got := contents(t, dir); len(got) != 1 {
		t.Errorf("%v: want nothing left aside", got)
	}
}

// TestKilledWhileTablesAreWritten goes through what a process leaves that is killed on the
// way from the first byte of the rows to the name of the manifest: the same command gives
// the bytes of one that was not, and leaves nothing aside.
func TestKilledWhileTablesAreWritten(t *testing.T) {
	whole := t.TempDir()
	tables(t, sweep(t, plan(t, small), whole, How{Workers: 2}))
	want := contents(t, whole)
	order := []string{RowsFile, SummaryFile, ManifestFile} // in which they get their names
	for done := range len(order) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		for k, name := range order[done:] {
			path := filepath.Join(dir, name)
			text := want[name]
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if k == 0 {
				text = text[:len(text)/2]
			}
			if err := os.WriteFile(filepath.Join(dir, asidePrefix+name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tables(t, sweep(t, plan(t, small), dir, How{Workers: 1}))
		alike(t, "killed with the names of "+strings.Join(order[:done], ", ")+" given", contents(t, dir), want)
	}
}
