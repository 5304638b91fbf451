package model

import (
	"fmt"
	"strconv"
	"strings"

	"zksim/clock"
)

// A Recipe is how applications settle which of them owns what a path stands for.
type Recipe uint8

const (
	// RecipeNode is one ephemeral node at the path: who makes it owns.
	RecipeNode Recipe = iota
	// RecipeSequence is ephemeral sequential nodes below the path: the lowest number
	// owns, and each of the others watches the next lower one.
	RecipeSequence
)

// A Stops is an application's policy for when it stops acting as owner.
type Stops uint8

const (
	// StopsOnExpired: when it is told that its session is over.
	StopsOnExpired Stops = iota
	// StopsOnDisconnected: when it is told that the connection is lost. With the same
	// session back, it looks at its node and goes on.
	StopsOnDisconnected
	// StopsNever: it does not listen, and acts until its process ends.
	StopsNever
)

// want asks for what the application still lacks: its node, to know whether that owns,
// or its watch.
func (a *application) want(c carrier, now clock.Reading, out *Output) {
	cfg := c.config()
	switch {
	case a.asked != OpNone || a.acts || a.watched != "" || a.quitting:
	case cfg.Owns == "" && cfg.Watches == "":
	case cfg.Owns == "":
		a.ask(c, now, Packet{Op: OpExists, Path: cfg.Watches, Watch: true, Lasting: cfg.Lasting}, out)
	case cfg.Recipe == RecipeSequence && (a.own != "" || a.unsure):
		a.ask(c, now, Packet{Op: OpGetChildren, Path: cfg.Owns}, out)
	case cfg.Recipe == RecipeSequence:
		a.ask(c, now, Packet{Op: OpCreate, Path: cfg.Owns + "/" + a.prefix(c), Sequential: true}, out)
	case a.own != "":
		a.ask(c, now, Packet{Op: OpExists, Path: cfg.Owns}, out)
	default:
		a.ask(c, now, Packet{Op: OpCreate, Path: cfg.Owns}, out)
	}
}

func (a *application) ask(c carrier, now clock.Reading, p Packet, out *Output) {
	a.asked, a.about = p.Op, p.Path
	c.submit(now, p, out)
}

// prefix begins the names of the session's sequential nodes: by it the application
// knows a node as its own whose create was not answered.
func (a *application) prefix(c carrier) string { return fmt.Sprintf("n-%x-", uint64(c.Session())) }

// found goes on with the answer to a request of the recipe's.
func (a *application) found(c carrier, now clock.Reading, p *Packet, out *Output) {
	cfg := c.config()
	switch {
	case p.Req == OpExists:
		a.looked(c, now, p, out)
	case p.Req == OpGetChildren && p.Err == ErrOK:
		a.listed(c, now, p.Found.Names, out)
	case p.Req == OpCreate && p.Err == ErrOK:
		a.own, a.token, a.unsure = p.Path, p.Zxid, false
		if cfg.Recipe == RecipeNode {
			a.take(c, out)
			return
		}
		a.token = number(p.Path)
		a.want(c, now, out)
	case p.Req == OpCreate && p.Err == ErrNodeExists:
		// Somebody else's, or its own from an earlier session (Z-11): wait for it to go.
		a.ask(c, now, Packet{Op: OpExists, Path: cfg.Owns, Watch: true}, out)
	}
}

// looked is the answer about one node: its own, that of whoever is before it, or the
// one that it just watches.
func (a *application) looked(c carrier, now clock.Reading, p *Packet, out *Output) {
	cfg, path, there := c.config(), a.about, p.Err == ErrOK
	if a.saw == path && !there {
		// Gone while it had no watch there.
		c.note(out, Note{Kind: KindSawDeleted, Rule: "Z-4", Text: path})
	}
	mine := cfg.Owns == path && there && p.Session == c.Session()
	a.saw = ""
	if there && !mine {
		a.saw = path
	}
	switch {
	case mine:
		// As it was, or made by a request whose answer was lost with its connection.
		a.own, a.token, a.unsure = path, p.Found.Created, false
		a.take(c, out)
	case path == a.own:
		a.own = ""
		a.want(c, now, out)
	case there || cfg.Owns == "":
		a.watched = path
	default:
		a.want(c, now, out)
	}
}

// listed is the list of those that want the same.
func (a *application) listed(c carrier, now clock.Reading, names []string, out *Output) {
	cfg, prefix := c.config(), a.prefix(c)
	own, before := "", ""
	for _, name := range names {
		if own == "" && strings.HasPrefix(name, prefix) {
			own = name
		}
	}
	a.own, a.unsure = "", false
	if own == "" {
		a.want(c, now, out) // never made, or gone
		return
	}
	a.own, a.token = cfg.Owns+"/"+own, number(own)
	for _, name := range names {
		if n := number(name); n < a.token && (before == "" || n > number(before)) {
			before = name
		}
	}
	if before == "" {
		a.take(c, out)
		return
	}
	a.ask(c, now, Packet{Op: OpExists, Path: cfg.Owns + "/" + before, Watch: true}, out)
}

// number is that of a sequential node: the ten digits at the end of its name.
func number(name string) int64 {
	n, err := strconv.ParseInt(name[max(len(name)-sequenceDigits, 0):], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// take is the application learning that its node owns.
func (a *application) take(c carrier, out *Output) {
	a.acts = true
	rule := "Z-4"
	if c.config().Recipe == RecipeSequence {
		rule = "A-3"
	}
	a.ownedIn = c.Session()
	a.taken = c.note(out, Note{Kind: KindHolds, Rule: rule, Text: c.config().Owns})
}

// stop is the application acting as owner no more; why is what it was told.
func (a *application) stop(c carrier, rule, why string, out *Output) {
	if !a.acts {
		return
	}
	a.acts = false
	cause := out.cause
	c.note(out, Note{Kind: KindStops, Rule: rule, Text: why})
	out.cause = cause
}
