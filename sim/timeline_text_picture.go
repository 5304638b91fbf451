package sim

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
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
	p.blank()
	t.axis(p, pic)
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
	t.leaderLane(p, pic)
	t.clientLane(p, pic, s)
	t.clusterLane(p, pic, s)
	t.othersLane(p, pic, s)
	t.lockLanes(p, pic)
	t.brackets(p, pic, s)
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
	spec := &t.Scenario.Faults[f.Index]
	until := t.inForceUntil(f)
	end := min(t.End, pic.end())
	switch {
	case until.Happened():
		end = until.At
	case spec.Kind == FaultClockStep || spec.Kind == FaultReconfig:
		end = f.Begin.At // done at once
	}
	words := t.faultWords(f, true)
	labels := []string{words, FaultKinds[spec.Kind].Name}
	switch spec.Kind {
	case FaultPartition:
		labels = []string{words, "cut off", "cut"}
		if spec.Refuse {
			labels = []string{words, "refused"}
		}
	case FaultDelay, FaultSlowLog:
		labels = []string{words, moreTime(spec), FaultKinds[spec.Kind].Name}
	case FaultLoss:
		labels = []string{words, fmt.Sprintf("%g%% loss", spec.Probability*100), "loss"}
	}
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
	turns := t.turnsOf(s)
	limit := min(t.End, pic.end())
	if s.Left.Happened() {
		limit = min(limit, s.Left.At)
	}
	for i := range turns {
		turn := &turns[i]
		switch turn.What {
		case TurnExpired:
			pic.word(row, turn.At, roleClient, t.word(s.Client, model.MeansExpired))
			p.add(row)
			return
		case TurnClosed:
			pic.word(row, turn.At, roleClient, t.word(s.Client, model.MeansClosed))
			p.add(row)
			return
		case TurnKilled:
			pic.word(row, turn.At, roleFault, "dead: never learns", "dead")
			p.add(row)
			return
		}
		if !turn.What.tells() {
			continue
		}
		until := limit
		for j := i + 1; j < len(turns); j++ {
			if turns[j].What.tells() || turns[j].What == TurnKilled {
				until = turns[j].At
				break
			}
		}
		r, word := '━', t.word(s.Client, model.MeansUsable)
		if s.readOnly {
			word = t.word(s.Client, model.MeansReadOnly)
		}
		if turn.What == TurnDisconnected {
			r, word = '╌', t.word(s.Client, model.MeansLost)
		}
		switch marked := s.Marked; {
		case !marked.Happened() || until <= marked.At:
			pic.bar(row, turn.At, until, r, roleClient, word)
		case turn.At >= marked.At:
			pic.bar(row, turn.At, until, '▒', roleGap, "only "+word, word)
		default:
			pic.bar(row, turn.At, marked.At, r, roleClient, word)
			still := "still " + word
			if turn.What == TurnDisconnected {
				still = "still only " + word
			}
			pic.bar(row, marked.At, until, '▒', roleGap, still, "still "+word, "not told")
		}
	}
	if s.Left.Happened() {
		pic.word(row, s.Left.At, roleClient, "another session", "another")
	}
	p.add(row)
}

// clusterLane draws how long the cluster holds the session.
func (t *Timeline) clusterLane(p *page, pic *picture, s *Story) {
	row := p.row()
	row.put(1, roleCluster, "cluster")
	limit := min(t.End, pic.end())
	if s.Made.Happened() {
		end, word := limit, ""
		switch {
		case s.Marked.Happened():
			end, word = s.Marked.At, "ended"
		case s.closing:
			end, word = s.Committed.At, "closed"
		}
		// A mark that took no effect cuts the bar and its label, not the session.
		from := s.Made.At
		hold := func(to clock.Instant, r rune, labels ...string) {
			for i := range s.Marks {
				if m := &s.Marks[i]; m.Fate != FateEffective && m.At > from && m.At < to {
					t.heldBar(pic, row, from, m.At, r, labels...)
					from = m.At
				}
			}
			t.heldBar(pic, row, from, to, r, labels...)
			from = to
		}
		if s.Orphan.Exists {
			hold(s.Orphan.From, '━', "session alive", "alive")
			hold(end, '∙', "orphan: held for nobody", "orphan")
		} else {
			hold(end, '━', "session alive", "alive")
		}
		for i := range s.Marks {
			if m := &s.Marks[i]; m.Fate != FateEffective && m.At < end {
				pic.mark(row, m.At, '┿', roleCluster)
			}
		}
		if word != "" {
			pic.mark(row, end, '┫', roleCluster)
			pic.word(row, end.Add(pic.cell), roleCluster, word)
		}
	}
	p.add(row)
}

// heldBar draws what the servers hold. While none of them leads, nothing expires.
func (t *Timeline) heldBar(pic *picture, row cells, from, to clock.Instant, r rune, labels ...string) {
	for i := range t.gaps {
		g := &t.gaps[i]
		until := g.to.At
		if !g.to.Happened() {
			until = clock.Never
		}
		if until <= from || g.from.At >= to {
			continue
		}
		if g.from.At > from {
			pic.bar(row, from, g.from.At, r, roleCluster, labels...)
		}
		from = min(until, to)
		pic.bar(row, g.from.At, from, '╌', roleCluster, t.nobody()...)
	}
	if from < to {
		pic.bar(row, from, to, r, roleCluster, labels...)
	}
}

// othersLane draws how long other clients see the node.
func (t *Timeline) othersLane(p *page, pic *picture, s *Story) {
	if !s.Holds.Happened() {
		return
	}
	row := p.row()
	row.put(1, roleCluster, "others")
	limit := min(t.End, pic.end())
	path := singleWidth(s.Path)
	labels := []string{path + " is there", "node is there", "there"}
	for owner, n := s, 0; owner != nil && owner.Holds.Happened() && n < maxOwners; n++ {
		if owner != s {
			labels = []string{t.whose(owner) + " has it", t.whose(owner)}
		}
		gone, next := owner.goneAt(), t.heldBy(owner.Next)
		if !gone.Happened() {
			t.heldBar(pic, row, owner.Holds.At, limit, '━', labels...)
			break
		}
		t.heldBar(pic, row, owner.Holds.At, gone.At, '━', labels...)
		pic.mark(row, gone.At, '┫', roleCluster)
		if next == nil {
			pic.word(row, gone.At.Add(pic.cell), roleCluster, path+" gone", "gone")
		} else if x := pic.x(next.Holds.At); x-pic.x(gone.At) > columns(path+" gone")+2 {
			pic.word(row, gone.At.Add(pic.cell), roleCluster, path+" gone")
		} else if x == pic.x(gone.At) && x+1 < pic.right {
			// The end keeps its mark where the next owner follows at once.
			rest := *next
			rest.Holds.At = gone.At.Add(pic.cell)
			next = &rest
		}
		owner = next
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
