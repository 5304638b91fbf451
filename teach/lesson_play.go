package teach

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zksim/clock"
	"zksim/sim"
)

// A Played is a round whose run has been played. It shows of the run what may be shown:
// [Played.Situation] before the questions are answered, [Played.Judge] after.
type Played struct {
	Lesson   *Lesson
	Round    *Round
	Timeline *sim.Timeline // of the first run; not to be shown before there is an answer

	scenario *sim.Scenario
	clients  []string // that have a name of their own
	facts    *facts   // of the first run
	rest     []*facts // of all runs, once something asks for them
	earlier  map[string]*Played
	stop     func() bool
}

// Play plays the first run of a round, counted from 0, and of the rounds before it that
// have a name. Stop, if not nil, is asked now and then whether to give up.
func (l *Lesson) Play(round int, stop func() bool) (*Played, error) {
	if round < 0 || round >= len(l.Rounds) {
		return nil, fmt.Errorf("lesson %s has no round %d; want 1 to %d", l.Name, round+1, len(l.Rounds))
	}
	earlier := map[string]*Played{}
	for i := range round {
		if l.Rounds[i].Name != "" {
			p, err := l.play(i, stop, nil)
			if err != nil {
				return nil, err
			}
			earlier[p.Round.Name] = p
		}
	}
	return l.play(round, stop, earlier)
}

func (l *Lesson) play(round int, stop func() bool, earlier map[string]*Played) (*Played, error) {
	p := &Played{Lesson: l, Round: &l.Rounds[round], earlier: earlier, stop: stop}
	e, ok := sim.FindEmbedded(p.Round.Scenario)
	if !ok {
		return nil, fmt.Errorf("lesson %s: no scenario %s", l.Name, p.Round.Scenario)
	}
	var err error
	if p.scenario, err = sim.ReadScenarioWith(e.Name+".yaml", e.Source, nil, p.Round.Set); err != nil {
		return nil, err
	}
	p.scenario.Title = "" // it may tell the outcome, or not hold with the changes
	for i := range p.scenario.Clients {
		if c := &p.scenario.Clients[i]; c.Count <= 1 {
			p.clients = append(p.clients, c.Name)
		}
	}
	p.Timeline, p.facts, err = p.run(0)
	return p, err
}

// run plays one replication.
func (p *Played) run(number uint32) (*sim.Timeline, *facts, error) {
	c := sim.NewCollector(p.scenario)
	w, err := sim.New(p.scenario, p.Round.Seed, number, c)
	if err != nil {
		return nil, nil, err
	}
	sum, err := w.Run(clock.Instant(p.scenario.Length), p.stop)
	if err != nil {
		return nil, nil, err
	}
	t := c.Timeline(w, sum)
	of, whose, err := tellers(t, p.Round.Client)
	if err != nil {
		return nil, nil, err
	}
	return t, factsOf(of, whose, p.clients), nil
}

// all plays all runs of the round, once.
func (p *Played) all() ([]*facts, error) {
	for len(p.rest) < max(p.Round.Runs, 1) {
		f := p.facts
		if n := len(p.rest); n > 0 {
			var err error
			if _, f, err = p.run(uint32(n)); err != nil {
				return nil, err
			}
		}
		p.rest = append(p.rest, f)
	}
	return p.rest, nil
}

// A Situation is what is shown before the questions are answered: nothing in it comes
// from after the first fault, but for how the faults go on.
type Situation struct {
	Lesson   int        `json:"lesson"`
	Round    int        `json:"round"` // counted from 1
	Of       int        `json:"of"`    // how many rounds there are
	Scenario string     `json:"scenario"`
	Set      []string   `json:"set,omitempty"`
	Seed     uint64     `json:"seed,string"`
	Client   string     `json:"client"` // whose story it is
	Runs     int        `json:"runs"`
	Text     string     `json:"text"` // paragraphs with an empty line between
	Asks     []Question `json:"asks"`
}

// A Question is an [Ask] as it is put.
type Question struct {
	Question string   `json:"question"`
	Kind     string   `json:"kind"`
	Options  []string `json:"options,omitempty"` // a, b, c, ...
	Want     string   `json:"want"`              // what an answer looks like
}

// Situation is the round up to its questions.
func (p *Played) Situation() (*Situation, error) {
	s := &Situation{Lesson: p.Lesson.Number, Round: p.number(), Of: len(p.Lesson.Rounds), Scenario: p.Round.Scenario, Set: p.Round.Set,
		Seed: p.Round.Seed, Client: p.facts.whose, Runs: 1}
	if p.Round.many() {
		s.Runs = p.Round.Runs
	}
	sc := p.scope()
	var err error
	if s.Text, err = p.Round.text.fill(sc, true); err != nil {
		return nil, err
	}
	for i := range p.Round.Asks {
		a := &p.Round.Asks[i]
		q := Question{Kind: a.Kind, Want: a.want()}
		if q.Question, err = a.question.fill(sc, true); err != nil {
			return nil, err
		}
		for j := range a.Options {
			option, err := a.Options[j].text.fill(sc, true)
			if err != nil {
				return nil, err
			}
			q.Options = append(q.Options, option)
		}
		s.Asks = append(s.Asks, q)
	}
	return s, nil
}

