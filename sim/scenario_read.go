package sim

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"zksim/model"
)

// The limits on what is read, besides the size of the file. A tabulated law
// takes some 15 ms to prepare, so their number is bounded too.
const (
	maxScenarioNodes = 400_000
	maxScenarioLaws  = 200
)

// ReadScenario reads a scenario from YAML and checks it. The name is the
// file's, for messages. Laws that are read from a file get it through open,
// whose argument is as written, relative to the scenario; with a nil open they
// are refused.
//
// The error is a [ScenarioErrors] with every problem, in the order of the file.
func ReadScenario(name string, source []byte, open func(string) (io.ReadCloser, error)) (*Scenario, error) {
	return ReadScenarioWith(name, source, open, nil)
}

// ReadScenarioWith is [ReadScenario] with values of the command line, each in
// the form path=value: clients.worker.timeout=4s, faults.0.for=20s,
// "network.latency={uniform: [1ms, 5ms]}". They take the place of what the file
// says before anything is checked; later ones win.
func ReadScenarioWith(name string, source []byte, open func(string) (io.ReadCloser, error), sets []string) (*Scenario, error) {
	r := &reader{file: name, open: open, sets: sets, lines: map[string]int{}, spoiled: map[string]bool{}, samplers: map[string]*Sampler{}}
	root := r.tree(source)
	if root == nil {
		return nil, r.errs.orNil()
	}
	if len(r.errs) > 0 {
		return nil, r.errs.orNil()
	}
	for i, set := range sets {
		r.set(root, i, set)
	}
	s := defaultScenario(strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
	readMapping(r, value{node: root, line: root.Line}, scenarioKeys, s)
	c := checker{s: s, spoiled: r.isSpoiled}
	c.scenario()
	for _, e := range c.errs {
		path := e.Path
		if _, written := r.lines[path]; !written {
			path = strings.TrimSuffix(path, ".who") // pause: worker stands for pause: {who: worker}
		}
		r.add(r.lineOf(path), path, e.Problem)
	}
	if err := r.errs.orNil(); err != nil {
		return nil, err
	}
	return s, nil
}

// A reader turns one YAML document into a scenario and collects what is wrong.
type reader struct {
	file string
	open func(string) (io.ReadCloser, error)
	sets []string
	errs ScenarioErrors
	// lines is where each path was written. The nodes of the n-th value of the
	// command line, from 0, have line -(n+1).
	lines map[string]int
	// spoiled holds the paths whose values could not be read. Later checks that
	// depend on one say nothing: they would report its stand-in.
	spoiled  map[string]bool
	samplers map[string]*Sampler // by everything that they depend on
	// library is what the client being read says about its library.
	library struct{ name, version, under string }
}

// A value is a node of the document and where it stands.
type value struct {
	node *yaml.Node
	path string
	line int
}

func (v value) isMapping() bool { return v.node.Kind == yaml.MappingNode }

// inner is the path of something inside.
func (v value) inner(key string) string {
	if v.path == "" {
		return key
	}
	return v.path + "." + key
}

// shown is what was written, shortened, for messages.
func (v value) shown() string {
	switch v.node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if v.node.ShortTag() == "!!null" {
		return "nothing"
	}
	return shorten(v.node.Value)
}

// shorten keeps a message readable whatever the file holds.
func shorten(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "..."
	}
	if strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f || c == 0xfffd }) {
		return strconv.Quote(s)
	}
	return s
}

// add reports a problem at a line, or at a value of the command line.
func (r *reader) add(line int, path, problem string) {
	e := &ScenarioError{File: r.file, Line: line, Path: path, Problem: problem, order: line}
	if line < 0 {
		set := r.sets[-line-1]
		e.File, e.Line, e.order = "--set "+shorten(set), 0, MaxScenarioBytes-line
		if at, _, _ := strings.Cut(set, "="); at == path {
			e.Path = ""
		}
	}
	r.errs = append(r.errs, e)
}

// refuse reports a problem of a value and spoils its path.
func (r *reader) refuse(v value, format string, args ...any) {
	r.spoiled[v.path] = true
	r.add(v.line, v.path, fmt.Sprintf(format, args...))
}

// lineOf is where a path was written, or the nearest path around it.
func (r *reader) lineOf(path string) int {
	for {
		if line, ok := r.lines[path]; ok {
			return line
		}
		cut := strings.LastIndexByte(path, '.')
		if cut < 0 {
			return r.lines[""]
		}
		path = path[:cut]
	}
}

// isSpoiled says whether the value of a path could not be read.
func (r *reader) isSpoiled(path string) bool {
	for {
		if r.spoiled[path] {
			return true
		}
		cut := strings.LastIndexByte(path, '.')
		if cut < 0 {
			return false
		}
		path = path[:cut]
	}
}

// entries are the keys and values of a mapping, or nil after a complaint.
func (r *reader) entries(v value) (keys []string, values []value) {
	if !v.isMapping() {
		r.refuse(v, "not a mapping (%s); want keys and values", v.shown())
		return nil, nil
	}
	first := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		k, n := v.node.Content[i], v.node.Content[i+1]
		inner := value{node: n, path: v.inner(k.Value), line: k.Line}
		if n.Line < 0 {
			inner.line = n.Line
		}
		if k.Kind != yaml.ScalarNode {
			r.add(k.Line, v.path, "a key that is "+value{node: k}.shown()+"; want a word")
			continue
		}
		if line, ok := first[k.Value]; ok {
			r.add(k.Line, inner.path, fmt.Sprintf("a second time (first in line %d); want each key once", line))
			continue
		}
		first[k.Value] = k.Line
		if _, ok := r.lines[inner.path]; !ok {
			r.lines[inner.path] = inner.line
		}
		keys, values = append(keys, k.Value), append(values, inner)
	}
	return keys, values
}

