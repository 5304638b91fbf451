package model

// go-zookeeper's states, which are its session events too (constants.go).
const (
	GoDisconnected = "Disconnected"
	GoConnecting   = "Connecting"
	GoConnected    = "Connected"
	GoHasSession   = "HasSession"
	GoExpired      = "Expired"
)

var goKind = libraryKind{
	facts:       &goFacts,
	eventThread: true,
	client:      func(cfg ClientConfig, env Env) Client { return NewGoClient(cfg, env) },
	events: []Event{
		{GoConnecting, MeansProgress, "", "an attempt begins, before any wait", "L-G6"},
		{GoConnected, MeansProgress, "", "TCP is up, the handshake is to come", "L-G6"},
		{GoHasSession, MeansUsable, "Has session", "the session is usable, for the first time, again, or as another one", "L-G6"},
		{GoDisconnected, MeansLost, "", "a connection ended, established or half open", "L-G6"},
		{GoExpired, MeansExpired, "", "a server refused to resume the session; another one follows by itself", "L-G7"},
	},
	states:  goMoves,
	told:    append([]Move{{"", GoConnecting, "L-G6"}, {GoConnecting, GoConnecting, "L-G5"}}, goMoves...),
	reopens: true,
}

var goMoves = []Move{
	{GoDisconnected, GoConnecting, "L-G6"},
	{GoConnecting, GoConnected, "L-G6"},
	{GoConnecting, GoDisconnected, "C-35"},
	{GoConnected, GoHasSession, "L-G6"},
	{GoConnected, GoDisconnected, "L-G6"},
	{GoConnected, GoExpired, "L-G7"},
	{GoHasSession, GoDisconnected, "L-G3"},
	{GoExpired, GoDisconnected, "L-G7"},
}
