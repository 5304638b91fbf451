package sim

import (
	"time"

	"zksim/clock"
	"zksim/model"
)

// Reset makes the world what [New] returns for the same scenario and the same sinks with
// another seed or run, and uses its memory again: a replication of a small scenario
// allocates nothing once a few have been played. Records, digest and summary are those
// of a fresh world, to the byte. The sinks are not told; those that remember something of
// a run have to be emptied by their owner. A [Checker] among them begins afresh.
//
//	w, err := New(s, seed, 0, sink)
//	for run := range uint32(n) {
//		w.Reset(seed, run)
//		_, err = w.Play(end, &sink.enough)
//	}
func (w *World) Reset(seed uint64, run uint32) {
	w.seed, w.run = seed, run
	w.now, w.events, w.pauseAt, w.started = 0, 0, 0, false
	w.next, w.cause, w.digest, w.failure = 1, 0, 0, nil
	w.queue.empty()
	w.alarms.empty()
	w.yard.reset()
	w.made.Reset()
	w.waiting, w.weather.links = w.waiting[:0], w.weather.links[:0]
	for i := range w.nodes {
		n, h := &w.nodes[i], &w.hosts[i]
		n.wakeAt, n.conns, n.status, n.moves, n.slot = clock.Never, nil, statusRunning, false, 0
		h.env.slow, h.inbox, h.paused, h.backlog = h.env.slow[:0], nil, 0, 0
	}
	w.renewServers()
	w.renewClients()
	for i := w.resources; i < len(w.nodes); i++ {
		w.nodes[i].machine.(*model.Resource).Renew()
		w.setClock(i, Clock{}, time.Second)
	}
	w.planFaults()
	w.beginChecks()
}

// renewServers draws the phases of the ensemble.
func (w *World) renewServers() {
	e := &w.scenario.Ensemble
	h := int64(e.Tick/time.Millisecond) / 2
	phase := int64(0)
	if e.PingPhase != nil {
		phase = int64(*e.PingPhase / time.Millisecond)
	} else {
		phase = int64(Below(w.draw(PurposePhase, w.leader(), 0), uint64(max(h, 1))))
	}
	for i := range w.servers {
		w.configs[i].PingPhase = phase
		w.nodes[i].machine.(*model.Server).Renew(w.configs[i])
		w.setClock(i, w.serverClock(i), 10*e.Tick)
	}
}

// renewClients draws when the applications begin and end.
func (w *World) renewClients() {
	i := w.servers
	for k := range w.scenario.Clients {
		spec := &w.scenario.Clients[k]
		for range spec.size() {
			w.nodes[i].machine.(model.Client).Renew()
			w.setClock(i, spec.Clock, time.Second)
			open := clock.Instant(0)
			if spec.Open != nil {
				open = clock.Instant(spec.Open.Sample(w.draw(PurposePhase, i, 1)))
			}
			w.push(open, makeKey(classCommand, i, uint64(model.CommandOpen)))
			if spec.Close != nil {
				w.push(clock.Instant(spec.Close.Sample(w.draw(PurposePhase, i, 2))), makeKey(classCommand, i, uint64(model.CommandClose)))
			}
			i++
		}
	}
}

// setClock draws what a clock's description leaves open: an offset within the
// given span, in whole microseconds. It decides the phase of the node's
// milliseconds and, on a leader, of the bucket boundaries (T-2).
func (w *World) setClock(i int, c Clock, span time.Duration) {
	var offset time.Duration
	if c.Offset != nil {
		offset = *c.Offset
	} else {
		offset = time.Duration(Below(w.draw(PurposeClock, i, 0), uint64(span/time.Microsecond))) * time.Microsecond
	}
	set := &w.hosts[i].clock
	if err := set.Set(clock.Reading(offset), c.PPM); err != nil {
		w.failure = err
	}
	w.nodes[i].line = set.Current()
}
