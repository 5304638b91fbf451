package teach

import (
	"errors"
	"fmt"
	"strings"

	"zksim/model"
	"zksim/sim"
)

// A Nearest is what would have changed the outcome of a session's story: found by playing
// the run again, with the same seed and one thing changed at a time. Nothing is assumed
// about how the outcome depends on it; what was not played is not known.
type Nearest struct {
	Outcome  string   `json:"outcome"` // of the run as it is, as a condition would say it
	Changes  []Change `json:"changes"` // what gives another outcome
	Searches []Search `json:"searches"`
	Runs     int      `json:"runs"` // how many were played
	Searched string   `json:"searched"`
	WhyNot   string   `json:"why_not,omitempty"` // why nothing was searched

	ending ending // of the run as it is
}

// A Change is one value that gives another outcome.
type Change struct {
	Key     string   `json:"key"`      // what is changed, as --set names it
	What    string   `json:"what"`     // the same in words
	From    string   `json:"from"`     // as it is
	Value   string   `json:"value"`    // with this the outcome is another
	Last    string   `json:"last"`     // with this, one millisecond nearer, it is not; empty where there is nothing between
	DeltaMS int64    `json:"delta_ms"` // Value less From; 0 for what is no time
	Set     []string `json:"set"`      // what --set takes to play it, behind what the run had
	LastSet []string `json:"last_set,omitempty"`
	Verdict string   `json:"verdict"` // see [sim.Verdicts]
	Outcome string   `json:"outcome"` // as a condition would say it
	Words   string   `json:"words"`   // a whole sentence
}

// A Search is where one thing was searched.
type Search struct {
	Key    string `json:"key"`
	What   string `json:"what"`
	Least  string `json:"least,omitempty"` // the range; empty where every value of a list was tried
	Most   string `json:"most,omitempty"`
	Step   string `json:"step,omitempty"`
	Runs   int    `json:"runs"`
	Cut    bool   `json:"cut,omitempty"` // the bound on runs was reached before its end
	NoLess bool   `json:"no_less"`       // no smaller value in the range, of those played, changes the outcome
	NoMore bool   `json:"no_more"`       // no greater one does
}

// A Limit bounds a search.
type Limit struct {
	Runs   int    // how many are played at most; 0: [DefaultRuns]
	Events uint64 // of all runs together; 0: [DefaultEvents]
	Steps  int    // each side of a value is divided into so many at most; 0: [DefaultSteps]
}

// What a search may cost unless its limit says otherwise.
const (
	DefaultRuns   = 600
	DefaultEvents = 20_000_000
	DefaultSteps  = 40
)

// An ending is what a search compares: the verdict, and whether an application that stops
// on Disconnected acts as owner though others have seen its node go.
type ending struct {
	verdict sim.Verdict
	none    bool // no session at all
	zombie  bool
}

func endingOf(s *sim.Story) ending {
	if s == nil {
		return ending{none: true}
	}
	return ending{verdict: s.Verdict, zombie: s.Owned && s.Stops.Length > 0}
}

// same says whether the story ends alike, whatever an application does meanwhile.
func (e ending) same(o ending) bool { return e.verdict == o.verdict && e.none == o.none }

// would are the verdicts as a condition says them.
var would = [...]string{
	sim.VerdictSurvived:     "%s would have kept its session",
	sim.VerdictLearned:      "the cluster would have expired the session, and %s would have learned it afterwards",
	sim.VerdictNeverLearned: "the cluster would have expired the session, and %s would not have learned it within the run",
	sim.VerdictDead:         "the cluster would have expired the session of %s, which is dead",
	sim.VerdictGaveUp:       "%s would have taken its session for over before the cluster ended it",
	sim.VerdictDeadHeld:     "%s would be dead, and the cluster would still hold its session when the run ends",
	sim.VerdictClosed:       "%s would have closed its session itself",
	sim.VerdictLeft:         "%s would have gone on with another session",
}

// words are what would have been.
func (e ending) words(client string, than ending) string {
	if e.none {
		return client + " would never have had a session"
	}
	words := fmt.Sprintf(would[e.verdict], client)
	switch {
	case e.zombie && !than.zombie:
		words += "; others would have seen its node gone while it acted as owner, even if it stopped on Disconnected"
	case than.zombie && !e.zombie && e.verdict != sim.VerdictSurvived:
		words += "; if it stopped on Disconnected, it would not have acted as owner after others saw its node gone"
	}
	return words
}

// errSpent ends a search at its limit.
var errSpent = errors.New("the bound of the search is reached")

// Nearest searches for the nearest values with another outcome: of the faults' lengths and
// instants, of the session timeout and of the tick; and for client libraries with another
// outcome. An error is one of playing, as when [Request.Stop] ends it.
func (c *Case) Nearest(limit Limit) (*Nearest, error) {
	n := &Nearest{Changes: []Change{}, Searches: []Search{}}
	switch {
	case c.request == nil:
		n.WhyNot = c.why
		return n, nil
	case c.Story == nil || c.Story.Client == model.NoNode:
		n.WhyNot = "no client ever had a session"
		return n, nil
	}
	if limit.Runs == 0 {
		limit.Runs = DefaultRuns
	}
	if limit.Events == 0 {
		limit.Events = DefaultEvents
	}
	if limit.Steps == 0 {
		limit.Steps = DefaultSteps
	}
	n.ending = endingOf(c.Story)
	n.Outcome = n.ending.words(c.Story.Name, n.ending)
	s := &searcher{c: c, n: n, limit: limit, played: map[string]ending{}}
	for _, k := range c.knobs(limit.Steps) {
		if err := s.turn(k); err != nil {
			return nil, err
		}
	}
	if err := s.libraries(); err != nil {
		return nil, err
	}
	n.Runs = s.runs
	n.Searched = n.searched()
	return n, nil
}

// searched says what was done, and what it does not show.
func (n *Nearest) searched() string {
	var where []string
	for _, s := range n.Searches {
		switch {
		case s.Runs == 0: // the bound had been reached before
		case s.Step == "":
			where = append(where, s.What)
		default:
			where = append(where, fmt.Sprintf("%s (%s to %s, every %s)", s.What, s.Least, s.Most, s.Step))
		}
	}
	if len(where) == 0 {
		return "Nothing was searched: the run has nothing that could be changed."
	}
	words := fmt.Sprintf("Found by playing the run %d times with the same seed, one thing changed at a time: %s. For each outcome that another one of these values gave, the value nearest to the present one "+
		"was then searched to 1 ms by halving. Between the values that were played there may be others.", n.Runs, strings.Join(where, "; "))
	for _, s := range n.Searches {
		if s.Cut {
			words += fmt.Sprintf(" The bound of the search was reached at the %s, which was not searched to its end, and nothing after it.", s.What)
			break
		}
	}
	return words
}
