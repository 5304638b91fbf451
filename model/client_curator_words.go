package model

// Curator's connection states, which are its session events.
const (
	CuratorConnected   = "CONNECTED"
	CuratorSuspended   = "SUSPENDED"
	CuratorReconnected = "RECONNECTED"
	CuratorLost        = "LOST"
)

var curatorKind = libraryKind{
	facts:  &curatorFacts,
	client: func(cfg ClientConfig, env Env) Client { return NewCuratorClient(cfg, env) },
	events: []Event{
		{CuratorConnected, MeansUsable, "", "the session is usable for the first time", "L-U1"},
		{CuratorReconnected, MeansUsable, "", "the session is usable again, or another one is", "L-U1"},
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
	},
	reopens: true,
}
