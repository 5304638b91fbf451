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

// UpTo asks for the memory from *p up to *end, which lies behind it in the same
// struct.
func UpTo[T, U any](p *T, end *U) {
	lines(unsafe.Pointer(p), uintptr(unsafe.Pointer(end))-uintptr(unsafe.Pointer(p)))
}
