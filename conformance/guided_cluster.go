package conformance

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// A cluster leads the servers of one recording. What servers say to each other
// arrives at once: c of Z-5 is taken as zero. Held back until their recorded
// instants are commits, and the leader's PINGs, which no recording states.
type cluster struct {
	g        *guide
	machines []*model.Server
	read     []clock.Reading // of each server's last step
	leader   int             // index
	out      model.Output
	queue    []message
	carrying bool
	held     map[[2]int]int64 // until when a connection is held back

	warm   int64 // end of the start-up: the session's first use is done
	half   int64 // h, ns
	ping   int64 // instant of a PING of the leader, or Absent before one is known
	flush  time.Duration
	ops    map[int64]*model.Txn // proposals by zxid
	sess   []sessionOf          // by number
	number map[string]int       // of a session's recorded ID
	asked  []bool               // by server: its table is due to be reported
	marks  map[int]int64        // when a session was marked, by number
	before map[string]string    // by recorded ID: the session marked just before
	base   Span                 // when what is being fed was predicted
	fed    bool                 // base holds
	rule   string               // W-1 where what is fed came by a repetition
	quiet  bool                 // nothing is predicted: what is fed only sets the scene
}

// A sessionOf is one session of the recording, in the model.
type sessionOf struct {
	name   string // as recorded; empty where the recording has one session
	id     model.SessionID
	server int // index of the server that it was opened on
	node   model.NodeID
	conn   model.ConnID // the first
	opened bool
	pinged bool         // a ping has been recorded: its start-up is over
	reply  model.Packet // the last answer to a ConnectRequest
}

// endless is a number of ticks that no recording reaches: led servers hear of
// each other only where the recording says so, and must not mind.
const endless = 1 << 30

func newCluster(g *guide) *cluster {
	h := &g.t.Header
	c := &cluster{g: g, leader: g.t.LeaderAtStart() - 1, half: g.t.TickMs() / 2 * 1e6, ping: Absent,
		ops: map[int64]*model.Txn{}, held: map[[2]int]int64{}, number: map[string]int{}, marks: map[int]int64{}, asked: make([]bool, h.Servers.Count)}
	for i := range g.t.Events {
		if g.t.Events[i].Ev == EvReady {
			c.warm = g.t.Events[i].T
			break
		}
	}
	c.queueUp()
	start := clock.Reading(g.t.Events[0].T - int64(time.Second))
	limits := model.Limits{Min: int32(h.Servers.MinSessionTimeoutMs), Max: int32(h.Servers.MaxSessionTimeoutMs)}
	var followers []model.NodeID
	for i := range h.Servers.Count {
		if i != c.leader {
			followers = append(followers, model.NodeID(i))
		}
	}
	for i := range h.Servers.Count {
		cfg := model.ServerConfig{Node: model.NodeID(i), ID: i + 1, Limits: limits, Tick: g.t.TickMs(), SyncLimit: endless,
			IdleCheck: int64(idleCheck / time.Millisecond), Deviation: g.wrong.model}
		switch {
		case h.Servers.Count == 1:
			cfg.Role = model.RoleStandalone
		case i == c.leader:
			cfg.Role, cfg.Followers = model.RoleLeader, followers
		default:
			cfg.Role, cfg.Leader = model.RoleFollower, model.NodeID(c.leader)
		}
		c.machines = append(c.machines, model.NewServer(cfg, c))
		c.read = append(c.read, start)
	}
	for i := range c.machines {
		c.step(i, int64(start), model.Input{Kind: model.InputStart})
	}
	for _, f := range followers {
		conn := model.MakeConnID(f, 0)
		c.step(c.leader, int64(start), model.Input{Kind: model.InputAccepted, Peer: f, Conn: conn})
		c.step(int(f), int64(start), model.Input{Kind: model.InputConnected, Conn: conn})
	}
	return c
}

// Draw and FlushTime implement [model.Env].
func (c *cluster) Draw(model.Purpose, uint64) uint64 { return 0 }

func (c *cluster) FlushTime(uint64) time.Duration { return c.flush }

// node is a server's name in recordings.
func (c *cluster) node(i int) string { return nodeName(ClassServer, i+1) }

// sessionNumber finds or enters a session of the recording.
func (c *cluster) sessionNumber(name string) int {
	n, ok := c.number[name]
	if !ok {
		n = len(c.sess)
		c.number[name] = n
		s := sessionOf{name: name, server: c.g.t.Header.Client.AttachedServer - 1, node: model.NodeID(len(c.machines) + n)}
		for _, at := range c.g.t.Header.Sessions {
			if at.ID == name {
				s.server = at.Server - 1
			}
		}
		s.conn = model.MakeConnID(s.node, 0)
		c.sess = append(c.sess, s)
	}
	return n
}

