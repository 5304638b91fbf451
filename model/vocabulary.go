package model

// A Meaning is what a session event means, whatever the library calls it.
type Meaning uint8

const (
	// MeansProgress is an event that changes nothing for the application.
	MeansProgress Meaning = iota
	// MeansUsable: the session is usable.
	MeansUsable
	// MeansReadOnly: the session is usable for reading, on a read-only server.
	MeansReadOnly
	// MeansLost: the connection is lost, the session perhaps not.
	MeansLost
	// MeansExpired: the session is over.
	MeansExpired
	// MeansClosed: the handle is closed.
	MeansClosed
)

// An Event is one of the session events of a library, in its own word.
type Event struct {
	Word  string
	Means Meaning
	// Brief is the word as timelines draw it, or "" for Word itself.
	Brief string
	When  string // in which situation the application is told (section 13 of the rules)
	Rule  string
}

// A Move is a change that a library can make: of its state, or from the event told
// last to the next one. An empty From is the beginning.
type Move struct {
	From, To string
	Rule     string
}

// A libraryKind is what all versions of one library have in common.
type libraryKind struct {
	client func(cfg ClientConfig, env Env) Client
	events []Event
	// states are the changes of the state that the application can poll, the first one
	// from what a new handle has; told says which event can come after which. A change
	// that is missing here does not happen.
	states []Move
	told   []Move
	// reopens: after its session has expired, the library opens another by itself.
	reopens bool
	// dropsWatches: watches end with the connection, and the application sets them
	// again.
	dropsWatches bool
	// readOnly: it knows read-only servers.
	readOnly bool
	// eventThread: events reach the application on a thread that does nothing else.
	eventThread bool
	facts       *facts
}

// Events lists the session events of the library.
func (l *Library) Events() []Event { return l.kind.events }

// States lists the changes that the state of the library's handle can make, as the
// application can poll it.
func (l *Library) States() []Move { return l.kind.states }

// Told lists which event the library can tell after which.
func (l *Library) Told() []Move { return l.kind.told }

// Reopens says whether the library opens another session by itself when one has
// expired; otherwise the handle is dead.
func (l *Library) Reopens() bool { return l.kind.reopens }

// HasEventThread says whether events reach the application on a thread that does
// nothing else, so that it can stand still alone (G-4, C-32, L-K9).
func (l *Library) HasEventThread() bool { return l.kind.eventThread }

// TakesReadOnly says whether the library knows read-only servers (section 13).
func (l *Library) TakesReadOnly() bool { return l.kind.readOnly }

// Meaning returns what an event of the library means.
func (l *Library) Meaning(word string) Meaning {
	for i := range l.kind.events {
		if l.kind.events[i].Word == word {
			return l.kind.events[i].Means
		}
	}
	return MeansProgress
}

// Word returns the library's word with a meaning, the first of several as timelines
// draw it; empty if it has none.
func (l *Library) Word(m Meaning) string {
	for i := range l.kind.events {
		if e := &l.kind.events[i]; e.Means == m {
			return e.brief()
		}
	}
	return ""
}

// Brief returns one of the library's events as timelines draw it.
func (l *Library) Brief(word string) string {
	for i := range l.kind.events {
		if e := &l.kind.events[i]; e.Word == word {
			return e.brief()
		}
	}
	return word
}

func (e *Event) brief() string {
	if e.Brief != "" {
		return e.Brief
	}
	return e.Word
}

// May says whether a change is one of moves.
func May(moves []Move, from, to string) bool {
	for i := range moves {
		if moves[i].From == from && moves[i].To == to {
			return true
		}
	}
	return false
}
