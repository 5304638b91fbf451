package sim

import (
	"fmt"
	"time"

	"zksim/clock"
	"zksim/model"
)

// MaxKept bounds the records that a [Collector] keeps for a timeline's table.
// Stories are complete all the same; the table says how many records it lacks.
const MaxKept = 1_000_000

// A FaultSpan is one fault of a run, when it was in force.
type FaultSpan struct {
	Index       int // in the scenario
	Begin, End  Moment
	Struck, And []model.NodeID // whom it strikes, both sides sorted, with the roles of that instant

	revival bool // it only starts again what was dead
	never   bool // it did not come within the run
}

// A Timeline is a finished run, ready to be shown: the stories of its sessions
// and the records that tell them.
type Timeline struct {
	Scenario *Scenario
	Nodes    []string // names, by node
	Seed     uint64
	Run      uint32
	Digest   uint64
	Events   uint64
	Records  uint64 // of the whole run
	Kept     []Record
	Missing  uint64 // records of the kinds kept that did not fit (see MaxKept)

	// Origin is the instant that is shown as zero: the first fault's beginning, or
	// the start of the run.
	Origin  clock.Instant
	End     clock.Instant
	Stopped string      // why the run ended early; empty if it did not
	Faults  []FaultSpan // in the order in which they began
	Reigns  []Reign     // who led with a quorum, one after another
	Stories []*Story    // in the order in which the sessions were made
	Locks   []*Lock     // that are contended for, or say how they are owned

	turns    [][]Turn      // by client, from the first client on
	gaps     []gap         // when nobody did
	deposed  []Reign       // leaders that had lost their quorum and did not know
	clocks   []clock.Clock // of servers
	messages []Record      // heartbeats and requests, if they were asked for (see Collector.KeepMessages)
}

// servers is how many of the nodes are servers.
func (t *Timeline) servers() int { return t.Scenario.Ensemble.Servers + t.Scenario.Ensemble.Observers }

// ends is how many of the nodes are servers or clients; what comes behind them are
// resources.
func (t *Timeline) ends() int { return len(t.Nodes) - len(t.Scenario.Resources) }

// turnsOf lists the turns of a story's client while it had the session.
func (t *Timeline) turnsOf(s *Story) []Turn {
	if s.Client == model.NoNode {
		return nil
	}
	all := t.turns[int(s.Client)-t.servers()]
	from, to := 0, len(all)
	for i := range all {
		if all[i].What == TurnConnected && all[i].Session == s.Session {
			from = i
			break
		}
	}
	for i := from; i < len(all); i++ {
		if all[i].What == TurnConnected && all[i].Session != s.Session {
			to = i
			break
		}
	}
	return all[from:to]
}

// leaderless says whether no server led with a quorum when a record was made: its
// process was dead, or none had been elected. Nothing expires then (F-16).
func (t *Timeline) leaderless(id model.RecordID) bool {
	for i := range t.gaps {
		if g := &t.gaps[i]; id >= g.from.Record && (!g.to.Happened() || id < g.to.Record) {
			return true
		}
	}
	return false
}

// leaderlessFrom is since when no server has led with a quorum when the run ends, if
// so.
func (t *Timeline) leaderlessFrom() (Moment, bool) {
	if n := len(t.gaps); n > 0 && !t.gaps[n-1].to.Happened() {
		return t.gaps[n-1].from, true
	}
	return Moment{}, false
}

// forGood says whether no server leads when the run ends.
func (t *Timeline) forGood() bool {
	_, so := t.leaderlessFrom()
	return so
}

// heldBy finds the story in which a client made its node at a moment.
func (t *Timeline) heldBy(m Moment) *Story {
	if !m.Happened() {
		return nil
	}
	for _, s := range t.Stories {
		if s.Holds.Record == m.Record {
			return s
		}
	}
	return nil
}

// Select returns the story that the picture is drawn for: that of the named
// client, or, if the name is empty, of the first owner of a node to which
// something happened, else of the first client to which something happened, else
// of the first owner, else of the first. It is nil if no client ever got a
// session. The error for an unknown client lists the choices.
func (t *Timeline) Select(client string) (*Story, error) {
	if client == "" {
		return t.first(), nil
	}
	nodes, err := t.Scenario.Resolve([]string{client})
	if err != nil {
		return nil, err
	}
	if int(nodes[0]) < t.servers() {
		return nil, fmt.Errorf("%q is a server: want a client", client)
	}
	if int(nodes[0]) >= t.ends() {
		return nil, fmt.Errorf("%q is a resource: want a client", client)
	}
	// After a restart a client has another session; the one that ended tells more.
	var story *Story
	for _, s := range t.Stories {
		if s.Client == nodes[0] && (story == nil || story.Verdict == VerdictSurvived) {
			story = s
		}
	}
	return story, nil
}

func (t *Timeline) first() *Story {
	var best *Story
	rank := 0
	for _, s := range t.Stories {
		if s.Client == model.NoNode {
			continue
		}
		r := 1
		if s.Holds.Happened() {
			r++
		}
		if s.Eventful {
			r += 2
		}
		if r > rank || r == rank && s.Client < best.Client {
			best, rank = s, r
		}
	}
	return best
}

// millis is an instant in milliseconds from the origin, rounded half away from
// zero. All that is printed is computed from these, so that what a reader adds
// up comes out even.
func (t *Timeline) millis(at clock.Instant) int64 { return roundMillis(at.Sub(t.Origin)) }

func roundMillis(d time.Duration) int64 { return int64(d.Round(time.Millisecond) / time.Millisecond) }

// instant formats an instant as seconds from the origin.
func (t *Timeline) instant(at clock.Instant) string { return seconds(t.millis(at)) }

// length formats the length of a span in seconds, without a unit.
func (t *Timeline) length(s Span) string { return seconds(t.millis(s.To) - t.millis(s.From)) }

// seconds formats milliseconds as seconds with three decimals and a true minus.
func seconds(ms int64) string {
	sign := ""
	if ms < 0 {
		sign, ms = "−", -ms
	}
	return fmt.Sprintf("%s%d.%03d", sign, ms/1000, ms%1000)
}

// inSeconds formats a duration in seconds without needless decimals: 10, 0.5.
func inSeconds(d time.Duration) string {
	ms := roundMillis(d)
	s := seconds(ms)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}
