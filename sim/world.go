package sim

import (
	"errors"
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
)

// Limits of one run. Reaching one is a failure with a name, never a hang.
const (
	// MaxEvents bounds the events that one run handles.
	MaxEvents = 2_000_000_000
	// MaxPending bounds the events that wait in the queue at one time.
	MaxPending = 1 << 26
	// lookUpEvery is after how many events a run looks whether it may go on.
	lookUpEvery = 1 << 14
	// MaxInbox bounds what the sockets of one paused process buffer.
	MaxInbox = 1 << 20
)

// Errors with which a run can stop early.
var (
	ErrTooManyEvents  = fmt.Errorf("the run reached its limit of %d events", int64(MaxEvents))
	ErrTooManyPending = fmt.Errorf("the queue reached its limit of %d waiting events", MaxPending)
	ErrInboxFull      = fmt.Errorf("a paused process reached its limit of %d buffered packets", MaxInbox)
	ErrInterrupted    = errors.New("interrupted")
)

// A World is one run: nodes, their connections, the queue of events, and the
// faults. It is single-threaded; many runs are many worlds, or one after another in
// the same one (see [World.Reset]).
type World struct {
	scenario  *Scenario
	names     *roster
	seed      uint64
	run       uint32
	now       clock.Instant
	queue     queue
	alarms    alarms
	flip      uint64 // turns the classes' order round
	nodes     []node
	hosts     []host               // of the same nodes
	servers   int                  // the first nodes are servers
	configs   []model.ServerConfig // of these, at the start
	resources int                  // from this node on they are resources
	faults    []liveFault
	waiting   []int // faults that wait for their trigger
	weather   weather
	loss      float64 // of the network itself
	sinks     []Sink
	out       model.Output
	in        model.Input
	latest    Record // the record that sinks look at; one for all, to spare the heap
	second    Record // and another, for a step that leaves two (see heartbeat.go)
	yard      yard   // of segments
	made      model.Slab[conn]
	started   bool
	next      model.RecordID
	cause     model.RecordID
	digest    digest
	events    uint64
	checker   *Checker        // nil unless the run is checked
	tap       *transportCheck // likewise
	pauseAt   uint64          // the count of events at which the run looks up
	failure   error
}

// A node is one process, as far as every event needs it: 64 bytes, since with many
// nodes what an event costs is mostly the memory that it touches.
type node struct {
	machine model.Machine
	line    clock.Line    // on which its clock runs now
	wakeAt  clock.Instant // of the timer in the queue, or among the alarms; Never if there is none
	conns   *conn         // opened by this node, still known to one end; a list in the order of opening
	status  status
	moves   bool   // it has moved a timer before that was due
	slot    slotID // of the alarms, where its timer is looked for
}

// A host is the rest of a node, needed now and then.
type host struct {
	env     nodeEnv
	clock   clock.Clock
	inbox   []letter      // what the sockets of a paused process hold
	paused  clock.Instant // since when
	backlog int           // connections opened to it while paused
}

type status uint8

const (
	statusRunning status = iota
	statusPaused         // threads stopped, kernel at work
	statusDead           // no process, kernel at work
	statusLost           // no host
)

// A letter is an input that waits for a paused process.
type letter struct {
	in     model.Input
	packet model.Packet
}

// A Summary says how a run ended.
type Summary struct {
	Seed    uint64
	Run     uint32
	End     clock.Instant
	Digest  uint64
	Events  uint64
	Records uint64
}

// New makes the world of a scenario. The scenario must have passed
// [Scenario.Check]. Run numbers the replication: the same number means the same
// luck, in every scenario with that seed.
func New(s *Scenario, seed uint64, run uint32, sinks ...Sink) (*World, error) {
	w := &World{scenario: s, names: s.roster(), sinks: sinks, loss: s.Network.Loss}
	if s.FaultsLast {
		w.flip = (1<<keyClassBits - 1) << (64 - keyClassBits)
	}
	if err := w.build(); err != nil {
		return nil, err
	}
	w.Reset(seed, run)
	return w, w.attachChecker()
}

// Names returns the names of the nodes, by their number.
func (w *World) Names() []string { return w.scenario.Nodes() }

// ClockOf returns a node's clock, for display and for checks from outside.
func (w *World) ClockOf(n model.NodeID) *clock.Clock { return &w.hosts[n].clock }

