//go:build !js

package experiments

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"zksim/sim"
)

// A Plan is a sweep, checked and laid out: its points in order, what varies between
// them, and the columns of its rows.
type Plan struct {
	Spec    *Spec
	Engine  string // version of the program: other versions' chunks are not this plan's
	Params  []Param
	Points  []Point
	Metrics []*Metric
	Columns []Column
	// Remarks says once for each point what is worth knowing before it is played, such as
	// a timeout that the servers change (N-2).
	Remarks []string

	derive []*expression
	assert []*expression
}

// A Param is something that varies, or is derived from what does.
type Param struct {
	Path string
	Kind GivenKind // what all of its values are; text if they differ
}

// Title is the parameter's name in a table, with the unit of its values.
func (p Param) Title() string {
	if p.Kind == GivenDuration {
		return p.Path + "_ms"
	}
	return p.Path
}

// A Point is a scenario with certain values, to be played many times.
type Point struct {
	Number  int     // from 1
	Values  []Given // by parameter
	ID      PointID
	Seed    uint64
	Asked   time.Duration // session timeout that the first client asks for
	Granted time.Duration // and gets (N-2)
	Names   []string      // of the columns that the metrics yield here, in their order
	places  []int         // of those among the plan's columns
}

// A PointID is a fingerprint of everything that decides what happens at a point, apart
// from the seed: the resolved scenario, whatever it is called, and the files it names.
type PointID [16]byte

// String is the fingerprint in hexadecimal.
func (id PointID) String() string { return hex.EncodeToString(id[:]) }

// Plan checks the sweep and lays it out. The error names the first points that cannot be
// played.
func (s *Spec) Plan(engine string) (*Plan, error) {
	p := &Plan{Spec: s, Engine: engine}
	if s.Chunk == 0 {
		s.Chunk = DefaultChunk
	}
	s.Scenario.remember()
	if err := p.metrics(); err != nil {
		return nil, err
	}
	if s.Runs < 1 || s.Runs > MaxRuns {
		return nil, fmt.Errorf("%d replications; want 1 to %d", s.Runs, MaxRuns)
	}
	if s.Chunk < 1 || s.Chunk > MaxChunk {
		return nil, fmt.Errorf("chunks of %d replications; want 1 to %d", s.Chunk, MaxChunk)
	}
	if err := p.layOut(); err != nil {
		return nil, err
	}
	if err := p.resolveAll(); err != nil {
		return nil, err
	}
	if most := MaxValues / len(p.Columns); s.Runs > most {
		return nil, fmt.Errorf("%d replications of %d columns; want at most %d of so many columns: a point's values are held in memory for its quantiles, %d of them at most",
			s.Runs, len(p.Columns), most, MaxValues)
	}
	return p, p.conditions()
}

// DefaultMetric is what a sweep measures that names no metric.
const DefaultMetric = "detection"

// metrics finds what is asked of the runs.
func (p *Plan) metrics() error {
	if len(p.Spec.Metrics) == 0 {
		p.Spec.Metrics = []string{DefaultMetric}
	}
	for _, name := range p.Spec.Metrics {
		m, err := FindMetric(name)
		if err != nil {
			return err
		}
		if slices.Contains(p.Metrics, m) {
			return fmt.Errorf("metric %s: named twice", name)
		}
		p.Metrics = append(p.Metrics, m)
	}
	return nil
}

