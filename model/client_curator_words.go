package model

// Curator's connection states, which are its session events.
const (
	CuratorConnected   = "CONNECTED"
	CuratorSuspended   = "SUSPENDED"
	CuratorReconnected = "RECONNECTED"
	CuratorLost        = "LOST"
	CuratorReadOnly    = "READ_ONLY"
)

var curatorKind = libraryKind{
	facts:  &curatorFacts,
	client: func(cfg ClientConfig, env Env) Client { return NewCuratorClient(cfg, env) },
	events: []Event{
		{CuratorConnected, MeansUsable, "", "the session is usable for the first time", "L-U1"},
		{CuratorReconnected, MeansUsable, "", "the session is usable again, or another one is", "L-U1"},
		{CuratorReadOnly, MeansReadOnly, "", "the session is usable for reading, on a server without a leader; only if it has opted in", "L-U1"},
		{CuratorSuspended, MeansLost, "", "ZooKeeper's client told Disconnected", "L-U2"},
		{CuratorLost, MeansExpired, "", "ZooKeeper's client told Expired, or SUSPENDED lasted for T*percent/100; another session follows by itself", "L-U3"},
	},
	states: append([]Move{
		{StateNone, StateConnecting, "C-5"},
		{StateClosed, StateConnecting, "L-U4"},
	}, javaKind.states[1:]...),
	told: []Move{
		{"", CuratorConnected, "L-U1"},
		{"", CuratorLost, "L-U3"},
		{CuratorConnected, CuratorSuspended, "L-U2"},
		{CuratorReconnected, CuratorSuspended, "L-U2"},
		{CuratorSuspended, CuratorReconnected, "L-U1"},
		{CuratorSuspended, CuratorLost, "L-U3"},
		{CuratorLost, CuratorReconnected, "L-U1"},
		{CuratorLost, CuratorConnected, "L-U1"},
		{CuratorConnected, CuratorLost, "L-U3"},
		{CuratorReconnected, CuratorLost, "L-U3"},
		{"", CuratorReadOnly, "L-U1"},
		{CuratorSuspended, CuratorReadOnly, "L-U1"},
		{CuratorLost, CuratorReadOnly, "L-U1"},
		{CuratorReadOnly, CuratorSuspended, "L-U2"},
		{CuratorSuspended, CuratorConnected, "L-U1"}, // READ_ONLY is no greeting
		{CuratorReadOnly, CuratorLost, "L-U3"},
	},
	readOnly: true,
	reopens:  true,
}
