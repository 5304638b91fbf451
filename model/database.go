package model

import "slices"

// A database is what one server has applied from the log: sessions and the
// ephemeral nodes. Watches belong to connections and are not replicated.
type database struct {
	zxid     int64 // last applied
	sessions sessionTable[sessionEntry]
	nodes    map[string]*znode // never ranged over
	watches  map[string][]ConnID
	watched  []string // every path ever watched, so that watches can be dropped in order
}

type sessionEntry struct {
	live     bool
	first    int32 // T as first negotiated, for ever (N-4)
	attached bool  // a connection of this server carries it
	conn     ConnID
	paths    []string // its ephemeral nodes
	// Of a learner's table: where the session's entry lies, if it is of this round.
	tableRound uint32
	tableIndex int32
}

type znode struct {
	owner SessionID
	zxid  int64 // of the last change
}

func (d *database) node(path string) *znode { return d.nodes[path] }

func (d *database) create(path string, owner SessionID, zxid int64) {
	if d.nodes == nil {
		d.nodes = map[string]*znode{}
	}
	d.nodes[path] = &znode{owner: owner, zxid: zxid}
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
	return true
}

func (d *database) watch(path string, c ConnID) {
	if d.watches == nil {
		d.watches = map[string][]ConnID{}
	}
	if !slices.Contains(d.watched, path) {
		d.watched = append(d.watched, path)
	}
	if !slices.Contains(d.watches[path], c) {
		d.watches[path] = append(d.watches[path], c)
	}
}

// takeWatchers returns the connections that watch a path and forgets them: a
// watch fires once.
func (d *database) takeWatchers(path string) []ConnID {
	w := d.watches[path]
	if w != nil {
		d.watches[path] = nil
	}
	return w
}

func (d *database) dropWatchesOf(c ConnID) {
	for _, path := range d.watched {
		d.watches[path] = slices.DeleteFunc(d.watches[path], func(w ConnID) bool { return w == c })
	}
}

// dropWatches forgets what does not survive a restart of the process.
func (d *database) dropWatches() {
	d.watches, d.watched = nil, nil
	d.sessions.each(func(_ SessionID, e *sessionEntry) { e.attached, e.tableRound = false, 0 })
}
