package conformance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An Explanation says why one event of one recording is missing or invented.
type Explanation struct {
	Recording string
	Event     string // kind and node, as in "saw_deleted at observer1"
	Reason    string
	Line      int
	used      bool
}

// Explanations are the lines of one file.
type Explanations struct {
	File string
	List []Explanation
}

// EventName is how explanations and lists name an event.
func (c *Compared) EventName() string {
	name := c.Kind + " at " + c.Node
	if c.Session != "" {
		name += " of " + c.Session
	}
	return name
}

// ReadExplanations reads one explanation a line: recording, event and reason with
// tabs between them. Lines that are empty or begin with # do not count. All
// problems are reported together, each with its position.
func ReadExplanations(r io.Reader, file string) (*Explanations, error) {
	x := &Explanations{File: file}
	var problems []error
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || strings.TrimSpace(fields[0]) == "" || strings.TrimSpace(fields[1]) == "" || strings.TrimSpace(fields[2]) == "" {
			problems = append(problems, fmt.Errorf("%s:%d: %d fields: want recording, event and reason, with tabs between them", file, n, len(fields)))
			continue
		}
		if kind, node, ok := strings.Cut(fields[1], " at "); !ok || kind == "" || node == "" {
			problems = append(problems, fmt.Errorf("%s:%d: event %q: want a kind and a node, as in \"saw_deleted at observer1\"", file, n, clip(fields[1])))
			continue
		}
		x.List = append(x.List, Explanation{Recording: fields[0], Event: fields[1], Reason: fields[2], Line: n})
	}
	if err := lines.Err(); err != nil {
		problems = append(problems, fmt.Errorf("%s: %w", file, err))
	}
	return x, errors.Join(problems...)
}

// Covers finds the reason for an event, if there is one.
func (x *Explanations) Covers(c *Compared) (string, bool) {
	if x == nil {
		return "", false
	}
	for i := range x.List {
		e := &x.List[i]
		if e.Recording == c.Recording && e.Event == c.EventName() {
			e.used = true
			return e.Reason, true
		}
	}
	return "", false
}

// Idle lists explanations of judged recordings that covered nothing, each with its
// position.
func (x *Explanations) Idle(r *Report) []string {
	if x == nil {
		return nil
	}
	var idle []string
	for i := range x.List {
		if e := &x.List[i]; !e.used && r.Judges(e.Recording) {
			idle = append(idle, fmt.Sprintf("%s:%d: %s: %s: nothing of it is missing or invented", x.File, e.Line, e.Recording, e.Event))
		}
	}
	return idle
}

// Unexplained counts the events of a report that are missing or invented and that
// no explanation covers.
func (r *Report) Unexplained(x *Explanations) int {
	n := 0
	for i := range r.Events {
		if c := &r.Events[i]; !c.Met() {
			if _, ok := x.Covers(c); !ok {
				n++
			}
		}
	}
	return n
}
