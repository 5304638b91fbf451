package model

import (
	"slices"
	"time"

	"zksim/clock"
)

// This file lets a machine be led along a recording of its real counterpart: it
// is asked what it would do next, and then made to have done it when the real one
// did.

// Clone implements [Client].
func (c *JavaClient) Clone() Client {
	d := *c
	d.hosts.order = slices.Clone(c.hosts.order)
	d.outgoing = slices.Clone(c.outgoing)
	d.pending = slices.Clone(c.pending)
	d.events.queue = slices.Clone(c.events.queue)
	return &d
}

// Backdate implements [Client].
func (c *JavaClient) Backdate(d time.Duration) {
	ms := d.Milliseconds()
	for _, t := range []*int64{&c.lastSend, &c.lastHeard, &c.pingSent} {
		if *t == c.now {
			*t -= ms
		}
	}
	c.now -= ms
	if c.until != clock.Unset {
		c.until = c.until.Add(-time.Duration(ms) * time.Millisecond)
	}
	c.wakeAt = min(c.until, c.restAt)
}

// Touches lists a table's entries. The caller must not change them.
func (t *TouchTable) Touches() []Touch {
	if t == nil {
		return nil
	}
	return t.touches
}

// NewTouchTable returns a table with the given entries.
func NewTouchTable(touches ...Touch) *TouchTable { return &TouchTable{touches: touches} }
