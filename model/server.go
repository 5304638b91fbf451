package model

import (
	"math/bits"
	"slices"
	"time"

	"zksim/clock"
)

// A ServerConfig is one server's configuration and its place in the ensemble.
// Times are milliseconds.
type ServerConfig struct {
	Node      NodeID
	ID        int      // server ID, from 1
	Voters    []NodeID // all of them, this server among them if it is one
	Observers []NodeID // likewise
	// Leader leads when the run begins, with everybody else behind it; NoNode: nobody
	// does, and the run begins with an election.
	Leader       NodeID
	Limits       Limits
	Tick         int64
	InitLimit    int64 // in ticks (F-1, F-14)
	SyncLimit    int64 // in ticks (F-1, F-5)
	ConnectLimit int64 // connectToLearnerMasterLimit, in ticks; 0: InitLimit (F-13)
	IdleCheck    int64 // zookeeper.nio.sessionlessCnxnTimeout (H-2)
	PingPhase    int64 // reading of the first PING of the leader at the start, below Tick/2 (T-17)
	Startup      int64 // from a restart of the process to what is on its disk being loaded (H-4)
	// LocalSessions and LocalUpgrade are localSessionsEnabled and
	// localSessionsUpgradingEnabled (T-23 to T-25).
	LocalSessions, LocalUpgrade bool
	ReadOnly                    bool // readonlymode.enabled (C-33)
	ObserverMaster              bool // observerMasterPort is set: followers take in observers (T-22)
	LeaderIdle                  bool // zookeeper.leaderServes=no: the leader serves no clients (T-12b)
	// Deviation makes the server wrong, for tests.
	Deviation Deviation
}

// heartbeat is h: the leader pings its learners every half tick (T-17).
func (c *ServerConfig) heartbeat() int64 { return c.Tick / 2 }

// silence is S: how long leader and learner bear each other's silence (F-1, F-5).
func (c *ServerConfig) silence() int64 { return c.SyncLimit * c.Tick }

// initial is I: how long a learner may take to join (F-1, F-14).
func (c *ServerConfig) initial() int64 { return c.InitLimit * c.Tick }

// alone says that the server stands alone.
func (c *ServerConfig) alone() bool { return len(c.Voters) == 1 && len(c.Observers) == 0 }

// A Server is one ZooKeeper server. What is the same in every role lies here; what
// it has of its present role is in leader, learner or election. See role.go for how
// one becomes another.
type Server struct {
	cfg     ServerConfig
	env     Env
	role    Role
	serving bool
	// A run begins with servers that serve; Startup counts from a restart on.
	restarted bool
	servesAt, wakeAt,
	nextIdleCheck clock.Reading
	started RecordID // of the process, for its beginning to serve

	conns   connTable
	idle    []ConnID // scratch
	db      database
	log     logDevice
	created int // sessions made by this server

	locals *Tracker // of local sessions; nil without them (T-23)
	// Of a server that looks for a leader: whether it serves read-only, or else when it
	// will and why (C-33).
	readOnly   bool
	readOnlyAt clock.Reading
	readOnlyBy RecordID

	leader   *leaderState   // leader and standalone
	learner  *learnerState  // follower and observer
	election *electionState // looking

	txns  Slab[Txn] // that it has prepared
	spare spareRole

	links   []electionLink // to the other servers
	opening int            // how many of them are being opened
	dialled uint32         // connections opened so far, those included that stood at the start
	round   int64          // of elections, the logical clock
	vote    Vote           // the last that was settled
	lookAt  clock.Reading  // when an observer begins to look (F-4)
	lookBy  RecordID       // and why
	delays  uint64         // waits before that, so far
	loads   uint64         // times that it began to lead
	// Who votes since the latest reconfiguration that committed, and the latest that was
	// proposed; nil: none. Decided says that one has settled whom to follow (F-22).
	members, seen *membership
	decided       bool
	// An observer's masters in its order, and how many it has turned to (T-22).
	masters  []NodeID
	masterAt int

	// On disk: epochs, and what the log holds beyond what is known to be committed.
	acceptedEpoch, currentEpoch int32
	unapplied                   []*Txn    // to be replayed when the process has started
	replayed                    []*Txn    // has been replayed, and may have to be taken back
	before                      *database // what there was before that

	history   []*Txn // the latest transactions applied, for learners that lack them
	forgotten bool   // there were more
}

