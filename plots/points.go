package plots

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"zksim/experiments"
)

// differing lists the parameters that differ between points, by their number.
func differing(p *experiments.Plan, points []int) (free []int) {
	for k := range p.Varied() {
		if slices.ContainsFunc(points, func(i int) bool { return !p.Points[i].Values[k].Same(p.Points[points[0]].Values[k]) }) {
			free = append(free, k)
		}
	}
	return free
}

// varying names the parameters that differ between points.
func varying(p *experiments.Plan, points []int) string {
	var names []string
	for _, k := range differing(p, points) {
		names = append(names, p.Varied()[k].Path)
	}
	return strings.Join(names, " and ")
}

// valuesAt are a point's values of some parameters, in words; those of all where there are
// none.
func valuesAt(p *experiments.Plan, point int, params []int) string {
	var words []string
	for k := range p.Varied() {
		if len(params) == 0 || slices.Contains(params, k) {
			words = append(words, said(p.Points[point].Values[k].Text))
		}
	}
	if len(words) == 0 {
		return p.Spec.Name
	}
	text := strings.Join(words, apart)
	if len(text) < 40 {
		text = strings.ReplaceAll(text, " ", "\u00a0") // a short name stays in one line
	}
	return text
}

// thinned keeps at most so many, evenly spread, with the first and the last.
func thinned[T any](all []T, most int) []T {
	if len(all) <= most {
		return all
	}
	var some []T
	for k := range most {
		some = append(some, all[(k*(len(all)-1)+(most-1)/2)/(most-1)])
	}
	return some
}

// A span is the least and the greatest number of runs that something in a figure is of.
type span [2]int

func (s span) String() string {
	if s[0] == s[1] {
		return count(s[0])
	}
	return count(s[0]) + " to " + count(s[1])
}

// add takes note of a number.
func (s *span) add(n int) {
	if *s == (span{}) {
		*s = span{n, n}
	}
	s[0], s[1] = min(s[0], n), max(s[1], n)
}

// said is a parameter's value as a reader is told it: 500ms is 500 ms, and a value of
// several parts goes without the brackets that YAML has around them.
func said(text string) string {
	text = pairOfTwo.ReplaceAllString(text, "$1 to $2")
	text = strings.NewReplacer("{", "", "}", "", "[", "", "]", "", ": ", " ").Replace(text)
	return withUnit.ReplaceAllStringFunc(text, func(s string) string {
		k := strings.IndexFunc(s, unicode.IsLetter)
		unit := s[k:]
		if unit == "m" {
			unit = "min"
		}
		return s[:k] + "\u00a0" + unit
	})
}

var (
	pairOfTwo = regexp.MustCompile(`\[([^][,]+), ?([^][,]+)\]`)
	withUnit  = regexp.MustCompile(`\b[0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h)\b`)
)

// settled are the values that --at asked for, in words.
func settled(at []string) string {
	var words []string
	for _, a := range at {
		path, text, _ := strings.Cut(a, "=")
		words = append(words, path+" "+said(text))
	}
	return strings.Join(words, apart)
}
