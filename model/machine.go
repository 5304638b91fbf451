package model

import (
	"time"

	"zksim/clock"
)

// A Machine is one process: a client with its library, or a server.
type Machine interface {
	// Step gives the machine one input at the given reading of its own clock and
	// collects what it does in out. Readings never decrease from step to step.
	Step(now clock.Reading, in *Input, out *Output)
	// Wake returns the reading at which the machine wants an [InputWake], or
	// clock.Unset if it wants none. Asking changes nothing.
	Wake() clock.Reading
}

// A Foreseer is a machine that can fetch memory before a step needs it. With very
// many machines, waiting for memory is most of what a step costs.
type Foreseer interface {
	// Foresee fetches what [InputWake], or [InputPacket] on connection c, will need.
	// It changes nothing.
	Foresee(c ConnID)
}

// An Env answers what a machine cannot decide by itself: chance, and how fast
// its log device is. Answers depend on the address of the question alone, so a
// question that is not asked moves no other answer.
type Env interface {
	// Draw returns 64 uniform bits for the n-th question of a purpose.
	Draw(p Purpose, n uint64) uint64
	// FlushTime returns how long the n-th flush of this server's log takes (Z-5).
	FlushTime(n uint64) time.Duration
	// LoadTime returns how long a server that begins to lead takes to load and write
	// out its database, the n-th time that it does (F-14).
	LoadTime(n uint64) time.Duration
}

// A Purpose says what a machine's draw is for. Values start at 64; the ones
// below belong to the world around the machines.
type Purpose uint8

const (
	// PurposeShuffle orders a client's server list (C-16).
	PurposeShuffle Purpose = 64 + iota
	// PurposeBackoff is the wait before a connection attempt (C-17).
	PurposeBackoff
	// PurposeJitter is what kazoo takes off its wait, in every turn of its loop (L-K1).
	PurposeJitter
	// PurposeRetry is how long kazoo waits between two cycles of its addresses (L-K6).
	PurposeRetry
	// PurposeObserverDelay is an observer's wait before it looks for a leader (F-4).
	PurposeObserverDelay
	// PurposeInjection is who wins when Curator injects an expiry: the thread that marks
	// the handle closed, or the handle's event thread (L-U4).
	PurposeInjection
	// PurposeMasters is the order of an observer's masters, and when a follower's PINGs
	// to observers leave in a steady ensemble (T-22).
	PurposeMasters
	// PurposeResolve is which address of a name a client takes (C-36).
	PurposeResolve
)

// NodeID numbers the nodes of one world from zero: servers first, in the order
// of their server IDs, then clients.
type NodeID int32

// NoNode stands where a note or an effect concerns no other node.
const NoNode NodeID = -1

// A SessionID is ZooKeeper's session ID: the ID of the server that made it in
// the top byte, a count below it (SessionTrackerImpl.java:initializeNextSessionId).
// Zero means that there is no session yet.
type SessionID uint64

// Server returns the ID, from 1 to 255, of the server that made the session.
func (s SessionID) Server() int { return int(s >> 56) }

func (s SessionID) count() int { return int(s & (1<<56 - 1)) }

func makeSessionID(server int, count int) SessionID {
	return SessionID(server)<<56 | SessionID(count)
}

// A ConnID names one TCP connection for both of its ends: the node that opened
// it and how many that node had opened before.
type ConnID uint64

// NoConn is the absence of a connection.
const NoConn ConnID = 1<<64 - 1

// MakeConnID returns the name of the ordinal-th connection that node opens.
func MakeConnID(node NodeID, ordinal uint32) ConnID {
	return ConnID(uint64(uint32(node))<<32 | uint64(ordinal))
}

// Initiator returns the node that opened the connection.
func (c ConnID) Initiator() NodeID { return NodeID(int32(c >> 32)) }

// Ordinal returns how many connections the initiator had opened before.
func (c ConnID) Ordinal() uint32 { return uint32(c) }

// A Port is what a server listens on: one for clients, one on which a leader
// takes in its learners, one for election, one on which a follower takes in observers.
type Port uint8

const (
	PortClient Port = iota
	PortQuorum
	PortElection
	PortObserver // observerMasterPort
)

// An InputKind says what happened to a machine.
type InputKind uint8

const (
	// InputStart is a process coming up: the first input of every machine.
	InputStart InputKind = iota
	// InputWake says that the reading asked for by Wake has been reached.
	InputWake
	// InputConnected says that a connection this machine dialled is open.
	InputConnected
	// InputAccepted says that Peer opened a connection to this machine.
	InputAccepted
	// InputPacket delivers one whole packet.
	InputPacket
	// InputClosed says that a connection is over; Reason says how.
	InputClosed
	// InputCommand is the script asking the application to do something.
	InputCommand
	// InputJoined says that a connection between two servers stands since before the
	// run began, with everything settled that is settled on it first.
	InputJoined
	// InputWallStep says that somebody has set the host's wall clock; By says by how
	// much. The monotonic clock is not touched (K-1, K-3).
	InputWallStep
	// InputReconfig is somebody asking a leader for other voters (F-22).
	InputReconfig
)

