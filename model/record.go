package model

// A RecordID identifies a record of one run's timeline: 1 for the first, in
// order. Zero means "no record".
type RecordID uint64

// A Note is what a machine leaves on the timeline. The world adds the instant
// and the node, and makes a record of it.
type Note struct {
	Kind    Kind
	Rule    string // ID of the rule that made it so, of docs/semantics.md
	Session SessionID
	Peer    NodeID // the other node concerned, or NoNode; zero value is a node, so always set
	A, B    int64  // numbers whose meaning and unit the kind's row gives
	Text    string // a word from a fixed set, or a path
	Cause   RecordID
}

// A Kind says what a record is about.
type Kind uint8

// Kinds of records that machines leave. Kinds of the world around them start at
// [FirstWorldKind].
const (
	KindNone Kind = iota

	// The client and its application.
	KindOpen
	KindBackoff
	KindSpin
	KindAttempt
	KindTCPUp
	KindSessionUp
	KindState
	KindPing
	KindPingReply
	KindSilence
	KindDropped
	KindAttemptFailed
	KindLocalExpiry
	KindTold
	KindRequest
	KindReply
	KindCallLost
	KindHolds
	KindSawCreated
	KindSawDeleted
	KindHandleClosed

	// The server that a client is attached to.
	KindServing
	KindAccepted
	KindNegotiated
	KindNotServing
	KindZxidAhead
	KindRevalidateSent
	KindRevalidated
	KindRefused
	KindOlderConnection
	KindConnectionClosed
	KindPingProcessed
	KindStalled
	KindDroppedRequest
	KindMoved

	// The session tracker and the learners' reports to it.
	KindTracked
	KindTouch
	KindTouchFailed
	KindTouchRecorded
	KindLeaderPing
	KindReport
	KindMarked
	KindRearmed
	KindLearnerGone

	// The replicated log.
	KindProposed
	KindLogged
	KindCommitted
	KindCreateApplied
	KindCloseApplied
	KindNodeCreated
	KindNodeDeleted

	// The client's event queue.
	KindEventDropped
	// Roles and elections.
	KindLooking
	KindVote
	KindElected
	KindNewEpoch
	KindSynced
	KindLeaderLost
	KindSteppedDown
	KindReplayed
	KindDiscarded
	// Applications.
	KindStops

	// Curator, between a ZooKeeper handle and the application.
	KindHandleTold
	KindInjected
	KindAct
	KindActLost
	KindActAccepted
	KindActRefused
	// Local sessions.
	KindUpgraded
	KindForgotten
	// Read-only mode.
	KindReadOnlyRefused
	KindProbe
	KindProbed
	// Reconfiguration.
	KindReconfigured
	KindReconfigRefused
)

// FirstWorldKind is the first kind that does not belong to a machine.
const FirstWorldKind Kind = 128

// A KindRow describes one kind of record: the word that stands for it in JSON
// Lines, the kind of node that leaves it, its meaning, and what its two numbers
// and its text hold (empty: nothing).
type KindRow struct {
	Kind    Kind
	Name    string
	Node    string
	Meaning string
	A, B    string
	Text    string
}

