package sim

import (
	"slices"
	"time"

	"zksim/model"
)

// A Lock is what happened to one thing that clients want to own: who believed to own it
// when, and whose node the cluster had in first place meanwhile.
type Lock struct {
	Path     string
	Recipe   model.Recipe
	Beliefs  []*Belief  // in the order in which they began
	Overlaps []Overlap  // when two or more believed to own it
	Vacant   []Vacancy  // from the first belief on, when nobody rightly did
	nodes    []lockNode // in the order of their creation
}

// A Belief is one time for which a client's application acted as owner.
type Belief struct {
	Client  model.NodeID
	Session model.SessionID // in which it became owner
	Begin   Moment
	End     Moment // it did not happen: it still believes when the run ends
	Why     string // what ended it: the word that it was told, close, refused, or killed

	Acts     int    // at the resource
	Accepted int    // of them
	Stale    int    // accepted though another's later token had been accepted before
	Refused  int    // for that reason
	Lost     int    // not answered
	OldToken Moment // the first that was stale or refused
	resource model.NodeID
}

// An Overlap is a time for which the same clients believed to own a lock.
type Overlap struct {
	Span
	Clients []model.NodeID
	// Still is for how much of it fewer than two of them were running: a process that
	// stands still does nothing. Whole milliseconds, as printed.
	Still time.Duration
}

// A Vacancy is a time for which nobody owned the lock who knew it.
type Vacancy struct {
	Span
	// Holder is the client whose node was in first place; NoNode: there was no node, or
	// one that no client knows of.
	Holder model.NodeID
	Node   bool // there was a node in first place
}

// A lockNode is one session's node, as the replicated log has it.
type lockNode struct {
	session    model.SessionID
	path       string
	made, gone outcome
}

// An outcome is a change in the log: it happens when it is committed, or when the first
// server applies it that does not take it back, if that is earlier: what a quorum has
// logged counts for the next leader, also where the old one has not heard of it (Z-10).
type outcome struct {
	committed Moment
	applied   []Moment // at servers
}

func (o *outcome) moment() Moment {
	if len(o.applied) > 0 && (!o.committed.Happened() || o.applied[0].Record < o.committed.Record) {
		return o.applied[0]
	}
	return o.committed
}

// takenBack forgets what a server has taken back.
func (o *outcome) takenBack(server model.NodeID) {
	o.applied = slices.DeleteFunc(o.applied, func(m Moment) bool { return m.Node == server })
}

// A lockCollector gathers the locks of a run.
type lockCollector struct {
	locks  []*Lock
	of     []int                          // by client: the index of its lock, -1 for none
	latest []*Belief                      // by client
	still  [][]Span                       // by client: when its process was paused
	places map[model.SessionID][]lockPath // where each session's nodes are; never ranged over
}

type lockPath struct{ lock, node int }

// newLockCollector follows the locks that are contended for, or that say how they are
// owned.
func newLockCollector(s *Scenario) *lockCollector {
	c := &lockCollector{places: map[model.SessionID][]lockPath{}}
	index := map[string]int{}
	for i := range s.Clients {
		k := &s.Clients[i]
		lock, known := index[k.Owns]
		if !known {
			lock = -1
			if k.Owns != "" && s.contended(k.Owns) {
				lock = len(c.locks)
				c.locks = append(c.locks, &Lock{Path: k.Owns, Recipe: k.Recipe})
			}
			index[k.Owns] = lock
		}
		for range k.size() {
			c.of = append(c.of, lock)
		}
	}
	if len(c.locks) == 0 {
		c.of = nil
		return c
	}
	c.latest, c.still = make([]*Belief, len(c.of)), make([][]Span, len(c.of))
	return c
}

// contended says whether there is something to tell about the owners of a path: several
// clients want it, or one says how it owns it.
func (s *Scenario) contended(path string) bool {
	n := 0
	for i := range s.Clients {
		if k := &s.Clients[i]; k.Owns == path {
			n += k.size()
			if k.Recipe != model.RecipeNode || k.Stops != nil || k.ActsOn != "" {
				return true
			}
		}
	}
	return n > 1
}

