package model

import "time"

var cFacts = facts{
	title: "C",
	timers: []Timer{
		{Name: "read timeout", Formula: "T*2/3 of silence", Rule: "L-C1", Value: ofMillis(func(t int32, _ int) int64 { return int64(t * 2 / 3) })},
		{Name: "ping", Formula: "T/3 without sending, and no request outstanding", Rule: "L-C2", Value: ofMillis(func(t int32, _ int) int64 { return int64(t / 3) })},
		{Name: "attempt", Formula: "T*2/3 for TCP and handshake together", Rule: "L-C1", Value: ofMillis(func(t int32, _ int) int64 { return int64(t * 2 / 3) })},
		{Name: "wait before an attempt", Formula: "none; T/60 once past the end of the list", Rule: "L-C4",
			Value: func(t time.Duration, _ int) (time.Duration, time.Duration) {
				return 0, millis(int32(t/time.Millisecond) / 60)
			}},
		{Name: "looking for a read-write server", Formula: "after 200 ms, doubling", Rule: "L-C7", Value: between(cProbe, longestWait)},
		{Name: "closing", Formula: "1.5 s at most for the server to answer", Rule: "C-35", Value: between(0, cCloseWait*time.Millisecond)},
	},
	situations: []Situation{
		{When: "TCP up, handshake pending", Hears: "nothing; the state is ASSOCIATING", Rule: "L-C1"},
		{When: "session usable", Hears: CToldConnected, Rule: "L-C6"},
		{When: "read-only session", Hears: CToldReadOnly + ", if it has opted in", Rule: "C-33"},
		{When: "connection lost", Hears: CToldConnecting, Rule: "L-C4"},
		{When: "same session resumed", Hears: CToldConnected, Rule: "L-C6"},
		{When: "a server says expired", Hears: CToldExpired, Rule: "L-C6"},
		{When: "client decides it expired", Hears: "never", Rule: "L-C7"},
		{When: "handle after expiry", Hears: "dead", Rule: "L-C6"},
		{When: "own close", Hears: "nothing", Rule: "C-35"},
		{When: "pending calls on loss", Hears: "OPERATIONTIMEOUT on silence, else CONNECTIONLOSS; behind the event", Rule: "L-C4"},
		{When: "pending calls on expiry", Hears: "SESSIONEXPIRED", Rule: "L-C6"},
	},
	bugs: []Bug{
		{"ZOOKEEPER-2466", "skips servers when it reconnects; of two addresses one is never tried again", "L-C5", nil},
		{"ZOOKEEPER-832", "having seen more than any server has, it reconnects for ever and hears no EXPIRED_SESSION", "V-3", nil},
		{"ratchet", "a timeout that a server once lowered stays lowered: later connects ask for it", "N-5", nil},
	},
}
