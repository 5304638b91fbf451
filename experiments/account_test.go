package experiments

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
	"zksim/sim"
)

// An account is the sink that keeps what happened in one run, for questions
// afterwards. What comes with every PING is left out.
type account struct {
	records []sim.Record
	world   *sim.World
	client  model.NodeID // the first one
}

// Record implements [sim.Sink].
func (a *account) Record(r *sim.Record) {
	switch r.Kind {
	case model.KindLeaderPing, model.KindReport, model.KindPingProcessed, model.KindTouchRecorded:
		return
	}
	a.records = append(a.records, *r)
}

// anyone stands for every node in a question, server(n) for the one with that ID.
const anyone = model.NodeID(-2)

func server(id int) model.NodeID { return model.NodeID(id - 1) }

// A wanted says which records are meant: text, unless it is empty, must be theirs.
type wanted struct {
	node model.NodeID
	kind model.Kind
	text string
}

func (w wanted) is(r *sim.Record) bool {
	return r.Kind == w.kind && (w.node == anyone || r.Node == w.node) && (w.text == "" || r.Text == w.text)
}

// first returns the first record from an instant on, or nil.
func (a *account) first(w wanted, from clock.Instant) *sim.Record {
	for i := range a.records {
		if r := &a.records[i]; r.At >= from && w.is(r) {
			return r
		}
	}
	return nil
}

// all returns every such record.
func (a *account) all(w wanted) []*sim.Record {
	var found []*sim.Record
	for i := range a.records {
		if r := &a.records[i]; w.is(r) {
			found = append(found, r)
		}
	}
	return found
}

// at is the instant of a record, unseen without one.
func at(r *sim.Record) clock.Instant {
	if r == nil {
		return unseen
	}
	return r.At
}

// fault is when the first fault began.
func (a *account) fault() clock.Instant {
	return at(a.first(wanted{anyone, sim.KindFaultBegins, ""}, 0))
}

// healed is when the first fault ended.
func (a *account) healed() clock.Instant {
	return at(a.first(wanted{anyone, sim.KindFaultEnds, ""}, 0))
}

// session is the one that the first client had first.
func (a *account) session() model.SessionID {
	if r := a.first(wanted{a.client, model.KindSessionUp, ""}, 0); r != nil {
		return r.Session
	}
	return 0
}

// marked is the first mark of that session from an instant on (T-9).
func (a *account) marked(from clock.Instant) *sim.Record {
	id := a.session()
	for i := range a.records {
		if r := &a.records[i]; r.At >= from && r.Kind == model.KindMarked && r.Session == id {
			return r
		}
	}
	return nil
}

// told is when the first client's application is first told something, from an
// instant on.
func (a *account) told(what string, from clock.Instant) clock.Instant {
	return at(a.first(wanted{a.client, model.KindTold, what}, from))
}

// A question takes one number out of a run; there may be none.
type question func(a *account) (time.Duration, bool)

// between is the question how long it is from one instant to another.
func between(from, to clock.Instant) (time.Duration, bool) {
	if from == unseen || to == unseen {
		return 0, false
	}
	return to.Sub(from), true
}

// A play is one scenario and what is asked of its runs.
type play struct {
	name     string
	scenario *sim.Scenario
	vary     func(seed uint64) *sim.Scenario // instead, where runs differ in more than their draws
	runs     int                             // usual number
	reach    time.Duration                   // how near the extremes must come where there is no law
	least    float64                         // share of the runs that must have an answer; 0 means all
	until    wanted                          // nothing is asked about what follows this; zero: all of the run
	asked    []asked
}

// An asked is a measure that a question takes.
type asked struct {
	measure
	of question
}

// lawful is what [NewUniformSum] and [NewMixture] return.
type lawful interface {
	sim.Law
	Min() time.Duration
	Max() time.Duration
}

// obeys asks for something whose whole law is known.
func obeys(rule string, law lawful, slack time.Duration, of question) asked {
	return asked{measure{rule: rule, law: law, mean: law.Mean(), least: law.Min(), most: law.Max(), slack: slack}, of}
}

// within asks for something whose range is known.
func within(rule string, r Range, slack time.Duration, of question) asked {
	return asked{measure{rule: rule, mean: math.NaN(), least: r.Least, most: r.Most, slack: slack}, of}
}

// happens asks whether something happens, which has the given probability. Numbers
// are 0 ms and 1 ms, so that a probability stands in the table as a mean.
func happens(rule string, probability float64, of func(a *account) (yes, ok bool)) asked {
	m := measure{rule: rule, mean: probability * float64(time.Millisecond), most: time.Millisecond}
	switch probability {
	case 0:
		m.most = 0
	case 1:
		m.least = time.Millisecond
	}
	return asked{m, func(a *account) (time.Duration, bool) {
		yes, ok := of(a)
		if yes {
			return time.Millisecond, ok
		}
		return 0, ok
	}}
}

