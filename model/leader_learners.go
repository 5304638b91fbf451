package model

import (
	"slices"
	"time"

	"zksim/clock"
)

// A learnerHandler is the leader's side of one connection of a learner
// (LearnerHandler.java).
type learnerHandler struct {
	node     NodeID
	conn     ConnID
	observer bool
	phase    handlerPhase
	heard    int64    // ms, of its last packet (F-5)
	heardBy  RecordID // what that followed from
	// tick is the leader's count up to which the learner counts as synced (F-7).
	tick  int64
	last  int64 // what its log ended with when it came
	check syncLimitCheck
	spare *TouchTable // a table that came in and goes back with the next PING
}

// A handlerPhase says how far a learner has come.
type handlerPhase uint8

const (
	handlerNew      handlerPhase = iota
	handlerInfo                  // has sent FOLLOWERINFO and waits for the epoch
	handlerInformed              // has been sent LEADERINFO
	handlerAccepted              // has sent ACKEPOCH and waits for a quorum of these
	handlerSyncing               // is being sent what it lacks; proposals are forwarded from here
	handlerSynced                // has acknowledged NEWLEADER and waits for the leader to serve
	handlerRunning
)

// forwarding says whether proposals and PINGs go to the learner.
func (h *learnerHandler) forwarding() bool { return h.phase >= handlerSyncing }

// limit is how long the learner may be silent, in milliseconds, and whether it is
// its turn to speak (F-5).
func (h *learnerHandler) limit(cfg *ServerConfig) (int64, bool) {
	switch h.phase {
	case handlerInfo, handlerAccepted, handlerSynced:
		return 0, false // it waits for the leader
	case handlerRunning:
		return cfg.silence(), true
	}
	return cfg.initial(), true
}

// A syncLimitCheck remembers the oldest proposal that a learner has not
// acknowledged, and the newest (LearnerHandler.java:SyncLimitCheck).
type syncLimitCheck struct {
	zxid, at         int64
	nextZxid, nextAt int64
}

func (c *syncLimitCheck) proposed(zxid, at int64) {
	if c.zxid == 0 {
		c.zxid, c.at = zxid, at
		return
	}
	c.nextZxid, c.nextAt = zxid, at
}

func (c *syncLimitCheck) acked(zxid int64) {
	switch zxid {
	case c.zxid:
		c.zxid, c.at = c.nextZxid, c.nextAt
		c.nextZxid = 0
	case c.nextZxid:
		c.nextZxid = 0
	}
}

// overdue says whether a proposal has waited for limit (F-5).
func (c *syncLimitCheck) overdue(now, limit int64) bool { return c.zxid != 0 && now-c.at >= limit }

// accept takes in a learner's connection, new or settled before the run began.
func (l *leaderState) accept(s *Server, now clock.Reading, in *Input) *learnerHandler {
	h := learnerHandler{node: in.Peer, conn: in.Conn, observer: s.voter(in.Peer) < 0, heard: now.Millis(), tick: l.tick + s.cfg.InitLimit + s.cfg.SyncLimit}
	if in.Kind == InputJoined {
		h.phase = handlerRunning
	}
	i := slices.IndexFunc(l.learners, func(o learnerHandler) bool { return o.node > h.node })
	if i < 0 {
		i = len(l.learners)
	}
	l.learners = slices.Insert(l.learners, i, h)
	l.watchSilences(s)
	return &l.learners[i]
}

// handler finds the handler of a connection, or nil.
func (l *leaderState) handler(c ConnID) *learnerHandler {
	for i := range l.learners {
		if l.learners[i].conn == c {
			return &l.learners[i]
		}
	}
	return nil
}

// watchSilences works out when the first learner will have been silent for too
// long. Learners that are heard meanwhile only put it off.
func (l *leaderState) watchSilences(s *Server) {
	l.silence = clock.Unset
	for i := range l.learners {
		h := &l.learners[i]
		if limit, speaks := h.limit(&s.cfg); speaks {
			l.silence = min(l.silence, clock.ReadingOfMillis(h.heard+limit))
		}
	}
}

// silences drops learners that have been silent for syncLimit, or initLimit while
// they join (F-5).
func (l *leaderState) silences(s *Server, now clock.Reading, out *Output) {
	if now < l.silence {
		return
	}
	ms := now.Millis()
	for i := 0; i < len(l.learners); {
		h := &l.learners[i]
		if limit, speaks := h.limit(&s.cfg); speaks && ms-h.heard >= limit {
			out.Afresh()
			out.Because(h.heardBy)
			l.drop(s, i, "silent", true, out)
			continue
		}
		i++
	}
	l.watchSilences(s)
}

