package model

import "time"

// suspended is when Curator's application hears of a silent loss, counted from what
// the client heard last (L-U5, C-12, C-13).
func suspended(t time.Duration, n int) time.Duration {
	return time.Duration(NewJavaTimers(int32(t/time.Millisecond), n).Read+javaTeardown) * time.Millisecond
}

// injected is when an expiry is injected after that, for a percentage.
func injected(percent int64) func(time.Duration, int) (time.Duration, time.Duration) {
	return exactly(func(t time.Duration, n int) time.Duration {
		return suspended(t, n) + time.Duration(t.Milliseconds()*percent/100)*time.Millisecond
	})
}

var curatorFacts = facts{
	title: "Curator",
	timers: []Timer{
		{Name: "SUSPENDED", Formula: "R + 0.1 s after the last word from the server: ZooKeeper's Disconnected", Rule: "L-U2, C-13", Value: exactly(suspended)},
		{Name: "LOST, percent 100", Formula: "R + 0.1 s + T", Rule: "L-U3, L-U5", Value: injected(100)},
		{Name: "LOST, percent 50", Formula: "R + 0.1 s + T/2", Rule: "L-U3, L-U5", Value: injected(50)},
		{Name: "LOST, percent 33", Formula: "R + 0.1 s + T*33/100", Rule: "L-U3, L-U5", Value: injected(33)},
		{Name: "LOST by ZooKeeper 3.9.3+", Formula: "X + [0, max(k, 2.1 s)) + 0.2 s, if that is earlier", Rule: "L-U6, C-22", Value: javaOwnExpired},
		{Name: "new handle", Formula: "at once; rarely as much later as the old one's attempt or back-off lasts", Rule: "L-U4",
			Value: between(0, (javaSpin+javaBackoff+javaTeardown)*time.Millisecond)},
		{Name: "connection timeout", Formula: "15 s unless set: for so long a call waits to be connected", Rule: "L-U2", Value: between(0, CuratorConnectionTimeout)},
	},
	situations: []Situation{
		{When: "TCP up, handshake pending", Hears: "nothing", Rule: "C-18"},
		{When: "session usable", Hears: CuratorConnected + " first, then " + CuratorReconnected, Rule: "L-U1"},
		{When: "read-only session", Hears: CuratorReadOnly + ", if it has opted in", Rule: "L-U1"},
		{When: "connection lost", Hears: CuratorSuspended, Rule: "L-U2"},
		{When: "same session resumed", Hears: CuratorReconnected, Rule: "L-U1"},
		{When: "a server says expired", Hears: CuratorLost + ", then " + CuratorReconnected + " in a new session", Rule: "L-U3"},
		{When: "client decides it expired", Hears: CuratorLost + ": injected, or by ZooKeeper's client from 3.9.3 on", Rule: "L-U3, C-20"},
		{When: "handle after expiry", Hears: "lives: a new handle inside, a new session; the old one is left to the cluster", Rule: "L-U4"},
		{When: "own close", Hears: "nothing: the state manager is closed first", Rule: "L-U1"},
		{When: "pending calls on loss", Hears: "retried as the retry policy says", Rule: "L-U2"},
		{When: "pending calls on expiry", Hears: "as the retry policy says", Rule: "L-U3"},
	},
	bugs: []Bug{
		{"CURATOR-460", "LOST comes up to 2T/3 after the cluster's expiry with percent 100: two leaders", "L-U3, L-U5", nil},
		{"tech notes 10 and 14", "pauses, and the 2/3 by which the injected expiry is off", "L-U5, G-3", nil},
		{"CURATOR-405, 561, 627", "an injection that has no effect is repeated; a handle whose event thread is dead is reset", "L-U7", nil},
		{"CURATOR-525", "LOST set after the connection was repaired: RECONNECTED is forced", "L-U7", nil},
		{"wall clock", "SUSPENDED is measured with the wall clock: set back, LOST comes later by as much", "K-3", nil},
		{"listeners", "a slow listener misses states beyond 25, and puts off the injection", "L-U1", nil},
		{"InterProcessMutex", "holders are told nothing by the mutex; they must listen themselves", "L-U8", nil},
	},
}
