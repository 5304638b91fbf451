package sim

import (
	"slices"
	"time"

	"zksim/model"
)

// A Fate is what became of a mark.
type Fate uint8

const (
	// FateOpen: when the run ended its close had neither committed nor been discarded.
	FateOpen Fate = iota
	// FateEffective: its close committed, or was in the next leader's log (Z-10).
	FateEffective
	// FateVain: its leader lost its quorum, and the next leader's log did not have the
	// close; or the session had ended already (F-9, Z-9).
	FateVain
)

// A Mark is a leader's expiry loop having marked a session closing (T-9). Several
// leaders can do that to one session; one mark at most takes effect.
type Mark struct {
	Moment
	Late    time.Duration // past the bucket's edge, in that leader's clock
	Touch   Touch         // the last that counted at that leader before
	Fate    Fate
	Decided Moment // when its fate was; not if it is open

	counted Moment // the latest message of the client behind a touch there
}

// A closeTxn is a closeSession that was proposed.
type closeTxn struct {
	zxid    int64
	mark    int // index among the marks of the story; -1: the client's own
	applied []model.NodeID
	fate    Fate
}

// A removal is something that a closeSession did at one server: it was applied
// there, or the session's node went, or a watch told of it.
type removal struct {
	Moment
	zxid int64
}

// A cue is what a record makes watches tell of.
type cue struct {
	story *Story
	zxid  int64
}

// A leaderTouch is the last touch of a session at one leader.
type leaderTouch struct {
	touch   Touch
	counted Moment
}

// touchAt is the place for the last touch at a leader.
func (s *Story) touchAt(n model.NodeID) *leaderTouch {
	for i := range s.atLeaders {
		if s.atLeaders[i].touch.Node == n {
			return &s.atLeaders[i]
		}
	}
	s.atLeaders = append(s.atLeaders, leaderTouch{touch: Touch{Moment: Moment{Node: n}, Through: model.NoNode}})
	return &s.atLeaders[len(s.atLeaders)-1]
}

// marked takes in a mark.
func (s *Story) marked(r *Record, at Moment) {
	m := Mark{Moment: at, Late: time.Duration(r.B) * time.Millisecond, counted: s.counted}
	if last := s.touchAt(r.Node); last.touch.Happened() {
		m.Touch, m.counted = last.touch, last.counted
	}
	s.Marks = append(s.Marks, m)
}

// proposed takes in a closeSession; the record that it follows from says whose it is.
// Once another leader has served, what an old one proposes is in vain (F-9).
func (s *Story) proposed(r *Record, old bool) {
	c := closeTxn{zxid: r.A, mark: -1}
	for i := range s.Marks {
		if s.Marks[i].Record == r.Cause {
			c.mark = i
		}
	}
	s.closes = append(s.closes, c)
	if old {
		s.decide(&s.closes[len(s.closes)-1], FateVain, momentOf(r))
	}
}

// endedAlone takes in the end of a local session: at its server alone, without a
// proposal (T-23).
func (s *Story) endedAlone(r *Record, at Moment) {
	c := closeTxn{zxid: -1, mark: -1}
	for i := range s.Marks {
		if s.Marks[i].Record == r.Cause {
			c.mark = i
		}
	}
	s.closes = append(s.closes, c)
	s.decide(&s.closes[len(s.closes)-1], FateEffective, at)
}

// closed finds a closeSession.
func (s *Story) closed(zxid int64) *closeTxn {
	for i := range s.closes {
		if s.closes[i].zxid == zxid {
			return &s.closes[i]
		}
	}
	return nil
}

// undecided says whether some close may still commit.
func (s *Story) undecided() bool {
	return slices.ContainsFunc(s.closes, func(c closeTxn) bool { return c.fate == FateOpen })
}

