package conformance

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// A cluster leads the servers of one recording. What servers say to each other
// arrives at once, where nothing is in the way: c of Z-5 is taken as zero. Held back
// until their recorded instants are commits, and the leader's PINGs, which no
// recording states. Who leads whom is fed as recorded, see guided_roles.go.
type cluster struct {
	g        *guide
	members  []member
	leader   int // index of the server that began to lead last
	out      model.Output
	queue    []message
	carrying bool
	held     map[[2]int]int64 // until when a connection is held back
	had      map[proposed]bool
	broken   map[model.ConnID]bool // connections between servers that have lost something for good
	links    links

	warm   int64 // end of the start-up: the session's first use is done
	half   int64 // h, ns
	flush  time.Duration
	ops    map[int64]*model.Txn // proposals by zxid
	sess   []sessionOf          // by number
	number map[string]int       // of a session's recorded ID
	marks  map[markOf]int64     // when a session was marked, by server
	before map[string]string    // by recorded ID: the session marked just before
	base   Span                 // when what is being fed was predicted
	fed    bool                 // base holds
	rule   string               // W-1 where what is fed came by a repetition
	quiet  bool                 // nothing is predicted: what is fed only sets the scene
	unseen bool                 // when what is fed came is in no recording
}

// A member is one server of the ensemble.
type member struct {
	machine   *model.Server
	read      clock.Reading // of its last step
	boss      int           // index of its leader, itself where it leads; nobody while it is in no role
	term      uint32        // counts its roles; connections between servers live for one
	led       bool          // it has been a leader
	dead      bool          // its process has been killed
	silenced  int64         // until when its process is stopped; before now where it is not
	stoppedAt int64         // when that was done last
	overdue   int64         // bucket of the session that came meanwhile, ms
	asked     bool          // a learner: its table is due to be reported
	ping      int64         // a leader: instant of one of its PINGs, or Absent before one is known
	observer  watcher
}

const nobody = -1

type markOf struct{ server, session int }

// A sessionOf is one session of the recording, in the model.
type sessionOf struct {
	name   string // as recorded; empty where the recording has one session
	id     model.SessionID
	server int // index of the server that it was opened on
	node   model.NodeID
	conn   model.ConnID // the first, or the one in use where no machine leads the client
	opened bool

	at      int          // index of the server that conn leads to
	ordinal uint32       // of conn
	hungUp  bool         // conn is closed
	pinged  bool         // a ping has been recorded: its start-up is over
	reply   model.Packet // the last answer to a ConnectRequest
}

// endless is a number of ticks that no recording reaches: led servers hear of
// each other only where the recording says so, and must not mind.
const endless = 1 << 30

func newCluster(g *guide) *cluster {
	h := &g.t.Header
	c := &cluster{g: g, leader: g.t.LeaderAtStart() - 1, half: g.t.TickMs() / 2 * 1e6, links: newLinks(g.t),
		ops: map[int64]*model.Txn{}, held: map[[2]int]int64{}, broken: map[model.ConnID]bool{}, had: map[proposed]bool{}, number: map[string]int{}, marks: map[markOf]int64{}}
	for i := range g.t.Events {
		if g.t.Events[i].Ev == EvReady {
			c.warm = g.t.Events[i].T
			break
		}
	}
	c.queueUp()
	start := g.t.Events[0].T - int64(time.Second)
	for i := range h.Servers.Count {
		c.members = append(c.members, member{boss: c.leader, ping: Absent, read: clock.Reading(start)})
		c.members[i].observer, c.members[i].led = newWatcher(g.t, i), i == c.leader
		c.members[i].machine = model.NewServer(c.config(i, c.leader), c)
	}
	for i := range c.members {
		c.step(i, start, model.Input{Kind: model.InputStart})
	}
	for i := range c.members {
		if i != c.leader {
			c.join(i, start)
		}
	}
	return c
}

// config is that of a server in the role that it has under a leader.
func (c *cluster) config(i, leader int) model.ServerConfig {
	h := &c.g.t.Header
	cfg := model.ServerConfig{Node: model.NodeID(i), ID: i + 1, Leader: model.NodeID(leader), Tick: c.g.t.TickMs(), InitLimit: endless, SyncLimit: endless,
		Limits:    model.Limits{Min: int32(h.Servers.MinSessionTimeoutMs), Max: int32(h.Servers.MaxSessionTimeoutMs)},
		IdleCheck: int64(idleCheck / time.Millisecond), Deviation: c.g.wrong.model}
	for k := range h.Servers.Count {
		if c.observes(k) {
			cfg.Observers = append(cfg.Observers, model.NodeID(k))
		} else {
			cfg.Voters = append(cfg.Voters, model.NodeID(k))
		}
	}
	return cfg
}

