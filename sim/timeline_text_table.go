package sim

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"zksim/model"
)

// A lane is a column of the table: who does it, or is told it.
type lane uint8

const (
	laneCluster lane = iota
	laneClient
	laneOthers
)

// A storyLine says how records of one kind appear in the table, if they concern
// the session that is drawn.
type storyLine struct {
	kind model.Kind
	lane lane
	// say gives the words, or "" to leave the record out.
	say func(tb *table, r *Record) string
}

// storyLines are the kinds of records that tell a story. What is not here, such
// as each ping and each learner's report, is in JSON Lines only; the touches that
// matter come from [Story.Touch], [Story.Saved] and [Story.Saving].
var storyLines = []storyLine{
	{KindFaultBegins, laneCluster, func(tb *table, r *Record) string { return tb.t.faultWord(tb.spec(r)) }},
	{KindFaultEnds, laneCluster, func(tb *table, r *Record) string {
		if tb.t.faultWord(tb.spec(r)) == "" {
			return ""
		}
		if len(tb.t.Faults) == 1 {
			return "HEALED"
		}
		return "HEALED: " + strings.ToLower(tb.t.faultWord(tb.spec(r)))
	}},
	{KindPaused, laneCluster, func(tb *table, r *Record) string { return tb.process(r, "PAUSED") }},
	{KindResumed, laneCluster, func(tb *table, r *Record) string {
		words := fmt.Sprintf("RUNS ON after %s s", inSeconds(time.Duration(r.B)*time.Microsecond))
		if r.A > 0 {
			words += fmt.Sprintf(", %s waiting", count(int(r.A), "packet"))
		}
		return tb.process(r, words)
	}},
	{KindKilled, laneCluster, func(tb *table, r *Record) string {
		if r.Text == "killed" {
			return tb.process(r, "KILLED")
		}
		return tb.process(r, "HOST LOST")
	}},
	{KindStarted, laneCluster, func(tb *table, r *Record) string { return tb.process(r, "STARTED again") }},
	{KindCommand, laneClient, func(tb *table, r *Record) string {
		if r.Text == "close" && r.Node == tb.s.Client {
			return "closes its handle"
		}
		return ""
	}},

	{model.KindAttempt, laneClient, func(tb *table, r *Record) string {
		if !tb.mine(r) || !tb.s.Up.Happened() || r.ID < tb.s.Up.Record {
			return ""
		}
		return "tries " + tb.t.who(r.Peer)
	}},
	{model.KindAttemptFailed, laneClient, func(tb *table, r *Record) string {
		if tb.mine(r) {
			tb.inVain(r, r.Text, "")
		}
		return ""
	}},
	{model.KindSilence, laneClient, func(tb *table, r *Record) string {
		return tb.own(r, fmt.Sprintf("hears nothing for %s s", inSeconds(time.Duration(r.A)*time.Millisecond)))
	}},
	{model.KindDropped, laneClient, func(tb *table, r *Record) string {
		if tb.s.Up.Happened() && tb.mine(r) && !tb.connectedAt(r.ID) {
			tb.inVain(r, r.Text, "")
			return ""
		}
		return tb.own(r, "loses the connection: "+r.Text)
	}},
	{model.KindLocalExpiry, laneClient, func(tb *table, r *Record) string {
		return tb.own(r, fmt.Sprintf("gives up: %s s of silence", inSeconds(time.Duration(r.A)*time.Millisecond)))
	}},
	{model.KindTold, laneClient, func(tb *table, r *Record) string {
		if r.Text == model.ToldConnected {
			return tb.own(r, "CONNECTED to "+tb.t.who(tb.serverAt(r)))
		}
		return tb.own(r, strings.ToUpper(r.Text))
	}},
	{model.KindHolds, laneOthers, func(tb *table, r *Record) string {
		switch {
		case r.Text != tb.s.Path:
			return ""
		case r.Node == tb.s.Client:
			if r.ID == tb.s.Holds.Record {
				return "→owns " + singleWidth(r.Text)
			}
			return ""
		}
		return tb.t.who(r.Node) + " has it"
	}},
	{model.KindSawDeleted, laneOthers, func(tb *table, r *Record) string { return tb.saw(r) }},
	{model.KindCallLost, laneClient, func(tb *table, r *Record) string { return tb.callLost(r) }},

	{model.KindServing, laneCluster, func(tb *table, r *Record) string {
		if r.At == 0 {
			return ""
		}
		return tb.t.who(r.Node) + " serves again"
	}},
	{model.KindNotServing, laneCluster, func(tb *table, r *Record) string {
		if r.Peer == tb.s.Client {
			tb.inVain(&Record{Note: model.Note{Peer: r.Node}}, "not serving yet", r.Rule)
		}
		return ""
	}},
	{model.KindZxidAhead, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.t.who(r.Node)+" turns the client away: it has seen more")
	}},
	{model.KindRevalidated, laneCluster, func(tb *table, r *Record) string {
		if tb.s.Up.Happened() && r.ID > tb.s.Up.Record {
			return tb.ours(r, tb.t.who(r.Node)+" resumes the session")
		}
		return ""
	}},
	{model.KindRefused, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.t.who(r.Node)+" refuses to resume: "+r.Text)
	}},
	{model.KindConnectionClosed, laneCluster, func(tb *table, r *Record) string {
		switch r.Text {
		case "idle":
			return tb.ours(r, tb.t.who(r.Node)+" hangs up: "+r.Text)
		case "session ended":
			return tb.ours(r, tb.t.who(r.Node)+" hangs up")
		}
		return ""
	}},
	{model.KindStalled, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, fmt.Sprintf("%s waits behind a write at %s", r.Text, tb.t.who(r.Node)))
	}},
	{model.KindDroppedRequest, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, tb.again(r, r.Text+" dropped without a reply", "%d requests dropped without a reply"))
	}},
	{model.KindMoved, laneCluster, func(tb *table, r *Record) string {
		return tb.ours(r, r.Text+" at "+tb.t.who(r.Node)+": session moved")
	}},
	{model.KindTouchFailed, laneCluster, func(tb *table, r *Record) string {
		if r.Text == "revalidation" {
			return "" // the refusal says it
		}
		if tb.s.closing {
			return "" // the reports that were under way when the client closed
		}
		return tb.ours(r, tb.again(r, "touch by "+r.Text+" comes too late", "%d touches come too late"))
	}},
	{model.KindRearmed, laneCluster, func(tb *table, r *Record) string {
		if r.ID == tb.s.Touch.Record {
			return "" // shown with its deadline
		}
		return tb.ours(r, fmt.Sprintf("tracked afresh for %s s", inSeconds(time.Duration(r.A)*time.Millisecond)))
	}},
	{model.KindLearnerGone, laneCluster, func(tb *table, r *Record) string { return "leader lost " + tb.t.who(r.Peer) }},
	{model.KindMarked, laneCluster, func(tb *table, r *Record) string {
		switch {
		case r.B >= 1000:
			return tb.ours(r, fmt.Sprintf("MARKED, %s s past the edge", inSeconds(time.Duration(r.B)*time.Millisecond)))
		case r.B > 0:
			return tb.ours(r, fmt.Sprintf("MARKED, %d ms past the edge", r.B))
		}
		return tb.ours(r, "MARKED: it is closing")
	}},
	{model.KindCommitted, laneCluster, func(tb *table, r *Record) string {
		if r.Text != model.OpCloseSession.String() {
			return ""
		}
		if tb.t.servers() == 1 {
			return tb.ours(r, "end committed")
		}
		return tb.ours(r, "end committed at the leader")
	}},
	{model.KindCloseApplied, laneCluster, func(tb *table, r *Record) string { return tb.applied(r) }},
}

