package sim

import (
	"fmt"
	"time"

	"zksim/model"
)

// Bounds of a picture: nobody can look at more.
const (
	maxPictureBars     = 400 // of one lane
	maxPictureAttempts = 200
	maxPictureEdges    = 200
	maxPictureInstants = 60
	maxPictureMessages = 2000
)

// A Picture is the story of one session as lanes on one time axis: the data behind the
// text form's picture, the figure and the page. Instants are nanoseconds since the start
// of the run; what is said in words counts from OriginNS, in seconds. The names of its
// JSON fields are not renamed.
type Picture struct {
	Scenario  string   `json:"scenario"`
	Title     string   `json:"title"`    // of the scenario
	Finding   string   `json:"finding"`  // the verdict, in one or two sentences
	Headline  string   `json:"headline"` // the finding for a title: what is most remarkable, with its number
	Verdict   string   `json:"verdict"`  // see Verdicts
	Client    string   `json:"client"`   // whose session it is; empty if no client ever had one
	Session   string   `json:"session,omitempty"`
	TimeoutNS int64    `json:"timeout_ns"` // as last negotiated
	Library   string   `json:"library"`    // with its version
	Addresses int      `json:"addresses"`
	Server    string   `json:"server"`  // attached to when the story's fault began
	Leader    string   `json:"leader"`  // who leads at the start, and who follows
	Later     string   `json:"later"`   // who leads later
	Servers   int      `json:"servers"` // that vote
	Observers int      `json:"observers,omitempty"`
	TickNS    int64    `json:"tick_ns"`
	SyncLimit int      `json:"sync_limit"`
	Seed      string   `json:"seed"` // decimal; no number of JSON holds it for every reader
	Run       uint32   `json:"run"`
	Digest    string   `json:"digest"`            // eight hexadecimal digits
	Stopped   string   `json:"stopped,omitempty"` // why the run ended before its time
	Facts     []string `json:"facts"`             // what each fault does, in sentences

	OriginNS int64 `json:"origin_ns"` // printed as zero: the first fault, or the start of the run
	FromNS   int64 `json:"from_ns"`   // what is worth showing
	ToNS     int64 `json:"to_ns"`
	EndNS    int64 `json:"end_ns"` // of the run

	// Lanes, in the order in which they are shown. Bars of one lane stand in order and do
	// not overlap, but for faults, several of which can be in force at once.
	Faults   []FaultBar     `json:"faults"`
	Process  []Bar          `json:"process"`  // the client's: running, deaf, paused, dead
	Belief   []Bar          `json:"belief"`   // connected, disconnected, gap, expired, closed, dead, left
	Attempts []Attempt      `json:"attempts"` // to connect
	Attached []Bar          `json:"attached"` // to which server: attached, half-open
	Tracker  []Bar          `json:"tracker"`  // alive, orphan, nobody, closing, ended, closed
	Leaders  []Bar          `json:"leaders"`  // alive, nobody; empty if one server leads all the time
	Touches  []PictureTouch `json:"touches"`
	Edges    []int64        `json:"edges_ns"` // of the tracker's buckets, within FromNS to ToNS; none if there are too many
	Others   []Bar          `json:"others"`   // there, gone, taken, nobody

	Brackets []Bracket `json:"brackets"`
	Instants []Instant `json:"instants"`      // on which the story turns, in order
	Messages []Message `json:"messages"`      // in order of sending; see [Collector.KeepMessages]
	Cut      []string  `json:"cut,omitempty"` // lists that were too long to be here whole
}

// A Bar is a time in which one thing holds on a lane.
type Bar struct {
	FromNS int64    `json:"from_ns"`
	ToNS   int64    `json:"to_ns"`
	Open   bool     `json:"open,omitempty"` // it still holds when the run ends
	State  string   `json:"state"`
	Told   string   `json:"told,omitempty"`   // of a gap: what the client takes itself for, connected or disconnected
	Words  string   `json:"words"`            // what holds
	Short  []string `json:"short,omitempty"`  // the same for less room, the longest first
	Server string   `json:"server,omitempty"` // attached to, or leading
	Role   string   `json:"role,omitempty"`   // of that server: leader, follower, observer, standalone
	Record uint64   `json:"record,omitempty"` // it begins with
}

// A FaultBar is a fault that came within the run.
type FaultBar struct {
	Bar
	Index int    `json:"index"`          // in the scenario's list
	Kind  string `json:"kind"`           // as the scenario names it; also the state
	Done  bool   `json:"done,omitempty"` // at once: it has no length
}

// An Attempt is the client trying to reach a server.
type Attempt struct {
	FromNS  int64  `json:"from_ns"`
	ToNS    int64  `json:"to_ns"`
	Open    bool   `json:"open,omitempty"`
	Server  string `json:"server"`
	Outcome string `json:"outcome"` // unanswered, refused, closed, connected, expired, open
	Words   string `json:"words"`
	Record  uint64 `json:"record"`
	End     uint64 `json:"end,omitempty"` // the record that it ends with
}

