package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"zksim/sim"
	"zksim/teach"
)

// A teacher gives one lesson, to a person at a terminal or to whoever answered beforehand.
type teacher struct {
	ctx     context.Context
	lesson  *teach.Lesson
	out     io.Writer
	opts    sim.TextOptions
	show    bool     // tell the answers, ask nothing
	answers []string // that were given beforehand and not used yet
	given   int      // how many were
	typed   *typist  // nil if nobody can be asked
	err     error    // of out
}

// mostTries is how often a question is put again after an answer that cannot be read.
const mostTries = 5

// errLeft is the end of a lesson that its reader left.
var errLeft = errors.New("left")

// give gives the lesson from its beginning to its end.
func (t *teacher) give() error {
	if err := t.checkAnswers(); err != nil {
		return err
	}
	t.paragraphs("", fmt.Sprintf("Lesson %d: %s", t.lesson.Number, t.lesson.Title))
	if t.typed != nil {
		t.line("Enter sends an answer, Ctrl-D leaves the lesson.")
	}
	for i := range t.lesson.Rounds {
		if err := t.round(i); errors.Is(err, errLeft) {
			t.line("")
			t.line(fmt.Sprintf("You left lesson %d; zksim lesson %d begins it again.", t.lesson.Number, t.lesson.Number))
			return t.err
		} else if err != nil {
			return err
		}
	}
	t.line("")
	t.line("Next, on your own:")
	for _, next := range t.lesson.Next {
		t.line("")
		t.paragraphs("  ", next.Text)
		t.line("    " + next.Command)
	}
	t.line("")
	t.paragraphs("", t.lesson.Moral)
	return t.err
}

// checkAnswers refuses answers that cannot be read, or are too few or too many, before
// anything is printed.
func (t *teacher) checkAnswers() error {
	n := 0
	for i := range t.lesson.Rounds {
		for k := range t.lesson.Rounds[i].Asks {
			n++
			if n > len(t.answers) {
				continue
			}
			if _, err := t.lesson.Rounds[i].Asks[k].Parse(t.answers[n-1]); err != nil {
				return unusable("lesson %d, question %d: --answer %w", t.lesson.Number, n, err)
			}
		}
	}
	switch {
	case len(t.answers) > n:
		return unusable("lesson %d: %d answers; it has %s", t.lesson.Number, len(t.answers), counted(n, "question"))
	case len(t.answers) < n && t.typed == nil && !t.show:
		return unusable("lesson %d: %s for %s; want --answer for each, in their order, or a terminal, or --show", t.lesson.Number, counted(len(t.answers), "answer"), counted(n, "question"))
	}
	return nil
}

// round gives one round: what is the case, what is asked, what happens, why.
func (t *teacher) round(i int) error {
	p, err := t.lesson.Play(i, func() bool { return t.ctx.Err() != nil })
	if err != nil {
		return err
	}
	s, err := p.Situation()
	if err != nil {
		return err
	}
	t.rule(fmt.Sprintf(" %d of %d ", s.Round, s.Of))
	t.paragraphs("", s.Text)
	if s.Runs == 1 {
		t.line("")
		if err := t.plan(p, s); err != nil {
			return err
		}
	}
	var guesses []teach.Guess
	for k := range s.Asks {
		g, err := t.ask(&t.lesson.Rounds[i].Asks[k], &s.Asks[k])
		if err != nil {
			return err
		}
		if g != nil {
			guesses = append(guesses, *g)
		}
	}
	o, err := p.Judge(guesses)
	if err != nil {
		return err
	}
	t.line("")
	if s.Runs > 1 {
		t.line(fmt.Sprintf("The first of the %d runs:", s.Runs))
		t.line("")
		if err := t.plan(p, s); err != nil {
			return err
		}
		t.line("")
	}
	if err := t.run(p, s); err != nil {
		return err
	}
	if o.Spread != nil {
		t.spread(o.Spread)
	}
	for k := range o.Asks {
		j := &o.Asks[k]
		t.line("")
		t.paragraphs("", s.Asks[k].Question)
		if t.show {
			t.paragraphs("  ", j.Answer)
			continue
		}
		t.paragraphs("  ", j.Words)
		if j.Reveal != "" {
			t.paragraphs("  ", j.Reveal)
		}
	}
	if err := t.pause("Enter: why it came so"); err != nil {
		return err
	}
	t.line("")
	t.paragraphs("", o.Explain)
	t.line("")
	t.paragraphs("", "Rules: "+strings.Join(o.Rules, ", ")+" (zksim rule "+o.Rules[0]+")")
	t.line("Every instant of this run:")
	t.line("  " + o.Command)
	if i+1 == len(t.lesson.Rounds) {
		return t.err
	}
	return t.pause("Enter: one thing is changed")
}