// A CloseReason says how a connection ended or failed to begin.
type CloseReason uint8

const (
	// ReasonEOF is the peer's FIN: end of stream (W-4).
	ReasonEOF CloseReason = iota
	// ReasonReset is an RST (W-4, W-6).
	ReasonReset
	// ReasonRefused is a connection attempt answered by RST (W-4).
	ReasonRefused
	// ReasonTimedOut is the kernel giving up on retransmissions (W-1).
	ReasonTimedOut
)

var reasonNames = [...]string{"end of stream", "reset", "refused", "timed out"}

// String returns the reason in words.
func (r CloseReason) String() string { return reasonNames[r] }

// A Command is what a scenario can ask of a client's application.
type Command uint8

const (
	// CommandOpen makes a handle: the application asks for a session.
	CommandOpen Command = iota
	// CommandClose closes the handle (C-35).
	CommandClose
	// CommandWrite sets data on a node of its own.
	CommandWrite
	// CommandRead reads it.
	CommandRead
	// CommandStopEvents stops the thread that gives the application its events, and
	// CommandRunEvents lets it run on (G-4).
	CommandStopEvents
	CommandRunEvents
)

// An Input is one thing that happens to a machine. Fields that a kind does not
// name are zero.
type Input struct {
	Kind    InputKind
	Reason  CloseReason // InputClosed
	Command Command     // InputCommand
	Port    Port        // InputAccepted, InputJoined
	// Unread says with an InputWake that the process was stopped and its sockets
	// hold what it has not read yet: a wait for something to read does not run out
	// before that is read (G-6, G-8).
	Unread bool
	Peer   NodeID        // InputAccepted, InputJoined
	Conn   ConnID        // InputConnected, InputAccepted, InputJoined, InputPacket, InputClosed
	Packet *Packet       // InputPacket; valid during the step only
	By     time.Duration // InputWallStep; negative: back
	Cause  RecordID      // the record that led here
}

// An EffectKind says what a machine asks of the world.
type EffectKind uint8

const (
	// EffectDial opens connection Conn to Peer's Port.
	EffectDial EffectKind = iota
	// EffectSend puts Packet on Conn.
	EffectSend
	// EffectClose closes Conn: what was sent before it still goes out, then FIN.
	EffectClose
)

// An Effect is one thing that a machine asks of the world, in order. Fields that a
// kind does not name mean nothing.
type Effect struct {
	Kind   EffectKind
	Port   Port   // EffectDial
	Peer   NodeID // EffectDial
	Conn   ConnID
	Cause  RecordID
	Packet Packet // EffectSend
}

// An Output collects what one step does. Its owner reuses it; a machine only
// appends.
type Output struct {
	Effects []Effect
	Notes   []Note

	next  RecordID // the identity of the next note
	input RecordID // what led to the step
	cause RecordID // what the next note or effect follows from
}

// Reset empties the buffer for a step that was caused by the given record and
// whose first note will have the identity next.
func (o *Output) Reset(next, cause RecordID) {
	o.Effects = o.Effects[:0]
	o.Notes = o.Notes[:0]
	o.next, o.input, o.cause = next, cause, cause
}

// Note appends a note and returns its identity. Where the note names no cause
// it follows from the note before it in this step, or from the step's input.
func (o *Output) Note(n Note) RecordID {
	if n.Cause == 0 {
		n.Cause = o.cause
	}
	id := o.next
	o.next++
	o.cause = id
	o.Notes = append(o.Notes, n)
	return id
}

// Because makes what follows in this step follow from the given record.
func (o *Output) Because(cause RecordID) {
	if cause != 0 {
		o.cause = cause
	}
}

// Afresh makes what follows in this step follow from the step's input, and not
// from what the step has done so far: of several things that are due at one
// instant none is the cause of another.
func (o *Output) Afresh() { o.cause = o.input }

// Cause returns the record that the next note or effect follows from.
func (o *Output) Cause() RecordID { return o.cause }

// Dial asks for connection c to a port of peer.
func (o *Output) Dial(c ConnID, peer NodeID, port Port) {
	e := o.effect(EffectDial, c)
	e.Peer, e.Port = peer, port
}

// Send puts a packet on connection c. The packet is copied.
func (o *Output) Send(c ConnID, p *Packet) {
	o.effect(EffectSend, c).Packet = *p
}

// Close closes connection c.
func (o *Output) Close(c ConnID) { o.effect(EffectClose, c) }

// effect appends an effect, whose further fields the caller sets in place: a packet
// is too large to be copied twice. Fields that a kind does not name are left as they
// are.
func (o *Output) effect(kind EffectKind, c ConnID) *Effect {
	n := len(o.Effects)
	if n < cap(o.Effects) {
		o.Effects = o.Effects[:n+1]
	} else {
		o.Effects = append(o.Effects, Effect{})
	}
	e := &o.Effects[n]
	e.Kind, e.Conn, e.Cause = kind, c, o.cause
	return e
}