// A PictureTouch is a touch of the session at its tracker: the deadline is the last touch
// and the timeout, rounded up to the next bucket edge (T-3).
type PictureTouch struct {
	AtNS       int64  `json:"at_ns"`
	TimeoutNS  int64  `json:"timeout_ns"`
	SumNS      int64  `json:"sum_ns"` // AtNS and TimeoutNS
	DeadlineNS int64  `json:"deadline_ns"`
	Use        string `json:"use"` // counts: the last before the mark that took effect; vain, saving, saved, afresh
	By         string `json:"by"`
	Node       string `json:"node"`
	Through    string `json:"through,omitempty"` // the learner that reported it
	Words      string `json:"words"`
	Rule       string `json:"rule"`
	Record     uint64 `json:"record"`
	MessageNS  int64  `json:"message_ns,omitempty"` // the client's message behind it was sent
	Message    uint64 `json:"message,omitempty"`    // its record; zero if it is not known
	Ping       bool   `json:"ping,omitempty"`
	SentBy     string `json:"sent_by,omitempty"` // ID of the rule that sent it
}

// A Bracket is a length of the story.
type Bracket struct {
	Kind     string   `json:"kind"` // detection, knowledge_gap, orphan, warning, told_late, zombie_stops, zombie_waits, mark
	FromNS   int64    `json:"from_ns"`
	ToNS     int64    `json:"to_ns"`
	LengthNS int64    `json:"length_ns"` // the difference of the two as printed; of a zombie, without the time in which its process stood still
	Open     bool     `json:"open,omitempty"`
	Words    string   `json:"words"` // name and length
	Short    []string `json:"short,omitempty"`
	Role     string   `json:"role"` // client, cluster, gap
}

// An Instant is a moment on which the story turns.
type Instant struct {
	AtNS   int64  `json:"at_ns"`
	What   string `json:"what"` // fault, heal, disconnected, connected, marked, vain, undecided, committed, gone, taken, refused, hangs_up, gives_up, expired, closed, killed, started, paused, resumed, left, leads
	Lane   string `json:"lane"` // fault, process, belief, attached, tracker, others
	Node   string `json:"node"`
	Words  string `json:"words"`
	Rule   string `json:"rule"`
	Record uint64 `json:"record"`
	Rank   int    `json:"rank"` // 1 is placed first, where not all have room
	Role   string `json:"role"` // client, cluster, gap, fault
}

// A Message is one that was sent between the client and its server, or between that and
// the leader.
type Message struct {
	Kind      string `json:"kind"` // ping, ping_reply, request, reply, leader_ping, report
	From      string `json:"from"` // lane: belief, attached, tracker
	To        string `json:"to"`
	Sender    string `json:"sender"`
	Receiver  string `json:"receiver"`
	SentNS    int64  `json:"sent_ns"`
	ArrivedNS int64  `json:"arrived_ns,omitempty"`
	Lost      bool   `json:"lost,omitempty"`    // it did not arrive within the run
	Counts    bool   `json:"counts,omitempty"`  // it is behind the touch that counts
	Record    uint64 `json:"record"`            // of sending; of a reply or a report what it answers, if it left none
	Arrival   uint64 `json:"arrival,omitempty"` // of arriving
}

// Verdicts are the words for how a session's story ends, by [Verdict].
var Verdicts = [...]string{
	VerdictSurvived: "survived", VerdictLearned: "learned", VerdictNeverLearned: "never learned", VerdictDead: "dead", VerdictGaveUp: "gave up",
	VerdictDeadHeld: "dead, held", VerdictClosed: "closed", VerdictLeft: "left",
}

// Picture is the story of one client's session as lanes on one time axis. An empty name
// leaves the choice to the timeline, as [Timeline.Select] has it; the error for an unknown
// one lists the choices. Where no client ever had a session, there are only the faults and
// the leaders.
func (t *Timeline) Picture(client string) (*Picture, error) {
	s, err := t.Select(client)
	if err != nil {
		return nil, err
	}
	e := &t.Scenario.Ensemble
	p := &Picture{Scenario: t.Scenario.Name, Title: t.Scenario.Title, Finding: t.finding(s), Servers: e.Servers, Observers: e.Observers,
		TickNS: int64(e.Tick), SyncLimit: e.SyncLimit, Seed: fmt.Sprint(t.Seed), Run: t.Run, Digest: ShortDigest(t.Digest), Stopped: t.Stopped,
		Facts: t.faultSentences(), OriginNS: int64(t.Origin), EndNS: int64(t.End)}
	p.Headline = p.Finding
	if t.servers() > 1 {
		p.Leader, p.Later = t.leading(), t.later()
	}
	d := drawing{t: t, s: s, p: p}
	d.faults()
	if s == nil || s.Client == model.NoNode {
		p.FromNS, p.ToNS = 0, int64(t.End)
		d.leaders()
		return p, nil
	}
	spec := t.clientSpec(s.Client)
	p.Client, p.Session, p.TimeoutNS = t.who(s.Client), fmt.Sprintf("%#x", uint64(s.Session)), int64(s.Timeout)
	p.Library, p.Addresses, p.Server = libraryWords(spec), t.addresses(spec), t.who(s.Server)
	p.Verdict, p.Headline = Verdicts[s.Verdict], t.headline(s)
	d.window()
	d.lanes()
	d.attempts()
	d.attached()
	d.leaders()
	d.touches()
	d.edges()
	d.brackets()
	d.instants()
	d.messages()
	return p, nil
}

