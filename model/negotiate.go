package model

import "fmt"

// DefaultTick is the tickTime of a server whose configuration omits it, in
// milliseconds (N-1).
const DefaultTick = 3000

// Limits are one server's bounds on session timeouts, in milliseconds.
type Limits struct {
	Min, Max int32
}

// NewLimits returns the bounds of a server with the given tickTime. A zero or -1
// for min or max means the default: two ticks and twenty (N-1;
// ZooKeeperServer.java:ZooKeeperServer.setMinSessionTimeout). It reports an
// error where the server would refuse to start.
func NewLimits(tick, min, max int32) (Limits, error) {
	l := Limits{Min: min, Max: max}
	if min == 0 || min == -1 {
		l.Min = 2 * tick
	}
	if max == 0 || max == -1 {
		l.Max = 20 * tick
	}
	if l.Min > l.Max {
		return l, fmt.Errorf("minSessionTimeout %d ms is above maxSessionTimeout %d ms", l.Min, l.Max)
	}
	return l, nil
}

// Clamp returns the negotiated timeout for a requested one (N-2;
// ZooKeeperServer.java:ZooKeeperServer.processConnectRequest).
func (l Limits) Clamp(requested int32) int32 {
	return min(max(requested, l.Min), l.Max)
}
