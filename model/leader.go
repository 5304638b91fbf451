package model

import (
	"math/bits"
	"slices"

	"zksim/clock"
)

// A leaderState is what a server has because it leads, or stands alone: the
// session tracker, the proposals under way, and one handler for each learner.
type leaderState struct {
	tracker   *Tracker
	zxid      int64                 // last proposed
	proposals FIFO[proposal]        // of consecutive zxids
	ahead     map[string]pathChange // what proposals not yet applied do to a path; never ranged over
	learners  []learnerHandler      // in the order of their nodes
	nextPing  clock.Reading         // unset for a standalone server
	voters    int
}

// A learnerHandler is the leader's side of one learner (LearnerHandler.java).
type learnerHandler struct {
	node     NodeID
	conn     ConnID
	observer bool
	up       bool
	heard    int64       // ms, of its last packet (F-5)
	spare    *TouchTable // a table that came in and goes back with the next PING
}

// A proposal is a transaction that waits for its quorum.
type proposal struct {
	txn  *Txn
	at   int64    // when it was proposed, ms (F-5)
	acks voterSet // those that have logged it
}

// A voterSet holds voters by their node; voters come first among the nodes.
type voterSet uint64

func (v voterSet) has(n NodeID) bool { return v>>n&1 != 0 }
func (v *voterSet) add(n NodeID)     { *v |= 1 << n }
func (v voterSet) size() int         { return bits.OnesCount64(uint64(v)) }

func newLeaderState(cfg *ServerConfig, now clock.Reading) *leaderState {
	l := &leaderState{tracker: NewTracker(cfg.Tick, now.Millis()), nextPing: clock.Unset, ahead: map[string]pathChange{}, voters: 1 + len(cfg.Followers)}
	for _, n := range cfg.Followers {
		l.learners = append(l.learners, learnerHandler{node: n, conn: NoConn})
	}
	for _, n := range cfg.Observers {
		l.learners = append(l.learners, learnerHandler{node: n, conn: NoConn, observer: true})
	}
	slices.SortFunc(l.learners, func(a, b learnerHandler) int { return int(a.node - b.node) })
	if len(l.learners) > 0 {
		h := cfg.heartbeat()
		first := now.Millis()/h*h + cfg.PingPhase
		if first < now.Millis() {
			first += h
		}
		l.nextPing = clock.ReadingOfMillis(first)
	}
	return l
}

func (l *leaderState) wake() clock.Reading {
	return min(clock.ReadingOfMillis(l.tracker.Next()), l.nextPing)
}

func (l *leaderState) handler(n NodeID) *learnerHandler {
	for i := range l.learners {
		if l.learners[i].node == n {
			return &l.learners[i]
		}
	}
	return nil
}

// joined is a learner's connection coming up: in a steady ensemble, at the start.
// The patience with its silence begins here, whatever the clock shows (F-5).
func (l *leaderState) joined(now clock.Reading, in *Input) {
	h := l.handler(in.Peer)
	h.conn, h.up, h.heard = in.Conn, true, now.Millis()
}

// gone says why a session cannot be touched.
func (l *leaderState) gone(id SessionID) string {
	if l.tracker.Closing(id) {
		return "marked closing"
	}
	return "unknown session"
}

// touch moves a session's deadline, or fails (T-3, T-5, T-6).
func (l *leaderState) touch(s *Server, now clock.Reading, id SessionID, timeout int32, rule, by string, out *Output) bool {
	ms := now.Millis()
	if s.cfg.Deviation == DeviateBucketEarly {
		ms -= s.cfg.Tick
	}
	deadline, ok := l.tracker.Touch(id, timeout, ms, out.next)
	if !ok {
		out.Note(Note{Kind: KindTouchFailed, Rule: "T-6", Session: id, Peer: NoNode, Text: by})
		return false
	}
	out.Note(Note{Kind: KindTouch, Rule: rule, Session: id, Peer: NoNode, A: int64(timeout), B: deadline, Text: by})
	return true
}

// poll is the expiry loop: bucket after bucket while it is late, each session
// marked and its closeSession submitted (T-7 to T-9).
func (l *leaderState) poll(s *Server, now clock.Reading, out *Output) {
	ms := now.Millis()
	for l.tracker.Poll(ms, func(id SessionID, boundary int64, touched RecordID) {
		out.Note(Note{Kind: KindMarked, Rule: "T-9", Session: id, Peer: NoNode, A: boundary, B: ms - boundary, Cause: touched})
		l.prepare(s, now, NoNode, &Packet{Op: OpRequest, Req: OpCloseSession, Session: id}, out)
	}) {
	}
}

