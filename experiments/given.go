//go:build !js

package experiments

import (
	"math"
	"strconv"
	"strings"
	"time"

	"zksim/sim"
)

// A Given is a value that a point gives to a parameter: the words that a scenario takes,
// and what they mean to an expression.
type Given struct {
	Text string // as --set takes it behind the equals sign
	Kind GivenKind
	// Number is the duration in nanoseconds, the number, or the share that a percentage is.
	Number float64
}

// A GivenKind says what a value is, as far as its words show.
type GivenKind uint8

const (
	GivenText GivenKind = iota
	GivenDuration
	GivenNumber
)

// give reads what a value's words mean. Words that are no number and no duration are
// text, and it is left to the scenario to judge them.
func give(text string) Given {
	text = strings.TrimSpace(text)
	g := Given{Text: text}
	if n, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
		g.Kind, g.Number = GivenNumber, n
	} else if percent, ok := strings.CutSuffix(text, "%"); ok {
		if n, err := strconv.ParseFloat(strings.TrimSpace(percent), 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
			g.Kind, g.Number = GivenNumber, n/100
		}
	} else if d, err := sim.ParseDuration(text); err == nil {
		g.Kind, g.Number = GivenDuration, float64(d)
	}
	return g
}

// giveDuration is a value that is a duration.
func giveDuration(d time.Duration) Given {
	return Given{Text: sim.BriefDuration(d), Kind: GivenDuration, Number: float64(d)}
}

// giveNumber is a value that is a number.
func giveNumber(n float64) Given {
	return Given{Text: strconv.FormatFloat(n, 'f', -1, 64), Kind: GivenNumber, Number: n}
}

// any is the value as an expression sees it.
func (g Given) any() any {
	switch g.Kind {
	case GivenDuration:
		return time.Duration(g.Number)
	case GivenNumber:
		return g.Number
	}
	return g.Text
}

// cell is the value as a table has it: durations in milliseconds, shares as fractions.
func (g Given) cell(kind GivenKind) string {
	if kind == GivenText || g.Kind != kind {
		return g.Text
	}
	if kind == GivenDuration {
		return microsText(math.Round(g.Number / 1000))
	}
	return strconv.FormatFloat(g.Number, 'f', -1, 64)
}

// microsText writes whole microseconds as milliseconds, without needless zeros.
func microsText(us float64) string {
	return string(appendMicros(nil, int64(us)))
}

func appendMicros(b []byte, us int64) []byte {
	u := uint64(us)
	if us < 0 {
		b, u = append(b, '-'), -u
	}
	b = strconv.AppendUint(b, u/1000, 10)
	if f := u % 1000; f != 0 {
		b = append(b, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}
