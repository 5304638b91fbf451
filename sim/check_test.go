package sim

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// Every world of this package's tests is watched, but for those that are measured.
func init() { checkEveryRun = true }

// unwatched makes a world that nobody watches.
func unwatched(tb testing.TB, s *Scenario, seed uint64, sinks ...Sink) *World {
	tb.Helper()
	defer func() { checkEveryRun = true }()
	checkEveryRun = false
	w, err := New(s, seed, 0, sinks...)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// A liar passes records on after it has changed one.
type liar struct {
	lie func(r *Record)
	to  Sink
}

func (l *liar) Record(r *Record) {
	changed := *r
	l.lie(&changed)
	l.to.Record(&changed)
}

// A deaf check finds nothing.
type deaf struct{}

func (deaf) record(*Record) {}
func (deaf) rest()          {}

// TestEveryCheckFindsWhatItIsFor lies to the checks about a run in which all is well,
// in one thing each. A check that finds nothing then is worth nothing.
func TestEveryCheckFindsWhatItIsFor(t *testing.T) {
	const source = "run: 60s\nclients:\n  a: {version: 3.8.0, owns: /lock, timeout: 6s, attach: 1}\n  b: {watches: /lock, timeout: 6s, attach: 3}\n" +
		"faults:\n  - {partition: {between: a, and: servers}, at: 10s, for: 15s}\n  - {kill: server3, at: 40s}\n"
	is := func(k model.Kind, f func(r *Record)) func(*Record) {
		return func(r *Record) {
			if r.Kind == k {
				f(r)
			}
		}
	}
	for _, tc := range []struct {
		name, check, rule string
		lie               func(r *Record)
		spoil             func(w *World)
	}{
		{name: "time runs back", check: "time", lie: is(model.KindMarked, func(r *Record) { r.At = 0 })},
		{name: "the effect before its cause", check: "time", lie: is(model.KindMarked, func(r *Record) { r.Cause = r.ID })},
		{name: "a dead server speaks", check: "process", rule: "W-4", lie: is(model.KindLeaderLost, func(r *Record) { r.Node = 2 })},
		{name: "a bucket too early", check: "expiry", rule: "T-3", lie: is(model.KindTouch, func(r *Record) { r.B -= 2000 })},
		{name: "marked out of another bucket", check: "expiry", rule: "T-9", lie: is(model.KindMarked, func(r *Record) { r.A += 2000; r.B -= 2000 })},
		{name: "marked by a follower", check: "expiry", rule: "T-1", lie: is(model.KindMarked, func(r *Record) { r.Node = 0 })},
		{name: "refused without a mark", check: "refusal", rule: "V-5", lie: func(r *Record) {
			if r.Kind != model.KindRefused && r.Kind != model.KindTold {
				r.Session++
			}
		}},
		{name: "told without a refusal", check: "refusal", rule: "C-30", lie: is(model.KindRefused, func(r *Record) { r.Kind = model.KindStalled })},
		{name: "two leaders of one epoch", check: "leaders", rule: "F-14", spoil: func(w *World) { w.checker.watchers[4].(*leadersCheck).epochs[1] = 0 }, lie: func(*Record) {}},
		{name: "committed without a quorum", check: "leaders", rule: "Z-3", lie: is(model.KindLogged, func(r *Record) { r.Kind = model.KindStalled })},
		{name: "a transaction nobody committed", check: "log", rule: "Z-4", lie: is(model.KindCommitted, func(r *Record) { r.A++ })},
		{name: "an event that cannot follow", check: "library", rule: "C-13", lie: is(model.KindTold, func(r *Record) {
			if r.Text == model.ToldConnected {
				r.Text = model.ToldExpired
			}
		})},
	} {
		x := new(Checker)
		l := &liar{lie: tc.lie, to: x}
		s := mustRead(t, source)
		w := unwatched(t, s, 1, l)
		w.sinks = append(w.sinks, x)
		if err := w.attachChecker(); err != nil {
			t.Fatal(err)
		}
		w.sinks = w.sinks[:1] // it hears what the liar says, and nothing else
		for i := range x.watchers {
			if Checks[i].Name != tc.check {
				x.watchers[i] = deaf{}
			}
		}
		if tc.spoil != nil {
			tc.spoil(w)
		}
		_, err := w.Run(clock.Instant(s.Length), nil)
		var v *Violation
		switch {
		case !errors.As(err, &v):
			t.Errorf("%s: nothing is broken (%v)", tc.name, err)
		case v.Check != tc.check || v.Rule != tc.rule:
			t.Errorf("%s: %v; want check %s, rule %s", tc.name, v, tc.check, tc.rule)
		}
	}
}

// TestEveryCheckFindsAModelThatIsWrong breaks the machines, in one way each, and has them
// play a scenario that needs what is broken.
func TestEveryCheckFindsAModelThatIsWrong(t *testing.T) {
	for _, tc := range []struct {
		name        string
		wrong       model.Deviation
		check, rule string
		scenario    string
	}{
		{"a bucket that is rounded down", model.DeviateBucketEarly, "expiry", "T-3", "clients: {a: {}}"},
		{"a bucket that is polled before its edge", model.DeviatePollEarly, "expiry", "T-9", "clients: {a: {}}\nfaults: [{kill: a, at: 10s}]"},
		{"a touch after the mark", model.DeviateTouchClosing, "expiry", "T-6",
			"ensemble: {log: 8s}\nclients: {a: {timeout: 4s, attach: 1}}\nfaults: [{partition: {between: server1, and: server3}, at: 40s, for: 6s}]"},
		{"a session refused that lives", model.DeviateRefuseLiving, "refusal", "V-5", "clients: {a: {}}"},
		{"told Expired when the connection is lost", model.DeviateTellExpired, "refusal", "C-30", "clients: {a: {attach: 1}}\nfaults: [{kill: server1, at: 10s}]"},
		{"told of a read-only server when the connection is lost", model.DeviateTellReadOnly, "library", "C-13", "clients: {a: {attach: 1}}\nfaults: [{kill: server1, at: 10s}]"},
		{"a leader that serves alone", model.DeviateServeAlone, "leaders", "F-14", "ensemble: {start: election, load: 0s}\nclients: {a: {}}"},
		{"a commit without a quorum", model.DeviateCommitAlone, "leaders", "Z-3", "network: {servers: 5ms}\nclients: {a: {}}"},
		{"a commit that a learner leaves out", model.DeviateSkipCommit, "log", "Z-4", "clients: {a: {owns: /lock, write_every: 1s, close: 10s}}"},
		{"an ephemeral node that outlives its session", model.DeviateKeepEphemerals, "ephemerals", "Z-2", "clients: {a: {owns: /lock, close: 10s}}"},
		{"a connection forgotten and left open", model.DeviateForgetLearner, "connections", "H-1",
			"clients: {a: {}}\nfaults: [{partition: {between: server1, and: server3, direction: one way}, at: 10s, for: 30s}]"},
	} {
		s := mustRead(t, "run: 60s\n"+tc.scenario)
		if _, err := PlayChecked(s, 1, 0, nil); err != nil {
			t.Errorf("%s: broken without it: %v", tc.name, err)
		}
		s.wrong = tc.wrong
		_, err := PlayChecked(s, 1, 0, nil)
		var v *Violation
		if !errors.As(err, &v) || v.Check != tc.check || v.Rule != tc.rule {
			t.Errorf("%s: %v; want check %s, rule %s", tc.name, err, tc.check, tc.rule)
			continue
		}
		// Whoever plays it as zksim run does sees the same.
		w, err := New(s, 1, 0, new(Checker))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.RunToEnd(nil); err == nil || err.Error() != v.Error() {
			t.Errorf("%s: played again: %v; want %v", tc.name, err, v)
		}
	}
}

// TestEveryCheckFindsAnEngineThatIsWrong breaks the world in the middle of a run, and
// plays on.
func TestEveryCheckFindsAnEngineThatIsWrong(t *testing.T) {
	for _, tc := range []struct {
		name, check, rule string
		spoil             func(w *World)
	}{
		{"time goes back", "time", "", func(w *World) {
			w.now = w.now.Add(-time.Second)
			w.note(1, model.Note{Kind: model.KindStalled, Peer: model.NoNode})
		}},
		{"a dead process speaks", "process", "W-4", func(w *World) { w.note(0, model.Note{Kind: model.KindStalled, Peer: model.NoNode}) }},
		{"a segment vanishes from a connection", "transport", "W-1", func(w *World) {
			for i := range w.nodes {
				for c := w.nodes[i].conns; c != nil; c = c.next {
					for dir := range c.ends {
						if h := &c.ends[dir]; !h.stuck.empty() {
							h.stuck.pop()
							return
						}
					}
				}
			}
			t.Error("nothing is on its way")
		}},
	} {
		s := mustRead(t, "run: 60s\nclients: {a: {attach: 2, read_every: 1s}}\nfaults: [{kill: server1, at: 5s}, {partition: {between: a, and: servers}, at: 9.5s, for: 10s}]")
		w, err := New(s, 1, 0, new(Checker))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.Run(clock.Instant(10500*time.Millisecond), nil); err != nil {
			t.Fatal(err)
		}
		tc.spoil(w)
		_, err = w.RunToEnd(nil)
		var v *Violation
		if !errors.As(err, &v) || v.Check != tc.check || v.Rule != tc.rule {
			t.Errorf("%s: %v; want check %s, rule %s", tc.name, err, tc.check, tc.rule)
		}
	}
}

// TestAViolationSaysWhereItIs has the words of one.
func TestAViolationSaysWhereItIs(t *testing.T) {
	s := mustRead(t, "name: words\nrun: 30s\nclients: {a: {timeout: 6s}}\nfaults: [{kill: a, at: 10s}]")
	x := new(Checker)
	w := unwatched(t, s, 7, &liar{lie: func(r *Record) {
		if r.Kind == model.KindMarked {
			r.A += 2000
		}
	}, to: x})
	w.sinks = append(w.sinks, x)
	if err := w.attachChecker(); err != nil {
		t.Fatal(err)
	}
	w.sinks = w.sinks[:1]
	_, err := w.Run(clock.Instant(s.Length), nil)
	if err == nil {
		t.Fatal("nothing is broken")
	}
	for _, want := range []string{"words, seed 7", "record ", "server3", "marked_closing", "T-9", "check expiry"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want it to say %s", err, want)
		}
	}
}

