package plots

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"

	"zksim/experiments"
)

var update = flag.Bool("update", false, "draw the golden images anew")

// fixed are small tables, given here, so that a golden image changes only when the
// drawing does.
var fixed = []struct {
	name    string
	drawing drawing
	look    Look
}{
	{"latency", evenLatency(1000, true), Look{"light", "double"}},
	{"latency-never", neverLatency(), Look{"dark", "single"}},
	{"latency-one", evenLatency(1, false), Look{"light", "single"}},
	{"timeline", told(1, "worker"), Look{"light", "double"}},
	{"timeline-messages", toldWithMessages(), Look{"dark", "slide"}},
	{"timeline-one", untold(), Look{"light", "single"}},
	{"timeline-orphan", orphaned(), Look{"dark", "single"}},
	{"timeline-three", told(3, "worker"), Look{"light", "double"}},
	{"timeline-twelve", told(12, "a-long-name-of-a-client-of-the-queue-"), Look{"light", "single"}},
	{"sweep", lines(3, "3s"), Look{"light", "double"}},
	{"sweep-one", lines(1, ""), Look{"dark", "single"}},
	{"sweep-twelve", lines(12, "a long name of a library, version "), Look{"light", "slide"}},
	{"sweep-words", words(), Look{"light", "single"}},
	{"sweep-bounds", bounded(5), Look{"light", "double"}},
	{"sweep-point", bounded(1), Look{"light", "single"}},
	{"heatmap", cells(5, 4, "detection"), Look{"light", "double"}},
	{"heatmap-one", cells(1, 1, "zombie"), Look{"light", "single"}},
	{"heatmap-dense", cells(40, 25, "notice"), Look{"dark", "single"}},
	{"heatmap-words", wordCells(), Look{"light", "slide"}},
	{"tradeoff", settings12(3, "s"), Look{"light", "double"}},
	{"tradeoff-one", settings12(1, "s"), Look{"light", "single"}},
	{"tradeoff-twelve", settings12(12, " seconds of a long timeout"), Look{"dark", "single"}},
	{"belief", believed(3, "", 200), Look{"light", "double"}},
	{"belief-one", believed(1, "", 300), Look{"dark", "single"}},
	{"belief-run", believed(1, "", 1), Look{"light", "single"}},
	{"belief-twelve", believed(12, "a long name of a library, version ", 200), Look{"light", "slide"}},
	{"conformance", conforming(3, ""), Look{"light", "double"}},
	{"conformance-one", conforming(1, ""), Look{"light", "single"}},
	{"conformance-twelve", conforming(12, "a long name of an event, as in "), Look{"dark", "slide"}},
	{"conformance-forty", conforming(40, "kind "), Look{"dark", "single"}},
	{"compare", comparedRows(3, "", "detection"), Look{"light", "double"}},
	{"compare-one", comparedRows(1, "", "notice"), Look{"dark", "single"}},
	{"compare-twelve", comparedRows(12, "a long name of a library, version ", "gap"), Look{"light", "single"}},
	{"compare-share", comparedShares(), Look{"dark", "slide"}},
}

// evenLatency is n values at equal distances from 2 s to 4 s, beside the law that they
// follow.
func evenLatency(n int, law bool) *latency {
	l := &latency{quantity: quantity{phrase: phrase{noun: "detection"}, name: "detection_marked", meaning: "fault to the leader marking the session closing", unit: seconds, factor: 1e-3, metric: "detection"},
		where: "clients.worker.timeout 3s", source: "Sweep fixed, seed 1. zksim\u00a0test.", timeout: 3, mean: 3}
	for i := range n {
		l.values = append(l.values, 2+2*(float64(i)+0.5)/float64(n))
	}
	l.marks = []mark{{"half", 0.5, 3, 2.9, 3.1}, {"90" + percent, 0.9, 3.8, 3.75, 3.85}, {"99" + percent, 0.99, 3.98, 3.96, 3.995}}
	if law {
		l.law = func(x float64) float64 { return min(max((x-2)/2, 0), 1) }
		l.rule, l.lawMean, l.lawLow, l.lawHigh = "Q-1", 3, 2, 4
	}
	return l
}

// neverLatency is one in which a fifth did not happen within the run.
func neverLatency() *latency {
	l := evenLatency(40, false)
	l.never, l.absent, l.metric, l.timeout = 10, 2, "gap", 0
	l.noun, l.meaning = "knowledge gap", "the session's end to the client's knowing it"
	// Of fifty runs the 25th is the 25th of forty values at equal distances.
	l.marks[0].value, l.marks[0].low, l.marks[0].top = 3.225, 2.9, 3.5
	l.marks[1].value, l.marks[2].value = math.Inf(1), math.Inf(1)
	return l
}

