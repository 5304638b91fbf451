package gozk

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var randomScripts = flag.Int("scripts", 300, "random scripts to compare")

// TestTheModelDoesWhatTheLibraryDoesAtRandom plays scripts that nobody thought of.
// -run with the number of one plays it alone.
func TestTheModelDoesWhatTheLibraryDoesAtRandom(t *testing.T) {
	for seed := range *randomScripts {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := randomScript(uint64(seed))
			compare(t, &s)
			if t.Failed() {
				t.Logf("%+v", s)
			}
		})
	}
}

// randomScript draws a script. Durations have a count of microseconds of their own
// each, so that hardly two things fall on one instant by chance.
func randomScript(seed uint64) Script {
	r := rand.New(rand.NewPCG(seed, 7))
	n := 0
	odd := func(most time.Duration) time.Duration {
		n++
		return time.Duration(r.Int64N(int64(most/time.Millisecond)))*time.Millisecond + time.Duration(7*n+1)*time.Microsecond
	}
	s := Script{Name: fmt.Sprint(seed), Servers: 1 + r.IntN(4), Timeout: time.Duration(2000+r.IntN(20)*1000) * time.Millisecond, Until: 90 * time.Second,
		Watches: r.IntN(3) == 0}
	if r.IntN(8) == 0 {
		s.Slow = odd(9 * time.Second)
	}
	for range 1 + r.IntN(7) {
		a := Attempt{Takes: odd(30 * time.Millisecond), After: odd(50 * time.Millisecond), RoundTrip: odd(80 * time.Millisecond)}
		switch r.IntN(10) {
		case 0:
			a.Dial = Silence
		case 1:
			a.Dial = Refuse
		case 2:
			a.Handshake = Silence
		case 3:
			a.Handshake = Refuse
		case 4:
			a.Handshake = Expire
		case 5:
			a.RoundTrip = odd(s.Timeout)
		}
		if r.IntN(3) == 0 {
			a.Grants = time.Duration(2000+r.IntN(20)*1000) * time.Millisecond
		}
		if r.IntN(3) == 0 {
			a.DeafFrom = odd(20 * time.Second)
		}
		if r.IntN(2) == 0 {
			a.CloseAfter = odd(20 * time.Second)
		}
		for range r.IntN(3) {
			a.Fires = append(a.Fires, odd(15*time.Second))
		}
		s.Attempts = append(s.Attempts, a)
	}
	at := time.Duration(0)
	for range r.IntN(8) {
		at += odd(9 * time.Second)
		s.Do = append(s.Do, Action{at, Deed(r.IntN(2))})
	}
	if r.IntN(6) == 0 {
		s.Do = append(s.Do, Action{at + odd(9*time.Second), Close})
	}
	return s
}
