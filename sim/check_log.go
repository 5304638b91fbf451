package sim

import (
	"cmp"
	"slices"

	"zksim/model"
)

// A logCheck knows what is committed: what a leader has said so of, and what it had
// in its log when it began to serve. It looks at what servers have applied at every
// PING of a leader, and when the world rests.
type logCheck struct {
	x         *Checker
	roles     *roles
	committed []commitment // by zxid
	latest    int32        // the last epoch in which somebody has served
	seen      []int64      // by server: the last that has been looked at
	// below is where the log begins of a leader that has begun with a snapshot and what
	// came behind it. What is in the snapshot is committed, and nobody can see what it was
	// until somebody has it who has not forgotten it.
	below int64
}

// A commitment is one committed transaction; nil if its leader has forgotten it before
// anybody could look.
type commitment struct {
	zxid int64
	txn  *model.Txn
}

// is says whether a transaction is the one that is committed.
func (m *commitment) is(t *model.Txn) bool {
	if m.txn == nil {
		m.txn = t
	}
	return m.txn == t
}

func newLogCheck(x *Checker) watcher {
	return &logCheck{x: x, roles: newRoles(x), seen: make([]int64, x.world.servers)}
}

// find returns where a zxid is among what is committed, or would be.
func (c *logCheck) find(zxid int64) (int, bool) {
	// It is mostly the last.
	if n := len(c.committed); n == 0 || c.committed[n-1].zxid < zxid {
		return n, false
	}
	return slices.BinarySearchFunc(c.committed, zxid, func(m commitment, z int64) int { return cmp.Compare(m.zxid, z) })
}

func (c *logCheck) record(r *Record) {
	if !c.roles.server(r) {
		return
	}
	switch r.Kind {
	case model.KindServing:
		if c.roles.leads[r.Node] {
			c.serving(r.Node)
		}
	case model.KindCommitted:
		c.commit(r)
	case model.KindDiscarded:
		c.discarded(r)
	case model.KindLeaderPing:
		for i := range c.seen {
			if model.NodeID(i) != r.Node { // who is in the middle of a step
				c.look(model.NodeID(i))
			}
		}
	}
}

// serving is a leader beginning to serve: all that is in its log is committed, and all
// that was committed is in its log.
func (c *logCheck) serving(n model.NodeID) {
	server := c.x.server(n)
	epoch := server.Epoch()
	txns, _, whole := server.Applied()
	have := 0
	if !whole {
		first := int64(epoch) << 32
		if len(txns) > 0 {
			first = min(first, txns[0].Zxid)
		}
		c.below = max(c.below, first)
	}
	for i, t := range txns {
		at, ok := c.find(t.Zxid)
		switch {
		case int32(t.Zxid>>32) >= epoch && c.x.world.servers > 1:
			continue // proposed since, in the same step
		case !ok:
			c.committed = slices.Insert(c.committed, at, commitment{t.Zxid, t})
		case !c.committed[at].is(t):
			c.x.broken("Z-4", "%s has another transaction with zxid %#x than was committed", c.x.name(n), t.Zxid)
		}
		if i == 0 {
			have = at
			if at > 0 && whole {
				c.x.broken("Z-4", "%s leads without zxid %#x, which is committed", c.x.name(n), c.committed[0].zxid)
			}
		}
		if at != have {
			c.x.broken("Z-4", "%s leads without zxid %#x, which is committed", c.x.name(n), c.committed[have].zxid)
		}
		have++
	}
	if have < len(c.committed) && (len(txns) > 0 || whole) && int32(c.committed[have].zxid>>32) < epoch {
		c.x.broken("Z-4", "%s leads without zxid %#x, which is committed", c.x.name(n), c.committed[have].zxid)
	}
	c.latest = max(c.latest, epoch)
}

