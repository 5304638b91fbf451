//go:build !js

package experiments

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A saved sweep is everything that its results depend on, in one file: the folder can be
// carried elsewhere and gone on with.
type saved struct {
	Format   string            `json:"zksim_sweep"`
	Engine   string            `json:"engine"`
	Name     string            `json:"name"`
	Title    string            `json:"title,omitempty"`
	About    string            `json:"about,omitempty"`
	Seed     uint64            `json:"seed"`
	Runs     int               `json:"replications"`
	Chunk    int               `json:"chunk"`
	Metrics  []string          `json:"metrics"`
	Set      []string          `json:"set,omitempty"`
	Axes     []savedAxis       `json:"axes,omitempty"`
	Derive   []Derived         `json:"derive,omitempty"`
	Where    []string          `json:"where,omitempty"`
	Until    *Precision        `json:"precision,omitempty"`
	Separate bool              `json:"independent,omitempty"`
	Drawn    bool              `json:"phases_drawn,omitempty"`
	Baseline []string          `json:"baseline,omitempty"`
	Assert   []string          `json:"assert,omitempty"`
	Source   string            `json:"scenario_file"`
	Scenario string            `json:"scenario"`
	Files    map[string][]byte `json:"files,omitempty"`
}

type savedAxis struct {
	Paths  []string   `json:"paths"`
	Values [][]string `json:"values"`
}

const sweepFormat = "1"

// save describes the plan in a file.
func (p *Plan) saved() *saved {
	s := p.Spec
	out := &saved{Format: sweepFormat, Engine: p.Engine, Name: s.Name, Title: s.Title, About: s.About, Seed: s.Seed, Runs: s.Runs, Chunk: s.Chunk, Metrics: s.Metrics,
		Set: s.Set, Derive: s.Derive, Where: s.Where, Until: s.Until, Separate: s.Independent, Drawn: s.DrawPhases, Assert: s.Assert,
		Source: filepath.Base(s.Scenario.Name), Scenario: string(s.Scenario.Text)}
	for _, a := range s.Axes {
		axis := savedAxis{Paths: a.Paths}
		for _, values := range a.Values {
			var texts []string
			for _, v := range values {
				texts = append(texts, v.Text)
			}
			axis.Values = append(axis.Values, texts)
		}
		out.Axes = append(out.Axes, axis)
	}
	for _, b := range s.Baseline {
		out.Baseline = append(out.Baseline, b.Path+"="+b.Value.Text)
	}
	for _, name := range s.Scenario.fileNames() {
		if out.Files == nil {
			out.Files = map[string][]byte{}
		}
		out.Files[name] = s.Scenario.file(name)
	}
	return out
}

// spec is the sweep that a file describes.
func (v *saved) spec() *Spec {
	s := &Spec{Name: v.Name, Title: v.Title, About: v.About, Seed: v.Seed, Runs: v.Runs, Chunk: v.Chunk, Metrics: v.Metrics, Set: v.Set, Derive: v.Derive,
		Where: v.Where, Until: v.Until, Independent: v.Separate, DrawPhases: v.Drawn, Assert: v.Assert}
	s.Scenario = Source{Name: v.Source, Text: []byte(v.Scenario), Open: func(name string) (io.ReadCloser, error) {
		if text, ok := v.Files[name]; ok {
			return io.NopCloser(bytes.NewReader(text)), nil
		}
		return nil, fs.ErrNotExist
	}}
	for _, a := range v.Axes {
		axis := Axis{Paths: a.Paths}
		for _, texts := range a.Values {
			var values []Given
			for _, t := range texts {
				values = append(values, give(t))
			}
			axis.Values = append(axis.Values, values)
		}
		s.Axes = append(s.Axes, axis)
	}
	for _, b := range v.Baseline {
		path, value, _ := strings.Cut(b, "=")
		s.Baseline = append(s.Baseline, Assigned{path, give(value)})
	}
	return s
}

