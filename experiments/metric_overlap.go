package experiments

import "zksim/sim"

var overlapMetric = Metric{
	Name:  "overlap",
	Unit:  "ms",
	Title: "how long several clients act as owner of one lock at once",
	Explain: `For each path that clients contend for: the times for which two or more applications
believe to own it, added up over the run, as their policies have it (A-5, Q-20 to
Q-22). Time in which fewer than two of them run does not count, since a process that
stands still does nothing; believed counts it as well. 0 if it never happened.`,
	Picture: `
worker  [===== owns ==========]
heir              [===== owns ======
                  |<-overlap->|`,
	run: &runMetric{columns: overlapColumns, of: overlapOf},
}

func overlapColumns(s *sim.Scenario) []Column {
	return eachLock(s, []Column{
		milliseconds("", "two or more believe to own the lock and run, added up (Q-20 to Q-22)"),
		milliseconds("believed", "the same, with the time in which fewer than two of them run"),
		wholes("times", "how often"),
	})
}

func overlapOf(t *sim.Timeline, out []Value) {
	readLocks(t, out, 3, func(l *sim.Lock, out []Value) {
		sum, acting := 0.0, 0.0
		for i := range l.Overlaps {
			o := &l.Overlaps[i]
			sum += millisOf(o.Length())
			acting += max(millisOf(o.Length()-o.Still), 0)
		}
		out[0], out[1], out[2] = acting, sum, float64(len(l.Overlaps))
	})
}

// eachLock lists columns for every path that clients contend for; its name is in them
// where there are several.
func eachLock(s *sim.Scenario, columns []Column) []Column {
	paths := s.ContendedPaths()
	var all []Column
	for _, path := range paths {
		for _, c := range columns {
			if len(paths) > 1 {
				label := identifier(path[1:])
				if c.Name != "" {
					label += "_"
				}
				c.Name = label + c.Name
				c.Meaning = path + ": " + c.Meaning
			}
			all = append(all, c)
		}
	}
	return all
}

// readLocks reads the columns of every such path, so many of each.
func readLocks(t *sim.Timeline, out []Value, each int, read func(l *sim.Lock, out []Value)) {
	for i, path := range t.Scenario.ContendedPaths() {
		part := out[i*each : (i+1)*each]
		fill(part)
		for _, l := range t.Locks {
			if l.Path == path {
				read(l, part)
			}
		}
	}
}
