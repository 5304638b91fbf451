//go:build !js

package experiments

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// remark says what is worth knowing of the points: once, and with the first of them unless
// it is so at all.
func (p *Plan) remark(of [][]string) {
	count, said := map[string]int{}, map[string]bool{}
	for _, remarks := range of {
		for _, r := range remarks {
			count[r]++
		}
	}
	for i, remarks := range of {
		for _, r := range remarks {
			switch {
			// A timeout that is changed makes another point of it than its values say.
			case strings.HasSuffix(r, "(N-2)") || !said[r] && count[r] < len(p.Points):
				p.Remarks = append(p.Remarks, p.Describe(i)+": "+r)
			case !said[r]:
				p.Remarks = append(p.Remarks, r)
			}
			said[r] = true
		}
	}
}

// changeNothing refuses what would be the same at all points, whatever value it has.
func (s *Spec) changeNothing() error {
	var paths []string
	for _, a := range s.Axes {
		paths = append(paths, a.Paths...)
	}
	for _, d := range s.Derive {
		paths = append(paths, d.Path)
	}
	for _, path := range paths {
		if path == "name" || path == "title" || path == "about" {
			return fmt.Errorf("%s: changes nothing in a run; want something that does", path)
		}
	}
	for _, set := range s.Set {
		path, _, _ := strings.Cut(set, "=")
		paths = append(paths, strings.TrimSpace(path))
	}
	if slices.Contains(paths, "seed") {
		return errors.New("seed: a sweep has one, and its replications are the runs of it; want --seed, or more replications")
	}
	return nil
}

// inOwnWords is an error about a point's values, which the scenario's reader takes for words
// of --set.
func (p *Plan) inOwnWords(i int, err error) error {
	text := err.Error()
	for _, a := range p.assigned(i) {
		text = strings.ReplaceAll(text, "--set "+a+": ", a+": ")
	}
	return errors.New(text)
}
