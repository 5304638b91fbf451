package model

// A cHosts is the C client's list of addresses with its cursor, which moves twice
// for each failure (L-C5, ZOOKEEPER-2466; addrvec.c:addrvec_next).
//
// To a new handle every address is new, as after a reconfiguration: until its first
// session it tries each of them once, in order, by a cursor of their own, while
// failures move the other one (zookeeper.c:update_addrs/get_next_server_in_reconfig).
type cHosts struct {
	order []NodeID
	next  int // index that comes next; the length of the list at its end
	tried int // addresses that were tried as new ones
}

// connect returns the address of the next attempt.
func (h *cHosts) connect() NodeID {
	if h.tried < len(h.order) {
		h.tried++
		return h.order[h.tried-1]
	}
	return h.advance()
}

// settled says that there is a session: no address is new any more
// (zookeeper.c:finalize_session_establishment).
func (h *cHosts) settled() { h.tried = len(h.order) }

// advance returns the address under the cursor and moves it on.
func (h *cHosts) advance() NodeID {
	if h.atEnd() {
		h.next = 0
	}
	s := h.order[h.next]
	h.next++
	return s
}

// peek is the address under the cursor (addrvec.c:addrvec_peek).
func (h *cHosts) peek() NodeID {
	if h.atEnd() {
		return h.order[0]
	}
	return h.order[h.next]
}

// atEnd says whether the cursor has run past the last address.
func (h *cHosts) atEnd() bool { return h.next >= len(h.order) }
