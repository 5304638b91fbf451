package plots

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// A Look is how a figure is dressed: the same content for another page.
type Look struct {
	Theme string // light or dark
	Size  string // single, double or slide
}

// A hue is one source of knowledge, in the colours that carry it: a line, an area, words.
type hue struct{ line, fill, text color.NRGBA }

// A theme is the colours of a figure. Text pairs have a contrast of 5.2:1 or more with the
// ground, lines that carry meaning 3.9:1 or more; the hues differ in lightness as well, so
// that a figure can be read in grey and by the colour-blind.
type theme struct {
	name                             string
	ink, muted, hairline, ground     color.NRGBA
	client, cluster, disagree, other hue
}

var themes = []theme{
	{"light", rgb(0x1B1F24), rgb(0x59616B), rgb(0xE3E6EA), rgb(0xFFFFFF),
		hue{rgb(0x0B5CAD), rgb(0xCFE2F6), rgb(0x0A4A8C)},
		hue{rgb(0xB35C00), rgb(0xFBDDB5), rgb(0x8A4600)},
		hue{rgb(0xA8154F), rgb(0xFBE6EE), rgb(0x97114A)},
		hue{rgb(0x6B737D), rgb(0xE6E8EB), rgb(0x1B1F24)}},
	{"dark", rgb(0xE9ECF0), rgb(0xA3ACB8), rgb(0x2C323B), rgb(0x14171C),
		hue{rgb(0x7FB6F7), rgb(0x1F3F63), rgb(0xB5D5FB)},
		hue{rgb(0xF0A552), rgb(0x573612), rgb(0xFFCB8C)},
		hue{rgb(0xFF7FAE), rgb(0x33182A), rgb(0xFFA3C4)},
		hue{rgb(0x98A1AC), rgb(0x2A3038), rgb(0xE9ECF0)}},
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// between mixes two colours; at 0 it is the first.
func between(a, b color.NRGBA, at float64) color.NRGBA {
	mix := func(x, y uint8) uint8 { return uint8(float64(x) + float64((float64(y)-float64(x))*at) + 0.5) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 255}
}

// A size is a page and the type on it, in points. A figure is laid out anew for each, not
// shrunk.
type size struct {
	name                string
	width, height       vg.Length
	title, label, small vg.Length
	line                vg.Length // that carries meaning
	margin              vg.Length
}

// One column of a journal is 86 mm wide, two are 178 mm; a slide is 254 mm by 143 mm.
var sizes = []size{
	{"single", 86 * vg.Millimeter, 86 * vg.Millimeter, 8.5, 6.5, 5.2, 0.9, 7},
	{"double", 178 * vg.Millimeter, 112 * vg.Millimeter, 11, 7.5, 6, 1.2, 12},
	{"slide", 254 * vg.Millimeter, 142.875 * vg.Millimeter, 19, 12.5, 9, 2, 22},
}

// Themes names the colours of a figure; as of Sizes and Formats, the first is the usual one.
func Themes() []string { return []string{"light", "dark"} }

// Sizes names the sizes of a figure.
func Sizes() []string { return []string{"double", "single", "slide"} }

// Formats names the formats of a figure.
func Formats() []string { return []string{"svg", "png", "pdf"} }

// Check refuses a look that there is none of.
func (l Look) Check() error {
	if !slices.Contains(Themes(), l.Theme) {
		return fmt.Errorf("theme %q: want %s", l.Theme, strings.Join(Themes(), " or "))
	}
	if !slices.Contains(Sizes(), l.Size) {
		return fmt.Errorf("size %q: want one of %s", l.Size, strings.Join(Sizes(), ", "))
	}
	return nil
}

// Format is the format that a file's name asks for by its extension.
func Format(name string) (string, error) {
	for _, f := range Formats() {
		if strings.HasSuffix(strings.ToLower(name), "."+f) {
			return f, nil
		}
	}
	return "", fmt.Errorf("%s: want a name that ends in .%s", name, strings.Join(Formats(), ", ."))
}

// A colour is one without transparency, which not every printer bears.
type colour = color.NRGBA
