package sim

import (
	"unsafe"

	"zksim/model"
	"zksim/prefetch"
)

const (
	// Fewer nodes than this stay in the caches near the processor by themselves.
	manyNodes = 4000
	// So many places behind the next event its node is fetched, and so many places
	// what the node leads to: far enough for memory to answer in time, near enough for
	// the answer to be still there.
	aheadNode, aheadRest = 12, 5
)

// lookAhead fetches the memory of events that are soon due. A ping needs about a
// dozen cache lines that nothing has touched since the one before it; fetched one
// when it is needed after the other, they cost more than all the rest. It changes
// nothing.
func (w *World) lookAhead() {
	if e, ok := w.queue.ahead(aheadNode); ok {
		if key := e.key ^ w.flip; keyClass(key) != classFault {
			prefetch.Value(&w.nodes[keyEntity(key)])
		}
	}
	e, ok := w.queue.ahead(aheadRest)
	if !ok {
		return
	}
	switch key := e.key ^ w.flip; keyClass(key) {
	case classTimer:
		n := &w.nodes[keyEntity(key)]
		n.foresee(model.NoConn)
		if c := n.conns; c != nil {
			prefetch.Front(c, unsafe.Offsetof(c.dialled))
		}
	case classDelivery:
		// Only the receiver's side: the sender's is still near.
		if c := w.nodes[keyEntity(key)].conns; c != nil && keyDirection(key) == 0 {
			w.nodes[c.nodes[1]].foresee(c.id)
		}
	}
}

func (n *node) foresee(c model.ConnID) {
	if f, ok := n.machine.(model.Foreseer); ok {
		f.Foresee(c)
	}
}