// NewServer returns a server that has not started yet.
func NewServer(cfg ServerConfig, env Env) *Server {
	s := &Server{env: env}
	s.Renew(cfg)
	return s
}

// Renew makes the server what [NewServer] returns for a configuration, for another run,
// and uses its memory again. Nothing that it has sent may still be in use.
func (s *Server) Renew(cfg ServerConfig) {
	old := *s
	old.keep()
	clear(old.history)
	*s = Server{cfg: cfg, env: old.env, servesAt: clock.Unset, wakeAt: clock.Unset, nextIdleCheck: clock.Unset, lookAt: clock.Unset, readOnlyAt: clock.Unset,
		log: old.log.renewed(), links: newElectionLinks(old.links[:0], &cfg), conns: old.conns.renewed(), idle: old.idle[:0], db: old.db.renewed(),
		history: old.history[:0], txns: old.txns, spare: old.spare}
	s.txns.Reset()
}

// Restart makes the server what it is after its process was killed and started
// again: what had reached the log device is there, everything else is gone
// (F-16). InputStart must follow.
func (s *Server) Restart() {
	s.unapplied = append(s.unapplied, s.onDisk()...)
	s.restarted = true
	s.role, s.serving = RoleStandalone, false
	s.servesAt, s.nextIdleCheck, s.lookAt = clock.Unset, clock.Unset, clock.Unset
	s.conns = connTable{}
	s.db.restarted()
	if isFresh(s.db.zxid) {
		// No log and no snapshot says so: it is what the last transaction was.
		s.db.zxid = s.lastLogged()
	}
	s.log.stop()
	s.leader, s.learner, s.election, s.locals = nil, nil, nil, nil
	s.readOnly, s.readOnlyAt = false, clock.Unset
	s.links, s.opening = newElectionLinks(s.links[:0], &s.cfg), 0
	s.round, s.decided = 0, false
	s.masters, s.masterAt = nil, 0
}

// onDisk lists what has reached this server's log and is not applied yet.
func (s *Server) onDisk() []*Txn {
	tail := s.inFlight()
	for i := range s.log.queue {
		if t := s.log.queue[i].txn; t != nil {
			for k := range tail {
				if tail[k] == t {
					return tail[:k]
				}
			}
			break
		}
	}
	return tail
}

// inFlight lists the proposals that have come to this server and are not applied
// yet.
func (s *Server) inFlight() []*Txn {
	var txns []*Txn
	if s.leader != nil {
		for i := range s.leader.proposals.Len() {
			txns = append(txns, s.leader.proposals.At(i).txn)
		}
	}
	if s.learner != nil {
		for i := range s.learner.proposals.Len() {
			txns = append(txns, *s.learner.proposals.At(i))
		}
	}
	return txns
}

// Wake implements [Machine].
func (s *Server) Wake() clock.Reading { return s.wakeAt }

// Listening says whether the server's process has a port open: for clients from its
// start, or, in an ensemble, from when it has loaded what is on its disk, as for
// elections; for learners while it leads.
func (s *Server) Listening(p Port) bool {
	switch {
	case s.cfg.alone():
		return p == PortClient
	case s.servesAt != clock.Unset:
		return false
	}
	switch p {
	case PortQuorum:
		return s.leader != nil
	case PortObserver:
		return s.learner != nil && s.learner.master != nil
	}
	return true
}

// Foresee implements [Foreseer].
func (s *Server) Foresee(c ConnID) { s.conns.foresee(c) }