func (c *cluster) numberOf(id model.SessionID) int {
	for i := range c.sess {
		if c.sess[i].id == id && c.sess[i].opened {
			return i
		}
	}
	return -1
}

// feed gives a server something that was predicted for a span and came, as
// recorded, now. The leader's expiry loop has its turn first.
func (c *cluster) feed(i int, at int64, base Span, in model.Input) {
	c.wake(i, at)
	c.base, c.fed = base, true
	c.step(i, at, in)
	c.fed = false
}

// wake lets a server run what is due.
func (c *cluster) wake(i int, at int64) {
	if m := c.machines[i]; m.Wake() != clock.Unset && int64(m.Wake()) <= at {
		c.step(i, at, model.Input{Kind: model.InputWake})
	}
}

func (c *cluster) catchUp(at int64) {
	for i := range c.machines {
		c.wake(i, at)
	}
}

// step gives a server one input, and the others what follows.
func (c *cluster) step(i int, at int64, in model.Input) {
	c.read[i] = max(c.read[i], clock.Reading(at))
	c.out.Reset(1, 0)
	c.machines[i].Step(c.read[i], &in, &c.out)
	if c.out.Failure != "" {
		c.g.failed = c.out.Failure
		return
	}
	notes := append([]model.Note(nil), c.out.Notes...)
	effects := append([]model.Effect(nil), c.out.Effects...)
	for k := range notes {
		c.noted(i, at, &notes[k])
	}
	for k := range effects {
		c.effect(i, at, &effects[k])
	}
	if !c.carrying {
		c.carrying = true
		c.carry(at)
		c.carrying = false
	}
}

// span is when what happens now was predicted.
func (c *cluster) span(at int64) Span {
	if c.fed {
		return c.base
	}
	return instant(at)
}

// noted turns what a server noted into predictions.
func (c *cluster) noted(i int, at int64, n *model.Note) {
	number := c.numberOf(n.Session)
	name := ""
	if number >= 0 {
		name = c.sess[number].name
	}
	switch n.Kind {
	case model.KindMarked:
		bucket := n.A * 1e6
		c.marks[number] = at
		if !c.quiet {
			c.g.expectMark(EvMarkedClosing, c.node(i), name, instant(bucket), n.Rule, n.A)
		}
		return
	case model.KindTouchRecorded:
		if number >= 0 && !c.quiet {
			c.entered(i, at, number)
		}
		return
	}
	if c.quiet {
		return
	}
	span := c.span(at)
	if c.fed && c.rule != "" {
		carried := *n
		carried.Rule = c.rule
		n = &carried
	}
	switch n.Kind {
	case model.KindTouch, model.KindTouchFailed:
		if n.Text != "learner" && n.Text != "creation" {
			c.g.expect(EvTouch, c.node(i), name, span, touchRule(n))
		}
	case model.KindPingProcessed:
		if i == c.leader {
			span = instant(at) // its touch has shown when it came
		}
		c.g.expect(EvPingProcessed, c.node(i), name, span, n.Rule)
	case model.KindCloseApplied:
		if marked, ok := c.marks[number]; ok {
			span = instant(marked) // c of Z-5 is zero
		}
		if c.g.many {
			c.batched(i, at, name)
			return
		}
		c.g.expect(EvCloseApplied, c.node(i), name, span, "Z-5")
	case model.KindNodeDeleted:
		c.g.expect(EvEphemeralsDeleted, c.node(i), name, instant(at), n.Rule)
		c.plan(c.recordedOr(EvEphemeralsDeleted, i, name, at), func(when int64) {
			c.g.expect(EvSawDeleted, nodeName(ClassObserver, i+1), name, instant(when), "Z-4")
		})
	case model.KindMoved:
		if n.Text == model.OpPing.String() {
			// The line is written before the answer is decided.
			c.g.expect(EvPingProcessed, c.node(i), name, span, n.Rule)
		}
	case model.KindConnectionClosed:
		if n.Rule == "H-2" {
			span = instant(floorTo(at, int64(idleCheck))) // at an edge, whenever the server is asked
		}
		if !c.g.many {
			c.g.expect(EvConnectionClosed, c.node(i), name, span, n.Rule)
		}
	case model.KindRefused:
		c.g.expect(EvRevalidationRefused, c.node(i), name, span, n.Rule)
	}
}

