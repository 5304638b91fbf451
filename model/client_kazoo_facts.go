package model

import "time"

func pingsWhenQuiet(l *Library) bool  { return l.PingsWhenQuiet }
func pingsOnSchedule(l *Library) bool { return !l.PingsWhenQuiet }
func kazooWait(t time.Duration, most, least time.Duration) (time.Duration, time.Duration) {
	return max(t/3-most, most), max(t/3-least, least)
}

var kazooFacts = facts{
	title: "kazoo",
	timers: []Timer{
		{Name: "ping", Formula: "T/3 - j after the last send, j = U{0.01..0.40} s", Rule: "L-K2", in: pingsOnSchedule,
			Value: func(t time.Duration, _ int) (time.Duration, time.Duration) {
				return kazooWait(t, 40*kazooJitterUnit, kazooJitterUnit)
			}},
		{Name: "ping", Formula: "T/3 - j after anything at all, j = U{0..0.40} s", Rule: "L-K4", in: pingsWhenQuiet,
			Value: func(t time.Duration, _ int) (time.Duration, time.Duration) {
				return kazooWait(t, 40*kazooJitterUnit, 0)
			}},
		{Name: "silence", Formula: "ping, then as long again without its answer", Rule: "L-K3", in: pingsOnSchedule,
			Value: func(t time.Duration, _ int) (time.Duration, time.Duration) {
				least, most := kazooWait(t, 40*kazooJitterUnit, kazooJitterUnit)
				return 2 * least, 2 * most
			}},
		{Name: "silence", Formula: "ping, then as long again without its answer", Rule: "L-K3, L-K4", in: pingsWhenQuiet,
			Value: func(t time.Duration, _ int) (time.Duration, time.Duration) {
				least, most := kazooWait(t, 40*kazooJitterUnit, 0)
				return 2 * least, 2 * most
			}},
		{Name: "TCP connect", Formula: "T as asked for", Rule: "L-K5", Value: exactly(func(t time.Duration, _ int) time.Duration { return t })},
		{Name: "handshake", Formula: "T as asked for / n", Rule: "L-K5", Value: exactly(func(t time.Duration, n int) time.Duration { return t / time.Duration(n) })},
		{Name: "first wait", Formula: "0.1 s * U(0.6, 1.4) after a whole cycle", Rule: "L-K6", Value: between(60*time.Millisecond, 140*time.Millisecond)},
		{Name: "longest wait", Formula: "doubles up to max_delay * U(0.6, 1.4)", Rule: "L-K6", Value: between(KazooMaxDelay*6/10, KazooMaxDelay*14/10)},
	},
	situations: []Situation{
		{When: "TCP up, handshake pending", Hears: "nothing", Rule: "L-K8"},
		{When: "session usable", Hears: KazooConnected, Rule: "L-K8"},
		{When: "read-only session", Hears: "CONNECTED, if it has opted in; the model has no kazoo on a read-only server", Rule: "C-33"},
		{When: "connection lost", Hears: KazooSuspended, Rule: "L-K8"},
		{When: "same session resumed", Hears: KazooConnected, Rule: "L-K8"},
		{When: "a server says expired", Hears: KazooLost, Rule: "L-K8"},
		{When: "client decides it expired", Hears: "never, by policy (PR 407)", Rule: "L-K8"},
		{When: "handle after expiry", Hears: "lives: another session follows by itself", Rule: "L-K8"},
		{When: "own close", Hears: KazooLost, Rule: "L-K8"},
		{When: "pending calls on loss", Hears: "ConnectionLoss, before the event", Rule: "L-K8"},
		{When: "pending calls on expiry", Hears: "SessionExpiredError, behind the event", Rule: "L-K8"},
	},
	bugs: []Bug{
		{"commit 89e0660 (2.9.0)", "watch events more often than every T/3 - j suppress the pings: the session expires on a healthy connection", "L-K4", pingsWhenQuiet},
		{"max_delay", "after a long outage it may stay away for up to 1.4 h after the network is back", "L-K6", nil},
		{"no patience", "requests that are still being sent hide any silence", "L-K3", nil},
		{"blocking listener", "a listener that blocks stops pings and reconnects", "L-K9", nil},
		{"ClickHouse issue 116690", "a look-alike server that hands out a new ID instead of refusing is not noticed", "C-25", nil},
		{"issue 42", "having seen more than any server has, it reconnects for ever and hears no LOST", "V-3", nil},
	},
}