// ContendedPaths lists the paths of a scenario's locks, in the order of the clients that
// want them: those of [Timeline.Locks].
func (s *Scenario) ContendedPaths() []string {
	var paths []string
	for i := range s.Clients {
		if path := s.Clients[i].Owns; path != "" && !slices.Contains(paths, path) && s.contended(path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// client follows what the application of a client believes.
func (c *lockCollector) client(i int, r *Record, at Moment) {
	if i >= len(c.of) || c.of[i] < 0 {
		return
	}
	b := c.latest[i]
	end := func(why string) {
		if b != nil && !b.End.Happened() {
			b.End, b.Why = at, why
		}
	}
	switch r.Kind {
	case model.KindHolds:
		b = &Belief{Client: r.Node, Session: r.Session, Begin: at, resource: model.NoNode}
		c.latest[i] = b
		l := c.locks[c.of[i]]
		l.Beliefs = append(l.Beliefs, b)
	case model.KindStops:
		end(r.Text)
	case KindKilled:
		end("killed")
	case model.KindAct:
		if b != nil {
			b.Acts, b.resource = b.Acts+1, r.Peer
		}
	case model.KindActLost:
		if b != nil {
			b.Lost++
		}
	case KindPaused:
		c.still[i] = append(c.still[i], Span{Exists: true, Open: true, From: r.At})
	case KindResumed:
		if n := len(c.still[i]); n > 0 {
			c.still[i][n-1].Open, c.still[i][n-1].To = false, r.At
		}
	}
}

// resource follows what a resource takes from the client with the number i.
func (c *lockCollector) resource(i int, r *Record, at Moment) {
	if i < 0 || i >= len(c.of) || c.of[i] < 0 {
		return
	}
	beliefs := c.locks[c.of[i]].Beliefs
	for k := len(beliefs) - 1; k >= 0; k-- {
		b := beliefs[k]
		if b.Client != r.Peer || b.Session != r.Session {
			continue
		}
		switch {
		case r.Kind == model.KindActRefused:
			b.Refused++
		case r.Kind != model.KindActAccepted:
			return
		default:
			b.Accepted++
			if r.A < r.B {
				b.Stale++
			}
		}
		if r.A < r.B && !b.OldToken.Happened() {
			b.OldToken = at
		}
		return
	}
}

// server follows the nodes of the locks.
func (c *lockCollector) server(r *Record, at Moment) {
	if len(c.locks) == 0 || r.Session == 0 {
		return
	}
	switch r.Kind {
	case model.KindNodeCreated:
		if n := c.node(r.Session, r.Text); n != nil {
			n.made.applied = append(n.made.applied, at)
		}
	case model.KindNodeDeleted:
		if n := c.node(r.Session, r.Text); n != nil {
			n.gone.applied = append(n.gone.applied, at)
		}
	case model.KindCommitted, model.KindDiscarded:
		for _, p := range c.places[r.Session] {
			n := &c.locks[p.lock].nodes[p.node]
			o := &n.gone
			switch {
			case r.Text == model.OpCreate.String():
				o = &n.made
			case r.Text != model.OpCloseSession.String():
				continue
			}
			switch {
			case r.Kind == model.KindDiscarded:
				o.takenBack(r.Node)
			case !o.committed.Happened():
				o.committed = at // a second close finds nothing to delete (Z-9)
			}
		}
	}
}

// node finds a session's node of a lock, or begins it.
func (c *lockCollector) node(id model.SessionID, path string) *lockNode {
	for _, p := range c.places[id] {
		if n := &c.locks[p.lock].nodes[p.node]; n.path == path {
			return n
		}
	}
	for i, l := range c.locks {
		if path != l.Path && (l.Recipe != model.RecipeSequence || !below(path, l.Path)) {
			continue
		}
		l.nodes = append(l.nodes, lockNode{session: id, path: path})
		c.places[id] = append(c.places[id], lockPath{i, len(l.nodes) - 1})
		return &l.nodes[len(l.nodes)-1]
	}
	return nil
}

func below(path, parent string) bool {
	return len(path) > len(parent)+1 && path[:len(parent)] == parent && path[len(parent)] == '/'
}
