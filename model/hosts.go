package model

import "math/bits"

// A hostProvider hands out server addresses in turn, in an order that is
// shuffled once (C-16; StaticHostProvider.java:StaticHostProvider.next).
type hostProvider struct {
	order   []NodeID
	current int // index last handed out, -1 before the first
	last    int // index of the last successful session, -1 before the first attempt

	name hostName
}

// A hostName is one name that stands for several servers. It is resolved for every
// attempt, and one of its addresses is taken at random (C-36;
// StaticHostProvider.java:StaticHostProvider.resolve). The list is then one entry long,
// and has the latest pick.
type hostName struct {
	servers []NodeID // nil: the list has addresses
	first   NodeID   // what the first pick is; NoNode: at random
	env     Env
	draw    uint64 // of the next pick
}

// resolve begins with a list of one name for the servers. If first is not NoNode that is
// the first pick.
func (h *hostProvider) resolve(servers []NodeID, first NodeID, env Env, draw uint64) {
	*h = hostProvider{order: append(h.order[:0], NoNode), current: -1, last: -1, name: hostName{servers, first, env, draw}}
}

// pick takes one of the servers, whichever was taken before.
func (n *hostName) pick() NodeID {
	server := n.servers[below(n.env.Draw(PurposeResolve, n.draw), len(n.servers))]
	n.draw++
	if n.first != NoNode {
		server, n.first = n.first, NoNode
	}
	return server
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
	if h.name.servers != nil {
		h.order[0] = h.name.pick()
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
