package model

// A Slab gives out values that all come back at the same time, when the run that they
// belong to is over. The first run takes them from the heap; after that the slab holds
// as many as a run has ever needed, up to a limit.
type Slab[T any] struct {
	items []T
	given int
}

// slabLimit bounds what a slab holds, so that a long run leaves no large one behind.
const slabLimit = 1024

// Take gives a zero value that nobody else has.
func (s *Slab[T]) Take() *T {
	s.given++
	if s.given <= len(s.items) {
		return &s.items[s.given-1]
	}
	return new(T)
}

// Reset takes back everything that was given out. Nobody may use it any more.
func (s *Slab[T]) Reset() {
	clear(s.items[:min(s.given, len(s.items))])
	if want := min(s.given, slabLimit); want > len(s.items) {
		s.items = make([]T, want)
	}
	s.given = 0
}