// start brings the servers up, with the ensemble already joined unless it begins
// with an election.
func (w *World) start() {
	for i := range w.servers {
		w.step(i, model.InputStart, model.NoConn, 0)
	}
	if !w.scenario.Ensemble.Cold {
		w.joinServers()
	}
}

// Run plays the world until the given instant. It can be called again to go on.
// The error, if any, is one of the errors of this package, or wraps one.
// Interrupted is asked now and then, and ends the run where it says so; nil means
// never.
func (w *World) Run(until clock.Instant, interrupted func() bool) (Summary, error) {
	return w.Play(until, interrupted, nil)
}

// Play is [World.Run] until a sink has seen enough: the run also ends with the event at
// which that has become true. It goes on from there when it is called again.
func (w *World) Play(until clock.Instant, interrupted func() bool, enough *bool) (Summary, error) {
	if !w.started {
		w.started = true
		w.start()
	}
	if enough == nil {
		enough = new(bool)
	}
	for w.failure == nil && !*enough {
		if !w.queue.ready() || w.queue.first().at >= w.alarms.opens {
			if w.alarms.opens > until {
				break
			}
			w.openAlarms()
			continue
		}
		e := w.queue.first()
		if e.at > until || w.events >= w.pauseAt && !w.mayGoOn(interrupted) {
			break
		}
		w.queue.pop()
		if len(w.nodes) >= manyNodes {
			w.lookAhead()
		}
		w.events++
		w.now = e.at
		w.handle(e)
	}
	if w.failure == nil && !*enough {
		w.now = max(w.now, until)
		if w.checker != nil {
			w.checker.rest()
		}
	}
	return Summary{Seed: w.seed, Run: w.run, End: w.now, Digest: uint64(w.digest), Events: w.events, Records: uint64(w.next - 1)}, w.failure
}

// mayGoOn asks whether the run is to end here, and otherwise leaves the next few
// thousand events alone.
func (w *World) mayGoOn(interrupted func() bool) bool {
	switch {
	case interrupted != nil && interrupted():
		w.failure = ErrInterrupted
	case w.events >= MaxEvents:
		w.failure = ErrTooManyEvents
	default:
		w.pauseAt = min(w.events+lookUpEvery, MaxEvents)
		return true
	}
	return false
}

// handle is the one switch over what an event is.
func (w *World) handle(e event) {
	key := e.key ^ w.flip
	entity, counter := keyEntity(key), keyCounter(key)
	w.cause = 0
	switch keyClass(key) {
	case classTimer:
		w.timer(entity)
	case classDelivery:
		w.delivery(entity, counter)
	case classCommand:
		w.command(entity, model.Command(counter))
	case classFault:
		w.fault(entity, counter)
	}
}

// push is the only way into the queue.
func (w *World) push(at clock.Instant, key uint64) {
	switch {
	case at == clock.Never:
	case w.queue.len() >= MaxPending:
		w.failure = ErrTooManyPending
	default:
		w.queue.push(event{at: max(at, w.now), key: key ^ w.flip})
	}
}

// timer wakes a machine, if it still wants to be woken now. Entries that have
// been overtaken by an earlier one are left in the queue and skipped here.
func (w *World) timer(i int) {
	n := &w.nodes[i]
	if n.wakeAt != w.now {
		return
	}
	n.wakeAt = clock.Never
	if n.status != statusRunning {
		return // on waking, the process asks again
	}
	if n.machine.Wake() > n.line.Read(w.now) {
		w.arm(i) // it has put its wake off meanwhile
		return
	}
	if !w.pings(i, n) {
		w.step(i, model.InputWake, model.NoConn, 0)
	}
}

// arm plans the machine's next wake. A timer in the queue that is earlier stays there,
// and will then look again.
func (w *World) arm(i int) {
	n := &w.nodes[i]
	w.armAt(i, n, n.machine.Wake())
}

func (w *World) armAt(i int, n *node, r clock.Reading) {
	at := clock.Never
	if r != clock.Unset {
		at = max(n.line.When(r), w.now)
	}
	switch {
	case n.slot != 0 && at >= n.slot.start(w.now):
		n.wakeAt = at
		return
	case n.slot == 0 && at >= n.wakeAt:
		n.moves = n.moves || at > n.wakeAt
		return
	}
	n.moves = n.moves || n.wakeAt != clock.Never
	n.wakeAt, n.slot = at, 0
	if n.moves && len(w.nodes) >= alarmNodes && w.alarms.add(i, n, w.now, at) {
		return
	}
	w.push(at, makeKey(classTimer, i, 0))
}

