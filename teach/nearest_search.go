package teach

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zksim/clock"
	"zksim/sim"
)

// A searcher plays a case again and again.
type searcher struct {
	c      *Case
	n      *Nearest
	limit  Limit
	runs   int
	events uint64
	played map[string]ending // by what was set, so that nothing is played twice; never ranged over
}

// play plays the run with further values set.
func (s *searcher) play(sets ...string) (ending, error) {
	key := strings.Join(sets, "\x00")
	if e, ok := s.played[key]; ok {
		return e, nil
	}
	if s.runs >= s.limit.Runs || s.events >= s.limit.Events {
		return ending{}, errSpent
	}
	q := s.c.request
	scenario, err := sim.ReadScenarioWith(q.Name, q.Source, q.Open, slices.Concat(q.Sets, sets))
	if err != nil {
		return ending{}, unfit{err}
	}
	collector := sim.NewCollector(scenario)
	w, err := sim.New(scenario, s.c.File.Seed, q.Run, collector)
	if err != nil {
		return ending{}, unfit{err}
	}
	s.runs++
	sum, err := w.Run(clock.Instant(scenario.Length), q.Stop)
	s.events += sum.Events
	if err != nil {
		return ending{}, err
	}
	// Whose story it was, whoever comes first there.
	story, err := s.c.pick(collector.Timeline(w, sum))
	if err != nil {
		return ending{}, err
	}
	e := endingOf(story)
	s.played[key] = e
	return e, nil
}

// An unfit value is one that the scenario cannot have.
type unfit struct{ error }

// turn searches one knob, downwards and upwards.
func (s *searcher) turn(k knob) error {
	before := s.runs
	search := Search{Key: k.key, What: k.what, Least: k.shown(k.least), Most: k.shown(k.most), Step: shortly(k.step), NoLess: true, NoMore: true}
	// A value that was drawn to the microsecond, or that the servers did not grant, cannot
	// be set to the millisecond: then the run is another one from the start.
	e, err := s.play(k.set(k.value))
	switch {
	case errors.As(err, new(unfit)), err == nil && e != s.n.ending:
		return nil
	case err == nil:
		for _, down := range []bool{true, false} {
			var found []Change
			if found, err = s.scan(k, down); err != nil && !errors.Is(err, errSpent) {
				return err
			}
			s.n.Changes = append(s.n.Changes, found...)
			if down {
				search.NoLess = len(found) == 0
			} else {
				search.NoMore = len(found) == 0
			}
			if err != nil {
				break
			}
		}
	}
	if err != nil && !errors.Is(err, errSpent) {
		return err
	}
	search.Cut, search.Runs = err != nil, s.runs-before
	s.n.Searches = append(s.n.Searches, search)
	return nil
}

// scan goes from the value as it is to one end of the range, a step at a time. It gives,
// for each class of endings that it meets, the first value that has it.
func (s *searcher) scan(k knob, down bool) ([]Change, error) {
	end, step := k.most, k.step
	if down {
		end, step = k.least, -k.step
	}
	longer, err := s.stretched(k, end)
	if err != nil {
		return nil, err
	}
	if over := s.c.Timeline.Scenario.Length.Milliseconds() - 1; k.instant && len(longer) == 0 && end > over {
		end = max(over, k.value)
	}
	at := func(v int64) (ending, error) { return s.play(append(slices.Clone(longer), k.set(v))...) }
	met := []ending{s.n.ending}
	var found []Change
	for v := k.value; v != end; {
		last := v
		if v += step; down && v < end || !down && v > end {
			v = end
		}
		e, err := at(v)
		switch {
		case errors.As(err, new(unfit)):
			return found, nil // no further in this direction
		case err != nil:
			return found, err
		case slices.ContainsFunc(met, func(o ending) bool { return s.alike(o, e) }):
			continue
		}
		met = append(met, e)
		to := v
		for to-last > 1 || last-to > 1 {
			middle := last + (to-last)/2
			o, err := at(middle)
			if err != nil {
				return found, err
			}
			if s.alike(o, e) {
				to, e = middle, o
			} else {
				last = middle
			}
		}
		change, err := s.change(k, to, last, e, longer)
		if err != nil {
			return found, err
		}
		found = append(found, change)
	}
	return found, nil
}

