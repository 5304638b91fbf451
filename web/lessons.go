package web

import (
	"zksim/teach"
)

// A LessonQuery is about one round of a lesson.
type LessonQuery struct {
	Lesson string `json:"lesson"` // its name or number
	Round  int    `json:"round"`  // counted from 1
	// Guesses are the answers to the round's questions, as `zksim lesson` takes them. With
	// none at all the right answers alone are told.
	Guesses []string `json:"guesses,omitempty"`
}

// lessons lists the lessons as data.
func lessons(*struct{}, *work) ([]*teach.Lesson, error) { return teach.Lessons(), nil }

// play plays the run of a round.
func (q *LessonQuery) play(w *work) (*teach.Played, error) {
	l, err := teach.FindLesson(q.Lesson)
	if err != nil {
		return nil, unusable("lesson", "%s", err)
	}
	p, err := l.Play(q.Round-1, w.interrupted)
	if err != nil {
		return nil, unusable("round", "%s", err)
	}
	return p, nil
}

// lesson is a round up to its questions.
func lesson(q *LessonQuery, w *work) (*teach.Situation, error) {
	p, err := q.play(w)
	if err != nil {
		return nil, err
	}
	return p.Situation()
}

// judge holds the answers against the run.
func judge(q *LessonQuery, w *work) (*teach.Outcome, error) {
	p, err := q.play(w)
	if err != nil {
		return nil, err
	}
	if n := len(p.Round.Asks); len(q.Guesses) > 0 && len(q.Guesses) != n {
		return nil, unusable("guesses", "%d answers; want %d, one for each question", len(q.Guesses), n)
	}
	var guesses []teach.Guess
	for i, text := range q.Guesses {
		g, err := p.Round.Asks[i].Parse(text)
		if err != nil {
			return nil, unusable("guesses", "%s: %s", shown(text), err)
		}
		guesses = append(guesses, g)
	}
	return p.Judge(guesses)
}
