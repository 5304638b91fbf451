package sim

import "math"

// slowLaw is a law whose Quantile is too slow to call for each draw. Its density
// gives the slope of the quantile.
type slowLaw interface {
	Law
	// Density is the derivative of CDF at x, per ns.
	Density(x float64) float64
}

// quantileTable holds a quantile function at fixed knots and joins them by
// cubics that meet the function's slope at each knot (Hermite).
//
// A quantile function changes fastest near 0 and 1, on a logarithmic scale, so
// each half is tabulated over t, the distance to its end: every octave of t from
// 2⁻⁵³ to 1/2 has 16 equal cells. These are the leading bits of t as a float64,
// and the cell is found without search or logarithm.
//
// For gamma laws of every shape allowed the table is within tableError standard
// deviations of the function, and it never decreases.
type quantileTable struct {
	lower [tableCells + 1]knot // by u
	upper [tableCells + 1]knot // by 1-u
}

// knot is the quantile in ns and its slope, in ns per unit of t.
type knot struct{ value, slope float64 }

const (
	tableError = 1e-6 // of the law's standard deviation
	negligible = 1e-9 // ns; counts as 0, far below what rounding keeps

	cellBits   = 4                           // leading mantissa bits that number the cells of an octave
	cellShift  = 52 - cellBits               // what lies below them in a float64
	tableBase  = (1023 - 53) << cellBits     // the leading bits of 2⁻⁵³
	tableCells = 52 << cellBits              // the octaves from 2⁻⁵³ up to 1/2
	leastT     = 0x1p-53                     // first knot
	cellUnit   = 1.0 / float64(1<<cellShift) // the low bits as a fraction of a cell
	lowMask    = uint64(1)<<cellShift - 1    // the low bits
)

func newQuantileTable(law slowLaw) *quantileTable {
	table := &quantileTable{}
	for i := range table.lower {
		t := cellStart(i)
		table.lower[i] = newKnot(law, t, 1)
		table.upper[i] = newKnot(law, 1-t, -1)
	}
	return table
}

// newKnot takes the knot at u, where u moves by sign for each unit of t.
func newKnot(law slowLaw, u, sign float64) knot {
	x := law.Quantile(u)
	if x < negligible {
		// Density may be infinite there, and quotients of numbers near the least
		// float64 would make the cubic swing.
		return knot{}
	}
	return knot{x, sign / law.Density(x)}
}

// cellStart is the t at the lower end of cell i.
func cellStart(i int) float64 {
	return math.Float64frombits(uint64(tableBase+i) << cellShift)
}

// at interpolates the quantile of u; a u beyond the outermost knots counts as
// the knot.
func (q *quantileTable) at(u float64) float64 {
	if u <= 0.5 {
		return interpolate(&q.lower, u)
	}
	return interpolate(&q.upper, 1-u)
}

func interpolate(knots *[tableCells + 1]knot, t float64) float64 {
	t = max(t, leastT)
	word := math.Float64bits(t)
	i := int(word>>cellShift) - tableBase
	if i >= tableCells {
		return knots[tableCells].value
	}
	a, b := knots[i], knots[i+1]
	s := float64(word&lowMask) * cellUnit
	width := cellStart(i+1) - cellStart(i)
	// With c and d, the amounts by which the slopes at the two ends exceed the
	// chord, the cubic is the chord plus s(1-s)(c(1-s) - d s). The conversions
	// forbid fusing.
	chord := b.value - a.value
	c := float64(a.slope*width) - chord
	d := float64(b.slope*width) - chord
	bend := float64(c*(1-s)) - float64(d*s)
	return a.value + float64(s*chord) + float64(s*(1-s)*bend)
}
