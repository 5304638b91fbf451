package sim

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"zksim/clock"
	"zksim/model"
)

// A table is the instants of one story while they are gathered.
type table struct {
	t      *Timeline
	s      *Story
	rows   []tableRow
	line   [256]*storyLine
	saws   int            // index of the row of the first who saw the node go, plus one
	died   model.RecordID // when the client's process was killed
	wait   string         // rule of the client's latest wait for its next attempt
	epochs []int64        // by server: of its latest lead

	// What the record at hand adds to its row.
	nodes         []model.NodeID
	below, second string
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
	nodes  []model.NodeID // servers that say the same
	times  int            // how many records the row stands for, if more than one
}

// tableOf begins the table of a story.
func (t *Timeline) tableOf(s *Story) *table {
	tb := &table{t: t, s: s, epochs: make([]int64, t.servers())}
	for i := range storyLines {
		tb.line[storyLines[i].kind] = &storyLines[i]
	}
	for _, turn := range t.turnsOf(s) {
		if turn.What == TurnKilled && tb.died == 0 {
			tb.died = turn.Record
		}
	}
	return tb
}

// table writes the instants of a story.
func (t *Timeline) table(p *page, s *Story) {
	tb := t.tableOf(s)
	tb.touches()
	tb.lockRows()
	for i := range t.Kept {
		tb.take(&t.Kept[i])
	}
	tb.unseen()
	tb.left()
	tb.starved()
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
	tb.nodes, tb.below, tb.second = nil, "", ""
	text := line.say(tb, r)
	if text == "" {
		return
	}
	row := tableRow{record: momentOf(r), kind: r.Kind, lane: line.lane, text: text, rule: r.Rule, peer: r.Peer, times: 1,
		nodes: tb.nodes, below: tb.below, second: tb.second}
	switch {
	case r.Kind == KindFaultBegins:
		row.rule = tb.t.faultRule(tb.spec(r), false)
	case r.Kind == KindFaultEnds:
		row.rule = tb.t.faultRule(tb.spec(r), tb.connecting(r.ID))
	case r.Kind == model.KindAttempt && tb.wait != "":
		row.rule, tb.wait = tb.wait, ""
	}
	// The session's own node is told in the client's column, and what happens to a
	// client's process there too.
	if own := strings.TrimPrefix(text, "→"); own != text {
		row.text, row.lane = own, laneClient
	}
	tb.rows = append(tb.rows, row)
}

func momentOf(r *Record) Moment { return Moment{Record: r.ID, At: r.At, Node: r.Node} }

// waits notes what the client waits for before its next attempt: of a back-off and
// the longer wait for the addresses' wrap, the latter (C-16, C-17).
func (tb *table) waits(r *Record) string {
	if tb.mine(r) && tb.wait != "C-16" {
		tb.wait = r.Rule
	}
	return ""
}

// connecting says whether the client was looking for a server when a record was
// made.
func (tb *table) connecting(id model.RecordID) bool {
	last := TurnConnected
	for _, turn := range tb.t.turnsOf(tb.s) {
		if turn.Record < id && turn.What.tells() {
			last = turn.What
		}
	}
	return last == TurnDisconnected
}

// touches adds the touches that decided something, with the client's message behind
// each; and every time that a leader began to track the session afresh.
func (tb *table) touches() {
	s := tb.s
	shown := map[model.RecordID]bool{} // looked up, never ranged over
	add := func(touch *Touch, message bool) {
		if touch.Happened() && !shown[touch.Record] {
			shown[touch.Record] = true
			tb.touch(touch, message)
		}
	}
	for i := range s.Marks {
		m := &s.Marks[i]
		add(&m.Touch, m.Fate == FateEffective)
	}
	if !s.Marked.Happened() && s.Eventful && s.Saving.Happened() {
		add(&s.Saved, true)
		add(&s.Saving, true)
		for i := range tb.rows {
			last := &tb.rows[i]
			if last.record.Record != s.Saving.Record {
				continue
			}
			last.text = "TOUCHED" + strings.TrimPrefix(last.text, "touch")
			last.below, last.second = seconds(roundMillis(s.Margin))+" s in time", ""
			if s.Margin < 0 {
				last.below = seconds(roundMillis(-s.Margin)) + " s late, but before the poll"
				last.second = "G-5"
			}
		}
	}
	for i := range s.Afresh {
		add(&s.Afresh[i], false)
	}
	for i := range s.TakenIn {
		tb.rows = append(tb.rows, tb.takenIn(&s.TakenIn[i]))
	}
}

