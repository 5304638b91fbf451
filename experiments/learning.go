package experiments

import (
	"time"

	"zksim/model"
)

// LearnedWithin bounds how long after a heal a client whose session has expired
// learns of it, if it has no connection when the heal comes: what may be left of the
// attempt under way, and the wait before the next one, without the round trips.
// n is the number of addresses; wait is what kazoo may still sleep. The bounds do not
// hold for a C client that tries one address for ever (L-C5), nor for a Go client
// that is caught in a half-open handshake (L-G4).
func LearnedWithin(l *model.Library, timeout time.Duration, n int, wait time.Duration) time.Duration {
	switch l.Name {
	case "c":
		return timeout*2/3 + timeout/60 // L-C1, L-C4
	case "go":
		return 2 * time.Second // L-G4, L-G5
	case "kazoo":
		return timeout + wait // L-K5, L-K6
	}
	return timeout/time.Duration(n) + 2100*time.Millisecond // C-14, C-16, C-17
}

// NeverHealed bounds when an application whose client is never connected again is
// told that its session is over, counted from the last word of a server; never says
// that it is not told at all. Percent is Curator's, under is the Java client
// below it; both are ignored for the other libraries.
func NeverHealed(l, under *model.Library, percent int, timeout time.Duration, n int) (least, most time.Duration, never bool) {
	expire := timeout * 4 / 3
	own := expire + 200*time.Millisecond // C-20
	latest := own + max(timeout/time.Duration(n), 2100*time.Millisecond)
	if l.Name == "curator" {
		injected := timeout*2/3 + 100*time.Millisecond + timeout*time.Duration(percent)/100 // L-U5
		if !under.LocalExpiry {
			return injected, injected, false
		}
		return min(own, injected), min(latest, injected), false // L-U6
	}
	return own, latest, !l.LocalExpiry
}