// alike says whether two endings are of one class: the verdict counts, and what an
// application does meanwhile where the verdict is that of the run as it is.
func (s *searcher) alike(a, b ending) bool {
	return a.same(b) && (a.zombie == b.zombie || !a.same(s.n.ending))
}

// stretched is what makes the run long enough for the far end of a knob's range: so that
// what the run's end would cut off is not taken for another outcome. If the run as it is
// ends otherwise with more time, its length stays.
func (s *searcher) stretched(k knob, end int64) ([]string, error) {
	more := (end - k.value) * k.stretch
	if more <= 0 {
		return nil, nil
	}
	length := s.c.Timeline.Scenario.Length + time.Duration(more)*time.Millisecond
	if length > sim.MaxLength {
		return nil, nil
	}
	sets := []string{fmt.Sprintf("run=%dus", length.Microseconds())}
	e, err := s.play(append(slices.Clone(sets), k.set(k.value))...)
	if err != nil || e != s.n.ending {
		return nil, err
	}
	return sets, nil
}

// change describes a value that was found. Where the run need not be longer for it, it
// stays as long as it was.
func (s *searcher) change(k knob, v, last int64, e ending, longer []string) (Change, error) {
	if len(longer) > 0 {
		a, err := s.play(k.set(v))
		if err != nil {
			return Change{}, err
		}
		b, err := s.play(k.set(last))
		if err != nil {
			return Change{}, err
		}
		if s.alike(a, e) && !s.alike(b, e) {
			longer = nil
		}
	}
	outcome := e.words(s.c.Story.Name, s.n.ending)
	c := Change{Key: k.key, What: k.what, From: k.shown(k.value), Value: k.shown(v), Last: k.shown(last), DeltaMS: v - k.value,
		Set: append(slices.Clone(longer), k.set(v)), LastSet: append(slices.Clone(longer), k.set(last)), Outcome: outcome,
		Words: k.words(v, k.value) + ", " + outcome + "."}
	if !e.none {
		c.Verdict = sim.Verdicts[e.verdict]
	}
	return c, nil
}

// libraries plays the run with other client libraries, and tells of those that give
// another verdict.
func (s *searcher) libraries() error {
	spec := s.c.client()
	if spec == nil || spec.Library == nil {
		return nil
	}
	before := s.runs
	search := Search{Key: "clients." + spec.Name + ".library", What: "client library", NoLess: true, NoMore: true}
	for _, l := range s.c.otherLibraries(spec) {
		sets := []string{"clients." + spec.Name + ".library=" + l.Name, "clients." + spec.Name + ".version=" + l.Read}
		e, err := s.play(sets...)
		switch {
		case errors.As(err, new(unfit)):
			continue // the client has settings that only its own library knows
		case errors.Is(err, errSpent):
			search.Cut = true
		case err != nil:
			return err
		case !s.n.ending.same(e):
			search.NoLess, search.NoMore = false, false
			outcome := e.words(s.c.Story.Name, s.n.ending)
			c := Change{Key: search.Key, What: search.What, From: spec.Library.Title() + " " + spec.Version, Value: l.Title() + " " + l.Read, Set: sets, Outcome: outcome,
				Words: fmt.Sprintf("With %s %s instead of %s %s, %s.", l.Title(), l.Read, spec.Library.Title(), spec.Version, outcome)}
			if !e.none {
				c.Verdict = sim.Verdicts[e.verdict]
			}
			s.n.Changes = append(s.n.Changes, c)
		}
		if search.Cut {
			break
		}
	}
	if search.Runs = s.runs - before; search.Runs > 0 {
		s.n.Searches = append(s.n.Searches, search)
	}
	return nil
}