// starved says, where a session ends without a fault, for how long a client has sent
// nothing whose pings what comes in can suppress (L-K4).
func (tb *table) starved() {
	s := tb.s
	library := tb.t.Scenario.libraryOf(s.Client)
	if !s.Marked.Happened() || s.Detection.Exists || library == nil || !library.PingsWhenQuiet {
		return
	}
	var last clock.Instant
	for i := range s.messages {
		if m := &s.messages[i]; m.ID != 0 && m.At < s.Marked.At {
			last = max(last, m.At)
		}
	}
	if last > 0 && s.Marked.At.Sub(last) > s.Timeout {
		behind := s.Marked
		behind.Record++ // the mark's own row shows the mark
		tb.rows = append(tb.rows, tableRow{record: behind, lane: laneClient, text: "sent nothing for " + seconds(roundMillis(s.Marked.At.Sub(last))) + " s", rule: "L-K4", times: 1})
	}
}

// touch adds a touch, and the message behind it if it is asked for.
func (tb *table) touch(touch *Touch, message bool) {
	t := tb.t
	if m := touch.Message; m.Happened() && message {
		what := "request"
		if touch.Ping {
			what = "ping"
		}
		tb.rows = append(tb.rows, tableRow{record: m, lane: laneClient, text: "sends the " + what + " that counts", rule: touch.SentBy, times: 1})
	}
	text, rule := t.touchWords(tb.s, touch)
	sum := t.instant(touch.At.Add(touch.Timeout))
	tb.rows = append(tb.rows, tableRow{record: touch.Moment, lane: laneCluster, text: text, rule: rule, times: 1,
		below: bucketEdge(touch.Timeout, sum, t.instant(touch.Deadline)), second: "T-3"})
}

// touchWords say how a touch came about, with the rule.
func (t *Timeline) touchWords(s *Story, touch *Touch) (words, rule string) {
	words, rule = "touch", "T-12"
	if len(s.Marks) > 1 {
		words += " at " + t.who(touch.Node)
	}
	switch {
	case touch.Through != model.NoNode:
		rule, words = "T-18", words+", reported by "+t.who(touch.Through)
	case touch.By == "learner":
		rule, words = "T-18", words+", reported by a learner"
	case touch.By == "revalidation":
		rule, words = "V-4", words+" by the client's return"
	case touch.By == "restart":
		rule, words = "F-16", "tracked afresh"
		if t.ensemble() {
			rule = "F-15"
		}
	case touch.By != "":
		words += " by " + touch.By
	}
	return words, rule
}

// takenIn is a server having found messages of the session's client on waking.
func (tb *table) takenIn(in *TakenIn) tableRow {
	what := "request"
	if in.Pings {
		what = "ping"
	}
	text := fmt.Sprintf("%s takes in %s", tb.t.who(in.Node), count(in.Messages, "buffered "+what))
	row := tableRow{record: in.Moment, lane: laneCluster, text: text, rule: "G-7", times: 1}
	server := model.NoNode
	for _, turn := range tb.t.turnsOf(tb.s) {
		switch {
		case turn.Record > in.Record:
		case turn.What == TurnConnected:
			server = turn.Server
		case turn.What == TurnKilled:
			row.below = "its client is dead"
		}
	}
	if row.below == "" && server != in.Node {
		row.below = "its client has moved"
	}
	return row
}

