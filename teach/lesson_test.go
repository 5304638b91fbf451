package teach

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// eachRound plays every round of every lesson.
func eachRound(t *testing.T, f func(t *testing.T, p *Played)) {
	t.Helper()
	for _, l := range Lessons() {
		for i := range l.Rounds {
			p, err := l.Play(i, nil)
			if err != nil {
				t.Fatalf("%s, round %d: %v", l.Name, i+1, err)
			}
			t.Run(l.Name, func(t *testing.T) { f(t, p) })
		}
	}
}

// TestEveryTextOfEveryLessonCanBeFilled fills in what is said before the answers, what is
// said after them, and what any answer can reveal.
func TestEveryTextOfEveryLessonCanBeFilled(t *testing.T) {
	eachRound(t, func(t *testing.T, p *Played) {
		s, err := p.Situation()
		if err != nil {
			t.Fatalf("round %d: %v", p.number(), err)
		}
		o, err := p.Judge(nil)
		if err != nil {
			t.Fatalf("round %d: %v", p.number(), err)
		}
		texts := []string{s.Text, o.Explain}
		for i := range p.Round.Asks {
			a := &p.Round.Asks[i]
			texts = append(texts, s.Asks[i].Question, o.Asks[i].Answer)
			sc := p.scope()
			for k := range a.Options {
				words, err := a.Options[k].reveal.fill(sc, false)
				if err != nil {
					t.Errorf("round %d, option %s: %v", p.number(), a.Options[k].Key, err)
				}
				texts = append(texts, words)
			}
			for k := range a.wrongReveals {
				words, err := a.wrongReveals[k].text.fill(sc, false)
				if err != nil {
					t.Errorf("round %d, question %d: %v", p.number(), i+1, err)
				}
				texts = append(texts, words)
			}
		}
		for _, text := range texts {
			if strings.ContainsAny(text, "{}") || strings.Contains(text, "NaN") {
				t.Errorf("round %d: %q", p.number(), text)
			}
		}
	})
}

// everyGuess gives what people may answer to a question: instants and lengths up to a
// minute, all shares and small numbers, all options, all orders.
func everyGuess(a *Ask, step int) []string {
	var all []string
	switch a.Kind {
	case AskInstant, AskLength:
		all = append(all, "never")
		for ms := 0; ms <= 60_000; ms += step {
			all = append(all, fmt.Sprintf("%dms", ms))
		}
	case AskShare:
		for n := range 101 {
			all = append(all, fmt.Sprint(n))
		}
	case AskNumber:
		for n := range 20 {
			all = append(all, fmt.Sprint(n))
		}
	case AskYesNo:
		all = append(all, "yes", "no")
	case AskChoice:
		for i := range a.Options {
			all = append(all, a.Options[i].Key)
		}
	case AskOrder:
		var put func(head string, rest []Option)
		put = func(head string, rest []Option) {
			if len(rest) == 0 {
				all = append(all, head)
			}
			for i := range rest {
				put(head+rest[i].Key, slices.Delete(slices.Clone(rest), i, i+1))
			}
		}
		put("", a.Options)
	}
	return all
}

// TestWhateverIsAnsweredIsJudged: every answer gets a sentence, some answer is right, and
// every reveal is said to somebody: none stands behind others that always come before it.
func TestWhateverIsAnsweredIsJudged(t *testing.T) {
	eachRound(t, func(t *testing.T, p *Played) {
		for i := range p.Round.Asks {
			a := &p.Round.Asks[i]
			step := 50
			if p.Round.many() {
				step = 500 // each answer is held against hundreds of runs
			}
			said := map[string]bool{}
			right := 0
			for _, text := range everyGuess(a, step) {
				g, err := a.Parse(text)
				if err != nil {
					t.Fatalf("round %d, question %d: %v", p.number(), i+1, err)
				}
				j, err := p.judge(a, &g)
				if err != nil {
					t.Fatalf("round %d, question %d, %q: %v", p.number(), i+1, text, err)
				}
				if j.Words == "" || j.Guess == "" || j.Answer == "" || strings.Contains(j.Words, "NaN") {
					t.Errorf("round %d, question %d, %q: %+v", p.number(), i+1, text, j)
				}
				if j.Right {
					right++
				}
				said[j.Reveal] = true
			}
			if right == 0 {
				t.Errorf("round %d, question %d: no answer is right", p.number(), i+1)
			}
			for k := range a.wrongReveals {
				words, err := a.wrongReveals[k].text.fill(p.scope(), false)
				if err != nil || !said[words] {
					t.Errorf("round %d, question %d: nobody is told %q", p.number(), i+1, words)
				}
			}
		}
	})
}
