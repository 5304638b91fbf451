package sim

import (
	"time"

	"zksim/clock"
)

// A picture maps instants to columns. Ticks lie a whole number of columns apart.
type picture struct {
	left, right int           // first column of the chart, and the one behind the last
	from        clock.Instant // instant of the first column, relative to nothing
	cell        time.Duration // how much time one column is
	step        int           // columns between ticks
	tick        time.Duration
}

const (
	gutter = 12 // columns of the lanes' names
	tail   = 10 // columns kept free for words behind the last instant
	margin = 6  // columns before the first instant
)

// tickSteps are the distances of ticks that people read easily.
var tickSteps = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
	20 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, time.Hour, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 20 * time.Hour, 100 * time.Hour, 500 * time.Hour, 5000 * time.Hour, 50_000 * time.Hour, 500_000 * time.Hour,
}

// minTickColumns is how close ticks may come.
const minTickColumns = 7

// newPicture lays out the time from one instant to another.
func newPicture(width, tail int, origin, from, to clock.Instant) *picture {
	pic := &picture{left: gutter, right: width - 1}
	span := max(to.Sub(from), time.Millisecond)
	room := pic.right - pic.left - margin - tail
	for _, tick := range tickSteps {
		// As many columns between ticks as leave room for the whole span.
		step := int(int64(room) * int64(tick) / int64(span))
		if step < minTickColumns {
			continue
		}
		if step > 4*minTickColumns {
			step = 4 * minTickColumns
		}
		pic.tick, pic.step, pic.cell = tick, step, tick/time.Duration(step)
		break
	}
	if pic.step == 0 {
		pic.tick, pic.step = span, room
		pic.cell = span / time.Duration(room)
	}
	// The origin falls on a column, so that ticks do.
	before := origin.Sub(from)
	cells := (before + pic.cell - 1) / pic.cell
	if before < 0 {
		cells = before / pic.cell
	}
	pic.from = origin.Add(-(cells + margin) * pic.cell)
	return pic
}

// x is the column of an instant, not necessarily one of the chart.
func (pic *picture) x(at clock.Instant) int {
	d := at.Sub(pic.from)
	return pic.left + int((d+pic.cell/2)/pic.cell)
}

func (pic *picture) clamp(x int) int { return min(max(x, pic.left), pic.right) }

// bar fills the columns between two instants and puts the first label that fits
// into the middle. It says whether one did.
func (pic *picture) bar(row cells, from, to clock.Instant, r rune, ro role, labels ...string) bool {
	x0, x1 := pic.clamp(pic.x(from)), pic.clamp(pic.x(to))
	for x := x0; x < x1; x++ {
		row[x] = cell{r, ro}
	}
	// At best some of the bar is left at both sides; if need be, none.
	for _, rest := range []int{2, 0} {
		for _, label := range labels {
			text := " " + label + " "
			if n := columns(text); n+rest <= x1-x0 {
				row.put(x0+(x1-x0-n)/2, ro, text)
				return true
			}
		}
	}
	return false
}

// label puts a word into the longest stretch of one character between two instants, if
// it fits there: other bars may have been drawn over the one that it is about.
func (pic *picture) label(row cells, from, to clock.Instant, r rune, ro role, label string) {
	x1 := pic.clamp(pic.x(to))
	start, n := 0, 0
	for x := pic.clamp(pic.x(from)); x < x1; x++ {
		end := x
		for end < x1 && row[end].r == r {
			end++
		}
		if end-x > n {
			start, n = x, end-x
		}
		x = max(x, end)
	}
	if text := " " + label + " "; columns(text)+2 <= n { // some of the bar is left at both sides
		row.put(start+(n-columns(text))/2, ro, text)
	}
}

// word puts a label to the right of an instant, if the columns there are blank.
func (pic *picture) word(row cells, at clock.Instant, ro role, labels ...string) bool {
	x := pic.clamp(pic.x(at)) + 1
	for _, label := range labels {
		if row.free(x-1, min(x+columns(label)+1, len(row))) && x+columns(label) <= len(row) {
			row.put(x, ro, label)
			return true
		}
	}
	return false
}

// mark puts one character at an instant, if it lies in the chart.
func (pic *picture) mark(row cells, at clock.Instant, r rune, ro role) {
	if x := pic.x(at); x >= pic.left && x < pic.right {
		row[x] = cell{r, ro}
	}
}