// observes says whether a server is no voter.
func (c *cluster) observes(i int) bool {
	for _, r := range c.g.t.Header.Servers.RolesAtStart {
		if r.Server == i+1 {
			return r.Role == model.RoleObserver.String()
		}
	}
	return false
}

// link is the connection of a learner to its leader.
func (c *cluster) link(i int) model.ConnID {
	return model.MakeConnID(model.NodeID(i), c.members[i].term)
}

// join connects a learner to its leader.
func (c *cluster) join(i int, at int64) {
	c.step(c.members[i].boss, at, model.Input{Kind: model.InputJoined, Port: model.PortQuorum, Peer: model.NodeID(i), Conn: c.link(i)})
	c.step(i, at, model.Input{Kind: model.InputJoined, Port: model.PortQuorum, Conn: c.link(i)})
}

// Draw and FlushTime implement [model.Env].
func (c *cluster) Draw(model.Purpose, uint64) uint64 { return 0 }

func (c *cluster) FlushTime(uint64) time.Duration { return c.flush }

// LoadTime implements [model.Env].
func (c *cluster) LoadTime(uint64) time.Duration { return 0 }

// node is a server's name in recordings.
func (c *cluster) node(i int) string { return nodeName(ClassServer, i+1) }

// leads says whether a server leads, or stands alone.
func (c *cluster) leads(i int) bool { return c.members[i].boss == i }

// follows says whether a server is a learner with a leader.
func (c *cluster) follows(i int) bool { return c.members[i].boss != nobody && c.members[i].boss != i }

// sessionNumber finds or enters a session of the recording.
func (c *cluster) sessionNumber(name string) int {
	n, ok := c.number[name]
	if !ok {
		n = len(c.sess)
		c.number[name] = n
		s := sessionOf{name: name, server: c.g.t.Header.Client.AttachedServer - 1, node: model.NodeID(len(c.members) + n)}
		for _, at := range c.g.t.Header.Sessions {
			if at.ID == name {
				s.server = at.Server - 1
			}
		}
		s.conn, s.at = model.MakeConnID(s.node, 0), s.server
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
// recorded, now. The leader's expiry loop has its turn first. A server that is
// stopped takes it in when it goes on (W-5).
func (c *cluster) feed(i int, at int64, base Span, in model.Input) {
	m := &c.members[i]
	switch {
	case m.dead:
		return
	case m.silenced > at:
		if m.silenced != forEver {
			c.g.plan(m.silenced, func() { c.feed(i, c.g.now, base.after(m.silenced), in) })
		}
		return
	}
	c.wake(i, at)
	c.base, c.fed = base, true
	c.step(i, at, in)
	c.fed = false
}

// wake lets a server run what is due.
func (c *cluster) wake(i int, at int64) {
	m := &c.members[i]
	if w := m.machine.Wake(); w != clock.Unset && int64(w) <= at && m.silenced <= at && m.boss != nobody && !m.dead && !c.spared(i, at) {
		c.step(i, at, model.Input{Kind: model.InputWake})
	}
}

func (c *cluster) catchUp(at int64) {
	for i := range c.members {
		c.wake(i, at)
	}
}

// step gives a server one input, and the others what follows.
func (c *cluster) step(i int, at int64, in model.Input) {
	m := &c.members[i]
	m.read = max(m.read, clock.Reading(at))
	c.out.Reset(1, 0)
	m.machine.Step(m.read, &in, &c.out)
	c.done(i, at)
}

// done turns what a server left in the buffer into predictions and messages.
func (c *cluster) done(i int, at int64) {
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
	if t := c.g.t; len(c.members) == 1 && !c.g.many {
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
	if i < 0 || i >= len(c.members) {
		return
	}
	if e.Ev == EvRole {
		c.role(i, e)
		return
	}
	if c.g.many {
		c.quietly(k, e, i)
		return
	}
	switch e.Ev {
	case EvSessionTracked:
		n := c.sessionNumber("")
		switch {
		case !c.sess[n].opened:
			c.startUp(e)
			c.open(n, e.T)
		case !c.leads(i):
			c.reign(i, e.T)
		}
	case EvMarkedClosing:
		c.mark(e, i, "")
	default:
		c.shore(k, e, i)
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
	if len(c.members) == 1 {
		if k := c.g.find(EvCloseApplied, c.node(0), name, e.T, e.T+int64(time.Second), e.T); k >= 0 {
			c.flush = time.Duration(c.g.t.Events[k].T - e.T)
		}
	}
	c.wake(i, e.T)
	c.polled(i, e.T)
	c.flushed(e.T)
}
