package conformance

import (
	"slices"
	"strings"

	"zksim/clock"
	"zksim/model"
)

// command is the application asking for something on its own.
func (c *ledClient) command(at int64, cmd model.Command) {
	if c.dead || c.paused {
		return
	}
	c.step(at, instant(at), "", model.Input{Kind: model.InputCommand, Command: cmd})
}

// woke is the application making a read and a write at once, having found that it had
// been stopped. A request that failed was made before the library gave the connection
// up, whichever line comes first, and failed with it.
func (c *ledClient) woke(at int64) {
	for _, r := range [2]struct {
		ev  string
		cmd model.Command
	}{{EvWakeRead, model.CommandRead}, {EvWakeWrite, model.CommandWrite}} {
		k := c.g.find(r.ev, string(ClassClient), "", at, forEver, at)
		if k >= 0 && callLost(&c.g.t.Events[k]) && c.current != c.upConn {
			continue
		}
		c.command(at, r.cmd)
	}
}

// end is the loss of a connection, as the library logs it. The servers' part has
// perhaps told of it already, and perhaps it is the library that gives up.
func (c *ledClient) end(at int64) {
	if c.ended != 0 && at-c.ended <= earlyMost {
		return
	}
	if w, ok := c.due(); ok && c.row.greets && distance(w, at) < earlyMost && c.noted(c.ask(c.m.Clone(), w), EvAttemptFailed) {
		c.step(max(w, at), instant(w), EvDropped, model.Input{Kind: model.InputWake})
		return
	}
	c.feed(at, model.Input{Kind: model.InputClosed})
}

// callLost says whether a request failed with its connection or its session, in any
// library's words.
func callLost(e *Event) bool {
	rc := strings.ToLower(e.RC)
	for _, word := range [...]string{"loss", "timeout", "closed", "expired", "pipe", "reset"} {
		if strings.Contains(rc, word) {
			return true
		}
	}
	return false
}

// isOK says whether a request came out well.
func isOK(e *Event) bool { return strings.EqualFold(e.RC, model.ErrOK.String()) }

// hungUp is a server closing a connection: end of stream at the client, if
// nothing is in the way. A client that has been refused waits for no more.
func (c *ledClient) hungUp(at int64, id model.ConnID) {
	conn := c.conns[id]
	if id != c.current || c.refused || conn == nil || c.g.path.lost(conn.server, at, false) {
		return
	}
	c.g.plan(at+c.g.way(at).Lo, func() {
		switch {
		case id != c.current || c.conns[id].closed:
		case c.paused:
			c.buried = append(c.buried, id)
		default:
			c.ended = c.g.now
			c.feed(c.g.now, model.Input{Kind: model.InputClosed})
		}
	})
}

// serverDied is the end of a server's process: its kernel closes its connections
// (W-4, F-21).
func (c *ledClient) serverDied(i int, at int64) {
	if c.current == model.NoConn {
		return
	}
	if conn := c.conns[c.current]; conn != nil && conn.server == i && !conn.closed {
		c.hungUp(at, c.current)
	}
}

// serverQuit is a server leaving its role: it closes also the connections of sessions
// that its part of the recording does not know (F-3, F-8).
func (c *ledClient) serverQuit(i int, at int64) {
	if conn := c.conns[c.current]; conn != nil && conn.foreign && conn.server == i && !conn.closed {
		c.hungUp(at, c.current)
	}
}

// kill is the end of the process: its kernel closes its connections (W-4).
func (c *ledClient) kill(at int64) {
	c.catchUp(at)
	if c.current != model.NoConn {
		c.send(at, instant(at), c.current, stuck{fin: true})
	}
	c.dead = true
}

// stopped is SIGSTOP or SIGCONT.
func (c *ledClient) stopped(at int64, begins bool) {
	if begins {
		c.catchUp(at)
		c.paused = true
		return
	}
	c.paused = false
	c.resumed = at
	if slices.Contains(c.buried, c.current) {
		c.read = max(c.read, clock.Reading(at))
		c.ended = at
		c.step(at, instant(at), "", model.Input{Kind: model.InputClosed, Conn: c.current})
	}
	c.buried = nil
}