// layOut makes the points: the product of the axes, without those that a condition
// leaves out.
func (p *Plan) layOut() error {
	s := p.Spec
	var paths []string
	total := 1
	for _, a := range s.Axes {
		paths = append(paths, a.Paths...)
		if total *= a.len(); total > MaxPoints {
			return fmt.Errorf("more than %d points; want fewer values", MaxPoints)
		}
	}
	varied := len(paths)
	if err := s.changeNothing(); err != nil {
		return err
	}
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			return fmt.Errorf("%s varies twice; want each parameter once", path)
		}
	}
	for _, d := range s.Derive {
		if slices.Contains(paths, d.Path) {
			return fmt.Errorf("%s is derived and varies, or is derived twice; want one of them", d.Path)
		}
		e, err := newExpression(d.Expression, names{params: paths, fixed: p.fixed})
		if err != nil {
			return fmt.Errorf("derive %s: %w", d.Path, err)
		}
		p.derive = append(p.derive, e)
		paths = append(paths, d.Path)
	}
	for _, path := range paths {
		p.Params = append(p.Params, Param{Path: path})
	}
	var where []*expression
	for _, w := range s.Where {
		e, err := newExpression(w, names{params: paths, fixed: p.fixed})
		if err != nil {
			return fmt.Errorf("where %w", err)
		}
		where = append(where, e)
	}
	at := make([]int, len(s.Axes))
	for range total {
		values := make([]Given, 0, len(paths))
		for k, a := range s.Axes {
			for i := range a.Paths {
				values = append(values, a.Values[i][at[k]])
			}
		}
		given := func(path string) Given { return values[slices.Index(paths, path)] }
		for _, e := range p.derive {
			v, err := e.result(given)
			if err != nil {
				return fmt.Errorf("derive %s at %s: %w", paths[len(values)], assignments(paths[:varied], values), err)
			}
			values = append(values, v)
		}
		keep := true
		for _, e := range where {
			yes, err := e.holds(given, nil)
			if err != nil {
				return fmt.Errorf("where at %s: %w", assignments(paths[:varied], values), err)
			}
			keep = keep && yes
		}
		if keep {
			p.Points = append(p.Points, Point{Number: len(p.Points) + 1, Values: values})
		}
		for k := len(at) - 1; k >= 0; k-- {
			if at[k]++; at[k] < s.Axes[k].len() {
				break
			}
			at[k] = 0
		}
	}
	if len(p.Points) == 0 {
		return fmt.Errorf("no point is left; of %d none meets %s", total, strings.Join(s.Where, " and "))
	}
	p.kinds()
	return nil
}

// fixed is what the scenario says at a path that does not vary.
func (p *Plan) fixed(path string) (Given, bool) { return written(p.Spec, path) }

// kinds finds out which parameters are durations or numbers at all points.
func (p *Plan) kinds() {
	for i := range p.Params {
		kind := p.Points[0].Values[i].Kind
		for k := range p.Points {
			if p.Points[k].Values[i].Kind != kind {
				kind = GivenText
			}
		}
		p.Params[i].Kind = kind
	}
}

// assignments writes values for messages: a=1, b=2.
func assignments(paths []string, values []Given) string {
	var words []string
	for i := range paths {
		words = append(words, paths[i]+"="+values[i].Text)
	}
	return strings.Join(words, ", ")
}

// Describe names a point for messages: point 3 (network.loss=1%).
func (p *Plan) Describe(i int) string {
	pt := &p.Points[i]
	if p.varied() == 0 {
		return fmt.Sprintf("point %d", pt.Number)
	}
	var paths []string
	for _, param := range p.Varied() {
		paths = append(paths, param.Path)
	}
	return fmt.Sprintf("point %d (%s)", pt.Number, assignments(paths, pt.Values))
}

// Sets are a point's values as zksim run --set takes them, with those that are the same
// at all points.
func (p *Plan) Sets(i int) []string {
	sets := slices.Clone(p.Spec.Set)
	return append(sets, p.assigned(i)...)
}

func (p *Plan) assigned(i int) []string {
	var sets []string
	for k, v := range p.Points[i].Values {
		sets = append(sets, p.Params[k].Path+"="+v.Text)
	}
	return sets
}

// Scenario makes the scenario of a point.
func (p *Plan) Scenario(i int) (*sim.Scenario, error) { return p.Spec.read(p.assigned(i)) }

