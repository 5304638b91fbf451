package model

import "zksim/clock"

// A ResourceConfig says what a resource does with what reaches it.
type ResourceConfig struct {
	// Fencing refuses what comes with a token lower than the greatest so far;
	// without it everything is accepted.
	Fencing bool
}

// A Resource is a process outside of ZooKeeper that a lock is there to protect, such as
// a store: owners of the lock act at it, each with its token. For each lock it keeps on
// disk the greatest token that it has seen.
type Resource struct {
	cfg    ResourceConfig
	latest map[string]int64 // by the lock's path; never ranged over
}

// NewResource returns a resource at which nobody has acted yet.
func NewResource(cfg ResourceConfig) *Resource {
	return &Resource{cfg: cfg, latest: map[string]int64{}}
}

// Restart makes the resource what it is after its process was killed and started again.
func (r *Resource) Restart() {}

// Renew makes the resource what [NewResource] returned, for another run.
func (r *Resource) Renew() { clear(r.latest) }

// Wake implements [Machine].
func (r *Resource) Wake() clock.Reading { return clock.Unset }

// Step implements [Machine].
func (r *Resource) Step(_ clock.Reading, in *Input, out *Output) {
	switch in.Kind {
	case InputClosed:
		out.Close(in.Conn)
	case InputPacket:
		p := in.Packet
		latest := r.latest[p.Path]
		n := Note{Kind: KindActAccepted, Rule: "A-6", Session: p.Session, Peer: in.Conn.Initiator(), A: p.Zxid, B: latest, Text: p.Path}
		valid := !r.cfg.Fencing || p.Zxid >= latest
		if !valid {
			n.Kind = KindActRefused
		}
		r.latest[p.Path] = max(latest, p.Zxid)
		out.Note(n)
		out.Send(in.Conn, &Packet{Op: OpAct, Reply: true, Valid: valid, Session: p.Session, Xid: p.Xid})
	}
}
