package teach

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A quantity is what kind of thing a value is.
type quantity uint8

const (
	instant quantity = iota // milliseconds from the first fault
	length                  // milliseconds
	number
	share // of one, shown in percent
	yesNo
	word // the name of something
)

// A value is what an expression of a lesson yields. Instants and lengths are whole
// milliseconds, the differences of instants as they are printed, so that what a reader
// adds up comes out even. An instant that did not come within the run is +Inf.
type value struct {
	kind quantity
	n    float64
	yes  bool
	word string

	// exact: it is a setting, shown without needless decimals.
	exact bool
	// known: it is a setting, or had happened when the first fault began. A question may
	// show nothing else before it is answered.
	known bool
}

// never says whether it is an instant that did not come, or a length without an end.
func (v value) never() bool { return math.IsInf(v.n, 1) }

// String is the value as a sentence has it, with its unit.
func (v value) String() string {
	switch {
	case v.kind == yesNo && v.yes:
		return "yes"
	case v.kind == yesNo:
		return "no"
	case v.kind == word:
		return v.word
	case v.never():
		return "never"
	case v.kind == share:
		return trimmed(fmt.Sprintf("%.1f", 100*v.n)) + " %"
	case v.kind == number:
		return trimmed(fmt.Sprintf("%.2f", v.n))
	}
	text := fmt.Sprintf("%.3f", math.Abs(v.n)/1000)
	if v.exact {
		text = trimmed(text)
	}
	if v.n < 0 {
		text = "−" + text
	}
	return text + " s"
}

// trimmed is a decimal number without the zeros at its end.
func trimmed(text string) string {
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func truth(yes, known bool) value { return value{kind: yesNo, yes: yes, known: known} }

func setting(d time.Duration) value {
	return value{kind: length, n: float64(d.Round(time.Millisecond) / time.Millisecond), exact: true, known: true}
}

func counted(n int) value { return value{kind: number, n: float64(n), exact: true, known: true} }

// combine computes with two values, whose kinds decide what comes out.
func combine(op string, a, b value) (value, error) {
	v := value{kind: a.kind, exact: a.exact && b.exact, known: a.known && b.known}
	timed := func(v value) bool { return v.kind == instant || v.kind == length }
	plain := func(v value) bool { return v.kind == number || v.kind == share }
	switch op {
	case "<", "<=", ">", ">=", "==", "!=":
		if a.kind >= yesNo || b.kind >= yesNo || timed(a) != timed(b) {
			return v, fmt.Errorf("%s between %s and %s", op, a.kind, b.kind)
		}
		yes := map[string]bool{"<": a.n < b.n, "<=": a.n <= b.n, ">": a.n > b.n, ">=": a.n >= b.n, "==": a.n == b.n, "!=": a.n != b.n}[op]
		return truth(yes, v.known), nil
	case "+":
		switch v.n = a.n + b.n; {
		case a.kind == instant && b.kind == length, a.kind == length && b.kind == length, plain(a) && plain(b):
			return v, nil
		case a.kind == length && b.kind == instant:
			v.kind = instant
			return v, nil
		}
	case "-":
		switch v.n = a.n - b.n; {
		case a.kind == instant && b.kind == instant:
			v.kind = length
			return v, v.defined(op)
		case timed(a) && b.kind == length, plain(a) && plain(b):
			return v, v.defined(op)
		}
	case "*":
		switch v.n = a.n * b.n; {
		case a.kind == length && plain(b):
			v.n = math.Trunc(v.n)
			return v, nil
		case plain(a) && b.kind == length:
			v.kind, v.n = length, math.Trunc(v.n)
			return v, nil
		case plain(a) && plain(b):
			return v, nil
		}
	case "/":
		switch v.n = a.n / b.n; {
		case b.n == 0:
			return v, fmt.Errorf("a division by zero")
		case a.kind == length && plain(b):
			v.n = math.Trunc(v.n)
			return v, nil
		case a.kind == length && b.kind == length:
			v.kind = number
			return v, v.defined(op)
		case plain(a) && plain(b):
			return v, nil
		}
	}
	return v, fmt.Errorf("%s between %s and %s", op, a.kind, b.kind)
}

// defined refuses the difference of two instants neither of which came.
func (v value) defined(op string) error {
	if math.IsNaN(v.n) {
		return fmt.Errorf("%s between two things that did not happen", op)
	}
	return nil
}

func (q quantity) String() string {
	return [...]string{"an instant", "a length of time", "a number", "a share", "yes or no", "a name"}[q]
}
