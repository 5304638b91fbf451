package sim

import (
	"bytes"
	"strings"
	"testing"

	"zksim/model"
)

// sentences holds what the first record of a kind, with that text if one is given, says in
// a scenario. It has every kind of record.
var sentences = []struct{ kind, text, scenario, says string }{
	{"accepted", "", "faq", "Server 1 accepts a connection of worker"},
	{"act", "", "hand-over", "first acts as owner at store, with token 0"},
	{"act_accepted", "", "hand-over", "store accepts an act of first with token 0"},
	{"act_lost", "reset", "acts", "worker does not learn whether its act was done: the connection to store ended before the answer: reset"},
	{"act_refused", "", "fenced", "store refuses an act of careful: its token 3 is older than 11, a later owner's"},
	{"attempt", "", "faq", "worker tries server 1"},
	{"attempt_failed", "no answer", "faq", "worker tries in vain: no answer from server 2, for 3.333 s"},
	{"attempt_failed", "refused", "refused", "worker tries in vain: refused from server 2"},
	{"backoff", "", "faq", "worker waits 0.22 s, a random time, before it tries again"},
	{"call_lost", "exists ConnectionLoss", "leader-pause", "other gets ConnectionLoss for exists"},
	{"close_applied", "", "faq", "Server 3 ends worker's session in its database"},
	{"command", "close", "close", "worker closes its handle"},
	{"command", "open", "faq", "worker opens a handle"},
	{"command", "run events", "event-thread", "worker has its event thread running on"},
	{"command", "stop events", "event-thread", "worker has its event thread paused"},
	{"committed", "closeSession", "faq", "Server 3 commits closeSession of worker's session: a quorum has logged it, and the session is over"},
	{"committed", "create", "faq", "Server 3 commits create of worker's session: a quorum has logged it"},
	{"committed", "createSession", "faq", "Server 3 commits createSession of worker's session: a quorum has logged it"},
	{"committed", "reconfig", "reconfig", "Server 3 commits reconfig: a quorum has logged it"},
	{"connection_closed", "closed by the client", "close", "Server 1 hangs up on worker: closed by the client"},
	{"connection_closed", "end of stream", "crash", "Server 1 hangs up on worker: end of stream"},
	{"connection_closed", "idle", "orphan", "Server 1 hangs up on worker: idle"},
	{"connection_closed", "isro: ro", "read-only", "Server 1 hangs up on late: isro: ro"},
	{"connection_closed", "isro: rw", "read-only", "Server 2 hangs up on late: isro: rw"},
	{"connection_closed", "leader lost", "cut-off-follower", "Server 1 hangs up on worker: leader lost"},
	{"connection_closed", "leader steps down", "reconfig", "Server 3 hangs up on worker: leader steps down"},
	{"connection_closed", "not serving", "server-restart", "Server 1 hangs up on other: not serving"},
	{"connection_closed", "read-only", "read-only", "Server 1 hangs up on owner: read-only"},
	{"connection_closed", "refused", "faq", "Server 2 hangs up on worker: refused"},
	{"connection_closed", "replaced", "same-server", "Server 1 hangs up on worker: replaced"},
	{"connection_closed", "session ended", "faq", "Server 1 hangs up on worker: session ended"},
	{"connection_closed", "session moved", "moved", "Server 3 hangs up on worker: session moved"},
	{"connection_closed", "zxid ahead", "failovers", "Server 1 hangs up on waiter: zxid ahead"},
	{"create_applied", "", "faq", "Server 3 knows worker's session from here on"},
	{"discarded", "closeSession", "leader-pause-long", "Server 3 takes back closeSession of worker's session: the leader does not have it"},
	{"dropped", "end of stream", "zombie", "worker loses the connection: end of stream from server 1"},
	{"dropped", "reset", "refused", "worker loses the connection: reset from server 1"},
	{"elected", "", "cut-off-follower", "Server 1 knows that server 3 is elected"},
	{"ephemerals_deleted", "", "faq", "Server 3 deletes /lock, an ephemeral node of worker's session"},
	{"event_dropped", "Connecting", "deaf", "worker never hears CONNECTING: its queue is full"},
	{"fault", "", "faq", "A fault begins: worker cut off silently from all servers, for 16.592 s"},
	{"handle_closed", "", "faq", "worker has no handle any more: the library's threads have ended"},
	{"heal", "", "faq", "A fault is over: worker cut off silently from all servers"},
	{"holds", "", "faq", "worker owns /lock: its application learns that its node is there, and acts as owner"},
	{"inject", "", "libraries", "curator gives up: suspended for 10 s, and Curator's limit is 10 s; no server has told it anything"},
	{"killed", "host lost", "observers", "worker is lost with its host"},
	{"killed", "killed", "crash", "worker is killed"},
	{"leader_lost", "changes proposed in reconfig", "reconfig", "Server 1 loses the leader, server 3: changes proposed in reconfig"},
	{"leader_lost", "end of stream", "revived", "Server 1 loses the leader, server 3: end of stream"},
	{"leader_lost", "silence", "cut-off-follower", "Server 1 loses the leader, server 3: silence for 10 s, and its limit is 10 s"},
	{"leader_ping", "", "faq", "Server 3 sends PING to 2 learners"},
	{"learner_gone", "end of stream", "reconfig", "Server 3 has lost a learner, server 1: end of stream"},
	{"learner_gone", "silent", "cut-off-follower", "Server 3 has lost a learner, server 1: silent"},
	{"local_expiry", "", "one-way", "worker gives up: 15.117 s of silence, and its library's own limit is 13.333 s; no server has told it anything"},
	{"logged", "", "faq", "Server 1 has zxid 0x1 on its log device"},
	{"looking", "", "cut-off-follower", "Server 1 looks for a leader, in round 2"},
	{"lost", "FIN", "faq", "What server 1 sends to worker gets nowhere: FIN"},
	{"lost", "PING", "zombie", "What server 3 sends to server 1 gets nowhere: PING"},
	{"lost", "SYN ACK", "one-way", "What server 2 sends to worker gets nowhere: SYN ACK"},
	{"lost", "SYN", "faq", "What worker sends to server 2 gets nowhere: SYN"},
	{"lost", "act", "late-act", "What worker sends to store gets nowhere: act"},
	{"lost", "notification of a vote", "cut-off-follower", "What server 1 sends to server 2 gets nowhere: notification of a vote"},
	{"lost", "ping", "faq", "What worker sends to server 1 gets nowhere: ping"},
	{"marked_closing", "", "faq", "Server 3 marks worker's session: it is closing"},
	{"negotiated", "", "faq", "Server 1 settles the timeout: 10 s for worker, as it asked"},
	{"new_epoch", "", "reconfig", "Server 1 settles epoch 1: a quorum has connected to it"},
	{"node_created", "", "faq", "Server 3 makes /lock, an ephemeral node of worker's session"},
	{"not_serving", "", "server-restart", "Server 1 does not serve yet, and closes the connection of other"},
	{"older_connection", "", "same-server", "Server 1 closes the older connection of worker's session"},
	{"open", "", "faq", "worker asks for a session of 10 s"},
	{"paused", "", "two-owners", "careful is paused"},
	{"ping", "", "faq", "worker sends a ping to server 1, having sent nothing for 3.333 s"},
	{"ping_processed", "", "faq", "Server 1 answers a ping of worker"},
	{"ping_reply", "", "faq", "worker has the answer to its ping from server 1, 0.001 s after it sent it"},
	{"probe", "", "read-only", "late asks server 2 whether it is read-write"},
	{"probed", "no answer", "read-only", "late does not learn whether server 2 is read-write: no answer"},
	{"probed", "ro", "read-only", "late learns from server 1 that it is read-only"},
	{"probed", "rw", "read-only", "late learns from server 2 that it is read-write"},
	{"proposed", "createSession", "faq", "Server 3 proposes createSession of worker's session, zxid 0x1"},
	{"read_only_refused", "global session", "read-only", "Server 1 is read-only and turns owner away: global session"},
	{"read_only_refused", "not a read-only client", "read-only", "Server 1 is read-only and turns strict away: not a read-only client"},
	{"rearmed", "", "server-restart", "Server 1 tracks worker's session afresh, for the full 10 s"},
	{"reconfig_refused", "NewConfigNoQuorum", "reconfig-refused", "Server 3 refuses: NewConfigNoQuorum; the voters stay as they are"},
	{"reconfigured", "", "reconfig", "Server 3 takes up the new voters: servers 1, 2 and 4 vote"},
	{"replayed", "", "leader-pause-long", "Server 3 replays its log: 2 transactions never committed there"},
	{"reply", "create OK", "faq", "worker has the answer to create: OK, from server 1"},
	{"request", "create", "faq", "worker sends create to server 1"},
	{"request_dropped", "ping", "server-pause", "Server 1 drops ping without a reply: worker's session is closing or gone"},
	{"reset", "closed with unread data", "acts", "The host of store refuses what worker sent: closed with unread data"},
	{"reset", "no process listens", "revived", "The host of server 3 refuses what server 1 sent: no process listens"},
	{"reset", "no such connection", "heal-in-time", "The host of worker refuses what server 1 sent: no such connection"},
	{"reset", "port closed", "cold-start", "The host of server 3 refuses what server 2 sent: port closed"},
	{"reset", "refused on the way", "refused", "What worker sends to server 1 is refused on the way"},
	{"resumed", "", "two-owners", "careful runs on after 15 s, 1 packet waiting"},
	{"retransmitted", "FIN", "cut-off-follower", "What server 1 sent to server 3 gets through late: FIN, after 7 tries and 12.864 s"},
	{"retransmitted", "PING", "zombie", "What server 3 sent to server 1 gets through late: PING, after 6 tries and 6.432 s"},
	{"retransmitted", "REQUEST", "busy-writer", "What server 1 sent to server 3 gets through late: REQUEST, after 6 tries and 6.432 s"},
	{"retransmitted", "act", "late-act", "What worker sent to store gets through late: act, after 8 tries and 25.728 s"},
	{"retransmitted", "notification of a vote", "cut-off-follower", "What server 1 sent to server 2 gets through late: notification of a vote, after 7 tries and 12.864 s"},
	{"retransmitted", "ping", "heal-in-time", "What worker sent to server 1 gets through late: ping, after 6 tries and 6.432 s"},
	{"revalidate_sent", "", "faq", "Server 2 asks the leader whether worker's session lives"},
	{"revalidated", "", "faq", "Server 1 has made session 0x100000000000000 for worker"},
	{"revalidation_refused", "marked closing", "server-pause", "Server 1 refuses to resume worker's session: marked closing"},
	{"revalidation_refused", "no global session", "local-session", "Server 2 refuses to resume worker's session: no global session"},
	{"revalidation_refused", "unknown session", "faq", "Server 2 refuses to resume worker's session: unknown session"},
	{"saw_created", "", "supervised", "other sees that /lock is there"},
	{"saw_deleted", "", "faq", "other sees that /lock is gone"},
	{"serving", "follower", "faq", "Server 1 serves as follower"},
	{"serving", "leader", "faq", "Server 3 serves as leader"},
	{"serving", "observer", "observers", "Server 6 serves as observer"},
	{"serving", "read-only", "read-only", "Server 1 serves read-only"},
	{"serving", "standalone", "server-pause", "Server 1 serves alone"},
	{"session_forgotten", "", "read-only", "Server 1 forgets its local sessions, having given up its role: worker's session is over"},
	{"session_moved", "ping", "moved", "Server 3 refuses ping: session moved, and it is another server's now: worker's session"},
	{"session_tracked", "", "faq", "Server 3 begins to track worker's session, with a timeout of 10 s"},
	{"session_up", "", "faq", "worker has the answer to its handshake from server 1: session 0x100000000000000 is usable, with a timeout of 10 s"},
	{"session_upgraded", "", "local-session", "Server 1 makes a local session global: owner's session; its createSession goes to the leader"},
	{"silence", "", "faq", "worker hears nothing for 6.666 s from server 1 and gives the connection up; its limit is 6.666 s"},
	{"spin", "", "faq", "worker waits 1 s before it begins with its addresses again"},
	{"stalled", "ping", "hand-over", "Server 2 lets ping wait behind a write of the same session, second's session"},
	{"started", "", "supervised", "worker starts again"},
	{"state", "CONNECTING", "faq", "worker is in the state CONNECTING, for whoever polls"},
	{"stepped_down", "quorum lost", "reconfig", "Server 3 steps down: quorum lost; it has 0 of the 2 voters that it needs, itself included"},
	{"stops", "Expired", "faq", "worker acts as owner no more: Expired"},
	{"synced", "DIFF", "cut-off-follower", "Server 1 has what its leader, server 3, has: 1 transaction from it, by DIFF"},
	{"synced", "TRUNC", "leader-pause-long", "Server 3 has what its leader, server 2, has: 0 transactions from it, by TRUNC"},
	{"tcp_up", "", "faq", "worker has a connection to server 1, and sends its handshake"},
	{"told", "Expired", "faq", "worker is told Expired"},
	{"told", "SUSPENDED", "libraries", "kazoo is told SUSPENDED"},
	{"touch", "creation", "faq", "Server 3 touches worker's session by creation"},
	{"touch", "learner", "faq", "Server 3 touches worker's session, reported by server 1"},
	{"touch", "ping", "crash-leader", "Server 3 touches worker's session by ping"},
	{"touch", "request", "crash-leader", "Server 3 touches worker's session by request"},
	{"touch", "revalidation", "heal-in-time", "Server 3 touches worker's session by worker's return"},
	{"touch_failed", "learner", "zombie", "Server 3 is touched too late, reported by a learner: worker's session is closing or gone"},
	{"touch_failed", "ping", "server-pause", "Server 1 is touched too late by ping: worker's session is closing or gone"},
	{"touch_failed", "revalidation", "faq", "Server 3 is touched too late by worker's return: worker's session is closing or gone"},
	{"touch_recorded", "", "faq", "Server 1 notes a touch for its next report: worker's session"},
	{"touches_reported", "", "faq", "Server 1 answers PING and reports 1 touch to server 3"},
	{"vote", "", "cut-off-follower", "Server 1 votes for itself in round 2, and tells all voters"},
	{"zk_told", "Disconnected", "libraries", "Curator in curator is told Disconnected by its ZooKeeper handle"},
	{"zk_told", "Expired", "libraries", "Curator in curator is told Expired by its ZooKeeper handle"},
	{"zk_told", "SyncConnected", "libraries", "Curator in curator is told SyncConnected by its ZooKeeper handle"},
	{"zxid_ahead", "", "failovers", "Server 1 turns waiter away: it has seen more (zxid 0x100000000) than this server (0x4)"},
}

