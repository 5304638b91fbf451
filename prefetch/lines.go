//go:build amd64 || arm64

package prefetch

import "unsafe"

// lines asks for the cache lines from p on that hold so many bytes, of which there
// must be at least one.
//
//go:noescape
func lines(p unsafe.Pointer, bytes uintptr)