// Step implements [Machine].
func (s *Server) Step(now clock.Reading, in *Input, out *Output) {
	switch in.Kind {
	case InputStart:
		s.start(now, out)
	case InputWake:
		s.timers(now, in.Unread, out)
	case InputAccepted:
		s.accepted(now, in, out)
	case InputConnected:
		s.connected(now, in, out)
	case InputJoined:
		s.joined(now, in)
	case InputReconfig:
		s.reconfig(now, in.Packet.Quorum.Voters, out)
	case InputPacket:
		s.packet(now, in, out)
	case InputClosed:
		s.closed(now, in, out)
	}
	s.wakeAt = s.nextWake()
}

func (s *Server) start(now clock.Reading, out *Output) {
	if !s.restarted || s.cfg.Startup == 0 {
		s.begin(now, out)
		return
	}
	s.started = out.Cause()
	s.servesAt = now.Add(time.Duration(s.cfg.Startup) * time.Millisecond)
}

// timers runs whatever is due. Being late by several periods is possible after a
// pause (T-8, G-5); what the sockets then hold unread comes before any wait for it
// runs out.
func (s *Server) timers(now clock.Reading, unread bool, out *Output) {
	if now >= s.servesAt {
		out.Because(s.started)
		s.begin(now, out)
	}
	if s.locals != nil {
		s.pollLocals(now, out)
		out.Afresh()
	}
	if l := s.leader; l != nil {
		if l.tracker != nil {
			l.poll(s, now, out)
		}
		out.Afresh()
		if !unread {
			l.silences(s, now, out)
		}
		out.Afresh()
		l.turn(s, now, out)
		s.checkPhase(now, out)
	}
	if l := s.learner; l != nil {
		if l.phase != learnerRunning {
			l.checkJoin(s, now, unread, out)
		} else if !unread {
			l.checkLeader(s, now, out)
		}
		if l.master != nil && s.learner == l {
			l.master.timers(s, now, unread, out)
		}
	}
	if len(s.links) > 0 {
		s.checkLinks(now, out)
		if now >= s.readOnlyAt {
			s.serveReadOnly(now, out)
			out.Afresh()
		}
		s.checkElection(now, out)
	}
	s.flushed(now, out)
	s.closeIdle(now, out)
}

func (s *Server) nextWake() clock.Reading {
	w := min(s.servesAt, s.log.done, s.nextIdleCheck)
	switch {
	case s.leader != nil:
		w = min(w, s.leader.wake())
	case s.learner != nil:
		w = min(w, s.learner.wake(&s.cfg))
	case s.election != nil:
		w = min(w, s.election.until, s.readOnlyAt)
	default:
		w = min(w, s.lookAt)
	}
	if s.opening > 0 {
		w = min(w, s.linksWake())
	}
	if s.locals != nil {
		w = min(w, s.locals.Wake())
	}
	return w
}

// accepted is a connection to one of this server's ports.
func (s *Server) accepted(now clock.Reading, in *Input, out *Output) {
	switch in.Port {
	case PortClient:
		s.acceptedClient(now, in, out)
	case PortQuorum:
		if s.leader == nil {
			out.Close(in.Conn) // it has stopped leading meanwhile
			return
		}
		s.leader.accept(s, now, in)
	case PortObserver:
		if s.learner == nil || s.learner.master == nil {
			out.Close(in.Conn) // it has stopped following meanwhile
			return
		}
		s.learner.master.accept(s, now, in)
	case PortElection:
		s.link(in.Peer).accepted(s, now, in.Conn, out)
	}
}

// connected is a connection that this server has opened to another one.
func (s *Server) connected(now clock.Reading, in *Input, out *Output) {
	if s.learner != nil && in.Conn == s.learner.conn {
		s.learner.connected(s, now, out)
		return
	}
	if l := s.linkOf(in.Conn); l != nil {
		l.opened(s, out)
		return
	}
	out.Close(in.Conn)
}

