package model

import "zksim/clock"

// An application is what runs on top of a client library, whichever it is: it wants
// to own what a path stands for (recipe.go), or watches somebody else's node, or just
// reads and writes.
type application struct {
	// acts: it believes to own, and acts as owner. It goes on until it is told what its
	// policy makes it stop for, also after a pause (G-3, A-5).
	acts  bool
	own   string // path of the node that it made in the present session; "": none
	token int64  // of that node, the greater the later it was made
	// Of its latest becoming owner: the record, and the session.
	taken   RecordID
	ownedIn SessionID

	asked    Op     // the request of its own under way, of which there is one at a time; OpNone: none
	about    string // the path that it is about
	watched  string // path of the node that it has a watch on; "": none
	saw      string // path of the node that was there when it looked last, so that the watch is on its data
	unsure   bool   // a create came to nothing whose answer may have been lost
	quitting bool   // it has closed its handle

	read    clock.Reading
	write   clock.Reading
	pending int      // writes on their way, of those that it keeps outstanding (H-6)
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

// path is the node that the application reads and writes.
func (a *application) path(cfg *ClientConfig) string {
	switch {
	case a.own != "":
		return a.own
	case cfg.Owns != "":
		return cfg.Owns
	}
	return cfg.Watches
}

func (a *application) watching() bool { return a.watched != "" }

// rewatch is the request that registers the application's watch on a new connection,
// after the latest change that the library has seen (C-19).
func (a *application) rewatch(cfg *ClientConfig, zxid int64) Packet {
	return Packet{Op: OpSetWatches, Path: a.watched, Watch: a.saw == a.watched, Lasting: cfg.Lasting, Zxid: zxid}
}

// unwatched is the library saying that the application's watch is void.
func (a *application) unwatched() { a.watched = "" }

func (a *application) wake() clock.Reading { return min(a.read, a.write) }

// quit is the application closing its handle: it acts no more, and asks no more of
// itself.
func (a *application) quit(c carrier, out *Output) {
	a.quitting = true
	a.quiet()
	a.stop(c, "A-5", "close", out)
}

// quiet ends the application's own requests.
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
func (a *application) told(c carrier, now clock.Reading, word string, out *Output) {
	cfg := c.config()
	switch what := cfg.Library.Meaning(word); what {
	case MeansUsable:
		a.want(c, now, out)
		a.keepWriting(c, now, out)
	case MeansReadOnly:
		if cfg.Owns == "" {
			a.want(c, now, out) // to read and to watch needs no more
		}
	case MeansLost:
		if cfg.Library.kind.dropsWatches {
			a.watched = ""
		}
		if cfg.Stops == StopsOnDisconnected {
			a.stop(c, "A-5", word, out)
		}
	case MeansExpired, MeansClosed:
		// Watches and nodes end with the session.
		a.own, a.watched, a.unsure = "", "", false
		if cfg.Stops != StopsNever {
			a.stop(c, "A-5", word, out)
		}
		if what == MeansClosed || !cfg.Library.Reopens() {
			a.quiet()
		}
	}
}

// answered is the reply to one of the application's requests.
func (a *application) answered(c carrier, now clock.Reading, p *Packet, out *Output) {
	switch p.Req {
	case OpCreate, OpExists, OpGetChildren:
		a.asked = OpNone
		a.found(c, now, p, out)
	case OpSetData:
		a.wrote()
		a.keepWriting(c, now, out)
	}
}

// notified is a watch event. Watches fire once, so it looks again.
func (a *application) notified(c carrier, now clock.Reading, ev WatchEvent, out *Output) {
	path := a.watched
	if path == "" {
		path = a.path(c.config()) // a watch that it had no more use for
	}
	if !c.config().Lasting {
		a.watched = ""
	}
	switch ev {
	case WatchCreated:
		if a.watched != "" {
			a.saw = path // the watch stays, so nobody looks
		}
		c.note(out, Note{Kind: KindSawCreated, Rule: "Z-4", Text: path})
	case WatchDeleted:
		a.saw = ""
		c.note(out, Note{Kind: KindSawDeleted, Rule: "Z-4", Text: path})
	}
	a.want(c, now, out)
}

// callsFailed forgets requests that will never be answered.
func (a *application) callsFailed() {
	a.unsure = a.unsure || a.asked == OpCreate
	a.asked, a.pending = OpNone, 0
}

// failed forgets one such request.
func (a *application) failed(op Op) {
	switch op {
	case OpCreate, OpExists, OpGetChildren:
		a.unsure = a.unsure || op == OpCreate
		a.asked = OpNone
	case OpSetData:
		a.wrote()
	}
}
