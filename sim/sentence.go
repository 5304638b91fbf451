package sim

import (
	"fmt"
	"strings"
	"time"

	"zksim/model"
)

// A saying is what records of one kind say. What a node does is said in few words, which
// the table of instants uses as well; a sentence adds what it has room for.
type saying struct {
	kind model.Kind
	// does is what the record's node does, without naming it.
	does func(r *Record) string
	// more goes on, with names; nil adds nothing.
	more func(n *Narrator, r *Record) string
	// whole says it all instead, for what no node does or what does not say well enough.
	whole func(n *Narrator, r *Record) string
}

// sayings has a row for every kind of record.
var sayings = [][]saying{clientSayings, handleSayings, serverSayings, trackerSayings, logSayings, electionSayings, ownerSayings, worldSayings}

// sayingOf finds the row of a kind. It is nil only for a number that is no kind.
var sayingOf = func() (of [256]*saying) {
	for _, list := range sayings {
		for i := range list {
			of[list[i].kind] = &list[i]
		}
	}
	return of
}()

// does says in few words what a record's node does.
func does(r *Record) string { return sayingOf[r.Kind].does(r) }

// plainly is a saying that does not depend on the record.
func plainly(words string) func(*Record) string { return func(*Record) string { return words } }

// inMillis formats milliseconds as seconds without needless decimals.
func inMillis(ms int64) string { return inSeconds(time.Duration(ms) * time.Millisecond) }

// clientSayings are of a client's connection and its session.
var clientSayings = []saying{
	{kind: model.KindOpen,
		does: func(r *Record) string { return fmt.Sprintf("asks for a session of %s s", inMillis(r.A)) }},
	{kind: model.KindBackoff,
		does: func(r *Record) string {
			return fmt.Sprintf("waits %s s, a random time, before it tries again", inMillis(r.A))
		}},
	{kind: model.KindSpin,
		does: func(r *Record) string {
			return fmt.Sprintf("waits %s s before it begins with its addresses again", inMillis(r.A))
		}},
	{kind: model.KindAttempt,
		does: plainly("tries"),
		more: func(n *Narrator, r *Record) string { return " " + n.who(r.Peer) }},
	{kind: model.KindTCPUp,
		does: plainly("has a connection"),
		more: func(n *Narrator, r *Record) string { return " to " + n.who(r.Peer) + ", and sends its handshake" }},
	{kind: model.KindSessionUp,
		does: plainly("has the answer to its handshake"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(" from %s: session %#x is usable, with a timeout of %s s", n.who(r.Peer), uint64(r.Session), inMillis(r.A))
		}},
	{kind: model.KindState,
		does: func(r *Record) string { return "is in the state " + r.Text + ", for whoever polls" }},
	{kind: model.KindPing,
		does: plainly("sends a ping"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(" to %s, having sent nothing for %s s", n.who(r.Peer), inMillis(r.A))
		}},
	{kind: model.KindPingReply,
		does: plainly("has the answer to its ping"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(" from %s, %s s after it sent it", n.who(r.Peer), inMillis(r.A))
		}},
	{kind: model.KindSilence,
		does: func(r *Record) string { return fmt.Sprintf("hears nothing for %s s", inMillis(r.A)) },
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(" from %s and gives the connection up; its limit is %s s", n.who(r.Peer), inMillis(r.B))
		}},
	{kind: model.KindDropped,
		does: func(r *Record) string { return "loses the connection: " + r.Text },
		more: func(n *Narrator, r *Record) string { return " from " + n.who(r.Peer) }},
	{kind: model.KindAttemptFailed,
		does: func(r *Record) string { return "tries in vain: " + r.Text },
		more: func(n *Narrator, r *Record) string {
			if r.A > 0 {
				return fmt.Sprintf(" from %s, for %s s", n.who(r.Peer), inMillis(r.A))
			}
			return " from " + n.who(r.Peer)
		}},
	{kind: model.KindLocalExpiry,
		does: func(r *Record) string { return fmt.Sprintf("gives up: %s s of silence", inMillis(r.A)) },
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(", and its library's own limit is %s s; no server has told it anything", inMillis(r.B))
		}},
	{kind: model.KindProbe,
		does: plainly("asks whether there is a read-write server"),
		whole: func(n *Narrator, r *Record) string {
			return fmt.Sprintf("%s asks %s whether it is read-write", n.who(r.Node), n.who(r.Peer))
		}},
	{kind: model.KindProbed,
		does: plainly("learns whether a server is read-write"),
		whole: func(n *Narrator, r *Record) string {
			switch r.Text {
			case "ro", "rw":
				return fmt.Sprintf("%s learns from %s that it is %s", n.who(r.Node), n.who(r.Peer), map[string]string{"ro": "read-only", "rw": "read-write"}[r.Text])
			}
			return fmt.Sprintf("%s does not learn whether %s is read-write: %s", n.who(r.Node), n.who(r.Peer), r.Text)
		}},
}

