package teach

import (
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