// identity is what must not change under a half-done result.
func (v *saved) identity() []byte {
	c := *v
	c.Assert, c.Baseline, c.Title, c.About = nil, nil, "", ""
	return inJSON(&c)
}

func inJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // texts and numbers
	}
	return b.Bytes()
}

// Open makes the folder of a plan's results, or goes on with one. A folder that holds
// another sweep is refused, unless changed says that the sweep has been changed on
// purpose: the chunks that are still right are kept then.
func Open(dir string, p *Plan, changed bool) (*Results, error) {
	switch info, err := os.Stat(dir); {
	case err == nil && !info.IsDir():
		return nil, fmt.Errorf("%s: a file; want a folder", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no folder can be made: %w", dir, reason(err))
	}
	want := p.saved()
	before, err := readSaved(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if files, err := os.ReadDir(dir); err == nil && len(files) > 0 && !onlyOurs(files) {
			return nil, fmt.Errorf("%s: holds other files, and no results of a sweep; want an empty or a new folder", dir)
		}
	case err != nil:
		return nil, err
	case !changed && !bytes.Equal(before.identity(), want.identity()):
		return nil, fmt.Errorf("%s: holds results of another sweep (%s); give another folder, or --change to keep what is still right", dir, differences(before, want))
	}
	st, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	r := &Results{Plan: p, store: st}
	if content := inJSON(want); before == nil || !bytes.Equal(inJSON(before), content) {
		// The tables are of the sweep that was; they come again at the end.
		for _, name := range []string{ManifestFile, RowsFile, SummaryFile, rowsName("parquet")} {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), reason(err))
			}
		}
		f, err := createAside(filepath.Join(dir, SweepFile))
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(content); err != nil {
			f.discard()
			return nil, fmt.Errorf("%s: %w", f.path, reason(err))
		}
		if err := f.commit(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// onlyOurs says whether a folder has nothing but what a sweep that was killed at its very
// beginning leaves.
func onlyOurs(files []fs.DirEntry) bool {
	for _, f := range files {
		if f.Name() != chunkFolder && !strings.HasPrefix(f.Name(), asidePrefix) {
			return false
		}
	}
	return true
}

// Load opens a folder of results for reading.
func Load(dir string) (*Results, error) {
	if f, err := os.Stat(dir); err == nil && !f.IsDir() {
		return nil, fmt.Errorf("%s: a file; want the folder that zksim sweep -o made", dir)
	}
	v, err := readSaved(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no results of a sweep (%s is missing); want the folder that zksim sweep -o made", dir, SweepFile)
	}
	if err != nil {
		return nil, err
	}
	p, err := v.spec().Plan(v.Engine)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, SweepFile), err)
	}
	return &Results{Plan: p, store: &store{dir: dir}}, nil
}

func readSaved(dir string) (*saved, error) {
	path := filepath.Join(dir, SweepFile)
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fs.ErrNotExist
		}
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	v := &saved{}
	if err := json.Unmarshal(text, v); err != nil || v.Format != sweepFormat {
		return nil, fmt.Errorf("%s: not a sweep that this zksim wrote; want another folder", path)
	}
	return v, nil
}

// differences says what distinguishes two sweeps.
func differences(a, b *saved) string {
	var words []string
	say := func(name string, x, y any) {
		if p, q := string(inJSON(x)), string(inJSON(y)); p != q {
			if len(p)+len(q) < 80 {
				name += ": " + strings.Join(strings.Fields(p), " ") + " there, " + strings.Join(strings.Fields(q), " ") + " now"
			}
			words = append(words, name)
		}
	}
	say("engine", a.Engine, b.Engine)
	say("name", a.Name, b.Name)
	say("scenario", a.Scenario, b.Scenario)
	say("set", a.Set, b.Set)
	say("vary", a.Axes, b.Axes)
	say("derive", a.Derive, b.Derive)
	say("where", a.Where, b.Where)
	say("metrics", a.Metrics, b.Metrics)
	say("seed", a.Seed, b.Seed)
	say("replications", a.Runs, b.Runs)
	say("precision", a.Until, b.Until)
	say("chunk", a.Chunk, b.Chunk)
	say("independent", a.Separate, b.Separate)
	say("phases drawn", a.Drawn, b.Drawn)
	say("files", a.Files, b.Files)
	return strings.Join(words, "; ")
}

