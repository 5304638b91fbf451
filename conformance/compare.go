package conformance

import (
	"fmt"
	"strings"
	"time"

	"zksim/clock"
)

// Near is how far apart a predicted and a recorded instant may lie to count as
// the same: what the threads of a real process take to notice.
const Near = 10 * time.Millisecond

// TouchNear bounds how far apart the last touches may lie for the recorded one
// to count as reproduced: a round trip on a busy machine.
const TouchNear = 25 * time.Millisecond

// A Row is one event of a comparison. Instants are those of the run; Never
// stands for what did not happen.
type Row struct {
	What      string
	Predicted clock.Instant
	Recorded  clock.Instant
	Rule      string // ID of the rule that predicts it
	Remark    string
	// Drawn says that random waits lie between the fault and this event, so that
	// no rule predicts the instant (C-16, C-17).
	Drawn bool
}

// Apart is how much later the recording has it, and whether both have it.
func (r *Row) Apart() (time.Duration, bool) {
	if r.Predicted == clock.Never || r.Recorded == clock.Never {
		return 0, false
	}
	return r.Recorded.Sub(r.Predicted), true
}

// A Comparison is a run of a recording's scenario beside the recording.
type Comparison struct {
	Zero clock.Instant // of both: the first fault
	Rows []Row         // in the order of their telling

	// Comparable counts the rows that a rule predicts and either side has; Within
	// those of them that both have, at most Near apart.
	Comparable, Within int

	// TouchReproduced says that the last touches before the mark lie within
	// TouchNear and lead to the same bucket (T-3).
	TouchReproduced bool
	// BothMarked says that both sides marked the session; SameBucket that it was in
	// the same bucket.
	BothMarked, SameBucket bool
	// SameOrder says that no two comparable events have changed places.
	SameOrder bool
}

// Compare sets what a run of the plan's scenario did beside what was recorded.
func (p *Plan) Compare(w *Witness) *Comparison {
	c := &comparing{plan: p, model: &w.saw}
	a := p.recorded()
	c.trace = &a
	c.out.Zero = p.Zero
	c.rows()
	c.judge()
	return &c.out
}

type comparing struct {
	plan         *Plan
	model, trace *account
	out          Comparison
}

func (c *comparing) rows() {
	m, t := c.model, c.trace
	attempt := min(firstOf(m.attempts), firstOf(t.attempts))
	// From the first new connection on, also the servers see what was drawn.
	arrival := min(m.tcpUp, t.tcpUp)

	c.add("client gives up waiting", m.silence, t.silence, "C-12", "", attempt)
	c.add("client told Disconnected", m.disconnected, t.disconnected, "C-13", "", attempt)
	c.add("last touch at the leader", m.touch, t.touch, c.touchRule(), c.touchRemark(), arrival)
	if m.late != m.touch || t.late != t.touch {
		c.add("first touch after the fault", m.late, t.late, "W-1", "", arrival)
	}
	c.add(c.markLabel(), m.marked, t.marked, "T-9", c.markRemark(), arrival)
	c.add("closing applied at the leader", m.applied, t.applied, "Z-5", "", arrival)
	c.add("node deleted at the leader", m.deleted, t.deleted, "Z-4", "", arrival)
	for i := range m.sawGone {
		c.add(fmt.Sprintf("observer%d told that the node is gone", i+1), m.sawGone[i], t.sawGone[i], "Z-4", "", arrival)
	}
	c.add("server closes the connection", m.hungUp, t.hungUp, "H-1", "", arrival)
	for i := range max(len(m.attempts), len(t.attempts)) {
		c.add(fmt.Sprintf("client's attempt %d", i+1), nth(m.attempts, i), nth(t.attempts, i), "C-17", "", attempt)
	}
	c.add("session resumed", m.resumed, t.resumed, "C-25", "", attempt)
	c.add("client decides that it is over", m.local, t.local, "C-20", "", attempt)
	c.add("client told Expired", m.expired, t.expired, c.expiredRule(), "", attempt)
}

// add appends a row unless neither side has it. What comes at drawnFrom or later
// on either side hangs on random waits.
func (c *comparing) add(what string, predicted, recorded clock.Instant, rule, remark string, drawnFrom clock.Instant) {
	if predicted == clock.Never && recorded == clock.Never {
		return
	}
	last := predicted
	if recorded != clock.Never && (last == clock.Never || recorded > last) {
		last = recorded
	}
	drawn := drawnFrom != clock.Never && last >= drawnFrom
	if drawn && remark == "" {
		remark = "waits are drawn"
	}
	c.out.Rows = append(c.out.Rows, Row{What: what, Predicted: predicted, Recorded: recorded, Rule: rule, Remark: remark, Drawn: drawn})
}

func firstOf(all []clock.Instant) clock.Instant { return nth(all, 0) }

func nth(all []clock.Instant, i int) clock.Instant {
	if i >= len(all) {
		return clock.Never
	}
	return all[i]
}

// touchRule is what the leader's touch of this client follows.
func (c *comparing) touchRule() string {
	h := &c.plan.Trace.Header.Client
	if h.AttachedServer == c.plan.Trace.LeaderAtStart() {
		return "T-12"
	}
	return "T-18"
}

