package gozk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zksim/model"
)

const ms = time.Millisecond

// healthy is a connection that comes up at once and answers.
var healthy = Attempt{Takes: 1 * ms, After: 2 * ms, RoundTrip: 3 * ms}

func (a Attempt) with(edit func(*Attempt)) Attempt {
	edit(&a)
	return a
}

var (
	refused  = Attempt{Dial: Refuse, Takes: 1 * ms}
	silent   = Attempt{Dial: Silence}
	halfOpen = healthy.with(func(a *Attempt) { a.Handshake = Silence })
	closing  = healthy.with(func(a *Attempt) { a.Handshake = Refuse })
	expiring = healthy.with(func(a *Attempt) { a.Handshake = Expire })
)

func deafFrom(d time.Duration) Attempt {
	return healthy.with(func(a *Attempt) { a.DeafFrom = d })
}

func closedAfter(d time.Duration) Attempt {
	return healthy.with(func(a *Attempt) { a.CloseAfter = d })
}

// Requests are issued at odd instants, so that none falls on a timer: what the
// library does first at one instant is left to its goroutines.
func reads(at ...time.Duration) []Action {
	var all []Action
	for _, t := range at {
		all = append(all, Action{t + 137*time.Microsecond, Read})
	}
	return all
}

var scripts = []Script{
	{Name: "an idle session pings every third of its timeout (L-G1)", Servers: 1, Timeout: 6 * time.Second, Attempts: []Attempt{healthy}, Until: 30 * time.Second},
	{Name: "requests do not put pings off (L-G2)", Servers: 1, Timeout: 6 * time.Second, Attempts: []Attempt{healthy},
		Do: reads(1*time.Second, 1900*ms, 2500*ms, 4100*ms, 7*time.Second), Until: 20 * time.Second},
	{Name: "timers follow the negotiated timeout, and so does what is asked for next (N-5)", Servers: 2, Timeout: 30 * time.Second,
		Attempts: []Attempt{closedAfter(9 * time.Second).with(func(a *Attempt) { a.Grants = 6 * time.Second }), healthy}, Until: 40 * time.Second},
	{Name: "a ratchet: once lowered it stays lowered (N-5)", Servers: 3, Timeout: 30 * time.Second,
		Attempts: []Attempt{closedAfter(9 * time.Second).with(func(a *Attempt) { a.Grants = 6 * time.Second }), closedAfter(5 * time.Second), closedAfter(4 * time.Second), healthy}, Until: 60 * time.Second},
	{Name: "silence costs two thirds of the timeout (L-G3)", Servers: 3, Timeout: 9 * time.Second, Attempts: []Attempt{deafFrom(10 * time.Second), healthy}, Until: 40 * time.Second},
	{Name: "any packet counts, watch events too (L-G3)", Servers: 3, Timeout: 9 * time.Second, Watches: true,
		Attempts: []Attempt{healthy.with(func(a *Attempt) {
			a.DeafFrom = 4 * time.Second
			a.Fires = []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second}
		}), healthy}, Until: 60 * time.Second},
	{Name: "a silent server costs a second (L-G4)", Servers: 3, Timeout: 9 * time.Second, Attempts: []Attempt{silent, silent, silent, silent, healthy}, Until: 30 * time.Second},
	{Name: "a half-open handshake holds the client for 20/3 of its timeout (L-G4)", Servers: 2, Timeout: 3 * time.Second, Attempts: []Attempt{halfOpen, healthy}, Until: 60 * time.Second},
	{Name: "a handshake answered late is still taken (L-G4)", Servers: 2, Timeout: 3 * time.Second,
		Attempts: []Attempt{healthy.with(func(a *Attempt) { a.After = 19 * time.Second }), healthy}, Until: 60 * time.Second},
	{Name: "a second's sleep when the list comes round (L-G5)", Servers: 3, Timeout: 9 * time.Second, Attempts: []Attempt{refused}, Until: 20 * time.Second},
	{Name: "the round ends at the server of the last session (L-G5)", Servers: 3, Timeout: 9 * time.Second,
		Attempts: []Attempt{refused, closedAfter(5 * time.Second), refused, refused, refused, refused, refused, healthy}, Until: 40 * time.Second},
	{Name: "with one address every reconnect sleeps (L-G5)", Servers: 1, Timeout: 9 * time.Second, Attempts: []Attempt{closedAfter(5 * time.Second), closedAfter(3 * time.Second), healthy}, Until: 40 * time.Second},
	{Name: "unsent requests fail when the list comes round (L-G5)", Servers: 2, Timeout: 9 * time.Second,
		Attempts: []Attempt{closedAfter(5 * time.Second), silent, silent, silent, healthy}, Do: reads(5500*ms, 6200*ms, 8500*ms), Until: 40 * time.Second},
	{Name: "a server that closes the handshake (L-G6)", Servers: 2, Timeout: 9 * time.Second, Attempts: []Attempt{closing, closing, closing, healthy}, Until: 20 * time.Second},
	{Name: "pending requests fail behind Disconnected (L-G6)", Servers: 2, Timeout: 9 * time.Second, Attempts: []Attempt{deafFrom(4 * time.Second), healthy},
		Do: reads(5*time.Second, 6*time.Second), Until: 40 * time.Second},
	{Name: "told Expired it makes a new session (L-G7)", Servers: 3, Timeout: 9 * time.Second, Attempts: []Attempt{closedAfter(5 * time.Second), expiring, healthy}, Until: 40 * time.Second},
	{Name: "told Expired with a watch (L-G7)", Servers: 3, Timeout: 9 * time.Second, Watches: true, Attempts: []Attempt{closedAfter(5 * time.Second), expiring, healthy}, Until: 40 * time.Second},
	{Name: "events that nobody takes are dropped (L-G8)", Servers: 3, Timeout: 9 * time.Second, Slow: 7 * time.Second,
		Attempts: []Attempt{closedAfter(2 * time.Second), closedAfter(2 * time.Second), closedAfter(2 * time.Second), expiring, healthy}, Until: 2 * time.Minute},
	{Name: "cut off for ever it never says Expired (L-G9)", Servers: 3, Timeout: 4 * time.Second, Attempts: []Attempt{deafFrom(10 * time.Second), silent}, Until: 2 * time.Minute},
	{Name: "queued requests go out in the new session (L-G10)", Servers: 3, Timeout: 9 * time.Second,
		Attempts: []Attempt{closedAfter(5 * time.Second), expiring.with(func(a *Attempt) { a.After = 2 * time.Second }), healthy},
		Do:       reads(5500*ms, 6*time.Second), Until: 40 * time.Second},
	{Name: "watches are set again (C-27)", Servers: 2, Timeout: 9 * time.Second, Watches: true, Attempts: []Attempt{closedAfter(5 * time.Second), healthy}, Until: 30 * time.Second},
	{Name: "the last zxid seen goes with the next handshake (C-28)", Servers: 2, Timeout: 9 * time.Second, Attempts: []Attempt{closedAfter(5 * time.Second), healthy},
		Do: reads(1*time.Second, 2*time.Second), Until: 20 * time.Second},
	{Name: "slow answers", Servers: 2, Timeout: 6 * time.Second, Attempts: []Attempt{healthy.with(func(a *Attempt) { a.RoundTrip = 1700 * ms })},
		Do: reads(2*time.Second, 4*time.Second), Until: 20 * time.Second},
	{Name: "answers slower than two thirds of the timeout", Servers: 2, Timeout: 6 * time.Second, Attempts: []Attempt{healthy.with(func(a *Attempt) { a.RoundTrip = 4300 * ms })}, Until: 40 * time.Second},
	{Name: "closed by its application", Servers: 2, Timeout: 6 * time.Second, Attempts: []Attempt{healthy}, Do: []Action{{7137 * ms, Close}}, Until: 20 * time.Second},
	{Name: "closed while the list has come round", Servers: 2, Timeout: 6 * time.Second, Attempts: []Attempt{closedAfter(3 * time.Second), refused}, Do: []Action{{4137 * ms, Close}}, Until: 20 * time.Second},
}

