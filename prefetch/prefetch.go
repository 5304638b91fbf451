// Package prefetch asks the processor to bring memory near before it is needed.
// It changes nothing that a program can compute; where it is not implemented it
// does nothing.
//
// With many nodes, most of what an event costs is waiting for memory. An ordinary
// read in advance does not help: the processor can look only so far past a read that
// it waits for, and less far than an event is long.
package prefetch

import "unsafe"

// Value asks for all of *p.
func Value[T any](p *T) { lines(unsafe.Pointer(p), unsafe.Sizeof(*p)) }

// Front asks for the first so many bytes of *p. To take the address of a field
// instead would be a read of *p, for the check that it is not nil.
func Front[T any](p *T, bytes uintptr) { lines(unsafe.Pointer(p), bytes) }
