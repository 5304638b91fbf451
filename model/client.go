package model

import (
	"time"

	"zksim/clock"
)

// A Client is one process with a client library and the application on top of it.
type Client interface {
	Machine
	// Restart makes the client what it is after its process was killed and started
	// again: no handle, no session. [CommandOpen] must follow.
	Restart()
	// Renew makes the client what [NewClient] returned, for another run, and uses its
	// memory again.
	Renew()
	// Session returns the client's current session, zero before the first.
	Session() SessionID

	// Clone returns a copy that shares nothing with the client but its configuration
	// and its environment, so that it can be asked what it would do next.
	Clone() Client
	// Backdate moves what the last step set d into the past: the real counterpart did
	// the same thing that much earlier. What follows is timed from there.
	Backdate(d time.Duration)

	// top is the application, and the library as it knows it.
	top() (*application, carrier)
	// nextConn names the next connection that the process opens.
	nextConn() ConnID
}

// NewClient returns a client of the library that cfg names. It has not been
// opened yet.
func NewClient(cfg ClientConfig, env Env) Client {
	c := cfg.Library.kind.client(cfg, env)
	if cfg.ActEvery > 0 {
		return newOwner(c, &cfg)
	}
	return c
}

// A ClientConfig says what a client is and what its application does.
type ClientConfig struct {
	Node    NodeID
	Library *Library
	Timeout int32    // requested session timeout, ms
	Servers []NodeID // the connect string
	First   NodeID   // the server tried first, or NoNode to leave it to the shuffle

	// Owns is the path of what the application wants to own, from when it has a
	// session: of an ephemeral node, or of the node below which it makes a sequential
	// one. Where another client is first, it waits until that is gone. Empty: nothing.
	Owns string
	// Recipe is how it is settled who owns it.
	Recipe Recipe
	// Stops says when the application stops acting as owner.
	Stops Stops
	// ActEvery is how often the application acts at the resource while it owns. Zero:
	// never.
	ActEvery time.Duration
	Resource NodeID
	// Watches is the path of a node that the application watches. Empty: none.
	Watches string
	// Lasting makes that watch stay when it fires (addWatch, ZooKeeper 3.6 and later).
	Lasting bool
	// ReadEvery and WriteEvery are the periods of the application's own requests.
	// Zero: none.
	ReadEvery, WriteEvery time.Duration
	// Outstanding is how many writes it keeps on their way.
	Outstanding int
	// NewSession is how long a Java client of master may take for its first session, in
	// ms; 0 means Treq*4/3, nil for ever (C-21).
	NewSession *int32
	// Under is the Java client under Curator.
	Under *Library
	// Percent is Curator's simulatedSessionExpirationPercent, 1 to 100; 0 means the
	// default, 100 (L-U3).
	Percent int
	// ConnectionTimeout is for how long a call of Curator's application waits to be
	// connected before it is handed to ZooKeeper's client anyway.
	ConnectionTimeout time.Duration
	// InjectionRace is how likely a handle's event thread wins when an expiry is
	// injected (L-U4; recorded: 25 of 361).
	InjectionRace float64
	// MaxDelay bounds what kazoo waits between two cycles of its addresses (0 means
	// [KazooMaxDelay]), MaxTries how many cycles it makes in vain (0: any number), and
	// KeepOrder leaves the addresses as they are (L-K6).
	MaxDelay  time.Duration
	MaxTries  int
	KeepOrder bool
	// OneName: the connect string of a Java client is one name for all the servers
	// (C-36).
	OneName bool
	// CanBeReadOnly: the application takes a read-only server where there is no other
	// (C-33).
	CanBeReadOnly bool
	// Deviation makes the client wrong, for tests.
	Deviation Deviation
	// Callback is how long the application's watcher takes for each session event
	// (C-32).
	Callback time.Duration
}

// A carrier is a client library as the application on top of it knows it.
type carrier interface {
	// config says what the application is to do.
	config() *ClientConfig
	// Session returns the current session.
	Session() SessionID
	// submit takes a request. Its answer comes to [application.answered], or the
	// library calls [application.callsFailed].
	submit(now clock.Reading, p Packet, out *Output)
	// note leaves a note in the client's name.
	note(out *Output, n Note) RecordID
}