func touchRule(n *model.Note) string {
	if n.Kind == model.KindTouchFailed {
		return "V-4"
	}
	return n.Rule
}

// plan has something done at an instant.
func (c *cluster) plan(at int64, do func(at int64)) {
	c.g.plan(at, func() { do(at) })
}

// recordedOr is when an event that follows now was recorded, or now.
func (c *cluster) recordedOr(ev string, i int, name string, at int64) int64 {
	const soon = int64(time.Second)
	if k := c.g.find(ev, c.node(i), name, at-int64(Near), at+soon, at); k >= 0 {
		return max(at, c.g.t.Events[k].T)
	}
	return at
}

// open makes a session on the server that it belongs to.
func (c *cluster) open(n int, at int64) {
	s := &c.sess[n]
	if s.opened {
		return
	}
	s.opened = true
	// The model numbers sessions by the server that makes them and a count.
	count := 0
	for i := range c.sess {
		if i != n && c.sess[i].opened && c.sess[i].server == s.server {
			count++
		}
	}
	s.id = model.SessionID(uint64(s.server+1)<<56 | uint64(count))
	if t := c.g.t; len(c.machines) == 1 && !c.g.many {
		if k := c.g.find(EvCreateApplied, c.node(0), s.name, at, at+int64(time.Second), at); k >= 0 {
			c.flush = time.Duration(t.Events[k].T - at)
		}
	}
	c.feed(s.server, at, instant(at), model.Input{Kind: model.InputAccepted, Peer: s.node, Conn: s.conn})
	c.send(s.server, at, instant(at), s.conn, model.Packet{Op: model.OpConnect, Timeout: int32(c.g.t.Header.Client.RequestedMs)})
	c.flushed(at)
}

// flushed lets the log of a standalone server end its flush when recorded.
func (c *cluster) flushed(at int64) {
	if c.flush == 0 {
		return
	}
	c.plan(at+int64(c.flush), func(when int64) { c.wake(0, when) })
	c.flush = 0
}

// send feeds a server a client's packet.
func (c *cluster) send(i int, at int64, base Span, conn model.ConnID, p model.Packet) {
	c.feed(i, at, base, model.Input{Kind: model.InputPacket, Conn: conn, Packet: &p})
}

// event is a recorded event at a server.
func (c *cluster) event(k int, e *Event) {
	i := e.NodeID() - 1
	if i < 0 || i >= len(c.machines) {
		return
	}
	if c.g.many {
		c.quietly(k, e, i)
		return
	}
	switch e.Ev {
	case EvSessionTracked:
		n := c.sessionNumber("")
		if !c.sess[n].opened {
			c.startUp(e)
			c.open(n, e.T)
		}
	case EvMarkedClosing:
		c.mark(e, i, "")
	}
}

// startUp sets aside the touches of the creation itself, which is given: the
// leader touches a new session once, or three times where it has the client.
func (c *cluster) startUp(e *Event) {
	left := 1
	if c.g.t.Header.Client.AttachedServer-1 == c.leader {
		left = 3
	}
	applied := e.T
	if k := c.g.find(EvCreateApplied, e.Node, "", e.T-int64(time.Second), e.T+int64(time.Minute), e.T); k >= 0 {
		applied = max(applied, c.g.t.Events[k].T)
	}
	for k := range c.g.t.Events {
		t := &c.g.t.Events[k]
		if t.T > applied {
			break
		}
		if left == 1 && t.T < e.T && t.Ev == EvTouch && t.Class() == ClassServer {
			// The learner has entered the session and answers a PING before its request is
			// prepared: a touch of a session that is not there yet (T-6).
			c.g.claims[k] = claim{taken: true, input: true}
			continue
		}
		if left > 0 && t.Ev == EvTouch && t.Class() == ClassServer && t.T >= e.T-int64(TouchNear) {
			c.g.claims[k] = claim{taken: true, input: true}
			left--
		}
	}
}

// mark gives the expiry loop its turn when a session was recorded as marked.
func (c *cluster) mark(e *Event, i int, name string) {
	if len(c.machines) == 1 {
		if k := c.g.find(EvCloseApplied, c.node(0), name, e.T, e.T+int64(time.Second), e.T); k >= 0 {
			c.flush = time.Duration(c.g.t.Events[k].T - e.T)
		}
	}
	c.wake(i, e.T)
	c.flushed(e.T)
}
