package sim

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// A Moment is when something happened, where, and the record that says so. The
// zero Moment means that it did not happen.
type Moment struct {
	Record model.RecordID
	At     clock.Instant
	Node   model.NodeID
}

// Happened says whether the moment came within the run.
func (m Moment) Happened() bool { return m.Record != 0 }

// A Touch is a touch of a session at its tracker (T-3).
type Touch struct {
	Moment
	Timeout  time.Duration // T, with which it was made (N-3)
	Deadline clock.Instant // the bucket edge that it set
	By       string        // what touched: ping, request, learner, revalidation, creation, restart
	Through  model.NodeID  // the learner that reported it, or NoNode
	Message  Moment        // the client's message behind it; may be unknown
	Ping     bool          // that message is a ping
	SentBy   string        // ID of the rule that sent it

	deadline int64 // ms of the tracker's clock
}

// A Span is an interval between two moments. The three cases of a span must not
// be mixed up: there is none, it has an end, or it was still open when the run
// ended.
type Span struct {
	Exists   bool
	Open     bool // To is the end of the run
	From, To clock.Instant
}

// Length is the time from From to To; it can be negative for a warning.
func (s Span) Length() time.Duration { return s.To.Sub(s.From) }

// A Zombie is how long an application acts as owner while others see its node
// gone, under one policy. Time in which its process stands still does
// not count: a stopped process does nothing. Both are whole milliseconds, the
// differences of instants as they are printed.
type Zombie struct {
	Length time.Duration
	Open   bool // it still acted when the run ended
	Paused time.Duration
}

// A Verdict says how a session's story ends within the run.
type Verdict uint8

const (
	// VerdictSurvived: the cluster still holds the session and the client may use it.
	VerdictSurvived Verdict = iota
	// VerdictLearned: the cluster expired it and the client was told afterwards.
	VerdictLearned
	// VerdictNeverLearned: the cluster expired it and the client was not told.
	VerdictNeverLearned
	// VerdictDead: the cluster expired it and the client's process is dead.
	VerdictDead
	// VerdictGaveUp: the client was told first, the cluster expired it later or not
	// within the run.
	VerdictGaveUp
	// VerdictDeadHeld: the client's process is dead, the cluster still holds the session.
	VerdictDeadHeld
	// VerdictClosed: the client closed it (C-35).
	VerdictClosed
	// VerdictLeft: it was made on a read-only server, and the client went on with
	// another (C-33).
	VerdictLeft
)

// A Story is what happened to one session: when the cluster decided what, and
// when the client was told what. The three expiries are kept apart: marked,
// committed (at each server), learned.
type Story struct {
	Client  model.NodeID // whose session; NoNode if no client ever got it
	Name    string       // of that client
	Nth     int          // which of that client's sessions, from 1: a new process has another one
	Session model.SessionID
	Timeout time.Duration // as last negotiated
	Server  model.NodeID  // the server it was attached to when the story's fault began

	// Eventful says whether the session's client was struck by a fault or lost its
	// connection, or whether the session ended.
	Eventful bool
	Fault    int // index in [Timeline.Faults] of the fault that its detection counts from; -1: none

	Made  Moment // the leader began to track it, T-11
	Up    Moment // first usable at the client
	Holds Moment // the application made its ephemeral node: it owns
	Path  string // of that node

	Touch  Touch   // the last one that counted before the session was marked
	Afresh []Touch // new leaders, or a restarted server, having begun to track it (F-15, F-16)
	// Saving, if it survives: the touch that came closest to the deadline, of those
	// from a fault's beginning to the first one after which all is well again.
	Saving  Touch
	Saved   Touch         // the touch before that one, whose deadline it was
	Margin  time.Duration // of Saving to its deadline, in whole milliseconds as the two are printed
	Silence Moment        // the client gave up waiting, last before Disconnected

	Disconnected Moment // told; the last before marked that was not followed by the session being usable, else the first after
	Marks        []Mark // every one, by whichever leader
	Marked       Moment // T-9; of several the one that took effect, and if none did, none
	Late         time.Duration
	Committed    Moment   // at the leader, Z-4; or the next leader serves, with the close in its log (Z-10)
	Applied      []Moment // at each server
	Gone         []Moment // the node, at each server
	Seen         []Moment // the node's end, by each watching client
	// What servers did when they replayed closes that took no effect, and take back once
	// they have joined the leader (Z-10); and which watching clients were told of it.
	Replayed, Undone, Misled []Moment
	TakenIn                  []TakenIn
	Refused                  Moment // a server refused to resume it, V-5
	LocalExpiry              Moment // the library decided by itself, C-20
	Expired                  Moment // told
	Closed                   Moment // told
	Killed                   Moment // the client's process died while it had this session
	Left                     Moment // the client went on with another one, this one being read-only (C-33)
	Next                     Moment // another client made the node after it

	Detection Span // fault to marked
	Warning   Span // told Disconnected to marked; negative: told after
	Gap       Span // knowledge gap: marked to told Expired
	Orphan    Span // told Expired (or Closed) to marked

	// Stops and Waits are the zombie times of an application that stops on
	// Disconnected, and of one that waits for Expired. They mean nothing unless the
	// node is gone while the application believes to own it.
	Owned        bool // the application owned a node that others saw go
	OthersNotice Moment
	Stops, Waits Zombie

	Verdict Verdict

	node      string // the session's ephemeral node; of a lock on sequential nodes it is below Path
	closing   bool   // a closeSession asked for by the client was committed
	effective int    // number of the mark that took effect, from 1
	closes    []closeTxn
	atLeaders []leaderTouch
	// What closes did, until it is known which hold.
	applications, removals, sights []removal

	slack    int64
	settled  model.RecordID // the touch after which all was well, latest
	counted  Moment         // the latest message of the client that is known to have counted
	messages [4]Record      // the latest of the client's pings and requests
	again    Record         // the latest of them that the kernel sent once more (W-1)
	entries  [4]Record      // the latest entries of learners' tables
	nm, ne   int
	until    model.RecordID // when the client came up with its next session; zero: it did not
	readOnly bool           // all that the client was told of it is that it is read-only
}