// TestEveryKindOfRecordHasASentence looks at the table alone.
func TestEveryKindOfRecordHasASentence(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range sentences {
		tested[c.kind] = true
	}
	rows := 0
	for _, list := range sayings {
		rows += len(list)
	}
	for _, kinds := range [][]model.KindRow{model.Kinds, WorldKinds} {
		for _, row := range kinds {
			switch s := sayingOf[row.Kind]; {
			case s == nil:
				t.Errorf("%s says nothing: want a row in sayings", row.Name)
			case s.does == nil:
				t.Errorf("%s: want what the node does", row.Name)
			case !tested[row.Name]:
				t.Errorf("%s: want a case in sentences", row.Name)
			}
			rows--
		}
	}
	if rows != 0 {
		t.Errorf("sayings has %d rows more than there are kinds", rows)
	}
}

// TestSentencesOfRealRecords plays the scenarios and reads what their records say.
func TestSentencesOfRealRecords(t *testing.T) {
	told := map[string]*Narrator{}
	for _, e := range tellings(t) {
		told[e.name], _ = e.narrators(t)
	}
	for _, c := range sentences {
		n := told[c.scenario]
		if n == nil {
			t.Errorf("no scenario %s", c.scenario)
			continue
		}
		found := false
		for i := range n.file.Records {
			r := &n.file.Records[i]
			if KindOf(r.Kind).Name != c.kind || c.text != "" && r.Text != c.text {
				continue
			}
			found = true
			if got := n.Sentence(r); got != c.says {
				t.Errorf("%s: record %d, %s:\n got %s\nwant %s", c.scenario, r.ID, c.kind, got, c.says)
			}
			break
		}
		if !found {
			t.Errorf("%s has no %s with text %q", c.scenario, c.kind, c.text)
		}
	}
}

