package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zksim/model"
)

// TestWhyExpired_C30_V5_T9_T3_T18_C9a_C12 walks back from the FAQ's Expired, step by step.
// The touch at −1.866 (T-18) and the timeout of 10 s give 8.134; the leader's edges are
// 2 s apart and one is at 9.809 (T-3). Heard last at −1.935, the client waits 6.666 s, 2/3
// of 10 s (C-12).
func TestWhyExpired_C30_V5_T9_T3_T18_C9a_C12(t *testing.T) {
	want := []string{
		"0 asked 17.108 worker is told Expired () C-30",
		"0 because 17.108 Server 2 refuses to resume worker's session: unknown session () V-5",
		"0 because 9.811 Server 3 commits closeSession of worker's session: a quorum has logged it, and the session is over () Z-4",
		"0 because 9.809 Server 3 marks worker's session: it is closing (last touch at −1.866, +10 s = 8.134, up to 9.809 (T-3)) T-9",
		"1 meanwhile 1.397 What worker sends to server 1 gets nowhere: ping () W-1",
		"1 because 0.000 A fault begins: worker cut off silently from all servers, for 16.592 s () W-1",
		"0 because −1.866 Server 3 touches worker's session, reported by server 1 () T-18",
		"0 because −1.867 Server 1 answers PING and reports 1 touch to server 3 (PING left server 3 at −1.867) T-17",
		"0 because −1.936 worker sends a ping to server 1, having sent nothing for 3.333 s () C-9a",
		"1 and 17.105 worker tries server 2 () C-5",
		"1 because 4.731 worker hears nothing for 6.666 s from server 1 and gives the connection up; its limit is 6.666 s (last heard at −1.935; the limit is 2/3 of the timeout of 10 s) C-12",
		"1 because −1.935 worker has the answer to its ping from server 1, 0.001 s after it sent it () C-4",
	}
	compareSteps(t, "faq", model.KindTold, "Expired", want)
}

// TestWhyMarkedByANewLeader_F15 ends at what killed the old one.
func TestWhyMarkedByANewLeader_F15(t *testing.T) {
	want := []string{
		"0 asked 16.726 Server 2 marks owner's session: it is closing (last touch at 6.306, +10 s = 16.306, up to 16.726 (T-3)) T-9",
		"1 meanwhile 0.000 owner is killed () W-4",
		"1 because 0.000 A fault begins: owner killed () ",
		"0 because 6.306 Server 2 tracks owner's session afresh, for the full 10 s () F-15",
		"0 because 6.306 Server 2 serves as leader () F-18",
		"0 because 6.202 Server 2 is elected () F-10",
		"0 because 6.001 Server 2 loses the leader, server 3: end of stream () F-1",
		"0 because 6.000 Server 3 is killed () W-4",
		"0 because 6.000 A fault begins: server 3 killed () ",
	}
	compareSteps(t, "revived", model.KindMarked, "", want)
}

// compareSteps compares the answer for the first record of a kind with what it must be.
func compareSteps(t *testing.T, scenario string, kind model.Kind, text string, want []string) {
	t.Helper()
	e, _ := FindEmbedded(scenario)
	n, _ := telling{e.Name, e.Source}.narrators(t)
	at := slices.IndexFunc(n.file.Records, func(r Record) bool { return r.Kind == kind && (text == "" || r.Text == text) })
	steps, err := n.Why(model.RecordID(at + 1))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, fmt.Sprintf("%d %s %s %s (%s) %s", s.Depth, s.Link, s.Instant, s.Words, s.Arithmetic, s.Rule))
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("step %d is missing: %s", i, want[i])
		case i >= len(want):
			t.Errorf("step %d is too many: %s", i, got[i])
		case got[i] != want[i]:
			t.Errorf("step %d:\n got %s\nwant %s", i, got[i], want[i])
		}
	}
}

