package sim

import (
	"slices"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

const milli = time.Millisecond

// at is a fixed instant or length, for a scenario.
func at(d time.Duration) *Sampler { return constantSampler(d) }

// quietScenario is a standalone server, or an ensemble led by its last server,
// without any randomness but back-offs: 1 milli each way, no time for the log,
// every clock at zero, PING at multiples of h. Clients follow.
func quietScenario(servers int, length time.Duration, clients ...Client) *Scenario {
	zero := time.Duration(0)
	s := defaultScenario("quiet")
	s.Length = length
	s.Ensemble.Servers = servers
	s.Ensemble.Log = at(0)
	s.Ensemble.PingPhase = &zero
	s.Network.Clients, s.Network.Servers = at(milli), at(milli)
	for range servers {
		s.Ensemble.Clocks = append(s.Ensemble.Clocks, Clock{Offset: &zero})
	}
	for _, c := range clients {
		c.Clock.Offset = &zero
		s.Clients = append(s.Clients, c)
	}
	return s
}

// javaClient is a client of a version with a timeout, attached to a server (0: as
// the shuffle has it).
func javaClient(t *testing.T, name, version string, timeout time.Duration, attach int) Client {
	t.Helper()
	l, err := model.FindLibrary("java", version)
	if err != nil {
		t.Fatal(err)
	}
	return Client{Name: name, Library: l, Version: version, Timeout: timeout, Attach: attach}
}

// A drama is the records of one run.
type drama struct {
	t       *testing.T
	w       *World
	records []Record
}

func (s *drama) Record(r *Record) { s.records = append(s.records, *r) }

// play runs a scenario to its end.
func play(t *testing.T, sc *Scenario) *drama {
	t.Helper()
	if err := sc.Check(); err != nil {
		t.Fatal(err)
	}
	s := &drama{t: t}
	w, err := New(sc, 1, 0, s)
	if err != nil {
		t.Fatal(err)
	}
	s.w = w
	if _, err := w.Run(clock.Instant(sc.Length), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// all returns the records of a kind that a node left; text, if not empty, must
// be theirs.
func (s *drama) all(node string, kind model.Kind, text string) []Record {
	n := model.NodeID(slices.Index(s.w.Names(), node))
	var found []Record
	for _, r := range s.records {
		if r.Node == n && r.Kind == kind && (text == "" || r.Text == text) {
			found = append(found, r)
		}
	}
	return found
}

// times lists when they were left, after the given instant.
func (s *drama) times(node string, kind model.Kind, text string, after time.Duration) []time.Duration {
	var at []time.Duration
	for _, r := range s.all(node, kind, text) {
		if time.Duration(r.At) > after {
			at = append(at, time.Duration(r.At))
		}
	}
	return at
}

// first returns the first of them, and fails if there is none.
func (s *drama) first(node string, kind model.Kind, text string, after time.Duration) time.Duration {
	s.t.Helper()
	at := s.times(node, kind, text, after)
	if len(at) == 0 {
		s.t.Fatalf("%s left no record of kind %q (%s) after %v", node, KindOf(kind).Name, text, after)
	}
	return at[0]
}

// told lists what a client's application heard.
func (s *drama) told(node string) []string {
	var told []string
	for _, r := range s.all(node, model.KindTold, "") {
		told = append(told, r.Text)
	}
	return told
}

func (s *drama) expect(what string, got []time.Duration, want ...time.Duration) {
	s.t.Helper()
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func expectWords(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// dump prints the story, for a failing test.
func (s *drama) dump() {
	names := append(s.w.Names(), "world")
	for _, r := range s.records {
		n := len(names) - 1
		if r.Node >= 0 {
			n = int(r.Node)
		}
		s.t.Logf("%12v %-8s %-16s A=%d B=%d %s", time.Duration(r.At), names[n], KindOf(r.Kind).Name, r.A, r.B, r.Text)
	}
}
