package model

import "time"

var goFacts = facts{
	title: "go-zookeeper",
	timers: []Timer{
		{Name: "recvTimeout", Formula: "T*2/3 from packet to packet", Rule: "L-G1, L-G3", Value: exactly(func(t time.Duration, _ int) time.Duration { return t * 2 / 3 })},
		{Name: "pingInterval", Formula: "recvTimeout/2, a ticker, whatever else is sent", Rule: "L-G2", Value: exactly(func(t time.Duration, _ int) time.Duration { return t * 2 / 3 / 2 })},
		{Name: "dial", Formula: "1 s for TCP", Rule: "L-G4", Value: between(goDialTimeout, goDialTimeout)},
		{Name: "handshake", Formula: "10 * recvTimeout for its first bytes", Rule: "L-G4", Value: exactly(func(t time.Duration, _ int) time.Duration { return goHandshake * (t * 2 / 3) })},
		{Name: "wait before an attempt", Formula: "none; 1 s when the list comes round", Rule: "L-G5", Value: between(0, goSpin)},
	},
	situations: []Situation{
		{When: "TCP up, handshake pending", Hears: GoConnected, Rule: "L-G6"},
		{When: "session usable", Hears: GoHasSession, Rule: "L-G6"},
		{When: "read-only session", Hears: "never: it does not ask for one", Rule: "V-2"},
		{When: "connection lost", Hears: GoDisconnected + ", then " + GoConnecting, Rule: "L-G6"},
		{When: "same session resumed", Hears: GoConnected + ", " + GoHasSession, Rule: "L-G6"},
		{When: "a server says expired", Hears: GoExpired + ", " + GoDisconnected, Rule: "L-G7"},
		{When: "client decides it expired", Hears: "never", Rule: "L-G9"},
		{When: "handle after expiry", Hears: "lives: another session follows by itself", Rule: "L-G7"},
		{When: "own close", Hears: GoDisconnected + "; the channel of events is closed", Rule: "L-G6"},
		{When: "pending calls on loss", Hears: "ErrConnectionClosed, behind the event; those not yet written wait, or fail with ErrNoServer when the list comes round", Rule: "L-G5, L-G6"},
		{When: "pending calls on expiry", Hears: "ErrSessionExpired if written; those that wait are sent in the new session", Rule: "L-G7, L-G10"},
	},
	bugs: []Bug{
		{"channel of six", "a slow application misses events, Expired included; a callback does not", "L-G8", nil},
		{"half-open handshake", "a server that accepts and stays silent holds the client for 20/3 of T", "L-G4", nil},
		{"samuel/go-zookeeper PR 38, 87", "having seen more than any server has, it reconnects for ever and hears no Expired", "V-3", nil},
		{"ratchet", "a timeout that a server once lowered stays lowered: later connects ask for it", "N-5", nil},
	},
}