// run plays the seeds from 1 on and returns the answers to each question, by seed.
func (p *play) run(t *testing.T, n int) [][]float64 {
	t.Helper()
	answers := make([][]float64, len(p.asked))
	for i := range answers {
		answers[i] = make([]float64, n)
	}
	const workers = 2
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			var a account
			for i := k; i < n; i += workers {
				if err := p.one(uint64(i+1), &a); err != nil {
					t.Errorf("%s, seed %d: %v", p.name, i+1, err)
					return
				}
				for m := range p.asked {
					d, ok := p.asked[m].of(&a)
					answers[m][i] = float64(d)
					if !ok {
						answers[m][i] = math.NaN()
					}
				}
			}
		})
	}
	wg.Wait()
	for m := range answers {
		given := slices.DeleteFunc(slices.Clone(answers[m]), math.IsNaN)
		least := p.least
		if least == 0 {
			least = 1
		}
		if float64(len(given)) < least*float64(n) {
			t.Errorf("%s, %s: %d of %d runs have an answer, not that of seed %d: want %d or more", p.asked[m].rule, p.name, len(given), n,
				slices.IndexFunc(answers[m], math.IsNaN)+1, int(least*float64(n)))
		}
		answers[m] = given
	}
	return answers
}

// one plays one seed.
func (p *play) one(seed uint64, a *account) error {
	sc := p.scenario
	if p.vary != nil {
		sc = p.vary(seed)
	}
	*a = account{records: a.records[:0], client: model.NodeID(sc.Ensemble.Servers + sc.Ensemble.Observers)}
	w, err := sim.New(sc, seed, 0, a)
	if err != nil {
		return err
	}
	a.world = w
	for until := time.Duration(0); until < sc.Length; {
		until = min(until+2*sc.Ensemble.Tick, sc.Length)
		if _, err := w.Run(clock.Instant(until), nil); err != nil {
			return err
		}
		if p.until.kind != model.KindNone && a.first(p.until, 0) != nil {
			break
		}
	}
	return nil
}

// judge holds plays against their closed forms: every run inside the bounds, the
// extremes near them, means and laws by tests of which all together reject with
// probability familyError. It prints the table with go test -v.
func judge(t *testing.T, plays []play) {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	var family []claim
	var findings []finding
	var reaches []time.Duration
	for k := range plays {
		p := &plays[k]
		if err := p.check(); err != nil {
			t.Fatal(err)
		}
		answers := p.run(t, runs(t, p.runs))
		for i := range p.asked {
			if len(answers[i]) == 0 {
				continue
			}
			f := examine(p.name, &p.asked[i].measure, answers[i], &family)
			for _, problem := range f.outside(p.reach) {
				t.Error(problem)
			}
			findings = append(findings, f)
			reaches = append(reaches, p.reach)
		}
	}
	settle(t, family, findings)
	if testing.Short() {
		return // so few runs have no such teeth
	}
	for i := range findings {
		for _, slip := range findings[i].unnoticed(reaches[i], len(family)) {
			t.Error(slip)
		}
	}
}

// A moved is a law that is wrong: later by a shift, or wider about its mean.
type moved struct {
	sim.Law
	shift, stretch float64
}

func (m moved) CDF(x float64) float64 {
	mean := m.Law.Mean()
	return m.Law.CDF(mean + (x-mean-m.shift)/m.stretch)
}

func (m moved) Quantile(u float64) float64 {
	mean := m.Law.Mean()
	return mean + m.shift + (m.Law.Quantile(u)-mean)*m.stretch
}

func (m moved) Mean() float64 { return m.Law.Mean() + m.shift }
func (m moved) SD() float64   { return m.Law.SD() * m.stretch }

// unnoticed shows that the tests have teeth: it lists the slips in the closed form of
// a finding that they would not have found, in a family of so many tests. A bound is
// moved by a little more than it must be reached by, a mean by a fifth of the standard
// deviation, a probability by 8 %, and a law is made wider by a tenth.
func (f *finding) unnoticed(reach time.Duration, family int) []string {
	var slips []string
	try := func(slip string, wrong measure) {
		var claims []claim
		g := examine(f.trial, &wrong, f.values, &claims)
		noticed := len(g.outside(reach)) > 0
		for i := range claims {
			noticed = noticed || claims[i].p*float64(family) <= familyError
		}
		if !noticed {
			slips = append(slips, fmt.Sprintf("%s, %s: nobody would notice %s", f.measure.rule, f.trial, slip))
		}
	}
	wrong := *f.measure
	switch m := f.measure; {
	case m.law != nil:
		for _, shift := range [2]float64{-m.law.SD() / 5, m.law.SD() / 5} {
			wrong.law = moved{m.law, shift, 1}
			wrong.mean, wrong.least, wrong.most = wrong.law.Mean(), m.least-time.Hour, m.most+time.Hour
			try(fmt.Sprintf("a law that is off by %.0f ms", inMillis(shift)), wrong)
		}
		wrong.law = moved{m.law, 0, 1.1}
		wrong.mean, wrong.least, wrong.most = m.mean, m.least-time.Hour, m.most+time.Hour
		try("a law that is wider by a tenth", wrong)
	case math.IsNaN(m.mean):
		step := reach + m.slack + time.Millisecond
		for _, by := range [4]Range{{-step, 0}, {step, 0}, {0, -step}, {0, step}} {
			wrong.least, wrong.most = m.least+by.Least, m.most+by.Most
			try(fmt.Sprintf("bounds of %v to %v", wrong.least, wrong.most), wrong)
		}
	default:
		for _, by := range [2]float64{-0.08, 0.08} {
			wrong.mean = m.mean + by*float64(time.Millisecond)
			try(fmt.Sprintf("a probability of %.3f", inMillis(wrong.mean)), wrong)
		}
	}
	return slips
}

// check wants a scenario that the command would take too.
func (p *play) check() error {
	sc := p.scenario
	if p.vary != nil {
		sc = p.vary(1)
	}
	if err := sc.Check(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}
