// Package docs holds the numbered rules the model follows, semantics.md, in a form programs can
// read, and works out which code and which tests cite each of them.
//
// The rules are the contract between a reader who knows ZooKeeper and the code: every rule in
// scope has a place that implements it and a test that would notice its absence. The table in
// coverage.md shows both. A citation says where to look; it is no proof that the code is right.
package docs

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed semantics.md
var semantics string

// Rule is one numbered rule of semantics.md.
type Rule struct {
	ID      string   // as written there, such as T-3, C-9a or L-C1
	Section string   // title of its numbered section, such as "T: session tracker and touches"
	Part    string   // title of its subsection, empty where the section has none
	Text    string   // the bullet's text with its markdown, without the ID; lines joined by "\n"
	Sources []string // references of the form File.java:Class.method in the text; not to be modified
}

// Vector is one numbered test vector of section 15.
type Vector struct {
	Number int
	Rules  []string // IDs of the rules it exercises; not to be modified
	Text   string   // the text after the rule IDs, with its markdown
}

// document is semantics.md taken apart.
type document struct {
	rules   []Rule // in document order
	vectors []Vector
	points  []string       // IDs of the open points, U-1 and on, which are not rules
	index   map[string]int // lower-case rule ID to its place in rules
}

var (
	numberedSection = regexp.MustCompile(`^## \d+[a-z]?\. (.+)$`)
	subsection      = regexp.MustCompile(`^### (.+)$`)
	ruleBullet      = regexp.MustCompile(`^- \*\*(` + idPattern + `)\*\* (.+)$`)
	anyBoldBullet   = regexp.MustCompile(`^- \*\*([^*]+)\*\*`)
	openPoint       = regexp.MustCompile(`^- \*\*\[(U-\d+)\]\*\* `)
	vectorItem      = regexp.MustCompile(`^(\d+)\. \*\*([^*]+)\*\* (.+)$`)
	sourceReference = regexp.MustCompile("`([A-Za-z_][A-Za-z0-9_]*\\.(?:java|c|go|py)(?::[^`]+)?)`")
)

// embedded is the document this package is built with. A fault in it is an error of whoever edits
// semantics.md, so it panics with the line.
var embedded = sync.OnceValue(func() *document {
	d, err := parseDocument(semantics)
	if err != nil {
		panic(err)
	}
	return d
})

// Rules returns all rules in document order.
func Rules() []Rule { return slices.Clone(embedded().rules) }

// Lookup returns the rule with the given ID. Letter case does not matter: "c-9A" finds C-9a.
func Lookup(id string) (Rule, bool) { return embedded().lookup(id) }

// Vectors returns the test vectors of section 15 in document order.
func Vectors() []Vector { return slices.Clone(embedded().vectors) }

func (d *document) lookup(id string) (Rule, bool) {
	i, ok := d.index[strings.ToLower(id)]
	if !ok {
		return Rule{}, false
	}
	return d.rules[i], true
}

// parseDocument takes semantics.md apart. It refuses a bullet that starts with bold text and is
// neither a rule nor an open point, so that a mistyped ID cannot make a rule vanish.
func parseDocument(text string) (*document, error) {
	d := &document{index: map[string]int{}}
	var section, part string
	var current *Rule // the rule whose bullet is being read, nil between bullets
	finish := func() {
		if current == nil {
			return
		}
		for _, m := range sourceReference.FindAllStringSubmatch(current.Text, -1) {
			current.Sources = append(current.Sources, m[1])
		}
		d.rules = append(d.rules, *current)
		current = nil
	}
	var headings [][2]string // number and bold head of each vector, resolved once all rules are known
	for i, line := range strings.Split(text, "\n") {
		if current != nil && strings.HasPrefix(line, "  ") {
			current.Text += "\n" + strings.TrimPrefix(line, "  ")
			continue
		}
		finish()
		if m := numberedSection.FindStringSubmatch(line); m != nil {
			section, part = m[1], ""
		} else if m := subsection.FindStringSubmatch(line); m != nil {
			part = m[1]
		} else if m := openPoint.FindStringSubmatch(line); m != nil {
			d.points = append(d.points, m[1])
		} else if m := ruleBullet.FindStringSubmatch(line); m != nil {
			key := strings.ToLower(m[1])
			if _, twice := d.index[key]; twice {
				return nil, fmt.Errorf("semantics.md:%d: rule %s appears a second time: want each ID once", i+1, m[1])
			}
			d.index[key] = len(d.rules)
			current = &Rule{ID: m[1], Section: section, Part: part, Text: m[2]}
		} else if m := anyBoldBullet.FindStringSubmatch(line); m != nil {
			return nil, fmt.Errorf("semantics.md:%d: bullet %q: want a rule ID such as T-3, C-9a or L-C1, then text", i+1, m[1])
		} else if m := vectorItem.FindStringSubmatch(line); m != nil && section == "Test vectors" {
			n, err := strconv.Atoi(m[1])
			if err != nil || n != len(d.vectors)+1 {
				return nil, fmt.Errorf("semantics.md:%d: test vector %s: want number %d", i+1, m[1], len(d.vectors)+1)
			}
			d.vectors = append(d.vectors, Vector{Number: n, Text: m[3]})
			headings = append(headings, [2]string{m[1], m[2]})
		}
	}
	finish()
	for i, h := range headings {
		for _, id := range d.citations(h[1]) {
			if _, ok := d.lookup(id); !ok {
				return nil, fmt.Errorf("semantics.md: test vector %s names %s: want a rule of the document", h[0], id)
			}
			d.vectors[i].Rules = append(d.vectors[i].Rules, id)
		}
		if len(d.vectors[i].Rules) == 0 {
			return nil, fmt.Errorf("semantics.md: test vector %s starts with %q: want the IDs of the rules it exercises", h[0], h[1])
		}
	}
	return d, nil
}
