package plots

import "math"

// A ramp takes numbers from 0 to 1 to shades of one hue that lie as far apart as the
// numbers do: the lightness of the space OKLab (B. Ottosson, 2020) rises or falls evenly,
// so that the order and the distances can be read in grey as well.
type ramp struct {
	from, to float64 // lightness
	a, b     float64 // hue, of length 1
	chroma   float64
}

// rampOf goes from near the ground to a shade far from it.
func (t *theme) rampOf(h hue) ramp {
	_, a, b := oklab(h.line)
	chroma := math.Hypot(a, b)
	r := ramp{from: 0.96, to: 0.33, chroma: chroma}
	if ground, _, _ := oklab(t.ground); ground < 0.5 {
		r.from, r.to = 0.28, 0.93
	}
	if chroma > 0 {
		r.a, r.b = a/chroma, b/chroma
	}
	return r
}

// at is the shade of a number.
func (r ramp) at(v float64) colour {
	v = min(max(v, 0), 1)
	l := r.from + (r.to-r.from)*v
	// Full in the middle, and as much as the screen has towards the ends.
	chroma := r.chroma * min(1, 0.25+1.5*v)
	for {
		c, ok := fromOKLab(l, r.a*chroma, r.b*chroma)
		if ok || chroma < 1e-3 {
			return c
		}
		chroma *= 0.97
	}
}

// oklab is the lightness of a colour, and its hue and chroma as a vector.
func oklab(c colour) (l, a, b float64) {
	r, g, bl := linear(c.R), linear(c.G), linear(c.B)
	long := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*bl)
	middle := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*bl)
	short := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*bl)
	return 0.2104542553*long + 0.7936177850*middle - 0.0040720468*short,
		1.9779984951*long - 2.4285922050*middle + 0.4505937099*short,
		0.0259040371*long + 0.7827717662*middle - 0.8086757660*short
}

// fromOKLab is the colour, and whether a screen has it.
func fromOKLab(l, a, b float64) (c colour, ok bool) {
	cube := func(v float64) float64 { return v * v * v }
	long := cube(l + 0.3963377774*a + 0.2158037573*b)
	middle := cube(l - 0.1055613458*a - 0.0638541728*b)
	short := cube(l - 0.0894841775*a - 1.2914855480*b)
	ok = true
	channel := func(v float64) uint8 {
		ok = ok && v > -1e-4 && v < 1+1e-4
		return gamma(min(max(v, 0), 1))
	}
	c = colour{A: 255}
	c.R = channel(4.0767416621*long - 3.3077115913*middle + 0.2309699292*short)
	c.G = channel(-1.2684380046*long + 2.6097574011*middle - 0.3413193965*short)
	c.B = channel(-0.0041960863*long - 0.7034186147*middle + 1.7076147010*short)
	return c, ok
}

// linear takes a channel of a screen to how much light it is.
func linear(v uint8) float64 {
	if s := float64(v) / 255; s > 0.04045 {
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return float64(v) / 255 / 12.92
}

func gamma(light float64) uint8 {
	if light > 0.0031308 {
		return uint8(255*(1.055*math.Pow(light, 1/2.4)-0.055) + 0.5)
	}
	return uint8(255*12.92*light + 0.5)
}

// luminance is how much light a colour is to the eye.
func luminance(c colour) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// contrast is that of two colours, from 1 to 21 (WCAG 2).
func contrast(a, b colour) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// over is black or white, whichever can be read better on a colour.
func over(c colour) colour {
	black, white := rgb(0), rgb(0xFFFFFF)
	if contrast(c, black) > contrast(c, white) {
		return black
	}
	return white
}
