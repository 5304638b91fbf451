package conformance

import "zksim/model"

// A watcher is the observing client that is attached to one server. Whether it is
// connected is given, in its own words.
type watcher struct {
	name string
	lost bool // it has no connection
	// fired says that a change of the node has used up its watch: whether it left
	// another one is not recorded.
	fired bool
	gone  bool // its session has ended, and its watches with it
	due   []string
}

func newWatcher(t *Trace, i int) watcher { return watcher{name: nodeName(ClassObserver, i+1)} }

// deleted predicts that a server's observer is notified, now or when it is back
// (Z-4, C-27).
func (c *cluster) deleted(i int, name string, at int64) {
	w := &c.members[i].observer
	switch {
	case w.gone:
	case w.lost:
		w.due = append(w.due, name)
	default:
		c.saw(w, name, at, "Z-4")
	}
}

func (c *cluster) saw(w *watcher, name string, at int64, rule string) {
	was := c.g.optional
	c.g.optional = was || w.fired
	c.g.expect(EvSawDeleted, w.name, name, instant(at), rule)
	c.g.optional = was
}

// observerLost is the end of the observer's connection.
func (c *cluster) observerLost(i int, at int64) { c.members[i].observer.lost = true }

// observed is what an observer said about its own connection.
func (c *cluster) observed(e *Event) {
	i := e.NodeID() - 1
	if i < 0 || i >= len(c.members) {
		return
	}
	w := &c.members[i].observer
	w.fired = w.fired || e.Ev == EvNodeDataChanged
	if e.Ev != EvTold {
		return
	}
	switch e.State {
	case model.ToldDisconnected:
		w.lost = true
	case model.ToldExpired:
		w.gone = true
	case model.ToldConnected:
		w.lost = false
		for _, name := range w.due {
			c.saw(w, name, e.T, "C-27")
		}
		w.due = nil
	}
}
