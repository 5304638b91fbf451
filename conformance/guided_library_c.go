package conformance

import "zksim/model"

// ledC is the C client. Its recordings lack attempts, and the sending of pings.
var ledC = ledLibrary{
	names:   []string{"c"},
	model:   "c",
	version: func(h *Client) string { return h.Version.Text("lib") },
	tells: func(e *Event) telling {
		switch e.Ev {
		case EvSilence:
			return tellsAction
		case EvTold:
			if e.State == model.ToldExpired {
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
		}
		return tellsNothing
	},
	kind: func(e *Event) string {
		switch e.Ev {
		case EvTold:
			return word(e.Ev, e.State)
		case EvSilence, EvTCPUp, EvSessionUp:
			return e.Ev
		}
		return ""
	},
	// The recorder calls the states by the names that Java has for them.
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
		case model.KindTold:
			switch n.Text {
			case model.CToldConnected:
				return word(EvTold, model.ToldConnected)
			case model.CToldConnecting:
				return word(EvTold, model.ToldDisconnected)
			case model.CToldExpired:
				return word(EvTold, model.ToldExpired)
			}
		}
		return ""
	},
	up: EvTCPUp, session: EvSessionUp, expired: word(EvTold, model.ToldExpired),
	pings:    pingsByServer,
	order:    rotated,
	patience: func(t, _ int64) int64 { return t * 2 / 3 },
	slack:    noSlack,
}
