package model

import "zksim/clock"

// An eventThread delivers session and watch events to the application, one
// after another. A callback that takes long delays what follows it, and nothing
// else: pings come from the send thread (C-32, G-4;
// ClientCnxn.java:EventThread).
type eventThread struct {
	queue   FIFO[event]
	free    clock.Reading // when the callback under way returns
	last    string        // the last session event queued; Disconnected before the first (C-13)
	most    int           // events that the queue holds; zero: any number (L-G8)
	stopped bool          // the thread stands still (G-4)
	resume  clock.Reading // when the callback under way would return, if it did not
	dying   bool          // ends when the queue is empty
}

type event struct {
	told  string // a session event, or
	watch WatchEvent
	idle  bool // the application does nothing about it
	rule  string
	cause RecordID
}

// word is what the event says.
func (e *event) word() string {
	if e.told != "" {
		return e.told
	}
	return e.watch.String()
}

// push queues an event, unless the queue is full.
func (e *eventThread) push(ev event) bool {
	if e.most > 0 && e.queue.Len() == e.most {
		return false
	}
	e.queue.Push(ev)
	return true
}

// offer queues a session event unless the one queued last was the same
// (ClientCnxn.java:EventThread.queueEvent), and reports whether it did.
func (e *eventThread) offer(ev event) bool {
	if ev.told != "" {
		if ev.told == e.last {
			return false
		}
		e.last = ev.told
	}
	e.queue.Push(ev)
	return true
}

// command stops the thread, or lets it run on: what was queued meanwhile is delivered
// then (G-4, C-32). It reports whether that is what the command asks for.
func (e *eventThread) command(now clock.Reading, cmd Command) bool {
	switch {
	case cmd == CommandStopEvents && !e.stopped:
		e.stopped, e.resume, e.free = true, e.free, clock.Unset
	case cmd == CommandRunEvents && e.stopped:
		e.stopped, e.free = false, max(e.resume, now)
	}
	return cmd == CommandStopEvents || cmd == CommandRunEvents
}

// ended says whether the thread has delivered everything and is gone. A callback
// that is under way keeps it alive, and what is queued until it returns is
// delivered (C-31; ClientCnxn.java:EventThread.run).
func (e *eventThread) ended(now clock.Reading) bool {
	return e.dying && e.queue.Len() == 0 && now >= e.free
}

// next takes the next event if the thread is free to deliver it.
func (e *eventThread) next(now clock.Reading) (event, bool) {
	if e.queue.Len() == 0 || now < e.free {
		return event{}, false
	}
	return e.queue.Pop(), true
}

// wake returns when the next queued event can be delivered.
func (e *eventThread) wake() clock.Reading {
	if e.queue.Len() == 0 {
		return clock.Unset
	}
	return e.free
}

// tell queues a session event and delivers it at once if the event thread is
// free. It returns the record of the delivery, or what caused the event if the
// thread is busy or the event was a repetition.
func (c *JavaClient) tell(now clock.Reading, told, rule string, out *Output) RecordID {
	c.stirred = true
	if c.events.ended(now) {
		return out.Cause()
	}
	if !c.events.offer(event{told: told, rule: rule, cause: out.Cause()}) {
		return out.Cause()
	}
	if ev, ok := c.events.next(now); ok {
		return c.deliver(now, ev, out)
	}
	return out.Cause()
}

// deliver runs the application's watcher for one event.
func (c *JavaClient) deliver(now clock.Reading, ev event, out *Output) RecordID {
	c.stirred = true
	out.Because(ev.cause)
	if c.mute {
		return out.Cause()
	}
	if ev.told != "" && c.above != nil {
		id := c.note(out, Note{Kind: KindHandleTold, Rule: ev.rule, Text: ev.told})
		c.above.heard(now, ev.told, out)
		return id
	}
	c.events.free = now.Add(c.cfg.Callback)
	if ev.told == "" {
		c.app.notified(c, now, ev.watch, out)
		return out.Cause()
	}
	id := c.note(out, Note{Kind: KindTold, Rule: ev.rule, Text: ev.told})
	c.app.told(c, now, ev.told, out)
	return id
}

// watchFired queues a watch event behind the session events (C-32).
func (c *JavaClient) watchFired(now clock.Reading, p *Packet, out *Output) {
	c.stirred = true
	c.events.offer(event{watch: p.Event, cause: out.Cause()})
	if ev, ok := c.events.next(now); ok {
		c.deliver(now, ev, out)
	}
}
