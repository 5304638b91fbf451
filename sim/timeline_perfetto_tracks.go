package sim

import "zksim/model"

// A change is what a kind of record does to a track of slices: the slice that is
// there ends, and another begins if it has a name.
type change struct {
	kind model.Kind
	// slice names the slice that begins; nil: none does. An empty name leaves all as
	// it was.
	slice func(f *TimelineFile, r *Record) string
}

// A stateTrack is one track of slices at every node of a kind. One state holds at a
// time, so slices of one track never overlap; what may hold at once has tracks of
// its own.
type stateTrack struct {
	name    string
	of      string // kind of node: client, server (an observer is one) or any
	changes []change
}

func always(s string) func(*TimelineFile, *Record) string {
	return func(*TimelineFile, *Record) string { return s }
}

func ownText(_ *TimelineFile, r *Record) string { return r.Text }

func withPeer(before string) func(*TimelineFile, *Record) string {
	return func(f *TimelineFile, r *Record) string { return before + f.nodeName(r.Peer) }
}

// stateTracks lists the tracks of slices of a node, in the order in which they are
// shown.
var stateTracks = []stateTrack{
	{"process", "any", []change{
		{KindPaused, always("paused")}, {KindResumed, nil}, {KindKilled, always("dead")}, {KindStarted, nil},
	}},
	{"told", "client", []change{
		{model.KindTold, ownText}, {KindKilled, nil},
	}},
	{"state", "client", []change{
		{model.KindState, ownText}, {KindKilled, nil},
	}},
	{"connection", "client", []change{
		{model.KindAttempt, withPeer("connecting to ")},
		{model.KindTCPUp, withPeer("handshake with ")},
		{model.KindSessionUp, withPeer("connected to ")},
		{model.KindAttemptFailed, nil}, {model.KindSilence, nil}, {model.KindDropped, nil},
		{model.KindLocalExpiry, nil}, {model.KindHandleClosed, nil}, {KindKilled, nil},
	}},
	{"owner", "client", []change{
		{model.KindHolds, func(_ *TimelineFile, r *Record) string { return "owner of " + r.Text }},
		{model.KindStops, nil}, {KindKilled, nil},
	}},
	{"role", "server", []change{
		{model.KindLooking, always("looking")},
		{model.KindElected, func(f *TimelineFile, r *Record) string {
			if r.Peer == r.Node || r.Peer < 0 {
				return "elected"
			}
			return "joining " + f.nodeName(r.Peer)
		}},
		{model.KindServing, func(_ *TimelineFile, r *Record) string {
			if r.Text == "leader" {
				return "leading"
			}
			return r.Text
		}},
		{model.KindLeaderLost, nil}, {model.KindSteppedDown, nil}, {KindKilled, nil},
	}},
}

// sessionChanges are the slices of a session at the server that tracks it. Each
// session has a track of its own at each server that ever tracked it.
var sessionChanges = []change{
	{model.KindTracked, always("session alive")},
	{model.KindRearmed, always("session alive")},
	{model.KindMarked, always("session closing")},
	{model.KindCloseApplied, nil},
	{model.KindForgotten, nil},
}

// trackerGone are the records with which a server's tracker ends, and with it all
// that it held.
var trackerGone = []model.Kind{model.KindSteppedDown, model.KindLeaderLost, model.KindLooking, KindKilled}

// appliesTo says whether a node of a kind has the track.
func (t *stateTrack) appliesTo(kind string) bool {
	return t.of == "any" || t.of == kind || t.of == "server" && kind == "observer"
}

// changeOf finds what a kind of record does.
func changeOf(list []change, k model.Kind) *change {
	for i := range list {
		if list[i].kind == k {
			return &list[i]
		}
	}
	return nil
}
