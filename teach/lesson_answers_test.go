package teach

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"zksim/clock"
	"zksim/docs"
	"zksim/model"
	"zksim/sim"
)

// A tape is all records of one run. What the tests below make of it uses neither stories
// nor the expressions of lessons.
type tape struct {
	t       *testing.T
	few     bool // only those that a session's expiry follows from
	s       *sim.Scenario
	w       *sim.World
	records []sim.Record
	zero    clock.Instant // the first fault begins
}

func (k *tape) Record(r *sim.Record) {
	if r.Kind == sim.KindFaultBegins && k.zero == 0 {
		k.zero = r.At
	}
	if k.few {
		switch r.Kind {
		case model.KindSessionUp, model.KindTracked, model.KindTouch, model.KindRearmed, model.KindMarked:
		default:
			return
		}
	}
	k.records = append(k.records, *r)
}

const notWithin = int64(math.MaxInt64)

// scenarioOf reads what a round plays.
func scenarioOf(t *testing.T, r *Round) *sim.Scenario {
	t.Helper()
	e, ok := sim.FindEmbedded(r.Scenario)
	if !ok {
		t.Fatalf("no scenario %s", r.Scenario)
	}
	s, err := sim.ReadScenarioWith(r.Scenario, e.Source, nil, r.Set)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// record plays the first run of a round.
func record(t *testing.T, r *Round) *tape {
	t.Helper()
	k := &tape{t: t, s: scenarioOf(t, r)}
	k.play(r.Seed, 0)
	return k
}

func (k *tape) play(seed uint64, run uint32) {
	k.t.Helper()
	var err error
	if k.w, err = sim.New(k.s, seed, run, k); err != nil {
		k.t.Fatal(err)
	}
	if _, err := k.w.Run(clock.Instant(k.s.Length), nil); err != nil {
		k.t.Fatal(err)
	}
}

func (k *tape) ms(at clock.Instant) int64 {
	return int64(at.Sub(k.zero).Round(time.Millisecond) / time.Millisecond)
}

func (k *tape) node(name string) model.NodeID {
	return model.NodeID(slices.Index(k.s.Nodes(), name))
}

// first is the first record of a kind that a client left from an instant on, in
// milliseconds from the fault.
func (k *tape) first(name string, from int64, kind model.Kind, text string) int64 {
	n := k.node(name)
	for i := range k.records {
		if r := &k.records[i]; r.Node == n && r.Kind == kind && (text == "" || r.Text == text) && k.ms(r.At) >= from {
			return k.ms(r.At)
		}
	}
	return notWithin
}

// told is when a client's application was first told something after the fault.
func (k *tape) told(name, word string) int64 { return k.first(name, 0, model.KindTold, word) }

// heals is when the first fault ends.
func (k *tape) heals() int64 {
	for i := range k.records {
		if k.records[i].Kind == sim.KindFaultEnds {
			return k.ms(k.records[i].At)
		}
	}
	return notWithin
}

// session is the first session that a client had.
func (k *tape) session(name string) model.SessionID {
	n := k.node(name)
	for i := range k.records {
		if r := &k.records[i]; r.Node == n && r.Kind == model.KindSessionUp {
			return r.Session
		}
	}
	k.t.Fatalf("%s never had a session", name)
	return 0
}

// expiry is when the leader marks a client's session by the rule (T-3, T-9): at the first
// edge of its buckets more than a timeout after the last touch. It checks that the leader
// did so. For a session that is never marked it is notWithin.
func (k *tape) expiry(name string) int64 {
	id := k.session(name)
	var touch, mark *sim.Record
	for i := range k.records {
		r := &k.records[i]
		if r.Session != id {
			continue
		}
		switch r.Kind {
		case model.KindTracked, model.KindTouch, model.KindRearmed:
			touch = r
		case model.KindMarked:
			mark = r
		}
		if mark != nil {
			break
		}
	}
	if mark == nil {
		return notWithin
	}
	c := k.w.ClockOf(touch.Node)
	tick := int64(k.s.Ensemble.Tick / time.Millisecond)
	edge := ((c.Read(touch.At).Millis()+touch.A)/tick + 1) * tick
	at := c.When(clock.ReadingOfMillis(edge))
	if mark.Node != touch.Node || mark.At < at || mark.At.Sub(at) > time.Millisecond {
		k.t.Errorf("%s was marked at %d ms; by T-3 the edge is %d ms", name, k.ms(mark.At), k.ms(at))
	}
	return k.ms(at)
}

// silenced is when a Java client is told Disconnected by the rule (C-12, C-13): two thirds
// of its timeout after the last word from its server, and 100 ms.
func (k *tape) silenced(name string, timeout int64) int64 {
	n := k.node(name)
	heard := notWithin
	for i := range k.records {
		r := &k.records[i]
		if r.Node == n && (r.Kind == model.KindPingReply || r.Kind == model.KindSessionUp) && k.ms(r.At) <= 0 {
			heard = k.ms(r.At)
		}
	}
	at := heard + timeout*2/3 + 100
	if told := k.told(name, model.ToldDisconnected); told < at || told > at+2 {
		k.t.Errorf("%s was told Disconnected at %d ms; by C-12 and C-13 it is %d ms", name, told, at)
	}
	return at
}

// over computes detections by the rule in all runs of a round.
func over(t *testing.T, r *Round, name string) []float64 {
	t.Helper()
	var all []float64
	k := &tape{t: t, s: scenarioOf(t, r), few: true}
	for run := range r.Runs {
		k.records, k.zero = k.records[:0], 0
		k.play(r.Seed, uint32(run))
		at := math.Inf(1)
		if ms := k.expiry(name); ms != notWithin {
			at = float64(ms)
		}
		all = append(all, at)
	}
	return all
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	return sum / float64(len(list))
}

// A percent is a share of one.
type percent float64

func shareBelow(list []float64, x float64) percent {
	n := 0
	for _, y := range list {
		if y < x {
			n++
		}
	}
	return percent(n) / percent(len(list))
}

// late counts the acts of one client that were accepted after a greater token had been
//
func (k *tape) late(name string) float64 {
	n, of := 0.0, k.node(name)
	for i := range k.records {
		if r := &k.records[i]; r.Kind == model.KindActAccepted && r.Peer == of && r.B > r.A {
			n++
		}
	}
	return n
}

// lessonAnswers derives the answer to each question of each lesson: an instant or a length
// in milliseconds (int64), a number (float64), a share (percent), yes or no (bool), letters
// (string).
var lessonAnswers = map[string]func(t *testing.T, l *Lesson) []any{
	"faq": func(t *testing.T, l *Lesson) []any {
		cut, back, almost := record(t, &l.Rounds[0]), record(t, &l.Rounds[1]), record(t, &l.Rounds[2])
		know := "c"
		if down, end := cut.silenced("worker", 10_000), cut.expiry("worker"); down > end {
			know = "a"
		} else if cut.told("worker", model.ToldExpired) > end {
			know = "b"
		}
		told := "d"
		if back.told("worker", model.ToldExpired) == notWithin && back.silenced("worker", 10_000) < back.told("worker", model.ToldConnected) {
			told = "b"
		}
		return []any{cut.expiry("worker"), cut.told("worker", model.ToldExpired), know, told, almost.expiry("worker") == notWithin}
	},
	"late-and-early": func(t *testing.T, l *Lesson) []any {
		many, slower := over(t, &l.Rounds[1], "worker"), over(t, &l.Rounds[2], "worker")
		least, most := slices.Min(many), slices.Max(many)
		// Q-2, with p = 3.333 s and links of well below 1 ms.
		if least < 10_000-3_334 || most > 12_000+2 {
			t.Errorf("detections from %v to %v ms; Q-2 says (6667, 12000]", least, most)
		}
		return []any{record(t, &l.Rounds[0]).expiry("worker"), int64(least), int64(most), shareBelow(many, 10_000), int64(math.Round(mean(slower)) - math.Round(mean(many)))}
	},
	"follower": func(t *testing.T, l *Lesson) []any {
		follower, leader := record(t, &l.Rounds[0]), record(t, &l.Rounds[1])
		which := "b"
		switch d := follower.expiry("worker") - leader.expiry("worker"); {
		case d == 0:
			which = "a"
		case d < 0:
			which = "d"
		case d >= 2000:
			which = "c"
		}
		atLeader, atFollower := over(t, &l.Rounds[1], "worker"), over(t, &l.Rounds[2], "worker")
		// w in [0, h) more, so half of h in the mean.
		if d := mean(atFollower) - mean(atLeader); d < 400 || d > 600 {
			t.Errorf("%v ms later in the mean; Q-3 says about 500", d)
		}
		return []any{follower.expiry("worker"), which, int64(math.Round(mean(atFollower)) - math.Round(mean(atLeader)))}
	},
	"silence": func(t *testing.T, l *Lesson) []any {
		waits, decides, orphan, all := record(t, &l.Rounds[0]), record(t, &l.Rounds[1]), record(t, &l.Rounds[2]), record(t, &l.Rounds[3])
		heard := waits.silenced("worker", 10_000) - 6_766
		// C-22: at a turn from lastHeard + X on, before that + max(k, 2100); and 200 ms.
		expired := decides.told("worker", model.ToldExpired)
		if from := heard + 13_333 + 200; expired < from || expired >= from+3_333 {
			t.Errorf("told Expired at %d ms; C-22 says from %d on, for 3333 ms", expired, from)
		}
		events := 0
		for i := range waits.records {
			if r := &waits.records[i]; r.Kind == model.KindTold && r.Node == waits.node("worker") && r.At > waits.zero {
				events++
			}
		}
		hears := map[int]string{0: "a", 1: "b"}[events]
		order := letters([]int64{orphan.expiry("worker"), orphan.told("worker", model.ToldExpired), orphan.first("other", 0, model.KindSawDeleted, "")})
		var early []string
		for _, c := range []struct{ name, word string }{{"java38", model.ToldExpired}, {"java39", model.ToldExpired}, {"c", "EXPIRED_SESSION"}, {"go", "Expired"}, {"kazoo", "LOST"}, {"curator", "LOST"}} {
			if all.told(c.name, c.word) == notWithin {
				t.Errorf("%s is never told %s", c.name, c.word)
			}
			if all.told(c.name, c.word) < all.heals() {
				early = append(early, c.name)
			}
		}
		who := map[string]string{"": "a", "java39": "b", "java39 curator": "c"}[strings.Join(early, " ")]
		return []any{waits.told("worker", model.ToldExpired), hears, expired, order, who}
	},
	"pause": func(t *testing.T, l *Lesson) []any {
		short, long, newer := record(t, &l.Rounds[0]), record(t, &l.Rounds[1]), record(t, &l.Rounds[2])
		told := "?"
		if short.first("worker", 0, model.KindTold, "") == notWithin {
			told = "a"
		}
		wakes := "?"
		if long.first("worker", long.heals(), model.KindTold, "") > long.heals()+10 {
			wakes = "c"
		}
		alone := "?"
		if newer.told("worker", model.ToldDisconnected) == notWithin && newer.told("worker", model.ToldExpired) != notWithin {
			alone = "b"
		}
		return []any{told, long.expiry("worker"), wakes, alone}
	},
	"two-owners": func(t *testing.T, l *Lesson) []any {
		waits, stops, pause, fence := record(t, &l.Rounds[0]), record(t, &l.Rounds[1]), record(t, &l.Rounds[2]), record(t, &l.Rounds[3])
		both := stops.told("worker", model.ToldDisconnected) > stops.first("heir", 0, model.KindHolds, "")
		return []any{waits.told("worker", model.ToldExpired) - waits.first("heir", 0, model.KindHolds, ""), both, pause.late("careful"), fence.late("careful")}
	},
	"connected": func(t *testing.T, l *Lesson) []any {
		cut, longer, timeout := record(t, &l.Rounds[0]), record(t, &l.Rounds[1]), record(t, &l.Rounds[2])
		order := letters([]int64{cut.told("worker", model.ToldDisconnected), cut.expiry("worker"), cut.told("worker", model.ToldExpired), cut.first("other", 0, model.KindSawDeleted, "")})
		zombie := longer.told("worker", model.ToldDisconnected) - longer.expiry("worker")
		// Q-13, T = 4, S = 10, h = 1, and 100 ms by C-13.
		if zombie < 4000 || zombie > 8100 {
			t.Errorf("Connected for %d ms after the expiry; Q-13 says 4000 to 8000 and 100", zombie)
		}
		return []any{cut.first("worker", 0, model.KindTold, "") < cut.heals(), order, zombie, timeout.expiry("worker") != notWithin}
	},
	"revived": func(t *testing.T, l *Lesson) []any {
		var all []any
		for i := range l.Rounds {
			all = append(all, record(t, &l.Rounds[i]).expiry("owner"))
		}
		return all
	},
	"lost": func(t *testing.T, l *Lesson) []any {
		cut, pause := record(t, &l.Rounds[0]), record(t, &l.Rounds[2])
		lost := cut.told("leader100", "LOST")
		// L-U5: T·pct/100 after SUSPENDED.
		if s := cut.told("leader100", "SUSPENDED"); lost-s != 40_000 {
			t.Errorf("LOST %d ms after SUSPENDED; L-U5 says 40000", lost-s)
		}
		if s := cut.told("leader33", "SUSPENDED"); cut.told("leader33", "LOST")-s != 13_200 {
			t.Errorf("LOST %d ms after SUSPENDED; L-U5 says 13200", cut.told("leader33", "LOST")-s)
		}
		first := "?"
		if s := pause.told("holder", "SUSPENDED"); s >= pause.heals() && s < pause.told("holder", "LOST") && s > pause.expiry("holder") {
			first = "b"
		}
		return []any{letters([]int64{lost, cut.expiry("leader100"), cut.told("leader100", "SUSPENDED")}), lost - cut.first("successor", 0, model.KindHolds, ""),
			letters([]int64{cut.expiry("leader33"), cut.told("leader33", "LOST")}), first}
	},
	"timeout": func(t *testing.T, l *Lesson) []any {
		ten, fourteen, price := over(t, &l.Rounds[0], "worker"), over(t, &l.Rounds[1], "worker"), over(t, &l.Rounds[2], "worker")
		// Q-27 says 28.4 %; of 400, within three standard deviations.
		if lost := float64(shareBelow(ten, math.Inf(1))); math.Abs(lost-0.284) > 3*math.Sqrt(0.284*0.716/400) {
			t.Errorf("%v of pauses of 8 s cost a session of 10 s; Q-27 says 0.284", lost)
		}
		return []any{shareBelow(ten, math.Inf(1)), shareBelow(fourteen, math.Inf(1)), int64(slices.Max(price))}
	},
}

// letters puts a, b, c in the order of their instants.
func letters(at []int64) string {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch {
		case at[x] < at[y]:
			return -1
		case at[x] > at[y]:
			return 1
		}
		return 0
	})
	var keys []string
	for _, i := range order {
		keys = append(keys, string(rune('a'+i)))
	}
	return strings.Join(keys, " ")
}

