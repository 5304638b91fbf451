package experiments

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// scenario is a client that is paused at a random instant between two pings.
func (q *Question) scenario(timeout time.Duration) (*sim.Scenario, error) {
	version := ""
	if q.Version != "" {
		version = ", version: " + q.Version
	}
	period := timeout / 3
	from, to := time.Second+period, time.Second+2*period
	if q.Library == "kazoo" {
		// Its pings come at unequal distances: only after many of them is any instant like any
		// other.
		n := min(100, 20*time.Hour/period)
		from, to = time.Second+n/10*period, time.Second+n*period
	}
	text := fmt.Sprintf(`name: recommend
run: 24h
ensemble: {servers: %d, leader: %d, tickTime: %v, syncLimit: %d, minSessionTimeout: 1ms, maxSessionTimeout: 24h, log: 0s}
network: {latency: %v, servers: %v}
clients:
  worker: {library: %s%s, attach: %d, open: 0s, timeout: %v}
faults:
  - pause: worker
    at: {uniform: [%v, %v]}
    for: 1s
`, q.Servers, q.Servers, q.Tick, q.SyncLimit, q.Latency, q.Latency, q.Library, version, q.Servers, timeout, from, to)
	s, err := sim.ReadScenarioWith("recommend", []byte(text), nil, []string{"faults.0.for=" + q.Pause})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// ErrStopped is that the caller wanted no more runs.
var ErrStopped = errors.New("interrupted")

// simulate counts the runs in which such a pause costs the session: the cluster expires it,
// or the client gives it up by itself.
func (a *Advice) simulate(timeout time.Duration, interrupted func() bool) (hits int, err error) {
	s, err := a.scenario(timeout)
	if err != nil {
		return 0, err
	}
	lost := make([]bool, a.Runs)
	errs := make([]error, processors())
	var workers sync.WaitGroup
	for k := range errs {
		workers.Go(func() { errs[k] = a.some(s, timeout, k, len(errs), lost, interrupted) })
	}
	workers.Wait()
	for _, l := range lost {
		if l {
			hits++
		}
	}
	return hits, errors.Join(errs...)
}

// some plays every so-manieth run.
func (a *Advice) some(s *sim.Scenario, timeout time.Duration, first, every int, lost []bool, interrupted func() bool) error {
	end := &endOfPause{library: s.Clients[0].Library}
	w, err := sim.New(s, a.Seed, 0, end)
	if err != nil {
		return err
	}
	for run := first; run < len(lost); run += every {
		if interrupted != nil && interrupted() {
			return ErrStopped
		}
		*end = endOfPause{library: end.library, woke: clock.Never}
		w.Reset(a.Seed, uint32(run+1))
		until := clock.Instant(time.Second + timeout)
		for !end.over(until, timeout+4*a.Tick+3*time.Second) {
			until += clock.Instant(timeout)
			if _, err := w.Run(until, nil); err != nil {
				return err
			}
		}
		lost[run] = end.lost
	}
	return nil
}

// An endOfPause is the sink that sees what comes of one pause.
type endOfPause struct {
	library *model.Library
	woke    clock.Instant
	lost    bool
}

// Record implements [sim.Sink].
func (e *endOfPause) Record(r *sim.Record) {
	switch r.Kind {
	case sim.KindResumed:
		e.woke = r.At
	case model.KindMarked:
		e.lost = true
	case model.KindTold:
		if e.library.Meaning(r.Text) == model.MeansExpired {
			e.lost = true
		}
	}
}

// over says whether by then all is decided: the session is lost, or the client woke long
// enough ago.
func (e *endOfPause) over(now clock.Instant, after time.Duration) bool {
	return e.lost || e.woke != clock.Never && now >= e.woke.Add(after)
}
