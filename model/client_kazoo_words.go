package model

// kazoo's states of the client (KeeperState), as client_state gives them.
const (
	kazooClosed     = "CLOSED"
	kazooConnecting = "CONNECTING"
	kazooConnected  = "CONNECTED"
	kazooExpired    = "EXPIRED_SESSION"
)

// kazoo's states for listeners (KazooState), which are its session events.
const (
	KazooConnected = "CONNECTED"
	KazooSuspended = "SUSPENDED"
	KazooLost      = "LOST"
)

var kazooKind = libraryKind{
	facts:  &kazooFacts,
	client: func(cfg ClientConfig, env Env) Client { return NewKazooClient(cfg, env) },
	events: []Event{
		{KazooConnected, MeansUsable, "", "the session is usable, for the first time, again, or as another one", "L-K8"},
		{KazooSuspended, MeansLost, "", "the connection is lost; pending calls have failed", "L-K8"},
		{KazooLost, MeansExpired, "", "a server refused to resume the session (another one follows by itself), or the client was stopped", "L-K8"},
	},
	states: []Move{
		{kazooClosed, kazooConnecting, "L-K6"},
		{kazooConnecting, kazooConnected, "L-K8"},
		{kazooConnecting, kazooExpired, "L-K8"},
		{kazooConnecting, kazooClosed, "L-K8"},
		{kazooConnected, kazooConnecting, "L-K8"},
		{kazooConnected, kazooClosed, "L-K8"},
		{kazooExpired, kazooConnecting, "L-K8"},
		{kazooExpired, kazooClosed, "L-K8"},
	},
	told: []Move{
		{"", KazooConnected, "L-K8"},
		{KazooConnected, KazooSuspended, "L-K8"},
		{KazooConnected, KazooLost, "L-K8"},
		{KazooSuspended, KazooConnected, "L-K8"},
		{KazooSuspended, KazooLost, "L-K8"},
		{KazooLost, KazooConnected, "L-K8"},
	},
	reopens:      true,
	dropsWatches: true,
}
