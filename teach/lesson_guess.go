package teach

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A Guess is an answer to one question, read by [Ask.Parse].
type Guess struct {
	value *value
	order []int // of a choice: the one option; of an order: all, first to last
}

// kindOf is what a question of a kind wants to know.
func kindOf(kind string) quantity {
	switch kind {
	case AskInstant:
		return instant
	case AskLength:
		return length
	case AskShare:
		return share
	case AskYesNo:
		return yesNo
	}
	return number
}

// want says what an answer looks like.
func (a *Ask) want() string {
	last := ""
	if n := len(a.Options); n > 0 {
		last = a.Options[n-1].Key
	}
	switch a.Kind {
	case AskInstant:
		return "seconds after the fault, as in 7.5, or never"
	case AskLength:
		return "seconds, as in 2.5, or for ever"
	case AskShare:
		return "how many of a hundred, 0 to 100"
	case AskYesNo:
		return "yes or no"
	case AskChoice:
		return "a letter, a to " + last
	case AskOrder:
		return "the letters a to " + last + ", first to last"
	}
	return "a number"
}

var amount = regexp.MustCompile(`^([+-]?[0-9]*[.,]?[0-9]+)\s*([a-z%]*)$`)

// Parse reads an answer as people write it: 7.5, 7.5 s, 7500ms, never; 28 or 28 %; y or
// no; b, b) or its number; c a b. The error says what is wanted.
func (a *Ask) Parse(text string) (Guess, error) {
	word := strings.ToLower(strings.TrimSpace(strings.ReplaceAll(text, "−", "-")))
	word = strings.TrimRight(word, ".!")
	var v *value
	var order []int
	switch a.Kind {
	case AskYesNo:
		switch word {
		case "y", "yes", "true":
			v = &value{kind: yesNo, yes: true}
		case "n", "no", "false":
			v = &value{kind: yesNo}
		}
	case AskChoice:
		if i := a.option(strings.Trim(word, "() ")); i >= 0 {
			order = []int{i}
		}
	case AskOrder:
		order = a.parseOrder(word)
	default:
		v = parseAmount(a.Kind, word)
	}
	if v == nil && order == nil {
		if word == "" {
			return Guess{}, fmt.Errorf("no answer; want %s", a.want())
		}
		return Guess{}, fmt.Errorf("%q: want %s", clipped(strings.TrimSpace(text)), a.want())
	}
	return Guess{value: v, order: order}, nil
}

func clipped(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// option finds an option by its letter or its number; -1 if there is none.
func (a *Ask) option(word string) int {
	for i := range a.Options {
		if word == a.Options[i].Key || word == strconv.Itoa(i+1) {
			return i
		}
	}
	return -1
}

// parseOrder reads all options, each once: c a b, cab, c, a, b or 3 1 2.
func (a *Ask) parseOrder(word string) []int {
	fields := strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune(" ,;<>()-", r) })
	if len(fields) == 1 && len(fields[0]) == len(a.Options) {
		fields = strings.Split(fields[0], "")
	}
	var order []int
	seen := map[int]bool{}
	for _, f := range fields {
		i := a.option(f)
		if i < 0 || seen[i] {
			return nil
		}
		seen[i] = true
		order = append(order, i)
	}
	if len(order) != len(a.Options) {
		return nil
	}
	return order
}

// parseAmount reads a number with or without a unit.
func parseAmount(kind, word string) *value {
	v := &value{kind: kindOf(kind), exact: true}
	timed := kind == AskInstant || kind == AskLength
	if timed && (word == "never" || word == "for ever" || word == "forever") {
		v.n = math.Inf(1)
		return v
	}
	m := amount.FindStringSubmatch(word)
	if m == nil {
		return nil
	}
	n, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
	if err != nil || math.Abs(n) > 1e6 {
		return nil
	}
	switch unit := m[2]; {
	case timed && (unit == "" || unit == "s" || unit == "sec" || unit == "seconds" || unit == "second"):
		v.n = math.Round(1000 * n)
	case timed && (unit == "ms" || unit == "milliseconds"):
		v.n = math.Round(n)
	case timed && (unit == "m" || unit == "min" || unit == "minutes" || unit == "minute"):
		v.n = math.Round(60_000 * n)
	case kind == AskShare && (unit == "" || unit == "%" || unit == "percent") && n >= 0 && n <= 100:
		v.n = n / 100
	case kind == AskNumber && unit == "":
		v.n = n
	default:
		return nil
	}
	if math.IsInf(v.n, 0) || kind == AskLength && v.n < 0 {
		return nil
	}
	return v
}

// names are the names of the options of an order, as they were put.
func (g *Guess) names(a *Ask) []string {
	var names []string
	if a.Kind == AskOrder {
		for _, i := range g.order {
			names = append(names, a.Options[i].Name)
		}
	}
	return names
}

// keys are the letters of the options, as they were put.
func (g *Guess) keys(a *Ask) string {
	var keys []string
	for _, i := range g.order {
		keys = append(keys, a.Options[i].Key)
	}
	return strings.Join(keys, " ")
}
