package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zksim/model"
	"zksim/sim"
)

// Parameters are what a page offers to change, and by which path --set changes it.
type Parameters struct {
	TickNS      int64        `json:"tick_ns"`
	SyncLimit   int          `json:"sync_limit"`
	Servers     int          `json:"servers"`
	Observers   int          `json:"observers"`
	Leader      int          `json:"leader"` // server ID of the leader at the start
	ZooKeeper   string       `json:"zookeeper"`
	Client      string       `json:"client"` // the path of its values is clients.CLIENT; empty if there is none
	Library     string       `json:"library"`
	Version     string       `json:"version"`
	LibraryName string       `json:"library_title"`
	AskedNS     int64        `json:"asked_ns"`   // session timeout that the client asks for
	TimeoutNS   int64        `json:"timeout_ns"` // and what the servers grant
	Attach      int          `json:"attach"`     // server ID tried first; 0: left to chance
	Clients     []ClientInfo `json:"clients"`
	Faults      []FaultInfo  `json:"faults"`
	LengthNS    int64        `json:"length_ns"`
}

// A ClientInfo is a client whose story can be told.
type ClientInfo struct {
	Name    string `json:"name"`
	Library string `json:"library"`
	Owns    string `json:"owns,omitempty"`
	Watches string `json:"watches,omitempty"`
	Attach  int    `json:"attach,omitempty"` // server ID tried first; 0: left to chance
}

// A FaultInfo is a fault as the scenario has it: faults.INDEX is its path.
type FaultInfo struct {
	Index   int      `json:"index"`
	Kind    string   `json:"kind"`
	Between []string `json:"between"`
	And     []string `json:"and,omitempty"`
	// AtNS and ForNS are given where they are no matter of chance: then it can be dragged.
	AtNS  *int64 `json:"at_ns,omitempty"`
	ForNS *int64 `json:"for_ns,omitempty"`
	At    string `json:"at,omitempty"`   // in words, as the scenario takes it
	When  string `json:"when,omitempty"` // or what it waits for
	For   string `json:"for,omitempty"`  // empty: for ever
	Ends  bool   `json:"ends"`           // it is of a kind that can end
	Links bool   `json:"links"`          // it strikes what travels between two sets of nodes
}

func (s *loaded) parameters(story *sim.Story) Parameters {
	e := &s.Ensemble
	p := Parameters{TickNS: int64(e.Tick), SyncLimit: e.SyncLimit, Servers: e.Servers, Observers: e.Observers, Leader: e.Leader,
		ZooKeeper: e.Version, LengthNS: int64(s.Length), Faults: []FaultInfo{}, Clients: []ClientInfo{}}
	if p.Leader == 0 {
		p.Leader = e.Servers
	}
	for i := range s.Faults {
		p.Faults = append(p.Faults, faultInfo(i, &s.Faults[i]))
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		for _, name := range namesOf(c) {
			p.Clients = append(p.Clients, ClientInfo{Name: name, Library: libraryTitle(c), Owns: c.Owns, Watches: c.Watches, Attach: c.Attach})
		}
	}
	if c := s.clientOf(story); c != nil {
		p.Client, p.Library, p.Version, p.LibraryName, p.Attach = c.Name, c.Library.Name, c.Version, libraryTitle(c), c.Attach
		p.AskedNS, p.TimeoutNS = int64(c.Timeout), int64(e.Negotiated(c.Timeout))
	}
	return p
}

func faultInfo(i int, f *sim.Fault) FaultInfo {
	row := &sim.FaultKinds[f.Kind]
	info := FaultInfo{Index: i, Kind: row.Name, Between: f.Between, And: f.And, Ends: row.Ends, Links: row.Links}
	fixed := func(s *sim.Sampler) (words string, ns *int64) {
		if s == nil {
			return "", nil
		}
		if !s.NeedsDraw() {
			d := int64(s.Sample(0))
			ns = &d
		}
		return s.String(), ns
	}
	info.At, info.AtNS = fixed(f.At)
	info.For, info.ForNS = fixed(f.For)
	if f.At == nil && int(f.When) < len(sim.Triggers)+1 && f.When != sim.TriggerNone {
		for _, t := range sim.Triggers {
			if t.Trigger == f.When {
				info.When = t.Name
			}
		}
		if f.After > 0 {
			info.When += ", " + sim.BriefDuration(f.After) + " later"
		}
	}
	return info
}

// namesOf are the names of one client, or of several alike.
func namesOf(c *sim.Client) []string {
	if c.Count <= 1 {
		return []string{c.Name}
	}
	names := make([]string, c.Count)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", c.Name, i+1)
	}
	return names
}

// clientOf is the client of a story as the scenario has it, or the first one.
func (s *loaded) clientOf(story *sim.Story) *sim.Client {
	if story != nil && story.Client != model.NoNode {
		if i := s.find(story.Name); i >= 0 {
			return &s.Clients[i]
		}
	}
	if len(s.Clients) == 0 {
		return nil
	}
	return &s.Clients[0]
}

// find is the index of the client that has a name.
func (s *loaded) find(name string) int {
	return slices.IndexFunc(s.Clients, func(c sim.Client) bool { return slices.Contains(namesOf(&c), name) })
}

// checkClient refuses a story of nobody before anything is played.
func (s *loaded) checkClient(name string) error {
	if name == "" || s.find(name) >= 0 {
		return nil
	}
	var all []string
	for i := range s.Clients {
		all = append(all, namesOf(&s.Clients[i])...)
	}
	if n := len(all); n > 8 {
		return unusable("client", "no client is called %s; want one of %s to %s", shown(name), all[0], all[n-1])
	}
	return unusable("client", "no client is called %s; want one of %s", shown(name), strings.Join(all, ", "))
}

// libraryTitle is a client's library for people.
func libraryTitle(c *sim.Client) string {
	version := c.Version
	if version == "" {
		version = c.Library.Read
	}
	title := map[string]string{"java": "Java", "c": "C", "go": "go-zookeeper", "kazoo": "kazoo", "curator": "Curator"}[c.Library.Name] + " " + version
	if c.Library.Name == "curator" && c.Under != nil {
		title += " on Java " + c.UnderVersion
		if c.Percent != 100 {
			title += fmt.Sprintf(", %d %%", c.Percent)
		}
	}
	return title
}

// command is what plays the same run on the command line.
func (q *RunRequest) command(s *loaded) string {
	words := []string{"zksim run"}
	if q.own() {
		words = append(words, "scenario.yaml")
	} else {
		words = append(words, quoted(q.Scenario))
	}
	for _, set := range q.Set {
		words = append(words, "--set", quoted(set))
	}
	for _, fault := range q.Add {
		words = append(words, "--set", quoted("faults.+="+fault))
	}
	if q.Client != "" {
		words = append(words, "--client", quoted(q.Client))
	}
	if s.number > 0 {
		words = append(words, fmt.Sprintf("--run %d", s.number))
	}
	if q.Seed != "" {
		words = append(words, fmt.Sprintf("--seed %d", s.seed))
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-=:,+@%", r))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func nanoseconds(d time.Duration) *int64 {
	n := int64(d)
	return &n
}
