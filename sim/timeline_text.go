package sim

import (
	"fmt"
	"io"
	"strings"

	"zksim/model"
)

// Widths of the text form, in columns.
const (
	// MinTextWidth is the least that the text form needs. A narrower terminal gets
	// lines of this width.
	MinTextWidth = 60
	// MaxTextWidth is the most that it uses.
	MaxTextWidth = 100
	// wideFrom is where the table has room for one column for each party.
	wideFrom = 88
)

// Detail says how much of a timeline is written.
type Detail uint8

const (
	// DetailFull is everything.
	DetailFull Detail = iota
	// DetailBrief leaves out the table of instants.
	DetailBrief
	// DetailPicture is the picture and the verdict alone: what [WritePlan] does not say.
	DetailPicture
)

// TextOptions say how a timeline is written for people.
type TextOptions struct {
	Width  int    // columns; 0 means MaxTextWidth
	ASCII  bool   // nothing beyond ASCII
	Color  bool   // ANSI colours; the text says it all without
	Client string // whose story is drawn; empty: see [Timeline.Select]
	Detail Detail
	Next   string // a command to go on with, added to the last line where it fits
}

func (o TextOptions) width() int {
	if o.Width == 0 {
		return MaxTextWidth
	}
	return min(max(o.Width, MinTextWidth), MaxTextWidth)
}

// WriteText writes a timeline for people: header, picture, table of instants,
// intervals and verdict. No line is longer than the width, and the same timeline
// gives the same text.
func WriteText(w io.Writer, t *Timeline, opts TextOptions) error {
	s, err := t.Select(opts.Client)
	if err != nil {
		return err
	}
	p := newPage(opts)
	if opts.Detail != DetailPicture {
		t.header(p, s, true)
		if s != nil {
			p.blank()
		}
	}
	if s != nil {
		t.picture(p, s)
		if opts.Detail == DetailFull {
			p.blank()
			t.table(p, s)
		}
		if opts.Detail != DetailPicture {
			p.blank()
			t.intervals(p, s)
		}
	}
	if opts.Detail != DetailPicture {
		t.locks(p)
		t.others(p, s)
	}
	p.blank()
	t.verdict(p, s)
	t.last(p, opts.Next)
	return p.flush(w)
}

// header says what was run: ensemble, client, session, fault; and, if that is wanted, who
// led later.
func (t *Timeline) header(p *page, s *Story, whole bool) {
	if t.Scenario.Title != "" {
		p.text(" ", " ", t.Scenario.Title)
		p.blank()
	}
	e := &t.Scenario.Ensemble
	servers := fmt.Sprintf("%d, tick %s s, syncLimit %d", e.Servers, inSeconds(e.Tick), e.SyncLimit)
	if e.Servers == 1 && e.Observers == 0 {
		servers = fmt.Sprintf("1, standalone, tick %s s", inSeconds(e.Tick))
	} else if e.Observers > 0 {
		servers = fmt.Sprintf("%d and %s, tick %s s, syncLimit %d", e.Servers, count(e.Observers, "observer"), inSeconds(e.Tick), e.SyncLimit)
	}
	facts := [][2]string{{"servers", servers}}
	if s != nil && s.Client != model.NoNode {
		spec := t.clientSpec(s.Client)
		facts = append(facts,
			[2]string{"client", fmt.Sprintf("%s: %s, %s, on %s", t.who(s.Client), libraryWords(spec), count(t.addresses(spec), "address"), t.who(s.Server))},
			[2]string{"session", fmt.Sprintf("%#x, timeout %s s", uint64(s.Session), inSeconds(s.Timeout))})
	} else {
		facts = append(facts, [2]string{"client", "none ever had a session"})
	}
	if t.servers() > 1 {
		facts = append(facts, [2]string{"leader", t.leading()})
	}
	p.facts(facts)
	if later := t.later(); whole && later != "" {
		p.text(" then     ", "          ", later)
	}
	sentences := t.faultSentences()
	for i, sentence := range sentences {
		if i == maxFaultRows {
			p.text(" fault    ", "          ", fmt.Sprintf("and %d more", len(sentences)-i))
			break
		}
		p.text(" fault    ", "          ", sentence)
	}
	switch {
	case len(t.Faults) > 0 && t.Origin > 0:
		p.text(" zero     ", "          ", fmt.Sprintf("0 = first fault, %s s into the run", seconds(roundMillis(t.Origin.Sub(0)))))
	case len(t.Faults) > 0:
		p.text(" zero     ", "          ", "0 = first fault, at the start of the run")
	case len(sentences) > 0:
		p.text(" zero     ", "          ", "0 = start of the run")
	default:
		p.text(" fault    ", "          ", "none; 0 = start of the run")
	}
}