// drop lets a learner go. The leader looks at its quorum only at the next check
// (F-5, F-8).
func (l *leaderState) drop(s *Server, i int, why string, hangUp bool, out *Output) {
	h := &l.learners[i]
	l.because = out.Note(Note{Kind: KindLearnerGone, Rule: "F-5", Peer: h.node, Text: why})
	if hangUp && s.cfg.Deviation != DeviateForgetLearner {
		out.Close(h.conn)
	}
	l.learners = slices.Delete(l.learners, i, i+1)
}

// gone is the end of a learner's connection: its process has died, or it has given
// the leader up (F-5, F-21).
func (l *leaderState) learnerGone(s *Server, c ConnID, why string, out *Output) {
	i := slices.IndexFunc(l.learners, func(h learnerHandler) bool { return h.conn == c })
	l.drop(s, i, why, false, out)
	out.Close(c)
}

// turn is one turn of the leader's loop: every second time it counts a tick and
// checks that a quorum is with it; then it sends PING to every learner (F-6 to F-8,
// T-17; Leader.java:Leader.lead).
func (l *leaderState) turn(s *Server, now clock.Reading, out *Output) {
	if now < l.nextPing {
		return
	}
	ms := now.Millis()
	// A turn waits h from its own start; turns missed in a pause are not made up.
	l.nextPing = now.Add(time.Duration(s.cfg.heartbeat()) * time.Millisecond)
	if l.checks {
		l.tick++
		if with := l.synced(s); !s.isQuorum(with) {
			out.Because(l.because)
			s.stepDown(now, "F-8", "quorum lost", with.among(s.cfg.Voters), out)
			return
		}
	}
	l.checks = !l.checks
	sent := int64(0)
	for i := range l.learners {
		if l.learners[i].forwarding() {
			sent++
		}
	}
	if sent > 0 {
		out.Note(Note{Kind: KindLeaderPing, Rule: "T-17", Peer: NoNode, A: sent})
	}
	cause := out.Cause()
	for i := 0; i < len(l.learners); {
		h := &l.learners[i]
		if h.forwarding() {
			if h.check.overdue(ms, s.cfg.silence()) {
				l.drop(s, i, "proposal unacknowledged", true, out)
				out.Because(cause)
				continue
			}
			out.Send(h.conn, &Packet{Op: OpLeaderPing, Touches: h.spare})
			h.spare = nil
		}
		i++
	}
	l.watchSilences(s)
}

// synced is who is with the leader, itself included (F-7;
// LearnerHandler.java:LearnerHandler.synced).
func (l *leaderState) synced(s *Server) (with voterSet) {
	with.add(s.cfg.Node)
	for i := range l.learners {
		if h := &l.learners[i]; l.tick <= h.tick {
			with.add(h.node)
		}
	}
	return with
}

// packet is what a learner sent (LearnerHandler.java:LearnerHandler.run).
func (l *leaderState) packet(s *Server, now clock.Reading, h *learnerHandler, p *Packet, out *Output) {
	h.heard, h.heardBy = now.Millis(), out.Cause()
	if h.phase == handlerRunning {
		h.tick = l.tick + s.cfg.SyncLimit
	}
	switch p.Op {
	case OpAck:
		if h.phase == handlerSyncing {
			l.learnerSynced(s, now, h, out)
			return
		}
		h.check.acked(p.Zxid)
		if !h.observer {
			l.acked(s, now, p.Zxid, h.node, out)
		}
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
		ok, why := l.revalidates(s, now, p.Session, p.Timeout, out)
		if ok {
			l.tracker.SetOwner(p.Session, h.node)
		}
		out.Send(h.conn, &Packet{Op: OpRevalidateReply, Session: p.Session, Valid: ok, Path: why})
	case OpRequest:
		// Forwarding does not touch (T-13).
		if s.cfg.Deviation == DeviateForwardTouches && p.Req != OpCreateSession {
			l.touch(s, now, p.Session, s.db.sessions.at(p.Session).first, "T-13", "request", out)
		}
		l.prepare(s, now, h.node, p, out)
	case OpFollowerInfo:
		h.phase = handlerInfo
		if l.phase > leadingEpoch {
			l.inform(h, out)
			return
		}
		l.connecting(s, now, h.node, epochOf(p.Zxid), out)
	case OpAckEpoch:
		l.ackEpoch(s, now, h, p, out)
	}
}

