package teach

import (
	"fmt"
	"slices"
	"strings"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// An Explanation is the story of one session in sentences.
type Explanation struct {
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"`
	Client   string   `json:"client"`  // empty: no client ever had a session
	Session  string   `json:"session"` // its number, as ZooKeeper prints it
	Set      []string `json:"set,omitempty"`
	Seed     uint64   `json:"seed,string"`
	Run      uint32   `json:"run"`
	Digest   string   `json:"digest"`
	Zero     string   `json:"zero"`    // which instant is printed as 0
	Finding  string   `json:"finding"` // the verdict, in one or two sentences
	Verdict  string   `json:"verdict"` // see [sim.Verdicts]
	// Happened is what happened, in order; Knew is who knew what, and for how long not; Why
	// is the chain of causes behind what the story turns on.
	Happened []Line     `json:"happened"`
	Knew     []Line     `json:"knew"`
	Asked    string     `json:"asked"` // the event that Why is of
	Why      []sim.Step `json:"why"`
	Nearest  *Nearest   `json:"nearest,omitempty"` // nil unless it was searched for
}

// A Line is one sentence of an explanation.
type Line struct {
	Record  model.RecordID `json:"record,omitempty"` // whose instant it is
	At      clock.Instant  `json:"t_ns"`
	Instant string         `json:"instant,omitempty"`
	Words   string         `json:"words"`
	Rule    string         `json:"rule,omitempty"`
}

// maxHappened bounds the sentences about what happened.
const maxHappened = 40

// Explain tells the story of the case's session. What would have changed it is not
// searched for; see [Case.Nearest]. Asked is the event whose causes are told; empty leaves
// the choice to the story.
func (c *Case) Explain(asked string) (*Explanation, error) {
	t, f := c.Timeline, c.File
	e := &Explanation{Scenario: f.Scenario, Title: f.Title, Seed: f.Seed, Run: f.Run, Digest: sim.ShortDigest(f.Summary.Digest),
		Zero: "the start of the run", Finding: t.Finding(c.Story), Happened: []Line{}, Knew: []Line{}}
	if c.request != nil {
		e.Set = c.request.Sets
	}
	if len(t.Faults) > 0 {
		e.Zero = fmt.Sprintf("the first fault, %s s into the run", inSeconds(c.millis(0)*-1))
	}
	s := c.Story
	if s == nil {
		return e, nil
	}
	e.Client, e.Session, e.Verdict = s.Name, fmt.Sprintf("%#x", uint64(s.Session)), sim.Verdicts[s.Verdict]
	e.Happened, e.Knew = c.happened(), c.knew()
	if e.Asked = asked; asked == "" {
		e.Asked = c.decisive()
	}
	var err error
	e.Why, err = c.Why(e.Asked)
	return e, err
}

// happened are the records that the story is made of, as sentences.
func (c *Case) happened() []Line {
	s, t := c.Story, c.Timeline
	var ids []model.RecordID
	add := func(moments ...sim.Moment) {
		for _, m := range moments {
			if m.Happened() && !slices.Contains(ids, m.Record) {
				ids = append(ids, m.Record)
			}
		}
	}
	for i := range t.Faults {
		if f := &t.Faults[i]; c.concerns(f) {
			add(f.Begin, f.End)
		}
	}
	add(s.Up, s.Holds)
	for i := range s.Marks {
		m := &s.Marks[i]
		add(m.Touch.Message, m.Touch.Moment, m.Moment)
	}
	if len(s.Marks) == 0 && s.Saving.Happened() {
		add(s.Saved.Message, s.Saved.Moment, s.Saving.Message, s.Saving.Moment)
	}
	for i := range s.Afresh {
		add(s.Afresh[i].Moment)
	}
	for i := range t.Reigns {
		if from := t.Reigns[i].From; from.At > 0 {
			add(from)
		}
	}
	add(c.lossBehind(s.Disconnected), s.Disconnected, c.resumed())
	add(s.Committed, first(s.Gone), first(s.Seen), first(s.Misled), first(s.Undone), s.Next)
	add(s.Refused, s.LocalExpiry, s.Expired, s.Closed, s.Killed, s.Left)
	for i := range c.File.Records {
		r := &c.File.Records[i]
		if r.Kind == sim.KindResumed && (r.Node == s.Client || r.Node == s.Server || r.Node == s.Touch.Node) || r.Kind == sim.KindStarted && r.Node == s.Client {
			add(sim.Moment{Record: r.ID})
		}
		if r.Kind == model.KindCommitted && r.ID == s.Committed.Record && s.Verdict == sim.VerdictClosed {
			add(c.closing(r))
		}
	}
	slices.Sort(ids)
	var lines []Line
	for _, id := range ids {
		r := c.Narrator.Record(id)
		if c.twice(r, ids) {
			continue
		}
		lines = append(lines, c.line(r))
	}
	if left := len(lines) - maxHappened; left > 0 {
		// The first ones say how it came, the last ones how it ended.
		half := maxHappened / 2
		lines[half] = Line{Words: fmt.Sprintf("… %d more", left+1)}
		lines = slices.Delete(lines, half+1, half+1+left)
	}
	return lines
}

func (c *Case) line(r *sim.Record) Line {
	l := Line{Record: r.ID, At: r.At, Instant: c.Narrator.Instant(r.At), Words: c.Narrator.Sentence(r), Rule: c.Narrator.RuleOf(r)}
	for i := range c.Story.Marks {
		switch m := &c.Story.Marks[i]; {
		case m.Record != r.ID:
		case m.Fate == sim.FateVain && c.Story.Verdict == sim.VerdictClosed:
			l.Words += "; in vain, as it is closed already (Z-9)"
		case m.Fate == sim.FateVain:
			l.Words += "; in vain, as its close never commits (F-9)"
		case m.Fate == sim.FateOpen:
			l.Words += "; undecided when the run ends"
		}
	}
	return l
}

// twice leaves out what another record of the same instant says as well: that a fault
// began that struck a process, and that a pause was over.
func (c *Case) twice(r *sim.Record, ids []model.RecordID) bool {
	for _, id := range ids {
		o := c.Narrator.Record(id)
		switch {
		case o.At != r.At || o.ID == r.ID:
		case r.Kind == sim.KindKilled && o.Kind == sim.KindFaultBegins:
			return true
		case r.Kind == sim.KindFaultEnds && o.Kind == sim.KindResumed:
			return true
		}
	}
	return false
}

// concerns says whether a fault can matter to the session's client.
func (c *Case) concerns(f *sim.FaultSpan) bool {
	servers := 0
	for _, n := range c.File.Nodes {
		if n.Kind == "server" || n.Kind == "observer" {
			servers++
		}
	}
	for _, side := range [2][]model.NodeID{f.Struck, f.And} {
		if len(side) > 0 && int(side[0]) >= servers && !slices.Contains(side, c.Story.Client) {
			return false
		}
	}
	return true
}

// lossBehind is the loss of the connection that the application was told of.
func (c *Case) lossBehind(told sim.Moment) sim.Moment {
	if !told.Happened() {
		return sim.Moment{}
	}
	for r := c.Narrator.Record(told.Record); r != nil; r = c.Narrator.Record(r.Cause) {
		switch r.Kind {
		case model.KindSilence, model.KindDropped:
			return sim.Moment{Record: r.ID, At: r.At, Node: r.Node}
		case model.KindTold, model.KindHandleTold, model.KindState:
		default:
			return sim.Moment{}
		}
	}
	return sim.Moment{}
}

// closing is the application's word that it wants its session closed.
func (c *Case) closing(r *sim.Record) sim.Moment {
	for ; r != nil; r = c.Narrator.Record(r.Cause) {
		if r.Kind == sim.KindCommand {
			return sim.Moment{Record: r.ID, At: r.At, Node: r.Node}
		}
	}
	return sim.Moment{}
}

// knew says who knew what, and for how long not.
func (c *Case) knew() []Line {
	s, t := c.Story, c.Timeline
	var lines []Line
	say := func(m sim.Moment, format string, args ...any) {
		l := Line{Record: m.Record, At: m.At, Words: fmt.Sprintf(format, args...)}
		if m.Happened() {
			l.Instant = c.Narrator.Instant(m.At)
		}
		lines = append(lines, l)
	}
	at := func(m sim.Moment) string { return c.Narrator.Instant(m.At) }
	lost, gone := t.Word(s.Client, model.MeansLost), t.Word(s.Client, model.MeansExpired)
	told := s.Told()
	switch d := s.Disconnected; {
	case !d.Happened() && s.Marked.Happened() && !s.Killed.Happened() && !s.Left.Happened():
		say(sim.Moment{}, "%s was never told %s: it believed all the time to be connected.", s.Name, lost)
	case !d.Happened():
	case s.Left.Happened():
		say(s.Left, "%s was told %s at %s and went on with another session at %s, this one having been made on a read-only server: from then on nobody had it.", s.Name, lost, at(d), at(s.Left))
	case !s.Warning.Exists:
		say(d, "%s was told %s at %s. From then on it could not know whether it still had the session.", s.Name, lost, at(d))
	case s.Warning.Length() >= 0:
		say(d, "%s was told %s at %s, %s s before the session was marked. From then on it could not know.", s.Name, lost, at(d), c.between(s.Warning.From, s.Warning.To))
	default:
		say(d, "%s was told %s only at %s, %s s after the session was marked. Until then it believed to be connected.", s.Name, lost, at(d), c.between(s.Warning.To, s.Warning.From))
	}
	switch g := s.Gap; {
	case g.Exists && g.Open:
		say(s.Marked, "From %s to the end of the run, at %s, the cluster had ended the session and %s did not know it: %s s.", at(s.Marked), c.Narrator.Instant(t.End), s.Name, c.between(g.From, g.To))
	case g.Exists:
		say(s.Marked, "From %s to %s the cluster had ended the session and %s did not know it: %s s.", at(s.Marked), at(told), s.Name, c.between(g.From, g.To))
	}
	switch o := s.Orphan; {
	case o.Exists && o.Open:
		say(told, "From %s to the end of the run, at %s, %s took its session for over and the cluster still held it: %s s.", at(told), c.Narrator.Instant(t.End), s.Name, c.between(o.From, o.To))
	case o.Exists:
		say(told, "From %s to %s %s took its session for over and the cluster still held it: %s s.", at(told), at(s.Marked), s.Name, c.between(o.From, o.To))
	}
	if s.Owned && !(s.Killed.Happened() && s.Killed.Record < s.OthersNotice.Record) {
		how := "Others saw " + s.Path + " gone from"
		if len(s.Seen) == 0 {
			how = "Nobody watched " + s.Path + ", which was gone at the leader from"
		}
		if s.Stops == s.Waits {
			say(s.OthersNotice, "%s %s on. An application %s, whether it stops on %s or waits for %s.", how, at(s.OthersNotice), acted(s.Waits), lost, gone)
		} else {
			say(s.OthersNotice, "%s %s on. An application that stops on %s %s; one that waits for %s %s.", how, at(s.OthersNotice),
				lost, acted(s.Stops), gone, acted(s.Waits))
		}
	}
	if s.Next.Happened() {
		say(s.Next, "%s owned %s from %s on.", c.name(s.Next.Node), s.Path, at(s.Next))
	}
	for _, l := range t.Locks {
		for i := range l.Overlaps {
			o := &l.Overlaps[i]
			var who []string
			for _, n := range o.Clients {
				who = append(who, c.name(n))
			}
			still := ""
			if o.Still > 0 {
				still = fmt.Sprintf(", %s s of it with fewer than two of them running", inSeconds(o.Still.Milliseconds()))
			}
			say(sim.Moment{}, "From %s to %s %s acted as owners of %s at once: %s s%s.", c.Narrator.Instant(o.From), c.Narrator.Instant(o.To),
				strings.Join(who, " and "), l.Path, c.between(o.From, o.To), still)
		}
	}
	return lines
}

// acted says for how long an application acted as owner though others saw its node gone.
func acted(z sim.Zombie) string {
	switch {
	case z.Length == 0 && z.Paused > 0:
		return fmt.Sprintf("did nothing more, but for %s s only because its process stood still", inSeconds(z.Paused.Milliseconds()))
	case z.Length == 0:
		return "had stopped by then"
	}
	words := fmt.Sprintf("acted as owner for %s s more", inSeconds(z.Length.Milliseconds()))
	if z.Open {
		words += ", and still did when the run ended"
	}
	return words
}

func (c *Case) name(n model.NodeID) string {
	if n < 0 || int(n) >= len(c.File.Nodes) {
		return "nobody"
	}
	return c.File.Nodes[n].Name
}