// resolveAll reads the scenario of every point once: to check it, to know what its rows
// hold, and to take its fingerprint.
func (p *Plan) resolveAll() error {
	remarks := make([][]string, len(p.Points))
	errs := make([]error, len(p.Points))
	spread(len(p.Points), func(i int) { remarks[i], errs[i] = p.resolve(i) })
	var failed []error
	for i, err := range errs {
		if err != nil {
			if len(failed) == 3 {
				failed = append(failed, errors.New("and more points that cannot be played"))
				break
			}
			failed = append(failed, fmt.Errorf("%s:\n%w", p.Describe(i), err))
		}
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	p.columns()
	p.remark(remarks)
	return nil
}

// spread calls f for every number below n, on all processors.
func spread(n int, f func(i int)) {
	const block = 64
	var (
		mutex   sync.Mutex
		next    int
		workers sync.WaitGroup
	)
	for range min(processors(), (n+block-1)/block) {
		workers.Go(func() {
			for {
				mutex.Lock()
				from := next
				next += block
				mutex.Unlock()
				if from >= n {
					return
				}
				for i := from; i < min(from+block, n); i++ {
					f(i)
				}
			}
		})
	}
	workers.Wait()
}

// resolve reads one point's scenario.
func (p *Plan) resolve(i int) (remarks []string, err error) {
	pt := &p.Points[i]
	sc, err := p.Scenario(i)
	if err != nil {
		return nil, p.inOwnWords(i, err)
	}
	for _, c := range NewGauge(sc, p.Metrics).Columns {
		pt.Names = append(pt.Names, c.Name)
	}
	if len(sc.Clients) > 0 {
		pt.Asked = sc.Clients[0].Timeout
		pt.Granted = sc.Ensemble.Negotiated(pt.Asked)
	}
	canonical := *sc
	canonical.Name, canonical.Title, canonical.About, canonical.Seed = "", "", "", 0
	text, err := canonical.YAML()
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "zksim point 1\n%d\n%s", len(text), text)
	for _, name := range p.Spec.Scenario.fileNames() {
		if bytes.Contains(text, []byte(name)) {
			fmt.Fprintf(h, "%s\n%x\n", name, sha256.Sum256(p.Spec.Scenario.file(name)))
		}
	}
	h.Sum(pt.ID[:0])
	copy(pt.ID[:], h.Sum(nil))
	pt.Seed = p.Spec.Seed
	if p.Spec.Independent {
		sum := sha256.Sum256(fmt.Appendf(nil, "zksim independent\n%d\n%s", p.Spec.Seed, pt.ID))
		pt.Seed = binary.LittleEndian.Uint64(sum[:])
	}
	remarks = sc.Remarks()
	if fixed := fixedPhases(sc); fixed != "" {
		said := fixed + ": the same in every run"
		if !p.Spec.DrawPhases {
			said += "; --draw-phases draws such phases"
		}
		remarks = append(remarks, said)
	}
	return remarks, nil
}

// columns unites what the metrics yield at all points.
func (p *Plan) columns() {
	place := map[string]int{}
	for _, m := range p.Metrics {
		var previous []string
		for i := range p.Points {
			if i > 0 && slices.Equal(previous, p.Points[i].Names) {
				continue
			}
			previous = p.Points[i].Names
			sc, err := p.Scenario(i)
			if err != nil {
				panic(err) // it has been read before
			}
			for _, c := range m.Columns(sc) {
				if _, ok := place[c.Name]; !ok {
					place[c.Name] = len(p.Columns)
					p.Columns = append(p.Columns, c)
				}
			}
		}
	}
	for i := range p.Points {
		pt := &p.Points[i]
		if i > 0 && slices.Equal(pt.Names, p.Points[i-1].Names) {
			pt.Names, pt.places = p.Points[i-1].Names, p.Points[i-1].places
			continue
		}
		for _, name := range pt.Names {
			pt.places = append(pt.places, place[name])
		}
	}
}

