package sim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// recordsOf keeps every record of a run.
type recordsOf []Record

func (k *recordsOf) Record(r *Record) { *k = append(*k, *r) }

// pictured plays an embedded scenario and gives its timeline, with messages, and all its
// records.
func pictured(t *testing.T, name string) (*Timeline, []Record) {
	t.Helper()
	e, ok := FindEmbedded(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	s, err := ReadScenario(name+".yaml", e.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return picturedScenario(t, s)
}

func picturedScenario(t *testing.T, s *Scenario) (*Timeline, []Record) {
	t.Helper()
	c, all := NewCollector(s), recordsOf{}
	c.KeepMessages()
	w := unwatched(t, s, s.Seed, c, &all)
	sum, err := w.Run(clock.Instant(s.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Timeline(w, sum), all
}

// TestBarsBeginWithWhatTheRulesSay: for each lane of some stories, the states one after
// another and, by the rules, the record that each begins with. Instants are those records'.
func TestBarsBeginWithWhatTheRulesSay(t *testing.T) { // T-9, Z-4, C-13, C-25, C-30, C-20, L-U3, G-1, F-15, F-16
	for _, tc := range []struct{ name, lane, want string }{
		// The network is cut, the session expires, the client learns it when it is back.
		{"faq", "belief", "connected told:SyncConnected, disconnected told:Disconnected, gap/disconnected marked_closing, expired told:Expired"},
		{"faq", "process", "running -"},
		{"faq", "attached", "attached told:SyncConnected, half-open told:Disconnected"},
		{"faq", "tracker", "alive session_tracked, closing marked_closing, ended committed"},
		{"faq", "others", "there holds, gone saw_deleted"},
		{"faq", "faults", "partition fault"},
		{"faq", "leaders", ""},
		// Its follower answers pings that no leader hears of.
		{"zombie", "belief", "connected told:SyncConnected, gap/connected marked_closing, gap/disconnected told:Disconnected, expired told:Expired"},
		{"zombie", "attached", "attached told:SyncConnected"},
		// The library gives up before the leader does.
		{"orphan", "belief", "connected told:SyncConnected, disconnected told:Disconnected, expired told:Expired"},
		{"orphan", "tracker", "alive session_tracked, orphan told:Expired, closing marked_closing, ended committed"},
		// A process that stands still believes what it believed.
		{"gc-pause", "process", "running -, paused paused, running resumed"},
		{"gc-pause", "belief", "connected told:SyncConnected, gap/connected marked_closing, gap/disconnected told:Disconnected, expired told:Expired"},
		// Curator's words; another client has the node at once.
		{"curator-460", "belief", "connected told:CONNECTED, disconnected told:SUSPENDED, gap/disconnected marked_closing, expired told:LOST"},
		{"curator-460", "others", "there holds, gone saw_deleted, taken holds"},
		{"two-owners", "process", "running -, paused paused, running resumed"},
		{"two-owners", "others", "there holds, gone saw_deleted, taken holds"},
		// The client is dead; a new leader gives its session the full timeout again.
		{"revived", "belief", "connected told:SyncConnected, dead killed"},
		{"revived", "process", "running -, dead killed"},
		{"revived", "tracker", "alive session_tracked, nobody killed, alive serving:leader, closing marked_closing, ended committed"},
		{"revived", "leaders", "alive serving:leader, nobody killed, alive serving:leader"},
		{"cut-off-follower", "belief", "connected told:SyncConnected, gap/connected marked_closing, gap/disconnected told:Disconnected, expired told:Expired"},
		// In time: it resumes.
		{"heal-in-time", "tracker", "alive session_tracked"},
		{"close", "belief", "connected told:SyncConnected, closed told:Closed"},
		{"close", "tracker", "alive session_tracked, closed committed"},
		{"event-thread", "process", "running -, deaf command:stop events, running command:run events"},
		// A dead process's kernel says so, which takes a moment.
		{"crash", "attached", "attached told:SyncConnected, half-open killed"},
	} {
		timeline, all := pictured(t, tc.name)
		p, err := timeline.Picture("")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		bars := map[string][]Bar{"belief": p.Belief, "process": p.Process, "attached": p.Attached, "tracker": p.Tracker, "others": p.Others, "leaders": p.Leaders}[tc.lane]
		if tc.lane == "faults" {
			for _, f := range p.Faults {
				bars = append(bars, f.Bar)
			}
		}
		for i, b := range bars {
			word := b.State
			if b.Told != "" {
				word += "/" + b.Told
			}
			if b.Record == 0 {
				got = append(got, word+" -")
				continue
			}
			r := &all[b.Record-1]
			if b.FromNS != int64(r.At) {
				t.Errorf("%s, %s, bar %d: begins at %d ns, its record at %d ns", tc.name, tc.lane, i, b.FromNS, r.At)
			}
			word += " " + KindOf(r.Kind).Name
			if r.Kind == model.KindTold || r.Kind == KindCommand || r.Kind == model.KindServing {
				word += ":" + r.Text
			}
			got = append(got, word)
		}
		if all := strings.Join(got, ", "); all != tc.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", tc.name, tc.lane, all, tc.want)
		}
	}
}

// TestTouchAndTimeoutAreRoundedUpToAnEdgeDrawn: the last touch, its timeout, the next edge
// of a bucket, the mark not before it (T-3, T-9).
func TestTouchAndTimeoutAreRoundedUpToAnEdgeDrawn(t *testing.T) {
	for _, name := range []string{"faq", "zombie", "orphan", "gc-pause", "revived", "cut-off-follower", "crash-leader"} {
		timeline, all := pictured(t, name)
		p, err := timeline.Picture("")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.Touches, func(touch PictureTouch) bool { return touch.Use == "counts" })
		if i < 0 {
			t.Fatalf("%s: no touch counts", name)
		}
		touch := &p.Touches[i]
		if k := all[touch.Record-1].Kind; k != model.KindTouch && k != model.KindRearmed {
			t.Errorf("%s: the touch's record is %s", name, KindOf(k).Name)
		}
		if touch.SumNS != touch.AtNS+touch.TimeoutNS || touch.DeadlineNS <= touch.SumNS || touch.DeadlineNS > touch.SumNS+p.TickNS+1e6 {
			t.Errorf("%s: touch %d, sum %d, deadline %d, tick %d", name, touch.AtNS, touch.SumNS, touch.DeadlineNS, p.TickNS)
		}
		if !slices.Contains(p.Edges, touch.DeadlineNS) {
			t.Errorf("%s: the deadline %d is no edge of %v", name, touch.DeadlineNS, p.Edges)
		}
		marked := slices.IndexFunc(p.Instants, func(i Instant) bool { return i.What == "marked" })
		if late := p.Instants[marked].AtNS - touch.DeadlineNS; late < 0 || late > 1e9 {
			t.Errorf("%s: marked %d ns after the deadline", name, late)
		}
	}
}

// TestMessagesArriveOrAreLost: of the FAQ's pings the last one before the cut counts, and
// the two after it are lost; of zombie's PINGs to the follower that is cut off, the first
// arrives when the kernel sends it again, and until then none does (W-1, T-17).
func TestMessagesArriveOrAreLost(t *testing.T) {
	kinds := func(name, kind string) (words []string) {
		timeline, all := pictured(t, name)
		p, err := timeline.Picture("")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range p.Messages {
			if m.Lost == (m.Arrival != 0) {
				t.Errorf("%s: %+v is both lost and arrived, or neither", name, m)
			}
			if !m.Lost && (int64(all[m.Arrival-1].At) != m.ArrivedNS || m.ArrivedNS < m.SentNS) {
				t.Errorf("%s: %+v arrived with record %d, at %d ns", name, m, m.Arrival, all[m.Arrival-1].At)
			}
			if m.Kind != kind {
				continue
			}
			word := "arrives"
			switch {
			case m.Lost:
				word = "lost"
			case m.ArrivedNS-m.SentNS > int64(time.Second):
				word = "late"
			}
			if m.Counts {
				word += ", counts"
			}
			words = append(words, word)
		}
		return words
	}
	expectWords(t, "faq's pings", kinds("faq", "ping"), "arrives, counts", "lost", "lost")
	expectWords(t, "faq's reports", kinds("faq", "report"), "arrives, counts")
	pings := kinds("zombie", "leader_ping")
	if len(pings) < 6 || pings[0] != "arrives" || pings[1] != "late" || slices.ContainsFunc(pings[2:], func(s string) bool { return s != "lost" }) {
		t.Errorf("zombie's PINGs: %v; want one that arrives, one late, all others lost", pings)
	}
}

// TestUnpicturableIsRefused wants the choices in the message, and a picture of the faults
// where no client had a session.
func TestUnpicturableIsRefused(t *testing.T) {
	timeline, _ := pictured(t, "faq")
	if _, err := timeline.Picture("nobody"); err == nil || !strings.Contains(err.Error(), "worker") {
		t.Errorf("error %v", err)
	}
	s := quietScenario(1, 5*time.Second)
	timeline, _ = picturedScenario(t, s)
	p, err := timeline.Picture("")
	if err != nil || p.Client != "" || p.Finding == "" || p.ToNS != int64(5*time.Second) {
		t.Errorf("picture %+v, error %v", p, err)
	}
}

var lengthRow = regexp.MustCompile(`(?m)^ (detection|warning|knowledge gap|orphan|zombie|) +(−?[0-9.]+) s   (.*)$`)

// checkPicture holds a picture against what is so in each, and against the text form.
func checkPicture(t testing.TB, timeline *Timeline, client string) {
	t.Helper()
	p, err := timeline.Picture(client)
	if err != nil {
		t.Fatal(err)
	}
	fail := func(format string, a ...any) {
		t.Helper()
		t.Fatalf("%s, client %q, seed %s: %s", p.Scenario, client, p.Seed, fmt.Sprintf(format, a...))
	}
	if p.FromNS < 0 || p.FromNS >= p.ToNS || p.EndNS != int64(timeline.End) || p.OriginNS > p.EndNS {
		fail("shows %d to %d ns of %d, zero at %d", p.FromNS, p.ToNS, p.EndNS, p.OriginNS)
	}
	inside := func(what string, at ...int64) {
		t.Helper()
		for _, ns := range at {
			if ns < 0 || ns > p.EndNS {
				fail("%s: %d ns is not within the run", what, ns)
			}
		}
	}
	for _, lane := range []struct {
		name string
		bars []Bar
	}{{"process", p.Process}, {"belief", p.Belief}, {"attached", p.Attached}, {"tracker", p.Tracker}, {"leaders", p.Leaders}, {"others", p.Others}} {
		before := int64(0)
		for i, b := range lane.bars {
			inside(lane.name, b.FromNS, b.ToNS)
			if b.FromNS < before || b.ToNS < b.FromNS || b.ToNS == b.FromNS && b.ToNS != p.EndNS {
				fail("%s, bar %d: %+v after %d", lane.name, i, b, before)
			}
			if b.Words == "" || b.State == "" || b.Open != (b.ToNS == p.EndNS) || (b.State == stateGap) != (b.Told != "") {
				fail("%s, bar %d: %+v", lane.name, i, b)
			}
			before = b.ToNS
		}
		if len(lane.bars) > maxPictureBars {
			fail("%s: %d bars", lane.name, len(lane.bars))
		}
	}
	for _, f := range p.Faults {
		inside("fault", f.FromNS, f.ToNS)
		if f.ToNS < f.FromNS || f.Index < 0 || f.Index >= len(timeline.Scenario.Faults) {
			fail("fault %+v", f)
		}
	}
	before := int64(0)
	for _, a := range p.Attempts {
		inside("attempt", a.FromNS, a.ToNS)
		if a.FromNS < before || a.ToNS < a.FromNS || a.Open != (a.Outcome == "open") || a.Server == "" {
			fail("attempt %+v after %d", a, before)
		}
		before = a.ToNS
	}
	for i, at := range p.Edges {
		if at < p.FromNS || at > p.ToNS || i > 0 && at <= p.Edges[i-1] {
			fail("edges %v", p.Edges)
		}
	}
	for i, in := range p.Instants {
		inside("instant", in.AtNS)
		if i > 0 && in.AtNS < p.Instants[i-1].AtNS || in.Words == "" || in.Rank == 0 || in.Record == 0 || in.Role == "" {
			fail("instant %+v", in)
		}
	}
	for _, m := range p.Messages {
		inside("message", m.SentNS, m.ArrivedNS)
	}
	if s, err := json.Marshal(p); err != nil || len(s) > 1<<20 {
		fail("%d bytes of JSON, %v", len(s), err)
	}
	if p.Client == "" {
		return
	}
	// The lengths are those of the text form, and the gap is hatched from end to end.
	var text strings.Builder
	if err := WriteText(&text, timeline, TextOptions{Client: client, Detail: DetailBrief}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, m := range lengthRow.FindAllStringSubmatch(text.String(), -1) {
		kind := strings.ReplaceAll(m[1], " ", "_")
		switch {
		case m[1] == "zombie":
			kind = intervalStops
		case m[1] == "" && !strings.HasPrefix(m[3], "if it waits for"):
			continue // of a lock
		case m[1] == "":
			kind = intervalWaits
		case strings.HasPrefix(m[2], "−"):
			kind, m[2] = intervalToldLate, strings.TrimPrefix(m[2], "−")
		}
		if !strings.HasPrefix(kind, "zombie") || m[2] != "0.000" {
			want[kind] = m[2]
		}
	}
	got := map[string]string{}
	for _, b := range p.Brackets {
		inside("bracket", b.FromNS, b.ToNS)
		if b.Kind != intervalMark {
			got[b.Kind] = strconv.FormatFloat(float64(b.LengthNS)/1e9, 'f', 3, 64)
		}
		if b.ToNS < b.FromNS || b.Words == "" || b.LengthNS%1e6 != 0 {
			fail("bracket %+v", b)
		}
		if b.Kind != intervalGap {
			continue
		}
		at := b.FromNS
		for _, bar := range p.Belief {
			if bar.State == stateGap {
				if bar.FromNS != at {
					fail("the gap from %d ns is not hatched at %d: %+v", b.FromNS, at, p.Belief)
				}
				at = bar.ToNS
			}
		}
		if at != b.ToNS {
			fail("the gap to %d ns is hatched to %d: %+v", b.ToNS, at, p.Belief)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		fail("brackets %v, the text has %v\n%s", got, want, text.String())
	}
}

func TestPicturesOfAllScenariosHold(t *testing.T) {
	for _, e := range Embedded() {
		timeline, _ := pictured(t, e.Name)
		for client := timeline.servers(); client < min(timeline.ends(), timeline.servers()+9); client++ {
			checkPicture(t, timeline, timeline.Nodes[client])
		}
		checkPicture(t, timeline, "")
	}
}

func TestPicturesOfRandomScenariosHold(t *testing.T) {
	for number := range uint64(200) {
		s := RandomScenario(number)
		timeline, _ := picturedScenario(t, s)
		for client := timeline.servers(); client < min(timeline.ends(), timeline.servers()+4); client++ {
			checkPicture(t, timeline, timeline.Nodes[client])
		}
	}
}
