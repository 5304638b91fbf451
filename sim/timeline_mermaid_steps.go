package sim

import (
	"fmt"

	"zksim/model"
)

// How a step is drawn.
type stepForm uint8

const (
	stepNote     stepForm = iota // over the node
	stepWide                     // over all that the diagram has
	stepFromPeer                 // an arrow from the peer to the node
	stepToPeer                   // an arrow from the node to the peer that arrived
	stepLost                     // an arrow from the node to the peer that got nowhere, or had no answer
	stepByCause                  // an arrow from the node of the record that it follows from
)

// Whose records of a kind are steps.
type stepScope uint8

const (
	ofClient  stepScope = iota // the client's own
	ofSession                  // of its session, at any node
	ofPeer                     // at servers, with the client as peer
	ofServers                  // of any server
	ofOthers                   // of other clients, about what the client owned
	ofParties                  // of the client and of servers
	ofAll
)

// A step is one kind of record that a sequence diagram shows.
type step struct {
	kind  model.Kind
	scope stepScope
	form  stepForm
	// weight says what goes first where there are too many steps: the lightest.
	weight int
	// say is what the step says; empty leaves the record out.
	say func(f *TimelineFile, r *Record) string
}

func says(s string) func(*TimelineFile, *Record) string {
	return func(*TimelineFile, *Record) string { return s }
}

// Weights of steps. The three expiries and the faults are never left out before
// anything else.
const (
	weightTurn   = 4 // the story turns on it
	weightCause  = 3 // what brings a turn about
	weightEffect = 2 // what follows from it
	weightDetail = 1
)

// steps lists what a sequence diagram shows. A connection that works says nothing
// until it fails, and of the heartbeats only the last one counts (see heartbeat).
var steps = []step{
	{KindFaultBegins, ofAll, stepWide, weightTurn, func(f *TimelineFile, r *Record) string { return "fault: " + f.faultWords(r) }},
	{KindFaultEnds, ofAll, stepWide, weightTurn, func(f *TimelineFile, r *Record) string { return "over: " + f.faultWords(r) }},
	{model.KindSessionUp, ofClient, stepFromPeer, weightTurn, func(_ *TimelineFile, r *Record) string {
		return fmt.Sprintf("session 0x%x is up, timeout %d ms", uint64(r.Session), r.A)
	}},
	{model.KindTold, ofClient, stepNote, weightTurn, func(_ *TimelineFile, r *Record) string { return "told " + r.Text }},
	{model.KindMarked, ofSession, stepNote, weightTurn, func(f *TimelineFile, r *Record) string {
		switch f.fate(r) {
		case FateVain:
			return "MARKED in vain: it never takes effect"
		case FateOpen:
			return "MARKED: whether it takes effect is undecided"
		}
		return "MARKED: the session is closing"
	}},
	{model.KindCommitted, ofSession, stepNote, weightTurn, func(_ *TimelineFile, r *Record) string {
		if r.Text != "closeSession" {
			return ""
		}
		return "the end is committed"
	}},
	{model.KindSawDeleted, ofOthers, stepByCause, weightTurn, func(_ *TimelineFile, r *Record) string { return r.Text + " is gone" }},
	{model.KindHolds, ofClient, stepNote, weightCause, func(_ *TimelineFile, r *Record) string { return "owns " + r.Text }},
	{model.KindStops, ofClient, stepNote, weightCause, func(_ *TimelineFile, r *Record) string { return "stops as owner: " + r.Text }},
	{model.KindSilence, ofClient, stepNote, weightCause, func(f *TimelineFile, r *Record) string {
		return fmt.Sprintf("hears nothing from %s for %d ms", f.nodeName(r.Peer), r.A)
	}},
	{model.KindDropped, ofClient, stepFromPeer, weightCause, func(_ *TimelineFile, r *Record) string { return "connection closed: " + r.Text }},
	{model.KindLocalExpiry, ofClient, stepNote, weightCause, func(_ *TimelineFile, r *Record) string {
		return fmt.Sprintf("gives the session up itself after %d ms", r.A)
	}},
	{model.KindRefused, ofPeer, stepToPeer, weightCause, func(_ *TimelineFile, r *Record) string { return "refuses to resume: " + r.Text }},
	{model.KindAttemptFailed, ofClient, stepLost, weightEffect, func(_ *TimelineFile, r *Record) string { return "gives up connecting: " + r.Text }},
	{model.KindServing, ofServers, stepNote, weightEffect, func(_ *TimelineFile, r *Record) string {
		if r.At == 0 && r.Text != "leader" {
			return ""
		}
		return "serves as " + r.Text
	}},
	{model.KindSteppedDown, ofServers, stepNote, weightCause, func(_ *TimelineFile, r *Record) string { return "steps down: " + r.Text }},
	{model.KindLeaderLost, ofServers, stepNote, weightEffect, func(_ *TimelineFile, r *Record) string { return "loses its leader: " + r.Text }},
	{model.KindRearmed, ofSession, stepNote, weightEffect, func(_ *TimelineFile, r *Record) string {
		return fmt.Sprintf("tracks the session afresh, for %d ms", r.A)
	}},
	{KindPaused, ofParties, stepNote, weightCause, says("the process stops")},
	{KindResumed, ofParties, stepNote, weightCause, says("the process runs on")},
	{KindKilled, ofParties, stepNote, weightCause, says("the process is gone")},
	{KindStarted, ofParties, stepNote, weightCause, says("the process starts again")},
	{model.KindPing, ofClient, stepToPeer, weightDetail, says("ping, the last that counts")},
	{model.KindTouch, ofSession, stepNote, weightEffect, func(_ *TimelineFile, r *Record) string {
		return fmt.Sprintf("touch by %s: %d ms more, up to the next bucket edge", r.Text, r.A)
	}},
}