// inTable says which kinds of records a [Collector] keeps.
var inTable = func() (kept [256]bool) {
	for i := range storyLines {
		kept[storyLines[i].kind] = true
	}
	return kept
}()

// A table is the instants of one story while they are gathered.
type table struct {
	t    *Timeline
	s    *Story
	rows []tableRow
	line [256]*storyLine
	saws int // index of the first observer's row, plus one
}

// A tableRow is one instant of the table.
type tableRow struct {
	record Moment
	kind   model.Kind
	lane   lane
	text   string
	rule   string
	below  string // a line below, with a rule of its own
	second string
	failed bool // an attempt that came to nothing
	peer   model.NodeID
	times  int // how many records the row stands for, if more than one
}

// table writes the instants of a story.
func (t *Timeline) table(p *page, s *Story) {
	tb := &table{t: t, s: s}
	for i := range storyLines {
		tb.line[storyLines[i].kind] = &storyLines[i]
	}
	tb.touches()
	for i := range t.Kept {
		tb.take(&t.Kept[i])
	}
	sort.SliceStable(tb.rows, func(i, j int) bool { return tb.rows[i].record.Record < tb.rows[j].record.Record })
	tb.collapse()
	if p.width >= wideFrom {
		tb.wide(p)
	} else {
		tb.narrow(p)
	}
}

// take adds what a record says to the rows.
func (tb *table) take(r *Record) {
	line := tb.line[r.Kind]
	if line == nil {
		return
	}
	text := line.say(tb, r)
	if text == "" {
		return
	}
	row := tableRow{record: Moment{Record: r.ID, At: r.At, Node: r.Node}, kind: r.Kind, lane: line.lane, text: text, rule: r.Rule, peer: r.Peer, times: 1}
	// The session's own node is told in the client's column, and what happens to a
	// client's process there too.
	if own := strings.TrimPrefix(text, "→"); own != text {
		row.text, row.lane = own, laneClient
	}
	tb.rows = append(tb.rows, row)
	if r.Kind == model.KindSawDeleted && tb.saws == 0 {
		tb.saws = len(tb.rows)
	}
}