// decide settles what becomes of a close. The first that commits ends the session;
// another one deletes nothing (Z-9).
func (s *Story) decide(c *closeTxn, fate Fate, at Moment) {
	if c.fate != FateOpen {
		return
	}
	if fate == FateEffective && s.Committed.Happened() {
		fate = FateVain
	}
	c.fate = fate
	if c.mark >= 0 {
		s.Marks[c.mark].Fate, s.Marks[c.mark].Decided = fate, at
	}
	if fate != FateEffective {
		return
	}
	s.Committed = at
	s.closing = c.mark < 0
	if !s.closing {
		s.effective = c.mark + 1
	}
}

// newLeader decides what was proposed under the leaders before it: what is in its log
// takes effect, the rest is discarded (Z-10).
func (s *Story) newLeader(at Moment) {
	for i := range s.closes {
		c := &s.closes[i]
		fate := FateVain
		if slices.Contains(c.applied, at.Node) {
			fate = FateEffective
		}
		s.decide(c, fate, at)
	}
}

// discarded is a server having taken back what it replayed.
func (s *Story) discarded(r *Record) {
	if c := s.closed(r.A); c != nil {
		c.applied = slices.DeleteFunc(c.applied, func(n model.NodeID) bool { return n == r.Node })
	}
}

// happened adds what a close did at a server, once.
func happened(list []removal, r *Record, at Moment) []removal {
	for i := range list {
		if list[i].Node == r.Node && list[i].zxid == r.A {
			return list
		}
	}
	return append(list, removal{Moment: at, zxid: r.A})
}

// took says whether what was done with a zxid holds: its close has taken effect, or
// it came with a leader's whole database (Z-4).
func (s *Story) took(zxid int64) bool {
	c := s.closed(zxid)
	return c == nil || c.fate == FateEffective
}

// goneSoFar says whether the session's node is gone for good at some server.
func (s *Story) goneSoFar() bool {
	return slices.ContainsFunc(s.removals, func(r removal) bool { return s.took(r.zxid) })
}

// settle keeps apart what holds and what was, or will be, taken back; and finds the
// mark that counts.
func (s *Story) settle() {
	split := func(list []removal) (held, undone []Moment) {
		for i := range list {
			if s.took(list[i].zxid) {
				held = append(held, list[i].Moment)
			} else {
				undone = append(undone, list[i].Moment)
			}
		}
		return held, undone
	}
	s.Applied, s.Replayed = split(s.applications)
	s.Gone, s.Undone = split(s.removals)
	s.Seen, s.Misled = split(s.sights)
	if s.effective == 0 {
		return
	}
	m := &s.Marks[s.effective-1]
	s.Marked, s.Late = m.Moment, m.Late
	s.Touch, s.counted = m.Touch, m.counted
}

// pending is the mark whose fate is still open when the run ends, the latest if there
// are several; nil if there is none.
func (s *Story) pending() *Mark {
	for i := len(s.Marks) - 1; i >= 0; i-- {
		if s.Marks[i].Fate == FateOpen {
			return &s.Marks[i]
		}
	}
	return nil
}

// TakenIn is what a server had in its sockets' buffers from a session's client when it
// ran on after a pause, and took for signs of life (G-7).
type TakenIn struct {
	Moment
	Messages int
	Pings    bool // all of them are pings
}

// takenIn adds an entry that a server made on waking.
func (s *Story) takenIn(r *Record) {
	n := len(s.TakenIn)
	if n == 0 || s.TakenIn[n-1].At != r.At || s.TakenIn[n-1].Node != r.Node {
		s.TakenIn = append(s.TakenIn, TakenIn{Moment: momentOf(r), Pings: true})
		n++
	}
	t := &s.TakenIn[n-1]
	t.Messages++
	ping := false
	for i := range s.messages {
		ping = ping || s.messages[i].ID == r.Cause && s.messages[i].Kind == model.KindPing
	}
	t.Pings = t.Pings && ping
}

// markedBy finds the mark of a record.
func (s *Story) markedBy(id model.RecordID) *Mark {
	for i := range s.Marks {
		if s.Marks[i].Record == id {
			return &s.Marks[i]
		}
	}
	return nil
}
