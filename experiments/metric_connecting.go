package experiments

import (
	"zksim/model"
	"zksim/sim"
)

var connectingMetric = Metric{
	Name:  "connecting",
	Unit:  "ms",
	Title: "from the first attempt to connect until the client has its first session",
	Explain: `From the client's first attempt at a server until its handshake is answered and the
application may use the session (C-25), and how many attempts that took. A silent
server on the way costs k = T/n each time (C-14), and with one name for all servers it
can come again and again (C-36). Never: not within the run; then the attempts are those
until its end.`,
	Picture: `
client  a......timed out   a......timed out   a--up
        |<----------- connecting ----------->|`,
	session: &sessionMetric{columns: connectingColumns, of: connectingOf, always: true},
}

func connectingColumns(*sim.Scenario, *subject) []Column {
	return []Column{
		milliseconds("", "first attempt to connect to the first session being usable (C-25)"),
		wholes("attempts", "attempts that this took, with the one that succeeded"),
		stateColumn(),
	}
}

func connectingOf(t *sim.Timeline, who *subject, s *sim.Story, out []Value) {
	up, client := sim.Moment{}, who.first
	if s != nil {
		client = s.Client
		for _, other := range t.Stories {
			if other.Client == client && (!up.Happened() || other.Up.Record < up.Record) {
				up = other.Up
			}
		}
	}
	attempts := 0
	for i := range t.Kept {
		r := &t.Kept[i]
		if r.Kind != model.KindAttempt || r.Node != client || up.Happened() && r.ID > up.Record {
			continue
		}
		if attempts++; attempts == 1 {
			out[0] = elapsed(r.At, up)
		}
	}
	if attempts > 0 {
		out[1] = float64(attempts)
	}
	out[2] = stateOf(out[0], false)
}
