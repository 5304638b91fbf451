package sim

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed scenarios/*.yaml
var scenarioFiles embed.FS

// embeddedNames lists the scenarios that come with the program, in the order
// in which a newcomer reads them.
var embeddedNames = []string{
	"faq",
	"crash",
	"crash-leader",
	"close",
	"heal-in-time",
	"refused",
	"one-way",
	"cut-forever-38",
	"cut-forever-39",
	"orphan",
	"zombie",
	"cut-off-follower",
	"takeover",
	"hand-over",
	"two-owners",
	"fenced",
	"late-act",
	"supervised",
	"short-pause",
	"gc-pause",
	"event-thread",
	"server-pause",
	"server-restart",
	"slow-log",
	"slow-link",
	"lossy",
	"observers",
	"observer-master",
	"reconfig",
	"local-session",
	"read-only",
	"mass-expiry",
	"busy-writer",
	"clamped",
	"cold-start",
	"revived",
	"failovers",
	"leader-pause",
	"leader-pause-long",
	"vain",
	"follower-pause",
	"follower-pause-long",
	"observer-lost",
	"no-quorum",
	"blackout",
	"libraries",
	"zookeeper-4508",
	"zookeeper-2466",
	"kazoo-starved",
	"curator-460",
	"solr-4625",
	"tech-note-10",
	"wall-clock",
}

// An EmbeddedScenario is a scenario that comes with the program.
type EmbeddedScenario struct {
	Name   string
	Title  string
	Source []byte // YAML, as [ReadScenario] takes it
}

// Embedded lists the scenarios that come with the program, the easiest first.
func Embedded() []EmbeddedScenario {
	all := make([]EmbeddedScenario, len(embeddedNames))
	for i, name := range embeddedNames {
		all[i] = embedded(name)
	}
	return all
}

// embedded reads one of them.
func embedded(name string) EmbeddedScenario {
	source, err := scenarioFiles.ReadFile("scenarios/" + name + ".yaml")
	if err != nil {
		panic(fmt.Sprintf("embedded scenario: %v", err))
	}
	s, err := ReadScenario(name+".yaml", source, nil)
	if err != nil {
		panic(fmt.Sprintf("embedded scenario: %v", err))
	}
	return EmbeddedScenario{Name: name, Title: s.Title, Source: source}
}

// FindEmbedded gives the scenario of that name, if there is one.
func FindEmbedded(name string) (EmbeddedScenario, bool) {
	if !slices.Contains(embeddedNames, name) {
		return EmbeddedScenario{}, false
	}
	return embedded(name), true
}

// NearestEmbedded gives the name of the scenario that a misspelt name was
// probably meant to be, or "".
func NearestEmbedded(name string) string { return NearestWord(name, embeddedNames) }

// NearestWord gives the one of some words that a misspelt one was probably meant to be,
// or "": at most two slips away, and fewer than its letters.
func NearestWord(word string, words []string) string {
	best, least := "", min(3, len(word))
	if len(word) > 40 {
		return ""
	}
	for _, known := range words {
		if d := editDistance(strings.ToLower(word), strings.ToLower(known)); d < least {
			best, least = known, d
		}
	}
	return best
}
