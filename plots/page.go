package plots

import (
	"bytes"
	"image/color"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A page is what a figure is drawn on: lengths in points, x to the right, y downwards from
// the top left corner. It remembers where text stands, so that nothing is written over it.
type page struct {
	theme
	size
	canvas  canvas
	taken   []box // that no more text may stand in
	written []written
}

// A canvas is what a page asks of those who know a format.
type canvas interface {
	SetColor(color.Color)
	SetLineWidth(vg.Length)
	SetLineDash(pattern []vg.Length, offset vg.Length)
	Stroke(vg.Path)
	Fill(vg.Path)
	FillString(font.Face, vg.Point, string)
	io.WriterTo
}

// A box is a rectangle on the page.
type box struct{ left, top, right, bottom vg.Length }

// Written is words with the box that they fill.
type written struct {
	box
	words string
}

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// dots is how fine a PNG is: sharp in print at its size.
const dots = 220

func newPage(look Look, format string) (*page, error) { return newPageOf(look, format, 0) }

// newPageOf is a page of another height than that of its look, unless it is zero.
func newPageOf(look Look, format string, height vg.Length) (*page, error) {
	if err := look.Check(); err != nil {
		return nil, err
	}
	p := &page{
		theme: themes[slices.IndexFunc(themes, func(t theme) bool { return t.name == look.Theme })],
		size:  sizes[slices.IndexFunc(sizes, func(s size) bool { return s.name == look.Size })],
	}
	if height > 0 {
		p.height = height
	}
	switch format {
	case "svg":
		p.canvas = vgsvg.New(p.width, p.height)
	case "pdf":
		p.canvas = newPDF(p.width, p.height)
	case "png":
		p.canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(dots))}
	default:
		_, err := Format("." + format)
		return nil, err
	}
	p.rect(box{-1, -1, p.width + 1, p.height + 1}, p.ground)
	return p, nil
}

func (p *page) write(w io.Writer) error {
	if _, svg := p.canvas.(*vgsvg.Canvas); !svg {
		_, err := p.canvas.WriteTo(w)
		return err
	}
	var b bytes.Buffer
	if _, err := p.canvas.WriteTo(&b); err != nil {
		return err
	}
	// Where Liberation is not there, Arial is as wide to the letter.
	text := strings.ReplaceAll(b.String(), "font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")
	_, err := io.WriteString(w, text)
	return err
}

// at is a point of the page as the canvas counts, from below.
func (p *page) at(x, y vg.Length) vg.Point { return vg.Point{X: x, Y: p.height - y} }

func (p *page) rect(b box, c color.Color) {
	p.area([]vg.Point{{X: b.left, Y: b.top}, {X: b.right, Y: b.top}, {X: b.right, Y: b.bottom}, {X: b.left, Y: b.bottom}}, c)
}

// area fills a polygon.
func (p *page) area(points []vg.Point, c color.Color) {
	path := p.path(points)
	path.Close()
	p.canvas.SetColor(c)
	p.canvas.Fill(path)
}

// line strokes a polyline.
func (p *page) line(points []vg.Point, c color.Color, width vg.Length, dash ...vg.Length) {
	p.canvas.SetColor(c)
	p.canvas.SetLineWidth(width)
	p.canvas.SetLineDash(dash, 0)
	p.canvas.Stroke(p.path(points))
}

func (p *page) segment(x1, y1, x2, y2 vg.Length, c color.Color, width vg.Length, dash ...vg.Length) {
	p.line([]vg.Point{{X: x1, Y: y1}, {X: x2, Y: y2}}, c, width, dash...)
}

func (p *page) path(points []vg.Point) vg.Path {
	var path vg.Path
	for i, pt := range points {
		if i == 0 {
			path.Move(p.at(pt.X, pt.Y))
		} else {
			path.Line(p.at(pt.X, pt.Y))
		}
	}
	return path
}

// dot marks a point: a ring of one colour, filled with another.
func (p *page) dot(x, y, radius vg.Length, ring, inside color.Color) {
	for _, d := range []struct {
		r vg.Length
		c color.Color
	}{{radius, ring}, {radius - p.size.line, inside}} {
		var path vg.Path
		center := p.at(x, y)
		path.Move(vg.Point{X: center.X + d.r, Y: center.Y})
		path.Arc(center, d.r, 0, 2*3.141592653589793)
		path.Close()
		p.canvas.SetColor(d.c)
		p.canvas.Fill(path)
	}
}

// A style is how words are set.
type style struct {
	size  vg.Length
	bold  bool
	color color.Color
	align float64 // of the width that stands left of the place: 0, 0.5 or 1
}

var faces = sync.OnceValue(func() *font.Cache { return font.NewCache(liberation.Collection()) })

func (s style) face() font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if s.bold {
		f.Weight = stdfont.WeightBold
	}
	return faces().Lookup(f, s.size)
}

