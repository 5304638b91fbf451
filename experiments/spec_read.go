//go:build !js

package experiments

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// specKeys are the keys of a sweep's file.
var specKeys = []string{"name", "title", "about", "scenario", "set", "vary", "zip", "derive", "where", "metrics", "seed", "replications",
	"precision", "chunk", "baseline", "assert", "independent", "phases"}

// IsSpec tells a sweep's file from a scenario's, by its keys.
func IsSpec(text []byte) bool {
	var root yaml.Node
	if yaml.Unmarshal(text, &root) != nil || len(root.Content) == 0 {
		return false
	}
	has := func(key string) bool { return childOf(root.Content[0], key) != nil }
	return has("scenario") || (has("vary") || has("zip")) && !has("clients")
}

// ReadSpec reads a sweep from YAML. Find gives the text of a scenario by the name that
// the sweep has for it. The error says where in the file and what would be right.
func ReadSpec(name string, text []byte, open func(string) (io.ReadCloser, error), find func(string) (Source, error)) (*Spec, error) {
	r := &specReader{file: name, text: text, open: open, find: find}
	s := &Spec{Name: strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), Runs: DefaultRuns, Seed: 1}
	var document yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s:1: an empty file; want a sweep, with scenario and vary", name)
		}
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	root := document.Content[0]
	r.each(root, "", specKeys, func(key string, n *yaml.Node) { r.key(s, key, n) })
	if len(r.errs) == 0 && s.Scenario.Text == nil {
		r.refuse(root, "scenario", "no scenario; want the name of one, a file, or its text")
	}
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// A specReader reads one file and collects what is wrong with it.
type specReader struct {
	file string
	text []byte
	open func(string) (io.ReadCloser, error)
	find func(string) (Source, error)
	errs []error
}

func (r *specReader) refuse(n *yaml.Node, path, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d: %s: %s", r.file, max(n.Line, 1), path, fmt.Sprintf(format, args...)))
}

