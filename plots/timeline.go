package plots

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"zksim/sim"
)

// A timeline is the stories of one run, each as lanes, on one time axis.
type timeline struct {
	stories  []*sim.Picture
	engine   string // what played them
	messages bool   // every message is drawn, and not only those that count
}

// MaxStories bounds the stories of one figure.
const MaxStories = 24

// NewTimeline is the figure of one or several stories of one run, as
// [sim.Timeline.Picture] gives them. Engine says in small print what played it; messages
// asks for every message, and not only for those that count.
func NewTimeline(stories []*sim.Picture, engine string, messages bool) (*Figure, error) {
	switch n := len(stories); {
	case n == 0:
		return nil, fmt.Errorf("nothing to draw: no story")
	case n > MaxStories:
		return nil, fmt.Errorf("%d stories are more than a figure holds: want at most %d", n, MaxStories)
	case n == 1 && stories[0].Client == "":
		return nil, fmt.Errorf("nothing to draw: no client ever had a session")
	}
	return &Figure{&timeline{stories, engine, messages}}, nil
}

// title is the finding: of one story its own, of several how many sessions ended and which
// client was in the dark for longest.
func (t *timeline) title() string {
	if len(t.stories) == 1 {
		return glued(t.stories[0].Headline)
	}
	expired := 0
	var longest *sim.Bracket
	who := ""
	for _, s := range t.stories {
		if slices.ContainsFunc(s.Instants, func(i sim.Instant) bool { return i.What == "marked" }) {
			expired++
		}
		for i := range s.Brackets {
			if b := &s.Brackets[i]; b.Kind == "knowledge_gap" && (longest == nil || b.LengthNS > longest.LengthNS) {
				longest, who = b, s.Client
			}
		}
	}
	head := fmt.Sprintf("The cluster expired %d of %d sessions.", expired, len(t.stories))
	if expired == len(t.stories) {
		head = fmt.Sprintf("The cluster expired all %d sessions.", expired)
	}
	switch {
	case longest == nil:
	case longest.Open:
		head += fmt.Sprintf(" %s did not learn it within the run.", who)
	default:
		head += fmt.Sprintf(" %s learned it last: %s later.", who, lengthOf(longest.LengthNS))
	}
	return glued(head)
}

// glued keeps numbers and their units on one line.
func glued(words string) string { return ofSeconds.ReplaceAllString(words, "$1"+seconds) }

var ofSeconds = regexp.MustCompile(`([0-9]) s\b`)

// lengthOf writes a length in seconds.
func lengthOf(ns int64) string { return number(float64(ns)/1e9, 0.001) + seconds }

// subtitle is who played: the servers, the client, what was done to them.
func (t *timeline) subtitle() string {
	s := t.stories[0]
	servers := fmt.Sprintf("%d servers", s.Servers)
	if s.Servers == 1 {
		servers = "1 server"
	}
	switch s.Observers {
	case 0:
	case 1:
		servers += " and 1 observer"
	default:
		servers += fmt.Sprintf(" and %d observers", s.Observers)
	}
	parts := []string{servers + ", tick\u00a0" + short(float64(s.TickNS)/1e9) + seconds}
	if len(t.stories) == 1 {
		parts = append(parts, fmt.Sprintf("%s on %s, timeout\u00a0%s", s.Library, nonBreaking(s.Server), short(float64(s.TimeoutNS)/1e9)+seconds))
	}
	facts := s.Facts
	more := ""
	if len(facts) > 3 {
		facts, more = facts[:2], fmt.Sprintf("and %d more faults", len(s.Facts)-2)
	}
	for _, f := range facts {
		parts = append(parts, glued(f))
	}
	if len(s.Facts) == 0 {
		parts = append(parts, "no fault")
	}
	if more != "" {
		parts = append(parts, more)
	}
	return strings.Join(parts, apart)
}

func nonBreaking(words string) string { return strings.ReplaceAll(words, " ", "\u00a0") }

// print is the small print: how to get the same run again.
func (t *timeline) print() string {
	s := t.stories[0]
	text := "Simulated, n\u00a0=\u00a01: scenario\u00a0" + s.Scenario + ", seed\u00a0" + s.Seed
	if s.Run > 0 {
		text += fmt.Sprintf(", run\u00a0%d", s.Run)
	}
	if len(t.stories) == 1 {
		text += ", session\u00a0" + s.Session
	}
	return text + ", digest\u00a0" + s.Digest + ". " + t.engine + "."
}

// draw lays the figure out, and makes the page as tall as that needs.
func (t *timeline) draw(p *page) {
	f, _ := t.fit(p)
	f.dress(p)
	t.lay(p, f.terse)
}

// height is how tall a page the figure needs.
func (t *timeline) height(p *page) vg.Length {
	_, height := t.fit(p)
	return height
}

// A fitting is how a figure is made to fit a page of one shape: with smaller type, and
// without what says least.
type fitting struct {
	shrunk vg.Length
	terse  terseness
}

// A terseness says what is left out.
type terseness uint8

const (
	whole   terseness = iota
	tight             // lengths in one line with their words; a process that only runs
	tighter           // the server that the client is attached to; that it was told late
)

// fittings are tried one after another on a slide.
var fittings = []fitting{{1, tight}, {0.94, tight}, {0.88, tight}, {0.84, tight}, {0.94, tighter}, {0.88, tighter}, {0.84, tighter}, {0.8, tighter}, {0.76, tighter}}

// dress gives the page smaller type.
func (f fitting) dress(p *page) {
	p.label *= f.shrunk
	p.small = max(f.shrunk*p.small, min(p.small, 5))
	p.size.title *= (1 + f.shrunk) / 2
}

// fit finds how the figure fits its page, and how tall it is. A slide has one shape; the
// other pages are as tall as it needs.
func (t *timeline) fit(p *page) (f fitting, height vg.Length) {
	measure := func(f fitting) vg.Length {
		blank := *p
		blank.size = sizeOf(p.size.name)
		blank.canvas, blank.taken, blank.written = blankCanvas{}, nil, nil
		f.dress(&blank)
		_, height := t.lay(&blank, f.terse)
		return height
	}
	if p.size.name != "slide" {
		f = fitting{1, whole}
		return f, measure(f)
	}
	shape := sizeOf("slide").height
	for _, f = range fittings {
		if height = measure(f); height <= shape {
			return f, shape
		}
	}
	return f, height
}
