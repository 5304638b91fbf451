package model

// A FIFO is a queue, first in first out. Taking from it costs the same however
// long it is, and it uses its memory again.
type FIFO[T any] struct {
	items []T
	head  int
}

// Len returns how many items wait.
func (q *FIFO[T]) Len() int { return len(q.items) - q.head }

// Push adds an item at the end.
func (q *FIFO[T]) Push(item T) {
	if q.head > 0 && len(q.items) == cap(q.items) && q.head >= len(q.items)/2 {
		q.compact()
	}
	q.items = append(q.items, item)
}

// At returns the i-th item from the front, zero being the next to be taken. It
// holds until the next Push or Pop.
func (q *FIFO[T]) At(i int) *T { return &q.items[q.head+i] }

// Pop takes the item at the front. The queue must not be empty.
func (q *FIFO[T]) Pop() T {
	var zero T
	item := q.items[q.head]
	q.items[q.head] = zero // whatever it points to may go
	q.head++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return item
}

// emptied returns the queue without its items.
func (q *FIFO[T]) emptied() FIFO[T] {
	clear(q.items)
	return FIFO[T]{items: q.items[:0]}
}

// clone returns a queue of the same items with memory of its own.
func (q *FIFO[T]) clone() FIFO[T] {
	return FIFO[T]{items: append([]T(nil), q.items[q.head:]...)}
}

// compact moves what waits to the front of the memory. It is called when at
// least half of it is free, so that moving costs no more than pushing did.
func (q *FIFO[T]) compact() {
	n := copy(q.items, q.items[q.head:])
	clear(q.items[n:])
	q.items, q.head = q.items[:n], 0
}
