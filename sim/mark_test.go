package sim

import (
	"slices"
	"testing"
	"time"

	"zksim/clock"
	"zksim/model"
)

// A script is records of a run that nobody played: of servers 1 to 3, as nodes 0 to 2,
// of which the last leads at first; of owner, node 3, whose session is 1; and of
// watcher, node 4, whose session is 2.
type script struct {
	c    *Collector
	w    *World
	next model.RecordID
}

func newScript(t *testing.T) *script {
	t.Helper()
	owner, watcher := javaClient(t, "owner", "3.8.0", 4*time.Second, 1), javaClient(t, "watcher", "3.8.0", 4*time.Second, 2)
	sc := quietScenario(3, time.Minute, owner, watcher)
	w, err := New(sc, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{c: NewCollector(sc), w: w}
	for n, role := range []model.Role{model.RoleFollower, model.RoleFollower, model.RoleLeader} {
		s.add(0, n, model.KindServing, 0, 0, 0, role.String())
	}
	s.add(100*milli, 3, model.KindSessionUp, 1, 0, 4000, "")
	s.add(100*milli, 3, model.KindTold, 1, 0, 0, model.ToldConnected)
	s.add(200*milli, 3, model.KindHolds, 1, 0, 0, "/l")
	return s
}

// add adds a record and returns its ID.
func (s *script) add(at time.Duration, node int, kind model.Kind, session model.SessionID, cause model.RecordID, a int64, text string) model.RecordID {
	s.next++
	peer := model.NoNode
	if kind == model.KindSynced {
		peer = 1 // server 2 is the next leader in all that follows
	}
	s.c.Record(&Record{ID: s.next, At: clock.Instant(at), Node: model.NodeID(node),
		Note: model.Note{Kind: kind, Session: session, Peer: peer, Cause: cause, A: a, Text: text}})
	return s.next
}

// marks lets a leader mark the session and propose its end.
func (s *script) marks(at time.Duration, leader int, zxid int64) model.RecordID {
	m := s.add(at, leader, model.KindMarked, 1, 0, 0, "")
	s.add(at, leader, model.KindProposed, 1, m, zxid, model.OpCloseSession.String())
	return m
}

// elects lets servers 1 and 2 lose server 3, which knows it not yet, and server 2 lead.
func (s *script) elects(at time.Duration) {
	s.add(at, 0, model.KindLeaderLost, 0, 0, 0, "silence")
	s.add(at, 1, model.KindLeaderLost, 0, 0, 0, "silence")
	s.add(at+200*milli, 0, model.KindSynced, 0, 0, 0, "DIFF")
	s.add(at+200*milli, 1, model.KindNewEpoch, 0, 0, 1, "")
	s.add(at+200*milli, 1, model.KindServing, 0, 0, 0, model.RoleLeader.String())
}

func (s *script) end() (*Timeline, *Story) {
	t := s.c.Timeline(s.w, Summary{End: clock.Instant(time.Minute)})
	return t, t.Stories[0]
}

// TestEffectiveMarkIsTheOneWhoseCloseCommits covers F-9: every interval counts from
// it, and a client that a vain mark's leader told Expired has left an orphan.
func TestEffectiveMarkIsTheOneWhoseCloseCommits(t *testing.T) {
	s := newScript(t)
	s.marks(10*time.Second, 2, 4)
	s.elects(12 * time.Second)
	s.add(13*time.Second, 2, model.KindRefused, 1, 0, 0, "marked closing")
	s.add(13*time.Second, 3, model.KindTold, 1, 0, 0, model.ToldExpired)
	s.marks(20*time.Second, 1, 1<<32+1)
	s.add(20*time.Second, 1, model.KindCommitted, 1, 0, 1<<32+1, model.OpCloseSession.String())
	_, got := s.end()
	if len(got.Marks) != 2 || got.Marks[0].Fate != FateVain || got.Marks[1].Fate != FateEffective || got.Marked != got.Marks[1].Moment || got.Marked.Node != 1 {
		t.Fatalf("marks %+v, marked %+v", got.Marks, got.Marked)
	}
	if at := got.Marks[0].Decided.At; at != clock.Instant(12200*milli) {
		t.Errorf("the vain mark's fate is known at %v; want when the next leader serves", time.Duration(at))
	}
	if got.Gap.Exists || !got.Orphan.Exists || got.Orphan.Length() != 7*time.Second || got.Verdict != VerdictGaveUp {
		t.Errorf("gap %+v, orphan %+v, verdict %d; want an orphan of 7 s", got.Gap, got.Orphan, got.Verdict)
	}
}

// TestOrphanOfASessionThatLivesOn: nobody marks it again within the run (F-9).
func TestOrphanOfASessionThatLivesOn(t *testing.T) {
	s := newScript(t)
	s.marks(10*time.Second, 2, 4)
	s.elects(12 * time.Second)
	s.add(13*time.Second, 3, model.KindTold, 1, 0, 0, model.ToldExpired)
	_, got := s.end()
	if got.Marked.Happened() || got.Detection.Exists || !got.Orphan.Open || got.Orphan.Length() != 47*time.Second {
		t.Errorf("marked %+v, detection %+v, orphan %+v", got.Marked, got.Detection, got.Orphan)
	}
}

// TestCloseInTheNextLeadersLogTakesEffect covers Z-10: it is committed by the election.
func TestCloseInTheNextLeadersLogTakesEffect(t *testing.T) {
	s := newScript(t)
	s.marks(10*time.Second, 2, 4)
	s.add(12*time.Second, 1, model.KindCloseApplied, 1, 0, 4, "")
	s.add(12*time.Second, 1, model.KindNodeDeleted, 1, 0, 4, "/l")
	s.elects(12 * time.Second)
	_, got := s.end()
	if got.Marked.At != clock.Instant(10*time.Second) || got.Committed.At != clock.Instant(12200*milli) || len(got.Gone) != 1 || len(got.Undone) != 0 {
		t.Errorf("marked %+v, committed %+v, gone %v, undone %v", got.Marked, got.Committed, got.Gone, got.Undone)
	}
}

// TestMarkIsUndecidedWhileItsCloseIs: with no quorum nothing is deleted, and nothing
// is discarded (Z-3).
func TestMarkIsUndecidedWhileItsCloseIs(t *testing.T) {
	s := newScript(t)
	s.marks(10*time.Second, 2, 4)
	_, got := s.end()
	if got.Marked.Happened() || got.pending() == nil || got.Gap.Exists || got.Verdict != VerdictSurvived {
		t.Errorf("marked %+v, pending %v, gap %+v, verdict %d", got.Marked, got.pending(), got.Gap, got.Verdict)
	}
}

// TestSecondCloseEndsNothing covers Z-9: the client's own close came first, and the
// mark that was made before it committed is in vain.
func TestSecondCloseEndsNothing(t *testing.T) {
	s := newScript(t)
	s.add(9*time.Second, 2, model.KindProposed, 1, 0, 4, model.OpCloseSession.String())
	s.marks(10*time.Second, 2, 5)
	for zxid := range int64(2) {
		s.add(11*time.Second, 2, model.KindCommitted, 1, 0, 4+zxid, model.OpCloseSession.String())
	}
	_, got := s.end()
	if !got.closing || got.Verdict != VerdictClosed || got.Marked.Happened() || got.Marks[0].Fate != FateVain {
		t.Errorf("verdict %d, marks %+v", got.Verdict, got.Marks)
	}
}

// TestNodeThatAReplayDeletedIsNotGone covers Z-10: a deposed leader replays its log
// and takes that back once it has joined; a client that watches there has been misled.
func TestNodeThatAReplayDeletedIsNotGone(t *testing.T) {
	s := newScript(t)
	s.marks(10*time.Second, 2, 4)
	s.elects(12 * time.Second)
	s.add(14*time.Second, 2, model.KindSteppedDown, 0, 0, 1, "quorum lost")
	s.add(14*time.Second, 2, model.KindCloseApplied, 1, 0, 4, "")
	gone := s.add(14*time.Second, 2, model.KindNodeDeleted, 1, 0, 4, "/l")
	sent := s.add(14*time.Second, 2, KindRetransmitted, 2, gone, 1, "packet")
	s.add(15*time.Second, 4, model.KindSawDeleted, 2, sent, 0, "/l")
	s.add(20*time.Second, 2, model.KindDiscarded, 1, 0, 4, model.OpCloseSession.String())
	timeline, got := s.end()
	if len(got.Gone) != 0 || len(got.Seen) != 0 || len(got.Undone) != 1 || len(got.Misled) != 1 || got.Owned {
		t.Errorf("gone %v, seen %v, undone %v, misled %v", got.Gone, got.Seen, got.Undone, got.Misled)
	}
	if got.goneAt().Happened() || timeline.heldBy(got.Next) != nil {
		t.Errorf("gone at %+v, next %+v", got.goneAt(), got.Next)
	}
}

// TestReignEndsWithTheQuorum covers F-9: a leader whose followers have given it up
// reigns no longer, before it knows it itself (F-8).
func TestReignEndsWithTheQuorum(t *testing.T) {
	s := newScript(t)
	s.elects(12 * time.Second)
	s.add(14*time.Second, 2, model.KindSteppedDown, 0, 0, 1, "quorum lost")
	timeline, _ := s.end()
	second := func(m Moment) float64 { return time.Duration(m.At).Seconds() }
	if r := timeline.Reigns; len(r) != 2 || r[0].Leader != 2 || second(r[0].To) != 12 || r[1].Leader != 1 || second(r[1].From) != 12.2 || r[1].To.Happened() {
		t.Errorf("reigns %+v", r)
	}
	if g := timeline.gaps; len(g) != 1 || second(g[0].from) != 12 || second(g[0].to) != 12.2 {
		t.Errorf("gaps %+v", g)
	}
	if d := timeline.deposed; len(d) != 1 || d[0].Leader != 2 || second(d[0].From) != 12 || second(d[0].To) != 14 {
		t.Errorf("deposed %+v", d)
	}
}

// TestFaultStrikesWhoLeadsThen: the timeline names the nodes that the world struck, by
// the roles of the fault's instant.
func TestFaultStrikesWhoLeadsThen(t *testing.T) {
	source := `
run: 60s
seed: 3
ensemble: {servers: 5, leader: 5}
clients: {a: {}}
faults:
  - kill: leader
    at: 10s
  - kill: leader
    at: 20s
  - {pause: followers, at: 30s, for: 2s}
  - {partition: {between: leader, and: followers}, at: 40s, for: 1s}
`
	sc := mustRead(t, source)
	c := NewCollector(sc)
	w, err := New(sc, sc.Seed, 0, c)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := w.Run(clock.Instant(sc.Length), nil)
	if err != nil {
		t.Fatal(err)
	}
	timeline := c.Timeline(w, sum)
	var leaders []model.NodeID
	for _, r := range timeline.Reigns {
		leaders = append(leaders, r.Leader)
	}
	if len(leaders) < 3 || len(timeline.Faults) != 4 {
		t.Fatalf("leaders %v, %d faults", leaders, len(timeline.Faults))
	}
	for i := range timeline.Faults {
		f, live := &timeline.Faults[i], &w.faults[timeline.Faults[i].Index]
		var struck []model.NodeID
		for _, n := range live.nodes {
			struck = append(struck, model.NodeID(n))
		}
		if !slices.Equal(f.Struck, struck) {
			t.Errorf("fault %d: the timeline has %v, the world struck %v", i, f.Struck, struck)
		}
	}
	for i := range 2 {
		if got := timeline.Faults[i].Struck; !slices.Equal(got, leaders[i:i+1]) {
			t.Errorf("kill %d struck %v; want the leader, %v", i, got, leaders[i])
		}
	}
}
