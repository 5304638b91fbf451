package plots

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zksim/clock"
	"zksim/sim"
)

// at is an instant of a fixed story, in nanoseconds of a run whose fault begins at 12 s.
func at(seconds float64) int64 { return int64(12e9) + int64(seconds*1e9) }

// toldStory is a story given here, so that a golden image changes only when the drawing
// does: cut at 0, told Disconnected at 4.8, marked at 9.8, healed at 16.6, told Expired at
// 17.1, all later by so many seconds.
func toldStory(client string, by float64) *sim.Picture {
	bar := func(from, to float64, state, words string, short ...string) sim.Bar {
		return sim.Bar{FromNS: at(from), ToNS: at(to), State: state, Words: words, Short: short}
	}
	on := func(b sim.Bar, server, role string) sim.Bar { b.Server, b.Role = server, role; return b }
	gap := bar(9.8+by, 17.1+by, "gap", "still only Disconnected", "still Disconnected", "not told")
	gap.Told = "disconnected"
	length := func(kind string, from, to float64, words, role string) sim.Bracket {
		return sim.Bracket{Kind: kind, FromNS: at(from), ToNS: at(to), LengthNS: at(to) - at(from), Words: words, Role: role}
	}
	instant := func(s float64, what, lane, words, rule string, rank int, role string) sim.Instant {
		return sim.Instant{AtNS: at(s), What: what, Lane: lane, Words: words, Rule: rule, Rank: rank, Role: role, Record: uint64(at(s) / 1e6)}
	}
	return &sim.Picture{
		Scenario: "fixed", Headline: "The cluster expired the session at 9.800 s. The client learned it at 17.100 s, 7.300 s later.",
		Client: client, Session: "0x1", TimeoutNS: 10e9, Library: "Java 3.8.0", Server: "server 1", Servers: 3, TickNS: 2e9, Seed: "1", Digest: "01234567",
		Facts:    []string{"worker cut off silently from all servers, 0.000 to 16.600 s"},
		OriginNS: at(0), FromNS: at(-3), ToNS: at(20 + by), EndNS: at(30 + by),
		Faults:   []sim.FaultBar{{Bar: bar(0, 16.6, "partition", "worker reaches no server", "cut off", "cut"), Kind: "partition"}},
		Process:  []sim.Bar{bar(-12, 30+by, "running", "runs")},
		Belief:   []sim.Bar{bar(-12, 4.8+by, "connected", "Connected"), bar(4.8+by, 9.8+by, "disconnected", "Disconnected"), gap, bar(17.1+by, 30+by, "expired", "Expired")},
		Attempts: []sim.Attempt{{FromNS: at(5.1 + by), ToNS: at(8.4 + by), Server: "server 2", Outcome: "unanswered"}, {FromNS: at(17 + by), ToNS: at(17.1 + by), Server: "server 3", Outcome: "expired"}},
		Attached: []sim.Bar{on(bar(-12, 4.8+by, "attached", "attached to server 1", "server 1"), "server 1", "follower"), on(bar(4.8+by, 9.8+by, "half-open", "still open at server 1", "still open"), "server 1", "follower")},
		Tracker:  []sim.Bar{bar(-12, 9.8+by, "alive", "session alive", "alive"), bar(9.8+by, 30+by, "ended", "ended")},
		Touches:  []sim.PictureTouch{{AtNS: at(-1.9 + by), TimeoutNS: 10e9, SumNS: at(8.1 + by), DeadlineNS: at(9.8 + by), Use: "counts", By: "learner", Rule: "T-18"}},
		Edges:    []int64{at(-2.2 + by), at(-0.2 + by), at(1.8 + by), at(3.8 + by), at(5.8 + by), at(7.8 + by), at(9.8 + by), at(11.8 + by)},
		Others:   []sim.Bar{bar(-12, 9.81+by, "there", "/lock is there", "node is there", "there"), bar(9.81+by, 30+by, "gone", "/lock gone", "gone")},
		Brackets: []sim.Bracket{length("detection", 0, 9.8+by, "detection 9.800 s", "cluster"), length("knowledge_gap", 9.8+by, 17.1+by, "knowledge gap 7.300 s", "gap"),
			length("warning", 4.8+by, 9.8+by, "warning 5.000 s", "client"), length("zombie_waits", 9.81+by, 17.1+by, "zombie, if it waits for Expired: 7.290 s", "gap")},
		Instants: []sim.Instant{instant(0, "fault", "fault", "network cut", "W-1", 5, "fault"), instant(4.8+by, "disconnected", "belief", "client: Disconnected", "C-13", 3, "client"),
			instant(9.8+by, "marked", "tracker", "cluster expires it", "T-9", 1, "cluster"), instant(9.81+by, "committed", "tracker", "end committed", "Z-4", 9, "cluster"),
			instant(16.6, "heal", "fault", "healed", "W-1", 6, "fault"), instant(17.09+by, "refused", "attached", "server 3 refuses to resume", "V-5", 9, "cluster"), instant(17.1+by, "expired", "belief", "client: Expired", "C-30", 2, "gap")},
		Messages: []sim.Message{{Kind: "ping", From: "belief", To: "attached", SentNS: at(-2), ArrivedNS: at(-1.99), Counts: true}, {Kind: "ping_reply", From: "attached", To: "belief", SentNS: at(-1.99), ArrivedNS: at(-1.98)},
			{Kind: "report", From: "attached", To: "tracker", SentNS: at(-1.92), ArrivedNS: at(-1.9), Counts: true}, {Kind: "ping", From: "belief", To: "attached", SentNS: at(1.4), Lost: true}, {Kind: "leader_ping", From: "tracker", To: "attached", SentNS: at(2), Lost: true}},
	}
}

