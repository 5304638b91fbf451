package sim

import (
	"testing"
	"time"

	"zksim/model"
)

// TestObserverAndLookingVoterDoNotAnswerEachOtherForEver: the leader dies and server 1
// reaches no voter but the observer. The other three elect a leader, the observer finds
// it, and server 1 goes on looking. Its answer to the observer comes when that has
// settled. If the observer answered in turn there would be a message every 2.5 ms, 8000
// in the 20 s that are left (U-8). What there really is are PINGs and their answers, two
// a second for each of three learners, and the repetitions of F-11.
func TestObserverAndLookingVoterDoNotAnswerEachOtherForEver(t *testing.T) {
	source := `
run: 32s
ensemble: {servers: 5, observers: 1, leader: 5}
clients: {idle: {open: 31s}}
faults:
  - {partition: {between: server1, and: [server2, server3, server4]}, at: 10s}
  - {kill: server5, at: 10s}
  - {delay: {between: server1, and: server6, by: 2ms}, at: 10s}
`
	s := mustRead(t, source)
	d := play(t, s)
	if n := d.w.events; n > 2500 {
		t.Errorf("%d events, want at most 2500", n)
	}
	if at := d.first("server6", model.KindServing, "observer", 10*time.Second); at > 12*time.Second {
		t.Errorf("the observer serves at %v", at)
	}
	if at := d.times("server1", model.KindServing, "", 10*time.Second); len(at) != 0 {
		t.Errorf("server 1 serves at %v", at)
	}
}
