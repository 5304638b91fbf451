package sim

import (
	"cmp"
	"slices"

	"zksim/model"
)

// KeepMessages makes a collector keep heartbeats, requests and learners' reports as well,
// so that a picture can show them. It has to be called before the run.
func (c *Collector) KeepMessages() { c.messages = true }

// whispered says which kinds of records tell of messages.
func whispered(k model.Kind) bool {
	switch k {
	case model.KindPing, model.KindPingReply, model.KindPingProcessed, model.KindRequest, model.KindReply,
		model.KindTouchRecorded, model.KindTouch, model.KindLeaderPing, model.KindReport, KindLost, KindRetransmitted, model.KindLearnerGone:
		return true
	}
	return false
}

// messages are those of the client's connection, and the PINGs of the leader to the server
// that it is attached to, with what that reports of the session. A PING that has nothing
// to bring back leaves no record and is not there.
func (d *drawing) messages() {
	t, s, p := d.t, d.s, d.p
	p.Messages = []Message{}
	add := func(m Message) {
		from, to := m.SentNS, max(m.SentNS, m.ArrivedNS)
		switch {
		case to < p.FromNS || from > p.ToNS:
		case len(p.Messages) < maxPictureMessages:
			p.Messages = append(p.Messages, m)
		case !slices.Contains(p.Cut, "messages"):
			p.Cut = append(p.Cut, "messages")
		}
	}
	find := func(id model.RecordID) *Record {
		i, ok := slices.BinarySearchFunc(t.messages, id, func(r Record, id model.RecordID) int { return cmp.Compare(r.ID, id) })
		if !ok {
			return nil
		}
		return &t.messages[i]
	}
	counts := s.Touch.Message.Record
	reports := map[model.RecordID]*Record{}  // by the PING that they answer, of the server attached to; looked up, never ranged over
	arrivals := map[model.RecordID]*Record{} // by what was sent: the first record of its arrival; looked up, never ranged over
	server := func(at model.RecordID) model.NodeID { return t.attachedAt(s, at) }
	begin := slices.IndexFunc(t.messages, func(r Record) bool { return int64(r.At) >= p.FromNS })
	for i := max(begin, 0); begin >= 0 && i < len(t.messages); i++ {
		r := &t.messages[i]
		cause := r.Cause
		if again := find(cause); again != nil && again.Kind == KindRetransmitted {
			cause = again.Cause
		}
		if r.Kind == model.KindReport {
			if r.Node == server(r.ID) {
				reports[cause] = r
			}
			continue
		}
		if cause == 0 || r.Kind == KindLost || r.Kind == KindRetransmitted || arrivals[cause] != nil {
			continue
		}
		if sent := find(cause); sent != nil && sent.Node != r.Node {
			arrivals[cause] = r
		}
	}
	lost := map[model.NodeID]bool{} // learners whose stream of PINGs is held up; looked up, never ranged over
	var latest *Record              // report of the server that the client is attached to
	for i := range t.messages {
		r := &t.messages[i]
		if k := r.Kind; i < begin && k != KindLost && k != KindRetransmitted && k != model.KindLearnerGone {
			continue // what held up a stream before is still of interest
		}
		if int64(r.At) > p.ToNS {
			break
		}
		m := Message{SentNS: int64(r.At), Record: uint64(r.ID)}
		arrive := func(at *Record) {
			if at == nil {
				m.Lost = true
				return
			}
			m.ArrivedNS, m.Arrival = int64(at.At), uint64(at.ID)
		}
		switch {
		case (r.Kind == model.KindPing || r.Kind == model.KindRequest) && r.Node == s.Client && r.Session == s.Session:
			m.Kind, m.From, m.To, m.Sender, m.Receiver = "ping", "belief", "attached", t.who(r.Node), t.place(r.Peer)
			if r.Kind == model.KindRequest {
				m.Kind = "request"
			}
			arrive(arrivals[r.ID])
			m.Counts = r.ID == counts
		case r.Kind == model.KindPingProcessed && r.Session == s.Session && r.Peer == s.Client:
			m.Kind, m.From, m.To, m.Sender, m.Receiver = "ping_reply", "attached", "belief", t.who(r.Node), t.who(s.Client)
			arrive(arrivals[r.ID])
		case r.Kind == model.KindReply && r.Node == s.Client && r.Session == s.Session:
			// Whatever it follows from was at the server, at about the instant of sending.
			m.Kind, m.From, m.To, m.Sender, m.Receiver = "reply", "attached", "belief", t.place(r.Peer), t.who(s.Client)
			if c := find(r.Cause); c != nil && c.Node != r.Node {
				m.SentNS, m.Record = int64(c.At), uint64(c.ID)
			}
			arrive(r)
		case r.Kind == KindLost && r.Text == "PING" && r.Peer >= 0:
			lost[r.Peer] = true
			continue
		case r.Kind == KindRetransmitted && r.Text == "PING" && r.Peer >= 0, r.Kind == model.KindLearnerGone && r.Peer >= 0:
			lost[r.Peer] = false
			continue
		case r.Kind == model.KindLeaderPing:
			to := server(r.ID)
			if to == model.NoNode || to == r.Node {
				continue
			}
			m.Kind, m.From, m.To, m.Sender, m.Receiver = "leader_ping", "tracker", "attached", t.who(r.Node), t.who(to)
			answer := reports[r.ID]
			if answer == nil && !lost[to] && !d.lostLater(i, to) {
				continue
			}
			arrive(answer)
		case r.Kind == model.KindReport:
			if r.Node == server(r.ID) {
				latest = r
			}
			continue
		case r.Kind == model.KindTouch && r.Session == s.Session && r.Text == "learner":
			e := find(r.Cause)
			if latest == nil || e == nil || e.Node != latest.Node || latest.ID < e.ID {
				continue
			}
			m = Message{Kind: "report", From: "attached", To: "tracker", Sender: t.who(latest.Node), Receiver: t.who(r.Node), SentNS: int64(latest.At),
				Record: uint64(latest.ID), Counts: r.ID == s.Touch.Record}
			latest = nil // it is one message, however many touches it brings
			arrive(r)
		default:
			continue
		}
		add(m)
	}
	slices.SortStableFunc(p.Messages, func(a, b Message) int {
		return cmp.Or(cmp.Compare(a.SentNS, b.SentNS), cmp.Compare(a.Record, b.Record))
	})
}

// lostLater says whether a PING to a learner is itself the first that gets lost: the
// records that say so follow it at the same instant.
func (d *drawing) lostLater(i int, to model.NodeID) bool {
	ping := &d.t.messages[i]
	for j := i + 1; j < len(d.t.messages) && d.t.messages[j].At == ping.At; j++ {
		if r := &d.t.messages[j]; r.Kind == KindLost && r.Peer == to && r.Cause == ping.ID {
			return true
		}
	}
	return false
}

// attachedAt is the server that a story's client is attached to when a record is made, as
// the client has it, or NoNode.
func (t *Timeline) attachedAt(s *Story, id model.RecordID) model.NodeID {
	server := model.NoNode
	for _, turn := range t.turnsOf(s) {
		if turn.Record > id {
			break
		}
		switch {
		case turn.What == TurnConnected:
			server = turn.Server
		case turn.What.tells() || turn.What == TurnKilled:
			server = model.NoNode
		}
	}
	return server
}