// command is the script speaking to an application.
func (w *World) command(i int, cmd model.Command) {
	n := &w.nodes[i]
	if n.status == statusDead || n.status == statusLost {
		return
	}
	rule := ""
	if cmd == model.CommandStopEvents || cmd == model.CommandRunEvents {
		rule = "G-4"
	}
	w.note(i, model.Note{Kind: KindCommand, Rule: rule, Peer: model.NoNode, Text: commandNames[cmd]})
	w.in = model.Input{Kind: model.InputCommand, Command: cmd, Cause: w.cause}
	w.deliver(i)
}

var commandNames = [...]string{"open", "close", "write", "read", "stop events", "run events"}

// step gives a machine an input without a packet.
func (w *World) step(i int, kind model.InputKind, c model.ConnID, cause model.RecordID) {
	w.in = model.Input{Kind: kind, Conn: c, Cause: cause}
	w.deliver(i)
}

// deliver gives w.in to a machine, or keeps it for a paused one, and carries out
// what the machine wants.
func (w *World) deliver(i int) {
	n := &w.nodes[i]
	if n.status == statusPaused {
		h := &w.hosts[i]
		if len(h.inbox) >= MaxInbox {
			w.failure = ErrInboxFull
			return
		}
		l := letter{in: w.in}
		if w.in.Packet != nil {
			l.packet = *w.in.Packet
		}
		h.inbox = append(h.inbox, l)
		return
	}
	w.out.Reset(w.next, w.in.Cause)
	n.machine.Step(n.line.Read(w.now), &w.in, &w.out)
	w.apply(i)
	w.arm(i)
}

// apply carries out what a machine did in one step: notes become records,
// effects reach the transport. Nothing else puts a machine's wishes into the
// queue.
func (w *World) apply(i int) {
	for j := range w.out.Notes {
		w.record(model.NodeID(i), &w.out.Notes[j])
	}
	for j := range w.out.Effects {
		e := &w.out.Effects[j]
		switch e.Kind {
		case model.EffectDial:
			w.dial(i, e)
		case model.EffectSend:
			w.send(i, e)
		case model.EffectClose:
			w.close(i, e.Conn, e.Cause)
		}
	}
}

// record puts a note on the timeline.
func (w *World) record(n model.NodeID, note *model.Note) {
	w.latest.Note = *note // by itself: in a tuple, or as part of a whole record, it is copied twice
	w.leave(n, &w.latest)
}

// leave completes a record that has its note already, and puts it on the timeline.
func (w *World) leave(n model.NodeID, r *Record) {
	r.ID, r.At, r.Node = w.next, w.now, n
	w.next++
	w.digest.add(r)
	for _, s := range w.sinks {
		s.Record(r)
	}
	if len(w.waiting) > 0 {
		w.trigger(r)
	}
}

// note leaves a record of the world itself; what follows it in this event
// follows from it.
func (w *World) note(i int, n model.Note) model.RecordID {
	if n.Cause == 0 {
		n.Cause = w.cause
	}
	id := w.next
	w.record(model.NodeID(i), &n)
	w.cause = id
	return id
}

// draw answers a question of the world's own.
func (w *World) draw(p Purpose, entity int, counter uint64) uint64 {
	first, _ := philox2x64(counter, drawWord(w.run, p, uint32(entity)), w.seed)
	return first
}

// A nodeEnv answers one machine's questions.
type nodeEnv struct {
	world *World
	node  int
	slow  []int // slow-log faults in force here
}

// Draw implements model.Env.
func (e *nodeEnv) Draw(p model.Purpose, n uint64) uint64 {
	return e.world.draw(Purpose(p), e.node, n)
}

// LoadTime implements model.Env.
func (e *nodeEnv) LoadTime(n uint64) time.Duration {
	w := e.world
	if law := w.scenario.Ensemble.Load; law != nil {
		return law.Sample(w.draw(PurposeLoad, e.node, n))
	}
	return 0
}

// FlushTime implements model.Env.
func (e *nodeEnv) FlushTime(n uint64) time.Duration {
	w := e.world
	d := time.Duration(0)
	if law := w.scenario.Ensemble.Log; law != nil {
		d = law.Sample(w.draw(PurposeFlush, e.node, n))
	}
	for _, f := range e.slow {
		d += w.faults[f].by(w, uint64(e.node)<<32|n)
	}
	return d
}
