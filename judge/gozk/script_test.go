package gozk

import "time"

// A Script says what becomes of a client, whichever it is: what its attempts to
// connect meet, and what its application does.
type Script struct {
	Name    string
	Servers int
	Timeout time.Duration // requested
	// Attempts are what one attempt after the other meets, whichever server it is for;
	// the last one repeats.
	Attempts []Attempt
	Do       []Action
	Watches  bool          // the application watches a node whenever it has a session
	Slow     time.Duration // it takes so long for each event that it hears of (L-G8)
	Until    time.Duration
}

// An Attempt is what one attempt to connect meets, and the connection that it
// leads to.
type Attempt struct {
	Dial  Fate
	Takes time.Duration // until TCP is up, or refused

	Handshake Fate
	After     time.Duration // until the ConnectRequest is answered
	Grants    time.Duration // the negotiated timeout; 0: what was asked for

	// Of an established connection, all counted from the answer to the ConnectRequest:
	RoundTrip  time.Duration   // until a ping or a request is answered
	DeafFrom   time.Duration   // from then on nothing is answered; 0: never
	CloseAfter time.Duration   // the server closes it; 0: never
	Fires      []time.Duration // watch events
}

// A Fate is how something ends.
type Fate uint8

const (
	Accept  Fate = iota
	Refuse       // TCP: refused; handshake: closed without an answer
	Silence      // nothing comes
	Expire       // handshake: the session is over (V-5)
)

// An Action is the application doing something.
type Action struct {
	At   time.Duration
	What Deed
}

// A Deed is what an application does.
type Deed uint8

const (
	Read Deed = iota
	Write
	Close
)
