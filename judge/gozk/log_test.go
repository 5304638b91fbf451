package gozk

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Log is what could be seen of a client from outside.
type Log struct{ lines []line }

type line struct {
	at   time.Duration
	what string
}

func (l *Log) add(at time.Duration, format string, args ...any) {
	l.lines = append(l.lines, line{at, fmt.Sprintf(format, args...)})
}

// Lines returns the log up to an instant, a text for each line, those of one instant
// in the order of their texts.
//
// A ping that falls on the very instant at which its connection ends is left out: the
// library's two goroutines race for it.
func (l *Log) Lines(until time.Duration) []string {
	ends := map[time.Duration]bool{}
	for _, x := range l.lines {
		if x.what == "close" || x.what == "hung up" {
			ends[x.at] = true
		}
	}
	var texts []string
	sorted := slices.Clone(l.lines)
	slices.SortFunc(sorted, func(a, b line) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return strings.Compare(a.what, b.what)
	})
	for _, x := range sorted {
		if x.at < until && !(x.what == "ping" && ends[x.at]) {
			texts = append(texts, fmt.Sprintf("%v %s", x.at, x.what))
		}
	}
	return texts
}
