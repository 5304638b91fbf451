package docs

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Places says where a rule is cited, for a program that has no source tree at hand.
type Places struct {
	Code    []Place // declarations that carry the behaviour
	Checked []Place // invariants that every watched run is held against
	Told    []Place // what puts runs into words
	Tests   []Place // test and fuzz functions
}

//go:embed places.tsv
var placesTable string

// PlacesOf returns where the rule with the given ID is cited. The table that it reads is
// written by go test ./docs -update, as coverage.md is.
func PlacesOf(id string) Places { return readPlaces()[id] }

var readPlaces = sync.OnceValue(func() map[string]Places {
	all := map[string]Places{}
	for line := range strings.SplitSeq(strings.TrimSpace(placesTable), "\n") {
		part := strings.Split(line, "\t")
		if len(part) != 3 {
			panic(fmt.Sprintf("places.tsv: %q: want three columns", line))
		}
		var place Place
		place.File, place.Decl, _ = strings.Cut(part[2], ":")
		p := all[part[0]]
		column := p.column(part[1])
		*column = append(*column, place)
		all[part[0]] = p
	}
	return all
})

// column is the list with the given word in places.tsv.
func (p *Places) column(word string) *[]Place {
	switch word {
	case "code":
		return &p.Code
	case "check":
		return &p.Checked
	case "tell":
		return &p.Told
	case "test":
		return &p.Tests
	}
	panic(fmt.Sprintf("places.tsv: %q: want code, check, tell or test", word))
}

// tellers are the files of sim that say what happened instead of making it happen, by how
// their names begin.
var tellers = []string{"timeline", "story", "sentence", "narrator", "why", "retell", "picture", "collector", "mark.go", "reign.go"}

// roleOf says what a declaration outside tests has to do with the rules that it cites.
func roleOf(p Place) string {
	name, inSim := strings.CutPrefix(p.File, "sim/")
	switch {
	case inSim && strings.HasPrefix(name, "check"):
		return "check"
	case inSim && slices.ContainsFunc(tellers, func(t string) bool { return strings.HasPrefix(name, t) }):
		return "tell"
	}
	return "code"
}

// RenderPlaces writes the table that [PlacesOf] reads.
func RenderPlaces(c *Coverage) string {
	var b strings.Builder
	for _, r := range Rules() {
		for _, role := range []string{"code", "check", "tell"} {
			for _, p := range c.Implemented[r.ID] {
				if roleOf(p) == role {
					fmt.Fprintf(&b, "%s\t%s\t%s\n", r.ID, role, p)
				}
			}
		}
		for _, p := range c.Tested[r.ID] {
			fmt.Fprintf(&b, "%s\ttest\t%s\n", r.ID, p)
		}
	}
	return b.String()
}

// LeftOut returns what the model leaves out of a rule, in a sentence; empty if it follows
// it wholly.
func LeftOut(id string) string {
	for _, table := range [][]Exclusion{outOfScope, inScopeInPart} {
		if e, ok := excluded(table, id); ok {
			return e.Reason
		}
	}
	return ""
}

// Begins returns the beginning of a rule's text without its markdown, for lists.
func Begins(r Rule) string { return firstWords(r.Text) }

// Plain returns a rule's text without markdown and without the references to sources that
// stand between its sentences. Items of a list keep their own lines.
func Plain(r Rule) string {
	var paragraphs []string
	for line := range strings.SplitSeq(r.Text, "\n") {
		line = sourceList.ReplaceAllString(line, " ")
		parts := strings.Split(line, "`")
		for i := 0; i < len(parts); i += 2 { // the odd parts are code, where an asterisk is a product
			parts[i] = strings.ReplaceAll(parts[i], "*", "")
		}
		line = strings.Join(strings.Fields(strings.Join(parts, "")), " ")
		if item, ok := strings.CutPrefix(line, "- "); ok {
			line = "• " + item
		}
		if line != "" {
			paragraphs = append(paragraphs, line)
		}
	}
	return strings.Join(paragraphs, "\n")
}

// sourceList is a reference to a source, or several joined by commas, behind a sentence.
var sourceList = regexp.MustCompile(`(?:^|\s)` + sourceReference.String() + `(?:, ` + sourceReference.String() + `)*(?:\s|$)`)

// Related returns the other rules that a rule's text names, each once.
func Related(r Rule) []string {
	ids := []string{}
	for _, id := range embedded().citations(r.Text) {
		rule, known := embedded().resolve(id)
		if known && rule != "" && rule != r.ID && !slices.Contains(ids, rule) {
			ids = append(ids, rule)
		}
	}
	return ids
}
