package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asProgram, if it is set, makes this test binary the program itself.
const asProgram = "ZKSIM_TEST_AS_PROGRAM"

// program starts zksim as a process of its own.
func program(words ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], words...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// tree reads all files below a folder, by their names there.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// differs names the first file that two folders do not have alike, or "".
func differs(got, want map[string]string) string {
	for name := range want {
		if text, ok := got[name]; !ok || text != want[name] {
			return name
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			return name
		}
	}
	return ""
}

// TestKilledSweepGoesOnAndGivesTheSameBytes kills the program at twenty random places of
// its work, with a signal that it cannot catch, and lets it go on each time.
func TestKilledSweepGoesOnAndGivesTheSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty processes")
	}
	words := func(dir string) []string {
		return []string{"sweep", "crash", "--vary", "ensemble.tickTime=1s,2s", "--runs", "60", "--chunk", "10", "-o", dir}
	}
	const chunks = 25 * 2 * 6
	whole := filepath.Join(t.TempDir(), "whole")
	if out, err := program(words(whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := tree(t, whole)
	count := 0
	for name := range want {
		if strings.HasSuffix(name, ".chunk") {
			count++
		}
	}
	if count != chunks {
		t.Fatalf("%d chunks, want %d", count, chunks)
	}
	// The places are drawn: the number of chunks that are there when the signal comes. Every
	// fifth time it comes when all of them are and a table is being written aside. Some kills
	// start from nothing, some from what the one before left.
	luck := rand.New(rand.NewPCG(5, 1))
	killed, atTables := 0, 0
	dir := filepath.Join(t.TempDir(), "killed")
	for i := range 20 {
		if i%5 == 0 {
			dir = filepath.Join(t.TempDir(), fmt.Sprintf("killed%d", i))
		}
		target := luck.IntN(chunks + 1)
		tables := i%5 == 3
		cmd := program(words(dir)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		var err error
		for waiting := true; waiting; {
			select {
			case err = <-ended:
				waiting = false
			case <-time.After(time.Millisecond):
				there, _ := filepath.Glob(filepath.Join(dir, "chunks", "*", "*.chunk"))
				aside, _ := filepath.Glob(filepath.Join(dir, ".aside-*")) // tables that are being written
				if !tables && len(there) >= target || tables && len(there) == chunks && len(aside) > 0 {
					_ = cmd.Process.Kill()
					err = <-ended
					waiting = false
				}
			}
		}
		if err != nil {
			killed++
			if tables {
				atTables++
			}
		}
		if i%5 < 4 {
			continue
		}
		if out, err := program(append(words(dir), "--workers", fmt.Sprint(1+i/5))...).CombinedOutput(); err != nil {
			t.Fatalf("going on after %d kills: %v: %s", i+1, err, out)
		}
		if name := differs(tree(t, dir), want); name != "" {
			t.Errorf("after five kills, the last with %d chunks: %s differs", target, name)
		}
	}
	t.Logf("%d of 20 were killed before their end, %d of 4 that were meant to be while the tables were written", killed, atTables)
}
