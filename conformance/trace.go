// Package conformance compares the model with recordings of real ZooKeeper ensembles.
//
// A recording (format zktrace 1) tells one story: a header that names the
// ensemble, the client and what was done, then everything that was seen, in the
// order of one monotonic clock shared by all hosts. This file holds what a
// recording is; trace_read.go reads one, trace_view.go derives from it what a
// scenario needs.
package conformance

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Absent stands in a number of an Event whose line has no such field. It is not
// zero because zero is a value: a ping answered within a millisecond has RTTms 0.
const Absent = -1

// Trace is one recording.
type Trace struct {
	Header Header
	Events []Event // ordered by T; equal instants keep the order of the file

	File string // the name given to the reader
	Line int    // of the header, counted from 1

	// Unknown counts what the reader kept without understanding it, in the
	// order of first appearance. It is empty for a recording this package
	// knows in full; a comparison should show it otherwise.
	Unknown []Unknown

	ofMany bool // it is one session of a recording of many
}

// Unknown is one name that the reader does not know, and how often it was read.
type Unknown struct {
	What  string // "event", "fault", "field" or "node"
	Name  string // of an event with its node class ("server flush"), of a field with its place ("touch.mood")
	Count int
	Line  int // of the first appearance
}

// String gives the form in which a list of unknown names is shown.
func (u Unknown) String() string {
	return fmt.Sprintf("%s %q (%d times, first on line %d)", u.What, u.Name, u.Count, u.Line)
}

// Header says what was recorded and on what.
type Header struct {
	ID       string // SCENARIO/LIBRARY/LAB-NUMBER, unique among all recordings
	Scenario string // what was done, such as S1_kill9; the fault events say when
	Variant  string // what the scenario leaves open, such as whom the client can reach
	Note     string
	Clock    string // which clock T is read from

	// Session is the session under test as ZooKeeper prints it, 0x and
	// hexadecimal, or "many" where Sessions lists them.
	Session  string
	Sessions []SessionAt // sorted by ID; empty unless Session is "many"

	ClientsInParallel int // recorded at the same time on the same ensemble
	Servers           Servers
	Client            Client
	Noise             Noise
	Params            Fields // of the scenario, planned instants in ms among them
	Extra             Fields // fields the reader does not know; nested ones by path
}

// SessionAt is one of many sessions and the server its client was attached to.
type SessionAt struct {
	ID     string
	Server int
}

// Servers is the ensemble's configuration. Times are in ms, the limits in ticks.
type Servers struct {
	Count               int
	Version             string
	TickTimeMs          int64        // τ of N-1: bucket width (T-2), twice the leader's PING period (T-17)
	InitLimit           int64        // ticks, F-1, F-14
	SyncLimit           int64        // ticks, F-1, F-5
	MinSessionTimeoutMs int64        // N-2
	MaxSessionTimeoutMs int64        // N-2
	RolesAtStart        []ServerRole // sorted by server
}

// ServerRole is what one server was when the recording began: "leader",
// "follower" or "standalone".
type ServerRole struct {
	Server int
	Role   string
}

// Client is the library under test and the session it asked for.
type Client struct {
	Library        string // the name in the file name: java, java39, c, go, kazoo, curator100, …
	Version        Fields // of the library, its language and the ZooKeeper client below it
	RequestedMs    int64  // Treq of N-2
	NegotiatedMs   int64  // T of N-2. The go library hides it; the header then repeats RequestedMs.
	Addresses      int    // n of C-1; 0 where the recording has many clients
	AttachedServer int    // at the first fault; 0 where the recording has many clients
	AttachedRole   string // that server's role, or "mixed"
}

// Noise is how late a 5 ms sleep of the recorder came while it recorded: what
// the scheduler may have added to any instant. Both are -1 where not measured.
type Noise struct {
	MeanMs, MaxMs float64
}

// Field is one member of a JSON object whose names are open. Value is its JSON text.
type Field struct {
	Name  string
	Value json.RawMessage
}

// Fields are sorted by name.
type Fields []Field

// Text is the value of the named field, a JSON string without its quotes and
// anything else as written; it is empty where there is no such field.
func (fs Fields) Text(name string) string {
	for _, f := range fs {
		if f.Name != name {
			continue
		}
		var s string
		if json.Unmarshal(f.Value, &s) == nil {
			return s
		}
		return string(f.Value)
	}
	return ""
}

// Number is the value of the named field, and whether it exists and is a number.
func (fs Fields) Number(name string) (float64, bool) {
	for _, f := range fs {
		if f.Name == name {
			v, err := strconv.ParseFloat(string(f.Value), 64)
			return v, err == nil
		}
	}
	return 0, false
}

// Event is one line of a recording. Which fields beside T, Node and Ev a kind
// carries is in the comments below; strings are empty and numbers are Absent
// (Server is 0) where the line has none.
type Event struct {
	T    int64  // ns of the shared monotonic clock; servers bucket by T/1e6 (T-2)
	Node string // lab, client, server1…, observer1…
	Ev   string // one of EventKinds, or a name this package does not know

	Kind   string // fault, heal: one of FaultKinds
	Server int    // fault, heal: the server it befalls; attempt, tcp_up, session_up, …: the server dialled
	Role   string // fault: of that server; role: what the server logged
	DoneNs int64  // fault, heal: when the system call had returned; T is just before it

	State string // told, zk_told: the library's name for it; state, wake: what the application polled
	// Session is set in recordings of many sessions, and on told and zk_told
	// where the library says which session it means ("0x0" for none yet).
	// The field "of" of close_applied is read into it too.
	Session      string
	Handle       int64  // told, zk_told, handle_new: counts Curator's ZooKeeper handles from 0
	By           string // marked_closing: "expiry" (T-9), or what else closed the session (Z-2)
	ObserverRole string // saw_deleted, node_datachanged: role at the start of the observer's server

	RTTms        int64  // ping_reply: round trip in ms. Java sent that ping at T − RTTms.
	IdleMs       int64  // silence, local_expiry: ms since the client last heard the server (C-8, C-20)
	SuspendedMs  int64  // inject: ms since SUSPENDED (L-U4)
	NegotiatedMs int64  // ready: T of N-2 in ms
	GapNs        int64  // wake: how long the application had not run, ns
	IssuedNs     int64  // wake_read, wake_write: when the call was made, on the clock of T
	RC           string // wake_read, wake_write: outcome in the library's words

	Extra Fields // fields the reader does not know
}

// NodeClass is the part an event's node plays.
type NodeClass string

// The node classes. A server and an observer carry a number behind the name.
const (
	ClassLab      NodeClass = "lab"      // the driver that makes faults
	ClassClient   NodeClass = "client"   // the client under test and its application
	ClassServer   NodeClass = "server"   // a member of the ensemble
	ClassObserver NodeClass = "observer" // a healthy client that watches the test node, attached to one server
)

// Class is the event's node without its number.
func (e *Event) Class() NodeClass {
	return NodeClass(strings.TrimRight(e.Node, "0123456789"))
}

// NodeID is the number in the event's node: the server that spoke, or the one
// that an observer is attached to. It is 0 for the lab and the client.
func (e *Event) NodeID() int {
	n, err := strconv.Atoi(e.Node[len(e.Class()):])
	if err != nil {
		return 0
	}
	return n
}
