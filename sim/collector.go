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
	dead    []bool   // by node: its process is gone
	woke    []Moment // by node: when it last ran on after a pause
	court   court
	open    []*Story               // of sessions with closes that may still commit
	cues    map[model.RecordID]cue // looked up, never ranged over
	roster  *roster
	kept    []Record
	limit   int // of kept
	missing uint64
	locks   *lockCollector

	messages bool     // kept too
	whispers []Record // of them
}

// NewCollector returns a collector for one run of a scenario.
func NewCollector(s *Scenario) *Collector {
	names := s.Nodes()
	servers := s.Ensemble.Servers + s.Ensemble.Observers
	clients := max(len(names)-servers-len(s.Resources), 0)
	known := s.roster()
	return &Collector{scenario: s, names: names, servers: servers, of: map[model.SessionID]*Story{},
		limit: MaxKept, locks: newLockCollector(s), court: newCourt(s.Ensemble.Servers, servers, known.leaderNode()), cues: map[model.RecordID]cue{}, roster: known,
		current: make([]*Story, clients), turns: make([][]Turn, clients), dead: make([]bool, len(names)), woke: make([]Moment, len(names))}
}

// Timeline finishes the stories of the world that the collector watched. The
// summary is that of the world's last Run.
func (c *Collector) Timeline(w *World, sum Summary) *Timeline {
	stopped := ""
	if w.failure != nil {
		stopped = w.failure.Error()
	}
	clocks := make([]clock.Clock, c.servers)
	for n := range clocks {
		clocks[n] = *w.ClockOf(model.NodeID(n))
	}
	return c.timeline(sum, stopped, clocks)
}