// narrators tells a run twice: as it was played, and as it is read from JSON Lines.
func (e telling) narrators(t *testing.T) (played, read *Narrator) {
	t.Helper()
	timeline, lines := e.play(t)
	f, err := ReadTimeline(e.name, bytes.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return NewNarrator(f, timeline), NewNarrator(f, nil)
}

// TestATimelineFromAFileIsToldLikeAPlayedOne but for what faults do, which only the
// scenario knows.
func TestATimelineFromAFileIsToldLikeAPlayedOne(t *testing.T) {
	for _, e := range tellings(t) {
		played, read := e.narrators(t)
		for i := range played.file.Records {
			r := &played.file.Records[i]
			a, b := played.Sentence(r), read.Sentence(r)
			if r.Kind == KindFaultBegins || r.Kind == KindFaultEnds {
				if !strings.Contains(b, r.Text) {
					t.Errorf("%s: record %d: %q does not name the fault, %s", e.name, r.ID, b, r.Text)
				}
				continue
			}
			if a != b {
				t.Errorf("%s: record %d:\nplayed %s\n  read %s", e.name, r.ID, a, b)
			}
			if a == "" || strings.Contains(a, "nobody") || strings.Contains(a, "  ") || strings.HasSuffix(a, ".") {
				t.Errorf("%s: record %d, %s: says %q", e.name, r.ID, KindOf(r.Kind).Name, a)
			}
		}
	}
}