// end is the instant of the chart's right edge.
func (pic *picture) end() clock.Instant {
	return pic.from.Add(time.Duration(pic.right-pic.left) * pic.cell)
}

// picture draws the lanes of one story: fault, what the client believes, what the
// cluster decided, what others see, and the intervals between.
func (t *Timeline) picture(p *page, s *Story) {
	from, to := t.window(s)
	pic := newPicture(p.width, tailFor(t, s, to.Sub(from)), t.Origin, from, to)
	t.axis(p, pic)
	t.faultLanes(p, pic)
	t.leaderLane(p, pic)
	t.clientLane(p, pic, s)
	t.sessionLane(p, pic, s)
	t.nodeLane(p, pic, s)
	t.lockLanes(p, pic)
	t.brackets(p, pic, s)
}

func (t *Timeline) faultLanes(p *page, pic *picture) {
	for i := range t.Faults {
		if i == maxFaultRows {
			break
		}
		name := ""
		if i == 0 {
			name = "fault"
		}
		t.faultLane(p, pic, &t.Faults[i], name)
	}
}

// window is what the picture must show.
func (t *Timeline) window(s *Story) (from, to clock.Instant) {
	from, to = clock.Never, clock.Instant(0)
	see := func(at clock.Instant) { from, to = min(from, at), max(to, at) }
	moments := []Moment{s.Disconnected, s.Marked, s.Committed, s.Expired, s.Killed, s.OthersNotice, s.Closed}
	for i := range s.Marks {
		moments = append(moments, s.Marks[i].Moment)
	}
	for i := range t.Reigns {
		if i > 0 || !t.led() {
			moments = append(moments, t.Reigns[i].From)
		}
	}
	if s.Verdict == VerdictSurvived && s.Eventful {
		moments = append(moments, s.Saving.Moment)
	}
	for i := range t.Faults {
		if i < maxFaultRows {
			moments = append(moments, t.Faults[i].Begin, t.Faults[i].End)
		}
	}
	moments = append(moments, s.Left)
	for _, turn := range t.turnsOf(s) {
		if len(t.Faults) > 0 && turn.Record > t.Faults[0].Begin.Record {
			moments = append(moments, turn.Moment)
		}
	}
	for _, m := range moments {
		if m.Happened() {
			see(m.At)
		}
	}
	t.lockWindow(see)
	switch {
	case len(t.Faults) == 0 || from == clock.Never:
		return 0, t.End
	case s.Gap.Open || s.Orphan.Open || s.Waits.Open || s.Verdict == VerdictSurvived || s.Verdict == VerdictDeadHeld:
		// What is still so at the end of the run is drawn a little longer, but not
		// for the whole of a long run.
		to = min(t.End, to.Add(max(to.Sub(from)/3, 4*time.Second)))
	}
	return from, max(to, from.Add(100*time.Millisecond))
}

func (t *Timeline) axis(p *page, pic *picture) {
	labels, rule := p.row(), p.row()
	labels.put(1, roleNone, "seconds")
	for x := pic.left; x < pic.right; x++ {
		rule.put(x, roleNone, "─")
	}
	zero := pic.x(t.Origin)
	first := zero - (zero-pic.left)/pic.step*pic.step
	if zero < pic.left {
		first = zero + (pic.left-zero+pic.step-1)/pic.step*pic.step
	}
	for x := first; x < pic.right; x += pic.step {
		rule.put(x, roleNone, "┴")
		text := inSeconds(time.Duration((x-zero)/pic.step) * pic.tick)
		// The last digit of a whole number stands over its tick, the sign before it.
		at := x - (columns(text)-1)/2
		if at >= gutter-2 && at+columns(text) <= p.width && labels.free(at-1, at+columns(text)) {
			labels.put(at, roleNone, text)
		}
	}
	p.add(labels)
	p.add(rule)
}

