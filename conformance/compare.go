package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"zksim/clock"
	"zksim/sim"
)

// Near is how far apart a predicted and a recorded instant may lie to count as
// the same: what the threads of a real process take to notice.
const Near = 10 * time.Millisecond

// TouchNear bounds how far apart the decisive touches may lie for the recorded
// one to count as reproduced: a round trip on a busy machine.
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
	Rows []Row         // by the instant, the recorded one where there is one

	// Comparable counts the rows that a rule predicts and either side has; Within
	// those of them that both have, at most Near apart.
	Comparable, Within int

	// Touch is the row of the touch that decides: the last one before the mark; or
	// before the client is back on a new connection, with waits that are drawn; or
	// the first after the fault if it never left its connection.
	Touch Row
	// TouchReproduced says that both sides have that touch at most TouchNear
	// apart and that it leads to the same bucket (T-3).
	TouchReproduced bool
	// Marked says on which sides the session was marked, and MarkDrawn that it
	// hangs on drawn waits whether and when it was. SameBucket is about both.
	PredictedMarked, RecordedMarked, MarkDrawn, SameBucket bool
	// SameOrder says that no two comparable events have changed places.
	SameOrder bool
}

// Compare sets what a run of the plan's scenario did beside what was recorded.
func (p *Plan) Compare(w *Witness) *Comparison {
	t := p.recorded()
	c := &comparing{plan: p, model: &w.saw, trace: &t}
	c.out.Zero = p.Zero
	c.attempt = min(nth(c.model.attempts, 0), nth(t.attempts, 0))
	c.arrival = min(c.model.tcpUp, t.tcpUp)
	c.rows()
	c.judge()
	return &c.out
}

type comparing struct {
	plan         *Plan
	model, trace *account
	// From the first attempt on, what the client does hangs on drawn waits; from
	// the first new connection on, also what the servers do.
	attempt, arrival clock.Instant
	out              Comparison
}

func (c *comparing) rows() {
	m, t := c.model, c.trace
	c.client("client gives up waiting", m.silence, t.silence, "C-12", c.silenceRemark())
	c.client("client told Disconnected", m.disconnected, t.disconnected, "C-13", c.disconnectedRemark())
	c.touch()
	c.server(c.markLabel(), m.marked, t.marked, "T-9", c.markRemark())
	c.server("closing applied at the leader", m.applied, t.applied, "Z-5", c.commitRemark())
	c.server("node deleted at the leader", m.deleted, t.deleted, "Z-4", c.commitRemark())
	for i := range m.sawGone {
		c.server(fmt.Sprintf("observer%d sees the node gone", i+1), m.sawGone[i], t.sawGone[i], "Z-4", c.commitRemark())
	}
	c.server("server closes the connection", m.hungUp, t.hungUp, c.hungUpRule(), c.hungUpRemark())
	for i := range max(len(m.attempts), len(t.attempts)) {
		c.client(fmt.Sprintf("client's attempt %d", i+1), nth(m.attempts, i), nth(t.attempts, i), "C-17", "")
	}
	c.client("session resumed", m.resumed, t.resumed, "C-25", "")
	c.client("client ends it by itself", m.local, t.local, "C-20", "")
	c.client("client told Expired", m.expired, t.expired, c.expiredRule(), "")
	slices.SortStableFunc(c.out.Rows, func(a, b Row) int { return cmp.Compare(a.shown(), b.shown()) })
}

// shown is where in a list the row stands.
func (r *Row) shown() clock.Instant {
	if r.Recorded != clock.Never {
		return r.Recorded
	}
	return r.Predicted
}

// client and server append a row about either, unless neither side has it.
func (c *comparing) client(what string, predicted, recorded clock.Instant, rule, remark string) {
	c.add(Row{What: what, Predicted: predicted, Recorded: recorded, Rule: rule, Remark: remark}, c.attempt)
}

func (c *comparing) server(what string, predicted, recorded clock.Instant, rule, remark string) {
	c.add(Row{What: what, Predicted: predicted, Recorded: recorded, Rule: rule, Remark: remark}, c.arrival)
}

