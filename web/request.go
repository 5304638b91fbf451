package web

import (
	"strconv"
	"strings"
	"sync"

	"zksim/sim"
)

// A RunRequest says which run is meant, as `zksim run` is told it.
type RunRequest struct {
	// Scenario is the name of one that comes with zksim, or the text of one in YAML.
	Scenario string   `json:"scenario"`
	Set      []string `json:"set,omitempty"`  // changes, as of --set
	Add      []string `json:"add,omitempty"`  // faults more, each in YAML, as of --set faults.+=
	Seed     string   `json:"seed,omitempty"` // decimal: not every reader of JSON has 64 bits; empty: the scenario's own
	Run      uint32   `json:"run,omitempty"`
	Client   string   `json:"client,omitempty"` // whose story; empty leaves the choice to the timeline
}

// A loaded scenario is one that has been read, with the changes of its request.
type loaded struct {
	*sim.Scenario
	seed   uint64
	number uint32
}

// load reads the scenario of a request and holds it against the limits.
func (q *RunRequest) load() (*loaded, error) {
	name, source, err := q.source()
	if err != nil {
		return nil, err
	}
	if len(q.Set)+len(q.Add) > MaxSets {
		return nil, unusable("set", "%d changes; want at most %d: write them into the scenario", len(q.Set)+len(q.Add), MaxSets)
	}
	sets := q.Set
	for _, fault := range q.Add {
		sets = append(sets[:len(sets):len(sets)], "faults.+="+fault)
	}
	s, err := sim.ReadScenarioWith(name, source, nil, sets)
	if err != nil {
		return nil, err
	}
	if n := len(s.Nodes()) - s.Ensemble.Servers - s.Ensemble.Observers; n > MaxClients {
		return nil, unusable("clients", "%d clients; want at most %d here: zksim run on the command line takes more", n, MaxClients)
	}
	l := &loaded{Scenario: s, seed: s.Seed, number: q.Run}
	if q.Seed != "" {
		if l.seed, err = strconv.ParseUint(q.Seed, 10, 64); err != nil {
			return nil, unusable("seed", "seed %s: want a whole number from 0 to %d", shown(q.Seed), uint64(1<<64-1))
		}
	}
	return l, nil
}

// source is the text of the scenario, and a name for it.
func (q *RunRequest) source() (name string, text []byte, err error) {
	switch {
	case strings.TrimSpace(q.Scenario) == "":
		return "", nil, unusable("scenario", "no scenario; want the name of one that comes with zksim, or the text of one")
	case len(q.Scenario) > MaxYAML:
		return "", nil, unusable("scenario", "a scenario of %d bytes; want at most %d", len(q.Scenario), MaxYAML)
	case q.own():
		return "scenario.yaml", []byte(q.Scenario), nil
	}
	if text, ok := embedded(q.Scenario); ok {
		return q.Scenario + ".yaml", text, nil
	}
	hint := "want one that comes with zksim, or the text of one in YAML"
	if near := sim.NearestEmbedded(q.Scenario); near != "" {
		hint = "did you mean " + near + "?"
	}
	return "", nil, unusable("scenario", "no scenario is called %s; %s", shown(q.Scenario), hint)
}

// own says whether the scenario is a text, and not a name.
func (q *RunRequest) own() bool { return strings.ContainsAny(q.Scenario, ":\n{") }

// sources are the texts of embedded scenarios by their names, as far as they were asked
// for: to find one is to read it once.
var sources sync.Map

// embedded is the text of a scenario that comes with zksim.
func embedded(name string) ([]byte, bool) {
	if text, ok := sources.Load(name); ok {
		return text.([]byte), true
	}
	e, ok := sim.FindEmbedded(name)
	if ok {
		sources.Store(name, e.Source)
	}
	return e.Source, ok
}
