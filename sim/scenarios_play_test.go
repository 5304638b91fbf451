package sim

import (
	"strings"
	"testing"

	"zksim/clock"
	"zksim/model"
)

// story collects what the stories of the embedded scenarios turn on.
type story struct {
	told  map[model.NodeID][]string // what each application was told
	ended map[model.SessionID]bool  // sessions that the leader marked
	gone  int                       // deletions of nodes, one for each server
}

func (s *story) Record(r *Record) {
	switch r.Kind {
	case model.KindTold:
		s.told[r.Node] = append(s.told[r.Node], r.Text)
	case model.KindMarked:
		s.ended[r.Session] = true
	case model.KindNodeDeleted:
		s.gone++
	}
}

// TestEmbeddedScenariosTellTheirStory holds each scenario to what its text
// says, for its own seed and for others.
func TestEmbeddedScenariosTellTheirStory(t *testing.T) {
	const (
		up   = model.ToldConnected
		down = model.ToldDisconnected
		out  = model.ToldExpired
	)
	stories := map[string]struct {
		worker, second string // what the first two clients are told
		marked, gone   int    // sessions marked, deletions on servers
	}{
		"faq":            {up + " " + down + " " + out, up, 1, 3},
		"crash":          {up, up, 1, 3},
		"crash-leader":   {up, up, 1, 3},
		"close":          {up + " " + model.ToldClosed, up, 0, 3},
		"heal-in-time":   {up + " " + down + " " + up, up, 0, 0},
		"refused":        {up + " " + down + " " + out, up, 1, 3},
		"one-way":        {up + " " + down + " " + out, up, 1, 3},
		"cut-forever-38": {up + " " + down, up, 1, 3},
		"cut-forever-39": {up + " " + down + " " + out, up, 1, 3},
		"short-pause":    {up, up, 0, 0},
		"gc-pause":       {up + " " + down + " " + out, up, 1, 3},
		"server-pause":   {up + " " + down + " " + out, up + " " + down + " " + out, 2, 1},
		"server-restart": {up, up + " " + down + " " + up, 1, 1},
		"slow-log":       {up, up, 1, 3},
		"busy-writer":    {up + " " + down + " " + up, up, 0, 0},
		"clamped":        {up, up, 1, 3},

		// The cut is longer than T + τ and shorter than syncLimit, so that the session is
		// marked behind the follower's back and nobody looks for a leader.
		"zombie": {up + " " + down + " " + out, up, 1, 3},
		// The second contender's session is untouched.
		"takeover": {up + " " + down + " " + out, up, 1, 3},
		// second closes; the nodes of the two that die go, and second's, on three servers each.
		"hand-over": {up, up + " " + model.ToldClosed, 2, 9},
		// Both owners' sessions end while they stand still.
		"two-owners": {up + " " + down + " " + out, up + " " + down + " " + out, 2, 6},
		"fenced":     {up + " " + down + " " + out, up + " " + down + " " + out, 2, 6},
		"late-act":   {up + " " + down + " " + out, up, 1, 3},
		// Expired either way; a story of its own says in which order (C-20, T-9).
		"orphan": {up + " " + down + " " + out, up, 1, 3},
		// The new process makes a session of its own (C-30).
		"supervised": {up + " " + down + " " + out + " " + up, up, 1, 3},
		// The cut outlasts T + τ + h, so that every one of the 50 is marked; they own nothing.
		"mass-expiry": {up + " " + down + " " + out, up + " " + down + " " + out, 50, 0},
		// Answers take 8 s, longer than R = 6.666 s (C-12) and k = 3.333 s (C-14), for longer
		// than what was under way can keep the session alive.
		"slow-link": {up + " " + down + " " + out, up, 1, 3},
		// To miss R, one ping would have to be lost five times in a row.
		"lossy": {up, up, 0, 0},
		// A session each; go, kazoo and curator make another and have their nodes again.
		"libraries": {up + " " + down + " " + out, up + " " + down + " " + out, 6, 18},
		// Cut off for ever: no new session follows LOST.
		"curator-460": {"CONNECTED SUSPENDED LOST", "CONNECTED SUSPENDED LOST", 2, 6},
		"wall-clock":  {"CONNECTED SUSPENDED LOST", "CONNECTED SUSPENDED LOST", 2, 6},
		// The former session's node goes on all three; the new session is alive at the end.
		"solr-4625": {"CONNECTED SUSPENDED LOST RECONNECTED", up, 1, 3},
		// X is 4 s and the pause 10, but this ZooKeeper client does not know X.
		"tech-note-10":   {"CONNECTED SUSPENDED LOST RECONNECTED", up, 1, 3},
		"zookeeper-2466": {"CONNECTED CONNECTING CONNECTED CONNECTING", up + " " + down + " " + up + " " + down + " " + up, 1, 3},
		"zookeeper-4508": {up + " " + down + " " + out, up + " " + down, 2, 6},
		// It owns nothing, and the second session is too young to expire.
		"kazoo-starved": {"CONNECTED SUSPENDED LOST CONNECTED", "CONNECTED", 1, 0},
		// Five voters and two observers delete the node.
		"observers": {up, up, 1, 7},
		// The new leader's clients, and everybody's, lose their connections (F-19); the dead
		// owner's node goes on all three, server 3 being back (F-12, F-15).
		"revived": {up, up + " " + down + " " + up, 1, 3},
		// One session, marked by both leaders; the old one deletes the node twice: by the
		// replay of its log, which is taken back, and with what it lacks on its return (Z-10).
		// The local session is told at once and ends at its own server alone; the global one
		// is resumed (T-23 to T-25).
		"local-session": {up + " " + down + " " + out, up + " " + down + " " + up, 1, 0},
		"vain":          {up + " " + down + " " + out, up + " " + down + " " + up, 1, 4},
		// Server 1 comes back after the end and applies it too (Q-13, F-18).
		"cut-off-follower": {up + " " + down + " " + out, up, 1, 3},
		// waiter loses each of the three leaders (F-19), and two servers are told again.
		"failovers": {up, up + " " + down + " " + up + " " + down + " " + up + " " + down + " " + up, 1, 3},
		// Six sessions, one node, three servers (G-5).
		"leader-pause": {up + " " + down + " " + out, up + " " + down + " " + out, 6, 3},
		// The one deletion is the old leader's replay (G-6, Z-10).
		"leader-pause-long": {up + " " + down + " " + up, up + " " + down + " " + up, 2, 1},
		// mover loses patience with the server that stands (G-7).
		"follower-pause":      {up, up + " " + down + " " + up, 1, 3},
		"follower-pause-long": {up, up + " " + down + " " + up, 1, 3},
		// Its server hangs up (F-3); nobody expires.
		"observer-lost": {up + " " + down + " " + up, up, 0, 0},
		"no-quorum":     {up + " " + down + " " + up, up + " " + down + " " + up, 0, 0},
		// worker decides by itself (C-20), and its node goes on all three.
		"blackout":   {up + " " + down + " " + out, up + " " + down + " " + up, 1, 3},
		"cold-start": {up, up, 0, 0},
		// The local session is forgotten; the second client begins on the read-only server.
		// Only owner's session is marked, and /lock goes everywhere in the end.
		// Nothing happens to the session; the application hears of its move in the end (G-4).
		"event-thread": {up + " " + down + " " + up, up, 0, 0},
		// Three voters and two observers delete the node.
		"observer-master": {up, up, 1, 5},
		// Every server but worker's hangs up at once, and that within a tick (F-22).
		"reconfig":  {up + " " + down + " " + up, up + " " + down + " " + up, 0, 0},
		"read-only": {up + " " + down + " " + out, model.ToldConnectedReadOnly + " " + down + " " + up, 1, 3},
	}
	for _, e := range Embedded() {
		want, ok := stories[e.Name]
		if !ok {
			t.Errorf("%s: no story here", e.Name)
			continue
		}
		s := mustRead(t, string(e.Source))
		for _, seed := range []uint64{s.Seed, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
			got := &story{told: map[model.NodeID][]string{}, ended: map[model.SessionID]bool{}}
			w, err := New(s, seed, 0, got)
			if err != nil {
				t.Fatalf("%s: %v", e.Name, err)
			}
			if _, err := w.Run(clock.Instant(s.Length), nil); err != nil {
				t.Errorf("%s, seed %d: %v", e.Name, seed, err)
			}
			first := model.NodeID(s.Ensemble.Servers + s.Ensemble.Observers)
			worker, second := strings.Join(got.told[first], " "), strings.Join(got.told[first+1], " ")
			if worker != want.worker || second != want.second || len(got.ended) != want.marked || got.gone != want.gone {
				t.Errorf("%s, seed %d: told %q and %q, %d marked, %d deletions; want %q and %q, %d, %d",
					e.Name, seed, worker, second, len(got.ended), got.gone, want.worker, want.second, want.marked, want.gone)
			}
		}
	}
}