func (t *Timeline) faultLane(p *page, pic *picture, f *FaultSpan, name string) {
	row := p.row()
	row.put(1, roleNone, name)
	b, _ := t.faultStretch(f)
	end, labels := min(b.to, pic.end()), b.labels
	inside := pic.bar(row, f.Begin.At, end, '░', roleFault, labels...)
	if pic.x(end) <= pic.x(f.Begin.At) {
		pic.mark(row, f.Begin.At, '×', roleFault)
		end = end.Add(pic.cell)
	}
	if !inside && !pic.word(row, end, roleFault, labels...) {
		// To the left, if the run's end is in the way.
		for _, label := range labels {
			x := pic.clamp(pic.x(f.Begin.At)) - columns(label) - 1
			if x >= pic.left && row.free(x, x+columns(label)+1) {
				row.put(x, roleFault, label)
				break
			}
		}
	}
	p.add(row)
}

// clientLane draws what the application believes. Once the cluster has ended the
// session and the client has not been told, the lane is hatched.
func (t *Timeline) clientLane(p *page, pic *picture, s *Story) {
	row := p.row()
	row.put(1, roleClient, "client")
	for _, b := range t.beliefLane(s) {
		switch b.state {
		case stateConnected:
			pic.bar(row, b.from, b.to, '━', roleClient, b.labels...)
		case stateDisconnected:
			pic.bar(row, b.from, b.to, '╌', roleClient, b.labels...)
		case stateGap:
			pic.bar(row, b.from, b.to, '▒', roleGap, b.labels...)
		case stateDead:
			pic.word(row, b.from, roleFault, b.labels...)
		default:
			pic.word(row, b.from, roleClient, b.labels...)
		}
	}
	p.add(row)
}

// heldRunes are how what the servers hold is drawn, by state.
var heldRunes = map[string]rune{stateAlive: '━', stateThere: '━', stateTaken: '━', stateOrphan: '∙', stateNobody: '╌'}

// sessionLane draws how long the cluster holds the session.
func (t *Timeline) sessionLane(p *page, pic *picture, s *Story) {
	row := p.row()
	row.put(1, roleCluster, "cluster")
	for _, b := range t.clusterLane(s) {
		if r := heldRunes[b.state]; r != 0 {
			pic.bar(row, b.from, b.to, r, roleCluster, b.labels...)
			continue
		}
		pic.mark(row, b.from, '┫', roleCluster)
		pic.word(row, b.from.Add(pic.cell), roleCluster, b.labels...)
	}
	for i := range s.Marks {
		if m := &s.Marks[i]; m.Fate != FateEffective && s.Made.Happened() && !(s.Marked.Happened() && m.At >= s.Marked.At) && !(s.closing && m.At >= s.Committed.At) {
			pic.mark(row, m.At, '┿', roleCluster)
		}
	}
	p.add(row)
}

// nodeLane draws how long other clients see the node.
func (t *Timeline) nodeLane(p *page, pic *picture, s *Story) {
	if !s.Holds.Happened() {
		return
	}
	row := p.row()
	row.put(1, roleCluster, "others")
	lane := t.othersLane(s)
	for i := range lane {
		b := &lane[i]
		if b.state != stateGone {
			pic.bar(row, b.from, b.to, heldRunes[b.state], roleCluster, b.labels...)
			continue
		}
		pic.mark(row, b.from, '┫', roleCluster)
		if i == len(lane)-1 {
			pic.word(row, b.from.Add(pic.cell), roleCluster, b.labels...)
		} else if x := pic.x(b.to); x-pic.x(b.from) > columns(b.labels[0])+2 {
			pic.word(row, b.from.Add(pic.cell), roleCluster, b.labels[0])
		} else if x == pic.x(b.from) && x+1 < pic.right {
			// The end keeps its mark where the next owner follows at once.
			lane[i+1].from = b.from.Add(pic.cell)
		}
	}
	p.add(row)
}

// maxOwners bounds the owners of one node that a timeline follows.
const maxOwners = 100

// tailFor is how many columns the words behind the last instant need.
func tailFor(t *Timeline, s *Story, span time.Duration) int {
	next := t.heldBy(s.Next)
	if next == nil || span <= 0 {
		return tail
	}
	return max(tail, min(columns(t.whose(next)+" has it")+4, 2*tail))
}

// goneAt is when others see the node gone, however the session ended.
func (s *Story) goneAt() Moment {
	switch {
	case len(s.Gone) == 0:
		return Moment{}
	case len(s.Seen) > 0:
		return s.Seen[0]
	}
	return s.Committed
}
