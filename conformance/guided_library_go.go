package conformance

import (
	"strings"
	"time"

	"zksim/model"
)

// goState is in front of the states of go-zookeeper in recordings.
const goState = "State"

// ledGo is go-zookeeper. Its events tell of attempts and of connections; of pings the
// servers tell alone.
var ledGo = ledLibrary{
	names:   []string{"go"},
	model:   "go",
	version: func(h *Client) string { return h.Version.Text("lib") },
	tells: func(e *Event) telling {
		switch e.Ev {
		case EvSilence, EvAttemptFailed:
			return tellsAction
		case EvTold:
			switch strings.TrimPrefix(e.State, goState) {
			case model.GoConnecting:
				return tellsAttempt
			case model.GoConnected:
				return tellsUp
			case model.GoHasSession:
				return tellsSession
			case model.GoExpired:
				return tellsExpired
			}
		case EvReady:
			return tellsReady
		case EvWake:
			return tellsWake
		case EvWakeRead, EvWakeWrite:
			return tellsAnswer
		}
		return tellsNothing
	},
	kind: func(e *Event) string {
		switch e.Ev {
		case EvTold:
			return word(e.Ev, e.State)
		case EvSilence, EvAttemptFailed:
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
		case model.KindTold:
			return word(EvTold, goState+n.Text)
		}
		return ""
	},
	up: word(EvTold, goState+model.GoConnected), session: word(EvTold, goState+model.GoHasSession), expired: word(EvTold, goState+model.GoExpired),
	pings:    pingsByServer,
	order:    asTried,
	patience: func(_, _ int64) int64 { return inMs(time.Second) },
	slack:    noSlack,
}
