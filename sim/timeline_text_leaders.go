package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"zksim/clock"
	"zksim/model"
)

// maxReigns bounds the changes of the leader that the header names.
const maxReigns = 4

// leading says who leads at the start of the run, and who follows and observes.
func (t *Timeline) leading() string {
	e := &t.Scenario.Ensemble
	numbers := func(from, to int, but model.NodeID) (ids []string) {
		for i := from; i < to; i++ {
			if model.NodeID(i) != but {
				ids = append(ids, fmt.Sprint(i+1))
			}
		}
		return ids
	}
	do := func(ids []string, does string) string {
		switch len(ids) {
		case 0:
			return ""
		case 1:
			return "; server " + ids[0] + " " + does + "s"
		}
		return "; servers " + list(ids) + " " + does
	}
	observers := do(numbers(e.Servers, t.servers(), model.NoNode), "observe")
	if !t.led() {
		return "none at the start" + observers
	}
	first := t.Reigns[0].Leader
	return t.who(first) + do(numbers(0, e.Servers, first), "follow") + observers
}

// later says who leads later in the run, or "" if that never changes.
func (t *Timeline) later() string {
	if !t.changes() {
		return ""
	}
	var parts []string
	changes := t.Reigns
	if t.led() {
		changes = changes[1:]
	}
	for i := range changes {
		r := &changes[i]
		if i == maxReigns {
			parts = append(parts, count(len(changes)-i, "more change"))
			break
		}
		parts = append(parts, fmt.Sprintf("%s from %s s", t.who(r.Leader), t.instant(r.From.At)))
	}
	if since, down := t.leaderlessFrom(); down {
		parts = append(parts, fmt.Sprintf("nobody from %s s", t.instant(since.At)))
	}
	return "led by " + list(parts)
}

// led says whether the run began with a leader.
func (t *Timeline) led() bool { return len(t.Reigns) > 0 && t.Reigns[0].From.At == 0 }

// ensemble says whether there are servers that elect a leader.
func (t *Timeline) ensemble() bool { return t.Scenario.Ensemble.Servers > 1 }

// changes says whether the leader changed, or was away, within the run.
func (t *Timeline) changes() bool { return t.ensemble() && (len(t.Reigns) != 1 || len(t.gaps) > 0) }

// nobody are labels for the time in which nobody leads, the longest first.
func (t *Timeline) nobody() []string {
	if t.ensemble() {
		return []string{"no leader: nothing expires", "no leader"}
	}
	return []string{"no server runs: only the log knows", "no server runs", "no server"}
}

// onlyLogged is the finding if no server is there to hold, or to end, a session.
func (t *Timeline) onlyLogged() string {
	since, _ := t.leaderlessFrom()
	if t.ensemble() {
		return fmt.Sprintf("No server leads from %s s to the end of the run, at %s s: nothing expires (F-16), and only the logs know of the session.",
			t.instant(since.At), t.instant(t.End))
	}
	return fmt.Sprintf("No server runs from %s s to the end of the run, at %s s: nothing expires (F-16), and only the log knows of the session.",
		t.instant(since.At), t.instant(t.End))
}

// leaderLane draws who led with a quorum when, if that changed; and below, a leader
// that does not know yet that it has lost its quorum (F-9).
func (t *Timeline) leaderLane(p *page, pic *picture) {
	if !t.changes() {
		return
	}
	row, old := p.row(), p.row()
	row.put(1, roleCluster, "leader")
	limit := min(t.End, pic.end())
	until := func(m Moment) clock.Instant {
		if m.Happened() {
			return min(m.At, limit)
		}
		return limit
	}
	for _, b := range t.leadersLane() {
		pic.bar(row, b.from, min(b.to, limit), map[string]rune{stateAlive: '━', stateNobody: '╌'}[b.state], roleCluster, b.labels...)
	}
	for i := range t.Reigns {
		// However short the time without a leader, a change shows.
		if from := t.Reigns[i].From.At; i > 0 {
			x := pic.x(from)
			if x > pic.left && x < pic.right && row[x-1].r == '━' {
				row[x-1].r = '╌'
			}
		}
	}
	p.add(row)
	any := false
	for i := range t.deposed {
		d := &t.deposed[i]
		from, to := d.From.At, until(d.To)
		if pic.x(to)-pic.x(from) < 1 || pic.x(to) <= pic.left {
			continue
		}
		any = true
		labels := []string{t.who(d.Leader) + ", without a quorum", t.who(d.Leader) + " alone", t.who(d.Leader), fmt.Sprint(d.Leader + 1)}
		if !pic.bar(old, from, to, '─', roleCluster, labels...) {
			pic.word(old, to, roleCluster, labels...)
		}
	}
	if any {
		p.add(old)
	}
}