// TestWhatIsInTheWorldIsChecked spoils a world that rests: a connection that nobody
// forgets, one of which its process knows nothing, a segment that vanishes, a node
// without its session.
func TestWhatIsInTheWorldIsChecked(t *testing.T) {
	for _, tc := range []struct {
		name, check string
		spoil       func(w *World)
	}{
		{"a connection that is over", "transport", func(w *World) {
			c := w.nodes[0].conns
			c.ends[0].state, c.ends[1].state = endGone, endGone
		}},
		{"a connection that its process has closed", "connections", func(w *World) {
			for i := range w.nodes {
				if c := w.nodes[i].conns; c != nil {
					c.ends[0].state = endClosed
					return
				}
			}
		}},
		{"a segment that vanishes", "transport", func(w *World) { w.tap.sent(w.nodes[0].conns, 0) }},
		{"a deadline that has passed", "expiry", func(w *World) {
			tracker := &w.checker.watchers[2].(*expiryCheck).trackers[trackedGlobal][2]
			tracker.ids, tracker.deadline[1] = append(tracker.ids, 1), 1
		}},
	} {
		s := mustRead(t, "run: 20s\nclients: {a: {owns: /lock}}")
		w, err := New(s, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.Run(clock.Instant(10*time.Second), nil); err != nil {
			t.Fatal(err)
		}
		tc.spoil(w)
		w.checker.rest()
		if v := w.checker.violation; v == nil || v.Check != tc.check {
			t.Errorf("%s: %v, want check %s", tc.name, v, tc.check)
		}
	}
}

// TestWhatOnceWentWrongGoesRight plays every scenario that has ever broken something:
// see the first lines of each.
func TestWhatOnceWentWrongGoesRight(t *testing.T) {
	files, err := filepath.Glob("testdata/soak/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ReadScenario(file, source, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := PlayChecked(s, s.Seed, 0, nil); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestRandomScenariosBreakNothing is the soak in small (see scripts/soak.sh).
func TestRandomScenariosBreakNothing(t *testing.T) {
	count := uint64(300)
	if testing.Short() {
		count = 30
	}
	for number := range count {
		if _, err := PlayChecked(RandomScenario(number), number, 0, nil); err != nil {
			t.Error(err)
		}
	}
}

// TestShrinkKeepsWhatItNeeds shrinks to the one fault and the one client that matter.
func TestShrinkKeepsWhatItNeeds(t *testing.T) {
	s := RandomScenario(17)
	s.Clients = append(s.Clients, defaultClient("needed"))
	s.Faults = append(s.Faults, Fault{Kind: FaultKill, Between: []string{"needed"}, At: constantSampler(time.Second)})
	least := Shrink(s, func(c *Scenario) bool {
		for i := range c.Faults {
			if c.Faults[i].Kind == FaultKill && c.Faults[i].Between[0] == "needed" {
				return true
			}
		}
		return false
	})
	if len(least.Faults) != 1 || len(least.Clients) != 1 || least.Clients[0].Name != "needed" || least.Length > time.Second {
		t.Errorf("%d faults, %d clients, %v: want one of each, and a second", len(least.Faults), len(least.Clients), least.Length)
	}
	if len(s.Clients) < 2 || s.Length == least.Length {
		t.Error("the scenario itself has changed")
	}
}
