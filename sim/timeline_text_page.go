package sim

import (
	"bytes"
	"io"
	"strings"
)

// A role is what a piece of text is about. It decides the colour, where colour is
// asked for, and nothing else.
type role uint8

const (
	roleNone    role = iota
	roleClient       // what the client believes
	roleCluster      // what the cluster decided, and other clients see
	roleGap          // where the two disagree
	roleFault
)

// roleColors are the terminal's own colours: blue, yellow, magenta, grey.
var roleColors = [...]string{roleClient: "\x1b[34m", roleCluster: "\x1b[33m", roleGap: "\x1b[35m", roleFault: "\x1b[90m"}

// plainAgain ends a colour.
const plainAgain = "\x1b[m"

// A cell is one column of one line. The zero cell is blank.
type cell struct {
	r    rune
	role role
}

type cells []cell

// put writes text from a column on, as far as the line reaches.
func (c cells) put(x int, ro role, text string) {
	for _, r := range text {
		if x >= 0 && x < len(c) {
			c[x] = cell{r, ro}
		}
		x++
	}
}

// free says whether the columns from x to below end are blank.
func (c cells) free(x, end int) bool {
	if x < 0 || end > len(c) {
		return false
	}
	for ; x < end; x++ {
		if c[x].r != 0 {
			return false
		}
	}
	return true
}

// asciiRunes are the characters of the text form beyond ASCII and what stands for
// each where only ASCII may be written. Each takes one column, like its stand-in.
var asciiRunes = []struct{ r, ascii rune }{
	{'−', '-'}, {'·', '|'}, {'…', '~'}, {'→', '>'},
	{'━', '='}, {'╌', '-'}, {'▒', '#'}, {'░', ':'}, {'∙', '.'}, {'×', 'x'},
	{'┃', '|'}, {'│', '|'}, {'┫', '|'}, {'╋', '+'}, {'╎', ':'}, {'┿', '*'}, {'╂', '*'},
	{'├', '['}, {'┤', ']'}, {'─', '-'}, {'┴', '+'},
}

func toASCII(r rune) rune {
	if r < 0x80 {
		return r
	}
	for i := range asciiRunes {
		if asciiRunes[i].r == r {
			return asciiRunes[i].ascii
		}
	}
	return '?'
}

// A page collects finished lines.
type page struct {
	width int
	ascii bool
	color bool
	out   bytes.Buffer
}

func newPage(opts TextOptions) *page {
	return &page{width: opts.width(), ascii: opts.ASCII, color: opts.Color}
}

// row returns a blank line to draw on.
func (p *page) row() cells { return make(cells, p.width) }

// add finishes a line: trailing blanks go, runs of one role are coloured.
func (p *page) add(c cells) {
	end := len(c)
	for end > 0 && (c[end-1].r == 0 || c[end-1].r == ' ') {
		end--
	}
	for i := 0; i < end; {
		j := i
		var run strings.Builder
		for ; j < end && c[j].role == c[i].role; j++ {
			r := c[j].r
			if r == 0 {
				r = ' '
			}
			if p.ascii {
				r = toASCII(r)
			}
			run.WriteRune(r)
		}
		if p.color && c[i].role != roleNone {
			p.out.WriteString(roleColors[c[i].role] + run.String() + plainAgain)
		} else {
			p.out.WriteString(run.String())
		}
		i = j
	}
	p.out.WriteByte('\n')
}

// line writes one line that is known to fit.
func (p *page) line(ro role, text string) {
	c := p.row()
	c.put(0, ro, text)
	p.add(c)
}

func (p *page) blank() { p.out.WriteByte('\n') }

// text writes text behind a prefix, wrapped; later lines begin with indent, which
// is as wide as the prefix.
func (p *page) text(prefix, indent, text string) { p.textIn(roleNone, prefix, indent, text) }

// textIn is text with a role for the prefix.
func (p *page) textIn(ro role, prefix, indent, text string) {
	for i, line := range wrap(singleWidth(text), p.width-columns(prefix)) {
		c := p.row()
		if i == 0 {
			c.put(0, ro, prefix)
		} else {
			c.put(0, ro, indent)
		}
		c.put(columns(prefix), roleNone, line)
		p.add(c)
	}
}

// facts writes named facts, two beside each other where there is room for both.
func (p *page) facts(facts [][2]string) {
	const name = 10 // columns of " servers  "
	entry := func(f [2]string) string { return padRight(" "+f[0], name) + singleWidth(f[1]) }
	left, right := 0, 0
	for i := range facts {
		if i%2 == 0 {
			left = max(left, columns(entry(facts[i])))
		} else {
			right = max(right, columns(entry(facts[i])))
		}
	}
	if left+3+right <= p.width && len(facts) > 1 {
		for i := 0; i < len(facts); i += 2 {
			line := entry(facts[i])
			if i+1 < len(facts) {
				line = padRight(line, left+3) + entry(facts[i+1])
			}
			p.line(roleNone, line)
		}
		return
	}
	for i := range facts {
		p.text(padRight(" "+facts[i][0], name), strings.Repeat(" ", name), facts[i][1])
	}
}

func (p *page) flush(w io.Writer) error {
	_, err := w.Write(p.out.Bytes())
	return err
}