// readMapping fills t from a mapping with the given keys.
func readMapping[T any](r *reader, v value, keys []key[T], t *T) {
	r.lines[v.path] = v.line
	names, values := r.entries(v)
	if names == nil && !v.isMapping() {
		return
	}
	for i, name := range names {
		row := slices.IndexFunc(keys, func(k key[T]) bool { return k.name == name })
		if row < 0 {
			near := r.unknown(values[i], "key", name, rows(keys)())
			if near != "" && !slices.Contains(names, near) {
				r.spoiled[v.inner(near)] = true
			}
			continue
		}
		keys[row].put(r, values[i], t)
	}
	for i := range keys {
		k := &keys[i]
		if k.required && !slices.Contains(names, k.name) && !r.spoiled[v.inner(k.name)] {
			r.spoiled[v.inner(k.name)] = true
			r.add(v.line, v.path, fmt.Sprintf("no %s; want %s: %s", k.name, k.name, k.wanted()))
		}
	}
}

// unknown reports a key that there is not, and returns the one that was
// probably meant.
func (r *reader) unknown(v value, what, name string, known []keyRow) (near string) {
	names := make([]string, len(known))
	for i := range known {
		names[i] = known[i].name
	}
	hint := ""
	if near = nearest(name, names); near != "" {
		hint = "did you mean " + near + "? "
	}
	r.refuse(v, "unknown %s %s; %sknown are %s", what, shorten(name), hint, strings.Join(names, ", "))
	return near
}

// clients reads the clients by name.
func (r *reader) clients(v value, s *Scenario) {
	names, values := r.entries(v)
	for i, name := range names {
		c := defaultClient(name)
		r.library.name, r.library.version, r.library.under = "java", "", ""
		readMapping(r, values[i], clientKeys, &c)
		r.findLibrary(values[i], &c)
		s.Clients = append(s.Clients, c)
	}
}

// findLibrary looks up what a client says about its library.
func (r *reader) findLibrary(v value, c *Client) {
	library, version := v.inner("library"), v.inner("version")
	if r.spoiled[library] || r.spoiled[version] {
		return
	}
	if r.library.version == "" && r.library.name != "java" {
		c.Version = "" // the newest of that library
	}
	row, err := model.FindLibrary(r.library.name, c.Version)
	if err == nil {
		c.Library = row
		if c.Version == "" {
			c.Version = row.Read
		}
		r.findUnder(v, c)
		return
	}
	at := library
	if slices.Contains(model.LibraryNames(), r.library.name) {
		at = version
	}
	r.spoiled[at] = true
	r.add(r.lineOf(at), at, wording(err))
}

// findUnder looks up the Java client under Curator.
func (r *reader) findUnder(v value, c *Client) {
	at := v.inner("zookeeper")
	if r.library.name != "curator" || r.spoiled[at] {
		return
	}
	row, err := model.FindLibrary("java", c.UnderVersion)
	if err != nil {
		r.spoiled[at] = true
		r.add(r.lineOf(at), at, wording(err))
		return
	}
	c.Under = row
}

// clocks reads the clocks of servers by name.
func (r *reader) clocks(v value, e *Ensemble) {
	names, values := r.entries(v)
	for i, name := range names {
		id, ok := serverNumber(name)
		if !ok || id > mostServers {
			r.refuse(values[i], "not a server (%s); want server1, server2 and so on", shorten(name))
			continue
		}
		for len(e.Clocks) < id {
			e.Clocks = append(e.Clocks, Clock{})
		}
		readMapping(r, values[i], clockKeys, &e.Clocks[id-1])
	}
}

// faults reads the list of faults. Each item makes a fault, readable or not, so
// that paths and faults have the same numbers.
func (r *reader) faults(v value, s *Scenario) {
	if v.node.Kind != yaml.SequenceNode {
		r.refuse(v, "not a list (%s); want faults, each behind a hyphen", v.shown())
		return
	}
	for i, n := range v.node.Content {
		item := value{node: n, path: v.inner(strconv.Itoa(i)), line: n.Line}
		s.Faults = append(s.Faults, Fault{})
		if i > MaxFaults { // the check reports their number
			r.spoiled[item.path] = true
			continue
		}
		f := &s.Faults[i]
		f.Where = fmt.Sprintf("%s:%d", r.file, item.line)
		if item.line < 0 {
			f.Where = "--set " + shorten(r.sets[-item.line-1])
		}
		r.fault(item, f)
	}
}

// fault reads one fault, which has exactly one key that is a kind of fault.
func (r *reader) fault(v value, f *Fault) {
	before := len(r.errs)
	readMapping(r, v, faultKeys, f)
	if !v.isMapping() {
		return
	}
	var given, kinds []string
	for i := range faultKeys {
		k := &faultKeys[i]
		if !k.fault {
			continue
		}
		kinds = append(kinds, k.name)
		if _, ok := r.lines[v.inner(k.name)]; ok {
			given = append(given, k.name)
		}
	}
	switch {
	case len(given) == 1:
	case len(given) > 1:
		r.refuse(v, "%d kinds of fault in one (%s); want one, and an item of its own for each", len(given), strings.Join(given, ", "))
	case len(r.errs) > before: // most likely a misspelt kind, which has been reported
		r.spoiled[v.path] = true
	default:
		r.refuse(v, "no kind of fault; want one of %s", strings.Join(kinds, ", "))
	}
}