// touches adds the touches that decided something, with the client's message
// behind each.
func (tb *table) touches() {
	s := tb.s
	switch {
	case s.Marked.Happened():
		tb.touch(&s.Touch)
	case s.Eventful && s.Saving.Happened():
		tb.touch(&s.Saved)
		tb.touch(&s.Saving)
		last := &tb.rows[len(tb.rows)-1]
		last.text = "TOUCHED" + strings.TrimPrefix(last.text, "touch")
		last.below, last.second = inSeconds(s.Margin)+" s in time", ""
		if s.Margin < 0 {
			last.below = inSeconds(-s.Margin) + " s late, but before the poll"
			last.second = "G-5"
		}
	}
}

func (tb *table) touch(touch *Touch) {
	if !touch.Happened() {
		return
	}
	t := tb.t
	if m := touch.Message; m.Happened() {
		what, rule := "the request that counts", "C-9d"
		if touch.Ping {
			what, rule = "the ping that counts", "C-9a"
		}
		tb.rows = append(tb.rows, tableRow{record: m, lane: laneClient, text: "sends " + what, rule: rule, times: 1})
	}
	rule, text := "T-12", "touch"
	switch {
	case touch.Through != model.NoNode:
		rule, text = "T-18", "touch, reported by "+t.who(touch.Through)
	case touch.By == "learner":
		rule, text = "T-18", "touch, reported by a learner"
	case touch.By == "revalidation":
		rule, text = "V-4", "touch by the client's return"
	case touch.By == "restart":
		rule, text = "F-16", "tracked afresh"
	case touch.By != "":
		text = "touch by " + touch.By
	}
	sum := t.instant(touch.At.Add(touch.Timeout))
	tb.rows = append(tb.rows, tableRow{record: touch.Moment, lane: laneCluster, text: text, rule: rule, times: 1,
		below: fmt.Sprintf("+%s s = %s, up to %s", inSeconds(touch.Timeout), sum, t.instant(touch.Deadline)), second: "T-3"})
}

func (tb *table) mine(r *Record) bool {
	if tb.s.Killed.Happened() && r.ID > tb.s.Killed.Record {
		return false // a new process with the same name
	}
	return r.Node == tb.s.Client && (r.Session == tb.s.Session || r.Session == 0 && r.ID >= tb.s.Up.Record)
}

// own keeps what the session's client says.
func (tb *table) own(r *Record, text string) string {
	if !tb.mine(r) {
		return ""
	}
	return text
}

// ours keeps what concerns the session.
func (tb *table) ours(r *Record, text string) string {
	if r.Session != tb.s.Session {
		return ""
	}
	return text
}

func (tb *table) spec(r *Record) *Fault { return &tb.t.Scenario.Faults[r.A] }

// process says what happened to a process: of the session's client, or of a
// server. Other clients' processes are another story.
func (tb *table) process(r *Record, what string) string {
	switch {
	case r.Node == tb.s.Client:
		return "→" + what
	case int(r.Node) < tb.t.servers():
		return tb.t.who(r.Node) + " " + what
	}
	return ""
}

// serverAt is the server that the client had connected to when it was told so.
func (tb *table) serverAt(r *Record) model.NodeID {
	for _, turn := range tb.t.turnsOf(tb.s) {
		if turn.Record == r.ID {
			return turn.Server
		}
	}
	return model.NoNode
}

// inVain adds to the row of the latest attempt to reach the record's peer that
// it came to nothing, and why, unless that is said already.
func (tb *table) inVain(r *Record, why, rule string) {
	for i := len(tb.rows) - 1; i >= 0; i-- {
		row := &tb.rows[i]
		if row.kind != model.KindAttempt || row.peer != r.Peer {
			continue
		}
		if !row.failed {
			row.text += ", " + why
			row.failed = true
			if rule != "" {
				row.rule = rule
			}
		}
		return
	}
}

// connectedAt says whether the client believed to be connected when a record was
// made.
func (tb *table) connectedAt(id model.RecordID) bool {
	connected := false
	for _, turn := range tb.t.turnsOf(tb.s) {
		if turn.Record > id {
			break
		}
		if turn.What.tells() {
			connected = turn.What == TurnConnected
		}
	}
	return connected
}

