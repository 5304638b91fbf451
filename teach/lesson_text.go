package teach

import (
	"fmt"
	"strings"
)

// A piece is a part of a text: words, or an expression in braces whose value goes there.
type piece struct {
	words string
	value *expression
}

// A text is what a lesson says, with values of the run filled in: "expired at {marked}".
type text []piece

// parseText takes a text apart.
func parseText(s string) (text, error) {
	var t text
	for s != "" {
		words, rest, open := strings.Cut(s, "{")
		if strings.Contains(words, "}") {
			return nil, fmt.Errorf("a } without its {")
		}
		t = append(t, piece{words: words})
		if !open {
			break
		}
		inner, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("a { without its }")
		}
		e, err := parseExpression(inner)
		if err != nil {
			return nil, err
		}
		t = append(t, piece{value: e})
		s = after
	}
	return t, nil
}

// fill puts the values in. Before a question is answered, a text may have nothing but
// what was known when the first fault began.
func (t text) fill(s *scope, before bool) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.value == nil {
			b.WriteString(p.words)
			continue
		}
		v, err := p.value.eval(s)
		if err != nil {
			return "", err
		}
		if before && !v.known {
			return "", fmt.Errorf("{%s} would give away what comes after the fault; a question may have what was known before", p.value.text)
		}
		b.WriteString(v.String())
	}
	return b.String(), nil
}
