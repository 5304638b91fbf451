package conformance

import (
	"time"

	"zksim/model"
)

// ledJava is ZooKeeper's Java client. Up to 3.8 its recordings lack attempts that were
// refused.
var ledJava = ledLibrary{
	names:   []string{"java", "java39"},
	model:   "java",
	version: func(h *Client) string { return h.Version.Text("zk") },
	tells: func(e *Event) telling {
		switch e.Ev {
		case EvAttempt:
			return tellsAttempt
		case EvSilence, EvAttemptFailed, EvLocalExpiry:
			return tellsAction
		case EvTold:
			switch e.State {
			case model.ToldDisconnected:
				return tellsAction
			case model.ToldExpired:
				return tellsExpired
			}
		case EvTCPUp:
			return tellsUp
		case EvSessionUp:
			return tellsSession
		case EvReady:
			return tellsReady
		case EvPingReply:
			return tellsPong
		case EvWake:
			return tellsWake
		case EvWakeRead, EvWakeWrite:
			return tellsAnswer
		case EvDropped:
			return tellsEnd
		}
		return tellsNothing
	},
	kind: func(e *Event) string {
		switch e.Ev {
		case EvTold, EvState:
			return word(e.Ev, e.State)
		case EvSilence, EvAttemptFailed, EvLocalExpiry, EvAttempt, EvTCPUp, EvSessionUp:
			return e.Ev
		}
		return ""
	},
	noted: func(n *model.Note) string {
		switch n.Kind {
		case model.KindPing:
			return EvPing
		case model.KindSilence:
			return EvSilence
		case model.KindAttemptFailed:
			if n.Text == "no answer" {
				return EvSilence
			}
			return EvAttemptFailed
		case model.KindLocalExpiry:
			return EvLocalExpiry
		case model.KindAttempt:
			return EvAttempt
		case model.KindTold:
			return word(EvTold, n.Text)
		case model.KindState:
			return word(EvState, n.Text)
		}
		return ""
	},
	up: EvTCPUp, session: EvSessionUp, expired: word(EvTold, model.ToldExpired),
	pings:    pingsByReply,
	order:    asTried,
	patience: func(t, n int64) int64 { return t / n },
	slack: func(kind string) (int64, string) {
		if kind == EvAttempt {
			return int64(999 * time.Millisecond), "C-17"
		}
		return 0, ""
	},
}
