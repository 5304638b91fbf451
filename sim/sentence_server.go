package sim

import (
	"fmt"

	"zksim/model"
)

// serverSayings are of the server that a client is attached to.
var serverSayings = []saying{
	{kind: model.KindServing,
		does: func(r *Record) string {
			switch r.Text {
			case "read-only":
				return "serves read-only"
			case model.RoleStandalone.String():
				return "serves alone"
			}
			return "serves as " + r.Text
		}},
	{kind: model.KindAccepted,
		does: plainly("accepts a connection"),
		more: func(n *Narrator, r *Record) string { return " of " + n.who(r.Peer) }},
	{kind: model.KindNegotiated,
		does: func(r *Record) string { return fmt.Sprintf("settles the timeout: %s s", inMillis(r.B)) },
		more: func(n *Narrator, r *Record) string {
			if r.A != r.B {
				return fmt.Sprintf(" for %s, which asked for %s s", n.who(r.Peer), inMillis(r.A))
			}
			return fmt.Sprintf(" for %s, as it asked", n.who(r.Peer))
		}},
	{kind: model.KindNotServing,
		does: plainly("does not serve yet"),
		more: func(n *Narrator, r *Record) string { return ", and closes the connection of " + n.who(r.Peer) }},
	{kind: model.KindReadOnlyRefused,
		does: func(r *Record) string { return "is read-only and turns the client away: " + r.Text }},
	{kind: model.KindZxidAhead,
		does: plainly("turns the client away: it has seen more"),
		more: func(_ *Narrator, r *Record) string {
			return fmt.Sprintf(" (zxid %#x) than this server (%#x)", uint64(r.A), uint64(r.B))
		}},
	{kind: model.KindRevalidateSent,
		does: plainly("asks the leader whether the session lives")},
	{kind: model.KindRevalidated,
		does: plainly("resumes the session"),
		whole: func(n *Narrator, r *Record) string {
			if !n.isNew(r) {
				return ""
			}
			return fmt.Sprintf("%s has made session %#x for %s", capital(n.who(r.Node)), uint64(r.Session), n.who(r.Peer))
		}},
	{kind: model.KindRefused,
		does: func(r *Record) string { return "refuses to resume: " + r.Text },
		whole: func(n *Narrator, r *Record) string {
			return fmt.Sprintf("%s refuses to resume %s: %s", capital(n.who(r.Node)), n.session(r), r.Text)
		}},
	{kind: model.KindOlderConnection,
		does: plainly("closes the older connection"),
		more: func(n *Narrator, r *Record) string { return " of " + n.session(r) }},
	{kind: model.KindConnectionClosed,
		does: plainly("hangs up"),
		more: func(n *Narrator, r *Record) string { return " on " + n.who(r.Peer) + ": " + r.Text }},
	{kind: model.KindPingProcessed,
		does: plainly("answers a ping"),
		more: func(n *Narrator, r *Record) string { return " of " + n.owner(r) }},
	{kind: model.KindStalled,
		does: func(r *Record) string { return "lets " + r.Text + " wait behind a write" },
		more: func(n *Narrator, r *Record) string { return " of the same session, " + n.session(r) }},
	{kind: model.KindDroppedRequest,
		does: func(r *Record) string { return "drops " + r.Text + " without a reply" },
		more: func(n *Narrator, r *Record) string { return ": " + n.session(r) + " is closing or gone" }},
	{kind: model.KindMoved,
		does: func(r *Record) string { return "refuses " + r.Text + ": session moved" },
		more: func(n *Narrator, r *Record) string { return ", and it is another server's now: " + n.session(r) }},
	{kind: model.KindUpgraded,
		does: plainly("makes a local session global"),
		more: func(n *Narrator, r *Record) string {
			return ": " + n.session(r) + "; its createSession goes to the leader"
		}},
	{kind: model.KindForgotten,
		does: plainly("forgets its local sessions"),
		more: func(n *Narrator, r *Record) string { return ", having given up its role: " + n.session(r) + " is over" }},
}

