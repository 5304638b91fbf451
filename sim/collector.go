package sim

import (
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
)

// A Collector is the sink that gathers what a [Timeline] needs. It keeps records
// of the kinds that the table shows, and follows every session as it goes.
type Collector struct {
	scenario *Scenario
	names    []string
	servers  int

	faults  []FaultSpan
	stories []*Story
	of      map[model.SessionID]*Story // looked up, never ranged over
	current []*Story                   // by client: its latest session
	turns   [][]Turn
	dead    []bool // by node: its process is gone
	leader  model.NodeID
	sides   [][2][]model.NodeID // by fault of the scenario: whom it strikes, sorted
	down    []Span              // when the server that holds the sessions did not serve
	kept    []Record
	limit   int // of kept
	missing uint64
}

// NewCollector returns a collector for one run of a scenario.
func NewCollector(s *Scenario) *Collector {
	names := s.Nodes()
	servers := s.Ensemble.Servers + s.Ensemble.Observers
	clients := max(len(names)-servers, 0)
	known := s.roster()
	sides := make([][2][]model.NodeID, len(s.Faults))
	for i := range s.Faults {
		// A name that nobody has strikes nobody; the world refuses it.
		sides[i][0], _ = known.resolve(s.Faults[i].Between)
		sides[i][1], _ = known.resolve(s.Faults[i].And)
	}
	return &Collector{scenario: s, names: names, servers: servers, of: map[model.SessionID]*Story{},
		limit:   MaxKept,
		current: make([]*Story, clients), turns: make([][]Turn, clients), dead: make([]bool, len(names)), leader: known.leaderNode(), sides: sides}
}

// Timeline finishes the stories of the world that the collector watched. The
// summary is that of the world's last Run.
func (c *Collector) Timeline(w *World, sum Summary) *Timeline {
	t := &Timeline{Scenario: c.scenario, Nodes: c.names, Seed: sum.Seed, Run: sum.Run, Digest: sum.Digest, Events: sum.Events,
		Records: sum.Records, Kept: c.kept, Missing: c.missing, Leader: c.leader, End: sum.End,
		Faults: c.faults, Stories: c.stories, turns: c.turns, down: c.down}
	if n := len(t.down); n > 0 && t.down[n-1].Open {
		t.down[n-1].To = t.End
	}
	if len(t.Faults) > 0 {
		t.Origin = t.Faults[0].Begin.At
	}
	if w.failure != nil {
		t.Stopped = w.failure.Error()
	}
	tracker := w.ClockOf(t.Leader)
	for _, s := range t.Stories {
		if s.Client != model.NoNode {
			s.Name = c.names[s.Client]
		}
		for _, touch := range []*Touch{&s.Touch, &s.Saving, &s.Saved} {
			if touch.Happened() {
				touch.Deadline = tracker.When(clock.ReadingOfMillis(touch.deadline))
			}
		}
		if s.Saving.Happened() {
			s.Margin = s.Saved.Deadline.Sub(s.Saving.At)
		}
		s.Fault = c.blame(s)
		s.Server = c.attachedTo(s, t)
		s.derive(t)
		s.Eventful = s.Marked.Happened() || s.Disconnected.Happened() || s.told().Happened() || s.Killed.Happened() || s.closing || c.struck(s.Client)
	}
	return t
}

// blame finds the fault that a session's detection counts from: the one that
// killed its client; or else the first that began after the client's last message
// to count had left; or else the last that began before the session was marked. A
// slow log keeps no touch away (G-9), and what starts again what was dead helps, so
// they are blamed for nothing.
func (c *Collector) blame(s *Story) int {
	last := -1
	if s.Killed.Happened() {
		for i := range c.faults {
			if f := &c.faults[i]; f.Begin.At == s.Killed.At && f.Begin.Record < s.Killed.Record {
				last = i
			}
		}
		return last
	}
	for i := range c.faults {
		f := &c.faults[i]
		if s.Marked.Happened() && f.Begin.Record > s.Marked.Record || f.revival || c.scenario.Faults[f.Index].Kind == FaultSlowLog || !c.concerns(f, s.Client) {
			continue
		}
		last = i
		if m := s.counted; s.Marked.Happened() && m.Happened() && f.Begin.At >= m.At {
			break
		}
	}
	return last
}

