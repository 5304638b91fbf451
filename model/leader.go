package model

import (
	"math/bits"
	"slices"

	"zksim/clock"
)

// A leaderState is what a server has because it leads, or stands alone: the
// session tracker, the proposals under way, and one handler for each learner.
type leaderState struct {
	tracker   *Tracker              // from when it serves
	zxid      int64                 // last proposed
	proposals FIFO[proposal]        // of consecutive zxids
	ahead     map[string]pathChange // what proposals not yet applied do to a path; never ranged over
	creates   map[string]int32      // nodes below a path, proposals counted; never ranged over
	learners  []learnerHandler      // in the order of their nodes
	nextPing  clock.Reading         // of the loop's next turn; unset for a standalone server
	silence   clock.Reading         // when the first learner may have been silent for too long
	retired   bool                  // it is not to lead any more (F-22)
	checks    bool                  // the next turn checks the quorum (F-6)
	tick      int64                 // ticks counted by the loop (F-6)
	because   RecordID              // of the present phase; once it serves, of the last learner's going

	// While it is not serving yet:
	phase     leadingPhase
	phaseEnds clock.Reading
	epoch     int32    // proposed
	agreed    voterSet // with the present phase
	// synchronised are those with which it began to serve.
	synchronised voterSet
}

// A proposal is a transaction that waits for its quorum.
type proposal struct {
	txn  *Txn
	acks voterSet // those that have logged it
}

// A voterSet holds voters by their node; voters come first among the nodes.
type voterSet uint64

func (v voterSet) has(n NodeID) bool { return v>>n&1 != 0 }
func (v *voterSet) add(n NodeID)     { *v |= 1 << n }
func (v voterSet) size() int         { return bits.OnesCount64(uint64(v)) }

// steady makes it the leader of an ensemble in which all is settled: its loop has
// turned every half tick since long ago, at multiples of half a tick and PingPhase.
func (l *leaderState) steady(cfg *ServerConfig, now clock.Reading) {
	h := cfg.heartbeat()
	first := now.Millis()/h*h + cfg.PingPhase
	if first < now.Millis() {
		first += h
	}
	l.nextPing = clock.ReadingOfMillis(first)
	l.checks = first/h%2 == 0
}

func (l *leaderState) wake() clock.Reading {
	if l.phase != leadingServing {
		return min(l.phaseEnds, l.silence)
	}
	return min(l.tracker.Wake(), l.nextPing, l.silence)
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
	if !ok && s.cfg.Deviation == DeviateTouchClosing {
		deadline, ok = Bucket(ms, int64(timeout), s.cfg.Tick), true
	}
	if !ok {
		out.Note(Note{Kind: KindTouchFailed, Rule: "T-6", Session: id, Peer: NoNode, Text: by})
		return false
	}
	out.Note(Note{Kind: KindTouch, Rule: rule, Session: id, Peer: NoNode, A: int64(timeout), B: deadline, Text: by})
	return true
}

// poll is the expiry loop: bucket after bucket while it is late, each session
// marked and its closeSession submitted (T-7 to T-9). It runs for as long as the server
// leads, with a quorum or without: then the marks are vain (F-9).
func (l *leaderState) poll(s *Server, now clock.Reading, out *Output) {
	ms := now.Millis()
	late := ms
	if s.cfg.Deviation == DeviatePollEarly {
		late += s.cfg.Tick
	}
	l.tracker.Skip(late)
	for l.tracker.Poll(late, func(id SessionID, boundary int64, touched RecordID) {
		out.Note(Note{Kind: KindMarked, Rule: "T-9", Session: id, Peer: NoNode, A: boundary, B: ms - boundary, Cause: touched})
		l.prepare(s, now, NoNode, &Packet{Op: OpRequest, Req: OpCloseSession, Session: id}, out)
	}) {
	}
}

// prepare turns a request into a transaction and proposes it
// (PrepRequestProcessor.java:PrepRequestProcessor.pRequest2Txn). Origin is the
// server that the request came in through, NoNode for an expiry.
func (l *leaderState) prepare(s *Server, now clock.Reading, origin NodeID, p *Packet, out *Output) {
	t := s.txns.Take()
	*t = Txn{Op: p.Req, Session: p.Session, Origin: origin, Req: p.Req, Xid: p.Xid, Path: p.Path}
	if p.Quorum != nil {
		t.Origin = p.Quorum.Origin // an observer's, by way of its master (T-22)
	}
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
		err := p.Err
		if err == ErrOK {
			err = l.checkSession(s, p, origin)
		}
		if err == ErrOK && p.Req == OpCreate && l.exists(s, p.Path) {
			err = ErrNodeExists
		}
		if err == ErrOK && p.Req == OpSetData && !l.exists(s, p.Path) {
			err = ErrNoNode
		}
		if err != ErrOK {
			t.Op, t.Err = OpError, err
		} else if p.Req == OpCreate {
			t.Path = l.place(s, p)
		}
	}
	l.propose(s, now, t, out)
}

// place gives a node that is to be made its path, with the next number below its
// parent if it is sequential (A-1;
// PrepRequestProcessor.java:PrepRequestProcessor.pRequest2TxnCreate).
func (l *leaderState) place(s *Server, p *Packet) string {
	above, _ := splitPath(p.Path)
	if above == "" {
		return p.Path
	}
	if l.creates == nil {
		l.creates = map[string]int32{}
	}
	n := max(l.creates[above], s.db.creates(above))
	l.creates[above] = n + 1
	if !p.Sequential {
		return p.Path
	}
	return sequential(p.Path, n)
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
	s.saw(t)
	if s.role == RoleLeader {
		l.proposals.Push(proposal{txn: t})
		for i := range l.learners {
			if h := &l.learners[i]; h.forwarding() && !h.observer {
				if h.phase >= handlerSynced {
					h.check.proposed(t.Zxid, now.Millis())
				}
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
	for l.proposals.Len() > 0 && !l.retired && s.commits(l.proposals.At(0)) {
		p := l.proposals.Pop()
		t := p.txn
		committed := out.Note(Note{Kind: KindCommitted, Rule: "Z-4", Session: t.Session, Peer: NoNode, A: t.Zxid, Text: t.Op.String()})
		var activation *QuorumInfo
		if t.Op == OpReconfig {
			activation = &QuorumInfo{Leader: l.committedReconfig(s, t, p.acks, out)}
			out.Because(committed)
		}
		for i := range l.learners {
			h := &l.learners[i]
			switch {
			case !h.forwarding():
			case h.observer:
				out.Send(h.conn, &Packet{Op: OpInform, Zxid: t.Zxid, Txn: t, Quorum: activation})
			default:
				out.Send(h.conn, &Packet{Op: OpCommit, Zxid: t.Zxid, Quorum: activation})
			}
		}
		s.apply(now, t, out)
		out.Because(committed)
	}
}
