package sim

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

var empiricalRow = LawRow{
	Name:    "empirical",
	Meaning: "the durations of a file, each as often as it was seen",
	Forms: [][]LawParam{{
		{Name: "file", Unit: UnitFile, Meaning: "one duration per line (1.5ms, or a number of milliseconds), optionally a weight; # comments"},
	}},
	Read: readEmpirical,
}

// The limits on a file of durations. The bound on weights keeps their sum exact
// enough for every line to be reached.
const (
	maxEmpiricalLines  = 1_000_000
	maxEmpiricalWeight = 1e9
)

// empiricalLaw takes the listed values only; it does not interpolate, so a gap
// that was measured stays a gap.
type empiricalLaw struct {
	file   string
	values []float64 // ns, strictly increasing
	upTo   []float64 // the sum of the weights up to and with each value
	mean   float64   // ns
	sd     float64   // ns
}

// weighted is one line of the file: a duration in ns and its weight.
type weighted struct{ ns, weight float64 }

// readEmpirical reads one duration per line: a Go duration such as 1.5ms or a
// plain number of milliseconds, from 0 to MaxSample, and after white space an
// optional weight, 1 if absent. Empty lines and what follows '#' do not count.
func readEmpirical(file string, r io.Reader) (Law, error) {
	var lines []weighted
	scanner := bufio.NewScanner(r)
	n := 0
	for scanner.Scan() {
		n++
		if n > maxEmpiricalLines {
			return nil, fmt.Errorf("%s:%d: too long: want at most %d lines", file, n, maxEmpiricalLines)
		}
		text, _, _ := strings.Cut(scanner.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		w, err := parseWeighted(fields)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		lines = append(lines, w)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: reading durations: %w", file, n+1, err)
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s: no durations: want one per line, such as 1.5ms", file)
	}
	return newEmpirical(file, lines), nil
}

func parseWeighted(fields []string) (weighted, error) {
	if len(fields) > 2 {
		return weighted{}, fmt.Errorf("%d columns: want a duration and at most a weight", len(fields))
	}
	ns, err := parseMeasured(fields[0])
	if err != nil {
		return weighted{}, err
	}
	w := weighted{ns: ns, weight: 1}
	if len(fields) == 2 {
		w.weight, err = strconv.ParseFloat(fields[1], 64)
		if err != nil || !(1/maxEmpiricalWeight <= w.weight && w.weight <= maxEmpiricalWeight) {
			return weighted{}, fmt.Errorf("weight %q: want a number from %g to %g",
				fields[1], 1/maxEmpiricalWeight, maxEmpiricalWeight)
		}
	}
	return w, nil
}

// parseMeasured gives the nanoseconds of "1.5ms" or, in milliseconds, "1.5".
func parseMeasured(s string) (float64, error) {
	ns, err := strconv.ParseFloat(s, 64)
	ns = math.Round(ns * float64(time.Millisecond))
	if err != nil {
		var d time.Duration
		if d, err = time.ParseDuration(s); err != nil {
			return 0, fmt.Errorf("duration %q: want one such as 1.5ms, or a number of milliseconds", s)
		}
		ns = float64(d)
	}
	if !(0 <= ns && ns <= mostDuration) {
		return 0, fmt.Errorf("duration %q: want 0s to %s", s, brief(MaxSample))
	}
	return ns, nil
}

// newEmpirical sorts the lines, which it may reorder, and joins equal durations.
func newEmpirical(file string, lines []weighted) empiricalLaw {
	// Equal durations are ordered by weight, so that the sums, and with them
	// every draw, do not depend on the order of the lines.
	slices.SortFunc(lines, func(a, b weighted) int {
		return cmp.Or(cmp.Compare(a.ns, b.ns), cmp.Compare(a.weight, b.weight))
	})
	l := empiricalLaw{file: file}
	total, moment := 0.0, 0.0
	for _, w := range lines {
		total += w.weight
		moment += float64(w.weight * w.ns)
		if n := len(l.values); n > 0 && l.values[n-1] == w.ns {
			l.upTo[n-1] = total
			continue
		}
		l.values = append(l.values, w.ns)
		l.upTo = append(l.upTo, total)
	}
	l.mean = moment / total
	squares := 0.0
	for _, w := range lines {
		squares += float64(w.weight * float64((w.ns-l.mean)*(w.ns-l.mean)))
	}
	l.sd = math.Sqrt(squares / total)
	return l
}

func (l empiricalLaw) total() float64 { return l.upTo[len(l.upTo)-1] }

func (l empiricalLaw) Quantile(u float64) float64 {
	i := sort.SearchFloat64s(l.upTo, u*l.total())
	return l.values[min(i, len(l.values)-1)]
}

func (l empiricalLaw) CDF(x float64) float64 {
	// The first value above x: the least float64 beyond x is where it may start.
	i := sort.SearchFloat64s(l.values, math.Nextafter(x, math.Inf(1)))
	if i == 0 {
		return 0
	}
	return l.upTo[i-1] / l.total()
}

func (l empiricalLaw) Mean() float64 { return l.mean }
func (l empiricalLaw) SD() float64   { return l.sd }
func (l empiricalLaw) String() string {
	return fmt.Sprintf("empirical(file=%s, %d values)", l.file, len(l.values))
}
