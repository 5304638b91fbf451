package sim

import (
	"fmt"
	"math/bits"
	"strings"

	"zksim/model"
)

// electionSayings are of roles, elections and the ensemble's voters.
var electionSayings = []saying{
	{kind: model.KindLooking,
		does: plainly("looks for a leader"),
		more: func(_ *Narrator, r *Record) string { return fmt.Sprintf(", in round %d", r.B) }},
	{kind: model.KindVote,
		does: plainly("votes"),
		more: func(n *Narrator, r *Record) string {
			if r.Peer == r.Node {
				return fmt.Sprintf(" for itself in round %d, and tells all voters", r.B)
			}
			return fmt.Sprintf(" for %s in round %d, and tells all voters", n.who(r.Peer), r.B)
		}},
	{kind: model.KindElected,
		does: plainly("knows its leader"),
		whole: func(n *Narrator, r *Record) string {
			switch {
			case r.Rule == "F-22" && r.Peer == r.Node:
				return capital(n.who(r.Node)) + " is designated to lead, without an election"
			case r.Peer == r.Node:
				return capital(n.who(r.Node)) + " is elected"
			case r.Rule == "F-22":
				return fmt.Sprintf("%s follows %s without an election: it is designated", capital(n.who(r.Node)), n.who(r.Peer))
			}
			return fmt.Sprintf("%s knows that %s is elected", capital(n.who(r.Node)), n.who(r.Peer))
		}},
	{kind: model.KindNewEpoch,
		does: func(r *Record) string { return fmt.Sprintf("settles epoch %d", r.A) },
		more: func(*Narrator, *Record) string { return ": a quorum has connected to it" }},
	{kind: model.KindSynced,
		does: plainly("has what its leader has"),
		whole: func(n *Narrator, r *Record) string {
			return fmt.Sprintf("%s has what its leader, %s, has: %s from it, by %s", capital(n.who(r.Node)), n.who(r.Peer), countOf(int(r.B), "transaction", "transactions"), r.Text)
		}},
	{kind: model.KindLeaderLost,
		does: func(r *Record) string {
			if r.Rule == "F-13" {
				return "cannot reach the leader"
			}
			return "loses the leader"
		},
		more: func(n *Narrator, r *Record) string {
			if r.Text == "silence" {
				return fmt.Sprintf(", %s: silence for %s s, and its limit is %s s", n.who(r.Peer), inMillis(r.A), inMillis(r.B))
			}
			return ", " + n.who(r.Peer) + ": " + r.Text
		}},
	{kind: model.KindSteppedDown,
		does: func(r *Record) string { return "steps down: " + r.Text },
		more: func(_ *Narrator, r *Record) string {
			if r.B == 0 {
				return ""
			}
			return fmt.Sprintf("; it has %d of the %d voters that it needs, itself included", r.A, r.B)
		}},
	{kind: model.KindReconfigured,
		does: plainly("takes up the new voters"),
		more: func(_ *Narrator, r *Record) string {
			var ids []int
			for v := uint64(r.B); v != 0; v &= v - 1 {
				ids = append(ids, bits.TrailingZeros64(v)+1)
			}
			if len(ids) < 2 {
				return ""
			}
			return ": " + voterWords(ids)
		}},
	{kind: model.KindReconfigRefused,
		does: func(r *Record) string { return "refuses: " + r.Text },
		more: func(*Narrator, *Record) string { return "; the voters stay as they are" }},
}

// worldSayings are of the network, the processes and the faults.
var worldSayings = []saying{
	{kind: KindFaultBegins,
		does:  plainly("a fault begins"),
		whole: func(n *Narrator, r *Record) string { return "A fault begins: " + n.fault(r) + n.lasting(r) }},
	{kind: KindFaultEnds,
		does:  plainly("a fault is over"),
		whole: func(n *Narrator, r *Record) string { return "A fault is over: " + n.fault(r) }},
	{kind: KindLost,
		does: plainly("is not heard"),
		whole: func(n *Narrator, r *Record) string {
			return fmt.Sprintf("What %s sends to %s gets nowhere: %s", n.who(r.Node), n.who(r.Peer), r.Text)
		}},
	{kind: KindRetransmitted,
		does: plainly("is heard late"),
		whole: func(n *Narrator, r *Record) string {
			tries := countOf(int(r.A), "try", "tries")
			return fmt.Sprintf("What %s sent to %s gets through late: %s, after %s and %s s", n.who(r.Node), n.who(r.Peer), r.Text, tries, inMillis(r.B/1000))
		}},
	{kind: KindReset,
		does: plainly("answers with a reset"),
		whole: func(n *Narrator, r *Record) string {
			if r.Text == "refused on the way" {
				return fmt.Sprintf("What %s sends to %s is refused on the way", n.who(r.Node), n.who(r.Peer))
			}
			return fmt.Sprintf("The host of %s refuses what %s sent: %s", n.who(r.Node), n.who(r.Peer), r.Text)
		}},
	{kind: KindPaused,
		does: plainly("is paused")},
	{kind: KindResumed,
		does: func(r *Record) string {
			words := fmt.Sprintf("runs on after %s s", inMillis(r.B/1000))
			if r.A > 0 {
				words += fmt.Sprintf(", %s waiting", count(int(r.A), "packet"))
			}
			return words
		},
		more: func(n *Narrator, r *Record) string {
			if n.isServer(r.Node) && r.A > 0 {
				return "; " + strings.TrimSuffix(r.Text, " first") + " first"
			}
			return ""
		}},
	{kind: KindKilled,
		does: func(r *Record) string {
			if r.Text == "killed" {
				return "is killed"
			}
			return "is lost with its host"
		}},
	{kind: KindStarted,
		does: plainly("starts again")},
}
