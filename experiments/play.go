package experiments

import (
	"fmt"
	"math"

	"zksim/clock"
	"zksim/sim"
)

// A player plays the replications of points, one after another, on one goroutine.
type player struct {
	plan     *Plan
	point    int // whose scenario is there; -1: none
	scenario *sim.Scenario
	gauge    *Gauge
	lights   []Light // by metric; nil if one of them needs the timeline
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
	y.point, y.scenario, y.lights, y.gauge = point, sc, nil, NewGauge(sc, y.plan.Metrics)
	y.row = make([]Value, len(y.plan.Points[point].places))
	for _, m := range y.plan.Metrics {
		if m.Light == nil {
			return nil
		}
		l := m.Light(sc)
		if l == nil {
			y.lights = nil
			return nil
		}
		y.lights = append(y.lights, l)
	}
	return nil
}

// play plays one replication and puts its values into a row of the plan's columns. The
// digest is that of the run.
func (y *player) play(point int, run uint32, out []Value) (digest uint64, err error) {
	if err := y.take(point); err != nil {
		return 0, err
	}
	pt := &y.plan.Points[point]
	if len(y.lights) > 0 {
		digest, err = y.light(pt.Seed, run)
	} else {
		digest, err = y.timeline(pt.Seed, run)
	}
	if err != nil {
		if err == sim.ErrInterrupted {
			return 0, err
		}
		return 0, fmt.Errorf("%s, seed %d, run %d: %w", y.plan.Describe(point), pt.Seed, run, err)
	}
	for i := range out {
		out[i] = math.NaN()
	}
	for i, place := range pt.places {
		out[place] = y.row[i]
	}
	return digest, nil
}

// timeline reads the metrics out of a finished run.
func (y *player) timeline(seed uint64, run uint32) (uint64, error) {
	c := sim.NewCollector(y.scenario)
	w, err := sim.New(y.scenario, seed, run, c)
	if err != nil {
		return 0, err
	}
	sum, err := w.Run(clock.Instant(y.scenario.Length), y.stop)
	if err != nil {
		return 0, err
	}
	y.gauge.Read(c.Timeline(w, sum), y.row)
	return sum.Digest, nil
}

// lightSlices is how often a run is asked whether all has been seen.
const lightSlices = 32

// light lets sinks measure a run as it goes, until all has been seen.
func (y *player) light(seed uint64, run uint32) (uint64, error) {
	sinks := make([]sim.Sink, len(y.lights))
	for i, l := range y.lights {
		l.Reset()
		sinks[i] = l
	}
	w, err := sim.New(y.scenario, seed, run, sinks...)
	if err != nil {
		return 0, err
	}
	var sum sim.Summary
	for i := clock.Instant(1); i <= lightSlices && !y.done(); i++ {
		if sum, err = w.Run(clock.Instant(y.scenario.Length)*i/lightSlices, y.stop); err != nil {
			return 0, err
		}
	}
	at := 0
	for i, m := range y.plan.Metrics {
		n := len(m.Columns(y.scenario))
		y.lights[i].Read(y.row[at : at+n])
		at += n
	}
	return sum.Digest, nil
}

func (y *player) done() bool {
	for _, l := range y.lights {
		if !l.Done() {
			return false
		}
	}
	return true
}
