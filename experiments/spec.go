//go:build !js

package experiments

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"zksim/sim"
)

// A Spec is a sweep as its author wrote it: a scenario, what varies in it, and what is
// asked of the runs. It is checked by [Spec.Plan].
type Spec struct {
	Name  string
	Title string
	About string

	Scenario Source
	Set      []string   // fixed values, path=value
	Axes     []Axis     // what varies; the last one fastest
	Derive   []Derived  // values that follow from those that vary
	Where    []string   // conditions of a point
	Metrics  []string   // names; empty means detection
	Seed     uint64     // of every draw
	Runs     int        // replications of a point
	Until    *Precision // or: how many are enough
	Chunk    int        // replications in a file at most; 0 means [DefaultChunk]
	Baseline []Assigned // the point that others are compared with
	Assert   []string   // conditions of a point's results
	// Independent gives every point luck of its own. Otherwise replication r has the same
	// luck at every point, and differences between points are paired.
	Independent bool
	// DrawPhases draws the phases that the scenario sets (see fixedPhases).
	DrawPhases bool
}

// Defaults and limits of a sweep.
const (
	DefaultRuns  = 100
	DefaultChunk = 1000
	MaxPoints    = 10_000_000
	MaxRuns      = math.MaxUint32 - 1
	MaxChunk     = 1_000_000
	// MaxValues bounds the values of one point, replications times columns, which are
	// held in memory while its quantiles are sought: 8 bytes each.
	MaxValues = 10_000_000
)

// A Source is a scenario's text, and how to read what it names.
type Source struct {
	Name string // for messages
	Text []byte
	Open func(name string) (io.ReadCloser, error)

	files *files // what has been read through Open
}

// An Axis is one dimension of a sweep: one parameter and its values, or several in
// lock-step.
type Axis struct {
	Paths  []string
	Values [][]Given // by path, all of one length
}

func (a *Axis) len() int { return len(a.Values[0]) }

// A Derived value is computed for each point.
type Derived struct{ Path, Expression string }

// An Assigned value is one that a point must have.
type Assigned struct {
	Path  string
	Value Given
}

// Precision says when a point has been played often enough: when the confidence interval
// of a statistic is at most so wide, relative to the statistic, twice in a row. That is
// looked at after First replications and each time that they have doubled, so what comes
// out depends on no timing.
type Precision struct {
	Column   string
	Stat     string  // mean, p50, p90, ...
	Relative float64 // half the interval's width over the value
	First    int
	Most     int
}

// vary reads what --vary takes: path=values. A plus in front joins the axis before.
func (s *Spec) vary(text string) error {
	path, values, ok := strings.Cut(text, "=")
	path, join := strings.CutPrefix(strings.TrimSpace(path), "+")
	if !ok || path == "" {
		return fmt.Errorf("--vary %s: not path=values; want as in clients.worker.timeout=4s..40s/2s or network.loss=0,1%%,5%%", text)
	}
	given, err := parseValues(values)
	if err != nil {
		return fmt.Errorf("--vary %s: %w", text, err)
	}
	if !join {
		s.drop(path)
		s.Axes = append(s.Axes, Axis{Paths: []string{path}, Values: [][]Given{given}})
		return nil
	}
	if len(s.Axes) == 0 {
		return fmt.Errorf("--vary %s: a plus joins a parameter to the one before; there is none", text)
	}
	last := &s.Axes[len(s.Axes)-1]
	if last.len() != len(given) {
		return fmt.Errorf("--vary %s: %d values beside %d of %s; want as many", text, len(given), last.len(), last.Paths[0])
	}
	last.Paths, last.Values = append(last.Paths, path), append(last.Values, given)
	return nil
}

// drop takes a parameter out of the axes, so that the command line can give it other
// values. Of a group in lock-step the others stay.
func (s *Spec) drop(path string) {
	var axes []Axis
	for _, a := range s.Axes {
		var kept Axis
		for i, p := range a.Paths {
			if p != path {
				kept.Paths, kept.Values = append(kept.Paths, p), append(kept.Values, a.Values[i])
			}
		}
		if len(kept.Paths) > 0 {
			axes = append(axes, kept)
		}
	}
	s.Axes = axes
}

// A Change is what the command line says about a sweep, on top of its spec.
type Change struct {
	Vary, Set, Where, Derive, Metrics, Assert []string
	Runs                                      int // 0: as the spec says
	Seed                                      *uint64
	Chunk                                     int
	Baseline                                  []string
	Precision                                 string
	Independent, DrawPhases                   bool
}

// Apply puts the words of the command line into the spec.
func (s *Spec) Apply(c *Change) error {
	for _, v := range c.Vary {
		if err := s.vary(v); err != nil {
			return err
		}
	}
	s.Set = append(s.Set, c.Set...)
	s.Where = append(s.Where, c.Where...)
	s.Assert = append(s.Assert, c.Assert...)
	for _, d := range c.Derive {
		path, expression, ok := strings.Cut(d, "=")
		if !ok || strings.TrimSpace(path) == "" {
			return fmt.Errorf("--derive %s: not path=expression; want as in ensemble.maxSessionTimeout=20 * ensemble.tickTime", d)
		}
		s.Derive = append(s.Derive, Derived{strings.TrimSpace(path), strings.TrimSpace(expression)})
	}
	if len(c.Metrics) > 0 {
		s.Metrics = c.Metrics
	}
	if c.Runs != 0 {
		s.Runs, s.Until = c.Runs, nil
	}
	if c.Seed != nil {
		s.Seed = *c.Seed
	}
	if c.Chunk != 0 {
		s.Chunk = c.Chunk
	}
	for _, b := range c.Baseline {
		path, value, ok := strings.Cut(b, "=")
		if !ok {
			return fmt.Errorf("--baseline %s: not path=value; want as in clients.worker.timeout=10s", b)
		}
		s.Baseline = append(s.Baseline, Assigned{strings.TrimSpace(path), give(value)})
	}
	s.Independent = s.Independent || c.Independent
	s.DrawPhases = s.DrawPhases || c.DrawPhases
	if c.Precision != "" {
		p, err := parsePrecision(c.Precision)
		if err != nil {
			return fmt.Errorf("--precision %s: %w", c.Precision, err)
		}
		s.Until = p
	}
	return nil
}

// ScenarioSpec is the sweep of a plain scenario: one point, until something varies. It has
// the scenario's seed.
func ScenarioSpec(src Source) (*Spec, error) {
	sc, err := sim.ReadScenarioWith(src.Name, src.Text, src.Open, nil)
	if err != nil {
		return nil, err
	}
	return &Spec{Name: sc.Name, Title: sc.Title, Scenario: src, Seed: sc.Seed, Runs: DefaultRuns}, nil
}

// read makes the scenario of a point.
func (s *Spec) read(assigned []string) (*sim.Scenario, error) {
	read := func(sets ...string) (*sim.Scenario, error) {
		return sim.ReadScenarioWith(s.Scenario.Name, s.Scenario.Text, s.Scenario.Open, slices.Concat(s.Set, assigned, sets))
	}
	sc, err := read()
	if err != nil || !s.DrawPhases {
		return sc, err
	}
	if sc, err = read(freeFault(sc)...); err == nil {
		freePhases(sc)
	}
	return sc, err
}
