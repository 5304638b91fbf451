package sim

import (
	"errors"
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
)

// Retell makes a timeline with its stories of records alone, where the scenario of the run
// is not at hand. What only the scenario knows is missing: the ensemble's settings, whom a
// fault strikes, locks, and, of a server that never marked a session, the bucket edges. A
// client's library is the first whose words are those that the client was told.
//
// A file that no run has written, whose records do not fit together, is an error.
func Retell(f *TimelineFile) (t *Timeline, err error) {
	defer func() {
		// ReadTimeline has checked the form of records, and not that a machine leaves such.
		if recover() != nil {
			t, err = nil, errMadeUp
		}
	}()
	s := skeleton(f)
	if s == nil || !slices.EqualFunc(s.Nodes(), f.Nodes, func(a string, b TimelineNode) bool { return a == b.Name }) {
		return nil, errMadeUp
	}
	c := NewCollector(s)
	clocks, known := make([]clock.Clock, c.servers), make([]bool, c.servers)
	for i := range f.Records {
		r := &f.Records[i]
		c.Record(r)
		if r.Kind == model.KindMarked {
			// How the server's clock stands to the time of the run.
			shift := clock.ReadingOfMillis(r.A) - clock.Reading(EdgeBefore(r))
			known[r.Node] = clocks[r.Node].Set(shift, 0) == nil
		}
	}
	t = c.timeline(f.Summary, f.Stopped, clocks)
	for _, s := range t.Stories {
		if s.Saving.Happened() && !(known[s.Saving.Node] && known[s.Saved.Node]) {
			s.Saving, s.Saved, s.Margin = Touch{}, Touch{}, 0
		}
	}
	return t, nil
}

var errMadeUp = errors.New("the records do not fit together: no run has written this timeline")

// skeleton is as much of a scenario as its records tell; nil if they cannot be of one.
func skeleton(f *TimelineFile) *Scenario {
	s := defaultScenario(f.Scenario)
	s.Title, s.Length = f.Title, time.Duration(f.LengthNS)
	s.Ensemble.Servers, s.Ensemble.Observers, s.Ensemble.Version = 0, 0, f.ZooKeeper
	s.Clients, s.Resources, s.Faults = nil, nil, nil
	words := make([][]string, len(f.Nodes))
	curator := make([]bool, len(f.Nodes))
	for i := range f.Records {
		r := &f.Records[i]
		switch r.Kind {
		case KindFaultBegins:
			if r.A < 0 || r.A >= MaxFaults {
				return nil
			}
			for int(r.A) >= len(s.Faults) {
				s.Faults = append(s.Faults, Fault{})
			}
			for _, row := range FaultKinds {
				if row.Name == r.Text {
					s.Faults[r.A].Kind = row.Kind
				}
			}
			if r.B >= 0 {
				s.Faults[r.A].For = constantSampler(min(time.Duration(r.B)*time.Microsecond, MaxSample))
			}
		case model.KindTold:
			words[r.Node] = append(words[r.Node], r.Text)
		case model.KindHandleTold:
			curator[r.Node] = true
		case model.KindServing:
			if r.At == 0 && r.Text == model.RoleLeader.String() {
				s.Ensemble.Leader = int(r.Node) + 1
			}
		}
	}
	for i, n := range f.Nodes {
		switch n.Kind {
		case "server":
			s.Ensemble.Servers++
		case "observer":
			s.Ensemble.Observers++
		case "resource":
			s.Resources = append(s.Resources, Resource{Name: n.Name})
		default:
			s.Clients = append(s.Clients, Client{Name: n.Name, Library: libraryWith(words[i], curator[i])})
		}
	}
	return s
}

// libraryWith is the first library that has all of some words for what it tells.
func libraryWith(words []string, curator bool) *model.Library {
	for i := range model.Libraries {
		l := &model.Libraries[i]
		if curator == (l.Name == "curator") && !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(l.Events(), func(e model.Event) bool { return e.Word == w })
		}) {
			return l
		}
	}
	return &model.Libraries[0]
}
