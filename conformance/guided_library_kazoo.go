package conformance

import (
	"time"

	"zksim/model"
)

// ledKazoo is kazoo. Its recordings lack TCP coming up; its jitter is redrawn all the
// time (L-K1).
var ledKazoo = ledLibrary{
	names:   []string{"kazoo", "kazoo211"},
	model:   "kazoo",
	version: func(h *Client) string { return h.Version.Text("lib") },
	tells: func(e *Event) telling {
		switch e.Ev {
		case EvAttempt:
			return tellsAttempt
		case EvSilence, EvAttemptFailed:
			return tellsAction
		case EvTold:
			switch e.State {
			case model.KazooConnected:
				return tellsSession
			case model.KazooLost:
				return tellsExpired
			}
		case EvReady:
			return tellsReady
		case EvPing:
			return tellsPing
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
		case EvTold:
			return word(e.Ev, e.State)
		case EvSilence, EvAttemptFailed, EvAttempt, EvPing:
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
			return EvAttemptFailed
		case model.KindAttempt:
			return EvAttempt
		case model.KindTold:
			return word(EvTold, n.Text)
		}
		return ""
	},
	session: word(EvTold, model.KazooConnected), expired: word(EvTold, model.KazooLost),
	greets:   true,
	pings:    pingsBySending,
	order:    asTried,
	patience: func(t, _ int64) int64 { return t },
	slack: func(kind string) (int64, string) {
		switch kind {
		case EvPing, EvSilence:
			return int64(410 * time.Millisecond), "L-K1"
		case EvAttempt:
			return 0, "L-K6"
		}
		return 0, ""
	},
}
