package model

// States of the C client's handle, as zoo_state gives them, without the prefix
// ZOO_ and the suffix _STATE.
const (
	cStateNone        = "NOTCONNECTED"
	cStateConnecting  = "CONNECTING"
	cStateAssociating = "ASSOCIATING"
	cStateConnected   = "CONNECTED"
	cStateExpired     = "EXPIRED_SESSION"
	cStateClosed      = "CLOSED"
	cStateReadOnly    = "READONLY"
)

// The C client's session events.
const (
	CToldConnected  = "CONNECTED"
	CToldConnecting = "CONNECTING"
	CToldExpired    = "EXPIRED_SESSION"
	CToldReadOnly   = "READONLY"
)

var cKind = libraryKind{
	facts:       &cFacts,
	readOnly:    true,
	eventThread: true,
	client:      func(cfg ClientConfig, env Env) Client { return NewCClient(cfg, env) },
	events: []Event{
		{CToldConnected, MeansUsable, "", "the session is usable, for the first time or again", "L-C6"},
		{CToldReadOnly, MeansReadOnly, "", "the session is usable for reading, on a server without a leader; only if it has opted in", "C-33"},
		{CToldConnecting, MeansLost, "", "the connection is lost, at once when that was noticed", "L-C4"},
		{CToldExpired, MeansExpired, "", "a server answered with another session than the one asked for", "L-C6"},
	},
	states: []Move{
		{cStateNone, cStateConnecting, "L-C4"},
		{cStateConnecting, cStateAssociating, "L-C1"},
		{cStateConnecting, cStateClosed, "L-C4"},
		{cStateAssociating, cStateConnected, "L-C6"},
		{cStateAssociating, cStateExpired, "L-C6"},
		{cStateAssociating, cStateReadOnly, "C-33"},
		{cStateReadOnly, cStateClosed, "L-C4, L-C7"},
		{cStateAssociating, cStateClosed, "L-C4"},
		{cStateConnected, cStateClosed, "L-C4"},
		{cStateClosed, cStateConnecting, "L-C4"},
	},
	told: []Move{
		{"", CToldConnected, "L-C6"},
		{CToldConnected, CToldConnecting, "L-C4"},
		{"", CToldReadOnly, "C-33"},
		{CToldReadOnly, CToldConnecting, "L-C4, L-C7"},
		{CToldConnecting, CToldReadOnly, "C-33"},
		{CToldConnecting, CToldConnected, "L-C6"},
		{CToldConnecting, CToldExpired, "L-C6"},
	},
}
