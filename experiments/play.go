//go:build !js

package experiments

import (
	"errors"
	"fmt"

	"zksim/clock"
	"zksim/sim"
)

// A player plays the replications of points, one after another, on one goroutine. The
// world of a point is made once and reset for each run.
type player struct {
	plan     *Plan
	point    int // whose world is there; -1: none
	scenario *sim.Scenario
	gauge    *Gauge
	lights   *lights // nil if a metric needs the timeline
	relay    *relay  // to the collector of a run; nil with lights
	world    *sim.World
	seed     uint64
	row      []Value // what the metrics yield here
	stop     func() bool
}

func newPlayer(p *Plan, stop func() bool) *player { return &player{plan: p, point: -1, stop: stop} }

// take makes a point ready.
func (y *player) take(point int) error {
	if y.point == point {
		return nil
	}
	sc, err := y.plan.Scenario(point)
	if err != nil {
		return err
	}
	y.point, y.scenario, y.seed, y.world = point, sc, y.plan.Points[point].Seed, nil
	y.gauge = NewGauge(sc, y.plan.Metrics)
	y.row = make([]Value, len(y.plan.Points[point].places))
	if y.lights = newLights(sc, y.plan.Metrics); y.lights != nil {
		y.relay = nil
		y.world, err = sim.New(sc, y.seed, 0, y.lights)
		return err
	}
	y.relay = &relay{}
	y.world, err = sim.New(sc, y.seed, 0, y.relay)
	return err
}

// A relay is the sink of a world that is reset for one run after another, each with a
// collector of its own.
type relay struct{ to sim.Sink }

// Record implements [sim.Sink].
func (r *relay) Record(record *sim.Record) { r.to.Record(record) }

// play plays one replication and puts its values into a row of the plan's columns. The
// digest is that of the run.
func (y *player) play(point int, run uint32, out []Value) (digest uint64, err error) {
	if err := y.take(point); err != nil {
		return 0, err
	}
	if run == 0 {
		err = y.check()
	}
	switch {
	case err != nil:
	case y.lights != nil:
		digest, err = y.light(run)
	default:
		digest, err = y.timeline(run)
	}
	if err != nil {
		if errors.Is(err, sim.ErrInterrupted) {
			return 0, err
		}
		return 0, fmt.Errorf("%s, seed %d, run %d: %w", y.plan.Describe(point), y.seed, run, err)
	}
	for i := range out {
		out[i] = absent
	}
	for i, place := range y.plan.Points[point].places {
		out[place] = y.row[i]
	}
	return digest, nil
}

// check holds the first run of a point against the invariants of sim.Checks, to its end.
// All runs would take several times as long.
func (y *player) check() error {
	w, err := sim.New(y.scenario, y.seed, 0, new(sim.Checker))
	if err == nil {
		_, err = w.RunToEnd(y.stop)
	}
	return err
}

// timeline reads the metrics out of a finished run.
func (y *player) timeline(run uint32) (uint64, error) {
	c := sim.NewCollector(y.scenario)
	w := y.world
	if y.relay != nil {
		y.relay.to = c
		w.Reset(y.seed, run)
	} else {
		var err error
		if w, err = sim.New(y.scenario, y.seed, run, c); err != nil {
			return 0, err
		}
	}
	sum, err := w.Run(clock.Instant(y.scenario.Length), y.stop)
	if err != nil {
		return 0, err
	}
	y.gauge.Read(c.Timeline(w, sum), y.row)
	return sum.Digest, nil
}

// light lets sinks measure a run as it goes, until all has been seen.
func (y *player) light(run uint32) (uint64, error) {
	y.lights.reset()
	y.world.Reset(y.seed, run)
	sum, err := y.world.Play(clock.Instant(y.scenario.Length), y.stop, &y.lights.enough)
	if err != nil {
		return 0, err
	}
	if !y.lights.regular() {
		return y.timeline(run)
	}
	y.lights.read(y.row)
	return sum.Digest, nil
}

// Lights are the light sinks of several metrics, as one.
type lights struct {
	all    []Light
	ends   []int // where each one's values end
	open   int   // that have not seen all
	done   []bool
	enough bool
}

// newLights gives the light sinks of all metrics, or nil if one of them has none for the
// scenario.
func newLights(s *sim.Scenario, metrics []*Metric) *lights {
	l := &lights{}
	end := 0
	for _, m := range metrics {
		if m.Light == nil {
			return nil
		}
		one := m.Light(s)
		if one == nil {
			return nil
		}
		end += len(m.Columns(s))
		l.all, l.ends = append(l.all, one), append(l.ends, end)
	}
	l.done = make([]bool, len(l.all))
	return l
}

func (l *lights) reset() {
	for i, one := range l.all {
		one.Reset()
		l.done[i] = false
	}
	l.open, l.enough = len(l.all), false
}

// Record implements [sim.Sink].
func (l *lights) Record(r *sim.Record) {
	for i, one := range l.all {
		if l.done[i] {
			continue
		}
		if one.Record(r); one.Done() {
			l.done[i] = true
			l.open--
			l.enough = l.open == 0
		}
	}
}

func (l *lights) regular() bool {
	for _, one := range l.all {
		if !one.Regular() {
			return false
		}
	}
	return true
}

func (l *lights) read(out []Value) {
	from := 0
	for i, one := range l.all {
		one.Read(out[from:l.ends[i]])
		from = l.ends[i]
	}
}