// add appends a row. What comes at drawnFrom or later on either side, or never
// on one, hangs on random waits.
func (c *comparing) add(r Row, drawnFrom clock.Instant) {
	if r.Predicted == clock.Never && r.Recorded == clock.Never {
		return
	}
	// Never is later than every instant, so a side that has none counts as late.
	r.Drawn = drawnFrom != clock.Never && max(r.Predicted, r.Recorded) >= drawnFrom
	if d, ok := r.Apart(); ok && d.Abs() <= Near && !strings.Contains(r.Remark, "bucket") {
		r.Remark = "" // nothing to explain
	}
	if r.Drawn {
		r.Remark = "waits are drawn"
	}
	c.out.Rows = append(c.out.Rows, r)
}

func nth(all []clock.Instant, i int) clock.Instant {
	if i >= len(all) {
		return clock.Never
	}
	return all[i]
}

// touch appends the row of the touch that decides.
func (c *comparing) touch() {
	m, t := c.model, c.trace
	r := Row{What: "last touch at the leader", Rule: "T-12"}
	if !c.direct() {
		r.Rule = "T-18"
	}
	switch {
	case max(m.marked, t.marked) < c.arrival:
		r.Predicted, r.Recorded = m.lastTouch(m.marked), t.lastTouch(t.marked)
	case c.arrival != clock.Never:
		r.What = "last touch before it is back"
		r.Predicted, r.Recorded = m.lastTouch(c.arrival), t.lastTouch(c.arrival)
	default:
		r.What = "first touch after the fault"
		r.Predicted, r.Recorded = m.firstTouch(c.out.Zero), t.firstTouch(c.out.Zero)
	}
	if healed := c.plan.healed(); r.Predicted != clock.Never && r.Predicted >= healed {
		r.Rule = "W-1" // what the kernel sent again
	}
	r.Remark = c.touchRemark(&r)
	c.out.Touch = r
	c.out.TouchReproduced = r.Predicted == r.Recorded
	if d, ok := r.Apart(); ok {
		c.out.TouchReproduced = d.Abs() <= TouchNear && c.bucket(r.Predicted) == c.bucket(r.Recorded)
	}
	c.server(r.What, r.Predicted, r.Recorded, r.Rule, r.Remark)
}

// direct says that the client speaks to the leader itself.
func (c *comparing) direct() bool {
	return c.plan.Trace.Header.Client.AttachedServer == c.plan.Trace.LeaderAtStart()
}

// judge counts.
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
	out.PredictedMarked, out.RecordedMarked = m.marked != clock.Never, t.marked != clock.Never
	out.MarkDrawn = c.arrival != clock.Never && max(m.marked, t.marked) >= c.arrival
	out.SameBucket = out.PredictedMarked && out.RecordedMarked && c.edge(m.marked) == c.edge(t.marked)
	out.SameOrder = sameOrder(out.Rows)
}

// sameOrder says whether the comparable rows come in the same order on both
// sides. What lies closer together than Near on either side has no order.
func sameOrder(rows []Row) bool {
	for i := range rows {
		for j := range i {
			a, b := &rows[i], &rows[j]
			_, bothA := a.Apart()
			_, bothB := b.Apart()
			if !bothA || !bothB || a.Drawn || b.Drawn {
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
	case !c.PredictedMarked && !c.RecordedMarked:
		parts = append(parts, "Not expired on either side.")
	case c.MarkDrawn:
		parts = append(parts, "Whether and when it expires hangs on drawn waits.")
	case c.SameBucket:
		parts = append(parts, "Same bucket.")
	case c.PredictedMarked && c.RecordedMarked:
		parts = append(parts, "Other bucket.")
	case c.RecordedMarked:
		parts = append(parts, "Expired in the recording alone.")
	default:
		parts = append(parts, "Expired in the run alone.")
	}
	if c.SameOrder {
		parts = append(parts, "Same order of events.")
	} else {
		parts = append(parts, "Other order of events.")
	}
	return strings.Join(parts, " ")
}

// Table is the comparison as rows of a text table, in instants since Zero. A row
// that nothing predicts keeps its remark that waits are drawn.
func (c *Comparison) Table() []sim.ComparisonRow {
	var rows []sim.ComparisonRow
	for i := range c.Rows {
		r := &c.Rows[i]
		rows = append(rows, sim.ComparisonRow{What: r.What, Predicted: c.since(r.Predicted), Recorded: c.since(r.Recorded), Rule: r.Rule, Remark: r.Remark})
	}
	return rows
}

// since is an instant from Zero on, nil for Never.
func (c *Comparison) since(at clock.Instant) *clock.Instant {
	if at == clock.Never {
		return nil
	}
	d := clock.Instant(at.Sub(c.Zero))
	return &d
}
