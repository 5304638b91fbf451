package model

import (
	"time"

	"zksim/clock"
)

// A probe is how a client that is connected to a read-only server looks for a
// read-write one (C-33, L-C7). Its network thread asks one address at a time, on a
// connection of its own, and does nothing else until it has the answer or has waited
// long enough; what comes from its server meanwhile is read afterwards
// (ClientCnxn.java:SendThread.pingRwServer, zookeeper.c:ping_rw_server).
type probe struct {
	conn   ConnID
	server NodeID // that is asked
	answer string // so far
	begun  RecordID
	last   clock.Reading // when the latest began, or would have
	every  time.Duration // and how long after that the next one does
	found  NodeID        // the read-write server to go to, or NoNode
	held   []waiting
}

// A waiting is something that waits in the client's socket.
type waiting struct {
	in     Input
	packet Packet
	half   bool // its length has been read, and the timers looked at (C-11)
}

// Times of probing.
const (
	probeWait   = time.Second // for TCP, and again for the answer
	javaProbe   = 100 * time.Millisecond
	cProbe      = 200 * time.Millisecond
	longestWait = 60 * time.Second
)

// begin asks a server.
func (p *probe) begin(now clock.Reading, conn ConnID, server NodeID) {
	p.conn, p.server, p.answer = conn, server, ""
	p.last, p.every = now, min(2*p.every, longestWait)
}

// hold keeps what the client's server sent until the probe is over.
func (p *probe) hold(in *Input, half bool) {
	h := waiting{in: *in, half: half}
	if in.Packet != nil {
		h.packet = *in.Packet
	}
	p.held = append(p.held, h)
}

// next takes the oldest of what was held.
func (p *probe) next() (h waiting, ok bool) {
	if len(p.held) == 0 {
		return h, false
	}
	h = p.held[0]
	p.held = append(p.held[:0], p.held[1:]...)
	return h, true
}

// step is something happening on the probe's connection; it says whether the probe is
// over. Wait is the deadline that the caller has, for the caller to move.
func (p *probe) step(now clock.Reading, in *Input, wait *clock.Reading, out *Output) (over bool) {
	switch in.Kind {
	case InputConnected:
		out.Send(p.conn, &Packet{Op: OpIsro})
		*wait = now.Add(probeWait)
	case InputPacket:
		p.answer = in.Packet.Path
	case InputClosed:
		if p.answer == "" {
			p.answer = in.Reason.String()
		}
		return true
	}
	return false
}

// end closes the probe's connection and reports whether it has found what it looked
// for.
func (p *probe) end(out *Output) bool {
	out.Close(p.conn)
	p.conn = NoConn
	if p.answer == "" {
		p.answer = "no answer"
	}
	return p.answer == isReadWrite
}
