package docs

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// firstWordsLimit is the length in characters to which a rule's text is cut in the table.
	firstWordsLimit = 60
	// placesShown and goldensShown keep a row readable; what is left out is counted.
	placesShown  = 3
	goldensShown = 2
)

const tableHead = `# Rule coverage

<!-- Written by: go test ./docs -update. Do not edit by hand. -->

The rules are those of [semantics.md](semantics.md). A place is listed because it cites the rule, so the
table says where to look; it does not say that the code there is right. Only clock, model, sim and
experiments can implement a rule; what other packages cite is left out of that column. Golden files are timelines that
name the rule. A rule counts as tested when a test or a golden file cites it.
`

// Render writes the coverage table as markdown: one table per section for the rules in scope, the
// rules followed in part, the rules out of scope, and the totals. Equal coverage gives equal bytes.
func Render(c *Coverage) string {
	var b strings.Builder
	b.WriteString(tableHead)
	section := ""
	for _, r := range Rules() {
		if !inScope(r.ID) {
			continue
		}
		if r.Section != section {
			section = r.Section
			fmt.Fprintf(&b, "\n## %s\n\n", section)
			b.WriteString("| Rule | Begins | Implemented in | Tests | Golden files |\n| --- | --- | --- | --- | --- |\n")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.ID, escapeCell(firstWords(r.Text)),
			listPlaces(c.Implemented[r.ID], placesShown), listPlaces(c.Tested[r.ID], placesShown), listPlaces(c.Golden[r.ID], goldensShown))
	}
	b.WriteString("\n## In scope in part\n\n| Rule | What is left out |\n| --- | --- |\n")
	for _, e := range inScopeInPart {
		fmt.Fprintf(&b, "| %s | %s |\n", e.Rule, escapeCell(e.Reason))
	}
	b.WriteString("\n## Out of scope\n\n| Rule | Begins | Reason | Mentioned in |\n| --- | --- | --- | --- |\n")
	for _, e := range outOfScope {
		r, _ := Lookup(e.Rule)
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", e.Rule, escapeCell(firstWords(r.Text)), escapeCell(e.Reason),
			listPlaces(slices.Concat(c.Implemented[e.Rule], c.Mentioned[e.Rule]), placesShown))
	}
	implemented, tested, total := c.totals()
	fmt.Fprintf(&b, "\n## Summary\n\nImplemented %d of %d rules in scope, tested %d of %d; %d of the %d rules are out of scope.\n",
		implemented, total, tested, total, len(outOfScope), len(Rules()))
	return b.String()
}

// totals counts the rules in scope and those of them that are implemented and tested.
func (c *Coverage) totals() (implemented, tested, total int) {
	for _, r := range Rules() {
		if !inScope(r.ID) {
			continue
		}
		total++
		if len(c.Implemented[r.ID]) > 0 {
			implemented++
		}
		if c.isTested(r.ID) {
			tested++
		}
	}
	return implemented, tested, total
}

func (c *Coverage) isTested(id string) bool { return len(c.Tested[id]) > 0 || len(c.Golden[id]) > 0 }

// Missing returns the rules in scope that no declaration cites, and those that no test or golden
// file cites, both in document order.
func (c *Coverage) Missing() (unimplemented, untested []string) {
	for _, r := range Rules() {
		if !inScope(r.ID) {
			continue
		}
		if len(c.Implemented[r.ID]) == 0 {
			unimplemented = append(unimplemented, r.ID)
		}
		if !c.isTested(r.ID) {
			untested = append(untested, r.ID)
		}
	}
	return unimplemented, untested
}

// listPlaces writes up to limit places as code, then how many more there are.
func listPlaces(places []Place, limit int) string {
	var shown []string
	for _, p := range places[:min(limit, len(places))] {
		shown = append(shown, "`"+p.String()+"`")
	}
	list := strings.Join(shown, ", ")
	if more := len(places) - limit; more > 0 {
		list += fmt.Sprintf(" +%d", more)
	}
	return list
}

// firstWords returns the beginning of a rule's text without markdown, cut between words to at most
// firstWordsLimit characters, the ellipsis included.
func firstWords(text string) string {
	parts := strings.Split(strings.ReplaceAll(text, "\n", " "), "`")
	for i := 0; i < len(parts); i += 2 { // the odd parts are code, where an asterisk is a product
		parts[i] = strings.ReplaceAll(parts[i], "*", "")
	}
	plain := strings.TrimSpace(strings.Join(parts, ""))
	if utf8.RuneCountInString(plain) <= firstWordsLimit {
		return plain
	}
	cut := string([]rune(plain)[:firstWordsLimit])
	if space := strings.LastIndexByte(cut, ' '); space > 0 {
		cut = cut[:space]
	} else {
		cut = string([]rune(plain)[:firstWordsLimit-1])
	}
	return strings.TrimRight(cut, " ,;:.(") + "…"
}

// escapeCell keeps text from being read as markdown inside a table cell.
func escapeCell(text string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "]", `\]`).Replace(text)
}
