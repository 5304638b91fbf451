package sim

import (
	"fmt"

	"zksim/clock"
	"zksim/model"
)

// MaxWhy bounds the steps of one answer of [Narrator.Why].
const MaxWhy = 60

// A Link says how a step of a chain of causes belongs to the one that it explains.
type Link string

const (
	LinkAsked     Link = "asked"     // what was asked for
	LinkBecause   Link = "because"   // it made the step before it happen
	LinkMeanwhile Link = "meanwhile" // it kept away what would have prevented the step before it
	LinkAnd       Link = "and"       // the other half of the cause of the step that Of names
)

// A Step is one record of a chain of causes.
type Step struct {
	Record  model.RecordID `json:"record"`
	At      clock.Instant  `json:"t_ns"`
	Instant string         `json:"instant"` // in seconds, as the text of the timeline prints it
	Node    string         `json:"node,omitempty"`
	Kind    string         `json:"kind"`
	Words   string         `json:"words"`
	// Arithmetic is how the instant comes out, where there is something to reckon.
	Arithmetic string `json:"arithmetic,omitempty"`
	Rule       string `json:"rule,omitempty"`
	Link       Link   `json:"link"`
	// Of is the record that the step explains; 0 for the one asked for.
	Of    model.RecordID `json:"of,omitempty"`
	Depth int            `json:"depth"` // 0 for the chain itself, more for what hangs on one of its steps
	Over  int            `json:"over"`  // how many records between the two say nothing more
}

// Why walks from a record back to what brought it about: along the causes that records
// name, and over to the fault that kept away what would have prevented it. Records that
// only pass a cause on are left out. The record itself is the first step.
func (n *Narrator) Why(id model.RecordID) ([]Step, error) {
	r := n.Record(id)
	if r == nil {
		return nil, fmt.Errorf("record %d: want 1 to %d", id, len(n.file.Records))
	}
	w := &walk{n: n, walked: map[model.RecordID]bool{}}
	w.chain(r, LinkAsked, 0, 0)
	return w.steps, nil
}

// A walk gathers the steps of one answer.
type walk struct {
	n      *Narrator
	steps  []Step
	walked map[model.RecordID]bool // looked up, never ranged over
}

// passing are the kinds of records that hand a cause on and say nothing by themselves.
var passing = func() (p [256]bool) {
	for _, k := range []model.Kind{
		model.KindState, model.KindTCPUp, model.KindNegotiated, model.KindRevalidateSent, model.KindRevalidated, model.KindTouchFailed,
		model.KindBackoff, model.KindSpin, model.KindLogged, model.KindProposed, model.KindCloseApplied, model.KindCreateApplied,
		model.KindTouchRecorded, model.KindSynced, model.KindNewEpoch, model.KindVote, model.KindLooking, model.KindAccepted,
		model.KindTracked, model.KindPingProcessed, KindFaultEnds,
	} {
		p[k] = true
	}
	return p
}()

// passes says whether a record hands its cause on.
func passes(r *Record) bool {
	return passing[r.Kind] || r.Kind == model.KindTouch && r.Text == "creation"
}

// chain adds a record and what it follows from.
func (w *walk) chain(r *Record, link Link, of model.RecordID, depth int) {
	over, write, marked := 0, false, false
	for r != nil && len(w.steps) < MaxWhy {
		if w.walked[r.ID] {
			return // told already, with all that it follows from
		}
		if link == LinkAsked || !passes(r) {
			w.walked[r.ID] = true
			w.add(r, link, of, depth, over)
			w.meanwhile(r, depth)
			of, over, link = r.ID, 0, LinkBecause
		} else {
			over++
		}
		switch {
		case r.Kind == model.KindRefused || r.Kind == model.KindTouchFailed:
			if end := w.ending(r); end != nil {
				w.chain(end, LinkBecause, of, depth)
				if back := w.returning(r); back != nil {
					w.chain(back, LinkAnd, of, depth+1)
				}
				return
			}
		case r.Kind == model.KindProposed:
			write = true
		case r.Kind == model.KindMarked:
			write, marked = false, true
		case r.Kind == model.KindTouch && !write:
			if report := w.report(r); report != nil {
				w.add(report, link, of, depth, over)
				of = report.ID
			}
			if message := w.message(r); message != nil && !w.walked[message.ID] {
				if message.Kind == model.KindAttempt && !marked {
					r = message // it is about the client's return: why did it come?
					continue
				}
				w.walked[message.ID] = true
				w.add(message, LinkBecause, of, depth, 0)
				return
			}
		}
		if w.ends(r, write) {
			return
		}
		next := w.n.cause(r)
		if r.Kind == model.KindAttempt {
			next = w.beforeAttempts(r, &over)
		}
		if next != nil && silent(r) {
			w.add(next, LinkBecause, of, depth, 0) // what was heard last, and no further
			return
		}
		r = next
	}
}

