package model

import "zksim/clock"

// An application is what runs on top of a client library, whichever it is: it makes
// an ephemeral node and believes to own what the node stands for, or watches
// somebody else's node, or just reads and writes.
type application struct {
	// holds: its ephemeral node was made, in the present session. It goes on believing
	// so until it is told otherwise, also after a pause (G-3).
	holds   bool
	asked   bool // a create or exists is under way
	watched bool // a watch is set
	sawNode bool // the node was there when the watch was set, so the watch is on its data
	read    clock.Reading
	write   clock.Reading
	opened  RecordID // from when its periods count
}

func (a *application) reset() {
	*a = application{read: clock.Unset, write: clock.Unset}
}

// start is the application asking for its session.
func (a *application) start(now clock.Reading, cfg *ClientConfig) {
	if cfg.ReadEvery > 0 {
		a.read = now.Add(cfg.ReadEvery)
	}
	if cfg.WriteEvery > 0 {
		a.write = now.Add(cfg.WriteEvery)
	}
}

// path is the node that the application is concerned with.
func (a *application) path(cfg *ClientConfig) string {
	if cfg.Owns != "" {
		return cfg.Owns
	}
	return cfg.Watches
}

func (a *application) watching() bool { return a.watched }

// unwatched is the library saying that the application's watch is void.
func (a *application) unwatched() { a.watched = false }

func (a *application) wake() clock.Reading { return min(a.read, a.write) }

// quiet ends the application's own periodic requests.
func (a *application) quiet() { a.read, a.write = clock.Unset, clock.Unset }

// due returns the next periodic request, one at a time.
func (a *application) due(now clock.Reading, cfg *ClientConfig) (Op, bool) {
	switch {
	case now >= a.read:
		a.read = now.Add(cfg.ReadEvery)
		return OpGetData, true
	case now >= a.write:
		a.write = now.Add(cfg.WriteEvery)
		return OpSetData, true
	}
	return OpNone, false
}

// told is the application's watcher receiving a session event.
func (a *application) told(c carrier, now clock.Reading, what Meaning, out *Output) {
	switch what {
	case MeansUsable:
		a.want(c, now, out)
	case MeansLost:
		if c.config().Library.kind.dropsWatches {
			a.watched = false
		}
	case MeansExpired, MeansClosed:
		// Watches end with the session.
		a.holds, a.watched = false, false
		if what == MeansClosed || !c.config().Library.Reopens() {
			a.quiet()
		}
	}
}

// want asks for what the application still lacks: its node, or its watch.
func (a *application) want(c carrier, now clock.Reading, out *Output) {
	switch {
	case a.asked || a.holds || a.watched:
	case c.config().Owns != "":
		a.asked = true
		c.submit(now, Packet{Op: OpCreate, Path: c.config().Owns}, out)
	case c.config().Watches != "":
		a.asked = true
		c.submit(now, Packet{Op: OpExists, Path: c.config().Watches, Watch: true}, out)
	}
}

// answered is the reply to one of the application's requests.
func (a *application) answered(c carrier, now clock.Reading, p *Packet, out *Output) {
	switch p.Req {
	case OpCreate:
		a.asked = false
		switch p.Err {
		case ErrOK:
			a.holds = true
			c.note(out, Note{Kind: KindHolds, Rule: "Z-4", Text: c.config().Owns})
		case ErrNodeExists:
			// Somebody else's, or its own from an earlier session (Z-11): wait for it to go.
			a.asked = true
			c.submit(now, Packet{Op: OpExists, Path: c.config().Owns, Watch: true}, out)
		}
	case OpExists:
		a.asked = false
		if a.sawNode && p.Err != ErrOK {
			// Gone while it had no watch there.
			c.note(out, Note{Kind: KindSawDeleted, Rule: "Z-4", Text: a.path(c.config())})
		}
		a.sawNode = p.Err == ErrOK
		a.watched = true
		if c.config().Owns != "" && a.sawNode && p.Session == c.Session() {
			// Made by a request whose answer was lost with its connection.
			a.holds, a.watched = true, false
			c.note(out, Note{Kind: KindHolds, Rule: "Z-4", Text: c.config().Owns})
		}
		if c.config().Owns != "" && !a.sawNode && !a.holds {
			a.watched = false
			a.want(c, now, out)
		}
	}
}

// notified is a watch event. Watches fire once, so it is set again.
func (a *application) notified(c carrier, now clock.Reading, ev WatchEvent, out *Output) {
	a.watched = false
	switch ev {
	case WatchCreated:
		c.note(out, Note{Kind: KindSawCreated, Rule: "Z-4", Text: a.path(c.config())})
	case WatchDeleted:
		a.sawNode = false
		c.note(out, Note{Kind: KindSawDeleted, Rule: "Z-4", Text: a.path(c.config())})
	}
	a.want(c, now, out)
}

// callsFailed forgets requests that will never be answered.
func (a *application) callsFailed() { a.asked = false }

// failed forgets one such request.
func (a *application) failed(op Op) {
	if op == OpCreate || op == OpExists {
		a.asked = false
	}
}