var optionKeys = regexp.MustCompile(`(?:^|, )([a-h])\) `)

// TestAnswersOfLessonsFollowFromTheRulesAndTheRecords derives every answer without the
// lessons' expressions, most of them by T-3, C-12, C-13, C-22, L-U5, Q-2, Q-3, Q-13 and Q-27.
func TestAnswersOfLessonsFollowFromTheRulesAndTheRecords(t *testing.T) {
	for _, l := range Lessons() {
		derive := lessonAnswers[l.Name]
		if derive == nil {
			t.Errorf("%s: no answers here", l.Name)
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			want := derive(t, l)
			n := 0
			for i := range l.Rounds {
				p, err := l.Play(i, nil)
				if err != nil {
					t.Fatal(err)
				}
				o, err := p.Judge(nil)
				if err != nil {
					t.Fatal(err)
				}
				for k := range o.Asks {
					j := &o.Asks[k]
					if n >= len(want) {
						t.Fatalf("%d answers are derived; there are more questions", len(want))
					}
					if got := answered(j); got != shownAnswer(want[n]) {
						t.Errorf("round %d: %s\nthe lesson says %s; by the rules it is %s", i+1, j.Question, got, shownAnswer(want[n]))
					}
					n++
				}
			}
			if n != len(want) {
				t.Errorf("%d answers are derived; there are %d questions", len(want), n)
			}
		})
	}
}