func (c *logCheck) commit(r *Record) {
	at, ok := c.find(r.A)
	var txn *model.Txn
	txns, _, whole := c.x.server(r.Node).Applied()
	for i := len(txns) - 1; i >= 0 && txn == nil; i-- {
		if txns[i].Zxid == r.A {
			txn = txns[i]
		}
	}
	switch {
	case txn == nil && (whole || len(txns) == 0 || r.A > txns[0].Zxid):
		c.x.broken("Z-4", "zxid %#x is committed and its leader has not applied it", r.A)
	case ok && txn != nil && !c.committed[at].is(txn):
		c.x.broken("Z-4", "zxid %#x is committed, and was before for another transaction", r.A)
	case !ok && int32(r.A>>32) < c.latest:
		c.x.broken("Z-10", "zxid %#x is committed, and the leader of epoch %d began without it", r.A, c.latest)
	case !ok:
		c.committed = slices.Insert(c.committed, at, commitment{r.A, txn})
	}
}

// discarded is a server taking a transaction back because its leader has begun without
// it. A leader that has only proposed it sends it again.
func (c *logCheck) discarded(r *Record) {
	if _, ok := c.find(r.A); !ok {
		return
	}
	if leader := c.roles.follows[r.Node]; leader != model.NoNode && c.x.server(leader).Epoch() > int32(r.A>>32) {
		txns, _, whole := c.x.server(leader).Applied()
		if has := slices.ContainsFunc(txns, func(t *model.Txn) bool { return t.Zxid == r.A }); !has && (whole || txns[0].Zxid < r.A) {
			c.x.broken("Z-10", "%s takes zxid %#x back, which is committed", c.x.name(r.Node), r.A)
		}
	}
}

// look goes through what a server has applied since the last time, but for what it may
// have to take back: it is what is committed, and nothing is left out.
func (c *logCheck) look(n model.NodeID) {
	txns, unsettled, whole := c.x.server(n).Applied()
	txns = txns[:len(txns)-unsettled]
	if len(txns) == 0 || txns[len(txns)-1].Zxid == c.seen[n] {
		return
	}
	first := len(txns)
	for first > 0 && txns[first-1].Zxid > c.seen[n] {
		first--
	}
	if first > 0 {
		first-- // where the last look ended: what follows must follow it
	}
	next := -1
	for _, t := range txns[first:] {
		at, ok := c.find(t.Zxid)
		if !ok && t.Zxid < c.below {
			c.committed, ok = slices.Insert(c.committed, at, commitment{t.Zxid, t}), true
		}
		switch {
		case !ok || !c.committed[at].is(t):
			c.x.broken("Z-4", "%s has applied zxid %#x, which is not committed", c.x.name(n), t.Zxid)
			return
		case next >= 0 && at != next, next < 0 && first == 0 && whole && at != 0:
			c.x.broken("Z-4", "%s has applied zxid %#x out of order, or without one before it", c.x.name(n), t.Zxid)
			return
		}
		next = at + 1
	}
	c.seen[n] = txns[len(txns)-1].Zxid
}

// rest also compares databases: servers that have applied the same have the same.
func (c *logCheck) rest() {
	type content struct {
		node  model.NodeID
		state uint64
	}
	found := map[int64]content{}
	for i := range c.seen {
		n := model.NodeID(i)
		c.look(n)
		txns, unsettled, _ := c.x.server(n).Applied()
		if unsettled > 0 || len(txns) == 0 {
			continue
		}
		last := txns[len(txns)-1].Zxid
		state := contentOf(c.x.server(n))
		if other, ok := found[last]; ok && other.state != state {
			c.x.broken("Z-4", "%s and %s have both applied zxid %#x and differ in sessions or ephemeral nodes", c.x.name(other.node), c.x.name(n), last)
		}
		found[last] = content{n, state}
	}
}

// contentOf is a fingerprint of a server's sessions and ephemeral nodes.
func contentOf(s *model.Server) uint64 {
	sum := uint64(1)
	s.EachSession(func(id model.SessionID, timeout int32, paths []string) {
		sum = fold(sum^uint64(id), uint64(timeout)|1<<63)
		for _, p := range paths {
			for i := range len(p) {
				sum = fold(sum^uint64(p[i]), 0x9E3779B97F4A7C15)
			}
		}
	})
	return sum
}
