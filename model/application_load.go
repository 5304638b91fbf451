package model

import "zksim/clock"

// keepWriting keeps as many writes on their way as the application is to have
// outstanding: another one as soon as one is answered. While one of them awaits its
// commit, whatever the session sends behind it waits (H-6). It begins when the session
// is usable, and again when it is after a loss.
func (a *application) keepWriting(c carrier, now clock.Reading, out *Output) {
	cfg := c.config()
	for !a.quitting && a.pending < cfg.Outstanding {
		a.pending++
		c.submit(now, Packet{Op: OpSetData, Path: a.path(cfg)}, out)
	}
}

// wrote takes one write off those that are on their way.
func (a *application) wrote() { a.pending = max(a.pending-1, 0) }