// ackEpoch is a learner having accepted the epoch; it says what its log ends with.
func (l *leaderState) ackEpoch(s *Server, now clock.Reading, h *learnerHandler, p *Packet, out *Output) {
	// Before the leader serves, nobody may have more than it (Leader.java:waitForEpochAck).
	if e := p.Quorum.Epoch; l.phase == leadingEpochAck && e != -1 && (Vote{Epoch: e, Zxid: p.Zxid}).beats(Vote{Epoch: s.currentEpoch, Zxid: s.db.zxid}) {
		i := slices.IndexFunc(l.learners, func(o learnerHandler) bool { return o.conn == h.conn })
		l.drop(s, i, "ahead of the leader", true, out)
		return
	}
	h.phase, h.last = handlerAccepted, p.Zxid
	switch {
	case l.phase > leadingEpochAck:
		l.synchronise(s, now, h, out)
	case p.Quorum.Epoch != -1: // who has accepted this epoch from another leader does not count
		l.epochAcked(s, now, h.node, out)
	}
}

// learnerSynced is a learner having acknowledged NEWLEADER.
func (l *leaderState) learnerSynced(s *Server, now clock.Reading, h *learnerHandler, out *Output) {
	h.phase = handlerSynced
	if l.phase == leadingServing {
		l.upToDate(now, h, out)
		l.watchSilences(s)
		return
	}
	l.newLeaderAcked(s, now, h.node, out)
}

// synchronise sends a learner what it lacks, or takes back what it has too much:
// what the leader still remembers one by one, else its whole database; then
// NEWLEADER. From here on it is sent what is proposed (F-14, Z-10;
// LearnerHandler.java:LearnerHandler.syncFollower, Leader.java:Leader.startForwarding).
func (l *leaderState) synchronise(s *Server, now clock.Reading, h *learnerHandler, out *Output) {
	s.sendMissing(h, h.last, out)
	h.phase = handlerSyncing
	if !h.observer {
		for i := range l.proposals.Len() {
			t := l.proposals.At(i).txn
			out.Send(h.conn, &Packet{Op: OpProposal, Zxid: t.Zxid, Txn: t})
		}
	}
	out.Send(h.conn, &Packet{Op: OpNewLeader, Zxid: firstZxid(l.epoch), Quorum: s.membersInfo()})
	h.heard = now.Millis()
	l.watchSilences(s)
}

// sendMissing sends what somebody lacks whose log ends with last.
func (s *Server) sendMissing(h *learnerHandler, last int64, out *Output) {
	missing, mode, base := s.missing(last)
	if mode == OpSnap {
		out.Send(h.conn, &Packet{Op: OpSnap, Zxid: s.db.zxid, Quorum: &QuorumInfo{Snapshot: s.db.clone()}})
		return
	}
	out.Send(h.conn, &Packet{Op: mode, Zxid: base})
	for _, t := range missing {
		out.Send(h.conn, &Packet{Op: OpInform, Zxid: t.Zxid, Txn: t})
	}
}

// missing returns what somebody lacks whose log ends with last: the transactions,
// the kind of synchronisation, and the zxid from which it goes on.
func (s *Server) missing(last int64) (txns []*Txn, mode Op, base int64) {
	n := len(s.history)
	oldest, newest := s.db.zxid, s.db.zxid
	if n > 0 {
		oldest, newest = s.history[0].Zxid, s.history[n-1].Zxid
	}
	fresh := isFresh(last)
	switch {
	case last == s.db.zxid:
		return nil, OpDiff, last
	case last > newest && !fresh:
		return nil, OpTrunc, newest
	case last > newest:
		return nil, OpDiff, last
	case last < oldest && s.forgotten:
		return nil, OpSnap, s.db.zxid
	}
	i := 0
	for i < n && s.history[i].Zxid <= last {
		i++
	}
	common := int64(0) // what both have, where the learner's log ends with what the leader has not
	if i > 0 {
		common = s.history[i-1].Zxid
	}
	switch {
	case fresh || common == last:
		return s.history[i:], OpDiff, last
	case i == n || epochOf(s.history[i].Zxid) != epochOf(last):
		// Nothing is taken back across an epoch's beginning
		// (LearnerHandler.java:LearnerHandler.queueCommittedProposals).
		return nil, OpSnap, s.db.zxid
	}
	return s.history[i:], OpTrunc, common
}