// lines is so many straight lines over five values.
func lines(n int, label string) *dependence {
	d := &dependence{measure: measure{quantity{phrase: phrase{noun: "time until Disconnected"}, name: "notice", meaning: "cut to Disconnected", unit: seconds, factor: 1e-3, metric: "notice"}, "p99"}, x: "clients.worker.timeout", unit: "seconds", source: "n\u00a0=\u00a0100 a point. Sweep fixed, seed 1. zksim\u00a0test.", total: n, rule: "Q-8"}
	if n > 1 {
		d.by = "clients.worker.library"
	}
	for i := range n {
		l := dependenceLine{label: label + fmt.Sprint(i)}
		for x := 4.0; x <= 12; x += 2 {
			v := x/2 + float64(i)*0.3
			l.points = append(l.points, dependencePoint{x, v, v - 0.2, v + 0.3, v + 0.05, math.NaN(), math.NaN()})
		}
		d.lines = append(d.lines, l)
	}
	return d
}

// bounded is a line that is known to stay between two others.
func bounded(points int) *dependence {
	d := lines(1, "")
	d.lines[0].points = d.lines[0].points[:points]
	for i := range d.lines[0].points {
		p := &d.lines[0].points[i]
		p.least, p.most = p.value-1, p.value+1.5
	}
	return d
}

// words is a line over words, one of which is long.
func words() *dependence {
	d, none := lines(1, ""), math.NaN()
	d.unit, d.labels, d.x = "", []string{"java", "curator-5.7.1-with-a-long-name", "go"}, "clients.worker.library"
	d.rule = ""
	d.lines[0].points = []dependencePoint{{0, 3, 2, 4, none, none, none}, {1, 5, 4.5, 5.5, none, none, none}, {2, 4, 3.9, 4.2, none, none, none}}
	return d
}

// cells is a plane that rises to the right and upwards, with a corner where there are no
// points, and a cell next to it in which it never happened.
func cells(columns, rows int, metric string) *heatmap {
	h := &heatmap{measure: measure{quantity{phrase: phrase{noun: metric}, name: metric, meaning: "from here to there", unit: seconds, factor: 1e-3, metric: metric}, "p99"},
		x: "clients.worker.timeout", y: "ensemble.tickTime", total: [2]int{columns, rows}, source: "n\u00a0=\u00a0100 a cell. Sweep fixed, seed 1. zksim\u00a0test."}
	for n := range rows {
		h.rows = append(h.rows, fmt.Sprint(50+50*n, "ms"))
		var row []cell
		for k := range columns {
			row = append(row, cell{4 + 1.5*float64(k) + 0.25*float64(n), n+k < rows+columns-2 || rows == 1})
		}
		h.cells = append(h.cells, row)
	}
	if rows > 1 {
		h.cells[rows-1][columns-2].value = math.Inf(1)
	}
	for k := range columns {
		h.columns = append(h.columns, fmt.Sprint(4+1.5*float64(k), "s"))
	}
	return h
}

// wordCells is shares over words, some of them long.
func wordCells() *heatmap {
	h := cells(12, 3, "needless")
	h.measure = measure{quantity{phrase: phrases["needless"], name: "needless", meaning: "from here to there", factor: 1, share: true, metric: "needless"}, "mean"}
	for n := range h.cells {
		h.rows[n] = "a long name of a thing " + h.rows[n]
		for k := range h.cells[n] {
			h.columns[k] = fmt.Sprint("version ", k, " of a library")
			h.cells[n][k].value /= 30
		}
	}
	return h
}

// settings12 is up to twelve settings, of which every third is dominated and the last
// was never wrong.
func settings12(n int, unit string) *tradeoff {
	t := &tradeoff{latency: measure{quantity{phrase: phrase{noun: "detection"}, name: "detection", unit: seconds, factor: 1e-3, metric: "detection"}, "mean"}, mistakes: quantity{phrase: phrases["needless"], name: "needless", share: true, factor: 1},
		settingOf: "clients.worker.timeout", source: "n\u00a0=\u00a01,000 a point. Sweep fixed, seed 1. zksim\u00a0test.", split: n > 3}
	for i := range n {
		late, wrong := 4+2*float64(i), 0.3*math.Pow(0.5, float64(i))
		if i%3 == 1 {
			wrong *= 2
		}
		s := setting{label: fmt.Sprint(6+2*i, unit), latency: experiments.Estimate{Value: late, Low: late - 0.1, High: late + 0.1}, mistakes: experiments.Estimate{Value: wrong, Low: 0.7 * wrong, High: 1.4 * wrong}}
		if i == 11 {
			s.mistakes = experiments.Estimate{Value: 0, Low: 0, High: 0.003}
		}
		t.settings = append(t.settings, s)
	}
	t.findFront()
	return t
}

