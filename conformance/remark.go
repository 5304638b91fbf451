package conformance

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
)

// Remarks say where a difference comes from that no rule predicts: they are
// read off the recording, which tells more than its instants.

// silenceRemark tells apart a thread that woke late, which the client counts as
// silence, from a line that was written late: the first failure in a virtual
// machine's life loads classes before it is logged.
func (c *comparing) silenceRemark() string {
	if c.trace.idle == 0 {
		return ""
	}
	read := model.NewJavaTimers(int32(c.plan.Trace.Header.Client.NegotiatedMs), 1).Read
	late := c.trace.idle - milliseconds(read)
	if late > Near/2 {
		return fmt.Sprintf("its thread woke %d ms late", late.Milliseconds())
	}
	return fmt.Sprintf("it counted %d ms of silence and wrote so late", c.trace.idle.Milliseconds())
}

// disconnectedRemark names C-13's sleep where only what came before was late.
func (c *comparing) disconnectedRemark() string {
	if c.trace.silence == clock.Never || c.trace.disconnected == clock.Never {
		return ""
	}
	return fmt.Sprintf("%d ms after it gave up", c.trace.disconnected.Sub(c.trace.silence).Milliseconds())
}

// touchRemark says why the touch that decides is another one.
func (c *comparing) touchRemark(r *Row) string {
	d, ok := r.Apart()
	half := milliseconds(c.plan.Trace.TickMs()) / 2
	switch {
	case !ok:
		return "what the kernel sent again came in time on one side"
	case d.Abs() <= Near && c.bucket(r.Predicted) != c.bucket(r.Recorded):
		return fmt.Sprintf("either side of a bucket's edge: leads to %s instead of %s", c.show(c.bucket(r.Recorded)), c.show(c.bucket(r.Predicted)))
	case !c.direct() && (d.Abs()-half).Abs() <= Near:
		return c.pingRemark(r)
	case r.Rule == "W-1":
		return c.resendRemark(r.Recorded)
	}
	return c.loopRemark(d)
}

// loopRemark is left where a report came off the phase of the PINGs.
func (c *comparing) loopRemark(d time.Duration) string {
	if c.direct() {
		return ""
	}
	return fmt.Sprintf("the leader's PING came %d ms off its phase", d.Milliseconds())
}

// pingRemark explains a report that went with another PING of the leader than
// predicted: the client's ping came next to a PING, or the leader's loop turned
// late (T-17), or the learner's reply was held up.
func (c *comparing) pingRemark(r *Row) string {
	came, ok := clock.Never, false
	for _, at := range c.trace.pings {
		if at <= r.Recorded.Add(Near) { // the touch is entered before the pipeline answers (T-16)
			came, ok = at, true
		}
	}
	if !ok {
		return "went with another PING of the leader"
	}
	half := milliseconds(c.plan.Trace.TickMs()) / 2
	waited := r.Recorded.Sub(came)
	if waited > half+Near {
		return fmt.Sprintf("reported %d ms after the client's ping, though the leader's PINGs are %d ms apart: its loop turned late",
			waited.Milliseconds(), half.Milliseconds())
	}
	// One of the two PINGs lies next to the client's ping.
	gap := min(waited.Abs(), (waited - half).Abs())
	return fmt.Sprintf("the client's ping came %.1f ms from a PING of the leader", gap.Seconds()*1e3)
}

// resendRemark reads r of W-1 off an arrival: r, 2r, 4r and so on after the first
// ping that was lost.
func (c *comparing) resendRemark(arrived clock.Instant) string {
	if c.model.lost == clock.Never || arrived <= c.model.lost {
		return ""
	}
	r := arrived.Sub(c.model.lost)
	for r > resend*3/2 {
		r /= 2
	}
	return fmt.Sprintf("the recorded kernel's r was %d ms, the run's is %d ms", r.Milliseconds(), resend.Milliseconds())
}

func (c *comparing) commitRemark() string {
	t := c.trace
	if t.marked == clock.Never || t.applied == clock.Never {
		return ""
	}
	return fmt.Sprintf("recorded commit took %.1f ms", t.applied.Sub(t.marked).Seconds()*1e3)
}

func (c *comparing) expiredRule() string {
	if c.trace.local != clock.Never || c.trace.expired == clock.Never && c.model.local != clock.Never {
		return "C-20"
	}
	return "C-30"
}

func (c *comparing) hungUpRule() string {
	if c.model.hungUpRule == "" {
		return "H-1"
	}
	return c.model.hungUpRule
}

func (c *comparing) hungUpRemark() string {
	t := c.trace
	switch {
	case t.hungUp == clock.Never || c.model.hungUp == clock.Never:
		return ""
	case t.applied < t.hungUp:
		return c.commitRemark()
	case c.plan.Trace.Faults()[0].Kind == FaultSigkillClient:
		return "a killed virtual machine's sockets close when its memory is freed"
	case c.model.hungUpRule == "H-1" && c.model.hungUp >= c.plan.healed():
		return c.resendRemark(t.hungUp)
	}
	return ""
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

// edge is the bucket in which a session was marked: the last edge up to then.
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
		return "on one side only"
	case m == t:
		return "same bucket"
	}
	buckets := int64(t.Sub(m)) / int64(milliseconds(c.plan.Trace.TickMs()))
	return fmt.Sprintf("recorded %+d buckets away", buckets)
}

// show gives an instant as seconds from the first fault.
func (c *comparing) show(at clock.Instant) string {
	return fmt.Sprintf("%.3f", at.Sub(c.plan.Zero).Seconds())
}
