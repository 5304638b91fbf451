package sim

import (
	"strings"

	"zksim/model"
)

// A rowState is what holds once a row's record is there.
type rowState struct {
	fault, cluster, client, gap, others cell
}

// state computes the bars of a row.
func (tb *table) state(row *tableRow) rowState {
	t, s, id := tb.t, tb.s, row.record.Record
	var st rowState
	for i := range t.Faults {
		until := t.inForceUntil(&t.Faults[i])
		if t.Faults[i].Begin.Record <= id && (!until.Happened() || id < until.Record) {
			st.fault = cell{'░', roleFault}
		}
	}
	held := cell{'┃', roleCluster}
	if t.leaderless(id) {
		held.r = '╎'
	}
	ended := s.Marked
	if s.closing {
		ended = s.Committed
	}
	switch {
	case ended.Record == id:
		st.cluster = cell{'╋', roleCluster}
	case s.Made.Happened() && id >= s.Made.Record && (!ended.Happened() || id < ended.Record):
		st.cluster = held
		if s.markedBy(id) != nil {
			st.cluster.r = '╂'
		}
	}
	over := s.Left.Happened() && id >= s.Left.Record
	for _, turn := range t.turnsOf(s) {
		if over || turn.Record > id {
			break
		}
		switch turn.What {
		case TurnConnected:
			st.client = cell{'┃', roleClient}
		case TurnDisconnected:
			st.client = cell{'╎', roleClient}
		case TurnExpired, TurnClosed, TurnKilled:
			st.client, over = cell{}, true
		}
		if over {
			break
		}
	}
	if s.Marked.Happened() && id >= s.Marked.Record && !over {
		st.gap = cell{'▒', roleGap}
	}
	// After the node's first owner others may have it.
	for owner, n := s, 0; owner != nil && owner.Holds.Happened() && n < maxOwners; owner, n = t.heldBy(owner.Next), n+1 {
		gone := owner.goneAt()
		switch {
		case id < owner.Holds.Record:
		case gone.Happened() && gone.Record == id && row.lane == laneOthers:
			st.others = cell{'╋', roleCluster}
		case !gone.Happened() || id <= gone.Record:
			st.others = held
		}
	}
	return st
}

// roleOf is the colour of a row's words.
func (row *tableRow) roleOf() role {
	switch {
	case row.lane == laneClient:
		return roleClient
	case row.kind >= model.FirstWorldKind:
		return roleFault
	}
	return roleCluster
}

// Columns of the wide table.
const (
	timeColumns = 9
	faultAt     = timeColumns + 2
	clusterAt   = faultAt + 2
	ruleColumns = 5
)

// wide writes a column for each party.
func (tb *table) wide(p *page) {
	room := p.width - clusterAt - ruleColumns - 11
	widths := [3]int{laneCluster: room * 41 / 100, laneClient: room * 38 / 100}
	widths[laneOthers] = room - widths[laneCluster] - widths[laneClient]
	clientAt := clusterAt + 2 + widths[laneCluster] + 1
	gapAt := clientAt + 2 + widths[laneClient] + 1
	othersAt := gapAt + 2
	ruleAt := p.width - ruleColumns
	at := [3]int{clusterAt + 2, clientAt + 2, othersAt + 2}

	head := p.row()
	head.put(2, roleNone, "seconds")
	head.put(at[laneCluster], roleCluster, "cluster")
	head.put(at[laneClient], roleClient, "client is told / does")
	head.put(at[laneOthers], roleCluster, "others")
	head.put(ruleAt, roleNone, "rule")
	p.add(head)

	previous := ""
	for i := range tb.rows {
		row := &tb.rows[i]
		st := tb.state(row)
		texts := [3][]string{}
		texts[row.lane] = wrap(row.text, widths[row.lane])
		first := len(texts[row.lane])
		if row.below != "" {
			for _, l := range wrap(row.below, widths[row.lane]-2) {
				texts[row.lane] = append(texts[row.lane], "  "+l)
			}
		}
		for k, text := range texts[row.lane] {
			c := p.row()
			switch k {
			case 0:
				stamp := tb.t.instant(row.record.At)
				if stamp != previous {
					c.put(max(timeColumns-columns(stamp), 0), roleNone, stamp)
				}
				previous = stamp
				c.put(ruleAt, roleNone, row.rule)
			case first:
				c.put(ruleAt, roleNone, row.second)
			}
			if k > 0 {
				st = st.after()
			}
			c[faultAt], c[clusterAt], c[clientAt], c[gapAt], c[othersAt] = st.fault, st.cluster, st.client, st.gap, st.others
			c.put(at[row.lane], row.roleOf(), text)
			p.add(c)
		}
	}
}

// after is the state of a continuation line: a crossing is crossed once.
func (st rowState) after() rowState {
	switch st.cluster.r {
	case '╋':
		st.cluster = cell{}
	case '╂':
		st.cluster.r = '┃'
	}
	if st.others.r == '╋' {
		st.others = cell{}
	}
	return st
}

// narrow writes all parties into one column; the words say whose.
func (tb *table) narrow(p *page) {
	const (
		faultAt   = timeColumns + 1
		clusterAt = faultAt + 2
		clientAt  = clusterAt + 2
		gapAt     = clientAt + 1
		textAt    = gapAt + 2
	)
	ruleAt := p.width - ruleColumns
	head := p.row()
	head.put(2, roleNone, "seconds")
	head.put(clusterAt, roleCluster, "C")
	head.put(clientAt, roleClient, "L")
	head.put(ruleAt, roleNone, "rule")
	p.add(head)
	previous := ""
	for i := range tb.rows {
		row := &tb.rows[i]
		st := tb.state(row)
		text := row.text
		if row.lane == laneClient && !strings.HasPrefix(text, "…") {
			text = "client " + text
		}
		lines := wrap(text, ruleAt-textAt-1)
		first := len(lines)
		if row.below != "" {
			lines = append(lines, wrap(row.below, ruleAt-textAt-3)...)
		}
		for k, line := range lines {
			c := p.row()
			switch k {
			case 0:
				stamp := tb.t.instant(row.record.At)
				if stamp != previous {
					c.put(max(timeColumns-columns(stamp), 0), roleNone, stamp)
				}
				previous = stamp
				c.put(ruleAt, roleNone, row.rule)
			case first:
				c.put(ruleAt, roleNone, row.second)
			}
			if k >= first {
				line = "  " + line
			}
			if k > 0 {
				st = st.after()
			}
			c[faultAt], c[clusterAt], c[clientAt], c[gapAt] = st.fault, st.cluster, st.client, st.gap
			c.put(textAt, row.roleOf(), line)
			p.add(c)
		}
	}
	p.blank()
	tb.legend(p)
}

// legend explains the narrow table's bars.
func (tb *table) legend(p *page) {
	p.line(roleNone, " C cluster  ┃ alive      ╋ marked")
	p.line(roleNone, " L client   ┃ connected  ╎ disconnected")
	if tb.s.Marked.Happened() {
		p.text(" ", "   ", "▒ the cluster has ended it, the client has not been told")
	}
	for i := range tb.s.Marks {
		if tb.s.Marks[i].Fate != FateEffective {
			p.line(roleNone, " C cluster  ╂ marked, not in effect")
			break
		}
	}
	switch {
	case len(tb.t.gaps) == 0:
	case tb.t.ensemble():
		p.line(roleNone, " C cluster  ╎ no leader: nothing expires (F-16)")
	default:
		p.line(roleNone, " C cluster  ╎ no server runs: only the log knows (F-16)")
	}
}
