package sim

import (
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
	for _, s := range t.Stories {
		if s.Client != model.NoNode {
			s.Name = c.names[s.Client]
		}
		for _, touch := range []*Touch{&s.Touch, &s.Saving, &s.Saved} {
			if touch.Happened() {
				touch.Deadline = w.ClockOf(touch.Node).When(clock.ReadingOfMillis(touch.deadline))
			}
		}
		if s.Saving.Happened() {
			s.Margin = time.Duration(t.millis(s.Saved.Deadline)-t.millis(s.Saving.At)) * time.Millisecond
		}
		s.Fault = c.blame(s)
		s.Server = c.attachedTo(s, t)
		s.derive(t)
		s.Eventful = s.Marked.Happened() || s.Disconnected.Happened() || s.told().Happened() || s.Killed.Happened() || s.closing || c.struck(s.Client)
	}
	return t
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
				s.Nth, before.until = before.Nth+1, r.ID
			}
		}
		if !s.Up.Happened() {
			s.Up = at
		}
		s.Server = r.Peer
		s.Timeout = time.Duration(r.A) * time.Millisecond
		c.current[i] = s
	case model.KindTold:
		switch c.scenario.libraryOf(r.Node).Meaning(r.Text) {
		case model.MeansUsable:
			turn(TurnConnected)
			if s != nil {
				c.turns[i][len(c.turns[i])-1].Server = s.Server
			}
		case model.MeansLost:
			// Go says so after every handshake that failed, too (L-G6).
			if told := c.lastTold(i); told == TurnConnected {
				turn(TurnDisconnected)
			}
		case model.MeansExpired:
			turn(TurnExpired)
			if s != nil && !s.Expired.Happened() {
				s.Expired = at
			}
		case model.MeansClosed:
			turn(TurnClosed)
			if s != nil && !s.Closed.Happened() {
				s.Closed = at
			}
		}
	case model.KindHolds:
		if s != nil && !s.Holds.Happened() {
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
			if other != s && other.node == r.Text && len(other.Gone) > 0 && (latest == nil || other.Gone[0].Record > latest.Gone[0].Record) {
				latest = other
			}
		}
		if latest != nil && !saw(latest.Seen, r.Node) {
			latest.Seen = append(latest.Seen, at)
		}
	case model.KindLocalExpiry, model.KindInjected:
		if s != nil {
			s.LocalExpiry = at
		}
	case model.KindSilence:
		if s != nil && !s.Marked.Happened() && !s.told().Happened() {
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

// lastTold is the latest of the turns by which a client was told something; if
// there is none, that it is closed.
func (c *Collector) lastTold(client int) TurnKind {
	for k := len(c.turns[client]) - 1; k >= 0; k-- {
		if what := c.turns[client][k].What; what.tells() {
			return what
		}
	}
	return TurnClosed
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
	case KindRetransmitted:
		if r.Node == s.Client {
			s.again = *r
		}
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
	case model.KindNodeCreated:
		s.node = r.Text
	case model.KindNodeDeleted:
		if s.node = r.Text; s.Path == "" {
			s.Path = r.Text // its client never heard that the create had worked
		}
		s.Gone = append(s.Gone, at)
	case model.KindRefused:
		if !s.Refused.Happened() {
			s.Refused = at
		}
	}
}