// Kinds lists every kind of record that a machine can leave.
var Kinds = []KindRow{
	{KindOpen, "open", "client", "the application asked for a session", "requested_ms", "", ""},
	{KindBackoff, "backoff", "client", "random wait before the next attempt", "wait_ms", "", ""},
	{KindSpin, "spin", "client", "wait before the address of the last session comes round again", "wait_ms", "", ""},
	{KindAttempt, "attempt", "client", "opening a connection to peer", "", "", ""},
	{KindTCPUp, "tcp_up", "client", "the connection to peer is open", "", "", ""},
	{KindSessionUp, "session_up", "client", "the handshake was answered: the session is usable", "negotiated_ms", "", ""},
	{KindState, "state", "client", "the state that the application can poll has changed", "", "", "state"},
	{KindPing, "ping", "client", "ping sent to peer", "idle_ms", "", ""},
	{KindPingReply, "ping_reply", "client", "answer to a ping", "rtt_ms", "", ""},
	{KindSilence, "silence", "client", "gave up waiting for peer", "idle_ms", "limit_ms", ""},
	{KindDropped, "dropped", "client", "the connection was closed by the other side", "", "", "reason"},
	{KindAttemptFailed, "attempt_failed", "client", "the attempt to connect to peer came to nothing", "idle_ms", "", "reason"},
	{KindLocalExpiry, "local_expiry", "client", "the library decided by itself that the session is over", "idle_ms", "limit_ms", ""},
	{KindTold, "told", "client", "what the application's watcher received", "", "", "event"},
	{KindRequest, "request", "client", "the application's request was written", "xid", "", "operation"},
	{KindReply, "reply", "client", "the answer to a request", "xid", "", "result"},
	{KindCallLost, "call_lost", "client", "a request failed with the connection or the session", "xid", "", "error"},
	{KindHolds, "holds", "client", "the application learned that its node owns: it acts as owner", "", "", "path"},
	{KindSawCreated, "saw_created", "client", "a watch told that the node is there", "", "", "path"},
	{KindSawDeleted, "saw_deleted", "client", "a watch told that the node is gone", "", "", "path"},
	{KindHandleClosed, "handle_closed", "client", "the library's threads have ended", "", "", ""},

	{KindServing, "serving", "server", "the server serves clients from here on", "", "", "role"},
	{KindAccepted, "accepted", "server", "peer opened a connection", "", "", ""},
	{KindNegotiated, "negotiated", "server", "the session timeout was settled", "requested_ms", "negotiated_ms", ""},
	{KindNotServing, "not_serving", "server", "a connection was closed because the server does not serve yet", "", "", ""},
	{KindZxidAhead, "zxid_ahead", "server", "a client was turned away: it has seen more than this server", "client_zxid", "server_zxid", ""},
	{KindRevalidateSent, "revalidate_sent", "server", "asked the leader whether a session lives", "", "", ""},
	{KindRevalidated, "revalidated", "server", "a session, new or returning, was accepted", "", "", ""},
	{KindRefused, "revalidation_refused", "server", "a returning session was refused", "", "", "reason"},
	{KindOlderConnection, "older_connection", "server", "an older connection of the same session was closed", "", "", ""},
	{KindConnectionClosed, "connection_closed", "server", "the connection of peer is closed", "", "", "reason"},
	{KindPingProcessed, "ping_processed", "server", "a ping was answered", "", "", ""},
	{KindStalled, "stalled", "server", "a request waits behind an unfinished write of its session", "xid", "", "operation"},
	{KindDroppedRequest, "request_dropped", "server", "a request was dropped without a reply: its session is closing or gone", "xid", "", "operation"},
	{KindMoved, "session_moved", "server", "a request came through a server that no longer owns the session", "xid", "", "operation"},

	{KindTracked, "session_tracked", "server", "the leader began to track a session", "timeout_ms", "deadline_ms", ""},
	{KindTouch, "touch", "server", "the tracker was touched: the deadline is a bucket edge", "timeout_ms", "deadline_ms", "by"},
	{KindTouchFailed, "touch_failed", "server", "a touch found the session closing or gone", "", "", "by"},
	{KindTouchRecorded, "touch_recorded", "server", "a learner entered a touch into its table", "timeout_ms", "", ""},
	{KindLeaderPing, "leader_ping", "server", "the leader sent PING to its learners, or an observer master to its observers", "learners", "", ""},
	{KindReport, "touches_reported", "server", "a learner answered PING with its table", "touches", "", ""},
	{KindMarked, "marked_closing", "server", "the expiry loop marked a session: it is closing", "deadline_ms", "late_ms", ""},
	{KindRearmed, "rearmed", "server", "a new leader, or a restarted server, tracks a session afresh, for the full first timeout", "timeout_ms", "deadline_ms", ""},

	{KindLearnerGone, "learner_gone", "server", "the leader lost the connection of a learner, or gave it up", "", "", "reason"},

	{KindProposed, "proposed", "server", "a transaction was prepared and proposed", "zxid", "", "operation"},
	{KindLogged, "logged", "server", "a transaction is on the log device", "zxid", "", ""},
	{KindCommitted, "committed", "server", "a quorum has logged a transaction", "zxid", "", "operation"},
	{KindCreateApplied, "create_applied", "server", "createSession was applied here", "zxid", "", ""},
	{KindCloseApplied, "close_applied", "server", "closeSession was applied here", "zxid", "", ""},
	{KindNodeCreated, "node_created", "server", "an ephemeral node was made here", "zxid", "", "path"},
	{KindNodeDeleted, "ephemerals_deleted", "server", "an ephemeral node was removed here", "zxid", "", "path"},

	{KindEventDropped, "event_dropped", "client", "an event that the application will never hear of: its queue was full", "", "", "event"},
	{KindLooking, "looking", "server", "the server looks for a leader", "zxid", "round", ""},
	{KindVote, "vote", "server", "the server votes for peer, and tells all voters", "zxid", "round", ""},
	{KindElected, "elected", "server", "the server knows its leader, peer: a quorum agrees", "zxid", "round", ""},
	{KindNewEpoch, "new_epoch", "server", "a quorum has connected to the new leader: the epoch is settled", "epoch", "zxid", ""},
	{KindSynced, "synced", "server", "a learner has what its leader, peer, has", "zxid", "txns", "by"},
	{KindLeaderLost, "leader_lost", "server", "a learner gave up its leader, peer", "idle_ms", "limit_ms", "reason"},
	{KindSteppedDown, "stepped_down", "server", "the leader gave up leading", "with", "want", "reason"},
	{KindReplayed, "replayed", "server", "transactions that never committed here were applied from the log", "txns", "zxid", ""},
	{KindDiscarded, "discarded", "server", "a transaction that the new leader does not have was taken back", "zxid", "", "operation"},
	{KindStops, "stops", "client", "the application acts as owner no more", "", "", "why"},
	{KindHandleTold, "zk_told", "client", "what Curator's ZooKeeper handle told it", "", "", "event"},
	{KindInjected, "inject", "client", "Curator gave the session up: it told its handle so, and the handle told it", "suspended_ms", "limit_ms", ""},
	{KindAct, "act", "client", "the application acts as owner, at peer", "token", "act", ""},
	{KindActLost, "act_lost", "client", "the connection to peer ended before it answered: the act may have reached it", "token", "act", "reason"},
	{KindActAccepted, "act_accepted", "resource", "what peer did was accepted; latest is the greatest token before, of the same lock", "token", "latest", "path"},
	{KindActRefused, "act_refused", "resource", "what peer did was refused: its token is lower than latest, so another has owned since", "token", "latest", "path"},

	{KindUpgraded, "session_upgraded", "server", "a local session is becoming global: its createSession goes to the leader", "timeout_ms", "", ""},
	{KindForgotten, "session_forgotten", "server", "a local session ended because its server gave up its role", "", "", ""},

	{KindReadOnlyRefused, "read_only_refused", "server", "a read-only server turned a client away", "", "", "reason"},
	{KindProbe, "probe", "client", "asked peer whether it is read-write, the present server being read-only", "next_ms", "", ""},
	{KindProbed, "probed", "client", "what peer answered to that", "", "", "answer"},

	{KindReconfigured, "reconfigured", "server", "the server takes up other voters; peer is designated to lead, if that is settled", "version", "voters", ""},
	{KindReconfigRefused, "reconfig_refused", "server", "a change of voters was refused", "", "", "reason"},
}
