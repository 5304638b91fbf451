package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"zksim/model"
)

// wrong makes the model of guided replay wrong in one way, for tests that show
// that a wrong model is caught. The zero value is right.
type wrong struct {
	model      model.Deviation
	synOnce    bool // an attempt sends one SYN, against W-2
	backAtHeal bool // what was lost arrives at the heal, against W-1 and W-2
}

// Guided is what came of leading the model along one recording.
type Guided struct {
	Trace    *Trace
	Compared []Compared // by instant
}

// Guide leads the machines of the model along a recording: the client is fed what
// its real counterpart was fed, each server what came to it, at the recorded
// instants and in the recorded clock, and what they then do is compared with what
// was recorded. After each comparison the recorded instant is taken over. The
// error says what in the recording is beyond the model.
func Guide(t *Trace) (*Guided, error) { return guideWrong(t, wrong{}) }

func guideWrong(t *Trace, w wrong) (*Guided, error) {
	g, err := newGuide(t, w)
	if err != nil {
		return nil, fmt.Errorf("recording %s: %w", t.Header.ID, err)
	}
	if err := g.runSafely(); err != nil {
		return nil, fmt.Errorf("recording %s: %w", t.Header.ID, err)
	}
	return &Guided{Trace: t, Compared: g.book.compare(t.Header.ID, t.TickMs(), g.end)}, nil
}

// A guide leads one ensemble and its clients along one recording. Everything is
// done at an instant of the recording's clock; what is done later is planned.
type guide struct {
	t       *Trace
	wrong   wrong
	path    path
	book    *book
	many    bool
	claims  []claim // of the recorded events, by their place
	plans   []plan
	order   int
	carried int // plans
	now     int64
	end     int64 // of the recording
	oneWay  int64 // between client and server, ns
	// optional says that the rules leave open whether what is predicted now happens.
	optional bool

	servers *cluster
	client  *ledClient // nil in recordings of many clients
}

// A claim says what a recorded event has been taken for.
type claim struct {
	taken bool // it is explained by something fed
	input bool // it is fed to the model and not compared
}

// A plan is something to be done at an instant.
type plan struct {
	at    int64
	order int
	do    func()
}

func newGuide(t *Trace, w wrong) (*guide, error) {
	h := &t.Header
	if err := Judged(t); err != nil {
		return nil, err
	}
	g := &guide{t: t, wrong: w, path: newPath(t, w), book: newBook(), many: h.Session == "many",
		claims: make([]claim, len(t.Events)), end: t.Events[len(t.Events)-1].T, oneWay: int64(leastLatency)}
	g.servers = newCluster(g)
	if g.many {
		return g, nil
	}
	g.end = lifted(t, &g.path)
	until := g.end
	if faults := t.Faults(); len(faults) > 0 && faults[0].At != Absent {
		until = faults[0].At
	}
	if a, err := findAnchor(t, until); err == nil {
		g.oneWay = int64(a.oneWay)
	}
	if row, library := ledLibraryOf(&h.Client); library != nil {
		g.client = newLedClient(g, row, library)
	}
	return g, nil
}

// Judged says, by its error, why guided replay cannot judge a recording.
func Judged(t *Trace) error {
	h := &t.Header
	if len(t.Events) == 0 {
		return fmt.Errorf("it has no events")
	}
	if err := playable(h); err != nil {
		return err
	}
	if l := t.LeaderAtStart(); l < 1 || l > h.Servers.Count {
		return fmt.Errorf("its header names no leader: want roles_at_start with one of %d servers", h.Servers.Count)
	}
	if a := h.Client.AttachedServer; (a < 1 || a > h.Servers.Count) && h.Session != "many" {
		return fmt.Errorf("its client was attached to server %d: want one of %d", a, h.Servers.Count)
	}
	for _, s := range h.Sessions {
		if s.Server < 1 || s.Server > h.Servers.Count {
			return fmt.Errorf("session %s was attached to server %d: want one of %d", clip(s.ID), s.Server, h.Servers.Count)
		}
	}
	return nil
}