func (c *comparing) expiredRule() string {
	if c.trace.local != clock.Never || c.trace.expired == clock.Never && c.model.local != clock.Never {
		return "C-20"
	}
	return "C-30"
}

// touchRemark names the buckets that the touches lead to where they differ.
func (c *comparing) touchRemark() string {
	m, t := c.bucket(c.model.touch), c.bucket(c.trace.touch)
	if m == clock.Never || t == clock.Never || m == t {
		return ""
	}
	return fmt.Sprintf("other bucket: %s instead of %s", c.show(m), c.show(t))
}

// bucket is the edge at which a touch lets the session expire (T-3).
func (c *comparing) bucket(touch clock.Instant) clock.Instant {
	if touch == clock.Never {
		return clock.Never
	}
	t := c.plan.Trace
	ms := floorTo(int64(touch)+c.plan.Shift, int64(time.Millisecond)) / int64(time.Millisecond)
	return c.plan.Instant(bucketMs(ms, t.Header.Client.NegotiatedMs, t.TickMs()) * int64(time.Millisecond))
}

// edge is the bucket in which a session is marked: the last edge up to then.
func (c *comparing) edge(marked clock.Instant) clock.Instant {
	if marked == clock.Never {
		return clock.Never
	}
	return c.plan.Instant(floorTo(int64(marked)+c.plan.Shift, int64(milliseconds(c.plan.Trace.TickMs()))))
}

func (c *comparing) markLabel() string {
	at := c.trace.marked
	if at == clock.Never {
		at = c.model.marked
	}
	if at == clock.Never {
		return "leader marks it"
	}
	return fmt.Sprintf("leader marks it (edge %s)", c.show(c.edge(at)))
}

func (c *comparing) markRemark() string {
	m, t := c.edge(c.model.marked), c.edge(c.trace.marked)
	switch {
	case m == clock.Never || t == clock.Never:
		return ""
	case m == t:
		return "same bucket"
	}
	buckets := int64(t.Sub(m)) / int64(milliseconds(c.plan.Trace.TickMs()))
	if buckets < 0 {
		return fmt.Sprintf("recorded %d buckets earlier", -buckets)
	}
	return fmt.Sprintf("recorded %d buckets later", buckets)
}

// show gives an instant as seconds from the first fault.
func (c *comparing) show(at clock.Instant) string {
	return fmt.Sprintf("%.3f", at.Sub(c.plan.Zero).Seconds())
}

func (c *comparing) judge() {
	m, t := c.model, c.trace
	out := &c.out
	for i := range out.Rows {
		r := &out.Rows[i]
		if r.Drawn {
			continue
		}
		out.Comparable++
		if d, ok := r.Apart(); ok && d.Abs() <= Near {
			out.Within++
		}
	}
	out.TouchReproduced = m.touch != clock.Never && t.touch != clock.Never &&
		t.touch.Sub(m.touch).Abs() <= TouchNear && c.bucket(m.touch) == c.bucket(t.touch)
	out.BothMarked = m.marked != clock.Never && t.marked != clock.Never
	out.SameBucket = out.BothMarked && c.edge(m.marked) == c.edge(t.marked)
	out.SameOrder = sameOrder(out.Rows)
}

// sameOrder says whether the comparable rows come in the same order on both
// sides. What lies closer together than Near on either side has no order.
func sameOrder(rows []Row) bool {
	for i := range rows {
		for j := range i {
			a, b := &rows[i], &rows[j]
			if _, ok := a.Apart(); !ok || a.Drawn || b.Drawn {
				continue
			}
			if _, ok := b.Apart(); !ok {
				continue
			}
			p, r := a.Predicted.Sub(b.Predicted), a.Recorded.Sub(b.Recorded)
			if p.Abs() > Near && r.Abs() > Near && (p > 0) != (r > 0) {
				return false
			}
		}
	}
	return true
}

// Verdict is the comparison in one line.
func (c *Comparison) Verdict() string {
	parts := []string{fmt.Sprintf("%d of %d comparable instants within %d ms.", c.Within, c.Comparable, Near.Milliseconds())}
	switch {
	case c.SameBucket:
		parts = append(parts, "Same bucket.")
	case c.BothMarked:
		parts = append(parts, "Other bucket.")
	case !c.marked(false) && !c.marked(true):
		parts = append(parts, "Not marked on either side.")
	case c.marked(true):
		parts = append(parts, "Marked in the recording alone.")
	default:
		parts = append(parts, "Marked in the run alone.")
	}
	if c.SameOrder {
		parts = append(parts, "Same order of events.")
	} else {
		parts = append(parts, "Other order of events.")
	}
	return strings.Join(parts, " ")
}

// marked says whether one side marked the session: the recording's or the run's.
func (c *Comparison) marked(recorded bool) bool {
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Rule != "T-9" {
			continue
		}
		if recorded {
			return r.Recorded != clock.Never
		}
		return r.Predicted != clock.Never
	}
	return false
}
