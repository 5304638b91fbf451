package sim

import (
	"fmt"
	"slices"
	"strings"

	"zksim/clock"
	"zksim/model"
)

// Bounds on what is shown of locks.
const (
	maxLocks     = 3 // that get lanes
	maxOwnerRows = 4 // lanes of one lock
	maxLockTimes = 4 // overlaps, and vacancies, that are listed one by one
)

// shownLocks are the locks that somebody came to own.
func (t *Timeline) shownLocks() []*Lock {
	var shown []*Lock
	for _, l := range t.Locks {
		if len(l.Beliefs) > 0 {
			shown = append(shown, l)
		}
	}
	return shown
}

// lockLanes draws, for each lock, one lane for each client that ever believed to own
// it: solid while it did, hatched while another did too, broken while its process stood
// still in that belief.
func (t *Timeline) lockLanes(p *page, pic *picture) {
	for i, l := range t.shownLocks() {
		if i == maxLocks {
			break
		}
		head := p.row()
		head.put(1, roleClient, "lock")
		head.put(pic.left, roleClient, singleWidth(l.Path)+": who acts as its owner")
		p.add(head)
		for k, n := range l.owners() {
			if k == maxOwnerRows {
				break
			}
			t.ownerLane(p, pic, l, n)
		}
	}
}

// owners are the clients that ever believed to own the lock, in that order.
func (l *Lock) owners() []model.NodeID {
	var owners []model.NodeID
	for _, b := range l.Beliefs {
		if !slices.Contains(owners, b.Client) {
			owners = append(owners, b.Client)
		}
	}
	return owners
}

func (t *Timeline) ownerLane(p *page, pic *picture, l *Lock, n model.NodeID) {
	row := p.row()
	name := t.who(n)
	if columns(name) > gutter-3 {
		name = name[:gutter-4] + "…" // ASCII stands in for it where it must
	}
	row.put(2, roleClient, name)
	limit := min(t.End, pic.end())
	for _, b := range l.Beliefs {
		if b.Client != n {
			continue
		}
		until := limit
		if b.End.Happened() {
			until = min(b.End.At, limit)
		}
		pic.bar(row, b.Begin.At, until, '━', roleClient)
		for _, o := range l.Overlaps {
			if from, to := max(o.From, b.Begin.At), min(o.To, until); from < to && slices.Contains(o.Clients, n) {
				pic.bar(row, from, to, '▒', roleGap, "owns too", "owns")
			}
		}
		for _, s := range t.stillOf(n) {
			if from, to := max(s.From, b.Begin.At), min(s.To, until); from < to {
				pic.bar(row, from, to, '╌', roleFault, "stands still", "still")
			}
		}
		pic.label(row, b.Begin.At, until, '━', roleClient, "owns")
		if b.End.Happened() && b.End.At <= pic.end() {
			pic.word(row, b.End.At, roleClient, t.stopWord(b))
		}
	}
	p.add(row)
}

// stillOf lists when a client's process stood still.
func (t *Timeline) stillOf(n model.NodeID) []Span {
	var still []Span
	for _, turn := range t.turns[int(n)-t.servers()] {
		switch k := len(still) - 1; turn.What {
		case TurnPaused:
			still = append(still, Span{Exists: true, Open: true, From: turn.At, To: t.End})
		case TurnResumed:
			if k >= 0 {
				still[k].Open, still[k].To = false, turn.At
			}
		}
	}
	return still
}

// stopWord says what ended a belief, as lanes draw it.
func (t *Timeline) stopWord(b *Belief) string {
	if library := t.Scenario.libraryOf(b.Client); library != nil {
		return library.Brief(b.Why)
	}
	return b.Why
}

// lockRows adds what the owners of the story's lock do to the table.
func (tb *table) lockRows() {
	for _, l := range tb.t.Locks {
		if l.Path != tb.s.Path {
			continue
		}
		for i, b := range l.Beliefs {
			tb.beliefRows(l, i, b)
		}
	}
}

