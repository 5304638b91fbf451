package prefetch

import (
	"testing"
	"unsafe"
)

// TestAskingChangesNothing asks for pieces of every length at every place of a small
// memory, and for its last bytes, behind which nothing may be read.
func TestAskingChangesNothing(t *testing.T) {
	var memory [512]byte
	for i := range memory {
		memory[i] = byte(i)
	}
	for from := range memory {
		for bytes := 1; from+bytes <= len(memory); bytes++ {
			lines(unsafe.Pointer(&memory[from]), uintptr(bytes))
		}
	}
	Value(&memory)
	Front(&memory, 200)
	for i, b := range memory {
		if b != byte(i) {
			t.Fatalf("byte %d is %d, want %d", i, b, byte(i))
		}
	}
}

// TestAskingForNoMemoryIsNoFault: a pointer that leads nowhere may be asked for, so
// whoever asks need not look first.
func TestAskingForNoMemoryIsNoFault(t *testing.T) {
	Value[[300]byte](nil)
}