// joined is a connection between servers that stands since before the run began.
func (s *Server) joined(now clock.Reading, in *Input) {
	mine := in.Conn.Initiator() == s.cfg.Node
	if mine {
		s.dialled = max(s.dialled, in.Conn.Ordinal()+1)
	}
	switch {
	case in.Port == PortElection:
		s.link(in.Peer).conn = in.Conn
	case mine:
		s.learner.conn, s.learner.heard = in.Conn, now.Millis()
	case in.Port == PortObserver:
		s.learner.master.accept(s, now, in)
	default:
		s.leader.learners = slices.DeleteFunc(s.leader.learners, func(h learnerHandler) bool { return h.node == in.Peer })
		s.leader.accept(s, now, in)
	}
}

func (s *Server) packet(now clock.Reading, in *Input, out *Output) {
	if !s.isServer(in.Conn.Initiator()) {
		s.clientPacket(now, in, out)
		return
	}
	if s.learner != nil && in.Conn == s.learner.conn {
		s.learner.packet(s, now, in.Packet, out)
		return
	}
	if s.leader != nil {
		if h := s.leader.handler(in.Conn); h != nil {
			s.leader.packet(s, now, h, in.Packet, out)
			return
		}
	}
	if s.learner != nil && s.learner.master != nil {
		if h := s.learner.master.handler(in.Conn); h != nil {
			s.learner.master.packet(s, now, h, in.Packet, out)
			return
		}
	}
	if l := s.linkOf(in.Conn); l != nil {
		s.notified(now, l, in.Packet.Quorum, out)
	}
}

// isServer says whether a node belongs to the ensemble. Servers come before clients
// among the nodes.
func (s *Server) isServer(n NodeID) bool {
	return int(n) < len(s.cfg.Voters)+len(s.cfg.Observers)
}

func (s *Server) closed(now clock.Reading, in *Input, out *Output) {
	from := in.Conn.Initiator()
	if !s.isServer(from) {
		s.closedClient(now, in, out)
		return
	}
	if l := s.learner; l != nil && in.Conn == l.conn {
		out.Close(in.Conn)
		if l.phase == learnerConnecting {
			l.unreached(s, now, in.Reason.String(), out)
			return
		}
		l.conn = NoConn
		s.lostLeader(now, "F-1", in.Reason.String(), out)
		return
	}
	if s.leader != nil && s.leader.handler(in.Conn) != nil {
		s.leader.learnerGone(s, in.Conn, in.Reason.String(), out)
		return
	}
	if s.learner != nil && s.learner.master != nil && s.learner.master.handler(in.Conn) != nil {
		s.learner.master.drop(s, in.Conn, in.Reason.String(), out)
		return
	}
	out.Close(in.Conn)
	if l := s.linkOf(in.Conn); l != nil {
		l.closed(s, in.Conn)
	}
}

// closedClient is the end of a client's connection.
func (s *Server) closedClient(now clock.Reading, in *Input, out *Output) {
	c := s.conn(in.Conn)
	if c == nil {
		return
	}
	if c.phase == connPending {
		// Reading is suspended until the handshake is answered: nobody notices (V-4;
		// NIOServerCnxn.java:NIOServerCnxn.disableRecv).
		c.ended, c.reason = true, in.Reason
		return
	}
	// Losing the connection has no effect on the session (H-1).
	id := c.session
	s.hangUp(c, "H-1", in.Reason.String(), out)
	if s.cfg.Deviation == DeviateCloseOnFIN && id != 0 {
		s.closeSession(now, id, out)
	}
}

// passwordOf is the password of a session: any function that a client cannot
// guess does; this one is reproducible (SessionTrackerImpl and
// ZooKeeperServer.java:ZooKeeperServer.generatePasswd).
func passwordOf(id SessionID) uint64 {
	hi, lo := bits.Mul64(uint64(id)^0xB3415C00, 0x9E3779B97F4A7C15)
	return hi ^ lo | 1
}
