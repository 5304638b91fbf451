package experiments

import (
	"time"

	"zksim/sim"
)

var detectorMetric = Metric{
	Name:  "detector",
	Unit:  "ms",
	Title: "the cluster as a failure detector: T_D, T_MR, T_M, lambda_M, P_A",
	Explain: `The measures of Chen, Toueg and Aguilera (IEEE Transactions on Computers 51, 2002), of
the cluster watching one client over the whole run. It trusts the client while the
leader tracks a session of it (T-11), and suspects it from the mark of an expiry that
took effect (T-9) until it tracks the client's next session. T_D: the client's process
dies until it is suspected. A mistake is a suspicion of a client that is alive; T_M is
how long it lasts, T_MR from the beginning of one to that of the next, both as means
over the run; lambda_M is mistakes per hour of the client's life since its first
session, P_A the share of that life in which it is trusted. alive and suspected are
the two times, so that rates of many runs can be pooled.`,
	Picture: `
client   alive ------------------------------ dies
cluster  trusts ---.     .-------.   .-------|----.
         suspects  |_____|       |___|       |    |____
                   |<T_M>|                   |<T_D>|
                   |<--- T_MR -->|`,
	session: &sessionMetric{columns: detectorColumns, of: detectorOf},
}

func detectorColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("t_d", "the client dies until the cluster suspects it, T_D"),
		milliseconds("t_m", "how long a mistake lasts, mean, T_M"),
		milliseconds("t_mr", "from one mistake to the next, mean, T_MR"),
		{Name: "lambda_m", Kind: KindRate, Meaning: "mistakes per hour of the client's life, lambda_M"},
		{Name: "p_a", Kind: KindShare, Meaning: "share of its life in which it is trusted, P_A"},
		wholes("mistakes", "how many mistakes"),
		milliseconds("alive", "the client's life since its first session"),
		milliseconds("suspected", "the part of it in which it is suspected"),
		{Name: "t_m_state", Kind: KindWord, Words: states, Meaning: "open: the last mistake lasts beyond the run, so that T_M is at least so long"},
	}
}

// A judgement is what the cluster made of one client over a run.
type judgement struct {
	died             time.Duration // T_D, added up
	deaths, pending  int           // how many were detected, and how many were not within the run
	mistakes         []mistake
	alive, suspected time.Duration
}

// A mistake is one suspicion of a client that is alive.
type mistake struct {
	begin, end time.Duration // since the run began
	open       bool
}

func detectorOf(t *sim.Timeline, who *subject, s *sim.Story, out []Value) {
	j := judgementOf(t, s)
	switch {
	case j.deaths > 0:
		out[0] = millisOf(j.died / time.Duration(j.deaths))
	case j.pending > 0:
		out[0] = never
	}
	n := len(j.mistakes)
	if n > 0 {
		sum := time.Duration(0)
		for _, m := range j.mistakes {
			sum += m.end - m.begin
		}
		out[1] = millisOf(sum / time.Duration(n))
	}
	if n > 1 {
		out[2] = millisOf((j.mistakes[n-1].begin - j.mistakes[0].begin) / time.Duration(n-1))
	}
	if j.alive > 0 {
		out[3] = float64(n) / j.alive.Hours()
		out[4] = float64(j.alive-j.suspected) / float64(j.alive)
	}
	out[5], out[6], out[7] = float64(n), millisOf(j.alive), millisOf(j.suspected)
	out[8] = stateOf(out[1], n > 0 && j.mistakes[n-1].open)
}

// judgementOf follows the cluster's opinion of the client that had a session, over all of
// its sessions.
func judgementOf(t *sim.Timeline, of *sim.Story) judgement {
	var j judgement
	var stories []*sim.Story
	for _, s := range t.Stories {
		if s.Client == of.Client && s.Made.Happened() {
			stories = append(stories, s)
		}
	}
	for i, s := range stories {
		// Until the next session is tracked, or the process dies, or the run ends.
		until, open := t.End, true
		if i+1 < len(stories) {
			until, open = stories[i+1].Made.At, false
		}
		life := until
		switch {
		case s.Killed.Happened() && s.Killed.At < until:
			life = s.Killed.At
		case s.Verdict == sim.VerdictClosed && s.Committed.At < until:
			life = s.Committed.At // from there on it has nothing to be trusted with
		}
		j.alive += life.Sub(s.Made.At)
		ended := s.Marked.Happened() && s.Verdict != sim.VerdictClosed
		switch {
		case s.Killed.Happened() && (!ended || s.Killed.Record < s.Marked.Record):
			if ended {
				j.died += s.Marked.At.Sub(s.Killed.At)
				j.deaths++
			} else {
				j.pending++
			}
		case ended && s.Marked.At < life:
			j.mistakes = append(j.mistakes, mistake{time.Duration(s.Marked.At), time.Duration(life), open && life == t.End})
			j.suspected += life.Sub(s.Marked.At)
		}
	}
	return j
}
