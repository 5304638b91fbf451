package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
)

// engine names the program that computes a sweep, so that chunks of another one are not
// taken for its own: version and commit. A build whose commit does not say what is in
// it, of a tree with changes or of no tree at all, adds a digest of the program's file.
func engine() string {
	name := "zksim " + version + " " + revision()
	if commit == "" && !committed() {
		name += "+" + programDigest()
	}
	return name
}

// committed says whether Go noted a commit that the program was built from as it is.
func committed() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	known, changed := false, true
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			known = s.Value != ""
		case "vcs.modified":
			changed = s.Value != "false"
		}
	}
	return known && !changed
}

// programDigest is the beginning of the SHA-256 of the running program's file.
func programDigest() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