func (tb *table) mine(r *Record) bool {
	if r.Node != tb.s.Client || tb.died != 0 && r.ID > tb.died {
		return false // or a new process with the same name
	}
	return r.Session == tb.s.Session || r.Session == 0 && r.ID >= tb.s.Up.Record && (tb.s.until == 0 || r.ID < tb.s.until)
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

// fault finds the fault that a record begins or ends.
func (tb *table) fault(r *Record) *FaultSpan {
	for i := range tb.t.Faults {
		if f := &tb.t.Faults[i]; f.Index == int(r.A) && (f.Begin.Record == r.ID || f.End.Record == r.ID) {
			return f
		}
	}
	return &FaultSpan{Index: int(r.A), never: true}
}

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

// told is what an application was told, unless an attempt says it too, or it knows
// it already: after each attempt in vain, and after the end of its session.
func (tb *table) told(r *Record) string {
	library := tb.t.Scenario.libraryOf(r.Node)
	word := strings.ToUpper(library.Brief(r.Text))
	switch library.Meaning(r.Text) {
	case model.MeansProgress:
		return ""
	case model.MeansUsable, model.MeansReadOnly:
		if strings.HasSuffix(word, "CONNECTED") {
			return word + " to " + tb.t.who(tb.serverAt(r))
		}
		return word + " at " + tb.t.who(tb.serverAt(r))
	case model.MeansLost:
		if !tb.turned(r.ID) {
			return ""
		}
	}
	return word
}

// turned says whether a record is one of the client's turns.
func (tb *table) turned(id model.RecordID) bool {
	for _, turn := range tb.t.turnsOf(tb.s) {
		if turn.Record == id {
			return true
		}
	}
	return false
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

// saw puts what the watching clients see of one end of the node into one row. The
// node's later owners end too.
func (tb *table) saw(r *Record) string {
	for _, m := range tb.s.Misled {
		if m.Record == r.ID {
			tb.below = "but that is taken back"
			return tb.t.whoAt(m) + ": GONE"
		}
	}
	for _, s := range tb.t.Stories {
		if s.Path != tb.s.Path || len(s.Seen) == 0 || len(tb.s.Gone) == 0 || s.Gone[0].Record < tb.s.Gone[0].Record {
			continue
		}
		for i := range s.Seen {
			if s.Seen[i].Record != r.ID {
				continue
			}
			if i == 0 {
				tb.saws = len(tb.rows) + 1
				return tb.t.whoAt(s.Seen[0]) + ": GONE"
			}
			first := &tb.rows[tb.saws-1]
			first.times++
			switch first.times {
			case 2:
				first.text = tb.t.whoAt(s.Seen[0]) + ", " + tb.t.whoAt(s.Seen[1]) + ": GONE"
			default:
				first.text = fmt.Sprintf("%s and %d more: GONE", tb.t.whoAt(s.Seen[0]), first.times-1)
			}
			if by := tb.t.instant(r.At); by != tb.t.instant(first.record.At) {
				first.below = "all by " + by
			}
			return ""
		}
	}
	return ""
}

// left gives a row to a client that goes on with another session, the one that was
// made on a read-only server being none for others (C-33).
func (tb *table) left() {
	if m := tb.s.Left; m.Happened() {
		tb.rows = append(tb.rows, tableRow{record: m, lane: laneClient, text: "GOES ON with another session", rule: "C-33", times: 1})
	}
}

// unseen gives the end of the node a row in the others' column where nobody's watch
// told of it.
func (tb *table) unseen() {
	if gone := tb.s.goneAt(); gone.Happened() && len(tb.s.Seen) == 0 && tb.s.Holds.Happened() {
		tb.rows = append(tb.rows, tableRow{record: gone, lane: laneOthers, text: "GONE; no watch tells", rule: "Z-4", times: 1})
	}
}

// applied puts servers that apply the end at the same instant into one row. The
// leader's own is its commit.
func (tb *table) applied(r *Record) string {
	s := tb.s
	if r.Session != s.Session || r.Rule != "T-23" && r.Node == s.Committed.Node && r.At == s.Committed.At {
		return ""
	}
	if r.Rule == "T-23" {
		return "ended at " + tb.t.who(r.Node)
	}
	what, all := "ended", s.Applied
	if len(s.Gone) > 0 {
		what = "node deleted"
	}
	if among := func(m Moment) bool { return m.Record == r.ID }; slices.ContainsFunc(s.Replayed, among) {
		// Nobody has agreed to it: the server will take it back (Z-10).
		tb.below, all = "replay, without effect", s.Replayed
		what = "ended"
		if len(s.Undone) > 0 {
			what = "node deleted"
		}
	} else if !slices.ContainsFunc(s.Applied, among) {
		return "" // for the second time
	}
	var nodes []model.NodeID
	for _, m := range all {
		if m.At == r.At && (m.Node != s.Committed.Node || m.At != s.Committed.At) {
			nodes = append(nodes, m.Node)
		}
	}
	for i := range tb.rows {
		if row := &tb.rows[i]; row.kind == model.KindCloseApplied && row.record.At == r.At && row.below == tb.below {
			return ""
		}
	}
	return what + " at " + tb.t.servernames(nodes)
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
	if n := len(tb.rows); n > 0 {
		if last := &tb.rows[n-1]; last.kind == model.KindCallLost && last.record.At == r.At {
			last.times++
			last.text = fmt.Sprintf("gets %s for %d calls", outcomeOf(r), last.times)
			return ""
		}
	}
	return does(r)
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