// electionWindow is within what time alike records of an election make one row.
const electionWindow = 200 * time.Millisecond

// together puts servers that say the same of one leader at about the same time into
// one row. Words are for one server and for several.
func (tb *table) together(r *Record, one, several string) string {
	for i := len(tb.rows) - 1; i >= 0; i-- {
		row := &tb.rows[i]
		if r.At.Sub(row.record.At) > electionWindow {
			break
		}
		alike := strings.HasSuffix(row.text, " "+one) || strings.HasSuffix(row.text, " "+several)
		if row.kind == r.Kind && row.peer == r.Peer && len(row.nodes) > 0 && row.rule == r.Rule && alike {
			row.nodes = append(row.nodes, r.Node)
			slices.Sort(row.nodes)
			row.text = tb.t.servernames(row.nodes) + " " + several
			return ""
		}
	}
	tb.nodes = []model.NodeID{r.Node}
	return tb.t.who(r.Node) + " " + one
}

// servernames is what a table calls several servers: servers 1, 2.
func (t *Timeline) servernames(nodes []model.NodeID) string {
	if len(nodes) == 1 {
		return t.who(nodes[0])
	}
	ids := make([]string, len(nodes))
	for i, n := range nodes {
		ids[i] = fmt.Sprint(n + 1)
	}
	return "servers " + strings.Join(ids, ", ")
}

// serving is a server that has begun to serve: alone, as leader or behind one.
func (tb *table) serving(r *Record) string {
	if r.ID == tb.s.Committed.Record {
		tb.below, tb.second = "its log has the end: in effect", "Z-10"
	}
	switch {
	case r.At == 0:
		return ""
	case !tb.t.ensemble():
		return tb.t.who(r.Node) + " serves again"
	case r.Rule == "C-33":
		return tb.t.who(r.Node) + " serves read-only"
	case r.Text == model.RoleLeader.String():
		if epoch := tb.epochs[r.Node]; epoch > 0 {
			return fmt.Sprintf("%s LEADS, epoch %d", tb.t.who(r.Node), epoch)
		}
		return tb.t.who(r.Node) + " LEADS"
	}
	if r.Text == model.RoleObserver.String() {
		return tb.together(r, "observes", "observe")
	}
	return tb.together(r, "follows", "follow")
}

// reconfigured is servers taking up other voters (F-22).
func (tb *table) reconfigured(r *Record) string {
	return tb.together(r, does(r), "take up the new voters")
}

// leaderLost is learners giving their leader up.
func (tb *table) leaderLost(r *Record) string {
	leader := "the leader"
	if tb.t.severalLead() {
		leader = tb.t.who(r.Peer)
	}
	if r.Rule == "F-13" {
		return tb.together(r, "cannot reach "+leader, "cannot reach "+leader)
	}
	if text := tb.together(r, "loses "+leader, "lose "+leader); text != "" {
		if r.Text == "silence" {
			tb.below = fmt.Sprintf("silent for %s s", inSeconds(time.Duration(r.A)*time.Millisecond))
		}
		return text
	}
	return ""
}

// learnerGone is a leader having lost learners.
func (tb *table) learnerGone(r *Record) string {
	leader := "leader"
	if tb.t.severalLead() {
		leader = tb.t.who(r.Node)
	}
	for i := len(tb.rows) - 1; i >= 0; i-- {
		row := &tb.rows[i]
		if r.At.Sub(row.record.At) > electionWindow {
			break
		}
		if row.kind == r.Kind && row.record.Node == r.Node {
			row.nodes = append(row.nodes, r.Peer)
			slices.Sort(row.nodes)
			row.text = leader + " lost " + tb.t.servernames(row.nodes)
			return ""
		}
	}
	tb.nodes = []model.NodeID{r.Peer}
	return leader + " lost " + tb.t.who(r.Peer)
}