// many says whether the questions of a round are about many runs, not the first alone.
func (r *Round) many() bool {
	found := r.spread != nil
	for i := range r.Asks {
		if r.Asks[i].of == nil {
			continue
		}
		r.Asks[i].of.root.visit(func(n node) {
			c, ok := n.(call)
			found = found || ok && c.aggregates()
		})
	}
	return found
}

func (p *Played) number() int {
	for i := range p.Lesson.Rounds {
		if &p.Lesson.Rounds[i] == p.Round {
			return i + 1
		}
	}
	return 0
}

func (p *Played) scope() *scope { return &scope{facts: p.facts, played: p} }

// A Judgement is what becomes of one answer.
type Judgement struct {
	Question string `json:"question"`
	Kind     string `json:"kind"`
	Guess    string `json:"guess"`  // as it was understood
	Answer   string `json:"answer"` // what the run says
	Right    bool   `json:"right"`
	// Of an instant: both in milliseconds from the fault, and by how much the guess is
	// later. Nil where one of the two is never.
	GuessMS  *int64 `json:"guess_ms,omitempty"`
	AnswerMS *int64 `json:"answer_ms,omitempty"`
	ErrorMS  *int64 `json:"error_ms,omitempty"`
	Words    string `json:"words"`            // the verdict in a sentence
	Reveal   string `json:"reveal,omitempty"` // what the guess shows
}

// An Outcome is what is shown once the questions of a round are answered.
type Outcome struct {
	Asks    []Judgement `json:"asks"`
	Spread  *Spread     `json:"spread,omitempty"` // over all runs of the round, where it has several
	Explain string      `json:"explain"`
	Rules   []string    `json:"rules"`
	Command string      `json:"command"` // shows the run with all its instants
}

// Judge holds the answers to a round's questions against the run, and explains it. With
// no guesses at all it tells the answers alone.
func (p *Played) Judge(guesses []Guess) (*Outcome, error) {
	if len(guesses) != 0 && len(guesses) != len(p.Round.Asks) {
		return nil, fmt.Errorf("%d answers; want %d", len(guesses), len(p.Round.Asks))
	}
	out := &Outcome{Rules: p.Round.Rules, Command: p.Round.Command()}
	for i := range p.Round.Asks {
		var g *Guess
		if len(guesses) > 0 {
			g = &guesses[i]
		}
		j, err := p.judge(&p.Round.Asks[i], g)
		if err != nil {
			return nil, err
		}
		out.Asks = append(out.Asks, *j)
	}
	var err error
	if p.Round.spread != nil {
		if out.Spread, err = p.spread(); err != nil {
			return nil, err
		}
	}
	out.Explain, err = p.Round.explain.fill(p.scope(), false)
	return out, err
}

// judge holds one answer against the run.
func (p *Played) judge(a *Ask, g *Guess) (*Judgement, error) {
	sc := p.scope()
	j := &Judgement{Kind: a.Kind}
	var err error
	if j.Question, err = a.question.fill(sc, true); err != nil {
		return nil, err
	}
	switch a.Kind {
	case AskChoice:
		err = p.judgeChoice(a, g, j, sc)
	case AskOrder:
		err = p.judgeOrder(a, g, j, sc)
	default:
		err = p.judgeValue(a, g, j, sc)
	}
	if err != nil || g == nil || j.Reveal != "" {
		return j, err
	}
	sc.order = g.names(a)
	if g.value != nil {
		sc.guess = g.value
	}
	for i := range a.wrongReveals {
		w := &a.wrongReveals[i]
		applies, err := w.when.eval(sc)
		if err != nil {
			return nil, err
		}
		if applies.kind != yesNo {
			return nil, fmt.Errorf("%q: %s; want yes or no", w.when.text, applies.kind)
		}
		if applies.yes {
			j.Reveal, err = w.text.fill(sc, false)
			return j, err
		}
	}
	return j, nil
}

func (p *Played) judgeValue(a *Ask, g *Guess, j *Judgement, sc *scope) error {
	answer, err := a.of.eval(sc)
	if err != nil {
		return err
	}
	if want := kindOf(a.Kind); answer.kind != want {
		return fmt.Errorf("%q is %s; the question wants %s", a.Of, answer.kind, want)
	}
	j.Answer = answer.String()
	j.AnswerMS = whole(answer)
	if a.closeTo != nil {
		if sc.close, err = a.closeTo.eval(sc); err != nil {
			return err
		}
	}
	if g == nil {
		return nil
	}
	guess := *g.value
	j.Guess, j.GuessMS = guess.String(), whole(guess)
	if a.Kind == AskYesNo {
		j.Right = guess.yes == answer.yes
		j.Words = fmt.Sprintf("You said %s. The answer is %s.", j.Guess, j.Answer)
		if j.Right {
			j.Words = "Right: " + j.Answer + "."
		}
		return nil
	}
	near, err := sc.near(guess, answer)
	if err != nil {
		return err
	}
	j.Right = near.yes
	if j.GuessMS != nil && j.AnswerMS != nil {
		off := *j.GuessMS - *j.AnswerMS
		j.ErrorMS = &off
	}
	j.Words = a.offBy(guess, answer, j)
	return nil
}

