package sim

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
)

// arithmetic says how a record's instant comes out, where there is something to reckon.
func (n *Narrator) arithmetic(r *Record) string {
	switch r.Kind {
	case model.KindMarked:
		return n.deadline(r)
	case model.KindSilence:
		return n.sinceHeard(r, 2)
	case model.KindLocalExpiry:
		return n.sinceHeard(r, 4)
	case model.KindLeaderLost:
		if r.Text == "silence" {
			return n.sinceHeard(r, 0)
		}
	case model.KindInjected:
		if c := n.cause(r); c != nil {
			return "suspended at " + n.Instant(c.At)
		}
	case model.KindReport:
		if c := n.cause(r); c != nil && c.Kind == model.KindLeaderPing {
			return fmt.Sprintf("PING left %s at %s", n.who(c.Node), n.Instant(c.At))
		}
	case KindRetransmitted:
		if c := n.cause(r); c != nil {
			return fmt.Sprintf("sent first at %s", n.Instant(c.At))
		}
	}
	return ""
}

// deadline reckons when a session is marked: the last touch and the timeout, up to the
// next bucket edge (T-3).
func (n *Narrator) deadline(r *Record) string {
	c := n.cause(r)
	if c == nil || c.Kind != model.KindTouch && c.Kind != model.KindRearmed {
		return ""
	}
	timeout := time.Duration(c.A) * time.Millisecond
	edge := EdgeBefore(r)
	words := fmt.Sprintf("last touch at %s, %s (T-3)", n.Instant(c.At), bucketEdge(timeout, n.Instant(c.At.Add(timeout)), n.Instant(edge)))
	if r.B > 0 {
		words += fmt.Sprintf("; the expiry loop came %s s after that", inMillis(r.B))
	}
	return words
}

// bucketEdge is a touch and its timeout, up to the next bucket edge, strictly later than
// the sum (T-3).
func bucketEdge(timeout time.Duration, sum, edge string) string {
	return fmt.Sprintf("+%s s = %s, up to %s", inSeconds(timeout), sum, edge)
}

// sinceHeard says when somebody who gave up waiting had heard something last. Thirds is how
// many thirds of the session timeout the limit is, where it is a share of that.
func (n *Narrator) sinceHeard(r *Record, thirds int64) string {
	c := n.cause(r)
	if c == nil {
		return ""
	}
	words := "last heard at " + n.Instant(c.At)
	if timeout := n.timeoutOf(r); thirds > 0 && timeout > 0 && timeout*thirds/3 == r.B {
		words += fmt.Sprintf("; the limit is %d/3 of the timeout of %s s", thirds, inMillis(timeout))
	}
	return words
}

// timeoutOf is the timeout in milliseconds that a client has negotiated last when a
// record is made; 0 if none.
func (n *Narrator) timeoutOf(r *Record) int64 {
	for id := r.ID - 1; id > 0; id-- {
		if b := n.Record(id); b.Kind == model.KindSessionUp && b.Node == r.Node {
			return b.A
		}
	}
	return 0
}

// EdgeBefore is the bucket edge that a mark was due at: how late the expiry loop came is
// in the record.
func EdgeBefore(mark *Record) clock.Instant {
	return mark.At.Add(-time.Duration(mark.B) * time.Millisecond)
}
