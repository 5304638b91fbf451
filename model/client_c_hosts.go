package model

// A cHosts is the C client's list of addresses with its cursor, which moves twice
// for each failure (L-C5, ZOOKEEPER-2466; addrvec.c:addrvec_next).
type cHosts struct {
	order []NodeID
	next  int // index that comes next; the length of the list at its end
}

// advance returns the address under the cursor and moves it on.
func (h *cHosts) advance() NodeID {
	if h.atEnd() {
		h.next = 0
	}
	s := h.order[h.next]
	h.next++
	return s
}

// atEnd says whether the cursor has run past the last address.
func (h *cHosts) atEnd() bool { return h.next >= len(h.order) }