// believed is so many points of n runs each: in the second of three the client gives up
// before the cluster does, in the third it is never told in a quarter of the runs.
func believed(points int, label string, n int) *belief {
	b := &belief{total: points, panelOf: "clients.worker.library", meanings: [2]string{"fault to the mark", "fault to Expired"}, source: fmt.Sprintf("n\u00a0=\u00a0%d a point. Sweep fixed, seed 1. zksim\u00a0test.", n)}
	if points == 1 {
		b.panelOf = ""
	}
	for i := range points {
		one := beliefs{label: label + fmt.Sprint(i)}
		for k := range n {
			at := (float64(k) + 0.5) / float64(n)
			ended, told := 5+float64(i%4)+2*at, 9+3*at*at
			switch {
			case i%3 == 1:
				told = 4 + at
			case i%3 == 2 && k%4 == 0:
				told = math.Inf(1)
			}
			one.add(ended, told)
		}
		one.sort()
		b.panels = append(b.panels, one)
	}
	b.horizon()
	return b
}

// conforming is so many kinds of event, a hundred of each over half a minute; of one kind
// a single event.
func conforming(kinds int, label string) *conformity {
	c := &conformity{tolerance: 25, recordings: 3, engine: "zksim test", missing: 1, spots: map[[2]int16]bool{}}
	var points [][3]float32
	for k := range kinds {
		one := conformed{name: label + fmt.Sprint(k), drawn: k%4 == 3}
		for i := range 100 {
			if kinds == 1 && i > 0 {
				break
			}
			v := float32((i*37)%100-40) / 100 * float32(5+k)
			bad := i == 7 && k%2 == 1
			if bad {
				v, one.bad = 30+float32(k), append(one.bad, 30+float32(k))
			} else {
				one.inside++
			}
			one.n++
			one.errors = append(one.errors, v)
			p := [3]float32{300 * float32(i), 300*float32(i) + v, 0}
			if bad {
				p[2] = 1
			}
			points = append(points, p)
		}
		all := &c.fixed
		if one.drawn {
			all = &c.drawn
		}
		all.n, all.inside = all.n+one.n, all.inside+one.inside
		c.kinds = append(c.kinds, one)
	}
	c.place(points)
	c.order()
	return c
}

// comparedRows is so many rows, each half a second above the one before; in the last of
// twelve it did not happen in a third of the runs.
func comparedRows(n int, label, metric string) *comparison {
	c := &comparison{quantity: quantity{phrase: phrase{noun: metric}, name: metric, meaning: "from here to there", unit: seconds, factor: 1e-3, metric: metric},
		source: "n\u00a0=\u00a01,000 a point. Sweep fixed, seed 1. zksim\u00a0test.", total: n, rowsOf: "clients.worker.library", paired: n > 1, base: label + "0"}
	for i := range n {
		up := float64(i) / 2
		row := compared{label: label + fmt.Sprint(i), n: 1000, base: n > 1 && i == 0, spread: [5]float64{2.1 + up, 3 + up, 4 + up, 5 + up, 5.9 + up}}
		row.differs = experiments.Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN()}
		if n > 1 && !row.base {
			row.differs = experiments.Estimate{Value: up - 1, Low: up - 1.2, High: up - 0.9}
		}
		if i == 11 {
			row.never, row.spread[3], row.spread[4] = 333, math.Inf(1), math.Inf(1)
		}
		for k := range row.n - row.never {
			row.values = append(row.values, 2+up+4*math.Sqrt(float64(k)/1000))
		}
		c.rows = append(c.rows, row)
	}
	if n == 1 {
		c.rowsOf = ""
	}
	c.classify()
	return c
}

// comparedShares is rows of a yes or no, one of which was never seen.
func comparedShares() *comparison {
	c := comparedRows(3, "java ", "needless")
	c.share, c.unit, c.factor, c.phrase = true, "", 1, phrases["needless"]
	for i, e := range []experiments.Estimate{{Value: 0.12, Low: 0.1, High: 0.14}, {Value: 0.05, Low: 0.04, High: 0.065}, {Value: 0, Low: 0, High: 0.003}} {
		c.rows[i].share = e
		c.rows[i].differs = experiments.Estimate{Value: e.Value - 0.12, Low: e.Value - 0.13, High: e.Value - 0.11}
	}
	return c
}

