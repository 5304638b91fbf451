package sim

import (
	"strings"
	"testing"

	"zksim/model"
)

// causes lists, for every kind of record, the kinds that it may follow from; "-"
// stands for nothing in the run: the script, the start, a period. What follows from
// a message may follow from its retransmission instead.
var causes = map[string]string{
	"command":        "- started fault heal", // the new process's first word
	"fault":          "- told marked_closing committed ephemerals_deleted session_up",
	"heal":           "fault",
	"serving":        "- serving started synced elected new_epoch leader_lost",
	"leader_ping":    "- resumed",
	"killed":         "fault",
	"started":        "killed fault",
	"paused":         "fault",
	"resumed":        "heal",
	"open":           "command zk_told state",
	"state":          "open backoff session_up revalidation_refused local_expiry reply attempt state tcp_up silence dropped attempt_failed zk_told",
	"attempt":        "state backoff spin attempt_failed silence dropped open",
	"tcp_up":         "attempt",
	"accepted":       "attempt probe",
	"negotiated":     "tcp_up",
	"not_serving":    "tcp_up",
	"zxid_ahead":     "tcp_up",
	"session_up":     "revalidated",
	"told":           "state local_expiry silence dropped reply attempt_failed zk_told probed",
	"zk_told":        "state silence dropped inject local_expiry reply",
	"inject":         "zk_told",
	"event_dropped":  "state attempt_failed",
	"handle_closed":  "told zk_told state",
	"silence":        "ping_reply reply session_up",
	"local_expiry":   "ping_reply reply session_up tcp_up",
	"dropped":        "killed connection_closed reset",
	"attempt_failed": "attempt reset",
	"spin":           "silence dropped attempt_failed state",
	"backoff":        "silence dropped attempt_failed spin state probed",
	"call_lost":      "silence dropped attempt_failed",
	"ping":           "ping_reply reply session_up committed",
	"ping_reply":     "ping_processed",
	"request":        "open told zk_told command reply saw_created saw_deleted committed state",
	"reply":          "touch_recorded touch node_created close_applied committed",
	"holds":          "reply",
	"stops":          "told command act_refused",
	"act":            "holds",
	"act_lost":       "act",
	"act_accepted":   "act",
	"act_refused":    "act",
	"saw_created":    "node_created",
	"saw_deleted":    "ephemerals_deleted touch_recorded touch",

	"older_connection":     "negotiated",
	"connection_closed":    "leader_lost stepped_down silence attempt_failed killed older_connection session_moved not_serving zxid_ahead revalidation_refused close_applied ping_processed probe probed read_only_refused elected",
	"revalidate_sent":      "negotiated connection_closed",
	"revalidated":          "touch touch_recorded create_applied",
	"revalidation_refused": "touch_failed revalidate_sent negotiated",
	"ping_processed":       "touch touch_recorded node_created committed",
	"stalled":              "touch_recorded touch",
	"request_dropped":      "touch_failed",
	"session_moved":        "touch committed",

	"session_tracked":  "negotiated touch_recorded session_upgraded",
	"rearmed":          "serving",
	"touch":            "session_tracked ping request touch_recorded revalidate_sent negotiated",
	"touch_failed":     "ping request touch_recorded revalidate_sent negotiated",
	"touch_recorded":   "negotiated ping request create_applied touch_recorded",
	"touches_reported": "leader_ping",
	"marked_closing":   "touch rearmed",
	"learner_gone":     "killed leader_ping touches_reported touch_recorded leader_lost",

	"looking":      "leader_lost stepped_down started -",
	"vote":         "looking vote",
	"elected":      "looking vote leader_lost stepped_down",
	"new_epoch":    "elected",
	"synced":       "new_epoch elected reset",
	"leader_lost":  "killed leader_ping learner_gone committed",
	"stepped_down": "learner_gone",
	"replayed":     "stepped_down leader_lost",
	"discarded":    "synced",

	"proposed":           "marked_closing touch touch_recorded session_upgraded fault",
	"logged":             "proposed",
	"committed":          "logged proposed",
	"create_applied":     "committed",
	"close_applied":      "committed replayed synced marked_closing touch",
	"node_created":       "committed",
	"ephemerals_deleted": "close_applied",

	"reconfigured":      "committed",
	"reconfig_refused":  "fault",
	"session_upgraded":  "touch",
	"session_forgotten": "leader_lost elected",
	"read_only_refused": "tcp_up negotiated",
	"probe":             "session_up ping_reply",
	"probed":            "probe",

	"lost":          "probe leader_lost vote attempt ping ping_processed touch_recorded leader_ping connection_closed looking act holds",
	"retransmitted": "leader_lost vote attempt ping ping_processed touch_recorded leader_ping connection_closed looking act holds",
	"reset":         "holds killed vote elected attempt ping ping_processed silence connection_closed leader_ping learner_gone proposed committed revalidation_refused dropped request",
}

// TestEveryRecordNamesWhatCausedIt follows each record of the golden timelines one
// step back. A marked session leads to its last touch, a touch to the ping behind it,
// a lost call to the loss and not to another call.
func TestEveryRecordNamesWhatCausedIt(t *testing.T) {
	allowed := map[string]bool{}
	for kind, list := range causes {
		for _, cause := range strings.Fields(list) {
			allowed[kind+" < "+cause] = true
		}
	}
	for _, f := range goldenFiles(t) {
		for i := range f.Records {
			r := &f.Records[i]
			kind, cause := KindOf(r.Kind).Name, "-"
			if r.Cause != 0 {
				cause = KindOf(f.Records[r.Cause-1].Kind).Name
			}
			if !allowed[kind+" < "+cause] && cause != "retransmitted" {
				t.Errorf("%s: record %d, %s, follows from %s", f.Scenario, r.ID, kind, cause)
			}
			if r.Kind == model.KindMarked && r.Cause != 0 && f.Records[r.Cause-1].B != r.A {
				t.Errorf("%s: record %d: marked at the edge %d, but the touch behind it set %d", f.Scenario, r.ID, r.A, f.Records[r.Cause-1].B)
			}
		}
	}
}
