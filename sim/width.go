package sim

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// singleWidth makes text safe for a grid of columns: what is not exactly one
// column wide on a terminal, control characters included, becomes a question
// mark. Paths and names come from scenarios and can hold anything.
func singleWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || oddWidth(r) {
			return '?'
		}
		return r
	}, s)
}

// oddWidth says whether a character does not take exactly one column. The table is here,
// and not asked of a library, since its tables of other things would be a thirtieth of the
// page's engine.
func oddWidth(r rune) bool {
	i, within := slices.BinarySearchFunc(oddWidths[:], r, func(of [2]rune, r rune) int { return int(of[0]) - int(r) })
	return within || i > 0 && r <= oddWidths[i-1][1]
}

// columns is how many columns singleWidth text takes.
func columns(s string) int { return utf8.RuneCountInString(s) }

// wrap breaks singleWidth text at spaces into lines of at most width columns. A
// word that is longer than a line is broken where the line ends.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for {
			glue := ""
			if line != "" {
				glue = " "
			}
			if columns(line)+columns(glue)+columns(word) <= width {
				line += glue + word
				break
			}
			if line != "" {
				lines = append(lines, line)
				line = ""
				continue
			}
			cut := []rune(word)
			lines = append(lines, string(cut[:width]))
			word = string(cut[width:])
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// padRight fills singleWidth text up with spaces.
func padRight(s string, width int) string {
	return s + strings.Repeat(" ", max(width-columns(s), 0))
}

// padLeft puts spaces before singleWidth text.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(width-columns(s), 0)) + s
}
