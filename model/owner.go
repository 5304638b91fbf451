package model

import (
	"time"

	"zksim/clock"
)

// An owner is a client whose application acts at a resource as long as it believes to
// own. Its threads are not the library's: they do not wait for it, and on waking from a
// pause they may come first (G-3). They do here, for that is what a lock must bear.
//
// It has one act on its way at a time, over a connection of its own, and waits for the
// answer as long as the kernel does.
type owner struct {
	Client
	every    time.Duration
	resource NodeID
	lock     string // its path

	acting  bool          // the application acted as owner when this last looked
	conn    ConnID        // to the resource; NoConn: none
	up      bool          // it is open
	waiting bool          // an act waits for the connection
	sent    bool          // an act waits for its answer
	due     clock.Reading // of the next act
	act     Packet        // the latest
	actBy   RecordID      // its record
}

// newOwner puts the application's acts on top of a client.
func newOwner(c Client, cfg *ClientConfig) *owner {
	o := &owner{Client: c, every: cfg.ActEvery, resource: cfg.Resource, lock: cfg.Owns}
	o.forget()
	return o
}

// forget makes it what it is before the application has acted.
func (o *owner) forget() {
	*o = owner{Client: o.Client, every: o.every, resource: o.resource, lock: o.lock, conn: NoConn, due: clock.Unset}
}

// Restart implements [Client].
func (o *owner) Restart() {
	o.Client.Restart()
	o.forget()
}

// Renew implements [Client].
func (o *owner) Renew() {
	o.Client.Renew()
	o.forget()
}

// Clone implements [Client].
func (o *owner) Clone() Client {
	d := *o
	d.Client = o.Client.Clone()
	return &d
}

// Wake implements [Machine].
func (o *owner) Wake() clock.Reading {
	if o.waiting || o.sent {
		return o.Client.Wake()
	}
	return min(o.Client.Wake(), o.due)
}

// Step implements [Machine].
func (o *owner) Step(now clock.Reading, in *Input, out *Output) {
	o.acts(now, out)
	out.Afresh()
	switch {
	case in.Kind == InputWake && now < o.Client.Wake():
	case o.conn != NoConn && in.Conn == o.conn && (in.Kind == InputConnected || in.Kind == InputPacket || in.Kind == InputClosed):
		o.network(now, in, out)
	default:
		o.Client.Step(now, in, out)
	}
	app, _ := o.top()
	if app.acts && !o.acting {
		o.due = now
	}
	if o.acting = app.acts; !o.acting {
		o.due, o.waiting = clock.Unset, false
	}
	o.acts(now, out)
}

// acts begins an act if one is due.
func (o *owner) acts(now clock.Reading, out *Output) {
	if now < o.due || o.waiting || o.sent {
		return
	}
	o.due = now.Add(o.every)
	if o.up {
		o.send(out)
		return
	}
	o.waiting = true
	if o.conn == NoConn {
		app, _ := o.top()
		out.Because(app.taken)
		o.conn = o.nextConn()
		out.Dial(o.conn, o.resource, PortClient)
	}
}

// send puts an act on the connection.
func (o *owner) send(out *Output) {
	app, _ := o.top()
	o.waiting, o.sent = false, true
	out.Because(app.taken)
	o.act = Packet{Op: OpAct, Session: app.ownedIn, Path: o.lock, Xid: o.act.Xid + 1, Zxid: app.token}
	o.actBy = out.Note(Note{Kind: KindAct, Rule: "A-6", Session: app.ownedIn, Peer: o.resource, A: app.token, B: int64(o.act.Xid)})
	out.Send(o.conn, &o.act)
}

// network is something coming up from the connection to the resource.
func (o *owner) network(now clock.Reading, in *Input, out *Output) {
	app, c := o.top()
	switch in.Kind {
	case InputConnected:
		o.up = true
		if o.waiting {
			o.send(out)
		}
	case InputPacket:
		o.sent = false
		if !in.Packet.Valid && app.token == o.act.Zxid {
			app.stop(c, "A-6", "refused", out)
		}
	case InputClosed:
		out.Close(o.conn)
		if o.sent {
			out.Note(Note{Kind: KindActLost, Rule: "W-4", Session: o.act.Session, Peer: o.resource, A: o.act.Zxid, B: int64(o.act.Xid), Text: in.Reason.String(), Cause: o.actBy})
		}
		o.conn, o.up, o.waiting, o.sent = NoConn, false, false, false
	}
}