// told is so many stories of one run, each a little later than the one before.
func told(n int, label string) *timeline {
	t := &timeline{engine: "zksim test"}
	for i := range n {
		name := label
		if n > 1 {
			name += fmt.Sprint(i)
		}
		t.stories = append(t.stories, toldStory(name, float64(i)*0.7))
	}
	return t
}

func toldWithMessages() *timeline {
	t := told(1, "worker")
	t.messages = true
	return t
}

// untold is a run in which nothing happens.
func untold() *timeline {
	s := toldStory("worker", 0)
	s.Headline, s.Facts, s.Faults, s.Instants, s.Brackets, s.Attempts, s.Messages, s.Others, s.OriginNS = "Nothing happens to the session.", nil, nil, nil, nil, nil, nil, nil, 0
	s.Belief, s.Attached, s.Tracker, s.Touches = s.Belief[:1], s.Attached[:1], s.Tracker[:1], nil
	for _, b := range []*sim.Bar{&s.Belief[0], &s.Attached[0], &s.Tracker[0]} {
		b.ToNS, b.Open = s.EndNS, true
	}
	return &timeline{stories: []*sim.Picture{s}, engine: "zksim test"}
}

// orphaned is a story of which the client was told first, with a change of the leader, a
// pause, another owner, and a mark in vain.
func orphaned() *timeline {
	s := toldStory("worker", 0)
	s.Headline = "The client was told Expired at 7.000 s. The cluster held the session until 9.800 s, 2.800 s longer."
	s.Belief = []sim.Bar{s.Belief[0], s.Belief[1], s.Belief[3]}
	s.Belief[1].ToNS, s.Belief[2].FromNS = at(7), at(7)
	s.Process = []sim.Bar{{FromNS: 0, ToNS: at(1), State: "running", Words: "runs"}, {FromNS: at(1), ToNS: at(4), State: "paused", Words: "stands still"}, {FromNS: at(4), ToNS: s.EndNS, State: "running", Words: "runs"}}
	s.Tracker = []sim.Bar{{FromNS: 0, ToNS: at(3), State: "alive", Words: "session alive", Short: []string{"alive"}}, {FromNS: at(3), ToNS: at(5), State: "nobody", Words: "no leader: nothing expires", Short: []string{"no leader"}},
		{FromNS: at(5), ToNS: at(7), State: "alive", Words: "session alive", Short: []string{"alive"}}, {FromNS: at(7), ToNS: at(9.8), State: "orphan", Words: "orphan: held for nobody", Short: []string{"orphan"}}, s.Tracker[1]}
	s.Leaders = []sim.Bar{{FromNS: 0, ToNS: at(3), State: "alive", Words: "server 3", Short: []string{"3"}}, {FromNS: at(3), ToNS: at(5), State: "nobody", Words: "none", Short: []string{"no"}}, {FromNS: at(5), ToNS: s.EndNS, State: "alive", Words: "server 2", Short: []string{"2"}}}
	s.Others[1].ToNS = at(12)
	s.Others = append(s.Others, sim.Bar{FromNS: at(12), ToNS: s.EndNS, State: "taken", Words: "heir has it", Short: []string{"heir"}, Open: true})
	s.Brackets = []sim.Bracket{s.Brackets[0], {Kind: "orphan", FromNS: at(7), ToNS: at(9.8), LengthNS: 28e8, Words: "orphan 2.800 s", Role: "cluster"}, s.Brackets[2]}
	s.Instants = append(s.Instants[:4:4], sim.Instant{AtNS: at(2), What: "vain", Lane: "tracker", Words: "server 3 expires it in vain", Rule: "F-9", Rank: 4, Role: "cluster", Record: 99},
		sim.Instant{AtNS: at(7), What: "expired", Lane: "belief", Words: "client: Expired", Rule: "C-20", Rank: 2, Role: "client", Record: 98})
	return &timeline{stories: []*sim.Picture{s}, engine: "zksim test"}
}

