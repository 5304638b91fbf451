package model

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestTimersComeToWhatTheRulesSay has the values that a reader can work out from the
// formulas of sections 6 and 10 of the rules, for T = 10 s and 3 addresses.
func TestTimersComeToWhatTheRulesSay(t *testing.T) {
	want := map[string][]string{
		// C-1: R = 20000/3, p = R/2, k = T/3, X = 40000/3 in whole ms; C-22: X + 0.2 and
		// X + k + 0.2, since k = 3333 is above 2100.
		"java": {"read timeout R 6.666s 6.666s", "ping period p 3.333s 3.333s", "early ping 2.333s 2.333s", "connect timeout k 3.333s 3.333s",
			"closing the socket 100ms 100ms", "back-off 0s 999ms", "wrap 1s 1s", "looking for a read-write server 0s 1m0s", "own expiry X 13.333s 13.333s", "own Expired 13.533s 16.866s"},
		"c": {"read timeout 6.666s 6.666s", "ping 3.333s 3.333s", "attempt 6.666s 6.666s", "wait before an attempt 0s 166ms", "looking for a read-write server 200ms 1m0s", "closing 0s 1.5s"},
		// In nanoseconds; 10 times 6.666666666 s.
		"go": {"recvTimeout 6.666666666s 6.666666666s", "pingInterval 3.333333333s 3.333333333s", "dial 1s 1s", "handshake 1m6.66666666s 1m6.66666666s",
			"wait before an attempt 0s 1s"},
		// T/3 = 3.333333333 s less 0.40 to 0.01 s, twice for the silence.
		"kazoo": {"ping 2.933333333s 3.323333333s", "ping 2.933333333s 3.333333333s", "silence 5.866666666s 6.646666666s", "silence 5.866666666s 6.666666666s",
			"TCP connect 10s 10s", "handshake 3.333333333s 3.333333333s", "first wait 60ms 140ms", "longest wait 36m0s 1h24m0s"},
		// L-U5 with R = 6666: R + 100, and T, T/2, T*33/100 more.
		"curator": {"SUSPENDED 6.766s 6.766s", "LOST, percent 100 16.766s 16.766s", "LOST, percent 50 11.766s 11.766s", "LOST, percent 33 10.066s 10.066s",
			"LOST by ZooKeeper 3.9.3+ 13.533s 16.866s", "new handle 0s 2.1s", "connection timeout 0s 15s"},
	}
	for _, name := range LibraryNames() {
		var got []string
		for _, timer := range Rows(name)[0].Timers() {
			least, most := timer.Value(10*time.Second, 3)
			got = append(got, fmt.Sprintf("%s %v %v", timer.Name, least, most))
		}
		same(t, "timers of "+name, got, want[name]...)
	}
}

// TestEveryLibraryAnswersTheSameQuestions wants of each row exactly one answer for
// each situation of section 13 of the rules, and no fact that holds of no row.
func TestEveryLibraryAnswersTheSameQuestions(t *testing.T) {
	var questions []string
	for _, s := range Libraries[0].Situations() {
		if len(questions) == 0 || questions[len(questions)-1] != s.When {
			questions = append(questions, s.When)
		}
	}
	for i := range Libraries {
		l := &Libraries[i]
		var asked []string
		for _, s := range l.Situations() {
			if s.In(l) {
				asked = append(asked, s.When)
			}
		}
		same(t, l.Name+" "+l.From, asked, questions...)
	}
	for _, name := range LibraryNames() {
		rows := Rows(name)
		some := func(what string, in func(*Library) bool) {
			for _, l := range rows {
				if in(l) {
					return
				}
			}
			t.Errorf("%s: %s holds of no version", name, what)
		}
		for _, x := range rows[0].Timers() {
			some(x.Name, x.In)
		}
		for _, x := range rows[0].Situations() {
			some(x.When, x.In)
		}
		for _, x := range rows[0].Bugs() {
			some(x.Reference, x.In)
		}
	}
}

// TestTheEventsOfALibraryAreInItsTable wants each library's word for what an
// application hears to be one that it can tell, and the other way round.
func TestTheEventsOfALibraryAreInItsTable(t *testing.T) {
	for i := range Libraries {
		l := &Libraries[i]
		for _, e := range l.Events() {
			said := false
			for _, s := range l.Situations() {
				said = said || s.In(l) && strings.Contains(s.Hears, e.Word)
			}
			if !said && e.Means != MeansProgress {
				t.Errorf("%s %s: in which situation is the application told %s?", l.Name, l.From, e.Word)
			}
			told := false
			for _, m := range l.Told() {
				told = told || m.To == e.Word
			}
			if !told {
				t.Errorf("%s: %s comes after nothing", l.Name, e.Word)
			}
		}
		for _, m := range append(append([]Move(nil), l.Told()...), l.States()...) {
			if m.Rule == "" || m.To == "" {
				t.Errorf("%s: a change without a rule or an end: %+v", l.Name, m)
			}
		}
	}
}
