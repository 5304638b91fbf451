package web

import (
	"fmt"
	"sync"

	"zksim/model"
	"zksim/sim"
)

// A LibraryAnswer is the same story as the client of one library lives it.
type LibraryAnswer struct {
	Library string `json:"library"`
	Version string `json:"version"`
	Title   string `json:"title"`
	WhyNot  string `json:"why_not,omitempty"` // why it cannot take the client's place; then there is no run
	Mine    bool   `json:"mine,omitempty"`    // it is the one that the scenario has
	YAML    string `json:"yaml,omitempty"`    // the scenario with it
	// Instants count from the first fault; what did not happen is null.
	Disconnected *int64 `json:"disconnected_ns"`
	Marked       *int64 `json:"marked_ns"`
	Learned      *int64 `json:"learned_ns"`
	EndNS        int64  `json:"end_ns"`
	GapNS        *int64 `json:"gap_ns"`           // learned after marked; negative: before
	How          string `json:"how,omitempty"`    // how it learned, in words
	Rule         string `json:"rule,omitempty"`   // of learning
	Record       uint64 `json:"record,omitempty"` // of learning
	Verdict      string `json:"verdict,omitempty"`
}

// A stand is a library that a client is given.
type stand struct {
	library *model.Library
	version string
	percent int // curator
}

// stands lists the libraries that are compared: one version of each that behaves in a way
// of its own and is released, and Curator with two limits.
func stands() []stand {
	var all []stand
	for i := range model.Libraries {
		l := &model.Libraries[i]
		switch {
		case l.Unreleased:
		case l.Name == "curator":
			all = append(all, stand{l, l.Read, 100}, stand{l, l.Read, 33})
		default:
			all = append(all, stand{l, l.Read, 0})
		}
	}
	return all
}

// libraries plays the run once for each library.
func libraries(q *RunRequest, w *work) ([]LibraryAnswer, error) {
	s, err := q.load()
	if err != nil {
		return nil, err
	}
	if err := s.checkClient(q.Client); err != nil {
		return nil, err
	}
	client := q.Client
	if client == "" {
		if client, err = s.chosen(w); err != nil {
			return nil, err
		}
	}
	all := []LibraryAnswer{}
	at := s.find(client)
	if at < 0 {
		return all, nil
	}
	own := s.Clients[at]
	for _, st := range stands() {
		a := LibraryAnswer{Library: st.library.Name, Version: st.version}
		same := own.Library == st.library && (st.percent == 0 || st.percent == own.Percent)
		if a.Mine = same; !same {
			s.Clients[at] = st.take(&own)
		}
		a.Title = libraryTitle(&s.Clients[at])
		err := s.Check()
		if err != nil {
			a.WhyNot = refusalOf(err).Message
		} else if err := s.lived(client, &a, w); err != nil {
			return nil, err
		}
		s.Clients[at] = own
		all = append(all, a)
	}
	return all, nil
}

// plain is a client as a scenario has it that says nothing of it.
var plain = sync.OnceValue(func() sim.Client {
	s, err := sim.ReadScenario("plain.yaml", []byte("run: 1s\nclients: {a: {}}"), nil)
	if err != nil {
		panic(fmt.Sprintf("web: %v", err))
	}
	return s.Clients[0]
})

// take is a client with the library instead of its own. What only its own library knows is
// left behind.
func (st stand) take(own *sim.Client) sim.Client {
	c, from := *own, plain()
	c.Library, c.Version = st.library, st.version
	c.NewSession, c.MaxDelay, c.MaxTries, c.ReadOnly, c.OneName, c.KeepOrder = nil, nil, 0, false, false, false
	curator := st.library.Name == "curator"
	if !curator || own.Library.Name != "curator" {
		c.Under, c.UnderVersion, c.Percent, c.SessionPolicy = from.Under, from.UnderVersion, from.Percent, false
		c.ConnectionTimeout, c.InjectionRace = from.ConnectionTimeout, from.InjectionRace
	}
	if curator {
		c.Percent = st.percent
		if own.Library.Name == "java" {
			c.Under, c.UnderVersion = own.Library, own.Version
		}
	}
	return c
}

// lived plays the run and says what the client heard.
func (s *loaded) lived(client string, a *LibraryAnswer, w *work) error {
	text, err := s.YAML()
	if err != nil {
		return err
	}
	a.YAML = string(text)
	c := sim.NewCollector(s.Scenario)
	world, sum, err := w.play(s.Scenario, s.seed, s.number, c)
	if err != nil {
		return err
	}
	t := c.Timeline(world, sum)
	a.EndNS = int64(t.End.Sub(t.Origin))
	story, err := t.Select(client)
	if err != nil || story == nil {
		return err
	}
	from := func(m sim.Moment) *int64 {
		if !m.Happened() {
			return nil
		}
		return nanoseconds(m.At.Sub(t.Origin))
	}
	a.Verdict = verdictWords[story.Verdict]
	a.Disconnected, a.Marked = from(story.Disconnected), from(story.Marked)
	learned := story.Expired
	if !learned.Happened() {
		learned = story.Closed
	}
	a.Learned, a.Record = from(learned), uint64(learned.Record)
	if a.Learned != nil && a.Marked != nil {
		gap := *a.Learned - *a.Marked
		a.GapNS = &gap
	}
	if a.Learned == nil {
		a.How = "is never told"
		return nil
	}
	for i := range t.Kept {
		if r := &t.Kept[i]; r.ID == learned.Record {
			a.Rule = r.Rule
		}
	}
	switch {
	case story.Refused.Happened() && story.Refused.At <= learned.At:
		a.How = "a server says so"
	case story.LocalExpiry.Happened():
		a.How = "gives up by itself"
	default:
		a.How = verdictWords[story.Verdict]
	}
	return nil
}