func (tb *table) beliefRows(l *Lock, i int, b *Belief) {
	t := tb.t
	say := func(m Moment, own, others, rule string) {
		row := tableRow{record: m, lane: laneOthers, text: t.who(b.Client) + " " + others, rule: rule, times: 1}
		if b.Client == tb.s.Client {
			row.lane, row.text = laneClient, own
		}
		tb.rows = append(tb.rows, row)
	}
	if b.End.Happened() && b.Why != "killed" {
		say(b.End, "STOPS acting as owner", "stops", "A-5")
	}
	for _, before := range l.Beliefs[:i] {
		if before.Client == b.Client && before.Session == b.Session {
			say(b.Begin, "acts as owner again", "owns again", "A-5")
			break
		}
	}
	if b.OldToken.Happened() {
		what := "is refused: old token"
		if b.Stale > 0 {
			what = "is ACCEPTED: old token"
		}
		say(b.OldToken, "its act "+what, "'s act "+what, "A-6")
		if row := &tb.rows[len(tb.rows)-1]; row.lane == laneOthers {
			row.text = strings.Replace(row.text, " 's", "'s", 1)
		}
	}
}

// locks sums up each lock: how it is owned, for how long two believed to own it or
// nobody rightly did, and what they did at the resource.
func (t *Timeline) locks(p *page) {
	for _, l := range t.shownLocks() {
		p.blank()
		p.text(" lock          ", "               ", singleWidth(l.Path)+t.lockTerms(l))
		t.overlaps(p, l)
		t.vacancies(p, l)
		t.acts(p, l)
	}
}

// lockTerms says by which recipe a lock is owned and by which policies.
func (t *Timeline) lockTerms(l *Lock) string {
	terms := ", one ephemeral node"
	if l.Recipe == model.RecipeSequence {
		terms = ", sequential nodes"
	}
	var parts []string
	for stops := range stopsWords {
		var who []string
		word := ""
		for i := range t.Scenario.Clients {
			c := &t.Scenario.Clients[i]
			if c.Owns != l.Path || c.StopsOn() != model.Stops(stops) {
				continue
			}
			who = append(who, singleWidth(c.Name))
			switch {
			case c.Library == nil:
			case model.Stops(stops) == model.StopsOnDisconnected:
				word = either2(word, c.Library.Word(model.MeansLost))
			case model.Stops(stops) == model.StopsOnExpired:
				word = either2(word, c.Library.Word(model.MeansExpired))
			}
		}
		switch verb := verbFor(len(who), "stops", "stop"); {
		case len(who) == 0:
		case model.Stops(stops) == model.StopsNever:
			parts = append(parts, fmt.Sprintf("%s never %s", list(who), verb))
		default:
			parts = append(parts, fmt.Sprintf("%s %s on %s", list(who), verb, word))
		}
	}
	return terms + "; " + strings.Join(parts, "; ")
}

