package plots

import (
	"image/color"
	"io"
	"slices"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// A tall drawing says how tall its page has to be; that of the look is otherwise.
type tall interface {
	height(p *page) vg.Length
}

// pageFor is a page for a drawing.
func pageFor(d drawing, look Look, format string) (*page, error) {
	p, err := newPage(look, format)
	if err != nil {
		return nil, err
	}
	if t, ok := d.(tall); ok {
		if h := t.height(p); h != p.size.height {
			return newPageOf(look, format, h)
		}
	}
	return p, nil
}

// sizeOf finds a size by its name.
func sizeOf(name string) size {
	return sizes[slices.IndexFunc(sizes, func(s size) bool { return s.name == name })]
}

// A blankCanvas is drawn on to learn how large a drawing is.
type blankCanvas struct{}

func (blankCanvas) SetColor(color.Color)                   {}
func (blankCanvas) SetLineWidth(vg.Length)                 {}
func (blankCanvas) SetLineDash([]vg.Length, vg.Length)     {}
func (blankCanvas) Stroke(vg.Path)                         {}
func (blankCanvas) Fill(vg.Path)                           {}
func (blankCanvas) FillString(font.Face, vg.Point, string) {}
func (blankCanvas) WriteTo(io.Writer) (n int64, err error) { return 0, nil }
