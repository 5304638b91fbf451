package sim

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// kill ends processes. Their kernels close every connection: with FIN, or with
// RST where something unread was waiting (W-4, F-21).
func (w *World) kill(f *liveFault) {
	for _, i := range f.nodes {
		w.cause = f.cause
		w.killNode(i)
	}
}

func (w *World) killNode(i int) {
	n := &w.nodes[i]
	if n.status == statusDead || n.status == statusLost {
		return
	}
	died := w.note(i, model.Note{Kind: KindKilled, Rule: "W-4", Peer: model.NoNode, Text: "killed"})
	unread := w.hosts[i].inbox
	w.down(i, statusDead)
	w.eachEnd(i, func(c *conn, dir int) {
		h := &c.ends[dir]
		switch {
		case h.state == endNone && dir == 0:
			h.state = endClosed
			w.reap(c)
		case h.state != endOpen:
		case hasUnread(unread, c.id):
			h.state = endClosed
			w.cause = died
			w.answerReset(c, 1-dir, "closed with unread data")
			w.reap(c)
		default:
			h.state = endClosed
			w.sendSign(c, dir, segFIN, died)
			w.reap(c)
		}
	})
}

func hasUnread(inbox []letter, id model.ConnID) bool {
	for i := range inbox {
		if inbox[i].in.Conn == id && inbox[i].in.Kind == model.InputPacket {
			return true
		}
	}
	return false
}

// lose takes hosts away. Nothing tells anybody (W-4, F-21).
func (w *World) lose(f *liveFault) {
	for _, i := range f.nodes {
		n := &w.nodes[i]
		if n.status == statusLost {
			continue
		}
		w.cause = f.cause
		w.note(i, model.Note{Kind: KindKilled, Rule: "W-4", Peer: model.NoNode, Text: "host lost"})
		w.down(i, statusLost)
		w.forgetEnds(i)
	}
}

func (w *World) down(i int, s status) {
	w.nodes[i].status, w.nodes[i].wakeAt = s, clock.Never
	w.hosts[i].inbox, w.hosts[i].backlog = nil, 0
}

// restart starts processes again, after killing those that still run. A server
// finds what its log device holds; a client makes a new handle.
func (w *World) restart(f *liveFault) {
	for _, i := range f.nodes {
		w.cause = f.cause
		w.killNode(i)
		n := &w.nodes[i]
		if n.status == statusLost {
			w.forgetEnds(i)
		}
		n.status = statusRunning
		rule := ""
		switch {
		case i >= w.servers:
		case w.servers == 1:
			rule = "F-16"
		default:
			rule = "F-10"
		}
		started := w.note(i, model.Note{Kind: KindStarted, Rule: rule, Peer: model.NoNode})
		n.machine.(interface{ Restart() }).Restart()
		switch {
		case i < w.servers:
			w.step(i, model.InputStart, model.NoConn, started)
		case i < w.resources:
			w.command(i, model.CommandOpen)
		}
	}
}

// pause stops the threads of processes. Kernels go on: connects succeed, data is
// acknowledged and buffered (W-5, G-1).
func (w *World) pause(f *liveFault) {
	for _, i := range f.nodes {
		n := &w.nodes[i]
		if f.spec.EventsOnly {
			w.cause = f.cause
			w.command(i, model.CommandStopEvents)
			continue
		}
		if n.status != statusRunning {
			continue
		}
		w.cause = f.cause
		w.note(i, model.Note{Kind: KindPaused, Rule: w.pauseRule(i), Peer: model.NoNode})
		n.status, w.hosts[i].paused = statusPaused, w.now
		if f.spec.ClockStops {
			w.hosts[i].clock.Freeze(w.now)
			n.line = w.hosts[i].clock.Current()
		}
	}
}

// pauseRule is the rule that says what a pause of a process means.
func (w *World) pauseRule(i int) string {
	server, ok := w.nodes[i].machine.(*model.Server)
	switch {
	case !ok:
		return "G-1"
	case server.Leader() == model.NodeID(i):
		return "G-5"
	}
	return "G-7"
}

// resume lets them run on. A client reads what its sockets hold before it looks
// at its timers; a server's expiry loop and its sockets race, and the scenario
// says who wins (G-1, G-5, G-7).
func (w *World) resume(f *liveFault) {
	for _, i := range f.nodes {
		n := &w.nodes[i]
		if f.spec.EventsOnly {
			w.cause = f.cause
			w.command(i, model.CommandRunEvents)
			continue
		}
		if n.status != statusPaused {
			continue
		}
		order := "sockets first"
		timersFirst := i < w.servers && !w.scenario.Ensemble.TouchesFirst
		if timersFirst {
			order = "expiry first"
		}
		h := &w.hosts[i]
		n.status, h.backlog = statusRunning, 0
		waiting, inbox := len(h.inbox), h.inbox
		h.inbox = nil
		if f.spec.ClockStops {
			h.clock.Thaw(w.now)
			n.line = h.clock.Current()
			inbox = append(w.slept(i, w.now.Sub(h.paused)), inbox...)
		}
		w.cause = f.cause
		w.note(i, model.Note{Kind: KindResumed, Rule: w.pauseRule(i), Peer: model.NoNode, A: int64(waiting), B: int64(w.now.Sub(h.paused) / time.Microsecond), Text: order})
		if timersFirst {
			w.overdue(i, len(inbox) > 0)
		}
		for k := range inbox {
			w.in = inbox[k].in
			if w.in.Packet != nil {
				w.in.Packet = &inbox[k].packet
			}
			w.deliver(i)
		}
		w.overdue(i, false)
		w.arm(i)
	}
}

// overdue wakes a machine whose wake has passed; unread says that its sockets hold
// something.
func (w *World) overdue(i int, unread bool) {
	n := &w.nodes[i]
	n.wakeAt = clock.Never
	if n.machine.Wake() <= n.line.Read(w.now) {
		w.in = model.Input{Kind: model.InputWake, Unread: unread, Cause: w.cause}
		w.deliver(i)
	}
}
