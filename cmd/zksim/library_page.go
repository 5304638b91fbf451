package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"zksim/model"
)

// A libraryPage describes one library, in plain text of a given width.
type libraryPage struct {
	rows    []*model.Library
	timeout time.Duration
	servers int
	width   int
	b       strings.Builder
}

// Columns of the page: what it is about, a value, and at the right edge a rule.
const (
	nameColumn  = 29
	valueColumn = 20
	ruleColumn  = 15
	wideEnough  = 92 // for a column of values
)

func (p *libraryPage) text() string {
	l := p.rows[0]
	fmt.Fprintf(&p.b, " %s\n", l.Title())
	p.heading("versions")
	for _, r := range p.rows {
		p.row(versionRange(r), "", r.About, r.Rules)
	}
	addresses := "1 address"
	if p.servers > 1 {
		addresses = fmt.Sprintf("%d addresses", p.servers)
	}
	p.heading(fmt.Sprintf("timers for a session timeout of %s and %s", p.timeout, addresses))
	for _, t := range l.Timers() {
		least, most := t.Value(p.timeout, p.servers)
		p.row(t.Name, inSeconds(least, most), p.in(t.In)+t.Formula, t.Rule)
	}
	p.heading("states of the handle, as the application can poll them")
	p.states(l.States())
	p.heading("what the application hears")
	for _, s := range l.Situations() {
		p.row(s.When, "", p.in(s.In)+s.Hears, s.Rule)
	}
	p.heading("known problems")
	for _, b := range l.Bugs() {
		p.row(b.Reference, "", p.in(b.In)+b.What, b.Rules)
	}
	return p.b.String()
}

// states lists what can follow each state.
func (p *libraryPage) states(moves []model.Move) {
	for i, m := range moves {
		first := true
		for _, before := range moves[:i] {
			first = first && before.From != m.From
		}
		if !first {
			continue
		}
		var next, rules []string
		for _, n := range moves[i:] {
			if n.From == m.From {
				next = append(next, n.To)
				rules = append(rules, n.Rule)
			}
		}
		p.row(m.From, "", "then "+strings.Join(next, " or "), distinct(strings.Join(rules, ", ")))
	}
}

// distinct drops what a list names twice.
func distinct(list string) string {
	var all []string
	for _, rule := range strings.Split(list, ", ") {
		seen := false
		for _, r := range all {
			seen = seen || r == rule
		}
		if !seen {
			all = append(all, rule)
		}
	}
	return strings.Join(all, ", ")
}

// in says of which versions something holds; nothing if of all.
func (p *libraryPage) in(holds func(*model.Library) bool) string {
	var first, last *model.Library
	all := true
	for _, l := range p.rows {
		if !holds(l) {
			all = false
			continue
		}
		if first == nil {
			first = l
		}
		last = l
	}
	switch {
	case all || first == nil:
		return ""
	case first == p.rows[0]:
		return "up to " + last.Until + ": "
	case last == p.rows[len(p.rows)-1]:
		return "from " + first.From + " on: "
	case first == last && first.From == first.Until:
		return first.From + " only: "
	}
	return first.From + " to " + last.Until + ": "
}

func (p *libraryPage) heading(words string) { fmt.Fprintf(&p.b, "\n %s\n", words) }

// row prints one line: a name, a value, a text that is wrapped, and rules at the
// right edge.
func (p *libraryPage) row(name, value, text, rule string) {
	if value != "" && p.width < wideEnough {
		value, text = "", value+"; "+text
	}
	left := fmt.Sprintf("%-*s", nameColumn, "   "+name)
	if utf8.RuneCountInString(left) > nameColumn {
		// A long name has a line of its own.
		fmt.Fprintf(&p.b, "%s\n", left)
		left = strings.Repeat(" ", nameColumn)
	}
	if value != "" {
		left += fmt.Sprintf("%-*s", valueColumn, value)
	}
	room := p.width - nameColumn - ruleColumn
	texts := wrap(text, room)
	if value != "" {
		texts = wrap(text, room-valueColumn)
	}
	rules := wrap(rule, ruleColumn-2)
	indent := nameColumn
	if value != "" {
		indent += valueColumn
	}
	for i := range max(len(texts), len(rules)) {
		line := strings.Repeat(" ", indent)
		if i == 0 {
			line = left
		}
		if i < len(texts) {
			line += texts[i]
		}
		if i < len(rules) {
			line = fmt.Sprintf("%-*s", p.width-ruleColumn+2, line) + rules[i]
		}
		p.b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// wrap breaks a text into lines of at most room columns, at blanks.
func wrap(text string, room int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > room {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// inSeconds formats a timer: cut off to milliseconds, as the libraries do.
func inSeconds(least, most time.Duration) string {
	if least == most {
		return seconds(least) + " s"
	}
	return seconds(least) + " to " + seconds(most) + " s"
}

func seconds(d time.Duration) string {
	text := fmt.Sprintf("%d.%03d", d/time.Second, d%time.Second/time.Millisecond)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
