package model

import "slices"

// A database is what one server has applied from the log: sessions and the
// ephemeral nodes. Watches belong to connections and are not replicated.
type database struct {
	zxid     int64 // last applied
	sessions sessionTable[sessionEntry]
	nodes    map[string]*znode // never ranged over
	znodes   Slab[znode]
	parents  []parent
	watches  map[string]*watchers
}

type sessionEntry struct {
	live     bool
	first    int32 // T as first negotiated, for ever (N-4)
	attached bool  // a connection of this server carries it
	conn     ConnID
	paths    []string // its ephemeral nodes
	// On the leader alone: nodes of proposals not yet applied, and whether a
	// closeSession is among these (Z-2).
	creating []string
	ending   bool
	// A local session of this server whose createSession is on its way (T-25).
	upgrading bool
	// Of a learner's table: where the session's entry lies, if it is of this round.
	tableRound uint32
	tableIndex int32
}

type znode struct {
	owner   SessionID
	created int64 // zxid
	zxid    int64 // of the last change
}

// renewed returns an empty database with the memory of this one.
func (d *database) renewed() database {
	clear(d.nodes)
	clear(d.watches)
	d.sessions.empty()
	d.znodes.Reset()
	return database{sessions: d.sessions, nodes: d.nodes, znodes: d.znodes, parents: d.parents[:0], watches: d.watches}
}

func (d *database) node(path string) *znode { return d.nodes[path] }

func (d *database) create(path string, owner SessionID, zxid int64) {
	if d.nodes == nil {
		d.nodes = map[string]*znode{}
	}
	n := d.znodes.Take()
	*n = znode{owner: owner, created: zxid, zxid: zxid}
	d.nodes[path] = n
	d.addChild(path)
	e := d.sessions.at(owner)
	e.paths = append(e.paths, path)
}

// remove deletes an ephemeral node and reports whether it was there (Z-9).
func (d *database) remove(path string) bool {
	n := d.nodes[path]
	if n == nil {
		return false
	}
	e := d.sessions.at(n.owner)
	e.paths = slices.DeleteFunc(e.paths, func(p string) bool { return p == path })
	delete(d.nodes, path)
	d.removeChild(path)
	return true
}

// watchers are the connections that watch one path, in the order in which they
// began, and how many of them have gone since.
type watchers struct {
	conns []ConnID
	gone  int
}

// watch leaves a watch for a connection, once.
func (d *database) watch(path string, c *clientConn) {
	if slices.Contains(c.watching, path) {
		return
	}
	c.watching = append(c.watching, path)
	if d.watches == nil {
		d.watches = map[string]*watchers{}
	}
	w := d.watches[path]
	if w == nil {
		w = new(watchers)
		d.watches[path] = w
	}
	w.conns = append(w.conns, c.id)
}

// takeWatchers returns the connections that watch a path, the ones that have gone
// among them, and forgets them: a watch fires once.
func (d *database) takeWatchers(path string) []ConnID {
	w := d.watches[path]
	if w == nil {
		return nil
	}
	delete(d.watches, path)
	return w.conns
}

// dropWatchesOf forgets the watches of a connection that closes. A long list is
// cleared only when half of it has gone, so that many closes stay cheap.
func (d *database) dropWatchesOf(c *clientConn, isOpen func(ConnID) bool) {
	for _, path := range c.watching {
		w := d.watches[path]
		w.gone++
		if 2*w.gone >= len(w.conns) {
			w.conns = slices.DeleteFunc(w.conns, func(id ConnID) bool { return id == c.id || !isOpen(id) })
			w.gone = 0
		}
	}
}

// restarted forgets what does not survive a restart of the process.
func (d *database) restarted() {
	d.watches = nil
	d.sessions.each(func(_ SessionID, e *sessionEntry) {
		e.attached, e.tableRound, e.creating, e.ending, e.upgrading = false, 0, nil, false, false
	})
}

// clone returns a copy of what is replicated: sessions and nodes. Connections and
// watches belong to the server.
func (d *database) clone() *database {
	c := &database{zxid: d.zxid, nodes: make(map[string]*znode, len(d.nodes)), parents: slices.Clone(d.parents)}
	d.sessions.each(func(id SessionID, e *sessionEntry) {
		*c.sessions.at(id) = sessionEntry{live: e.live, first: e.first, paths: slices.Clone(e.paths)}
		for _, path := range e.paths {
			n := *d.nodes[path]
			c.nodes[path] = &n
		}
	})
	return c
}

// forgetRole forgets what a server keeps with its sessions because it leads, or
// follows.
func (d *database) forgetRole() {
	d.sessions.each(func(_ SessionID, e *sessionEntry) {
		e.tableRound, e.creating, e.ending, e.upgrading = 0, nil, false, false
	})
}
