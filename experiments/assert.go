//go:build !js

package experiments

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// asked lists the statistics that assertions ask for.
func (p *Plan) asked() []statCall {
	var all []statCall
	for _, e := range p.assert {
		all = append(all, e.stats...)
	}
	return all
}

// Failures holds every assertion against every point, and says which fail, with the values
// that they have there.
func (d *Digested) Failures() ([]string, error) {
	var failed []string
	for _, e := range d.Plan.assert {
		for i := range d.Plan.Points {
			var shown []string
			unknown := false
			holds, err := e.holds(d.Plan.given(i), func(call statCall) (any, error) {
				value, kind := d.asked[i][call.named()], d.kind(call)
				name := call.named()
				switch {
				case math.IsNaN(value):
					unknown = true
					shown = append(shown, name+" is not known: it applies to no run")
				case math.IsInf(value, 1):
					shown = append(shown, name+" is beyond the end of the run")
				case kind == KindDuration && call.stat != "n" && call.stat != "share":
					shown = append(shown, fmt.Sprintf("%s = %s", name, shortDuration(value)))
				default:
					shown = append(shown, fmt.Sprintf("%s = %s", name, cellOf(value)))
				}
				return typed(value, kind, call.stat), nil
			})
			if err != nil {
				return nil, fmt.Errorf("assert at %s: %w", d.Plan.Describe(i), err)
			}
			if unknown || !holds {
				failed = append(failed, fmt.Sprintf("%s fails at %s: %s", e.source, d.Plan.Describe(i), strings.Join(shown, ", ")))
			}
		}
	}
	return failed, nil
}

// named is what the statistic is called: p99(detection).
func (c statCall) named() string { return c.stat + "(" + c.column + ")" }

func (d *Digested) kind(call statCall) MetricKind {
	k, err := d.Plan.column(call.column)
	if err != nil {
		panic(err) // it was looked up when the plan was made
	}
	return d.Plan.Columns[k].Kind
}

// typed is a statistic as an expression sees it. What is beyond the end of the run is
// longer than any duration.
func typed(v float64, kind MetricKind, stat string) any {
	if kind != KindDuration || stat == "n" || stat == "share" {
		return v
	}
	if math.IsNaN(v) || v*1e6 >= math.MaxInt64 {
		return time.Duration(math.MaxInt64)
	}
	return time.Duration(math.Round(v*1000)) * time.Microsecond
}

// shortDuration writes milliseconds as seconds.
func shortDuration(ms float64) string { return fmt.Sprintf("%.3fs", ms/1000) }