// prepare turns a request into a transaction and proposes it
// (PrepRequestProcessor.java:PrepRequestProcessor.pRequest2Txn). Origin is the
// server that the request came in through, NoNode for an expiry.
func (l *leaderState) prepare(s *Server, now clock.Reading, origin NodeID, p *Packet, out *Output) {
	t := &Txn{Op: p.Req, Session: p.Session, Origin: origin, Req: p.Req, Xid: p.Xid, Path: p.Path}
	ms := now.Millis()
	switch p.Req {
	case OpCreateSession:
		t.Timeout = p.Timeout
		deadline, _ := l.tracker.Track(p.Session, p.Timeout, ms)
		l.tracker.SetOwner(p.Session, origin)
		out.Note(Note{Kind: KindTracked, Rule: "T-11", Session: p.Session, Peer: NoNode, A: int64(p.Timeout), B: deadline})
		l.touch(s, now, p.Session, p.Timeout, "T-12", "creation", out)
	case OpCloseSession, OpClose:
		// Nobody checks whether the session still lives: a second closeSession deletes
		// nothing (Z-9).
		t.Op = OpCloseSession
		l.tracker.SetClosing(p.Session)
		t.Deletes = l.ephemerals(s, p.Session)
	default:
		err := l.tracker.Check(p.Session, origin)
		if err == ErrOK && p.Req == OpCreate && l.exists(s, p.Path) {
			err = ErrNodeExists
		}
		if err == ErrOK && p.Req == OpSetData && !l.exists(s, p.Path) {
			err = ErrNoNode
		}
		if err != ErrOK {
			t.Op, t.Err = OpError, err
		}
	}
	l.propose(s, now, t, out)
}

// A pathChange is what the last of the proposals not yet applied does to a path.
type pathChange struct {
	zxid  int64
	there bool
}

// ephemerals fixes what a closeSession deletes: what is in the tree and what
// proposals not yet applied create, less what they delete (Z-2).
func (l *leaderState) ephemerals(s *Server, id SessionID) []string {
	e := s.db.sessions.at(id)
	if e.ending {
		return nil // an earlier closeSession has it all, and nothing was created since
	}
	e.ending = true
	return append(append([]string(nil), e.paths...), e.creating...)
}

// exists says whether a path will be there once everything proposed is applied.
func (l *leaderState) exists(s *Server, path string) bool {
	if c, ok := l.ahead[path]; ok {
		return c.there
	}
	return s.db.node(path) != nil
}

// foresee notes what a proposal will do once it is applied.
func (l *leaderState) foresee(s *Server, t *Txn) {
	switch t.Op {
	case OpCreate:
		e := s.db.sessions.at(t.Session)
		e.creating = append(e.creating, t.Path)
		l.ahead[t.Path] = pathChange{t.Zxid, true}
	case OpCloseSession:
		for _, path := range t.Deletes {
			l.ahead[path] = pathChange{t.Zxid, false}
		}
	}
}

// happened forgets what foresee noted: the transaction has been applied.
func (l *leaderState) happened(s *Server, t *Txn) {
	settle := func(path string) {
		if l.ahead[path].zxid == t.Zxid {
			delete(l.ahead, path)
		}
	}
	switch t.Op {
	case OpCreate:
		e := s.db.sessions.at(t.Session)
		e.creating = slices.DeleteFunc(e.creating, func(p string) bool { return p == t.Path })
		settle(t.Path)
	case OpCloseSession:
		for _, path := range t.Deletes {
			settle(path)
		}
	}
}

// propose sends a transaction to every follower and to the own log (Z-3;
// Leader.java:Leader.propose).
func (l *leaderState) propose(s *Server, now clock.Reading, t *Txn, out *Output) {
	if l.zxid < s.db.zxid {
		l.zxid = s.db.zxid
	}
	l.zxid++
	t.Zxid = l.zxid
	rule := "Z-3" // like any write
	if t.Op == OpCloseSession {
		rule = "Z-1"
	}
	t.Cause = out.Note(Note{Kind: KindProposed, Rule: rule, Session: t.Session, Peer: NoNode, A: t.Zxid, Text: t.Op.String()})
	l.foresee(s, t)
	if s.cfg.Role == RoleLeader {
		l.proposals.Push(proposal{txn: t, at: now.Millis()})
		for i := range l.learners {
			if h := &l.learners[i]; h.up && !h.observer {
				out.Send(h.conn, &Packet{Op: OpProposal, Zxid: t.Zxid, Txn: t})
			}
		}
	}
	s.logTxn(now, t, out)
}