func verbFor(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// either2 joins the words of different libraries for the same.
func either2(a, b string) string {
	if a == "" || a == b {
		return b
	}
	if slices.Contains(strings.Split(a, "/"), b) {
		return a
	}
	return a + "/" + b
}

// lockLine writes one line of a lock's summary.
func (t *Timeline) lockLine(p *page, name, value string, ro role, remark string) {
	unit := " s"
	if value == "none" {
		unit = "  "
	}
	p.textIn(ro, " "+padRight(name, 13)+padLeft(value, 8)+unit+"   ", strings.Repeat(" ", 27), remark)
}

func (t *Timeline) overlaps(p *page, l *Lock) {
	if len(l.Overlaps) == 0 {
		t.lockLine(p, "overlap", "none", roleGap, "never two who believed to own it")
	}
	name := "overlap"
	for i := range l.Overlaps {
		if i == maxLockTimes {
			t.lockLine(p, "", seconds(t.sum(len(l.Overlaps)-i, func(k int) Span { return l.Overlaps[i+k].Span })), roleGap, fmt.Sprintf("in %d more", len(l.Overlaps)-i))
			break
		}
		o := &l.Overlaps[i]
		var who []string
		for _, n := range o.Clients {
			who = append(who, t.who(n))
		}
		remark := fmt.Sprintf("%s believed to own it, %s to %s", list(who), t.instant(o.From), t.until(o.Span))
		length := t.millis(o.To) - t.millis(o.From)
		if o.Still > 0 {
			length -= o.Still.Milliseconds()
			remark += fmt.Sprintf("; %s s of that, in which one of them stood still, not counted", inSeconds(o.Still))
		}
		t.lockLine(p, name, seconds(length), roleGap, remark)
		name = ""
	}
}

// until is the end of a span, or that it has none.
func (t *Timeline) until(s Span) string {
	if s.Open {
		return "the end of the run"
	}
	return t.instant(s.To) + " s"
}

func (t *Timeline) sum(n int, span func(int) Span) int64 {
	total := int64(0)
	for i := range n {
		s := span(i)
		total += t.millis(s.To) - t.millis(s.From)
	}
	return total
}

func (t *Timeline) vacancies(p *page, l *Lock) {
	// What is shorter than can be printed is left out.
	vacant := slices.DeleteFunc(slices.Clone(l.Vacant), func(v Vacancy) bool { return t.millis(v.From) == t.millis(v.To) })
	if len(vacant) == 0 {
		t.lockLine(p, "vacancy", "none", roleCluster, "whoever's node was in first place acted as owner")
	}
	name := "vacancy"
	for i := range vacant {
		v := &vacant[i]
		if i == maxLockTimes {
			t.lockLine(p, "", seconds(t.sum(len(vacant)-i, func(k int) Span { return vacant[i+k].Span })), roleCluster, fmt.Sprintf("in %d more", len(vacant)-i))
			break
		}
		why := "nobody's node"
		switch {
		case v.Node && v.Holder == model.NoNode:
			why = "the node of a session that no client has"
		case v.Node:
			why = fmt.Sprintf("%s's node, and %s does not act as owner", t.who(v.Holder), t.who(v.Holder))
		}
		t.lockLine(p, name, t.length(v.Span), roleCluster, fmt.Sprintf("%s to %s: %s", t.instant(v.From), t.until(v.Span), why))
		name = ""
	}
}

// acts says what the owners did at the resource.
func (t *Timeline) acts(p *page, l *Lock) {
	name := "acts"
	for _, n := range l.owners() {
		sum := Belief{resource: model.NoNode}
		for _, b := range l.Beliefs {
			if b.Client == n {
				sum.Acts, sum.Accepted, sum.Stale, sum.Refused, sum.Lost = sum.Acts+b.Acts, sum.Accepted+b.Accepted, sum.Stale+b.Stale, sum.Refused+b.Refused, sum.Lost+b.Lost
				sum.resource = max(sum.resource, b.resource)
			}
		}
		if sum.Acts == 0 {
			continue
		}
		words := fmt.Sprintf("%s: %d at %s, %d accepted", t.who(n), sum.Acts, t.who(sum.resource), sum.Accepted)
		if sum.Stale > 0 {
			words += fmt.Sprintf(", %d of them after a later owner's", sum.Stale)
		}
		if sum.Refused > 0 {
			words += fmt.Sprintf(", %d refused", sum.Refused)
		}
		if sum.Lost > 0 {
			words += fmt.Sprintf(", %d lost", sum.Lost)
		}
		p.text(" "+padRight(name, 13)+strings.Repeat(" ", 13), strings.Repeat(" ", 27), words)
		name = ""
	}
}

// lockWindow is what the picture must show of locks: what a fault can have made, the
// ends of overlaps, the next owners and acts with an old token.
func (t *Timeline) lockWindow(see func(at clock.Instant)) {
	if len(t.Faults) == 0 {
		return
	}
	for _, l := range t.shownLocks() {
		for i := range l.Overlaps {
			if o := &l.Overlaps[i]; o.From >= t.Faults[0].Begin.At && !o.Open {
				see(o.To)
			}
		}
		for i, b := range l.Beliefs {
			if i < maxOwnerRows && b.Begin.At >= t.Faults[0].Begin.At {
				see(b.Begin.At)
			}
			if b.OldToken.Happened() && b.OldToken.At >= t.Faults[0].Begin.At {
				see(b.OldToken.At)
			}
		}
	}
}