// played is the timeline of an embedded scenario, played once for all tests.
func played(t *testing.T, name string) *sim.Timeline {
	t.Helper()
	if run := runs[name]; run != nil {
		return run
	}
	e, _ := sim.FindEmbedded(name)
	s, err := sim.ReadScenario(name+".yaml", e.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := sim.NewCollector(s)
	c.KeepMessages()
	w, err := sim.New(s, s.Seed, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	runs[name] = c.Timeline(w, sum)
	return runs[name]
}

var runs = map[string]*sim.Timeline{}

// pictures are the stories of some clients of a timeline.
func pictures(t *testing.T, run *sim.Timeline, clients ...string) *timeline {
	t.Helper()
	d := &timeline{engine: "zksim test"}
	for _, client := range clients {
		p, err := run.Picture(client)
		if err != nil {
			t.Fatal(err)
		}
		if p.Client != "" {
			d.stories = append(d.stories, p)
		}
	}
	return d
}

// TestNoTextOfATimelineStandsOnOtherText draws every scenario that comes with zksim at
// every size, with and without messages, and one stack of each that has several clients.
func TestNoTextOfATimelineStandsOnOtherText(t *testing.T) {
	for _, e := range sim.Embedded() {
		run := played(t, e.Name)
		one := pictures(t, run, "")
		loud := *one
		loud.messages = true
		drawings := map[string]*timeline{"": one, " with messages": &loud}
		var names []string
		for _, s := range run.Stories {
			if s.Name != "" && len(names) < 12 {
				names = append(names, s.Name)
			}
		}
		if stack := pictures(t, run, names...); len(stack.stories) > 1 {
			drawings[" stacked"] = stack
		}
		for what, d := range drawings {
			for _, size := range Sizes() {
				if size == "slide" && what != "" {
					continue // of the same lanes
				}
				checkTexts(t, e.Name+what+", "+size, d, Look{"light", size})
			}
		}
	}
}

// plated are words that stand on a plate of their own, which interrupts a line behind
// them; those inside of bars do too.
var plated = regexp.MustCompile(`timeout$|^touch \+|^tracked afresh|^\+ [0-9.]+.s$`)

// checkTexts draws a timeline and wants every text on the page, on no other text, and
// crossed by no line of an instant or a message.
func checkTexts(t *testing.T, name string, d *timeline, look Look) {
	t.Helper()
	p := blankPage(t, d, look)
	f, _ := d.fit(p)
	f.dress(p)
	c, _ := d.lay(p, f.terse)
	for i, a := range p.written {
		if a.left < 0 || a.right > p.width+0.01 || a.top < 0 || a.bottom > p.height {
			t.Errorf("%s: %q leaves the page", name, a.words)
		}
		for _, b := range p.written[:i] {
			if a.box.meets(b.box) {
				t.Errorf("%s: %q stands on %q", name, a.words, b.words)
			}
		}
		in := slices.ContainsFunc(p.taken, func(b box) bool {
			return b.left <= a.left && a.right <= b.right && b.top <= a.top && a.bottom <= b.bottom && b.bottom-b.top > a.bottom-a.top+0.1
		})
		// Lanes' names above the lanes, and lengths in one line with their words, have plates.
		if in || c.above || len(d.stories) > 1 || plated.MatchString(a.words) {
			continue
		}
		for _, u := range c.uprights {
			if a.left+0.2 < u.x && u.x < a.right-0.2 && u.top < a.bottom-0.2 && a.top+0.2 < u.bottom {
				t.Errorf("%s: a line crosses %q", name, a.words)
			}
		}
	}
}

// TestLongNamesAreCut: of a client, of a node, of what was done to whom.
func TestLongNamesAreCut(t *testing.T) {
	long := func(words string) string {
		return words + strings.Repeat(" of-a-very-long-name-that-nobody-would-choose", 3)
	}
	for _, n := range []int{1, 3} {
		d := told(n, long("client"))
		for _, s := range d.stories {
			s.Headline, s.Library, s.Server = long(s.Headline), long(s.Library), long("server 1")
			s.Facts[0] = long(s.Facts[0])
			s.Faults[0].Words, s.Others[0].Words, s.Others[1].Words = long("worker"), long("/lock is there"), long("/lock gone")
			for i := range s.Instants {
				s.Instants[i].Words = long(s.Instants[i].Words)
			}
			for i := range s.Attached {
				s.Attached[i].Server = long("server 1")
			}
		}
		for _, size := range Sizes() {
			checkTexts(t, fmt.Sprintf("%d, %s", n, size), d, Look{"light", size})
		}
	}
}

// blankPage is a page on which nothing is seen, and texts are remembered all the same.
func blankPage(t *testing.T, d drawing, look Look) *page {
	t.Helper()
	p, err := pageFor(d, look, "svg")
	if err != nil {
		t.Fatal(err)
	}
	p.canvas = blankCanvas{}
	return p
}

// TestTheInstantsOfATimelineAreOnIt: of every scenario the weightiest instants stand on the
// figure, with their time, and every length under its name.
func TestTheInstantsOfATimelineAreOnIt(t *testing.T) {
	for _, e := range sim.Embedded() {
		d := pictures(t, played(t, e.Name), "")
		s := d.stories[0]
		p := blankPage(t, d, Look{"light", "double"})
		d.draw(p)
		var all []string
		for _, w := range p.written {
			all = append(all, w.words)
		}
		text := strings.ReplaceAll(strings.Join(all, "|")+"|", "\u00a0", " ")
		c := &chart{origin: s.OriginNS}
		weighty := 0
		for _, in := range s.Instants {
			if in.Rank <= 3 && weighty < railMost {
				weighty++
				if want := strings.ReplaceAll(c.since(in.AtNS), "\u00a0", " ") + "|" + in.Words + "|"; !strings.Contains(text, want) {
					t.Errorf("%s: nothing says %q: %s", e.Name, want, text)
				}
			}
		}
		for _, b := range s.Brackets {
			if b.Kind != "mark" && !strings.Contains(text, b.Words+"|") {
				t.Errorf("%s: nothing says %q", e.Name, b.Words)
			}
		}
	}
}

// TestASlideHasTheShapeOfOne: whatever it shows; the other pages are as tall as it takes.
func TestASlideHasTheShapeOfOne(t *testing.T) {
	for _, e := range sim.Embedded() {
		d := pictures(t, played(t, e.Name), "")
		if p := blankPage(t, d, Look{"light", "slide"}); p.height > sizeOf("slide").height*1.35 {
			t.Errorf("%s: a slide of %.0f by %.0f points", e.Name, p.width, p.height)
		}
		if a, b := blankPage(t, d, Look{"light", "single"}), blankPage(t, d, Look{"light", "double"}); a.height <= b.height {
			t.Errorf("%s: %.0f points tall in one column, %.0f in two", e.Name, a.height, b.height)
		}
	}
	one, three := blankPage(t, told(1, "a"), Look{"light", "double"}), blankPage(t, told(12, "a"), Look{"light", "double"})
	if three.height <= one.height {
		t.Errorf("twelve stories are %.0f points tall, one %.0f", three.height, one.height)
	}
}

func TestATimelineOfNothingIsRefused(t *testing.T) {
	for _, tc := range []struct {
		stories []*sim.Picture
		want    string
	}{
		{nil, "no story"},
		{[]*sim.Picture{{}}, "no client ever had a session"},
		{make([]*sim.Picture, MaxStories+1), "at most"},
	} {
		if _, err := NewTimeline(tc.stories, "", false); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d stories: %v, want %q", len(tc.stories), err, tc.want)
		}
	}
	kind, err := FindKind("timeline")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Read(&Query{Input: "faq"}); err == nil {
		t.Error("a timeline was read as a table")
	}
	var b bytes.Buffer
	f, err := NewTimeline([]*sim.Picture{toldStory("worker", 0)}, "zksim test", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&b, Look{"light", "double"}, "svg"); err != nil || b.Len() == 0 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// TestPatternsTellStatesApartWithoutColour: bars of states that exclude each other on one
// lane differ in pattern, or in more than colour.
func TestPatternsTellStatesApartWithoutColour(t *testing.T) {
	p, err := newPage(Look{"light", "double"}, "svg")
	if err != nil {
		t.Fatal(err)
	}
	c := &chart{page: p}
	for _, lane := range [][]string{
		{"connected", "disconnected", "gap", "expired"}, {"alive", "orphan", "nobody", "closing"}, {"running", "paused", "dead"}, {"attached", "half-open", "paused"}, {"there", "nobody"},
	} {
		seen := map[pattern]string{}
		for _, state := range lane {
			f := c.fillOf(&sim.Bar{State: state})
			if other, twice := seen[f.pattern]; twice {
				t.Errorf("%s and %s have one pattern", state, other)
			}
			seen[f.pattern] = state
		}
	}
}