// plan has something done at an instant, not before now.
func (g *guide) plan(at int64, do func()) {
	g.order++
	g.plans = append(g.plans, plan{max(at, g.now), g.order, do})
	// Plans are few at any time, and most are near.
	slices.SortFunc(g.plans, func(a, b plan) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
}

// plansMost bounds what is planned along one recording: one that contradicts itself can
// set client and servers at each other without end.
const plansMost = 20_000

// until does what is planned up to an instant, and what the client does meanwhile
// without being recorded.
func (g *guide) until(at int64) {
	for {
		next := at
		if len(g.plans) > 0 {
			next = min(next, g.plans[0].at)
		}
		if g.client != nil {
			g.client.unseen(next)
		}
		if len(g.plans) == 0 || g.plans[0].at > at {
			break
		}
		p := g.plans[0]
		g.plans = append(g.plans[:0], g.plans[1:]...)
		if g.carried++; g.carried > plansMost {
			g.plans = nil
			break
		}
		g.now = p.at
		p.do()
	}
	g.now = at
}

// errContradiction is that of recordings whose events cannot all have happened.
var errContradiction = errors.New("it contradicts itself")

// runSafely goes through the recording. Machines are led by what was recorded, so one
// that was damaged can ask of them what no ensemble could.
func (g *guide) runSafely() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errContradiction, p)
		}
	}()
	g.run()
	return nil
}

// run goes through the recording.
func (g *guide) run() {
	steps := g.steps()
	for _, s := range steps {
		if s.at > g.end {
			break
		}
		g.until(s.at)
		s.do()
	}
	g.until(g.end)
	if g.client != nil {
		g.client.catchUp(g.end)
	}
	g.servers.catchUp(g.end)
	for i := range g.t.Events {
		e := &g.t.Events[i]
		if s, ok := g.compared(e); ok && !g.claims[i].input && e.T <= g.end {
			g.book.record(s, g.decided(i))
			if e.Ev == EvTouch && g.client != nil && g.client.talking(e.T) {
				en := g.book.of(s)
				en.given = append(en.given, g.decided(i))
			}
		}
	}
	if g.client != nil {
		for _, p := range g.client.pings {
			if g.client.row.pings == pingsByReply {
				g.book.record(subject{EvPing, string(ClassClient), ""}, p.sent)
			}
		}
	}
}

// steps are the recorded events that something is done at, in order.
func (g *guide) steps() []plan {
	var steps []plan
	for i := range g.t.Events {
		e := &g.t.Events[i]
		switch e.Class() {
		case ClassLab:
			steps = append(steps, plan{at: e.T, do: func() { g.lab(e) }})
		case ClassServer:
			steps = append(steps, plan{at: e.T, do: func() { g.servers.event(i, e) }})
		case ClassClient:
			switch {
			case g.client != nil:
				steps = g.client.steps(steps, i, e)
			case e.Ev == EvReady && !g.many:
				steps = append(steps, plan{at: e.T, do: func() { g.servers.used(e.T) }})
			}
		case ClassObserver:
			steps = append(steps, plan{at: e.T, do: func() { g.servers.observed(e) }})
		}
	}
	if g.client != nil {
		steps = g.client.pingSteps(steps)
	}
	slices.SortStableFunc(steps, func(a, b plan) int { return cmp.Compare(a.at, b.at) })
	return steps
}

// lab is a fault beginning or ending.
func (g *guide) lab(e *Event) {
	begins, i := e.Ev == EvFault, e.Server-1
	if known := i >= 0 && i < len(g.servers.members); !known && (e.Kind == FaultSigkillServer || e.Kind == FaultSigstopServer) {
		return
	}
	switch e.Kind {
	case FaultSigkillClient:
		if begins && g.client != nil {
			g.client.kill(e.T)
		}
	case FaultSigstopClient:
		if g.client != nil {
			g.client.stopped(e.T, begins)
		}
	case FaultSigkillServer:
		if begins {
			g.servers.kill(i, e.T)
		}
	case FaultSigstopServer:
		if begins {
			g.servers.stop(i, e.T, g.continued(i, e.T))
		}
	}
}