// plan shows what a round is about, up to the fault.
func (t *teacher) plan(p *teach.Played, s *teach.Situation) error {
	opts := t.opts
	opts.Client = s.Client
	return sim.WritePlan(t.out, p.Timeline, opts)
}

// run shows what came of it.
func (t *teacher) run(p *teach.Played, s *teach.Situation) error {
	opts := t.opts
	opts.Detail, opts.Client = sim.DetailPicture, s.Client
	return sim.WriteText(t.out, p.Timeline, opts)
}

// spread draws how often what came out over many runs, a bar for each bin.
func (t *teacher) spread(s *teach.Spread) {
	t.line("")
	t.paragraphs("", fmt.Sprintf("All %d runs: %s, in seconds", s.Runs, s.Of))
	t.line("")
	most := 1
	for _, n := range s.Counts {
		most = max(most, n)
	}
	decimals := 3
	for width := s.WidthMS; decimals > 0 && width%10 == 0; width /= 10 {
		decimals--
	}
	room := t.opts.Width - 32
	for i, n := range s.Counts {
		from := float64(s.FromMS+int64(i)*s.WidthMS) / 1000
		bar := strings.Repeat("█", n*room/most)
		if n > 0 && bar == "" {
			bar = "▌"
		}
		t.line(fmt.Sprintf("%8.*f to %7.*f  %s %d", decimals, from, decimals, from+float64(s.WidthMS)/1000, bar, n))
	}
	if s.Never > 0 {
		t.line(fmt.Sprintf("%19s  %d", "never", s.Never))
	}
}

// ask puts a question and gets an answer; none if the lesson is only shown.
func (t *teacher) ask(a *teach.Ask, q *teach.Question) (*teach.Guess, error) {
	t.line("")
	t.paragraphs("", q.Question)
	for i, option := range q.Options {
		t.paragraphs(fmt.Sprintf("  %c) ", 'a'+i), option)
	}
	if t.show {
		return nil, nil
	}
	prompt := fmt.Sprintf("  (%s) > ", q.Want)
	if t.given < len(t.answers) {
		text := t.answers[t.given]
		t.given++
		t.line(prompt + text)
		g, err := a.Parse(text)
		return &g, err
	}
	for range mostTries {
		t.print(prompt)
		text, err := t.typed.line(t.ctx)
		if err != nil {
			return nil, err
		}
		g, err := a.Parse(text)
		if err == nil {
			return &g, nil
		}
		t.paragraphs("  ", err.Error())
	}
	return nil, unusable("lesson %d: %d answers that cannot be read; want %s", t.lesson.Number, mostTries, q.Want)
}

// pause lets a person at a terminal read on when they are ready.
func (t *teacher) pause(what string) error {
	if t.typed == nil {
		return t.err
	}
	t.line("")
	t.print("  (" + what + ") ")
	_, err := t.typed.line(t.ctx)
	return err
}

// paragraphs writes text in lines that fit, with an empty line between paragraphs. Lines
// after the first are indented as far as the first is.
func (t *teacher) paragraphs(first, text string) {
	rest := strings.Repeat(" ", len(first))
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			t.line("")
		}
		for k, line := range wrap(withUnit.ReplaceAllString(paragraph, "$1"+tie+"$2$3"), t.opts.Width-1-len(first)) {
			line = strings.ReplaceAll(line, tie, " ")
			if i == 0 && k == 0 {
				t.line(first + line)
			} else {
				t.line(rest + line)
			}
		}
	}
}

// withUnit is a number with its unit; tie stands for the blank between them, where no line
// ends.
var withUnit = regexp.MustCompile(`(\d) (s|ms|%)(\W|$)`)

const tie = "\x01"

// rule draws a line across with words in it.
func (t *teacher) rule(words string) {
	t.line("")
	t.line(strings.Repeat("-", 3) + words + strings.Repeat("-", max(t.opts.Width-5-len(words), 3)))
	t.line("")
}

// line writes one line, behind the margin of one column that all text has.
func (t *teacher) line(text string) {
	if text != "" {
		text = " " + text
	}
	t.write(text + "\n")
}

func (t *teacher) print(text string) { t.write(" " + text) }

func (t *teacher) write(text string) {
	if t.err == nil {
		_, t.err = io.WriteString(t.out, plain(text, t.opts.ASCII))
	}
}

// A typist is somebody at a terminal who types lines.
type typist struct{ lines chan string }

// maxTyped bounds a line.
const maxTyped = 64 << 10

func newTypist(in io.Reader) *typist {
	t := &typist{lines: make(chan string)}
	go func() {
		// It ends with the input, or with the program.
		s := bufio.NewScanner(in)
		s.Buffer(nil, maxTyped)
		for s.Scan() {
			t.lines <- s.Text()
		}
		close(t.lines)
	}()
	return t
}

// line waits for the next line. The end of the input is the wish to leave.
func (t *typist) line(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case text, ok := <-t.lines:
		if !ok {
			return "", errLeft
		}
		return text, nil
	}
}