// answered is an answer in a form that can be compared.
func answered(j *Judgement) string {
	switch j.Kind {
	case AskChoice, AskOrder:
		var keys []string
		for _, m := range optionKeys.FindAllStringSubmatch(j.Answer, -1) {
			keys = append(keys, m[1])
			if j.Kind == AskChoice {
				break
			}
		}
		return strings.Join(keys, " ")
	case AskInstant, AskLength:
		if j.AnswerMS == nil {
			return shownAnswer(notWithin)
		}
		return shownAnswer(*j.AnswerMS)
	}
	return j.Answer
}

func shownAnswer(v any) string {
	switch v := v.(type) {
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case int64:
		if v == notWithin {
			return "never"
		}
		return fmt.Sprintf("%d ms", v)
	case float64:
		return trimmed(fmt.Sprintf("%.2f", v))
	case percent:
		return trimmed(fmt.Sprintf("%.1f", 100*float64(v))) + " %"
	}
	return v.(string)
}

// notRecorded are the rules of lessons that no record names, and why each is at work where
// a lesson names it.
var notRecorded = map[string]string{
	"T-3":  "a touch has the edge that it set as its number, and is named for what touched",
	"N-1":  "a limit of the servers' configuration",
	"V-10": "what servers do not ask",
	"C-21": "what a library does not do",
	"C-22": "when the clock of C-20 is looked at",
	"C-24": "what is not told to any server",
	"C-26": "what the application cannot see",
	"F-20": "the cut-off follower's clients, as the leader sees them: no touches",
	"G-3":  "what happens in the application before its library has spoken",
	"A-2":  "which recipe the lock follows",
	"L-U5": "adds up C-12, C-13 and L-U3",
	"Q-2":  "a law of many runs", "Q-3": "a law of many runs", "Q-27": "a law of many runs",
	"Q-9": "follows from C-12 and T-3", "Q-12": "follows from C-21", "Q-13": "follows from F-1 and T-3", "Q-16": "follows from F-15",
	"Q-20": "follows from Q-9", "Q-21": "follows from C-21 and T-9", "Q-22": "follows from G-3",
}

// TestRulesOfLessonsAreAtWorkInTheirRuns: each rule that a round names is the rule of some
// record of its run, or one that no record can name.
func TestRulesOfLessonsAreAtWorkInTheirRuns(t *testing.T) {
	used := map[string]bool{}
	for _, l := range Lessons() {
		for i := range l.Rounds {
			r := &l.Rounds[i]
			at := map[string]bool{}
			for _, rec := range record(t, r).records {
				at[rec.Rule] = true
			}
			for _, id := range r.Rules {
				if rule, ok := docs.Lookup(id); !ok || rule.ID != id {
					t.Errorf("%s, round %d: no rule %s", l.Name, i+1, id)
				}
				if at[id] {
					continue
				}
				if notRecorded[id] == "" {
					t.Errorf("%s, round %d: no record of the run names %s", l.Name, i+1, id)
				}
				used[id] = true
			}
		}
	}
	for id := range notRecorded {
		if !used[id] {
			t.Errorf("%s: no lesson needs this reason any more", id)
		}
	}
}
