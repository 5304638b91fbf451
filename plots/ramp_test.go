package plots

import (
	"math"
	"testing"
)

// TestShadesOfARampAreEvenlyApartInGrey: lightness to the eye (CIE L*) goes one way, and
// no tenth of the ramp takes less than half or more than twice its part of it.
func TestShadesOfARampAreEvenlyApartInGrey(t *testing.T) {
	lightness := func(c colour) float64 {
		y := luminance(c)
		if y > 0.008856 {
			return 116*math.Cbrt(y) - 16
		}
		return 903.3 * y
	}
	for i := range themes {
		for _, h := range []hue{themes[i].client, themes[i].cluster, themes[i].disagree} {
			r := themes[i].rampOf(h)
			whole := lightness(r.at(1)) - lightness(r.at(0))
			if math.Abs(whole) < 55 {
				t.Errorf("%s: the ends are %.0f apart", themes[i].name, whole)
			}
			for k := range 10 {
				part := (lightness(r.at(float64(k+1)/10)) - lightness(r.at(float64(k)/10))) / whole
				if part < 0.05 || part > 0.2 {
					t.Errorf("%s %v: step %d takes %.3f of the whole", themes[i].name, h.line, k, part)
				}
			}
			// The first shade can be told from the ground, and black or white be read on each.
			if c := contrast(r.at(0), themes[i].ground); c < 1.1 {
				t.Errorf("%s: the first shade has a contrast of %.2f to the ground", themes[i].name, c)
			}
			for k := range 101 {
				c := r.at(float64(k) / 100)
				if got := contrast(c, over(c)); got < 4.5 {
					t.Errorf("%s: text on shade %d has a contrast of %.2f", themes[i].name, k, got)
				}
			}
		}
	}
}

// TestOKLabIsThatOfItsAuthor: white has the lightness 1, and the blue primary 0.452 with
// (a, b) = (−0.032, −0.312), as its author gives them; there and back is the same colour.
func TestOKLabIsThatOfItsAuthor(t *testing.T) {
	if l, a, b := oklab(rgb(0xFFFFFF)); math.Abs(l-1) > 1e-3 || math.Hypot(a, b) > 1e-3 {
		t.Errorf("white is %.4f %.4f %.4f", l, a, b)
	}
	if l, a, b := oklab(rgb(0x0000FF)); math.Abs(l-0.452) > 1e-3 || math.Abs(a+0.032) > 1e-3 || math.Abs(b+0.312) > 1e-3 {
		t.Errorf("blue is %.4f %.4f %.4f", l, a, b)
	}
	for _, v := range []uint32{0x0B5CAD, 0xB35C00, 0xA8154F, 0x123456} {
		l, a, b := oklab(rgb(v))
		if c, ok := fromOKLab(l, a, b); !ok || c != rgb(v) {
			t.Errorf("%06x comes back as %v", v, c)
		}
	}
}
