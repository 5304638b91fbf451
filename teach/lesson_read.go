package teach

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"zksim/docs"
	"zksim/sim"
)

// Bounds of a lesson.
const (
	maxRounds  = 6
	maxAsks    = 4
	maxOptions = 8
	maxRuns    = 2000
)

// ReadLesson reads a lesson. The error names every problem: file, line, what was read
// and what would be right.
func ReadLesson(file string, source []byte) (*Lesson, error) {
	r := &lessonReader{file: file}
	l := &Lesson{Name: strings.TrimSuffix(file, ".yaml")}
	var document yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(source)).Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s:1: an empty file; want a lesson, with title and rounds", file)
		}
		return nil, fmt.Errorf("%s: not YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r.keys(document.Content[0], "", map[string]func(string, *yaml.Node){
		"title": func(at string, n *yaml.Node) { l.Title = r.word(at, n) },
		"about": func(at string, n *yaml.Node) { l.About = r.word(at, n) },
		"moral": func(at string, n *yaml.Node) { l.Moral = r.word(at, n) },
		"rounds": func(at string, n *yaml.Node) {
			r.list(at, n, maxRounds, func(at string, n *yaml.Node) { l.Rounds = append(l.Rounds, r.round(at, n)) })
		},
		"next": func(at string, n *yaml.Node) {
			r.list(at, n, maxRounds, func(at string, n *yaml.Node) { l.Next = append(l.Next, r.try(at, n)) })
		},
	}, "title", "about", "rounds", "moral", "next")
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	return l, nil
}

// A lessonReader reads one file and collects what is wrong with it.
type lessonReader struct {
	file string
	errs []error
}

func (r *lessonReader) refuse(n *yaml.Node, at, format string, args ...any) {
	where := fmt.Sprintf("%s:%d: ", r.file, max(n.Line, 1))
	if at != "" {
		where += at + ": "
	}
	r.errs = append(r.errs, errors.New(where+fmt.Sprintf(format, args...)))
}

// keys visits the keys of a mapping, each once; those that are wanted must be there.
func (r *lessonReader) keys(n *yaml.Node, at string, known map[string]func(string, *yaml.Node), wanted ...string) {
	var names []string
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	if n.Kind != yaml.MappingNode {
		r.refuse(n, at, "%s; want a mapping with the keys %s", shown(n), strings.Join(names, ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		path := strings.TrimPrefix(at+"."+key, ".")
		switch read := known[key]; {
		case seen[key]:
			r.refuse(n.Content[i], path, "a second time; want each key once")
		case read == nil:
			r.refuse(n.Content[i], path, "unknown key; want one of %s", strings.Join(names, ", "))
		default:
			read(path, n.Content[i+1])
		}
		seen[key] = true
	}
	for _, key := range wanted {
		if !seen[key] {
			r.refuse(n, at, "%s is missing", key)
		}
	}
}

func shown(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return fmt.Sprintf("%q", n.Value)
}

func (r *lessonReader) list(at string, n *yaml.Node, most int, f func(string, *yaml.Node)) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 || len(n.Content) > most {
		r.refuse(n, at, "%s; want a list of 1 to %d", shown(n), most)
		return
	}
	for i, item := range n.Content {
		f(fmt.Sprintf("%s.%d", at, i), item)
	}
}

// word reads a text of one paragraph or several; within a paragraph line ends are blanks.
func (r *lessonReader) word(at string, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
		r.refuse(n, at, "%s; want a text", shown(n))
		return ""
	}
	var paragraphs []string
	for p := range strings.SplitSeq(strings.TrimSpace(n.Value), "\n\n") {
		paragraphs = append(paragraphs, strings.Join(strings.Fields(p), " "))
	}
	return strings.Join(paragraphs, "\n\n")
}

// typedNumber finds digits that a text has typed in, where a run can give the number:
// anything but a version, an issue of a project, or a file of the log.
var typedNumber = regexp.MustCompile(`(?:^|[^A-Za-z0-9.-])(\d[\d.,]*)`)

var notTyped = regexp.MustCompile(`^\d+\.\d+\.\d+$`) // a version

// text reads a text with values in braces.
func (r *lessonReader) text(at string, n *yaml.Node) (string, text) {
	s := r.word(at, n)
	t, err := parseText(s)
	if err != nil {
		r.refuse(n, at, "%v", err)
		return s, nil
	}
	for _, p := range t {
		if m := typedNumber.FindStringSubmatch(p.words); m != nil && !notTyped.MatchString(strings.TrimRight(m[1], ".,")) {
			r.refuse(n, at, "the number %s is typed in; want what the run gives, as in {timeout}", m[1])
		}
	}
	return s, t
}

func (r *lessonReader) expression(at string, n *yaml.Node) (string, *expression) {
	s := r.word(at, n)
	if s == "" {
		return "", nil
	}
	e, err := parseExpression(s)
	if err != nil {
		r.refuse(n, at, "%v", err)
	}
	return s, e
}

