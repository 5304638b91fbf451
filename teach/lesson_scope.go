package teach

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// facts are the values of all names in one run, by client.
type facts struct {
	of    map[string][]value // by nameRows; looked up, never ranged over
	whose string             // the client whose story is told
}

func factsOf(of map[string]*teller, whose string, clients []string) *facts {
	f := &facts{of: map[string][]value{}, whose: whose}
	for _, name := range clients {
		w := of[name]
		if w == nil {
			continue
		}
		row := make([]value, len(nameRows))
		for i := range nameRows {
			if nameRows[i].of != nil {
				row[i] = nameRows[i].of(w)
			}
		}
		f.of[name] = row
	}
	return f
}

// A scope is where an expression is computed: one run of one round, what other rounds
// had, and what was answered.
type scope struct {
	facts  *facts
	played *Played
	guess  *value   // nil before there is one
	order  []string // of an answer to a question of order: keys of options, first to last
	close  value    // how near counts as right
}

// name finds what a name stands for: NAME, CLIENT.NAME, ROUND.NAME, ROUND.CLIENT.NAME.
func (s *scope) name(name string) (value, error) {
	if name == "guess" && s.guess != nil {
		return *s.guess, nil
	}
	if name == "runs" {
		return counted(max(s.played.Round.Runs, 1)), nil
	}
	prefix, rest, dotted := strings.Cut(name, ".")
	if dotted {
		if _, ok := s.facts.of[prefix]; ok {
			return s.of(prefix, rest)
		}
		if earlier := s.played.earlier[prefix]; earlier != nil {
			v, err := (&scope{facts: earlier.facts, played: earlier}).name(rest)
			v.known = true // it has been shown
			return v, err
		}
		return value{}, fmt.Errorf("%s: no client and no earlier round %s", name, prefix)
	}
	return s.of(s.facts.whose, name)
}

func (s *scope) of(client, name string) (value, error) {
	i := slices.IndexFunc(nameRows, func(r nameRow) bool { return r.name == name })
	row := s.facts.of[client]
	switch {
	case i < 0:
		return value{}, fmt.Errorf("unknown name %s", name)
	case row == nil:
		return value{}, fmt.Errorf("%s: nobody has a story here", name)
	case math.IsNaN(row[i].n):
		return value{}, fmt.Errorf("%s: the run has none", name)
	}
	return row[i], nil
}

// near says whether two values are as close as counts as right.
func (s *scope) near(a, b value) (value, error) {
	d, err := combine("-", a, b)
	if a.never() && b.never() {
		return truth(true, a.known && b.known), nil
	}
	if err != nil {
		return d, err
	}
	return truth(math.Abs(d.n) <= s.close.n, d.known), nil
}

// before says whether one option was put before another.
func (s *scope) before(a, b string) (value, error) {
	i, j := slices.Index(s.order, a), slices.Index(s.order, b)
	if i < 0 || j < 0 {
		return value{}, fmt.Errorf("first(%s, %s): no such options in the answer", a, b)
	}
	return truth(i < j, false), nil
}

// aggregate computes over all runs of the round. An expression with the prefix of an
// earlier round is computed over that round's.
func (s *scope) aggregate(n call) (value, error) {
	arg := n.args[len(n.args)-1]
	from := s.played
	arg.visit(func(part node) {
		if name, ok := part.(nameNode); ok {
			prefix, _, _ := strings.Cut(name.name, ".")
			if earlier := s.played.earlier[prefix]; earlier != nil {
				from = earlier
			}
		}
	})
	runs, err := from.all()
	if err != nil {
		return value{}, err
	}
	out := value{}
	list := make([]float64, 0, len(runs))
	for _, run := range runs {
		inner := &scope{facts: run, played: &Played{Round: from.Round, earlier: s.played.earlier}, close: s.close}
		if from != s.played {
			// Its own names, with the prefix that they have from here.
			inner.played.earlier = map[string]*Played{from.Round.Name: {Round: from.Round, facts: run}}
		}
		v, err := arg.eval(inner)
		if err != nil {
			return v, err
		}
		if v.kind == yesNo != (n.name == "share") {
			return v, fmt.Errorf("%s of %s", n.name, v.kind)
		}
		out.kind = v.kind
		if v.yes {
			v.n = 1
		}
		list = append(list, v.n)
	}
	slices.Sort(list)
	sum := 0.0
	for _, x := range list {
		sum += x
	}
	switch n.name {
	case "least":
		out.n = list[0]
	case "most":
		out.n = list[len(list)-1]
	case "mean":
		if out.n = sum / float64(len(list)); out.kind == length || out.kind == instant {
			out.n = math.Round(out.n)
		}
	case "share":
		out = value{kind: share, n: sum / float64(len(list))}
	case "quantile":
		q, err := n.args[0].eval(s)
		if err != nil || q.kind != number || q.n < 0 || q.n > 100 {
			return q, fmt.Errorf("quantile wants a number from 0 to 100 first")
		}
		out.n = list[min(max(int(math.Ceil(q.n/100*float64(len(list))))-1, 0), len(list)-1)]
	}
	out.known = from != s.played
	return out, nil
}