// maxFaultRows bounds the faults that are named and drawn one by one.
const maxFaultRows = 4

// list joins words as a sentence does.
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return "nobody"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "s") {
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// word is what a client's library calls an event with a meaning. The Java client's
// word stands in where the library has none.
func (t *Timeline) word(n model.NodeID, m model.Meaning) string {
	for _, library := range []*model.Library{t.Scenario.libraryOf(n), &model.Libraries[0]} {
		if library == nil {
			continue
		}
		if word := library.Word(m); word != "" {
			return word
		}
	}
	return ""
}

// libraryWords name a client's library with its version, and what that stands on.
func libraryWords(spec *Client) string {
	if spec.Library == nil {
		return spec.Version
	}
	words := spec.Library.Title() + " " + spec.Version
	if spec.Under != nil {
		words += " on " + spec.Under.Title() + " " + spec.UnderVersion
	}
	return words
}

// addresses is how many servers a client knows of.
func (t *Timeline) addresses(spec *Client) int {
	if n := len(spec.Servers); n > 0 {
		return n
	}
	return t.servers()
}

// clientSpec is the scenario's description of a client.
func (t *Timeline) clientSpec(n model.NodeID) *Client {
	i := int(n) - t.servers()
	for k := range t.Scenario.Clients {
		c := &t.Scenario.Clients[k]
		if i < c.size() {
			return c
		}
		i -= c.size()
	}
	return &Client{}
}

// who is a node's name in a sentence: server 1, worker.
func (t *Timeline) who(n model.NodeID) string {
	switch {
	case n < 0 || int(n) >= len(t.Nodes):
		return "no server"
	case int(n) < t.servers():
		return fmt.Sprintf("server %d", n+1)
	}
	return singleWidth(t.Nodes[n])
}

// whose names the client of a story, and which of its sessions, if a new process
// has made another one.
func (t *Timeline) whose(s *Story) string {
	if s.Nth > 1 {
		return fmt.Sprintf("%s (session %d)", t.who(s.Client), s.Nth)
	}
	return t.who(s.Client)
}

// whoAt is whose with a session's number for a client at a moment.
func (t *Timeline) whoAt(m Moment) string {
	if int(m.Node) < t.servers() {
		return t.who(m.Node)
	}
	var latest *Story
	for _, s := range t.Stories {
		if s.Client == m.Node && s.Up.Happened() && s.Up.Record <= m.Record && (latest == nil || s.Up.Record > latest.Up.Record) {
			latest = s
		}
	}
	if latest == nil {
		return t.who(m.Node)
	}
	return t.whose(latest)
}

// verdict is the finding in one or two sentences.
func (t *Timeline) verdict(p *page, s *Story) {
	if t.Stopped != "" {
		p.text(" ", " ", fmt.Sprintf("The run stopped at %s s, before its end: %s.", t.instant(t.End), t.Stopped))
	}
	p.text(" ", " ", t.finding(s))
	if t.Missing > 0 {
		p.text(" ", " ", fmt.Sprintf("The table is not complete: it shows what the first %d records for it say; the %d later ones are left out. The other parts are complete.", len(t.Kept), t.Missing))
	}
}

func (t *Timeline) finding(s *Story) string {
	if s == nil {
		return "No client ever had a session."
	}
	end := t.instant(t.End)
	switch s.Verdict {
	case VerdictLearned:
		how := ""
		if s.Expired.Happened() && s.LocalExpiry.Happened() && !s.Refused.Happened() {
			how = ", and not from the cluster: its library gave up by itself"
		}
		return fmt.Sprintf("The cluster expired the session at %s s. The client learned it at %s s, %s s later%s.",
			t.instant(s.Marked.At), t.instant(s.told().At), t.length(s.Gap), how)
	case VerdictNeverLearned:
		return fmt.Sprintf("The cluster expired the session at %s s. The client did not learn it within the run, which ends at %s s.", t.instant(s.Marked.At), end)
	case VerdictDead:
		return fmt.Sprintf("The cluster expired the session at %s s. The client never learns: it is dead.", t.instant(s.Marked.At))
	case VerdictGaveUp:
		told := fmt.Sprintf("The client was told %s at %s s%s.", t.toldWord(s), t.instant(s.told().At), t.misjudged(s))
		if s.Marked.Happened() {
			return told + fmt.Sprintf(" The cluster held the session until %s s, %s s longer.", t.instant(s.Marked.At), t.length(s.Orphan))
		}
		if t.forGood() {
			return told + " " + t.onlyLogged()
		}
		return told + fmt.Sprintf(" The cluster still holds the session when the run ends, at %s s.", end)
	case VerdictDeadHeld:
		if t.forGood() {
			return fmt.Sprintf("The client died at %s s. ", t.instant(s.Killed.At)) + t.onlyLogged()
		}
		return fmt.Sprintf("The client died at %s s. The cluster still holds the session when the run ends, at %s s.", t.instant(s.Killed.At), end)
	case VerdictLeft:
		left := fmt.Sprintf("The session was made on a read-only server; the client went on with another one at %s s.", t.instant(s.Left.At))
		if s.Marked.Happened() {
			return left + fmt.Sprintf(" The cluster ended it at %s s.", t.instant(s.Marked.At))
		}
		return left
	case VerdictClosed:
		return fmt.Sprintf("The client closed the session; the cluster ended it at %s s.", t.instant(s.Committed.At))
	}
	pending := s.pending()
	switch {
	case pending != nil:
		return fmt.Sprintf("%s marked the session at %s s. Whether that takes effect is undecided when the run ends, at %s s.", capital(t.who(pending.Node)), t.instant(pending.At), end)
	case t.forGood():
		return t.onlyLogged()
	case !s.Eventful:
		return "Nothing happens to the session."
	case s.Saving.Happened() && s.Margin < 0:
		return fmt.Sprintf("The session survived. The touch of %s s came %s s after the edge, just before the expiry loop.", t.instant(s.Saving.At), seconds(roundMillis(-s.Margin)))
	case s.Saving.Happened() && (!s.Saving.Message.Happened() || s.Saved.Message.Record != s.Saving.Message.Record):
		return fmt.Sprintf("The session survived. At the closest, the touch of %s s came %s s before the deadline.", t.instant(s.Saving.At), seconds(roundMillis(s.Margin)))
	}
	return "The session survived."
}

// last is how to get the same run again, and the fingerprint that shows that one
// did.
func (t *Timeline) last(p *page, next string) {
	line := fmt.Sprintf(" seed %d", t.Seed)
	if t.Run > 0 {
		line += fmt.Sprintf(" · run %d", t.Run)
	}
	line += " · digest " + ShortDigest(t.Digest)
	if more := line + " · next: " + singleWidth(next); next != "" && columns(more) <= p.width {
		line = more
	}
	p.line(roleNone, line)
}

// ShortDigest is the form in which people compare digests: eight hexadecimal
// digits.
func ShortDigest(d uint64) string { return fmt.Sprintf("%08x", d>>32) }