// A manifestFile says what the tables of a result are.
type manifestFile struct {
	Format  string           `json:"zksim_results"`
	Engine  string           `json:"engine"`
	Name    string           `json:"name"`
	Title   string           `json:"title,omitempty"`
	Seed    uint64           `json:"seed"`
	Points  int              `json:"points"`
	Rows    int64            `json:"rows"`
	Columns []manifestColumn `json:"columns"`
	Summary []manifestColumn `json:"summary_columns"`
	Missing []string         `json:"missing,omitempty"`
	Files   []manifestEntry  `json:"files"`
	Sweep   *saved           `json:"sweep"`
}

type manifestColumn struct {
	Name    string `json:"name"`
	Unit    string `json:"unit,omitempty"`
	Meaning string `json:"meaning,omitempty"`
}

type manifestEntry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// manifest writes what the other files are.
func (r *Results) manifest(w io.Writer, d *Digested, files []*output) error {
	p := r.Plan
	m := manifestFile{Format: "1", Engine: p.Engine, Name: p.Spec.Name, Title: p.Spec.Title, Seed: p.Spec.Seed, Points: len(p.Points), Rows: d.Rows, Missing: d.Missing, Sweep: p.saved()}
	for _, l := range leading {
		m.Columns = append(m.Columns, manifestColumn{l.name, l.unit, l.meaning})
	}
	for _, param := range p.Varied() {
		unit := ""
		if param.Kind == GivenDuration {
			unit = "ms"
		}
		m.Columns = append(m.Columns, manifestColumn{param.Title(), unit, "value of " + param.Path})
	}
	for _, c := range p.Columns {
		m.Columns = append(m.Columns, manifestColumn{c.Title(), c.Kind.Unit(), c.Meaning})
	}
	for _, name := range d.summaryHeader() {
		m.Summary = append(m.Summary, manifestColumn{Name: name, Meaning: summaryMeaning(name)})
	}
	for _, f := range files {
		if err := f.Flush(); err != nil {
			return err
		}
		m.Files = append(m.Files, manifestEntry{filepath.Base(f.path), f.bytes, fmt.Sprintf("%x", f.sum.Sum(nil))})
	}
	_, err := w.Write(inJSON(&m))
	return err
}

// summaryMeaning explains a column of the summary.
func summaryMeaning(name string) string {
	base, isLow := strings.CutSuffix(name, "_low")
	base, isHigh := strings.CutSuffix(base, "_high")
	switch {
	case isLow:
		return "lower end of the 95 % confidence interval of " + base
	case isHigh:
		return "upper end of the 95 % confidence interval of " + base + "; inf: beyond what the runs show"
	}
	if m, ok := summaryMeanings[name]; ok {
		return m
	}
	for _, q := range Quantiles {
		if q.Name == name {
			return fmt.Sprintf("the least value that at least %g %% of the n do not exceed; inf: it did not happen in so many within the run", float64(q.Thousandths)/10)
		}
	}
	return ""
}

var summaryMeanings = map[string]string{
	"point":          "number of the point, from 1",
	"id":             "fingerprint of its scenario",
	"column":         "column of the rows",
	"unit":           "unit of mean, sd, min, quantiles, max and difference",
	"runs":           "replications",
	"n":              "of which the question applies to so many",
	"happened":       "of which it happened in so many within the run",
	"mean":           "mean of those in which it happened",
	"sd":             "their standard deviation",
	"min":            "the least",
	"max":            "the greatest",
	"share":          "how often it happened, of n; of a yes or no, how often yes",
	"baseline_point": "number of the point that this one is compared with",
	"pairs":          "runs in which it happened at both",
	"unpaired":       "runs in which it did not",
	"difference":     "mean of this point minus the baseline, run by run",
}
