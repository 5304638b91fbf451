package teach

import (
	"fmt"
	"strconv"
	"strings"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// An Event is a word for one moment of a session's story, for --why, and the record that
// it stands for in a case.
type Event struct {
	Word    string         `json:"word"`
	Meaning string         `json:"meaning"`
	Record  model.RecordID `json:"record"`
	At      clock.Instant  `json:"t_ns"`
	Instant string         `json:"instant"`
}

// events are the words, in the order in which a story usually comes.
var events = []struct {
	word, meaning string
	of            func(c *Case) sim.Moment
}{
	{"made", "the leader began to track the session", func(c *Case) sim.Moment { return c.Story.Made }},
	{"connected", "the session was usable at the client", func(c *Case) sim.Moment { return c.Story.Up }},
	{"owns", "the application acted as owner", func(c *Case) sim.Moment { return c.Story.Holds }},
	{"fault", "the fault began that the session's detection counts from", func(c *Case) sim.Moment {
		if c.Story.Fault < 0 {
			return sim.Moment{}
		}
		return c.Timeline.Faults[c.Story.Fault].Begin
	}},
	{"ping", "the client sent the message that counted last", func(c *Case) sim.Moment { return c.lastTouch().Message }},
	{"touched", "the last touch that counted", func(c *Case) sim.Moment { return c.lastTouch().Moment }},
	{"silent", "the client gave up waiting", func(c *Case) sim.Moment { return c.Story.Silence }},
	{"disconnected", "the application was told that the connection is lost", func(c *Case) sim.Moment { return c.Story.Disconnected }},
	{"resumed", "the client could use the session again", (*Case).resumed},
	{"afresh", "another leader, or a restarted server, tracked the session afresh", func(c *Case) sim.Moment {
		if n := len(c.Story.Afresh); n > 0 {
			return c.Story.Afresh[n-1].Moment
		}
		return sim.Moment{}
	}},
	{"marked", "the leader's timer fired: the session was closing", func(c *Case) sim.Moment {
		if n := len(c.Story.Marks); n > 0 && !c.Story.Marked.Happened() {
			return c.Story.Marks[n-1].Moment // in vain, or undecided
		}
		return c.Story.Marked
	}},
	{"committed", "the session's end was committed", func(c *Case) sim.Moment { return c.Story.Committed }},
	{"gone", "the session's node was deleted, first at a server", func(c *Case) sim.Moment { return first(c.Story.Gone) }},
	{"seen", "another client saw the node go", func(c *Case) sim.Moment { return first(c.Story.Seen) }},
	{"taken", "another client had the node", func(c *Case) sim.Moment { return c.Story.Next }},
	{"refused", "a server refused to resume the session", func(c *Case) sim.Moment { return c.Story.Refused }},
	{"gave-up", "the library decided by itself that the session is over", func(c *Case) sim.Moment { return c.Story.LocalExpiry }},
	{"expired", "the application was told that the session has expired", func(c *Case) sim.Moment { return c.Story.Expired }},
	{"closed", "the application was told that its handle is closed", func(c *Case) sim.Moment { return c.Story.Closed }},
	{"learned", "the application was told that its session is over", func(c *Case) sim.Moment { return c.Story.Told() }},
	{"killed", "the client's process died", func(c *Case) sim.Moment { return c.Story.Killed }},
	{"left", "the client went on with another session", func(c *Case) sim.Moment { return c.Story.Left }},
}

func first(list []sim.Moment) sim.Moment {
	if len(list) == 0 {
		return sim.Moment{}
	}
	return list[0]
}

// lastTouch is the touch that counts: the last before the mark, or, of a session that
// survives, the one that came closest to its deadline.
func (c *Case) lastTouch() sim.Touch {
	if !c.Story.Marked.Happened() && c.Story.Saving.Happened() {
		return c.Story.Saving
	}
	return c.Story.Touch
}

// resumed is when the client came up again with the session after it had lost its
// connection.
func (c *Case) resumed() sim.Moment {
	s := c.Story
	if !s.Disconnected.Happened() {
		return sim.Moment{}
	}
	for i := int(s.Disconnected.Record); i < len(c.File.Records); i++ {
		if r := &c.File.Records[i]; r.Kind == model.KindSessionUp && r.Node == s.Client && r.Session == s.Session {
			return sim.Moment{Record: r.ID, At: r.At, Node: r.Node}
		}
	}
	return sim.Moment{}
}

// Events lists the moments that came in the story.
func (c *Case) Events() []Event {
	var list []Event
	if c.Story == nil {
		return nil
	}
	for _, e := range events {
		if m := e.of(c); m.Happened() {
			list = append(list, Event{e.word, e.meaning, m.Record, m.At, c.Narrator.Instant(m.At)})
		}
	}
	return list
}

// AllEvents lists the words that there are with what they mean, whether they come in a
// case or not.
func AllEvents() []Event {
	list := make([]Event, len(events))
	for i := range events {
		list[i] = Event{Word: events[i].word, Meaning: events[i].meaning}
	}
	return list
}

// EventWords lists all the words that there are, whether they come in a case or not.
func EventWords() []string {
	words := make([]string, len(events))
	for i := range events {
		words[i] = events[i].word
	}
	return words
}

// Find gives the record of an event: a word of [EventWords], or the number of a record.
// The error says what there is.
func (c *Case) Find(event string) (model.RecordID, error) {
	if n, err := strconv.ParseUint(event, 10, 64); err == nil {
		if c.Narrator.Record(model.RecordID(n)) == nil {
			return 0, fmt.Errorf("record %s: want 1 to %d", event, len(c.File.Records))
		}
		return model.RecordID(n), nil
	}
	if c.Story == nil {
		return 0, fmt.Errorf("no client ever had a session: want the number of a record, 1 to %d", len(c.File.Records))
	}
	word := strings.ToLower(event)
	for _, e := range events {
		if e.word != word {
			continue
		}
		if m := e.of(c); m.Happened() {
			return m.Record, nil
		}
		return 0, fmt.Errorf("%s: it does not happen to %s's session in this run; want one of %s", word, c.Story.Name, strings.Join(c.words(), ", "))
	}
	if near := sim.NearestWord(word, EventWords()); near != "" {
		return 0, fmt.Errorf("event %q: did you mean %s? This session has %s", event, near, strings.Join(c.words(), ", "))
	}
	return 0, fmt.Errorf("event %q: want one of %s, or the number of a record", event, strings.Join(c.words(), ", "))
}

// words are those of the events that came.
func (c *Case) words() []string {
	var words []string
	for _, e := range c.Events() {
		words = append(words, e.Word)
	}
	return words
}

// Why walks back from an event to what brought it about; see [sim.Narrator.Why].
func (c *Case) Why(event string) ([]sim.Step, error) {
	id, err := c.Find(event)
	if err != nil {
		return nil, err
	}
	steps, err := c.Narrator.Why(id)
	if s := c.Story; err == nil && s != nil && s.Saving.Happened() && s.Saving.Record == id && !s.Marked.Happened() {
		steps[0].Arithmetic = c.inTime()
	}
	return steps, err
}

// inTime says by how much the touch that saved a session came before the deadline that
// the touch before it had set.
func (c *Case) inTime() string {
	s := c.Story
	words := fmt.Sprintf("the touch before, at %s, +%s = %s, up to %s (T-3): ", c.Narrator.Instant(s.Saved.At), shortly(s.Saved.Timeout.Milliseconds()),
		c.Narrator.Instant(s.Saved.At.Add(s.Saved.Timeout)), c.Narrator.Instant(s.Saved.Deadline))
	if s.Margin < 0 {
		return words + inSeconds(-s.Margin.Milliseconds()) + " s late, but before the expiry loop (G-5)"
	}
	return words + inSeconds(s.Margin.Milliseconds()) + " s in time"
}

// decisive is the event that a story turns on.
func (c *Case) decisive() string {
	s := c.Story
	switch {
	case s.Left.Happened():
		return "left"
	case s.Expired.Happened():
		return "expired"
	case len(s.Marks) > 0:
		return "marked"
	case s.Closed.Happened():
		return "closed"
	case s.Killed.Happened():
		return "killed"
	case s.Saving.Happened():
		return "touched"
	case s.Disconnected.Happened():
		return "disconnected"
	}
	return "connected"
}