// A drawing puts a story into a picture.
type drawing struct {
	t *Timeline
	s *Story
	p *Picture
}

// headline is the finding for a title. That a client was connected and wrong for most of
// the time in which it was not told is more remarkable than when it was.
func (t *Timeline) headline(s *Story) string {
	if s.Verdict == VerdictLearned && s.Owned && 2*s.Stops.Length >= t.milliseconds(s.Gap) {
		return fmt.Sprintf("Connected, and wrong: for %s s the client acted as the owner of %s, which others saw gone.", seconds(roundMillis(s.Stops.Length)), singleWidth(s.Path))
	}
	return t.finding(s)
}

// window says what is worth showing: what the text form shows, the last touch before it
// if it is near, and some room.
func (d *drawing) window() {
	from, to := d.t.window(d.s)
	span := to.Sub(from)
	first := from.Add(-span / 6)
	for _, touch := range []*Touch{&d.s.Touch, &d.s.Saved} {
		for _, m := range []Moment{touch.Moment, touch.Message} {
			if near := m.At.Add(-span / 40); m.Happened() && touch.Happened() && near < first && from.Sub(m.At) < span/2 {
				first = near
			}
		}
	}
	d.p.FromNS = int64(max(first, 0))
	d.p.ToNS = int64(min(to.Add(span/6), d.t.End))
	if d.p.ToNS <= d.p.FromNS {
		d.p.ToNS = d.p.FromNS + int64(100*time.Millisecond)
	}
}

// bars turns the stretches of a lane into bars. Those without length are left out, but for
// those that end it.
func (d *drawing) bars(name string, lane []stretch) []Bar {
	bars := []Bar{}
	for i := range lane {
		s := &lane[i]
		if s.to <= s.from && s.to != d.t.End {
			continue
		}
		if len(bars) == maxPictureBars {
			d.p.Cut = append(d.p.Cut, name)
			break
		}
		bars = append(bars, Bar{FromNS: int64(s.from), ToNS: int64(s.to), Open: s.to == d.t.End, State: s.state, Told: s.told,
			Words: s.labels[0], Short: s.labels[1:], Record: uint64(s.record)})
	}
	return bars
}

// faults are the lane of faults.
func (d *drawing) faults() {
	t := d.t
	d.p.Faults = []FaultBar{}
	for i := range t.Faults {
		if i == maxPictureBars {
			d.p.Cut = append(d.p.Cut, "faults")
			break
		}
		f := &t.Faults[i]
		b, done := t.faultStretch(f)
		kind := FaultKinds[t.Scenario.Faults[f.Index].Kind].Name
		d.p.Faults = append(d.p.Faults, FaultBar{Index: f.Index, Kind: kind, Done: done, Bar: Bar{FromNS: int64(b.from), ToNS: int64(b.to),
			Open: b.to == t.End && !done, State: kind, Words: b.labels[0], Short: b.labels[1:], Record: uint64(b.record)}})
	}
}

// lanes are those that the text form draws too, and the client's process.
func (d *drawing) lanes() {
	p := d.p
	p.Process = d.bars("process", d.t.processLane(d.s.Client))
	p.Belief = d.bars("belief", d.t.beliefLane(d.s))
	p.Others = d.bars("others", d.t.othersLane(d.s))
	var tracker []stretch
	for _, b := range d.t.clusterLane(d.s) {
		if c := d.s.Committed; b.state == stateEnded && (!c.Happened() || c.At > b.from) {
			closing := b
			closing.state, closing.labels, closing.to = stateClosing, []string{"closing"}, d.t.End
			if c.Happened() {
				closing.to = c.At
				b.from, b.record = c.At, c.Record
				tracker = append(tracker, closing)
			} else {
				b = closing
			}
		}
		tracker = append(tracker, b)
	}
	p.Tracker = d.bars("tracker", tracker)
}

// leaders are the lane of who leads, if that changes.
func (d *drawing) leaders() {
	d.p.Leaders = []Bar{}
	if !d.t.changes() {
		return
	}
	lane := d.t.leadersLane()
	sortStretches(lane)
	d.p.Leaders = d.bars("leaders", lane)
}