func (s style) width(words string) vg.Length {
	f := s.face()
	return f.Width(words)
}

// printable puts a sign in the place of what the font has no letter for, unless who shows
// the figure may have another font; and blanks for what is no letter at all.
func (s style) printable(words string, others bool) string {
	face := s.face()
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		if g, err := face.Face.GlyphIndex(nil, r); !others && (err != nil || g == 0) {
			return '□'
		}
		return r
	}, words)
}

// extent is the box of words whose baseline is at a place.
func (p *page) extent(x, y vg.Length, words string, s style) box {
	w := s.width(words)
	left := x - w*vg.Length(s.align)
	return box{left, y - 0.74*s.size, left + w, y + 0.22*s.size}
}

// text writes words on a baseline and gives their box.
func (p *page) text(x, y vg.Length, words string, s style) box {
	_, svg := p.canvas.(*vgsvg.Canvas)
	words = s.printable(words, svg)
	b := p.extent(x, y, words, s)
	if words == "" {
		return b
	}
	p.written = append(p.written, written{b, words})
	p.canvas.SetColor(s.color)
	p.canvas.FillString(s.face(), p.at(b.left, y), words)
	p.taken = append(p.taken, b)
	return b
}

// free says whether text may stand in a box: inside the page, and on no other text.
func (p *page) free(b box) bool {
	const air = 1.5
	wide := box{b.left - air, b.top - air/2, b.right + air, b.bottom + air/2}
	return b.left >= p.margin/2 && b.right <= p.width-p.margin/2 && b.top >= 0 && b.bottom <= p.height &&
		!slices.ContainsFunc(p.taken, wide.meets)
}

// crosses says whether a polyline passes through a box.
func crosses(line []vg.Point, b box) bool {
	for i := 1; i < len(line); i++ {
		p, q := line[i-1], line[i]
		n := 1 + int(max(max(p.X-q.X, q.X-p.X), max(p.Y-q.Y, q.Y-p.Y)))
		for k := range n + 1 {
			at := vg.Length(k) / vg.Length(n)
			x, y := p.X+(q.X-p.X)*at, p.Y+(q.Y-p.Y)*at
			if b.left < x && x < b.right && b.top < y && y < b.bottom {
				return true
			}
		}
	}
	return false
}

// wrap breaks words into lines no wider than asked; a word that is wider is cut.
func (p *page) wrap(words string, width vg.Length, s style) []string {
	var lines []string
	current := ""
	for _, word := range strings.FieldsFunc(words, func(r rune) bool { return r == ' ' }) {
		next := word
		if current != "" {
			next = current + " " + word
		}
		if current != "" && s.width(next) > width {
			lines = append(lines, current)
			next = word
		}
		current = p.cut(next, width, s)
	}
	return append(lines, current)
}

// few breaks words into at most so many lines: of more the first ones stay, and the last.
func (p *page) few(words string, width vg.Length, s style, most int) []string {
	lines := p.wrap(words, width, s)
	if len(lines) <= most {
		return lines
	}
	kept := append(lines[:most-1:most-1], lines[len(lines)-1])
	kept[most-2] = p.cut(kept[most-2]+" …", width, s)
	return kept
}

// cut shortens words in the middle, where names differ least, until they fit.
func (p *page) cut(words string, width vg.Length, s style) string {
	if s.width(words) <= width {
		return words
	}
	r := []rune(words)
	for keep := len(r) - 1; keep > 1; keep-- {
		short := string(r[:keep/2]) + "…" + string(r[len(r)-(keep-keep/2):])
		if s.width(short) <= width {
			return short
		}
	}
	return "…"
}

// head writes title and subtitle, and gives where they end.
func (p *page) head(title, subtitle string) (y vg.Length) {
	y = p.margin + 0.3*p.size.title
	width := p.width - 2*p.margin
	bold := style{p.size.title, true, p.ink, 0}
	for _, l := range p.few(title, width, bold, 3) {
		y += 0.55 * p.size.title
		p.text(p.margin, y, l, bold)
		y += 0.65 * p.size.title
	}
	plain := style{p.label, false, p.muted, 0}
	y += 0.2 * p.label
	for _, l := range p.few(subtitle, width, plain, 3) {
		y += p.label
		p.text(p.margin, y, l, plain)
		y += 0.3 * p.label
	}
	return y + 0.9*p.label
}

// foot writes the small print at the bottom, and gives where it begins.
func (p *page) foot(words string) (y vg.Length) {
	s := style{p.small, false, p.muted, 0}
	lines := p.few(words, p.width-2*p.margin, s, 5)
	y = p.height - 0.7*p.margin - vg.Length(len(lines)-1)*1.3*p.small
	top := y - p.small
	for _, l := range lines {
		p.text(p.margin, y, l, s)
		y += 1.3 * p.small
	}
	return top - 0.7*p.small
}