// timeline is Timeline for a world that need not be there, but for its servers' clocks.
func (c *Collector) timeline(sum Summary, stopped string, clocks []clock.Clock) *Timeline {
	t := &Timeline{Scenario: c.scenario, Nodes: c.names, Seed: sum.Seed, Run: sum.Run, Digest: sum.Digest, Events: sum.Events,
		Records: sum.Records, Kept: c.kept, Missing: c.missing, End: sum.End,
		Faults: c.faults, Reigns: c.court.reigns, Stories: c.stories, turns: c.turns,
		gaps: gapsOf(c.court.reigns), deposed: c.court.deposed, Stopped: stopped}
	t.messages, t.clocks = c.whispers, clocks
	if len(t.Faults) > 0 {
		t.Origin = t.Faults[0].Begin.At
	}
	c.locks.finish(t, func(id model.SessionID) model.NodeID {
		if s := c.of[id]; s != nil {
			return s.Client
		}
		return model.NoNode
	})
	for _, s := range t.Stories {
		if s.Client != model.NoNode {
			s.Name = c.names[s.Client]
		}
		edges := []*Touch{&s.Touch, &s.Saving, &s.Saved}
		for i := range s.Marks {
			edges = append(edges, &s.Marks[i].Touch)
		}
		for i := range s.Afresh {
			edges = append(edges, &s.Afresh[i])
		}
		for _, touch := range edges {
			if touch.Happened() {
				touch.Deadline = clocks[touch.Node].When(clock.ReadingOfMillis(touch.deadline))
			}
		}
		s.settle()
		if s.Saving.Happened() {
			s.Margin = time.Duration(t.millis(s.Saved.Deadline)-t.millis(s.Saving.At)) * time.Millisecond
		}
		s.Fault = c.blame(s)
		s.Server = c.attachedTo(s, t)
		s.derive(t)
		s.Eventful = len(s.Marks) > 0 || s.Disconnected.Happened() || s.told().Happened() || s.Killed.Happened() || s.closing || c.struck(s.Client)
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
		f := FaultSpan{Index: int(r.A), Begin: at}
		spec := &c.scenario.Faults[f.Index]
		// The leader is the one of this instant, as for the world.
		f.Struck, _ = c.roster.resolveUnder(spec.Between, c.court.leads())
		f.And, _ = c.roster.resolveUnder(spec.And, c.court.leads())
		f.revival = c.revives(&f)
		c.faults = append(c.faults, f)
	case KindFaultEnds:
		for i := range c.faults {
			if c.faults[i].Index == int(r.A) && !c.faults[i].End.Happened() {
				c.faults[i].End = at
			}
		}
	}
	switch {
	case int(r.Node) >= c.servers+len(c.current):
		c.locks.resource(int(r.Peer)-c.servers, r, at)
	case int(r.Node) >= c.servers:
		c.client(r, at)
		c.locks.client(int(r.Node)-c.servers, r, at)
	case r.Node >= 0:
		c.server(r, at)
		c.locks.server(r, at)
	}
	if r.Session != 0 {
		c.session(r, at)
	}
	if c.messages && whispered(r.Kind) && len(c.whispers) < c.limit {
		c.whispers = append(c.whispers, *r)
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

// server follows which servers' processes run, and who leads.
func (c *Collector) server(r *Record, at Moment) {
	switch r.Kind {
	case KindKilled:
		c.dead[r.Node] = true
	case KindStarted:
		c.dead[r.Node] = false
	case KindResumed:
		c.woke[r.Node] = at
	case KindRetransmitted:
		if told, ok := c.cues[r.Cause]; ok {
			c.cues[r.ID] = told
		}
	}
	if !c.court.record(r) {
		return
	}
	for _, s := range c.open {
		s.newLeader(at)
	}
	c.open = c.open[:0]
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
				if before.readOnly && !before.told().Happened() && !before.Killed.Happened() {
					before.Left = at
				}
			}
		}
		if !s.Up.Happened() {
			s.Up = at
		}
		s.Server = r.Peer
		s.Timeout = time.Duration(r.A) * time.Millisecond
		c.current[i] = s
	case model.KindTold:
		meaning := c.scenario.libraryOf(r.Node).Meaning(r.Text)
		switch meaning {
		case model.MeansUsable, model.MeansReadOnly:
			if s != nil {
				s.readOnly = meaning == model.MeansReadOnly
			}
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
			if other != s && other.Path == r.Text && !other.Next.Happened() && other.goneSoFar() {
				other.Next = at
			}
		}
	case model.KindSawDeleted:
		c.saw(r, s)
	case model.KindLocalExpiry, model.KindInjected:
		if s != nil {
			s.LocalExpiry = at
		}
	case model.KindSilence:
		if s != nil && len(s.Marks) == 0 && !s.told().Happened() {
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

// saw is a watching client having been told that a node is gone: by the end of the
// session whose record it follows from; or else, of several sessions that had the node
// one after another, of the latest.
func (c *Collector) saw(r *Record, own *Story) {
	told, ok := c.cues[r.Cause]
	if !ok {
		for _, other := range c.stories {
			if other == own || other.node != r.Text {
				continue
			}
			for i := range other.removals {
				if gone := &other.removals[i]; other.took(gone.zxid) && (told.story == nil || gone.Record > told.story.removals[0].Record) {
					told = cue{other, gone.zxid}
				}
			}
		}
	}
	s := told.story
	if s == nil || s == own {
		return
	}
	for i := range s.sights {
		if s.sights[i].Node == r.Node && s.sights[i].zxid == told.zxid {
			return
		}
	}
	s.sights = append(s.sights, removal{Moment: momentOf(r), zxid: told.zxid})
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
		if woke := c.woke[r.Node]; woke.Happened() && woke.At == r.At {
			s.takenIn(r)
		}
	case model.KindTracked:
		if !s.Made.Happened() {
			s.Made = at
		}
	case model.KindTouch:
		c.touched(s, r, at, r.Text)
	case model.KindRearmed:
		c.touched(s, r, at, "restart")
		s.Afresh = append(s.Afresh, s.Touch)
	case model.KindMarked:
		s.marked(r, at)
	case model.KindProposed:
		if r.Text == model.OpCloseSession.String() {
			before := s.undecided()
			s.proposed(r, c.court.replaced(r.Node))
			if !before && s.undecided() {
				c.open = append(c.open, s)
			}
		}
	case model.KindCommitted:
		if t := s.closed(r.A); t != nil {
			s.decide(t, FateEffective, at)
			c.open = slices.DeleteFunc(c.open, func(o *Story) bool { return o == s && !s.undecided() })
		}
	case model.KindForgotten:
		s.marked(r, at) // by nobody, but nobody holds it any more
		s.endedAlone(&Record{Note: model.Note{Cause: r.ID}}, at)
	case model.KindCloseApplied:
		if r.Rule == "T-23" {
			s.endedAlone(r, at)
		} else if t := s.closed(r.A); t != nil {
			t.applied = append(t.applied, r.Node)
		}
		s.applications = happened(s.applications, r, at)
	case model.KindNodeCreated:
		s.node = r.Text
	case model.KindNodeDeleted:
		if s.node = r.Text; s.Path == "" {
			s.Path = r.Text // its client never heard that the create had worked
		}
		s.removals = happened(s.removals, r, at)
		c.cues[r.ID] = cue{s, r.A}
	case model.KindDiscarded:
		s.discarded(r)
	case model.KindRefused:
		if !s.Refused.Happened() {
			s.Refused = at
		}
	}
}
