package sim

import (
	"math"
	"testing"
)

// The shapes run over the range allowed; between knots the error is greatest
// near the middle and the quarters of a cell.
func TestLawTableIsCloseToTheQuantileAndNeverDecreases(t *testing.T) {
	for _, shape := range []float64{0.05, 0.3, 0.9, 1, 2, 10, 500, 1e4} {
		law := newGamma(t, shape)
		table := newQuantileTable(law)
		worst, prev := 0.0, math.Inf(-1)
		check := func(u float64) {
			x := table.at(u)
			if !(x >= prev) {
				t.Errorf("%v: at(%v) = %v, below %v for a smaller u", law, u, x, prev)
			}
			prev = x
			worst = max(worst, math.Abs(x-law.Quantile(u)))
		}
		offsets := []float64{0, 0.25, 0.5, 0.75}
		for i := range tableCells {
			for _, s := range offsets {
				check(cellStart(i) + s*(cellStart(i+1)-cellStart(i)))
			}
		}
		for i := tableCells - 1; i >= 0; i-- {
			for j := len(offsets) - 1; j >= 0; j-- {
				check(1 - (cellStart(i) + offsets[j]*(cellStart(i+1)-cellStart(i))))
			}
		}
		if worst > tableError*law.SD() {
			t.Errorf("%v: table is up to %.3g deviations off, want at most %g", law, worst/law.SD(), tableError)
		}
		t.Logf("%v: %.3g deviations off", law, worst/law.SD())
	}
}

func TestLawTableHoldsItsOutermostKnotsBeyondThem(t *testing.T) {
	law := newGamma(t, 2)
	table := newQuantileTable(law)
	for _, c := range []struct{ u, want float64 }{
		{0, law.Quantile(0x1p-53)}, {0x1p-60, law.Quantile(0x1p-53)}, {0.5, law.Quantile(0.5)}, {1, law.Quantile(1 - 0x1p-53)},
	} {
		if got := table.at(c.u); got != c.want {
			t.Errorf("at(%v) = %v, want %v", c.u, got, c.want)
		}
	}
}
