package sim

import (
	"fmt"
	"strings"

	"zksim/model"
)

// A lane is a column of the table: who does it, or is told it.
type lane uint8

const (
	laneCluster lane = iota
	laneClient
	laneOthers
)

// A storyLine says how records of one kind appear in the table, if they concern
// the session that is drawn.
type storyLine struct {
	kind model.Kind
	lane lane
	// say gives the words, or "" to leave the record out.
	say func(tb *table, r *Record) string
}

// storyLines are the kinds of records that tell a story. What is not here, such
// as each ping and each learner's report, is in JSON Lines only; the touches that
// matter come from [Story.Touch], [Story.Saved] and [Story.Saving].
var storyLines = []storyLine{
	{KindFaultBegins, laneCluster, func(tb *table, r *Record) string {
		begins, _ := tb.t.faultWord(tb.fault(r))
		return begins
	}},
	{KindFaultEnds, laneCluster, func(tb *table, r *Record) string {
		_, ends := tb.t.faultWord(tb.fault(r))
		return ends
	}},
	{KindPaused, laneCluster, func(tb *table, r *Record) string { return tb.process(r, "PAUSED") }},
	{KindResumed, laneCluster, func(tb *table, r *Record) string {
		words := "RUNS ON" + strings.TrimPrefix(does(r), "runs on")
		if r.Rule == "G-5" {
			tb.below = "what waits goes first"
			if r.Text == "expiry first" {
				tb.below = "the expiry loop goes first"
			}
		}
		return tb.process(r, words)
	}},
	{KindKilled, laneCluster, func(tb *table, r *Record) string {
		if r.Text == "killed" {
			return tb.process(r, "KILLED")
		}
		return tb.process(r, "HOST LOST")
	}},
	{KindStarted, laneCluster, func(tb *table, r *Record) string { return tb.process(r, "STARTED again") }},
	{KindCommand, laneClient, func(tb *table, r *Record) string {
		switch {
		case r.Node != tb.s.Client:
		case r.Text == "close":
			return does(r)
		case r.Text == "stop events":
			return "EVENT THREAD PAUSED"
		case r.Text == "run events":
			return "event thread runs on"
		}
		return ""
	}},

	{model.KindSpin, laneClient, func(tb *table, r *Record) string { return tb.waits(r) }},
	{model.KindBackoff, laneClient, func(tb *table, r *Record) string { return tb.waits(r) }},
	{model.KindAttempt, laneClient, func(tb *table, r *Record) string {
		if !tb.mine(r) || !tb.s.Up.Happened() || r.ID < tb.s.Up.Record {
			return ""
		}
		return "tries " + tb.t.who(r.Peer)
	}},
	{model.KindAttemptFailed, laneClient, func(tb *table, r *Record) string {
		if tb.mine(r) {
			tb.inVain(r, r.Text, r.Rule)
		}
		return ""
	}},
	{model.KindSilence, laneClient, func(tb *table, r *Record) string {
		return tb.own(r, does(r))
	}},
	{model.KindDropped, laneClient, func(tb *table, r *Record) string {
		if tb.s.Up.Happened() && tb.mine(r) && !tb.t.connectedAt(tb.s, r.ID) {
			tb.inVain(r, r.Text, "C-15")
			return ""
		}
		return tb.own(r, does(r))
	}},
	{model.KindLocalExpiry, laneClient, func(tb *table, r *Record) string {
		return tb.own(r, does(r))
	}},
	{model.KindInjected, laneClient, func(tb *table, r *Record) string {
		return tb.own(r, does(r))
	}},
	{model.KindTold, laneClient, func(tb *table, r *Record) string {
		return tb.own(r, tb.told(r))
	}},
	{model.KindEventDropped, laneClient, func(tb *table, r *Record) string {
		if tb.t.Scenario.libraryOf(r.Node).Meaning(r.Text) == model.MeansProgress {
			return ""
		}
		return tb.own(r, does(r))
	}},
	{model.KindHolds, laneOthers, func(tb *table, r *Record) string {
		switch {
		case r.Text != tb.s.Path:
			return ""
		case r.Session == tb.s.Session:
			if r.ID == tb.s.Holds.Record {
				return "→" + does(r)
			}
			return ""
		}
		return tb.t.whoAt(momentOf(r)) + " has it"
	}},
	{model.KindSawDeleted, laneOthers, func(tb *table, r *Record) string { return tb.saw(r) }},
	{model.KindCallLost, laneClient, func(tb *table, r *Record) string { return tb.callLost(r) }},

	{model.KindLooking, laneCluster, func(tb *table, r *Record) string {
		if r.Cause != 0 {
			return "" // it has lost its leader, or its lead, or was started
		}
		return tb.together(r, does(r), "look for a leader")
	}},
	{model.KindLeaderLost, laneCluster, func(tb *table, r *Record) string { return tb.leaderLost(r) }},
	{model.KindSteppedDown, laneCluster, func(tb *table, r *Record) string {
		return tb.t.who(r.Node) + " " + does(r)
	}},
	{model.KindElected, laneCluster, func(tb *table, r *Record) string {
		if r.Peer != r.Node {
			return "" // it is said of the one elected
		}
		if r.Rule == "F-22" {
			return tb.t.who(r.Node) + " is designated" // without an election
		}
		return tb.t.who(r.Node) + " is elected"
	}},
	{model.KindNewEpoch, laneCluster, func(tb *table, r *Record) string {
		tb.epochs[r.Node] = r.A
		return ""
	}},
	{model.KindServing, laneCluster, func(tb *table, r *Record) string { return tb.serving(r) }},
	{model.KindDiscarded, laneCluster, func(tb *table, r *Record) string {
		if r.Session != tb.s.Session || r.Text != model.OpCloseSession.String() {
			return ""
		}
		if len(tb.s.Undone) > 0 {
			tb.below = "the node is back there"
		}
		return tb.t.who(r.Node) + " takes the end back"
	}},
	{model.KindNotServing, laneCluster, func(tb *table, r *Record) string {
		if r.Peer == tb.s.Client {
			tb.inVain(&Record{Note: model.Note{Peer: r.Node}}, "not serving yet", r.Rule)
		}
		return ""
	}},
	{model.KindReadOnlyRefused, laneCluster, func(tb *table, r *Record) string {
		if r.Peer == tb.s.Client {
			tb.inVain(&Record{Note: model.Note{Peer: r.Node}}, "read-only: "+r.Text, r.Rule)
		}
		return ""
	}},
	{model.KindZxidAhead, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.t.who(r.Node)+" "+does(r))
	}},
	{model.KindOlderConnection, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.t.who(r.Node)+" "+does(r))
	}},
	{model.KindRevalidated, laneCluster, func(tb *table, r *Record) string {
		if tb.s.Up.Happened() && r.ID > tb.s.Up.Record {
			return tb.ours(r, tb.t.who(r.Node)+" "+does(r))
		}
		return ""
	}},
	{model.KindRefused, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.t.who(r.Node)+" "+does(r))
	}},
	{model.KindConnectionClosed, laneCluster, func(tb *table, r *Record) string {
		switch r.Text {
		case "idle":
			return tb.ours(r, tb.t.who(r.Node)+" "+does(r)+": "+r.Text)
		case "session ended", "leader lost", "leader steps down":
			return tb.ours(r, tb.t.who(r.Node)+" "+does(r))
		}
		return ""
	}},
	{model.KindStalled, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, fmt.Sprintf("%s waits behind a write at %s", r.Text, tb.t.who(r.Node)))
	}},
	{model.KindDroppedRequest, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.again(r, r.Text+" dropped without a reply", "%d requests dropped without a reply"))
	}},
	{model.KindMoved, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, r.Text+" at "+tb.t.who(r.Node)+": session moved")
	}},
	{model.KindTouchFailed, laneCluster, func(tb *table, r *Record) string {
		if r.Text == "revalidation" {
			return "" // the refusal says it
		}
		if tb.s.closing {
			return "" // the reports that were under way when the client closed
		}
		if told := tb.s.told(); told.Happened() && r.ID > told.Record {
			return "" // of interest to nobody
		}
		by := "by " + r.Text
		if r.Text == "learner" {
			by = "reported by a learner"
			if r.Peer != model.NoNode {
				by = "reported by " + tb.t.who(r.Peer)
			}
		}
		return tb.ours(r, tb.again(r, "touch "+by+" comes too late", "%d touches come too late"))
	}},
	{model.KindLearnerGone, laneCluster, func(tb *table, r *Record) string { return tb.learnerGone(r) }},
	{model.KindMarked, laneCluster, func(tb *table, r *Record) string { return tb.marked(r) }},
	{model.KindReconfigured, laneCluster, func(tb *table, r *Record) string { return tb.reconfigured(r) }},
	{model.KindReconfigRefused, laneCluster, func(tb *table, r *Record) string { return tb.t.who(r.Node) + " " + does(r) }},
	{model.KindUpgraded, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, "becomes a global session")
	}},
	{model.KindForgotten, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.t.who(r.Node)+" "+does(r))
	}},
	{model.KindCommitted, laneCluster, func(tb *table, r *Record) string {
		switch {
		case r.Text != model.OpCloseSession.String() || tb.s.Committed.Record != r.ID:
			return ""
		case !tb.t.ensemble():
			return "end committed"
		case tb.t.severalLead():
			return "end committed at " + tb.t.who(r.Node)
		}
		return "end committed at the leader"
	}},
	{model.KindCloseApplied, laneCluster, func(tb *table, r *Record) string { return tb.applied(r) }},
}

// inTable says which kinds of records a [Collector] keeps.
var inTable = func() (kept [256]bool) {
	for i := range storyLines {
		kept[storyLines[i].kind] = true
	}
	return kept
}()