// revives says whether a fault only starts again what was dead. That takes nothing
// from a session: its time without a word began with the loss.
func (c *Collector) revives(index int) bool {
	if c.scenario.Faults[index].Kind != FaultRestart {
		return false
	}
	for _, n := range c.sides[index][0] {
		if !c.dead[n] {
			return false
		}
	}
	return true
}

// concerns says whether a fault can matter to a client: unless it strikes other
// clients only.
func (c *Collector) concerns(f *FaultSpan, client model.NodeID) bool {
	for _, nodes := range c.sides[f.Index] {
		// Servers come first.
		if len(nodes) > 0 && int(nodes[0]) >= c.servers && !among(nodes, client) {
			return false
		}
	}
	return true
}

// struck says whether any fault of the run names a client.
func (c *Collector) struck(client model.NodeID) bool {
	for i := range c.faults {
		for _, nodes := range c.sides[c.faults[i].Index] {
			if among(nodes, client) {
				return true
			}
		}
	}
	return false
}

// among looks a node up in a sorted list.
func among(nodes []model.NodeID, n model.NodeID) bool {
	_, found := slices.BinarySearch(nodes, n)
	return found
}

// attachedTo finds the server of a story when its fault began.
func (c *Collector) attachedTo(s *Story, t *Timeline) model.NodeID {
	server := model.NoNode
	for _, turn := range t.turnsOf(s) {
		if turn.What != TurnConnected {
			continue
		}
		if server != model.NoNode && s.Fault >= 0 && turn.At > c.faults[s.Fault].Begin.At {
			break
		}
		server = turn.Server
	}
	return server
}

// Record implements [Sink].
func (c *Collector) Record(r *Record) {
	at := Moment{Record: r.ID, At: r.At, Node: r.Node}
	switch r.Kind {
	case KindFaultBegins:
		c.faults = append(c.faults, FaultSpan{Index: int(r.A), Begin: at, revival: c.revives(int(r.A))})
	case KindFaultEnds:
		for i := range c.faults {
			if c.faults[i].Index == int(r.A) && !c.faults[i].End.Happened() {
				c.faults[i].End = at
			}
		}
	}
	switch {
	case int(r.Node) >= c.servers:
		c.client(r, at)
	case r.Node >= 0:
		c.server(r)
	}
	if r.Session != 0 {
		c.session(r, at)
	}
	if int(r.Kind) < len(inTable) && inTable[r.Kind] {
		if len(c.kept) == c.limit {
			c.missing++
			return
		}
		c.kept = append(c.kept, *r)
		if r.Kind == model.KindTouchFailed {
			// The tracker does not say whose report came too late; the entry does.
			if e := c.of[r.Session].entry(r.Cause); e != nil {
				c.kept[len(c.kept)-1].Peer = e.Node
			}
		}
	}
}

// server follows which servers' processes run, and whether the one that holds the
// sessions serves.
func (c *Collector) server(r *Record) {
	switch r.Kind {
	case KindKilled:
		c.dead[r.Node] = true
		if n := len(c.down); r.Node == c.leader && (n == 0 || !c.down[n-1].Open) {
			c.down = append(c.down, Span{Exists: true, Open: true, From: r.At})
		}
	case KindStarted:
		c.dead[r.Node] = false
	case model.KindServing:
		if n := len(c.down); r.Node == c.leader && n > 0 && c.down[n-1].Open {
			c.down[n-1].Open, c.down[n-1].To = false, r.At
		}
	}
}