// silent says whether a record's cause is the last thing that was heard.
func silent(r *Record) bool {
	switch r.Kind {
	case model.KindSilence, model.KindLocalExpiry:
		return true
	case model.KindLeaderLost:
		return r.Text == "silence"
	case model.KindLearnerGone:
		return r.Text == "silent"
	case model.KindConnectionClosed:
		return r.Text == "idle"
	}
	return false
}

// ends says whether a chain goes no further back than this record: a heartbeat has no
// reason but the time that has passed, and a request none but the application's wish,
// unless that was a word of the script or of a watch.
func (w *walk) ends(r *Record, write bool) bool {
	switch r.Kind {
	case model.KindPing, model.KindLeaderPing, model.KindPingReply:
		return true
	case model.KindRequest:
		c := w.n.cause(r)
		return !write || c == nil || c.Kind != KindCommand && c.Kind != model.KindSawDeleted && c.Kind != model.KindSawCreated
	}
	return false
}

// add appends a step.
func (w *walk) add(r *Record, link Link, of model.RecordID, depth, over int) {
	node := ""
	if r.Node >= 0 {
		node = w.n.file.nodeName(r.Node)
	}
	w.steps = append(w.steps, Step{Record: r.ID, At: r.At, Instant: w.n.Instant(r.At), Node: node, Kind: KindOf(r.Kind).Name,
		Words: w.n.Sentence(r), Arithmetic: w.n.arithmetic(r), Rule: w.n.RuleOf(r), Link: link, Of: of, Depth: depth, Over: over})
}

// ending is what ended the session of a record before it: the commit of its end, else
// the latest mark, else that its server forgot it.
func (w *walk) ending(r *Record) *Record {
	var found *Record
	for id := r.ID - 1; id > 0; id-- {
		b := w.n.Record(id)
		if b.Session != r.Session {
			continue
		}
		switch {
		case b.Kind == model.KindCommitted && b.Text == model.OpCloseSession.String(), b.Kind == model.KindForgotten:
			return b
		case b.Kind == model.KindMarked && found == nil:
			found = b
		}
	}
	return found
}

// returning is the client's attempt that a server's refusal answers.
func (w *walk) returning(r *Record) *Record {
	for c := r; c != nil; c = w.n.cause(c) {
		if c.Kind == model.KindAttempt {
			return c
		}
	}
	return nil
}

// beforeAttempts is why a client began to look for a server; the attempts in between,
// each in vain, and the waits between them are counted.
func (w *walk) beforeAttempts(r *Record, over *int) *Record {
	c := w.n.cause(r)
	for c != nil {
		switch c.Kind {
		case model.KindAttempt, model.KindAttemptFailed, model.KindBackoff, model.KindSpin, model.KindState, KindReset, KindLost, KindRetransmitted:
			*over++
			c = w.n.cause(c)
		default:
			attempt := w.turnedAway(c)
			if attempt == nil {
				return c
			}
			*over++
			c = attempt
		}
	}
	return nil
}

// turnedAway is the attempt that a server ended, by hanging up before there was a session
// to use; nil if a record is about anything else.
func (w *walk) turnedAway(r *Record) *Record {
	if r.Kind != model.KindDropped {
		return nil
	}
	closed := w.n.cause(r)
	if closed == nil || closed.Kind != model.KindConnectionClosed {
		return nil
	}
	switch why := w.n.cause(closed); {
	case why == nil:
	case why.Kind == model.KindNotServing, why.Kind == model.KindReadOnlyRefused, why.Kind == model.KindZxidAhead:
		return w.returning(why)
	}
	return nil
}

// report is a learner's answer to PING that brought the leader a touch (T-17, T-18): its
// first after it noted the touch; nil if the touch came without a learner.
func (w *walk) report(r *Record) *Record {
	e := w.entry(r)
	if e == nil {
		return nil
	}
	for id := e.ID + 1; id < r.ID; id++ {
		if b := w.n.Record(id); b.Kind == model.KindReport && b.Node == e.Node {
			return b
		}
	}
	return nil
}

// entry is the learner's note of a touch, the first of several if there is an observer
// master between (T-22).
func (w *walk) entry(r *Record) *Record {
	var last *Record
	for c := w.n.cause(r); c != nil && c.Kind == model.KindTouchRecorded; c = w.n.cause(c) {
		last = c
	}
	if last == nil {
		return nil
	}
	// What reaches the leader is what the last learner reports.
	return w.n.cause(r)
}

