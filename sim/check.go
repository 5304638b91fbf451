package sim

import (
	"errors"
	"fmt"
	"slices"

	"zksim/clock"
	"zksim/model"
)

// A Check is an invariant: something that holds in every run, whatever happens. It
// is watched from outside, in the records and in what stands between two events.
type Check struct {
	Name    string
	Rules   string // of docs/semantics.md
	Meaning string
	start   func(x *Checker) watcher
}

// Checks lists every invariant. To add one, write a file check_x.go and a row here.
var Checks = []Check{
	{"time", "", "time never decreases, records count from 1, and what a record follows from came before it", newTimeCheck},
	{"process", "W-4, W-5, G-1", "a paused process leaves no record, a dead one neither", newProcessCheck},
	{"expiry", "T-1, T-3, T-9, T-23", "only who leads touches and marks global sessions; a session is marked out of the bucket of its deadline, and never before that edge by its own server's clock", newExpiryCheck},
	{"refusal", "V-5, V-6, T-24, F-9, C-30", "a server refuses a session only after its leader marked or closed it, or for a wrong password, or if a later leader made it than its own; a client is told Expired only then, or when it decides so itself", newRefusalCheck},
	{"leaders", "F-8, F-14", "a leader serves with a quorum behind it, in an epoch that no other leader serves in", newLeadersCheck},
	{"log", "Z-3, Z-4, Z-10", "what has been committed is never lost, changed or reordered, at any server", newLogCheck},
	{"ephemerals", "Z-2, Z-4", "an ephemeral node is on a server only while its session is", newEphemeralsCheck},
	{"library", "C, L", "a client's state changes, and its application is told, as its library's table says", newLibraryCheck},
	{"transport", "W-1, W-8", "what was sent on a connection is delivered in order, dropped, or on its way", newTransportCheck},
	{"connections", "H-1, W-4", "an open connection is known to the process that has it open", newConnectionsCheck},
}

// A watcher is a check at work in one run.
type watcher interface {
	// record is a record of the run, see [Sink].
	record(r *Record)
	// rest is a moment between two events, when nothing is half done.
	rest()
}

// A Violation is a broken invariant: a bug of the simulator.
type Violation struct {
	Check    string
	Rule     string
	Problem  string
	Record   model.RecordID // the one that broke it, or the last before it was seen
	At       clock.Instant
	Node     string
	Kind     string // of the record
	Scenario string
	Seed     uint64
	Run      uint32
}

// Error implements error, on one line.
func (v *Violation) Error() string {
	rule := v.Rule
	if rule != "" {
		rule = " (" + rule + ")"
	}
	return fmt.Sprintf("%s, seed %d, record %d (%v, %s, %s): %s%s; check %s", v.Scenario, v.Seed, v.Record, v.At, v.Node, v.Kind, v.Problem, rule, v.Check)
}

// Broken names the check that an error of a checked run is about; empty if it is
// another error.
func Broken(err error) string {
	var v *Violation
	if errors.As(err, &v) {
		return v.Check
	}
	return ""
}

// A Checker holds one run against every row of [Checks]. It is a [Sink] of that
// run's world, and of no other. The first broken invariant ends the run:
// [World.Run] returns it as a [Violation].
type Checker struct {
	world     *World
	names     []string
	watchers  []watcher
	latest    Record // seen last; what a moment of rest is blamed on
	current   int    // the check at work
	violation *Violation
}

// checkEveryRun has every world watched, whoever makes it; tests set it.
var checkEveryRun bool

// attachChecker lets a checker among the sinks look at the world.
func (w *World) attachChecker() error {
	for _, sink := range w.sinks {
		if x, ok := sink.(*Checker); ok {
			w.checker = x
		}
	}
	if w.checker == nil && checkEveryRun {
		w.checker = new(Checker)
		w.sinks = append(slices.Clip(w.sinks), w.checker)
	}
	x := w.checker
	switch {
	case x == nil:
		return nil
	case x.world != nil:
		return errors.New("a checker of another run: want one for each")
	}
	x.world = w
	w.beginChecks()
	return nil
}

// beginChecks has the checker, if there is one, begin a run.
func (w *World) beginChecks() {
	x := w.checker
	if x == nil {
		return
	}
	*x = Checker{world: w, names: x.names}
	for i := range Checks {
		x.watchers = append(x.watchers, Checks[i].start(x))
	}
}

// Record implements [Sink].
func (x *Checker) Record(r *Record) {
	if x.violation != nil {
		return
	}
	x.latest = *r
	for i, w := range x.watchers {
		x.current = i
		if w.record(r); x.violation != nil {
			return
		}
	}
}

// rest looks at the world when nothing is half done.
func (x *Checker) rest() {
	for i, w := range x.watchers {
		if x.violation != nil {
			return
		}
		x.current = i
		w.rest()
	}
}

// broken reports that the check at work is broken. Only the first violation counts:
// others may follow from it.
func (x *Checker) broken(rule, format string, args ...any) {
	x.breaks(Checks[x.current].Name, rule, format, args...)
}

// breaks is broken for a check that was called by others than the checker.
func (x *Checker) breaks(check, rule, format string, args ...any) {
	if x.violation != nil {
		return
	}
	r := &x.latest
	w := x.world
	v := &Violation{Check: check, Rule: rule, Problem: fmt.Sprintf(format, args...), Record: r.ID, At: r.At, Node: "world",
		Scenario: w.scenario.Name, Seed: w.seed, Run: w.run}
	if r.Kind != 0 {
		v.Kind = KindOf(r.Kind).Name
	}
	if r.Node != model.NoNode {
		v.Node = x.name(r.Node)
	}
	x.violation, w.failure = v, v
}

// name is a node's name.
func (x *Checker) name(n model.NodeID) string {
	if n == model.NoNode {
		return "nobody"
	}
	if x.names == nil {
		x.names = x.world.Names()
	}
	return x.names[n]
}

// server returns the server at a node, or nil for a client.
func (x *Checker) server(n model.NodeID) *model.Server {
	if n < 0 || int(n) >= x.world.servers {
		return nil
	}
	return x.world.nodes[n].machine.(*model.Server)
}

// now is a node's own clock at the latest record, in whole milliseconds.
func (x *Checker) now(n model.NodeID) int64 { return x.world.ClockOf(n).Read(x.world.now).Millis() }
