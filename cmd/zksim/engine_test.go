package main

import (
	"regexp"
	"testing"
)

// Go notes no commit in test programs, so this one's name says what is in it.
func TestAnEngineWithoutACommitIsNamedByItsBytes(t *testing.T) {
	if got := engine(); !regexp.MustCompile(`^zksim \S+ \S+\+[0-9a-f]{12}$`).MatchString(got) {
		t.Errorf("engine is %q; want its version, its commit and twelve digits of its file's SHA-256", got)
	}
	if first, second := engine(), engine(); first != second {
		t.Error("two names for one program")
	}
}
