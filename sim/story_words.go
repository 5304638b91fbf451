package sim

import "zksim/model"

// Finding is the finding of a story in one or two sentences, as the text form ends with
// it. The story may be nil: no client ever had a session.
func (t *Timeline) Finding(s *Story) string { return t.finding(s) }

// Word is what a client's library calls an event with a meaning: Disconnected, SUSPENDED.
func (t *Timeline) Word(client model.NodeID, m model.Meaning) string { return t.word(client, m) }

// Told is when the application learned that its session is over: that it was told of the
// expiry, or that its own close was done. It may not have happened.
func (s *Story) Told() Moment { return s.told() }
