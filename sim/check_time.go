package sim

import "zksim/clock"

type timeCheck struct {
	x  *Checker
	at clock.Instant
	id uint64
}

func newTimeCheck(x *Checker) watcher { return &timeCheck{x: x} }

func (c *timeCheck) record(r *Record) {
	switch {
	case uint64(r.ID) != c.id+1:
		c.x.broken("", "record %d comes after record %d", r.ID, c.id)
	case r.At < c.at:
		c.x.broken("", "it is earlier than the record before it (%v)", c.at)
	case r.Cause >= r.ID:
		c.x.broken("", "it follows from record %d, which has not happened yet", r.Cause)
	}
	c.at, c.id = r.At, uint64(r.ID)
}

func (c *timeCheck) rest() {}