// conditions checks what is asserted and compared, before anything is played.
func (p *Plan) conditions() error {
	var paths []string
	for _, param := range p.Params {
		paths = append(paths, param.Path)
	}
	for _, a := range p.Spec.Assert {
		e, err := newExpression(a, names{params: paths, fixed: p.fixed, stats: true})
		if err != nil {
			return fmt.Errorf("assert %w", err)
		}
		if len(e.stats) == 0 {
			return fmt.Errorf("assert %q: asks nothing of the results; want a statistic, as in p99(%s) < 30s", a, p.Columns[0].Name)
		}
		for _, call := range e.stats {
			if _, err := p.column(call.column); err != nil {
				return fmt.Errorf("assert %q: %w", a, err)
			}
		}
		// With any numbers at all, what cannot be compared shows before hours of work.
		if _, err := e.holds(p.given(0), func(call statCall) (any, error) {
			k, err := p.column(call.column)
			return typed(1, p.Columns[k].Kind, call.stat), err
		}); err != nil {
			return fmt.Errorf("assert %w", err)
		}
		p.assert = append(p.assert, e)
	}
	if u := p.Spec.Until; u != nil {
		if _, err := p.column(u.Column); err != nil {
			return fmt.Errorf("precision: %w", err)
		}
	}
	for _, b := range p.Spec.Baseline {
		if !slices.Contains(paths, b.Path) {
			return fmt.Errorf("baseline %s: does not vary; want one of %s", b.Path, strings.Join(paths, ", "))
		}
	}
	if len(p.Spec.Baseline) > 0 && p.Spec.Independent {
		return errors.New("baseline: points with luck of their own have no pairs; want one of baseline and independent")
	}
	_, err := p.baselines()
	return err
}

// given looks up the values of a point for an expression.
func (p *Plan) given(point int) func(path string) Given {
	return func(path string) Given {
		at := slices.IndexFunc(p.Params, func(param Param) bool { return param.Path == path })
		return p.Points[point].Values[at]
	}
}

// column finds a column by its name, with or without unit, or by the name of a metric,
// whose first column it then is.
func (p *Plan) column(name string) (int, error) {
	var all []string
	for i, c := range p.Columns {
		if c.Name == name || c.Title() == name {
			return i, nil
		}
		all = append(all, c.Name)
	}
	for _, m := range p.Metrics {
		if m.Name == name {
			for i, c := range p.Columns {
				if strings.HasPrefix(c.Name, name) {
					return i, nil
				}
			}
		}
	}
	return 0, fmt.Errorf("no column %s; want one of %s", name, strings.Join(all, ", "))
}

// baselines gives for each point the index of the one that it is compared with: the one
// that has the baseline's values and otherwise its own. Nil means that there is no
// baseline.
func (p *Plan) baselines() ([]int, error) {
	if len(p.Spec.Baseline) == 0 {
		return nil, nil
	}
	key := func(values []Given, replace bool) string {
		var b strings.Builder
		for i, v := range values {
			for _, a := range p.Spec.Baseline {
				if replace && a.Path == p.Params[i].Path {
					v = a.Value
				}
			}
			if i < p.varied() {
				fmt.Fprintf(&b, "%d %v %s\n", v.Kind, v.Number, map[bool]string{true: v.Text}[v.Kind == GivenText])
			}
		}
		return b.String()
	}
	at := map[string]int{}
	for i := range p.Points {
		at[key(p.Points[i].Values, false)] = i
	}
	of := make([]int, len(p.Points))
	for i := range p.Points {
		k, ok := at[key(p.Points[i].Values, true)]
		if !ok {
			return nil, fmt.Errorf("baseline: no point to compare %s with; want values that the sweep has", p.Describe(i))
		}
		of[i] = k
	}
	return of, nil
}

// varied is how many of the parameters vary by themselves; the others are derived.
func (p *Plan) varied() int { return len(p.Params) - len(p.derive) }

// Varied are the parameters that vary by themselves. They are columns of the rows; what is
// derived from them is not.
func (p *Plan) Varied() []Param { return p.Params[:p.varied()] }