// each visits the keys of a mapping, each once. With nil known any key will do.
func (r *specReader) each(n *yaml.Node, path string, known []string, f func(key string, n *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.refuse(n, cmpOr(path, "sweep"), "not a mapping (%s); want keys and values", shownNode(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		at := cmpOr(path, "") + map[bool]string{true: ".", false: ""}[path != ""] + key
		switch {
		case seen[key]:
			r.refuse(n.Content[i], at, "a second time; want each key once")
		case known != nil && !slices.Contains(known, key):
			r.refuse(n.Content[i], at, "unknown key; known are %s", strings.Join(known, ", "))
		default:
			f(key, n.Content[i+1])
		}
		seen[key] = true
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func shownNode(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return n.Value
}

// key reads one key of the file.
func (r *specReader) key(s *Spec, key string, n *yaml.Node) {
	switch key {
	case "name":
		s.Name = r.word(key, n)
	case "title":
		s.Title = r.word(key, n)
	case "about":
		s.About = r.word(key, n)
	case "scenario":
		r.scenario(s, n)
	case "set":
		r.each(n, key, nil, func(path string, v *yaml.Node) { s.Set = append(s.Set, path+"="+r.flow(key, v)) })
	case "vary":
		r.each(n, key, nil, func(path string, v *yaml.Node) {
			if given := r.values(key+"."+path, v); given != nil {
				s.Axes = append(s.Axes, Axis{Paths: []string{path}, Values: [][]Given{given}})
			}
		})
	case "zip":
		r.zip(s, n)
	case "derive":
		r.each(n, key, nil, func(path string, v *yaml.Node) { s.Derive = append(s.Derive, Derived{path, r.word(key+"."+path, v)}) })
	case "where":
		s.Where = r.words(key, n)
	case "metrics":
		s.Metrics = r.words(key, n)
	case "assert":
		s.Assert = r.words(key, n)
	case "seed":
		seed, err := strconv.ParseUint(n.Value, 0, 64)
		if s.Seed = seed; err != nil || n.Kind != yaml.ScalarNode {
			r.refuse(n, key, "not a seed (%s); want a whole number from 0 to %d", shownNode(n), uint64(math.MaxUint64))
		}
	case "replications":
		s.Runs = r.count(key, n, 1, MaxRuns)
	case "chunk":
		s.Chunk = r.count(key, n, 1, MaxChunk)
	case "precision":
		p, err := parsePrecision(r.word(key, n))
		if s.Until = p; err != nil {
			r.refuse(n, key, "%s: %v", n.Value, err)
		}
	case "baseline":
		r.each(n, key, nil, func(path string, v *yaml.Node) { s.Baseline = append(s.Baseline, Assigned{path, give(r.flow(key, v))}) })
	case "phases":
		if s.DrawPhases = n.Value == "drawn"; !s.DrawPhases && n.Value != "as written" {
			r.refuse(n, key, "%s; want drawn or as written", shownNode(n))
		}
	case "independent":
		if s.Independent = n.Value == "true"; !s.Independent && n.Value != "false" {
			r.refuse(n, key, "%s; want true or false", shownNode(n))
		}
	}
}

func (r *specReader) word(path string, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		r.refuse(n, path, "not text (%s)", shownNode(n))
		return ""
	}
	return n.Value
}

// words reads one text or a list of them.
func (r *specReader) words(path string, n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		return []string{r.word(path, n)}
	}
	var all []string
	for _, item := range n.Content {
		all = append(all, r.word(path, item))
	}
	return all
}

func (r *specReader) count(path string, n *yaml.Node, least, most int) int {
	k, err := strconv.Atoi(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode || k < least || k > most {
		r.refuse(n, path, "%s; want a whole number from %d to %d", shownNode(n), least, most)
		return least
	}
	return k
}

// flow writes a value in one line, as --set takes it.
func (r *specReader) flow(path string, n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
		return n.Value
	}
	inFlow(n)
	text, err := yaml.Marshal(n)
	if err != nil {
		r.refuse(n, path, "%v", err)
		return ""
	}
	return strings.TrimSpace(string(text))
}

func inFlow(n *yaml.Node) {
	n.Style = n.Style&^(yaml.LiteralStyle|yaml.FoldedStyle) | yaml.FlowStyle
	if n.Kind == yaml.ScalarNode {
		n.Style &^= yaml.FlowStyle
	}
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, inner := range n.Content {
		inFlow(inner)
	}
}

// values reads what a parameter takes: a list, {from, to, step}, {from, to, n, scale}, or
// the words that the command line has for them.
func (r *specReader) values(path string, n *yaml.Node) []Given {
	switch n.Kind {
	case yaml.ScalarNode:
		given, err := parseValues(n.Value)
		if err != nil {
			r.refuse(n, path, "%v", err)
		}
		return given
	case yaml.SequenceNode:
		var all []Given
		for _, item := range n.Content {
			if text := r.flow(path, item); item.Kind == yaml.ScalarNode && strings.Contains(text, "..") {
				given, err := parseValues(text)
				if err != nil {
					r.refuse(item, path, "%v", err)
				}
				all = append(all, given...)
			} else {
				all = append(all, give(text))
			}
		}
		if len(all) == 0 {
			r.refuse(n, path, "an empty list; want values")
		}
		return all
	}
	var s span
	r.each(n, path, []string{"from", "to", "step", "n", "scale"}, func(key string, v *yaml.Node) {
		switch key {
		case "from":
			s.from = give(r.word(path, v))
		case "to":
			s.to = give(r.word(path, v))
		case "step":
			s.step = give(r.word(path, v))
		case "n":
			s.n = r.word(path, v)
		case "scale":
			if s.log = v.Value == "log"; !s.log && v.Value != "linear" {
				r.refuse(v, path+".scale", "%s; want linear or log", shownNode(v))
			}
		}
	})
	if (s.n == "") == (s.step.Text == "") || s.log && s.n == "" {
		r.refuse(n, path, "want {from, to, step} or {from, to, n}, the latter also with scale: log")
		return nil
	}
	given, err := s.values()
	if err != nil {
		r.refuse(n, path, "%v", err)
	}
	return given
}

// zip reads groups of parameters that vary in lock-step.
func (r *specReader) zip(s *Spec, n *yaml.Node) {
	groups := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		groups = n.Content
	}
	for _, group := range groups {
		var a Axis
		r.each(group, "zip", nil, func(path string, v *yaml.Node) {
			given := r.values("zip."+path, v)
			if len(a.Values) > 0 && given != nil && len(given) != len(a.Values[0]) {
				r.refuse(v, "zip."+path, "%d values beside %d of %s; want as many", len(given), len(a.Values[0]), a.Paths[0])
			}
			a.Paths, a.Values = append(a.Paths, path), append(a.Values, given)
		})
		if len(a.Paths) > 0 {
			s.Axes = append(s.Axes, a)
		}
	}
}

// scenario reads which scenario is played: by name, or its text in place.
func (r *specReader) scenario(s *Spec, n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		s.Scenario = Source{Name: r.file, Text: inPlace(r.text, n), Open: r.open}
		return
	}
	name := r.word("scenario", n)
	if name == "" {
		return
	}
	src, err := r.find(name)
	if err != nil {
		r.refuse(n, "scenario", "%v", err)
		return
	}
	s.Scenario = src
}

// inPlace is the text of a mapping within a file, with everything around it blanked out,
// so that messages about it have the file's lines.
func inPlace(text []byte, n *yaml.Node) []byte {
	if n.Style&yaml.FlowStyle != 0 || n.Column < 2 || len(n.Content) == 0 {
		out, _ := yaml.Marshal(n)
		return out
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	var out []byte
	for i, line := range lines {
		inside := i+1 >= n.Content[0].Line
		if inside && i+1 > n.Content[0].Line {
			word := bytes.TrimLeft(line, " ")
			if len(bytes.TrimSpace(word)) > 0 && word[0] != '#' && len(line)-len(word) < n.Column-1 {
				break
			}
		}
		if inside {
			out = append(out, line...)
		} else {
			out = append(out, '\n')
		}
	}
	return out
}

// childOf is the value of a key, or nil.
func childOf(mapping *yaml.Node, key string) *yaml.Node {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// written finds what a scenario's text says at a path, for expressions.
func written(s *Spec, path string) (Given, bool) {
	for i := len(s.Set) - 1; i >= 0; i-- {
		if p, v, _ := strings.Cut(s.Set[i], "="); strings.TrimSpace(p) == path {
			return give(v), true
		}
	}
	var root yaml.Node
	if yaml.Unmarshal(s.Scenario.Text, &root) != nil || len(root.Content) == 0 {
		return Given{}, false
	}
	n := root.Content[0]
	for _, key := range strings.Split(path, ".") {
		switch i, err := strconv.Atoi(key); {
		case n.Kind == yaml.SequenceNode && err == nil && i >= 0 && i < len(n.Content):
			n = n.Content[i]
		default:
			n = childOf(n, key)
		}
		if n == nil {
			return Given{}, false
		}
	}
	if n.Kind != yaml.ScalarNode {
		return Given{}, false
	}
	return give(n.Value), true
}
