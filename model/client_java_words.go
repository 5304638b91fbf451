package model

// States of the Java client's handle, as the application can poll them.
const (
	StateNone       = "NOT_CONNECTED"
	StateConnecting = "CONNECTING"
	StateConnected  = "CONNECTED"
	StateClosed     = "CLOSED"

	StateConnectedReadOnly = "CONNECTEDREADONLY"
)

// The Java client's session events, as the application's watcher receives them.
const (
	ToldConnected    = "SyncConnected"
	ToldDisconnected = "Disconnected"
	ToldExpired      = "Expired"
	ToldClosed       = "Closed"

	ToldConnectedReadOnly = "ConnectedReadOnly"
)

var javaKind = libraryKind{
	facts:       &javaFacts,
	readOnly:    true,
	eventThread: true,
	client:      func(cfg ClientConfig, env Env) Client { return NewJavaClient(cfg, env) },
	events: []Event{
		{ToldConnected, MeansUsable, "Connected", "the session is usable, for the first time or again", "C-25"},
		{ToldConnectedReadOnly, MeansReadOnly, "ReadOnly", "the session is usable for reading, on a server without a leader; only if it has opted in", "C-33"},
		{ToldDisconnected, MeansLost, "", "the connection is lost, 100 ms after that was noticed", "C-13"},
		{ToldExpired, MeansExpired, "", "a server refused to resume the session, or (3.9.3 and later) the client gave it up", "C-30, C-20"},
		{ToldClosed, MeansClosed, "", "close() is done; up to 3.9.2 also after Expired, if the event thread still runs", "C-31"},
	},
	states: []Move{
		{StateNone, StateConnecting, "C-5"},
		{StateConnecting, StateConnected, "C-25"},
		{StateConnected, StateConnecting, "C-18"},
		{StateConnecting, StateConnectedReadOnly, "C-25"},
		{StateConnectedReadOnly, StateConnecting, "C-18"},
		{StateConnectedReadOnly, StateClosed, "C-20, C-35"},
		{StateConnecting, StateClosed, "C-20, C-30, C-35"},
		{StateConnected, StateClosed, "C-20, C-35"},
	},
	told: []Move{
		{"", ToldConnected, "C-25"},
		{"", ToldExpired, "C-21"},
		{"", ToldClosed, "C-35"},
		{"", ToldConnectedReadOnly, "C-25"},
		{ToldDisconnected, ToldConnectedReadOnly, "C-25"},
		{ToldConnectedReadOnly, ToldDisconnected, "C-13"},
		{ToldConnectedReadOnly, ToldExpired, "C-20"},
		{ToldConnectedReadOnly, ToldClosed, "C-31"},
		{ToldConnected, ToldDisconnected, "C-13"},
		{ToldConnected, ToldExpired, "C-20"},
		{ToldConnected, ToldClosed, "C-31"},
		{ToldDisconnected, ToldConnected, "C-26"},
		{ToldDisconnected, ToldExpired, "C-30, C-20"},
		{ToldDisconnected, ToldClosed, "C-35"},
		{ToldExpired, ToldClosed, "C-31"},
	},
}
