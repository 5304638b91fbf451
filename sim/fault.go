package sim

import (
	"slices"
	"time"

	"zksim/clock"
	"zksim/model"
)

// A liveFault is a fault of the scenario in one run.
type liveFault struct {
	spec   *Fault
	index  int
	role   bool   // it strikes whoever leads or follows when it begins
	nodes  []int  // whom it strikes
	a, b   []bool // the two sides, by node, for faults of links
	client int    // whose events it waits for
	cause  model.RecordID
}

// Phases of a fault, as counters of its events.
const (
	faultBegins = 0
	faultEnds   = 1
)

// endless stands for a fault's length on the timeline if it lasts for ever.
const endless = -1

// addFaults resolves whom the faults strike.
func (w *World) addFaults() error {
	w.faults = make([]liveFault, len(w.scenario.Faults))
	for i := range w.faults {
		spec := &w.scenario.Faults[i]
		f := &w.faults[i]
		*f = liveFault{spec: spec, index: i, role: spec.namesRole(), client: w.servers}
		if err := w.aim(f, w.names.leaderNode()); err != nil {
			return err
		}
		if spec.Of != "" {
			who, err := w.names.resolve([]string{spec.Of})
			if err != nil {
				return err
			}
			f.client = int(who[0])
		}
	}
	return nil
}

// planFaults plans the faults that do not wait for anything.
func (w *World) planFaults() {
	for i := range w.faults {
		f := &w.faults[i]
		f.cause = 0
		if f.role {
			if err := w.aim(f, w.names.leaderNode()); err != nil {
				w.failure = err
			}
		}
		if f.spec.At == nil {
			w.waiting = append(w.waiting, i)
			continue
		}
		at := f.spec.At.Sample(w.draw(PurposeFault, i, faultAddress))
		w.push(clock.Instant(at).Add(f.spec.After), makeKey(classFault, i, faultBegins))
	}
}

// aim resolves whom a fault strikes while the given server leads.
func (w *World) aim(f *liveFault, leader model.NodeID) error {
	nodes, err := w.names.resolveUnder(f.spec.Between, leader)
	if err != nil {
		return err
	}
	f.nodes = f.nodes[:0]
	for _, n := range nodes {
		f.nodes = append(f.nodes, int(n))
	}
	if FaultKinds[f.spec.Kind].Links {
		others, err := w.names.resolveUnder(f.spec.And, leader)
		if err != nil {
			return err
		}
		f.a, f.b = w.membership(nodes), w.membership(others)
	}
	return nil
}

// namesRole says whether a fault strikes whoever leads or follows when it begins.
func (f *Fault) namesRole() bool {
	for _, names := range [2][]string{f.Between, f.And} {
		if slices.Contains(names, "leader") || slices.Contains(names, "followers") {
			return true
		}
	}
	return false
}

// leads is the server that leads at present, in the latest epoch if several
// believe to; or NoNode.
func (w *World) leads() model.NodeID {
	leader, latest := model.NoNode, int32(-1)
	for i := range w.servers {
		s, ok := w.nodes[i].machine.(*model.Server)
		if ok && w.nodes[i].status < statusDead && s.Leads() && s.Epoch() > latest {
			leader, latest = model.NodeID(i), s.Epoch()
		}
	}
	return leader
}

// faultAddress marks a fault's own draws, apart from those for transmissions: its
// beginning, and one further on its length.
const faultAddress = 1 << 63

func (w *World) membership(nodes []model.NodeID) []bool {
	m := make([]bool, len(w.nodes))
	for _, n := range nodes {
		m[n] = true
	}
	return m
}

// strikes says whether a fault of links concerns what goes from one node to
// another.
func (f *liveFault) strikes(from, to int) bool {
	return f.a[from] && f.b[to] || !f.spec.OneWay && f.b[from] && f.a[to]
}

// by draws how much a fault adds, for the n-th occasion.
func (f *liveFault) by(w *World, n uint64) time.Duration {
	if f.spec.By == nil {
		return 0
	}
	return f.spec.By.Sample(w.draw(PurposeFault, f.index, n))
}

// fault is a fault beginning or ending.
func (w *World) fault(i int, phase uint64) {
	f := &w.faults[i]
	row := &FaultKinds[f.spec.Kind]
	if phase == faultEnds {
		w.cause = f.cause
		w.noteFault(KindFaultEnds, i, 0)
		row.end(w, f)
		return
	}
	w.cause = f.cause
	if f.role {
		if err := w.aim(f, w.leads()); err != nil {
			w.failure = err
			return
		}
	}
	length := int64(endless)
	if f.spec.For != nil {
		d := f.spec.For.Sample(w.draw(PurposeFault, i, faultAddress+1))
		length = int64(d / time.Microsecond)
		w.push(w.now.Add(d), makeKey(classFault, i, faultEnds))
	}
	w.noteFault(KindFaultBegins, i, length)
	row.begin(w, f)
}

// trigger starts the faults that waited for a record like this one.
func (w *World) trigger(r *Record) {
	for k := 0; k < len(w.waiting); k++ {
		i := w.waiting[k]
		f := &w.faults[i]
		if !w.matches(&Triggers[f.spec.When-1], r) || !w.concerns(r, f.client) {
			continue
		}
		w.waiting = append(w.waiting[:k], w.waiting[k+1:]...)
		k--
		f.cause = r.ID
		w.push(w.now.Add(f.spec.After), makeKey(classFault, i, faultBegins))
	}
}

// matches says whether a record is what a trigger means.
func (w *World) matches(row *TriggerRow, r *Record) bool {
	if row.match != nil {
		return row.match(r)
	}
	return r.Kind == model.KindTold && w.scenario.libraryOf(r.Node).Meaning(r.Text) == row.told
}

// concerns says whether a record is about a client or its session.
func (w *World) concerns(r *Record, client int) bool {
	if int(r.Node) == client {
		return true
	}
	c, ok := w.nodes[client].machine.(model.Client)
	return ok && r.Session != 0 && r.Session == c.Session()
}
