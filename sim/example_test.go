package sim_test

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// A crash is a sink that keeps of a run what its question needs, and says when that is
// enough.
type crash struct {
	killed, marked clock.Instant
	enough         bool
}

func (c *crash) Record(r *sim.Record) {
	switch r.Kind {
	case sim.KindKilled:
		c.killed = r.At
	case model.KindMarked:
		c.marked, c.enough = r.At, true
	}
}

// How long does a crash go unnoticed? A thousand replications of one scenario, each from
// the steady state, in one world. With T = 6 s and ticks of 2 s a client pings every 2 s,
// so its last touch is at most 2 s old and a few latencies when it dies, and the session
// ends at the first boundary more than T after that touch, at most a tick later (T-3).
func ExampleWorld_Reset() {
	s, err := sim.ReadScenario("crash.yaml", []byte(`
name: crash
run: 30s
ensemble:
  servers: 1
clients:
  worker:
    timeout: 6s
faults:
  - kill: worker
    at: {law: uniform, from: 4s, to: 6s}
`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := new(crash)
	w, err := sim.New(s, 1, 0, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	const runs = 1000
	outside := 0
	for run := range uint32(runs) {
		*c = crash{}
		w.Reset(1, run)
		if _, err := w.Play(clock.Instant(s.Length), nil, &c.enough); err != nil {
			fmt.Println(err)
			return
		}
		if detection := c.marked.Sub(c.killed); detection < 4*time.Second-10*time.Millisecond || detection > 8*time.Second {
			outside++
		}
	}
	fmt.Printf("%d of %d crashes noticed outside of 4 s to 8 s\n", outside, runs)
	// Output: 0 of 1000 crashes noticed outside of 4 s to 8 s
}
