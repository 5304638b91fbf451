package sim

import (
	"fmt"
	"strings"

	"zksim/clock"
	"zksim/model"
)

// A Narrator puts the records of one timeline into words: each as a plain sentence, and
// the chain of causes behind any of them. It needs the records alone, so that a run that
// was played and one that was read from JSON Lines are told alike; only the faults have
// fuller words where the scenario is at hand.
type Narrator struct {
	file   *TimelineFile
	played *Timeline // nil: read from a file
	origin clock.Instant
	owners map[model.SessionID]tenancy // looked up, never ranged over
}

// A tenancy is whose a session is, and which of that client's.
type tenancy struct {
	client model.NodeID
	nth    int
}

// NewNarrator returns a narrator of a timeline. Played is the same run with its stories,
// or nil where there are only its records.
func NewNarrator(f *TimelineFile, played *Timeline) *Narrator {
	n := &Narrator{file: f, played: played, owners: map[model.SessionID]tenancy{}}
	count := make([]int, len(f.Nodes))
	first := true
	for i := range f.Records {
		r := &f.Records[i]
		switch {
		case r.Kind == KindFaultBegins && first:
			n.origin, first = r.At, false
		case r.Kind == model.KindSessionUp && r.Node >= 0:
			if _, known := n.owners[r.Session]; !known {
				count[r.Node]++
				n.owners[r.Session] = tenancy{r.Node, count[r.Node]}
			}
		}
	}
	return n
}

// Record returns a record of the timeline, or nil if there is none of that number.
func (n *Narrator) Record(id model.RecordID) *Record {
	if id == 0 || uint64(id) > uint64(len(n.file.Records)) {
		return nil
	}
	return &n.file.Records[id-1]
}

// Sentence says what a record says: who does what, without an end.
func (n *Narrator) Sentence(r *Record) string {
	s := sayingOf[r.Kind]
	if s == nil {
		return ""
	}
	if s.whole != nil {
		if words := s.whole(n, r); words != "" {
			return words
		}
	}
	words := n.who(r.Node) + " " + s.does(r)
	if r.Session != 0 {
		words = strings.Replace(words, "the session", n.session(r), 1)
	}
	words = strings.Replace(words, "the client", n.owner(r), 1)
	if n.isServer(r.Node) {
		words = capital(words)
	}
	if s.more != nil {
		words += s.more(n, r)
	}
	return words
}

// Instant is when a record happened, in seconds from the first fault as the timeline's
// text prints it; without a fault, from the start of the run.
func (n *Narrator) Instant(at clock.Instant) string { return seconds(roundMillis(at.Sub(n.origin))) }

// Origin is the instant that is shown as zero.
func (n *Narrator) Origin() clock.Instant { return n.origin }

// File is the timeline that is told of.
func (n *Narrator) File() *TimelineFile { return n.file }

// cause is the record that a record follows from, or nil.
func (n *Narrator) cause(r *Record) *Record { return n.Record(r.Cause) }

// isServer says whether a node is a server or an observer.
func (n *Narrator) isServer(id model.NodeID) bool {
	return id >= 0 && int(id) < len(n.file.Nodes) && (n.file.Nodes[id].Kind == "server" || n.file.Nodes[id].Kind == "observer")
}

// who is a node's name in a sentence: server 1, worker.
func (n *Narrator) who(id model.NodeID) string {
	switch {
	case id < 0 || int(id) >= len(n.file.Nodes):
		return "nobody"
	case n.isServer(id):
		return fmt.Sprintf("server %d", id+1)
	}
	return singleWidth(n.file.Nodes[id].Name)
}

// owner names the client of a record's session.
func (n *Narrator) owner(r *Record) string {
	if of, ok := n.owners[r.Session]; ok {
		return n.who(of.client)
	}
	if r.Peer >= 0 && n.file.isClient(r.Peer) {
		return n.who(r.Peer)
	}
	return "a client that never heard of it"
}

// session names a record's session by its client.
func (n *Narrator) session(r *Record) string {
	of, ok := n.owners[r.Session]
	switch {
	case !ok && r.Session == 0:
		return "a session without a number"
	case !ok:
		return fmt.Sprintf("session %#x", uint64(r.Session))
	case of.nth > 1:
		return fmt.Sprintf("%s's session %d", n.who(of.client), of.nth)
	}
	return n.who(of.client) + "'s session"
}

// ofSession adds whose session a record is about, if it is about one.
func (n *Narrator) ofSession(r *Record) string {
	if r.Session == 0 {
		return ""
	}
	return " of " + n.session(r)
}

// isNew says whether a server accepted a session because it had just been made.
func (n *Narrator) isNew(r *Record) bool {
	c := n.cause(r)
	for c != nil && c.Kind == model.KindTouchRecorded {
		c = n.cause(c)
	}
	return c != nil && (c.Kind == model.KindCreateApplied || c.Kind == model.KindTouch && c.Text == "creation")
}

// fault says what a fault does.
func (n *Narrator) fault(r *Record) string {
	if f := n.spanOf(r); f != nil {
		return n.played.faultWords(f, false)
	}
	return fmt.Sprintf("%s (number %d of the scenario)", r.Text, r.A)
}

// spanOf is the fault that a record begins or ends, where the scenario is at hand.
func (n *Narrator) spanOf(r *Record) *FaultSpan {
	if n.played == nil {
		return nil
	}
	for i := range n.played.Faults {
		if f := &n.played.Faults[i]; f.Begin.Record == r.ID || f.End.Record == r.ID {
			return f
		}
	}
	return nil
}

// RuleOf is the rule that made a record so; of a fault, the one that says what it does.
func (n *Narrator) RuleOf(r *Record) string {
	if r.Kind != KindFaultBegins && r.Kind != KindFaultEnds {
		return r.Rule
	}
	if f := n.spanOf(r); f != nil {
		return n.played.faultRule(&n.played.Scenario.Faults[f.Index], false)
	}
	return ""
}

// lasting says for how long a fault will be in force, if that is settled.
func (n *Narrator) lasting(r *Record) string {
	if r.B <= 0 {
		return ""
	}
	return fmt.Sprintf(", for %s s", inMillis(r.B/1000))
}

// A Recorder is the sink that keeps a run whole.
type Recorder struct {
	file TimelineFile
	full bool
}

// NewRecorder returns a recorder of one run.
func NewRecorder(s *Scenario, seed uint64, run uint32) *Recorder {
	return &Recorder{file: TimelineFile{TimelineHeader: headerOf(s, seed, run)}}
}

// Record implements [Sink].
func (k *Recorder) Record(r *Record) {
	if len(k.file.Records) == MaxTimelineRecords {
		k.full = true
		return
	}
	k.file.Records = append(k.file.Records, *r)
}

// File returns the run as [ReadTimeline] would return it from JSON Lines. The summary is
// that of the world's last Run. A run of more than [MaxTimelineRecords] is an error.
func (k *Recorder) File(w *World, sum Summary) (*TimelineFile, error) {
	if k.full {
		return nil, fmt.Errorf("the run has %d records: at most %d are kept; shorten the run, or take zksim run --format jsonl", sum.Records, MaxTimelineRecords)
	}
	k.file.Summary = sum
	if w.failure != nil {
		k.file.Stopped = w.failure.Error()
	}
	return &k.file, nil
}