// wakes says that the client has just been continued.
func (g *guide) wakes(at int64) bool {
	for _, f := range g.t.Faults() {
		if f.Kind == FaultSigstopClient && f.Healed != Absent && at >= f.Healed && at < f.Healed+int64(Near) {
			return true
		}
	}
	return false
}

// decided is when something happened that an event tells. A client that gives up says
// for how long it had heard nothing when it looked at its timers; the line comes when it
// has been written, which takes a virtual machine up to 100 ms the first time.
func (g *guide) decided(i int) int64 {
	e := &g.t.Events[i]
	if e.IdleMs == Absent || e.Ev != EvSilence && e.Ev != EvLocalExpiry {
		return e.T
	}
	lag := int64(mostLag) + 1
	for k := range g.t.Events[:i] {
		heard := &g.t.Events[k]
		if l := e.T - heard.T - e.IdleMs*1e6; heard.Class() == ClassClient && l >= -int64(time.Millisecond) && l < lag {
			lag = l
		}
	}
	if lag > int64(mostLag) {
		return e.T
	}
	return e.T - max(lag, 0)
}

// lifted is the end of what a recording tells. Where a connection comes up through a
// cut that it has no end of, the lab had lifted that when it cleaned up, and the
// servers' part of the recording ends before.
func lifted(t *Trace, p *path) int64 {
	for i := range t.Events {
		e := &t.Events[i]
		if e.Ev == EvTCPUp && e.Class() == ClassClient && e.Server > 0 && p.lost(e.Server-1, e.T, true) && p.healed(e.Server-1, e.T) == forEver &&
			p.lost(e.Server-1, e.T-int64(time.Second), true) {
			return e.T - 1
		}
	}
	return t.Events[len(t.Events)-1].T
}

// continued is when a server that is stopped at an instant goes on.
func (g *guide) continued(i int, at int64) int64 {
	for _, f := range g.t.Faults() {
		if f.Kind == FaultSigstopServer && f.Server == i+1 && f.At == at && f.Healed != Absent {
			return f.Healed
		}
	}
	return forEver
}

// compared is what an event is compared as, and whether it is compared at all.
func (g *guide) compared(e *Event) (subject, bool) {
	s := subject{kind: e.Ev, node: e.Node}
	if g.many {
		s.session = e.Session
	}
	switch e.Class() {
	case ClassClient:
		if g.client == nil {
			return s, false
		}
		s.kind = g.client.row.kind(e)
		return s, s.kind != ""
	case ClassServer:
		switch e.Ev {
		case EvTouch, EvPingProcessed, EvMarkedClosing, EvCloseApplied, EvConnectionClosed, EvRevalidationRefused, EvEphemeralsDeleted:
			return s, true
		}
	case ClassObserver:
		return s, e.Ev == EvSawDeleted
	}
	return s, false
}

// expect predicts an event.
func (g *guide) expect(kind, node, session string, span Span, rule string) {
	g.expectMark(kind, node, session, span, rule, Absent)
}

func (g *guide) expectMark(kind, node, session string, span Span, rule string, bucket int64) {
	g.book.predict(subject{kind, node, session}, prediction{span: span, rule: rule, bucket: bucket, drawn: span.drawn(), optional: g.optional}, g.now)
}

// find is the first recorded event of a kind at a node, not taken yet, between
// two instants; of those the one nearest to near. It is -1 where there is none.
func (g *guide) find(ev, node, session string, from, to, near int64) int {
	best := -1
	for i := range g.t.Events {
		e := &g.t.Events[i]
		if e.T > to {
			break
		}
		if e.T < from || e.Ev != ev || e.Node != node || g.claims[i].taken || g.many && e.Session != session {
			continue
		}
		if best < 0 || distance(e.T, near) < distance(g.t.Events[best].T, near) {
			best = i
		}
	}
	return best
}

// take is find, and the instant; the event counts as explained.
func (g *guide) take(ev, node, session string, from, to, near int64) (int64, bool) {
	i := g.find(ev, node, session, from, to, near)
	if i < 0 {
		return 0, false
	}
	g.claims[i].taken = true
	return g.t.Events[i].T, true
}

func distance(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}

// word is a kind of event with the word that was told or polled.
func word(kind, text string) string { return kind + " " + text }
