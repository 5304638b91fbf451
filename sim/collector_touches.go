package sim

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// touched takes in a touch that moved, or confirmed, a session's deadline.
func (c *Collector) touched(s *Story, r *Record, at Moment, by string) {
	touch := Touch{Moment: at, Timeout: time.Duration(r.A) * time.Millisecond, By: by, Through: model.NoNode, deadline: r.B}
	s.trace(&touch, r.Cause)
	if touch.Message.Happened() {
		s.counted = touch.Message
	}
	last := s.touchAt(r.Node)
	prev := last.touch
	*last = leaderTouch{touch, s.counted}
	s.Touch = touch
	// A session's closest call is the touch that left least of the time before
	// it, at a leader that could have ended it. Comparing needs no reading of the
	// tracker's clock, whose offset is the same for all touches there; a clock that was
	// frozen in between only moves the choice.
	if !prev.Happened() || by == "restart" || r.Node != c.court.reigning() {
		return
	}
	troubled, settles := c.trouble(s, &touch)
	if !troubled {
		return
	}
	left := prev.deadline*int64(time.Millisecond) - int64(at.At)
	if !s.Saving.Happened() || left < s.slack {
		s.slack, s.Saving, s.Saved = left, touch, prev
	}
	if settles {
		s.settled = at.Record
	}
}

// trouble says whether something that could cost the session its life has happened
// since all was last well, and whether with a touch all is well again: the client
// has resumed (V-4), or it is connected and has sent the message behind the touch
// after the faults were over. Of a fault that lasts for ever, the beginning must do.
func (c *Collector) trouble(s *Story, touch *Touch) (troubled, settles bool) {
	var over clock.Instant
	ended := true
	for i := len(c.faults) - 1; i >= 0 && c.faults[i].Begin.Record > s.settled; i-- {
		f := &c.faults[i]
		if !c.concerns(f, s.Client) {
			continue
		}
		troubled = true
		switch {
		case f.End.Happened():
			over = max(over, f.End.At)
		case c.scenario.Faults[f.Index].For != nil:
			ended = false
		default:
			over = max(over, f.Begin.At)
		}
	}
	connected := true
	if i := int(s.Client) - c.servers; s.Client != model.NoNode && len(c.faults) > 0 {
		for k := len(c.turns[i]) - 1; k >= 0; k-- {
			if turn := &c.turns[i][k]; turn.What.tells() {
				connected = turn.What == TurnConnected
				troubled = troubled || turn.What == TurnDisconnected && turn.Record > s.settled
				break
			}
		}
	}
	return troubled, touch.By == "revalidation" || ended && connected && touch.Message.Happened() && touch.Message.At >= over
}

// entry finds one of the latest entries of learners' tables.
func (s *Story) entry(id model.RecordID) *Record {
	if s == nil || id == 0 {
		return nil
	}
	for i := range s.entries {
		if e := &s.entries[i]; e.ID == id {
			return e
		}
	}
	return nil
}

// trace finds the client's message behind a touch, through the learner's table
// if it came that way.
func (s *Story) trace(touch *Touch, cause model.RecordID) {
	for e := s.entry(cause); e != nil; e = s.entry(cause) {
		if touch.Through == model.NoNode {
			touch.Through = e.Node // the last of them, if there is an observer master between (T-22)
		}
		cause = e.Cause
	}
	if s.again.ID == cause && cause != 0 {
		cause = s.again.Cause
	}
	for i := range s.messages {
		if m := &s.messages[i]; m.ID == cause && m.ID != 0 {
			touch.Message = Moment{Record: m.ID, At: m.At, Node: m.Node}
			touch.Ping, touch.SentBy = m.Kind == model.KindPing, m.Rule
		}
	}
}