func drawn(t *testing.T, d drawing, look Look, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&Figure{d}).Write(&b, look, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFiguresLookAsTheyDid(t *testing.T) {
	for _, f := range fixed {
		path := filepath.Join("testdata", f.name+".png")
		if *update {
			if err := os.WriteFile(path, drawn(t, f.drawing, f.look, "png"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if what := differs(painted(t, f.drawing, f.look), decoded(t, want)); what != "" {
			t.Errorf("%s: %s; look at it, then go test ./plots -update", path, what)
		}
	}
}

// painted is a figure as dots, without the work of packing them into a PNG.
func painted(t *testing.T, d drawing, look Look) *image.RGBA {
	t.Helper()
	p, err := pageFor(d, look, "png")
	if err != nil {
		t.Fatal(err)
	}
	d.draw(p)
	return dotsOf(p.canvas.(vgimg.PngCanvas).Image())
}

// differs compares two images: a pixel may be off by what another processor's rounding
// does to an edge, and a few pixels by more.
func differs(a, b *image.RGBA) string {
	if a.Bounds() != b.Bounds() {
		return fmt.Sprintf("is %v, was %v", a.Bounds().Size(), b.Bounds().Size())
	}
	off := 0
	for i := 0; i < len(a.Pix); i += 4 {
		if p, q := grey(a.Pix[i:]), grey(b.Pix[i:]); max(p, q)-min(p, q) > 40 {
			off++
		}
	}
	if off > 25 {
		return fmt.Sprintf("%d pixels differ", off)
	}
	return ""
}

// grey is how light a pixel is, from 0 to 255, to the eye.
func grey(pixel []byte) int {
	return (299*int(pixel[0]) + 587*int(pixel[1]) + 114*int(pixel[2])) / 1000
}

func decoded(t *testing.T, b []byte) *image.RGBA {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return dotsOf(m)
}

func dotsOf(m image.Image) *image.RGBA {
	if rgba, ok := m.(*image.RGBA); ok {
		return rgba
	}
	rgba := image.NewRGBA(m.Bounds())
	draw.Draw(rgba, m.Bounds(), m, image.Point{}, draw.Src)
	return rgba
}

// TestAMovedLabelIsNoticed holds the comparison against what it is for: one label of one
// letter, moved by half a point.
func TestAMovedLabelIsNoticed(t *testing.T) {
	at := func(x float64) *image.RGBA {
		return painted(t, drawingFunc(func(p *page) {
			p.text(50+vg.Length(x), 50, "5 s", style{p.label, false, p.muted, 0})
		}), Look{"light", "single"})
	}
	if what := differs(at(0), at(0)); what != "" {
		t.Errorf("the same label: %s", what)
	}
	if differs(at(0), at(0.5)) == "" {
		t.Error("a label moved by half a point was not noticed")
	}
}

type drawingFunc func(p *page)

func (f drawingFunc) draw(p *page)  { f(p) }
func (f drawingFunc) title() string { return "" }

func TestTheSameFigureIsTheSameBytes(t *testing.T) {
	for _, format := range Formats() {
		for i, f := range fixed {
			if i > 0 && (testing.Short() || format == "png") {
				break // what is drawn is the same in all formats, and dots take long
			}
			if !bytes.Equal(drawn(t, f.drawing, f.look, format), drawn(t, f.drawing, f.look, format)) {
				t.Errorf("%s as %s: two drawings differ", f.name, format)
			}
		}
	}
	if b := drawn(t, fixed[0].drawing, fixed[0].look, "pdf"); !bytes.Contains(b, []byte("D:19700101000000")) {
		t.Error("a PDF carries the hour of drawing")
	}
}

// TestNoTextStandsOnOtherText draws every kind in every look, and asks the page.
func TestNoTextStandsOnOtherText(t *testing.T) {
	for _, f := range fixed {
		for _, size := range Sizes() {
			for _, theme := range Themes() {
				p, err := pageFor(f.drawing, Look{theme, size}, "svg")
				if err != nil {
					t.Fatal(err)
				}
				f.drawing.draw(p)
				if len(p.written) < 8 {
					t.Errorf("%s, %s: only %d texts", f.name, size, len(p.written))
				}
				for i, a := range p.written {
					if a.left < 0 || a.right > p.width || a.top < 0 || a.bottom > p.height {
						t.Errorf("%s, %s: %q leaves the page", f.name, size, a.words)
					}
					for _, b := range p.written[:i] {
						if a.box.meets(b.box) {
							t.Errorf("%s, %s: %q stands on %q", f.name, size, a.words, b.words)
						}
					}
				}
			}
		}
	}
}

func TestSmallPrintSaysWhatAFigureIsOf(t *testing.T) {
	for _, f := range fixed {
		svg := string(drawn(t, f.drawing, f.look, "svg"))
		text := strings.Join(strings.Fields(svg), " ")
		unit := "second"
		if strings.HasSuffix(f.name, "-share") || strings.HasPrefix(f.name, "heatmap-words") {
			unit = percent[len("\u00a0"):]
		}
		if strings.HasPrefix(f.name, "conformance") {
			unit = " ms"
		}
		for _, want := range []string{"n = ", "seed", "zksim test", unit} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: says nothing of %q", f.name, want)
			}
		}
	}
}
