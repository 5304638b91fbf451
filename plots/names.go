package plots

import (
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
)

// shorten makes names fit into a width. Where one does not, what all of them begin and
// end with goes first: they are there to be told apart.
func (p *page) shorten(names []string, width vg.Length, s style) []string {
	fits := true
	for _, n := range names {
		fits = fits && s.width(n) <= width
	}
	if fits {
		return names
	}
	head, tail := shared(names)
	own := func(head int) []string {
		short := make([]string, len(names))
		for i, n := range names {
			short[i] = n[head : len(n)-tail]
			if head > 0 {
				short[i] = "…" + short[i]
			}
			if tail > 0 {
				short[i] += "…"
			}
		}
		return short
	}
	// Of what they begin with no more than has to go, word by word.
	for from := 0; from <= head; from++ {
		if from > 0 && names[0][from-1] != ' ' && from < head {
			continue
		}
		short := own(from)
		if !slices.ContainsFunc(short, func(n string) bool { return s.width(n) > width }) {
			return short
		}
	}
	short := own(head)
	for i := range short {
		short[i] = p.cut(short[i], width, s)
	}
	return short
}

// brief is a name as a sentence bears it.
func brief(name string) string {
	const most = 60
	r := []rune(name)
	if len(r) <= most {
		return name
	}
	return string(r[:most/2]) + "…" + string(r[len(r)-most/2+1:])
}

// shared is how many bytes at the beginning and at the end all names have in common, cut
// where no word or number is torn apart.
func shared(names []string) (head, tail int) {
	if len(names) < 2 {
		return 0, 0
	}
	first := names[0]
	head, tail = len(first), len(first)
	for _, n := range names[1:] {
		k := 0
		for k < min(head, len(n)) && first[k] == n[k] {
			k++
		}
		head = k
		k = 0
		for k < min(tail, len(n)) && first[len(first)-1-k] == n[len(n)-1-k] {
			k++
		}
		tail = k
	}
	word := func(b byte) bool {
		return b >= 0x80 || b == '.' || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
	}
	for head > 0 && word(first[head-1]) {
		head--
	}
	for tail > 0 && word(first[len(first)-tail]) {
		tail--
	}
	for _, n := range names {
		if own := len(n) - head - tail; own <= 0 || strings.TrimSpace(n[head:head+own]) == "" {
			return 0, 0 // one name is what the others have in common
		}
	}
	return head, tail
}