// TestWhyGoesBackInTime holds for many records of every golden run, played and read
// alike: the answer begins with the record asked for, each step names one that came
// before, and what explains another is earlier than it.
func TestWhyGoesBackInTime(t *testing.T) {
	longest := 0
	for _, e := range tellings(t) {
		played, read := e.narrators(t)
		for id := model.RecordID(1); int(id) <= len(played.file.Records); id += 7 {
			steps, err := played.Why(id)
			if err != nil {
				t.Fatalf("%s: %v", e.name, err)
			}
			again, err := read.Why(id)
			if err != nil || len(again) != len(steps) {
				t.Fatalf("%s: record %d: %d steps played, %d read: %v", e.name, id, len(steps), len(again), err)
			}
			longest = max(longest, len(steps))
			told := []model.RecordID{}
			for i, s := range steps {
				switch r := played.Record(s.Record); {
				case i == 0 && (s.Record != id || s.Link != LinkAsked || s.Of != 0):
					t.Errorf("%s: record %d: begins with %+v", e.name, id, s)
				case i > 0 && (!slices.Contains(told, s.Of) || s.Of <= s.Record || s.Link == LinkAsked):
					t.Errorf("%s: record %d: step %d, record %d, explains %d", e.name, id, i, s.Record, s.Of)
				case s.At != r.At || s.Instant != played.Instant(r.At) || s.Words == "":
					t.Errorf("%s: record %d: step %d: %+v", e.name, id, i, s)
				case s.Record != again[i].Record || s.Arithmetic != again[i].Arithmetic:
					t.Errorf("%s: record %d: step %d: played %+v, read %+v", e.name, id, i, s, again[i])
				}
				told = append(told, s.Record)
			}
		}
	}
	if longest < 8 || longest > MaxWhy {
		t.Errorf("the longest answer has %d steps", longest)
	}
}

// TestEveryMarkLeadsToTheMessageBehindIt: a session is marked because of a touch, and the
// answer names the ping, request or attempt of its client that the touch came from; or
// that a server tracked it afresh.
func TestEveryMarkLeadsToTheMessageBehindIt(t *testing.T) {
	marks := 0
	for _, e := range tellings(t) {
		n, _ := e.narrators(t)
		for i := range n.file.Records {
			r := &n.file.Records[i]
			if r.Kind != model.KindMarked {
				continue
			}
			marks++
			steps, _ := n.Why(r.ID)
			if steps[0].Arithmetic == "" {
				t.Errorf("%s: mark %d: no arithmetic", e.name, r.ID)
			}
			found := false
			for _, s := range steps {
				switch n.Record(s.Record).Kind {
				case model.KindPing, model.KindRequest, model.KindAttempt, model.KindRearmed:
					found = found || s.Depth == 0
				}
			}
			if !found {
				t.Errorf("%s: mark %d: no message behind it: %+v", e.name, r.ID, steps)
			}
		}
	}
	if marks < 50 {
		t.Errorf("only %d marks", marks)
	}
}

func TestWhyOfNoRecord(t *testing.T) {
	e, _ := FindEmbedded("faq")
	n, _ := telling{e.Name, e.Source}.narrators(t)
	for _, id := range []model.RecordID{0, model.RecordID(len(n.file.Records) + 1)} {
		if _, err := n.Why(id); err == nil || !strings.Contains(err.Error(), "want 1 to") {
			t.Errorf("record %d: %v", id, err)
		}
	}
}

// TestArithmeticOfMarksIsThatOfTheRule_T3: the edge that is named is later than the last
// touch and the timeout, by a tick at most, but for what clocks are off by.
func TestArithmeticOfMarksIsThatOfTheRule_T3(t *testing.T) {
	checked := 0
	for _, e := range tellings(t) {
		played, _ := e.narrators(t)
		tick := played.played.Scenario.Ensemble.Tick
		for i := range played.file.Records {
			r := &played.file.Records[i]
			touch := played.cause(r)
			if r.Kind != model.KindMarked || touch == nil {
				continue
			}
			sum, edge := touch.At.Add(time.Duration(touch.A)*time.Millisecond), EdgeBefore(r)
			const off = 20 * time.Millisecond // rates of clocks over half a minute, and whole milliseconds
			if edge.Sub(sum) < -off || edge.Sub(sum) > tick+off {
				t.Errorf("%s: record %d: touched at %v for %d ms, edge at %v, tick %v", e.name, r.ID, touch.At, touch.A, edge, tick)
			}
			steps, _ := played.Why(r.ID)
			if want := "up to " + played.Instant(edge) + " (T-3)"; !strings.Contains(steps[0].Arithmetic, want) {
				t.Errorf("%s: record %d: %s; want %s", e.name, r.ID, steps[0].Arithmetic, want)
			}
			checked++
		}
	}
	if checked < 50 {
		t.Errorf("only %d marks", checked)
	}
}
