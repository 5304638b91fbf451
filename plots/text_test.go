package plots

import (
	"bytes"
	"compress/zlib"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"gonum.org/v1/plot/vg"
)

// TestEveryTextOfAPDFReadsAsItWasWritten: gonum's own canvas lost all that the encoding of
// Windows has no place for. What is shown is looked up in the page's stream, and by it a
// reader copies and searches.
func TestEveryTextOfAPDFReadsAsItWasWritten(t *testing.T) {
	words := []string{"−1.5\u00a0s", "2\u2009×\u20073", "Δγ ≥ µ", "a\u2002b", "1–2…", "±0 ≤ Σ", "é ß ł Ж", "‰ · ²"}
	for _, f := range fixed {
		p, err := pageFor(f.drawing, f.look, "pdf")
		if err != nil {
			t.Fatal(err)
		}
		f.drawing.draw(p)
		for _, w := range p.written {
			words = append(words, w.words)
		}
	}
	pdf := drawn(t, drawingFunc(func(p *page) {
		for i, w := range words {
			p.text(10, vg.Length(10+i), w, style{p.label, i%2 == 1, p.ink, 0})
		}
	}), Look{"light", "single"}, "pdf")
	page := streams(t, pdf)
	for _, w := range words {
		if !bytes.Contains(page, inPDF(w)) {
			t.Errorf("%q is not in the page", w)
		}
		if strings.ContainsRune(style{size: 8}.printable(w, false), '□') {
			t.Errorf("%q: the font has not all of it", w)
		}
	}
}

// inPDF is words as a page's stream has them: UTF-16, with a stroke before brackets.
func inPDF(words string) (b []byte) {
	for _, u := range utf16.Encode([]rune(words)) {
		for _, c := range []byte{byte(u >> 8), byte(u)} {
			switch c {
			case '(', ')', '\\':
				b = append(b, '\\', c)
			case '\r':
				b = append(b, '\\', 'r')
			default:
				b = append(b, c)
			}
		}
	}
	return b
}

// streams unpacks all that is packed in a PDF.
func streams(t *testing.T, pdf []byte) (all []byte) {
	t.Helper()
	for part := range bytes.SplitSeq(pdf, []byte("stream\n")) {
		r, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		b, err := io.ReadAll(r)
		if err != nil && len(b) == 0 {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// TestNamesOfAnyLettersAreDrawn: what a user calls things may be no letters, or such as
// the font has none of.
func TestNamesOfAnyLettersAreDrawn(t *testing.T) {
	names := []string{"a\x00b\nc", "会话 <&\"'>", "💥 boom", "\xff\xfe", "\u202eabc", strings.Repeat("x", 500)}
	for _, format := range Formats() {
		b := drawn(t, drawingFunc(func(p *page) {
			for i, n := range names {
				p.text(10, vg.Length(20+10*i), p.cut(n, 200, style{size: p.label}), style{p.label, false, p.ink, 0})
			}
		}), Look{"light", "single"}, format)
		if format != "svg" {
			continue
		}
		d := xml.NewDecoder(bytes.NewReader(b))
		for {
			if _, err := d.Token(); err != nil {
				if !errors.Is(err, io.EOF) {
					t.Errorf("the SVG cannot be read: %v", err)
				}
				break
			}
		}
		if !bytes.Contains(b, []byte("会话 &lt;&amp;")) {
			t.Error("the letters of a name are not in the SVG")
		}
	}
	if got := (style{size: 8}).printable("a\x01💥会é", false); got != "a □□é" {
		t.Errorf("%q", got)
	}
	if !slices.Contains(Formats(), "pdf") {
		t.Error("no PDF")
	}
}
