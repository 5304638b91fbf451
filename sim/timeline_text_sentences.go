package sim

import (
	"io"
	"strings"

	"zksim/model"
)

// A SentenceLine is one line of a text made of sentences: a heading, or words with an
// instant before and a rule behind them.
type SentenceLine struct {
	Heading string // with an empty line above; nothing else then
	Instant string
	Words   string
	Rule    string
	Indent  int  // how far what belongs to the line above stands in
	Under   bool // it goes on below the words of the line above
	// Node is whose it is, for the colour; Fault says that it is a fault's.
	Node  model.NodeID
	Fault bool
}

// Columns of a text of sentences.
const (
	sentenceInstant = 10 // as wide as instants with their margin are
	sentenceRule    = 6  // as wide as rules are
	sentenceIndent  = 3
)

// WriteSentences writes lines of sentences for people, wrapped to the width of the text.
func WriteSentences(w io.Writer, f *TimelineFile, opts TextOptions, lines []SentenceLine) error {
	p := newPage(opts)
	for i := range lines {
		l := &lines[i]
		if l.Heading != "" {
			p.blank()
			p.text(" ", "   ", l.Heading)
			continue
		}
		ro := roleNone
		switch {
		case l.Fault:
			ro = roleFault
		case l.Node >= 0 && f.isClient(l.Node):
			ro = roleClient
		case l.Node >= 0:
			ro = roleCluster
		}
		at := l.Indent * sentenceIndent
		left := at + sentenceInstant + 2
		room := p.width - left - sentenceRule - 1
		if l.Instant == "" && !l.Under {
			left, room = 3+at, p.width-3-at // a sentence by itself
		}
		for k, words := range wrap(singleWidth(l.Words), room) {
			c := p.row()
			if k == 0 {
				c.put(at, ro, padLeft(l.Instant, sentenceInstant))
				c.put(p.width-sentenceRule, roleNone, l.Rule)
			}
			c.put(left, roleNone, words)
			p.add(c)
		}
	}
	return p.flush(w)
}

// WriteNames writes names with what they mean, one a line, for lists that are read by
// people.
func WriteNames(w io.Writer, opts TextOptions, names [][2]string) error {
	p := newPage(opts)
	widest := 0
	for _, n := range names {
		widest = max(widest, columns(n[0]))
	}
	for _, n := range names {
		prefix := " " + padRight(n[0], widest) + "  "
		if widest == 0 {
			prefix = " "
		}
		p.text(prefix, strings.Repeat(" ", columns(prefix)), n[1])
	}
	return p.flush(w)
}