// A Turn is a change in what a client's application knows, or in whether its
// process runs.
type Turn struct {
	Moment
	What    TurnKind
	Server  model.NodeID // TurnConnected: to which
	Session model.SessionID
}

// A TurnKind says what a [Turn] is.
type TurnKind uint8

const (
	TurnConnected TurnKind = iota
	TurnDisconnected
	TurnExpired
	TurnClosed
	TurnKilled
	TurnStarted
	TurnPaused
	TurnResumed
)

// tells says whether the application was told something.
func (k TurnKind) tells() bool { return k <= TurnClosed }

// derive computes what follows from the moments: intervals and verdict. End is
// the end of the run.
func (s *Story) derive(t *Timeline) {
	turns := t.turnsOf(s)
	s.Disconnected = lastWord(turns, s.Marked)
	s.Verdict = s.verdict()
	if s.Fault >= 0 && s.Marked.Happened() {
		s.Detection = Span{Exists: true, From: t.Faults[s.Fault].Begin.At, To: s.Marked.At}
	}
	told := s.told()
	switch {
	case s.Left.Happened():
		return // whatever the cluster does with it, nobody has it
	case !s.Marked.Happened():
		// What only the logs know is held by nobody (F-16).
		if from, down := t.leaderlessFrom(); told.Happened() && !s.closing && !(down && from.At <= told.At) {
			s.Orphan = Span{Exists: true, Open: true, From: told.At, To: t.End}
		}
	case told.Happened() && told.Record < s.Marked.Record:
		s.Orphan = Span{Exists: true, From: told.At, To: s.Marked.At}
	case told.Happened():
		s.Gap = Span{Exists: true, From: s.Marked.At, To: told.At}
	case !s.Killed.Happened():
		s.Gap = Span{Exists: true, Open: true, From: s.Marked.At, To: t.End}
	}
	if s.Marked.Happened() && s.Disconnected.Happened() {
		s.Warning = Span{Exists: true, From: s.Disconnected.At, To: s.Marked.At}
	}
	s.zombie(t, turns)
}

// told is when the application learned that its session is over.
func (s *Story) told() Moment {
	if s.Expired.Happened() {
		return s.Expired
	}
	return s.Closed
}

func (s *Story) verdict() Verdict {
	told := s.told()
	switch {
	case s.Left.Happened():
		return VerdictLeft
	case s.closing:
		return VerdictClosed
	case told.Happened() && (!s.Marked.Happened() || told.Record < s.Marked.Record):
		return VerdictGaveUp
	case s.Marked.Happened() && told.Happened():
		return VerdictLearned
	case s.Marked.Happened() && s.Killed.Happened():
		return VerdictDead
	case s.Marked.Happened():
		return VerdictNeverLearned
	case s.Killed.Happened():
		return VerdictDeadHeld
	}
	return VerdictSurvived
}

// lastWord is the Disconnected that the client had in hand when its session was
// marked: the last before, unless it was connected again by then. If it had none
// it is the first one after.
func lastWord(turns []Turn, marked Moment) Moment {
	var word Moment
	for _, turn := range turns {
		after := marked.Happened() && turn.Record > marked.Record
		if after && word.Happened() {
			break
		}
		switch turn.What {
		case TurnDisconnected:
			word = turn.Moment
		case TurnConnected:
			if marked.Happened() {
				word = Moment{}
			}
		case TurnExpired, TurnClosed, TurnKilled:
			return word
		}
	}
	return word
}

// zombie computes both policies' times from the turns of the client.
func (s *Story) zombie(t *Timeline, turns []Turn) {
	if !s.Holds.Happened() || !s.Marked.Happened() || len(s.Gone) == 0 {
		return
	}
	// Without an observer, the end counts from the leader's commit.
	s.OthersNotice = s.Committed
	if len(s.Seen) > 0 {
		s.OthersNotice = s.Seen[0]
	}
	s.Owned = s.OthersNotice.Happened()
	if !s.Owned {
		return
	}
	s.acting(t, turns, func(from, until clock.Instant, connected, paused, open bool) {
		d := time.Duration(t.millis(until)-t.millis(from)) * time.Millisecond
		if paused {
			s.Waits.Paused += d
			if connected {
				s.Stops.Paused += d
			}
			return
		}
		s.Waits.Length += d
		s.Waits.Open = open
		if connected {
			s.Stops.Length += d
			s.Stops.Open = open
		}
	})
}

// acting visits the time from when others saw the node gone to when the application was
// told that it is over, in pieces: whether it took itself for connected, and whether its
// process stood still.
func (s *Story) acting(t *Timeline, turns []Turn, visit func(from, until clock.Instant, connected, paused, open bool)) {
	connected, paused := true, false
	from := s.OthersNotice.At
	piece := func(until clock.Instant, open bool) {
		if until > from {
			visit(from, until, connected, paused, open)
			from = until
		}
	}
	for _, turn := range turns {
		if turn.Record < s.Holds.Record {
			continue
		}
		piece(turn.At, false)
		switch turn.What {
		case TurnConnected:
			connected = true
		case TurnDisconnected:
			connected = false
		case TurnPaused:
			paused = true
		case TurnResumed:
			paused = false
		default:
			return
		}
	}
	piece(t.End, true)
}
