package model

import "time"

// This file and client_*_facts.go say about each library what a reader wants to look
// up: its timers, what an application hears, and what is known to be wrong. Formulas
// use the symbols of docs/semantics.md: T is the negotiated session timeout (the
// requested one before the first handshake), n the number of addresses.

// A Timer is one of a library's limits or periods.
type Timer struct {
	Name    string
	Formula string
	// Value is what it comes to for a session timeout and a number of addresses: from
	// least to most.
	Value func(t time.Duration, n int) (least, most time.Duration)
	Rule  string
	in    func(l *Library) bool // in which versions; nil: in all
}

// In says whether the timer is one of a row's.
func (t *Timer) In(l *Library) bool { return t.in == nil || t.in(l) }

// A Situation is something that happens, and what the application hears of it in the
// library's words (section 13 of the rules).
type Situation struct {
	When  string
	Hears string
	Rule  string
	in    func(l *Library) bool
}

// In says whether it is so in a row.
func (s *Situation) In(l *Library) bool { return s.in == nil || s.in(l) }

// A Bug is a reported problem of a library, or a pitfall (section 14 of the rules).
type Bug struct {
	Reference string
	What      string
	Rules     string
	in        func(l *Library) bool
}

// In says whether a row has the problem.
func (b *Bug) In(l *Library) bool { return b.in == nil || b.in(l) }

// facts are the tables of one library.
type facts struct {
	title      string // as a sentence spells the name
	timers     []Timer
	situations []Situation
	bugs       []Bug
}

// Title is the library's name as a sentence spells it.
func (l *Library) Title() string { return l.kind.facts.title }

// Timers lists the timers of all versions of the library.
func (l *Library) Timers() []Timer { return l.kind.facts.timers }

// Situations lists what an application hears with any version of the library.
func (l *Library) Situations() []Situation { return l.kind.facts.situations }

// Bugs lists the known problems of all versions of the library.
func (l *Library) Bugs() []Bug { return l.kind.facts.bugs }

// Rows lists the rows of a library, oldest first; none if there is no such library.
func Rows(name string) []*Library {
	var rows []*Library
	for i := range Libraries {
		if Libraries[i].Name == name {
			rows = append(rows, &Libraries[i])
		}
	}
	return rows
}

// exactly is a timer that has one value.
func exactly(value func(t time.Duration, n int) time.Duration) func(time.Duration, int) (time.Duration, time.Duration) {
	return func(t time.Duration, n int) (time.Duration, time.Duration) { v := value(t, n); return v, v }
}

// between is a timer that does not depend on the timeout.
func between(least, most time.Duration) func(time.Duration, int) (time.Duration, time.Duration) {
	return func(time.Duration, int) (time.Duration, time.Duration) { return least, most }
}

// ofMillis is a timer that a library computes in whole milliseconds.
func ofMillis(value func(t int32, n int) int64) func(time.Duration, int) (time.Duration, time.Duration) {
	return exactly(func(t time.Duration, n int) time.Duration {
		return time.Duration(value(int32(t/time.Millisecond), n)) * time.Millisecond
	})
}

func localExpiry(l *Library) bool   { return l.LocalExpiry }
func noLocalExpiry(l *Library) bool { return !l.LocalExpiry }
