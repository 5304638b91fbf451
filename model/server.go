package model

import (
	"math/bits"
	"time"

	"zksim/clock"
)

// A Role is what a server does in its ensemble.
type Role uint8

const (
	RoleStandalone Role = iota
	RoleLeader
	RoleFollower
	RoleObserver
)

var roleNames = [...]string{"standalone", "leader", "follower", "observer"}

// String returns the role's name in ZooKeeper's words.
func (r Role) String() string { return roleNames[r] }

func (r Role) isLearner() bool { return r == RoleFollower || r == RoleObserver }

// A ServerConfig is one server's configuration and its place in the ensemble.
// Times are milliseconds.
type ServerConfig struct {
	Node      NodeID
	ID        int // server ID, from 1
	Role      Role
	Leader    NodeID   // for a learner
	Followers []NodeID // for a leader
	Observers []NodeID // for a leader
	Limits    Limits
	Tick      int64
	SyncLimit int64 // in ticks (F-1, F-5)
	IdleCheck int64 // zookeeper.nio.sessionlessCnxnTimeout (H-2)
	PingPhase int64 // reading of the leader's first PING, below Tick/2 (T-17)
	Startup   int64 // from a restart of the process to serving (H-4)
	// Deviation makes the server wrong, for tests.
	Deviation Deviation
}

// heartbeat is h: the leader pings its learners every half tick (T-17).
func (c *ServerConfig) heartbeat() int64 { return c.Tick / 2 }

// silence is S: how long leader and learner bear each other's silence (F-1, F-5).
func (c *ServerConfig) silence() int64 { return c.SyncLimit * c.Tick }

// A Server is one ZooKeeper server: standalone, leader, follower or observer.
// What is the same in every role lies here; see leader.go and learner.go for the
// rest.
type Server struct {
	cfg     ServerConfig
	env     Env
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

	leader  *leaderState  // leader and standalone
	learner *learnerState // follower and observer
}

// NewServer returns a server that has not started yet.
func NewServer(cfg ServerConfig, env Env) *Server {
	return &Server{cfg: cfg, env: env, servesAt: clock.Unset, wakeAt: clock.Unset, nextIdleCheck: clock.Unset,
		log: newLogDevice()}
}

// Restart makes the server what it is after its process was killed and started
// again: what had reached the log device is there, everything else is gone
// (F-16). InputStart must follow.
func (s *Server) Restart() {
	s.restarted = true
	s.serving = false
	s.servesAt, s.nextIdleCheck = clock.Unset, clock.Unset
	s.conns = connTable{}
	s.db.restarted()
	s.log = newLogDevice()
	s.leader, s.learner = nil, nil
}

// Wake implements [Machine].
func (s *Server) Wake() clock.Reading { return s.wakeAt }

// Step implements [Machine].
func (s *Server) Step(now clock.Reading, in *Input, out *Output) {
	switch in.Kind {
	case InputStart:
		s.start(now, out)
	case InputWake:
		s.timers(now, out)
	case InputAccepted:
		s.accepted(now, in, out)
	case InputConnected:
		s.learner.joined(s, now, in)
	case InputPacket:
		s.packet(now, in, out)
	case InputClosed:
		s.closed(now, in, out)
	}
	s.wakeAt = s.nextWake()
}

func (s *Server) start(now clock.Reading, out *Output) {
	if !s.restarted || s.cfg.Startup == 0 {
		s.serve(now, out)
		return
	}
	s.started = out.Cause()
	s.servesAt = now.Add(time.Duration(s.cfg.Startup) * time.Millisecond)
}

// serve opens the server to clients. A standalone server tracks every session
// in its database afresh, with the timeout first negotiated (F-15, F-16;
// SessionTrackerImpl.java:SessionTrackerImpl.<init>).
func (s *Server) serve(now clock.Reading, out *Output) {
	s.serving = true
	s.servesAt = clock.Unset
	ms := now.Millis()
	serving := out.Note(Note{Kind: KindServing, Rule: "H-4", Peer: NoNode, Text: s.cfg.Role.String()})
	if s.cfg.Role.isLearner() {
		s.learner = newLearnerState(&s.cfg, ms)
		return
	}
	s.leader = newLeaderState(&s.cfg, now)
	s.db.sessions.each(func(id SessionID, e *sessionEntry) {
		if e.live {
			out.Because(serving)
			s.leader.tracker.Track(id, e.first, ms)
			deadline, _ := s.leader.tracker.Touch(id, e.first, ms, out.next)
			out.Note(Note{Kind: KindRearmed, Rule: "F-16", Session: id, Peer: NoNode, A: int64(e.first), B: deadline})
		}
	})
}

// timers runs whatever is due. Being late by several periods is possible after a
// pause (T-8, G-5).
func (s *Server) timers(now clock.Reading, out *Output) {
	if now >= s.servesAt {
		out.Because(s.started)
		s.serve(now, out)
	}
	if s.leader != nil {
		s.leader.poll(s, now, out)
		out.Afresh()
		s.leader.heartbeats(s, now, out)
	}
	if s.learner != nil {
		s.learner.checkLeader(s, now, out)
	}
	s.flushed(now, out)
	s.closeIdle(now, out)
}

func (s *Server) nextWake() clock.Reading {
	w := min(s.servesAt, s.log.done, s.nextIdleCheck)
	if s.leader != nil {
		w = min(w, s.leader.wake())
	}
	if s.learner != nil {
		w = min(w, s.learner.wake())
	}
	return w
}

// isServer says whether a node belongs to the ensemble.
func (s *Server) isServer(n NodeID) bool {
	if s.learner != nil {
		return n == s.cfg.Leader
	}
	return s.leader != nil && s.leader.handler(n) != nil
}

func (s *Server) packet(now clock.Reading, in *Input, out *Output) {
	from := in.Conn.Initiator()
	switch {
	case s.learner != nil && in.Conn == s.learner.conn:
		s.learner.packet(s, now, in.Packet, out)
	case s.leader != nil && s.isServer(from):
		s.leader.packet(s, now, from, in.Packet, out)
	default:
		s.clientPacket(now, in, out)
	}
}

func (s *Server) closed(now clock.Reading, in *Input, out *Output) {
	from := in.Conn.Initiator()
	switch {
	case s.learner != nil && in.Conn == s.learner.conn:
		out.Failure = "a learner lost its leader and would have to look for a new one"
	case s.leader != nil && s.isServer(from):
		s.leader.learnerGone(s, now, from, out)
	default:
		if c := s.conn(in.Conn); c != nil {
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
	}
}

// passwordOf is the password of a session: any function that a client cannot
// guess does; this one is reproducible (SessionTrackerImpl and
// ZooKeeperServer.java:ZooKeeperServer.generatePasswd).
func passwordOf(id SessionID) uint64 {
	hi, lo := bits.Mul64(uint64(id)^0xB3415C00, 0x9E3779B97F4A7C15)
	return hi ^ lo | 1
}