func (r *lessonReader) round(at string, n *yaml.Node) Round {
	var q Round
	r.keys(n, at, map[string]func(string, *yaml.Node){
		"name":     func(at string, n *yaml.Node) { q.Name = r.word(at, n) },
		"scenario": func(at string, n *yaml.Node) { q.Scenario = r.word(at, n) },
		"client":   func(at string, n *yaml.Node) { q.Client = r.word(at, n) },
		"set": func(at string, n *yaml.Node) {
			r.list(at, n, 20, func(at string, n *yaml.Node) { q.Set = append(q.Set, r.word(at, n)) })
		},
		"seed": func(at string, n *yaml.Node) {
			seed, err := strconv.ParseUint(n.Value, 10, 64)
			if q.Seed, q.seeded = seed, true; err != nil {
				r.refuse(n, at, "%s; want a whole number", shown(n))
			}
		},
		"runs": func(at string, n *yaml.Node) {
			runs, err := strconv.Atoi(n.Value)
			if q.Runs = runs; err != nil || runs < 2 || runs > maxRuns {
				r.refuse(n, at, "%s; want a whole number from 2 to %d", shown(n), maxRuns)
			}
		},
		"spread": func(at string, n *yaml.Node) { q.Spread, q.spread = r.expression(at, n) },
		"text":   func(at string, n *yaml.Node) { q.Text, q.text = r.text(at, n) },
		"asks": func(at string, n *yaml.Node) {
			r.list(at, n, maxAsks, func(at string, n *yaml.Node) { q.Asks = append(q.Asks, r.ask(at, n)) })
		},
		"explain": func(at string, n *yaml.Node) { q.Explain, q.explain = r.text(at, n) },
		"rules": func(at string, n *yaml.Node) {
			r.list(at, n, 20, func(at string, n *yaml.Node) {
				if _, ok := docs.Lookup(n.Value); !ok {
					r.refuse(n, at, "%s; want the ID of a rule, as in T-3", shown(n))
				}
				q.Rules = append(q.Rules, n.Value)
			})
		},
	}, "scenario", "text", "asks", "explain", "rules")
	if q.Spread != "" && q.Runs == 0 {
		r.refuse(n, at+".spread", "a spread of one run; want runs as well")
	}
	r.scenario(at, n, &q)
	return q
}

// scenario reads the scenario of a round with its changes, to see that it can be played.
func (r *lessonReader) scenario(at string, n *yaml.Node, q *Round) {
	if q.Scenario == "" {
		return
	}
	e, ok := sim.FindEmbedded(q.Scenario)
	if !ok {
		r.refuse(n, at+".scenario", "no scenario %q that comes with zksim", q.Scenario)
		return
	}
	s, err := sim.ReadScenarioWith(q.Scenario+".yaml", e.Source, nil, q.Set)
	if err != nil {
		r.refuse(n, at+".set", "%v", err)
		return
	}
	if !q.seeded {
		q.Seed = s.Seed
	}
}

func (r *lessonReader) ask(at string, n *yaml.Node) Ask {
	var a Ask
	r.keys(n, at, map[string]func(string, *yaml.Node){
		"question": func(at string, n *yaml.Node) { a.Question, a.question = r.text(at, n) },
		"kind": func(at string, n *yaml.Node) {
			a.Kind = r.word(at, n)
			if kinds := []string{AskInstant, AskLength, AskNumber, AskShare, AskYesNo, AskChoice, AskOrder}; !slices.Contains(kinds, a.Kind) {
				r.refuse(n, at, "%s; want one of %s", shown(n), strings.Join(kinds, ", "))
			}
		},
		"of":    func(at string, n *yaml.Node) { a.Of, a.of = r.expression(at, n) },
		"close": func(at string, n *yaml.Node) { a.Close, a.closeTo = r.expression(at, n) },
		"options": func(at string, n *yaml.Node) {
			r.list(at, n, maxOptions, func(at string, n *yaml.Node) {
				o := r.option(at, n)
				o.Key = string(rune('a' + len(a.Options)))
				a.Options = append(a.Options, o)
			})
		},
		"wrong": func(at string, n *yaml.Node) {
			r.list(at, n, maxOptions, func(at string, n *yaml.Node) {
				var w Reveal
				var inner reveal
				r.keys(n, at, map[string]func(string, *yaml.Node){
					"when": func(at string, n *yaml.Node) { w.When, inner.when = r.expression(at, n) },
					"text": func(at string, n *yaml.Node) { w.Text, inner.text = r.text(at, n) },
				}, "when", "text")
				a.Wrong, a.wrongReveals = append(a.Wrong, w), append(a.wrongReveals, inner)
			})
		},
	}, "question", "kind")
	listed := a.Kind == AskChoice || a.Kind == AskOrder
	switch {
	case listed && len(a.Options) < 2:
		r.refuse(n, at, "%s without options; want at least two", a.Kind)
	case listed && (a.Of != "" || a.Close != ""):
		r.refuse(n, at, "%s with of or close; they belong to its options", a.Kind)
	case !listed && len(a.Options) > 0:
		r.refuse(n, at, "options of a question of %s; want kind choice or order", a.Kind)
	case !listed && a.Of == "":
		r.refuse(n, at, "of is missing: what in the run is the answer")
	case !listed && a.Kind != AskYesNo && a.Close == "":
		r.refuse(n, at, "close is missing: how near to the answer counts as right")
	}
	return a
}

func (r *lessonReader) option(at string, n *yaml.Node) Option {
	var o Option
	r.keys(n, at, map[string]func(string, *yaml.Node){
		"name":   func(at string, n *yaml.Node) { o.Name = r.word(at, n) },
		"text":   func(at string, n *yaml.Node) { o.Text, o.text = r.text(at, n) },
		"of":     func(at string, n *yaml.Node) { o.Of, o.of = r.expression(at, n) },
		"reveal": func(at string, n *yaml.Node) { o.Reveal, o.reveal = r.text(at, n) },
	}, "text", "of")
	return o
}

func (r *lessonReader) try(at string, n *yaml.Node) Try {
	var t Try
	r.keys(n, at, map[string]func(string, *yaml.Node){
		"text":    func(at string, n *yaml.Node) { t.Text, _ = r.text(at, n) },
		"command": func(at string, n *yaml.Node) { t.Command = r.word(at, n) },
	}, "text", "command")
	if t.Command != "" && !strings.HasPrefix(t.Command, "zksim ") {
		r.refuse(n, at+".command", "%q; want a command line that begins with zksim", t.Command)
	}
	return t
}
