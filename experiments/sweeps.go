//go:build !js

package experiments

import (
	"embed"
	"fmt"

	"zksim/sim"
)

//go:embed sweeps/*.yaml
var sweepFiles embed.FS

// embeddedSweeps lists the sweeps that come with the program, in the order in which a
// newcomer reads them.
var embeddedSweeps = []string{
	"crash",
	"pause-law",
	"helix-1018",
	"kip-537",
}

// An EmbeddedSweep is a sweep that comes with the program.
type EmbeddedSweep struct {
	Name   string
	Title  string
	Source []byte // YAML, as [ReadSpec] takes it
}

// Sweeps lists the sweeps that come with the program, the easiest first.
func Sweeps() []EmbeddedSweep {
	all := make([]EmbeddedSweep, len(embeddedSweeps))
	for i, name := range embeddedSweeps {
		source, err := sweepFiles.ReadFile("sweeps/" + name + ".yaml")
		if err != nil {
			panic(fmt.Sprintf("embedded sweep: %v", err))
		}
		s, err := ReadSpec(name+".yaml", source, nil, EmbeddedScenario)
		if err != nil {
			panic(fmt.Sprintf("embedded sweep: %v", err))
		}
		all[i] = EmbeddedSweep{name, s.Title, source}
	}
	return all
}

// FindSweep gives the sweep of that name, if there is one.
func FindSweep(name string) (EmbeddedSweep, bool) {
	for _, e := range Sweeps() {
		if e.Name == name {
			return e, true
		}
	}
	return EmbeddedSweep{}, false
}

// EmbeddedScenario finds a scenario that comes with the program, for sweeps that name one.
func EmbeddedScenario(name string) (Source, error) {
	if e, ok := sim.FindEmbedded(name); ok {
		return Source{Name: e.Name + ".yaml", Text: e.Source}, nil
	}
	hint := ""
	if near := sim.NearestEmbedded(name); near != "" {
		hint = "did you mean " + near + "? "
	}
	return Source{}, fmt.Errorf("%s: no scenario that comes with zksim; %szksim scenario list names them", name, hint)
}
