package teach

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// A Lesson is a question about session expiry, in a few rounds. In each round a
// situation is described up to the fault, something is asked, and only then is the run
// shown. A lesson is data: see teach/lessons.
type Lesson struct {
	Number int     `json:"number"` // counted from 1
	Name   string  `json:"name"`   // of its file, without .yaml
	Title  string  `json:"title"`  // the question
	About  string  `json:"about"`  // in one line, what it plays; it gives nothing away
	Rounds []Round `json:"rounds"`
	Moral  string  `json:"moral"` // in one line, what one knows afterwards
	Next   []Try   `json:"next"`  // what to change on one's own
}

// A Round is one situation, one or several questions about it, and one run that answers
// them. Texts have values of the run in braces: [Played.Situation] and [Played.Judge]
// fill them in.
type Round struct {
	Name     string   `json:"name,omitempty"` // by which later rounds can speak of it
	Scenario string   `json:"scenario"`       // one that comes with the program
	Set      []string `json:"set,omitempty"`  // changes, as --set takes them
	Seed     uint64   `json:"seed,string"`    // the scenario's own unless the lesson says otherwise
	Client   string   `json:"client,omitempty"`
	Runs     int      `json:"runs,omitempty"`   // how many replications the answers are taken from; 0: one
	Spread   string   `json:"spread,omitempty"` // expression that is shown run by run, of several runs
	Text     string   `json:"text"`             // the situation, up to the fault
	Asks     []Ask    `json:"asks"`
	Explain  string   `json:"explain"` // why it came so
	Rules    []string `json:"rules"`   // IDs of the rules that made it so

	seeded        bool // the lesson names the seed
	text, explain text
	spread        *expression
}

// Kinds of questions.
const (
	AskInstant = "instant" // when, in seconds from the fault, or never
	AskLength  = "length"  // how long
	AskNumber  = "number"  // how many
	AskShare   = "share"   // how many in a hundred
	AskYesNo   = "yesno"
	AskChoice  = "choice" // one of several options
	AskOrder   = "order"  // options, first to last
)

// An Ask is one question of a round.
type Ask struct {
	Question string   `json:"question"`
	Kind     string   `json:"kind"`
	Of       string   `json:"of,omitempty"`    // expression of the answer; choice and order have it in their options
	Close    string   `json:"close,omitempty"` // expression: how near to it counts as right
	Options  []Option `json:"options,omitempty"`
	Wrong    []Reveal `json:"wrong,omitempty"` // what an answer shows; the first that applies is said

	question     text
	of, closeTo  *expression
	wrongReveals []reveal
}

// An Option is one possible answer of a choice, or one thing of an order.
type Option struct {
	Key    string `json:"key"` // a, b, c
	Name   string `json:"name,omitempty"`
	Text   string `json:"text"`
	Of     string `json:"of"`               // choice: whether it is right; order: its instant
	Reveal string `json:"reveal,omitempty"` // choice: what it shows to have taken it

	text, reveal text
	of           *expression
}

// A Reveal is what one kind of answer shows.
type Reveal struct {
	When string `json:"when"` // expression with guess
	Text string `json:"text"`
}

type reveal struct {
	when *expression
	text text
}

// A Try is something to change on one's own.
type Try struct {
	Text    string `json:"text"`
	Command string `json:"command"` // as typed
}

// lessonNames lists the lessons in the order in which a newcomer takes them.
var lessonNames = []string{
	"faq",
	"late-and-early",
	"follower",
	"silence",
	"pause",
	"two-owners",
	"connected",
	"revived",
	"lost",
	"timeout",
}

//go:embed lessons/*.yaml
var lessonFiles embed.FS

// Lessons lists the lessons that come with the program. A fault in one of them is an
// error of whoever wrote it, so it panics with the line.
var Lessons = sync.OnceValue(func() []*Lesson {
	all := make([]*Lesson, len(lessonNames))
	for i, name := range lessonNames {
		source, err := lessonFiles.ReadFile("lessons/" + name + ".yaml")
		if err != nil {
			panic(err)
		}
		if all[i], err = ReadLesson(name+".yaml", source); err != nil {
			panic(err)
		}
		all[i].Number = i + 1
	}
	return all
})

// FindLesson finds a lesson by its number or its name. The error says what there is.
func FindLesson(what string) (*Lesson, error) {
	all := Lessons()
	if n, err := strconv.Atoi(what); err == nil && n >= 1 && n <= len(all) {
		return all[n-1], nil
	}
	for _, l := range all {
		if l.Name == strings.ToLower(what) {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no lesson %q; want a number from 1 to %d, or one of %s", what, len(all), strings.Join(lessonNames, ", "))
}

// Rules lists the rules of all rounds, each once, in the order in which they come.
func (l *Lesson) Rules() []string {
	var ids []string
	seen := map[string]bool{}
	for i := range l.Rounds {
		for _, id := range l.Rounds[i].Rules {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Command is what plays the run of a round once more, as typed.
func (r *Round) Command() string {
	words := []string{"zksim run", r.Scenario}
	for _, set := range r.Set {
		words = append(words, "--set", quoted(set))
	}
	if r.seeded {
		words = append(words, "--seed", strconv.FormatUint(r.Seed, 10))
	}
	if r.Client != "" {
		words = append(words, "--client", r.Client)
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && !strings.ContainsAny(word, " '\"{}[]*?$&|;<>()#~!\\`") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