// handleSayings are of what a client's library and its application tell each other.
var handleSayings = []saying{
	{kind: model.KindTold,
		does: func(r *Record) string { return "is told " + r.Text }},
	{kind: model.KindHandleTold,
		does: func(r *Record) string { return "is told " + r.Text },
		whole: func(n *Narrator, r *Record) string {
			return fmt.Sprintf("Curator in %s is told %s by its ZooKeeper handle", n.who(r.Node), r.Text)
		}},
	{kind: model.KindInjected,
		does: func(r *Record) string { return fmt.Sprintf("gives up: suspended for %s s", inMillis(r.A)) },
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(", and Curator's limit is %s s; no server has told it anything", inMillis(r.B))
		}},
	{kind: model.KindEventDropped,
		does: func(r *Record) string { return "never hears " + strings.ToUpper(r.Text) + ": its queue is full" }},
	{kind: model.KindRequest,
		does: func(r *Record) string { return "sends " + r.Text },
		more: func(n *Narrator, r *Record) string { return " to " + n.who(r.Peer) }},
	{kind: model.KindReply,
		does: func(r *Record) string { return "has the answer to " + operation(r) + ": " + outcomeOf(r) },
		more: func(n *Narrator, r *Record) string { return ", from " + n.who(r.Peer) }},
	{kind: model.KindCallLost,
		does: func(r *Record) string { return "gets " + outcomeOf(r) + " for " + operation(r) }},
	{kind: model.KindHolds,
		does: func(r *Record) string { return "owns " + singleWidth(r.Text) },
		more: func(*Narrator, *Record) string {
			return ": its application learns that its node is there, and acts as owner"
		}},
	{kind: model.KindSawCreated,
		does: func(r *Record) string { return "sees that " + singleWidth(r.Text) + " is there" }},
	{kind: model.KindSawDeleted,
		does: func(r *Record) string { return "sees that " + singleWidth(r.Text) + " is gone" }},
	{kind: model.KindHandleClosed,
		does: plainly("has no handle any more"),
		more: func(*Narrator, *Record) string { return ": the library's threads have ended" }},
	{kind: KindCommand,
		does: func(r *Record) string {
			switch r.Text {
			case "open":
				return "opens a handle"
			case "close":
				return "closes its handle"
			case "stop events":
				return "has its event thread paused"
			case "run events":
				return "has its event thread running on"
			}
			return "is asked to " + r.Text
		}},
}

// operation is the request that a record of its outcome names first.
func operation(r *Record) string {
	op, _, _ := strings.Cut(r.Text, " ")
	return op
}

// outcomeOf is what became of it.
func outcomeOf(r *Record) string {
	_, outcome, _ := strings.Cut(r.Text, " ")
	return outcome
}

// ownerSayings are of who acts as owner, and of the resource that it acts at.
var ownerSayings = []saying{
	{kind: model.KindStops,
		does: plainly("acts as owner no more"),
		more: func(_ *Narrator, r *Record) string { return ": " + r.Text }},
	{kind: model.KindAct,
		does: plainly("acts as owner"),
		more: func(n *Narrator, r *Record) string { return fmt.Sprintf(" at %s, with token %d", n.who(r.Peer), r.A) }},
	{kind: model.KindActLost,
		does: plainly("does not learn whether its act was done"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(": the connection to %s ended before the answer: %s", n.who(r.Peer), r.Text)
		}},
	{kind: model.KindActAccepted,
		does: plainly("accepts an act"),
		more: func(n *Narrator, r *Record) string {
			if r.B > r.A {
				return fmt.Sprintf(" of %s with token %d, although it has seen %d, a later owner's", n.who(r.Peer), r.A, r.B)
			}
			return fmt.Sprintf(" of %s with token %d", n.who(r.Peer), r.A)
		}},
	{kind: model.KindActRefused,
		does: plainly("refuses an act"),
		more: func(n *Narrator, r *Record) string {
			return fmt.Sprintf(" of %s: its token %d is older than %d, a later owner's", n.who(r.Peer), r.A, r.B)
		}},
}
