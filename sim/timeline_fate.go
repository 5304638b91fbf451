package sim

import (
	"math/bits"

	"zksim/model"
)

// fate is what became of a mark, by the records that follow from it: its close was
// committed, or was in the log of the next leader, or neither (F-9, Z-9, Z-10).
func (f *TimelineFile) fate(mark *Record) Fate {
	court := newCourt(f.voters(), f.servers(), f.leader())
	s := &Story{}
	for i := range f.Records {
		r := &f.Records[i]
		at := momentOf(r)
		if r.Node >= 0 && int(r.Node) < f.servers() && court.record(r) {
			s.newLeader(at)
		}
		if r.Session != mark.Session {
			continue
		}
		switch r.Kind {
		case model.KindMarked:
			s.Marks = append(s.Marks, Mark{Moment: at})
		case model.KindProposed:
			if r.Text == model.OpCloseSession.String() {
				s.proposed(r, court.replaced(r.Node))
			}
		case model.KindCommitted:
			if c := s.closed(r.A); c != nil {
				s.decide(c, FateEffective, at)
			}
		case model.KindForgotten:
			s.Marks = append(s.Marks, Mark{Moment: at})
			s.endedAlone(&Record{Note: model.Note{Cause: r.ID}}, at)
		case model.KindCloseApplied:
			if r.Rule == "T-23" {
				s.endedAlone(r, at)
			} else if c := s.closed(r.A); c != nil {
				c.applied = append(c.applied, r.Node)
			}
		case model.KindDiscarded:
			s.discarded(r)
		}
	}
	if m := s.markedBy(mark.ID); m != nil {
		return m.Fate
	}
	return FateOpen
}

// servers is how many of the nodes are servers, observers included; they come first.
func (f *TimelineFile) servers() (n int) {
	for n < len(f.Nodes) && n < bits.UintSize && (f.Nodes[n].Kind == "server" || f.Nodes[n].Kind == "observer") {
		n++
	}
	return n
}

// voters is how many of them vote.
func (f *TimelineFile) voters() (n int) {
	for n < f.servers() && f.Nodes[n].Kind == "server" {
		n++
	}
	return n
}

// leader is who leads when the run begins, or NoNode.
func (f *TimelineFile) leader() model.NodeID {
	for i := range f.Records {
		r := &f.Records[i]
		if r.At > 0 {
			break
		}
		if r.Kind == model.KindServing && (r.Text == model.RoleLeader.String() || r.Text == model.RoleStandalone.String()) {
			return r.Node
		}
	}
	return model.NoNode
}
