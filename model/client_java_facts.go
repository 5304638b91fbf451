package model

import "time"

// javaOwnExpired is when an application hears Expired that the client decided by
// itself, counted from what it heard last (C-22).
func javaOwnExpired(t time.Duration, n int) (least, most time.Duration) {
	j := NewJavaTimers(int32(t/time.Millisecond), n)
	return time.Duration(j.Expire+2*javaTeardown) * time.Millisecond,
		time.Duration(j.Expire+max(j.Connect, javaTeardown+javaSpin+javaBackoff)+2*javaTeardown) * time.Millisecond
}

var javaFacts = facts{
	title: "Java",
	timers: []Timer{
		{Name: "read timeout R", Formula: "T*2/3 of silence", Rule: "C-1, C-12",
			Value: ofMillis(func(t int32, n int) int64 { return NewJavaTimers(t, n).Read })},
		{Name: "ping period p", Formula: "R/2 without sending", Rule: "C-9a",
			Value: ofMillis(func(t int32, n int) int64 { return NewJavaTimers(t, n).Ping })},
		{Name: "early ping", Formula: "p - 1 s, if awake for another reason", Rule: "C-9b",
			Value: ofMillis(func(t int32, n int) int64 { return max(NewJavaTimers(t, n).Ping-javaPingMargin, 0) })},
		{Name: "connect timeout k", Formula: "T/n for TCP, and again for the handshake", Rule: "C-14",
			Value: ofMillis(func(t int32, n int) int64 { return NewJavaTimers(t, n).Connect })},
		{Name: "closing the socket", Formula: "100 ms (NIO)", Rule: "C-13", Value: between(javaTeardown*time.Millisecond, javaTeardown*time.Millisecond)},
		{Name: "back-off", Formula: "U{0..999} ms before each attempt but the first", Rule: "C-17", Value: between(0, (javaBackoff-1)*time.Millisecond)},
		{Name: "wrap", Formula: "1 s when the list comes round", Rule: "C-16", Value: between(javaSpin*time.Millisecond, javaSpin*time.Millisecond)},
		{Name: "looking for a read-write server", Formula: "at once, then after 200 ms, doubling", Rule: "C-33", Value: between(0, longestWait)},
		{Name: "own expiry X", Formula: "T*4/3 of silence, no TCP connect between", Rule: "C-20, C-23", in: localExpiry,
			Value: ofMillis(func(t int32, n int) int64 { return NewJavaTimers(t, n).Expire })},
		{Name: "own Expired", Formula: "X + [0, max(k, 2.1 s)) + 0.2 s", Rule: "C-22", in: localExpiry,
			Value: javaOwnExpired},
	},
	situations: []Situation{
		{When: "TCP up, handshake pending", Hears: "nothing", Rule: "C-18"},
		{When: "session usable", Hears: ToldConnected, Rule: "C-25"},
		{When: "read-only session", Hears: ToldConnectedReadOnly + ", if it has opted in", Rule: "C-33"},
		{When: "connection lost", Hears: ToldDisconnected + ", 0.1 s after it was noticed", Rule: "C-13"},
		{When: "same session resumed", Hears: ToldConnected, Rule: "C-26"},
		{When: "a server says expired", Hears: ToldExpired, Rule: "C-30"},
		{When: "client decides it expired", Hears: "never", Rule: "C-21", in: noLocalExpiry},
		{When: "client decides it expired", Hears: ToldExpired + ", and no " + ToldDisconnected + " for the failure before", Rule: "C-20", in: localExpiry},
		{When: "handle after expiry", Hears: "dead", Rule: "C-30"},
		{When: "own close", Hears: ToldClosed, Rule: "C-31"},
		{When: "pending calls on loss", Hears: "ConnectionLoss, before the event", Rule: "C-13"},
		{When: "pending calls on expiry", Hears: "SessionExpired", Rule: "C-30"},
	},
	bugs: []Bug{
		{"ZOOKEEPER-4508", "cut off from everything, it never expires by itself", "C-20 to C-24", noLocalExpiry},
		{"ZOOKEEPER-4921", "handles that never had a session expire too", "C-21", func(l *Library) bool { return l.LocalExpiryUnborn }},
		{"ZOOKEEPER-4923", "no limit for establishing the first session, unless the option newSessionTimeout is set", "C-21",
			func(l *Library) bool { return l.NewSessionLimit }},
		{"apache/helix issue 2815", "Closed is delivered after Expired, on a handle that was replaced", "C-31", func(l *Library) bool { return l.ClosedAlways }},
		{"ZOOKEEPER-1751", "origin of the margin of 1 s and the condition of 10 s on pings", "C-9 to C-9c", nil},
		{"ZOOKEEPER-832", "having seen more than any server has, it reconnects for ever and hears no Expired", "V-3", nil},
		{"ZOOKEEPER-2251", "calls can wait for ever; zookeeper.request.timeout is off by default", "C-35", nil},
	},
}