// client follows what a client's application knows.
func (c *Collector) client(r *Record, at Moment) {
	i := int(r.Node) - c.servers
	turn := func(k TurnKind) {
		c.turns[i] = append(c.turns[i], Turn{Moment: at, What: k, Server: model.NoNode, Session: r.Session})
	}
	s := c.current[i]
	switch r.Kind {
	case model.KindSessionUp:
		s = c.story(r.Session)
		if s.Client == model.NoNode {
			s.Client, s.Nth = r.Node, 1
			if before := c.current[i]; before != nil {
				s.Nth = before.Nth + 1
			}
		}
		if !s.Up.Happened() {
			s.Up = at
		}
		s.Server = r.Peer
		s.Timeout = time.Duration(r.A) * time.Millisecond
		c.current[i] = s
	case model.KindTold:
		switch r.Text {
		case model.ToldConnected:
			turn(TurnConnected)
			if s != nil {
				c.turns[i][len(c.turns[i])-1].Server = s.Server
			}
		case model.ToldDisconnected:
			turn(TurnDisconnected)
		case model.ToldExpired:
			turn(TurnExpired)
			if s != nil && !s.Expired.Happened() {
				s.Expired = at
			}
		case model.ToldClosed:
			turn(TurnClosed)
			if s != nil && !s.Closed.Happened() {
				s.Closed = at
			}
		}
	case model.KindHolds:
		if s != nil {
			s.Holds, s.Path = at, r.Text
		}
		for _, other := range c.stories {
			if other != s && other.Path == r.Text && len(other.Gone) > 0 && !other.Next.Happened() {
				other.Next = at
			}
		}
	case model.KindSawDeleted:
		// Of several that had the node one after another, the latest is meant.
		var latest *Story
		for _, other := range c.stories {
			if other != s && other.Path == r.Text && len(other.Gone) > 0 && (latest == nil || other.Gone[0].Record > latest.Gone[0].Record) {
				latest = other
			}
		}
		if latest != nil && !saw(latest.Seen, r.Node) {
			latest.Seen = append(latest.Seen, at)
		}
	case model.KindLocalExpiry:
		if s != nil {
			s.LocalExpiry = at
		}
	case model.KindSilence:
		if s != nil && !s.Marked.Happened() {
			s.Silence = at
		}
	case KindKilled:
		c.dead[r.Node] = true
		turn(TurnKilled)
		if s != nil && !s.told().Happened() && !s.Killed.Happened() {
			s.Killed = at
		}
	case KindStarted:
		c.dead[r.Node] = false
		turn(TurnStarted)
	case KindPaused:
		turn(TurnPaused)
	case KindResumed:
		turn(TurnResumed)
	}
}

func saw(seen []Moment, n model.NodeID) bool {
	for i := range seen {
		if seen[i].Node == n {
			return true
		}
	}
	return false
}

func (c *Collector) story(id model.SessionID) *Story {
	s := c.of[id]
	if s == nil {
		s = &Story{Client: model.NoNode, Session: id, Server: model.NoNode, Fault: -1}
		c.of[id] = s
		c.stories = append(c.stories, s)
	}
	return s
}

// session follows what the cluster does with a session.
func (c *Collector) session(r *Record, at Moment) {
	s := c.story(r.Session)
	switch r.Kind {
	case model.KindPing, model.KindRequest:
		s.messages[s.nm%len(s.messages)] = *r
		s.nm++
	case model.KindTouchRecorded:
		s.entries[s.ne%len(s.entries)] = *r
		s.ne++
	case model.KindTracked:
		if !s.Made.Happened() {
			s.Made = at
		}
	case model.KindTouch:
		c.touched(s, r, at, r.Text)
	case model.KindRearmed:
		// A restarted server has forgotten the mark, but not what it had committed.
		s.Marked, s.Late, s.revived = Moment{}, 0, true
		c.touched(s, r, at, "restart")
	case model.KindMarked:
		s.Marked, s.Late = at, time.Duration(r.B)*time.Millisecond
	case model.KindCommitted:
		if r.Text == model.OpCloseSession.String() {
			s.Committed = at
			s.closing = !s.Marked.Happened()
		}
	case model.KindCloseApplied:
		s.Applied = append(s.Applied, at)
	case model.KindNodeDeleted:
		if s.Path == "" {
			s.Path = r.Text // its client never heard that the create had worked
		}
		s.Gone = append(s.Gone, at)
	case model.KindRefused:
		if !s.Refused.Happened() {
			s.Refused = at
		}
	}
}

