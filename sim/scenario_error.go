package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A ScenarioError is one problem of one scenario.
type ScenarioError struct {
	File string // the file, or "--set ..." for a value of the command line; may be empty
	Line int    // counted from 1; 0 where there is none
	// Path is where in the scenario, as --set takes it: clients.worker.timeout,
	// faults.0.for. It is empty for the scenario as a whole.
	Path string
	// Problem says what is wrong, what was read, and what would be right.
	Problem string

	order int // lines of the file first, then the values of the command line
}

// Error is "file:line: path: problem", without the parts that there are not.
func (e *ScenarioError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	for _, part := range []string{e.Path, e.Problem} {
		if b.Len() > 0 && part != "" {
			b.WriteString(": ")
		}
		b.WriteString(part)
	}
	return b.String()
}

// ScenarioErrors is every problem of a scenario, in the order of the file.
type ScenarioErrors []*ScenarioError

// mostShown bounds how many problems Error prints. Thousands have one cause.
const mostShown = 50

// Error gives one problem per line, the first 50 and how many more there are.
func (e ScenarioErrors) Error() string {
	var lines []string
	for i, one := range e {
		if i == mostShown {
			lines = append(lines, fmt.Sprintf("and %d more", len(e)-i))
			break
		}
		lines = append(lines, one.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems one by one.
func (e ScenarioErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// orNil is the list as an error: nil if there is no problem.
func (e ScenarioErrors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *ScenarioError) int { return cmp.Compare(a.order, b.order) })
	return e
}
