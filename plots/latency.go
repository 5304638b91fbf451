package plots

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"

	"zksim/experiments"
)

// A latency is the spread of one column at one point: a histogram, and below it on the
// same axis the share of runs by then, with the closed form over both.
type latency struct {
	quantity
	where         string    // the point, in words
	source        string    // small print
	values        []float64 // of the runs in which it happened, in order
	never, absent int
	timeout       float64 // in seconds, of detection; 0: none to be marked
	marks         []mark
	mean          float64
	law           func(x float64) float64 // nil: none
	rule, why     string
	lawMean       float64
	lawLow        float64
	lawHigh       float64
}

// A mark is a quantile with its interval of 95 %.
type mark struct {
	name            string
	share           float64
	value, low, top float64
}

func readLatency(q *Query) (drawing, error) {
	r, column, err := openResults(q)
	if err != nil {
		return nil, err
	}
	plan := r.Plan
	u, err := quantityOf(&plan.Columns[column])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Input, err)
	}
	if u.share {
		return nil, fmt.Errorf("%s: %s is a yes or no, or a share; want a duration, a rate or a number", q.Input, u.name)
	}
	points, err := plan.Where(q.At)
	if err != nil {
		return nil, fmt.Errorf("--at %w", err)
	}
	if len(points) > 1 {
		return nil, fmt.Errorf("%s: %d points; want --at with values of %s that leave one", q.Input, len(points), varying(plan, points))
	}
	if q.plan != nil {
		return nil, nil
	}
	point := points[0]
	l := &latency{quantity: u, where: settings(plan, point), source: sourceOf(plan)}
	sample := experiments.NewSample(&plan.Columns[column])
	err = r.Each(point, column, func(v experiments.Value) {
		sample.Add(v)
		switch {
		case math.IsNaN(v):
			l.absent++
		case math.IsInf(v, 1):
			l.never++
		default:
			l.values = append(l.values, v*u.factor)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(l.values) == 0 {
		return nil, fmt.Errorf("%s: nothing to draw: %s did not happen in any of %d runs at %s", q.Input, u.name, l.never+l.absent, plan.Describe(point))
	}
	slices.Sort(l.values)
	m := sample.Summary()
	l.mean = m.Mean.Value * u.factor
	for i, name := range []string{"half", "90" + percent, "99" + percent} {
		e := m.Quantiles[i]
		l.marks = append(l.marks, mark{name, float64(experiments.Quantiles[i].Thousandths) / 1000, e.Value * u.factor, e.Low * u.factor, e.High * u.factor})
	}
	if u.metric == "detection" {
		l.timeout = plan.Points[point].Granted.Seconds()
	}
	b, err := r.Beside(point, column)
	if err != nil {
		return nil, err
	}
	l.rule, l.why = b.Rule, b.Why
	if _, known := b.CDF(0); known {
		l.law = func(x float64) float64 { share, _ := b.CDF(x / u.factor); return share }
		l.lawMean, l.lawLow, l.lawHigh = b.Mean*u.factor, b.Min*u.factor, b.Max*u.factor
	}
	return l, nil
}

// settings are a point's values in words.
func settings(p *experiments.Plan, point int) string {
	var words []string
	for k, param := range p.Varied() {
		words = append(words, param.Path+" "+said(p.Points[point].Values[k].Text))
	}
	return strings.Join(words, apart)
}

// runs is how many runs the question applies to.
func (l *latency) runs() int { return len(l.values) + l.never }

// share is the part of the runs in which it happened by x.
func (l *latency) share(x float64) float64 {
	at := sort.Search(len(l.values), func(i int) bool { return l.values[i] > x })
	return float64(at) / float64(l.runs())
}

// title is the finding.
func (l *latency) title() string {
	half, late := l.marks[0], l.marks[2]
	never := fmt.Sprintf("%s\u00a0%% not within the run", digits(100*float64(l.never)/float64(l.runs()), 2))
	switch {
	case l.runs() == 1:
		return fmt.Sprintf("%s: one run, %s", capital(l.noun), l.text(l.values[0]))
	case math.IsInf(half.value, 1):
		return fmt.Sprintf("%s: %s", capital(l.noun), never)
	case math.IsInf(late.value, 1):
		return fmt.Sprintf("%s: half within %s, %s", capital(l.noun), l.text(half.value), never)
	}
	return fmt.Sprintf("%s: half within %s, 99\u00a0%% within %s", capital(l.noun), l.text(half.value), l.text(late.value))
}

// print is the small print.
func (l *latency) print() string {
	words := []string{"n\u00a0=\u00a0" + count(l.runs())}
	if l.never > 0 {
		words = append(words, count(l.never)+" not within the run")
	}
	if l.absent > 0 {
		words = append(words, "it does not apply to "+count(l.absent)+" more")
	}
	text := strings.Join(words, ", ") + ". Mean " + l.text(l.mean)
	switch {
	case l.law != nil:
		text += " (law " + l.text(l.lawMean) + ")"
	case l.rule != "" && l.why != "":
		text += " (no law " + l.rule + ": " + l.why + ")"
	}
	return text + ". Band: 95\u00a0% for the whole curve; bars: 95\u00a0% for a quantile. " + l.source
}

// bins cuts the values into equal classes of a round width, and counts them.
func (l *latency) bins() (width float64, first float64, counts []int) {
	n := len(l.values)
	low, high := l.values[0], l.values[n-1]
	if low == high {
		width = step(math.Max(math.Abs(low)/50, 0.001))
		return width, low - width/2, []int{n}
	}
	// About as wide as Freedman and Diaconis have it, between 8 and 70 classes.
	spread := l.values[n*3/4] - l.values[n/4]
	width = step(min(max(spread/math.Cbrt(float64(n)), (high-low)/70), (high-low)/8))
	from := math.Floor(low / width)
	counts = make([]int, int(math.Floor(high/width)-from)+1)
	for _, v := range l.values {
		counts[min(max(int(math.Floor(v/width)-from), 0), len(counts)-1)]++
	}
	return width, from * width, counts
}

func (l *latency) draw(p *page) {
	hue := p.hueOf(l.metric)
	subtitle := l.meaning
	if l.where != "" {
		subtitle += apart + l.where
	}
	top, bottom := p.head(l.title(), subtitle), p.foot(l.print())
	left, right := p.margin+4.2*p.label, p.width-p.margin
	width, first, counts := l.bins()

	low, high := first, first+width*float64(len(counts))
	if l.law != nil {
		low, high = min(low, l.lawLow), max(high, l.lawHigh)
	}
	if l.timeout > 0 && l.timeout > low-(high-low)/2 && l.timeout < high+(high-low)/2 {
		low, high = min(low, l.timeout), max(high, l.timeout)
	}
	pad := 0.05 * (high - low)
	x := scale{low - pad, high + 3*pad, left, right} // labels stand to the right

	axis := bottom - 3.1*p.label
	heading := style{p.label, false, p.muted, 0}
	room := axis - top - 5.2*p.label
	upper := box{left, top + 1.8*p.label, right, top + 1.8*p.label + 0.52*room}
	lower := box{left, upper.bottom + 2.6*p.label, right, axis}
	upperHead := p.text(p.margin, top+0.8*p.label, "Share of runs in each "+l.classText(width), heading)
	lowerHead := p.text(p.margin, lower.top-0.9*p.label, "Share of runs by then", heading)

	l.markTimeout(p, x, top, axis)
	l.histogram(p, hue, x, upper, width, first, counts)
	if l.shows(x) {
		at, from := x.at(l.timeout), top+0.2*p.label
		if at < max(upperHead.right, lowerHead.right)+0.5*p.label {
			p.segment(at, upper.top, at, upper.bottom, p.ink, 0.7*p.size.line, 3, 2)
			from = lower.top
		}
		p.segment(at, from, at, axis, p.ink, 0.7*p.size.line, 3, 2)
	}
	l.cumulative(p, hue, x, lower)
	p.xAxis(x, axis, true)
	p.text(right, axis+2.7*p.label, l.axisTitle(), style{p.label, false, p.muted, 1})
}

// markTimeout writes what the line of the timeout is, and keeps text off it.
func (l *latency) markTimeout(p *page, x scale, top, axis vg.Length) {
	if !l.shows(x) {
		return
	}
	at := x.at(l.timeout)
	words := "timeout " + short(l.timeout) + seconds
	for _, c := range []struct{ y, align float64 }{{0.8, 0}, {0.8, 1}, {2.4, 0}, {2.4, 1}} {
		s := style{p.label, true, p.ink, c.align}
		from, y := at+vg.Length(1-2*c.align)*0.6*p.label, top+vg.Length(c.y)*p.label
		if p.free(p.extent(from, y, words, s)) {
			p.text(from, y, words, s)
			break
		}
	}
	p.taken = append(p.taken, box{at - 3, top, at + 3, axis})
}

// shows says whether the timeout is on the axis.
func (l *latency) shows(x scale) bool { return x.low < l.timeout && l.timeout < x.high }

func (l *latency) classText(width float64) string {
	if l.unit == seconds && width < 0.1 {
		return short(1000*width) + " ms"
	}
	return short(width) + l.unit
}

func (l *latency) axisTitle() string {
	if l.unit == seconds {
		return "seconds"
	}
	return l.noun + l.unit
}

// histogram draws the classes and the law's share of each.
func (l *latency) histogram(p *page, hue hue, x scale, b box, width, first float64, counts []int) {
	n, most := float64(l.runs()), 0.0
	for _, c := range counts {
		most = max(most, float64(c)/n)
	}
	var curve [][2]float64
	if l.law != nil {
		// What the law gives a class of this width around each place.
		const steps = 400
		for i := range steps + 1 {
			at := x.low + (x.high-x.low)*float64(i)/steps
			share := l.law(at+width/2) - l.law(at-width/2)
			curve = append(curve, [2]float64{at, share})
			most = max(most, share)
		}
	}
	y := scale{0, 1.12 * most, b.bottom, b.top}
	p.yAxis(y, b.left, b.right, true)
	marked := len(p.taken)
	for i, c := range counts {
		if c == 0 {
			continue
		}
		from, to := x.at(first+width*float64(i)), x.at(first+width*float64(i+1))
		if to-from > 3 {
			from, to = from+0.25, to-0.25
		}
		bar := box{from, y.at(float64(c) / n), to, b.bottom}
		p.taken = append(p.taken, bar)
		p.rect(bar, between(hue.fill, hue.line, 0.15))
		p.segment(bar.left, bar.top, bar.right, bar.top, hue.line, 0.6*p.size.line)
	}
	p.xAxis(x, b.bottom, false)
	bars := p.taken[marked:]
	p.taken = p.taken[:marked:marked]
	if l.law == nil {
		return
	}
	var points []vg.Point
	for _, c := range curve {
		points = append(points, vg.Point{X: x.at(c[0]), Y: y.at(c[1])})
	}
	p.line(points, p.ink, p.size.line)
	l.labelLaw(p, points, bars, b)
}

// labelLaw names the curve beside its flanks, where there is room outside of it and of the
// bars.
func (l *latency) labelLaw(p *page, curve []vg.Point, bars []box, b box) {
	words := "law " + l.rule
	peak := b.bottom
	for _, c := range curve {
		peak = min(peak, c.Y)
	}
	for y := peak + 0.9*p.label; y < b.bottom-p.label; y += 0.5 * p.label {
		for _, align := range []float64{0, 1} {
			s := style{p.label, true, p.ink, align}
			// From the flank outwards.
			flank := curve[0].X
			for _, c := range curve {
				if c.Y <= y {
					flank = c.X
					if align == 1 {
						break
					}
				}
			}
			for far := 1.0; far < 6; far += 0.5 {
				at := flank + vg.Length((1-2*align)*far)*p.label
				e := p.extent(at, y, words, s)
				air := box{e.left - 2, e.top - 1, e.right + 2, e.bottom + 1}
				if e.left > b.left && e.right < b.right && p.free(e) && !crosses(curve, air) && !slices.ContainsFunc(bars, air.meets) {
					p.text(at, y, words, s)
					return
				}
			}
		}
	}
}

// cumulative draws the share of runs by then with its band, the law, and the quantiles.
func (l *latency) cumulative(p *page, hue hue, x scale, b box) {
	y := scale{0, 1, b.bottom, b.top}
	p.quarters(y, b.left, b.right)
	// Dvoretzky, Kiefer and Wolfowitz, with Massart's constant: the true curve is inside
	// everywhere in 95 % of samples.
	half := math.Sqrt(math.Log(2/0.05) / (2 * float64(l.runs())))
	var curve, over, under []vg.Point
	add := func(at, share float64) {
		curve = append(curve, vg.Point{X: x.at(at), Y: y.at(share)})
		over = append(over, vg.Point{X: x.at(at), Y: y.at(min(share+half, 1))})
		under = append(under, vg.Point{X: x.at(at), Y: y.at(max(share-half, 0))})
	}
	if len(l.values) <= 400 {
		// Every step as it is.
		add(x.low, 0)
		for i, v := range l.values {
			add(v, float64(i)/float64(l.runs()))
			add(v, float64(i+1)/float64(l.runs()))
		}
		add(x.high, float64(len(l.values))/float64(l.runs()))
	} else {
		const steps = 800
		for i := range steps + 1 {
			at := x.low + (x.high-x.low)*float64(i)/steps
			add(at, l.share(at))
		}
	}
	slices.Reverse(under)
	p.area(append(over, under...), hue.fill)
	p.line(curve, hue.line, 1.6*p.size.line)
	if l.law != nil {
		var points []vg.Point
		const steps = 400
		for i := range steps + 1 {
			at := x.low + (x.high-x.low)*float64(i)/steps
			points = append(points, vg.Point{X: x.at(at), Y: y.at(l.law(at))})
		}
		p.line(points, p.ink, 0.7*p.size.line)
	}
	// The last first: it has the least room.
	for _, m := range slices.Backward(l.marks) {
		if math.IsInf(m.value, 1) || l.runs() == 1 {
			continue
		}
		at, level := x.at(m.value), y.at(m.share)
		if !math.IsNaN(m.low) && !math.IsNaN(m.top) && !math.IsInf(m.top, 1) {
			p.segment(x.at(m.low), level, x.at(m.top), level, p.ink, p.size.line)
		}
		p.dot(at, level, 2.2*p.size.line, p.ink, p.ground)
		l.labelMark(p, m, at, level, curve, b)
	}
}

// labelMark writes a quantile below and right of its dot, else above and left of it, else
// where there is room near it; never over the curve.
func (l *latency) labelMark(p *page, m mark, x, y vg.Length, curve []vg.Point, b box) {
	words := m.name + ": " + l.text(m.value)
	d := p.label
	type place struct {
		x, y  vg.Length
		align float64
	}
	for _, c := range []place{{x + d, y + 1.2*d, 0}, {x - d, y - 0.5*d, 1}, {x + d, y + 2.4*d, 0}, {b.right, y + 1.5*d, 1}, {b.right, y + 2.7*d, 1}, {x - 1.5*d, y + 0.36*d, 1},
		{x + 2*d, y + 3.6*d, 0}, {x - 2*d, y + 1.2*d, 1}, {b.right, y + 3.9*d, 1}, {b.right, y + 5.1*d, 1}} {
		s := style{p.label, true, p.ink, c.align}
		e := p.extent(c.x, c.y, words, s)
		if e.bottom < b.bottom-1 && e.left > b.left && e.right <= b.right+0.1 && p.free(e) && !crosses(curve, e) {
			p.text(c.x, c.y, words, s)
			return
		}
	}
}
