package plots

import (
	"fmt"
	"strings"
	"testing"
)

// TestNamesOfAnyLengthLeaveRoom: what a user varies may be called anything, such as a whole
// fault; nothing is written over, off the page, or on a panel of no height.
func TestNamesOfAnyLengthLeaveRoom(t *testing.T) {
	long := func(i int) string {
		return fmt.Sprint("{pause: broker, at: 3s, for: {lognormal: [1s, 1], max: 50s}}, number ", i, " ", strings.Repeat("x", 200), strings.Repeat(" and so on", 20))
	}
	var all []drawing
	for _, n := range []int{1, 3, 12} {
		d := lines(n, "")
		d.x, d.by, d.fixed, d.noun, d.meaning = long(0), long(1), long(2), long(3), long(4)
		for i := range d.lines {
			d.lines[i].label = long(i)
		}
		c := comparedRows(n, "", "gap")
		c.rowsOf, c.fixed, c.base, c.noun, c.meaning = long(0), long(1), long(2), long(3), long(4)
		for i := range c.rows {
			c.rows[i].label = long(i)
		}
		h := cells(n, n, "gap")
		h.x, h.y, h.fixed, h.noun, h.meaning = long(0), long(1), long(2), long(3), long(4)
		for i := range n {
			h.columns[i], h.rows[i] = long(i), long(i)
		}
		f := settings12(n, "s")
		f.settingOf, f.fixed, f.latency.noun, f.mistakes.event = long(0), long(1), long(2), long(3)
		for i := range f.settings {
			f.settings[i].label = long(i)
		}
		b := believed(n, "", 50)
		b.panelOf, b.fixed, b.meanings = long(0), long(1), [2]string{long(2), long(3)}
		for i := range b.panels {
			b.panels[i].label = long(i)
		}
		k := conforming(n, long(0))
		k.engine = long(1)
		l := evenLatency(100, true)
		l.noun, l.meaning, l.where, l.rule = long(0), long(1), long(2), "Q-2 to Q-5"
		all = append(all, d, c, h, f, b, k, l)
	}
	w := words()
	for i := range w.labels {
		w.labels[i] = long(i)
	}
	for i, d := range append(all, w) {
		for _, size := range Sizes() {
			p, err := pageFor(d, Look{"light", size}, "svg")
			if err != nil {
				t.Fatal(err)
			}
			d.draw(p)
			name := fmt.Sprintf("figure %d, %T, %s", i, d, size)
			for k, a := range p.written {
				if a.left < 0 || a.right > p.width || a.top < 0 || a.bottom > p.height {
					t.Errorf("%s: %.60q leaves the page: %v", name, a.words, a.box)
				}
				for _, b := range p.written[:k] {
					if a.box.meets(b.box) {
						t.Errorf("%s: %.60q stands on %.60q", name, a.words, b.words)
					}
				}
			}
		}
	}
}