// whole is a value in whole milliseconds; nil if it has none.
func whole(v value) *int64 {
	if v.kind != instant && v.kind != length || math.IsInf(v.n, 0) || math.IsNaN(v.n) {
		return nil
	}
	n := int64(v.n)
	return &n
}

// offBy says how far a guess is from the answer.
func (a *Ask) offBy(guess, answer value, j *Judgement) string {
	at := ""
	if a.Kind == AskInstant {
		at = "at "
	}
	switch {
	case guess.never() && answer.never():
		return "Right: never within the run."
	case guess.never():
		return capital(fmt.Sprintf("%s%s. You said never.", at, answer))
	case answer.never():
		return fmt.Sprintf("Never within the run. You said %s.", guess)
	case guess.n == answer.n:
		return fmt.Sprintf("Exactly: %s%s.", at, answer)
	}
	by, words := "", [2]string{"too many", "too few"}
	switch a.Kind {
	case AskInstant:
		by, words = fmt.Sprintf("%d ms", abs(*j.ErrorMS)), [2]string{"too late", "too early"}
	case AskLength:
		by, words = fmt.Sprintf("%d ms", abs(*j.ErrorMS)), [2]string{"too long", "too short"}
	case AskShare:
		by = trimmed(fmt.Sprintf("%.1f", 100*math.Abs(guess.n-answer.n))) + " of a hundred"
	default:
		by = trimmed(fmt.Sprintf("%.2f", math.Abs(guess.n-answer.n)))
	}
	word := words[0]
	if guess.n < answer.n {
		word = words[1]
	}
	said := fmt.Sprintf("%s%s. You said %s, %s %s.", at, answer, guess, by, word)
	if j.Right {
		return "Near enough: " + said
	}
	return capital(said)
}

// capital is a sentence as it begins.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func abs(n int64) int64 { return max(n, -n) }

func (p *Played) judgeChoice(a *Ask, g *Guess, j *Judgement, sc *scope) error {
	right := -1
	for i := range a.Options {
		v, err := a.Options[i].of.eval(sc)
		switch {
		case err != nil:
			return err
		case v.kind != yesNo:
			return fmt.Errorf("%q is %s; an option of a choice wants yes or no", a.Options[i].Of, v.kind)
		case v.yes && right >= 0:
			return fmt.Errorf("options %s and %s are both right", a.Options[right].Key, a.Options[i].Key)
		case v.yes:
			right = i
		}
	}
	if right < 0 {
		return fmt.Errorf("no option is right: %s", a.Question)
	}
	words, err := a.Options[right].text.fill(sc, false)
	if err != nil {
		return err
	}
	j.Answer = a.Options[right].Key + ") " + words
	if g == nil {
		return nil
	}
	took := &a.Options[g.order[0]]
	j.Guess, j.Right = took.Key, g.order[0] == right
	j.Words = fmt.Sprintf("You said %s. It is %s", j.Guess, j.Answer)
	if j.Right {
		j.Words = "Right: " + j.Answer
	}
	j.Reveal, err = took.reveal.fill(sc, false)
	return err
}

func (p *Played) judgeOrder(a *Ask, g *Guess, j *Judgement, sc *scope) error {
	at := make([]value, len(a.Options))
	order := make([]int, len(a.Options))
	for i := range a.Options {
		v, err := a.Options[i].of.eval(sc)
		switch {
		case err != nil:
			return err
		case v.kind != instant:
			return fmt.Errorf("%q is %s; an option of an order wants an instant", a.Options[i].Of, v.kind)
		}
		at[i], order[i] = v, i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch a, b := at[x].n, at[y].n; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	for k, i := range order {
		words, err := a.Options[i].text.fill(sc, false)
		if err != nil {
			return err
		}
		if k > 0 {
			j.Answer += ", "
		}
		j.Answer += fmt.Sprintf("%s) %s (%s)", a.Options[i].Key, words, at[i])
	}
	if g == nil {
		return nil
	}
	// Things of the same instant may come in any order.
	j.Right = true
	for k := range g.order {
		j.Right = j.Right && at[g.order[k]].n == at[order[k]].n
	}
	j.Guess = g.keys(a)
	j.Words = fmt.Sprintf("You said %s. The order is %s.", j.Guess, j.Answer)
	if j.Right {
		j.Words = "Right: " + j.Answer + "."
	}
	return nil
}
