package model

import (
	"slices"
	"unsafe"

	"zksim/prefetch"
)

// A clientConn is one client's connection to this server.
type clientConn struct {
	// What every ping needs stands in front.
	id      ConnID
	session SessionID
	ioAt    int64    // last reading or writing, ms (H-3)
	ioBy    RecordID // what that followed from
	timeout int32    // T of the session, or the idle check before the handshake (H-2, N-3)
	phase   connPhase
	// ended says that the peer has closed it while reading was suspended (V-4).
	ended  bool
	reason CloseReason
	// waiting holds the session's requests in order, from its first unfinished
	// write on: they are answered in this order (H-6).
	waiting  []Packet
	watching []string // paths on which it has a watch
	lasting  []string // of these, the ones whose watches stay when they fire (addWatch)
}

type connPhase uint8

const (
	connNew     connPhase = iota // nothing read yet
	connPending                  // the handshake waits for a commit or for the leader
	connUp                       // requests flow
)

// A connTable holds a server's client connections. A client mostly has one, so
// that is found by the client's number alone; what else a client has is rare and
// lies apart. Pointers into the table hold until the next add or remove.
type connTable struct {
	first []clientConn // by the client's node; NoConn where there is none
	extra []clientConn
	open  int
}

// renewed returns an empty table with the memory of this one.
func (t *connTable) renewed() connTable {
	clear(t.extra)
	return connTable{first: t.first[:0], extra: t.extra[:0]}
}

// find returns a connection, or nil if it has been closed here.
func (t *connTable) find(id ConnID) *clientConn {
	if id == NoConn {
		return nil
	}
	if n := int(id.Initiator()); n < len(t.first) && t.first[n].id == id {
		return &t.first[n]
	}
	for i := range t.extra {
		if t.extra[i].id == id {
			return &t.extra[i]
		}
	}
	return nil
}

// foresee fetches the memory in which find will look.
func (t *connTable) foresee(id ConnID) {
	if n := uint(id.Initiator()); n < uint(len(t.first)) {
		prefetch.Front(&t.first[n], unsafe.Offsetof(clientConn{}.watching))
	}
}

func (t *connTable) add(c clientConn) {
	n := int(c.id.Initiator())
	for n >= len(t.first) {
		t.first = append(t.first, clientConn{id: NoConn})
	}
	t.open++
	if t.first[n].id == NoConn {
		t.first[n] = c
		return
	}
	t.extra = append(t.extra, c)
}

func (t *connTable) remove(id ConnID) {
	n := int(id.Initiator())
	isThis := func(c clientConn) bool { return c.id == id }
	switch {
	case n < len(t.first) && t.first[n].id == id:
		t.first[n] = clientConn{id: NoConn}
	case slices.ContainsFunc(t.extra, isThis):
		t.extra = slices.DeleteFunc(t.extra, isThis)
	default:
		return
	}
	t.open--
}

// collect appends the connections for which keep is true to ids, in a fixed
// order.
func (t *connTable) collect(ids []ConnID, keep func(*clientConn) bool) []ConnID {
	for _, list := range [2][]clientConn{t.first, t.extra} {
		for i := range list {
			if c := &list[i]; c.id != NoConn && keep(c) {
				ids = append(ids, c.id)
			}
		}
	}
	return ids
}