func TestTheModelDoesWhatTheLibraryDoes(t *testing.T) {
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) { compare(t, &s) })
	}
}

// compare plays a script with both, and shows where they part.
func compare(t *testing.T, s *Script) {
	t.Helper()
	log, order := playLibrary(t, s)
	for len(order) < s.Servers {
		order = append(order, "never dialled")
	}
	real := log.Lines(s.Until)
	if len(real) < 3 {
		t.Fatalf("the library did hardly anything: %q", real)
	}
	if diff := differ(real, playModel(t, s, order, func(*model.ClientConfig) {}).Lines(s.Until)); diff != "" {
		t.Errorf("library (-) and model (+) part:\n%s", diff)
	}
}

// differ shows the first lines in which two logs differ, with what led there; empty if
// they are the same.
func differ(real, predicted []string) string {
	for i := range max(len(real), len(predicted)) {
		if i < len(real) && i < len(predicted) && real[i] == predicted[i] {
			continue
		}
		var b strings.Builder
		for _, x := range real[max(0, i-6):i] {
			b.WriteString("  " + x + "\n")
		}
		for _, x := range real[i:min(len(real), i+6)] {
			b.WriteString("- " + x + "\n")
		}
		for _, x := range predicted[min(i, len(predicted)):min(len(predicted), i+6)] {
			b.WriteString("+ " + x + "\n")
		}
		return b.String()
	}
	return ""
}

// A model that is wrong is found out: its timeout is a millisecond too long.
func TestAWrongModelIsFoundOut(t *testing.T) {
	s := scripts[slices.IndexFunc(scripts, func(s Script) bool { return strings.Contains(s.Name, "L-G3") })]
	log, order := playLibrary(t, &s)
	wrong := playModel(t, &s, order, func(c *model.ClientConfig) { c.Timeout++ })
	if differ(log.Lines(s.Until), wrong.Lines(s.Until)) == "" {
		t.Error("nobody noticed")
	}
}