// acked is a voter having logged a proposal. Proposals commit in their order,
// each when a majority has it (Z-3, Z-4).
func (l *leaderState) acked(s *Server, now clock.Reading, zxid int64, voter NodeID, out *Output) {
	if l.proposals.Len() > 0 {
		if i := int(zxid - l.proposals.At(0).txn.Zxid); i >= 0 && i < l.proposals.Len() {
			l.proposals.At(i).acks.add(voter)
		}
	}
	for l.proposals.Len() > 0 && l.proposals.At(0).acks.size() > l.voters/2 {
		t := l.proposals.Pop().txn
		committed := out.Note(Note{Kind: KindCommitted, Rule: "Z-4", Session: t.Session, Peer: NoNode, A: t.Zxid, Text: t.Op.String()})
		for i := range l.learners {
			h := &l.learners[i]
			switch {
			case !h.up:
			case h.observer:
				out.Send(h.conn, &Packet{Op: OpInform, Zxid: t.Zxid, Txn: t})
			default:
				out.Send(h.conn, &Packet{Op: OpCommit, Zxid: t.Zxid})
			}
		}
		s.apply(now, t, out)
		out.Because(committed)
	}
}

// heartbeats sends PING to every learner each half tick, and drops learners that
// have been silent, or have left a proposal unacknowledged, for too long (T-17,
// F-5).
func (l *leaderState) heartbeats(s *Server, now clock.Reading, out *Output) {
	if now < l.nextPing {
		return
	}
	ms, h := now.Millis(), s.cfg.heartbeat()
	// A loop turn waits h from its own start; turns missed in a pause are not made up.
	l.nextPing = clock.ReadingOfMillis(ms + h)
	sent := int64(0)
	for i := range l.learners {
		if l.learners[i].up {
			sent++
		}
	}
	if sent > 0 {
		out.Note(Note{Kind: KindLeaderPing, Rule: "T-17", Peer: NoNode, A: sent})
	}
	for i := range l.learners {
		h := &l.learners[i]
		if !h.up {
			continue
		}
		if ms-h.heard >= s.cfg.silence() || l.overdue(h, ms, s.cfg.silence()) {
			out.Failure = "the leader dropped a learner that was silent for syncLimit"
			return
		}
		out.Send(h.conn, &Packet{Op: OpLeaderPing, Touches: h.spare})
		h.spare = nil
	}
}

// overdue says whether a follower has left a proposal unacknowledged for limit
// (F-5; LearnerHandler.java:SyncLimitCheck.check).
func (l *leaderState) overdue(h *learnerHandler, ms, limit int64) bool {
	if h.observer {
		return false
	}
	for i := range l.proposals.Len() {
		p := l.proposals.At(i)
		if ms-p.at < limit {
			break // those behind it are younger
		}
		if !p.acks.has(h.node) {
			return true
		}
	}
	return false
}

// learnerGone is the end of a learner's connection: its process has died (F-21).
// The leader stays as long as a quorum is with it (F-8).
func (l *leaderState) learnerGone(s *Server, now clock.Reading, from NodeID, out *Output) {
	h := l.handler(from)
	h.up = false
	out.Note(Note{Kind: KindLearnerGone, Rule: "F-5", Peer: from})
	voters := 1
	for i := range l.learners {
		if l.learners[i].up && !l.learners[i].observer {
			voters++
		}
	}
	if voters <= l.voters/2 {
		out.Failure = "the leader lost its quorum and would have to step down"
	}
}

// packet is what a learner sent (LearnerHandler.java:LearnerHandler.run).
func (l *leaderState) packet(s *Server, now clock.Reading, from NodeID, p *Packet, out *Output) {
	h := l.handler(from)
	h.heard = now.Millis()
	switch p.Op {
	case OpAck:
		l.acked(s, now, p.Zxid, from, out)
	case OpLearnerPing:
		// Nobody asks who owns the sessions now: a stale learner extends them too (T-21).
		for i := range p.Touches.touches {
			t := &p.Touches.touches[i]
			out.Because(t.Cause)
			l.touch(s, now, t.Session, t.Timeout, "T-18", "learner", out)
		}
		p.Touches.touches = p.Touches.touches[:0]
		h.spare = p.Touches
	case OpRevalidate:
		// The touch decides; nobody asks how long the client was away (V-4, V-10).
		ok := l.touch(s, now, p.Session, p.Timeout, "V-4", "revalidation", out)
		why := ""
		if ok {
			l.tracker.SetOwner(p.Session, from)
		} else {
			why = l.gone(p.Session)
		}
		out.Send(h.conn, &Packet{Op: OpRevalidateReply, Session: p.Session, Valid: ok, Path: why})
	case OpRequest:
		// Forwarding does not touch (T-13).
		if s.cfg.Deviation == DeviateForwardTouches && p.Req != OpCreateSession {
			l.touch(s, now, p.Session, s.db.sessions.at(p.Session).first, "T-13", "request", out)
		}
		l.prepare(s, now, from, p, out)
	}
}
