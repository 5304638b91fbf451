package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// A scale takes numbers to places on the page.
type scale struct {
	low, high float64
	from, to  vg.Length
}

func (s scale) at(v float64) vg.Length {
	return s.from + vg.Length((v-s.low)/(s.high-s.low))*(s.to-s.from)
}

// step is the least of 1, 2 and 5 times a power of ten that is at least so wide.
func step(wide float64) float64 {
	if !(wide > 0) || math.IsInf(wide, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(wide)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= wide*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// ticks are round numbers from low to high, at most so many, and their distance.
func ticks(low, high float64, most int) (at []float64, by float64) {
	by = step((high - low) / float64(max(most, 1)))
	for k := math.Ceil(low/by - 1e-9); k*by <= high+by*1e-9; k++ {
		at = append(at, float64(k*by))
	}
	return at, by
}

// number writes a value with as many decimals as ticks at that distance need, with a true
// minus.
func number(v, by float64) string {
	decimals := 0
	if by > 0 && by < 1 {
		decimals = int(math.Ceil(-math.Log10(by) - 1e-9))
	}
	return group(strconv.FormatFloat(v, 'f', min(decimals, 9), 64))
}

// digits writes a value with so many digits that count.
func digits(v float64, n int) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return group(strconv.FormatFloat(v, 'f', -1, 64))
	}
	decimals := n - 1 - int(math.Floor(math.Log10(math.Abs(v))))
	return group(strconv.FormatFloat(v, 'f', min(max(decimals, 0), 9), 64))
}

// rounded keeps so many digits of a value.
func rounded(v float64, n int) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return v
}

// short writes a round value without needless zeros.
func short(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	return group(strconv.FormatFloat(v, 'f', -1, 64))
}

// group puts commas into long numbers.
func group(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "−", text[1:]
		if strings.Trim(text, "0.") == "" {
			sign = ""
		}
	}
	whole, rest, point := strings.Cut(text, ".")
	if len(whole) > 4 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	if point {
		rest = "." + rest
	}
	return sign + whole + rest
}

// count writes a whole number.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// xAxis draws the line below a panel with its ticks and labels.
func (p *page) xAxis(s scale, y vg.Length, labels bool) {
	p.segment(s.from, y, s.to, y, p.muted, 0.6*p.size.line)
	at, by := ticks(s.low, s.high, int((s.to-s.from)/(5*p.label)))
	for _, v := range at {
		x := s.at(v)
		p.segment(x, y, x, y+0.35*p.label, p.muted, 0.6*p.size.line)
		if labels {
			p.text(x, y+1.35*p.label, number(v, by), style{p.label, false, p.muted, 0.5})
		}
	}
}

// quarters draws the hairlines of an axis of shares from 0 to 1, every quarter, or every
// half where there is little room.
func (p *page) quarters(s scale, left, right vg.Length) {
	by := 0.25
	if s.from-s.to < 7*p.label {
		by = 0.5
	}
	for v := 0.0; v <= 1; v += by {
		y := s.at(v)
		p.segment(left, y, right, y, p.hairline, 0.5*p.size.line)
		p.text(left-0.7*p.label, y+0.36*p.label, number(100*v, 1)+percent, style{p.label, false, p.muted, 1})
	}
}

// yAxis draws hairlines across a panel with their labels, at most so many.
func (p *page) yAxis(s scale, left, right vg.Length, share bool) {
	most := max(int((s.from-s.to)/(2.6*p.label)), 3)
	at, by := ticks(s.low, s.high, most)
	for _, v := range at {
		y := s.at(v)
		p.segment(left, y, right, y, p.hairline, 0.5*p.size.line)
		label := number(v, by)
		if share {
			label = number(100*v, 100*by) + percent
		}
		p.text(left-0.7*p.label, y+0.36*p.label, label, style{p.label, false, p.muted, 1})
	}
}