// touched takes in a touch that moved, or confirmed, a session's deadline.
func (c *Collector) touched(s *Story, r *Record, at Moment, by string) {
	touch := Touch{Moment: at, Timeout: time.Duration(r.A) * time.Millisecond, By: by, Through: model.NoNode, deadline: r.B}
	s.trace(&touch, r.Cause)
	if touch.Message.Happened() {
		s.counted = touch.Message
	}
	// A session's closest call is the touch that left least of the time before
	// it. Comparing needs no reading of the tracker's clock, whose offset is the
	// same for all; a clock that was frozen in between only moves the choice.
	prev := s.Touch
	s.Touch = touch
	if !prev.Happened() || by == "restart" {
		return
	}
	troubled, settles := c.trouble(s, &touch)
	if !troubled {
		return
	}
	left := prev.deadline*int64(time.Millisecond) - int64(at.At)
	if !s.Saving.Happened() || left < s.slack {
		s.slack, s.Saving, s.Saved = left, touch, prev
	}
	if settles {
		s.settled = at.Record
	}
}

// trouble says whether something that could cost the session its life has happened
// since all was last well, and whether with a touch all is well again: the client
// has resumed (V-4), or it is connected and has sent the message behind the touch
// after the faults were over. Of a fault that lasts for ever, the beginning must do.
func (c *Collector) trouble(s *Story, touch *Touch) (troubled, settles bool) {
	var over clock.Instant
	ended := true
	for i := len(c.faults) - 1; i >= 0 && c.faults[i].Begin.Record > s.settled; i-- {
		f := &c.faults[i]
		if !c.concerns(f, s.Client) {
			continue
		}
		troubled = true
		switch {
		case f.End.Happened():
			over = max(over, f.End.At)
		case c.scenario.Faults[f.Index].For != nil:
			ended = false
		default:
			over = max(over, f.Begin.At)
		}
	}
	connected := true
	if i := int(s.Client) - c.servers; s.Client != model.NoNode && len(c.faults) > 0 {
		for k := len(c.turns[i]) - 1; k >= 0; k-- {
			if turn := &c.turns[i][k]; turn.What.tells() {
				connected = turn.What == TurnConnected
				troubled = troubled || turn.What == TurnDisconnected && turn.Record > s.settled
				break
			}
		}
	}
	return troubled, touch.By == "revalidation" || ended && connected && touch.Message.Happened() && touch.Message.At >= over
}

// entry finds one of the latest entries of learners' tables.
func (s *Story) entry(id model.RecordID) *Record {
	if s == nil || id == 0 {
		return nil
	}
	for i := range s.entries {
		if e := &s.entries[i]; e.ID == id {
			return e
		}
	}
	return nil
}

// trace finds the client's message behind a touch, through the learner's table
// if it came that way.
func (s *Story) trace(touch *Touch, cause model.RecordID) {
	if e := s.entry(cause); e != nil {
		touch.Through = e.Node
		cause = e.Cause
	}
	for i := range s.messages {
		if m := &s.messages[i]; m.ID == cause && m.ID != 0 {
			touch.Message = Moment{Record: m.ID, At: m.At, Node: m.Node}
			touch.Ping, touch.idle = m.Kind == model.KindPing, m.A
		}
	}
}
