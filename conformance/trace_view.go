package conformance

import "fmt"

// Fault is one fault from its beginning to its end. Instants are ns on the
// clock of Event.T; each took effect between the instant and its Done.
type Fault struct {
	Kind   string // one of FaultKinds, or a name this package does not know
	Server int    // whom it befalls; 0 for the client or for all servers
	Role   string // that server's role, where the recording says so

	At, Done         int64 // At is Absent where only the end was recorded
	Healed, HealDone int64 // Absent where the fault lasted until the end of the recording
}

// String is the fault's kind with its server, and how long it lasted.
func (f Fault) String() string {
	s := f.Kind
	if f.Server > 0 {
		s += fmt.Sprintf("(server%d)", f.Server)
	}
	if f.At != Absent && f.Healed != Absent {
		s += fmt.Sprintf(" for %d ms", (f.Healed-f.At)/1e6)
	}
	return s
}

// Faults are the recording's faults in the order of their beginning. A heal ends
// the oldest fault of its kind and server that has not ended; server_started
// ends sigkill_server. An end without a beginning stands where it was recorded.
func (t *Trace) Faults() []Fault {
	var faults []Fault
	for i := range t.Events {
		e := &t.Events[i]
		if e.Class() != ClassLab || (e.Ev != EvFault && e.Ev != EvHeal) {
			continue
		}
		ends := e.Kind
		if e.Kind == FaultServerStarted {
			ends = FaultSigkillServer // also when the lab calls the start a fault
		} else if e.Ev == EvFault {
			faults = append(faults, Fault{e.Kind, e.Server, e.Role, e.T, e.DoneNs, Absent, Absent})
			continue
		}
		open := openFault(faults, ends, e.Server)
		if open < 0 {
			faults = append(faults, Fault{e.Kind, e.Server, e.Role, Absent, Absent, e.T, e.DoneNs})
			continue
		}
		faults[open].Healed, faults[open].HealDone = e.T, e.DoneNs
	}
	return faults
}

func openFault(faults []Fault, kind string, server int) int {
	for i, f := range faults {
		if f.Kind == kind && f.Server == server && f.Healed == Absent {
			return i
		}
	}
	return -1
}

// TickMs is the ensemble's tickTime in ms, the width of a bucket (T-2).
func (t *Trace) TickMs() int64 { return t.Header.Servers.TickTimeMs }

// Standalone reports whether the ensemble is one server without a quorum.
func (t *Trace) Standalone() bool {
	return len(t.Header.Servers.RolesAtStart) == 1 && t.Header.Servers.RolesAtStart[0].Role == "standalone"
}

// LeaderAtStart is the server that leads, or is alone, when the recording
// begins; it runs the expiry timers (T-1). It is 0 where the header names none.
func (t *Trace) LeaderAtStart() int {
	for _, r := range t.Header.Servers.RolesAtStart {
		if r.Role == "leader" || r.Role == "standalone" {
			return r.Server
		}
	}
	return 0
}

// Told are the events that the client's application received, in order.
func (t *Trace) Told() []Event {
	var told []Event
	for _, e := range t.Events {
		if e.Class() == ClassClient && e.Ev == EvTold {
			told = append(told, e)
		}
	}
	return told
}

// MarkedAt is the instant, in ns, at which the session was first marked closing
// (T-9), and whether it was.
func (t *Trace) MarkedAt() (int64, bool) {
	for i := range t.Events {
		if t.Events[i].Ev == EvMarkedClosing && t.Events[i].Class() == ClassServer {
			return t.Events[i].T, true
		}
	}
	return Absent, false
}

// Closing is one marking of one session by one server, beside what T-3 makes of
// the last touch that this server recorded for the session before it.
type Closing struct {
	Session string // empty except in recordings of many sessions
	Server  int    // the one that marked it, leader or standalone (T-1)
	By      string // "expiry" for T-9
	Marked  int64  // ns

	LastTouch int64 // ns; Absent if this server recorded none
	BucketMs  int64 // B of T-3 for LastTouch, ms of the server's clock; Absent without a touch
}

// LateNs is how long after its bucket the session was marked, in ns: the time
// the expiry loop took to wake (T-7), and any pause of the server. It is
// negative where a touch arrived after the bucket had been polled and before the
// mark, which touches in vain (G-5). It means nothing without a touch.
func (c Closing) LateNs() int64 { return c.Marked - c.BucketMs*1e6 }

// Closings are all markings in the order of their instants. A session has two
// where a deposed leader and its successor both marked it.
//
// Every recording has one timeout for all touches of its sessions, so T is the
// negotiated one throughout (N-3, N-4 agree).
func (t *Trace) Closings() []Closing {
	type key struct {
		node, session string
	}
	touched := map[key]int64{}
	var closings []Closing
	for i := range t.Events {
		e := &t.Events[i]
		if e.Class() != ClassServer {
			continue
		}
		switch e.Ev {
		case EvTouch:
			touched[key{e.Node, e.Session}] = e.T
		case EvMarkedClosing:
			c := Closing{e.Session, e.NodeID(), e.By, e.T, Absent, Absent}
			if at, ok := touched[key{e.Node, e.Session}]; ok {
				c.LastTouch = at
				c.BucketMs = bucketMs(at/1e6, t.Header.Client.NegotiatedMs, t.TickMs())
			}
			closings = append(closings, c)
		}
	}
	return closings
}

// bucketMs is B(t) of T-3. The model has its own; this one is kept apart so that
// a mistake in either shows as a difference from the recordings.
func bucketMs(tMs, timeoutMs, tickMs int64) int64 {
	return ((tMs+timeoutMs)/tickMs + 1) * tickMs
}