// trackerSayings are of the session tracker, and of the learners' reports to it.
var trackerSayings = []saying{
	{kind: model.KindTracked,
		does: plainly("begins to track the session"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(", with a timeout of %s s", inMillis(r.A))
		}},
	{kind: model.KindTouch,
		does: func(r *Record) string { return "touches the session" + byWhat(r.Text) },
		whole: func(n *Narrator, r *Record) string {
			if e := n.cause(r); e != nil && e.Kind == model.KindTouchRecorded {
				return fmt.Sprintf("%s touches %s, reported by %s", capital(n.who(r.Node)), n.session(r), n.who(e.Node))
			}
			return ""
		}},
	{kind: model.KindTouchFailed,
		does: func(r *Record) string { return "is touched too late" + byWhat(r.Text) },
		more: func(n *Narrator, r *Record) string { return ": " + n.session(r) + " is closing or gone" }},
	{kind: model.KindTouchRecorded,
		does: plainly("notes a touch for its next report"),
		more: func(n *Narrator, r *Record) string { return ": " + n.session(r) }},
	{kind: model.KindLeaderPing,
		does: plainly("sends PING"),
		more: func(n *Narrator, r *Record) string { return " to " + count(int(r.A), "learner") }},
	{kind: model.KindReport,
		does: plainly("answers PING"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(" and reports %s to %s", countOf(int(r.A), "touch", "touches"), n.who(r.Peer))
		}},
	{kind: model.KindMarked,
		does: plainly("marks the session: it is closing")},
	{kind: model.KindRearmed,
		does: plainly("tracks the session afresh"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(", for the full %s s", inMillis(r.A))
		}},
	{kind: model.KindLearnerGone,
		does: plainly("has lost a learner"),
		more: func(n *Narrator, r *Record) string { return ", " + n.who(r.Peer) + ": " + r.Text }},
}

// byWhat says what a touch, or the lack of one, came by.
func byWhat(by string) string {
	switch by {
	case "":
		return ""
	case "learner":
		return ", reported by a learner"
	case "revalidation":
		return " by the client's return"
	}
	return " by " + by
}

// countOf is count for a word with a plural of its own.
func countOf(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// logSayings are of the replicated log and the tree that it makes.
var logSayings = []saying{
	{kind: model.KindProposed,
		does: func(r *Record) string { return "proposes " + r.Text },
		more: func(n *Narrator, r *Record) string { return n.ofSession(r) + fmt.Sprintf(", zxid %#x", uint64(r.A)) }},
	{kind: model.KindLogged,
		does: func(r *Record) string { return fmt.Sprintf("has zxid %#x on its log device", uint64(r.A)) }},
	{kind: model.KindCommitted,
		does: func(r *Record) string { return "commits " + r.Text },
		more: func(n *Narrator, r *Record) string {
			if r.Text == model.OpCloseSession.String() {
				return n.ofSession(r) + ": a quorum has logged it, and the session is over"
			}
			return n.ofSession(r) + ": a quorum has logged it"
		}},
	{kind: model.KindCreateApplied,
		does: plainly("knows the session from here on")},
	{kind: model.KindCloseApplied,
		does: plainly("ends the session"),
		more: func(*Narrator, *Record) string { return " in its database" }},
	{kind: model.KindNodeCreated,
		does: func(r *Record) string { return "makes " + singleWidth(r.Text) },
		more: func(n *Narrator, r *Record) string { return ", an ephemeral node" + n.ofSession(r) }},
	{kind: model.KindNodeDeleted,
		does: func(r *Record) string { return "deletes " + singleWidth(r.Text) },
		more: func(n *Narrator, r *Record) string { return ", an ephemeral node" + n.ofSession(r) }},
	{kind: model.KindReplayed,
		does: plainly("replays its log"),
		more: func(_ *Narrator, r *Record) string {
			return fmt.Sprintf(": %s never committed there", countOf(int(r.A), "transaction", "transactions"))
		}},
	{kind: model.KindDiscarded,
		does: func(r *Record) string { return "takes back " + r.Text },
		more: func(n *Narrator, r *Record) string { return n.ofSession(r) + ": the leader does not have it" }},
}