// message is the client's ping or request behind a touch, or its attempt if that was its
// return.
func (w *walk) message(r *Record) *Record {
	for c := w.n.cause(r); c != nil; c = w.n.cause(c) {
		switch c.Kind {
		case model.KindPing, model.KindRequest, model.KindAttempt:
			return c
		}
	}
	return nil
}

// meanwhile adds what kept away the sign of life that a record is about.
func (w *walk) meanwhile(r *Record, depth int) {
	from, parties := w.waitedFor(r)
	if from == 0 {
		return
	}
	for id := from + 1; id < r.ID; id++ {
		b := w.n.Record(id)
		if !hinders(b, parties) || w.walked[b.ID] {
			continue
		}
		if fault := w.faultOf(b); fault != nil && w.walked[fault.ID] {
			return
		}
		w.walked[b.ID] = true
		w.add(b, LinkMeanwhile, r.ID, depth+1, 0)
		of := b.ID
		fault := w.faultOf(b)
		if fault == nil {
			if c := w.n.cause(b); c != nil && b.Kind != KindLost {
				w.chain(c, LinkBecause, of, depth+1)
			}
			return
		}
		w.chain(fault, LinkBecause, of, depth+1)
		return
	}
	w.quiet(r, depth)
}

// quiet says of a mark that nothing hindered since when the client had sent nothing.
func (w *walk) quiet(r *Record, depth int) {
	if r.Kind != model.KindMarked {
		return
	}
	if b := w.lastSent(r); b != nil && !w.walked[b.ID] {
		w.walked[b.ID] = true
		w.add(b, LinkMeanwhile, r.ID, depth+1, 0)
		w.steps[len(w.steps)-1].Arithmetic = "then it sent nothing up to " + w.n.Instant(r.At)
	}
}

// lastSent is the last ping or request of a record's session before it.
func (w *walk) lastSent(r *Record) *Record {
	of, ok := w.n.owners[r.Session]
	for id := r.ID - 1; ok && id > 0; id-- {
		b := w.n.Record(id)
		if b.Node == of.client && b.Session == r.Session && (b.Kind == model.KindPing || b.Kind == model.KindRequest) {
			return b
		}
	}
	return nil
}

// waitedFor is, for a record that says that something was missing, since which record,
// and between whom.
func (w *walk) waitedFor(r *Record) (from model.RecordID, parties []model.NodeID) {
	switch r.Kind {
	case model.KindMarked:
		touch := w.n.cause(r)
		if touch == nil {
			return 0, nil
		}
		from = touch.ID
		parties = append(parties, r.Node)
		if of, ok := w.n.owners[r.Session]; ok {
			parties = append(parties, of.client)
		}
		if e := w.entry(touch); e != nil {
			parties = append(parties, e.Node)
		}
		if m := w.message(touch); m != nil {
			from = m.ID
			if m.Peer >= 0 {
				parties = append(parties, m.Peer)
			}
		}
		if sent := w.lastSent(r); touch.Kind == model.KindRearmed && sent != nil && sent.ID < from {
			from = sent.ID // what kept the client quiet may have come before the new leader
		}
		return from, parties
	case model.KindAttemptFailed:
		if r.Text != "no answer" {
			return 0, nil
		}
	default:
		if !silent(r) {
			return 0, nil
		}
	}
	if c := w.n.cause(r); c != nil && r.Peer < 0 {
		return r.Cause, []model.NodeID{r.Node, c.Peer}
	}
	return r.Cause, []model.NodeID{r.Node, r.Peer}
}

// hinders says whether a record kept parties from hearing each other.
func hinders(r *Record, parties []model.NodeID) bool {
	in := func(n model.NodeID) bool {
		for _, p := range parties {
			if p == n && n >= 0 {
				return true
			}
		}
		return false
	}
	switch r.Kind {
	case KindLost:
		return in(r.Node) && in(r.Peer)
	case KindReset:
		return r.Text == "refused on the way" && in(r.Node) && in(r.Peer)
	case KindPaused, KindKilled, model.KindHandleClosed, model.KindLocalExpiry, model.KindInjected:
		return in(r.Node)
	}
	return false
}

// faultOf is the beginning of the fault that a segment got lost by.
func (w *walk) faultOf(r *Record) *Record {
	refused := r.Kind == KindReset && r.Text == "refused on the way"
	if !refused && (r.Kind != KindLost || r.A < 0) {
		return nil
	}
	for id := r.ID - 1; id > 0; id-- {
		b := w.n.Record(id)
		if b.Kind == KindFaultBegins && (refused && b.Text == FaultKinds[FaultPartition].Name || !refused && b.A == r.A) {
			return b
		}
	}
	return nil
}