// saw is the first watching client's notice in a row of its own, the others' in
// a count.
func (tb *table) saw(r *Record) string {
	n := 0
	for i := range tb.s.Seen {
		if tb.s.Seen[i].Record == r.ID {
			n = i + 1
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return tb.t.who(r.Node) + ": GONE"
	}
	first := &tb.rows[tb.saws-1]
	first.times++
	first.text = fmt.Sprintf("%s and %d more: GONE", tb.t.who(first.record.Node), first.times-1)
	if by := tb.t.instant(r.At); by != tb.t.instant(first.record.At) {
		first.below = "all by " + by
	}
	return ""
}

// applied puts servers that apply the end at the same instant into one row. The
// leader's own is its commit.
func (tb *table) applied(r *Record) string {
	if r.Session != tb.s.Session || r.Node == tb.t.Leader {
		return ""
	}
	what := "ended"
	if len(tb.s.Gone) > 0 {
		what = "node deleted"
	}
	var ids []string
	for _, m := range tb.s.Applied {
		if m.At == r.At && m.Node != tb.t.Leader {
			ids = append(ids, fmt.Sprint(m.Node+1))
		}
	}
	for i := range tb.rows {
		if row := &tb.rows[i]; row.kind == model.KindCloseApplied && row.record.At == r.At {
			return ""
		}
	}
	if len(ids) > 1 {
		return what + " at servers " + strings.Join(ids, ", ")
	}
	return what + " at " + tb.t.who(r.Node)
}

// again gives the words for the first of several alike at one instant, and counts
// the others in its row.
func (tb *table) again(r *Record, once, often string) string {
	if r.Session != tb.s.Session {
		return ""
	}
	for i := len(tb.rows) - 1; i >= 0; i-- {
		if row := &tb.rows[i]; row.kind == r.Kind && row.record.At == r.At {
			row.times++
			row.text = fmt.Sprintf(often, row.times)
			return ""
		}
	}
	return once
}

// callLost puts requests that fail at one instant into one row.
func (tb *table) callLost(r *Record) string {
	if !tb.mine(r) {
		return ""
	}
	op, err, _ := strings.Cut(r.Text, " ")
	if n := len(tb.rows); n > 0 {
		if last := &tb.rows[n-1]; last.kind == model.KindCallLost && last.record.At == r.At {
			last.times++
			last.text = fmt.Sprintf("gets %s for %d calls", err, last.times)
			return ""
		}
	}
	return "gets " + err + " for " + op
}

// longRun is how many attempts in a row the table shows; of longer runs only the
// ends.
const longRun = 5

// collapse shortens runs of rows that say the same over and over: attempts in
// vain, and what else keeps repeating.
func (tb *table) collapse() {
	var rows []tableRow
	for i := 0; i < len(tb.rows); {
		j := i
		for j < len(tb.rows) && repeats(&tb.rows[i], &tb.rows[j]) {
			j++
		}
		if j-i <= longRun {
			j = max(j, i+1)
			rows = append(rows, tb.rows[i:j]...)
			i = j
			continue
		}
		rows = append(rows, tb.rows[i], tb.rows[i+1])
		hidden := tb.rows[i+2 : j-1]
		attempts := 0
		for k := range hidden {
			if hidden[k].kind == model.KindAttempt {
				attempts++
			}
		}
		text := fmt.Sprintf("… %d more like these", len(hidden))
		if attempts == len(hidden) {
			text = fmt.Sprintf("… %s in vain", count(attempts, "more attempt"))
		}
		rows = append(rows, tableRow{record: hidden[0].record, lane: hidden[0].lane, text: text, times: 1}, tb.rows[j-1])
		i = j
	}
	tb.rows = rows
}

// repeats says whether b goes on with the run that a began.
func repeats(a, b *tableRow) bool {
	switch a.kind {
	case model.KindAttempt:
		return b.kind == model.KindAttempt && (a.failed == b.failed || b.failed)
	case model.KindStalled, model.KindDroppedRequest, model.KindTouchFailed, model.KindNotServing, model.KindCallLost, model.KindZxidAhead:
		return b.kind == a.kind
	}
	return false
}

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
	ended := s.Marked
	if s.closing {
		ended = s.Committed
	}
	switch {
	case ended.Record == id:
		st.cluster = cell{'╋', roleCluster}
	case s.Made.Happened() && id >= s.Made.Record && (!ended.Happened() || id < ended.Record):
		st.cluster = cell{'┃', roleCluster}
	}
	over := false
	for _, turn := range t.turnsOf(s) {
		if turn.Record > id {
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
	gone := s.goneAt()
	switch {
	case !s.Holds.Happened() || id < s.Holds.Record:
	case gone.Happened() && gone.Record == id:
		st.others = cell{'╋', roleCluster}
	case !gone.Happened() || id < gone.Record:
		st.others = cell{'┃', roleCluster}
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
	if st.cluster.r == '╋' {
		st.cluster = cell{}
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
}
