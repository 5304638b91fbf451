package model

import "time"

// A ClientConfig says what a client is and what its application does.
type ClientConfig struct {
	Node    NodeID
	Library *Library
	Timeout int32    // requested session timeout, ms
	Servers []NodeID // the connect string
	First   NodeID   // the server tried first, or NoNode to leave it to the shuffle

	// Owns is the path of an ephemeral node that the application makes as soon as
	// it has a session; where another client has it already, the application
	// watches it and tries again when it is gone. Empty: none.
	Owns string
	// Watches is the path of a node that the application watches. Empty: none.
	Watches string
	// ReadEvery and WriteEvery are the periods of the application's own requests.
	// Zero: none.
	ReadEvery, WriteEvery time.Duration
	// Deviation makes the client wrong, for tests.
	Deviation Deviation
	// Callback is how long the application's watcher takes for each session event
	// (C-32).
	Callback time.Duration
}

// States of a client's handle, as the application can poll them.
const (
	StateNone       = "NOT_CONNECTED"
	StateConnecting = "CONNECTING"
	StateConnected  = "CONNECTED"
	StateClosed     = "CLOSED"
)

// Session events, as the application's watcher receives them.
const (
	ToldConnected    = "SyncConnected"
	ToldDisconnected = "Disconnected"
	ToldExpired      = "Expired"
	ToldClosed       = "Closed"
)
