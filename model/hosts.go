package model

import "math/bits"

// A hostProvider hands out server addresses in turn, in an order that is
// shuffled once (C-16; StaticHostProvider.java:StaticHostProvider.next).
type hostProvider struct {
	order   []NodeID
	current int // index last handed out, -1 before the first
	last    int // index of the last successful session, -1 before the first attempt
}

// shuffle begins with servers, in an order by the environment's draws from the given
// one on.
func (h *hostProvider) shuffle(servers []NodeID, first NodeID, env Env, draw uint64) {
	*h = hostProvider{order: shuffled(h.order[:0], servers, first, env, draw), current: -1, last: -1}
}

// shuffled appends servers to order, in an order by the environment's draws from the given one
// on. If first is not NoNode that server comes first, and only the rest is in random
// order.
func shuffled(order, servers []NodeID, first NodeID, env Env, draw uint64) []NodeID {
	order = append(order, servers...)
	for i := len(order) - 1; i > 0; i-- {
		j := below(env.Draw(PurposeShuffle, draw+uint64(i)), i+1)
		order[i], order[j] = order[j], order[i]
	}
	for i, s := range order {
		if s == first {
			order[0], order[i] = order[i], order[0]
		}
	}
	return order
}

// next moves to the next address and reports whether the caller must sleep a
// spin delay before using it: the list has come round to the server of the last
// session, or to the first address if there was none.
func (h *hostProvider) next() (server NodeID, spin bool) {
	h.current = (h.current + 1) % len(h.order)
	spin = h.current == h.last
	if h.last == -1 {
		h.last = 0 // no sleep before the very first attempt
	}
	return h.order[h.current], spin
}

// connected remembers the current address as that of a successful session.
func (h *hostProvider) connected() { h.last = h.current }

// below maps uniform bits to 0..n-1 by the high word of a product.
func below(random uint64, n int) int {
	hi, _ := bits.Mul64(random, uint64(n))
	return int(hi)
}
