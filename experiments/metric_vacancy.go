package experiments

import (
	"zksim/model"
	"zksim/sim"
)

var vacancyMetric = Metric{
	Name:  "vacancy",
	Unit:  "ms",
	Title: "how long a lock had no owner who knew it",
	Explain: `For each path that clients contend for, from the first owner on: the times for which
nobody acted as owner whose node was in first place, added up over the run, and the
longest of them. Held is the part in which some client's node was in first place all
the same: its session lived, and its application had stopped or was gone.`,
	Picture: `
worker  [== owns ==]
heir                     [== owns ==
        --node------|
                   |<--->| vacancy`,
	run: &runMetric{columns: vacancyColumns, of: vacancyOf},
}

func vacancyColumns(s *sim.Scenario) []Column {
	return eachLock(s, []Column{
		milliseconds("", "nobody rightly acts as owner, added up from the first owner on"),
		milliseconds("longest", "the longest such time"),
		milliseconds("held", "the part in which a client's node was in first place"),
		wholes("times", "how often"),
	})
}

func vacancyOf(t *sim.Timeline, out []Value) {
	readLocks(t, out, 4, func(l *sim.Lock, out []Value) {
		if len(l.Beliefs) == 0 {
			return // nobody ever owned it
		}
		sum, longest, held := 0.0, 0.0, 0.0
		for i := range l.Vacant {
			d := millisOf(l.Vacant[i].Length())
			sum += d
			longest = max(longest, d)
			if l.Vacant[i].Holder != model.NoNode {
				held += d
			}
		}
		out[0], out[1], out[2], out[3] = sum, longest, held, float64(len(l.Vacant))
	})
}
